using static Tandem.Sip.Transactions.InviteServer.Effects;
using static Tandem.Sip.Transactions.InviteServer.Input;
using static Tandem.Sip.Transactions.InviteServer.State;

namespace Tandem.Sip.Transactions;

/// <summary>
/// The INVITE server transaction. It starts in Proceeding with the INVITE passed up; whoever drives it gives Trying at once, since a call
/// is rarely ringing within 200 ms. Retransmitting the 2xx until its ACK is the dialog's work (RFC 3261 §13.3.1.4).
/// </summary>
public static class InviteServer
{
    public enum State : byte { Proceeding, Accepted, Completed, Confirmed, Terminated }

    /// <summary>Invite and Ack come from the network; Trying (100), Provisional (101-199), Success and Failure from the call.</summary>
    public enum Input : byte { Invite, Ack, Trying, Provisional, Success, Failure, TimerG, TimerH, TimerI, TimerL, TransportError }

    [Flags]
    public enum Effects : ushort
    {
        Nothing = 0,

        /// <summary>Send the response just given and keep it as the last one.</summary>
        SendResponse = 1,

        /// <summary>Send the last response again; before the first there is none to send.</summary>
        ResendResponse = 2,

        /// <summary>The ACK goes to the dialog.</summary>
        PassUpAck = 4,

        /// <summary>T1 the first time, then twice the last length up to T2.</summary>
        StartTimerG = 8,
        StartTimerH = 16,
        StartTimerI = 32,
        StartTimerL = 64,

        /// <summary>No ACK came.</summary>
        ReportTimeout = 128,
        ReportTransportError = 256,
    }

    public readonly record struct Step(State Next, Effects Effects);

    // RFC 3261 §17.2.1 as redrawn by RFC 6026 §7.1, Figure 7.
    public static Step On(State state, Input input, bool reliable) => (state, input) switch
    {
        (Proceeding, Invite)                  => new(Proceeding, ResendResponse),
        (Proceeding, Trying or Provisional)   => new(Proceeding, SendResponse),
        (Proceeding, Success)                 => new(Accepted,   SendResponse | StartTimerL),
        (Proceeding, Failure) when reliable   => new(Completed,  SendResponse | StartTimerH),
        (Proceeding, Failure)                 => new(Completed,  SendResponse | StartTimerG | StartTimerH),
        (Accepted,   Success)                 => new(Accepted,   SendResponse), // the dialog's retransmission
        (Accepted,   Ack)                     => new(Accepted,   PassUpAck),
        (Accepted,   TimerL)                  => new(Terminated, Nothing), // an INVITE in Accepted is absorbed: the 2xx is on its way
        (Completed,  Invite)                  => new(Completed,  ResendResponse),
        (Completed,  TimerG) when !reliable   => new(Completed,  ResendResponse | StartTimerG),
        (Completed,  TimerH)                  => new(Terminated, ReportTimeout),
        (Completed,  Ack) when reliable       => new(Terminated, Nothing), // Timer I is zero
        (Completed,  Ack)                     => new(Confirmed,  StartTimerI),
        (Confirmed,  TimerI)                  => new(Terminated, Nothing),
        // RFC 6026 §8.8 takes back RFC 3261 §17.2.4: the state stays, for the next retransmission may get through.
        (Proceeding or Accepted or Completed, TransportError)
                                              => new(state,      ReportTransportError),
        _                                     => new(state,      Nothing), // late timers, strays, a second final answer
    };
}
