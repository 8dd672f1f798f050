namespace Tandem.Switching.Calls;

/// <summary>Where a call is in its life (docs/calls.md has the picture).</summary>
public enum CallState : byte
{
    /// <summary>The INVITE is here and being judged.</summary>
    Arrived,
    /// <summary>A server was asked whom the called number was ported to.</summary>
    LookingUp,
    /// <summary>The ledger was asked for the first slice of money.</summary>
    Authorising,
    /// <summary>An attempt is under way.</summary>
    Dialling,
    /// <summary>Both ends talk.</summary>
    Answered,
    /// <summary>The call is over; the ledger was handed the CDR.</summary>
    Settling,
    /// <summary>The CDR is in the journal; only farewells are still under way.</summary>
    Farewell,
    /// <summary>The slot is free.</summary>
    Gone,
}

/// <summary>What can happen to a call.</summary>
public enum CallInput : byte
{
    Admitted,
    /// <summary>It may go on, once it is known whom its number was ported to.</summary>
    NumberUnknown,
    Refused,
    MoneyReserved,
    MoneyRefused,
    CallerCancelled,
    CalleeAnswered,
    /// <summary>The attempt failed and the switch rules permit another.</summary>
    AttemptFailed,
    /// <summary>The attempt failed and was the last.</summary>
    LastAttemptFailed,
    CallerHungUp,
    CalleeHungUp,
    /// <summary>Money, longest duration, an operator or a missing ACK ended the call.</summary>
    ServerHangsUp,
    Settled,
    /// <summary>No farewell is outstanding any more.</summary>
    FarewellsDone,
}

/// <summary>What a step asks for; done in the order of the bits.</summary>
[Flags]
public enum CallEffects : ushort
{
    None = 0,
    AskForMoney = 1 << 0,
    Dial = 1 << 1,
    Answer = 1 << 2,
    CancelCallee = 1 << 3,
    ByeCallee = 1 << 4,
    ByeCaller = 1 << 5,
    Settle = 1 << 6,
    /// <summary>The final answer to the caller's INVITE or BYE, and the end of everything the call holds.</summary>
    TellCaller = 1 << 7,
    Free = 1 << 8,
    AskNumber = 1 << 9,
}

/// <summary>The life of a call as one table. It decides; it does not act.</summary>
public static class CallMachine
{
    public readonly record struct Step(CallState Next, CallEffects Effects);

    public static Step On(CallState state, CallInput input) => (state, input) switch
    {
        (CallState.Arrived, CallInput.Admitted) => new(CallState.Authorising, CallEffects.AskForMoney),
        (CallState.Arrived, CallInput.NumberUnknown) => new(CallState.LookingUp, CallEffects.AskNumber),
        (CallState.Arrived, CallInput.Refused) => new(CallState.Settling, CallEffects.Settle),

        (CallState.LookingUp, CallInput.Admitted) => new(CallState.Authorising, CallEffects.AskForMoney),
        (CallState.LookingUp, CallInput.Refused) => new(CallState.Settling, CallEffects.Settle),
        (CallState.LookingUp, CallInput.CallerCancelled) => new(CallState.Settling, CallEffects.Settle),
        (CallState.LookingUp, CallInput.CallerHungUp) => new(CallState.Settling, CallEffects.Settle),
        (CallState.LookingUp, CallInput.ServerHangsUp) => new(CallState.Settling, CallEffects.Settle),

        (CallState.Authorising, CallInput.MoneyReserved) => new(CallState.Dialling, CallEffects.Dial),
        (CallState.Authorising, CallInput.MoneyRefused) => new(CallState.Settling, CallEffects.Settle),
        (CallState.Authorising, CallInput.CallerCancelled) => new(CallState.Settling, CallEffects.Settle),
        (CallState.Authorising, CallInput.CallerHungUp) => new(CallState.Settling, CallEffects.Settle),
        (CallState.Authorising, CallInput.ServerHangsUp) => new(CallState.Settling, CallEffects.Settle),

        (CallState.Dialling, CallInput.AttemptFailed) => new(CallState.Dialling, CallEffects.Dial),
        (CallState.Dialling, CallInput.LastAttemptFailed) => new(CallState.Settling, CallEffects.Settle),
        (CallState.Dialling, CallInput.CalleeAnswered) => new(CallState.Answered, CallEffects.Answer),
        (CallState.Dialling, CallInput.CallerCancelled) => new(CallState.Settling, CallEffects.CancelCallee | CallEffects.Settle),
        // A BYE on the early dialog (RFC 3261 §15: a caller may) ends the attempt as a CANCEL does.
        (CallState.Dialling, CallInput.CallerHungUp) => new(CallState.Settling, CallEffects.CancelCallee | CallEffects.Settle),
        (CallState.Dialling, CallInput.ServerHangsUp) => new(CallState.Settling, CallEffects.CancelCallee | CallEffects.Settle),

        (CallState.Answered, CallInput.CallerHungUp) => new(CallState.Settling, CallEffects.ByeCallee | CallEffects.Settle),
        (CallState.Answered, CallInput.CalleeHungUp) => new(CallState.Settling, CallEffects.ByeCaller | CallEffects.Settle),
        (CallState.Answered, CallInput.ServerHangsUp) => new(CallState.Settling, CallEffects.ByeCallee | CallEffects.ByeCaller | CallEffects.Settle),

        (CallState.Settling, CallInput.Settled) => new(CallState.Farewell, CallEffects.TellCaller),
        (CallState.Farewell, CallInput.FarewellsDone) => new(CallState.Gone, CallEffects.Free),

        _ => new(state, CallEffects.None), // crossings: the late CANCEL, the second BYE, the money that came after the end
    };
}
