using Tandem.Primitives;

namespace Tandem.Tests.Switching.Calls;

public class ProtocolTests
{
    private readonly SwitchFixture _switch = new();

    [Fact]
    public void A_call_that_passed_too_many_servers_gets_483()
    {
        new CallerLeg(_switch) { MaxForwards = 0 }.Invite().Expect(483);
        Assert.Empty(_switch.Cdrs);
    }

    [Fact]
    public void The_hops_left_go_down_by_one()
    {
        new CallerLeg(_switch) { MaxForwards = 5 }.Invite().Expect(100);
        Assert.Equal("4", _switch.Next(SwitchFixture.CarrierA)["Max-Forwards"]);
    }

    [Fact]
    public void An_extension_required_gets_420_and_its_name()
    {
        WireMessage refused = new CallerLeg(_switch).Invite(extra: "Require: 100rel, x-one, x-two\r\n").Expect(420);
        Assert.Equal(["x-one", "x-two"], refused.All("Unsupported"));
    }

    [Fact]
    public void A_body_that_is_no_SDP_gets_415_and_what_would_be_one()
    {
        var caller = new CallerLeg(_switch) { Sdp = "hello" };
        Assert.Equal("application/sdp", caller.Invite(extra: "Content-Type: text/plain\r\n").Expect(415)["Accept"]);
    }

    [Fact]
    public void SDP_that_is_none_gets_400() => new CallerLeg(_switch) { Sdp = "v=0\r\nthis is no line\r\n" }.Invite().Expect(400);

    [Fact]
    public void An_offer_of_nothing_that_can_be_relayed_gets_488() =>
        new CallerLeg(_switch) { Sdp = SwitchFixture.Sdp("192.0.2.99", 18200).Replace("audio 18200 RTP/AVP 8 0 101", "application 18200 UDP/DTLS/SCTP webrtc-datachannel") }.Invite().Expect(488);

