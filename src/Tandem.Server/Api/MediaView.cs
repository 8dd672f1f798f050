using System.Globalization;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Api;

/// <summary>What the switch heard of the media of one end (docs/media.md).</summary>
public sealed record MediaView
{
    public required long Packets { get; init; }
    public required long Bytes { get; init; }
    public required long RtcpPackets { get; init; }
    public required Instant? First { get; init; }
    public required Instant? Last { get; init; }
    public required long Lost { get; init; }
    /// <summary>Came after their successors, or twice.</summary>
    public required long Late { get; init; }
    public required double JitterMillis { get; init; }
    /// <summary>Between the switch and this end, by RTCP; null where it could not be measured.</summary>
    public required double? RoundTripMillis { get; init; }
    /// <summary>Estimated, 1 to 4.5; null: no estimate.</summary>
    public required double? Mos { get; init; }

    /// <summary>Null when nothing was heard.</summary>
    public static MediaView? Of(in LegMedia media) => media is { Packets: 0, RtcpPackets: 0 } ? null : new MediaView
    {
        Packets = media.Packets,
        Bytes = media.Bytes,
        RtcpPackets = media.RtcpPackets,
        First = media.First == default ? null : media.First,
        Last = media.Last == default ? null : media.Last,
        Lost = media.Lost,
        Late = media.Late,
        JitterMillis = media.JitterMicros / 1000.0,
        RoundTripMillis = media.RoundTripMicros == 0 ? null : media.RoundTripMicros / 1000.0,
        Mos = media.MosHundredths == 0 ? null : media.MosHundredths / 100.0,
    };

    /// <summary>As a line for people.</summary>
    public static string Line(string who, in LegMedia media)
    {
        if (Of(media) is not { } view) return $"{who}: nothing was heard";
        double loss = view.Packets + view.Lost == 0 ? 0 : 100.0 * view.Lost / (view.Packets + view.Lost);
        return string.Create(CultureInfo.InvariantCulture, $"{who}: {view.Packets} packets, {view.Lost} lost ({loss:0.0} %), {view.Late} late, jitter {view.JitterMillis:0.0} ms")
            + (view.RoundTripMillis is { } trip ? string.Create(CultureInfo.InvariantCulture, $", round trip {trip:0.0} ms") : "")
            + (view.Mos is { } mos ? string.Create(CultureInfo.InvariantCulture, $", MOS {mos:0.00} (estimated)") : "");
    }
}
