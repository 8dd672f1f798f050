using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>What talk time costs.</summary>
/// <param name="BilledSeconds">Seconds after rounding up to the tariff's intervals.</param>
/// <param name="Nanos">The price, nanos of the tariff's currency.</param>
public readonly record struct Charge(int BilledSeconds, long Nanos);

/// <summary>
/// The one pricing function: the live path, replay, what-if and invoices all call it (docs/billing.md). A tariff within
/// <see cref="MaxRateNanos"/>, <see cref="MaxFeeNanos"/> and <see cref="MaxIntervalSeconds"/>, which decks are held to when they are
/// made, gives at most 4.71 × 10^18 nanos before tax and 8.95 × 10^18 with the highest, so no sum overflows.
/// </summary>
public static class Pricing
{
    /// <summary>100,000 units a minute.</summary>
    public const long MaxRateNanos = 100_000 * Money.NanosPerUnit;

    /// <summary>100,000 units.</summary>
    public const long MaxFeeNanos = 100_000 * Money.NanosPerUnit;

    /// <summary>One day.</summary>
    public const int MaxIntervalSeconds = 86_400;

    private const long Millionths = 1_000_000;

    private static readonly Int128 Certain = (Int128)1_000_000_000_000_000 * 100_000_000; // times the highest exchange rate it fits 127 bits

    /// <summary>31 days: a longer call is charged as one of this length.</summary>
    public const int MaxBillableSeconds = 31 * 86_400;

    /// <summary>
    /// The price of talk time: nothing for no talk (no connect fee either); else the fee plus the rate for the seconds rounded
    /// up to the first and then the next intervals. The rate's part is rounded once, half a nano upwards.
    /// </summary>
    /// <exception cref="OverflowException">The tariff lies beyond the bounds every deck is held to.</exception>
    public static Charge Price(in Tariff tariff, int billableSeconds)
    {
        if (billableSeconds <= 0) return default;
        if (tariff.Terms is { } terms) return Price(tariff, terms, billableSeconds);
        long seconds = Math.Min(billableSeconds, MaxBillableSeconds);
        long billed = tariff.FirstSeconds;
        if (seconds > billed)
        {
            long further = seconds - billed, next = tariff.NextSeconds;
            billed += next == 1 ? further : (further + next - 1) / next * next;
        }
        Int128 sixtieths = (Int128)tariff.RatePerMinuteNanos * billed;
        return new Charge((int)billed, checked(tariff.ConnectFeeNanos + Sixtieth(sixtieths)));
    }

    // The common amounts fit 64 bits, where division is ten times cheaper.
    private static long Sixtieth(Int128 sixtieths) => sixtieths <= long.MaxValue - 30 ? ((long)sixtieths + 30) / 60 : checked((long)((sixtieths + 30) / 60));

    // As above, with every term there can be; the sum is exact, and rounded once when tax and exchange are in it.
    private static Charge Price(in Tariff tariff, TariffTerms terms, int billableSeconds)
    {
        if (billableSeconds < terms.GraceSeconds) return default;
        long seconds = Math.Min(Math.Max(billableSeconds, terms.MinimumSeconds), MaxBillableSeconds);
        Int128 sixtieths = (Int128)tariff.ConnectFeeNanos * 60;
        Int128 cycle = Sixtieths(terms.CycleFeeNanos, tariff.RatePerMinuteNanos, tariff.NextSeconds);
        long billed = tariff.FirstSeconds, length = tariff.NextSeconds;
        sixtieths += terms.FirstFeeNanos is { } first ? (Int128)first * 60
            : terms.CycleFeeNanos is not null ? cycle * (billed / length)
            : (Int128)tariff.RatePerMinuteNanos * billed;
        foreach (TariffStage stage in terms.Stages)
        {
            if (seconds <= stage.AfterSeconds) break;
            Add(stage.AfterSeconds);
            (length, cycle) = (stage.CycleSeconds, Sixtieths(stage.CycleFeeNanos, stage.RatePerMinuteNanos, stage.CycleSeconds));
        }
        if (seconds > billed) Add(seconds);
        sixtieths = Int128.Max(sixtieths, (Int128)terms.MinimumNanos * 60);
        if (terms is { TaxMillionths: 0, Exchange: null }) return new Charge((int)billed, Sixtieth(sixtieths));
        Int128 over = sixtieths * (Millionths + terms.TaxMillionths), under = 60 * Millionths;
        if (terms.Exchange is not { } exchange) return new Charge((int)billed, checked((long)((over + (under / 2)) / under)));
        under *= Money.NanosPerUnit;
        // What does not fit 128 bits here is above every amount there is.
        if (over > Certain && over > (Int128.MaxValue - under) / exchange.RateNanos) return new Charge((int)billed, long.MaxValue);
        over *= exchange.RateNanos;
        return new Charge((int)billed, (long)Int128.Min((over + (under / 2)) / under, long.MaxValue));

        void Add(long upTo)
        {
            long cycles = (upTo - billed + length - 1) / length;
            sixtieths += cycle * cycles;
            billed += cycles * length;
        }
    }

