using System.Text;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Sip.Digest;
using Tandem.Sip.Locating;
using Tandem.Sip.Transports;
using Tandem.Switching.Configuration;
using Tandem.Switching.Registrations;
using Tandem.Switching.Settings;
using Tandem.Tests.Switching.Calls;

namespace Tandem.Tests.Switching.Registrations;

/// <summary>The switch registers at carrier-a, in virtual time; the test is the registrar.</summary>
public sealed class TrunkTests
{
    private const string User = "tandem-7";
    private const string Secret = "open sesame";

    private static readonly NetAddress Carrier = SwitchFixture.CarrierA;
    private static readonly SipTarget Named = new("sip.carrier.example");
    private static readonly NetAddress First = NetAddress.Parse("203.0.113.11:5070");
    private static readonly NetAddress Second = NetAddress.Parse("203.0.113.12:5080");

    private readonly List<string> _said = [];

    private SwitchFixture World(Func<TrunkSettings, TrunkSettings>? settings = null, Func<RoutingGatewayConfig, RoutingGatewayConfig>? gateway = null)
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangeCarrier(
            said with { Settings = said.Settings with { Trunks = settings?.Invoke(said.Settings.Trunks) ?? said.Settings.Trunks } },
            "carrier-a",
            g => (gateway ?? (static x => x))(g with { RegisterType = RegisterType.Register, RegisterName = User, Password = Secret, InboundMappingGateway = "acme" })));
        world.Shard.Say = _said.Add;
        world.Turn();
        return world;
    }

    private static TrunkStatus Status(SwitchFixture world) => world.RegistrationAt("carrier-a");

    private static WireMessage Register(SwitchFixture world, NetAddress? at = null)
    {
        WireMessage register = world.Next(at ?? Carrier);
        Assert.Equal("REGISTER", register.Method);
        return register;
    }

    private static void Answer(SwitchFixture world, WireMessage register, int status, string extra = "") =>
        world.Deliver(register.To, Legs.Response(register, status, "r1", "", extra, ""));

    private static void Grant(SwitchFixture world, WireMessage register, int seconds, string extra = "") =>
        Answer(world, register, 200, $"Contact: <{register["Contact"].Split('>')[0].TrimStart('<')}>;expires={seconds}\r\n{extra}");

    private static string Asks(string nonce, bool stale = false, string algorithm = "MD5") =>
        $"WWW-Authenticate: Digest realm=\"carrier\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\"{(stale ? ", stale=true" : "")}\r\n";

    private static bool IsSigned(WireMessage request, string nonce, int count, string password = Secret)
    {
        if (!DigestCredentials.TryParse(Encoding.UTF8.GetBytes(request["Authorization"]), out DigestCredentials credentials)) return false;
        Assert.Equal((nonce, count.ToString("x8"), request.Uri), (Encoding.UTF8.GetString(credentials.Nonce), Encoding.UTF8.GetString(credentials.NonceCount), Encoding.UTF8.GetString(credentials.Uri)));
        return DigestVerifier.Verify(credentials, "REGISTER"u8, Ha1.Compute(credentials.Algorithm, Encoding.UTF8.GetBytes(User), "carrier"u8, Encoding.UTF8.GetBytes(password)));
    }

    [Theory]
    [InlineData("MD5")]
    [InlineData("SHA-256")]
    public void It_registers_answers_the_challenge_and_refreshes_before_the_time_granted_is_over(string algorithm)
    {
        SwitchFixture world = World();
        WireMessage first = Register(world);
        Assert.Equal("sip:203.0.113.1", first.Uri);
        Assert.Equal("<sip:tandem-7@203.0.113.1>", first["To"]);
        Assert.StartsWith("<sip:tandem-7@203.0.113.1>;tag=", first["From"]);
        Assert.Equal("<sip:tandem-7@198.51.100.7:5060>;expires=3600", first["Contact"]);
        Assert.Equal("3600", first["Expires"]);
        Assert.Equal("", first["Privacy"]);
        Assert.False(Status(world).IsUp);
        Answer(world, first, 401, Asks("n1", algorithm: algorithm));
        WireMessage second = Register(world);
        Assert.True(IsSigned(second, "n1", 1));
        Assert.Equal((first.CallId, first.CSeq + 1), (second.CallId, second.CSeq));
        Grant(world, second, 120);
        Assert.Equal((true, TrunkState.Registered, world.Now + TimeSpan.FromSeconds(120)), (Status(world).IsUp, Status(world).State, Status(world).Expires));

        world.Advance(59.9);
        Assert.Equal(0, world.Waiting(Carrier));
        world.Advance(0.2);
        WireMessage refresh = Register(world);
        Assert.True(IsSigned(refresh, "n1", 2));
        Assert.Equal((first.CallId, second.CSeq + 1), (refresh.CallId, refresh.CSeq));
        Grant(world, refresh, 3600);
        world.Advance(3539);
        Assert.Equal(0, world.Waiting(Carrier));
        world.Advance(2);
        Register(world);
        Assert.True(Status(world).IsUp);
        Assert.Empty(_said);
    }

    [Fact]
    public void A_nonce_grown_stale_is_answered_anew()
    {
        SwitchFixture world = World();
        Answer(world, Register(world), 401, Asks("n1"));
        Grant(world, Register(world), 100);
        world.Advance(50.1);
        Answer(world, Register(world), 401, Asks("n2", stale: true));
        WireMessage again = Register(world);
        Assert.True(IsSigned(again, "n2", 1));
        Grant(world, again, 100);
        Assert.True(Status(world).IsUp);
    }

    [Fact]
    public void A_registrar_that_wants_longer_is_asked_for_that_and_remembered()
    {
        SwitchFixture world = World(static t => t with { Expire = TimeSpan.FromSeconds(60) });
        WireMessage first = Register(world);
        Assert.Equal("60", first["Expires"]);
        Answer(world, first, 423, "Min-Expires: 900\r\n");
        WireMessage longer = Register(world);
        Assert.Equal("900", longer["Expires"]);
        Grant(world, longer, 900);
        Assert.True(Status(world).IsUp);
        world.Advance(841);
        Assert.Equal("900", Register(world)["Expires"]);
    }

    [Theory]
    [InlineData("Contact: <sip:tandem-7@192.0.2.99>;expires=40, <sip:tandem-7@198.51.100.7:5060>;expires=90\r\nExpires: 700\r\n", 90)]
    [InlineData("Contact: <sip:tandem-7@198.51.100.7:5060>\r\nExpires: 700\r\n", 700)]
    [InlineData("Contact: <sip:tandem-7@10.1.1.1:9999>;expires=80\r\n", 80)]
    [InlineData("Expires: 50\r\n", 50)]
    [InlineData("", 3600)]
    public void The_time_granted_is_that_of_our_contact_however_the_registrar_says_it(string headers, int seconds)
    {
        SwitchFixture world = World();
        Answer(world, Register(world), 200, headers);
        Assert.Equal(world.Now + TimeSpan.FromSeconds(seconds), Status(world).Expires);
    }

    [Fact]
    public void A_200_that_grants_no_time_is_a_failure()
    {
        SwitchFixture world = World();
        Grant(world, Register(world), 0);
        Assert.Equal((false, "203.0.113.1:5060 said 200 and granted no time"), (Status(world).IsUp, Status(world).LastError));
    }

    [Fact]
    public void A_registration_that_holds_though_its_refresh_failed_is_ended_with_a_word_too()
    {
        SwitchFixture world = World();
        Grant(world, Register(world), 100);
        world.Advance(50.1);
        Answer(world, Register(world), 500);
        world.Shard.LeaveTrunks(world.Now);
        world.Turn();
        Assert.Equal("0", Register(world)["Expires"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Min-Expires: 20\r\n")]
    [InlineData("Min-Expires: 999999\r\n")]
    public void A_423_that_asks_for_nothing_sensible_is_a_failure(string header)
    {
        SwitchFixture world = World();
        Answer(world, Register(world), 423, header);
        Assert.Equal(TrunkState.Waiting, Status(world).State);
        Assert.Contains("Min-Expires", Status(world).LastError);
    }

    [Fact]
    public void A_failure_is_said_once_in_a_sentence_and_tried_again_after_the_pause()
    {
        SwitchFixture world = World(static t => t with { RetryDelay = TimeSpan.FromSeconds(45) });
        Answer(world, Register(world), 403);
        Assert.Equal((TrunkState.Waiting, false), (Status(world).State, Status(world).IsUp));
        Assert.Equal("403 Forbidden from 203.0.113.1:5060", Status(world).LastError);
        Assert.Equal(["Trunk carrier-a: not registered: 403 Forbidden from 203.0.113.1:5060; tried again in 45 s."], _said);
        world.Advance(44.9);
        Assert.Equal(0, world.Waiting(Carrier));
        world.Advance(0.2);
        Answer(world, Register(world), 403);
        Assert.Single(_said);
        world.Advance(45.1);
        Grant(world, Register(world), 600);
        Assert.Equal("Trunk carrier-a: registered again at 203.0.113.1:5060.", _said[^1]);
        Assert.Equal("", Status(world).LastError);
    }

    [Fact]
    public void A_registrar_that_asks_for_a_longer_pause_gets_it()
    {
        SwitchFixture world = World();
        Answer(world, Register(world), 480, "Retry-After: 300 (maintenance)\r\n");
        world.Advance(299.9);
        Assert.Equal(0, world.Waiting(Carrier));
        world.Advance(0.2);
        Register(world);
    }

    [Fact]
    public void A_wrong_password_is_named_and_not_tried_six_times()
    {
        SwitchFixture world = World();
        Answer(world, Register(world), 401, Asks("n1"));
        Answer(world, Register(world), 401, Asks("n1"));
        Assert.Equal(0, world.Waiting(Carrier));
        Assert.EndsWith("registerName or password are wrong", Status(world).LastError);
    }

    [Fact]
    public void Challenges_are_answered_as_often_as_the_setting_permits()
    {
        SwitchFixture world = World();
        int rounds = world.Configuration.Settings.Authentication.Retry;
        for (int i = 0; i <= rounds; i++) Answer(world, Register(world), 401, Asks($"n{i}"));
        Assert.Equal(0, world.Waiting(Carrier));
        Assert.Contains("SS_SIP_AUTHENTICATION_RETRY", Status(world).LastError);
    }

    [Fact]
    public void The_registrars_addresses_are_tried_in_turn_and_the_one_that_granted_is_kept()
    {
        SwitchFixture world = World(gateway: static g => g with { RemoteIp = "sip.carrier.example" });
        Assert.Equal(TrunkState.Waiting, Status(world).State);
        Assert.Equal("sip.carrier.example is being looked up", Status(world).LastError);
        world.Resolve("carrier-a", Named, "", new HopChoice(new Hop(First, SipTransport.Udp), 0, 0, 0), new HopChoice(new Hop(Second, SipTransport.Udp), 1, 1, 0));
        world.Shard.OnNamesChanged(world.Now);
        world.Turn();
        WireMessage first = Register(world, First);
        Assert.Equal("sip:sip.carrier.example", first.Uri);
        Assert.Equal("<sip:tandem-7@sip.carrier.example>", first["To"]);
        Answer(world, first, 503, "Retry-After: 120\r\n");
        WireMessage second = Register(world, Second);
        Assert.Equal(first.CallId, second.CallId);
        Grant(world, second, 100);
        world.Advance(50.1);
        WireMessage refresh = Register(world, Second); // not the first by order: where it is registered
        Assert.Equal(0, world.Waiting(First));
        world.Advance(33);
        world.Forget(Second); // silent for 32 s
        Grant(world, Register(world, First), 100);
        world.Forget(First);
        Assert.Equal(First, Status(world).Registrar.Address);
        Assert.NotEqual("", refresh.CallId);

        // Calls begin where it is registered.
        CallerLeg caller = new CallerLeg(world, to: "442079460123").Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world, First);
        callee.Respond(486);
        callee.ExpectAck();
    }

    [Fact]
    public void A_registration_that_cannot_be_refreshed_is_good_until_its_time_is_over_and_then_takes_no_calls()
    {
        SwitchFixture world = World();
        Grant(world, Register(world), 100);
        world.Advance(50.1);
        Answer(world, Register(world), 500);
        Assert.Equal((TrunkState.Waiting, true), (Status(world).State, Status(world).IsUp));
        Assert.StartsWith("Trunk carrier-a: its registration could not be refreshed: 500", _said[0]);
        world.Advance(49.8);
        Assert.True(Status(world).IsUp);
        world.Advance(0.2);
        Assert.False(Status(world).IsUp);
        Assert.Equal("Trunk carrier-a: its registration has run out; no calls go there until it is registered again.", _said[1]);

        CallerLeg caller = new CallerLeg(world, to: "442079460123").Invite();
        caller.Expect(100);
        var other = new CalleeLeg(world, SwitchFixture.CarrierB);
        other.Respond(486);
        other.ExpectAck();
        caller.Expect(486);
        caller.Ack();
        string story = WhyText.Of(WhyStory.Of(world.Cdrs[^1]));
        Assert.Contains("carrier-a is a trunk the switch is not registered at", story);
        Assert.Contains("carrier-a: 500 Server Internal Error from 203.0.113.1:5060.", story);
    }

    [Fact]
    public void When_every_gateway_is_a_trunk_that_is_down_the_call_is_refused_for_that()
    {
        SwitchFixture world = World();
        world.Reconfigure(static said => said with { RoutingGateways = said.RoutingGateways.Remove("carrier-b").Remove("carrier-c") });
        world.Turn();
        world.Forget(Carrier);
        CallerLeg caller = new CallerLeg(world, to: "442079460123").Invite();
        caller.Expect(100);
        caller.Expect(503);
        caller.Ack();
        Assert.Equal(Refusal.TrunkDown, world.Cdrs[^1].Refusal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stop_unregisters_if_the_setting_says_so(bool says)
    {
        SwitchFixture world = World(t => t with { SendUnregister = says });
        Answer(world, Register(world), 401, Asks("n1"));
        Grant(world, Register(world), 600);
        world.Shard.LeaveTrunks(world.Now);
        world.Turn();
        Assert.False(Status(world).IsUp);
        Assert.Equal(says ? 1 : 0, world.Shard.OpenTrunks);
        Assert.Equal(says ? 1 : 0, world.Waiting(Carrier));
        if (!says) return;
        WireMessage farewell = Register(world);
        Assert.Equal("<sip:tandem-7@198.51.100.7:5060>;expires=0", farewell["Contact"]);
        Assert.Equal("0", farewell["Expires"]);
        Assert.True(IsSigned(farewell, "n1", 2));
        Answer(world, farewell, 401, Asks("n2", stale: true));
        WireMessage again = Register(world);
        Assert.True(IsSigned(again, "n2", 1));
        Answer(world, again, 200);
        Assert.Equal(0, world.Shard.OpenTrunks);
    }

    [Fact]
    public void A_gateway_that_is_removed_locked_or_stated_anew_is_left_and_a_new_registration_begins()
    {
        SwitchFixture world = World();
        WireMessage first = Register(world);
        Grant(world, first, 600);
        world.Reconfigure(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { Priority = 9 }));
        world.Turn();
        Assert.Equal(0, world.Waiting(Carrier)); // the same registration
        world.Reconfigure(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { Password = "another" }));
        world.Turn();
        WireMessage farewell = Register(world), anew = Register(world);
        Assert.Equal((first.CallId, "0"), (farewell.CallId, farewell["Expires"]));
        Assert.Equal(3600, int.Parse(anew["Expires"]));
        Assert.NotEqual(first.CallId, anew.CallId);
        Answer(world, farewell, 200);
        Grant(world, anew, 600);
        Assert.True(Status(world).IsUp);
        world.Reconfigure(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { Locked = true }));
        world.Turn();
        Answer(world, Register(world), 200);
        Assert.Equal((false, 0), (Status(world).IsUp, world.Shard.OpenTrunks));
        Assert.Equal(0, world.Shard.BuffersOutstanding);
    }

    [Theory]
    [InlineData(TrunkPrivacy.Id, "id")]
    [InlineData(TrunkPrivacy.None, "none")]
    [InlineData(TrunkPrivacy.Ignore, "")]
    public void Privacy_stands_on_REGISTER_and_on_the_calls_over_it(TrunkPrivacy privacy, string header)
    {
        SwitchFixture world = World(t => t with { Privacy = privacy });
        WireMessage register = Register(world);
        Assert.Equal(header, register["Privacy"]);
        Grant(world, register, 600);
        new CallerLeg(world, to: "442079460123").Invite().Expect(100);
        Assert.Equal(header, new CalleeLeg(world).Invite["Privacy"]);
    }

    [Fact]
    public void The_local_domain_stands_in_From_and_Contact()
    {
        SwitchFixture world = World(gateway: static g => g with { LocalDomain = "sip.operator.example" });
        WireMessage register = Register(world);
        Assert.StartsWith("<sip:tandem-7@sip.operator.example>;tag=", register["From"]);
        Assert.Equal("<sip:tandem-7@203.0.113.1>", register["To"]);
        Assert.Equal("<sip:tandem-7@sip.operator.example>;expires=3600", register["Contact"]);
    }

    [Fact]
    public void Calls_take_the_Service_Route_of_the_registration()
    {
        SwitchFixture world = World();
        Grant(world, Register(world), 600, "Service-Route: <sip:203.0.113.40:5064;lr>, <sip:core.carrier.example;lr>\r\n");
        new CallerLeg(world, to: "442079460123").Invite().Expect(100);
        var callee = new CalleeLeg(world, NetAddress.Parse("203.0.113.40:5064"));
        Assert.Equal(["<sip:203.0.113.40:5064;lr>", "<sip:core.carrier.example;lr>"], callee.Invite.All("Route"));
        Assert.Equal("sip:442079460123@203.0.113.1", callee.Invite.Uri);
    }

    [Fact]
    public void A_call_to_our_contact_from_the_registrar_comes_in_as_the_gateway_named_for_it()
    {
        SwitchFixture world = World();
        Grant(world, Register(world), 600);
        string invite = Inbound(world, Carrier, "442079460123");
        world.Deliver(Carrier, invite);
        Assert.Equal(100, world.Next(Carrier).Status);
        var callee = new CalleeLeg(world);
        Assert.Equal("sip:442079460123@203.0.113.1", callee.Invite.Uri);
        callee.Respond(486);
        callee.ExpectAck();
        Assert.Equal(486, world.Next(Carrier).Status);
        Assert.Equal(("acme", "442079460123"), (world.Cdrs[^1].CallerGateway, world.Cdrs[^1].CalleeE164));
        Assert.Contains("The caller is acme (over trunk carrier-a: to the contact registered there, from its registrar).", WhyText.Of(WhyStory.Of(world.Cdrs[^1])));
    }

    [Fact]
    public void The_same_call_from_elsewhere_or_while_not_registered_is_a_strangers()
    {
        SwitchFixture world = World();
        WireMessage register = Register(world);
        world.Deliver(Carrier, Inbound(world, Carrier, "442079460123"));
        Assert.NotEqual(100, world.Next(Carrier).Status);
        Grant(world, register, 600);
        world.Deliver(SwitchFixture.Stranger, Inbound(world, SwitchFixture.Stranger, "442079460123"));
        Assert.Equal(401, world.Next(SwitchFixture.Stranger).Status);
    }

    private static string Inbound(SwitchFixture world, NetAddress from, string to)
    {
        string sdp = SwitchFixture.Sdp("203.0.113.77", 30500);
        return $"INVITE sip:tandem-7@198.51.100.7:5060 SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{world.Token()}\r\nMax-Forwards: 70\r\nFrom: <sip:33123456@{from}>;tag=t{world.Token()}\r\n" +
            $"To: <sip:{to}@carrier.example>\r\nCall-ID: in-{world.Token()}\r\nCSeq: 1 INVITE\r\nContact: <sip:c@{from}>\r\nContent-Type: application/sdp\r\nContent-Length: {sdp.Length}\r\n\r\n{sdp}";
    }
}
