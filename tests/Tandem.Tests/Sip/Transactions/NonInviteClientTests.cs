using Tandem.Sip.Transactions;
using static Tandem.Sip.Transactions.NonInviteClient.Effects;
using static Tandem.Sip.Transactions.NonInviteClient.Input;
using static Tandem.Sip.Transactions.NonInviteClient.State;

namespace Tandem.Tests.Sip.Transactions;

public sealed class NonInviteClientTests
{
    [Fact]
    public void Over_UDP_every_state_meets_every_input() =>
        Holds(
            """
            Trying     Provisional    Proceeding PassUp
            Trying     Final          Completed  PassUp|StartTimerK
            Trying     TimerE         .          Retransmit
            Trying     TimerF         Terminated ReportTimeout
            Trying     TimerK         .          .
            Trying     TransportError Terminated ReportTransportError
            Proceeding Provisional    .          PassUp
            Proceeding Final          Completed  PassUp|StartTimerK
            Proceeding TimerE         .          RetransmitSlowly
            Proceeding TimerF         Terminated ReportTimeout
            Proceeding TimerK         .          .
            Proceeding TransportError Terminated ReportTransportError
            Completed  Provisional    .          .
            Completed  Final          .          .
            Completed  TimerE         .          .
            Completed  TimerF         .          .
            Completed  TimerK         Terminated .
            Completed  TransportError .          .
            Terminated Provisional    .          .
            Terminated Final          .          .
            Terminated TimerE         .          .
            Terminated TimerF         .          .
            Terminated TimerK         .          .
            Terminated TransportError .          .
            """, reliable: false);

    [Fact]
    public void Over_a_reliable_transport_every_state_meets_every_input() =>
        Holds(
            """
            Trying     Provisional    Proceeding PassUp
            Trying     Final          Terminated PassUp
            Trying     TimerE         .          .
            Trying     TimerF         Terminated ReportTimeout
            Trying     TimerK         .          .
            Trying     TransportError Terminated ReportTransportError
            Proceeding Provisional    .          PassUp
            Proceeding Final          Terminated PassUp
            Proceeding TimerE         .          .
            Proceeding TimerF         Terminated ReportTimeout
            Proceeding TimerK         .          .
            Proceeding TransportError Terminated ReportTransportError
            Completed  Provisional    .          .
            Completed  Final          .          .
            Completed  TimerE         .          .
            Completed  TimerF         .          .
            Completed  TimerK         Terminated .
            Completed  TransportError .          .
            Terminated Provisional    .          .
            Terminated Final          .          .
            Terminated TimerE         .          .
            Terminated TimerF         .          .
            Terminated TimerK         .          .
            Terminated TransportError .          .
            """, reliable: true);

    [Fact]
    public void A_request_goes_on_being_sent_slowly_after_a_provisional_response() =>
        Assert.Equal(new NonInviteClient.Step(Proceeding, RetransmitSlowly), NonInviteClient.On(Proceeding, TimerE, reliable: false));

    [Fact]
    public void A_repeated_final_response_is_absorbed() =>
        Assert.Equal(new NonInviteClient.Step(Completed, Nothing), NonInviteClient.On(Completed, Final, reliable: false));


    private static void Holds(string picture, bool reliable) =>
        TransitionGrid.Holds<NonInviteClient.State, NonInviteClient.Input, NonInviteClient.Effects>(picture, (state, input) =>
        {
            NonInviteClient.Step step = NonInviteClient.On(state, input, reliable);
            return (step.Next, step.Effects);
        });
}
