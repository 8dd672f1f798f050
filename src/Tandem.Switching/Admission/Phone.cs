using Tandem.Primitives;
using Tandem.Sip.Dialogs;
using Tandem.Switching.Audio;
using Tandem.Switching.Configuration;
using Tandem.Switching.Identity;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Numbers;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Admission;

/// <summary>A phone as compiled: found by its number, believed by digest or, where one is stated, by its address.</summary>
public sealed class Phone
{
    public required DialString Number { get; init; }

    /// <summary>The number as text, for records made at the call's end.</summary>
    public required string NumberText { get; init; }

    /// <summary>Who pays; null: nobody, and the phone's calls are refused.</summary>
    public required Account? Account { get; init; }

    /// <summary>UTF-8.</summary>
    public required byte[] Password { get; init; }

    /// <summary>Where a static phone is; null: it registers.</summary>
    public Binding? Stated { get; init; }

    public bool IsStatic => Stated is not null;

    public required PhoneLock Lock { get; init; }

    /// <summary>Calls at a time; 0 = no limit.</summary>
    public required int LineCapacity { get; init; }

    /// <summary>Shown to the called party; the phone's own number where the operator states none.</summary>
    public required DialString DisplayNumber { get; init; }

    /// <summary>Session timers on this leg.</summary>
    public bool SipTimer { get; init; } = true;

    public TalkLimit TalkLimit { get; init; } = TalkLimit.System;

    public MediaCheck MediaCheck { get; init; }

    public bool HeedsPrivacy { get; init; } = true;

    /// <summary>What it is shown of those who call it.</summary>
    public IdentityRules Identity { get; init; } = IdentityRules.Nothing;

    public AddressMethod Responses { get; init; } = AddressMethod.Standard;

    public AddressMethod Requests { get; init; } = AddressMethod.Standard;

    /// <summary>Reliable provisional responses, where it supports them.</summary>
    public bool Sip100Rel { get; init; }

    /// <summary>May transfer calls.</summary>
    public bool CallTransfer { get; init; }

    /// <summary>Null: as the setting says.</summary>
    public AccountIndication? Indication { get; init; }

    /// <summary>The states of its calls are told.</summary>
    public bool CallStateReport { get; init; }

    /// <summary>Of announcements.</summary>
    public string Language { get; init; } = "";

    /// <summary>Whether its media passes through the switch (docs/media.md).</summary>
    public DeviceProxy RtpForward { get; init; }

    public SrtpPolicy Srtp { get; init; }

    /// <summary>Asked by OPTIONS when it has been silent for SS_ENDPOINTTIMETOLIVE.</summary>
    public bool LivenessCheck { get; init; }

    /// <summary>Codecs, DTMF, ring-back tone, recording.</summary>
    public AudioRules Audio { get; init; } = AudioRules.Nothing;

    /// <summary>Applied to the called number of its calls.</summary>
    public DialPlan CalleeRulesOut { get; init; } = DialPlan.Empty;

    /// <summary>Applied to the called number as it is told it.</summary>
    public DialPlan CalleeRulesIn { get; init; } = DialPlan.Empty;

    /// <summary>Applied to the calling number as it is told it.</summary>
    public DialPlan CallerRulesIn { get; init; } = DialPlan.Empty;

    /// <summary>What numbers it may be used with.</summary>
    public NumberLimits Numbers { get; init; } = NumberLimits.Anything;

    /// <summary>How its calls are asked about number portability; null: not at all.</summary>
    public LrnPlan? Lrn { get; init; }

    /// <summary>What its calls may cost in a month, nanos of the account's currency; 0 = no limit.</summary>
    public long MonthlyLimitNanos { get; init; }

    /// <summary>What its calls cost is counted by the month.</summary>
    public bool CountsMonth { get; init; }

    /// <summary>Who calls it is not charged: it pays itself.</summary>
    public bool CalleeBilling { get; init; }

    /// <summary>Calls to it are free.</summary>
    public bool NoBillingToPhone { get; init; }

    /// <summary>How its calls choose among gateways.</summary>
    public Routing.Selection.RoutePolicy Policy { get; init; } = Routing.Selection.RoutePolicy.Usual;

    /// <summary>What becomes of calls that are not for it to take.</summary>
    public PhoneForwards Forwards { get; init; } = PhoneForwards.None;

    /// <summary>Further numbers it is called by.</summary>
    public IReadOnlyList<DialString> Dids { get; init; } = [];

    public required GatewayState State { get; init; }
}
