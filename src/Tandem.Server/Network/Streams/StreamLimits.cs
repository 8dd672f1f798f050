namespace Tandem.Server.Network.Streams;

/// <summary>What a peer of TCP or TLS may cost at most. Each bound closes the connection that meets it, or never opens it, and is counted.</summary>
public sealed record StreamLimits
{
    /// <summary>Connections at once, both directions. The last eighth is kept for known peers.</summary>
    public int Connections { get; init; } = 8192;

    /// <summary>From one address that belongs to nobody known: enough for the phones of a house behind one NAT.</summary>
    public int PerStranger { get; init; } = 128;

    /// <summary>From one address of a gateway.</summary>
    public int PerKnownPeer { get; init; } = 2048;

    /// <summary>TLS handshakes of strangers at once: each holds more memory than a connection that is through.</summary>
    public int Handshakes { get; init; } = 512;

    /// <summary>To open a connection, TLS handshake not included.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>For a TLS handshake, either side.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the first byte of a message to its last.</summary>
    public TimeSpan Partial { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Before the first whole message of a peer that connected.</summary>
    public TimeSpan FirstMessage { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Without a message or a ping in either direction. Longer than phones register for behind a NAT.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>A write the peer does not read.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the times are looked at.</summary>
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes that wait to be written to one peer.</summary>
    public int Outgoing { get; init; } = 1 << 20;
}
