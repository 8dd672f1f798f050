using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Sip.Digest;
using Tandem.Sip.Locating;
using Tandem.Sip.Transports;
using Tandem.Switching.Configuration;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Carriers that ask who we are: INVITE and BYE go again with the gateway's credentials.</summary>
public sealed class ChallengeTests
{
    private const string User = "tandem-7";
    private const string Secret = "open sesame";

    private static SwitchFixture World(Func<SwitchSettings, SwitchSettings>? settings = null, string user = User, string domain = "") =>
        new(said => SwitchFixture.ChangeCarrier(said with { Settings = settings?.Invoke(said.Settings) ?? said.Settings }, "carrier-a",
            g => g with { RegisterName = user, Password = Secret, LocalDomain = domain }));

    private static CallerLeg Call(SwitchFixture world)
    {
        CallerLeg caller = new CallerLeg(world, to: "442079460123").Invite();
        caller.Expect(100);
        return caller;
    }

    private static string Asks(string nonce, string algorithm = "MD5", bool stale = false, bool proxy = true) =>
        $"{(proxy ? "Proxy" : "WWW")}-Authenticate: Digest realm=\"carrier\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\"{(stale ? ", stale=true" : "")}\r\n";

    private static void AssertSigned(WireMessage request, string nonce, int count, bool proxy = true, string secret = Secret)
    {
        string value = request[proxy ? "Proxy-Authorization" : "Authorization"];
        Assert.True(DigestCredentials.TryParse(Encoding.UTF8.GetBytes(value), out DigestCredentials credentials), request.Text);
        Assert.Equal(nonce, Encoding.UTF8.GetString(credentials.Nonce));
        Assert.Equal(count.ToString("x8"), Encoding.UTF8.GetString(credentials.NonceCount));
        Assert.Equal(request.Uri, Encoding.UTF8.GetString(credentials.Uri));
        Ha1 ha1 = Ha1.Compute(credentials.Algorithm, Encoding.UTF8.GetBytes(User), "carrier"u8, Encoding.UTF8.GetBytes(secret));
        Assert.True(DigestVerifier.Verify(credentials, Encoding.UTF8.GetBytes(request.Method), ha1));
    }

    private static CalleeLeg Challenge(SwitchFixture world, string asks, int status = 407)
    {
        var asked = new CalleeLeg(world);
        asked.Respond(status, extra: asks);
        asked.ExpectAck();
        return asked;
    }

