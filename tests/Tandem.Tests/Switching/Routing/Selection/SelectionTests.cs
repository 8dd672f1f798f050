using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Quality;
using Tandem.Switching.Routing.Selection;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Routing.Selection;

/// <summary>Which gateways may take a call and in which order; names of gateways are the order that is expected where nothing else decides.</summary>
public sealed class SelectionTests
{
    private static readonly Instant Noon = Instant.FromUtc(new DateTime(2026, 11, 26, 12, 0, 0, DateTimeKind.Utc)); // a Thursday
    private static readonly QualityShape Shape = new(TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(600), 10);

    private readonly CandidateList _list = new();

    [Theory]
    [InlineData(RouteWish.None, RouteWish.None, "first second third")] // by priority
    [InlineData(RouteWish.Cost, RouteWish.None, "third second first")]
    [InlineData(RouteWish.AnswerRate, RouteWish.None, "second first third")]
    [InlineData(RouteWish.AnswerRate, RouteWish.Cost, "second third first")] // first and third answer alike
    [InlineData(RouteWish.Cost, RouteWish.AnswerRate, "third second first")]
    public void The_callers_wishes_come_before_everything_else(RouteWish first, RouteWish second, string expected) =>
        Assert.Equal(expected, Select(Three(), q => q with { Policy = new RoutePolicy { First = first, Second = second }, Settings = new RoutingSettings { AnswerRateCalculate = true } }));

