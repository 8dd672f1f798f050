using System.Collections.Immutable;
using DnsClient;
using DnsClient.Protocol;
using Tandem.Primitives;
using Tandem.Sip.Locating;
using DnsQuestion = Tandem.Sip.Locating.DnsQuestion;
using SrvRecord = Tandem.Sip.Locating.SrvRecord;

namespace Tandem.Server.Network;

/// <summary>Asks one question of the DNS. Never on a shard's thread.</summary>
internal interface INameServers
{
    /// <summary>Never throws for what the network does: no answer is <see cref="DnsOutcome.Unanswered"/>.</summary>
    Task<DnsAnswer> AskAsync(DnsQuestion question, CancellationToken stop);
}

/// <summary>The machine's hosts file, then name servers: those of /etc/resolv.conf, or the ones given.</summary>
internal sealed class NameServers : INameServers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan NegativeTtl = TimeSpan.FromSeconds(60);

    private readonly LookupClient _client;
    private readonly Func<IEnumerable<string>> _hosts;

    /// <param name="servers">Empty: the machine's.</param>
    /// <param name="hosts">Lines of the hosts file; null: the machine's.</param>
    public NameServers(IReadOnlyList<NetAddress> servers, Func<IEnumerable<string>>? hosts = null)
    {
        LookupClientOptions options = servers.Count == 0 ? new LookupClientOptions() : new LookupClientOptions([.. servers.Select(static s => s.ToIPEndPoint())]);
        options.UseCache = false; // Tandem.Sip.Locating.DnsCache keeps answers, by its own rules
        options.Timeout = Patience;
        options.Retries = 1;
        options.ThrowDnsErrors = false;
        options.ContinueOnEmptyResponse = false; // no record of a type is an answer
        _client = new LookupClient(options);
        _hosts = hosts ?? ReadHosts;
    }

    public async Task<DnsAnswer> AskAsync(DnsQuestion question, CancellationToken stop)
    {
        if (HostsFile.Find(_hosts(), question) is { } own) return own;
        try
        {
            IDnsQueryResponse response = await _client.QueryAsync(question.Name, TypeOf(question.Type), cancellationToken: stop);
            return Read(response, question.Type);
        }
        catch (Exception e) when (e is DnsResponseException or System.Net.Sockets.SocketException or InvalidOperationException or ArgumentException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return new DnsAnswer { Outcome = DnsOutcome.Unanswered };
        }
    }

    private static DnsAnswer Read(IDnsQueryResponse response, DnsType type)
    {
        var code = (DnsHeaderResponseCode)response.Header.ResponseCode;
        if (code == DnsHeaderResponseCode.NotExistentDomain) return Negative(response, DnsOutcome.NoSuchName);
        // Old servers that do not know a type say so instead of saying that there is no record of it.
        if (code is DnsHeaderResponseCode.NotImplemented or DnsHeaderResponseCode.FormatError && type is DnsType.Naptr or DnsType.Srv) return Negative(response, DnsOutcome.NoData);
        if (code != DnsHeaderResponseCode.NoError) return new DnsAnswer { Outcome = DnsOutcome.Unanswered };

        int ttl = int.MaxValue;
        foreach (DnsResourceRecord record in response.Answers) ttl = Math.Min(ttl, record.InitialTimeToLive);
        var answer = new DnsAnswer
        {
            Outcome = DnsOutcome.Found,
            Ttl = TimeSpan.FromSeconds(Math.Max(0, ttl)),
            Addresses = type switch
            {
                DnsType.A => [.. response.Answers.OfType<ARecord>().Select(static r => NetAddress.From(r.Address, 0))],
                DnsType.Aaaa => [.. response.Answers.OfType<AaaaRecord>().Select(static r => NetAddress.From(r.Address, 0))],
                _ => [],
            },
            Services = type != DnsType.Srv ? [] : [.. response.Answers.OfType<DnsClient.Protocol.SrvRecord>().Select(static r => new SrvRecord(r.Priority, r.Weight, r.Port, NameOf(r.Target)))],
            Pointers = type != DnsType.Naptr ? [] : [.. response.Answers.OfType<NAPtrRecord>().Select(static r => new NaptrRecord(r.Order, r.Preference, r.Flags ?? "", r.Services ?? "", NameOf(r.Replacement)))],
        };
        bool any = answer.Addresses.Length + answer.Services.Length + answer.Pointers.Length > 0;
        return any ? answer : Negative(response, DnsOutcome.NoData);
    }

    // RFC 2308 §5: the lesser of the SOA's own time and its minimum.
    private static DnsAnswer Negative(IDnsQueryResponse response, DnsOutcome outcome)
    {
        SoaRecord? soa = response.Authorities.OfType<SoaRecord>().FirstOrDefault();
        return new DnsAnswer { Outcome = outcome, Ttl = soa is null ? NegativeTtl : TimeSpan.FromSeconds(Math.Min((uint)soa.InitialTimeToLive, soa.Minimum)) };
    }

    private static string NameOf(DnsString name) => name.Value.TrimEnd('.').ToLowerInvariant();

    private static QueryType TypeOf(DnsType type) => type switch
    {
        DnsType.A => QueryType.A,
        DnsType.Aaaa => QueryType.AAAA,
        DnsType.Srv => QueryType.SRV,
        _ => QueryType.NAPTR,
    };

    private static string[] ReadHosts()
    {
        try
        {
            return File.ReadAllLines(HostsFile.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
