using Tandem.Sip.Transactions;
using static Tandem.Sip.Transactions.InviteClient.Effects;
using static Tandem.Sip.Transactions.InviteClient.Input;
using static Tandem.Sip.Transactions.InviteClient.State;

namespace Tandem.Tests.Sip.Transactions;

public sealed class InviteClientTests
{
    [Fact]
    public void Over_UDP_every_state_meets_every_input() =>
        Holds(
            """
            Calling    Provisional    Proceeding PassUp
            Calling    Success        Accepted   PassUp|StartTimerM
            Calling    Failure        Completed  PassUp|SendAck|StartTimerD
            Calling    TimerA         .          Retransmit
            Calling    TimerB         Terminated ReportTimeout
            Calling    TimerD         .          .
            Calling    TimerM         .          .
            Calling    TransportError Terminated ReportTransportError
            Proceeding Provisional    .          PassUp
            Proceeding Success        Accepted   PassUp|StartTimerM
            Proceeding Failure        Completed  PassUp|SendAck|StartTimerD
            Proceeding TimerA         .          .
            Proceeding TimerB         .          .
            Proceeding TimerD         .          .
            Proceeding TimerM         .          .
            Proceeding TransportError .          .
            Accepted   Provisional    .          .
            Accepted   Success        .          PassUp
            Accepted   Failure        .          .
            Accepted   TimerA         .          .
            Accepted   TimerB         .          .
            Accepted   TimerD         .          .
            Accepted   TimerM         Terminated .
            Accepted   TransportError .          .
            Completed  Provisional    .          .
            Completed  Success        .          .
            Completed  Failure        .          SendAck
            Completed  TimerA         .          .
            Completed  TimerB         .          .
            Completed  TimerD         Terminated .
            Completed  TimerM         .          .
            Completed  TransportError Terminated ReportTransportError
            Terminated Provisional    .          .
            Terminated Success        .          .
            Terminated Failure        .          .
            Terminated TimerA         .          .
            Terminated TimerB         .          .
            Terminated TimerD         .          .
            Terminated TimerM         .          .
            Terminated TransportError .          .
            """, reliable: false);

    [Fact]
    public void Over_a_reliable_transport_every_state_meets_every_input() =>
        Holds(
            """
            Calling    Provisional    Proceeding PassUp
            Calling    Success        Accepted   PassUp|StartTimerM
            Calling    Failure        Terminated PassUp|SendAck
            Calling    TimerA         .          .
            Calling    TimerB         Terminated ReportTimeout
            Calling    TimerD         .          .
            Calling    TimerM         .          .
            Calling    TransportError Terminated ReportTransportError
            Proceeding Provisional    .          PassUp
            Proceeding Success        Accepted   PassUp|StartTimerM
            Proceeding Failure        Terminated PassUp|SendAck
            Proceeding TimerA         .          .
            Proceeding TimerB         .          .
            Proceeding TimerD         .          .
            Proceeding TimerM         .          .
            Proceeding TransportError .          .
            Accepted   Provisional    .          .
            Accepted   Success        .          PassUp
            Accepted   Failure        .          .
            Accepted   TimerA         .          .
            Accepted   TimerB         .          .
            Accepted   TimerD         .          .
            Accepted   TimerM         Terminated .
            Accepted   TransportError .          .
            Completed  Provisional    .          .
            Completed  Success        .          .
            Completed  Failure        .          SendAck
            Completed  TimerA         .          .
            Completed  TimerB         .          .
            Completed  TimerD         Terminated .
            Completed  TimerM         .          .
            Completed  TransportError Terminated ReportTransportError
            Terminated Provisional    .          .
            Terminated Success        .          .
            Terminated Failure        .          .
            Terminated TimerA         .          .
            Terminated TimerB         .          .
            Terminated TimerD         .          .
            Terminated TimerM         .          .
            Terminated TransportError .          .
            """, reliable: true);

    [Fact]
    public void A_second_2xx_from_another_fork_is_passed_up_while_accepted() =>
        Assert.Equal(new InviteClient.Step(Accepted, PassUp), InviteClient.On(Accepted, Success, reliable: false));

    [Fact]
    public void A_repeated_failure_is_acknowledged_again_and_not_passed_up_again() =>
        Assert.Equal(new InviteClient.Step(Completed, SendAck), InviteClient.On(Completed, Failure, reliable: false));

    [Fact]
    public void Once_ringing_no_timer_of_the_transaction_ends_the_call() =>
        Assert.Equal(new InviteClient.Step(Proceeding, Nothing), InviteClient.On(Proceeding, TimerB, reliable: false));


    private static void Holds(string picture, bool reliable) =>
        TransitionGrid.Holds<InviteClient.State, InviteClient.Input, InviteClient.Effects>(picture, (state, input) =>
        {
            InviteClient.Step step = InviteClient.On(state, input, reliable);
            return (step.Next, step.Effects);
        });
}
