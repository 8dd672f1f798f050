using Tandem.Primitives;
using Tandem.Switching.Calls;

namespace Tandem.Tests.Switching.Calls;

public sealed class OpenCallsCheckTests
{
    private static readonly CallId One = new(1), Two = new(2);
    private readonly OpenCallsCheck _check = new();

    [Fact]
    public void Calls_that_come_and_go_between_the_questions_are_no_difference()
    {
        Assert.Empty(_check.Look([One], [], new Dictionary<CallId, int>()));
        Assert.Empty(_check.Look([Two], [new(One, IsOpen: false, 0)], new Dictionary<CallId, int>()));
        Assert.Empty(_check.Look([], [], new Dictionary<CallId, int> { [One] = 1 }));
        Assert.Empty(_check.Look([One], [], new Dictionary<CallId, int>()));
    }

    [Fact]
    public void A_difference_that_stands_is_told_and_one_that_is_gone_is_not_told_again()
    {
        CarriedCall[] carried = [new(Two, IsOpen: true, MediaSessions: 2)];
        Dictionary<CallId, int> relay = new() { [One] = 1, [Two] = 1 };
        _check.Look([One], carried, relay);
        Assert.Equal(
            [
                $"1 media session lent to call {One}, which nobody carries: the ports stay taken",
                $"call {One} is open in the ledger, and nobody carries it: its money stays held",
                $"call {Two} goes on, and is not open in the ledger: it would not be charged",
                $"call {Two} holds 2 media sessions, the relay lends it 1",
            ],
            _check.Look([One], carried, relay));
        Assert.Empty(_check.Look([Two], carried, new Dictionary<CallId, int> { [Two] = 2 }));
        Assert.Empty(_check.Look([One], carried, relay));
    }

    [Fact]
    public void A_call_that_is_settling_may_or_may_not_be_open()
    {
        CarriedCall[] carried = [new(One, IsOpen: false, 0)];
        for (int i = 0; i < 3; i++) Assert.Empty(_check.Look(i % 2 == 0 ? [One] : [], carried, new Dictionary<CallId, int>()));
    }
}
