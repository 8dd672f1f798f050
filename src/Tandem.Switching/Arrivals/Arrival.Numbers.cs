using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

// Numbers: the caller's dial plans, as the call comes in.
public static partial class Arrival
{
    private static Refusal RewriteIn(in ArrivalFacts facts, EntropySource entropy, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        bool callerFits = true, calleeFits = true;
        if (facts.Gateway is { } gateway)
        {
            if (facts.Kind == ArrivalKind.Call) plan.Caller = Rewrite(gateway.CallerRules, plan.Caller, gateway.Name, entropy, log, now, out callerFits);
            plan.Callee = Rewrite(gateway.CalleeRules, plan.Callee, gateway.Name, entropy, log, now, out calleeFits);
        }
        return callerFits && calleeFits && !plan.Callee.IsEmpty ? Refusal.None : Refusal.InvalidNumber;
    }

    /// <summary>One dial plan applied to one number, and told. The outcome may be empty.</summary>
    /// <param name="plan">Whose rules.</param>
    /// <param name="number">The number.</param>
    /// <param name="whose">The name in the story.</param>
    /// <param name="entropy">Picks among several targets.</param>
    /// <param name="log">The story.</param>
    /// <param name="now">The turn.</param>
    /// <param name="fits">False: the outcome is longer than a number can be, and the number stayed.</param>
    internal static DialString Rewrite(DialPlan plan, in DialString number, string whose, EntropySource entropy, DecisionLog log, Instant now, out bool fits)
    {
        fits = true;
        if (plan.IsEmpty) return number;
        DialString rewritten = plan.Rewrite(number, entropy.NextUInt32(), out int rule);
        fits = rule != DialPlan.TooLong;
        log.Rewrote(now, whose, number, rewritten, rule);
        return rewritten;
    }
}
