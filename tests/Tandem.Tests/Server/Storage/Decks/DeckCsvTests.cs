using Tandem.Primitives;
using Tandem.Server.Demo;
using Tandem.Server.Storage.Decks;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Server.Storage.Decks;

public class DeckCsvTests
{
    private const string Header = "prefix,destination,rate_per_min,connect_fee,first_interval,next_interval\r\n";

    [Fact]
    public void A_deck_is_read_with_its_quotes_and_line_ends()
    {
        Deck deck = Good(Header + "1201,\"USA, New \"\"Jersey\"\"\",0.01000,0.00000,6,6\r\n44,Côte d'Ivoire,13.65,0.5,30,1\r\n\r\n");
        Assert.Equal(
            [
                new Rate(DialString.Parse("1201"), "USA, New \"Jersey\"", new Tariff(10_000_000, 0, 6, 6, Currency.Usd), false),
                new Rate(DialString.Parse("44"), "Côte d'Ivoire", new Tariff(13_650_000_000, 500_000_000, 30, 1, Currency.Usd), false),
            ],
            deck.Rates);
    }

    [Theory]
    [InlineData("rate,prefix\n0.5,44\n")]
    [InlineData("Prefix;Rate\n44;0.5\n")]
    [InlineData("\ufeffPREFIX,Comment,Rate per min\n44,,0.5\n")]
    [InlineData("Dial Code, Price , Locked\n 44 , 0.5 , no\n")]
    [InlineData("prefix\trate\n44\t0.5")]
    public void Columns_come_in_any_order_and_optional_ones_have_defaults(string csv) =>
        Assert.Equal(new Rate(DialString.Parse("44"), "", new Tariff(500_000_000, 0, 1, 1, Currency.Usd), false), Assert.Single(Good(csv).Rates));

    [Fact]
    public void Every_column_there_is_is_read_and_what_is_written_reads_back()
    {
        const string csv = """
            prefix,destination,rate_per_min,fee,cycle,first_interval,first_fee,sections,minimum,minimum_seconds,grace_seconds,tax_percent,type,area_code,ivr_fee,ivr_cycle,locked,from,until,periods
            44,UK,,0.003,6,60,0.1,"300: 0.02/60; 600: fee 0.001/6",0.05,10,3,19,international,44,0.12,60,0,2026-01-01,2027-01-01T06:00:00+01:00,mon-fri 18:00-24:00 = 0.005/1/1; sat+sun 00:00-24:00 = fee 0.001/7
            44,UK,0.02,,,,,,,,,,,,,,0,2027-01-01T05:00:00Z,,

            """;
        Deck deck = Good(csv);
        Rate rate = deck.Rates[0];
        Assert.Equal(new DateTime(2027, 1, 1, 5, 0, 0, DateTimeKind.Utc), rate.Until.ToUtc());
        Assert.Equal((30_000_000, 60, 6, 2), (rate.Tariff.RatePerMinuteNanos, rate.Tariff.FirstSeconds, rate.Tariff.NextSeconds, rate.Details!.Periods.Length));
        Assert.Equal([new TariffStage(300, 60, 20_000_000), new TariffStage(600, 6, 10_000_000, 1_000_000)], rate.Tariff.Terms!.Stages);
        Assert.Equal((100_000_000L, 3_000_000L, 50_000_000L, 10, 3, 190_000), (rate.Tariff.Terms.FirstFeeNanos, rate.Tariff.Terms.CycleFeeNanos, rate.Tariff.Terms.MinimumNanos, rate.Tariff.Terms.MinimumSeconds, rate.Tariff.Terms.GraceSeconds, rate.Tariff.Terms.TaxMillionths));
        Assert.Equal((190_000, 50_000_000L, 0), (rate.Details.Periods[0].Tariff.Terms!.TaxMillionths, rate.Details.Periods[1].Tariff.Terms!.MinimumNanos, rate.Details.Periods[1].Tariff.Terms!.Stages.Length));
        StringWriter to = new();
        DeckCsv.Write(to, deck);
        Assert.Equal(deck.Version, Good(to.ToString()).Version);
    }

    [Fact]
    public void What_a_column_of_terms_cannot_say_is_told_with_its_line()
    {
        DeckCsvResult read = Read("prefix,rate,sections,type,tax_percent,from,periods,cycle\n44,0.1,300,far,91,soon,monday = 1,6\n45,0.1,61: 0.1/6,,,,,\n");
        Assert.Equal(
            [
                "line 2: cycle: it belongs to a fee, and there is none", "line 2: taxPercent: '91' is no tax: 0 to 90 with at most four decimals",
                "line 2: sections: '300' is no section: '300: 0.02/60' is 0.02 a minute in cycles of 60 s after 300 s, '300: fee 0.002/6' is 0.002 for each 6 s",
                "line 2: type: 'far' is none of net (1), local (2), national (4) and international (5)", "line 2: from: 'soon' is no date: 2026-12-01 or 2026-12-01T06:00:00Z",
                "line 2: periods: 'monday ' is no period: days and times are needed, as in 'mon-fri 08:00-18:00'",
            ],
            read.Errors.Select(static e => e.ToString()));
    }

