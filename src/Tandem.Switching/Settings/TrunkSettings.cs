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

    // How a carrier behaves is not ours to know: other trunks and gateways stay open to the call.
    [Setting("SS_SIP_USER_AGENT_STOP_SWITCH_AFTER_INVITE_TIMEOUT",
        Says = "On: when a gateway the switch is registered at does not answer an INVITE at all, the call ends; no other address and no other gateway is tried.")]
    public bool StopSwitchAfterInviteTimeout { get; init; }
}
