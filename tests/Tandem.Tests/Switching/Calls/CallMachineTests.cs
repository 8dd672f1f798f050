using Tandem.Switching.Calls;
using static Tandem.Switching.Calls.CallEffects;
using static Tandem.Switching.Calls.CallInput;

namespace Tandem.Tests.Switching.Calls;

public class CallMachineTests
{
    // Written from docs/calls.md; whatever is not here leaves the call as it is.
    private static readonly Dictionary<(CallState, CallInput), (CallState, CallEffects)> Table = new()
    {
        [(CallState.Arrived, Admitted)] = (CallState.Authorising, AskForMoney),
        [(CallState.Arrived, Refused)] = (CallState.Settling, Settle),
        [(CallState.Arrived, NumberUnknown)] = (CallState.LookingUp, AskNumber),
        [(CallState.LookingUp, Admitted)] = (CallState.Authorising, AskForMoney),
        [(CallState.LookingUp, Refused)] = (CallState.Settling, Settle),
        [(CallState.LookingUp, CallerCancelled)] = (CallState.Settling, Settle),
        [(CallState.LookingUp, CallerHungUp)] = (CallState.Settling, Settle),
        [(CallState.LookingUp, ServerHangsUp)] = (CallState.Settling, Settle),
        [(CallState.Authorising, MoneyReserved)] = (CallState.Dialling, CallEffects.Dial),
        [(CallState.Authorising, MoneyRefused)] = (CallState.Settling, Settle),
        [(CallState.Authorising, CallerCancelled)] = (CallState.Settling, Settle),
        [(CallState.Authorising, CallerHungUp)] = (CallState.Settling, Settle),
        [(CallState.Authorising, ServerHangsUp)] = (CallState.Settling, Settle),
        [(CallState.Dialling, AttemptFailed)] = (CallState.Dialling, CallEffects.Dial),
        [(CallState.Dialling, LastAttemptFailed)] = (CallState.Settling, Settle),
        [(CallState.Dialling, CalleeAnswered)] = (CallState.Answered, CallEffects.Answer),
        [(CallState.Dialling, CallerCancelled)] = (CallState.Settling, CancelCallee | Settle),
        [(CallState.Dialling, CallerHungUp)] = (CallState.Settling, CancelCallee | Settle),
        [(CallState.Dialling, ServerHangsUp)] = (CallState.Settling, CancelCallee | Settle),
        [(CallState.Answered, CallerHungUp)] = (CallState.Settling, ByeCallee | Settle),
        [(CallState.Answered, CalleeHungUp)] = (CallState.Settling, ByeCaller | Settle),
        [(CallState.Answered, ServerHangsUp)] = (CallState.Settling, ByeCallee | ByeCaller | Settle),
        [(CallState.Settling, Settled)] = (CallState.Farewell, TellCaller),
        [(CallState.Farewell, FarewellsDone)] = (CallState.Gone, Free),
    };

    [Fact]
    public void Every_state_meets_every_input_as_the_picture_says()
    {
        foreach (CallState state in Enum.GetValues<CallState>())
        {
            foreach (CallInput input in Enum.GetValues<CallInput>())
            {
                (CallState next, CallEffects effects) = Table.GetValueOrDefault((state, input), (state, None));
                Assert.Equal((state, input, next, effects), (state, input, CallMachine.On(state, input).Next, CallMachine.On(state, input).Effects));
            }
        }
    }

    [Fact]
    public void Every_call_settles_exactly_once_on_every_way_from_arrival_to_the_end()
    {
        int ways = 0;
        Walk(CallState.Arrived, settled: 0, steps: 0);
        Assert.True(ways > 10);

        void Walk(CallState state, int settled, int steps)
        {
            if (state == CallState.Gone)
            {
                Assert.Equal(1, settled);
                ways++;
                return;
            }
            foreach (CallInput input in Enum.GetValues<CallInput>())
            {
                CallMachine.Step step = CallMachine.On(state, input);
                if (step.Next == state) continue; // failover may turn round in Dialling as often as there are carriers
                Assert.True(steps < 8);
                Walk(step.Next, settled + (step.Effects.HasFlag(Settle) ? 1 : 0), steps + 1);
            }
        }
    }
}
