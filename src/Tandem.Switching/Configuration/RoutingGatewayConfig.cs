using System.Collections.Immutable;
using Tandem.Sip.Dialogs;
using System.Text;
using Tandem.Sip.Transports;
using Tandem.Switching.Audio;
using Tandem.Switching.Identity;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Configuration;

/// <summary>What a matching prefix means for shorter ones.</summary>
public enum PrefixStyle : byte
{
    /// <summary>Gateways with shorter prefixes are not tried.</summary>
    Terminate = 0,

    /// <summary>When the gateways of this prefix are used up, those of the next shorter one follow.</summary>
    CarryOn = 1,
}

/// <summary>How the switch and a carrier's gateway know of each other.</summary>
public enum RegisterType : byte
{
    /// <summary>By address.</summary>
    Static = 0,

    /// <summary>The switch registers there with name and password (docs/trunks.md).</summary>
    Register = 2,
}

/// <summary>A carrier's equipment that calls are sent to; as the operator states it.</summary>
public sealed record RoutingGatewayConfig
{
    public required string Name { get; init; }

    /// <summary>"192.0.2.1:5060"; without a port, 5060, over TLS 5061. Or a host name with or without a port: RFC 3263 leads on from it.</summary>
    public required string RemoteIp { get; init; }

    /// <summary>Null: what the DNS says of a name, UDP for an address.</summary>
    public SipTransport? Transport { get; init; }

    /// <summary>A request too large for UDP goes by TCP where a listener for it exists (RFC 3261 §18.1.1); off for carriers whose firewall swallows it.</summary>
    public bool LargeRequestsByTcp { get; init; } = true;

    /// <summary>The name its TLS certificate must carry; empty: the host name stated, or the address.</summary>
    public string TlsName { get; init; } = "";

    /// <summary>SHA-256 of the one certificate that is trusted, 64 hex digits, whoever issued it; empty: any that the authorities vouch for.</summary>
    public string TlsFingerprint { get; init; } = "";

    /// <summary>Called-number prefixes it serves; the empty prefix is every number.</summary>
    public ImmutableArray<string> Prefixes { get; init; } = [""];

    public PrefixStyle PrefixStyle { get; init; }

    /// <summary>The smaller, the earlier it is tried.</summary>
    public int Priority { get; init; }

    /// <summary>Lines; 0 = no limit.</summary>
    public int Capacity { get; init; }

    public bool Locked { get; init; }

    /// <summary>Number of the account that is charged what the carrier's deck costs; null: costs are not kept.</summary>
    public string? ClearingAccount { get; init; }

    public ImmutableArray<string> GatewayGroups { get; init; } = [];

    /// <summary>Our INVITEs offer it reliable provisional responses (RFC 3262).</summary>
    public bool Sip100Rel { get; init; }

    /// <summary>Dial plan of the called number as the call goes out ("in" as the gateway sees it).</summary>
    public string RewriteRulesInCallee { get; init; } = "";

    /// <summary>Dial plan of the calling number as the call goes out.</summary>
    public string RewriteRulesInCaller { get; init; } = "";

    /// <summary>Which way media of its calls is watched for silence, as seen from the switch.</summary>
    public MediaCheckDirection MediaCheckDirection { get; init; }

    /// <summary>How long silence may last, s.</summary>
    public int MediaCheckSeconds { get; init; } = MediaCheck.DefaultSeconds;

    /// <summary>Session timers (RFC 4028) with this gateway.</summary>
    public bool SipTimer { get; init; } = true;

    /// <summary>Talk time at most, s: by chance between the two; −1 as the system says, 0 no limit.</summary>
    public int MaxCallDurationLower { get; init; } = -1;

    public int MaxCallDurationUpper { get; init; } = -1;

    /// <summary>Patience of an attempt without any response, s; 0 as SS_SIP_TIMEOUT_INVITE says. Likewise the next four.</summary>
    public int TimeoutInvite { get; init; }

    public int TimeoutTrying { get; init; }

    public int TimeoutSessionProgress { get; init; }

    public int TimeoutSessionProgressSdp { get; init; }

    public int TimeoutRinging { get; init; }
    public RegisterType RegisterType { get; init; }

    /// <summary>The user at the carrier: of the registration, and in the answer to a challenge. Empty: challenges are not answered.</summary>
    public string RegisterName { get; init; } = "";

    /// <summary>In clear, since each realm and digest algorithm needs its own hash of it. Never printed.</summary>
    public string Password { get; init; } = "";

    /// <summary>The host that From and Contact show towards this gateway in place of the switch's address; empty: the address.</summary>
    public string LocalDomain { get; init; } = "";

    /// <summary>The mapping gateway as which calls are admitted that come in over the registration; null: they are refused.</summary>
    public string? InboundMappingGateway { get; init; }

    /// <summary>What it is shown of callers.</summary>
    public IdentityRules Identity { get; init; } = IdentityRules.Nothing;

    /// <summary>Header fields of the caller's INVITE it is shown, by name; "*" is every one that may pass.</summary>
    public ImmutableArray<string> ExtraHeaders { get; init; } = [];

    public AddressMethod ResponseAddress { get; init; } = AddressMethod.Standard;

    public AddressMethod RequestAddress { get; init; } = AddressMethod.Standard;

    /// <summary>Asked by OPTIONS every so many seconds whether it is there; 0: not asked.</summary>
    public int SipOptionsInterval { get; init; }

    /// <summary>So many OPTIONS in a row without a sign of life take it down.</summary>
    public int SipOptionsFailures { get; init; } = 3;

    /// <summary>So many answers in a row bring it up again.</summary>
    public int SipOptionsSuccesses { get; init; } = 1;

    public RetryAfterPolicy RetryAfter { get; init; }

    /// <summary>Whether the next gateway is tried after this one rang; null: as the system says. Likewise the next four (docs/failover.md).</summary>
    public bool? SwitchAllowRing { get; init; }

    public bool? SwitchAllowSdp { get; init; }

    public bool? SwitchAllowRtp { get; init; }

    public bool? SwitchAllowBusy { get; init; }

    public bool? SwitchAllowErrorCode { get; init; }

    /// <summary>Statuses after which no other gateway is tried: "404", "6xx".</summary>
    public ImmutableArray<string> SwitchStopCodes { get; init; } = [];

    /// <summary>Statuses after which the next is tried all the same.</summary>
    public ImmutableArray<string> SwitchNextCodes { get; init; } = [];

    /// <summary>The contacts of its 3xx are called in its place; else a 3xx is a failure like another.</summary>
    public bool FollowRedirects { get; init; }

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

    /// <summary>From which numbers its calls are shown.</summary>
    public CallerPoolConfig Pool { get; init; } = CallerPoolConfig.Off;

    /// <summary>When and for what it is used (docs/selection.md).</summary>
    public GatewayLimitsConfig Limits { get; init; } = GatewayLimitsConfig.None;

    /// <summary>Whether its quality is counted, and what is asked of it (docs/quality.md).</summary>
    public GatewayQualityConfig Quality { get; init; } = GatewayQualityConfig.None;

    public string Memo { get; init; } = "";

    // Keeps the password out of every text made of this record.
    private bool PrintMembers(StringBuilder to)
    {
        to.Append(nameof(Name)).Append(" = ").Append(Name);
        return true;
    }

    /// <summary>What is kept for programs that ask for it and nothing acts on (docs/webapi.md): names and texts.</summary>
    public ImmutableSortedDictionary<string, string> Additional { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
