using Tandem.Primitives;
using Tandem.Sip.Transports;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Legs of different transports and IP versions in one call.</summary>
public class TransportTests
{
    private const int Udp = 0, Tcp = 1, Tls = 2, UdpV6 = 3;

    private static readonly NetAddress CarrierV6 = NetAddress.Parse("[2001:db8::33]:5060");
    private static readonly SipListener[] Listeners =
    [
        new(SwitchFixture.Us),
        new(SwitchFixture.Us, SipTransport.Tcp),
        new(NetAddress.Parse("198.51.100.7:5061"), SipTransport.Tls),
        new(NetAddress.Parse("[2001:db8::7]:5060")),
    ];

    [Fact]
    public void A_call_comes_in_over_TCP_and_leaves_over_UDP_each_leg_in_its_own_words()
    {
        SwitchFixture world = World();
        CallerLeg caller = TcpCaller(world).Invite();
        Assert.Equal(Tcp, caller.Expect(100).Listener);
        var callee = new CalleeLeg(world);
        Assert.Equal(Udp, callee.Invite.Listener);
        Assert.StartsWith("SIP/2.0/UDP 198.51.100.7:5060;", callee.Invite["Via"]);
        Assert.Equal("sip:198.51.100.7:5060", callee.Invite.Contact);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        WireMessage ok = caller.Expect(200);
        Assert.Equal((Tcp, "sip:198.51.100.7:5060;transport=tcp"), (ok.Listener, ok.Contact));
        caller.Ack();
        callee.Send(callee.BuildRequest("BYE"));
        WireMessage bye = caller.ExpectRequest("BYE");
        Assert.Equal(Tcp, bye.Listener);
        Assert.StartsWith("SIP/2.0/TCP 198.51.100.7:5060;", bye["Via"]);
        caller.Ok(bye);
        callee.Expect(200, "BYE");
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(SipTransport.Tcp, Tcp, "sip:442079460123@203.0.113.1;transport=tcp", "SIP/2.0/TCP 198.51.100.7:5060;")]
    [InlineData(SipTransport.Tls, Tls, "sip:442079460123@203.0.113.1:5060;transport=tls", "SIP/2.0/TLS 198.51.100.7:5061;")]
    public void A_gateway_is_called_by_its_transport(SipTransport transport, int listener, string uri, string via)
    {
        SwitchFixture world = World(said => SwitchFixture.ChangeCarrier(said, "carrier-a", g => g with { Transport = transport, TlsName = "sip.carrier.example" }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        Assert.Equal((listener, uri), (callee.Invite.Listener, callee.Invite.Uri));
        Assert.StartsWith(via, callee.Invite["Via"]);
        Assert.Equal("sip.carrier.example", world.Expected[SwitchFixture.CarrierA]);
        callee.Respond(486);
        callee.ExpectAck();
        Assert.Equal(Udp, caller.Expect(486).Listener);
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Over_TCP_an_INVITE_is_never_repeated_and_a_failure_neither_but_a_200_is_until_its_ACK()
    {
        SwitchFixture world = World(said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { Transport = SipTransport.Tcp }));
        CallerLeg caller = TcpCaller(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        world.Advance(8);
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierA));
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        world.Advance(0.5);
        caller.Expect(200); // RFC 3261 §13.3.1.4: there may be an unreliable hop behind the reliable one
        caller.Ack();
        Legs.End(caller, callee);

        caller = TcpCaller(world, to: "99").Invite();
        caller.Expect(100);
        caller.Expect(404);
        world.Advance(20);
        Assert.Equal(0, world.Waiting(SwitchFixture.Customer));
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_connection_that_cannot_be_opened_is_the_next_gateways_turn_at_once()
    {
        SwitchFixture world = World(said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { Transport = SipTransport.Tcp }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        Assert.Equal(Tcp, world.Next(SwitchFixture.CarrierA).Listener);
        Instant before = world.Now;
        world.Break(Tcp, SwitchFixture.CarrierA);
        Assert.Equal(before, world.Now);
        var callee = new CalleeLeg(world, SwitchFixture.CarrierB);
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
        Assert.Equal(2, Assert.Single(world.Cdrs).Attempts);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_INVITE_whose_connection_broke_is_acknowledged_and_ended_should_it_be_answered_yet()
    {
        SwitchFixture world = World(said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { Transport = SipTransport.Tcp }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var lost = new CalleeLeg(world);
        world.Break(Tcp, SwitchFixture.CarrierA, wasOpen: true);
        var callee = new CalleeLeg(world, SwitchFixture.CarrierB);
        lost.Respond(200, sdp: true); // by a connection of its own
        lost.ExpectAck();
        lost.Ok(lost.ExpectRequest("BYE"));
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void When_no_connection_can_be_opened_anywhere_the_CDR_says_so()
    {
        SwitchFixture world = World(static said => said with { RoutingGateways = said.RoutingGateways.RemoveRange(["carrier-b", "carrier-c"]).SetItem("carrier-a", said.RoutingGateways["carrier-a"] with { Transport = SipTransport.Tcp }) });
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        world.Forget(SwitchFixture.CarrierA);
        world.Break(Tcp, SwitchFixture.CarrierA);
        caller.Expect(503);
        caller.AckFailure();
        Assert.Equal(Refusal.TransportFailed, Assert.Single(world.Cdrs).Refusal);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_gateway_no_listener_reaches_is_passed_over_and_alone_it_is_a_refusal_that_says_why()
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { Transport = SipTransport.Tls }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        new CalleeLeg(world, SwitchFixture.CarrierB).Respond(486).ExpectAck();
        caller.Expect(486);
        caller.AckFailure();

        world.Reconfigure(static said => said with { RoutingGateways = said.RoutingGateways.RemoveRange(["carrier-b", "carrier-c"]) });
        caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        caller.Expect(503);
        caller.AckFailure();
        Assert.Equal((Refusal.NoListener, 0), (world.Cdrs[1].Refusal, world.Cdrs[1].Attempts));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_IPv4_caller_reaches_an_IPv6_carrier_and_each_hears_of_media_in_its_own_version()
    {
        SwitchFixture world = World(static said => SwitchFixture.ChangeCarrier(said, "carrier-b", static g => g with { RemoteIp = CarrierV6.ToString() }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        new CalleeLeg(world).Respond(503).ExpectAck();
        var callee = new CalleeLeg(world, CarrierV6);
        Assert.Equal(UdpV6, callee.Invite.Listener);
        Assert.Contains("c=IN IP6 2001:db8::7\r\n", callee.Invite.Body);
        Assert.DoesNotContain("198.51.100.7", callee.Invite.Text);
        Assert.Contains("@[2001:db8::7]>;tag=", callee.Invite["From"]);
        callee.Sdp = callee.Sdp.Replace("IN IP4 203.0.113.77", "IN IP6 2001:db8::77");
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        WireMessage ok = caller.Expect(200);
        Assert.Contains("c=IN IP4 198.51.100.7\r\n", ok.Body);
        Assert.DoesNotContain("2001:db8", ok.Text);
        caller.Ack();
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Requests_to_the_caller_go_on_its_connection_and_when_that_is_gone_to_its_contact()
    {
        SwitchFixture world = World();
        NetAddress connection = SwitchFixture.Customer.WithPort(41_234);
        world.Connections.Add((Tcp, connection));
        var caller = new CallerLeg(world, connection) { Listener = (Tcp, "TCP"), Extra = "" };
        string contact = $"Contact: <sip:x@{SwitchFixture.Customer};transport=tcp>\r\n";
        caller.ContactLine = contact;
        caller.Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        callee.Send(callee.BuildRequest("UPDATE", body: callee.Sdp));
        WireMessage first = caller.ExpectRequest("INVITE");
        Assert.Equal(Tcp, first.Listener);
        world.Break(Tcp, connection);
        callee.Expect(503, "UPDATE"); // the change was lost with the connection; the call lives
        callee.Send(callee.BuildRequest("BYE"));
        WireMessage bye = world.Next(SwitchFixture.Customer);
        Assert.Equal(("BYE", Tcp), (bye.Method, bye.Listener));
        world.Deliver(SwitchFixture.Customer, Legs.Response(bye, 200, "", "", "", ""), Tcp);
        callee.Expect(200, "BYE");
        Assert.Equal(EndDirection.Callee, Assert.Single(world.Cdrs).EndDirection);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_response_goes_back_on_the_requests_connection_and_when_that_broke_to_the_port_of_its_Via()
    {
        SwitchFixture world = World();
        NetAddress connection = SwitchFixture.Customer.WithPort(41_234);
        world.Connections.Add((Tcp, connection));
        var caller = new CallerLeg(world, connection) { Listener = (Tcp, "TCP"), SentBy = $"{SwitchFixture.Customer.HostString()}:5080" };
        caller.Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(180);
        caller.Expect(180);
        world.Break(Tcp, connection);
        callee.Respond(486);
        callee.ExpectAck();
        WireMessage busy = world.Next(SwitchFixture.Customer.WithPort(5080));
        Assert.Equal((486, Tcp), (busy.Status, busy.Listener));
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_phone_that_registered_over_TCP_is_called_on_that_connection_while_it_lasts(bool connected)
    {
        SwitchFixture world = World();
        NetAddress connection = SwitchFixture.PhoneOne.WithPort(41_234);
        world.Connections.Add((Tcp, connection));
        var phone = new CallerLeg(world, connection, SwitchFixture.NumberOne, SwitchFixture.NumberOne) { Listener = (Tcp, "TCP") };
        WireMessage challenge = phone.Request("REGISTER").Expect(401, "REGISTER");
        phone.Request("REGISTER", extra: $"Contact: <sip:5551@{SwitchFixture.PhoneOne};transport=tcp>\r\n" + Digest.Answer(challenge, "REGISTER", $"sip:{SwitchFixture.Us}", SwitchFixture.NumberOne, SwitchFixture.Password)).Expect(200, "REGISTER");
        if (!connected) world.Break(Tcp, connection);

        CallerLeg caller = PhoneTwo(world, out WireMessage trying);
        Assert.Equal(Udp, trying.Listener);
        WireMessage invite = world.Next(connected ? connection : SwitchFixture.PhoneOne);
        Assert.Equal(("INVITE", Tcp), (invite.Method, invite.Listener));
        world.Deliver(connected ? connection : SwitchFixture.PhoneOne, Legs.Response(invite, 486, "t", "", "", ""), Tcp);
        Assert.Equal("ACK", world.Next(connected ? connection : SwitchFixture.PhoneOne).Method);
        caller.Expect(486);
        caller.AckFailure();
        world.AssertQuiet();
    }

    [Fact]
    public void A_large_INVITE_to_a_gateway_of_UDP_goes_by_TCP_and_by_UDP_when_that_is_refused_and_is_not_tried_again_soon()
    {
        SwitchFixture world = World();
        CallerLeg caller = Large(new CallerLeg(world)).Invite();
        caller.Expect(100);
        WireMessage large = world.Next(SwitchFixture.CarrierA);
        Assert.True(large.Text.Length > 1300);
        Assert.Equal(Tcp, large.Listener);
        Assert.StartsWith("SIP/2.0/TCP 198.51.100.7:5060;branch=", large["Via"]);
        Assert.Equal("sip:198.51.100.7:5060", large.Contact); // the dialog itself is UDP's
        world.Break(Tcp, SwitchFixture.CarrierA);
        var callee = new CalleeLeg(world);
        Assert.Equal((Udp, large.Branch), (callee.Invite.Listener, callee.Invite.Branch));
        Assert.StartsWith("SIP/2.0/UDP 198.51.100.7:5060;branch=", callee.Invite["Via"]);
        Assert.Equal(large.Body, callee.Invite.Body);
        world.Advance(0.5);
        Assert.Equal(callee.Invite.Text, world.Next(SwitchFixture.CarrierA).Text); // with UDP's repetitions
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();

        caller = Large(new CallerLeg(world)).Invite();
        caller.Expect(100);
        callee = new CalleeLeg(world);
        Assert.Equal(Udp, callee.Invite.Listener);
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_large_INVITE_stays_with_UDP_where_the_gateway_takes_no_connections_and_a_small_one_always_does()
    {
        SwitchFixture world = World(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { LargeRequestsByTcp = false }));
        Large(new CallerLeg(world)).Invite().Expect(100);
        Assert.Equal(Udp, world.Next(SwitchFixture.CarrierA).Listener);
        world = World();
        new CallerLeg(world).Invite().Expect(100);
        Assert.Equal(Udp, world.Next(SwitchFixture.CarrierA).Listener);
    }

    [Fact]
    public void A_large_call_over_TCP_is_cancelled_and_acknowledged_over_TCP()
    {
        SwitchFixture world = World();
        CallerLeg caller = Large(new CallerLeg(world)).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(180);
        caller.Expect(180);
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        WireMessage cancel = callee.ExpectRequest("CANCEL");
        Assert.Equal((Tcp, callee.Invite["Via"]), (cancel.Listener, cancel["Via"]));
        callee.Ok(cancel);
        callee.Respond(487);
        Assert.Equal(Tcp, callee.ExpectAck().Listener);
        caller.Expect(487);
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    private static SwitchFixture World(Func<SwitchConfiguration, SwitchConfiguration>? change = null) => new(change, listeners: Listeners);

    private static CallerLeg TcpCaller(SwitchFixture world, string to = "442079460123")
    {
        world.Connections.Add((Tcp, SwitchFixture.Customer));
        return new CallerLeg(world, to: to) { Listener = (Tcp, "TCP") };
    }

    private static CallerLeg Large(CallerLeg caller)
    {
        caller.Sdp += string.Concat(Enumerable.Range(0, 40).Select(static i => $"a=fmtp:8 padding-of-a-wordy-device={i}\r\n"));
        return caller;
    }

    private static CallerLeg PhoneTwo(SwitchFixture world, out WireMessage trying)
    {
        var caller = new CallerLeg(world, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, SwitchFixture.NumberOne);
        WireMessage challenge = caller.Invite().Expect(401);
        caller.AckFailure();
        caller.RemoteTag = "";
        caller.Invite(extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberTwo, SwitchFixture.Password));
        trying = caller.Expect(100);
        return caller;
    }
}
