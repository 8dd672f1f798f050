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
        long billed = tariff.FirstSeconds;
        while (billed < seconds) billed += tariff.NextSeconds;
        BigInteger sixtieths = new BigInteger(tariff.RatePerMinuteNanos) * billed;
        BigInteger whole = BigInteger.DivRem(sixtieths, 60, out BigInteger rest);
        if (rest * 2 >= 60) whole++;
        return whole + tariff.ConnectFeeNanos;
    }
}
