using Tandem.Primitives;
using Tandem.Primitives.Bytes;

namespace Tandem.Switching.Billing;

/// <summary>
/// What of the settings makes a price beside the tariff; it stands in the CDR, so that a charge can be proved from its own record
/// (docs/billing.md). A fee is rounded to whole <paramref name="FeeUnitNanos"/>: a rest below <paramref name="FeePrecisionNanos"/> is dropped, any other
/// counts as a full unit, as talk time is rounded to seconds.
/// </summary>
/// <param name="HoldTimePrecision">SERVER_BILLING_HOLD_TIME_PRECISION, ms.</param>
/// <param name="FreeSeconds">SERVER_BILLING_FREE_TIME.</param>
/// <param name="FeeUnitNanos">SERVER_BILLING_FEE_UNIT; 0 = fees are not rounded.</param>
/// <param name="FeePrecisionNanos">SERVER_BILLING_FEE_PRECISION; 0 = any rest counts, from the unit on always dropped.</param>
public readonly record struct BillingRules(int HoldTimePrecision, int FreeSeconds, long FeeUnitNanos = 0, long FeePrecisionNanos = 0)
{
    /// <summary>The defaults of the settings.</summary>
    public static readonly BillingRules Plain = new(1000, 0);

    /// <summary>Talk time as the seconds that are priced.</summary>
    public int Billable(TimeSpan hold) => Pricing.BillableSeconds(hold, HoldTimePrecision, FreeSeconds);

    /// <summary>The price of so many billable seconds, rounded.</summary>
    public Charge Price(in Tariff tariff, int seconds)
    {
        Charge charge = Pricing.Price(tariff, seconds);
        return FeeUnitNanos == 0 ? charge : charge with { Nanos = Round(charge.Nanos) };
    }

    /// <summary>The most billable seconds whose rounded price is within the money; <see cref="int.MaxValue"/> when any call is covered.</summary>
    public int Covered(in Tariff tariff, long nanos) => Pricing.CoveredSeconds(tariff, FeeUnitNanos == 0 ? nanos : MostBefore(nanos));

    /// <summary>A fee in whole units.</summary>
    public long Round(long nanos)
    {
        if (FeeUnitNanos == 0 || nanos <= 0) return nanos;
        long rest = nanos % FeeUnitNanos;
        bool up = rest > 0 && rest >= FeePrecisionNanos && nanos - rest <= long.MaxValue - FeeUnitNanos;
        return nanos - rest + (up ? FeeUnitNanos : 0);
    }

    // The largest amount that rounds to no more than this.
    private long MostBefore(long nanos)
    {
        if (nanos < 0) return nanos;
        long kept = Math.Clamp(FeePrecisionNanos - 1, 0, FeeUnitNanos - 1);
        return (long)Int128.Min((Int128)(nanos - (nanos % FeeUnitNanos)) + kept, long.MaxValue);
    }

    internal const int Length = 4 + 4 + 8 + 8;

    internal void Write(ref ByteWriter to)
    {
        to.PutInt32(HoldTimePrecision);
        to.PutInt32(FreeSeconds);
        to.PutInt64(FeeUnitNanos);
        to.PutInt64(FeePrecisionNanos);
    }

    internal static BillingRules Read(ref ByteReader from) => new(from.GetInt32(), from.GetInt32(), from.GetInt64(), from.GetInt64());
}
