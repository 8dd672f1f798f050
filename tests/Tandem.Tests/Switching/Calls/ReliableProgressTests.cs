using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>RFC 3262 on either leg, docs/calls.md "Reliable provisional responses".</summary>
public class ReliableProgressTests
{
    private const string Supported = "Supported: 100rel\r\n";
    private const string Required = "Require: 100rel\r\n";
    private const string Update = "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\r\n";

    private readonly SwitchFixture _switch = new(Reliable);

    [Theory]
    [InlineData("", false)]
    [InlineData(Supported, true)]
    [InlineData(Required, true)]
    public void A_callers_progress_is_reliable_when_it_supports_or_requires_that(string extra, bool reliable)
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(extra);
        callee.Respond(180);
        WireMessage ringing = caller.Expect(180);
        Assert.Equal((reliable ? "100rel" : "", reliable), (ringing["Require"], ringing["RSeq"].Length > 0));
        if (reliable) Prack(caller, ringing);
        Answer(caller, callee);
        End(caller, callee);
    }

    [Theory]
    [InlineData(Supported, false)]
    [InlineData(Required, true)]
    public void With_sip100Rel_off_only_a_caller_that_requires_it_gets_it(string extra, bool reliable)
    {
        var world = new SwitchFixture();
        CallerLeg caller = new CallerLeg(world).Invite(extra: extra);
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        Assert.DoesNotContain("100rel", callee.Invite.All("Supported"));
        callee.Respond(180);
        WireMessage ringing = caller.Expect(180);
        Assert.Equal(reliable, ringing["Require"] == "100rel");
        if (reliable) Prack(caller, ringing);
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_reliable_response_is_repeated_doubling_until_its_PRACK()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported);
        callee.Respond(183, sdp: true);
        Instant first = caller.Expect(183).At;
        _switch.Advance(8);
        double[] repeats = [.. Enumerable.Range(0, 4).Select(_ => (caller.Expect(183).At - first).TotalSeconds)];
        Assert.Equal([0.5, 1.5, 3.5, 7.5], repeats);
        Prack(caller, _switch.Sent.Last(static m => m.Status == 183));
        _switch.Advance(30);
        _switch.AssertQuiet();
        Answer(caller, callee, saidAgain: false);
        End(caller, callee);
    }

    [Fact]
    public void A_reliable_response_never_acknowledged_ends_the_call_with_504_and_cancels_the_callee()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported);
        callee.Respond(183, sdp: true);
        _switch.Advance(32.1);
        _switch.Forget(caller.Address);
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Respond(487);
        callee.ExpectAck();
        Assert.Contains(_switch.Sent, m => m.Status == 504 && m.To == caller.Address);
        _switch.Forget(caller.Address);
        caller.AckFailure();
        Assert.Equal(Refusal.ProgressUnacknowledged, Assert.Single(_switch.Cdrs).Refusal);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void What_comes_before_the_PRACK_waits_for_it_and_the_last_of_it_is_said()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported);
        callee.Respond(181);
        WireMessage forwarded = caller.Expect(181);
        callee.Respond(180);
        callee.Respond(183, sdp: true);
        _switch.AssertQuiet();
        Prack(caller, forwarded);
        WireMessage progress = caller.Expect(183);
        Assert.Equal(int.Parse(forwarded["RSeq"]) + 1, int.Parse(progress["RSeq"]));
        Assert.Contains("m=audio", progress.Body);
        Prack(caller, progress);
        Answer(caller, callee, saidAgain: false);
        End(caller, callee);
    }

    [Fact]
    public void The_200_waits_for_the_PRACK_of_a_response_with_SDP_and_the_callee_is_acknowledged_at_once()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported);
        callee.Respond(183, sdp: true);
        WireMessage progress = caller.Expect(183);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        _switch.AssertQuiet();
        callee.Repeat(); // its 200 again gets its ACK again, not a BYE
        callee.ExpectAck();
        caller.Request("PRACK", extra: RAck(progress));
        caller.Expect(200, "PRACK");
        Assert.Equal("", caller.Expect(200).Body);
        caller.CSeq--;
        caller.Ack();
        caller.CSeq++;
        End(caller, callee);
    }

    [Fact]
    public void The_200_does_not_wait_for_the_PRACK_of_a_response_without_SDP()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported);
        callee.Respond(180);
        WireMessage ringing = caller.Expect(180);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        Assert.Contains("m=audio", caller.Expect(200).Body);
        caller.Request("PRACK", extra: RAck(ringing)); // crossed the 200
        caller.Expect(481, "PRACK");
        caller.CSeq--;
        caller.Ack();
        caller.CSeq++;
        End(caller, callee);
    }

    [Fact]
    public void A_CANCEL_while_the_200_waits_ends_the_answered_callee_with_BYE_and_nobody_pays()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported);
        callee.Respond(183, sdp: true);
        caller.Expect(183);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Expect(487);
        caller.AckFailure();
        Assert.Equal(TimeSpan.Zero, Assert.Single(_switch.Cdrs).HoldTime);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_callee_that_hangs_up_while_the_200_waits_is_an_attempt_that_failed()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported);
        callee.Respond(183, sdp: true);
        caller.Expect(183);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        callee.Bye();
        caller.Expect(480);
        caller.AckFailure();
        Assert.Equal(TimeSpan.Zero, Assert.Single(_switch.Cdrs).HoldTime);
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(1, 0, "INVITE")]
    [InlineData(0, 1, "INVITE")]
    [InlineData(0, 0, "UPDATE")]
    public void A_PRACK_of_something_else_gets_481_and_acknowledges_nothing(int rseq, int cseq, string method)
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported);
        callee.Respond(180);
        WireMessage ringing = caller.Expect(180);
        caller.Request("PRACK", extra: $"RAck: {int.Parse(ringing["RSeq"]) + rseq} {ringing.CSeq + cseq} {method}\r\n");
        caller.Expect(481, "PRACK");
        _switch.Advance(0.6);
        caller.Expect(180);
        caller.Request("PRACK", extra: RAck(ringing));
        caller.Expect(200, "PRACK");
        caller.Request("PRACK", extra: RAck(ringing)); // acknowledged already
        caller.Expect(481, "PRACK");
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(486);
        _switch.Forget(caller.Address);
        _switch.Advance(40);
        _switch.Forget(caller.Address);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_callees_reliable_response_is_acknowledged_once_and_repeats_and_gaps_are_not_heard()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial("");
        Assert.Contains("100rel", callee.Invite.All("Supported"));
        callee.Respond(180, extra: Required + "RSeq: 7\r\n");
        caller.Expect(180);
        WireMessage prack = callee.ExpectRequest("PRACK");
        Assert.Equal(($"7 {callee.Invite.CSeq} INVITE", callee.Invite.CSeq + 1), (prack["RAck"], prack.CSeq));
        callee.Ok(prack);
        callee.Repeat();
        callee.Respond(183, sdp: true, extra: Required + "RSeq: 9\r\n"); // 8 was lost on the way: not heard until it comes
        _switch.AssertQuiet();
        callee.Respond(183, sdp: true, extra: Required + "RSeq: 8\r\n");
        callee.Ok(callee.ExpectRequest("PRACK"));
        Assert.Contains("m=audio", caller.Expect(183).Body);
        callee.Respond(200); // what was agreed on is not said again
        callee.ExpectAck();
        Assert.Contains("m=audio", caller.Expect(200).Body);
        caller.Ack();
        End(caller, callee);
    }

    [Fact]
    public void Both_legs_are_reliable_each_on_its_own()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Required);
        callee.Respond(183, sdp: true, extra: Required + "RSeq: 100\r\n");
        WireMessage progress = caller.Expect(183);
        callee.Ok(callee.ExpectRequest("PRACK")); // ours, whatever the caller does
        Assert.NotEqual("100", progress["RSeq"]);
        Prack(caller, progress);
        Answer(caller, callee, saidAgain: false);
        End(caller, callee);
    }

    [Fact]
    public void A_late_offer_in_a_reliable_183_is_answered_from_PRACK_to_PRACK()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(offer: false, extra: Supported);
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        Assert.Contains("100rel", callee.Invite.All("Supported"));
        callee.Respond(183, sdp: true, extra: Required + "RSeq: 1\r\n");
        WireMessage offer = caller.Expect(183);
        Assert.Contains("m=audio", offer.Body);
        _switch.AssertQuiet(); // the PRACK waits for the answer
        caller.Request("PRACK", caller.Sdp, RAck(offer));
        caller.Expect(200, "PRACK");
        WireMessage prack = callee.ExpectRequest("PRACK");
        Assert.Contains("m=audio", prack.Body);
        Assert.DoesNotContain("192.0.2.99", prack.Body);
        callee.Ok(prack);
        Assert.Equal((NetAddress.Parse("192.0.2.99:18200"), NetAddress.Parse("203.0.113.77:30500")), (Remote(MediaSide.Caller), Remote(MediaSide.Callee))); // early media both ways
        callee.Respond(200);
        callee.ExpectAck();
        Assert.Equal("", caller.Expect(200).Body);
        caller.CSeq--;
        caller.Ack();
        caller.CSeq++;
        _switch.Advance(30);
        End(caller, callee);
        Assert.Equal(TimeSpan.FromSeconds(30), Assert.Single(_switch.Cdrs).HoldTime);
    }

    [Fact]
    public void A_late_offer_the_caller_does_not_answer_in_its_PRACK_ends_the_call()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(offer: false, extra: Supported);
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(183, sdp: true, extra: Required + "RSeq: 1\r\n");
        WireMessage offer = caller.Expect(183);
        caller.Request("PRACK", extra: RAck(offer));
        caller.Expect(200, "PRACK");
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Respond(487);
        callee.ExpectAck();
        Assert.Equal(488, caller.Next().Status);
        _switch.Advance(40);
        _switch.Forget(caller.Address);
        Assert.Equal(Refusal.CodecMismatch, Assert.Single(_switch.Cdrs).Refusal);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_without_an_offer_that_does_not_speak_100rel_hears_the_offer_in_the_200()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(offer: false);
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        Assert.DoesNotContain("100rel", callee.Invite.All("Supported"));
        callee.Respond(180);
        caller.Expect(180);
        callee.Respond(200, sdp: true);
        Assert.Contains("m=audio", caller.Expect(200).Body);
        caller.Ack(caller.Sdp);
        Assert.Contains("m=audio", callee.ExpectAck().Body);
        End(caller, callee);
    }

    [Fact]
    public void An_UPDATE_passes_before_the_answer_when_both_ends_have_agreed()
    {
        (CallerLeg caller, CalleeLeg callee) = Early();
        caller.Request("UPDATE", caller.Sdp.Replace("a=sendrecv", "a=sendonly"));
        WireMessage asked = callee.ExpectRequest("UPDATE");
        Assert.Contains("a=sendonly", asked.Body);
        _switch.Deliver(callee.Address, Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", callee.Sdp.Replace("a=sendrecv", "a=recvonly")));
        Assert.Contains("a=recvonly", caller.Expect(200, "UPDATE").Body);
        callee.Send(callee.BuildRequest("UPDATE", body: callee.Sdp));
        WireMessage back = caller.ExpectRequest("UPDATE");
        _switch.Deliver(caller.Address, Legs.Response(back, 200, "", $"<sip:c@{caller.Address}>", "", caller.Sdp));
        callee.Expect(200, "UPDATE");
        Answer(caller, callee, saidAgain: false);
        End(caller, callee);
    }

    [Fact]
    public void Two_UPDATEs_that_cross_before_the_answer_meet_491_and_a_second_of_the_same_end_500()
    {
        (CallerLeg caller, CalleeLeg callee) = Early();
        caller.Request("UPDATE", caller.Sdp);
        WireMessage asked = callee.ExpectRequest("UPDATE");
        callee.Send(callee.BuildRequest("UPDATE", body: callee.Sdp));
        callee.Expect(491, "UPDATE");
        caller.Request("UPDATE", caller.Sdp);
        Assert.NotEqual("", caller.Expect(500, "UPDATE")["Retry-After"]);
        _switch.Deliver(callee.Address, Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", callee.Sdp));
        caller.Expect(200, "UPDATE");
        Answer(caller, callee, saidAgain: false);
        End(caller, callee);
    }

    [Fact]
    public void An_UPDATE_before_anything_was_agreed_on_is_told_to_come_later()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial("");
        callee.Respond(183, sdp: true);
        caller.Expect(183);
        caller.Request("UPDATE", caller.Sdp);
        Assert.NotEqual("", caller.Expect(500, "UPDATE")["Retry-After"]);
        caller.CSeq--;
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        caller.CSeq++;
        End(caller, callee);
    }

    [Fact]
    public void A_new_offer_in_a_PRACK_passes_as_an_UPDATE_and_its_answer_comes_in_the_200_of_the_PRACK()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported + Update);
        callee.Respond(183, sdp: true, extra: Required + Update + "RSeq: 1\r\n");
        callee.Ok(callee.ExpectRequest("PRACK"));
        WireMessage progress = caller.Expect(183);
        caller.Request("PRACK", caller.Sdp.Replace("a=sendrecv", "a=recvonly"), RAck(progress));
        WireMessage asked = callee.ExpectRequest("UPDATE");
        Assert.Contains("a=recvonly", asked.Body);
        _switch.Deliver(callee.Address, Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", callee.Sdp.Replace("a=sendrecv", "a=sendonly")));
        Assert.Contains("a=sendonly", caller.Expect(200, "PRACK").Body);
        Answer(caller, callee, saidAgain: false);
        End(caller, callee);
    }

    [Fact]
    public void A_new_offer_in_a_PRACK_that_cannot_pass_gets_488_and_is_an_acknowledgement_all_the_same()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported);
        callee.Respond(183, sdp: true);
        WireMessage progress = caller.Expect(183);
        caller.Request("PRACK", caller.Sdp, RAck(progress));
        caller.Expect(488, "PRACK");
        _switch.Advance(20);
        _switch.AssertQuiet();
        Answer(caller, callee, saidAgain: false);
        End(caller, callee);
    }

    [Fact]
    public void An_UPDATE_to_an_end_that_then_fails_is_told_to_come_later()
    {
        (CallerLeg caller, CalleeLeg callee) = Early();
        caller.Request("UPDATE", caller.Sdp);
        WireMessage asked = callee.ExpectRequest("UPDATE");
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(500, "UPDATE");
        caller.Expect(486);
        _switch.Deliver(callee.Address, Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", callee.Sdp));
        _switch.Advance(40);
        _switch.Forget(caller.Address);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_that_agreed_to_the_media_of_one_gateway_and_is_answered_by_another_is_told_by_re_INVITE()
    {
        var world = new SwitchFixture(static said => Reliable(said) with { Settings = said.Settings with { Sip = said.Settings.Sip with { StopSwitchAfterSdp = false } } });
        CallerLeg caller = new CallerLeg(world).Invite(extra: Supported);
        caller.Expect(100);
        var first = new CalleeLeg(world);
        first.Respond(183, sdp: true);
        Prack(caller, caller.Expect(183));
        first.Respond(503);
        first.ExpectAck();
        var second = new CalleeLeg(world, SwitchFixture.CarrierB) { Sdp = SwitchFixture.Sdp("203.0.113.88", 41000).Replace("RTP/AVP 8 0 101", "RTP/AVP 0") };
        second.Respond(200, sdp: true);
        second.ExpectAck();
        WireMessage ok = caller.Expect(200);
        Assert.Equal("", ok.Body);
        int last = caller.CSeq;
        caller.CSeq = ok.CSeq;
        caller.Ack();
        caller.CSeq = last;
        WireMessage told = caller.ExpectRequest("INVITE");
        Assert.Contains("RTP/AVP 0\r\n", told.Body);
        world.Deliver(caller.Address, Legs.Response(told, 200, "", $"<sip:c@{caller.Address}>", "", caller.Sdp.Replace("RTP/AVP 8 0 101", "RTP/AVP 0")));
        caller.ExpectRequest("ACK");
        Legs.End(caller, second);
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("Require: x-strange, 100rel\r\n", "x-strange")]
    public void What_is_not_understood_is_named_alone(string extra, string unsupported)
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(extra: extra);
        Assert.Equal([unsupported], caller.Expect(420).All("Unsupported"));
        caller.AckFailure();
        _switch.AssertEverythingReturned();
    }

    internal static SwitchConfiguration Reliable(SwitchConfiguration said)
    {
        said = SwitchFixture.ChangeAcme(said, static g => g with { Sip100Rel = true });
        foreach (string carrier in said.RoutingGateways.Keys) said = SwitchFixture.ChangeCarrier(said, carrier, static g => g with { Sip100Rel = true });
        return said;
    }

    internal static string RAck(WireMessage response) => $"RAck: {response["RSeq"]} {response.CSeq} INVITE\r\n";

    private (CallerLeg Caller, CalleeLeg Callee) Dial(string extra)
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(extra: extra);
        caller.Expect(100);
        return (caller, new CalleeLeg(_switch));
    }

    // Both ends have agreed in reliable responses, and take UPDATE.
    private (CallerLeg Caller, CalleeLeg Callee) Early()
    {
        (CallerLeg caller, CalleeLeg callee) = Dial(Supported + Update);
        callee.Respond(183, sdp: true, extra: Required + Update + "RSeq: 1\r\n");
        callee.Ok(callee.ExpectRequest("PRACK"));
        WireMessage progress = caller.Expect(183);
        caller.Request("PRACK", extra: RAck(progress));
        caller.Expect(200, "PRACK");
        return (caller, callee);
    }

    private static void Prack(CallerLeg caller, WireMessage response)
    {
        caller.Request("PRACK", extra: RAck(response));
        caller.Expect(200, "PRACK");
    }

    private static void Answer(CallerLeg caller, CalleeLeg callee, bool saidAgain = true)
    {
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        WireMessage ok = caller.Expect(200);
        Assert.Equal(saidAgain, ok.Body.Length > 0);
        int last = caller.CSeq;
        caller.CSeq = ok.CSeq;
        caller.Ack();
        caller.CSeq = last;
    }

    private NetAddress Remote(MediaSide side) => _switch.Relay.Remotes.Single(r => r.Key.Side == side).Value;

    private void End(CallerLeg caller, CalleeLeg callee)
    {
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }
}
