using Tandem.Switching.Settings;

namespace Tandem.Switching.Routing.Failover;

/// <summary>The line of the table that decided. Numbers stand in decision logs: they are for ever.</summary>
public enum FailoverStep : byte
{
    NoneLeft = 1,
    CallerAgreed = 2,
    Limit = 3,
    TrunkSilent = 4,
    GatewayStopCode = 5,
    GatewayNextCode = 6,
    Everywhere = 7,
    GatewayBusy = 8,
    Busy = 9,
    BusyUntilConnect = 10,
    GatewayErrorCode = 11,
    GatewaySdp = 12,
    GatewayRtp = 13,
    GatewayRing = 14,
    UntilConnect = 15,
    Sdp = 16,
    Olc = 17,
    Rtp = 18,
    Ring = 19,
    Failed = 20,
}

/// <summary>What is known when an attempt has failed.</summary>
public readonly record struct FailoverFacts
{
    public FailoverFacts()
    {
    }

    public required SwitchSettings Settings { get; init; }

    /// <summary>Of the gateway that failed.</summary>
    public FailoverRules Gateway { get; init; } = FailoverRules.System;

    /// <summary>Its final status; 0: it gave none.</summary>
    public int Status { get; init; }

    /// <summary>Attempts made so far, this one too.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>There is another target.</summary>
    public bool AnyLeft { get; init; } = true;

    /// <summary>The caller has this end's offer or answer in a way that cannot be taken back.</summary>
    public bool CallerAgreed { get; init; }

    /// <summary>A trunk the switch registers at said nothing at all.</summary>
    public bool TrunkSilent { get; init; }

    public bool SawRinging { get; init; }

    public bool SawSdp { get; init; }

    /// <summary>H.245 opened a logical channel.</summary>
    public bool SawOlc { get; init; }

    public bool SawRtp { get; init; }
}

/// <summary>Whether another gateway is tried, and which line of the table says so.</summary>
public readonly record struct FailoverDecision(bool Next, FailoverStep Step);

/// <summary>Whether another gateway is tried after one failed: one table, from the top, the first line that applies decides (docs/failover.md is made of it).</summary>
public static class FailoverTable
{
    public static FailoverDecision Decide(in FailoverFacts f)
    {
        (SwitchSettings system, FailoverRules own) = (f.Settings, f.Gateway);
        bool until = system.Calls.SwitchUntilConnect;
        return true switch
        {
            _ when !f.AnyLeft                                               => Stop(FailoverStep.NoneLeft),
            _ when f.CallerAgreed                                           => Stop(FailoverStep.CallerAgreed),
            _ when system.Calls.GatewaySwitchLimit is >= 0 and var limit && f.Attempts > limit => Stop(FailoverStep.Limit),
            _ when f.TrunkSilent && system.Trunks.StopSwitchAfterInviteTimeout => Stop(FailoverStep.TrunkSilent),
            _ when own.Stop.Has(f.Status)                                   => Stop(FailoverStep.GatewayStopCode),
            _ when f.SawSdp && own.Sdp == false                             => Stop(FailoverStep.GatewaySdp),
            _ when f.SawRtp && own.Rtp == false                             => Stop(FailoverStep.GatewayRtp),
            _ when f.SawRinging && own.Ring == false                        => Stop(FailoverStep.GatewayRing),
            _ when own.Next.Has(f.Status)                                   => Next(FailoverStep.GatewayNextCode),
            _ when f.Status >= 600                                          => Stop(FailoverStep.Everywhere), // RFC 3261 §21.6
            _ when f.Status == 486 && own.Busy == false                     => Stop(FailoverStep.GatewayBusy),
            _ when f.Status == 486 && own.Busy is null && system.Calls.SwitchStopAfterUserBusy => Stop(FailoverStep.Busy),
            _ when f.Status == 486 && own.Busy is null && until             => Stop(FailoverStep.BusyUntilConnect),
            _ when f.Status is > 0 and not 486 && own.ErrorCode == false    => Stop(FailoverStep.GatewayErrorCode),
            _ when until                                                    => Next(FailoverStep.UntilConnect),
            _ when f.SawSdp && own.Sdp is null && system.Sip.StopSwitchAfterSdp => Stop(FailoverStep.Sdp),
            _ when f.SawOlc && system.Calls.StopSwitchAfterOlc              => Stop(FailoverStep.Olc),
            _ when f.SawRtp && own.Rtp is null && system.Calls.SwitchStopAfterRtpStart => Stop(FailoverStep.Rtp),
            _ when f.SawRinging && own.Ring is null                         => Stop(FailoverStep.Ring),
            _                                                               => Next(FailoverStep.Failed),
        };
    }

    private static FailoverDecision Stop(FailoverStep step) => new(false, step);

    private static FailoverDecision Next(FailoverStep step) => new(true, step);
}
