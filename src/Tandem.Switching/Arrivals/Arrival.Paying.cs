using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

// Paying: whose account is charged (docs/accounts.md).
public static partial class Arrival
{
    // A calling number that is bound to a card calls without a PIN: the number's own dial plan holds, and it is shown as the card says.
    private static Refusal RecogniseBound(in ArrivalFacts facts, EntropySource entropy, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        if (facts.Kind != ArrivalKind.Call || facts.Gateway is not { AllowBoundBilling: true } gateway) return Refusal.None;
        if (gateway.AllowPhoneBilling && facts.Tables.TryFindPhone(plan.Caller, out Phone? phone) && phone.Account is not null) return Refusal.None; // the phone comes first
        if (!facts.Tables.TryFindBound(plan.Caller, out BoundNumber? bound)) return Refusal.None;
        plan.Payer = bound.Account;
        log.Identified(now, bound.Account.Number, "the calling number is bound to a card, which pays"u8);
        plan.Callee = Rewrite(bound.CalleeRules, plan.Callee, bound.Pin, entropy, log, now, out bool fits);
        if (!bound.DisplayNumber.IsEmpty) plan.Caller = bound.DisplayNumber;
        return !fits ? Refusal.InvalidNumber : bound.Account.Locked ? Refusal.AccountLocked : Refusal.None;
    }

    /// <summary>
    /// The called phone where it pays for its calls (calleeBilling); the phone or bound number that the calling number is, where the gateway permits that
    /// (allowPhoneBilling, allowBindedE164Billing); else the account of who calls.
    /// </summary>
    private static Refusal FindPayer(in ArrivalFacts facts, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        if (plan.TargetPhone is { CalleeBilling: true, Account: { } reversed } called)
        {
            plan.CalleeBilling = CalleeBilling.CalleePays;
            return PayBy(plan, log, now, reversed, BillingMode.Phone, called, "the called phone pays"u8);
        }
        if (facts.Gateway is not { } gateway || facts.Kind == ArrivalKind.Transfer) return Refusal.None;
        if (gateway.AllowPhoneBilling && facts.Tables.TryFindPhone(plan.Caller, out Phone? phone) && phone.Account is { } own)
            return PayBy(plan, log, now, own, BillingMode.Phone, phone, "the calling number is a phone, which pays"u8);
        if (plan.Payer != gateway.Account) plan.BillingMode = BillingMode.BoundNumber; // recognised before
        return Refusal.None;
    }

    private static Refusal PayBy(ArrivalPlan plan, DecisionLog log, Instant now, Account account, BillingMode mode, Phone? phone, ReadOnlySpan<byte> why)
    {
        (plan.Payer, plan.BillingMode, plan.PayingPhone) = (account, mode, phone);
        log.Identified(now, account.Number, why);
        return account.Locked ? Refusal.AccountLocked : Refusal.None;
    }
}