    [Theory]
    [InlineData(407, "MD5")]
    [InlineData(401, "MD5")]
    [InlineData(407, "SHA-256")]
    public void An_INVITE_that_is_challenged_goes_again_with_credentials_in_the_same_dialog_to_be(int status, string algorithm)
    {
        SwitchFixture world = World();
        CallerLeg caller = Call(world);
        CalleeLeg asked = Challenge(world, Asks("n1", algorithm, proxy: status == 407), status);
        var callee = new CalleeLeg(world);
        AssertSigned(callee.Invite, "n1", 1, proxy: status == 407);
        Assert.Equal((asked.Invite.CallId, asked.Invite["From"], asked.Invite["To"], asked.Invite.CSeq + 1), (callee.Invite.CallId, callee.Invite["From"], callee.Invite["To"], callee.Invite.CSeq));
        Assert.NotEqual(asked.Invite.Branch, callee.Invite.Branch);
        Assert.Equal(asked.Invite.Body, callee.Invite.Body);
        callee.Respond(200, sdp: true);
        WireMessage ack = callee.ExpectAck();
        Assert.Equal("", ack["Proxy-Authorization"]);
        caller.Expect(200);
        caller.Ack();
        caller.Request("BYE");
        WireMessage bye = callee.ExpectRequest("BYE");
        AssertSigned(bye, "n1", 2, proxy: status == 407);
        callee.Ok(bye);
        caller.Expect(200, "BYE");
        Assert.Equal(1, world.Cdrs[^1].Attempts);
        Assert.Contains($"carrier-a asks who we are ({status}); the INVITE goes again with the gateway's credentials (round 1).", WhyText.Of(WhyStory.Of(world.Cdrs[^1])));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_BYE_that_is_challenged_goes_again()
    {
        SwitchFixture world = World();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        caller.Request("BYE");
        WireMessage bye = callee.ExpectRequest("BYE");
        world.Deliver(callee.Address, Legs.Response(bye, 407, "", "", Asks("n9"), ""));
        WireMessage again = callee.ExpectRequest("BYE");
        AssertSigned(again, "n9", 1);
        Assert.Equal(bye.CSeq + 1, again.CSeq);
        callee.Ok(again);
        caller.Expect(200, "BYE");
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_call_outlives_the_nonces_of_its_carrier_each_refresh_that_is_challenged_goes_again_at_once()
    {
        SwitchFixture world = World();
        CallerLeg caller = Call(world);
        Challenge(world, Asks("n0"));
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true, extra: "Session-Expires: 100;refresher=uac\r\n");
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        for (int i = 1; i <= 10; i++)
        {
            world.Advance(50);
            WireMessage refresh = callee.ExpectRequest("INVITE");
            AssertSigned(refresh, $"n{i - 1}", 2);
            world.Deliver(callee.Address, Legs.Response(refresh, 407, "", "", Asks($"n{i}", stale: true), ""));
            callee.ExpectAck();
            world.Turn();
            WireMessage again = callee.ExpectRequest("INVITE");
            AssertSigned(again, $"n{i}", 1);
            world.Deliver(callee.Address, Legs.Response(again, 200, "", $"<sip:{callee.Address}>", "Session-Expires: 100;refresher=uac\r\n", SwitchFixture.Sdp("203.0.113.77", 30500)));
            callee.ExpectAck();
        }
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_change_that_the_carrier_challenges_goes_again_and_its_asker_hears_the_answer()
    {
        SwitchFixture world = World();
        CallerLeg caller = Call(world);
        Challenge(world, Asks("n0"));
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        caller.Request("INVITE", caller.Sdp + "a=sendonly\r\n");
        caller.Expect(100);
        WireMessage passed = callee.ExpectRequest("INVITE");
        world.Deliver(callee.Address, Legs.Response(passed, 401, "", "", Asks("n1", stale: true, proxy: false), ""));
        callee.ExpectAck();
        WireMessage again = callee.ExpectRequest("INVITE");
        AssertSigned(again, "n1", 1, proxy: false);
        Assert.Equal(passed.Body, again.Body);
        world.Deliver(callee.Address, Legs.Response(again, 200, "", $"<sip:{callee.Address}>", "", SwitchFixture.Sdp("203.0.113.77", 30500)));
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_early_dialog_of_the_INVITE_that_was_challenged_is_forgotten()
    {
        SwitchFixture world = new(said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { RegisterName = User, Password = Secret, Sip100Rel = true }));
        CallerLeg caller = Call(world);
        var asked = new CalleeLeg(world);
        asked.Respond(183, extra: "Require: 100rel\r\nRSeq: 500\r\n");
        WireMessage prack = asked.ExpectRequest("PRACK");
        asked.Ok(prack);
        caller.Expect(183);
        asked.Respond(407, extra: Asks("n1"));
        asked.ExpectAck();
        var callee = new CalleeLeg(world);
        callee.Respond(180, extra: "Require: 100rel\r\nRSeq: 9\r\n");
        WireMessage second = callee.ExpectRequest("PRACK");
        Assert.StartsWith("9 ", second["RAck"]);
        callee.Ok(second);
        caller.Expect(180);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_stale_nonce_is_answered_anew_and_the_same_one_again_means_wrong_credentials()
    {
        SwitchFixture world = World();
        CallerLeg caller = Call(world);
        Challenge(world, Asks("n1"));
        CalleeLeg second = Challenge(world, Asks("n2", stale: true));
        AssertSigned(second.Invite, "n1", 1);
        CalleeLeg third = Challenge(world, Asks("n2"));
        AssertSigned(third.Invite, "n2", 1);
        var next = new CalleeLeg(world, SwitchFixture.CarrierB);
        Assert.Equal("", next.Invite["Proxy-Authorization"]);
        next.Respond(486);
        next.ExpectAck();
        caller.Expect(486);
        caller.Ack();
        Assert.Contains("carrier-a asks who we are (407): registerName or password are wrong.", WhyText.Of(WhyStory.Of(world.Cdrs[^1])));
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_rounds_are_bounded_by_SS_SIP_AUTHENTICATION_RETRY(int rounds)
    {
        SwitchFixture world = World(s => s with { Authentication = s.Authentication with { Retry = rounds } });
        CallerLeg caller = Call(world);
        for (int i = 0; i <= rounds; i++) Challenge(world, Asks($"n{i}"));
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierA));
        var next = new CalleeLeg(world, SwitchFixture.CarrierB);
        next.Respond(486);
        next.ExpectAck();
        caller.Expect(486);
        caller.Ack();
        Assert.Contains("SS_SIP_AUTHENTICATION_RETRY", WhyText.Of(WhyStory.Of(world.Cdrs[^1])));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Without_a_name_to_answer_with_the_next_gateway_is_tried_and_the_caller_never_sees_the_challenge()
    {
        SwitchFixture world = World(user: "");
        CallerLeg caller = Call(world);
        Challenge(world, Asks("n1"));
        foreach (NetAddress carrier in new[] { SwitchFixture.CarrierB, SwitchFixture.CarrierC })
        {
            var next = new CalleeLeg(world, carrier);
            next.Respond(407, extra: Asks("n1"));
            next.ExpectAck();
        }
        WireMessage refused = caller.Expect(503);
        Assert.DoesNotContain("Authenticate", refused.Text);
        caller.Ack();
        Assert.Contains("carrier-a asks who we are (407): the gateway has no registerName and password to answer with.", WhyText.Of(WhyStory.Of(world.Cdrs[^1])));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void What_one_address_of_a_gateway_asked_is_not_shown_to_the_next()
    {
        NetAddress first = NetAddress.Parse("203.0.113.11:5070"), second = NetAddress.Parse("203.0.113.12:5080");
        var world = new SwitchFixture(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { RemoteIp = "sip.carrier.example", RegisterName = User, Password = Secret }));
        world.Resolve("carrier-a", new SipTarget("sip.carrier.example"), "", new HopChoice(new Hop(first, SipTransport.Udp), 0, 0, 0), new HopChoice(new Hop(second, SipTransport.Udp), 1, 1, 0));
        CallerLeg caller = Call(world);
        foreach (bool asks in new[] { true, false })
        {
            var leg = new CalleeLeg(world, first);
            leg.Respond(asks ? 407 : 503, extra: asks ? Asks("n1") : "");
            leg.ExpectAck();
        }
        var next = new CalleeLeg(world, second);
        Assert.Equal("", next.Invite["Proxy-Authorization"]);
        next.Respond(486);
        next.ExpectAck();
        caller.Expect(486);
        caller.Ack();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_local_domain_stands_in_From_and_Contact_in_place_of_the_address()
    {
        SwitchFixture world = World(domain: "sip.operator.example");
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Assert.Matches("^<sip:[^@>]+@sip.operator.example>;tag=", callee.Invite["From"]);
        Assert.Equal("<sip:sip.operator.example>", callee.Invite["Contact"]);
        Assert.DoesNotContain("operator.example", world.Sent.First(static m => m.IsResponse && m.Status == 200).Text);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Challenged_calls_allocate_nothing_for_their_credentials_in_the_steady_state()
    {
        SwitchFixture world = World();
        for (int i = 0; i < 3; i++) One();
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = world.Allocated;
            for (int i = 0; i < 10; i++) One();
            least = Math.Min(least, world.Allocated - before);
        }
        SwitchFixture plain = World();
        for (int i = 0; i < 3; i++) Plain(plain);
        long before2 = plain.Allocated;
        for (int i = 0; i < 10; i++) Plain(plain);
        // What a call keeps for its CDR is allocated; the challenge's lines in the decision log are a part of it.
        Assert.InRange(least, 0, plain.Allocated - before2 + (10 * 600));

        static void Plain(SwitchFixture plain)
        {
            (CallerLeg caller, CalleeLeg callee) = Legs.Talk(plain);
            Legs.End(caller, callee);
            plain.Advance(120);
        }

        void One()
        {
            CallerLeg caller = Call(world);
            Challenge(world, Asks("n1"));
            var callee = new CalleeLeg(world);
            callee.Respond(200, sdp: true);
            callee.ExpectAck();
            caller.Expect(200);
            caller.Ack();
            Legs.End(caller, callee);
            world.Advance(120);
        }
    }
}
