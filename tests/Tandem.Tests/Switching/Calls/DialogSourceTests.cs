using Tandem.Primitives;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Who may speak in a dialog (docs/calls.md): tags, Call-ID, source and CSeq must all be right.</summary>
public class DialogSourceTests
{
    private readonly SwitchFixture _switch = new();

    [Theory]
    [InlineData("BYE")]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    [InlineData("PRACK")]
    [InlineData("OPTIONS")]
    public void A_request_with_every_tag_right_from_another_host_gets_481_and_touches_nothing(string method)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        string body = method is "INVITE" or "UPDATE" ? callee.Sdp : "";
        _switch.Deliver(SwitchFixture.Stranger, callee.BuildRequest(method, cseq: 900, body: body));
        WireMessage refused = _switch.Next(SwitchFixture.Stranger);
        Assert.Equal((481, method), (refused.Status, refused.Method));
        _switch.AssertQuiet();
        callee.Send(callee.BuildRequest("OPTIONS")); // the CSeq of the forged one counts for nothing
        callee.Expect(200, "OPTIONS");
        Finish(caller, callee);
    }

    [Theory]
    [InlineData("BYE")]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    [InlineData("PRACK")]
    public void A_request_with_a_wrong_tag_gets_481_and_one_with_an_old_CSeq_500(string method)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        string body = method is "INVITE" or "UPDATE" ? callee.Sdp : "";
        callee.Send(callee.BuildRequest("OPTIONS", cseq: 800));
        callee.Expect(200, "OPTIONS");
        callee.Send(callee.BuildRequest("UPDATE", cseq: 801));
        callee.Expect(200, "UPDATE");
        callee.Send(callee.BuildRequest(method, ourTag: "guessed", cseq: 900, body: body));
        callee.Expect(481, method);
        callee.Send(callee.BuildRequest(method, theirTag: "0000000000000", cseq: 900, body: body));
        callee.Expect(481, method);
        callee.Send(callee.BuildRequest(method, cseq: 801, body: body));
        callee.Expect(500, method);
        _switch.AssertQuiet();
        callee.Send(callee.BuildRequest("UPDATE", cseq: 802));
        callee.Expect(200, "UPDATE");
        callee.Send(callee.BuildRequest("BYE", cseq: 803));
        caller.Ok(caller.ExpectRequest("BYE"));
        callee.Expect(200, "BYE");
        _switch.Advance(40);
        _switch.Forget(callee.Address); // a 481 or 500 to an INVITE, which this peer does not acknowledge
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("INFO", "Content-Type: application/dtmf-relay\r\n")]
    [InlineData("MESSAGE", "Content-Type: text/plain\r\n")]
    [InlineData("NOTIFY", "Event: talk\r\nSubscription-State: active\r\nContent-Type: text/plain\r\n")]
    [InlineData("REFER", "Refer-To: <sip:15551234@192.0.2.1>\r\nContent-Type: text/plain\r\n")]
    public void What_speaks_beside_the_session_passes_once_from_its_dialog_and_never_forged_or_replayed(string method, string headers)
    {
        var world = new SwitchFixture(TransferTests.Allowed);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        caller.Request(method, "Signal=1", headers);
        string right = caller.LastRequest;
        void Passed()
        {
            if (method == "REFER")
            {
                caller.Expect(202, "REFER");
                caller.Ok(caller.ExpectRequest("NOTIFY"));
                var target = new CalleeLeg(world);
                target.Respond(486);
                target.ExpectAck();
                caller.Ok(caller.ExpectRequest("NOTIFY"));
                return;
            }
            callee.Ok(callee.ExpectRequest(method));
            caller.Expect(200, method);
        }

        Passed();
        int cdrs = world.Cdrs.Count;
        string Again(string what, string by) => right.Replace(what, by).Replace("branch=", "branch=z9hG4bKf" + world.Token());
        string next = $"CSeq: {caller.CSeq + 1} {method}";
        (string Request, NetAddress From, int Status)[] forged =
        [
            (Again($"CSeq: {caller.CSeq} {method}", next), SwitchFixture.Stranger, 481),
            (Again($"CSeq: {caller.CSeq} {method}", next), SwitchFixture.CarrierB, 481), // known, but not this dialog's
            (Again(";tag=" + caller.Tag, ";tag=guessed").Replace($"CSeq: {caller.CSeq} {method}", next), caller.Address, 481),
            (Again(";tag=" + caller.RemoteTag, ";tag=0000000000000").Replace($"CSeq: {caller.CSeq} {method}", next), caller.Address, 481),
            (Again("Call-ID: ", "Call-ID: x").Replace($"CSeq: {caller.CSeq} {method}", next), caller.Address, 481),
            (Again("Max-Forwards: 70", "Max-Forwards: 69"), caller.Address, 500), // replayed
            (Again($"CSeq: {caller.CSeq} {method}", $"CSeq: 1 {method}"), caller.Address, 500),
        ];
        foreach ((string request, NetAddress from, int status) in forged)
        {
            world.Deliver(from, request);
            WireMessage refused = world.Next(from);
            Assert.Equal((status, method), (refused.Status, refused.Method));
            world.AssertQuiet();
        }
        foreach (NetAddress from in new[] { caller.Address, SwitchFixture.Stranger })
        {
            world.Deliver(from, right); // the same datagram again, as it was heard on the wire: the same answer, to whom it was given, and nothing more
            Assert.Equal(method, caller.Next().Method);
            world.AssertQuiet();
        }
        caller.Request(method, "Signal=1", headers); // the forged ones' CSeq counts for nothing
        Passed();
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
        Assert.Equal(method == "REFER" ? cdrs + 2 : 1, world.Cdrs.Count);
    }

    [Fact]
    public void A_CANCEL_from_another_host_gets_481_and_cancels_nothing()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(180);
        caller.Expect(180);
        _switch.Deliver(SwitchFixture.Stranger, caller.LastRequest.Replace("INVITE ", "CANCEL ").Replace(" INVITE", " CANCEL").Replace("Content-Type: application/sdp\r\n", "").Split("Content-Length")[0] + "Content-Length: 0\r\n\r\n");
        Assert.Equal(481, _switch.Next(SwitchFixture.Stranger).Status);
        _switch.AssertQuiet();
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        Finish(caller, callee);
    }

    [Fact]
    public void An_ACK_from_another_host_is_not_heard()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        string ack = $"ACK sip:{SwitchFixture.Us} SIP/2.0\r\nVia: SIP/2.0/UDP {SwitchFixture.Stranger};branch=z9hG4bKack\r\nMax-Forwards: 70\r\nFrom: <sip:x@y>;tag={caller.Tag}\r\nTo: <sip:z@y>;tag={caller.RemoteTag}\r\nCall-ID: {caller.CallId}\r\nCSeq: {caller.CSeq} ACK\r\nContent-Length: 0\r\n\r\n";
        _switch.Deliver(SwitchFixture.Stranger, ack);
        _switch.Advance(0.6);
        caller.Expect(200); // still waiting for the caller's
        caller.Ack();
        Finish(caller, callee);
    }

    [Fact]
    public void A_gateway_may_speak_from_another_of_its_addresses_and_from_any_port()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeAcme(said, static g => g with { RemoteIps = ["192.0.2.10", "192.0.2.11"] }));
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        caller.Request("OPTIONS");
        caller.Expect(200, "OPTIONS");
        var other = NetAddress.Parse("192.0.2.11:41000");
        world.Deliver(other, caller.LastRequest.Replace("branch=z9", "branch=z9hG4bKx").Replace($"CSeq: {caller.CSeq} OPTIONS", $"CSeq: {caller.CSeq + 1} BYE").Replace("OPTIONS sip", "BYE sip"));
        callee.Ok(callee.ExpectRequest("BYE"));
        Assert.Equal(200, world.Next(other).Status);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_phone_that_moved_is_challenged_and_with_its_digest_it_is_heard_from_there()
    {
        var phone = new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "15551234");
        WireMessage challenge = phone.Invite().Expect(401);
        phone.AckFailure();
        phone.RemoteTag = "";
        phone.Invite(extra: Digest.Answer(challenge, "INVITE", phone.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password));
        phone.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        phone.Expect(200);
        phone.Ack();
        string bye = $"BYE sip:{SwitchFixture.Us} SIP/2.0\r\nVia: SIP/2.0/UDP 198.18.0.9:5060;branch=z9hG4bKmoved0;rport\r\nMax-Forwards: 70\r\nFrom: <sip:{SwitchFixture.NumberOne}@x>;tag={phone.Tag}\r\nTo: <sip:15551234@x>;tag={phone.RemoteTag}\r\nCall-ID: {phone.CallId}\r\nCSeq: 50 BYE\r\n";
        var elsewhere = NetAddress.Parse("198.18.0.9:5060");
        _switch.Deliver(elsewhere, bye + "Content-Length: 0\r\n\r\n");
        WireMessage asked = _switch.Next(elsewhere);
        Assert.Equal(401, asked.Status);
        _switch.AssertQuiet();
        _switch.Deliver(elsewhere, bye.Replace("moved0", "moved1").Replace("CSeq: 50", "CSeq: 51") + Digest.Answer(asked, "BYE", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, "guessed") + "Content-Length: 0\r\n\r\n");
        Assert.Equal(403, _switch.Next(elsewhere).Status);
        _switch.AssertQuiet();
        _switch.Deliver(elsewhere, bye.Replace("moved0", "moved2").Replace("CSeq: 50", "CSeq: 52") + Digest.Answer(asked, "BYE", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, SwitchFixture.Password) + "Content-Length: 0\r\n\r\n");
        callee.Ok(callee.ExpectRequest("BYE"));
        Assert.Equal(200, _switch.Next(elsewhere).Status);
        _switch.AssertEverythingReturned();
    }

    private void Finish(CallerLeg caller, CalleeLeg callee)
    {
        _switch.Advance(40);
        _switch.Forget(SwitchFixture.Stranger); // a 481 to an INVITE, repeated
        Legs.End(caller, callee);
        Assert.Equal(40, (int)Assert.Single(_switch.Cdrs).HoldTime.TotalSeconds);
        _switch.AssertEverythingReturned();
    }
}
