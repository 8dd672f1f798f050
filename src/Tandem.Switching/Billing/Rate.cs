using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Switching.Billing;

/// <summary>One line of a deck: what calls to numbers beginning so cost.</summary>
/// <param name="Prefix">1 to 16 of 0-9 * #.</param>
/// <param name="Area">The destination in words.</param>
/// <param name="Tariff">The price, in the deck's currency.</param>
/// <param name="Locked">Calls there are refused.</param>
/// <param name="Details">What else the line says; null for nothing.</param>
public readonly record struct Rate(DialString Prefix, string Area, Tariff Tariff, bool Locked, RateDetails? Details = null)
{
    /// <summary>When the line begins to hold; default: always did.</summary>
    public Instant From { get; init; }

    /// <summary>When it ceases to; default: never.</summary>
    public Instant Until { get; init; }

    public bool HoldsAt(Instant at) => at >= From && (Until == default || at < Until);

    /// <summary>Its price depends on the time of the week.</summary>
    public bool HasPeriods => Details is { Periods.Length: > 0 };

    /// <summary>The price at a moment of the week: of the period that covers it, else the line's own.</summary>
    public Tariff TariffAt(in DayTime at, out string period)
    {
        period = "";
        if (Details is null) return Tariff;
        foreach (RatePeriod one in Details.Periods)
        {
            if (!one.When.Covers(at)) continue;
            period = one.When.Text;
            return one.Tariff;
        }
        return Tariff;
    }
}

/// <summary>What a line of a deck says beside its price. Two with the same content are equal.</summary>
public sealed record RateDetails
{
    public const int MaxAreaCodeLength = 16;
    public const int MaxPeriods = 32;

    public static readonly RateDetails None = new();

    /// <summary>Of the area table; empty: not stated.</summary>
    public string AreaCode { get; init; } = "";

    /// <summary>The kind of call; 0: not stated.</summary>
    public CallLevel Level { get; init; }

    /// <summary>What announcements say a cycle costs; it is not what is charged.</summary>
    public long IvrFeeNanos { get; init; }

    /// <summary>The cycle announcements speak of; 0: nothing is announced by a price of its own.</summary>
    public int IvrSeconds { get; init; }

    /// <summary>Other prices in parts of the week; no two overlap.</summary>
    public ImmutableArray<RatePeriod> Periods { get; init; } = [];

    public bool Equals(RateDetails? other) =>
        other is not null && AreaCode == other.AreaCode && Level == other.Level && IvrFeeNanos == other.IvrFeeNanos && IvrSeconds == other.IvrSeconds && Periods.AsSpan().SequenceEqual(other.Periods.AsSpan());

    public override int GetHashCode() => HashCode.Combine(AreaCode, Level, IvrFeeNanos, IvrSeconds, Periods.Length);

    /// <summary>Itself; null when it says nothing.</summary>
    public RateDetails? OrNull() => Equals(None) ? null : this;
}

/// <summary>Another price in a part of the week.</summary>
/// <param name="When">The part.</param>
/// <param name="Tariff">The price, whole.</param>
public readonly record struct RatePeriod(WeekPeriod When, Tariff Tariff)
{
    public bool Equals(RatePeriod other) => When.Text == other.When.Text && Tariff == other.Tariff;

    public override int GetHashCode() => HashCode.Combine(When.Text, Tariff);
}

/// <summary>What a deck has for a number.</summary>
public enum RateLookup : byte
{
    /// <summary>No prefix of the number is in the deck.</summary>
    None,
    Found,
    /// <summary>The longest prefix is there and locked: the call is refused (<see cref="Refusal.RateLocked"/>).</summary>
    Locked,
}
