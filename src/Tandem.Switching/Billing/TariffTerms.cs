using System.Collections.Immutable;
using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>The terms of a tariff that most have none of (docs/decks.md). Two with the same content are equal.</summary>
public sealed record TariffTerms
{
    public const int MaxStages = 20;

    /// <summary>90 %.</summary>
    public const int MaxTaxMillionths = 900_000;

    public static readonly TariffTerms None = new();

    /// <summary>What the first interval costs, whole; null: it costs what the rate gives.</summary>
    public long? FirstFeeNanos { get; init; }

    /// <summary>What each next interval costs, exactly; null: what the rate a minute gives. Without <see cref="FirstFeeNanos"/> the first interval is a whole number of next ones.</summary>
    public long? CycleFeeNanos { get; init; }

    /// <summary>From so many seconds of talk on another price, in order.</summary>
    public ImmutableArray<TariffStage> Stages { get; init; } = [];

    /// <summary>A call that costs anything costs at least this, before tax.</summary>
    public long MinimumNanos { get; init; }

    /// <summary>A shorter talk is charged as one of this length.</summary>
    public int MinimumSeconds { get; init; }

    /// <summary>A talk of fewer seconds than this costs nothing at all.</summary>
    public int GraceSeconds { get; init; }

    /// <summary>Put on the price, millionths: 190,000 is 19 %.</summary>
    public int TaxMillionths { get; init; }

    /// <summary>The price is turned into the account's currency by this; null: it is in it.</summary>
    public Exchange? Exchange { get; init; }

    public bool Equals(TariffTerms? other) =>
        other is not null && FirstFeeNanos == other.FirstFeeNanos && CycleFeeNanos == other.CycleFeeNanos && MinimumNanos == other.MinimumNanos && MinimumSeconds == other.MinimumSeconds
        && GraceSeconds == other.GraceSeconds && TaxMillionths == other.TaxMillionths && Exchange == other.Exchange && Stages.AsSpan().SequenceEqual(other.Stages.AsSpan());

    public override int GetHashCode() => HashCode.Combine(FirstFeeNanos, CycleFeeNanos, MinimumNanos, MinimumSeconds, GraceSeconds, TaxMillionths, Exchange, Stages.Length);

    /// <summary>Itself; null when it says nothing, so that a plain tariff has none.</summary>
    public TariffTerms? OrNull() => Equals(None) ? null : this;
}

/// <summary>A later part of a call and its price.</summary>
/// <param name="AfterSeconds">Where it begins: at the end of a whole cycle of the part before.</param>
/// <param name="CycleSeconds">It is counted in these, each begun one in full.</param>
/// <param name="RatePerMinuteNanos">Its rate; what <paramref name="CycleFeeNanos"/> comes to where that is stated.</param>
/// <param name="CycleFeeNanos">What a cycle costs, exactly; null: what the rate gives.</param>
public readonly record struct TariffStage(int AfterSeconds, int CycleSeconds, long RatePerMinuteNanos, long? CycleFeeNanos = null);

/// <summary>How a price in one currency becomes one in another (docs/currencies.md).</summary>
/// <param name="From">The deck's currency.</param>
/// <param name="RateNanos">What one unit of it is in the account's currency, billionths: 920,000,000 is 0.92.</param>
/// <param name="Date">From when that rate is in force.</param>
public sealed record Exchange(Currency From, long RateNanos, Instant Date)
{
    /// <summary>A million for one.</summary>
    public const long MaxRateNanos = 1_000_000 * Money.NanosPerUnit;

    /// <summary>An amount turned round, half a nano upwards; saturates at the largest amount there is.</summary>
    public long Convert(long nanos) => (long)Int128.Min((((Int128)nanos * RateNanos) + (Money.NanosPerUnit / 2)) / Money.NanosPerUnit, long.MaxValue);
}
