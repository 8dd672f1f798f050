using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Switching.Calls;

public class BasicCallTests
{
    private readonly SwitchFixture _switch = new();

    [Fact]
    public void A_call_is_tried_rung_answered_ended_charged_to_the_nano_and_recorded()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        Assert.Equal($"sip:442079460123@{SwitchFixture.CarrierA.HostString()}", callee.Invite.Uri);
        Assert.Equal("69", callee.Invite["Max-Forwards"]);
        callee.Trying();
        _switch.Advance(1.5);
        callee.Respond(180);
        caller.Expect(180);
        _switch.Advance(3);
        callee.Respond(200, sdp: true);
        WireMessage ack = callee.ExpectRequest("ACK");
        Assert.Equal(callee.Tag, ack.ToTag);
        Assert.Equal(callee.Invite.CSeq, ack.CSeq);
        WireMessage ok = caller.Expect(200);
        Assert.Contains("m=audio 20000 RTP/AVP 8 0 101", ok.Body);
        caller.Ack();
        _switch.Advance(61.4);
        Legs.End(caller, callee);
        _switch.AssertQuiet();

        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal("4930123456", cdr.CallerE164);
        Assert.Equal("442079460123", cdr.CalleeE164);
        Assert.Equal("acme", cdr.CallerGateway);
        Assert.Equal("carrier-a", cdr.CalleeGateway);
        Assert.Equal(TimeSpan.FromSeconds(61.4), cdr.HoldTime);
        Assert.Equal(1500, cdr.CallerPddMillis);
        Assert.Equal(1500, cdr.CalleePddMillis);
        Assert.Equal(EndDirection.Caller, cdr.EndDirection);
        Assert.Equal(200, cdr.EndReason);
        Assert.Equal(Refusal.None, cdr.Refusal);
        Assert.Equal(BillingMode.MappingGateway, cdr.BillingMode);
        Assert.Equal(1, cdr.Attempts);
        Assert.Equal((50, 2, 40), (cdr.CallerPackets, cdr.CallerMedia.Lost, cdr.CalleePackets));
        // 61 s count; 6/6 makes 66 s; 66 x 0.60 / 60 + 0.02
        Assert.Equal(66, cdr.Sale!.BilledSeconds);
        Assert.Equal(SwitchFixture.Nanos(0.68m), cdr.Sale.Nanos);
        Assert.Equal(61, cdr.Cost!.BilledSeconds);
        Assert.Equal(SwitchFixture.Nanos(0.305m), cdr.Cost.Nanos);
        Assert.Equal(SwitchFixture.Nanos(99.32m), _switch.Account("1001").BalanceNanos);
        Assert.Equal(SwitchFixture.Nanos(-0.305m), _switch.Account("clear-a").BalanceNanos);
        Assert.NotEmpty(DecisionLogReader.Read(cdr.DecisionLog));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_callee_may_hang_up_too()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch, "15551234");
        _switch.Advance(10);
        callee.Bye();
        caller.Ok(caller.ExpectRequest("BYE"));
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal(EndDirection.Callee, cdr.EndDirection);
        Assert.Equal(SwitchFixture.Nanos(0.02m), cdr.Sale!.Nanos);
        Assert.Equal(SwitchFixture.Nanos(0.03m), cdr.Cost!.Nanos);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Early_media_is_passed_with_our_ports_and_the_200_repeats_it_word_for_word()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(183, sdp: true);
        WireMessage early = caller.Expect(183);
        Assert.Contains("m=audio 20000 ", early.Body);
        Assert.Equal(NetAddress.Parse("203.0.113.77:30500"), _switch.Relay.Remotes[(0, MediaSide.Callee)]);
        Assert.Equal(NetAddress.Parse("192.0.2.99:18200"), _switch.Relay.Remotes[(0, MediaSide.Caller)]);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        Assert.Equal(early.Body, caller.Expect(200).Body); // RFC 3261 §13.2.1: the same answer
        caller.Ack();
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_200_without_SDP_after_a_183_with_it_reaches_the_caller_with_the_SDP_of_the_183()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(183, sdp: true);
        WireMessage early = caller.Expect(183);
        callee.Respond(200);
        callee.ExpectRequest("ACK");
        Assert.Equal(early.Body, caller.Expect(200).Body);
        caller.Ack();
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_200_without_any_SDP_is_acknowledged_ended_and_the_next_carrier_tried()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200);
        callee.ExpectRequest("ACK");
        callee.Ok(callee.ExpectRequest("BYE"));
        var second = new CalleeLeg(_switch, SwitchFixture.CarrierB);
        second.Respond(200, sdp: true);
        second.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(5);
        Legs.End(caller, second);
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal("carrier-b", cdr.CalleeGateway);
        Assert.Equal(Refusal.None, cdr.Refusal);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_late_offer_travels_in_the_200_and_its_answer_in_the_ACK()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(offer: false);
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        Assert.Equal("", callee.Invite.Body);
        callee.Respond(200, sdp: true);
        Assert.Equal(0, _switch.Waiting(callee.Address)); // no ACK before the answer is known
        Assert.Contains("m=audio 20000 ", caller.Expect(200).Body);
        callee.Repeat();
        Assert.Equal(0, _switch.Waiting(callee.Address));
        caller.Ack(caller.Sdp);
        WireMessage ack = callee.ExpectRequest("ACK");
        Assert.Contains("m=audio 20002 ", ack.Body);
        callee.Repeat(); // our ACK was lost
        Assert.Equal(ack.Text, callee.ExpectRequest("ACK").Text);
        _switch.Advance(3);
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_late_offer_never_answered_ends_the_call_with_an_ACK_before_the_BYE()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(offer: false);
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        caller.Expect(200);
        caller.Ack();
        callee.ExpectRequest("ACK");
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Ok(caller.ExpectRequest("BYE"));
        Assert.Equal(Refusal.CodecMismatch, Assert.Single(_switch.Cdrs).Refusal);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void An_INVITE_repeated_gets_the_last_response_again_and_makes_no_second_call()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        WireMessage trying = caller.Expect(100);
        caller.Repeat();
        Assert.Equal(trying.Text, caller.Expect(100).Text);
        var callee = new CalleeLeg(_switch);
        callee.Respond(180);
        caller.Expect(180);
        caller.Repeat();
        caller.Expect(180);
        callee.Respond(486);
        callee.ExpectRequest("ACK");
        caller.Expect(486);
        caller.AckFailure();
        _switch.AssertEverythingReturned();
        Assert.Single(_switch.Cdrs);
    }

    [Fact]
    public void A_200_repeated_by_the_callee_gets_the_same_ACK_again()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage first = _switch.Sent.Last(static m => m.Method == "ACK");
        callee.Repeat();
        Assert.Equal(first.Text, callee.ExpectRequest("ACK").Text);
        caller.Request("BYE");
        WireMessage bye = callee.ExpectRequest("BYE");
        callee.Repeat(); // and while the farewell is under way
        Assert.Equal(first.Text, callee.ExpectRequest("ACK").Text);
        callee.Ok(bye);
        caller.Expect(200, "BYE");
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_200_repeated_when_the_call_is_gone_is_acknowledged_and_told_goodbye()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        Legs.End(caller, callee);
        callee.Repeat();
        WireMessage ack = callee.ExpectRequest("ACK");
        Assert.Equal((callee.Tag, callee.Invite.CallId, callee.Invite.CSeq), (ack.ToTag, ack.CallId, ack.CSeq));
        callee.Ok(callee.ExpectRequest("BYE"), 481);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_BYE_repeated_gets_its_200_again_and_ends_nothing_twice()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        Legs.End(caller, callee);
        caller.Repeat();
        caller.Expect(200, "BYE");
        _switch.AssertEverythingReturned();
        Assert.Single(_switch.Cdrs);
    }

    [Fact]
    public void The_BYE_is_answered_only_when_the_CDR_is_in_the_journal()
    {
        var world = new SwitchFixture(deskApart: true);
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierA)); // not dialled before the money is held
        world.TurnDesk();
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        caller.Request("BYE");
        callee.Ok(callee.ExpectRequest("BYE"));
        Assert.Equal(0, world.Waiting(caller.Address));
        world.TurnDesk();
        Assert.Single(world.Cdrs);
        caller.Expect(200, "BYE");
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Calls_interleaved_each_end_as_they_should_and_slots_are_used_again()
    {
        for (int round = 0; round < 3; round++)
        {
            (CallerLeg Caller, CalleeLeg Callee)[] calls = [.. Enumerable.Range(0, 5).Select(_ => Legs.Talk(_switch))];
            _switch.Advance(20);
            foreach ((CallerLeg caller, CalleeLeg callee) in calls.Reverse()) Legs.End(caller, callee);
        }
        Assert.Equal(15, _switch.Cdrs.Count);
        Assert.All(_switch.Cdrs, static c => Assert.Equal(SwitchFixture.Nanos(0.26m), c.Sale!.Nanos)); // 20 s are 24 in sixes
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_call_that_ends_touches_no_transaction_of_another_that_uses_the_slot_by_now()
    {
        // The first call's INVITE transactions end after 32 s, and their slots are taken by the second call while the first goes on.
        (CallerLeg first, CalleeLeg firstEnd) = Legs.Talk(_switch);
        _switch.Advance(40);
        CallerLeg second = new CallerLeg(_switch).Invite();
        second.Expect(100);
        var secondEnd = new CalleeLeg(_switch);
        Legs.End(first, firstEnd);
        _switch.Advance(0.4);
        secondEnd.Respond(180);
        second.Expect(180);
        second.Cancel();
        second.Expect(200, "CANCEL");
        secondEnd.Ok(secondEnd.ExpectRequest("CANCEL"));
        secondEnd.Respond(487);
        secondEnd.ExpectRequest("ACK");
        second.Expect(487);
        second.AckFailure();
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_farewell_answered_late_does_not_reach_the_next_call_in_the_slot()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("BYE");
        caller.Expect(200, "BYE");
        WireMessage bye = callee.ExpectRequest("BYE");
        _switch.Advance(31.9);
        _switch.Forget(callee.Address);
        (CallerLeg next, CalleeLeg nextEnd) = Legs.Talk(_switch);
        callee.Ok(bye);
        next.Request("BYE");
        nextEnd.Ok(nextEnd.ExpectRequest("BYE"));
        next.Expect(200, "BYE");
        _switch.AssertEverythingReturned();
        Assert.Equal(2, _switch.Cdrs.Count);
    }

    [Fact]
    public void A_call_in_steady_state_allocates_at_most_5_KB_CDR_and_all()
    {
        for (int i = 0; i < 50; i++) CarryOne();
        _switch.Advance(60);
        long before = _switch.Allocated;
        const int Calls = 50;
        for (int i = 0; i < Calls; i++) CarryOne();
        long perCall = (_switch.Allocated - before) / Calls;
        TestContext.Current.TestOutputHelper?.WriteLine($"{perCall} bytes a call");
        Assert.InRange(perCall, 0, 5 * 1024);
    }

    private void CarryOne()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(180);
        caller.Expect(180);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(5);
        Legs.End(caller, callee);
    }
}
