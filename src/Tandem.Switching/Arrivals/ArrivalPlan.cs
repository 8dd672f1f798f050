using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

/// <summary>What was decided of a call. Used again from call to call by its owner; <see cref="Begin"/> leaves nothing of the last.</summary>
public sealed class ArrivalPlan
{
    /// <summary>None: the call may go on to its money and its first attempt.</summary>
    public Refusal Refusal { get; internal set; }

    public Account? Payer { get; internal set; }

    /// <summary>The numbers after the caller's dial plans: what is billed and routed.</summary>
    public DialString Caller { get; internal set; }

    public DialString Callee { get; internal set; }

    /// <summary>The phone that is called; null: gateways are tried.</summary>
    public Phone? TargetPhone { get; internal set; }

    /// <summary>The gateways considered; none for a call to a phone.</summary>
    public CandidateList Candidates { get; } = new();

    /// <summary>What the payer is charged by; null: nobody pays.</summary>
    public CallCharge? Sale { get; internal set; }

    /// <summary>Seconds the caller is asked to wait before trying again; 0: nothing is said.</summary>
    public int RetryAfter { get; internal set; }

    internal void Begin(in ArrivalFacts facts)
    {
        Refusal = Refusal.None;
        Payer = null;
        Caller = facts.Caller;
        Callee = facts.Callee;
        TargetPhone = null;
        Sale = null;
        RetryAfter = 0;
        Candidates.Clear();
    }
}
