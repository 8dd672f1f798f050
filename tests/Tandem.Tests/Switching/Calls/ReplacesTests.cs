using Tandem.Media.Codecs;
using Tandem.Primitives;
using Tandem.Switching.Audio;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>INVITE with Replaces: a newcomer takes the place of an end of an answered call (RFC 3891, docs/transfers.md).</summary>
public class ReplacesTests
{
    private const string Other = "192.0.2.77:5060";

    private readonly SwitchFixture _switch = new(static said => TransferTests.Allowed(said) with
    {
        MappingGateways = TransferTests.Allowed(said).MappingGateways
            .Add("same", new MappingGatewayConfig { Name = "same", RemoteIps = ["192.0.2.77"], Account = "1001", CallTransfer = true, Capacity = 1 })
            .Add("else", new MappingGatewayConfig { Name = "else", RemoteIps = ["192.0.2.78"], Account = "2001", CallTransfer = true })
            .Add("may-not", new MappingGatewayConfig { Name = "may-not", RemoteIps = ["192.0.2.79"], Account = "1001" }),
    });

    [Fact]
    public void A_newcomer_takes_the_callers_place_and_the_call_has_one_record_paid_by_who_paid()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        _switch.Advance(20);
        CallerLeg n = Newcomer(Names(a), "\r\nRecord-Route: <sip:192.0.2.77;lr>");
        WireMessage asked = b.ExpectRequest("INVITE");
        Assert.Equal((b.Invite.CallId, b.Tag, b.Invite.FromTag), (asked.CallId, asked.ToTag, asked.FromTag));
        Assert.Equal(Origin(b.Invite)[1], Origin(asked)[1]);
        _switch.AssertQuiet(); // the replaced end knows nothing until it is agreed on
        Agree(b, asked);
        WireMessage answer = n.Expect(200);
        Assert.Contains("m=audio", answer.Body);
        Assert.Contains("replaces", string.Join(",", answer.All("Supported")));
        Assert.Equal("<sip:192.0.2.77;lr>", answer["Record-Route"]);
        Assert.DoesNotContain("203.0.113.77", answer.Body);
        a.Ok(a.ExpectRequest("BYE"));
        n.Ack();
        Assert.Equal((0, 1), (_switch.LinesOfCustomer, _switch.LinesOf("carrier-a")));
        n.Request("INFO", "Signal=1", "Content-Type: application/dtmf-relay\r\n");
        b.Ok(b.ExpectRequest("INFO"));
        n.Expect(200, "INFO");
        _switch.Advance(40);
        b.Send(b.BuildRequest("BYE"));
        n.Ok(n.ExpectRequest("BYE"));
        b.Expect(200, "BYE");
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal((TimeSpan.FromSeconds(60), EndDirection.Callee, "1001", "acme"), (cdr.HoldTime, cdr.EndDirection, cdr.Sale!.AccountNumber, cdr.CallerGateway));
        Assert.Equal(SwitchFixture.Nanos(0.62m), cdr.Sale.Nanos);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_newcomer_may_be_transferred_from_and_hang_up_as_who_it_replaced()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg n = Replaced(a, b);
        n.Request("REFER", extra: $"Refer-To: <sip:15551234@{SwitchFixture.Us}>\r\n");
        n.Expect(202, "REFER");
        n.Ok(n.ExpectRequest("NOTIFY"));
        var c = new CalleeLeg(_switch);
        c.Respond(486);
        c.ExpectAck();
        n.Ok(n.ExpectRequest("NOTIFY"));
        Legs.End(n, b);
        Assert.Equal(["15551234", "442079460123"], _switch.Cdrs.Select(static c => c.CalleeE164).Order());
        Assert.Equal(EndDirection.Caller, Assert.Single(_switch.Cdrs, static c => c.WasAnswered).EndDirection);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_newcomer_takes_the_place_of_a_phone_that_was_called()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeAcme(said, static g => g with { CallTransfer = true, Account = "2001" }));
        (CallerLeg one, CalleeLeg two) = Phones(world, answered: true);
        CallerLeg n = new CallerLeg(world).Invite(extra: $"Replaces: {two.Invite.CallId};from-tag={two.Tag};to-tag={two.Invite.FromTag}\r\nRequire: replaces\r\n");
        n.Expect(100);
        WireMessage asked = one.ExpectRequest("INVITE");
        one.Answer(asked, sdp: one.Sdp);
        one.ExpectRequest("ACK");
        n.Expect(200);
        two.Ok(two.ExpectRequest("BYE"));
        n.Ack();
        Assert.Equal((1, 1, 0), (world.LinesOfCustomer, world.LinesOfPhone(SwitchFixture.NumberOne), world.LinesOfPhone(SwitchFixture.NumberTwo)));
        world.Advance(5);
        n.Request("BYE");
        one.Ok(one.ExpectRequest("BYE"));
        n.Expect(200, "BYE");
        Assert.Equal(EndDirection.Callee, Assert.Single(world.Cdrs).EndDirection);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_newcomer_without_an_offer_answers_in_its_ACK()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg n = new CallerLeg(_switch).Invite(offer: false, extra: $"Replaces: {Names(a)}\r\n");
        n.Expect(100);
        WireMessage asked = b.ExpectRequest("INVITE");
        Assert.Equal("", asked.Body);
        _switch.Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        Assert.Contains("m=audio", n.Expect(200).Body);
        a.Ok(a.ExpectRequest("BYE"));
        n.Ack(n.Sdp);
        Assert.Contains("m=audio", b.ExpectAck().Body);
        Legs.End(n, b);
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(488)]
    [InlineData(491)]
    [InlineData(603)]
    public void When_the_other_end_refuses_the_newcomer_the_call_is_as_it_was(int status)
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg n = Newcomer(Names(a));
        b.Ok(b.ExpectRequest("INVITE"), status);
        b.ExpectAck();
        n.Expect(status);
        n.AckFailure();
        Assert.Equal(1, _switch.LinesOfCustomer);
        Legs.End(a, b);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_newcomer_that_gives_up_while_the_other_end_agrees_is_not_let_in_and_the_media_are_asked_back()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg n = Newcomer(Names(a), sdp: SwitchFixture.Sdp("192.0.2.98", 18300).Replace("8 0 101", "0 101"));
        WireMessage asked = b.ExpectRequest("INVITE");
        n.Cancel();
        n.Expect(200, "CANCEL");
        Agree(b, asked);
        n.Expect(487);
        n.AckFailure();
        WireMessage back = b.ExpectRequest("INVITE");
        Assert.True(int.Parse(Origin(back)[2]) > int.Parse(Origin(asked)[2]));
        Agree(b, back);
        Legs.End(a, b);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_newcomer_that_may_use_none_of_the_codecs_agreed_on_is_sent_away_and_who_had_the_place_keeps_it_and_its_line()
    {
        var world = new SwitchFixture(static said => TransferTests.Allowed(said) with
        {
            MappingGateways = TransferTests.Allowed(said).MappingGateways.Add("same", new MappingGatewayConfig
            {
                Name = "same", RemoteIps = ["192.0.2.77"], Account = "1001", CallTransfer = true, Audio = new AudioRules { AssignsCodecs = true, Codecs = [AudioEncoding.Pcmu] },
            }),
        });
        (CallerLeg a, CalleeLeg b) = Legs.Talk(world);
        CallerLeg n = new CallerLeg(world, NetAddress.Parse(Other)).Invite(offer: false, extra: $"Replaces: {Names(a)}\r\n");
        n.Expect(100);
        b.Sdp = SwitchFixture.Sdp("203.0.113.77", 30500).Replace("8 0 101", "18");
        Agree(b, b.ExpectRequest("INVITE"), world);
        n.Expect(488);
        n.AckFailure();
        WireMessage back = b.ExpectRequest("INVITE"); // asked back to what was
        b.Sdp = SwitchFixture.Sdp("203.0.113.77", 30500);
        Agree(b, back, world);
        Assert.Equal((1, 1), (world.LinesOfCustomer, world.LinesOf("carrier-a")));
        a.Request("INFO", "Signal=1", "Content-Type: application/dtmf-relay\r\n");
        b.Ok(b.ExpectRequest("INFO"));
        a.Expect(200, "INFO");
        Legs.End(a, b);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void When_the_replaced_end_hangs_up_first_the_newcomer_hears_603()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg n = Newcomer(Names(a));
        WireMessage asked = b.ExpectRequest("INVITE");
        a.Request("BYE");
        n.Expect(603);
        n.AckFailure();
        b.Ok(b.ExpectRequest("BYE"));
        a.Expect(200, "BYE");
        b.Ok(asked, 487);
        b.ExpectAck();
        Assert.Single(_switch.Cdrs);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_newcomer_that_never_acknowledges_loses_the_call_and_it_is_charged_to_then()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg n = Newcomer(Names(a));
        Agree(b, b.ExpectRequest("INVITE"));
        n.Expect(200);
        a.Ok(a.ExpectRequest("BYE"));
        _switch.Advance(33);
        b.Ok(b.ExpectRequest("BYE"));
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal((Refusal.NoResponse, TimeSpan.FromSeconds(32)), (cdr.Refusal, cdr.HoldTime));
        _switch.Forget(b.Address); // the BYE said again
        _switch.Advance(40);
        _switch.Forget(n.Address);
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("192.0.2.78:5060")] // another account
    [InlineData("192.0.2.79:5060")] // the same account, without leave to transfer
    public void Who_may_not_gets_403_and_touches_nothing(string from)
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg n = new CallerLeg(_switch, NetAddress.Parse(from)).Invite(extra: $"Replaces: {Names(a)}\r\n");
        n.Expect(403);
        n.AckFailure();
        Legs.End(a, b);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_carriers_place_is_nobodys_to_take()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg n = new CallerLeg(_switch).Invite(extra: $"Replaces: {b.Invite.CallId};to-tag={b.Invite.FromTag};from-tag={b.Tag}\r\n");
        n.Expect(403);
        n.AckFailure();
        Legs.End(a, b);
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("{0};to-tag={1};from-tag={2};early-only", 486)]
    [InlineData("{0};to-tag={1}x;from-tag={2}", 481)]
    [InlineData("{0};to-tag={1};from-tag={2}x", 481)]
    [InlineData("{0}x;to-tag={1};from-tag={2}", 481)]
    [InlineData("{0};to-tag={1}", 400)]
    [InlineData("{0};to-tag={1};from-tag={2};from-tag={2}", 400)]
    [InlineData("{0};to-tag={1};from-tag={2}, {0};to-tag={1};from-tag={2}", 400)]
    [InlineData("{0};to-tag={1};from-tag={2}\r\nReplaces: {0};to-tag={1};from-tag={2}", 400)]
    [InlineData("{0};to-tag={1};from-tag={2}\r\nRequire: replaces, unheard-of", 420)]
    public void A_Replaces_that_cannot_be_obeyed_is_refused(string replaces, int status)
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg n = new CallerLeg(_switch).Invite(extra: $"Replaces: {string.Format(null, replaces, a.CallId, a.RemoteTag, a.Tag)}\r\n");
        n.Expect(status);
        n.AckFailure();
        Legs.End(a, b);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_dialog_that_has_ended_already_is_declined()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        a.Request("BYE");
        a.Expect(200, "BYE");
        CallerLeg n = new CallerLeg(_switch).Invite(extra: $"Replaces: {Names(a)}\r\n");
        n.Expect(603); // the callee has not answered its BYE yet
        n.AckFailure();
        b.Ok(b.ExpectRequest("BYE"));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_call_that_is_being_changed_is_not_to_be_had_now()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg n = Newcomer(Names(a)), late = new CallerLeg(_switch).Invite(extra: $"Replaces: {Names(a)}\r\n");
        late.Expect(491);
        late.AckFailure();
        Agree(b, b.ExpectRequest("INVITE"));
        n.Expect(200);
        a.Ok(a.ExpectRequest("BYE"));
        n.Ack();
        late = new CallerLeg(_switch).Invite(extra: $"Replaces: {Names(a)}\r\n");
        late.Expect(481); // it is another's place by now
        late.AckFailure();
        Legs.End(n, b);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_that_still_waits_cannot_be_replaced()
    {
        CallerLeg a = new CallerLeg(_switch).Invite();
        a.Expect(100);
        var b = new CalleeLeg(_switch);
        b.Respond(180);
        a.Expect(180);
        CallerLeg n = new CallerLeg(_switch).Invite(extra: $"Replaces: {Names(a)}\r\n");
        n.Expect(481); // RFC 3891 §3: an early dialog the switch did not begin
        n.AckFailure();
        b.Respond(200, sdp: true);
        b.ExpectAck();
        a.Expect(200);
        a.Ack();
        Legs.End(a, b);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_newcomer_without_a_free_line_is_busy()
    {
        (CallerLeg a, CalleeLeg b) = Legs.Talk(_switch);
        CallerLeg own = new CallerLeg(_switch, NetAddress.Parse(Other)).Invite();
        own.Expect(100);
        var c = new CalleeLeg(_switch);
        c.Respond(200, sdp: true);
        c.ExpectAck();
        own.Expect(200);
        own.Ack();
        CallerLeg n = new CallerLeg(_switch, NetAddress.Parse(Other)).Invite(extra: $"Replaces: {Names(a)}\r\n");
        n.Expect(486);
        n.AckFailure();
        Legs.End(own, c);
        Legs.End(a, b);
        _switch.AssertEverythingReturned();
    }

    internal static string Names(CallerLeg leg) => $"{leg.CallId};to-tag={leg.RemoteTag};from-tag={leg.Tag}";

    private static string[] Origin(WireMessage message) => message.Body.Split("\r\n")[1].Split(' ');

    private CallerLeg Newcomer(string names, string extra = "", string? sdp = null)
    {
        CallerLeg n = new CallerLeg(_switch, NetAddress.Parse(Other)) { Sdp = sdp ?? SwitchFixture.Sdp("192.0.2.98", 18300) }.Invite(extra: $"Replaces: {names}{extra}\r\n");
        n.Expect(100);
        return n;
    }

    private CallerLeg Replaced(CallerLeg a, CalleeLeg b)
    {
        CallerLeg n = Newcomer(Names(a));
        Agree(b, b.ExpectRequest("INVITE"));
        n.Expect(200);
        a.Ok(a.ExpectRequest("BYE"));
        n.Ack();
        return n;
    }

    private void Agree(CalleeLeg b, WireMessage asked, SwitchFixture? world = null)
    {
        (world ?? _switch).Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        b.ExpectAck();
    }

    private static (CallerLeg One, CalleeLeg Two) Phones(SwitchFixture world, bool answered)
    {
        PhoneCallTests.Register(world, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, $"sip:two@{SwitchFixture.PhoneTwo}");
        CallerLeg one = new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberTwo);
        WireMessage challenge = one.Invite().Expect(401);
        one.AckFailure();
        one.RemoteTag = "";
        one.Invite(extra: Digest.Answer(challenge, "INVITE", one.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password));
        one.Expect(100);
        var two = new CalleeLeg(world, SwitchFixture.PhoneTwo);
        if (!answered) return (one, two);
        two.Respond(200, sdp: true);
        two.ExpectAck();
        one.Expect(200);
        one.Ack();
        return (one, two);
    }
}
