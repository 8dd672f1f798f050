using Tandem.Media.Quality;
using Tandem.Media.Relay;
using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Media;

/// <summary>What a relayed stream was like, in the words of the CDR; the estimate of its quality is docs/media.md.</summary>
internal static class MediaSummary
{
    // Below a second of speech there is nothing to judge.
    private const int LeastPackets = 50;

    private static readonly TimeSpan Packetised = TimeSpan.FromMilliseconds(20);

    public static MediaCounters Of(in SideReport caller, in SideReport callee) => new(Leg(caller, callee), Leg(callee, caller));

    private static LegMedia Leg(in SideReport from, in SideReport to) => new()
    {
        Packets = from.Packets,
        Bytes = from.Bytes,
        RtcpPackets = from.RtcpPackets,
        First = from.First == Instant.Never ? default : from.First,
        Last = from.Last == Instant.Never ? default : from.Last,
        Lost = from.Lost,
        Late = from.Late,
        JitterMicros = (int)from.Jitter.TotalMicroseconds,
        RoundTripMicros = (int)from.RoundTrip.TotalMicroseconds,
        MosHundredths = from.Packets < LeastPackets ? 0 : VoiceQuality.MosHundredths(
            from.PayloadType, from.Lost / (double)(from.Packets + from.Lost), ((from.RoundTrip + to.RoundTrip) / 2) + Packetised + (2 * from.Jitter)),
    };
}
