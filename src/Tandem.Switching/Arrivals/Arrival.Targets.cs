using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

// Targets: a number that is a phone of ours goes to that phone, everything else to the routing gateways.
public static partial class Arrival
{
    private static Refusal FindTargets(in ArrivalFacts facts, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        if (facts.Tables.TryFindPhone(plan.Callee, out Phone? phone))
        {
            if (phone.Lock is PhoneLock.Incoming or PhoneLock.Both) return Refusal.CalleeLocked;
            plan.TargetPhone = phone;
            return Refusal.None;
        }
        return FindGateways(facts, log, now, plan);
    }

    private static Refusal FindGateways(in ArrivalFacts facts, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        GroupSet groups = facts.Gateway?.Groups ?? GroupSet.Empty;
        bool allow = facts.Gateway?.GroupsAllow ?? false;
        plan.Judge.Begin(facts.Tables, facts.World, plan.Caller, plan.Callee, now);
        facts.Tables.Routes.Select(plan.RoutedBy, groups, allow, plan.Candidates, now, plan.Judge);
        Refusal ofNumbers = Refusal.None; // of the first gateway that its number limits ruled out
        bool anyBusy = false, anyAway = false, anyUnresolved = false, anyDown = false;
        foreach (ref readonly Candidate candidate in plan.Candidates.All)
        {
            LogCandidate(log, candidate.Gateway, candidate.Verdict, candidate.PrefixLength, now);
            anyUnresolved |= candidate.Verdict == RouteVerdict.NameUnresolved;
            if (ofNumbers == Refusal.None) ofNumbers = NumberLimits.RefusalOf(candidate.Verdict);
            anyDown |= candidate.Verdict == RouteVerdict.NotRegistered;
            anyBusy |= candidate.Verdict is RouteVerdict.LinesFull or RouteVerdict.PublishedFull;
            if (candidate.Verdict is not (RouteVerdict.Resting or RouteVerdict.Down)) continue;
            anyAway = true;
            plan.RetryAfter = SoonerRest(plan.RetryAfter, candidate.Gateway, now);
        }
        return plan.Candidates.EligibleCount > 0 ? Refusal.None
            : anyBusy ? Refusal.GatewayBusy
            : anyAway ? Refusal.GatewayAway
            : anyUnresolved ? Refusal.NameUnresolved
            : anyDown ? Refusal.TrunkDown
            : ofNumbers != Refusal.None ? ofNumbers
            : Refusal.NoRoute;
    }

    internal static void LogCandidate(DecisionLog log, RoutingGateway gateway, RouteVerdict verdict, int prefixLength, Instant now)
    {
        if (verdict == RouteVerdict.Down) log.Candidate(now, gateway.Name, (byte)verdict, prefixLength, now - gateway.State.ProbeSince);
        else if (verdict == RouteVerdict.Resting) log.Candidate(now, gateway.Name, (byte)verdict, prefixLength, gateway.State.RestsUntil - now);
        else log.Candidate(now, gateway.Name, (byte)verdict, prefixLength);
        if (verdict == RouteVerdict.PublishedFull) log.Published(now, gateway.Name, gateway.State.CurrentCalls, gateway.PublishedAt(now), gateway.Capacity);
        else if (verdict == RouteVerdict.NameUnresolved) log.Unresolved(now, gateway.Name, gateway.Unresolved);
        else if (verdict == RouteVerdict.NotRegistered && gateway.State.Trunk is { LastError.Length: > 0 } trunk) log.Unresolved(now, gateway.Name, trunk.LastError);
    }

    /// <summary>Seconds until the first of several is there again; 0: none rests.</summary>
    internal static int SoonerRest(int known, RoutingGateway gateway, Instant now)
    {
        int left = (int)Math.Ceiling((gateway.State.RestsUntil - now).TotalSeconds);
        return left > 0 && (known == 0 || left < known) ? left : known;
    }
}
