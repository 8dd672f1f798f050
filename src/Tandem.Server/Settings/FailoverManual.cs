using System.Text;
using Tandem.Server.Api;
using Tandem.Switching.Routing.Failover;
using Tandem.Switching.Settings;

namespace Tandem.Server.Settings;

/// <summary>Writes docs/failover.md from <see cref="FailoverTable"/>; a test holds the page true, another each cell.</summary>
internal static class FailoverManual
{
    private const string Head = """
        # Failover: whether the next gateway is tried

        This page is generated from the table in `src/Tandem.Switching/Routing/Failover/FailoverTable.cs`; do not edit it. When an attempt has failed the
        table is asked from the top, and the first line that applies decides. `tandem why` tells which it was.

        The fields of a routing gateway beside the settings of the system:

        | Field | Value |
        | --- | --- |
        | `switchAllowRing`, `switchAllowSdp`, `switchAllowRtp`, `switchAllowBusy`, `switchAllowErrorCode` | `system` (−1, default): as the settings say. `true`: that event of this gateway does not stop. `false`: it stops, also where the settings would go on. `switchAllowErrorCode` is about every final status but 486 |
        | `switchStopCodes` | a list of final statuses, `404` or a class `6xx`: no other gateway is tried |
        | `switchNextCodes` | the same: the next is tried, whatever the lines below say of statuses and of what was heard |

        An attempt fails by a final response from 300 on, by the end of its patience ([calls.md](calls.md), Timers), by a 200 without any usable SDP, by a way that
        broke. A target whose lines are full by the time its turn comes is passed over and does not count as an attempt. Media counts as come when the relay has had a packet from
        the called end since the attempt began; of media that goes from end to end nobody knows.

        ## The lines

        | Line | Then |
        | --- | --- |

        """;

    /// <summary>What can be the matter, in the order of the grid's rows.</summary>
    public static readonly (string Says, FailoverFacts Facts)[] Events =
    [
        ("503", Failed(503)),
        ("404", Failed(404)),
        ("486", Failed(486)),
        ("603", Failed(603)),
        ("no answer at all", Failed(0)),
        ("a trunk says nothing", Failed(0) with { TrunkSilent = true }),
        ("rang, then 503", Failed(503) with { SawRinging = true }),
        ("SDP, then 503", Failed(503) with { SawSdp = true }),
        ("SDP and media, then 503", Failed(503) with { SawSdp = true, SawRtp = true }),
        ("logical channel, then 503", Failed(503) with { SawOlc = true }),
        ("rang, then 486", Failed(486) with { SawRinging = true }),
        ("the caller has agreed, then 503", Failed(503) with { CallerAgreed = true }),
        ("503, and no target is left", Failed(503) with { AnyLeft = false }),
    ];

    /// <summary>What is set differently, in the order of the grid's columns.</summary>
    public static readonly (string Says, Func<FailoverFacts, FailoverFacts> With)[] Rules =
    [
        ("defaults", static f => f),
        ("`SS_GATEWAY_SWITCH_UNTIL_CONNECT` On", static f => f with { Settings = f.Settings with { Calls = f.Settings.Calls with { SwitchUntilConnect = true } } }),
        ("`SS_GATEWAY_SWITCH_STOP_AFTER_USER_BUSY` Off", static f => f with { Settings = f.Settings with { Calls = f.Settings.Calls with { SwitchStopAfterUserBusy = false } } }),
        ("`SS_SIP_STOP_SWITCH_AFTER_SDP` Off", static f => f with { Settings = f.Settings with { Sip = f.Settings.Sip with { StopSwitchAfterSdp = false } } }),
        ("that and `SS_GATEWAY_SWITCH_STOP_AFTER_RTP_START` Off", static f => f with { Settings = f.Settings with { Sip = f.Settings.Sip with { StopSwitchAfterSdp = false }, Calls = f.Settings.Calls with { SwitchStopAfterRtpStart = false } } }),
        ("`SS_H323_STOP_SWITCH_AFTER_OLC` On", static f => f with { Settings = f.Settings with { Calls = f.Settings.Calls with { StopSwitchAfterOlc = true } } }),
        ("`SS_SIP_USER_AGENT_STOP_SWITCH_AFTER_INVITE_TIMEOUT` On", static f => f with { Settings = f.Settings with { Trunks = f.Settings.Trunks with { StopSwitchAfterInviteTimeout = true } } }),
        ("`SS_GATEWAY_SWITCH_LIMIT` 0", static f => f with { Settings = f.Settings with { Calls = f.Settings.Calls with { GatewaySwitchLimit = 0 } } }),
        ("every `switchAllow…` `true`", static f => f with { Gateway = new FailoverRules { Ring = true, Sdp = true, Rtp = true, Busy = true, ErrorCode = true } }),
        ("every `switchAllow…` `false`", static f => f with { Gateway = new FailoverRules { Ring = false, Sdp = false, Rtp = false, Busy = false, ErrorCode = false } }),
        ("`switchStopCodes` 404,5xx", static f => f with { Gateway = new FailoverRules { Stop = SwitchCodes.Of(["404", "5xx"]) } }),
        ("`switchNextCodes` 486,503,6xx", static f => f with { Gateway = new FailoverRules { Next = SwitchCodes.Of(["486", "503", "6xx"]) } }),
    ];

    public static string Write()
    {
        StringBuilder page = new(Head);
        foreach (FailoverStep step in Order)
        {
            string says = FailoverWords.Of(step);
            page.Append($"| {char.ToUpperInvariant(says[0])}{says[1..]}. | {(step is FailoverStep.GatewayNextCode or FailoverStep.UntilConnect or FailoverStep.Failed ? "next" : "stop")} |\n");
        }
        page.Append("\n## What follows from them\n\n| Event |");
        foreach ((string says, _) in Rules) page.Append($" {says} |");
        page.Append("\n| --- |").Append(string.Concat(Enumerable.Repeat(" --- |", Rules.Length))).Append('\n');
        foreach ((string says, FailoverFacts facts) in Events)
        {
            page.Append($"| {says} |");
            foreach ((_, Func<FailoverFacts, FailoverFacts> with) in Rules) page.Append(FailoverTable.Decide(with(facts)).Next ? " next |" : " stop |");
            page.Append('\n');
        }
        return page.ToString();
    }

    // As they stand in the table.
    internal static readonly FailoverStep[] Order =
    [
        FailoverStep.NoneLeft, FailoverStep.CallerAgreed, FailoverStep.Limit, FailoverStep.TrunkSilent, FailoverStep.GatewayStopCode,
        FailoverStep.GatewaySdp, FailoverStep.GatewayRtp, FailoverStep.GatewayRing, FailoverStep.GatewayNextCode, FailoverStep.Everywhere,
        FailoverStep.GatewayBusy, FailoverStep.Busy, FailoverStep.BusyUntilConnect, FailoverStep.GatewayErrorCode, FailoverStep.UntilConnect,
        FailoverStep.Sdp, FailoverStep.Olc, FailoverStep.Rtp, FailoverStep.Ring, FailoverStep.Failed,
    ];

    private static FailoverFacts Failed(int status) => new() { Settings = new SwitchSettings(), Status = status };
}
