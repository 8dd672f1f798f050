using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Identity;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>REFER carried out by the switch: to a number and to another call (docs/transfers.md).</summary>
public class TransferTests
{
    private const string Target = "15551234";

    private readonly SwitchFixture _switch = new(Allowed);

    [Fact]
    public void A_caller_transfers_its_callee_to_a_number_and_leaves_and_both_calls_are_charged_to_the_end()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        _switch.Advance(30);
        Refer(a, Target);
        var c = new CalleeLeg(_switch, SwitchFixture.CarrierA);
        Assert.StartsWith($"sip:{Target}@", c.Invite.Uri);
        Assert.Contains("m=audio", c.Invite.Body);
        c.Respond(180);
        Assert.Equal("SIP/2.0 180 Ringing\r\n", Notified(a).Body);
        _switch.Advance(5);
        c.Respond(200, sdp: true);
        c.ExpectAck();
        WireMessage asked = b.ExpectRequest("INVITE");
        Assert.Equal((b.Invite.CallId, b.Tag), (asked.CallId, asked.ToTag));
        Assert.Equal(Origin(b.Invite)[1], Origin(asked)[1]); // the session it knows, in another version
        Assert.NotEqual(Origin(b.Invite)[2], Origin(asked)[2]);
        _switch.Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        b.ExpectAck();
        WireMessage done = Notified(a);
        Assert.Equal(("SIP/2.0 200 OK\r\n", "terminated;reason=noresource"), (done.Body, done["Subscription-State"]));
        a.Ok(a.ExpectRequest("BYE"));
        Assert.Equal(1, _switch.Relay.PortsLent / 4); // one conversation, one lease
        _switch.Advance(55);
        _switch.AssertQuiet();
        c.Send(c.BuildRequest("BYE"));
        b.Ok(b.ExpectRequest("BYE"));
        c.Expect(200, "BYE");
        Cdr first = Cdr("442079460123"), second = Cdr(Target);
        Assert.Equal((TimeSpan.FromSeconds(90), EndDirection.Caller, "1001"), (first.HoldTime, first.EndDirection, first.Sale!.AccountNumber));
        Assert.Equal((TimeSpan.FromSeconds(55), EndDirection.Callee, "1001"), (second.HoldTime, second.EndDirection, second.Sale!.AccountNumber));
        Assert.Equal((920_000_000L, 110_000_000L), (first.Sale.Nanos, second.Sale.Nanos)); // 90 s at 0.60 + 0.02, 55 s at 0.12
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void After_the_transfer_the_two_speak_as_in_any_call_and_either_may_hang_up()
    {
        (CallerLeg a, CalleeLeg b, CalleeLeg c) = Transferred();
        b.Send(b.BuildRequest("INVITE", body: b.Sdp.Replace("a=sendrecv", "a=sendonly")));
        b.Expect(100, "INVITE");
        WireMessage hold = c.ExpectRequest("INVITE");
        Assert.Contains("a=sendonly", hold.Body);
        _switch.Deliver(c.Address, Legs.Response(hold, 200, "", $"<sip:in@{c.Address}>", "", c.Sdp.Replace("a=sendrecv", "a=recvonly")));
        c.ExpectAck();
        WireMessage held = b.Expect(200, "INVITE");
        b.Send(b.BuildRequest("ACK", cseq: held.CSeq));
        c.Send(c.BuildRequest("INFO", body: "Signal=1"));
        b.Ok(b.ExpectRequest("INFO"));
        c.Expect(200, "INFO");
        _switch.Advance(10);
        b.Send(b.BuildRequest("BYE"));
        c.Ok(c.ExpectRequest("BYE"));
        b.Expect(200, "BYE");
        Assert.Equal((EndDirection.Callee, EndDirection.Caller), (Cdr("442079460123").EndDirection, Cdr(Target).EndDirection));
        Assert.Equal(Cdr("442079460123").Stop, Cdr(Target).Stop);
        Assert.Equal(0, _switch.Waiting(a.Address));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_place_its_owner_has_left_by_a_transfer_cannot_be_given_away_though_its_BYE_is_not_answered_yet()
    {
        (CallerLeg a1, CalleeLeg b) = Legs.Talk(_switch);
        (CallerLeg a2, CalleeLeg other) = Legs.Talk(_switch);
        Refer(a1, Target);
        CalleeLeg c = Answered();
        Agree(b);
        Notified(a1);
        WireMessage bye = a1.ExpectRequest("BYE");
        a2.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}?Replaces={Replaces(a1)}>\r\n");
        a2.Expect(481, "REFER");
        a1.Ok(bye);
        Legs.End(a2, other);
        End(b, c);
    }

