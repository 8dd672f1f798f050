using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>Whether our registrations at carriers, and the calls over them, carry a Privacy header (RFC 3323).</summary>
public enum TrunkPrivacy : byte { Ignore, Id, None }

/// <summary>The switch as a user agent of carriers: names, registrations, challenges (docs/trunks.md).</summary>
public sealed record TrunkSettings
{
    [Setting("SERVER_DNS_UPDATE_INTERVAL", Min = 10, Max = 86_400, Unit = Unit.Seconds, Applies = Applies.Now,
        Says = "How long an answer of the DNS is used at most, however long it says itself: every host name of a gateway is looked up again at least so often.")]
    public TimeSpan DnsUpdateInterval { get; init; } = TimeSpan.FromSeconds(600);

    [Setting("SS_SIP_USER_AGENT_EXPIRE", Min = 20, Max = 7200, Unit = Unit.Seconds, HasNone = true, None = 0, NoneWord = "Auto negotiation", Applies = Applies.NextRegistration, Aliases = ["EXPIRE"],
        Says = "The time asked for when the switch registers at a carrier. Auto negotiation: what the registrar grants (3600 s is asked for). A registrar that wants longer (423) gets it.")]
    public TimeSpan Expire { get; init; } = TimeSpan.Zero;

    [Setting("SS_SIP_USER_AGENT_RETRY_DELAY", Min = 30, Max = 600, Unit = Unit.Seconds, Applies = Applies.NextRegistration, Aliases = ["RETRY_DELAY"],
        Says = "The pause after a registration at a carrier failed; longer if the registrar asks for it (Retry-After, at most an hour).")]
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("SS_SIP_USER_AGENT_SEND_UNREGISTER", Applies = Applies.NextRegistration, Aliases = ["SEND_UNREGISTER"],
        Says = "On: a registration at a carrier is ended with a word (Expires: 0) when its gateway is removed, locked or changed, and when the switch stops. Off: it is left to run out there.")]
    public bool SendUnregister { get; init; } = true;

    [Setting("SS_SIP_USER_AGENT_PRIVACY", Applies = Applies.NextRegistration, Aliases = ["USER_AGENT_PRIVACY"],
        Says = "The Privacy header of our REGISTERs and of calls to the gateways the switch is registered at: Id, None, or no such header (Ignore: for calls what the gateway's own sipPrivacy says).")]
    public TrunkPrivacy Privacy { get; init; } = TrunkPrivacy.Ignore;

    // How a carrier behaves is not ours to know: other trunks and gateways stay open to the call.
    [Setting("SS_SIP_USER_AGENT_STOP_SWITCH_AFTER_INVITE_TIMEOUT",
        Says = "On: when a gateway the switch is registered at does not answer an INVITE at all, the call ends; no other address and no other gateway is tried.")]
    public bool StopSwitchAfterInviteTimeout { get; init; }
}
