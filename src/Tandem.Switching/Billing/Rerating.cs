using Tandem.Primitives;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Billing;

/// <summary>What a charge would be by another version of its deck.</summary>
public enum RerateOutcome : byte
{
    Priced,

    /// <summary>The deck does not have the number now, or its line is locked.</summary>
    NoRate,

    /// <summary>The number the call was rated by cannot be told from its CDR.</summary>
    NumberUnknown,

    /// <summary>It was not charged what its own tariff gives: ended by a crash, or capped by what was reserved.</summary>
    NotByTariff,

    /// <summary>There is no rate of exchange for the day of the call.</summary>
    NoExchange,
}

/// <summary>Rates a charge of a CDR again (docs/rerating.md). Pure: of the record, the deck and the rates of exchange alone.</summary>
public static class Rerating
{
    /// <param name="cdr">The call.</param>
    /// <param name="charge">Which charge of it.</param>
    /// <param name="account">Who was charged, with the deck it should have been charged by.</param>
    /// <param name="prefixes">What may stand before the called number for rating; the empty one included.</param>
    /// <param name="nanos">What is due.</param>
    public static RerateOutcome Price(Cdr cdr, CallCharge charge, Account account, IReadOnlyList<string> prefixes, out long nanos)
    {
        nanos = 0;
        BillingRules rules = cdr.Rules ?? BillingRules.Plain;
        int seconds = Math.Max(0, (cdr.WasAnswered ? rules.Billable(cdr.HoldTime) : 0) - charge.GiftSeconds);
        if (rules.Price(charge.Tariff, seconds).Nanos - charge.GiftNanos != charge.Nanos) return RerateOutcome.NotByTariff;
        if (!TryNumber(cdr, charge, prefixes, out DialString number)) return RerateOutcome.NumberUnknown;
        if (account.FindRate(number, cdr.Start, out Rate rate, out _) != RateLookup.Found) return RerateOutcome.NoRate;
        if (rate.Tariff.Currency != account.Currency) return RerateOutcome.NoExchange;
        nanos = Math.Max(0, rules.Price(rate.Tariff, seconds).Nanos - charge.GiftNanos);
        return RerateOutcome.Priced;
    }

    /// <summary>The number a charge was rated by; false when its CDR does not tell.</summary>
    /// <param name="cdr">The call.</param>
    /// <param name="charge">Which charge of it.</param>
    /// <param name="prefixes">What may stand before the called number for rating; the empty one included.</param>
    /// <param name="number">What it was.</param>
    public static bool TryNumber(Cdr cdr, CallCharge charge, IReadOnlyList<string> prefixes, out DialString number)
    {
        number = default;
        string? rated = prefixes.Select(p => p + cdr.CalleeE164).FirstOrDefault(n => n.StartsWith(charge.RatePrefix, StringComparison.Ordinal));
        return rated is not null && DialString.TryParse(rated.AsSpan(), out number);
    }
}
