using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

public class AdmissionTests
{
    [Fact]
    public void A_locked_mapping_gateway_may_not_call() =>
        AssertRefused(new SwitchFixture(static c => SwitchFixture.ChangeAcme(c, static g => g with { Locked = true })), Refusal.OriginatorLocked, 403);

    [Fact]
    public void A_mapping_gateway_without_an_account_may_not_call() =>
        AssertRefused(new SwitchFixture(static c => SwitchFixture.ChangeAcme(c, static g => g with { Account = null })), Refusal.AccountMissing, 403);

    [Fact]
    public void A_locked_account_pays_for_no_call() =>
        AssertRefused(new SwitchFixture(static c => SwitchFixture.ChangeAccount(c, "1001", static a => a with { Locked = true })), Refusal.AccountLocked, 403);

    [Fact]
    public void An_account_in_another_currency_than_its_deck_is_refused() =>
        AssertRefused(new SwitchFixture(static c => SwitchFixture.ChangeAccount(c, "1001", static a => a with { Currency = Currency.Parse("EUR") })), Refusal.CurrencyMismatch, 500);

    [Fact]
    public void A_number_nobody_serves_has_no_route() => AssertRefused(new SwitchFixture(), Refusal.NoRoute, 404, to: "99123");

    [Fact]
    public void A_number_the_deck_does_not_have_has_no_rate() => AssertRefused(new SwitchFixture(), Refusal.NoRate, 403, to: "7495123");

    [Fact]
    public void A_locked_rate_refuses_with_a_reason_of_its_own() => AssertRefused(new SwitchFixture(), Refusal.RateLocked, 403, to: "4930123");

    [Fact]
    public void A_number_longer_than_32_is_invalid() => AssertRefused(new SwitchFixture(), Refusal.InvalidNumber, 484, to: new string('4', 33));

    [Fact]
    public void A_number_that_the_dial_plan_makes_empty_is_invalid() =>
        AssertRefused(new SwitchFixture(static c => SwitchFixture.ChangeAcme(c, static g => g with { RewriteRulesOutCallee = "44:" })), Refusal.InvalidNumber, 484, to: "44");

    [Fact]
    public void A_number_that_the_dial_plan_makes_too_long_is_invalid() =>
        AssertRefused(new SwitchFixture(static c => SwitchFixture.ChangeAcme(c, static g => g with { RewriteRulesOutCallee = "4:44444444444444444444444444444444" })), Refusal.InvalidNumber, 484);

