using System.Collections.Immutable;
using System.Text;
using Tandem.Sip.Dialogs;
using Tandem.Switching.Audio;
using Tandem.Switching.Identity;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Configuration;

/// <summary>Which calls a phone's lock forbids.</summary>
public enum PhoneLock : byte { None = 0, Outgoing = 1, Incoming = 2, Both = 3 }

/// <summary>Where a phone's address is from. The numbers are the operators'.</summary>
public enum PhoneRegisterType : byte { Static = 0, Dynamic = 1 }

/// <summary>A phone that registers with its number and password; as the operator states it.</summary>
public sealed record PhoneConfig
{
    public required string E164 { get; init; }

    /// <summary>Number of the account that pays; null: none, and its calls are refused.</summary>
    public string? Account { get; init; }

    /// <summary>In clear, since each realm and digest algorithm needs its own hash of it. Never printed.</summary>
    public required string Password { get; init; }

    /// <summary>Static: it is believed by the address stated for it, and called there; it does not register.</summary>
    public PhoneRegisterType RegisterType { get; init; } = PhoneRegisterType.Dynamic;

    /// <summary>Of a static phone; empty for one that registers.</summary>
    public string Ip { get; init; } = "";

    /// <summary>Of a static phone.</summary>
    public int Port { get; init; } = 5060;

    /// <summary>Shown to the called party in place of the phone's number; empty: the number.</summary>
    public string DisplayNumber { get; init; } = "";

    public PhoneLock Lock { get; init; }

    /// <summary>Calls at a time, in and out together; 0 = no limit.</summary>
    public int LineCapacity { get; init; }

    /// <summary>Which way media of its calls is watched for silence, as seen from the switch.</summary>
    public MediaCheckDirection RtpInterruptDetection { get; init; }

    /// <summary>How long silence may last, s.</summary>
    public int MediaCheckSeconds { get; init; } = MediaCheck.DefaultSeconds;

    /// <summary>Session timers (RFC 4028) with this phone.</summary>
    public bool SipTimerSupport { get; init; } = true;

    /// <summary>Talk time at most, s; −1 as the system says, 0 no limit.</summary>
    public int CallDurationLimit { get; init; } = -1;

    /// <summary>False: it is shown even when it asks to stay unknown.</summary>
    public bool HeedsPrivacy { get; init; } = true;

    /// <summary>What it is shown of those who call it.</summary>
    public IdentityRules Identity { get; init; } = IdentityRules.Nothing;

    public AddressMethod ResponseAddress { get; init; } = AddressMethod.Standard;

    public AddressMethod RequestAddress { get; init; } = AddressMethod.Standard;

    /// <summary>Reliable provisional responses (RFC 3262): to it when it supports them, and offered to it in our INVITEs.</summary>
    public bool Sip100Rel { get; init; }

    /// <summary>It may transfer its calls, and pays for the call to the target.</summary>
    public bool CallTransfer { get; init; }

    /// <summary>What it hears before the money of a call it pays ends; null: as SS_ACCOUNT_INDICATION_METHOD says.</summary>
    public AccountIndication? RemainingPrompt { get; init; }

    /// <summary>The states of its calls are pushed (docs/pushes.md).</summary>
    public bool CallStateReport { get; init; }

    /// <summary>Of announcements.</summary>
    public string Language { get; init; } = "";

    /// <summary>Whether its media passes through the switch (docs/media.md).</summary>
    public DeviceProxy RtpForward { get; init; }

    /// <summary>Whether its media is encrypted (docs/srtp.md).</summary>
    public SrtpPolicy Srtp { get; init; }

    /// <summary>Asked by OPTIONS when it has given no sign of life for SS_ENDPOINTTIMETOLIVE; unanswered, it counts as away.</summary>
    public bool LivenessCheck { get; init; }

    /// <summary>Codecs, DTMF, ring-back tone, recording.</summary>
    public AudioRules Audio { get; init; } = AudioRules.Nothing;

    /// <summary>Dial plan of the called number of its calls.</summary>
    public string RewriteRulesOutCallee { get; init; } = "";

    /// <summary>Dial plan of the called number as calls come to it.</summary>
    public string RewriteRulesInCallee { get; init; } = "";

    /// <summary>Dial plan of the calling number as calls come to it.</summary>
    public string RewriteRulesInCaller { get; init; } = "";

    /// <summary>What numbers it may be used with (docs/numbers.md).</summary>
    public NumberLimitsConfig Numbers { get; init; } = NumberLimitsConfig.Anything;

    /// <summary>Whether and how its calls are asked about number portability.</summary>
    public LrnConfig Lrn { get; init; } = LrnConfig.Off;

    /// <summary>Rent of each month, nanos of the account's currency.</summary>
    public long MonthlyRentNanos { get; init; }

    /// <summary>What is spent less than this in a month is charged at its end.</summary>
    public long MonthlyMinimumNanos { get; init; }

    /// <summary>What its calls may cost in a month; 0 = no limit.</summary>
    public long MonthlyMaximumNanos { get; init; }

    /// <summary>It pays for the calls made to it.</summary>
    public bool CalleeBilling { get; init; }

    /// <summary>Calls to it are free.</summary>
    public bool NoBillingToPhone { get; init; }

    /// <summary>How its calls choose among gateways (docs/selection.md).</summary>
    public RoutePolicyConfig Policy { get; init; } = RoutePolicyConfig.Usual;

    /// <summary>Further numbers it is called by.</summary>
    public ImmutableArray<string> Dids { get; init; } = [];

    /// <summary>What becomes of calls that are not for it to take (docs/forwards.md).</summary>
    public ForwardsConfig Forwards { get; init; } = ForwardsConfig.None;

    public string Memo { get; init; } = "";

    // Keeps the password out of every text made of this record.
    private bool PrintMembers(StringBuilder to)
    {
        to.Append(nameof(E164)).Append(" = ").Append(E164);
        return true;
    }

    /// <summary>What is kept for programs that ask for it and nothing acts on (docs/webapi.md): names and texts.</summary>
    public ImmutableSortedDictionary<string, string> Additional { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
