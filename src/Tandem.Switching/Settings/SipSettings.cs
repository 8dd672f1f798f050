using Tandem.Primitives.Settings;
using Tandem.Sip.Dialogs;

namespace Tandem.Switching.Settings;

/// <summary>Defaults are VOS3000's, so that an operator who moves finds the timing he knows.</summary>
public sealed record SipSettings
{
    // RFC 3261 Timer B would wait 32 s; a carrier that says nothing for 10 s is not going to, and the next one can still take the call.
    [Setting("SS_SIP_TIMEOUT_INVITE", Min = 1, Max = 600, Unit = Unit.Seconds, Aliases = ["SS_SIP_INVITE_TIMEOUT"],
        Says = "How long an INVITE may stay without any response before the next gateway is tried.")]
    public TimeSpan TimeoutInvite { get; init; } = TimeSpan.FromSeconds(10);

    [Setting("SS_SIP_TIMEOUT_TRYING", Min = 1, Max = 600, Unit = Unit.Seconds,
        Says = "How long a gateway that answered 100 Trying may stay without progress before the next gateway is tried.")]
    public TimeSpan TimeoutTrying { get; init; } = TimeSpan.FromSeconds(20);

    [Setting("SS_SIP_TIMEOUT_SESSION_PROGRESS", Min = 1, Max = 600, Unit = Unit.Seconds,
        Says = "How long a gateway may stay at 183 Session Progress without SDP before the next gateway is tried.")]
    public TimeSpan TimeoutSessionProgress { get; init; } = TimeSpan.FromSeconds(20);

    [Setting("SS_SIP_TIMEOUT_SESSION_PROGRESS_SDP", Min = 1, Max = 600, Unit = Unit.Seconds,
        Says = "How long a gateway may stay at 183 Session Progress with SDP (early media) before the attempt is given up.")]
    public TimeSpan TimeoutSessionProgressSdp { get; init; } = TimeSpan.FromSeconds(120);

    [Setting("SS_SIP_TIMEOUT_RINGING", Min = 1, Max = 600, Unit = Unit.Seconds,
        Says = "How long the far end may ring before the attempt is given up.")]
    public TimeSpan TimeoutRinging { get; init; } = TimeSpan.FromSeconds(120);

    // RFC 3261's own instants for T1 500 ms and T2 4 s (Timer E, §17.1.2.2); Timer A would go on doubling (§17.1.1.2).
    [Setting("SS_SIP_RESEND_INTERVAL", Min = 100, Max = 60_000, Unit = Unit.Seconds, Applies = Applies.NextRequest,
        Says = "The pauses after which a request over UDP that nobody answers is sent again; after the last, and the first pause once more, it is given up.")]
    public SecondsList ResendInterval { get; init; } = SecondsList.Parse("0.5,1,2,4,4,4,4,4,4,4");

    [Setting("SS_SIP_SESSION_TTL", Min = 60, Max = 86_400, Unit = Unit.Seconds, Aliases = ["SS_SIP_SESSION_TIMER"],
        Says = "The session interval offered (Session-Expires): a call without a refresh for so long is dead. Less than SS_SIP_SESSION_MIN_SE counts as that.")]
    public TimeSpan SessionTtl { get; init; } = TimeSpan.FromSeconds(600);

    [Setting("SS_SIP_SESSION_UPDATE_SEGMENT", Min = 2, Max = 10, Says = "The switch refreshes a session every interval divided by this.")]
    public int SessionUpdateSegment { get; init; } = 2;

    // RFC 4028 §5: never below 90 s.
    [Setting("SS_SIP_SESSION_MIN_SE", Min = 90, Max = 3_600, Unit = Unit.Seconds, Says = "The shortest session interval accepted from a peer; a shorter one is answered 422 with it as Min-SE.")]
    public TimeSpan SessionMinSE { get; init; } = TimeSpan.FromSeconds(90);

    [Setting("SS_SIP_NO_TIMER_REINVITE_INTERVAL", Min = 0, Max = 86_400, Unit = Unit.Seconds,
        Says = "The longest talk time of a call of which an end has no session timer; at the end of it the server ends the call. 0: no limit.")]
    public TimeSpan NoTimerReinviteInterval { get; init; } = TimeSpan.FromSeconds(7_200);

