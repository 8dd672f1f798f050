using System.Collections.Immutable;
using Tandem.Sip.Dialogs;
using Tandem.Switching.Audio;
using Tandem.Switching.Identity;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Configuration;

/// <summary>Where a mapping gateway's address is from. The numbers are the operators'.</summary>
public enum MappingRegisterType : byte { Static = 0, Dynamic = 1 }

/// <summary>What proves that a call is a mapping gateway's.</summary>
public enum MappingAuthentication : byte { Ip = 0, IpAndPort = 1, Digest = 2 }

/// <summary>A customer's equipment that calls in, known by the address it calls from; as the operator states it.</summary>
public sealed record MappingGatewayConfig
{
    public required string Name { get; init; }

    /// <summary>Each "192.0.2.1", "192.0.2.1:5060", "[2001:db8::1]:5060", "192.0.2.0/24", "pbx.example.com" or "pbx.example.com:5060"; none: only calls of trunks are admitted as it.</summary>
    public required ImmutableArray<string> RemoteIps { get; init; }

    /// <summary>What the numbers it calls begin with; empty: any. Tells gateways at one address apart; it stays in the number.</summary>
    public string CallPrefix { get; init; } = "";

    public MappingRegisterType RegisterType { get; init; }

    public MappingAuthentication Authentication { get; init; }

    /// <summary>Its user name where it registers or shows its password; empty: its name.</summary>
    public string RegisterName { get; init; } = "";

    /// <summary>In clear, since each realm and digest algorithm needs its own hash of it. Never printed.</summary>
    public string Password { get; init; } = "";

    /// <summary>Whether it has anything to do with a password.</summary>
    public bool HasUser => RegisterType == MappingRegisterType.Dynamic || Authentication == MappingAuthentication.Digest;

    /// <summary>The user name in force.</summary>
    public string User => RegisterName.Length > 0 ? RegisterName : Name;

    /// <summary>Number of the account that pays; null: none, and its calls are refused.</summary>
    public string? Account { get; init; }

    /// <summary>Lines; 0 = no limit.</summary>
    public int Capacity { get; init; }

    public bool Locked { get; init; }

    /// <summary>Groups of routing gateways its calls may (or may not) use; none named: every gateway.</summary>
    public ImmutableArray<string> RoutingGatewayGroups { get; init; } = [];

    /// <summary>True: only those groups. False: all but those.</summary>
    public bool RoutingGatewayGroupsAllow { get; init; } = true;

    /// <summary>Provisional responses go reliably to a caller that supports it (RFC 3262); to one that requires it they always do.</summary>
    public bool Sip100Rel { get; init; }

    /// <summary>Dial plan of the called number as the call comes in ("out" as the gateway sees it).</summary>
    public string RewriteRulesOutCallee { get; init; } = "";

    /// <summary>Dial plan of the calling number as the call comes in.</summary>
    public string RewriteRulesOutCaller { get; init; } = "";

    /// <summary>Which way media of its calls is watched for silence, as seen from the switch.</summary>
    public MediaCheckDirection MediaCheckDirection { get; init; }

    /// <summary>How long silence may last, s.</summary>
    public int MediaCheckSeconds { get; init; } = MediaCheck.DefaultSeconds;

    /// <summary>Session timers (RFC 4028) with this gateway.</summary>
    public bool SipTimer { get; init; } = true;

    /// <summary>Talk time at most, s: by chance between the two; −1 as the system says, 0 no limit.</summary>
    public int MaxCallDurationLower { get; init; } = -1;

    public int MaxCallDurationUpper { get; init; } = -1;

    /// <summary>How long a call may stay unanswered, s, all attempts together; −1 as the system says (it says nothing), 0 no limit.</summary>
    public int TimeoutCallProceeding { get; init; } = -1;

    /// <summary>Where the called number is read from.</summary>
    public CalleeSource CalleeFrom { get; init; } = CalleeSource.RequestUri;

    /// <summary>Where the calling number is read from.</summary>
    public CallerSource CallerFrom { get; init; }

    /// <summary>False: callers who ask to stay unknown are shown all the same.</summary>
    public bool HeedsPrivacy { get; init; } = true;

    /// <summary>Which status it hears in place of another: "original:target" pairs.</summary>
    public string CallFailedSipCode { get; init; } = "";

    /// <summary>Which Q.850 cause it hears of a failure in place of another: "original:target" pairs; empty: only the switch's own causes are told, as they are.</summary>
    public string CallFailedQ931CauseValue { get; init; } = "";

    /// <summary>Header fields of the called end it is shown in responses, by name; "*" is every one that may pass.</summary>
    public ImmutableArray<string> ExtraHeaders { get; init; } = [];

    public AddressMethod ResponseAddress { get; init; } = AddressMethod.Standard;

    public AddressMethod RequestAddress { get; init; } = AddressMethod.Standard;

    /// <summary>Its calls may be transferred by it (REFER), and it pays for the call to the target.</summary>
    public bool CallTransfer { get; init; }

    /// <summary>Whether its media passes through the switch (docs/media.md).</summary>
    public DeviceProxy RtpForward { get; init; }

    /// <summary>Whether its media is encrypted (docs/srtp.md).</summary>
    public SrtpPolicy Srtp { get; init; }

    /// <summary>It may say by PUBLISH how many calls it carries outside this switch; they count against its lines.</summary>
    public bool AllowPublish { get; init; }

    /// <summary>Codecs, DTMF, ring-back tone, recording.</summary>
    public AudioRules Audio { get; init; } = AudioRules.Nothing;

    /// <summary>What numbers it may be used with (docs/numbers.md).</summary>
    public NumberLimitsConfig Numbers { get; init; } = NumberLimitsConfig.Anything;

    /// <summary>Whether and how its calls are asked about number portability.</summary>
    public LrnConfig Lrn { get; init; } = LrnConfig.Off;

    /// <summary>A calling number that is a phone of ours makes the phone's account pay.</summary>
    public bool AllowPhoneBilling { get; init; }

    /// <summary>A calling number bound to an active card makes the card's account pay.</summary>
    public bool AllowBoundBilling { get; init; }

    /// <summary>How its calls choose among gateways (docs/selection.md).</summary>
    public RoutePolicyConfig Policy { get; init; } = RoutePolicyConfig.Usual;

    public string Memo { get; init; } = "";

    // Keeps the password out of every text made of this record.
    private bool PrintMembers(System.Text.StringBuilder to)
    {
        to.Append(nameof(Name)).Append(" = ").Append(Name);
        return true;
    }

    /// <summary>What is kept for programs that ask for it and nothing acts on (docs/webapi.md): names and texts.</summary>
    public ImmutableSortedDictionary<string, string> Additional { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
