using Tandem.Primitives;
using Tandem.Switching.Admission;
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
        Settings.BillingSettings billing = facts.Tables.Settings.Billing;
        if (!billing.FreeNumbers.IsEmpty && billing.FreeNumbers.Contains(plan.Callee)) return Refusal.None;
        if (plan.TargetPhone is { NoBillingToPhone: true }) return Refusal.None;
        DialString number = plan.RatedBy;
        if (facts.Kind is ArrivalKind.Transfer or ArrivalKind.Forward && !TryPrefix(billing.ForwardPrefix, plan.RatedBy, out number)) return Refusal.InvalidNumber;
        Account payer = plan.Payer!;
        RateLookup found = payer.FindRate(number, log.Start, out Rate rate, out string period);
        if (found == RateLookup.None) return plan.TargetPhone is not null && facts.Phone is not null ? Refusal.None : Refusal.NoRate;
        if (found == RateLookup.Locked) return Refusal.RateLocked;
        if (rate.Tariff.Currency != payer.Currency) return Refusal.CurrencyMismatch;
        log.Rated(now, rate, payer.DeckName, period);
        Phone? phone = plan.PayingPhone ?? (facts.Phone is { } caller && caller.Account == payer ? caller : null);
        plan.Sale = Charge(payer, rate, period, phone is { CountsMonth: true } ? phone.NumberText : "");
        plan.MonthlyLimitNanos = phone?.MonthlyLimitNanos ?? 0;
        return payer.Agent is null ? Refusal.None : FindAgentRates(payer.Agent, number, log, now, plan);
    }

    /// <summary>The payer's rate for a number, and the agents'.</summary>
    internal static Refusal Rate(Account payer, Phone? phone, in DialString number, Instant at, out CallCharge? sale, out IReadOnlyList<CallCharge> further)
    {
        (sale, further) = (null, []);
        RateLookup found = payer.FindRate(number, at, out Rate rate, out string period);
        if (found != RateLookup.Found) return found == RateLookup.Locked ? Refusal.RateLocked : Refusal.NoRate;
        if (rate.Tariff.Currency != payer.Currency) return Refusal.CurrencyMismatch;
        sale = Charge(payer, rate, period, phone is { CountsMonth: true } ? phone.NumberText : "");
        List<CallCharge>? agents = null;
        for (Account? agent = payer.Agent; agent is not null; agent = agent.Agent)
        {
            if (agent.Rates is null) continue;
            found = agent.FindRate(number, at, out Rate own, out period);
            if (found != RateLookup.Found) return found == RateLookup.Locked ? Refusal.RateLocked : Refusal.NoRate;
            if (own.Tariff.Currency != agent.Currency) return Refusal.CurrencyMismatch;
            (agents ??= []).Add(Charge(agent, own, period, ""));
        }
        further = agents ?? further;
        return Refusal.None;
    }

    // Each agent above the payer that has a deck pays by it. One without a deck is passed over; one whose deck has no rate cannot sell this number.
    private static Refusal FindAgentRates(Account? agent, in DialString number, DecisionLog log, Instant now, ArrivalPlan plan)
    {
        List<CallCharge> further = [];
        for (; agent is not null; agent = agent.Agent)
        {
            if (agent.Locked) return Refusal.AccountLocked;
            if (agent.Rates is null) continue;
            RateLookup found = agent.FindRate(number, log.Start, out Rate rate, out string period);
            if (found != RateLookup.Found) return found == RateLookup.Locked ? Refusal.RateLocked : Refusal.NoRate;
            if (rate.Tariff.Currency != agent.Currency || agent.Currency != plan.Payer!.Currency) return Refusal.CurrencyMismatch;
            log.Rated(now, rate, agent.DeckName, period);
            further.Add(Charge(agent, rate, period, ""));
        }
        plan.Further = further;
        return Refusal.None;
    }

    /// <summary>What the carrier will charge us, by its clearing account's deck; null, without an account or a rate: the cost is not known.</summary>
    /// <param name="gateway">The carrier's.</param>
    /// <param name="callee">The number as it is billed.</param>
    /// <param name="arrived">When the call came: its prices are those of that moment, whichever gateway it goes to later.</param>
    public static CallCharge? CostOf(RoutingGateway gateway, in DialString callee, Instant arrived) =>
        gateway.ClearingAccount is { } clearing
        && TryPrefix(gateway.RatePrefix, callee, out DialString number)
        && clearing.FindRate(number, arrived, out Rate rate, out string period) == RateLookup.Found
        && rate.Tariff.Currency == clearing.Currency
            ? Charge(clearing, rate, period, "")
            : null;

    // False when the number becomes too long to be one.
    private static bool TryPrefix(string prefix, in DialString number, out DialString prefixed)
    {
        prefixed = number;
        if (prefix.Length == 0) return true;
        Span<byte> room = stackalloc byte[64];
        int length = System.Text.Encoding.ASCII.GetBytes(prefix, room);
        number.Bytes.CopyTo(room[length..]);
        return DialString.TryParse(room[..(length + number.Length)], out prefixed);
    }

    private static CallCharge Charge(Account account, in Rate rate, string period, string phone) => new()
    {
        Account = account.Id,
        AccountNumber = account.Number,
        Deck = account.DeckName,
        DeckVersion = account.DeckVersion,
        RatePrefix = rate.Prefix.ToString(),
        Area = rate.Area,
        Tariff = rate.Tariff,
        Level = rate.Details?.Level ?? 0,
        Period = period,
        Phone = phone,
    };
}
