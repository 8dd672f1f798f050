using Tandem.Primitives;

namespace Tandem.Switching.Routing.Selection;

/// <summary>What a caller wants gateways ordered by. The numbers are the operators'.</summary>
public enum RouteWish : byte
{
    None = 0,

    /// <summary>The share of attempts that are answered, the highest first.</summary>
    AnswerRate = 1,

    /// <summary>The cost, the lowest first.</summary>
    Cost = 2,
}

/// <summary>Among which gateways the order holds.</summary>
public enum RouteScope : byte
{
    /// <summary>Longest prefix first, the order inside a prefix.</summary>
    Prefix = 0,

    /// <summary>All that match at whatever length; a prefix ends nothing.</summary>
    All = 1,
}

/// <summary>How a mapping gateway's or phone's calls choose among gateways; as compiled.</summary>
public sealed record RoutePolicy
{
    public static readonly RoutePolicy Usual = new();

    public RouteWish First { get; init; }

    public RouteWish Second { get; init; }

    public RouteScope Scope { get; init; }

    /// <summary>Costs up to so much above the cheapest count as equal to it, percent.</summary>
    public int PriceBandPercent { get; init; }

    public MarginRule Margin { get; init; } = MarginRule.None;

    public Proportions Proportions { get; init; } = Proportions.None;
}

/// <summary>What a call must bring in, and may cost. Of a gateway, or of a caller for all gateways.</summary>
/// <param name="LeastProfitPercent">(sale − cost) ÷ sale in percent, per second of talk; null: not asked. Negative: so much loss is permitted.</param>
/// <param name="MostPerSecondNanos">Of the cost's currency; null: not asked.</param>
public sealed record MarginRule(int? LeastProfitPercent, long? MostPerSecondNanos)
{
    public static readonly MarginRule None = new(null, null);

    public bool IsNone => LeastProfitPercent is null && MostPerSecondNanos is null;

    /// <summary>Eligible, or which bound the cost breaks. Rates are nanos a minute of one currency each; a sale below 0 is not known.</summary>
    public RouteVerdict Judge(long costPerMinute, long salePerMinute)
    {
        // Nanos a second, exactly: both sides times 60.
        if (MostPerSecondNanos is { } most && (Int128)costPerMinute > (Int128)most * 60) return RouteVerdict.CostTooHigh;
        if (LeastProfitPercent is not { } least || salePerMinute < 0) return RouteVerdict.Eligible;
        Int128 profit = (Int128)(salePerMinute - costPerMinute) * 100;
        return profit < (Int128)salePerMinute * least ? RouteVerdict.ProfitTooLow : RouteVerdict.Eligible;
    }
}
