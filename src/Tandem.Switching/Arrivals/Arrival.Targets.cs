using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Calls;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Quality;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Switching.Arrivals;

// Targets: a number that is a phone of ours goes to that phone, everything else to the routing gateways.
public static partial class Arrival
{
    private static Refusal FindTargets(in ArrivalFacts facts, DecisionLog log, Instant now, ArrivalPlan plan) =>
        facts.Tables.TryFindCalled(plan.Callee, out Phone? phone) ? FindPhone(facts, phone, log, now, plan) : FindGateways(facts, log, now, plan);

    private static Refusal FindGateways(in ArrivalFacts facts, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        GroupSet groups = facts.Gateway?.Groups ?? GroupSet.Empty;
        bool allow = facts.Gateway?.GroupsAllow ?? false;
        plan.Judge.Begin(facts.Tables, facts.World, plan.Caller, plan.Callee, now);
        RoutePolicy policy = facts.Policy;
        plan.Destination = DestinationOf(plan);
        plan.SelectedBy = Proportioned(policy, facts.Draw, log, now, plan);
        facts.Tables.Routes.Select(new RouteQuery
        {
            Number = plan.SelectedBy,
            Callee = plan.RoutedBy,
            Caller = plan.Caller,
            Groups = groups,
            GroupsAllow = allow,
            Now = now,
            Calendar = facts.Tables.Calendar,
            Policy = policy,
            Settings = facts.Tables.Settings.Routing,
            Judge = plan.Judge,
            SalePerMinute = policy.Margin.LeastProfitPercent is not null || facts.Tables.Routes.AsksProfit ? SalePerMinute(plan, log.Start) : -1,
            Currency = plan.Payer!.Currency,
            Money = facts.Money,
            Destination = plan.Destination,
            Draw = facts.Draw,
            Live = facts.Live,
        }, plan.Candidates);
        Refusal ofNumbers = Refusal.None; // of the first gateway that its number limits ruled out
        Refusal ofSelection = Refusal.None; // likewise, by what it costs or when it is used
        bool anyBusy = false, anyAway = false, anyUnresolved = false, anyDown = false;
        foreach (ref readonly Candidate candidate in plan.Candidates.All)
        {
            LogCandidate(log, candidate.Gateway, candidate.Verdict, candidate.PrefixLength, now);
            if (candidate.CostPerMinute >= 0 || candidate.AnswerRate >= 0 || candidate.Behind) log.CandidateRank(now, candidate.Gateway.Name, candidate.CostPerMinute, candidate.AnswerRate, candidate.Samples, candidate.Behind);
            ofSelection = ofSelection == Refusal.None ? RefusalOf(candidate.Verdict) : ofSelection;
            anyUnresolved |= candidate.Verdict == RouteVerdict.NameUnresolved;
            if (ofNumbers == Refusal.None) ofNumbers = NumberLimits.RefusalOf(candidate.Verdict);
            anyDown |= candidate.Verdict == RouteVerdict.NotRegistered;
            anyBusy |= candidate.Verdict is RouteVerdict.LinesFull or RouteVerdict.PublishedFull or RouteVerdict.GroupFull or RouteVerdict.GroupReserved or RouteVerdict.PaceReached;
            if (candidate.Verdict is not (RouteVerdict.Resting or RouteVerdict.Down)) continue;
            anyAway = true;
            plan.RetryAfter = SoonerRest(plan.RetryAfter, candidate.Gateway, now);
        }
        return plan.Candidates.EligibleCount > 0 ? Refusal.None
            : anyBusy ? Refusal.GatewayBusy
            : anyAway ? Refusal.GatewayAway
            : anyUnresolved ? Refusal.NameUnresolved
            : anyDown ? Refusal.TrunkDown
            : ofSelection != Refusal.None ? ofSelection
            : ofNumbers != Refusal.None ? ofNumbers
            : Refusal.NoRoute;
    }

    private static Refusal RefusalOf(RouteVerdict verdict) => verdict switch
    {
        RouteVerdict.ProfitTooLow or RouteVerdict.CostTooHigh or RouteVerdict.CostUnknown or RouteVerdict.NoCostRate => Refusal.RouteTooDear,
        RouteVerdict.ClearingMoney => Refusal.ClearingMoneyTooLow,
        _ => Refusal.None,
    };

    // Quality is kept by area where there is a table of areas, else by the first digits.
    private static string DestinationOf(ArrivalPlan plan) => plan.CalleeArea.Code.Length > 0 ? plan.CalleeArea.Code : FirstDigits.Of(plan.RoutedBy);

    private static long SalePerMinute(ArrivalPlan plan, Instant now) =>
        plan.Payer!.FindRate(plan.RatedBy, now, out Billing.Rate rate, out _) == Billing.RateLookup.Found && rate.Tariff.Currency == plan.Payer.Currency
            ? rate.Tariff.Terms?.Exchange?.Convert(rate.Tariff.RatePerMinuteNanos) ?? rate.Tariff.RatePerMinuteNanos
            : -1;

    private static DialString Proportioned(RoutePolicy policy, uint draw, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        if (policy.Proportions.IsEmpty || !policy.Proportions.TryDraw(draw, out int percent, out DialString prefix) || !Join(prefix.Bytes, plan.RoutedBy, out DialString number)) return plan.RoutedBy;
        log.Proportion(now, prefix, percent);
        return number;
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
