using Tandem.Switching.Probing;
using static Tandem.Switching.Probing.ProbeState;

namespace Tandem.Tests.Switching.Probing;

public class ProbeMachineTests
{
    [Fact]
    public void Every_state_meets_every_outcome_as_the_page_says()
    {
        foreach (ProbeState state in Enum.GetValues<ProbeState>())
        {
            for (int inARow = 1; inARow <= 5; inARow++)
            {
                Assert.Equal(state == Down && inARow < 2 ? Down : Up, ProbeMachine.On(state, alive: true, inARow, failuresToDown: 3, successesToUp: 2));
                Assert.Equal(state == Down || inARow >= 3 ? Down : Suspect, ProbeMachine.On(state, alive: false, inARow, failuresToDown: 3, successesToUp: 2));
            }
        }
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(403, true)]
    [InlineData(405, true)]
    [InlineData(481, true)]
    [InlineData(500, true)]
    [InlineData(603, true)]
    [InlineData(408, false)]
    [InlineData(503, false)]
    public void Any_answer_but_408_and_503_is_a_sign_of_life(int status, bool alive) => Assert.Equal(alive, ProbeMachine.IsAlive(status));

    [Theory]
    [InlineData(Up, 30, 30)]
    [InlineData(Suspect, 30, 7)]
    [InlineData(Suspect, 1, 1)]
    [InlineData(Down, 30, 30)]
    public void A_suspect_is_asked_more_often(ProbeState state, int interval, int next) =>
        Assert.Equal(TimeSpan.FromSeconds(next), new ProbePlan(interval, 3, 1).After(state));
}