    [Fact]
    public void A_carriers_dial_plan_that_makes_the_number_too_long_leaves_the_carrier_out()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangeCarrier(c, "carrier-a", static g => g with { RewriteRulesInCallee = "4:44444444444444444444444444444444" }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierB));
        Assert.Equal(0, world.LinesOf("carrier-a"));
    }

    [Fact]
    public void A_customer_has_so_many_lines()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangeAcme(c, static g => g with { Capacity = 1 }));
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        CallerLeg second = new CallerLeg(world).Invite();
        second.Expect(100);
        second.Expect(503);
        second.AckFailure();
        Assert.Equal(Refusal.GatewayBusy, Assert.Single(world.Cdrs).Refusal);
        Legs.End(caller, callee);
        Legs.Talk(world); // the line is free again
    }

    [Fact]
    public void A_carrier_has_so_many_lines_and_the_call_goes_to_the_next()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangeCarrier(c, "carrier-a", static g => g with { Capacity = 1 }));
        Legs.Talk(world);
        CallerLeg second = new CallerLeg(world).Invite();
        second.Expect(100);
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierB));
    }

    [Fact]
    public void When_every_carriers_lines_are_in_use_the_call_is_refused()
    {
        var world = new SwitchFixture(static c => c with { RoutingGateways = c.RoutingGateways.Remove("carrier-b").Remove("carrier-c").SetItem("carrier-a", c.RoutingGateways["carrier-a"] with { Capacity = 1 }) });
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        CallerLeg second = new CallerLeg(world).Invite();
        second.Expect(100);
        second.Expect(503);
        second.AckFailure();
        Assert.Equal(Refusal.GatewayBusy, Assert.Single(world.Cdrs).Refusal);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Money_below_the_first_slice_is_refused() => AssertRefused(new SwitchFixture(balance: 0.119999999m), Refusal.BalanceTooLow, 402, to: "15551234");

    [Fact]
    public void Credit_counts_as_money()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangeAccount(c, "1001", static a => a with { CreditLimitNanos = SwitchFixture.Nanos(0.12m) }), balance: 0);
        Legs.Talk(world, "15551234");
    }

    [Fact]
    public void Without_a_journal_no_call_is_carried()
    {
        var world = new SwitchFixture();
        world.Journal.AcceptsNewWork = false;
        AssertRefused(world, Refusal.JournalUnavailable, 503);
    }

    [Fact]
    public void Without_media_ports_the_caller_gets_503_and_its_money_back() => AssertRefused(new SwitchFixture(leases: 0), Refusal.MediaPortsExhausted, 503);

    [Fact]
    public void A_ledger_that_does_not_answer_within_2_s_refuses_the_call()
    {
        var world = new SwitchFixture(deskApart: true);
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        world.Advance(2);
        world.TurnDesk();
        caller.Expect(503);
        caller.AckFailure();
        Assert.Equal(Refusal.LedgerUnavailable, Assert.Single(world.Cdrs).Refusal);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_ledger_overrun_refuses_new_calls_and_loses_no_CDR()
    {
        var world = new SwitchFixture(deskApart: true, deskCapacity: 2);
        for (int i = 0; i < 2; i++) Assert.True(world.Desk.TryPost(new LedgerRequest { Kind = LedgerRequestKind.Run, Run = static (_, _) => { } }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        world.Advance(0.1);
        world.AssertQuiet();
        world.TurnDesk();
        world.Advance(0.01);
        world.TurnDesk();
        caller.Expect(503);
        caller.AckFailure();
        Assert.Equal(Refusal.LedgerUnavailable, Assert.Single(world.Cdrs).Refusal);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_full_switch_says_503_and_when_to_try_again()
    {
        var world = new SwitchFixture(maxCalls: 1);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        CallerLeg second = new CallerLeg(world).Invite();
        WireMessage full = second.Expect(503);
        Assert.Equal("5", full["Retry-After"]);
        second.AckFailure();
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_unknown_source_is_challenged_by_the_one_algorithm_all_phones_know_and_recorded_without_money()
    {
        var world = new SwitchFixture();
        CallerLeg caller = new CallerLeg(world, SwitchFixture.Stranger).Invite();
        WireMessage challenge = caller.Expect(401);
        Assert.Contains("algorithm=MD5", Assert.Single(challenge.All("WWW-Authenticate")));
        caller.AckFailure();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((Refusal.UnknownSource, -1, EndDirection.Server, BillingMode.NotBilled), (cdr.Refusal, cdr.EndReason, cdr.EndDirection, cdr.BillingMode));
        Assert.Null(cdr.Sale);
        Assert.Equal("442079460123", cdr.CalleeAccessE164);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_flood_of_strangers_leaves_50_CDRs_a_second_and_a_count()
    {
        var world = new SwitchFixture();
        for (int i = 0; i < 60; i++) new CallerLeg(world, SwitchFixture.Stranger).Invite();
        Assert.Equal((50, 10L), (world.Cdrs.Count, world.Shard.Counters.IllegalCdrsSuppressed));
        world.Advance(1);
        new CallerLeg(world, SwitchFixture.Stranger).Invite();
        Assert.Equal(51, world.Cdrs.Count);
        Assert.Equal(61, world.Shard.Counters.UnknownSources);
    }

    [Fact]
    public void Illegal_calls_are_not_recorded_when_the_operator_does_not_want_them()
    {
        SwitchFixture world = SwitchFixture.WithSettings(static s => s with { Cdr = s.Cdr with { RecordIllegal = false } });
        new CallerLeg(world, SwitchFixture.Stranger).Invite().Expect(401);
        Assert.Empty(world.Cdrs);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("REGISTER")]
    [InlineData("OPTIONS")]
    [InlineData("SUBSCRIBE")]
    public void A_stranger_meets_silence_when_SS_REPLY_UNAUTHORIZED_is_off(string method)
    {
        SwitchFixture world = SwitchFixture.WithSettings(static s => s with { Sip = s.Sip with { ReplyUnauthorized = false } });
        var caller = new CallerLeg(world, SwitchFixture.Stranger);
        if (method == "INVITE") caller.Invite();
        else caller.Request(method);
        Assert.Empty(world.Sent);
        Assert.Equal(1, world.Shard.Counters.UnknownSources);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_number_is_rewritten_on_the_way_in_for_the_bill_and_on_the_way_out_for_the_carrier()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangeCarrier(
            SwitchFixture.ChangeAcme(c, static g => g with { RewriteRulesOutCallee = "0044:44", RewriteRulesOutCaller = "0049:49" }),
            "carrier-a",
            static g => g with { RewriteRulesInCallee = "44:99#44", RewriteRulesInCaller = "49:0049" }));
        CallerLeg caller = new CallerLeg(world, from: "004930123", to: "00442079460123").Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        Assert.Equal("sip:99%23442079460123@203.0.113.1", callee.Invite.Uri);
        Assert.StartsWith("<sip:004930123@", callee.Invite["From"]);
        callee.Respond(486);
        callee.ExpectRequest("ACK");
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(
            ("00442079460123", "442079460123", "99#442079460123", "004930123", "4930123", "004930123"),
            (cdr.CalleeAccessE164, cdr.CalleeE164, cdr.CalleeToGatewayE164, cdr.CallerAccessE164, cdr.CallerE164, cdr.CallerToGatewayE164));
    }

    [Fact]
    public void A_call_is_decided_by_the_tables_it_arrived_under()
    {
        var world = new SwitchFixture();
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        world.Reconfigure(static c => SwitchFixture.ChangeCarrier(c, "carrier-b", static g => g with { Locked = true }));
        var first = new CalleeLeg(world);
        first.Respond(503);
        first.ExpectRequest("ACK");
        var second = new CalleeLeg(world, SwitchFixture.CarrierB);
        second.Respond(486);
        second.ExpectRequest("ACK");
        caller.Expect(486);
        caller.AckFailure();
        Assert.Equal(1, Assert.Single(world.Cdrs).Revision);
        world.AssertEverythingReturned();
    }

    private static void AssertRefused(SwitchFixture world, Refusal refusal, int status, string to = "442079460123")
    {
        CallerLeg caller = new CallerLeg(world, to: to).Invite();
        caller.Expect(100);
        WireMessage final = caller.Expect(status);
        Assert.Equal($"Q.850;cause={refusal.Meaning().Q850}", final["Reason"]);
        caller.AckFailure();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((refusal, refusal.Meaning().EndReason, EndDirection.Server, false), (cdr.Refusal, cdr.EndReason, cdr.EndDirection, cdr.WasAnswered));
        Assert.True(cdr.Sale is null || cdr.Sale.Nanos == 0);
        world.AssertEverythingReturned();
    }
}
