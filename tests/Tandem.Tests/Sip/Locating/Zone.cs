using System.Globalization;
using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Sip.Transports;

namespace Tandem.Tests.Sip.Locating;

/// <summary>A zone in memory, written as lines of a zone file, and the round of asking that a resolver makes.</summary>
internal sealed class Zone
{
    public static readonly Instant Start = Instant.FromUtc(new DateTime(2026, 3, 1, 3, 12, 0, DateTimeKind.Utc));

    public static readonly Reach Everything = Enum.GetValues<SipTransport>().Aggregate(default(Reach), static (r, t) => r.And(t, false).And(t, true));

    private readonly Dictionary<DnsQuestion, DnsAnswer> _answers = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <param name="lines">"name ttl TYPE data", as in "sip.example.com 60 A 192.0.2.1".</param>
    public Zone(params string[] lines)
    {
        foreach (string line in lines)
        {
            string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            DnsType type = Enum.Parse<DnsType>(parts[2], ignoreCase: true);
            var question = new DnsQuestion(parts[0], type);
            DnsAnswer answer = _answers.GetValueOrDefault(question) ?? new DnsAnswer { Outcome = DnsOutcome.Found };
            _names.Add(parts[0]);
            string[] data = parts[3..];
            _answers[question] = type switch
            {
                DnsType.Srv => answer with { Services = answer.Services.Add(new SrvRecord(Number(data[0]), Number(data[1]), Number(data[2]), data[3])) },
                DnsType.Naptr => answer with { Pointers = answer.Pointers.Add(new NaptrRecord(Number(data[0]), Number(data[1]), data[2], data[3], data[4])) },
                _ => answer with { Addresses = answer.Addresses.Add(NetAddress.Parse(data[0])) },
            } with { Ttl = TimeSpan.FromSeconds(Number(parts[1])) };
        }
    }

    /// <summary>True: no server answers.</summary>
    public bool Silent { get; set; }

    public List<DnsQuestion> Asked { get; } = [];

    public DnsCache Cache { get; } = new(static () => TimeSpan.FromMinutes(10));

    public Location Locate(string target, Instant? now = null, SipTransport? transport = null, bool secure = false, Reach? reach = null)
    {
        Assert.True(SipTarget.TryParse(target, transport, out SipTarget? parsed), target);
        var locator = new Locator(Cache, reach ?? Everything);
        for (int round = 0; round < 6; round++)
        {
            Location location = locator.Locate(parsed with { Secure = secure }, now ?? Start);
            if (location.Missing.IsEmpty) return location;
            foreach (DnsQuestion question in location.Missing)
            {
                Asked.Add(question);
                Cache.Put(question, Answer(question), now ?? Start);
            }
        }
        throw new InvalidOperationException("it never stops asking");
    }

    public DnsAnswer Answer(DnsQuestion question) => Silent ? new DnsAnswer { Outcome = DnsOutcome.Unanswered }
        : _answers.GetValueOrDefault(question)
        ?? new DnsAnswer { Outcome = _names.Contains(question.Name) ? DnsOutcome.NoData : DnsOutcome.NoSuchName, Ttl = TimeSpan.FromSeconds(60) };

    /// <summary>"udp 192.0.2.1:5060, tls 192.0.2.2:5061 (sip.example.com)".</summary>
    public static string Show(Location location) => string.Join(", ", location.Hops.Choices.Select(static c =>
        $"{c.Hop.Transport.ToString().ToLowerInvariant()} {c.Hop.Address}{(c.Hop.ServerName is { } name ? $" ({name})" : "")}"));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
