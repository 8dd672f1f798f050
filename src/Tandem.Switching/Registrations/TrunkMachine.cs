namespace Tandem.Switching.Registrations;

/// <summary>Where our registration at a carrier stands.</summary>
public enum TrunkState : byte
{
    /// <summary>Not begun: the carrier's name has no address yet, or the switch has just started.</summary>
    Idle,
    Registering,
    Registered,

    /// <summary>Registered still, and saying so again.</summary>
    Refreshing,

    /// <summary>It failed; tried again after a pause.</summary>
    Waiting,

    /// <summary>Unregistering.</summary>
    Leaving,

    /// <summary>Nothing more is sent.</summary>
    Left,
}

public enum TrunkInput : byte
{
    /// <summary>There is somewhere to send to, or the pause is over, or the refresh is due.</summary>
    Due,

    /// <summary>401 or 407 that can be answered, 423, or a newer CSeq is wanted: the same request once more, at the same hop.</summary>
    AskedForMore,

    /// <summary>No answer, 503 or no way there, and the carrier has another hop (RFC 3263 §4.3).</summary>
    HopFailed,

    /// <summary>2xx.</summary>
    Granted,

    /// <summary>Any other answer, or no hop is left.</summary>
    Failed,

    /// <summary>The gateway was removed, locked or changed, or the switch stops: say goodbye.</summary>
    Stop,

    /// <summary>The same, without a word.</summary>
    StopSilently,
}

[Flags]
public enum TrunkEffects : byte
{
    Nothing = 0,

    /// <summary>A new request, at the first hop of a new order.</summary>
    SendFirst = 1,
    SendAgain = 2,
    SendToNextHop = 4,
    NoteGranted = 8,
    NoteFailure = 16,
    SendFarewell = 32,

    /// <summary>What is held for it goes back.</summary>
    Release = 64,
}

/// <summary>
/// The life of a registration at a carrier (RFC 3261 §10.2) as one table. A registration that could not be refreshed is good until its
/// time is over: whether calls may go is asked of its expiry, not of this state.
/// </summary>
public static class TrunkMachine
{
    public readonly record struct Step(TrunkState Next, TrunkEffects Effects);

    public static Step On(TrunkState state, TrunkInput input) => (state, input) switch
    {
        (TrunkState.Idle or TrunkState.Waiting, TrunkInput.Due) => new(TrunkState.Registering, TrunkEffects.SendFirst),
        (TrunkState.Registered, TrunkInput.Due) => new(TrunkState.Refreshing, TrunkEffects.SendFirst),

        (TrunkState.Registering or TrunkState.Refreshing, TrunkInput.AskedForMore) => new(state, TrunkEffects.SendAgain),
        (TrunkState.Registering or TrunkState.Refreshing, TrunkInput.HopFailed) => new(state, TrunkEffects.SendToNextHop),
        (TrunkState.Registering or TrunkState.Refreshing, TrunkInput.Granted) => new(TrunkState.Registered, TrunkEffects.NoteGranted),
        (TrunkState.Idle or TrunkState.Registering or TrunkState.Refreshing, TrunkInput.Failed) => new(TrunkState.Waiting, TrunkEffects.NoteFailure),
        (TrunkState.Waiting, TrunkInput.Failed) => new(TrunkState.Waiting, TrunkEffects.NoteFailure),

        // A REGISTER under way may have been granted already, one that failed may have been the refresh of one that holds: the farewell has the
        // higher CSeq and is the last word.
        (TrunkState.Registering or TrunkState.Registered or TrunkState.Refreshing or TrunkState.Waiting, TrunkInput.Stop) => new(TrunkState.Leaving, TrunkEffects.SendFarewell),
        (TrunkState.Idle, TrunkInput.Stop) => new(TrunkState.Left, TrunkEffects.Release),
        (TrunkState.Leaving, TrunkInput.AskedForMore) => new(TrunkState.Leaving, TrunkEffects.SendAgain),
        (TrunkState.Leaving, TrunkInput.Granted or TrunkInput.Failed or TrunkInput.HopFailed) => new(TrunkState.Left, TrunkEffects.Release),

        (not TrunkState.Left, TrunkInput.StopSilently) => new(TrunkState.Left, TrunkEffects.Release),
        _ => new(state, TrunkEffects.Nothing), // answers that come too late
    };
}
