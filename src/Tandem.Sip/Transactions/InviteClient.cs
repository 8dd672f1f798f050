using static Tandem.Sip.Transactions.InviteClient.Effects;
using static Tandem.Sip.Transactions.InviteClient.Input;
using static Tandem.Sip.Transactions.InviteClient.State;

namespace Tandem.Sip.Transactions;

/// <summary>The INVITE client transaction. It starts in Calling: INVITE sent, Timer B set, over unreliable transports Timer A too.</summary>
public static class InviteClient
{
    public enum State : byte { Calling, Proceeding, Accepted, Completed, Terminated }

    public enum Input : byte { Provisional, Success, Failure, TimerA, TimerB, TimerD, TimerM, TransportError }

    [Flags]
    public enum Effects : byte
    {
        Nothing = 0,

        /// <summary>Send the INVITE again and set Timer A to twice its last length.</summary>
        Retransmit = 1,

        /// <summary>The response goes to the dialog.</summary>
        PassUp = 2,

        /// <summary>The ACK of a failure, made and sent hop by hop (RFC 3261 §17.1.1.3). That of a 2xx is the dialog's.</summary>
        SendAck = 4,
        StartTimerD = 8,
        StartTimerM = 16,
        ReportTimeout = 32,
        ReportTransportError = 64,
    }

    public readonly record struct Step(State Next, Effects Effects);

    // RFC 3261 §17.1.1.2, Figure 5. Accepted is RFC 6026 §7.2: forked calls may bring more 2xx.
    public static Step On(State state, Input input, bool reliable) => (state, input) switch
    {
        (Calling,               TimerA) when !reliable
                                                => new(Calling,    Retransmit),
        (Calling,               TimerB)         => new(Terminated, ReportTimeout),
        (Calling or Proceeding, Provisional)    => new(Proceeding, PassUp),
        (Calling or Proceeding, Success)        => new(Accepted,   PassUp | StartTimerM),
        (Calling or Proceeding, Failure) when reliable
                                                => new(Terminated, PassUp | SendAck), // Timer D is zero
        (Calling or Proceeding, Failure)        => new(Completed,  PassUp | SendAck | StartTimerD),
        (Accepted,              Success)        => new(Accepted,   PassUp),
        (Accepted,              TimerM)         => new(Terminated, Nothing),
        (Completed,             Failure)        => new(Completed,  SendAck),
        (Completed,             TimerD)         => new(Terminated, Nothing),
        (Calling or Completed,  TransportError) => new(Terminated, ReportTransportError), // nothing is sent in the other states
        _                                       => new(state,      Nothing), // late timers, strays
    };
}
