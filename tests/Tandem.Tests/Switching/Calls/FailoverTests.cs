using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

public class FailoverTests
{
    [Fact]
    public void After_a_503_the_next_carrier_is_tried_and_the_caller_hears_nothing_of_it()
    {
        var world = new SwitchFixture();
        CallerLeg caller = Start(world);
        Fail(world, SwitchFixture.CarrierA, 503);
        Assert.Equal(0, world.Waiting(caller.Address));
        var second = new CalleeLeg(world, SwitchFixture.CarrierB);
        second.Respond(200, sdp: true);
        second.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        world.Advance(6);
        Legs.End(caller, second);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(("carrier-b", 2, 200, Refusal.None), (cdr.CalleeGateway, cdr.Attempts, cdr.EndReason, cdr.Refusal));
        Assert.Equal("clear-b", cdr.Cost!.AccountNumber);
        Assert.Equal(0, world.Account("clear-a").BalanceNanos);
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(9, false)]
    public void The_protect_route_takes_over_only_while_its_delay_has_not_passed(int delay, bool takes)
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangeCarrier(SwitchFixture.ChangeCarrier(said with
        {
            Settings = said.Settings with { Routing = said.Settings.Routing with { TryProtectRouteDelay = TimeSpan.FromSeconds(delay) } },
            RoutingGateways = said.RoutingGateways.Remove("carrier-c"),
        }, "carrier-a", static g => g with { Limits = g.Limits with { Protects = true } }), "carrier-b", static g => g with { Priority = 9 }));
        var caller = new CallerLeg(world);
        caller.Invite().Expect(100);
        var silent = new CalleeLeg(world, SwitchFixture.CarrierB); // the protect route stands behind, whatever its priority
        world.Advance(10);
        for (int i = 0; i < 4; i++) silent.ExpectRequest("INVITE");
        if (takes)
        {
            var protect = new CalleeLeg(world, SwitchFixture.CarrierA);
            protect.Respond(200, sdp: true);
            protect.ExpectRequest("ACK");
            caller.Expect(200);
            caller.Ack();
            world.Advance(1);
            Legs.End(caller, protect);
            Assert.Equal("carrier-a", Assert.Single(world.Cdrs).CalleeGateway);
        }
        else
        {
            caller.Expect(408);
            Assert.True(Logged(Assert.Single(world.Cdrs), RouteVerdict.ProtectTooLate));
        }
    }

    [Fact]
    public void A_carrier_whose_clearing_account_has_no_money_is_passed_over_where_that_is_asked_for()
    {
        var world = SwitchFixture.WithSettings(static s => s with { Routing = s.Routing with { VerifyClearingCustomer = true, ClearingMoneyLimit = default } });
        world.Ledger.Pay("b", world.Account("clear-b").Id, SwitchFixture.Nanos(5), "", "op", world.Now);
        var caller = new CallerLeg(world);
        caller.Invite().Expect(100);
        var second = new CalleeLeg(world, SwitchFixture.CarrierB); // the first has nothing
        second.Respond(200, sdp: true);
        second.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        world.Advance(6);
        Legs.End(caller, second);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(("carrier-b", 1), (cdr.CalleeGateway, cdr.Attempts));
        Assert.True(Logged(cdr, RouteVerdict.ClearingMoney));
    }

    // A candidate's entry says its verdict among its numbers.
    private static bool Logged(Cdr cdr, RouteVerdict verdict) =>
        DecisionLogReader.Read(cdr.DecisionLog).Any(e => e.Texts.Contains("carrier-a") && e.Numbers.Contains((long)verdict));

    [Fact]
    public void A_carrier_that_says_nothing_for_10_s_is_left_and_its_late_200_is_acknowledged_and_ended()
    {
        var world = new SwitchFixture();
        CallerLeg caller = Start(world);
        var silent = new CalleeLeg(world);
        world.Advance(9.9);
        for (int i = 0; i < 4; i++) silent.ExpectRequest("INVITE"); // at 0.5, 1.5, 3.5, 7.5 s
        world.AssertQuiet();
        world.Advance(0.1);
        var second = new CalleeLeg(world, SwitchFixture.CarrierB);
        second.Respond(200, sdp: true);
        second.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        silent.Respond(200, sdp: true);
        silent.ExpectRequest("ACK");
        silent.Ok(silent.ExpectRequest("BYE"));
        world.Advance(6);
        Legs.End(caller, second);
        Assert.Equal("carrier-b", Assert.Single(world.Cdrs).CalleeGateway);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_carrier_that_stays_at_100_for_20_s_is_cancelled_and_left()
    {
        var world = new SwitchFixture();
        CallerLeg caller = Start(world);
        var first = new CalleeLeg(world);
        first.Trying();
        world.Advance(20);
        first.Ok(first.ExpectRequest("CANCEL"));
        first.Respond(487);
        first.ExpectRequest("ACK");
        Fail(world, SwitchFixture.CarrierB, 500);
        Fail(world, SwitchFixture.CarrierC, 404);
        caller.Expect(404);
        caller.AckFailure();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((404, EndDirection.Callee, Refusal.None, 3), (cdr.EndReason, cdr.EndDirection, cdr.Refusal, cdr.Attempts));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_183_without_SDP_has_20_s_of_its_own_and_does_not_stop_the_switching()
    {
        var world = new SwitchFixture();
        Start(world);
        var first = new CalleeLeg(world);
        first.Respond(183);
        world.Forget(SwitchFixture.Customer);
        world.Advance(19.9);
        world.AssertQuiet();
        world.Advance(0.1);
        first.ExpectRequest("CANCEL");
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierB));
    }

    [Fact]
    public void Ringing_lasts_120_s_however_often_it_is_repeated_and_then_nobody_answered()
    {
        var world = new SwitchFixture();
        CallerLeg caller = Start(world);
        var first = new CalleeLeg(world);
        first.Respond(180);
        caller.Expect(180);
        for (int i = 0; i < 2; i++)
        {
            world.Advance(55);
            first.Repeat();
            caller.Expect(180);
        }
        world.Advance(9.9);
        world.AssertQuiet();
        world.Advance(0.1);
        first.Ok(first.ExpectRequest("CANCEL"));
        first.Respond(487);
        first.ExpectRequest("ACK");
        WireMessage final = caller.Expect(480);
        Assert.Equal("Q.850;cause=19", final["Reason"]);
        caller.AckFailure();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((Refusal.NoAnswer, -31, EndDirection.Server, 1), (cdr.Refusal, cdr.EndReason, cdr.EndDirection, cdr.Attempts));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void When_no_carrier_says_a_word_the_caller_gets_408()
    {
        var world = new SwitchFixture();
        CallerLeg caller = Start(world);
        world.Advance(30);
        world.Forget(SwitchFixture.CarrierA);
        world.Forget(SwitchFixture.CarrierB);
        world.Forget(SwitchFixture.CarrierC);
        caller.Expect(408);
        caller.AckFailure();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((Refusal.NoResponse, -30, 3), (cdr.Refusal, cdr.EndReason, cdr.Attempts));
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(486, false, true)]
    [InlineData(486, true, true)]
    [InlineData(603, false, true)]
    [InlineData(404, false, false)]
    [InlineData(480, false, false)]
    public void Which_statuses_stop_the_switching(int status, bool untilConnect, bool stops)
    {
        SwitchFixture world = SwitchFixture.WithSettings(s => s with { Calls = s.Calls with { SwitchUntilConnect = untilConnect } });
        CallerLeg caller = Start(world);
        Fail(world, SwitchFixture.CarrierA, status);
        Assert.Equal(stops ? 0 : 1, world.Waiting(SwitchFixture.CarrierB));
        if (stops) caller.Expect(status);
    }

    [Fact]
    public void Busy_does_not_stop_when_the_operator_says_so()
    {
        SwitchFixture world = SwitchFixture.WithSettings(static s => s with { Calls = s.Calls with { SwitchStopAfterUserBusy = false } });
        Start(world);
        Fail(world, SwitchFixture.CarrierA, 486);
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierB));
    }

    [Theory]
    [InlineData(180, false, true, false, false)] // ringing stops
    [InlineData(183, true, true, false, false)] // early media stops
    [InlineData(183, true, false, false, true)] // unless SS_SIP_STOP_SWITCH_AFTER_SDP is off
    [InlineData(180, false, true, true, true)] // until connect: neither stops
    [InlineData(183, true, true, true, true)]
    public void What_the_caller_has_heard_stops_the_switching(int provisional, bool sdp, bool stopAfterSdp, bool untilConnect, bool next)
    {
        SwitchFixture world = SwitchFixture.WithSettings(s => s with { Calls = s.Calls with { SwitchUntilConnect = untilConnect }, Sip = s.Sip with { StopSwitchAfterSdp = stopAfterSdp } });
        CallerLeg caller = Start(world);
        var first = new CalleeLeg(world);
        first.Respond(provisional, sdp);
        caller.Expect(provisional);
        first.Respond(503);
        first.ExpectRequest("ACK");
        Assert.Equal(next ? 1 : 0, world.Waiting(SwitchFixture.CarrierB));
        Assert.Equal(next ? 0 : 1, world.Waiting(caller.Address));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(-1, 3)]
    public void The_switch_limit_counts_further_carriers(int limit, int attempts)
    {
        SwitchFixture world = SwitchFixture.WithSettings(s => s with { Calls = s.Calls with { GatewaySwitchLimit = limit } });
        CallerLeg caller = Start(world);
        NetAddress[] carriers = [SwitchFixture.CarrierA, SwitchFixture.CarrierB, SwitchFixture.CarrierC];
        for (int i = 0; i < attempts; i++) Fail(world, carriers[i], 503);
        caller.Expect(503);
        caller.AckFailure();
        Assert.Equal(attempts, Assert.Single(world.Cdrs).Attempts);
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(302, 480)]
    [InlineData(401, 503)]
    [InlineData(407, 503)]
    [InlineData(404, 404)]
    [InlineData(488, 488)]
    [InlineData(500, 500)]
    public void What_the_last_carrier_said_is_what_the_caller_hears_but_for_what_is_between_us_and_the_carrier(int said, int heard)
    {
        SwitchFixture world = SwitchFixture.WithSettings(static s => s with { Calls = s.Calls with { GatewaySwitchLimit = 0 } });
        CallerLeg caller = Start(world);
        Fail(world, SwitchFixture.CarrierA, said);
        caller.Expect(heard);
        caller.AckFailure();
        Assert.Equal(said, Assert.Single(world.Cdrs).EndReason);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void What_a_carrier_said_that_was_tried_outweighs_full_lines_of_those_behind_it()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeCarrier(SwitchFixture.ChangeCarrier(said, "carrier-b", static c => c with { Capacity = 1 }), "carrier-c", static c => c with { Locked = true }));
        CallerLeg first = Start(world), second = Start(world); // both are to go a, then b
        var firstEnd = new CalleeLeg(world);
        var secondEnd = new CalleeLeg(world);
        firstEnd.Respond(500).ExpectAck();
        var taken = new CalleeLeg(world, SwitchFixture.CarrierB); // the first call has the one line of b
        secondEnd.Respond(404).ExpectAck();
        second.Expect(404);
        second.AckFailure();
        Cdr lost = Assert.Single(world.Cdrs);
        Assert.Equal((404, 1), (lost.EndReason, lost.Attempts));
        Assert.Contains(DecisionLogReader.Read(lost.DecisionLog), static e => e.Kind == DecisionKind.Candidate && e.Texts[0] == "carrier-b" && e.Numbers[0] == (long)RouteVerdict.LinesFull);
        taken.Respond(486);
        taken.ExpectRequest("ACK");
        first.Expect(486);
        first.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_post_dial_delay_of_the_callee_is_that_of_the_carrier_that_took_the_call()
    {
        SwitchFixture world = SwitchFixture.WithSettings(static s => s with { Calls = s.Calls with { SwitchUntilConnect = true } });
        CallerLeg caller = Start(world);
        var first = new CalleeLeg(world);
        world.Advance(0.4);
        first.Respond(180);
        caller.Expect(180);
        world.Advance(1);
        first.Respond(503);
        first.ExpectRequest("ACK");
        var second = new CalleeLeg(world, SwitchFixture.CarrierB);
        world.Advance(0.2);
        second.Respond(200, sdp: true);
        second.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        Legs.End(caller, second);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((400, 200), (cdr.CallerPddMillis, cdr.CalleePddMillis));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Every_attempt_that_was_made_stands_in_the_CDR_with_what_became_of_it()
    {
        var world = new SwitchFixture();
        CallerLeg caller = Start(world);
        Fail(world, SwitchFixture.CarrierA, 503);
        world.Advance(10); // the second says nothing
        world.Forget(SwitchFixture.CarrierB);
        var third = new CalleeLeg(world, SwitchFixture.CarrierC);
        world.Advance(0.3);
        third.Respond(200, sdp: true);
        third.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        world.Advance(6);
        Legs.End(caller, third);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal([("carrier-a", 503, Refusal.None), ("carrier-b", 0, Refusal.NoResponse), ("carrier-c", 200, Refusal.None)], cdr.Tried.Select(static t => (t.To, t.Status, t.Refusal)));
        Assert.Equal((SwitchFixture.CarrierC, 300, cdr.Attempts), (cdr.Tried[2].Address, cdr.Tried[2].PddMillis, cdr.Tried.Count));
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Media_that_came_stops_the_switching_where_the_operator_says_so(bool stopAfterRtp, bool next)
    {
        SwitchFixture world = SwitchFixture.WithSettings(s => s with { Calls = s.Calls with { SwitchStopAfterRtpStart = stopAfterRtp }, Sip = s.Sip with { StopSwitchAfterSdp = false } });
        CallerLeg caller = Start(world);
        var first = new CalleeLeg(world);
        first.Respond(183, sdp: true);
        caller.Expect(183);
        world.Advance(1);
        world.Relay.Heard[MediaSide.Callee] = world.Now;
        first.Respond(503);
        first.ExpectRequest("ACK");
        Assert.Equal(next ? 1 : 0, world.Waiting(SwitchFixture.CarrierB));
    }

    [Fact]
    public void A_gateway_whose_own_list_says_so_ends_the_call_at_a_404_and_the_story_tells_why()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static c => c with { SwitchStopCodes = ["404"] }));
        CallerLeg caller = Start(world);
        Fail(world, SwitchFixture.CarrierA, 404);
        caller.Expect(404);
        caller.AckFailure();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Contains(Tandem.Server.Api.WhyStory.Of(cdr).Steps, static s => s.Says.Contains("no other is tried, since the status is among the gateway's switchStopCodes", StringComparison.Ordinal));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_gateway_that_may_ring_in_vain_gives_way_to_the_next()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static c => c with { SwitchAllowRing = true }));
        CallerLeg caller = Start(world);
        var first = new CalleeLeg(world);
        first.Respond(180);
        caller.Expect(180);
        first.Respond(480).ExpectAck();
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierB));
    }

    private static CallerLeg Start(SwitchFixture world)
    {
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        return caller;
    }

    private static void Fail(SwitchFixture world, NetAddress carrier, int status)
    {
        var callee = new CalleeLeg(world, carrier);
        callee.Respond(status);
        Assert.Equal(callee.Invite.Branch, callee.ExpectAck().Branch);
    }
}
