using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

// Rating: by which rate the payer pays.
public static partial class Arrival
{
    // A call between two phones of ours that no rate covers is free (docs/billing.md).
    private static Refusal FindRate(in ArrivalFacts facts, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        Account payer = plan.Payer!;
        Rate rate = default;
        RateLookup found = payer.Rates?.Find(plan.RatedBy, out rate) ?? RateLookup.None;
        if (found != RateLookup.Found) return plan.TargetPhone is not null && facts.Phone is not null && found == RateLookup.None ? Refusal.None : Refusal.NoRate;
        if (rate.Tariff.Currency != payer.Currency) return Refusal.CurrencyMismatch;
        log.Rated(now, rate, payer.DeckName);
        plan.Sale = Charge(payer, rate);
        return Refusal.None;
    }

    /// <summary>What the carrier will charge us, by its clearing account's deck; null, without an account or a rate: the cost is not known.</summary>
    public static CallCharge? CostOf(RoutingGateway gateway, in DialString callee) =>
        gateway.ClearingAccount is { } clearing
        && clearing.Rates?.Find(callee, out Rate rate) == RateLookup.Found
        && rate.Tariff.Currency == clearing.Currency
            ? Charge(clearing, rate)
            : null;

    private static CallCharge Charge(Account account, in Rate rate) => new()
    {
        Account = account.Id,
        AccountNumber = account.Number,
        Deck = account.DeckName,
        DeckVersion = account.DeckVersion,
        RatePrefix = rate.Prefix.ToString(),
        Area = rate.Area,
        Tariff = rate.Tariff,
    };
}
