using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Who ended a call and why, for every ending there is: the CDR's end direction, end reason and refusal.</summary>
public sealed class EndingTests
{
    private const string Usa = "15551234"; // 0.12 a minute

    private sealed record Ending(EndDirection Direction, int Reason, Refusal Refusal, bool Answered, int Attempts, Func<SwitchFixture> World, Action<SwitchFixture> Happens);

    private static readonly Dictionary<string, Ending> Endings = new(StringComparer.Ordinal)
    {
        ["the caller hangs up"] = new(EndDirection.Caller, 200, Refusal.None, true, 1, Plain, static w =>
        {
            (CallerLeg caller, CalleeLeg callee) = Legs.Talk(w);
            w.Advance(5);
            Legs.End(caller, callee);
        }),
        ["the called end hangs up"] = new(EndDirection.Callee, 200, Refusal.None, true, 1, Plain, static w =>
        {
            (CallerLeg caller, CalleeLeg callee) = Legs.Talk(w);
            w.Advance(5);
            callee.Bye();
            caller.Ok(caller.ExpectRequest("BYE"));
        }),
        ["the caller gives up while it rings"] = new(EndDirection.Caller, 487, Refusal.None, false, 1, Plain, static w =>
        {
            (CallerLeg caller, CalleeLeg callee) = Ringing(w);
            caller.Cancel();
            caller.Expect(200, "CANCEL");
            callee.Ok(callee.ExpectRequest("CANCEL"));
            callee.Respond(487);
        }),
        ["the called user is busy"] = new(EndDirection.Callee, 486, Refusal.None, false, 1, Plain, static w =>
        {
            CallerLeg caller = new CallerLeg(w).Invite();
            caller.Expect(100);
            new CalleeLeg(w).Respond(486);
        }),
        ["a gateway fails, the next one answers and the caller hangs up"] = new(EndDirection.Caller, 200, Refusal.None, true, 2, Plain, static w =>
        {
            CallerLeg caller = new CallerLeg(w).Invite();
            caller.Expect(100);
            new CalleeLeg(w).Respond(503);
            CalleeLeg second = new CalleeLeg(w, SwitchFixture.CarrierB).Respond(200, sdp: true);
            second.ExpectRequest("ACK");
            caller.Expect(200);
            caller.Ack();
            w.Advance(5);
            Legs.End(caller, second);
        }),
        ["nobody picks up in time"] = new(EndDirection.Server, -31, Refusal.NoAnswer, false, 1, Plain, static w =>
        {
            (CallerLeg _, CalleeLeg callee) = Ringing(w);
            for (int i = 0; i < 8 && w.Cdrs.Count == 0; i++)
            {
                w.Advance(55);
                if (w.Waiting(callee.Address) == 0) callee.Repeat();
            }
        }),
        ["no gateway says anything"] = new(EndDirection.Server, -30, Refusal.NoResponse, false, 3, Plain, static w =>
        {
            new CallerLeg(w).Invite();
            w.Advance(300);
        }),
        ["no gateway serves the number"] = new(EndDirection.Server, -11, Refusal.NoRoute, false, 0, Unrouted, static w => new CallerLeg(w).Invite()),
        ["a stranger calls"] = new(EndDirection.Server, -1, Refusal.UnknownSource, false, 0, Plain, static w => new CallerLeg(w, SwitchFixture.Stranger).Invite()),
        ["the payer's money runs out"] = new(EndDirection.Server, -22, Refusal.MoneyRanOut, true, 1, static () => new SwitchFixture(balance: 0.12m), static w => Talked(w, 70)),
        ["the longest duration is reached"] = new(EndDirection.Server, Refusal.MaxDuration.Meaning().EndReason, Refusal.MaxDuration, true, 1,
            static () => new SwitchFixture(static c => c with { Settings = c.Settings with { Calls = c.Settings.Calls with { MaxCallDuration = TimeSpan.FromSeconds(60) } } }), static w => Talked(w, 61)),
        ["the media of an end is lost"] = new(EndDirection.Server, -34, Refusal.MediaTimeout, true, 1,
            static () => new SwitchFixture(static c => SwitchFixture.ChangeCarrier(c, "carrier-a", static g => g with { MediaCheckDirection = MediaCheckDirection.RemoteToServer, MediaCheckSeconds = 30 })), static w => Talked(w, 65)),
        ["the operator ends it"] = new(EndDirection.Server, Refusal.OperatorDropped.Meaning().EndReason, Refusal.OperatorDropped, true, 1, Plain, static w =>
        {
            Talked(w, 5);
            w.Shard.DropAll(Refusal.OperatorDropped, w.Now);
            w.Turn();
        }),
        ["the switch stops"] = new(EndDirection.Server, Refusal.ServerStopping.Meaning().EndReason, Refusal.ServerStopping, true, 1, Plain, static w =>
        {
            Talked(w, 5);
            w.Shard.DropAll(Refusal.ServerStopping, w.Now);
            w.Turn();
        }),
        ["the switch stops while it rings"] = new(EndDirection.Server, Refusal.ServerStopping.Meaning().EndReason, Refusal.ServerStopping, false, 1, Plain, static w =>
        {
            Ringing(w);
            w.Shard.DropAll(Refusal.ServerStopping, w.Now);
            w.Turn();
        }),
        ["the switch was restarted under it"] = new(EndDirection.Server, Refusal.RestartLostCall.Meaning().EndReason, Refusal.RestartLostCall, true, 0, Plain, static w =>
        {
            Talked(w, 5);
            Assert.Equal(1, w.Ledger.Recover(w.Now, 1000, 0));
        }),
    };

    public static TheoryData<string> Names => [.. Endings.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_ending_has_its_direction_and_reason(string name)
    {
        Ending ending = Endings[name];
        SwitchFixture world = ending.World();
        ending.Happens(world);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((ending.Direction, ending.Reason, ending.Refusal, ending.Answered), (cdr.EndDirection, cdr.EndReason, cdr.Refusal, cdr.WasAnswered));
        if (ending.Attempts > 0) Assert.Equal((ending.Attempts, ending.Attempts), (cdr.Attempts, cdr.Tried.Count));
    }

    [Fact]
    public void The_attempts_are_kept_with_what_became_of_each()
    {
        SwitchFixture world = Plain();
        Endings["a gateway fails, the next one answers and the caller hangs up"].Happens(world);
        Assert.Equal([("carrier-a", 503, Refusal.None), ("carrier-b", 200, Refusal.None)], Assert.Single(world.Cdrs).Tried.Select(static t => (t.To, t.Status, t.Refusal)));
    }

    [Fact]
    public void Media_statistics_of_both_ends_are_kept()
    {
        SwitchFixture world = Plain();
        Endings["the caller hangs up"].Happens(world);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.True(cdr.CallerMedia.Packets > 0 && cdr.CalleeMedia.Packets > 0);
    }

    private static SwitchFixture Plain() => new();

    private static SwitchFixture Unrouted() => new(static c => c with { RoutingGateways = c.RoutingGateways.Clear() });

    private static void Talked(SwitchFixture world, double seconds)
    {
        Legs.Talk(world, Usa);
        world.Advance(seconds);
    }

    private static (CallerLeg Caller, CalleeLeg Callee) Ringing(SwitchFixture world)
    {
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        CalleeLeg callee = new CalleeLeg(world).Respond(180);
        caller.Expect(180);
        return (caller, callee);
    }
}
