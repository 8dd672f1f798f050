using System.IO.Compression;
using System.Numerics;
using CsCheck;
using Tandem.Primitives;
using Tandem.Server.Demo;
using Tandem.Server.Storage.Decks;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Switching.Billing;

public class PricingTests
{
    private static readonly Gen<Tariff> Tariffs = Gen.Select(
        Gen.OneOf(Gen.Long[0, 1_000], Gen.Long[0, 5 * Money.NanosPerUnit], Gen.Long[0, Pricing.MaxRateNanos]),
        Gen.OneOf(Gen.Const(0L), Gen.Long[0, Pricing.MaxFeeNanos]),
        Gen.OneOf(Gen.Int[1, 90], Gen.Int[1, 4000]),
        Gen.OneOf(Gen.Const(1), Gen.Int[1, 90], Gen.Int[1, 4000]),
        static (rate, fee, first, next) => new Tariff(rate, fee, first, next, Currency.Usd));

    [Theory]
    // rate a minute, fee, first, next, seconds -> billed, nanos
    [InlineData("0.01", "0", 6, 6, 0, 0, 0)]
    [InlineData("0.01", "0.5", 6, 6, 0, 0, 0)] // no talk, no connect fee
    [InlineData("0.01", "0", 6, 6, 1, 6, 1_000_000)]
    [InlineData("0.01", "0", 6, 6, 6, 6, 1_000_000)]
    [InlineData("0.01", "0", 6, 6, 7, 12, 2_000_000)]
    [InlineData("0.01", "0", 30, 6, 31, 36, 6_000_000)]
    [InlineData("0.01", "0", 60, 60, 61, 120, 20_000_000)]
    [InlineData("0.0125", "0.02", 1, 1, 37, 37, 27_708_333)] // 7,708,333.33 down
    [InlineData("0.000000001", "0", 1, 1, 29, 29, 0)] // 0.483 nano
    [InlineData("0.000000001", "0", 1, 1, 30, 30, 1)] // half a nano goes up
    [InlineData("0.000000001", "0", 1, 1, 89, 89, 1)]
    [InlineData("0.000000001", "0", 1, 1, 90, 90, 2)]
    [InlineData("0", "0.25", 1, 1, 3600, 3600, 250_000_000)]
    public void Talk_time_is_priced_as_the_manual_says(string rate, string fee, int first, int next, int seconds, int billed, long nanos)
    {
        Assert.True(Money.TryParseNanos(rate, out long rateNanos));
        Assert.True(Money.TryParseNanos(fee, out long feeNanos));
        Assert.Equal(new Charge(billed, nanos), Pricing.Price(new Tariff(rateNanos, feeNanos, first, next, Currency.Usd), seconds));
    }

    [Fact]
    public void Every_generated_tariff_is_priced_as_the_slow_rater_prices_it() =>
        Gen.Select(Tariffs, Gen.OneOf(Gen.Int[0, 200], Gen.Int[0, 9_000])).Sample(static (tariff, seconds) =>
        {
            (int billed, BigInteger nanos) = SlowRater.Price(tariff, seconds);
            Charge charge = Pricing.Price(tariff, seconds);
            return charge.BilledSeconds == billed && charge.Nanos == nanos;
        }, iter: 2_000);

    [Fact]
    public void Every_rate_of_the_real_deck_is_priced_as_the_slow_rater_prices_it()
    {
        using StreamReader csv = new(new GZipStream(File.OpenRead(SharedData.Path("az-rates-36k.csv.gz")), CompressionMode.Decompress));
        DeckCsvResult read = DeckCsv.Read(csv, "real", Currency.Usd, stop: TestContext.Current.CancellationToken);
        Assert.Empty(read.Errors);
        Assert.Equal(36_204, read.Deck!.Rates.Count);
        HoldAgainstSlowRater(read.Deck);
    }

    [Fact]
    public void Every_rate_of_the_generated_decks_is_priced_as_the_slow_rater_prices_it()
    {
        HoldAgainstSlowRater(DemoDeck.Carrier(3));
        HoldAgainstSlowRater(DemoDeck.Customer(2));
    }

    [Fact]
    public void The_covered_seconds_are_the_most_whose_price_is_within_the_money() =>
        Gen.Select(Tariffs, Gen.Long[0, 50 * Money.NanosPerUnit], Gen.Int[0, 100_000]).Sample(static (tariff, money, talk) =>
        {
            // Amounts just at, below and above a price are where an inverse goes wrong.
            long price = Pricing.Price(tariff, talk).Nanos;
            foreach (long nanos in (long[])[money, price, price - 1, price + 1])
            {
                int covered = Pricing.CoveredSeconds(tariff, nanos);
                if (covered == int.MaxValue)
                {
                    if (Pricing.Price(tariff, int.MaxValue).Nanos > nanos) return false;
                }
                else if (Pricing.Price(tariff, covered).Nanos > Math.Max(0, nanos) || Pricing.Price(tariff, covered + 1).Nanos <= nanos)
                {
                    return false;
                }
            }
            return true;
        }, iter: 5_000);

