using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

public sealed record MediaSettings
{
    // Ports are opened ahead when the relay starts.
    [Setting("SS_MEDIA_PROXY_PORT_RANGE", Min = 1024, Max = 65_535, Unit = Unit.Ports, Applies = Applies.Restart, Aliases = ["SS_RTP_PORT_RANGE"],
        Says = "The UDP ports of relayed media, first and last; a call takes four (RTP and RTCP towards each end).")]
    public (int First, int Last) PortRange { get; init; } = (10_000, 39_999);

    [Setting("SS_MEDIA_PROXY_MODE", Aliases = ["SS_MEDIAPROXYMODE"],
        Says = "Whether media passes through the switch where the rtpForwardType of the call's devices says nothing: Auto decides by the steps of docs/media.md; Must On also overrules devices.")]
    public MediaProxyMode ProxyMode { get; init; }

    [Setting("SS_MEDIA_PROXY_BEHIND_NAT", Aliases = ["SS_MEDIAPROXYBEHINDNAT"],
        Says = "In Auto: media passes through the switch where an end is behind a NAT and the other is not behind the same one.")]
    public bool ProxyBehindNat { get; init; } = true;

    [Setting("SS_MEDIA_PROXY_BETWEEN_NET", Aliases = ["SS_MEDIAPROXYBETWEENNET"],
        Says = "In Auto: media passes through the switch where the ends are seen in different networks (the Internet, each private block, each IP version).")]
    public bool ProxyBetweenNetworks { get; init; } = true;

    [Setting("SS_MEDIA_PROXY_SAME_NAT", Aliases = ["SS_MEDIAPROXYSAMENAT"],
        Says = "In Auto: media passes through the switch where both ends are seen at one public address and a NAT is there.")]
    public bool ProxySameNat { get; init; } = true;

    // RFC 4568 §7: a key that anybody on the way can read protects nothing; but a closed network may be thought safe enough.
    [Setting("SS_SRTP_WITHOUT_TLS", Says = "Keys of encrypted media (SRTP) are offered and taken over signalling that is not encrypted too. Off: only over TLS.")]
    public bool SrtpWithoutTls { get; init; }

    [Setting("SS_QOS_RTP", Min = 0, Max = 255, Hex = true, Applies = Applies.Restart,
        Says = "The type-of-service byte of relayed media packets; 0xa0 is precedence 5 (DSCP CS5).")]
    public int QosRtp { get; init; } = 0xa0;
}
