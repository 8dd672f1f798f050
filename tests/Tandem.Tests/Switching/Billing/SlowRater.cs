using System.Numerics;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Switching.Billing;

/// <summary>
/// The price as docs/decks.md tells it, in whole numbers without end, walking through the talk cycle by cycle and sharing no line with the product: slow and obviously right.
/// </summary>
internal static class SlowRater
{
    public static (int BilledSeconds, BigInteger Nanos) Price(in Tariff tariff, int talkedSeconds)
    {
        TariffTerms? terms = tariff.Terms;
        if (talkedSeconds == 0) return (0, 0); // nothing for nothing
        if (terms is not null && talkedSeconds < terms.GraceSeconds) return (0, 0); // too short to cost anything
        int counted = talkedSeconds > Pricing.MaxBillableSeconds ? Pricing.MaxBillableSeconds : talkedSeconds;
        if (terms is not null && counted < terms.MinimumSeconds) counted = terms.MinimumSeconds;

        // The first interval: a fee of its own, or so many cycles by their fee, or the rate. A sixtieth of a nano is the smallest part there is so far.
        BigInteger sixtieths = 60 * new BigInteger(tariff.ConnectFeeNanos);
        if (terms?.FirstFeeNanos is { } firstFee) sixtieths += 60 * new BigInteger(firstFee);
        else if (terms?.CycleFeeNanos is { } fee) sixtieths += 60 * new BigInteger(fee) * (tariff.FirstSeconds / tariff.NextSeconds);
        else sixtieths += new BigInteger(tariff.RatePerMinuteNanos) * tariff.FirstSeconds;
        int paidUpTo = tariff.FirstSeconds;

        // Then one cycle after the other, each by the section it begins in.
        while (paidUpTo < counted)
        {
            int cycle = tariff.NextSeconds;
            long rate = tariff.RatePerMinuteNanos;
            long? exact = terms?.CycleFeeNanos;
            if (terms is not null)
            {
                foreach (TariffStage stage in terms.Stages)
                {
                    if (stage.AfterSeconds <= paidUpTo) (cycle, rate, exact) = (stage.CycleSeconds, stage.RatePerMinuteNanos, stage.CycleFeeNanos);
                }
            }
            sixtieths += exact is { } each ? 60 * new BigInteger(each) : new BigInteger(rate) * cycle;
            paidUpTo += cycle;
        }
        Fraction price = new(sixtieths, 60);
        if (terms is null) return (paidUpTo, price.Rounded());
        if (price.IsBelow(terms.MinimumNanos)) price = new Fraction(terms.MinimumNanos, 1);
        price *= new Fraction(1_000_000 + terms.TaxMillionths, 1_000_000);
        if (terms.Exchange is { } exchange) price *= new Fraction(exchange.RateNanos, Money.NanosPerUnit);
        BigInteger nanos = price.Rounded();
        return (paidUpTo, terms.Exchange is not null && nanos > long.MaxValue ? long.MaxValue : nanos);
    }

    private readonly record struct Fraction(BigInteger Over, BigInteger Under)
    {
        public static Fraction operator *(Fraction a, Fraction b) => new(a.Over * b.Over, a.Under * b.Under);

        public bool IsBelow(BigInteger whole) => Over < whole * Under;

        /// <summary>To the nearest, half upwards.</summary>
        public BigInteger Rounded() => ((2 * Over) + Under) / (2 * Under);
    }
}
