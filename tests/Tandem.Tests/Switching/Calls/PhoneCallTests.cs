using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

public class PhoneCallTests
{
    private readonly SwitchFixture _switch = new();

    [Theory]
    [InlineData("SHA-256", 401)]
    [InlineData("MD5", 401)]
    [InlineData("MD5", 407)]
    public void A_phone_calls_out_by_digest_and_its_account_pays(string algorithm, int code)
    {
        SwitchFixture world = SwitchFixture.WithSettings(s => s with { Sip = s.Sip with { AuthenticationCode = code } });
        var caller = new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "15551234");
        WireMessage challenge = caller.Invite().Expect(code);
        caller.AckFailure();
        caller.RemoteTag = "";
        caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password, algorithm));
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        world.Advance(10);
        Legs.End(caller, callee);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((BillingMode.Phone, "2001", 20_000_000L, "", SwitchFixture.NumberOne), (cdr.BillingMode, cdr.Sale!.AccountNumber, cdr.Sale.Nanos, cdr.CallerGateway, cdr.CallerE164));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_wrong_password_an_unknown_user_and_someone_elses_number_get_the_same_403()
    {
        (string From, string User, string Password)[] wrong = [(SwitchFixture.NumberOne, SwitchFixture.NumberOne, "guess"), ("5999", "5999", SwitchFixture.Password), (SwitchFixture.NumberTwo, SwitchFixture.NumberOne, SwitchFixture.Password)];
        foreach ((string from, string user, string password) in wrong)
        {
            var caller = new CallerLeg(_switch, SwitchFixture.PhoneOne, from, "15551234");
            WireMessage challenge = caller.Invite().Expect(401);
            caller.AckFailure();
            caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, user, password)).Expect(403);
            caller.AckFailure();
        }
        Assert.Equal(3, _switch.Shard.Counters.AuthenticationFailures);
        Assert.Equal(3, _switch.Cdrs.Count(static c => c.Refusal == Refusal.AuthenticationFailed));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_number_that_exists_and_one_that_does_not_get_the_same_challenge()
    {
        WireMessage known = new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne).Invite().Expect(401);
        WireMessage unknown = new CallerLeg(_switch, SwitchFixture.PhoneOne, "5999").Invite().Expect(401);
        Assert.Equal(Digest.Shape(known), Digest.Shape(unknown));
    }

    [Fact]
    public void Credentials_older_than_5_minutes_are_asked_for_again_as_stale()
    {
        var caller = new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "15551234");
        WireMessage challenge = caller.Invite().Expect(401);
        Assert.DoesNotContain("stale", challenge["WWW-Authenticate"]);
        caller.AckFailure();
        _switch.Advance(301);
        WireMessage again = caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password)).Expect(401);
        Assert.Contains("stale=true", again["WWW-Authenticate"]);
        caller.AckFailure();
        caller.Invite(extra: Digest.Answer(again, "INVITE", caller.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password)).Expect(100);
    }

    [Fact]
    public void Credentials_overheard_do_not_call_another_number_nor_work_from_another_address()
    {
        var caller = new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "15551234");
        WireMessage challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        string credentials = Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password);
        new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "442079460123").Invite(extra: credentials).Expect(403);
        WireMessage elsewhere = new CallerLeg(_switch, SwitchFixture.Stranger, SwitchFixture.NumberOne, "15551234").Invite(extra: credentials).Expect(401);
        Assert.DoesNotContain("stale", elsewhere["WWW-Authenticate"]);
    }

    [Fact]
    public void Credentials_that_sign_the_server_alone_are_accepted_as_some_peers_sign_no_more()
    {
        var caller = new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, "15551234");
        WireMessage challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        caller.Invite(extra: Digest.Answer(challenge, "INVITE", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, SwitchFixture.Password)).Expect(100);
    }

    [Fact]
    public void One_phone_calls_another_where_it_registered_and_nobody_pays()
    {
        Register(_switch, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, $"sip:line1@10.0.0.9:5099");
        CallerLeg caller = Call(_switch, SwitchFixture.NumberTwo);
        var callee = new CalleeLeg(_switch, SwitchFixture.PhoneTwo);
        Assert.Equal("sip:line1@10.0.0.9:5099", callee.Invite.Uri); // its own contact, at the address it spoke from
        callee.Respond(180);
        caller.Expect(180);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(100);
        Legs.End(caller, callee);
        Cdr cdr = Assert.Single(_switch.Cdrs);
        Assert.Equal((BillingMode.NotBilled, null, "", SwitchFixture.NumberTwo), (cdr.BillingMode, cdr.Sale, cdr.CalleeGateway, cdr.CalleeE164));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_phone_that_is_not_registered_is_offline() => AssertRefused(_switch, Refusal.CalleeOffline, 480);

    [Fact]
    public void A_phone_whose_registration_has_run_out_is_offline()
    {
        Register(_switch, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, "sip:line1@10.0.0.9", expires: 60);
        _switch.Advance(60);
        AssertRefused(_switch, Refusal.CalleeOffline, 480);
    }

    [Fact]
    public void A_phone_locked_for_incoming_calls_gets_none()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangePhone(c, SwitchFixture.NumberTwo, static p => p with { Lock = PhoneLock.Incoming }));
        Register(world, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, "sip:line1@10.0.0.9");
        AssertRefused(world, Refusal.CalleeLocked, 480);
    }

    [Theory]
    [InlineData(PhoneLock.Outgoing, Refusal.OriginatorLocked)]
    [InlineData(PhoneLock.Both, Refusal.OriginatorLocked)]
    public void A_phone_locked_for_outgoing_calls_makes_none(PhoneLock locked, Refusal refusal) =>
        AssertRefused(new SwitchFixture(c => SwitchFixture.ChangePhone(c, SwitchFixture.NumberOne, p => p with { Lock = locked })), refusal, 403, "15551234");

    [Fact]
    public void A_phone_without_an_account_makes_no_call() =>
        AssertRefused(new SwitchFixture(static c => SwitchFixture.ChangePhone(c, SwitchFixture.NumberOne, static p => p with { Account = null })), Refusal.AccountMissing, 403, "15551234");

    [Fact]
    public void A_phone_has_so_many_lines_in_and_out_together()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangePhone(c, SwitchFixture.NumberTwo, static p => p with { LineCapacity = 1 }));
        Register(world, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, "sip:line1@10.0.0.9");
        CallerLeg first = Call(world, SwitchFixture.NumberTwo);
        var ringing = new CalleeLeg(world, SwitchFixture.PhoneTwo);
        CallerLeg second = Call(world, SwitchFixture.NumberTwo);
        second.Expect(503);
        second.AckFailure();
        Assert.Equal(Refusal.GatewayBusy, Assert.Single(world.Cdrs).Refusal);
        ringing.Respond(486).ExpectAck();
        first.Expect(486);
        first.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_number_shown_is_the_one_the_operator_states()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangePhone(c, SwitchFixture.NumberOne, static p => p with { DisplayNumber = "4930555" }));
        Call(world, "15551234");
        Assert.StartsWith("<sip:4930555@", new CalleeLeg(world).Invite["From"]);
    }

    [Fact]
    public void A_gateways_call_to_a_phone_is_paid_by_the_gateways_account()
    {
        var world = new SwitchFixture(static c => c with { Phones = c.Phones.Add("442079", c.Phones[SwitchFixture.NumberTwo] with { E164 = "442079" }) });
        Register(world, SwitchFixture.PhoneTwo, "442079", "sip:line1@10.0.0.9");
        CallerLeg caller = new CallerLeg(world, to: "442079").Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world, SwitchFixture.PhoneTwo);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        world.Advance(6);
        Legs.End(caller, callee);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(("1001", SwitchFixture.Nanos(0.08m), BillingMode.MappingGateway), (cdr.Sale!.AccountNumber, cdr.Sale.Nanos, cdr.BillingMode));
        Assert.Null(cdr.Cost);
    }

    internal static void Register(SwitchFixture world, NetAddress from, string number, string contact, int expires = 600)
    {
        var phone = new CallerLeg(world, from, number, number);
        WireMessage challenge = phone.Request("REGISTER", extra: $"Contact: <{contact}>\r\nExpires: {expires}\r\n").Expect(401, "REGISTER");
        phone.Request("REGISTER", extra: $"Contact: <{contact}>\r\nExpires: {expires}\r\n" + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", number, SwitchFixture.Password)).Expect(200, "REGISTER");
    }

    internal static CallerLeg Call(SwitchFixture world, string to)
    {
        var caller = new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, to);
        WireMessage challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password)).Expect(100);
        return caller;
    }

    private static void AssertRefused(SwitchFixture world, Refusal refusal, int status, string to = SwitchFixture.NumberTwo)
    {
        CallerLeg caller = Call(world, to);
        caller.Expect(status);
        caller.AckFailure();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((refusal, 0), (cdr.Refusal, cdr.Attempts));
        world.AssertEverythingReturned();
    }
}