    [Fact]
    public void The_stories_of_both_calls_tell_of_the_transfer_name_each_other_and_keep_the_order_of_the_messages()
    {
        (_, CalleeLeg b, CalleeLeg c) = Transferred();
        End(b, c);
        Cdr first = Cdr("442079460123"), second = Cdr(Target);
        string one = WhyText.Of(WhyStory.Of(first)), two = WhyText.Of(WhyStory.Of(second));
        Assert.Contains($"442079460123 is to be given to {Target} (the other call: {second.Call}).", one);
        Assert.Contains($"442079460123 and {Target} speak with each other from here on (the other call: {second.Call}).", one);
        Assert.Contains($"442079460123 is to be given to {Target} (the other call: {first.Call}).", two);
        Assert.Contains($"442079460123 and {Target} speak with each other from here on (the other call: {first.Call}).", two);
        List<string> ladder = [.. WhyStory.Of(first).Ladder.Select(static s => s.Says)];
        Assert.Equal(ladder.IndexOf("REFER") + 1, ladder.IndexOf("202 Accepted"));
        Assert.Equal(ladder.IndexOf("REFER") + 2, ladder.IndexOf("NOTIFY"));
    }

    [Fact]
    public void A_transfer_that_fails_is_told_in_the_story_of_the_call_that_goes_on()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        Refer(a, Target);
        var c = new CalleeLeg(_switch, SwitchFixture.CarrierA);
        c.Respond(486);
        c.ExpectAck();
        Notified(a);
        Legs.End(a, b);
        Assert.Contains($"442079460123 could not be given to {Target}: 486 Busy Here (the other call: {Cdr(Target).Call}).", WhyText.Of(WhyStory.Of(Cdr("442079460123"))));
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(486)]
    [InlineData(404)]
    public void A_target_that_refuses_leaves_the_call_as_it_was(int status)
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        Refer(a, Target);
        for (int i = 0; i < 3; i++)
        {
            NetAddress carrier = i == 0 ? SwitchFixture.CarrierA : i == 1 ? SwitchFixture.CarrierB : SwitchFixture.CarrierC;
            if (_switch.Waiting(carrier) == 0) break;
            var c = new CalleeLeg(_switch, carrier);
            c.Respond(status);
            c.ExpectAck();
        }
        WireMessage failed = Notified(a);
        Assert.StartsWith($"SIP/2.0 {status}", failed.Body);
        Assert.StartsWith("terminated", failed["Subscription-State"]);
        _switch.Advance(20);
        Assert.Single(_switch.Cdrs);
        Legs.End(a, b);
        Assert.Equal(TimeSpan.FromSeconds(20), Cdr("442079460123").HoldTime);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_transferee_that_refuses_to_be_bridged_keeps_its_call_and_the_target_is_hung_up()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        Refer(a, Target);
        CalleeLeg c = Answered();
        WireMessage asked = b.ExpectRequest("INVITE");
        b.Ok(asked, 488);
        b.ExpectAck();
        c.Ok(c.ExpectRequest("BYE"));
        Assert.StartsWith("SIP/2.0 488", Notified(a).Body);
        Assert.Equal(Refusal.TransferFailed, Cdr(Target).Refusal);
        Legs.End(a, b);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_glare_with_the_transferee_is_tried_again()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        Refer(a, Target);
        CalleeLeg c = Answered();
        b.Ok(b.ExpectRequest("INVITE"), 491);
        b.ExpectAck();
        _switch.Advance(1.1);
        Agree(b);
        Leave(a);
        End(b, c);
    }

    [Fact]
    public void A_change_under_way_when_the_target_answers_is_waited_for()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        Refer(a, Target);
        var c = new CalleeLeg(_switch);
        a.Request("INVITE", a.Sdp.Replace("a=sendrecv", "a=sendonly"), $"Contact: <sip:{a.From}@{a.Address}>\r\n");
        a.Expect(100);
        WireMessage hold = b.ExpectRequest("INVITE");
        c.Respond(200, sdp: true);
        c.ExpectAck();
        _switch.AssertQuiet();
        _switch.Deliver(b.Address, Legs.Response(hold, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp.Replace("a=sendrecv", "a=recvonly")));
        b.ExpectAck();
        a.Expect(200);
        a.Ack();
        _switch.Advance(0.6);
        Agree(b);
        Leave(a);
        End(b, c);
    }

    [Fact]
    public void A_transferor_that_hangs_up_without_waiting_does_not_disturb_the_transfer()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        Refer(a, Target);
        a.Bye();
        CalleeLeg c = Answered();
        Agree(b);
        _switch.Advance(10);
        End(b, c);
        Assert.Equal(2, _switch.Cdrs.Count);
    }

    [Fact]
    public void When_the_transferor_has_left_and_the_target_refuses_the_transferee_is_hung_up()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        Refer(a, Target);
        a.Bye();
        var c = new CalleeLeg(_switch);
        c.Respond(486);
        c.ExpectAck();
        b.Ok(b.ExpectRequest("BYE"));
        Assert.Equal(Refusal.TransferFailed, Cdr("442079460123").Refusal);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_transferee_that_hangs_up_while_the_target_rings_ends_both()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        Refer(a, Target);
        var c = new CalleeLeg(_switch);
        c.Respond(180);
        Notified(a);
        b.Send(b.BuildRequest("BYE"));
        c.Ok(c.ExpectRequest("CANCEL"));
        b.Expect(200, "BYE");
        c.Respond(487);
        c.ExpectAck();
        a.Ok(a.ExpectRequest("BYE"));
        Assert.Equal(2, _switch.Cdrs.Count);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_target_that_hangs_up_while_the_transferee_considers_leaves_the_call_as_it_was()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        Refer(a, Target);
        CalleeLeg c = Answered();
        WireMessage asked = b.ExpectRequest("INVITE");
        c.Send(c.BuildRequest("BYE"));
        c.Expect(200, "BYE");
        _switch.Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        b.ExpectAck();
        Assert.StartsWith("terminated", Notified(a)["Subscription-State"]);
        WireMessage back = b.ExpectRequest("INVITE"); // what it agreed to is not to be
        Assert.True(int.Parse(Origin(back)[2]) > int.Parse(Origin(asked)[2]));
        _switch.Deliver(b.Address, Legs.Response(back, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        b.ExpectAck();
        Legs.End(a, b);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_phone_that_was_called_transfers_and_pays_for_the_call_to_the_target()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangePhone(said, SwitchFixture.NumberTwo, static p => p with { CallTransfer = true }));
        PhoneCallTests.Register(world, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, $"sip:two@{SwitchFixture.PhoneTwo}");
        world.Reconfigure(static said => said with { Settings = said.Settings });
        CallerLeg b = new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberTwo);
        WireMessage challenge = b.Invite().Expect(401);
        b.AckFailure();
        b.RemoteTag = "";
        b.Invite(extra: Digest.Answer(challenge, "INVITE", b.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password));
        b.Expect(100);
        var a = new CalleeLeg(world, SwitchFixture.PhoneTwo);
        a.Respond(200, sdp: true);
        a.ExpectAck();
        b.Expect(200);
        b.Ack();
        a.Send(a.BuildRequest("REFER").Replace("Content-Length", $"Refer-To: <sip:{Target}@{SwitchFixture.Us}>\r\nContent-Length"));
        a.Expect(202, "REFER");
        a.Ok(a.ExpectRequest("NOTIFY"));
        var c = new CalleeLeg(world, SwitchFixture.CarrierA);
        Assert.Contains($"sip:{SwitchFixture.NumberOne}@", c.Invite["From"]); // SS_CALL_TRANSFER_NORMAL_DISPLAY Original
        c.Respond(200, sdp: true);
        c.ExpectAck();
        WireMessage asked = b.ExpectRequest("INVITE");
        world.Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:{b.From}@{b.Address}>", "", b.Sdp));
        b.ExpectRequest("ACK");
        a.Ok(a.ExpectRequest("NOTIFY"));
        a.Ok(a.ExpectRequest("BYE"));
        world.Advance(10);
        b.Request("BYE");
        c.Ok(c.ExpectRequest("BYE"));
        b.Expect(200, "BYE");
        Cdr billed = Assert.Single(world.Cdrs, static c => c.Sale is not null);
        Assert.Equal((Target, "2001", 20_000_000L, SwitchFixture.PhoneTwo), (billed.CalleeE164, billed.Sale!.AccountNumber, billed.Sale.Nanos, billed.CallerAddress));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_target_sees_the_transferor_where_the_operator_says_Own()
    {
        var world = new SwitchFixture(static said => Allowed(said) with { Settings = said.Settings with { Calls = said.Settings.Calls with { TransferNormalDisplay = TransferDisplay.Own } } });
        (CallerLeg a, CalleeLeg b) = Legs.Talk(world);
        a.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}>\r\n");
        a.Expect(202, "REFER");
        a.Ok(a.ExpectRequest("NOTIFY"));
        var c = new CalleeLeg(world);
        Assert.Contains($"sip:{a.From}@", c.Invite["From"]);
        c.Respond(486);
        c.ExpectAck();
        a.Ok(a.ExpectRequest("NOTIFY"));
        Legs.End(a, b);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Who_may_not_transfer_gets_403_and_a_carrier_never_may()
    {
        var world = new SwitchFixture();
        (CallerLeg a, CalleeLeg b) = Legs.Talk(world);
        a.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}>\r\n");
        a.Expect(403, "REFER");
        b.Send(b.BuildRequest("REFER").Replace("Content-Length", $"Refer-To: <sip:{Target}@{SwitchFixture.Us}>\r\nContent-Length"));
        b.Expect(403, "REFER");
        Legs.End(a, b);
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("Refer-To: <sip:15551234@x;method=BYE>\r\n", 400)]
    [InlineData("Refer-To: <sip:x@y?Replaces=nobody%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n", 481)]
    [InlineData("Refer-To: <sip:y>\r\n", 484)]
    [InlineData("Refer-To: <sip:15551234@x>\r\nRequire: x\r\n", 420)]
    public void A_REFER_that_cannot_be_carried_out_is_refused(string extra, int status)
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        a.Request("REFER", extra: extra);
        WireMessage refused = a.Expect(status, "REFER");
        Assert.Equal(status == 420 ? ["x"] : [], refused.All("Unsupported"));
        Legs.End(a, b);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_call_to_the_target_is_decided_and_priced_by_the_tables_of_now()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        _switch.Reconfigure(static said => SwitchFixture.ChangeAcme(said, static g => g with { Account = "2001" }));
        Refer(a, Target);
        CalleeLeg c = Answered();
        Agree(b);
        Leave(a);
        End(b, c);
        Assert.Equal(("1001", "2001"), (Cdr("442079460123").Sale!.AccountNumber, Cdr(Target).Sale!.AccountNumber));
    }

    [Fact]
    public void A_transfer_without_money_fails_and_the_call_goes_on()
    {
        var world = new SwitchFixture(Allowed, balance: 0.70m);
        (CallerLeg a, CalleeLeg b) = Legs.Talk(world);
        a.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}>\r\n");
        a.Expect(202, "REFER");
        a.Ok(a.ExpectRequest("NOTIFY"));
        WireMessage failed = a.ExpectRequest("NOTIFY");
        Assert.StartsWith("SIP/2.0 402", failed.Body);
        a.Ok(failed);
        Legs.End(a, b);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void When_the_money_of_the_first_call_ends_the_conversation_ends()
    {
        var world = new SwitchFixture(Allowed, balance: 0.90m); // 0.62 + 0.12 held, 0.16 left: 0.12 a minute more for the one, then nothing for the other
        (CallerLeg a, CalleeLeg b) = Legs.Talk(world);
        a.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}>\r\n");
        a.Expect(202, "REFER");
        a.Ok(a.ExpectRequest("NOTIFY"));
        var c = new CalleeLeg(world);
        c.Respond(200, sdp: true);
        c.ExpectAck();
        WireMessage asked = b.ExpectRequest("INVITE");
        world.Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        b.ExpectAck();
        a.Ok(a.ExpectRequest("NOTIFY"));
        a.Ok(a.ExpectRequest("BYE"));
        world.Advance(200);
        Assert.Equal(2, world.Cdrs.Count);
        Assert.All(world.Cdrs, static c => Assert.Equal(Refusal.MoneyRanOut, c.Refusal));
        Assert.True(world.Account("1001").BalanceNanos >= 0);
        Assert.Equal(SwitchFixture.Nanos(0.90m) - world.Account("1001").BalanceNanos, world.Cdrs.Sum(static c => c.Sale!.Nanos));
        foreach (CalleeLeg end in new[] { b, c })
        {
            world.Forget(end.Address);
        }
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_attended_transfer_joins_the_transferors_two_calls()
    {
        (CallerLeg a1, CalleeLeg b) = Legs.Talk(_switch);
        _switch.Advance(20);
        (CallerLeg a2, CalleeLeg c) = Legs.Talk(_switch, to: Target);
        _switch.Advance(10);
        a1.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}?Replaces={Replaces(a2)}>\r\n");
        a1.Expect(202, "REFER");
        Notified(a1);
        Agree(b);
        Assert.Equal("SIP/2.0 200 OK\r\n", Notified(a1).Body);
        WireMessage one = a1.ExpectRequest("BYE"), two = a1.ExpectRequest("BYE");
        Assert.Equal(new[] { a1.CallId, a2.CallId }.Order(), new[] { one.CallId, two.CallId }.Order());
        a1.Ok(one);
        a1.Ok(two);
        WireMessage align = c.ExpectRequest("INVITE");
        _switch.Deliver(c.Address, Legs.Response(align, 200, "", $"<sip:in@{c.Address}>", "", c.Sdp));
        c.ExpectAck();
        Assert.Equal(1, _switch.Relay.PortsLent / 4);
        _switch.Advance(30);
        _switch.AssertQuiet();
        b.Send(b.BuildRequest("BYE"));
        c.Ok(c.ExpectRequest("BYE"));
        b.Expect(200, "BYE");
        Assert.Equal((TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(40)), (Cdr("442079460123").HoldTime, Cdr(Target).HoldTime));
        Assert.Equal((EndDirection.Callee, EndDirection.Caller), (Cdr("442079460123").EndDirection, Cdr(Target).EndDirection));
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(TransferDisplay.Original, "442079460123")]
    [InlineData(TransferDisplay.Own, "4930123456")]
    public void The_target_of_an_attended_transfer_is_told_the_number_the_operator_says(TransferDisplay display, string number)
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangeCarrier(Allowed(said), "carrier-a", static g => g with
        {
            RewriteRulesInCaller = "44:0044",
            Identity = new IdentityRules { PAssertedIdentity = IdentityMode.Caller, RemotePartyId = true },
        }) with { Settings = said.Settings with { Calls = said.Settings.Calls with { TransferAskDisplay = display } } });
        (CallerLeg a1, CalleeLeg b) = Legs.Talk(world);
        (CallerLeg a2, CalleeLeg c) = Legs.Talk(world, to: Target);
        Assert.Equal($"<sip:4930123456@{SwitchFixture.Us.HostString()}>", c.Invite["P-Asserted-Identity"]);
        a1.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}?Replaces={Replaces(a2)}>\r\n");
        a1.Expect(202, "REFER");
        a1.Ok(a1.ExpectRequest("NOTIFY"));
        WireMessage asked = b.ExpectRequest("INVITE");
        Assert.Empty(asked.All("P-Asserted-Identity"));
        world.Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        b.ExpectAck();
        a1.Ok(a1.ExpectRequest("NOTIFY"));
        a1.Ok(a1.ExpectRequest("BYE"));
        a1.Ok(a1.ExpectRequest("BYE"));
        WireMessage align = c.ExpectRequest("INVITE");
        string shown = display == TransferDisplay.Original ? "00" + number : number; // as the carrier's rules rewrite callers
        Assert.Equal(c.Invite["From"], align["From"]);
        Assert.Equal($"<sip:{shown}@{SwitchFixture.Us.HostString()}>", align["P-Asserted-Identity"]);
        Assert.StartsWith($"<sip:{shown}@", align["Remote-Party-ID"]);
        world.Deliver(c.Address, Legs.Response(align, 200, "", $"<sip:in@{c.Address}>", "", c.Sdp));
        c.ExpectAck();
        b.Send(b.BuildRequest("BYE"));
        c.Ok(c.ExpectRequest("BYE"));
        b.Expect(200, "BYE");
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_transferee_that_asked_to_stay_unknown_is_not_named_to_the_target()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeCarrier(
            SwitchFixture.ChangePhone(said, SwitchFixture.NumberTwo, static p => p with { CallTransfer = true }),
            "carrier-a", static g => g with { Identity = new IdentityRules { PAssertedIdentity = IdentityMode.Caller, RemotePartyId = true } }));
        PhoneCallTests.Register(world, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, $"sip:two@{SwitchFixture.PhoneTwo}");
        CallerLeg b = Dial(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberTwo, "Privacy: id\r\n");
        var a = new CalleeLeg(world, SwitchFixture.PhoneTwo);
        a.Respond(200, sdp: true);
        a.ExpectAck();
        b.Expect(200);
        b.Ack();
        CallerLeg a2 = Dial(world, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, Target, "");
        var c = new CalleeLeg(world);
        c.Respond(200, sdp: true);
        c.ExpectAck();
        a2.Expect(200);
        a2.Ack();
        Assert.Contains(SwitchFixture.NumberTwo, c.Invite["P-Asserted-Identity"]);
        a.Send(a.BuildRequest("REFER").Replace("Content-Length", $"Refer-To: <sip:{Target}@{SwitchFixture.Us}?Replaces={Replaces(a2)}>\r\nContent-Length"));
        a.Expect(202, "REFER");
        a.Ok(a.ExpectRequest("NOTIFY"));
        WireMessage asked = b.ExpectRequest("INVITE");
        world.Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:{b.From}@{b.Address}>", "", b.Sdp));
        b.ExpectRequest("ACK");
        a.Ok(a.ExpectRequest("NOTIFY"));
        a.Ok(a.ExpectRequest("BYE"));
        a.Ok(a.ExpectRequest("BYE"));
        WireMessage align = c.ExpectRequest("INVITE");
        Assert.Empty(align.All("P-Asserted-Identity"));
        Assert.Empty(align.All("Remote-Party-ID"));
        world.Deliver(c.Address, Legs.Response(align, 200, "", $"<sip:in@{c.Address}>", "", c.Sdp));
        c.ExpectAck();
        b.Request("BYE");
        c.Ok(c.ExpectRequest("BYE"));
        b.Expect(200, "BYE");
        world.AssertEverythingReturned();
    }

    private static CallerLeg Dial(SwitchFixture world, NetAddress address, string from, string to, string extra)
    {
        var leg = new CallerLeg(world, address, from, to);
        WireMessage challenge = leg.Invite(extra: extra).Expect(401);
        leg.AckFailure();
        leg.RemoteTag = "";
        leg.Invite(extra: extra + Digest.Answer(challenge, "INVITE", leg.RequestUri, from, SwitchFixture.Password));
        leg.Expect(100);
        return leg;
    }

    [Fact]
    public void A_transferor_that_wants_no_NOTIFY_gets_none_and_is_told_so()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        a.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}>\r\nRefer-Sub: False\r\nRequire: norefersub\r\n");
        Assert.Equal("false", a.Expect(202, "REFER")["Refer-Sub"]);
        var c = new CalleeLeg(_switch);
        c.Respond(180);
        c.Respond(200, sdp: true);
        c.ExpectAck();
        Agree(b);
        a.Ok(a.ExpectRequest("BYE")); // the first it hears
        End(b, c);
    }

    [Fact]
    public void An_attended_transfer_the_transferee_refuses_leaves_both_calls()
    {
        (CallerLeg a1, CalleeLeg b) = Legs.Talk(_switch);
        (CallerLeg a2, CalleeLeg c) = Legs.Talk(_switch, to: Target);
        a1.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}?Replaces={Replaces(a2)}>\r\n");
        a1.Expect(202, "REFER");
        Notified(a1);
        b.Ok(b.ExpectRequest("INVITE"), 488);
        b.ExpectAck();
        Assert.StartsWith("SIP/2.0 488", Notified(a1).Body);
        Legs.End(a2, c);
        Legs.End(a1, b);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_call_that_was_transferred_away_cannot_be_asked_for_again()
    {
        (CallerLeg a1, CalleeLeg b) = Legs.Talk(_switch);
        (CallerLeg a2, CalleeLeg c) = Legs.Talk(_switch, to: Target);
        a1.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}?Replaces={Replaces(a2)}>\r\n");
        a1.Expect(202, "REFER");
        Notified(a1);
        Agree(b);
        Notified(a1);
        WireMessage[] byes = [a1.ExpectRequest("BYE"), a1.ExpectRequest("BYE")]; // not answered yet
        Agree(c);
        (CallerLeg a3, CalleeLeg d) = Legs.Talk(_switch, to: "15559999");
        foreach (CallerLeg gone in new[] { a1, a2 })
        {
            a3.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}?Replaces={Replaces(gone)}>\r\n");
            a3.Expect(481, "REFER");
        }
        _switch.AssertQuiet();
        foreach (WireMessage bye in byes) a1.Ok(bye);
        b.Send(b.BuildRequest("BYE"));
        c.Ok(c.ExpectRequest("BYE"));
        b.Expect(200, "BYE");
        Legs.End(a3, d);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Nobody_may_have_another_partys_call()
    {
        var world = new SwitchFixture(static said => Allowed(said) with { MappingGateways = Allowed(said).MappingGateways.Add("other", new MappingGatewayConfig { Name = "other", RemoteIps = ["192.0.2.77"], Account = "1001", CallTransfer = true }) });
        (CallerLeg a1, CalleeLeg b) = Legs.Talk(world);
        CallerLeg other = new CallerLeg(world, NetAddress.Parse("192.0.2.77:5060"), to: Target).Invite();
        other.Expect(100);
        var c = new CalleeLeg(world);
        c.Respond(200, sdp: true);
        c.ExpectAck();
        other.Expect(200);
        other.Ack();
        a1.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}?Replaces={Replaces(other)}>\r\n");
        a1.Expect(403, "REFER");
        Legs.End(other, c);
        Legs.End(a1, b);
        world.AssertEverythingReturned();
    }

    internal static SwitchConfiguration Allowed(SwitchConfiguration said) => SwitchFixture.ChangeAcme(said, static g => g with { CallTransfer = true });

    private static string Replaces(CallerLeg leg) => Uri.EscapeDataString($"{leg.CallId};to-tag={leg.RemoteTag};from-tag={leg.Tag}");

    private static string[] Origin(WireMessage message) => message.Body.Split("\r\n")[1].Split(' ');

    private Cdr Cdr(string callee) => Assert.Single(_switch.Cdrs, c => c.CalleeE164 == callee);

    private static void Refer(CallerLeg a, string number)
    {
        a.Request("REFER", extra: $"Refer-To: <sip:{number}@{SwitchFixture.Us}>\r\n");
        a.Expect(202, "REFER");
        WireMessage trying = Notified(a);
        Assert.Equal(("SIP/2.0 100 Trying\r\n", "refer", "message/sipfrag;version=2.0"), (trying.Body, trying["Event"], trying["Content-Type"]));
    }

    private static WireMessage Notified(CallerLeg a)
    {
        WireMessage notify = a.ExpectRequest("NOTIFY");
        a.Ok(notify);
        return notify;
    }

    private CalleeLeg Answered()
    {
        var c = new CalleeLeg(_switch);
        c.Respond(200, sdp: true);
        c.ExpectAck();
        return c;
    }

    private void Agree(CalleeLeg b)
    {
        WireMessage asked = b.ExpectRequest("INVITE");
        _switch.Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        b.ExpectAck();
    }

    private static void Leave(CallerLeg a)
    {
        Notified(a);
        a.Ok(a.ExpectRequest("BYE"));
    }

    private (CallerLeg A, CalleeLeg B, CalleeLeg C) Transferred()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        Refer(a, Target);
        CalleeLeg c = Answered();
        Agree(b);
        Leave(a);
        return (a, b, c);
    }

    private void End(CalleeLeg b, CalleeLeg c)
    {
        b.Send(b.BuildRequest("BYE"));
        c.Ok(c.ExpectRequest("BYE"));
        b.Expect(200, "BYE");
        _switch.AssertEverythingReturned();
    }
}
