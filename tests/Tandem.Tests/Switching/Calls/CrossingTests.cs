using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Switching.Calls;

public class CrossingTests
{
    private readonly SwitchFixture _switch = new();

    [Fact]
    public void A_CANCEL_before_any_response_waits_for_the_first_provisional()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        caller.Expect(487);
        caller.AckFailure();
        _switch.Advance(2);
        Assert.Equal(0, _switch.Waiting(callee.Address)); // RFC 3261 §9.1: no CANCEL yet; nor is the INVITE repeated
        callee.Respond(180);
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Respond(487);
        callee.ExpectRequest("ACK");
        AssertCancelledWithoutCharge();
    }

    [Fact]
    public void A_CANCEL_after_ringing_goes_out_at_once_on_the_branch_of_its_INVITE()
    {
        (CallerLeg caller, CalleeLeg callee) = Ring();
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        WireMessage cancel = callee.ExpectRequest("CANCEL");
        Assert.Equal((callee.Invite.Branch, callee.Invite.Uri, callee.Invite.CallId, callee.Invite["From"], callee.Invite["To"]), (cancel.Branch, cancel.Uri, cancel.CallId, cancel["From"], cancel["To"]));
        callee.Ok(cancel);
        callee.Respond(487);
        WireMessage ack = callee.ExpectRequest("ACK");
        Assert.Equal((callee.Invite.Branch, callee.Tag), (ack.Branch, ack.ToTag));
        caller.Expect(487);
        caller.AckFailure();
        AssertCancelledWithoutCharge();
    }

    [Fact]
    public void A_200_that_crosses_the_CANCEL_is_acknowledged_and_ended_and_the_caller_gets_487()
    {
        (CallerLeg caller, CalleeLeg callee) = Ring();
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        callee.ExpectRequest("CANCEL");
        callee.Respond(200, sdp: true);
        WireMessage ack = callee.ExpectRequest("ACK");
        WireMessage bye = callee.ExpectRequest("BYE");
        Assert.Equal((callee.Tag, callee.Invite.CSeq), (ack.ToTag, ack.CSeq));
        Assert.Equal((callee.Tag, callee.Invite.CSeq + 1), (bye.ToTag, bye.CSeq));
        callee.Ok(bye);
        caller.Expect(487);
        caller.AckFailure();
        _switch.Advance(0.4);
        AssertCancelledWithoutCharge(cancelsUnanswered: true);
    }

    [Fact]
    public void A_CANCEL_that_crosses_our_200_changes_nothing()
    {
        (CallerLeg caller, CalleeLeg callee) = Ring();
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        caller.Ack();
        _switch.Advance(6);
        Legs.End(caller, callee);
        Assert.Equal(TimeSpan.FromSeconds(6), Assert.Single(_switch.Cdrs).HoldTime);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_CANCEL_of_nothing_we_know_gets_481()
    {
        var caller = new CallerLeg(_switch);
        caller.Cancel();
        caller.Expect(481, "CANCEL");
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Two_BYEs_that_cross_are_both_answered_and_the_call_ends_once()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        _switch.Advance(12);
        caller.Request("BYE");
        caller.Expect(200, "BYE");
        WireMessage ours = callee.ExpectRequest("BYE");
        callee.Send(callee.BuildRequest("BYE"));
        callee.Expect(200, "BYE");
        callee.Ok(ours);
        _switch.AssertEverythingReturned();
        Assert.Equal(EndDirection.Caller, Assert.Single(_switch.Cdrs).EndDirection);
    }

    [Fact]
    public void A_200_never_acknowledged_is_repeated_for_32_seconds_and_then_the_call_is_ended_on_both_sides()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        WireMessage first = caller.Expect(200);
        double[] seconds = [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]; // RFC 3261 §13.3.1.4: T1, doubled up to T2
        Instant start = _switch.Now;
        foreach (double at in seconds)
        {
            _switch.Advance(start + TimeSpan.FromSeconds(at) - _switch.Now);
            Assert.Equal(first.Text, caller.Expect(200).Text);
            _switch.AssertQuiet();
        }
        _switch.Advance(0.5);
        caller.Ok(caller.ExpectRequest("BYE"));
        callee.Ok(callee.ExpectRequest("BYE"));
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal((Refusal.NoResponse, EndDirection.Server), (cdr.Refusal, cdr.EndDirection));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void An_ACK_that_comes_late_stops_the_repetition()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        _switch.Advance(1);
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(40);
        _switch.AssertQuiet();
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_that_says_BYE_before_its_ACK_is_heard()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        Legs.End(caller, callee);
        _switch.Advance(5);
        _switch.AssertEverythingReturned(); // and no 200 to the INVITE is sent again
        Assert.Single(_switch.Cdrs);
    }

    [Fact]
    public void When_the_callee_hangs_up_before_the_callers_ACK_the_caller_gets_its_BYE_after_the_ACK()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        callee.Bye();
        Assert.Equal(0, _switch.Waiting(caller.Address)); // RFC 3261 §15
        _switch.Advance(0.5);
        caller.Expect(200);
        caller.Ack();
        caller.Ok(caller.ExpectRequest("BYE"));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void When_that_ACK_never_comes_the_BYE_goes_out_after_32_seconds()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        callee.Bye();
        _switch.Advance(31.9);
        Assert.All(Enumerable.Range(0, _switch.Waiting(caller.Address)), _ => caller.Expect(200));
        _switch.Advance(0.1);
        caller.Ok(caller.ExpectRequest("BYE"));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_may_end_an_early_dialog_by_BYE()
    {
        (CallerLeg caller, CalleeLeg callee) = Ring();
        caller.Request("BYE");
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Respond(487);
        callee.ExpectRequest("ACK");
        caller.Expect(200, "BYE");
        caller.Expect(487);
        _switch.Forget(caller.Address);
        Assert.Equal(487, Assert.Single(_switch.Cdrs).EndReason);
    }

    [Fact]
    public void Of_two_forks_that_answer_the_second_is_acknowledged_and_ended()
    {
        (CallerLeg caller, CalleeLeg callee) = Ring();
        string winner = callee.Tag;
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
        callee.Tag = "otherfork";
        callee.Respond(200, sdp: true);
        Assert.Equal("otherfork", callee.ExpectRequest("ACK").ToTag);
        WireMessage bye = callee.ExpectRequest("BYE");
        Assert.Equal("otherfork", bye.ToTag);
        callee.Ok(bye);
        callee.Tag = winner;
        _switch.Advance(3);
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_that_cancels_while_the_ledger_thinks_is_told_487_and_nothing_is_dialled()
    {
        var world = new SwitchFixture(deskApart: true);
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        world.TurnDesk();
        caller.Expect(487);
        caller.AckFailure();
        world.AssertEverythingReturned();
        Assert.Equal(0, Assert.Single(world.Cdrs).Attempts);
    }

    private (CallerLeg Caller, CalleeLeg Callee) Ring()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(180);
        caller.Expect(180);
        return (caller, callee);
    }

    private void AssertCancelledWithoutCharge(bool cancelsUnanswered = false)
    {
        if (cancelsUnanswered)
        {
            _switch.AssertQuiet();
            _switch.Advance(60); // our CANCEL is repeated until it is given up
            _switch.Forget(SwitchFixture.CarrierA);
        }
        _switch.AssertEverythingReturned();
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal((487, EndDirection.Caller, Refusal.None, false), (cdr.EndReason, cdr.EndDirection, cdr.Refusal, cdr.WasAnswered));
        Assert.Equal(0, cdr.Sale!.Nanos);
        Assert.Equal(SwitchFixture.Nanos(100), _switch.Account("1001").BalanceNanos);
    }
}
