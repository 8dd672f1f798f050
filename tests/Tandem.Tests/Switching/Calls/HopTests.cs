using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Sip.Transports;
using Tandem.Server.Api;
using Tandem.Switching.Configuration;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>A gateway known by a host name: its addresses are tried in turn before the next gateway (RFC 3263 §4.3).</summary>
public sealed class HopTests
{
    private static readonly SipTarget Named = new("sip.carrier.example");
    private static readonly NetAddress First = NetAddress.Parse("203.0.113.11:5070");
    private static readonly NetAddress Second = NetAddress.Parse("203.0.113.12:5080");

    private static SwitchFixture World(Func<SwitchSettings, SwitchSettings>? settings = null, bool resolved = true, string remote = "sip.carrier.example")
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangeCarrier(said with { Settings = settings?.Invoke(said.Settings) ?? said.Settings }, "carrier-a", g => g with { RemoteIp = remote }));
        if (resolved) world.Resolve("carrier-a", Named, "", Choice(First, 0), Choice(Second, 1));
        return world;
    }

    private static HopChoice Choice(NetAddress address, int group) => new(new Hop(address, SipTransport.Udp), group, group, 0);

    private static CallerLeg Call(SwitchFixture world)
    {
        CallerLeg caller = new CallerLeg(world, to: "442079460123").Invite();
        caller.Expect(100);
        return caller;
    }

    private static string Story(SwitchFixture world) => WhyText.Of(WhyStory.Of(world.Cdrs[^1]));

    private static void Refuse(SwitchFixture world, NetAddress address, int status)
    {
        var leg = new CalleeLeg(world, address);
        leg.Respond(status);
        leg.ExpectAck();
    }

    [Fact]
    public void The_request_shows_the_name_and_goes_to_the_first_address()
    {
        SwitchFixture world = World();
        CallerLeg caller = Call(world);
        var callee = new CalleeLeg(world, First);
        Assert.Equal("sip:442079460123@sip.carrier.example", callee.Invite.Uri);
        Assert.Equal("<sip:442079460123@sip.carrier.example>", callee.Invite["To"]);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void After_503_the_next_address_of_the_gateway_is_tried_before_the_next_gateway()
    {
        SwitchFixture world = World();
        CallerLeg caller = Call(world);
        Refuse(world, First, 503);
        Refuse(world, Second, 503);
        Refuse(world, SwitchFixture.CarrierB, 404);
        Refuse(world, SwitchFixture.CarrierC, 404);
        caller.Expect(404);
        caller.Ack();
        Assert.Equal(3, world.Cdrs[^1].Attempts);
        string story = Story(world);
        Assert.Contains("Attempt 1: carrier-a at 203.0.113.11:5070", story);
        Assert.Contains("Attempt 1: 503 Service Unavailable; the next address of the same gateway is tried.", story);
        Assert.Contains("Attempt 1 goes to 203.0.113.12:5080, address 2 of 2.", story);
        Assert.Contains("Attempt 1 failed: 503 Service Unavailable; the next gateway is tried.", story);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Silence_moves_on_to_the_next_address_and_the_line_is_held_once()
    {
        SwitchFixture world = World();
        CallerLeg caller = Call(world);
        world.Advance(10.1);
        world.Forget(First);
        Assert.Equal(1, world.LinesOf("carrier-a"));
        var callee = new CalleeLeg(world, Second);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        Legs.End(caller, callee);
        Assert.Equal(1, world.Cdrs[^1].Attempts);
        Assert.Equal(Second, world.Cdrs[^1].CalleeAddress);
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    public void Other_failures_are_the_gateways_word_not_the_addresss(int status)
    {
        SwitchFixture world = World();
        CallerLeg caller = Call(world);
        Refuse(world, First, status);
        Assert.Equal(0, world.Waiting(Second));
        Refuse(world, SwitchFixture.CarrierB, 486);
        caller.Expect(486);
        caller.Ack();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_gateway_that_spoke_and_then_fell_silent_is_not_tried_at_another_address()
    {
        SwitchFixture world = World();
        CallerLeg caller = Call(world);
        new CalleeLeg(world, First).Trying();
        world.Advance(20.1);
        world.Forget(First);
        Assert.Equal(0, world.Waiting(Second));
        Refuse(world, SwitchFixture.CarrierB, 486);
        caller.Expect(486);
        caller.Ack();
        world.Forget(First);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_gateway_limit_counts_gateways_and_not_their_addresses()
    {
        SwitchFixture world = World(static s => s with { Calls = s.Calls with { GatewaySwitchLimit = 1 } });
        CallerLeg caller = Call(world);
        Refuse(world, First, 503);
        Refuse(world, Second, 503);
        Refuse(world, SwitchFixture.CarrierB, 503);
        caller.Expect(503);
        caller.Ack();
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierC));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_gateway_whose_name_does_not_resolve_is_passed_over_with_the_reason()
    {
        SwitchFixture world = World(resolved: false);
        world.Resolve("carrier-a", Named, "sip.carrier.example did not resolve: NXDOMAIN since 2026-03-01 03:12 UTC");
        CallerLeg caller = Call(world);
        Refuse(world, SwitchFixture.CarrierB, 486);
        caller.Expect(486);
        caller.Ack();
        string story = Story(world);
        Assert.Contains("carrier-a is known by a name that does not resolve", story);
        Assert.Contains("carrier-a: sip.carrier.example did not resolve: NXDOMAIN since 2026-03-01 03:12 UTC.", story);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void When_no_gateways_name_resolves_the_call_is_refused_for_that()
    {
        var world = new SwitchFixture(static said => said with { RoutingGateways = said.RoutingGateways.Clear().Add("n", new RoutingGatewayConfig { Name = "n", RemoteIp = "sip.carrier.example" }) });
        CallerLeg caller = Call(world);
        WireMessage refused = caller.Expect(503);
        Assert.Equal("Q.850;cause=38", refused["Reason"]);
        caller.Ack();
        Assert.Equal(Refusal.NameUnresolved, world.Cdrs[^1].Refusal);
        Assert.Equal("NameUnresolved", Tandem.Server.Hosting.RouteQuestion.Ask(world.Book.Current, world.Locations, world.Shard.World, new Tandem.Server.Api.RouteOrder("442079460123", "acme"), world.Now).Value!.Refused!.Refusal); // as 'tandem route' says
        Assert.Contains("n: sip.carrier.example is being looked up.", Story(world));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void What_was_resolved_for_another_name_is_not_used()
    {
        SwitchFixture world = World(remote: "other.carrier.example");
        CallerLeg caller = Call(world);
        Assert.Equal(0, world.Waiting(First));
        Refuse(world, SwitchFixture.CarrierB, 486);
        caller.Expect(486);
        caller.Ack();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Stop_switch_after_invite_timeout_ends_a_call_to_a_silent_trunk()
    {
        SwitchFixture world = new(static said => SwitchFixture.ChangeCarrier(
            said with { Settings = said.Settings with { Trunks = said.Settings.Trunks with { StopSwitchAfterInviteTimeout = true } } },
            "carrier-a", static g => g with { RemoteIp = "sip.carrier.example", RegisterType = RegisterType.Register, RegisterName = "tandem", Password = "x" }));
        world.Resolve("carrier-a", Named, "", Choice(First, 0), Choice(Second, 1));
        world.Turn();
        world.Deliver(First, Legs.Response(world.Next(First), 200, "r", "<sip:tandem@198.51.100.7>;expires=600", "", ""));
        CallerLeg caller = Call(world);
        world.Advance(10.1);
        world.Forget(First);
        caller.Expect(408);
        caller.Ack();
        Assert.Equal(0, world.Waiting(Second) + world.Waiting(SwitchFixture.CarrierB));
    }

    [Fact]
    public void A_customer_known_by_a_host_name_is_recognised_where_the_name_leads_and_nowhere_else()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeAcme(said, static g => g with { RemoteIps = ["pbx.acme.example"] }));
        var stranger = new CallerLeg(world, to: "442079460123");
        stranger.Invite();
        stranger.Expect(401);
        stranger.Ack();
        world.ResolveCustomer("pbx.acme.example", SwitchFixture.Customer);
        CallerLeg caller = Call(world);
        Refuse(world, SwitchFixture.CarrierA, 486);
        caller.Expect(486);
        caller.Ack();
        Assert.Equal("acme", world.Cdrs[^1].CallerGateway);
        world.ResolveCustomer("pbx.acme.example", NetAddress.Parse("192.0.2.11"));
        var moved = new CallerLeg(world, to: "442079460123");
        moved.Invite();
        moved.Expect(401);
        moved.Ack();
        world.AssertEverythingReturned();
    }
}
