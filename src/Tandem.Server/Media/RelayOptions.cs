using Tandem.Media.Relay;
using Tandem.Primitives;

namespace Tandem.Server.Media;

/// <summary>A local address media is relayed on.</summary>
/// <param name="Bind">Where the ports are opened; the port is ignored.</param>
/// <param name="Advertised">What far ends are told instead (1:1 NAT); none = <paramref name="Bind"/>. Must be given where the bind address is 0.0.0.0 or ::.</param>
public sealed record RelayAddress(NetAddress Bind, NetAddress Advertised = default)
{
    internal NetAddress Told => Advertised.IsNone ? Bind : Advertised;
}

/// <summary>How the media relay is opened.</summary>
public sealed record RelayOptions
{
    /// <summary>At least one; a side is given the first of its family, loopback to loopback where there is one.</summary>
    public required IReadOnlyList<RelayAddress> Addresses { get; init; }

    /// <summary>First UDP port; RTP is on even ones (SS_MEDIA_PROXY_PORT_RANGE).</summary>
    public required int FirstPort { get; init; }

    /// <summary>Last UDP port, inclusive.</summary>
    public required int LastPort { get; init; }

    /// <summary>Media threads, 1 to 16; one carries about 1,500 two-way calls of G.711 on a small machine.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Port pairs each thread keeps open ahead for each address; a call takes two.</summary>
    public int Reserve { get; init; } = 1024;

    /// <summary>How long a returned port is kept shut to new calls, so that late packets of the old one meet nobody.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The whole TOS / traffic class byte (SS_QOS_RTP); 0xb8 is EF (RFC 4594 §4.1), 0 leaves packets unmarked.</summary>
    public byte TrafficClass { get; init; }

    public PumpChoice Pump { get; init; } = PumpChoice.Best;

    public LatchRules Latch { get; init; } = LatchRules.Default;

    /// <summary>What does not fit, as the sentence to show; null when all does.</summary>
    internal string? Complaint()
    {
        if (Addresses.Count == 0) return "the media relay needs at least one local address.";
        foreach (RelayAddress address in Addresses)
        {
            if (address.Told.IsAny) return $"media on {address.Bind.HostString()} needs the advertised address that far ends shall send to.";
            if (address.Told.IsV6 != address.Bind.IsV6) return $"media on {address.Bind.HostString()} cannot be advertised as {address.Told.HostString()}: another IP version.";
        }
        if (FirstPort < 1 || LastPort > 65_535 || PairsInRange < 2 * Threads) return $"the media port range {FirstPort} to {LastPort} has not the four ports a call takes, for each media thread.";
        if (Threads is < 1 or > 16) return $"{Threads} media threads were asked for; 1 to 16 can be had.";
        return Reserve < 2 ? "the media relay must keep at least the two port pairs of one call open." : null;
    }

    internal int FirstEven => FirstPort + (FirstPort & 1);

    internal int PairsInRange => Math.Max((LastPort + 1 - FirstEven) / 2, 0);
}