    [Theory]
    [InlineData(0, 0, "first second third")]
    [InlineData(1, 0, "third second first")] // cost before priority
    [InlineData(2, 0, "first second third")] // cost after it: the priorities differ
    [InlineData(0, 1, "second first third")] // answer rate before priority
    [InlineData(1, 1, "second third first")] // at the same place the answer rate decides first
    public void Cost_and_answer_rate_stand_where_the_settings_put_them(int cost, int answers, string expected)
    {
        RoutingSettings settings = new() { FeeRateSortConfig = cost, AnswerRateSortConfig = answers, AnswerRateCalculate = true };
        Assert.Equal(expected, Select(Three(), q => q with { Settings = settings }));
        Assert.Equal(expected, Select(Three(), q => q with { Settings = settings with { FeeRateSortConfig = 0, ServerFeeRateSortConfig = cost } }));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void At_the_same_place_the_cost_comes_first_where_either_setting_says_so(bool beforeAsr, bool beforeQuality) =>
        Assert.Equal("third second first", Select(Three(), q => q with { Settings = new RoutingSettings { FeeRateSortConfig = 1, AnswerRateSortConfig = 1, AnswerRateCalculate = true, FeeRateBeforeAsr = beforeAsr, FeeRateBeforeQuality = beforeQuality } }));

    [Fact]
    public void Without_the_count_the_answer_rate_decides_nothing() =>
        Assert.Equal("first second third", Select(Three(), static q => q with { Settings = new RoutingSettings { AnswerRateSortConfig = 1 } }));

    [Theory]
    [InlineData(0, "cheap dearer dear")]
    [InlineData(5, "cheap dearer dear")]
    [InlineData(10, "dearer cheap dear")] // inside the band the priority decides
    [InlineData(100, "dear dearer cheap")]
    public void Inside_the_price_band_priority_decides(int band, string expected)
    {
        RouteTable table = Table(Gateway("cheap", "44", priority: 3, cost: 100), Gateway("dearer", "44", priority: 2, cost: 110), Gateway("dear", "44", priority: 1, cost: 150));
        Assert.Equal(expected, Select(table, q => q with { Policy = new RoutePolicy { First = RouteWish.Cost, PriceBandPercent = band } }));
    }

    [Fact]
    public void Least_cost_over_all_prefixes_knows_no_longest_prefix_and_no_end()
    {
        RouteTable table = Table(Gateway("long", "4420", cost: 300), Gateway("short", "4", cost: 100), Gateway("every", "", cost: 200), Gateway("unpriced", "44"));
        Assert.Equal("long", Select(table, static q => q with { Policy = new RoutePolicy { First = RouteWish.Cost } }));
        Assert.Equal("short every long unpriced", Select(table, static q => q with { Policy = new RoutePolicy { First = RouteWish.Cost, Scope = RouteScope.All } }));
    }

    [Fact]
    public void A_cost_in_another_currency_is_not_known()
    {
        RouteTable table = Table(Gateway("euro", "44", cost: 1, currency: "EUR"), Gateway("dollar", "44", cost: 900));
        Assert.Equal("dollar euro", Select(table, static q => q with { Policy = new RoutePolicy { First = RouteWish.Cost } }));
        Assert.Equal(-1, _list[1].CostPerMinute);
    }

    [Theory]
    [InlineData(50, RouteVerdict.Eligible)] // sale 1000, cost 500: half of the sale
    [InlineData(51, RouteVerdict.ProfitTooLow)]
    [InlineData(-10, RouteVerdict.Eligible)]
    public void The_lowest_profit_is_a_share_of_the_sale(int least, RouteVerdict expected) =>
        Assert.Equal(expected, Verdict(Gateway("one", "44", cost: 500, limits: new GatewayLimits { Margin = new MarginRule(least, null) }), static q => q with { SalePerMinute = 1000 }));

    [Theory]
    [InlineData(-10, RouteVerdict.Eligible)] // a loss of a tenth is permitted
    [InlineData(-9, RouteVerdict.ProfitTooLow)]
    public void A_negative_profit_permits_a_loss(int least, RouteVerdict expected) =>
        Assert.Equal(expected, Verdict(Gateway("one", "44", cost: 1100), q => q with { SalePerMinute = 1000, Policy = new RoutePolicy { Margin = new MarginRule(least, null) } }));

    [Theory]
    [InlineData(10, RouteVerdict.Eligible)] // 600 a minute are 10 a second
    [InlineData(9, RouteVerdict.CostTooHigh)]
    public void The_highest_rate_is_of_a_second(long most, RouteVerdict expected) =>
        Assert.Equal(expected, Verdict(Gateway("one", "44", cost: 600, limits: new GatewayLimits { Margin = new MarginRule(null, most) })));

    [Fact]
    public void Where_profit_is_asked_for_an_unknown_cost_is_a_reason_and_where_a_rate_is_asked_for_so_is_none()
    {
        Assert.Equal(RouteVerdict.CostUnknown, Verdict(Gateway("one", "44", limits: new GatewayLimits { Margin = new MarginRule(-10_000, null) })));
        Assert.Equal(RouteVerdict.NoCostRate, Verdict(Gateway("one", "44", limits: new GatewayLimits { NeedsRate = true })));
        Assert.Equal(RouteVerdict.Eligible, Verdict(Gateway("one", "44", cost: 5, limits: new GatewayLimits { NeedsRate = true })));
    }

    [Fact]
    public void A_gateway_that_its_price_rules_out_ends_no_search()
    {
        RouteTable table = Table(Gateway("dear", "4420", cost: 6000, limits: new GatewayLimits { Margin = new MarginRule(null, 9) }), Gateway("short", "44", cost: 600));
        Assert.Equal("short", Select(table));
    }

    [Theory]
    [InlineData(0, RouteVerdict.ClearingMoney)] // exactly the limit is not more than it
    [InlineData(1, RouteVerdict.Eligible)]
    [InlineData(-5, RouteVerdict.ClearingMoney)]
    public void A_clearing_account_without_money_is_a_reason_only_where_it_is_verified(long available, RouteVerdict expected)
    {
        RoutingGateway gateway = Gateway("one", "44", cost: 5);
        Assert.Equal(expected, Verdict(gateway, q => q with { Money = new Purse(available), Settings = new RoutingSettings { VerifyClearingCustomer = true } }));
        Assert.Equal(RouteVerdict.Eligible, Verdict(gateway, q => q with { Money = new Purse(available) }));
    }

    [Theory]
    [InlineData("3020", "4420", false, RouteVerdict.PairDenied)]
    [InlineData("3120", "4420", false, RouteVerdict.Eligible)]
    [InlineData("3020", "4420", true, RouteVerdict.Eligible)]
    [InlineData("3120", "4420", true, RouteVerdict.PairDenied)]
    [InlineData("999", "449", false, RouteVerdict.PairDenied)] // ":449" is any caller
    public void Pairs_of_numbers_are_not_taken_or_nothing_else_is(string caller, string callee, bool allow, RouteVerdict expected)
    {
        GatewayLimits limits = new() { Pairs = DeniedPairs.Of(["30:44", ":449"], allow) };
        Assert.Equal(expected, Verdict(Gateway("one", "44", limits: limits), q => q with { Caller = DialString.Parse(caller), Callee = DialString.Parse(callee) }));
    }

    [Theory]
    [InlineData("mon-fri 08:00-18:00 = deny callee 44 49", RouteVerdict.PeriodClosed)]
    [InlineData("mon-fri 08:00-18:00 = deny callee 49", RouteVerdict.Eligible)]
    [InlineData("mon-fri 08:00-18:00 = allow callee 44", RouteVerdict.Eligible)]
    [InlineData("mon-fri 08:00-18:00 = allow callee 49", RouteVerdict.PeriodClosed)]
    [InlineData("sat 08:00-18:00 = deny callee 44", RouteVerdict.Eligible)]
    [InlineData("mon-fri 08:00-18:00 = deny caller 30", RouteVerdict.PeriodClosed)]
    public void Prefixes_of_a_period_are_taken_or_not_while_it_lasts(string period, RouteVerdict expected)
    {
        Assert.True(NumberPeriod.TryParse(period, out NumberPeriod? parsed, out string error), error);
        Assert.Equal(expected, Verdict(Gateway("one", "44", limits: new GatewayLimits { Prefixes = [parsed] }), static q => q with { Caller = DialString.Parse("3020") }));
    }

    [Theory]
    [InlineData("mon-fri 08:00-18:00 = 1", RouteVerdict.LinesFull)]
    [InlineData("sat 08:00-18:00 = 1", RouteVerdict.Eligible)]
    [InlineData("mon-fri 08:00-18:00 = 0", RouteVerdict.LinesFull)] // no line at all
    public void Lines_of_a_period_hold_while_it_lasts(string period, RouteVerdict expected) =>
        Assert.Equal(expected, Verdict(Compiled(new RoutingGatewayConfig { Name = "one", RemoteIp = "192.0.2.1", Capacity = 5, Limits = new GatewayLimitsConfig { ScheduledCapacity = [period] } }, taken: 1)));

    [Fact]
    public void A_priority_of_a_period_puts_a_gateway_elsewhere_while_it_lasts()
    {
        RoutingGateway last = Compiled(new RoutingGatewayConfig { Name = "alpha", RemoteIp = "192.0.2.1", Priority = 1, Limits = new GatewayLimitsConfig { ScheduledPriority = ["mon-fri 12:00-13:00 = 9"] } });
        RouteTable table = Table(last, Gateway("beta", "44", priority: 5));
        Assert.Equal("beta alpha", Select(table));
        Assert.Equal("alpha beta", Select(table, static q => q with { Now = Noon + TimeSpan.FromHours(2) }));
    }

    [Fact]
    public void A_groups_lines_are_those_of_all_its_gateways_and_the_last_ones_are_left_to_others()
    {
        GatewayGroup group = new() { Name = "premium", Capacity = 10 };
        RoutingGateway greedy = Gateway("greedy", "44", limits: new GatewayLimits { Groups = [group] }), modest = Gateway("modest", "44", limits: new GatewayLimits { Groups = [group], ReservedLines = 3 });
        group.Join([greedy.State, modest.State]);
        RouteTable table = Table(greedy, modest);
        for (int i = 0; i < 7; i++) greedy.State.TryTakeLine(0);
        Assert.Equal("modest greedy", Select(table)); // 3 free lines: not fewer than it leaves
        greedy.State.TryTakeLine(0);
        Assert.Equal("greedy", Select(table));
        Assert.Equal(RouteVerdict.GroupReserved, _list.All[1].Verdict);
        modest.State.TryTakeLine(0);
        modest.State.TryTakeLine(0);
        Assert.Equal("", Select(table));
        Assert.Equal([RouteVerdict.GroupFull, RouteVerdict.GroupFull], _list.All.ToArray().Select(static c => c.Verdict));
        greedy.State.ReleaseLine();
        Assert.Equal("greedy", Select(table));
    }

    [Fact]
    public void So_many_calls_in_a_second_and_no_more()
    {
        RoutingGateway paced = Gateway("paced", "44", limits: new GatewayLimits { CallsPerSecond = 2 });
        Assert.True(paced.State.TryTakePace(2, Noon));
        Assert.True(paced.State.TryTakePace(2, Noon + TimeSpan.FromMilliseconds(999)));
        Assert.False(paced.State.TryTakePace(2, Noon + TimeSpan.FromMilliseconds(999)));
        Assert.Equal(RouteVerdict.PaceReached, Verdict(paced));
        Assert.Equal(RouteVerdict.Eligible, Verdict(paced, static q => q with { Now = Noon + TimeSpan.FromSeconds(1) }));
    }

    [Fact]
    public void The_protect_route_stands_after_everything_else_whatever_its_prefix()
    {
        RouteTable table = Table(Gateway("guard", "4420", style: PrefixStyle.CarryOn, limits: new GatewayLimits { Protects = true }), Gateway("usual", "4", priority: 9));
        Assert.Equal("usual guard", Select(table));
    }

    [Fact]
    public void Of_a_hundred_calls_each_share_gets_its_percent()
    {
        Proportions shares = Proportions.Of(["30:77", "20:88"]);
        Dictionary<string, int> met = [];
        for (int i = 0; i < 10_000; i++)
        {
            string to = shares.TryDraw((uint)((((ulong)i << 32) / 10_000) + 1), out _, out DialString prefix) ? prefix.ToString() : "";
            met[to] = met.GetValueOrDefault(to) + 1;
        }
        Assert.Equal([("", 5000), ("77", 3000), ("88", 2000)], met.OrderBy(static m => m.Key).Select(static m => (m.Key, m.Value)));
    }

    [Theory]
    [InlineData("30", "is no share")]
    [InlineData("0:7", "is no share")]
    [InlineData("101:7", "is no share")]
    [InlineData("30:", "is no share")]
    [InlineData("60:7,41:8", "101 percent")]
    public void Shares_that_cannot_be_are_refused(string shares, string says) =>
        Assert.Contains(says, Proportions.WrongTogether(shares.Split(',')), StringComparison.Ordinal);

    [Fact]
    public void Selecting_by_cost_and_quality_allocates_nothing()
    {
        RouteTable table = Table([.. Enumerable.Range(0, 200).Select(static i => Gateway($"g{i:D3}", "44", cost: 100 + (i * 37 % 91), style: PrefixStyle.CarryOn))]);
        RouteQuery query = Query() with { Policy = new RoutePolicy { First = RouteWish.Cost, Second = RouteWish.AnswerRate, PriceBandPercent = 10 }, Settings = new RoutingSettings { AnswerRateCalculate = true } };
        table.Select(query, _list);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 200; i++) table.Select(query, _list);
        }));
        Assert.Equal((64, 64, 136), (_list.Count, _list.EligibleCount, _list.LeftOut));
    }

    // first: dear, answers half; second: middling, answers three quarters; third: cheap, answers half.
    private static RouteTable Three() => Table(Gateway("first", "44", priority: 1, cost: 300, answered: 10), Gateway("second", "44", priority: 2, cost: 200, answered: 15), Gateway("third", "44", priority: 3, cost: 100, answered: 10));

    [Fact]
    public void Costs_are_compared_in_the_payers_currency_and_by_the_price_of_the_hour()
    {
        Tariff dollars = new(5, 0, 1, 1, Currency.Usd), euros = new(8, 0, 1, 1, Currency.Parse("EUR"));
        Assert.True(WeekPeriod.TryParse("thu 12:00-13:00", out WeekPeriod? lunch, out _));
        RateDetails dearAtLunch = new() { Periods = [new RatePeriod(lunch, dollars with { RatePerMinuteNanos = 20 })] };
        RouteTable table = Table(
            Gateway("lunch", "44", clearing: Clearing(new Rate(DialString.Parse("44"), "", dollars, false, dearAtLunch))),
            Gateway("euro", "44", clearing: Clearing(new Rate(DialString.Parse("44"), "", euros, false))), // 16 in dollars
            Gateway("plain", "44", cost: 12));
        Func<RouteQuery, RouteQuery> byCost = static q => q with { Policy = new RoutePolicy { First = RouteWish.Cost } };
        Assert.Equal("plain euro lunch", Select(table, byCost));
        Assert.Equal([12, 16, 20], _list.Eligible.ToArray().Select(static c => c.CostPerMinute));
        Assert.Equal("lunch plain euro", Select(table, q => byCost(q) with { Now = Noon + TimeSpan.FromHours(2) }));
    }

    private static RouteQuery Query() => new() { Number = DialString.Parse("442079460123"), Callee = DialString.Parse("442079460123"), Now = Noon, Currency = Currency.Usd };

    private string Select(RouteTable table, Func<RouteQuery, RouteQuery>? change = null)
    {
        table.Select(change is null ? Query() : change(Query()), _list);
        return string.Join(' ', _list.Eligible.ToArray().Select(static c => c.Gateway.Name));
    }

    private RouteVerdict Verdict(RoutingGateway gateway, Func<RouteQuery, RouteQuery>? change = null)
    {
        Select(Table(gateway), change);
        return Assert.Single(_list.All.ToArray()).Verdict;
    }

    private static RouteTable Table(params RoutingGateway[] gateways) =>
        new(gateways, [.. gateways.Select(static g => RouteTableTests.Prefixes.TryGetValue(g, out string[]? prefixes) ? prefixes : ["44"])]);

    private static RoutingGateway Gateway(string name, string prefix, int priority = 0, long cost = -1, string currency = "USD", int answered = -1, PrefixStyle style = PrefixStyle.Terminate, GatewayLimits? limits = null, Account? clearing = null)
    {
        RoutingGateway gateway = new()
        {
            Name = name,
            Target = new SipTarget("192.0.2.1"),
            PrefixStyle = style,
            Priority = priority,
            Capacity = 0,
            Locked = false,
            ClearingAccount = cost < 0 ? clearing : Clearing(cost, Currency.Parse(currency)),
            CalleeRules = DialPlan.Empty,
            CallerRules = DialPlan.Empty,
            Groups = GroupSet.Empty,
            Limits = limits ?? GatewayLimits.None,
            State = new GatewayState(),
        };
        RouteTableTests.Prefixes.Add(gateway, [prefix]);
        if (answered < 0) return gateway;
        gateway.State.Count(Shape);
        for (int i = 0; i < 20; i++) gateway.State.Quality!.Total.NoteAttempt(QualityRules.None, i < answered, true, 100, Noon);
        return gateway;
    }

    private static RoutingGateway Compiled(RoutingGatewayConfig said, int taken = 0)
    {
        SwitchConfiguration whole = SwitchConfiguration.Empty with { RoutingGateways = SwitchConfiguration.Empty.RoutingGateways.Add(said.Name, said) };
        RoutingGateway gateway = Assert.Single(TableCompiler.Compile(whole, 1, static _ => throw new InvalidOperationException(), static _ => AccountId.None, new GatewayStates()).Routes.Gateways);
        for (int i = 0; i < taken; i++) gateway.State.TryTakeLine(0);
        return gateway;
    }

    private static Account Clearing(long cost, Currency currency) => Clearing(new Rate(DialString.Parse("44"), "UK", new Tariff(cost, 0, 1, 1, currency), false), new ExchangeTable([]));

    private static Account Clearing(Rate rate, ExchangeTable? exchanges = null)
    {
        Assert.True(Deck.TryCreate("c", rate.Tariff.Currency, [rate], out Deck? deck, out string? error), error);
        return new Account
        {
            Id = new AccountId(1), Number = "c", Currency = rate.Tariff.Currency, Locked = false, Rates = new RateTable(deck), DeckName = "c", DeckVersion = deck.Version,
            Exchanges = exchanges ?? new ExchangeTable([new ExchangeRateConfig { Exchange = "EUR/USD 2026-01-01", RateNanos = 2_000_000_000 }]),
        };
    }

    private sealed class Purse(long available) : IAccountMoney
    {
        public long Available(AccountId id) => available;
    }
}
