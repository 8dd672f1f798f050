using Tandem.Sip.Transactions;
using static Tandem.Sip.Transactions.InviteServer.Effects;
using static Tandem.Sip.Transactions.InviteServer.Input;
using static Tandem.Sip.Transactions.InviteServer.State;

namespace Tandem.Tests.Sip.Transactions;

public sealed class InviteServerTests
{
    [Fact]
    public void Over_UDP_every_state_meets_every_input() =>
        Holds(
            """
            Proceeding Invite         .          ResendResponse
            Proceeding Ack            .          .
            Proceeding Trying         .          SendResponse
            Proceeding Provisional    .          SendResponse
            Proceeding Success        Accepted   SendResponse|StartTimerL
            Proceeding Failure        Completed  SendResponse|StartTimerG|StartTimerH
            Proceeding TimerG         .          .
            Proceeding TimerH         .          .
            Proceeding TimerI         .          .
            Proceeding TimerL         .          .
            Proceeding TransportError .          ReportTransportError
            Accepted   Invite         .          .
            Accepted   Ack            .          PassUpAck
            Accepted   Trying         .          .
            Accepted   Provisional    .          .
            Accepted   Success        .          SendResponse
            Accepted   Failure        .          .
            Accepted   TimerG         .          .
            Accepted   TimerH         .          .
            Accepted   TimerI         .          .
            Accepted   TimerL         Terminated .
            Accepted   TransportError .          ReportTransportError
            Completed  Invite         .          ResendResponse
            Completed  Ack            Confirmed  StartTimerI
            Completed  Trying         .          .
            Completed  Provisional    .          .
            Completed  Success        .          .
            Completed  Failure        .          .
            Completed  TimerG         .          ResendResponse|StartTimerG
            Completed  TimerH         Terminated ReportTimeout
            Completed  TimerI         .          .
            Completed  TimerL         .          .
            Completed  TransportError .          ReportTransportError
            Confirmed  Invite         .          .
            Confirmed  Ack            .          .
            Confirmed  Trying         .          .
            Confirmed  Provisional    .          .
            Confirmed  Success        .          .
            Confirmed  Failure        .          .
            Confirmed  TimerG         .          .
            Confirmed  TimerH         .          .
            Confirmed  TimerI         Terminated .
            Confirmed  TimerL         .          .
            Confirmed  TransportError .          .
            Terminated Invite         .          .
            Terminated Ack            .          .
            Terminated Trying         .          .
            Terminated Provisional    .          .
            Terminated Success        .          .
            Terminated Failure        .          .
            Terminated TimerG         .          .
            Terminated TimerH         .          .
            Terminated TimerI         .          .
            Terminated TimerL         .          .
            Terminated TransportError .          .
            """, reliable: false);

    [Fact]
    public void Over_a_reliable_transport_every_state_meets_every_input() =>
        Holds(
            """
            Proceeding Invite         .          ResendResponse
            Proceeding Ack            .          .
            Proceeding Trying         .          SendResponse
            Proceeding Provisional    .          SendResponse
            Proceeding Success        Accepted   SendResponse|StartTimerL
            Proceeding Failure        Completed  SendResponse|StartTimerH
            Proceeding TimerG         .          .
            Proceeding TimerH         .          .
            Proceeding TimerI         .          .
            Proceeding TimerL         .          .
            Proceeding TransportError .          ReportTransportError
            Accepted   Invite         .          .
            Accepted   Ack            .          PassUpAck
            Accepted   Trying         .          .
            Accepted   Provisional    .          .
            Accepted   Success        .          SendResponse
            Accepted   Failure        .          .
            Accepted   TimerG         .          .
            Accepted   TimerH         .          .
            Accepted   TimerI         .          .
            Accepted   TimerL         Terminated .
            Accepted   TransportError .          ReportTransportError
            Completed  Invite         .          ResendResponse
            Completed  Ack            Terminated .
            Completed  Trying         .          .
            Completed  Provisional    .          .
            Completed  Success        .          .
            Completed  Failure        .          .
            Completed  TimerG         .          .
            Completed  TimerH         Terminated ReportTimeout
            Completed  TimerI         .          .
            Completed  TimerL         .          .
            Completed  TransportError .          ReportTransportError
            Confirmed  Invite         .          .
            Confirmed  Ack            .          .
            Confirmed  Trying         .          .
            Confirmed  Provisional    .          .
            Confirmed  Success        .          .
            Confirmed  Failure        .          .
            Confirmed  TimerG         .          .
            Confirmed  TimerH         .          .
            Confirmed  TimerI         Terminated .
            Confirmed  TimerL         .          .
            Confirmed  TransportError .          .
            Terminated Invite         .          .
            Terminated Ack            .          .
            Terminated Trying         .          .
            Terminated Provisional    .          .
            Terminated Success        .          .
            Terminated Failure        .          .
            Terminated TimerG         .          .
            Terminated TimerH         .          .
            Terminated TimerI         .          .
            Terminated TimerL         .          .
            Terminated TransportError .          .
            """, reliable: true);

    [Fact]
    public void A_retransmitted_INVITE_after_the_2xx_is_absorbed_and_opens_no_second_call() =>
        Assert.Equal(new InviteServer.Step(Accepted, Nothing), InviteServer.On(Accepted, Invite, reliable: false));

    [Fact]
    public void The_ACK_of_a_failure_is_not_passed_up() =>
        Assert.Equal(new InviteServer.Step(Confirmed, StartTimerI), InviteServer.On(Completed, Ack, reliable: false));

    [Fact]
    public void A_failure_after_the_2xx_is_not_sent() =>
        Assert.Equal(new InviteServer.Step(Accepted, Nothing), InviteServer.On(Accepted, Failure, reliable: false));


    private static void Holds(string picture, bool reliable) =>
        TransitionGrid.Holds<InviteServer.State, InviteServer.Input, InviteServer.Effects>(picture, (state, input) =>
        {
            InviteServer.Step step = InviteServer.On(state, input, reliable);
            return (step.Next, step.Effects);
        });
}