    // Registrars use 401, proxies 407 (RFC 3261 §22.2, §22.3); the switch is the one or the other by the operator's choice.
    [Setting("SS_SIP_PUBLISH_EXPIRE", Min = 30, Max = 7_200, Unit = Unit.Seconds, Applies = Applies.NextRequest,
        Says = "The longest time for which calls a gateway published (allowPublish) count against its lines without its publishing again; a gateway that asks for less gets less.")]
    public TimeSpan PublishExpire { get; init; } = TimeSpan.FromSeconds(300);

    [Setting("SS_SIP_AUTHENTICATION_CODE", OneOf = [401, 407], Applies = Applies.NextRequest, Says = "The status of the digest challenge.")]
    public int AuthenticationCode { get; init; } = 401;

    [Setting("SS_SIP_AUTHENTICATION_REALM", Max = 64, Applies = Applies.NextRequest,
        Says = "The realm of the digest challenge; empty stands for \"tandem\".")]
    public string AuthenticationRealm { get; init; } = "";

    [Setting("SS_SIP_NAT_KEEP_ALIVE_MESSAGE", Max = 64, Applies = Applies.Now,
        Says = "The datagram sent to registered phones behind a NAT to keep it open; empty: none is sent.")]
    public string NatKeepAliveMessage { get; init; } = "HELLO";

    [Setting("SS_SIP_NAT_KEEP_ALIVE_PERIOD", Min = 10, Max = 86_400, Unit = Unit.Seconds, Applies = Applies.Now,
        Says = "How often every phone behind a NAT gets its datagram; what a cycle did not reach in this time comes first in the next.")]
    public TimeSpan NatKeepAlivePeriod { get; init; } = TimeSpan.FromSeconds(30);

    [Setting("SS_SIP_NAT_KEEP_ALIVE_SEND_INTERVAL", Min = 1, Max = 10_000, Unit = Unit.Milliseconds, Applies = Applies.Now,
        Says = "The pause between two bursts of a cycle.")]
    public TimeSpan NatKeepAliveSendInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    [Setting("SS_SIP_NAT_KEEP_ALIVE_SEND_ONE_TIME", Min = 1, Max = 10_000, Applies = Applies.Now,
        Says = "The most datagrams of one burst.")]
    public int NatKeepAliveSendOneTime { get; init; } = 3000;

    [Setting("SS_SIP_STOP_SWITCH_AFTER_SDP", Says = "On: a gateway that has sent SDP (early media) is the last one tried.")]
    public bool StopSwitchAfterSdp { get; init; } = true;

    [Setting("SS_SIP_E164_DISPLAY_FROM", Aliases = ["E164_DISPLAY_FROM"],
        Says = "The display name in From, where a gateway is shown one (sipDisplay). Ignore: as the caller gave it. E164: the calling number with a plus. Name: as the caller gave it, else the number. Account: the phone's displayNumber, else the account's name.")]
    public DisplayFrom E164DisplayFrom { get; init; }

    [Setting("SS_SIP_ROUTING_GATEWAY_INVITE_USE_CONTACT",
        Says = "On: towards a routing gateway the number to call is in the request line alone, and To keeps the number as the caller sent it. Off: both have the number to call.")]
    public bool RoutingGatewayInviteUseContact { get; init; }

    [Setting("SS_REPLY_UNAUTHORIZED", Applies = Applies.NextRequest,
        Says = "On: a request from an unknown source is refused with a response. Off: it meets silence.")]
    public bool ReplyUnauthorized { get; init; } = true;

    [Setting("SS_TCP_CLOSE_RESET", Applies = Applies.Now,
        Says = "On: the switch closes connections of SIP over TCP and TLS with a reset (RST). Off: in order (FIN).")]
    public bool TcpCloseReset { get; init; }

    [Setting("SS_QOS_SIGNAL", Min = 0, Max = 255, Hex = true, Applies = Applies.Restart,
        Says = "The type-of-service byte of signalling packets; 0xa0 is precedence 5 (DSCP CS5).")]
    public int QosSignal { get; init; } = 0xa0;

    /// <summary>What the session timer settings say together.</summary>
    public SessionRules SessionRules => new((int)SessionTtl.TotalSeconds, SessionUpdateSegment, (int)SessionMinSE.TotalSeconds);
}
