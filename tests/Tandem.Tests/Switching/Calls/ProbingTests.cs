using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Probing;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Calls;

public class ProbingTests
{
    private readonly SwitchFixture _switch = new(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { SipOptionsInterval = 40, SipOptionsFailures = 3, SipOptionsSuccesses = 2 }));

    private GatewayState StateOfA => _switch.Book.Current.Routes.Gateways[0].State;

    [Fact]
    public void A_gateway_is_asked_at_its_interval_and_goes_down_and_up_by_its_answers()
    {
        Answer(Probe(40), 200);
        Assert.Equal(ProbeState.Up, StateOfA.Probe);
        Instant up = _switch.Now;
        WireMessage second = Probe(40);
        Assert.Equal(40, (_switch.Now - up).TotalSeconds, 0.02);
        Assert.Equal(("OPTIONS", $"sip:ping@{SwitchFixture.CarrierA.HostString()}", "70", ""), (second.Method, second.Uri, second["Max-Forwards"], second.Body));
        Answer(second, 404);
        Assert.Equal(ProbeState.Up, StateOfA.Probe);

        Silence(Probe(40));
        Instant since = _switch.Now;
        Assert.Equal((ProbeState.Suspect, true), (StateOfA.Probe, StateOfA.ProbeSince == since));
        Call("carrier-a");
        Answer(Probe(10), 503); // a suspect is asked sooner
        Assert.Equal(ProbeState.Suspect, StateOfA.Probe);
        Silence(Probe(10));
        Assert.Equal((ProbeState.Down, true), (StateOfA.Probe, StateOfA.ProbeSince == since));
        Call("carrier-b");

        Answer(Probe(40), 200);
        Assert.Equal(ProbeState.Down, StateOfA.Probe);
        Call("carrier-b");
        Answer(Probe(40), 200);
        Assert.Equal(ProbeState.Up, StateOfA.Probe);
        Call("carrier-a");
    }

    [Fact]
    public void A_call_without_another_gateway_is_refused_and_told_why()
    {
        for (int i = 0; i < 3; i++) Silence(Probe(40));
        _switch.Reconfigure(static said => SwitchFixture.ChangeCarrier(SwitchFixture.ChangeCarrier(said, "carrier-b", static g => g with { Locked = true }), "carrier-c", static g => g with { Locked = true }));
        _switch.Advance(10);
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        Assert.Equal("", caller.Expect(503)["Retry-After"]);
        caller.AckFailure();
        Assert.Equal((Refusal.GatewayAway, 0), (Assert.Single(_switch.Cdrs).Refusal, _switch.Cdrs[0].Attempts));
        DecisionEntry lost = DecisionLogReader.Read(_switch.Cdrs[0].DecisionLog).Single(static e => e.Kind == DecisionKind.Candidate && e.Texts[0] == "carrier-a");
        Assert.Equal((long)RouteVerdict.Down, lost.Numbers[0]);
        Assert.Equal((long)(_switch.Now - StateOfA.ProbeSince).TotalSeconds, lost.Numbers[2]);
    }

    [Fact]
    public void A_gateway_that_is_no_longer_asked_is_no_longer_down()
    {
        for (int i = 0; i < 3; i++) Silence(Probe(40));
        _switch.Reconfigure(static said => SwitchFixture.ChangeCarrier(said, "carrier-a", static g => g with { SipOptionsInterval = 0 }));
        _switch.Advance(1);
        Assert.Equal(ProbeState.Unknown, StateOfA.Probe);
        Assert.Equal(Instant.Never, _switch.Shard.NextDeadline);
        Call("carrier-a");
    }

    [Fact]
    public void Another_revision_neither_forgets_the_state_nor_moves_the_turn()
    {
        Answer(Probe(40), 200);
        Instant asked = _switch.Now;
        _switch.Advance(30);
        _switch.Reconfigure(static said => said);
        Assert.Equal(ProbeState.Up, StateOfA.Probe);
        Answer(Probe(40), 200);
        Assert.Equal(40, (_switch.Now - asked).TotalSeconds, 0.02);
    }

    [Fact]
    public void An_answer_that_comes_too_late_counts_for_nothing()
    {
        WireMessage probe = Probe(40);
        _switch.Advance(4.1);
        Assert.Equal(ProbeState.Suspect, StateOfA.Probe);
        Answer(probe, 200);
        Assert.Equal((ProbeState.Suspect, 1), (StateOfA.Probe, _switch.Shard.Transactions.Counters.StrayResponses));
    }

    [Fact]
    public void Ten_thousand_gateways_are_asked_spread_over_the_interval_and_without_allocating()
    {
        var world = new SwitchFixture(static said => said with
        {
            RoutingGateways = Enumerable.Range(0, 10_000).Select(static i => new RoutingGatewayConfig { Name = $"g{i:D5}", RemoteIp = $"10.0.{i / 250}.{1 + (i % 250)}:5060", SipOptionsInterval = 30 })
                .ToImmutableSortedDictionary(static g => g.Name, static g => g, StringComparer.Ordinal),
        });
        for (int second = 0; second < 10; second++)
        {
            HashSet<string> before = [.. world.Sent.Select(static m => m.CallId)];
            world.Advance(1);
            Assert.InRange(world.Sent.Select(static m => m.CallId).Distinct().Count() - before.Count, 230, 440); // 333 on average; suspects are asked again from the eleventh second on
        }
        Go(20);
        Assert.Equal(10_000, world.Sent.Select(static m => m.To).Distinct().Count());
        world.Listening = false;
        Go(120);
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = world.Allocated;
            Go(30);
            least = Math.Min(least, world.Allocated - before);
        }
        Assert.Equal(0, least);
        Assert.All(world.Book.Current.Routes.Gateways, static g => Assert.Equal(ProbeState.Down, g.State.Probe));

        void Go(int seconds)
        {
            for (int i = 0; i < seconds; i++) world.Advance(1);
        }
    }

    [Theory]
    [InlineData(503, RetryAfterPolicy.ServerErrors, true)]
    [InlineData(500, RetryAfterPolicy.ServerErrors, true)]
    [InlineData(480, RetryAfterPolicy.ServerErrors, false)]
    [InlineData(480, RetryAfterPolicy.Any, true)]
    [InlineData(404, RetryAfterPolicy.Any, false)]
    [InlineData(503, RetryAfterPolicy.Ignore, false)]
    public void A_gateway_that_asks_for_it_is_left_alone_so_long(int status, RetryAfterPolicy policy, bool rests)
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangeCarrier(said, "carrier-a", g => g with { RetryAfter = policy }));
        Fail(world, status, "Retry-After: 20 (back soon);duration=60\r\n");
        Assert.Equal(rests ? world.Now + TimeSpan.FromSeconds(20) : default, world.Book.Current.Routes.Gateways[0].State.RestsUntil);
        world.Advance(19.9);
        CallBy(world, rests ? SwitchFixture.CarrierB : SwitchFixture.CarrierA);
        if (rests)
        {
            DecisionEntry lost = DecisionLogReader.Read(world.Cdrs[^1].DecisionLog).Single(static e => e.Kind == DecisionKind.Candidate && e.Texts[0] == "carrier-a");
            Assert.Equal((long)RouteVerdict.Resting, lost.Numbers[0]);
            Assert.Contains(DecisionLogReader.Read(world.Cdrs[0].DecisionLog), e => e.Kind == DecisionKind.GatewayRests && e.Texts[0] == "carrier-a" && e.Numbers[0] == status && e.Numbers[1] == 20);
        }
        world.Advance(0.2);
        CallBy(world, SwitchFixture.CarrierA);
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("Retry-After: 0\r\n", 0)]
    [InlineData("Retry-After: soon\r\n", 0)]
    [InlineData("Retry-After: 86400\r\n", 300)]
    [InlineData("Retry-After: 99999999999999999999\r\n", 0)]
    public void A_rest_is_bounded_and_what_is_no_number_is_none(string header, int seconds)
    {
        Fail(_switch, 503, header);
        Assert.Equal(seconds == 0 ? default : _switch.Now + TimeSpan.FromSeconds(seconds), StateOfA.RestsUntil);
    }

    [Fact]
    public void The_caller_is_told_when_to_try_again()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeCarrier(SwitchFixture.ChangeCarrier(said, "carrier-b", static g => g with { Locked = true }), "carrier-c", static g => g with { Locked = true }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(503, extra: "Retry-After: 77\r\n");
        callee.ExpectAck();
        Assert.Equal("77", caller.Expect(503)["Retry-After"]);
        caller.AckFailure();
        world.Advance(10);
        caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        Assert.Equal("67", caller.Expect(503)["Retry-After"]);
        caller.AckFailure();
        Assert.Equal(Refusal.GatewayAway, world.Cdrs[1].Refusal);
        world.AssertEverythingReturned();
    }

    private WireMessage Probe(double within)
    {
        double waited = 0;
        while (_switch.Waiting(SwitchFixture.CarrierA) == 0 && waited < within + 0.02)
        {
            _switch.Advance(0.01);
            waited += 0.01;
        }
        WireMessage probe = _switch.Next(SwitchFixture.CarrierA);
        Assert.Equal("OPTIONS", probe.Method);
        return probe;
    }

    private void Answer(WireMessage probe, int status) => _switch.Deliver(SwitchFixture.CarrierA, Legs.Response(probe, status, "x1", "", "", ""));

    private void Silence(WireMessage probe)
    {
        _switch.Advance(4);
        Assert.All(Enumerable.Range(0, _switch.Waiting(SwitchFixture.CarrierA)), _ => Assert.Equal(probe.Text, _switch.Next(SwitchFixture.CarrierA).Text));
    }

    private void Call(string by) => CallBy(_switch, by == "carrier-a" ? SwitchFixture.CarrierA : SwitchFixture.CarrierB);

    private static void CallBy(SwitchFixture world, NetAddress carrier)
    {
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world, carrier);
        callee.Respond(486);
        callee.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
    }

    private static void Fail(SwitchFixture world, int status, string header)
    {
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(status, extra: header);
        callee.ExpectAck();
        var next = new CalleeLeg(world, SwitchFixture.CarrierB);
        next.Respond(486);
        next.ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
    }
}