    private static Int128 Sixtieths(long? fee, long ratePerMinute, int cycle) => fee is { } exact ? (Int128)exact * 60 : (Int128)ratePerMinute * cycle;

    /// <summary>How much of a charge is tax: what is left is the price before it, each rounded to the nearest nano, half a nano upwards.</summary>
    public static long TaxOf(in Tariff tariff, long nanos) =>
        tariff.Terms is { TaxMillionths: > 0 and var tax } ? (long)((((Int128)nanos * tax) + ((Millionths + tax) / 2)) / (Millionths + tax)) : 0;

    /// <summary>The most billable seconds whose price is at most <paramref name="nanos"/>: <see cref="int.MaxValue"/> when any call is covered.</summary>
    public static int CoveredSeconds(in Tariff tariff, long nanos)
    {
        if (tariff.Terms is { } terms) return CoveredSeconds(tariff, terms, nanos);
        if (nanos < tariff.ConnectFeeNanos) return 0;
        if (tariff.RatePerMinuteNanos == 0) return int.MaxValue;
        // (rate × s + 30) / 60, rounded down, is at most m while rate × s is at most 60 m + 29.
        Int128 billed = ((((Int128)nanos - tariff.ConnectFeeNanos) * 60) + 29) / tariff.RatePerMinuteNanos;
        if (billed < tariff.FirstSeconds) return 0;
        Int128 seconds = tariff.FirstSeconds + ((billed - tariff.FirstSeconds) / tariff.NextSeconds * tariff.NextSeconds);
        return seconds >= MaxBillableSeconds ? int.MaxValue : (int)seconds;
    }

    // A longer talk never costs less, so the place is found by halving.
    private static int CoveredSeconds(in Tariff tariff, TariffTerms terms, long nanos)
    {
        int covered = 0, beyond = MaxBillableSeconds;
        if (Price(tariff, terms, beyond).Nanos <= nanos) return int.MaxValue;
        while (beyond - covered > 1)
        {
            int middle = covered + ((beyond - covered) / 2);
            if (Price(tariff, terms, middle).Nanos <= nanos) covered = middle;
            else beyond = middle;
        }
        return covered;
    }

    /// <summary>
    /// Talk time as the seconds that are priced: what is left over after whole seconds is dropped when below the precision and
    /// counts as a full second otherwise, then the free seconds are taken off.
    /// </summary>
    /// <param name="hold">Answer to end.</param>
    /// <param name="holdTimePrecisionMillis">SERVER_BILLING_HOLD_TIME_PRECISION, 0 to 1000 ms: 1000 always drops; at 50, 21.049 s is 21 and 21.050 s is 22; at 0 any rest counts.</param>
    /// <param name="freeSeconds">SERVER_BILLING_FREE_TIME.</param>
    public static int BillableSeconds(TimeSpan hold, int holdTimePrecisionMillis, int freeSeconds)
    {
        if (hold <= TimeSpan.Zero) return 0;
        long whole = hold.Ticks / TimeSpan.TicksPerSecond;
        long rest = hold.Ticks % TimeSpan.TicksPerSecond;
        if (rest > 0 && rest >= holdTimePrecisionMillis * TimeSpan.TicksPerMillisecond) whole++;
        return (int)Math.Clamp(whole - freeSeconds, 0, MaxBillableSeconds);
    }

