namespace Tandem.Switching.Probing;

/// <summary>What OPTIONS tell of a gateway. Names stand in the API.</summary>
public enum ProbeState : byte
{
    /// <summary>It is not asked, or has not answered yet.</summary>
    Unknown,
    Up,
    /// <summary>It did not answer the last time, but not often enough to count as down: calls go on being sent.</summary>
    Suspect,
    /// <summary>No call is sent.</summary>
    Down,
}

/// <summary>The state of a probed gateway as one table.</summary>
public static class ProbeMachine
{
    /// <param name="state">As it is.</param>
    /// <param name="alive">Whether the last probe found it alive.</param>
    /// <param name="inARow">How many probes in a row, this one included, said the same.</param>
    /// <param name="failuresToDown">So many failures in a row take it down.</param>
    /// <param name="successesToUp">So many successes in a row bring it up again.</param>
    public static ProbeState On(ProbeState state, bool alive, int inARow, int failuresToDown, int successesToUp) => (state, alive) switch
    {
        (ProbeState.Down, true) => inARow >= successesToUp ? ProbeState.Up : ProbeState.Down,
        (ProbeState.Down, false) => ProbeState.Down,
        (_, true) => ProbeState.Up,
        (_, false) => inARow >= failuresToDown ? ProbeState.Down : ProbeState.Suspect,
    };

    /// <summary>Any answer shows a life but 408, which a proxy gives for a silent one, and 503: it says itself that it takes no calls.</summary>
    public static bool IsAlive(int status) => status is not (408 or 503);
}
