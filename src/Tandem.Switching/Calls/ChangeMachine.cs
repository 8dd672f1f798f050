namespace Tandem.Switching.Calls;

/// <summary>Where a change of an answered call (re-INVITE or UPDATE, docs/calls.md) is. One at a time, whichever end asked.</summary>
public enum ChangeState : byte
{
    /// <summary>No change is under way.</summary>
    Idle,
    /// <summary>Our own request is out to the other end.</summary>
    Passing,
    /// <summary>The asker's re-INVITE was answered 200 and its ACK is due.</summary>
    AwaitingAck,
    /// <summary>Our own refresh of one leg's session timer is out (RFC 4028 §7.4).</summary>
    Refreshing,
}

/// <summary>What can happen to a change.</summary>
public enum ChangeInput : byte
{
    /// <summary>The end that did not ask last, or either when nothing is under way, asks.</summary>
    Asked,
    /// <summary>The end whose change is under way asks again.</summary>
    AskedAgain,
    /// <summary>The far end accepted what was asked by re-INVITE.</summary>
    InviteAccepted,
    /// <summary>The far end accepted what was asked by UPDATE, which has no ACK.</summary>
    UpdateAccepted,
    /// <summary>A failure that leaves session and dialog as they were (RFC 3261 §14.1).</summary>
    Refused,
    /// <summary>408, 481 or silence: the far end has no such dialog any more (RFC 3261 §12.2.1.2).</summary>
    FarGone,
    AskerCancelled,
    AckCame,
    AckNeverCame,
    CallEnded,
    /// <summary>A leg's session timer wants its refresh.</summary>
    RefreshDue,
    Refreshed,
}

/// <summary>What a step of a change asks for.</summary>
[Flags]
public enum ChangeEffects : ushort
{
    None = 0,
    /// <summary>Our own request to the other end.</summary>
    Pass = 1 << 0,
    /// <summary>491 (RFC 3261 §14.2).</summary>
    RefuseGlare = 1 << 1,
    /// <summary>500 with Retry-After (RFC 3261 §14.2).</summary>
    RefuseTooSoon = 1 << 2,
    /// <summary>200 to the asker.</summary>
    Answer = 1 << 3,
    /// <summary>The 200 again until its ACK (RFC 3261 §13.3.1.4).</summary>
    Repeat = 1 << 4,
    /// <summary>The failure to the asker.</summary>
    RefuseAsker = 1 << 5,
    /// <summary>The asker's ACK holds the answer to an offer of the far end, if that offered.</summary>
    PassAnswer = 1 << 6,
    /// <summary>CANCEL what was passed; its final response is still waited for.</summary>
    CancelFar = 1 << 7,
    /// <summary>Give up what was passed: nobody waits for its answer.</summary>
    AbandonFar = 1 << 8,
    /// <summary>Give back what the change holds.</summary>
    Release = 1 << 9,
    HangUp = 1 << 10,
    /// <summary>Our refresh to the leg.</summary>
    Refresh = 1 << 11,
    /// <summary>The refresh is due again a little later.</summary>
    Postpone = 1 << 12,
}

/// <summary>The life of a change as one table. It decides; it does not act.</summary>
public static class ChangeMachine
{
    public readonly record struct Step(ChangeState Next, ChangeEffects Effects);

    public static Step On(ChangeState state, ChangeInput input) => (state, input) switch
    {
        (ChangeState.Idle, ChangeInput.Asked or ChangeInput.AskedAgain) => new(ChangeState.Passing, ChangeEffects.Pass),

        (ChangeState.Passing, ChangeInput.Asked) => new(ChangeState.Passing, ChangeEffects.RefuseGlare),
        (ChangeState.Passing, ChangeInput.AskedAgain) => new(ChangeState.Passing, ChangeEffects.RefuseTooSoon),
        (ChangeState.Passing, ChangeInput.InviteAccepted) => new(ChangeState.AwaitingAck, ChangeEffects.Answer | ChangeEffects.Repeat),
        (ChangeState.Passing, ChangeInput.UpdateAccepted) => new(ChangeState.Idle, ChangeEffects.Answer | ChangeEffects.Release),
        (ChangeState.Passing, ChangeInput.Refused) => new(ChangeState.Idle, ChangeEffects.RefuseAsker | ChangeEffects.Release),
        (ChangeState.Passing, ChangeInput.FarGone) => new(ChangeState.Idle, ChangeEffects.RefuseAsker | ChangeEffects.AbandonFar | ChangeEffects.Release | ChangeEffects.HangUp),
        (ChangeState.Passing, ChangeInput.AskerCancelled) => new(ChangeState.Passing, ChangeEffects.CancelFar),
        (ChangeState.Passing, ChangeInput.CallEnded) => new(ChangeState.Idle, ChangeEffects.RefuseAsker | ChangeEffects.AbandonFar | ChangeEffects.Release),

        // RFC 3261 §14.2: the last exchange is not over for the asker either until its ACK is here.
        (ChangeState.AwaitingAck, ChangeInput.Asked or ChangeInput.AskedAgain) => new(ChangeState.AwaitingAck, ChangeEffects.RefuseGlare),
        (ChangeState.AwaitingAck, ChangeInput.AckCame) => new(ChangeState.Idle, ChangeEffects.PassAnswer | ChangeEffects.Release),
        (ChangeState.AwaitingAck, ChangeInput.AckNeverCame) => new(ChangeState.Idle, ChangeEffects.Release | ChangeEffects.HangUp),
        (ChangeState.AwaitingAck, ChangeInput.CallEnded) => new(ChangeState.Idle, ChangeEffects.Release),

        (ChangeState.Idle, ChangeInput.RefreshDue) => new(ChangeState.Refreshing, ChangeEffects.Refresh),
        (ChangeState.Passing or ChangeState.AwaitingAck or ChangeState.Refreshing, ChangeInput.RefreshDue) => new(state, ChangeEffects.Postpone),
        // A request of ours is out in one of the dialogs: the asker tries again in a moment (RFC 3261 §14.2, RFC 3311 §5.2).
        (ChangeState.Refreshing, ChangeInput.Asked or ChangeInput.AskedAgain) => new(ChangeState.Refreshing, ChangeEffects.RefuseGlare),
        (ChangeState.Refreshing, ChangeInput.Refreshed or ChangeInput.Refused) => new(ChangeState.Idle, ChangeEffects.Release),
        (ChangeState.Refreshing, ChangeInput.FarGone) => new(ChangeState.Idle, ChangeEffects.AbandonFar | ChangeEffects.Release | ChangeEffects.HangUp),
        (ChangeState.Refreshing, ChangeInput.CallEnded) => new(ChangeState.Idle, ChangeEffects.AbandonFar | ChangeEffects.Release),

        _ => new(state, ChangeEffects.None), // crossings: the late response, the second ACK, the CANCEL after the 200
    };
}
