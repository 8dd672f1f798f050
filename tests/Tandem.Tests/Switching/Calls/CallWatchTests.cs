using Tandem.Primitives;
using Tandem.Switching.Calls;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Whoever watches calls hears of each state once, in order.</summary>
public sealed class CallWatchTests : ICallWatch
{
    private readonly List<string> _heard = [];

    void ICallWatch.OnState(Shard shard, Call call, Instant now) => _heard.Add(call.State == CallState.Dialling && call.IsRinging ? "Ringing" : call.State.ToString());

    [Fact]
    public void A_call_that_talks_and_one_that_is_refused()
    {
        var world = new SwitchFixture { Shard = { Watch = this } };
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(180);
        callee.Respond(180);
        caller.Expect(180);
        callee.Respond(200, sdp: true);
        callee.ExpectRequest("ACK");
        caller.Expect(180);
        caller.Expect(200);
        caller.Ack();
        Legs.End(caller, callee);
        Assert.Equal(["Authorising", "Dialling", "Ringing", "Answered", "Settling", "Farewell"], _heard);

        _heard.Clear();
        caller = new CallerLeg(world, to: "999").Invite();
        caller.Expect(100);
        caller.Expect(404);
        caller.AckFailure();
        Assert.Equal(["Settling", "Farewell"], _heard);
    }
}
