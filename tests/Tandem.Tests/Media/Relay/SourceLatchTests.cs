using Tandem.Media.Relay;
using static Tandem.Media.Relay.LatchAct;
using static Tandem.Media.Relay.LatchInput;
using static Tandem.Media.Relay.LatchState;

namespace Tandem.Tests.Media.Relay;

public sealed class SourceLatchTests
{
    public static TheoryData<LatchState, LatchInput, bool, bool, LatchState, LatchAct> Table()
    {
        TheoryData<LatchState, LatchInput, bool, bool, LatchState, LatchAct> rows = [];
        foreach (LatchState state in Enum.GetValues<LatchState>())
        {
            foreach (LatchInput from in Enum.GetValues<LatchInput>())
            {
                foreach (bool window in new[] { false, true })
                {
                    foreach (bool inFlight in new[] { false, true })
                    {
                        (LatchState next, LatchAct act) = Expected(state, from, window, inFlight);
                        rows.Add(state, from, window, inFlight, next, act);
                    }
                }
            }
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_situation_has_its_row(LatchState state, LatchInput from, bool windowOpen, bool inFlight, LatchState next, LatchAct act) =>
        Assert.Equal((next, act), SourceLatch.On(state, from, windowOpen, inFlight));

    // The rules once more, as sentences about what must hold rather than as the table.
    private static (LatchState, LatchAct) Expected(LatchState state, LatchInput from, bool window, bool inFlight)
    {
        if (state == Unsignalled) return (Unsignalled, Drop); // nobody is believed before an SDP
        if (from == Signalled) return (OnSignalled, Accept); // the signalled address is always right
        if (state == OnSignalled) return (OnSignalled, Drop); // and shuts out all others
        if (state == OnLearned) return (OnLearned, from == Held ? Accept : Drop); // learned once
        if (state == Reopened && from == Held) return (OnLearned, Accept);
        if (state == Open && from == Held && inFlight) return (Open, Accept);
        if (state == Open && from == Held) return window ? (OnLearned, Learn) : (state, Drop);
        return window && from == Proven ? (OnLearned, Learn) : (state, Drop); // a stream, not a packet
    }
}
