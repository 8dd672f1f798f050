using System.Numerics;
using Tandem.Switching.Billing;

namespace Tandem.Simulation.Books;

/// <summary>What a call costs, worked out the slow way: interval by interval, in whole numbers without bound. Shares no code with the switch.</summary>
internal static class SlowPricing
{
    public static BigInteger Price(in Tariff tariff, TimeSpan talk, int precisionMillis, int freeSeconds, long mostSeconds = long.MaxValue)
    {
        long micros = talk.Ticks / 10;
        long seconds = 0;
        while (micros >= 1_000_000)
        {
            micros -= 1_000_000;
            seconds++;
        }
        if (micros > 0 && micros >= precisionMillis * 1000L) seconds++;
        seconds -= freeSeconds;
        if (seconds > mostSeconds) seconds = mostSeconds;
        if (seconds <= 0) return BigInteger.Zero;
        TariffTerms terms = tariff.Terms ?? TariffTerms.None;
        if (seconds < terms.GraceSeconds) return BigInteger.Zero;
        if (seconds < terms.MinimumSeconds) seconds = terms.MinimumSeconds;
        BigInteger sixtieths = new BigInteger(tariff.ConnectFeeNanos) * 60;
        sixtieths += terms.FirstFeeNanos is { } fee ? new BigInteger(fee) * 60
            : terms.CycleFeeNanos is { } each ? new BigInteger(each) * 60 * tariff.FirstSeconds / tariff.NextSeconds
            : new BigInteger(tariff.RatePerMinuteNanos) * tariff.FirstSeconds;
        for (long paid = tariff.FirstSeconds; paid < seconds;)
        {
            TariffStage by = terms.Stages.LastOrDefault(s => s.AfterSeconds <= paid, new TariffStage(0, tariff.NextSeconds, tariff.RatePerMinuteNanos, terms.CycleFeeNanos));
            sixtieths += by.CycleFeeNanos is { } exact ? new BigInteger(exact) * 60 : new BigInteger(by.RatePerMinuteNanos) * by.CycleSeconds;
            paid += by.CycleSeconds;
        }
        if (sixtieths < new BigInteger(terms.MinimumNanos) * 60) sixtieths = new BigInteger(terms.MinimumNanos) * 60;
        BigInteger over = sixtieths * (1_000_000 + terms.TaxMillionths), under = 60_000_000;
        if (terms.Exchange is { } exchange) (over, under) = (over * exchange.RateNanos, under * 1_000_000_000);
        BigInteger whole = BigInteger.DivRem(over, under, out BigInteger rest);
        return rest * 2 >= under ? whole + 1 : whole;
    }
}
