using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>What talk time costs.</summary>
/// <param name="BilledSeconds">Seconds after rounding up to the tariff's intervals.</param>
/// <param name="Nanos">The price, nanos of the tariff's currency.</param>
public readonly record struct Charge(int BilledSeconds, long Nanos);

/// <summary>
/// The one pricing function: the live path, replay, what-if and invoices all call it (docs/billing.md). A tariff within
/// <see cref="MaxRateNanos"/>, <see cref="MaxFeeNanos"/> and <see cref="MaxIntervalSeconds"/>, which decks are held to when they are
/// made, gives at most 4.71 × 10^18 nanos, so no sum overflows.
/// </summary>
public static class Pricing
{
    /// <summary>100,000 units a minute.</summary>
    public const long MaxRateNanos = 100_000 * Money.NanosPerUnit;

    /// <summary>100,000 units.</summary>
    public const long MaxFeeNanos = 100_000 * Money.NanosPerUnit;

    /// <summary>One day.</summary>
    public const int MaxIntervalSeconds = 86_400;

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
        long seconds = Math.Min(billableSeconds, MaxBillableSeconds);
        long billed = tariff.FirstSeconds;
        if (seconds > billed)
        {
            long further = seconds - billed, next = tariff.NextSeconds;
            billed += next == 1 ? further : (further + next - 1) / next * next;
        }
        Int128 sixtieths = (Int128)tariff.RatePerMinuteNanos * billed;
        // The common amounts fit 64 bits, where division is ten times cheaper.
        long rated = sixtieths <= long.MaxValue - 30 ? ((long)sixtieths + 30) / 60 : checked((long)((sixtieths + 30) / 60));
        return new Charge((int)billed, checked(tariff.ConnectFeeNanos + rated));
    }

    /// <summary>The most billable seconds whose price is at most <paramref name="nanos"/>: <see cref="int.MaxValue"/> when any call is covered.</summary>
    public static int CoveredSeconds(in Tariff tariff, long nanos)
    {
        if (nanos < tariff.ConnectFeeNanos) return 0;
        if (tariff.RatePerMinuteNanos == 0) return int.MaxValue;
        // (rate × s + 30) / 60, rounded down, is at most m while rate × s is at most 60 m + 29.
        Int128 billed = ((((Int128)nanos - tariff.ConnectFeeNanos) * 60) + 29) / tariff.RatePerMinuteNanos;
        if (billed < tariff.FirstSeconds) return 0;
        Int128 seconds = tariff.FirstSeconds + ((billed - tariff.FirstSeconds) / tariff.NextSeconds * tariff.NextSeconds);
        return seconds >= MaxBillableSeconds ? int.MaxValue : (int)seconds;
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
        _ => null,
    };
}
