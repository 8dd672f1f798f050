using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

public sealed record CallSettings
{
    [Setting("SS_MAX_CALL_DURATION", Min = 1, Max = 604_800, Unit = Unit.Seconds, HasNone = true, None = 0,
        Says = "The longest talk time of any call; at the end of it the server ends the call. None: no limit but the money.")]
    public TimeSpan MaxCallDuration { get; init; } = TimeSpan.Zero;

    [Setting("SS_GATEWAY_SWITCH_LIMIT", Min = 0, Max = 100, Unit = Unit.Tries, HasNone = true, None = -1,
        Says = "How many further gateways may be tried after the first failed. None: as many as the route has.")]
    public int GatewaySwitchLimit { get; init; } = -1;

    [Setting("SS_GATEWAY_SWITCH_STOP_AFTER_USER_BUSY", Says = "On: when a gateway says the called party is busy, no other gateway is tried.")]
    public bool SwitchStopAfterUserBusy { get; init; } = true;

    [Setting("SS_GATEWAY_SWITCH_UNTIL_CONNECT",
        Says = "On: the next gateway is tried after any failure before the answer, also after ringing or early media; busy still stops.")]
    public bool SwitchUntilConnect { get; init; }

    [Setting("SS_GATEWAY_SWITCH_STOP_AFTER_RTP_START",
        Says = "On: when a gateway's media has come (the caller hears something), no other gateway is tried. Only of calls whose media the switch relays.")]
    public bool SwitchStopAfterRtpStart { get; init; } = true;

    [Setting("SS_H323_STOP_SWITCH_AFTER_OLC",
        Says = "On: when a gateway has opened a logical channel (H.245), no other gateway is tried. A SIP gateway opens none.")]
    public bool StopSwitchAfterOlc { get; init; }

    [Setting("SS_CALL_FORWARD_USING_ORIGINAL_CALLER",
        Says = "On: the target of a phone's forward sees who called the phone; Off: the phone's own number. A phone's callForwardDisplay goes before it.")]
    public bool ForwardUsingOriginalCaller { get; init; } = true;

    [Setting("SS_REDIRECT_OFFLINE_PHONE_TO_GATEWAY",
        Says = "On: a call to a phone that is not registered, and that does not forward it, is tried over the gateways that serve its number. A phone's useRoutingGatewayNotOnline goes before it.")]
    public bool RedirectOfflinePhoneToGateway { get; init; }

    [Setting("SS_CALL_TRANSFER_NORMAL_DISPLAY",
        Says = "Whose number the target of a transfer to a number sees: Original, the party that is transferred; Own, the party that transfers.")]
    public TransferDisplay TransferNormalDisplay { get; init; } = TransferDisplay.Original;

    [Setting("SS_CALL_TRANSFER_ASK_DISPLAY",
        Says = "Whose number the target of an attended transfer is told when the calls are joined, in P-Asserted-Identity and Remote-Party-ID as far as it is shown those: Original, the party that is transferred; Own, the party that transfers.")]
    public TransferDisplay TransferAskDisplay { get; init; } = TransferDisplay.Original;
}
