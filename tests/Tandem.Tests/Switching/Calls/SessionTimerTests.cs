using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

public class SessionTimerTests
{
    private const string Timer = "Supported: timer\r\n";
    private const string Allow = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";

    private SwitchFixture _switch = new();

    [Fact]
    public void Each_leg_agrees_on_its_own_timer_and_the_switch_refreshes_where_nobody_else_asked_to()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(extra: Timer);
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        Assert.Equal(("timer", "600;refresher=uac", "90"), (callee.Invite["Supported"], callee.Invite["Session-Expires"], callee.Invite["Min-SE"]));
        callee.Respond(200, sdp: true, extra: "Session-Expires: 400;refresher=uas\r\nRequire: timer\r\n");
        callee.ExpectAck();
        WireMessage ok = caller.Expect(200);
        Assert.Equal(("timer", "timer", "600;refresher=uas"), (ok["Supported"], ok["Require"], ok["Session-Expires"]));
        caller.Ack();
        _switch.Advance(299);
        _switch.AssertQuiet();
        _switch.Advance(1.1);
        RefreshedBy(caller, "INVITE");
        End(caller, callee);
    }

    [Theory]
    [InlineData("Session-Expires: 1800\r\n", "600;refresher=uas")] // never longer than the switch wants
    [InlineData("Session-Expires: 300;refresher=uac\r\n", "300;refresher=uac")]
    [InlineData("x: 300;refresher=uas\r\n", "300;refresher=uas")]
    [InlineData("Session-Expires: 3000\r\nMin-SE: 900\r\n", "900;refresher=uas")] // nor shorter than somebody on the way permits
    [InlineData("Session-Expires: nonsense\r\n", "600;refresher=uas")]
    [InlineData("Session-Expires: 99999999999999\r\n", "600;refresher=uas")]
    [InlineData("Session-Expires: 4294967295\r\n", "600;refresher=uas")]
    public void The_answer_follows_table_2_of_RFC_4028(string asked, string answered)
    {
        (CallerLeg caller, CalleeLeg callee, WireMessage ok) = Talk(Timer + asked, "");
        Assert.Equal(answered, ok["Session-Expires"]);
        End(caller, callee);
    }

    [Fact]
    public void A_timer_a_proxy_asked_for_is_kept_for_a_caller_that_knows_none()
    {
        (CallerLeg caller, CalleeLeg callee, WireMessage ok) = Talk("Session-Expires: 300\r\n", "");
        Assert.Equal(("300;refresher=uas", ""), (ok["Session-Expires"], ok["Require"]));
        _switch.Advance(150.1);
        RefreshedBy(caller, "INVITE");
        End(caller, callee);
        (caller, callee, ok) = Talk("Session-Expires: 30\r\n", ""); // too short, and nobody there to be told so
        Assert.Equal("", ok["Session-Expires"]);
        End(caller, callee);
    }

    [Fact]
    public void The_story_of_a_call_of_many_refreshes_tells_how_it_ended_and_what_it_left_out()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 120;refresher=uac\r\n" + Allow);
        for (int i = 1; i <= 110; i++)
        {
            _switch.Advance(60);
            AnswerRefresh(callee, callee.ExpectRequest("UPDATE"), "Session-Expires: 120;refresher=uac\r\n");
        }
        Legs.End(caller, callee);
        Cdr cdr = _switch.Cdrs[^1];
        string story = WhyText.Of(WhyStory.Of(cdr));
        Assert.InRange(cdr.DecisionLog.Length, 2500, DecisionLog.MaxBytes);
        Assert.Matches(@"The log was full: \d+ messages and slices of money before this were not written down", story);
        Assert.Contains("6600.000 s of talk", story);
        Assert.Contains("Ended by the caller: hung up.", story);
    }

    [Theory]
    [InlineData(false, "INVITE")]
    [InlineData(true, "UPDATE")]
    public void A_refresh_repeats_the_session_as_the_end_knows_it_and_goes_by_UPDATE_where_that_is_allowed(bool update, string method)
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n" + (update ? Allow : ""));
        for (int i = 1; i <= 5; i++)
        {
            _switch.Advance(99.9);
            _switch.AssertQuiet();
            _switch.Advance(0.1);
            WireMessage refresh = callee.ExpectRequest(method);
            Assert.Equal((callee.Invite.CallId, callee.Tag, "200;refresher=uac"), (refresh.CallId, refresh.ToTag, refresh["Session-Expires"]));
            Assert.Equal(callee.Invite.CSeq + i, refresh.CSeq);
            Assert.Equal(update ? "" : callee.Invite.Body, refresh.Body);
            AnswerRefresh(callee, refresh, "Session-Expires: 200;refresher=uac\r\n");
        }
        End(caller, callee, 500);
    }

    [Fact]
    public void A_refresh_of_a_held_call_keeps_it_held()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n");
        caller.Request("INVITE", caller.Sdp.Replace("a=sendrecv", "a=sendonly"), $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(100);
        WireMessage hold = callee.ExpectRequest("INVITE");
        Assert.Equal("200;refresher=uac", hold["Session-Expires"]);
        AnswerRefresh(callee, hold, "Session-Expires: 200;refresher=uac\r\n");
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(100.1);
        WireMessage refresh = callee.ExpectRequest("INVITE");
        Assert.Equal(hold.Body, refresh.Body);
        AnswerRefresh(callee, refresh, "Session-Expires: 200;refresher=uac\r\n");
        End(caller, callee);
    }

    [Fact]
    public void A_refused_change_is_not_what_a_refresh_repeats()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n");
        caller.Request("INVITE", caller.Sdp.Replace("a=sendrecv", "a=sendonly"), $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(100);
        callee.Ok(callee.ExpectRequest("INVITE"), 488);
        callee.ExpectAck();
        caller.Expect(488);
        caller.AckFailure();
        _switch.Advance(100.1);
        WireMessage refresh = callee.ExpectRequest("INVITE");
        Assert.Equal(callee.Invite.Body, refresh.Body);
        AnswerRefresh(callee, refresh, "Session-Expires: 200;refresher=uac\r\n");
        End(caller, callee);
    }

    [Fact]
    public void The_segment_says_how_often()
    {
        _switch = SwitchFixture.WithSettings(static s => s with { Sip = s.Sip with { SessionTtl = TimeSpan.FromSeconds(1000), SessionUpdateSegment = 10 } });
        (CallerLeg caller, CalleeLeg callee, WireMessage ok) = Talk(Timer, "");
        Assert.Equal("1000;refresher=uas", ok["Session-Expires"]);
        _switch.Advance(99.9);
        _switch.AssertQuiet();
        _switch.Advance(0.2);
        RefreshedBy(caller, "INVITE");
        End(caller, callee);
    }

    [Fact]
    public void A_TTL_below_the_shortest_interval_counts_as_that()
    {
        _switch = SwitchFixture.WithSettings(static s => s with { Sip = s.Sip with { SessionTtl = TimeSpan.FromSeconds(60), SessionMinSE = TimeSpan.FromSeconds(120) } });
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        Assert.Equal(("120;refresher=uac", "120"), (callee.Invite["Session-Expires"], callee.Invite["Min-SE"]));
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        caller.Expect(487);
        caller.AckFailure();
        callee.Ok(callee.Invite, 487);
        callee.ExpectAck();
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_that_refreshes_by_re_INVITE_refreshes_both_legs()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk(Timer + "Session-Expires: 200;refresher=uac\r\n", "Session-Expires: 200;refresher=uac\r\n");
        for (int i = 0; i < 4; i++)
        {
            _switch.Advance(90);
            caller.Request("INVITE", caller.Sdp, $"Contact: <sip:{caller.From}@{caller.Address}>\r\n{Timer}Session-Expires: 200;refresher=uac\r\n");
            caller.Expect(100);
            WireMessage passed = callee.ExpectRequest("INVITE");
            Assert.Equal((callee.Invite.Body, "200;refresher=uac"), (passed.Body, passed["Session-Expires"]));
            AnswerRefresh(callee, passed, "Session-Expires: 200;refresher=uac\r\n");
            Assert.Equal("200;refresher=uac", caller.Expect(200)["Session-Expires"]);
            caller.Ack();
        }
        End(caller, callee, 360);
    }

    [Fact]
    public void A_caller_that_refreshes_by_UPDATE_is_answered_by_the_switch_itself()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk(Timer + "Session-Expires: 200;refresher=uac\r\n", "");
        for (int i = 0; i < 4; i++)
        {
            _switch.Advance(100);
            caller.Request("UPDATE", "", $"Contact: <sip:{caller.From}@{caller.Address}>\r\n{Timer}Session-Expires: 200;refresher=uac\r\n");
            Assert.Equal("200;refresher=uac", caller.Expect(200, "UPDATE")["Session-Expires"]);
            _switch.AssertQuiet();
        }
        End(caller, callee, 400);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_session_its_refresher_forgot_is_ended_in_time_and_before_it_is_over(bool callerForgets)
    {
        (CallerLeg caller, CalleeLeg callee, _) = callerForgets
            ? Talk(Timer + "Session-Expires: 600;refresher=uac\r\n", "")
            : Talk("", "Session-Expires: 600;refresher=uas\r\n");
        _switch.Advance(567.9);
        _switch.AssertQuiet();
        _switch.Advance(0.2);
        EndedAsDead(caller, callee, callerForgets ? 568 : 0);
    }

    [Theory]
    [InlineData(481, true)]
    [InlineData(408, true)]
    [InlineData(481, false)]
    [InlineData(408, false)]
    public void An_end_that_does_not_know_the_call_any_more_ends_it(int said, bool theCallers)
    {
        (CallerLeg caller, CalleeLeg callee, _) = theCallers ? Talk(Timer + Allow, "") : Talk("", "Session-Expires: 200;refresher=uac\r\n" + Allow);
        _switch.Advance(theCallers ? 300 : 100);
        if (theCallers) caller.Ok(caller.ExpectRequest("UPDATE"), said);
        else callee.Ok(callee.ExpectRequest("UPDATE"), said);
        EndedAsDead(caller, callee, theCallers ? 300 : 0);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void A_called_end_that_vanished_is_found_out_and_what_it_could_not_hear_is_not_charged(string method)
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n" + (method == "UPDATE" ? Allow : ""));
        _switch.Advance(100);
        AnswerRefresh(callee, callee.ExpectRequest(method), "Session-Expires: 200;refresher=uac\r\n");
        _switch.Advance(100);
        callee.ExpectRequest(method);
        _switch.Advance(31.9);
        Assert.Equal(0, _switch.Waiting(caller.Address));
        _switch.Forget(callee.Address);
        _switch.Advance(0.2);
        caller.Ok(caller.ExpectRequest("BYE"));
        callee.ExpectRequest("BYE");
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal((Refusal.SessionExpired, EndDirection.Server, -33, TimeSpan.FromSeconds(100)), (cdr.Refusal, cdr.EndDirection, cdr.EndReason, cdr.HoldTime));
        Assert.Equal(102, cdr.Sale!.BilledSeconds); // 100 s at 6/6
        _switch.Advance(60);
        _switch.Forget(callee.Address);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Media_of_the_called_end_are_a_sign_of_life_that_is_charged()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n" + Allow);
        _switch.Advance(90);
        _switch.Relay.Heard[MediaSide.Callee] = _switch.Now;
        _switch.Advance(10);
        callee.Ok(callee.ExpectRequest("UPDATE"), 481);
        EndedAsDead(caller, callee, 90);
    }

    [Fact]
    public void A_caller_that_answers_no_refresh_pays_for_the_line_it_held()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk(Timer + Allow, "");
        _switch.Advance(332.1);
        _switch.Forget(caller.Address);
        callee.Ok(callee.ExpectRequest("BYE"));
        Assert.Equal(TimeSpan.FromSeconds(332), Assert.Single(_switch.Cdrs).HoldTime);
        _switch.Advance(60);
        _switch.Forget(caller.Address);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void An_interval_too_short_is_answered_422_with_Min_SE_before_there_is_a_call()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(extra: Timer + "Session-Expires: 89\r\n");
        Assert.Equal("90", caller.Expect(422)["Min-SE"]);
        caller.AckFailure();
        Assert.Empty(_switch.Cdrs);
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void An_interval_too_short_within_the_call_is_answered_422_and_the_call_goes_on(string method)
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk(Timer, "");
        caller.Request(method, method == "INVITE" ? caller.Sdp : "", $"Contact: <sip:{caller.From}@{caller.Address}>\r\n{Timer}Session-Expires: 60\r\n");
        Assert.Equal("90", caller.Expect(422, method)["Min-SE"]);
        if (method == "INVITE") caller.AckFailure();
        _switch.Advance(50);
        End(caller, callee, 50);
    }

    [Fact]
    public void A_carrier_that_wants_a_longer_interval_is_asked_again_in_the_same_call()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(422, extra: "Min-SE: 1200\r\n");
        callee.ExpectAck();
        var again = new CalleeLeg(_switch);
        Assert.Equal((callee.Invite.CallId, callee.Invite.CSeq + 1, callee.Invite.Body, ""), (again.Invite.CallId, again.Invite.CSeq, again.Invite.Body, again.Invite.ToTag));
        Assert.Equal(("1200;refresher=uac", "1200"), (again.Invite["Session-Expires"], again.Invite["Min-SE"]));
        again.Respond(200, sdp: true, extra: "Session-Expires: 1200;refresher=uac\r\n");
        again.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(600.1);
        WireMessage refresh = again.ExpectRequest("INVITE");
        Assert.Equal(("1200;refresher=uac", "1200"), (refresh["Session-Expires"], refresh["Min-SE"]));
        AnswerRefresh(again, refresh, "");
        Assert.Empty(_switch.Cdrs);
        End(caller, again);
        Assert.Equal(1, _switch.Cdrs[0].Attempts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Min-SE: 90\r\n")]
    [InlineData("Min-SE: 999999\r\n")]
    public void A_422_that_asks_for_nothing_possible_is_a_failure_like_another(string minSE)
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(422, extra: minSE);
        callee.ExpectAck();
        var next = new CalleeLeg(_switch, SwitchFixture.CarrierB);
        next.Respond(200, sdp: true);
        next.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        End(caller, next);
    }

    [Fact]
    public void A_carrier_that_is_never_content_is_asked_four_times()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        for (int i = 1; i <= 4; i++)
        {
            var callee = new CalleeLeg(_switch);
            callee.Respond(422, extra: $"Min-SE: {600 + i}\r\n");
            callee.ExpectAck();
        }
        var next = new CalleeLeg(_switch, SwitchFixture.CarrierB);
        next.Respond(486);
        next.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_422_to_a_refresh_and_to_a_passed_change_lengthens_the_interval_of_that_leg()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n" + Allow);
        _switch.Advance(100);
        callee.Send(Legs.Response(callee.ExpectRequest("UPDATE"), 422, "", "", "Min-SE: 400\r\n", ""));
        WireMessage again = callee.ExpectRequest("UPDATE");
        Assert.Equal("400;refresher=uac", again["Session-Expires"]);
        AnswerRefresh(callee, again, "Session-Expires: 400;refresher=uac\r\n");
        caller.Request("INVITE", caller.Sdp, $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(100);
        callee.Send(Legs.Response(callee.ExpectRequest("INVITE"), 422, "", "", "Min-SE: 800\r\n", ""));
        callee.ExpectAck();
        again = callee.ExpectRequest("INVITE");
        Assert.Equal(("800;refresher=uac", callee.Invite.Body), (again["Session-Expires"], again.Body));
        AnswerRefresh(callee, again, "Session-Expires: 800;refresher=uac\r\n");
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(399);
        _switch.AssertQuiet();
        _switch.Advance(1.1);
        AnswerRefresh(callee, callee.ExpectRequest("UPDATE"), "");
        End(caller, callee);
    }

    [Theory]
    [InlineData(false, 2.1, 4.0)]
    [InlineData(true, 0, 2.0)]
    public void Glare_is_met_by_the_waits_of_RFC_3261(bool theCallers, double least, double most)
    {
        (CallerLeg caller, CalleeLeg callee, _) = theCallers ? Talk(Timer, "") : Talk("", "Session-Expires: 600;refresher=uac\r\n");
        _switch.Advance(300);
        Instant asked = _switch.Now;
        WireMessage refresh = theCallers ? caller.ExpectRequest("INVITE") : callee.ExpectRequest("INVITE");
        if (theCallers)
        {
            caller.Ok(refresh, 491);
            caller.ExpectRequest("ACK");
        }
        else
        {
            callee.Ok(refresh, 491);
            callee.ExpectAck();
        }
        while (_switch.Waiting(caller.Address) + _switch.Waiting(callee.Address) == 0) _switch.Advance(0.01);
        if (theCallers) RefreshedBy(caller, "INVITE");
        else AnswerRefresh(callee, callee.ExpectRequest("INVITE"), "");
        Assert.InRange((_switch.Now - asked).TotalSeconds, least, most + 0.011);
        End(caller, callee);
    }

    [Fact]
    public void A_change_that_meets_a_refresh_gets_491_and_may_come_again()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n");
        _switch.Advance(100);
        WireMessage refresh = callee.ExpectRequest("INVITE");
        caller.Request("INVITE", caller.Sdp, $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(491);
        caller.AckFailure();
        AnswerRefresh(callee, refresh, "");
        caller.Request("INVITE", caller.Sdp, $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(100);
        AnswerRefresh(callee, callee.ExpectRequest("INVITE"), "");
        caller.Expect(200);
        caller.Ack();
        End(caller, callee);
    }

    [Fact]
    public void A_refresh_due_during_a_change_is_done_by_it()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n");
        _switch.Advance(99);
        caller.Request("INVITE", caller.Sdp, $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(100);
        WireMessage passed = callee.ExpectRequest("INVITE");
        callee.Ok(passed, 100);
        _switch.Advance(10);
        _switch.AssertQuiet();
        AnswerRefresh(callee, passed, "Session-Expires: 200;refresher=uac\r\n");
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(99);
        _switch.AssertQuiet();
        _switch.Advance(1.1);
        AnswerRefresh(callee, callee.ExpectRequest("INVITE"), "");
        End(caller, callee);
    }

    [Fact]
    public void An_UPDATE_that_is_not_taken_after_all_is_followed_by_a_re_INVITE()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n" + Allow);
        _switch.Advance(100);
        callee.Ok(callee.ExpectRequest("UPDATE"), 405);
        AnswerRefresh(callee, callee.ExpectRequest("INVITE"), "");
        End(caller, callee);
    }

    [Fact]
    public void A_refresh_refused_for_another_reason_is_tried_again_until_the_session_is_over()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 90;refresher=uac\r\n" + Allow);
        _switch.Advance(45);
        callee.Ok(callee.ExpectRequest("UPDATE"), 500);
        _switch.Advance(10);
        callee.Ok(callee.ExpectRequest("UPDATE"), 503); // 55 s: the session is over at 60
        _switch.Advance(5);
        EndedAsDead(caller, callee, 55);
    }

    [Fact]
    public void The_200_to_a_refresh_said_again_is_acknowledged_again()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n");
        _switch.Advance(100);
        WireMessage refresh = callee.ExpectRequest("INVITE");
        string ok = Legs.Response(refresh, 200, "", $"<sip:in@{callee.Address}>", "", callee.Sdp);
        callee.Send(ok);
        string ack = callee.ExpectAck().Text;
        callee.Send(ok);
        Assert.Equal(ack, callee.ExpectAck().Text);
        End(caller, callee);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_BYE_that_crosses_a_refresh_ends_the_call(bool theCallers)
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "Session-Expires: 200;refresher=uac\r\n");
        _switch.Advance(100);
        WireMessage refresh = callee.ExpectRequest("INVITE");
        if (theCallers)
        {
            caller.Request("BYE");
            callee.Ok(callee.ExpectRequest("BYE"));
            caller.Expect(200, "BYE");
        }
        else
        {
            callee.Send(callee.BuildRequest("BYE"));
            caller.Ok(caller.ExpectRequest("BYE"));
            callee.Expect(200, "BYE");
        }
        callee.Ok(refresh, 481);
        callee.ExpectAck();
        Assert.Equal(theCallers ? EndDirection.Caller : EndDirection.Callee, Assert.Single(_switch.Cdrs).EndDirection);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_refresher_that_speaks_of_timers_no_more_leaves_the_refreshing_to_the_switch()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk(Timer + "Session-Expires: 200;refresher=uac\r\n", "");
        _switch.Advance(100);
        caller.Request("UPDATE", "", $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        Assert.Equal("200;refresher=uas", caller.Expect(200, "UPDATE")["Session-Expires"]);
        _switch.Advance(100.1);
        RefreshedBy(caller, "INVITE");
        End(caller, callee);
    }

    [Fact]
    public void A_gateway_that_is_to_be_spared_timers_hears_nothing_of_them()
    {
        _switch = new SwitchFixture(static said => SwitchFixture.ChangeAcme(SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { SipTimer = false }), static g => g with { SipTimer = false }));
        CallerLeg caller = new CallerLeg(_switch).Invite(extra: Timer + "Session-Expires: 20\r\n");
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true, extra: "Session-Expires: 100;refresher=uac\r\n");
        callee.ExpectAck();
        WireMessage ok = caller.Expect(200);
        foreach (string header in (string[])["Session-Expires", "Min-SE", "Supported", "Require"]) Assert.Equal(("", ""), (ok[header], callee.Invite[header]));
        caller.Ack();
        _switch.Advance(1000);
        End(caller, callee, 1000);
        caller = new CallerLeg(_switch).Invite(extra: "Require: timer\r\n");
        Assert.Equal("timer", caller.Expect(420)["Unsupported"]);
        caller.AckFailure();
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_phone_has_a_switch_of_its_own()
    {
        Assert.Equal("600;refresher=uac", InviteOfPhone(true)["Session-Expires"]);
        Assert.Equal("", InviteOfPhone(false)["Session-Expires"]);

        static WireMessage InviteOfPhone(bool timers)
        {
            const string Number = "442079";
            var world = new SwitchFixture(said => said with { Phones = said.Phones.Add(Number, new PhoneConfig { E164 = Number, Password = SwitchFixture.Password, SipTimerSupport = timers }) });
            PhoneCallTests.Register(world, SwitchFixture.PhoneTwo, Number, $"sip:{Number}@{SwitchFixture.PhoneTwo}");
            CallerLeg caller = new CallerLeg(world, to: Number).Invite();
            caller.Expect(100);
            return new CalleeLeg(world, SwitchFixture.PhoneTwo).Invite;
        }
    }

    [Theory]
    [InlineData("", "", 7200)] // neither end has a timer
    [InlineData(Timer, "", 7200)] // the carrier has none
    [InlineData("", "Session-Expires: 600;refresher=uac\r\n", 7200)]
    [InlineData(Timer, "Session-Expires: 600;refresher=uac\r\n", 0)]
    public void A_call_nobody_watches_over_has_a_longest_duration(string callers, string callees, int seconds)
    {
        _switch = new SwitchFixture(balance: 1000);
        (CallerLeg caller, CalleeLeg callee, _) = Talk(callers + Allow, callees + Allow);
        for (int second = 0; second < 8100 && _switch.Cdrs.Count == 0; second++)
        {
            _switch.Advance(1);
            if (_switch.Cdrs.Count > 0) break;
            if (_switch.Waiting(caller.Address) > 0) RefreshedBy(caller, "UPDATE");
            if (_switch.Waiting(callee.Address) > 0) AnswerRefresh(callee, callee.ExpectRequest("UPDATE"), "Session-Expires: 600;refresher=uac\r\n");
        }
        if (seconds == 0)
        {
            End(caller, callee, 8100);
            return;
        }
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Ok(caller.ExpectRequest("BYE"));
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal((Refusal.NoSessionTimer, EndDirection.Server, -35, TimeSpan.FromSeconds(seconds)), (cdr.Refusal, cdr.EndDirection, cdr.EndReason, cdr.HoldTime));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Without_that_limit_a_call_goes_on_as_long_as_its_ends_like()
    {
        _switch = new SwitchFixture(static said => said with { Settings = said.Settings with { Sip = said.Settings.Sip with { NoTimerReinviteInterval = TimeSpan.Zero } } }, balance: 1000);
        (CallerLeg caller, CalleeLeg callee, _) = Talk("", "");
        _switch.Advance(20_000);
        End(caller, callee, 20_000);
    }

    [Fact]
    public void Refreshes_allocate_nothing()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk(Timer, "Session-Expires: 600;refresher=uac\r\n" + Allow, "33145670123"); // a free number: no money moves
        _switch.Advance(2.1); // where both are due at once, one waits 2 s
        for (int i = 0; i < 100; i++) Round();
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = _switch.Allocated;
            for (int i = 0; i < 20; i++) Round();
            least = Math.Min(least, _switch.Allocated - before);
        }
        Assert.Equal(0, least);
        End(caller, callee);

        void Round()
        {
            _switch.Advance(297.9);
            RefreshedBy(caller, "INVITE");
            _switch.Advance(2.1);
            AnswerRefresh(callee, callee.ExpectRequest("UPDATE"), "Session-Expires: 600;refresher=uac\r\n");
        }
    }

    private (CallerLeg Caller, CalleeLeg Callee, WireMessage Ok) Talk(string callers, string callees, string to = "442079460123")
    {
        CallerLeg caller = new CallerLeg(_switch, to: to).Invite(extra: callers);
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true, extra: callees);
        callee.ExpectAck();
        WireMessage ok = caller.Expect(200);
        caller.Ack();
        return (caller, callee, ok);
    }

    private static void RefreshedBy(CallerLeg caller, string method)
    {
        WireMessage refresh = caller.ExpectRequest(method);
        Assert.Equal(method == "INVITE", refresh.Body.Length > 0);
        caller.Answer(refresh, "Session-Expires: 600;refresher=uac\r\n", method == "INVITE" ? caller.Sdp : "");
        if (method == "INVITE") caller.ExpectRequest("ACK");
    }

    private static void AnswerRefresh(CalleeLeg callee, WireMessage refresh, string extra)
    {
        callee.Send(Legs.Response(refresh, 200, "", $"<sip:in@{callee.Address}>", extra, refresh.Method == "INVITE" ? callee.Sdp : ""));
        if (refresh.Method == "INVITE") Assert.Equal(refresh.CSeq, callee.ExpectAck().CSeq);
    }

    private void EndedAsDead(CallerLeg caller, CalleeLeg callee, int seconds)
    {
        WireMessage bye = callee.ExpectRequest("BYE");
        Assert.Equal("Q.850;cause=102", bye["Reason"]);
        callee.Ok(bye);
        caller.Ok(caller.ExpectRequest("BYE"));
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal((Refusal.SessionExpired, EndDirection.Server, TimeSpan.FromSeconds(seconds)), (cdr.Refusal, cdr.EndDirection, cdr.HoldTime));
        _switch.AssertEverythingReturned();
    }

    private void End(CallerLeg caller, CalleeLeg callee, int? seconds = null)
    {
        Legs.End(caller, callee);
        if (seconds is { } held) Assert.Equal(TimeSpan.FromSeconds(held), Assert.Single(_switch.Cdrs).HoldTime);
        _switch.AssertEverythingReturned();
    }
}
