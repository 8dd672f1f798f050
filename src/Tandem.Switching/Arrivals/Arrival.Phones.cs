using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Registrations;

namespace Tandem.Switching.Arrivals;

// Phones: a number that is a phone of ours, or a number bound to one, goes to that phone, to where it forwards its calls, or, when it is away, to gateways (docs/forwards.md).
public static partial class Arrival
{
    private static Refusal FindPhone(in ArrivalFacts facts, Phone phone, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        if (phone.Number != plan.Callee) log.BoundTo(now, plan.Callee, phone.NumberText);
        if (phone.Lock is PhoneLock.Incoming or PhoneLock.Both) return Refusal.CalleeLocked;
        plan.TargetPhone = phone;
        if (IsReserved(facts, phone, now, plan, out DialString callee)) return Forward(phone, ForwardCause.Reserved, new ForwardPlan(new ForwardTargets(ForwardMethod.InOrder, 0, [callee.ToString()])), log, now, plan);
        if (phone.Forwards.AtOnce(now, out ForwardCause cause) is { } atOnce) return Forward(phone, cause, atOnce, log, now, plan);
        if (phone.Forwards.DoNotDisturb)
        {
            return phone.Forwards.Busy is { } whenBusy ? Forward(phone, ForwardCause.DoNotDisturb, whenBusy, log, now, plan) : Refusal.DoNotDisturb;
        }
        if (IsAway(facts, phone, now))
        {
            if (phone.Forwards.Offline is { } whenAway) return Forward(phone, ForwardCause.Offline, whenAway, log, now, plan);
            bool toGateways = phone.Forwards.OfflineToGateways == OfflineRoute.System ? facts.Tables.Settings.Calls.RedirectOfflinePhoneToGateway : phone.Forwards.OfflineToGateways == OfflineRoute.On;
            if (!toGateways) return Refusal.None; // found out when it is dialled
            log.OfflineToGateways(now, phone.NumberText);
            plan.TargetPhone = null;
            return FindGateways(facts, log, now, plan);
        }
        return phone.Forwards.Busy is { } full && !phone.State.HasLine(phone.LineCapacity) ? Forward(phone, ForwardCause.Busy, full, log, now, plan) : Refusal.None;
    }

    // By the number as it came, or as it is shown.
    private static bool IsReserved(in ArrivalFacts facts, Phone phone, Instant now, ArrivalPlan plan, out DialString callee)
    {
        plan.ReservedFor = plan.Caller;
        if (facts.World.Reserved.TryFind(phone.Number, plan.Caller, now, out callee)) return true;
        plan.ReservedFor = facts.Caller;
        return facts.World.Reserved.TryFind(phone.Number, facts.Caller, now, out callee);
    }

    private static Refusal Forward(Phone phone, ForwardCause cause, ForwardPlan to, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        (plan.Forward, plan.ForwardCause) = (to, cause);
        log.Forwards(now, phone.NumberText, to.Targets[0], (int)cause, (int)to.Method, to.Targets.Length);
        return Refusal.None;
    }

    private static bool IsAway(in ArrivalFacts facts, Phone phone, Instant now) =>
        facts.Locations is { } locations && ((phone.Stated is null && !locations.TryFind(phone.Number, now, out _)) || (phone.LivenessCheck && phone.State.IsSilent));
}
