using Tandem.Switching.Routing.Failover;

namespace Tandem.Server.Api;

/// <summary>The lines of the failover table in words.</summary>
internal static class FailoverWords
{
    /// <summary>" since ..." or " although ..."; empty where nothing is to be said.</summary>
    public static string Because(bool next, FailoverStep step) => step switch
    {
        0 or FailoverStep.Failed => "",
        _ when next => $": {Of(step)}",
        _ => $", since {Of(step)}",
    };

    public static string Of(FailoverStep step) => step switch
    {
        FailoverStep.NoneLeft => "no target is left",
        FailoverStep.CallerAgreed => "the caller has agreed with this end already",
        FailoverStep.Limit => "SS_GATEWAY_SWITCH_LIMIT further gateways were tried",
        FailoverStep.TrunkSilent => "a trunk said nothing and SS_SIP_USER_AGENT_STOP_SWITCH_AFTER_INVITE_TIMEOUT is On",
        FailoverStep.GatewayStopCode => "the status is among the gateway's switchStopCodes",
        FailoverStep.GatewayNextCode => "the status is among the gateway's switchNextCodes",
        FailoverStep.Everywhere => "6xx is the word of everybody everywhere (RFC 3261 §21.6)",
        FailoverStep.GatewayBusy => "the called party is busy and the gateway's switchAllowBusy is false",
        FailoverStep.Busy => "the called party is busy and SS_GATEWAY_SWITCH_STOP_AFTER_USER_BUSY is On",
        FailoverStep.BusyUntilConnect => "the called party is busy, which ends SS_GATEWAY_SWITCH_UNTIL_CONNECT too",
        FailoverStep.GatewayErrorCode => "the gateway's switchAllowErrorCode is false",
        FailoverStep.GatewaySdp => "it had sent SDP and its switchAllowSdp is false",
        FailoverStep.GatewayRtp => "its media had come and its switchAllowRtp is false",
        FailoverStep.GatewayRing => "it had rung and its switchAllowRing is false",
        FailoverStep.UntilConnect => "SS_GATEWAY_SWITCH_UNTIL_CONNECT is On",
        FailoverStep.Sdp => "it had sent SDP and SS_SIP_STOP_SWITCH_AFTER_SDP is On",
        FailoverStep.Olc => "it had opened a logical channel and SS_H323_STOP_SWITCH_AFTER_OLC is On",
        FailoverStep.Rtp => "its media had come and SS_GATEWAY_SWITCH_STOP_AFTER_RTP_START is On",
        FailoverStep.Ring => "it had rung",
        FailoverStep.Failed => "nothing stops it",
        _ => "of a rule this version has no words for",
    };
}
