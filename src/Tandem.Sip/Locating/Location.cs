using System.Collections.Immutable;
using System.Globalization;
using Tandem.Primitives;
using Tandem.Sip.Transports;

namespace Tandem.Sip.Locating;

/// <summary>By which transports and IP versions the switch can send at all: those it listens on.</summary>
public readonly record struct Reach(byte Bits)
{
    /// <summary>UDP over IPv4 alone.</summary>
    public static readonly Reach Udp4 = default(Reach).And(SipTransport.Udp, v6: false);

    public static Reach Of(SipListeners listeners)
    {
        Reach reach = default;
        for (int i = 0; i < listeners.Count; i++) reach = reach.And(listeners[i].Transport, listeners[i].Known.IsV6);
        return reach;
    }

    public Reach And(SipTransport transport, bool v6) => new((byte)(Bits | Bit(transport, v6)));

    public bool Has(SipTransport transport, bool v6) => (Bits & Bit(transport, v6)) != 0;

    public bool Has(SipTransport transport) => Has(transport, false) || Has(transport, true);

    private static int Bit(SipTransport transport, bool v6) => 1 << (((int)transport << 1) | (v6 ? 1 : 0));
}

/// <summary>Where a target is, as far as the answers known tell.</summary>
public sealed record Location
{
    public required HopSet Hops { get; init; }

    /// <summary>What must be asked before it is known where the target is; empty: the hops are final.</summary>
    public ImmutableArray<DnsQuestion> Missing { get; init; } = [];

    /// <summary>When an answer it rests on is over; never for an address.</summary>
    public Instant Until { get; init; } = Instant.Never;

    /// <summary>It rests on an answer whose time is over, as the name servers are silent.</summary>
    public bool Stale { get; init; }

    /// <summary>Why there is no hop, in words; empty when there is one.</summary>
    public string Trouble { get; init; } = "";

    /// <summary>"sip.example.com did not resolve: NXDOMAIN since 2026-03-01 03:12 UTC".</summary>
    internal static string Describe(string name, DnsOutcome outcome, string what, Instant since)
    {
        string because = outcome switch
        {
            DnsOutcome.NoSuchName => "NXDOMAIN",
            DnsOutcome.NoData => $"no {what}",
            _ => "no name server answers",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{name} did not resolve: {because} since {since.ToUtc():yyyy-MM-dd HH:mm} UTC");
    }
}
