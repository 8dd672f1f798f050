using static Tandem.Sip.Transactions.NonInviteClient.Effects;
using static Tandem.Sip.Transactions.NonInviteClient.Input;
using static Tandem.Sip.Transactions.NonInviteClient.State;

namespace Tandem.Sip.Transactions;

/// <summary>The client transaction of every request but INVITE and ACK. It starts in Trying: request sent, Timer F set, over unreliable transports Timer E too.</summary>
public static class NonInviteClient
{
    public enum State : byte { Trying, Proceeding, Completed, Terminated }

    /// <summary>Final is any status from 200 on.</summary>
    public enum Input : byte { Provisional, Final, TimerE, TimerF, TimerK, TransportError }

    [Flags]
    public enum Effects : byte
    {
        Nothing = 0,

        /// <summary>Send the request again and set Timer E to twice its last length, at most T2.</summary>
        Retransmit = 1,

        /// <summary>Send the request again and set Timer E to T2.</summary>
        RetransmitSlowly = 2,
        PassUp = 4,
        StartTimerK = 8,
        ReportTimeout = 16,
        ReportTransportError = 32,
    }

    public readonly record struct Step(State Next, Effects Effects);

    // RFC 3261 §17.1.2.2, Figure 6.
    public static Step On(State state, Input input, bool reliable) => (state, input) switch
    {
        (Trying,               TimerE) when !reliable
                                               => new(Trying,     Retransmit),
        (Proceeding,           TimerE) when !reliable
                                               => new(Proceeding, RetransmitSlowly),
        (Trying or Proceeding, TimerF)         => new(Terminated, ReportTimeout),
        (Trying or Proceeding, TransportError) => new(Terminated, ReportTransportError),
        (Trying or Proceeding, Provisional)    => new(Proceeding, PassUp),
        (Trying or Proceeding, Final) when reliable
                                               => new(Terminated, PassUp), // Timer K is zero
        (Trying or Proceeding, Final)          => new(Completed,  PassUp | StartTimerK),
        (Completed,            TimerK)         => new(Terminated, Nothing),
        _                                      => new(state,      Nothing), // late timers, repeated responses
    };
}
