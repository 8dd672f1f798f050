using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Tests.Switching.Billing;

/// <summary>The rarer terms, as docs/decks.md tells them, and how they are kept.</summary>
public class TermsTests
{
    private static readonly Tariff Plain = new(60_000_000, 0, 6, 6, Currency.Usd); // 0.06 a minute, 0.001 a second

    [Theory]
    // seconds -> billed, nanos
    [InlineData(0, 0, 0)]
    [InlineData(1, 60, 100_000_000)] // the first minute for 0.10
    [InlineData(60, 60, 100_000_000)]
    [InlineData(61, 66, 103_000_000)] // then 0.003 for each 6 s
    [InlineData(300, 300, 220_000_000)]
    [InlineData(301, 360, 240_000_000)] // after 300 s 0.02 a minute by whole minutes
    [InlineData(601, 660, 340_000_000)]
    public void A_first_period_a_cycle_and_a_section_are_each_charged_by_their_own_fee(int seconds, int billed, long nanos)
    {
        Tariff tariff = Tariff.PerCycle(3_000_000, 6, Currency.Usd, firstFeeNanos: 100_000_000, firstSeconds: 60);
        tariff = tariff with { Terms = tariff.Terms! with { Stages = [new TariffStage(300, 60, 20_000_000)] } };
        Assert.Null(Pricing.Fault(tariff));
        Assert.Equal(new Charge(billed, nanos), Pricing.Price(tariff, seconds));
    }

    [Fact]
    public void A_fee_a_cycle_that_is_no_whole_rate_a_minute_is_charged_exactly()
    {
        Tariff tariff = Tariff.PerCycle(1_000_000, 7, Currency.Usd);
        Assert.Equal(8_571_429, tariff.RatePerMinuteNanos); // for comparing only
        Assert.Equal(1_000_000L * 1_000, Pricing.Price(tariff, 7_000).Nanos);
    }

    [Fact]
    public void A_minimum_holds_for_calls_that_cost_and_grace_leaves_short_ones_free()
    {
        Tariff tariff = Plain with { Terms = new TariffTerms { MinimumNanos = 10_000_000, GraceSeconds = 4, MinimumSeconds = 5 } };
        Assert.Equal(default, Pricing.Price(tariff, 3));
        Assert.Equal(new Charge(6, 10_000_000), Pricing.Price(tariff, 4));
        Assert.Equal(new Charge(12, 12_000_000), Pricing.Price(tariff, 7));
        Assert.Equal(3, Pricing.CoveredSeconds(tariff, 0));
        Assert.Equal(3, Pricing.CoveredSeconds(tariff, 9_999_999));
        Assert.Equal(6, Pricing.CoveredSeconds(tariff, 10_000_000));
    }

    [Fact]
    public void A_shorter_talk_than_the_minimum_seconds_is_charged_as_one_of_that_length() =>
        Assert.Equal(new Charge(30, 30_000_000), Pricing.Price(Plain with { Terms = new TariffTerms { MinimumSeconds = 30 } }, 1));

    [Fact]
    public void Tax_is_put_on_top_and_rounded_once_with_the_price()
    {
        Tariff tariff = new(1, 0, 1, 1, Currency.Usd, new TariffTerms { TaxMillionths = 190_000 });
        Assert.Equal(0, Pricing.Price(tariff, 25).Nanos); // 25/60 x 1.19 = 0.4958
        Assert.Equal(1, Pricing.Price(tariff, 26).Nanos); // 26/60 alone would be 0
        Tariff taxed = Plain with { Terms = new TariffTerms { TaxMillionths = 190_000 } };
        Assert.Equal(71_400_000, Pricing.Price(taxed, 60).Nanos);
        Assert.Equal(11_400_000, Pricing.TaxOf(taxed, 71_400_000));
    }

    [Fact]
    public void A_price_is_turned_into_the_accounts_currency_with_one_rounding()
    {
        Tariff tariff = new(10_000_000, 0, 1, 1, Currency.Parse("EUR"), new TariffTerms { Exchange = new Exchange(Currency.Usd, 923_456_789, default) });
        Assert.Equal(Currency.Usd, tariff.RateCurrency);
        Assert.Equal(9_234_568, Pricing.Price(tariff, 60).Nanos); // 9,234,567.89
        Assert.Equal(59, Pricing.CoveredSeconds(tariff, 9_234_567));
        Assert.Equal(60, Pricing.CoveredSeconds(tariff, 9_234_568));
    }

