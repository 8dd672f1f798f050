using Tandem.Switching.Registrations;
using static Tandem.Switching.Registrations.TrunkEffects;
using static Tandem.Switching.Registrations.TrunkInput;
using static Tandem.Switching.Registrations.TrunkState;

namespace Tandem.Tests.Switching.Registrations;

public sealed class TrunkMachineTests
{
    [Theory]
    [InlineData(Idle, Due, Registering, SendFirst)]
    [InlineData(Waiting, Due, Registering, SendFirst)]
    [InlineData(Registered, Due, Refreshing, SendFirst)]
    [InlineData(Registering, AskedForMore, Registering, SendAgain)]
    [InlineData(Refreshing, AskedForMore, Refreshing, SendAgain)]
    [InlineData(Registering, HopFailed, Registering, SendToNextHop)]
    [InlineData(Refreshing, HopFailed, Refreshing, SendToNextHop)]
    [InlineData(Registering, Granted, Registered, NoteGranted)]
    [InlineData(Refreshing, Granted, Registered, NoteGranted)]
    [InlineData(Registering, Failed, Waiting, NoteFailure)]
    [InlineData(Refreshing, Failed, Waiting, NoteFailure)]
    [InlineData(Registering, Stop, Leaving, SendFarewell)]
    [InlineData(Registered, Stop, Leaving, SendFarewell)]
    [InlineData(Refreshing, Stop, Leaving, SendFarewell)]
    [InlineData(Idle, Stop, Left, Release)]
    [InlineData(Waiting, Stop, Leaving, SendFarewell)]
    [InlineData(Leaving, AskedForMore, Leaving, SendAgain)]
    [InlineData(Leaving, Granted, Left, Release)]
    [InlineData(Leaving, Failed, Left, Release)]
    [InlineData(Leaving, HopFailed, Left, Release)]
    [InlineData(Registered, StopSilently, Left, Release)]
    [InlineData(Leaving, Due, Leaving, Nothing)]
    [InlineData(Left, Granted, Left, Nothing)]
    [InlineData(Left, StopSilently, Left, Nothing)]
    [InlineData(Registered, Granted, Registered, Nothing)]
    public void Every_row_of_the_table(TrunkState state, TrunkInput input, TrunkState next, TrunkEffects effects) =>
        Assert.Equal(new TrunkMachine.Step(next, effects), TrunkMachine.On(state, input));

    [Fact]
    public void Whatever_happens_a_stop_ends_it_within_one_answer()
    {
        foreach (TrunkState state in Enum.GetValues<TrunkState>())
        {
            TrunkState after = TrunkMachine.On(state, Stop).Next;
            Assert.Contains(after, new[] { Leaving, Left });
            foreach (TrunkInput answer in new[] { Granted, Failed, HopFailed }) Assert.Equal(Left, TrunkMachine.On(after, answer).Next);
        }
    }
}
