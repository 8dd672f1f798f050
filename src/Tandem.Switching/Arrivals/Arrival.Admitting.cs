using System.Text.Unicode;
using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

// Admitting: who calls, whether he may, and whether he has a line.
public static partial class Arrival
{
    private static Refusal Admit(in ArrivalFacts facts, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        LogIdentified(facts, log, now);
        plan.Payer = facts.Gateway is { } customer ? customer.Account : facts.Phone!.Account;
        if (facts.Phone is { } phone && facts.Kind == ArrivalKind.Call) plan.Caller = phone.DisplayNumber.IsEmpty ? phone.Number : phone.DisplayNumber;
        if (facts.Gateway is { Locked: true } || facts.Phone is { Lock: PhoneLock.Outgoing or PhoneLock.Both }) return Refusal.OriginatorLocked;
        if (plan.Payer is null) return Refusal.AccountMissing;
        if (plan.Payer.Locked) return Refusal.AccountLocked;
        return facts.Kind == ArrivalKind.Transfer || HasLine(facts, log, now) ? Refusal.None : Refusal.GatewayBusy;
    }

    private static bool HasLine(in ArrivalFacts facts, DecisionLog log, Instant now)
    {
        if (facts.Gateway is not { } gateway) return facts.Phone!.State.HasLine(facts.Phone.LineCapacity);
        int published = gateway.PublishedAt(now);
        if (gateway.State.HasLine(gateway.Capacity, published)) return true;
        if (published > 0) log.Published(now, gateway.Name, gateway.State.CurrentCalls, published, gateway.Capacity);
        return false;
    }

    private static void LogIdentified(in ArrivalFacts facts, DecisionLog log, Instant now)
    {
        if (facts.Kind == ArrivalKind.Transfer)
        {
            log.Identified(now, facts.Gateway?.Name ?? facts.Phone!.NumberText, "transfer of a call"u8);
        }
        else if (facts.Phone is { } phone)
        {
            log.Identified(now, phone.NumberText, facts.Caller.IsEmpty ? "phone by digest, no number in From"u8 : "phone by digest"u8);
        }
        else if (facts.Trunk is { } trunk)
        {
            Span<byte> rule = stackalloc byte[320];
            Utf8.TryWrite(rule, $"over trunk {trunk.Name}: to the contact registered there, from its registrar", out int written);
            log.Identified(now, facts.Gateway!.Name, rule[..written]);
        }
        else
        {
            log.Identified(now, facts.Gateway!.Name, "mapping gateway by address"u8);
        }
    }
}
