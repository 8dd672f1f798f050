using static Tandem.Sip.Transactions.NonInviteServer.Effects;
using static Tandem.Sip.Transactions.NonInviteServer.Input;
using static Tandem.Sip.Transactions.NonInviteServer.State;

namespace Tandem.Sip.Transactions;

/// <summary>The server transaction of every request but INVITE and ACK. It starts in Trying with the request passed up.</summary>
public static class NonInviteServer
{
    public enum State : byte { Trying, Proceeding, Completed, Terminated }

    /// <summary>Request is the same one again; Provisional and Final come from the call.</summary>
    public enum Input : byte { Request, Provisional, Final, TimerJ, TransportError }

    [Flags]
    public enum Effects : byte
    {
        Nothing = 0,

        /// <summary>Send the response just given and keep it as the last one.</summary>
        SendResponse = 1,
        ResendResponse = 2,
        StartTimerJ = 4,
        ReportTransportError = 8,
    }

    public readonly record struct Step(State Next, Effects Effects);

    // RFC 3261 §17.2.2, Figure 8.
    public static Step On(State state, Input input, bool reliable) => (state, input) switch
    {
        (Trying or Proceeding,    Provisional)    => new(Proceeding, SendResponse),
        (Trying or Proceeding,    Final) when reliable
                                                  => new(Terminated, SendResponse), // Timer J is zero
        (Trying or Proceeding,    Final)          => new(Completed,  SendResponse | StartTimerJ),
        (Proceeding or Completed, Request)        => new(state,      ResendResponse), // in Trying there is nothing yet to send
        (Completed,               TimerJ)         => new(Terminated, Nothing),
        // RFC 6026 §8.8 takes back RFC 3261 §17.2.4: the state stays, for the next retransmission may get through.
        (Proceeding or Completed, TransportError) => new(state,      ReportTransportError),
        _                                         => new(state,      Nothing), // late timers, a second final answer
    };
}
