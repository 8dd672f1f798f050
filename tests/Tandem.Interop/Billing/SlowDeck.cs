using System.Globalization;
using System.Numerics;

namespace Tandem.Interop.Billing;

/// <summary>One line of a deck as its CSV has it, amounts as decimals of the currency.</summary>
internal sealed record SlowRate(string Prefix, decimal PerMinute, decimal ConnectFee, int First, int Next);

/// <summary>
/// What a call costs, worked out a second time: by reading the CSV line by line, looking at every rate for every number, and
/// counting money in whole nano-units as big integers. Shares no code with the switch, and is meant to be obviously right.
/// </summary>
internal sealed class SlowDeck
{
    private static readonly BigInteger NanosPerUnit = 1_000_000_000;

    /// <summary>Columns prefix, destination, rate_per_min, connect_fee, first_interval, next_interval; the destination may hold commas.</summary>
    public SlowDeck(string csv)
    {
        foreach (string line in csv.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            string[] fields = line.Split(',');
            Rates.Add(new SlowRate(
                fields[0],
                decimal.Parse(fields[^4], CultureInfo.InvariantCulture),
                decimal.Parse(fields[^3], CultureInfo.InvariantCulture),
                int.Parse(fields[^2], CultureInfo.InvariantCulture),
                int.Parse(fields[^1], CultureInfo.InvariantCulture)));
        }
    }

    public List<SlowRate> Rates { get; } = [];

    /// <summary>The rate with the longest prefix the number begins with.</summary>
    public SlowRate? RateOf(string number)
    {
        SlowRate? best = null;
        foreach (SlowRate rate in Rates)
        {
            if (number.StartsWith(rate.Prefix, StringComparison.Ordinal) && (best is null || rate.Prefix.Length > best.Prefix.Length)) best = rate;
        }
        return best;
    }

    /// <summary>The seconds charged: the first interval, then one more interval at a time until the talk is covered.</summary>
    public static int BilledSeconds(SlowRate rate, long talkMicros)
    {
        long seconds = talkMicros / 1_000_000; // SERVER_BILLING_HOLD_TIME_PRECISION 1000: what is left over is dropped
        if (seconds == 0) return 0;
        int billed = rate.First;
        while (billed < seconds) billed += rate.Next;
        return billed;
    }

    /// <summary>The charge in nano-units: fee plus rate × seconds ÷ 60, half a nano-unit upwards.</summary>
    public static BigInteger ChargeNanos(SlowRate rate, long talkMicros)
    {
        int billed = BilledSeconds(rate, talkMicros);
        if (billed == 0) return 0;
        BigInteger sixtieths = Nanos(rate.PerMinute) * billed;
        BigInteger whole = BigInteger.DivRem(sixtieths, 60, out BigInteger rest);
        if (rest >= 30) whole += 1;
        return Nanos(rate.ConnectFee) + whole;
    }

    public static BigInteger Nanos(decimal amount)
    {
        decimal nanos = amount * (decimal)NanosPerUnit;
        if (nanos != decimal.Truncate(nanos)) throw new ArgumentException("more than nine decimals", nameof(amount));
        return new BigInteger(nanos);
    }
}
