using System.Numerics;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Switching.Billing;

/// <summary>The price counted out second by second, sharing no line with the product: slow and obviously right.</summary>
internal static class SlowRater
{
    public static (int BilledSeconds, BigInteger Nanos) Price(in Tariff tariff, int talkedSeconds)
    {
        if (talkedSeconds == 0) return (0, 0);
        int paidUpTo = tariff.FirstSeconds;
        for (int second = 1; second <= talkedSeconds; second++)
        {
            if (second > paidUpTo) paidUpTo += tariff.NextSeconds;
        }
        BigInteger sixtiethsOfNanos = 0;
        for (int second = 1; second <= paidUpTo; second++) sixtiethsOfNanos += tariff.RatePerMinuteNanos;
        BigInteger nanos = BigInteger.DivRem(sixtiethsOfNanos, 60, out BigInteger rest);
        if (rest >= 30) nanos += 1;
        return (paidUpTo, nanos + tariff.ConnectFeeNanos);
    }
}
