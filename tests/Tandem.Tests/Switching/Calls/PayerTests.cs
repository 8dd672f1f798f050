using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Switching.Admission;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Who pays, by which number and rules, and which calls leave no CDR; each setting of SERVER_BILLING_* at work.</summary>
public class PayerTests
{
    private const string Usa = "15551234"; // 0.12 a minute by the second; costs 0.03 a minute by the minute

    [Fact]
    public void A_free_number_costs_nobody_anything_and_needs_no_money()
    {
        SwitchFixture world = Billing(static b => b with { FreeNumbers = List("110,1555") }, balance: 0);
        Talk(world, Usa, 300);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((null, BillingMode.NotBilled, 0L), (cdr.Sale, cdr.BillingMode, world.Account("1001").BalanceNanos));
        Assert.Equal(150_000_000, cdr.Cost!.Nanos); // the carrier asks all the same
    }

    [Theory]
    [InlineData("0.01", "0", "0.01")] // 0.002 a second: 3 s are 0.006
    [InlineData("0.01", "0.006", "0.01")]
    [InlineData("0.01", "0.007", "0")]
    [InlineData("0", "0.005", "0.006")]
    public void A_fee_becomes_whole_units(string unit, string precision, string charged)
    {
        SwitchFixture world = Billing(b => b with { FeeUnit = Of(unit), FeePrecision = Of(precision) });
        Talk(world, Usa, 3);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(Of(charged).Nanos, cdr.Sale!.Nanos);
        Assert.Equal(new BillingRules(1000, 0, Of(unit).Nanos, Of(precision).Nanos), cdr.Rules);
        Assert.Equal(SwitchFixture.Nanos(100) - Of(charged).Nanos, world.Account("1001").BalanceNanos);
    }

    [Fact]
    public void The_carriers_side_is_rated_behind_a_prefix_of_its_own()
    {
        SwitchFixture world = Billing(static b => b with { GatewayRoutePrefix = "44" });
        Talk(world, Usa, 10);
        Assert.Equal(("44", "1"), (Assert.Single(world.Cdrs).Cost!.RatePrefix, world.Cdrs[0].Sale!.RatePrefix));
    }

    [Theory]
    [InlineData("1555", HiddenFrom.Database | HiddenFrom.Files)]
    [InlineData("44", HiddenFrom.Nobody)]
    public void Calls_to_some_numbers_leave_no_CDR_and_are_charged(string list, HiddenFrom hidden)
    {
        SwitchFixture world = Billing(b => b with { NoCdrNumbers = List(list) });
        Talk(world, Usa, 10);
        Assert.Equal((hidden, SwitchFixture.Nanos(0.02m)), (Assert.Single(world.Cdrs).Hidden, world.Cdrs[0].Sale!.Nanos));
    }

    [Fact]
    public void Calls_without_talk_and_calls_the_server_ends_are_kept_from_the_database_where_that_is_said()
    {
        SwitchFixture world = Billing(static b => b with { RecordZeroHoldTime = false, RecordServerHangUp = false }, balance: 0.14m);
        Talk(world, Usa, 5); // the caller hangs up
        Legs.Talk(world, Usa); // the money that is left ends it
        world.Advance(120);
        Assert.Equal([HiddenFrom.Nobody, HiddenFrom.Database], world.Cdrs.Select(static c => c.Hidden));
    }

    [Fact]
    public void Both_are_in_the_database_unless_that_is_said()
    {
        SwitchFixture world = new(balance: 0.12m);
        Legs.Talk(world, Usa);
        world.Advance(120);
        Assert.Equal(HiddenFrom.Nobody, Assert.Single(world.Cdrs).Hidden);
    }