    [Fact]
    public void An_INVITE_without_a_contact_gets_400()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        _switch.Deliver(SwitchFixture.Customer, caller.LastRequest.Replace("Contact: ", "X-Was-Contact: ").Replace("branch=z9hG4bK", "branch=z9hG4bKx").Replace("Call-ID: ", "Call-ID: other-"));
        caller.Expect(100);
        Assert.Equal(400, _switch.Next(caller.Address).Status);
    }

    [Fact]
    public void OPTIONS_is_answered_with_what_the_switch_can_do()
    {
        WireMessage ok = new CallerLeg(_switch).Request("OPTIONS").Expect(200, "OPTIONS");
        Assert.Equal(("INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, PRACK, UPDATE, INFO, MESSAGE, NOTIFY, SUBSCRIBE, REFER", "application/sdp"), (ok["Allow"], ok["Accept"]));
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("PUBLISH")]
    [InlineData("FROBNICATE")]
    public void Other_methods_get_405_and_the_list_of_ours(string method)
    {
        Assert.Contains("INVITE", new CallerLeg(_switch).Request(method).Expect(405, method)["Allow"]);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_request_with_a_tag_or_Call_ID_that_is_not_the_dialogs_touches_no_call()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        string theirs = callee.Invite.FromTag;
        string almost = theirs[..^1] + (theirs[^1] == '0' ? '1' : '0');
        string[] forged =
        [
            callee.BuildRequest("BYE", callId: "elsewhere"), callee.BuildRequest("BYE", ourTag: "guess"), callee.BuildRequest("BYE", theirTag: almost),
            callee.BuildRequest("BYE", theirTag: "0000000000000"), callee.BuildRequest("BYE", theirTag: caller.RemoteTag), callee.BuildRequest("INVITE", ourTag: "guess"),
            callee.BuildRequest("OPTIONS", ourTag: "guess"),
        ];
        foreach (string request in forged)
        {
            callee.Send(request);
            callee.Expect(481, request.Split(' ')[0]);
        }
        callee.Send(callee.BuildRequest("ACK", ourTag: "guess"));
        _switch.AssertQuiet();
        _switch.Forget(callee.Address);
        _switch.Advance(4);
        _switch.Forget(callee.Address); // the forged INVITE's 481, which nobody acknowledges
        Legs.End(caller, callee);
        Assert.Equal(TimeSpan.FromSeconds(4), Assert.Single(_switch.Cdrs).HoldTime);
    }

    [Fact]
    public void A_request_with_a_number_not_above_the_last_is_out_of_order()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        callee.Send(callee.BuildRequest("UPDATE", cseq: 900));
        callee.Expect(200, "UPDATE");
        callee.Send(callee.BuildRequest("BYE", cseq: 900));
        callee.Expect(500, "BYE");
        caller.CSeq = 0;
        caller.Request("BYE");
        caller.Expect(500, "BYE");
        Assert.Empty(_switch.Cdrs);
        callee.Send(callee.BuildRequest("BYE", cseq: 901));
        callee.Expect(200, "BYE");
    }

    [Fact]
    public void An_ACK_of_another_number_is_not_the_ACK_of_the_200()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.CSeq = 99;
        caller.Ack();
        _switch.Advance(0.5);
        caller.Expect(200); // still waiting
        caller.CSeq = 1;
        caller.Ack();
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_callers_proxies_stay_on_the_way()
    {
        var caller = new CallerLeg(_switch) { Extra = "Record-Route: <sip:192.0.2.30:5070;lr>\r\nRecord-Route: <sip:192.0.2.31;lr>\r\n" };
        caller.Invite().Expect(100);
        var callee = new CalleeLeg(_switch);
        Assert.Empty(callee.Invite.All("Record-Route"));
        callee.Respond(180);
        Assert.Equal(["<sip:192.0.2.30:5070;lr>", "<sip:192.0.2.31;lr>"], caller.Expect(180).All("Record-Route"));
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        Assert.Equal(["<sip:192.0.2.30:5070;lr>", "<sip:192.0.2.31;lr>"], caller.Expect(200).All("Record-Route"));
        caller.Ack();
        callee.Bye();
        WireMessage bye = _switch.Next(NetAddress.Parse("192.0.2.30:5070"));
        Assert.Equal(["<sip:192.0.2.30:5070;lr>", "<sip:192.0.2.31;lr>"], bye.All("Route"));
        Assert.Equal($"sip:4930123456@{SwitchFixture.Customer}", bye.Uri);
        caller.Ok(bye);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_callees_proxies_are_met_in_the_other_order()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch, extra: "Record-Route: <sip:203.0.113.41;lr>, <sip:203.0.113.42:5080;lr>\r\n");
        callee.Respond(200, sdp: true);
        WireMessage ack = _switch.Next(NetAddress.Parse("203.0.113.42:5080"));
        Assert.Equal(["<sip:203.0.113.42:5080;lr>", "<sip:203.0.113.41;lr>"], ack.All("Route"));
        Assert.Equal($"sip:in@{callee.Address}", ack.Uri);
        caller.Expect(200);
        caller.Ack();
        caller.Request("BYE");
        WireMessage bye = _switch.Next(NetAddress.Parse("203.0.113.42:5080"));
        Assert.Equal(ack.All("Route"), bye.All("Route"));
        callee.Ok(bye);
        caller.Expect(200, "BYE");
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_strict_router_finds_itself_in_the_request_line_and_the_target_last_in_the_route()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch, extra: "Record-Route: <sip:203.0.113.41;lr>, <sip:203.0.113.42>\r\n");
        callee.Respond(200, sdp: true);
        WireMessage ack = _switch.Next(NetAddress.Parse("203.0.113.42:5060"));
        Assert.Equal("sip:203.0.113.42", ack.Uri);
        Assert.Equal(["<sip:203.0.113.41;lr>", $"<sip:in@{callee.Address}>"], ack.All("Route"));
    }

    [Fact]
    public void A_route_set_longer_than_the_switch_keeps_is_refused_and_not_cut()
    {
        var caller = new CallerLeg(_switch) { Extra = string.Concat(Enumerable.Range(1, 17).Select(static i => $"Record-Route: <sip:192.0.2.{i};lr>\r\n")) };
        caller.Invite().Expect(400);
    }

    [Fact]
    public void A_callee_behind_NAT_is_answered_where_it_spoke_from()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch) { Contact = "<sip:in@10.1.2.3:5066>" };
        callee.Respond(200, sdp: true);
        WireMessage ack = callee.ExpectAck();
        Assert.Equal("sip:in@10.1.2.3:5066", ack.Uri);
        caller.Expect(200);
        caller.Ack();
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void No_byte_of_one_side_shows_on_the_other()
    {
        var caller = new CallerLeg(_switch) { Extra = "Record-Route: <sip:192.0.2.30;lr>\r\nUser-Agent: EdgeGate 7\r\nP-Asserted-Identity: <sip:boss@acme.example>\r\nX-Trace: zebra\r\n" };
        caller.Invite().Expect(100);
        var callee = new CalleeLeg(_switch, extra: "Server: CarrierBox 9\r\nX-Trace: giraffe\r\n");
        callee.Respond(183, sdp: true);
        caller.Expect(183);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(2);
        caller.Request("BYE");
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Expect(200, "BYE");
        string[] callers = ["192.0.2.", caller.CallId, caller.Tag, "Hidden Name", "18200", "secret name", "EdgeGate", "boss", "zebra", "peer"];
        string[] callees = ["203.0.113.", callee.Invite.CallId, callee.Tag, callee.Invite.FromTag, "30500", "secret name", "CarrierBox", "giraffe", "carrier-a", "peer"];
        foreach (WireMessage sent in _switch.Sent)
        {
            bool toCaller = sent.To == caller.Address;
            foreach (string secret in toCaller ? callees : callers) Assert.DoesNotContain(secret, sent.Text, StringComparison.Ordinal);
        }
        Assert.Equal(7, _switch.Sent.Count);
    }

    [Fact]
    public void A_caller_of_RFC_2543_without_tag_and_magic_branch_is_served()
    {
        CallerLeg caller = new CallerLeg(_switch) { CSeq = 0 };
        string invite = caller.Invite().LastRequest.Replace(";tag=" + caller.Tag, "").Replace("branch=z9hG4bK", "branch=old");
        _switch.Forget(SwitchFixture.Customer);
        _switch.Forget(SwitchFixture.CarrierA);
        _switch.Deliver(SwitchFixture.Customer, invite);
        _switch.Deliver(SwitchFixture.Customer, invite);
        Assert.Equal(2, _switch.Waiting(SwitchFixture.Customer)); // 100, and 100 again
        _switch.Next(SwitchFixture.Customer);
        _switch.Next(SwitchFixture.Customer);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        WireMessage ok = _switch.Next(SwitchFixture.Customer);
        Assert.Equal(200, ok.Status);
        string ack = invite.Replace("INVITE", "ACK").Replace("branch=old", "branch=older").Replace($"To: <sip:{caller.To}@{SwitchFixture.Us}>", "To: " + ok["To"]);
        ack = ack[..ack.IndexOf("Content-Type", StringComparison.Ordinal)] + "Content-Length: 0\r\n\r\n";
        _switch.Deliver(SwitchFixture.Customer, ack);
        _switch.Advance(10);
        Assert.Equal(0, _switch.Waiting(SwitchFixture.Customer));
    }

    [Fact]
    public void A_BYE_that_reuses_the_branch_of_its_INVITE_is_a_request_of_its_own()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        string branch = After(caller.LastRequest, "branch="); // of the ACK; put the INVITE's in both
        string inviteBranch = _switch.Sent.First(static m => m.Status == 200).Branch;
        string ack = caller.LastRequest;
        _switch.Deliver(caller.Address, ack.Replace("ACK", "BYE").Replace(branch, inviteBranch).Replace("CSeq: 1 ", "CSeq: 2 "));
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Expect(200, "BYE");
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Whatever_is_done_to_the_bytes_nothing_throws_and_everything_is_returned()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        Legs.End(caller, callee);
        string sdp = caller.Sdp;
        string[] seeds =
        [
            new CallerLeg(_switch).Invite().LastRequest, caller.LastRequest, callee.BuildRequest("INVITE", body: sdp), callee.BuildRequest("BYE"), callee.BuildRequest("ACK", body: sdp),
            new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne).Request("REGISTER", extra: "Contact: <sip:5551@192.0.2.51:5062>;expires=60\r\n").LastRequest,
            Legs.Response(callee.Invite, 183, callee.Tag, "<sip:in@203.0.113.1>", "", sdp), Legs.Response(callee.Invite, 200, callee.Tag, "<sip:in@203.0.113.1>", "", sdp),
            Legs.Response(callee.Invite, 503, callee.Tag, "", "", ""),
        ];
        var random = new SeededEntropy(7);
        NetAddress[] sources = [SwitchFixture.Customer, SwitchFixture.CarrierA, SwitchFixture.Stranger, SwitchFixture.PhoneOne];
        for (int i = 0; i < 4000; i++)
        {
            char[] text = seeds[random.Below(seeds.Length)].ToCharArray();
            for (int n = random.Below(4); n >= 0; n--)
            {
                int at = random.Below(text.Length);
                if (random.Chance(0.5)) text[at] = (char)random.Below(128);
                else text[at] = text[random.Below(text.Length)];
            }
            string mutated = new(text);
            if (random.Chance(0.1)) mutated = mutated[..random.Below(mutated.Length)];
            // A live INVITE is answered by a mutated response now and then.
            if (random.Chance(0.3) && _switch.Waiting(SwitchFixture.CarrierA) > 0)
            {
                WireMessage sent = _switch.Next(SwitchFixture.CarrierA);
                if (sent.Method == "INVITE") mutated = Legs.Response(sent, 100 * (1 + random.Below(6)), "t" + i, "<sip:in@203.0.113.1>", random.Chance(0.5) ? "Record-Route: <sip:203.0.113.4;lr>\r\n" : "", random.Chance(0.7) ? sdp : "");
            }
            _switch.Deliver(sources[random.Below(sources.Length)], mutated);
            if (random.Chance(0.2)) _switch.Advance(TimeSpan.FromMilliseconds(random.Below(3000)));
        }
        _switch.Shard.DropAll(Refusal.ServerStopping, _switch.Now);
        _switch.Advance(300);
        foreach (NetAddress peer in _switch.Sent.Select(static m => m.To).Distinct().ToArray()) _switch.Forget(peer);
        _switch.AssertEverythingReturned();
    }

    private static string After(string text, string mark) => text[(text.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..].Split(';', '\r')[0];
}
