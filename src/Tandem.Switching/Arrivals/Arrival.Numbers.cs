using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

// Numbers: where the call comes from, whether its numbers are permitted, the caller's dial plans, and whom the called number was ported to (docs/numbers.md).
public static partial class Arrival
{
    private static Refusal RewriteIn(in ArrivalFacts facts, EntropySource entropy, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        NumberLimits limits = facts.Limits;
        if (!limits.IsAnything && facts.Kind is ArrivalKind.Call or ArrivalKind.Callback)
        {
            if (!ComesFromPermittedArea(facts, limits, log, now)) return Refusal.OutsideArea;
            Refusal refusal = limits.JudgeForm(plan.Caller, plan.Callee, out DialString which);
            if (refusal != Refusal.None) return Told(refusal, which, "", log, now);
        }
        bool callerFits = true, calleeFits = true;
        if (facts.Gateway is { } gateway)
        {
            if (facts.Kind == ArrivalKind.Call) plan.Caller = Rewrite(gateway.CallerRules, plan.Caller, gateway.Name, entropy, log, now, out callerFits);
            plan.Callee = Rewrite(gateway.CalleeRules, plan.Callee, gateway.Name, entropy, log, now, out calleeFits);
            if (limits.Transforms && facts.Kind == ArrivalKind.Call && facts.Tables.Numbers.Transforms.TryCaller(plan.Caller, out DialString platform))
            {
                log.Transformed(now, gateway.Name, plan.Caller, platform);
                plan.Caller = platform;
            }
        }
        else if (facts.Kind is ArrivalKind.Call or ArrivalKind.Callback)
        {
            plan.Callee = Rewrite(facts.Phone!.CalleeRulesOut, plan.Callee, facts.Phone.NumberText, entropy, log, now, out calleeFits);
        }
        return !callerFits || !calleeFits || plan.Callee.IsEmpty ? Refusal.InvalidNumber : JudgeNumbers(facts, limits, log, now, plan);
    }

    private static bool ComesFromPermittedArea(in ArrivalFacts facts, NumberLimits limits, DecisionLog log, Instant now)
    {
        if (limits.Areas is null || facts.Source.IsNone) return true;
        Geofence fence = facts.Tables.Numbers.Geofence;
        int area = fence.Find(facts.Source);
        if (Geofence.Permits(limits, area)) return true;
        log.CameFrom(now, facts.Source, area == Geofence.Nowhere ? "" : fence.Areas[area]);
        return false;
    }

    // Of a phone that is called its limits count too: who may call it.
    private static Refusal JudgeNumbers(in ArrivalFacts facts, NumberLimits limits, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        NumberTables numbers = facts.Tables.Numbers;
        bool toPhone = facts.Tables.TryFindCalled(plan.Callee, out Admission.Phone? phone);
        if (!numbers.Areas.IsEmpty)
        {
            (plan.CallerArea, plan.CalleeArea) = (numbers.Areas.Find(plan.Caller), numbers.Areas.Find(plan.Callee));
            if (plan.CallerArea.Code.Length > 0 || plan.CalleeArea.Code.Length > 0) log.Areas(now, plan.CallerArea.Code, plan.CalleeArea.Code);
        }
        CallLevel needed = toPhone ? CallLevel.Net : plan.CalleeArea.Level;
        if (limits.Level < needed)
        {
            log.Level(now, (int)limits.Level, (int)needed);
            return Refusal.CallLevel;
        }
        bool any = !limits.IsAnything || numbers.SystemLists.Length > 0 || facts.DynamicList is not null;
        if (any)
        {
            Refusal refusal = NumberJudge.Judge(facts.Tables, facts.World, limits, facts.DynamicList, ofDeviceOnly: false, plan.Caller, plan.Callee, toPhone, now, out NumberJudge.Findings found);
            if (refusal != Refusal.None) return Told(refusal, found.Number, found.By, log, now);
            (plan.CountedIn, plan.CallerIsWhite, plan.CalleeIsWhite) = (facts.Kind == ArrivalKind.Call ? facts.DynamicList : null, found.CallerIsWhite, found.CalleeIsWhite);
        }
        if (!toPhone || phone!.Numbers.IsAnything) return Refusal.None;
        NumberRule callers = phone.Numbers.Caller;
        if (!callers.PermitsGroups(plan.Caller, out string group)) return Told(Refusal.CallerGroup, plan.Caller, group, log, now);
        return numbers.Decide(callers, plan.Caller, ListedEnd.Caller) is { IsWhite: false } list ? Told(Refusal.CallerBlackListed, plan.Caller, list.Name, log, now) : Refusal.None;
    }