    [Theory]
    // calling number, allowPhoneBilling, allowBindedE164Billing; who pays, in which mode
    [InlineData("4930123456", true, true, "1001", BillingMode.MappingGateway)]
    [InlineData(SwitchFixture.NumberOne, false, true, "1001", BillingMode.MappingGateway)]
    [InlineData(SwitchFixture.NumberOne, true, false, "2001", BillingMode.Phone)]
    [InlineData("4930777", true, false, "1001", BillingMode.MappingGateway)]
    [InlineData("4930777", false, true, "card", BillingMode.BoundNumber)]
    public void The_calling_number_may_make_a_phone_or_a_card_pay(string caller, bool byPhone, bool byBound, string payer, BillingMode mode)
    {
        SwitchFixture world = new(c => Cards(SwitchFixture.ChangeAcme(c, g => g with { AllowPhoneBilling = byPhone, AllowBoundBilling = byBound })));
        ArrivalPlan plan = Decide(world, caller, mode == BillingMode.BoundNumber ? "001555" : "1555");
        Assert.Equal((Refusal.None, payer, mode), (plan.Refusal, plan.Sale!.AccountNumber, plan.BillingMode));
        bool bound = mode == BillingMode.BoundNumber;
        Assert.Equal((bound ? "4989" : caller, "1555"), (plan.Caller.ToString(), plan.Callee.ToString())); // shown and dialled as the number's own plan says
    }

    [Fact]
    public void A_call_of_a_bound_number_is_charged_to_its_card_and_says_so()
    {
        SwitchFixture world = new(c => Cards(SwitchFixture.ChangeAcme(c, static g => g with { AllowBoundBilling = true })));
        var caller = new CallerLeg(world, from: "4930777", to: "001555");
        caller.Invite().Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        world.Advance(10);
        Legs.End(caller, callee);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((BillingMode.BoundNumber, "card", SwitchFixture.Nanos(0.02m), "acme"), (cdr.BillingMode, cdr.Sale!.AccountNumber, cdr.Sale.Nanos, cdr.CallerGateway));
        Assert.Equal((SwitchFixture.Nanos(100), SwitchFixture.Nanos(99.98m)), (world.Account("1001").BalanceNanos, world.Account("card").BalanceNanos));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_called_phone_may_pay_itself_or_be_free_for_who_calls()
    {
        SwitchFixture paying = new(static c => SwitchFixture.ChangePhone(Renumbered(c), "1555", static p => p with { CalleeBilling = true }));
        ArrivalPlan plan = Decide(paying, "4930", "1555");
        Assert.Equal((Refusal.None, "2001", BillingMode.Phone, CalleeBilling.CalleePays), (plan.Refusal, plan.Sale!.AccountNumber, plan.BillingMode, plan.CalleeBilling));
        SwitchFixture free = new(static c => SwitchFixture.ChangePhone(Renumbered(c), "1555", static p => p with { NoBillingToPhone = true }));
        plan = Decide(free, "4930", "1555");
        Assert.Equal((Refusal.None, (CallCharge?)null), (plan.Refusal, plan.Sale));
    }

    [Theory]
    [InlineData(ArrivalKind.Call, "1")]
    [InlineData(ArrivalKind.Transfer, "44")]
    [InlineData(ArrivalKind.Forward, "44")]
    public void A_transferred_or_forwarded_call_is_rated_behind_a_prefix(ArrivalKind kind, string rate)
    {
        SwitchFixture world = Billing(static b => b with { ForwardPrefix = "44" });
        ArrivalPlan plan = Decide(world, "4930", "1555", kind);
        Assert.Equal((Refusal.None, rate, "1555"), (plan.Refusal, plan.Sale!.RatePrefix, plan.Callee.ToString()));
    }

    [Fact]
    public void Agents_above_the_payer_pay_by_their_decks_and_one_without_a_deck_is_passed_over()
    {
        SwitchFixture world = new(static c => c with
        {
            Accounts = c.Accounts
                .SetItem("1001", c.Accounts["1001"] with { Agent = "a1" })
                .Add("a1", new AccountConfig { Number = "a1", Currency = Currency.Usd, Agent = "a2" })
                .Add("a2", new AccountConfig { Number = "a2", Currency = Currency.Usd, Deck = "wholesale" }),
        });
        Talk(world, Usa, 10); // 0.02 retail; wholesale by the minute, 0.03
        Cdr cdr = Assert.Single(world.Cdrs);
        CallCharge agent = Assert.Single(cdr.Further);
        Assert.Equal(("a2", SwitchFixture.Nanos(0.03m), SwitchFixture.Nanos(-0.01m)), (agent.AccountNumber, agent.Nanos, agent.IncomeNanos));
        Assert.Equal((SwitchFixture.Nanos(99.98m), SwitchFixture.Nanos(100), SwitchFixture.Nanos(99.97m)), (world.Account("1001").BalanceNanos, world.Account("a1").BalanceNanos, world.Account("a2").BalanceNanos));
        Assert.Equal(Refusal.NoRate, Decide(world, "4930", "33123").Refusal); // free in retail, and the agent cannot sell it
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Illegal_calls_are_kept_from_the_database_where_that_is_said()
    {
        foreach (bool kept in new[] { true, false })
        {
            SwitchFixture world = Billing(b => b with { RecordIllegalCall = kept });
            new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, Usa).Invite().Expect(401);
            var stranger = new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, Usa);
            WireMessage challenge = stranger.Invite().Expect(401);
            stranger.AckFailure();
            stranger.Invite(extra: Digest.Answer(challenge, "INVITE", stranger.RequestUri, SwitchFixture.NumberOne, "guess")).Expect(403);
            Assert.Equal(kept ? HiddenFrom.Nobody : HiddenFrom.Database, Assert.Single(world.Cdrs).Hidden);
        }
    }

