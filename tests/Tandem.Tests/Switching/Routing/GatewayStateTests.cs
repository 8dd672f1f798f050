using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Routing;

public sealed class GatewayStateTests
{
    [Fact]
    public void Lines_are_taken_up_to_the_capacity_and_given_back()
    {
        GatewayState state = new();
        Assert.True(state.TryTakeLine(2));
        Assert.True(state.TryTakeLine(2));
        Assert.False(state.TryTakeLine(2));
        state.ReleaseLine();
        Assert.True(state.TryTakeLine(2));
        Assert.Equal((2, 3L), (state.CurrentCalls, state.History));
    }

    [Fact]
    public void Without_a_limit_there_is_always_a_line()
    {
        GatewayState state = new();
        for (int i = 0; i < 1000; i++) Assert.True(state.TryTakeLine(0));
        Assert.Equal(1000, state.CurrentCalls);
    }

    [Fact]
    public void A_lowered_capacity_ends_no_call_but_admits_none()
    {
        GatewayState state = new();
        for (int i = 0; i < 5; i++) state.TryTakeLine(5);
        Assert.False(state.TryTakeLine(3));
        Assert.Equal(5, state.CurrentCalls);
    }

    [Fact]
    public void Giving_back_what_was_never_taken_is_our_own_mistake() => Assert.Throws<InvalidOperationException>(static () => new GatewayState().ReleaseLine());

    [Fact]
    public async Task Shards_together_never_exceed_the_capacity()
    {
        GatewayState state = new();
        int most = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                if (!state.TryTakeLine(3)) continue;
                int now = state.CurrentCalls;
                int seen;
                while (now > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, now, seen) != seen) { }
                state.ReleaseLine();
            }
        }, TestContext.Current.CancellationToken)));
        Assert.InRange(most, 1, 3);
        Assert.Equal(0, state.CurrentCalls);
    }

    [Fact]
    public void A_name_keeps_its_state_and_kinds_do_not_mix()
    {
        GatewayStates states = new();
        Assert.Same(states.Routing("a"), states.Routing("a"));
        Assert.NotSame(states.Routing("a"), states.Mapping("a"));
        Assert.NotSame(states.Mapping("a"), states.Phone("a"));
    }
}