    [Fact]
    public void The_covered_seconds_are_those_a_count_from_zero_finds() =>
        Gen.Select(Gen.Long[1, 2_000], Gen.Long[0, 50], Gen.Int[1, 70], Gen.Int[1, 70], Gen.Long[0, 3_000]).Sample(static (rate, fee, first, next, money) =>
        {
            Tariff tariff = new(rate, fee, first, next, Currency.Usd);
            int most = 0;
            while (most < 200_000 && SlowPriceOf(tariff, most + 1) <= money) most++;
            return most == 200_000 || Pricing.CoveredSeconds(tariff, money) == most;
        }, iter: 300);

    [Fact]
    public void A_free_destination_covers_any_call_and_a_fee_alone_covers_any_once_paid()
    {
        Assert.Equal(int.MaxValue, Pricing.CoveredSeconds(new Tariff(0, 0, 1, 1, Currency.Usd), 0));
        Assert.Equal(0, Pricing.CoveredSeconds(new Tariff(0, 5, 1, 1, Currency.Usd), 4));
        Assert.Equal(int.MaxValue, Pricing.CoveredSeconds(new Tariff(0, 5, 1, 1, Currency.Usd), 5));
    }

    [Theory]
    [InlineData(0, 1000, 0, 0)]
    [InlineData(999, 1000, 0, 0)]
    [InlineData(21_000, 0, 0, 21)] // no rest counts for nothing even at 0
    [InlineData(21_001, 0, 0, 22)]
    [InlineData(21_049, 50, 0, 21)]
    [InlineData(21_050, 50, 0, 22)]
    [InlineData(21_999, 1000, 0, 21)]
    [InlineData(21_999, 500, 0, 22)]
    [InlineData(21_050, 50, 5, 17)]
    [InlineData(4_000, 50, 5, 0)]
    [InlineData(-5_000, 50, 0, 0)]
    public void Talk_time_becomes_seconds_by_the_precision_less_the_free_time(int millis, int precision, int free, int seconds) =>
        Assert.Equal(seconds, Pricing.BillableSeconds(TimeSpan.FromMilliseconds(millis), precision, free));

    [Fact]
    public void The_dearest_tariff_there_can_be_prices_the_longest_call_without_overflow()
    {
        Tariff dearest = new(Pricing.MaxRateNanos, Pricing.MaxFeeNanos, Pricing.MaxIntervalSeconds, Pricing.MaxIntervalSeconds, Currency.Usd);
        Assert.Null(Pricing.Fault(dearest));
        Charge charge = Pricing.Price(dearest, int.MaxValue);
        Assert.Equal(Pricing.MaxBillableSeconds, charge.BilledSeconds);
        Assert.Equal(((Int128)Pricing.MaxRateNanos * Pricing.MaxBillableSeconds / 60) + Pricing.MaxFeeNanos, charge.Nanos);
    }

    [Fact]
    public void A_tariff_beyond_the_bounds_is_an_exception_and_never_a_wrong_price() =>
        Assert.Throws<OverflowException>(() => Pricing.Price(new Tariff(long.MaxValue, 0, 1, 1, Currency.Usd), 3600));

    [Fact]
    public void Pricing_allocates_nothing()
    {
        Tariff tariff = new(12_500_000, 20_000_000, 30, 6, Currency.Usd);
        long sum = Pricing.Price(tariff, 1).Nanos + Pricing.CoveredSeconds(tariff, 1);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 10_000; i++) sum += Pricing.Price(tariff, i).Nanos + Pricing.CoveredSeconds(tariff, sum);
        }));
        Assert.NotEqual(0, sum);
    }

    private static BigInteger SlowPriceOf(in Tariff tariff, int seconds)
    {
        int billed = tariff.FirstSeconds;
        while (billed < seconds) billed += tariff.NextSeconds;
        return ((BigInteger.Multiply(tariff.RatePerMinuteNanos, billed) + 30) / 60) + tariff.ConnectFeeNanos;
    }

    private static void HoldAgainstSlowRater(Deck deck)
    {
        RateTable table = new(deck);
        foreach (Rate rate in deck.Rates)
        {
            Assert.True(table.TryFind(rate.Prefix, out Rate found));
            Assert.Equal(rate, found);
            foreach (int seconds in (int[])[0, 1, 6, 7, 59, 61])
            {
                (int billed, BigInteger nanos) = SlowRater.Price(rate.Tariff, seconds);
                Charge charge = Pricing.Price(found.Tariff, seconds);
                Assert.True(charge.BilledSeconds == billed && charge.Nanos == nanos, $"{rate.Prefix} for {seconds} s: {charge}, slowly {billed} s and {nanos}");
            }
        }
    }
}