    private static ArrivalPlan Decide(SwitchFixture world, string caller, string callee, ArrivalKind kind = ArrivalKind.Call)
    {
        SwitchTables tables = world.Book.Current;
        Assert.True(tables.TryFindMappingGateway("acme", out MappingGateway? acme));
        ArrivalFacts facts = new() { Tables = tables, Kind = kind, From = new CallerId(acme, null, CallerRule.Stated), Caller = DialString.Parse(caller), Callee = DialString.Parse(callee) };
        ArrivalPlan plan = new();
        DecisionLog log = new(new Tandem.Primitives.Bytes.BytePool());
        log.Begin(world.Now);
        Arrival.Decide(facts, new SeededEntropy(1), log, world.Now, plan);
        return plan;
    }

    private static SwitchConfiguration Cards(SwitchConfiguration said) => said with
    {
        Accounts = said.Accounts.Add("card", new AccountConfig { Number = "card", Currency = Currency.Usd, Deck = "retail", Kind = AccountKind.PhoneCard }),
        ActiveCards = said.ActiveCards.Add("77", new ActiveCardConfig { Pin = "77", Account = "card", DisplayNumber = "4989" }),
        BoundNumbers = said.BoundNumbers.Add("4930777", new BoundNumberConfig { E164 = "4930777", Pin = "77", RewriteRulesOutCallee = "00:" }),
    };

    // A phone whose number the deck has a rate for.
    private static SwitchConfiguration Renumbered(SwitchConfiguration said) => said with { Phones = said.Phones.Add("1555", new PhoneConfig { E164 = "1555", Account = "2001", Password = SwitchFixture.Password }) };

    private static void Talk(SwitchFixture world, string to, double seconds)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, to);
        world.Advance(seconds);
        Legs.End(caller, callee);
    }

    private static SwitchFixture Billing(Func<BillingSettings, BillingSettings> change, decimal balance = 100m) =>
        new(c => c with { Settings = c.Settings with { Billing = change(c.Settings.Billing) } }, balance);

    private static PrefixList List(string text) => PrefixList.TryParse(text, out PrefixList list) ? list : throw new FormatException(text);

    private static Amount Of(string text) => Money.TryParseNanos(text, out long nanos) ? new Amount(nanos) : throw new FormatException(text);
}