    /// <summary>What is wrong with a tariff in one sentence, or null when it is within the bounds.</summary>
    public static string? Fault(in Tariff tariff) => tariff switch
    {
        { RatePerMinuteNanos: < 0 } => "the rate is negative",
        { RatePerMinuteNanos: > MaxRateNanos } => "the rate is above 100000 a minute",
        { ConnectFeeNanos: < 0 } => "the connect fee is negative",
        { ConnectFeeNanos: > MaxFeeNanos } => "the connect fee is above 100000",
        { FirstSeconds: < 1 or > MaxIntervalSeconds } => "the first interval must be 1 to 86400 seconds",
        { NextSeconds: < 1 or > MaxIntervalSeconds } => "the next interval must be 1 to 86400 seconds",
        { Terms: { } terms } => Fault(tariff, terms),
        _ => null,
    };

    private static string? Fault(in Tariff tariff, TariffTerms terms)
    {
        if (terms.FirstFeeNanos is < 0 or > MaxFeeNanos) return "the first fee must be 0 to 100000";
        if (terms.MinimumNanos is < 0 or > MaxFeeNanos) return "the minimum must be 0 to 100000";
        if (terms.MinimumSeconds is < 0 or > MaxIntervalSeconds) return "the minimum seconds must be 0 to 86400";
        if (terms.GraceSeconds is < 0 or > MaxIntervalSeconds) return "the grace seconds must be 0 to 86400";
        if (terms.TaxMillionths is < 0 or > TariffTerms.MaxTaxMillionths) return "the tax must be 0 to 90 %";
        if (terms.Exchange is { RateNanos: < 1 or > Exchange.MaxRateNanos }) return "the exchange rate must be 0.000000001 to 1000000";
        if (terms.CycleFeeNanos is { } fee)
        {
            if (FeeFault(fee, tariff.NextSeconds) is { } wrong) return wrong;
            if (tariff.RatePerMinuteNanos != Tariff.PerMinute(fee, tariff.NextSeconds)) return "the rate a minute is not what the fee a cycle comes to";
            if (terms.FirstFeeNanos is null && tariff.FirstSeconds % tariff.NextSeconds != 0) return $"the first interval of {tariff.FirstSeconds} s has no fee of its own and is no whole number of cycles of {tariff.NextSeconds} s";
        }
        if (terms.Stages.Length > TariffTerms.MaxStages) return $"at most {TariffTerms.MaxStages} sections";
        int begins = tariff.FirstSeconds, cycle = tariff.NextSeconds, before = -1;
        foreach (TariffStage stage in terms.Stages)
        {
            if (stage.AfterSeconds == before) return $"two sections begin after {before} s";
            before = stage.AfterSeconds;
            if (stage.CycleSeconds is < 1 or > MaxIntervalSeconds) return $"the section after {stage.AfterSeconds} s must have a cycle of 1 to 86400 seconds";
            if (stage.AfterSeconds > MaxBillableSeconds) return $"no call is charged as longer than {MaxBillableSeconds} s, where the section after {stage.AfterSeconds} s begins";
            if (stage.AfterSeconds < begins || (stage.AfterSeconds - begins) % cycle != 0) return $"the section after {stage.AfterSeconds} s does not begin at the end of a cycle of the one before: {begins} s and so many times {cycle} s";
            if (stage.RatePerMinuteNanos is < 0 or > MaxRateNanos) return $"the rate of the section after {stage.AfterSeconds} s must be 0 to 100000 a minute";
            if (stage.CycleFeeNanos is { } exact && (FeeFault(exact, stage.CycleSeconds) is not null || stage.RatePerMinuteNanos != Tariff.PerMinute(exact, stage.CycleSeconds))) return $"the fee of the section after {stage.AfterSeconds} s must be 0 to 100000 a minute";
            (begins, cycle) = (stage.AfterSeconds, stage.CycleSeconds);
        }
        return null;
    }

    private static string? FeeFault(long fee, int cycle) =>
        fee < 0 ? "the fee a cycle is negative" : (Int128)fee * 60 > (Int128)MaxRateNanos * cycle ? "the fee a cycle comes to more than 100000 a minute" : null;
}
