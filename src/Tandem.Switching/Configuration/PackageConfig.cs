using System.Collections.Immutable;
using Tandem.Switching.Billing;

namespace Tandem.Switching.Configuration;

/// <summary>A package customers can order, as the operator states it; docs/packages.md.</summary>
public sealed record PackageConfig
{
    public required string Name { get; init; }

    public RentType RentType { get; init; } = RentType.Month;

    /// <summary>How many days, months or years a period is; seconds for a one-off package.</summary>
    public int RentPeriod { get; init; } = 1;

    public bool Partial { get; init; }

    public long RentNanos { get; init; }

    public long MinConsumptionNanos { get; init; }

    public long LowerConsumptionNanos { get; init; }

    public long GiftNanos { get; init; }

    public ImmutableArray<GiftTimeConfig> GiftTimes { get; init; } = [];

    public string Memo { get; init; } = "";
}

/// <summary>Talk time a package gives.</summary>
public sealed record GiftTimeConfig
{
    /// <summary>Beginnings of called numbers; empty: all.</summary>
    public ImmutableArray<string> Prefixes { get; init; } = [];

    public int StartTime { get; init; }

    public int EndTime { get; init; } = 86_400;

    public int Seconds { get; init; }

    public int Cycle { get; init; } = 60;

    public string Memo { get; init; } = "";
}

/// <summary>An account's or phone's order of a package.</summary>
public sealed record PackageOrderConfig
{
    public required string Id { get; init; }

    public required string Package { get; init; }

    /// <summary>Number of the account that orders; null: a phone does.</summary>
    public string? Account { get; init; }

    /// <summary>Number of the phone that orders: its account pays and gets.</summary>
    public string? Phone { get; init; }

    /// <summary>When it begins; zero: at once.</summary>
    public Primitives.Instant From { get; init; }

    public Primitives.Instant Until { get; init; } = Primitives.Instant.Never;

    public int Priority { get; init; } = int.MaxValue;

    public RentFailure Failure { get; init; }

    public int RentPercent { get; init; } = 100;

    public string Memo { get; init; } = "";
}
