using Tandem.Switching.Calls;
using static Tandem.Switching.Calls.ChangeEffects;
using static Tandem.Switching.Calls.ChangeInput;
using static Tandem.Switching.Calls.ChangeState;

namespace Tandem.Tests.Switching.Calls;

public class ChangeMachineTests
{
    // Written from docs/calls.md; whatever is not here leaves the change as it is.
    private static readonly Dictionary<(ChangeState, ChangeInput), (ChangeState, ChangeEffects)> Table = new()
    {
        [(Idle, Asked)] = (Passing, Pass),
        [(Idle, AskedAgain)] = (Passing, Pass),
        [(Passing, Asked)] = (Passing, RefuseGlare),
        [(Passing, AskedAgain)] = (Passing, RefuseTooSoon),
        [(Passing, InviteAccepted)] = (AwaitingAck, Answer | Repeat),
        [(Passing, UpdateAccepted)] = (Idle, Answer | Release),
        [(Passing, Refused)] = (Idle, RefuseAsker | Release),
        [(Passing, FarGone)] = (Idle, RefuseAsker | AbandonFar | Release | HangUp),
        [(Passing, AskerCancelled)] = (Passing, CancelFar),
        [(Passing, CallEnded)] = (Idle, RefuseAsker | AbandonFar | Release),
        [(AwaitingAck, Asked)] = (AwaitingAck, RefuseGlare),
        [(AwaitingAck, AskedAgain)] = (AwaitingAck, RefuseGlare),
        [(AwaitingAck, AckCame)] = (Idle, PassAnswer | Release),
        [(AwaitingAck, AckNeverCame)] = (Idle, Release | HangUp),
        [(AwaitingAck, CallEnded)] = (Idle, Release),
        [(Idle, RefreshDue)] = (Refreshing, Refresh),
        [(Passing, RefreshDue)] = (Passing, Postpone),
        [(AwaitingAck, RefreshDue)] = (AwaitingAck, Postpone),
        [(Refreshing, RefreshDue)] = (Refreshing, Postpone),
        [(Refreshing, Asked)] = (Refreshing, RefuseGlare),
        [(Refreshing, AskedAgain)] = (Refreshing, RefuseGlare),
        [(Refreshing, Refreshed)] = (Idle, Release),
        [(Refreshing, Refused)] = (Idle, Release),
        [(Refreshing, FarGone)] = (Idle, AbandonFar | Release | HangUp),
        [(Refreshing, CallEnded)] = (Idle, AbandonFar | Release),
    };

    [Fact]
    public void Every_state_meets_every_input_as_the_page_says()
    {
        foreach (ChangeState state in Enum.GetValues<ChangeState>())
        {
            foreach (ChangeInput input in Enum.GetValues<ChangeInput>())
            {
                (ChangeState next, ChangeEffects effects) = Table.GetValueOrDefault((state, input), (state, None));
                Assert.Equal((state, input, next, effects), (state, input, ChangeMachine.On(state, input).Next, ChangeMachine.On(state, input).Effects));
            }
        }
    }

    [Fact]
    public void Whoever_asked_is_answered_once_whichever_way_a_change_ends()
    {
        foreach (ChangeInput input in Enum.GetValues<ChangeInput>())
        {
            ChangeMachine.Step step = ChangeMachine.On(Passing, input);
            bool over = step.Next != Passing;
            Assert.Equal(over, (step.Effects & (Answer | RefuseAsker)) is Answer or RefuseAsker);
        }
        foreach (ChangeInput input in Enum.GetValues<ChangeInput>()) Assert.Equal(None, ChangeMachine.On(AwaitingAck, input).Effects & (Answer | RefuseAsker));
    }
}