    [Fact]
    public void Every_error_carries_its_line_and_nothing_is_made()
    {
        DeckCsvResult read = Read(
            Header
            + "44,UK,0.01,0,6,6\r\n" // 2
            + "4x,UK,0.01,0,6,6\r\n" // 3
            + "44,UK again,0.02,0,6,6\r\n" // 4
            + "\r\n" // 5
            + "45,DK,-0.01,0,6,6\r\n" // 6
            + "46,SE,0.01e3,0,6,6\r\n" // 7
            + "47,NO,0.01,0,0,6\r\n" // 8
            + "48,PL,0.01,0,6,86401\r\n" // 9
            + "12345678901234567,long,0.01,0,6,6\r\n" // 10
            + ",none,,x,6,6\r\n" // 11
            + "49,a\"b,0.01,0,6,6\r\n" // 12
            + "50,\"open,0.01,0,6,6\r\n" // 13
            + $"51,{new string('a', 129)},0.01,0,6,6\r\n" // 14
            + "52,\u0001,100001,0,6,6\r\n"); // 15
        Assert.Null(read.Deck);
        Assert.Equal(
            [
                "line 3: prefix '4x' is not 1 to 16 of 0-9 * #",
                "line 4: prefix '44' was given on line 2 already",
                "line 6: the rate '-0.01' is negative",
                "line 7: the rate '0.01e3' is no amount: digits with a point and at most nine decimals",
                "line 8: the first interval '0' is not 1 to 86400 seconds",
                "line 9: the next interval '86401' is not 1 to 86400 seconds",
                "line 10: prefix '12345678901234567' is not 1 to 16 of 0-9 * #",
                "line 11: prefix '' is not 1 to 16 of 0-9 * #",
                "line 11: the rate is missing",
                "line 11: the connect fee 'x' is no amount: digits with a point and at most nine decimals",
                "line 12: the quotes do not match",
                "line 13: the quotes do not match",
                "line 14: the destination is longer than 128 characters",
                "line 15: the destination has a control character",
                "line 15: the rate '100001' is above 100000",
            ],
            read.Errors.Select(static e => e.ToString()));
        Assert.Equal(15, read.ErrorCount);
    }

    [Theory]
    [InlineData("", "line 1: the file is empty")]
    [InlineData("prefix,rate\n", "line 1: there is no rate behind the header")]
    [InlineData("prefix,destination\n44,UK\n", "line 1: the header has no column 'rate_per_min'")]
    [InlineData("44,0.5\n45,0.6\n", "line 1: the header has no column 'prefix'")]
    [InlineData("prefix,rate,price\n44,1,2\n", "line 1: column 'price' says the same as column 'rate'")]
    public void A_file_that_is_no_deck_is_refused(string csv, string says) => Assert.Equal(says, Read(csv).Errors[0].ToString());

    [Fact]
    public void The_errors_listed_are_bounded_and_all_counted()
    {
        DeckCsvResult read = Read(Header + string.Concat(Enumerable.Repeat("x,,,,,\r\n", 500)));
        Assert.Equal((DeckCsv.MaxErrors, 1000), (read.Errors.Count, read.ErrorCount));
    }

    [Fact]
    public void An_endless_line_ends_the_reading() =>
        Assert.Contains("longer than 65536 bytes", Read(Header + "44," + new string('a', 10_000_000)).Errors[0].Says, StringComparison.Ordinal);

    [Fact]
    public void A_deck_written_is_the_deck_read()
    {
        Deck deck = DemoDeck.Customer(2);
        StringWriter csv = new();
        DeckCsv.Write(csv, deck);
        DeckCsvResult read = Read(csv.ToString());
        Assert.Empty(read.Errors);
        Assert.Equal(deck.Version, read.Deck!.Version);
    }

    [Fact]
    public void Reading_tells_its_progress_and_can_be_stopped()
    {
        string csv = Header + string.Concat(Enumerable.Range(100_000, 25_000).Select(static n => $"{n},,0.1,,,\n"));
        List<int> progress = [];
        using StringReader text = new(csv);
        DeckCsv.Read(text, "d", Currency.Usd, progress.Add, stop: TestContext.Current.CancellationToken);
        Assert.Equal([10_000, 20_000], progress);
        using CancellationTokenSource stop = new();
        using StringReader again = new(csv);
        Assert.Throws<OperationCanceledException>(() => DeckCsv.Read(again, "d", Currency.Usd, _ => stop.Cancel(), stop: stop.Token));
    }

    private static DeckCsvResult Read(string csv)
    {
        using StringReader text = new(csv);
        return DeckCsv.Read(text, "test", Currency.Usd, stop: TestContext.Current.CancellationToken);
    }

    private static Deck Good(string csv)
    {
        DeckCsvResult read = Read(csv);
        Assert.Empty(read.Errors);
        return read.Deck!;
    }
}
