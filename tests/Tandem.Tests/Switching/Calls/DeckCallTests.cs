using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Calls by decks that say more than a rate (docs/decks.md). The fixture's clock begins on a Sunday, 2026-03-01 at 12:00 UTC.</summary>
public class DeckCallTests
{
    private static readonly Tariff Usual = new(600_000_000, 0, 1, 1, Currency.Usd);

    [Fact]
    public void A_call_is_priced_by_the_part_of_the_week_it_comes_in_and_its_CDR_says_so()
    {
        SwitchFixture world = With("", Line(periods: [new RatePeriod(Week("sun 00:00-24:00"), Usual with { RatePerMinuteNanos = 60_000_000 })], level: CallLevel.International));
        Cdr cdr = Talk(world, 60);
        Assert.Equal((60_000_000L, "sun 00:00-24:00", CallLevel.International), (cdr.Sale!.Nanos, cdr.Sale.Period, cdr.Sale.Level));
    }

    [Fact]
    public void Periods_are_of_the_decks_own_time_zone()
    {
        // 12:00 UTC is 07:00 in New York and 13:00 in Berlin.
        Rate line = Line(periods: [new RatePeriod(Week("all 06:00-08:00"), Usual with { RatePerMinuteNanos = 60_000_000 })]);
        Assert.Equal("all 06:00-08:00", Talk(With("America/New_York", line), 60).Sale!.Period);
        Cdr berlin = Talk(With("Europe/Berlin", line), 60);
        Assert.Equal((600_000_000L, ""), (berlin.Sale!.Nanos, berlin.Sale.Period));
    }

    [Fact]
    public void A_call_that_runs_over_the_end_of_a_period_keeps_the_price_it_began_with()
    {
        SwitchFixture world = With("", Line(periods: [new RatePeriod(Week("sun 12:00-12:01"), Usual with { RatePerMinuteNanos = 60_000_000 })]));
        Assert.Equal(120_000_000L, Talk(world, 120).Sale!.Nanos);
        Assert.Equal(600_000_000L, Talk(world, 60).Sale!.Nanos);
    }

    [Fact]
    public void Terms_of_a_deck_are_what_a_call_is_reserved_and_charged_by()
    {
        SwitchFixture world = With("", Line(terms: new TariffTerms { FirstFeeNanos = 1_000_000_000, Stages = [new TariffStage(61, 60, 60_000_000)], TaxMillionths = 100_000 }, first: 60));
        Cdr cdr = Talk(world, 150);
        // 1.00 for the first 60 s, 0.01 for one second, then 0.06 for each of two minutes; 10 % tax.
        Assert.Equal((1_243_000_000L, 181, 113_000_000L), (cdr.Sale!.Nanos, cdr.Sale.BilledSeconds, Pricing.TaxOf(cdr.Sale.Tariff, cdr.Sale.Nanos)));
        Assert.Equal(SwitchFixture.Nanos(100) - 1_243_000_000, world.Account("1001").BalanceNanos);
    }

    [Fact]
    public void A_talk_within_the_grace_costs_nothing_and_holds_nothing_once_it_is_over()
    {
        SwitchFixture world = With("", Line(terms: new TariffTerms { GraceSeconds = 10 }));
        Cdr cdr = Talk(world, 9);
        Assert.Equal((0L, 0), (cdr.Sale!.Nanos, cdr.Sale.BilledSeconds));
        Assert.Equal(SwitchFixture.Nanos(100), world.Account("1001").BalanceNanos);
        Assert.Equal(100_000_000L, Talk(world, 10).Sale!.Nanos);
    }

    [Fact]
    public void A_call_by_a_deck_in_another_currency_is_charged_by_the_rate_of_the_moment_it_came()
    {
        SwitchFixture world = new();
        Assert.True(Deck.TryCreate("retail", Currency.Parse("EUR"), [new Rate(DialString.Parse("44"), "UK", Usual with { Currency = Currency.Parse("EUR") }, false)], out Deck? deck, out string? error), error);
        world.MoreDecks[deck.Version] = deck;
        world.Reconfigure(c => c with
        {
            Decks = c.Decks.SetItem("retail", new DeckRef("retail", Currency.Parse("EUR"), deck.Version)),
            ExchangeRates = new[] { ("EUR/USD 2026-01-01", 1_100_000_000L), ("EUR/USD 2026-03-01T12:01:00Z", 2_000_000_000L) }
                .Aggregate(c.ExchangeRates, static (all, r) => all.Add(r.Item1, new ExchangeRateConfig { Exchange = r.Item1, RateNanos = r.Item2 })),
        });
        Cdr cdr = Talk(world, 120);
        Assert.Equal((1_320_000_000L, Currency.Usd, Currency.Parse("EUR"), 1_100_000_000L), (cdr.Sale!.Nanos, cdr.Sale.Tariff.Currency, cdr.Sale.Tariff.RateCurrency, cdr.Sale.Tariff.Terms!.Exchange!.RateNanos));
        Assert.Equal(1_200_000_000L, Talk(world, 60).Sale!.Nanos);
        Assert.Equal(SwitchFixture.Nanos(100) - 2_520_000_000, world.Account("1001").BalanceNanos);
    }

    private static Rate Line(TariffTerms? terms = null, RatePeriod[]? periods = null, CallLevel level = 0, int first = 1) =>
        new(DialString.Parse("44"), "UK", Usual with { FirstSeconds = first, Terms = terms }, false, new RateDetails { Level = level, Periods = [.. periods ?? []] });

    private static SwitchFixture With(string zone, params Rate[] lines)
    {
        SwitchFixture world = new();
        Assert.True(Deck.TryCreate("retail", Currency.Usd, zone, lines, out Deck? deck, out string? error), error);
        world.MoreDecks[deck.Version] = deck;
        world.Reconfigure(c => c with { Decks = c.Decks.SetItem("retail", new DeckRef("retail", Currency.Usd, deck.Version)) });
        return world;
    }

    private static Cdr Talk(SwitchFixture world, int seconds)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        world.Advance(seconds);
        Legs.End(caller, callee);
        return world.Cdrs[^1];
    }

    private static WeekPeriod Week(string text) => WeekPeriod.TryParse(text, out WeekPeriod? period, out string error) ? period : throw new FormatException(error);
}
