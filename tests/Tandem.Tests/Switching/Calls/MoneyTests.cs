using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Switching.Calls;

// To 1: 0.12 a minute by the second, so 0.002 a second and 0.12 for the first slice.
public class MoneyTests
{
    private const string Usa = "15551234";

    [Fact]
    public void Money_for_exactly_one_slice_buys_exactly_that_second_and_the_call_is_ended_politely()
    {
        var world = new SwitchFixture(balance: 0.12m);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(59.999);
        world.AssertQuiet();
        world.Advance(0.001);
        AssertHungUp(world, caller, callee, Refusal.MoneyRanOut, 60);
        Assert.Equal(0, world.Account("1001").BalanceNanos);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_next_slice_is_held_ten_seconds_before_the_last_is_used_up()
    {
        var world = new SwitchFixture();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        Assert.Equal(SwitchFixture.Nanos(0.12m), world.Account("1001").ReservedNanos);
        world.Advance(49.9);
        Assert.Equal(SwitchFixture.Nanos(0.12m), world.Account("1001").ReservedNanos);
        world.Advance(0.2);
        Assert.Equal(SwitchFixture.Nanos(0.24m), world.Account("1001").ReservedNanos);
        world.Advance(149.9);
        Legs.End(caller, callee);
        Assert.Equal(SwitchFixture.Nanos(0.4m), Assert.Single(world.Cdrs).Sale!.Nanos);
        Assert.Equal(SwitchFixture.Nanos(99.6m), world.Account("1001").BalanceNanos);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_last_slice_may_be_a_part_of_one()
    {
        var world = new SwitchFixture(balance: 0.151m); // 75.5 s
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(74.999);
        world.AssertQuiet();
        world.Advance(0.001);
        AssertHungUp(world, caller, callee, Refusal.MoneyRanOut, 75);
        Assert.Equal(SwitchFixture.Nanos(0.001m), world.Account("1001").BalanceNanos);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_turn_that_comes_late_charges_nothing_beyond_the_paid_second()
    {
        var world = new SwitchFixture(balance: 0.12m);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Jump(63);
        AssertHungUp(world, caller, callee, Refusal.MoneyRanOut, 60);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_payment_that_comes_while_the_last_seconds_run_is_noticed()
    {
        var world = new SwitchFixture(balance: 0.12m);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(56);
        Assert.Equal(LedgerOutcome.Done, world.Ledger.Pay("late", world.Account("1001").Id, SwitchFixture.Nanos(1), "", "test", world.Now));
        world.Advance(44);
        world.AssertQuiet();
        Legs.End(caller, callee);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(SwitchFixture.Nanos(0.2m), cdr.Sale!.Nanos);
        DecisionKind[] kinds = [.. DecisionLogReader.Read(cdr.DecisionLog).Select(static e => e.Kind)];
        Assert.Equal(1, kinds.Count(static k => k == DecisionKind.MoneyEnds));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_payment_after_the_end_does_not_bring_the_call_back()
    {
        var world = new SwitchFixture(balance: 0.12m);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(59.5);
        world.Ledger.Pay("late", world.Account("1001").Id, SwitchFixture.Nanos(1), "", "test", world.Now);
        world.Advance(0.5);
        AssertHungUp(world, caller, callee, Refusal.MoneyRanOut, 60);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_free_destination_needs_no_money_and_has_no_end()
    {
        var world = new SwitchFixture(static said => said with { Settings = said.Settings with { Sip = said.Settings.Sip with { NoTimerReinviteInterval = TimeSpan.Zero } } }, balance: 0);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, "33145");
        world.Advance(7200);
        world.AssertQuiet();
        Legs.End(caller, callee);
        Assert.Equal(0, Assert.Single(world.Cdrs).Sale!.Nanos);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_longest_permitted_duration_ends_the_call()
    {
        SwitchFixture world = SwitchFixture.WithSettings(static s => s with { Calls = s.Calls with { MaxCallDuration = TimeSpan.FromSeconds(30) } });
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(30);
        AssertHungUp(world, caller, callee, Refusal.MaxDuration, 30);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Whichever_of_money_and_duration_ends_first_is_the_reason_even_in_a_late_turn()
    {
        var world = new SwitchFixture(static c => c with { Settings = c.Settings with { Calls = c.Settings.Calls with { MaxCallDuration = TimeSpan.FromSeconds(59) } } }, balance: 0.12m);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Jump(65);
        AssertHungUp(world, caller, callee, Refusal.MaxDuration, 59);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Free_seconds_come_on_top_of_what_is_paid_for()
    {
        var world = new SwitchFixture(static c => c with { Settings = c.Settings with { Billing = c.Settings.Billing with { FreeTime = 10 } } }, balance: 0.12m);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(69.9);
        world.AssertQuiet();
        world.Advance(0.1);
        AssertHungUp(world, caller, callee, Refusal.MoneyRanOut, 70, charged: 60);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_operator_ends_a_talk_on_both_sides()
    {
        var world = new SwitchFixture();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(7);
        CallId id = Assert.Single(world.Shard.LiveCalls).Id;
        Assert.True(world.Shard.TryPost((s, now) => s.Drop(id, Refusal.OperatorDropped, now)));
        world.Turn();
        AssertHungUp(world, caller, callee, Refusal.OperatorDropped, 7);
        Assert.False(world.Shard.Drop(id, Refusal.OperatorDropped, world.Now));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_CDR_the_ledger_failed_on_is_handed_to_it_again_after_2_s()
    {
        var world = new SwitchFixture();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        world.Journal.FailsOnce = true;
        Assert.Throws<InvalidOperationException>(() => caller.Request("BYE"));
        world.Turn();
        callee.Ok(callee.ExpectRequest("BYE"));
        Assert.Empty(world.Cdrs);
        world.Advance(2);
        caller.Expect(200, "BYE");
        Assert.Single(world.Cdrs);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_switch_that_stops_takes_no_new_calls_and_those_in_progress_go_on_until_they_are_ended()
    {
        var world = new SwitchFixture();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        world.Shard.Close();
        CallerLeg late = new CallerLeg(world).Invite();
        late.Expect(503);
        late.AckFailure();
        Assert.Empty(world.Cdrs);

        Assert.Equal(1, world.Shard.DropAll(Refusal.ServerStopping, world.Now, atMost: 5));
        Assert.Equal(0, world.Shard.DropAll(Refusal.ServerStopping, world.Now, atMost: 5));
        world.Turn();
        caller.Ok(caller.ExpectRequest("BYE"));
        callee.Ok(callee.ExpectRequest("BYE"));
        Assert.Equal(Refusal.ServerStopping, Assert.Single(world.Cdrs).Refusal);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_operator_ends_a_call_that_rings_with_480_and_CANCEL()
    {
        var world = new SwitchFixture();
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(180);
        caller.Expect(180);
        world.Shard.DropAll(Refusal.ServerStopping, world.Now);
        world.Turn();
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Respond(487);
        callee.ExpectRequest("ACK");
        caller.Expect(503);
        caller.AckFailure();
        Assert.Equal(Refusal.ServerStopping, Assert.Single(world.Cdrs).Refusal);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_ledger_overrun_when_the_next_slice_is_due_is_asked_again()
    {
        var world = new SwitchFixture(deskApart: true, deskCapacity: 2);
        CallerLeg caller = new CallerLeg(world, to: Usa).Invite();
        caller.Expect(100);
        world.TurnDesk();
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        world.TurnDesk();
        for (int i = 0; i < 2; i++) Assert.True(world.Desk.TryPost(new LedgerRequest { Kind = LedgerRequestKind.Run, Run = static (_, _) => { } }));
        world.Advance(50.5);
        world.TurnDesk();
        world.Advance(0.02);
        world.TurnDesk();
        Assert.Equal(SwitchFixture.Nanos(0.24m), world.Account("1001").ReservedNanos);
        world.Advance(20);
        caller.Request("BYE");
        callee.Ok(callee.ExpectRequest("BYE"));
        world.TurnDesk();
        caller.Expect(200, "BYE");
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_answer_the_overrun_ledger_did_not_hear_is_told_again()
    {
        var world = new SwitchFixture(deskApart: true, deskCapacity: 2);
        CallerLeg caller = new CallerLeg(world, to: Usa).Invite();
        caller.Expect(100);
        world.TurnDesk();
        var callee = new CalleeLeg(world);
        for (int i = 0; i < 2; i++) Assert.True(world.Desk.TryPost(new LedgerRequest { Kind = LedgerRequestKind.Run, Run = static (_, _) => { } }));
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        world.TurnDesk();
        Assert.DoesNotContain(world.Journal.Records, static r => r.Type == JournalRecordType.CallAnswered);
        world.Advance(0.01);
        world.TurnDesk();
        Assert.Single(world.Journal.Records, static r => r.Type == JournalRecordType.CallAnswered);
    }

    [Fact]
    public void An_account_locked_during_a_call_is_not_extended()
    {
        var world = new SwitchFixture();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        Assert.Equal(LedgerOutcome.Done, world.Ledger.SetTerms(world.Account("1001").Id, 0, locked: true, world.Now));
        world.Advance(60);
        AssertHungUp(world, caller, callee, Refusal.MoneyRanOut, 60);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_account_that_expires_during_a_call_is_not_extended()
    {
        var world = new SwitchFixture();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        Assert.Equal(LedgerOutcome.Done, world.Ledger.SetTerms(world.Account("1001").Id, 0, locked: false, world.Now, world.Now + TimeSpan.FromSeconds(30)));
        world.Advance(60);
        AssertHungUp(world, caller, callee, Refusal.MoneyRanOut, 60);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_deck_that_changes_during_a_call_leaves_its_price()
    {
        var world = new SwitchFixture();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(30);
        Assert.True(Deck.TryCreate("retail", Currency.Usd, [new Rate(DialString.Parse("1"), "", new Tariff(SwitchFixture.Nanos(9), 0, 60, 60, Currency.Usd), Locked: false)], out Deck? dearer, out _));
        world.MoreDecks[dearer.Version] = dearer;
        string before = world.Configuration.Decks["retail"].Version;
        world.Reconfigure(said => said with { Decks = said.Decks.SetItem("retail", new Tandem.Switching.Configuration.DeckRef("retail", Currency.Usd, dearer.Version)) });
        world.Advance(60); // the next slice too is one of the old price
        Assert.Equal(SwitchFixture.Nanos(0.24m), world.Account("1001").ReservedNanos);
        Legs.End(caller, callee);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((90 * 2_000_000L, before), (cdr.Sale!.Nanos, cdr.Sale.DeckVersion));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Any_number_of_calls_at_once_never_spends_more_than_there_is()
    {
        var world = new SwitchFixture(balance: 1.00m);
        var talking = new List<(CallerLeg Caller, CalleeLeg Callee)>();
        for (int i = 0; i < 20; i++)
        {
            CallerLeg caller = new CallerLeg(world, to: Usa).Invite();
            caller.Expect(100);
            if (world.Waiting(SwitchFixture.CarrierA) == 0)
            {
                caller.Expect(402);
                caller.AckFailure();
                continue;
            }
            var callee = new CalleeLeg(world);
            callee.Respond(200, sdp: true);
            callee.ExpectRequest("ACK");
            caller.Expect(200);
            caller.Ack();
            talking.Add((caller, callee));
        }
        Assert.Equal(8, talking.Count); // 8 x 0.12 = 0.96
        world.Advance(300);
        world.Forget(SwitchFixture.Customer);
        world.Forget(SwitchFixture.CarrierA);
        world.AssertEverythingReturned();
        Assert.Equal(SwitchFixture.Nanos(1.00m), world.Cdrs.Sum(static c => c.Sale!.Nanos) + world.Account("1001").BalanceNanos);
        Assert.InRange(world.Account("1001").BalanceNanos, 0, SwitchFixture.Nanos(0.002m)); // and the rest of it was talked away to the last second
    }

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(0.9, 0)] // 1000 ms precision: a part of a second is dropped
    [InlineData(1.0, 1)]
    [InlineData(61.999, 61)]
    public void Talk_time_is_counted_in_whole_seconds(double seconds, int billed)
    {
        var world = new SwitchFixture();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, Usa);
        world.Advance(seconds);
        Legs.End(caller, callee);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((billed, billed * 2_000_000L), (cdr.Sale!.BilledSeconds, cdr.Sale.Nanos));
        world.AssertEverythingReturned();
    }

    private static void AssertHungUp(SwitchFixture world, CallerLeg caller, CalleeLeg callee, Refusal why, int seconds, int? charged = null)
    {
        WireMessage toCaller = caller.ExpectRequest("BYE"), toCallee = callee.ExpectRequest("BYE");
        Assert.Equal($"Q.850;cause={why.Meaning().Q850}", toCaller["Reason"]);
        caller.Ok(toCaller);
        callee.Ok(toCallee);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((why, why.Meaning().EndReason, EndDirection.Server), (cdr.Refusal, cdr.EndReason, cdr.EndDirection));
        Assert.Equal(TimeSpan.FromSeconds(seconds), cdr.HoldTime);
        Assert.Equal((charged ?? seconds) * 2_000_000L, cdr.Sale!.Nanos);
    }
}
