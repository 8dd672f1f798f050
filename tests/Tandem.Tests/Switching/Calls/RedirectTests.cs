using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Switching.Calls;

public class RedirectTests
{
    private static readonly NetAddress Elsewhere = NetAddress.Parse("203.0.113.40:5080");
    private static readonly NetAddress Other = NetAddress.Parse("203.0.113.41:5060");

    private readonly SwitchFixture _switch = new(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { FollowRedirects = true }));

    [Fact]
    public void Contacts_are_called_by_their_q_and_the_answer_of_one_is_the_calls()
    {
        CallerLeg caller = Redirected(out _, $"Contact: <sip:441@{Other}>;q=0.2, <sip:host.example>;q=0.9\r\nContact: \"Him\" <sip:44777@{Elsewhere};x=1>;q=0.7\r\n");
        var first = new CalleeLeg(_switch, Elsewhere);
        Assert.Equal($"sip:44777@{Elsewhere};x=1", first.Invite.Uri);
        first.Respond(486);
        first.ExpectAck();
        var second = new CalleeLeg(_switch, Other);
        second.Respond(200, sdp: true);
        second.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(10);
        Legs.End(caller, second);
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal(("carrier-a", 3, "441", Other, "442079460123"), (cdr.CalleeGateway, cdr.Attempts, cdr.CalleeToGatewayE164, cdr.CalleeAddress, cdr.CalleeE164));
        Assert.Equal(12, cdr.Sale!.BilledSeconds);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Redirections_that_lead_in_a_circle_or_back_to_us_end_with_the_next_gateway()
    {
        CallerLeg caller = Redirected(out CalleeLeg callee, $"Contact: <sip:1@{Elsewhere}>, <sip:2@{SwitchFixture.Us}>\r\n");
        var there = new CalleeLeg(_switch, Elsewhere);
        there.Respond(302, extra: $"Contact: <sip:1@{Elsewhere}>\r\nContact: <{callee.Invite.Uri}>\r\n");
        there.ExpectAck();
        Finish(caller);
    }

    [Fact]
    public void Redirections_that_lead_on_for_ever_end()
    {
        CallerLeg caller = Redirected(out _, $"Contact: <sip:0@{Elsewhere}>\r\n");
        for (int i = 1; i <= 4; i++)
        {
            var there = new CalleeLeg(_switch, Elsewhere);
            there.Respond(302, extra: $"Contact: <sip:{i}@{Elsewhere}>\r\n");
            there.ExpectAck();
        }
        Finish(caller);
        Assert.Equal(6, Assert.Single(_switch.Cdrs).Attempts);
    }

    [Fact]
    public void A_host_the_redirection_leads_to_is_not_shown_the_gateways_credentials_and_does_not_speak_for_it()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { FollowRedirects = true, RegisterName = "user", Password = "secret" }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var asked = new CalleeLeg(world);
        asked.Respond(407, extra: "Proxy-Authenticate: Digest realm=\"carrier\", nonce=\"n1\", qop=\"auth\"\r\n");
        asked.ExpectAck();
        var signed = new CalleeLeg(world);
        Assert.NotEqual("", signed.Invite["Proxy-Authorization"]);
        signed.Respond(302, extra: $"Contact: <sip:1@{Elsewhere}>\r\n");
        signed.ExpectAck();
        var there = new CalleeLeg(world, Elsewhere);
        Assert.Equal("", there.Invite["Proxy-Authorization"]);
        there.Respond(503, extra: "Retry-After: 60\r\n");
        there.ExpectAck();
        var next = new CalleeLeg(world, SwitchFixture.CarrierB);
        next.Respond(486);
        next.ExpectAck();
        caller.Expect(486);
        caller.Ack();
        new CallerLeg(world).Invite().Expect(100);
        Assert.Equal("INVITE", world.Next(SwitchFixture.CarrierA).Method);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Contact: <tel:123>\r\n")]
    [InlineData("Contact: <sip:1@host.example>\r\n")]
    [InlineData("Contact: nonsense\r\n")]
    public void A_redirection_that_leads_nowhere_is_a_failure(string contact) => Finish(Redirected(out _, contact));

    [Fact]
    public void A_gateway_that_may_not_redirect_is_not_followed()
    {
        var world = new SwitchFixture();
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(302, extra: $"Contact: <sip:1@{Elsewhere}>\r\n");
        callee.ExpectAck();
        Assert.Equal("INVITE", world.Next(SwitchFixture.CarrierB).Method);
        Assert.Equal(0, world.Waiting(Elsewhere));
    }

    private CallerLeg Redirected(out CalleeLeg callee, string contacts)
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        callee = new CalleeLeg(_switch);
        callee.Respond(302, extra: contacts);
        callee.ExpectAck();
        return caller;
    }

    private void Finish(CallerLeg caller)
    {
        var next = new CalleeLeg(_switch, SwitchFixture.CarrierB);
        next.Respond(486);
        next.ExpectAck();
        Assert.Empty(caller.Expect(486).All("Contact"));
        caller.AckFailure();
        _switch.AssertEverythingReturned();
    }
}
