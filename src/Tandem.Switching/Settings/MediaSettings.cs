using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

public sealed record MediaSettings
{
    // Ports are opened ahead when the relay starts.
    [Setting("SS_MEDIA_PROXY_PORT_RANGE", Min = 1024, Max = 65_535, Unit = Unit.Ports, Applies = Applies.Restart, Aliases = ["SS_RTP_PORT_RANGE"],
        Says = "The UDP ports of relayed media, first and last; a call takes four (RTP and RTCP towards each end).")]
    public (int First, int Last) PortRange { get; init; } = (10_000, 39_999);

    [Setting("SS_QOS_RTP", Min = 0, Max = 255, Hex = true, Applies = Applies.Restart,
        Says = "The type-of-service byte of relayed media packets; 0xa0 is precedence 5 (DSCP CS5).")]
    public int QosRtp { get; init; } = 0xa0;
}
