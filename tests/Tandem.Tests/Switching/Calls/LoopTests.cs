using Tandem.Primitives;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Requests that come back, and requests that come twice.</summary>
public class LoopTests
{
    // The carrier is a customer too, so that what it sends back is let in; the dial plan makes 00441 of 441 on no way: numbers stay.
    private readonly SwitchFixture _switch = new(static said => said with
    {
        MappingGateways = said.MappingGateways.Add("carrier-a-in", new MappingGatewayConfig { Name = "carrier-a-in", RemoteIps = [SwitchFixture.CarrierA.HostString()], Account = "1001" }),
    });

    [Fact]
    public void An_INVITE_the_carrier_sends_back_unchanged_gets_482_and_the_next_gateway_is_tried()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Send(SentBack(callee.Invite, callee.Invite.Uri));
        WireMessage refused = _switch.Next(callee.Address);
        Assert.Equal((482, "INVITE"), (refused.Status, refused.Method));
        callee.Respond(482);
        callee.ExpectAck();
        var next = new CalleeLeg(_switch, SwitchFixture.CarrierB);
        next.Respond(486);
        next.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
        _switch.AssertEverythingReturned();
        Assert.Single(_switch.Cdrs);
    }

    [Fact]
    public void A_spiral_to_another_number_passes_with_one_hop_less_each_time()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        Assert.Equal("69", callee.Invite["Max-Forwards"]);
        callee.Send(SentBack(callee.Invite, callee.Invite.Uri.Replace("442079460123", "442079460999")));
        Assert.Equal(100, _switch.Next(callee.Address).Status);
        WireMessage second = _switch.Next(SwitchFixture.CarrierA);
        Assert.Equal(("INVITE", "67"), (second.Method, second["Max-Forwards"]));
        Assert.NotEqual(callee.Invite.CallId, second.CallId);
        callee.Send(SentBack(second, second.Uri)); // and now the same number again
        Assert.Equal(482, _switch.Next(callee.Address).Status);
        Assert.Equal(0, _switch.Waiting(callee.Address));
    }

    [Fact]
    public void Hops_that_are_used_up_get_483()
    {
        var caller = new CallerLeg(_switch) { MaxForwards = 0 };
        caller.Invite().Expect(483);
        caller.AckFailure();
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_same_INVITE_by_another_way_gets_482_and_is_no_second_call()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        _switch.Deliver(caller.Address, caller.LastRequest.Replace("branch=z9hG4bKc", "branch=z9hG4bKother"));
        WireMessage merged = caller.Expect(482);
        Assert.StartsWith("z9hG4bKother", merged.Branch);
        Assert.Equal(1, _switch.Shard.Transactions.Counters.Merged);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        string tag = caller.RemoteTag;
        caller.Ack();
        _switch.Deliver(caller.Address, caller.LastRequest.Replace("ACK", "INVITE").Replace("branch=z9hG4bKk", "branch=z9hG4bKlate").Replace($";tag={caller.RemoteTag}", ""));
        caller.Expect(482); // answered already
        caller.RemoteTag = tag;
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void An_INVITE_that_failed_may_come_again_by_another_way()
    {
        CallerLeg caller = new CallerLeg(_switch, to: "99").Invite();
        string invite = caller.LastRequest;
        caller.Expect(100);
        caller.Expect(404);
        caller.AckFailure();
        _switch.Deliver(caller.Address, invite.Replace("branch=z9hG4bKc", "branch=z9hG4bKother"));
        caller.Expect(100);
        caller.Expect(404);
        _switch.Advance(40);
        _switch.Forget(caller.Address);
        _switch.AssertEverythingReturned();
    }

    // As a proxy would: its own Via on top, one hop less, everything else as it was.
    private static string SentBack(WireMessage invite, string uri) =>
        invite.Text.Replace(invite.Start, $"INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {SwitchFixture.CarrierA};branch=z9hG4bKproxy{invite.Branch};rport").Replace($"Max-Forwards: {invite["Max-Forwards"]}", $"Max-Forwards: {int.Parse(invite["Max-Forwards"]) - 1}");
}
