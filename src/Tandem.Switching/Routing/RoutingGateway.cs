using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Locating;
using Tandem.Sip.Transports;
using Tandem.Switching.Audio;
using Tandem.Switching.Admission;
using Tandem.Switching.Configuration;
using Tandem.Switching.Probing;
using Tandem.Switching.Identity;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing.Quality;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Switching.Routing;

/// <summary>A carrier's gateway as compiled. What is alive of it is in <see cref="State"/>, shared by all revisions.</summary>
public sealed class RoutingGateway
{
    private readonly HopSet? _fixed;
    private readonly byte[] _host = [];

    public required string Name { get; init; }

    /// <summary>Whom its calls are for, as stated: an address, or a name that the DNS leads on from.</summary>
    public required SipTarget Target
    {
        get;
        init
        {
            field = value;
            SipTransport transport = value.Transport ?? SipTransport.Udp;
            _host = value.IsNumeric ? [] : Encoding.ASCII.GetBytes(value.ToString());
            if (NetAddress.TryParse(value.Host, 0, out NetAddress address)) _fixed = new HopSet(new Hop(address.WithPort(value.Port == 0 ? transport.DefaultPort() : value.Port), transport));
        }
    }

    /// <summary>Name and port as URIs to it show them; empty where it is stated by its address.</summary>
    public ReadOnlySpan<byte> Host => _host;

    /// <summary>The name its TLS certificate must carry; null: the host name stated, or the address.</summary>
    public string? TlsName { get; init; }

    /// <summary>Where its calls are sent, and how; empty while its name does not resolve.</summary>
    public HopSet Hops => _fixed ?? (State.Name is { } name && name.Target == Target ? name.Hops : HopSet.Empty);

    /// <summary>Why there is no hop, in one sentence without its full stop.</summary>
    public string Unresolved => State.Name is { } name && name.Target == Target ? name.Trouble : $"{Target.Host} is being looked up";

    /// <summary>Large requests may go by TCP though the hop is UDP.</summary>
    public bool LargeRequestsByTcp { get; init; }

    /// <summary>SHA-256 of the one TLS certificate trusted there; empty: what the authorities vouch for.</summary>
    public byte[] TlsFingerprint { get; init; } = [];

    /// <summary>The switch registers there with <see cref="RegisterName"/>.</summary>
    public bool Registers { get; init; }

    /// <summary>The user that answers challenges, UTF-8; empty: nobody does.</summary>
    public byte[] RegisterName { get; init; } = [];

    /// <summary>UTF-8.</summary>
    public byte[] Password { get; init; } = [];

    /// <summary>Shown in From and Contact in place of our address; null: the address.</summary>
    public byte[]? LocalDomain { get; init; }

    /// <summary>As whom calls over the registration come in; null: they are refused.</summary>
    public MappingGateway? Inbound { get; init; }

    public required PrefixStyle PrefixStyle { get; init; }

    /// <summary>The smaller, the earlier it is tried.</summary>
    public required int Priority { get; init; }

    /// <summary>Lines; 0 = no limit. Taken with <see cref="GatewayState.TryTakeLine"/> at the attempt.</summary>
    public required int Capacity { get; init; }

    public required bool Locked { get; init; }

    /// <summary>Put before the number by which its side of a call is rated (SERVER_BILLING_GATEWAY_ROUTE_PREFIX).</summary>
    public string RatePrefix { get; init; } = "";

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

    public MediaCheck MediaCheck { get; init; }

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

    /// <summary>Its own word on whether the next is tried after it.</summary>
    public Failover.FailoverRules Failover { get; init; } = Routing.Failover.FailoverRules.System;

    /// <summary>The contacts of its 3xx are called in its place.</summary>
    public bool FollowsRedirects { get; init; }

    /// <summary>Whether its media passes through the switch (docs/media.md).</summary>
    public DeviceProxy RtpForward { get; init; }

    public SrtpPolicy Srtp { get; init; }

    /// <summary>It may say by PUBLISH how many calls it carries outside this switch; they count against its lines.</summary>
    public bool AllowPublish { get; init; }

    /// <summary>Calls it carries elsewhere, by its own word; 0 for one that may not say.</summary>
    public int PublishedAt(Instant now) => AllowPublish ? State.PublishedAt(now) : 0;

    /// <summary>Codecs, DTMF, ring-back tone, recording.</summary>
    public AudioRules Audio { get; init; } = AudioRules.Nothing;

    /// <summary>What numbers it may be used with.</summary>
    public NumberLimits Numbers { get; init; } = NumberLimits.Anything;

    /// <summary>The numbers its calls are shown by; null: the caller's own.</summary>
    public CallerPool? Pool { get; init; }

    /// <summary>When and for what it is used.</summary>
    public GatewayLimits Limits { get; init; } = GatewayLimits.None;

    /// <summary>What is asked of its quality.</summary>
    public QualityRules Quality { get; init; } = QualityRules.None;

    public required GatewayState State { get; init; }

    /// <summary>Lines at a time of the week; 0: no limit; below 0: none.</summary>
    public int CapacityAt(in DayTime day) => !Limits.Capacity.IsEmpty && Limits.Capacity.TryGet(day, out int lines) ? lines : Capacity;

    /// <summary>The dial plan of the called number at a time of the week.</summary>
    public DialPlan CalleeRulesAt(in DayTime day) => !Limits.CalleeRules.IsEmpty && Limits.CalleeRules.TryGet(day, out DialPlan? plan) ? plan : CalleeRules;
}
