using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>
/// How talk time becomes money: a fee for connecting, then a rate per minute counted in intervals, and the rarer terms where there are any (docs/decks.md).
/// </summary>
/// <param name="RatePerMinuteNanos">Rate for sixty seconds, nanos of the deck's currency; not negative. Where <see cref="TariffTerms.CycleFeeNanos"/> says the price exactly, this is what it comes to a minute, rounded: for comparing.</param>
/// <param name="ConnectFeeNanos">Charged once when the call was answered and lasted at least one billable second.</param>
/// <param name="FirstSeconds">The first interval: talk up to this is charged as this; at least 1.</param>
/// <param name="NextSeconds">Each further interval, rounded up; at least 1.</param>
/// <param name="Currency">What is charged: the deck's currency, or the account's where <see cref="TariffTerms.Exchange"/> leads there.</param>
/// <param name="Terms">What else makes the price; null for nothing else, as in most decks.</param>
public readonly record struct Tariff(long RatePerMinuteNanos, long ConnectFeeNanos, int FirstSeconds, int NextSeconds, Currency Currency, TariffTerms? Terms = null)
{
    /// <summary>The currency its rates and fees are in: the deck's.</summary>
    public Currency RateCurrency => Terms?.Exchange?.From ?? Currency;

    /// <summary>A fee for each cycle begun, as the operators' billing rate and billing cycle are, with or without a fee of its own for a first period.</summary>
    /// <param name="feeNanos">For each cycle.</param>
    /// <param name="cycleSeconds">The cycle.</param>
    /// <param name="currency">The deck's.</param>
    /// <param name="firstFeeNanos">For the first period, whole; null where there is none.</param>
    /// <param name="firstSeconds">The first period; 0 where there is none.</param>
    public static Tariff PerCycle(long feeNanos, int cycleSeconds, Currency currency, long? firstFeeNanos = null, int firstSeconds = 0) => new(
        PerMinute(feeNanos, cycleSeconds), 0, firstSeconds > 0 ? firstSeconds : cycleSeconds, cycleSeconds, currency,
        new TariffTerms { CycleFeeNanos = feeNanos, FirstFeeNanos = firstSeconds > 0 ? firstFeeNanos : null });

    /// <summary>What a fee a cycle comes to in sixty seconds, to the nearest nano.</summary>
    public static long PerMinute(long feeNanos, int cycleSeconds) =>
        cycleSeconds < 1 ? 0 : (long)Int128.Clamp((((Int128)feeNanos * 60) + (cycleSeconds / 2)) / cycleSeconds, long.MinValue, long.MaxValue);
}
