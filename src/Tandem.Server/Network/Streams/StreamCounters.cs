namespace Tandem.Server.Network.Streams;

/// <summary>What the stream transports count since the start; any thread, interlocked.</summary>
public sealed class StreamCounters
{
    public long Accepted;
    public long Opened;
    public long MessagesIn;
    public long MessagesOut;
    public long Pings;

    /// <summary>Handshakes of TLS that succeeded, either side.</summary>
    public long Handshakes;

    /// <summary>Handshakes that failed or took too long.</summary>
    public long HandshakesFailed;

    /// <summary>Connections that could not be opened.</summary>
    public long ConnectsFailed;

    /// <summary>Turned away at a bound on connections or handshakes.</summary>
    public long Refused;

    /// <summary>Closed because what came was no SIP, or had no certain end.</summary>
    public long Broken;

    /// <summary>Closed because a message took too long to come.</summary>
    public long Slow;

    /// <summary>Closed for silence.</summary>
    public long Idle;

    /// <summary>Closed because the peer did not read what was written.</summary>
    public long Stalled;

    /// <summary>Closed because a shard's inbox was full for too long.</summary>
    public long Undelivered;
}
