using Tandem.Primitives;
using Tandem.Sip.Dialogs;
using Tandem.Switching.Audio;
using Tandem.Switching.Identity;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Admission;

/// <summary>A customer's gateway as compiled: found by the source address of a call, by where it registered, or by its password.</summary>
public sealed class MappingGateway
{
    public required string Name { get; init; }

    /// <summary>What numbers its calls are to begin with; empty: any. Tells gateways of one address apart.</summary>
    public DialString CallPrefix { get; init; }

    /// <summary>Its user name where it registers or shows its password; empty: it does neither.</summary>
    public DialString User { get; init; }

    /// <summary>UTF-8.</summary>
    public byte[] Password { get; init; } = [];

    /// <summary>Its address is where it registered.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>Addresses are stated for it, by number or name.</summary>
    public bool HasSources { get; init; }

    /// <summary>Of where it registered the port counts too.</summary>
    public bool PortCounts { get; init; }

    /// <summary>Each call must show its password.</summary>
    public bool ByDigest { get; init; }

    /// <summary>Who pays; null: nobody, and the call is refused.</summary>
    public required Account? Account { get; init; }

    /// <summary>Lines; 0 = no limit.</summary>
    public required int Capacity { get; init; }

    public required bool Locked { get; init; }

    /// <summary>Applied to the called number as the call comes in.</summary>
    public required DialPlan CalleeRules { get; init; }

    /// <summary>Applied to the calling number as the call comes in.</summary>
    public required DialPlan CallerRules { get; init; }

    /// <summary>Routing gateway groups the calls may (or, unless <see cref="GroupsAllow"/>, may not) use; empty: all.</summary>
    public required GroupSet Groups { get; init; }

    public required bool GroupsAllow { get; init; }

    /// <summary>Session timers on this leg.</summary>
    public bool SipTimer { get; init; } = true;

    public TalkLimit TalkLimit { get; init; } = TalkLimit.System;

    public MediaCheck MediaCheck { get; init; }

    /// <summary>How long a call may stay unanswered, s; 0 = no limit.</summary>
    public int UnansweredSeconds { get; init; }

    /// <summary>Host names it calls from, in lower case; where they lead is in <see cref="GatewayState.Sources"/>.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    public CalleeSource CalleeFrom { get; init; } = CalleeSource.RequestUri;

    public CallerSource CallerFrom { get; init; }

    public bool HeedsPrivacy { get; init; } = true;

    /// <summary>Which status it hears in place of another.</summary>
    public CodeMap FailedStatus { get; init; } = CodeMap.Empty;

    /// <summary>Which Q.850 cause it hears in place of another; empty: causes of carriers are not told.</summary>
    public CodeMap FailedCause { get; init; } = CodeMap.Empty;

    /// <summary>Header fields of the called end it is shown in responses.</summary>
    public ExtraHeaders Shown { get; init; } = ExtraHeaders.None;

    public AddressMethod Responses { get; init; } = AddressMethod.Standard;

    public AddressMethod Requests { get; init; } = AddressMethod.Standard;

    /// <summary>Provisional responses go reliably where its INVITEs support that.</summary>
    public bool Sip100Rel { get; init; }

    /// <summary>May transfer calls.</summary>
    public bool CallTransfer { get; init; }

    /// <summary>Whether its media passes through the switch (docs/media.md).</summary>
    public DeviceProxy RtpForward { get; init; }

    public SrtpPolicy Srtp { get; init; }

    /// <summary>It may say by PUBLISH how many calls it carries outside this switch; they count against its lines.</summary>
    public bool AllowPublish { get; init; }

    /// <summary>Calls it carries elsewhere, by its own word; 0 for one that may not say.</summary>
    public int PublishedAt(Instant now) => AllowPublish ? State.PublishedAt(now) : 0;

    /// <summary>The called number begins with its callPrefix.</summary>
    public bool Calls<TCalled>(in TCalled called)
        where TCalled : ICalledNumber, allows ref struct =>
        CallPrefix.IsEmpty || called.IsAny || called.At(CalleeFrom).Bytes.StartsWith(CallPrefix.Bytes);

    /// <summary>Codecs, DTMF, ring-back tone, recording.</summary>
    public AudioRules Audio { get; init; } = AudioRules.Nothing;

    /// <summary>What numbers it may be used with.</summary>
    public NumberLimits Numbers { get; init; } = NumberLimits.Anything;

    /// <summary>How its calls are asked about number portability; null: not at all.</summary>
    public LrnPlan? Lrn { get; init; }

    /// <summary>A calling number that is a phone of ours makes the phone's account pay.</summary>
    public bool AllowPhoneBilling { get; init; }

    /// <summary>A calling number bound to an active card makes the card's account pay.</summary>
    public bool AllowBoundBilling { get; init; }

    /// <summary>How its calls choose among gateways.</summary>
    public Routing.Selection.RoutePolicy Policy { get; init; } = Routing.Selection.RoutePolicy.Usual;

    public required GatewayState State { get; init; }
}
