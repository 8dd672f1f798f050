using Tandem.Primitives;

namespace Tandem.Switching.Cdrs;

/// <summary>What the switch heard of the media of one end of a call (docs/media.md); all zero where media did not pass it.</summary>
public readonly record struct LegMedia
{
    /// <summary>RTP packets accepted from it.</summary>
    public long Packets { get; init; }

    /// <summary>Their bytes, RTP headers included.</summary>
    public long Bytes { get; init; }

    public long RtcpPackets { get; init; }

    /// <summary>When the first RTP packet came; the default instant if none did.</summary>
    public Instant First { get; init; }

    /// <summary>When the latest RTP packet came; the default instant if none did.</summary>
    public Instant Last { get; init; }

    /// <summary>RTP packets its sequence numbers say were sent and that never came.</summary>
    public long Lost { get; init; }

    /// <summary>RTP packets that came after their successors, or twice.</summary>
    public long Late { get; init; }

    public int JitterMicros { get; init; }

    /// <summary>Between the switch and this end, by RTCP; zero where it could not be measured.</summary>
    public int RoundTripMicros { get; init; }

    /// <summary>Mean opinion score of its speech as it was passed on, estimated, in hundredths; zero: no estimate.</summary>
    public int MosHundredths { get; init; }
}
