namespace Tandem.Switching.Probing;

/// <summary>Whether and how a gateway is asked by OPTIONS.</summary>
/// <param name="IntervalSeconds">Between two probes; 0: it is not asked.</param>
/// <param name="FailuresToDown">So many in a row take it down.</param>
/// <param name="SuccessesToUp">So many in a row bring it up again.</param>
public readonly record struct ProbePlan(int IntervalSeconds, int FailuresToDown, int SuccessesToUp)
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>A suspect is asked again soon, so that a quarter of an hour's outage is not found out half an hour late.</summary>
    public TimeSpan After(ProbeState state) =>
        TimeSpan.FromSeconds(state == ProbeState.Suspect ? Math.Clamp(IntervalSeconds / 4, 1, IntervalSeconds) : IntervalSeconds);
}