    private static Refusal Told(Refusal refusal, in DialString which, string by, DecisionLog log, Instant now)
    {
        log.NumberRefused(now, which, by, refusal);
        return refusal;
    }

    /// <summary>
    /// Whom the called number was ported to: known at once from the local table or a server's earlier answer, else the plan says who is to be asked
    /// (<see cref="ArrivalPlan.Asks"/>), and the shard goes on with <see cref="Resume"/>.
    /// </summary>
    private static Refusal FindPorted(in ArrivalFacts facts, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        if (facts.Lrn is not { } lrn || facts.Kind != ArrivalKind.Call || facts.Tables.TryFindCalled(plan.Callee, out _)) return Refusal.None;
        if (!DialString.TryParse(plan.Callee.Bytes[Math.Min(lrn.EatPrefixLength, plan.Callee.Length)..], out DialString asked) || asked.IsEmpty) return Missed(lrn, "nothing is left of the number", log, now);
        bool server = facts.Tables.Settings.Lrn.ServerIp.Length > 0;
        if (facts.World.Ported.TryKnow(asked, server, now, out DialString routing, out LrnSource source)) return TakePorted(facts, lrn, asked, routing, source, log, now, plan);
        if (!server) return Missed(lrn, "there is neither a local table nor a server to ask", log, now);
        plan.Asks = asked;
        return Refusal.None;
    }

    /// <summary>A server's answer, or that there is none.</summary>
    private static Refusal TakeAnswer(in ArrivalFacts facts, in LrnAnswer answer, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        LrnPlan lrn = facts.Lrn!;
        return answer.Known ? TakePorted(facts, lrn, answer.Number, answer.Routing, LrnSource.Server, log, now, plan) : Missed(lrn, answer.Trouble, log, now);
    }

    private static Refusal TakePorted(in ArrivalFacts facts, LrnPlan lrn, in DialString asked, in DialString routing, LrnSource source, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        log.Ported(now, asked, routing, source);
        DialString where = routing.IsEmpty ? asked : routing;
        if (!Join(plan.Callee.Bytes[..(plan.Callee.Length - asked.Length)], where, out DialString routed)) return Missed(lrn, "its routing number is too long", log, now);
        plan.RoutedBy = plan.RatedBy = routed;
        if (lrn.InterstatePrefix.IsEmpty && lrn.UndeterminedPrefix.IsEmpty) return Refusal.None;
        AreaTable areas = facts.Tables.Numbers.Areas;
        Area from = areas.Find(plan.Caller), to = areas.Find(where);
        Jurisdiction jurisdiction = from.Name.Length == 0 || to.Name.Length == 0 ? Jurisdiction.Undetermined : from.Name == to.Name ? Jurisdiction.Intrastate : Jurisdiction.Interstate;
        DialString prefix = jurisdiction switch { Jurisdiction.Interstate => lrn.InterstatePrefix, Jurisdiction.Undetermined => lrn.UndeterminedPrefix, _ => DialString.Empty };
        if (!Join(prefix.Bytes, routed, out DialString rated)) return Missed(lrn, "the number it would be priced by is too long", log, now);
        plan.RatedBy = rated;
        log.PricedAs(now, rated, jurisdiction);
        return Refusal.None;
    }

    private static Refusal Missed(LrnPlan lrn, string why, DecisionLog log, Instant now)
    {
        log.LrnMissed(now, why, lrn.ContinueOnFailure);
        return lrn.ContinueOnFailure ? Refusal.None : Refusal.LrnFailed;
    }

    private static bool Join(ReadOnlySpan<byte> prefix, in DialString number, out DialString joined)
    {
        Span<byte> room = stackalloc byte[2 * DialString.MaxLength];
        prefix.CopyTo(room);
        number.Bytes.CopyTo(room[prefix.Length..]);
        return DialString.TryParse(room[..(prefix.Length + number.Length)], out joined);
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