    [Fact]
    public void A_price_beyond_every_amount_is_the_largest_amount_and_never_a_small_one()
    {
        Tariff tariff = new(Pricing.MaxRateNanos, 0, 1, 1, Currency.Parse("EUR"), new TariffTerms { TaxMillionths = 900_000, Exchange = new Exchange(Currency.Usd, Exchange.MaxRateNanos, default) });
        Assert.Null(Pricing.Fault(tariff));
        Assert.Equal(long.MaxValue, Pricing.Price(tariff, Pricing.MaxBillableSeconds).Nanos);
        Tariff dearest = new(Pricing.MaxRateNanos, Pricing.MaxFeeNanos, 86_400, 86_400, Currency.Usd, new TariffTerms { TaxMillionths = 900_000, MinimumNanos = Pricing.MaxFeeNanos });
        Assert.True(Pricing.Price(dearest, int.MaxValue).Nanos > 8 * Pricing.MaxFeeNanos);
    }

    [Theory]
    [InlineData(60, 6, 90, 60, "the section after 90 s does not begin at the end")] // 60 + 5 x 6 is one; 61 is none
    [InlineData(60, 7, 90, 60, "the section after 90 s does not begin at the end")]
    [InlineData(60, 6, 30, 60, "the section after 30 s does not begin at the end")]
    [InlineData(60, 6, 90, 0, "the section after 90 s must have a cycle")]
    public void A_section_begins_at_the_end_of_a_cycle(int first, int next, int after, int cycle, string says)
    {
        string? fault = Pricing.Fault(Plain with { FirstSeconds = first, NextSeconds = next, Terms = new TariffTerms { Stages = [new TariffStage(after, cycle, 1)] } });
        if (next == 6 && after == 90 && cycle == 60) Assert.Null(fault);
        else Assert.StartsWith(says, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deck_without_terms_is_the_text_it_always_was_and_so_the_same_version()
    {
        Assert.True(Deck.TryCreate("d", Currency.Usd, [new Rate(DialString.Parse("44"), "UK", Plain with { Terms = new TariffTerms() }, false, new RateDetails())], out Deck? deck, out _));
        Assert.Equal("tandem-deck,1,USD,1\n44,60000000,0,6,6,0,UK\n", Encoding.UTF8.GetString(deck.Canonical.Span));
        Assert.True(Deck.TryParse("d", deck.Canonical.Span, out Deck? read, out _));
        Assert.Equal(deck.Version, read.Version);
    }

    [Fact]
    public void A_deck_with_every_term_reads_back_as_it_was_and_each_is_part_of_the_version()
    {
        Rate full = Full();
        Assert.True(Deck.TryCreate("d", Currency.Usd, "Europe/Berlin", [full, full with { From = full.Until, Until = default, Locked = true }], out Deck? deck, out string? error), error);
        Assert.True(Deck.TryParse("d", deck.Canonical.Span, out Deck? read, out error), error);
        Assert.Equal(deck.Rates, read.Rates);
        Assert.Equal("Europe/Berlin", read.Zone);
        HashSet<string> versions = [deck.Version];
        foreach (Rate other in (Rate[])
        [
            full with { Until = default }, full with { From = new Instant(1) }, full with { Details = full.Details! with { Level = CallLevel.Net } }, full with { Details = full.Details! with { AreaCode = "45" } },
            full with { Details = full.Details! with { IvrFeeNanos = 8 } }, full with { Details = full.Details! with { Periods = [] } }, full with { Tariff = full.Tariff with { Terms = full.Tariff.Terms! with { TaxMillionths = 1 } } },
            full with { Tariff = full.Tariff with { Terms = full.Tariff.Terms! with { GraceSeconds = 1 } } }, full with { Tariff = full.Tariff with { Terms = full.Tariff.Terms! with { Stages = [] } } },
        ])
        {
            Assert.True(Deck.TryCreate("d", Currency.Usd, "Europe/Berlin", [other], out Deck? changed, out error), error);
            Assert.True(versions.Add(changed.Version));
        }
    }

    [Fact]
    public void Lines_of_one_prefix_may_follow_each_other_in_time_and_not_hold_at_once()
    {
        Rate first = new(DialString.Parse("44"), "", Plain, false) { Until = new Instant(100) }, then = new(DialString.Parse("44"), "", Plain with { ConnectFeeNanos = 1 }, false) { From = new Instant(100), Until = new Instant(200) };
        Assert.True(Deck.TryCreate("d", Currency.Usd, [then, first], out Deck? deck, out _));
        Assert.Equal(new Instant(100), new RateTable(deck, new Instant(99)).Changes);
        Assert.True(new RateTable(deck, new Instant(99)).TryFind(DialString.Parse("4420"), out Rate found) && found.Tariff.ConnectFeeNanos == 0);
        Assert.True(new RateTable(deck, new Instant(100)).TryFind(DialString.Parse("4420"), out found) && found.Tariff.ConnectFeeNanos == 1);
        Assert.False(new RateTable(deck, new Instant(200)).TryFind(DialString.Parse("4420"), out _));
        Assert.Equal(Instant.Never, new RateTable(deck, new Instant(200)).Changes);
        Assert.False(Deck.TryCreate("d", Currency.Usd, [then, first with { Until = new Instant(101) }], out _, out string? error));
        Assert.StartsWith("prefix '44' has two lines that hold from", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tariff_with_terms_is_written_and_read_and_one_without_is_as_the_release_before_wrote_it()
    {
        Tariff[] tariffs = [Plain, Full().Tariff, Full().Tariff with { Terms = Full().Tariff.Terms! with { Exchange = new Exchange(Currency.Parse("EUR"), 1_080_000_000, new Instant(5)) } }];
        byte[] bytes = new byte[2_048];
        int plain = 0;
        foreach (Tariff tariff in tariffs)
        {
            Cdr cdr = new() { Sale = new CallCharge { Tariff = tariff, Level = CallLevel.National, Period = "sat 08:00-18:00" }, Cost = new CallCharge { Tariff = Plain }, Further = [new CallCharge { Tariff = tariff, Level = CallLevel.Local }] };
            var to = new ByteWriter(bytes);
            CdrCodec.Write(ref to, cdr);
            var from = new ByteReader(bytes.AsSpan(0, to.Length));
            Cdr? read = CdrCodec.Read(ref from);
            Assert.Equal((tariff, CallLevel.National, "sat 08:00-18:00"), (read!.Sale!.Tariff, read.Sale.Level, read.Sale.Period));
            Assert.Equal((Plain, (CallLevel)0, ""), (read.Cost!.Tariff, read.Cost.Level, read.Cost.Period));
            Assert.Equal((tariff, CallLevel.Local), (read.Further[0].Tariff, read.Further[0].Level));
            Assert.Equal(0, from.Remaining);
            if (tariff.Terms is null) plain = to.Length;
            else Assert.True(to.Length > plain + (2 * 40));
        }
    }

    private static Rate Full()
    {
        Tariff tariff = new(Tariff.PerMinute(3_000_001, 6), 7, 60, 6, Currency.Usd, new TariffTerms
        {
            FirstFeeNanos = 5, CycleFeeNanos = 3_000_001, MinimumNanos = 9, MinimumSeconds = 10, GraceSeconds = 11, TaxMillionths = 190_000,
            Stages = [new TariffStage(120, 60, 8), new TariffStage(180, 7, Tariff.PerMinute(13, 7), 13)],
        });
        return new Rate(DialString.Parse("44"), "a,b;c|d", tariff, false, new RateDetails
        {
            AreaCode = "44", Level = CallLevel.International, IvrFeeNanos = 7, IvrSeconds = 60,
            Periods = [new RatePeriod(Week("mon-fri+holiday 08:00-18:00"), Plain), new RatePeriod(Week("sat 18:00-20:00"), tariff)],
        }) { From = new Instant(1_000_000), Until = new Instant(2_000_000) };
    }

    private static WeekPeriod Week(string text) => WeekPeriod.TryParse(text, out WeekPeriod? period, out string error) ? period : throw new FormatException(error);
}
