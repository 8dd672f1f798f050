using Tandem.Sip.Transactions;
using static Tandem.Sip.Transactions.NonInviteServer.Effects;
using static Tandem.Sip.Transactions.NonInviteServer.Input;
using static Tandem.Sip.Transactions.NonInviteServer.State;

namespace Tandem.Tests.Sip.Transactions;

public sealed class NonInviteServerTests
{
    [Fact]
    public void Over_UDP_every_state_meets_every_input() =>
        Holds(
            """
            Trying     Request        .          .
            Trying     Provisional    Proceeding SendResponse
            Trying     Final          Completed  SendResponse|StartTimerJ
            Trying     TimerJ         .          .
            Trying     TransportError .          .
            Proceeding Request        .          ResendResponse
            Proceeding Provisional    .          SendResponse
            Proceeding Final          Completed  SendResponse|StartTimerJ
            Proceeding TimerJ         .          .
            Proceeding TransportError .          ReportTransportError
            Completed  Request        .          ResendResponse
            Completed  Provisional    .          .
            Completed  Final          .          .
            Completed  TimerJ         Terminated .
            Completed  TransportError .          ReportTransportError
            Terminated Request        .          .
            Terminated Provisional    .          .
            Terminated Final          .          .
            Terminated TimerJ         .          .
            Terminated TransportError .          .
            """, reliable: false);

    [Fact]
    public void Over_a_reliable_transport_every_state_meets_every_input() =>
        Holds(
            """
            Trying     Request        .          .
            Trying     Provisional    Proceeding SendResponse
            Trying     Final          Terminated SendResponse
            Trying     TimerJ         .          .
            Trying     TransportError .          .
            Proceeding Request        .          ResendResponse
            Proceeding Provisional    .          SendResponse
            Proceeding Final          Terminated SendResponse
            Proceeding TimerJ         .          .
            Proceeding TransportError .          ReportTransportError
            Completed  Request        .          ResendResponse
            Completed  Provisional    .          .
            Completed  Final          .          .
            Completed  TimerJ         Terminated .
            Completed  TransportError .          ReportTransportError
            Terminated Request        .          .
            Terminated Provisional    .          .
            Terminated Final          .          .
            Terminated TimerJ         .          .
            Terminated TransportError .          .
            """, reliable: true);

    [Fact]
    public void A_request_again_before_any_answer_is_absorbed() =>
        Assert.Equal(new NonInviteServer.Step(Trying, Nothing), NonInviteServer.On(Trying, Request, reliable: false));

    [Fact]
    public void A_BYE_again_after_its_200_gets_the_200_again() =>
        Assert.Equal(new NonInviteServer.Step(Completed, ResendResponse), NonInviteServer.On(Completed, Request, reliable: false));


    private static void Holds(string picture, bool reliable) =>
        TransitionGrid.Holds<NonInviteServer.State, NonInviteServer.Input, NonInviteServer.Effects>(picture, (state, input) =>
        {
            NonInviteServer.Step step = NonInviteServer.On(state, input, reliable);
            return (step.Next, step.Effects);
        });
}
