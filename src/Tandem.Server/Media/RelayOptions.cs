using Tandem.Media.Relay;
using Tandem.Primitives;

namespace Tandem.Server.Media;

/// <summary>A local address media is relayed on.</summary>
/// <param name="Bind">Where the ports are opened; the port is ignored.</param>
/// <param name="Advertised">What far ends are told instead (1:1 NAT); none = <paramref name="Bind"/>. Must be given where the bind address is 0.0.0.0 or ::.</param>
/// <param name="For">Ends seen in these networks are given this address; null: those no other address is for.</param>
public sealed record RelayAddress(NetAddress Bind, NetAddress Advertised = default, IReadOnlyList<NetworkPrefix>? For = null)
{
    internal NetAddress Told => Advertised.IsNone ? Bind : Advertised;

    /// <summary>Reads ADDR[=TOLD][@NETWORK[,NETWORK]...].</summary>
    public static bool TryParse(string text, out RelayAddress? address)
    {
        address = null;
        string[] halves = text.Split('@');
        if (halves.Length > 2) return false;
        string[] names = halves[0].Split('=');
        NetAddress told = default;
        if (names.Length > 2 || !NetAddress.TryParse(names[0], 0, out NetAddress bind) || (names.Length == 2 && !NetAddress.TryParse(names[1], 0, out told))) return false;
        List<NetworkPrefix>? networks = null;
        if (halves.Length == 2)
        {
            networks = [];
            foreach (string network in halves[1].Split(','))
            {
                if (!NetworkPrefix.TryParse(network, out NetworkPrefix prefix)) return false;
                networks.Add(prefix);
            }
        }
        address = new RelayAddress(bind, told, networks);
        return true;
    }

    /// <summary>How well the address suits an end: the longest of its networks that the end is in; -1 when it is for others.</summary>
    internal int SuitsBy(in NetAddress end)
    {
        if (For is null) return 0;
        int longest = -1;
        foreach (NetworkPrefix network in For)
        {
            if (network.Contains(end)) longest = Math.Max(longest, 1 + network.Length);
        }
        return longest;
    }
}

/// <summary>How the media relay is opened.</summary>
public sealed record RelayOptions
{
    /// <summary>
    /// At least one. A side is given, of those of its IP version, the one whose network it is in most narrowly; else one that is for no network in particular, loopback to
    /// loopback where there is one; else the first. One may stand there several times, told differently to different networks.
    /// </summary>
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

    /// <summary>The local addresses, each once.</summary>
    internal IReadOnlyList<NetAddress> Binds => [.. Addresses.Select(static a => a.Bind.WithPort(0)).Distinct()];

    internal int FirstEven => FirstPort + (FirstPort & 1);

    internal int PairsInRange => Math.Max((LastPort + 1 - FirstEven) / 2, 0);
}
