using System.Collections.Immutable;
using Tandem.Switching.Numbers;

namespace Tandem.Switching.Configuration;

/// <summary>A named set of numbers, used by gateways and phones to permit or forbid, and as a pool of calling numbers; as the operator states it.</summary>
public sealed record NumberGroupConfig
{
    public required string Name { get; init; }

    /// <summary>Numbers, and beginnings of numbers with a star at the end.</summary>
    public ImmutableArray<string> Numbers { get; init; } = [];

    public string Memo { get; init; } = "";
}

/// <summary>A black or white list, of the whole system or of the devices that name it.</summary>
public sealed record NumberListConfig
{
    public required string Name { get; init; }

    /// <summary>True: whom it names is refused by no black list.</summary>
    public bool IsWhite { get; init; }

    /// <summary>It holds for every call; else for the gateways and phones that name it.</summary>
    public bool OfSystem { get; init; }

    /// <summary>Which end of a call it is asked about, where it holds for every call.</summary>
    public ListedEnd End { get; init; }

    public ImmutableArray<string> Numbers { get; init; } = [];

    public string Memo { get; init; } = "";
}

/// <summary>What numbers with a beginning have in common: a place, and how far a call there goes.</summary>
public sealed record AreaConfig
{
    /// <summary>The beginning; what CDRs carry.</summary>
    public required string AreaCode { get; init; }

    public string AreaName { get; init; } = "";

    public CallLevel Level { get; init; } = CallLevel.International;

    public string Memo { get; init; } = "";
}

/// <summary>Where mobile numbers with a beginning are at home.</summary>
public sealed record MobileAreaConfig
{
    public required string MobilePrefix { get; init; }

    public required string AreaCode { get; init; }

    public string AreaName { get; init; } = "";

    public string Memo { get; init; } = "";
}

/// <summary>One platform number, and by what numbers it is known outside.</summary>
public sealed record NumberTransformConfig
{
    public required string E164 { get; init; }

    /// <summary>Calling numbers that become <see cref="E164"/> at mapping gateways with groupE164Change.</summary>
    public ImmutableArray<string> MappingGatewayCallers { get; init; } = [];

    /// <summary>What <see cref="E164"/> becomes as called number at routing gateways with groupE164Change; empty: it stays.</summary>
    public string RoutingGatewayCallee { get; init; } = "";

    public string Memo { get; init; } = "";
}

/// <summary>Addresses that are in one area.</summary>
public sealed record IpLimitConfig
{
    /// <summary>The first address, or a network ("192.0.2.0/24").</summary>
    public required string Ip { get; init; }

    /// <summary>How many addresses from the first on; of a network 1.</summary>
    public int Count { get; init; } = 1;

    public required string Area { get; init; }

    public string Memo { get; init; } = "";
}

/// <summary>What one end of a device's calls may be.</summary>
public sealed record NumberRuleConfig
{
    public static readonly NumberRuleConfig Anything = new();

    public ImmutableArray<string> Prefixes { get; init; } = [];

    /// <summary>True: only those; false: all but those.</summary>
    public bool PrefixesAllow { get; init; }

    /// <summary>Bit n: length n is permitted; 0: every length.</summary>
    public int Lengths { get; init; }

    public ImmutableArray<string> Groups { get; init; } = [];

    public bool GroupsAllow { get; init; }

    /// <summary>Lists asked about it: those of kind white pass, those of kind black refuse.</summary>
    public ImmutableArray<string> Lists { get; init; } = [];
}

/// <summary>What numbers a gateway or phone may be used with (docs/numbers.md).</summary>
public sealed record NumberLimitsConfig
{
    public static readonly NumberLimitsConfig Anything = new();

    public NumberRuleConfig Caller { get; init; } = NumberRuleConfig.Anything;

    public NumberRuleConfig Callee { get; init; } = NumberRuleConfig.Anything;

    public CalleeRestriction CalleeMust { get; init; }

    public CallLevel Level { get; init; } = CallLevel.International;

    /// <summary>Areas of <see cref="IpLimitConfig"/> it may (or may not) call from.</summary>
    public ImmutableArray<string> IpAreas { get; init; } = [];

    public bool IpAreasAllow { get; init; } = true;

    /// <summary>Its calls are counted for the dynamic black lists by themselves.</summary>
    public bool OwnDynamicList { get; init; }

    /// <summary>The number transform table is applied.</summary>
    public bool Transforms { get; init; }
}

/// <summary>Whether and how a caller's calls are asked about number portability.</summary>
public sealed record LrnConfig
{
    public static readonly LrnConfig Off = new();

    public bool Enable { get; init; }

    /// <summary>So many characters are taken off the called number before it is asked about.</summary>
    public int EatPrefixLength { get; init; }

    public bool ContinueOnFailure { get; init; }

    /// <summary>Put before the number a call is priced by when caller and routing number are of different areas.</summary>
    public string InterstateBillingPrefix { get; init; } = "";

    /// <summary>Put before it when the area of either is not known.</summary>
    public string UndeterminedBillingPrefix { get; init; } = "";
}

/// <summary>From which numbers a routing gateway's calls are shown.</summary>
public sealed record CallerPoolConfig
{
    public static readonly CallerPoolConfig Off = new();

    public bool Enable { get; init; }

    /// <summary>Name of the number group.</summary>
    public string? Group { get; init; }

    /// <summary>Calls at once by one number.</summary>
    public int Lines { get; init; } = 1;
}
