using System.Collections.Immutable;
using CsCheck;
using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;
using Tandem.Switching.WhatIf;
using Tandem.Tests.Switching.Calls;

namespace Tandem.Tests.Switching.WhatIf;

/// <summary>Calls made again in another configuration (docs/what-if.md), against figures reckoned by hand.</summary>
public sealed class ReplayTests
{
    private static readonly string[] Numbers = ["442079460123", "15551234", "33140", "4930123", "99123", SwitchFixture.NumberTwo];

    private static readonly Instant Start = Instant.FromUtc(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc));

    // 44 is sold at 0.60 a minute + 0.02 (6/6) and bought at 0.30 (1/1); 1 is sold at 0.12 (1/1) and bought at 0.03 (60/60).
    [Fact]
    public void A_cheaper_carrier_that_comes_first_takes_the_calls_and_the_margin_grows_by_hand_computed_nanos()
    {
        SwitchConfiguration before = SwitchFixture.Standard();
        SwitchConfiguration after = SwitchFixture.ChangeCarrier(before, "carrier-c", static g => g with { Priority = 0, Prefixes = ["44"], ClearingAccount = "clear-c" });
        after = after with
        {
            Accounts = after.Accounts.Add("clear-c", new AccountConfig { Number = "clear-c", Currency = Currency.Usd, Deck = "cheap", Kind = AccountKind.Clearing }),
            Decks = after.Decks.Add("cheap", new DeckRef("cheap", Currency.Usd, "cheap")),
        };
        Cdr[] calls =
        [
            Call(1, "442079460123", talk: 61), // 66 s billed: 0.66 + 0.02 = 0.68; cost 61 s at 0.30: 0.305; at 0.25: 0.254166667
            Call(2, "442079460124", talk: 30), // 0.30 + 0.02 = 0.32; cost 0.15; at 0.25: 0.125
            Call(3, "15551234", talk: 10), // 0.02; cost one minute: 0.03
            Call(4, "442079460125", talk: 0), // not answered: nothing
            Call(5, "99123", talk: 0), // no route, before as after
        ];
        WhatIfSums sums = Replay(before, after, calls);
        Assert.Equal((5, 3, 3, 0, 0), (sums.Calls, sums.Answered, sums.Moved, sums.Lost, sums.Gained));

        WhatIfRow total = Assert.Single(sums.Totals);
        Assert.Equal((4, 4, 3), (total.CallsBefore, total.CallsAfter, total.Moved));
        Assert.Equal((1_020_000_000, 1_020_000_000), (total.SaleBefore, total.SaleAfter));
        Assert.Equal((485_000_000, 409_166_667), (total.CostBefore, total.CostAfter));
        Assert.Equal((535_000_000, 610_833_333), (total.MarginBefore, total.MarginAfter));

        Assert.Equal([("carrier-c", 0L, 3L, 3L), ("carrier-a", 4L, 1L, 3L), ("", 0L, 0L, 0L)], sums.Carriers.Select(static r => (r.Name, r.CallsBefore, r.CallsAfter, r.Moved)).OrderByDescending(static r => r.Item3).ThenByDescending(static r => r.Item2));
        Assert.Equal([("United Kingdom", 3L, 75_833_333L), ("United States", 0L, 0L), ("", 0L, 0L)], sums.Destinations.Select(static r => (r.Name, r.Moved, r.MarginAfter - r.MarginBefore)).OrderByDescending(static r => r.Item2).ThenByDescending(static r => r.Name));
        Assert.Equal([("1001", 3L, 75_833_333L)], sums.Customers.Select(static r => (r.Name, r.Moved, r.MarginAfter - r.MarginBefore)));
        Assert.Equal([KeyValuePair.Create(Refusal.NoRoute, 1L)], sums.RefusedAfter);
    }

    [Fact]
    public void A_customer_locked_out_loses_its_calls_and_a_new_price_moves_none()
    {
        SwitchConfiguration before = SwitchFixture.Standard();
        Cdr[] calls = [Call(1, "442079460123", talk: 60), Call(2, "15551234", talk: 60)];
        WhatIfSums locked = Replay(before, SwitchFixture.ChangeAcme(before, static g => g with { Locked = true }), calls);
        Assert.Equal((0, 2, 0), (locked.Moved, locked.Lost, locked.Gained));
        Assert.Equal((740_000_000, 0), (Assert.Single(locked.Totals).SaleBefore, Assert.Single(locked.Totals).SaleAfter));
        Assert.Equal([KeyValuePair.Create(Refusal.OriginatorLocked, 2L)], locked.RefusedAfter);

        WhatIfSums dearer = Replay(before, before with { Decks = before.Decks.SetItem("retail", new DeckRef("retail", Currency.Usd, "retail-2")) }, calls);
        Assert.Equal((0, 0, 0), (dearer.Moved, dearer.Lost, dearer.Gained));
        Assert.Equal(60_000_000, Assert.Single(dearer.Totals).SaleAfter - Assert.Single(dearer.Totals).SaleBefore); // 44 at 0.66
    }

    [Fact]
    public void Fees_are_rounded_by_the_settings_of_each_world_as_those_of_a_real_call_are()
    {
        SwitchConfiguration before = SwitchFixture.Standard();
        SwitchConfiguration after = before with { Settings = before.Settings with { Billing = before.Settings.Billing with { FeeUnit = new Amount(SwitchFixture.Nanos(0.01m)) } } };
        // 61 s of 44: sold at 0.68, bought at 0.305, which is 0.31 in whole cents.
        WhatIfRow total = Assert.Single(Replay(before, after, [Call(1, "442079460123", talk: 61)]).Totals);
        Assert.Equal((680_000_000, 680_000_000, 305_000_000, 310_000_000), (total.SaleBefore, total.SaleAfter, total.CostBefore, total.CostAfter));
    }

    [Fact]
    public void Lines_are_taken_as_long_as_a_call_lasted()
    {
        SwitchConfiguration before = SwitchFixture.Standard();
        SwitchConfiguration after = SwitchFixture.ChangeCarrier(before, "carrier-a", static g => g with { Capacity = 1 });
        // The second call overlaps the first, the third begins as it ends.
        Cdr[] calls = [Call(1, "442079460123", talk: 60), Call(2, "442079460123", talk: 60, at: 30), Call(3, "442079460123", talk: 60, at: 60)];
        WhatIfSums sums = Replay(before, after, calls);
        Assert.Equal(1, sums.Moved);
        Assert.Equal([("carrier-a", 3L, 2L), ("carrier-b", 0L, 1L)], sums.Carriers.Select(static r => (r.Name, r.CallsBefore, r.CallsAfter)).Order());
    }

    [Fact]
    public void Sale_and_cost_in_two_currencies_are_never_added_together()
    {
        Currency euro = Currency.Parse("EUR");
        SwitchConfiguration before = SwitchFixture.Standard();
        before = before with
        {
            Accounts = before.Accounts.SetItem("clear-a", before.Accounts["clear-a"] with { Currency = euro, Deck = "euro" }),
            Decks = before.Decks.Add("euro", new DeckRef("euro", euro, "euro")),
        };
        WhatIfSums sums = Replay(before, before, [Call(1, "442079460123", talk: 60)]);
        Assert.Equal([("EUR", 0L, 200_000_000L), ("USD", 620_000_000L, 0L)], sums.Totals.Select(static r => (r.Currency.ToString(), r.SaleBefore, r.CostBefore)).Order());
    }

    [Fact]
    public void What_changes_nothing_moves_nothing_and_leaves_every_margin() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 400], Gen.Int[0, 3_000], Gen.Bool).Array[0, 60].Sample(static drawn =>
        {
            Cdr[] calls = [.. drawn.Select(static (d, i) => Call(i + 1, Numbers[d.Item1], d.Item2, d.Item3, d.Item4)).OrderBy(static c => c.Start)];
            SwitchConfiguration said = SwitchFixture.ChangeCarrier(SwitchFixture.ChangeCarrier(SwitchFixture.Standard(), "carrier-a", static g => g with { Capacity = 2 }), "carrier-b", static g => g with { RewriteRulesInCallee = "44:0044;044" });
            WhatIfSums sums = Replay(said, said, calls);
            Assert.Equal((calls.Length, 0, 0, 0), ((int)sums.Calls, sums.Moved, sums.Lost, sums.Gained));
            Assert.All(sums.Customers.Concat(sums.Carriers).Concat(sums.Destinations).Concat(sums.Totals), static row =>
                Assert.Equal((row.CallsBefore, row.SaleBefore, row.CostBefore, 0L), (row.CallsAfter, row.SaleAfter, row.CostAfter, row.Moved)));
            Assert.Equal(sums.RefusedBefore.OrderBy(static r => r.Key), sums.RefusedAfter.OrderBy(static r => r.Key));
            // What is in no row is nowhere, and what is in one is in the total.
            foreach (IEnumerable<WhatIfRow> rows in (IEnumerable<WhatIfRow>[])[sums.Customers, sums.Carriers, sums.Destinations])
                Assert.Equal(sums.Totals.Sum(static r => r.MarginAfter), rows.Sum(static r => r.MarginAfter));
        }, iter: 200);

    private static WhatIfSums Replay(SwitchConfiguration before, SwitchConfiguration after, Cdr[] calls)
    {
        var ids = new Dictionary<string, AccountId>();
        AccountId IdOf(string number) => ids.TryGetValue(number, out AccountId id) ? id : ids[number] = new AccountId(ids.Count + 1);
        var first = new ReplayWorld(TableCompiler.Compile(before, 1, Rates, IdOf, new GatewayStates()));
        var second = new ReplayWorld(TableCompiler.Compile(after, 2, Rates, IdOf, new GatewayStates()));
        var sums = new WhatIfSums();
        foreach (Cdr call in calls) sums.Add(call, first.Replay(call), second.Replay(call));
        return sums;
    }

    private static Cdr Call(int id, string callee, int talk, int at = 0, bool phone = false)
    {
        Instant start = Start + TimeSpan.FromSeconds(at);
        return new Cdr
        {
            Call = new CallId(id),
            Start = start,
            Answered = talk > 0 ? start : Instant.Never,
            Stop = start + TimeSpan.FromSeconds(talk),
            CallerGateway = phone ? "" : "acme",
            CallerAccessE164 = phone ? SwitchFixture.NumberOne : "4930123456",
            CalleeAccessE164 = callee,
        };
    }

    private static RateTable Rates(string version)
    {
        (string Prefix, string Area, decimal Rate, decimal Fee, int First, int Next, bool Locked)[] rates = version switch
        {
            "retail" => [("44", "United Kingdom", 0.60m, 0.02m, 6, 6, false), ("1", "United States", 0.12m, 0, 1, 1, false), ("33", "France", 0, 0, 1, 1, false), ("49", "Germany", 1, 0, 1, 1, true)],
            "retail-2" => [("44", "United Kingdom", 0.66m, 0.02m, 6, 6, false), ("1", "United States", 0.12m, 0, 1, 1, false)],
            "cheap" => [("44", "UK", 0.25m, 0, 1, 1, false)],
            "euro" => [("44", "UK", 0.20m, 0, 1, 1, false)],
            _ => [("44", "UK", 0.30m, 0, 1, 1, false), ("1", "USA", 0.03m, 0, 60, 60, false)],
        };
        Currency currency = version == "euro" ? Currency.Parse("EUR") : Currency.Usd;
        Rate[] all = [.. rates.Select(r => new Rate(DialString.Parse(r.Prefix), r.Area, new Tariff(SwitchFixture.Nanos(r.Rate), SwitchFixture.Nanos(r.Fee), r.First, r.Next, currency), r.Locked))];
        Assert.True(Deck.TryCreate(version, currency, all, out Deck? deck, out string? error), error);
        return new RateTable(deck);
    }
}
