using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Sip.Locating;

namespace Tandem.Server.Network;

/// <summary>The machine's own names (/etc/hosts): they come before any name server, as everywhere on the machine.</summary>
internal static class HostsFile
{
    public const string Path = "/etc/hosts";

    /// <summary>A change of the file is seen after this.</summary>
    public static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);

    /// <summary>The answer of the file to a question about addresses; null when the name is not in it.</summary>
    /// <param name="lines">Of the file.</param>
    /// <param name="question">Any; other types are not the file's business.</param>
    public static DnsAnswer? Find(IEnumerable<string> lines, DnsQuestion question)
    {
        if (question.Type is not (DnsType.A or DnsType.Aaaa)) return null;
        bool named = false;
        ImmutableArray<NetAddress>.Builder addresses = ImmutableArray.CreateBuilder<NetAddress>();
        foreach (string line in lines)
        {
            int comment = line.IndexOf('#', StringComparison.Ordinal);
            string[] words = (comment < 0 ? line : line[..comment]).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !words.Skip(1).Any(w => w.TrimEnd('.').Equals(question.Name, StringComparison.OrdinalIgnoreCase))) continue;
            if (!NetAddress.TryParse(words[0], 0, out NetAddress address)) continue;
            named = true;
            if (address.IsV6 == (question.Type == DnsType.Aaaa) && !addresses.Contains(address)) addresses.Add(address);
        }
        if (!named) return null;
        return new DnsAnswer { Outcome = addresses.Count > 0 ? DnsOutcome.Found : DnsOutcome.NoData, Ttl = Ttl, Addresses = addresses.ToImmutable() };
    }
}
