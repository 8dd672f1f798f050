using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Switching.Calls;

public class ReInviteTests
{
    private const string Allow = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";

    private readonly SwitchFixture _switch = new();

    [Fact]
    public void Hold_and_resume_by_the_caller_reach_the_callee_and_its_answers_come_back()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage hold = Ask(caller, callee, caller.Sdp.Replace("a=sendrecv", "a=sendonly"));
        Assert.Contains("a=sendonly", hold.Body);
        Assert.Equal((callee.Invite.CallId, callee.Invite.FromTag, callee.Tag), (hold.CallId, hold.FromTag, hold.ToTag));
        Assert.True(hold.CSeq > callee.Invite.CSeq);
        Assert.Equal("69", hold["Max-Forwards"]);
        Answer(callee, hold, callee.Sdp.Replace("a=sendrecv", "a=recvonly"));
        WireMessage held = caller.Expect(200);
        Assert.Contains("a=recvonly", held.Body);
        Assert.Contains("UPDATE", held["Allow"]);
        caller.Ack();
        WireMessage resume = Ask(caller, callee, caller.Sdp);
        Assert.Contains("a=sendrecv", resume.Body);
        Answer(callee, resume, callee.Sdp);
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(60);
        End(caller, callee, 60);
    }

    [Fact]
    public void Hold_by_the_callee_reaches_the_caller()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        string request = callee.BuildRequest("INVITE", body: callee.Sdp.Replace("a=sendrecv", "a=inactive"));
        callee.Send(request);
        callee.Expect(100, "INVITE");
        WireMessage hold = caller.ExpectRequest("INVITE");
        Assert.Contains("a=inactive", hold.Body);
        _switch.Deliver(caller.Address, Legs.Response(hold, 200, "", $"<sip:c@{caller.Address}>", "", caller.Sdp.Replace("a=sendrecv", "a=inactive")));
        caller.ExpectRequest("ACK");
        WireMessage held = callee.Expect(200, "INVITE");
        Assert.Contains("a=inactive", held.Body);
        Ack(callee, held);
        _switch.Advance(40);
        _switch.AssertQuiet();
        End(caller, callee, 40);
    }

    [Fact]
    public void The_older_hold_by_an_address_of_zeros_silences_the_relay_and_is_said_as_sendonly()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage hold = Ask(caller, callee, caller.Sdp.Replace("c=IN IP4 192.0.2.99", "c=IN IP4 0.0.0.0"));
        Assert.Contains("a=sendonly", hold.Body);
        Assert.DoesNotContain("0.0.0.0", hold.Body);
        Answer(callee, hold, callee.Sdp);
        caller.Expect(200);
        caller.Ack();
        Assert.True(Remote(MediaSide.Caller).IsAny);
        End(caller, callee);
    }

    [Fact]
    public void Media_follow_an_agreed_change_of_address_and_codec_and_not_a_refused_one()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        NetAddress before = Remote(MediaSide.Caller), beforeCallee = Remote(MediaSide.Callee);
        WireMessage asked = Ask(caller, callee, SwitchFixture.Sdp("192.0.2.98", 19000).Replace("RTP/AVP 8 0 101", "RTP/AVP 18").Replace("a=rtpmap:8 PCMA/8000", "a=rtpmap:18 G729/8000"));
        Assert.Contains("RTP/AVP 18\r\n", asked.Body);
        Assert.Contains("a=rtpmap:18 G729/8000", asked.Body);
        callee.Ok(asked, 488);
        callee.ExpectRequest("ACK");
        caller.Expect(488);
        caller.AckFailure();
        Assert.Equal((before, beforeCallee), (Remote(MediaSide.Caller), Remote(MediaSide.Callee)));
        asked = Ask(caller, callee, SwitchFixture.Sdp("192.0.2.98", 19000));
        Answer(callee, asked, SwitchFixture.Sdp("203.0.113.78", 31000));
        caller.Expect(200);
        caller.Ack();
        Assert.Equal((NetAddress.Parse("192.0.2.98:19000"), NetAddress.Parse("203.0.113.78:31000")), (Remote(MediaSide.Caller), Remote(MediaSide.Callee)));
        _switch.Advance(30);
        End(caller, callee, 30);
    }

    [Fact]
    public void The_version_of_the_session_grows_with_each_change_and_with_nothing_else()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        string origin = Origin(callee.Invite);
        WireMessage same = Ask(caller, callee, caller.Sdp);
        Assert.Equal(origin, Origin(same));
        Answer(callee, same, callee.Sdp);
        caller.Expect(200);
        caller.Ack();
        WireMessage hold = Ask(caller, callee, caller.Sdp.Replace("a=sendrecv", "a=sendonly"));
        Assert.Equal(origin.Replace(" 1 IN", " 2 IN"), Origin(hold));
        callee.Ok(hold, 488);
        callee.ExpectRequest("ACK");
        caller.Expect(488);
        caller.AckFailure();
        End(caller, callee);
    }

    [Fact]
    public void A_late_offer_within_the_dialog_travels_in_the_200_and_its_answer_in_the_ACK()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("INVITE", extra: Contact(caller.Address));
        caller.Expect(100);
        WireMessage asked = callee.ExpectRequest("INVITE");
        Assert.Equal("", asked.Body);
        _switch.Deliver(callee.Address, Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", SwitchFixture.Sdp("203.0.113.78", 31000)));
        Assert.Equal(0, _switch.Waiting(callee.Address)); // no ACK without the answer
        Assert.Contains("m=audio", caller.Expect(200).Body);
        caller.Ack(SwitchFixture.Sdp("192.0.2.98", 19000));
        WireMessage ack = callee.ExpectAck();
        Assert.Contains("m=audio", ack.Body);
        Assert.Equal(asked.CSeq, ack.CSeq);
        Assert.Equal((NetAddress.Parse("192.0.2.98:19000"), NetAddress.Parse("203.0.113.78:31000")), (Remote(MediaSide.Caller), Remote(MediaSide.Callee)));
        End(caller, callee);
    }

    [Fact]
    public void A_late_offer_that_is_not_answered_ends_the_call()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("INVITE", extra: Contact(caller.Address));
        caller.Expect(100);
        Answer(callee, callee.ExpectRequest("INVITE"), callee.Sdp, acknowledged: false);
        caller.Expect(200);
        caller.Ack();
        callee.ExpectAck();
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Ok(caller.ExpectRequest("BYE"));
        Assert.Equal(Refusal.CodecMismatch, Assert.Single(_switch.Cdrs).Refusal);
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(488, 488)]
    [InlineData(491, 491)]
    [InlineData(500, 500)]
    [InlineData(407, 503)]
    [InlineData(302, 480)]
    public void A_refusal_comes_back_and_the_call_goes_on(int said, int heard)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        callee.Ok(Ask(caller, callee, caller.Sdp), said);
        callee.ExpectRequest("ACK");
        caller.Expect(heard);
        caller.AckFailure();
        _switch.Advance(50);
        End(caller, callee, 50);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(481)]
    public void A_far_end_without_the_dialog_ends_the_call(int said)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        callee.Ok(Ask(caller, callee, caller.Sdp), said);
        callee.ExpectRequest("ACK");
        caller.Expect(said);
        caller.AckFailure();
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Ok(caller.ExpectRequest("BYE"));
        Assert.Equal((Refusal.NoResponse, EndDirection.Server), (Assert.Single(_switch.Cdrs).Refusal, _switch.Cdrs[0].EndDirection));
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_far_end_that_stays_silent_for_32_s_ends_the_call_with_408(bool ringsFirst)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage asked = Ask(caller, callee, caller.Sdp);
        if (ringsFirst) callee.Ok(asked, 183);
        _switch.Advance(31.9);
        _switch.Forget(callee.Address);
        Assert.Equal(0, _switch.Waiting(caller.Address));
        _switch.Advance(0.2);
        caller.Expect(408);
        caller.AckFailure();
        caller.Ok(caller.ExpectRequest("BYE"));
        if (ringsFirst)
        {
            callee.Ok(callee.ExpectRequest("CANCEL"));
            callee.Ok(asked, 487);
        }
        callee.Ok(callee.ExpectRequest("BYE"));
        if (ringsFirst) callee.ExpectAck();
        Assert.Equal(Refusal.NoResponse, Assert.Single(_switch.Cdrs).Refusal);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Two_changes_that_cross_get_491_each()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage asked = Ask(caller, callee, caller.Sdp);
        callee.Send(callee.BuildRequest("INVITE", body: callee.Sdp));
        AckFailure(callee, callee.Expect(491, "INVITE"));
        callee.Ok(asked, 491);
        callee.ExpectRequest("ACK");
        caller.Expect(491);
        caller.AckFailure();
        asked = Ask(caller, callee, caller.Sdp); // both may try again
        Answer(callee, asked, callee.Sdp);
        caller.Expect(200);
        callee.Send(callee.BuildRequest("INVITE", body: callee.Sdp)); // the caller's ACK is still due
        AckFailure(callee, callee.Expect(491, "INVITE"));
        caller.Ack();
        End(caller, callee);
    }

    [Fact]
    public void A_second_change_before_the_first_is_answered_gets_500_and_Retry_After()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage asked = Ask(caller, callee, caller.Sdp);
        int first = caller.CSeq;
        caller.Request("INVITE", caller.Sdp, Contact(caller.Address));
        Assert.InRange(int.Parse(caller.Expect(500)["Retry-After"]), 0, 10);
        caller.AckFailure();
        Answer(callee, asked, callee.Sdp);
        Assert.Equal(first, caller.Expect(200).CSeq);
        int last = caller.CSeq;
        caller.CSeq = first;
        caller.Ack();
        caller.CSeq = last;
        End(caller, callee);
    }

    [Fact]
    public void A_change_before_the_first_ACK_gets_491()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        callee.Send(callee.BuildRequest("INVITE", body: callee.Sdp));
        AckFailure(callee, callee.Expect(491, "INVITE"));
        caller.Ack();
        End(caller, callee);
    }

    [Fact]
    public void The_200_is_said_again_until_its_ACK_and_a_repeated_200_gets_the_same_ACK()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage asked = Ask(caller, callee, caller.Sdp);
        string ok = Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", callee.Sdp);
        callee.Send(ok);
        string ack = callee.ExpectAck().Text;
        string said = caller.Expect(200).Text;
        callee.Send(ok);
        Assert.Equal(ack, callee.ExpectAck().Text);
        _switch.Advance(0.6);
        Assert.Equal(said, caller.Expect(200).Text);
        _switch.Advance(1);
        Assert.Equal(said, caller.Expect(200).Text);
        caller.Ack();
        callee.Send(ok);
        Assert.Equal(ack, callee.ExpectAck().Text);
        caller.Ack();
        _switch.Advance(20);
        _switch.AssertQuiet();
        End(caller, callee);
    }

    [Fact]
    public void An_ACK_that_never_comes_ends_the_call()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        Answer(callee, Ask(caller, callee, caller.Sdp), callee.Sdp);
        _switch.Advance(31.9);
        _switch.Forget(caller.Address);
        _switch.Advance(0.2);
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Ok(caller.ExpectRequest("BYE"));
        Assert.Equal(Refusal.NoResponse, Assert.Single(_switch.Cdrs).Refusal);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_200_said_again_after_a_later_change_is_acknowledged_and_ends_nothing()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage first = Ask(caller, callee, caller.Sdp);
        Answer(callee, first, callee.Sdp);
        caller.Expect(200);
        caller.Ack();
        Answer(callee, Ask(caller, callee, caller.Sdp), callee.Sdp);
        caller.Expect(200);
        caller.Ack();
        _switch.Deliver(callee.Address, Legs.Response(first, 200, "", $"<sip:in@{callee.Address}>", "", callee.Sdp));
        Assert.Equal(first.CSeq, callee.ExpectAck().CSeq);
        _switch.AssertQuiet();
        End(caller, callee);
    }

    [Fact]
    public void A_BYE_that_crosses_a_change_ends_both()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage asked = Ask(caller, callee, caller.Sdp);
        callee.Ok(asked, 100);
        callee.Send(callee.BuildRequest("BYE"));
        WireMessage bye = caller.ExpectRequest("BYE");
        caller.Expect(487);
        caller.AckFailure();
        caller.Ok(bye);
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Expect(200, "BYE");
        _switch.Deliver(callee.Address, Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", callee.Sdp)); // it crossed the CANCEL
        callee.ExpectAck();
        _switch.AssertQuiet();
        Assert.Equal(EndDirection.Callee, Assert.Single(_switch.Cdrs).EndDirection);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Money_that_runs_out_during_a_change_ends_the_call_on_the_paid_second()
    {
        var world = new SwitchFixture(balance: 0.12m); // a minute
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world, "12025550123");
        world.Advance(59.5);
        WireMessage asked = Ask(caller, callee, caller.Sdp);
        callee.Ok(asked, 100);
        world.Advance(0.5);
        callee.Ok(callee.ExpectRequest("BYE"));
        WireMessage bye = caller.ExpectRequest("BYE");
        caller.Expect(487);
        caller.AckFailure();
        caller.Ok(bye);
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Ok(asked, 487);
        callee.ExpectAck();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((Refusal.MoneyRanOut, TimeSpan.FromSeconds(60)), (cdr.Refusal, cdr.HoldTime));
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(487)]
    [InlineData(200)]
    public void A_CANCEL_of_a_change_is_passed_and_what_the_far_end_decides_comes_back(int decided)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage asked = Ask(caller, callee, caller.Sdp);
        callee.Ok(asked, 183);
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        WireMessage cancel = callee.ExpectRequest("CANCEL");
        Assert.Equal(asked.Branch, cancel.Branch);
        callee.Ok(cancel);
        if (decided == 200) Answer(callee, asked, callee.Sdp, acknowledged: false);
        else callee.Ok(asked, decided);
        callee.ExpectAck();
        caller.Expect(decided);
        if (decided == 200) caller.Ack();
        else caller.AckFailure();
        _switch.Advance(40);
        End(caller, callee, 40);
    }

    [Fact]
    public void Where_an_end_says_it_is_now_its_next_request_goes()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        NetAddress moved = NetAddress.Parse("203.0.113.1:5099");
        caller.Request("UPDATE", caller.Sdp, "Contact: <sip:moved@192.0.2.10:5077;x=a-much-longer-target-than-the-last-one-was>\r\n");
        WireMessage asked = callee.ExpectRequest("INVITE");
        _switch.Deliver(callee.Address, Legs.Response(asked, 200, "", $"<sip:elsewhere@{moved}>", "", callee.Sdp));
        WireMessage ack = _switch.Next(moved);
        Assert.Equal(("ACK", $"sip:elsewhere@{moved}"), (ack.Method, ack.Uri));
        caller.Expect(200, "UPDATE");
        callee.Send(callee.BuildRequest("BYE"));
        WireMessage bye = _switch.Next(NetAddress.Parse("192.0.2.10:5077"));
        Assert.Equal("sip:moved@192.0.2.10:5077;x=a-much-longer-target-than-the-last-one-was", bye.Uri);
        caller.Ok(bye);
        callee.Expect(200, "BYE");
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_call_refreshed_for_ever_holds_no_more_than_before()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        for (int i = 0; i < 2000; i++)
        {
            string user = new('u', 1 + (i * 7 % 50));
            caller.Request("UPDATE", extra: $"Contact: <sip:{user}@{caller.Address}>\r\n");
            caller.Expect(200, "UPDATE");
        }
        callee.Send(callee.BuildRequest("BYE"));
        WireMessage bye = caller.ExpectRequest("BYE");
        Assert.Equal($"sip:{new string('u', 1 + (1999 * 7 % 50))}@{caller.Address}", bye.Uri);
        caller.Ok(bye);
        callee.Expect(200, "BYE");
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void An_UPDATE_passes_as_UPDATE_to_an_end_that_takes_it()
    {
        (CallerLeg caller, CalleeLeg callee) = TalkWithUpdate();
        caller.Request("UPDATE", caller.Sdp.Replace("a=sendrecv", "a=sendonly"), Contact(caller.Address));
        WireMessage asked = callee.ExpectRequest("UPDATE");
        Assert.Contains("a=sendonly", asked.Body);
        _switch.Deliver(callee.Address, Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", callee.Sdp.Replace("a=sendrecv", "a=recvonly")));
        Assert.Contains("a=recvonly", caller.Expect(200, "UPDATE").Body);
        _switch.AssertQuiet();
        _switch.Advance(40);
        End(caller, callee, 40);
    }

    [Fact]
    public void An_UPDATE_passes_as_re_INVITE_to_an_end_that_does_not_list_it()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("UPDATE", caller.Sdp, Contact(caller.Address));
        Answer(callee, callee.ExpectRequest("INVITE"), callee.Sdp);
        Assert.Contains("m=audio", caller.Expect(200, "UPDATE").Body);
        _switch.Advance(40);
        _switch.AssertQuiet();
        End(caller, callee, 40);
    }

    [Fact]
    public void An_UPDATE_nobody_answers_ends_the_call_with_408()
    {
        (CallerLeg caller, CalleeLeg callee) = TalkWithUpdate();
        caller.Request("UPDATE", caller.Sdp, Contact(caller.Address));
        callee.ExpectRequest("UPDATE");
        _switch.Advance(32.1);
        caller.Expect(408, "UPDATE");
        caller.Ok(caller.ExpectRequest("BYE"));
        _switch.Forget(callee.Address); // the UPDATE again and again, and a BYE nobody answers
        _switch.Advance(40);
        _switch.Forget(callee.Address);
        Assert.Equal(Refusal.NoResponse, Assert.Single(_switch.Cdrs).Refusal);
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("Require: x-strange\r\n", 420)]
    [InlineData("Content-Type: text/plain\r\n", 415)]
    public void What_an_INVITE_is_refused_for_a_change_is_refused_for_too(string extra, int status)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("INVITE", caller.Sdp, Contact(caller.Address) + extra);
        caller.Expect(status);
        caller.AckFailure();
        Assert.Equal(0, _switch.Shard.Counters.CallsRefused);
        _switch.Advance(30);
        End(caller, callee, 30);
    }

    [Fact]
    public void Both_sides_of_a_change_stand_in_the_decision_log()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        Answer(callee, Ask(caller, callee, caller.Sdp), callee.Sdp);
        caller.Expect(200);
        caller.Ack();
        Legs.End(caller, callee);
        string[] ladder = [.. DecisionLogReader.Read(Assert.Single(_switch.Cdrs).DecisionLog).Where(static e => e.Kind == DecisionKind.Message)
            .Select(static e => $"{(MediaSide)e.Numbers[0]} {(e.Numbers[1] == 1 ? "sent" : "got")} {e.Texts[0]}")];
        Assert.Contains("Caller got INVITE|Callee sent INVITE|Callee got 200|Callee sent ACK|Caller sent 200|Caller got ACK|Caller got BYE", string.Join('|', ladder));
        _switch.AssertEverythingReturned();
    }

    private static string Contact(NetAddress address) => $"Contact: <sip:c@{address}>\r\n";

    private static string Origin(WireMessage message) => message.Body.Split("\r\n")[1];

    private static WireMessage Ask(CallerLeg caller, CalleeLeg callee, string sdp)
    {
        caller.Request("INVITE", sdp, Contact(caller.Address).Replace("<sip:c@", $"<sip:{caller.From}@"));
        caller.Expect(100);
        return callee.ExpectRequest("INVITE");
    }

    private static void Answer(CalleeLeg callee, WireMessage asked, string sdp, bool acknowledged = true)
    {
        callee.Send(Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", sdp));
        if (acknowledged) Assert.Equal(asked.CSeq, callee.ExpectAck().CSeq);
    }

    private static void Ack(CalleeLeg callee, WireMessage ok) => callee.Send(callee.BuildRequest("ACK", cseq: ok.CSeq));

    private static void AckFailure(CalleeLeg callee, WireMessage refused) =>
        callee.Send($"ACK {callee.Invite.Contact} SIP/2.0\r\nVia: {refused["Via"]}\r\nMax-Forwards: 70\r\nFrom: {refused["From"]}\r\nTo: {refused["To"]}\r\nCall-ID: {refused.CallId}\r\nCSeq: {refused.CSeq} ACK\r\nContent-Length: 0\r\n\r\n");

    private NetAddress Remote(MediaSide side) => _switch.Relay.Remotes.Single(r => r.Key.Side == side).Value;

    private (CallerLeg Caller, CalleeLeg Callee) TalkWithUpdate()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(extra: Allow);
        caller.Expect(100);
        var callee = new CalleeLeg(_switch, extra: Allow);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        return (caller, callee);
    }

    private void End(CallerLeg caller, CalleeLeg callee, int? seconds = null)
    {
        Legs.End(caller, callee);
        if (seconds is { } held) Assert.Equal(TimeSpan.FromSeconds(held), Assert.Single(_switch.Cdrs).HoldTime);
        _switch.AssertEverythingReturned();
    }
}
