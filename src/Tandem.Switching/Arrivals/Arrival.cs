using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

/// <summary>
/// What is done with a call, from who calls to whose money: facts in, plan out, each step in the decision log. Nothing is taken, held or reserved
/// here: the shard does that with what the plan says, and a question ('tandem route') does nothing. This is the order of the steps;
/// Admitting, Numbers, Targets, Paying and Rating are the steps.
/// </summary>
public static partial class Arrival
{
    /// <param name="facts">The call.</param>
    /// <param name="entropy">Picks among several targets of a dial plan's rule.</param>
    /// <param name="log">Begun; the steps are written here.</param>
    /// <param name="now">Which lines are in use, which rests over, which periods open.</param>
    /// <param name="plan">The outcome; cleared first.</param>
    public static void Decide(in ArrivalFacts facts, EntropySource entropy, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        plan.Begin(facts);
        plan.Refusal = Steps(facts, entropy, log, now, plan);
    }

    private static Refusal Steps(in ArrivalFacts facts, EntropySource entropy, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        Refusal refusal = Admit(facts, log, now, plan);
        if (refusal != Refusal.None) return refusal;
        refusal = RewriteIn(facts, entropy, log, now, plan);
        if (refusal != Refusal.None) return refusal;
        refusal = RecogniseBound(facts, entropy, log, now, plan);
        if (refusal != Refusal.None) return refusal;
        plan.RoutedBy = plan.RatedBy = plan.Callee;
        refusal = FindPorted(facts, log, now, plan);
        return refusal != Refusal.None || !plan.Asks.IsEmpty ? refusal : Rest(facts, log, now, plan);
    }

    /// <summary>Goes on with a call that waited for a server's word on whom its number was ported to.</summary>
    /// <param name="facts">As they were.</param>
    /// <param name="numbers">What was decided of them.</param>
    /// <param name="payer">Who pays.</param>
    /// <param name="answer">What the server said.</param>
    /// <param name="log">Goes on.</param>
    /// <param name="now">The turn.</param>
    /// <param name="plan">The outcome; cleared first.</param>
    public static void Resume(in ArrivalFacts facts, (DialString Caller, DialString Callee) numbers, Account payer, in LrnAnswer answer, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        plan.Begin(facts);
        (plan.Caller, plan.Callee) = numbers;
        plan.Payer = payer;
        plan.RoutedBy = plan.RatedBy = plan.Callee;
        Refusal refusal = TakeAnswer(facts, answer, log, now, plan);
        plan.Refusal = refusal != Refusal.None ? refusal : Rest(facts, log, now, plan);
    }

    private static Refusal Rest(in ArrivalFacts facts, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        Refusal refusal = FindTargets(facts, log, now, plan);
        if (refusal == Refusal.None) refusal = FindPayer(facts, log, now, plan);
        return refusal != Refusal.None ? refusal : FindRate(facts, log, now, plan);
    }
}
