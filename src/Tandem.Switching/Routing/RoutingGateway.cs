using Tandem.Primitives;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Transports;
using Tandem.Switching.Configuration;
using Tandem.Switching.Probing;
using Tandem.Switching.Identity;

namespace Tandem.Switching.Routing;

/// <summary>A carrier's gateway as compiled. What is alive of it is in <see cref="State"/>, shared by all revisions.</summary>
public sealed class RoutingGateway
{
    public required string Name { get; init; }

    /// <summary>Where its calls are sent, and how.</summary>
    public required Hop Hop { get; init; }

    /// <summary>Large requests may go by TCP though the hop is UDP.</summary>
    public bool LargeRequestsByTcp { get; init; }

    /// <summary>SHA-256 of the one TLS certificate trusted there; empty: what the authorities vouch for.</summary>
    public byte[] TlsFingerprint { get; init; } = [];

    public required PrefixStyle PrefixStyle { get; init; }

    /// <summary>The smaller, the earlier it is tried.</summary>
    public required int Priority { get; init; }

    /// <summary>Lines; 0 = no limit. Taken with <see cref="GatewayState.TryTakeLine"/> at the attempt.</summary>
    public required int Capacity { get; init; }

    public required bool Locked { get; init; }

    /// <summary>Charged by its own deck for each call sent; null: costs are not kept.</summary>
    public required Account? ClearingAccount { get; init; }

    /// <summary>Applied to the called number towards this gateway.</summary>
    public required DialPlan CalleeRules { get; init; }

    /// <summary>Applied to the calling number towards this gateway.</summary>
    public required DialPlan CallerRules { get; init; }

    public required GroupSet Groups { get; init; }

    /// <summary>Session timers on this leg.</summary>
    public bool SipTimer { get; init; } = true;

    public TalkLimit TalkLimit { get; init; } = TalkLimit.System;

    public AttemptPatience Patience { get; init; }

    /// <summary>What it is shown of callers.</summary>
    public IdentityRules Identity { get; init; } = IdentityRules.Nothing;

    /// <summary>Header fields of the caller's INVITE it is shown.</summary>
    public ExtraHeaders Shown { get; init; } = ExtraHeaders.None;

    public AddressMethod Responses { get; init; } = AddressMethod.Standard;

    public AddressMethod Requests { get; init; } = AddressMethod.Standard;

    /// <summary>Our INVITEs say Supported: 100rel.</summary>
    public bool Sip100Rel { get; init; }

    public ProbePlan Probes { get; init; }

    public RetryAfterPolicy RetryAfter { get; init; }

    public required GatewayState State { get; init; }
}
