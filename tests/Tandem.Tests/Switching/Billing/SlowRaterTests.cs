using System.Globalization;
using System.Numerics;
using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Tests.Switching.Billing;

/// <summary>
/// The pricing function against the slow rater: 200,000 calls in every run, TANDEM_MONEY_CALLS of them where that is set (<c>./dev fuzz money</c>: 10^7).
/// </summary>
public class SlowRaterTests
{
    private static readonly CultureInfo[] Cultures = [CultureInfo.InvariantCulture, Culture(",", ".", "\u2212"), Culture("\u066b", "\u066c", "\u200e-"), Culture("'", " ", "(")];
    private static readonly string[] Zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "UTC"];
    private static readonly int Calls = int.TryParse(Environment.GetEnvironmentVariable("TANDEM_MONEY_CALLS"), out int calls) ? calls : 200_000;

    [Fact]
    public void Random_calls_by_random_tariffs_cost_what_the_slow_rater_says_in_every_culture()
    {
        const int CallsATariff = 20;
        Parallel.For(0, Calls / CallsATariff, new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken, MaxDegreeOfParallelism = 2 }, i =>
        {
            CultureInfo.CurrentCulture = Cultures[i % Cultures.Length];
            RandomTariffs random = new((ulong)i);
            Tariff tariff = random.Next();
            if (Pricing.Fault(tariff) is { } fault) Assert.Fail($"seed {i}: {tariff}: {fault}");
            for (int k = 0; k < CallsATariff; k++)
            {
                int seconds = random.Seconds(tariff);
                (int billed, BigInteger nanos) = SlowRater.Price(tariff, seconds);
                Charge charge = Pricing.Price(tariff, seconds);
                if (k == 0)
                {
                    // As a deck keeps it, in whatever culture it is written and read.
                    Tariff kept = tariff.Terms?.Exchange is null ? tariff : tariff with { Currency = Currency.Usd, Terms = (tariff.Terms with { Exchange = null }).OrNull() };
                    if (!Deck.TryCreate("d", Currency.Usd, [new Rate(DialString.Parse("1"), "", kept, false)], out Deck? deck, out string? error) || !Deck.TryParse("d", deck.Canonical.Span, out Deck? read, out error)) Assert.Fail($"seed {i}: {error}");
                    else if (read.Rates[0].Tariff != kept) Assert.Fail($"seed {i}: {kept} was read back as {read.Rates[0].Tariff}");
                }
                if (charge.BilledSeconds != billed || charge.Nanos != nanos) Assert.Fail($"seed {i}: {tariff} for {seconds} s: {charge}, slowly {billed} s and {nanos}");
                // What was billed, priced again, is the same: proofs of old records rest on it.
                if (Pricing.Price(tariff, billed).Nanos != nanos) Assert.Fail($"seed {i}: {tariff} for {seconds} s: its {billed} s cost {Pricing.Price(tariff, billed).Nanos}, it cost {nanos}");
            }
        });
    }

    [Fact]
    public void The_covered_seconds_of_random_tariffs_are_the_most_within_the_money()
    {
        for (int i = 0; i < 3_000; i++)
        {
            RandomTariffs random = new((ulong)i + 77_000_000);
            Tariff tariff = random.Next();
            long price = Pricing.Price(tariff, random.Seconds(tariff)).Nanos;
            foreach (long money in (long[])[0, price - 1, price, price + 1])
            {
                int covered = Pricing.CoveredSeconds(tariff, money);
                if (covered == int.MaxValue) Assert.True(Pricing.Price(tariff, int.MaxValue).Nanos <= money, $"seed {i}: {tariff} with {money}");
                else Assert.True((covered == 0 || Pricing.Price(tariff, covered).Nanos <= money) && Pricing.Price(tariff, covered + 1).Nanos > money, $"seed {i}: {tariff} with {money} covers {covered} s");
            }
        }
    }

    [Fact]
    public void The_price_of_the_time_of_the_week_is_that_of_the_clock_on_the_wall_through_every_change_of_it()
    {
        string[] periods = ["mon-fri 08:00-18:00", "mon-fri 18:00-24:00", "sat 00:00-24:00", "sun 01:30-02:45", "holiday 10:00-11:00"];
        Assert.True(periods.Take(4).All(p => WeekPeriod.TryParse(p, out _, out _)));
        int differ = 0;
        for (int i = 0; i < Calls / 10; i++)
        {
            SeededEntropy entropy = new((ulong)i + 5_000_000);
            CultureInfo.CurrentCulture = Cultures[i % Cultures.Length];
            string zone = Zones[entropy.Below(Zones.Length)];
            // Half of them within hours of a Sunday's small hours in the months when clocks change.
            DateTime utc = entropy.Below(2) == 0
                ? new DateTime(2024 + entropy.Below(4), 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(entropy.Below(365 * 86_400))
                : FirstSunday(2024 + entropy.Below(4), new[] { 3, 4, 10, 11, 9 }[entropy.Below(5)]).AddDays(7 * entropy.Below(5)).AddSeconds(entropy.Below(2 * 86_400) - 86_400);
            Tariff usual = new(60_000_000, 0, 1, 1, Currency.Usd);
            RatePeriod[] priced = [.. periods.Take(4).Select((p, k) => new RatePeriod(Parse(p), usual with { RatePerMinuteNanos = 1_000 * (k + 1) }))];
            Rate rate = new(DialString.Parse("1"), "", usual, Locked: false, new RateDetails { Periods = [.. priced] });
            long expected = 60_000_000;
            for (int k = 0; k < 4; k++)
            {
                if (SlowCovers(periods[k], utc, zone)) expected = 1_000 * (k + 1);
            }
            long found = rate.TariffAt(WorkCalendar.Utc.In(zone).At(Instant.FromUtc(utc)), out string period).RatePerMinuteNanos;
            if (found != expected) Assert.Fail($"seed {i}: {utc:O} in {zone}: {found} ({period}), slowly {expected}");
            if (found != rate.TariffAt(WorkCalendar.Utc.At(Instant.FromUtc(utc)), out _).RatePerMinuteNanos) differ++;
        }
        Assert.True(differ > Calls / 100, "the zones made no difference: the test is blind");
    }

    // The switch knows none but the invariant culture; these write numbers as others do.
    private static CultureInfo Culture(string point, string group, string minus)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator, culture.NumberFormat.NegativeSign) = (point, group, minus);
        culture.DateTimeFormat.FirstDayOfWeek = DayOfWeek.Saturday;
        return culture;
    }

    private static WeekPeriod Parse(string text) => WeekPeriod.TryParse(text, out WeekPeriod? period, out string error) ? period : throw new FormatException(error);

    private static DateTime FirstSunday(int year, int month)
    {
        DateTime day = new(year, month, 1, 0, 0, 0, DateTimeKind.Utc);
        while (day.DayOfWeek != DayOfWeek.Sunday) day = day.AddDays(1);
        return day;
    }

    // By the zone's offset, the day of the week counted from a known Monday, and the text taken apart by hand.
    private static bool SlowCovers(string period, DateTime utc, string zone)
    {
        TimeSpan offset = TimeZoneInfo.FindSystemTimeZoneById(zone).GetUtcOffset(new DateTimeOffset(utc, TimeSpan.Zero));
        double local = (utc - new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc) + offset).TotalSeconds; // 1 January 2024 was a Monday
        int day = (int)(Math.Floor(local / 86_400) % 7);
        if (day < 0) day += 7;
        double second = local - (Math.Floor(local / 86_400) * 86_400);
        string[] names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        string[] days = period.Split(' ')[0].Split('-'), times = period.Split(' ')[1].Split('-');
        bool on = day >= Array.IndexOf(names, days[0]) && day <= Array.IndexOf(names, days[^1]);
        return on && second >= Seconds(times[0]) && second < Seconds(times[1]);

        static int Seconds(string time) => ((((time[0] - '0') * 10) + time[1] - '0') * 3600) + ((((time[3] - '0') * 10) + time[4] - '0') * 60);
    }
}
