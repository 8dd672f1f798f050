using System.Collections.Immutable;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Switching.Configuration;

/// <summary>A group of routing gateways that share lines; as the operator states it. A group that only says who may use whom need not be stated.</summary>
public sealed record GatewayGroupConfig
{
    public required string Name { get; init; }

    /// <summary>Lines of all its gateways together; 0: no limit.</summary>
    public int Capacity { get; init; }

    public string Memo { get; init; } = "";
}

/// <summary>A date of the work calendar that is not what its weekday says.</summary>
public sealed record CalendarDayConfig
{
    /// <summary>"2026-12-25".</summary>
    public required string Date { get; init; }

    public DayKind Kind { get; init; } = DayKind.Holiday;

    public string Memo { get; init; } = "";
}

/// <summary>What a call must bring in and may cost.</summary>
public sealed record MarginConfig
{
    public static readonly MarginConfig None = new();

    public bool ProfitEnable { get; init; }

    public int LeastProfitPercent { get; init; }

    public bool CeilingEnable { get; init; }

    public long MostPerSecondNanos { get; init; }
}

/// <summary>How a mapping gateway's or phone's calls choose among gateways.</summary>
public sealed record RoutePolicyConfig
{
    public static readonly RoutePolicyConfig Usual = new();

    public RouteWish First { get; init; }

    public RouteWish Second { get; init; }

    public RouteScope Scope { get; init; }

    public int PriceBandPercent { get; init; }

    public MarginConfig Margin { get; init; } = MarginConfig.None;

    /// <summary>"percent:prefix".</summary>
    public ImmutableArray<string> Proportions { get; init; } = [];
}

/// <summary>When and for what a routing gateway is used.</summary>
public sealed record GatewayLimitsConfig
{
    public static readonly GatewayLimitsConfig None = new();

    public int CallsPerSecond { get; init; }

    public ImmutableArray<string> ScheduledCapacity { get; init; } = [];

    public ImmutableArray<string> ScheduledPriority { get; init; } = [];

    public ImmutableArray<string> ScheduledCalleeRules { get; init; } = [];

    public ImmutableArray<string> ScheduledPrefixes { get; init; } = [];

    /// <summary>"caller:callee".</summary>
    public ImmutableArray<string> DeniedPairs { get; init; } = [];

    /// <summary>True: only those pairs are taken. False: all but those.</summary>
    public bool DeniedPairsAllow { get; init; }

    public int ReservedLines { get; init; }

    /// <summary>Only numbers its clearing account has a rate for.</summary>
    public bool NeedsRate { get; init; }

    public MarginConfig Margin { get; init; } = MarginConfig.None;

    /// <summary>Tried only when all others have failed.</summary>
    public bool Protects { get; init; }
}

/// <summary>Whether a gateway's quality is counted. The numbers are the operators'.</summary>
public enum QualityCounting : byte
{
    /// <summary>As SS_GATEWAY_ASR_CALCULATE and SS_GATEWAY_ACD_CALCULATE say.</summary>
    Default = 0,
    On = 1,
    Off = 2,
}

/// <summary>Whether a gateway's quality is counted, and below which it is put behind the others (docs/quality.md).</summary>
public sealed record GatewayQualityConfig
{
    public static readonly GatewayQualityConfig None = new();

    public QualityCounting Counting { get; init; }

    public int LeastAnswerRate { get; init; }

    public int LeastTalkSeconds { get; init; }

    public int LeastSamples { get; init; } = 20;

    public int PauseSeconds { get; init; } = 300;

    public int ProbeEvery { get; init; } = 20;

    public int ProbeSamples { get; init; } = 5;
}
