using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>Holds a live ledger against a fold of its journal from the very beginning.</summary>
public static class LedgerCheck
{
    /// <summary>Every difference in words, the fold being what is expected; empty when there is none.</summary>
    public static IReadOnlyList<string> Compare(Ledger expected, Ledger found)
    {
        List<string> differences = [];
        for (int i = 0; i < Math.Max(expected.Accounts.Count, found.Accounts.Count); i++)
        {
            AccountId id = new(i + 1);
            bool inExpected = expected.TryFindAccount(id, out LedgerAccount? e), inFound = found.TryFindAccount(id, out LedgerAccount? f);
            if (!inExpected || !inFound)
            {
                differences.Add($"account {(e ?? f)!.Number}: {(inExpected ? "expected, not found" : "found, not expected")}");
                continue;
            }
            if (e!.Number != f!.Number) differences.Add($"account {id}: expected number {e.Number}, found {f.Number}");
            if (e.Currency != f.Currency) differences.Add($"account {e.Number}: expected currency {e.Currency}, found {f.Currency}");
            if (e.Kind != f.Kind) differences.Add($"account {e.Number}: expected kind {e.Kind}, found {f.Kind}");
            if (e.Locked != f.Locked) differences.Add($"account {e.Number}: expected {(e.Locked ? "locked" : "unlocked")}, found {(f.Locked ? "locked" : "unlocked")}");
            Amount(differences, e, "balance", e.BalanceNanos, f.BalanceNanos);
            Amount(differences, e, "reserved", e.ReservedNanos, f.ReservedNanos);
            Amount(differences, e, "credit limit", e.CreditLimitNanos, f.CreditLimitNanos);
            Amount(differences, e, "income", e.IncomeNanos, f.IncomeNanos);
            if (e.ValidUntil != f.ValidUntil) differences.Add($"account {e.Number}: expected valid until {e.ValidUntil}, found {f.ValidUntil}");
            string gifts = GiftsOf(e), giftsFound = GiftsOf(f);
            if (gifts != giftsFound) differences.Add($"account {e.Number}: expected packages {gifts}, found {giftsFound}");
        }
        if (expected.PaymentsSeen != found.PaymentsSeen) differences.Add($"payments: expected {expected.PaymentsSeen}, found {found.PaymentsSeen}");
        foreach (CallId call in expected.OpenCallIds.Union(found.OpenCallIds).Order())
        {
            bool inExpected = expected.TryFindOpen(call, out AccountId payerE, out long reservedE, out bool answeredE);
            bool inFound = found.TryFindOpen(call, out AccountId payerF, out long reservedF, out bool answeredF);
            if (inExpected != inFound) differences.Add($"call {call}: {(inExpected ? "expected open, not found" : "found open, not expected")}");
            else if (payerE != payerF) differences.Add($"call {call}: expected payer {payerE}, found {payerF}");
            else if (reservedE != reservedF) differences.Add($"call {call}: expected {reservedE} nanos reserved, found {reservedF}");
            else if (answeredE != answeredF) differences.Add($"call {call}: expected {(answeredE ? "answered" : "unanswered")}, found {(answeredF ? "answered" : "unanswered")}");
        }
        differences.AddRange(Held(found));
        return differences;
    }

    // An account's reservation is what its open calls hold, and no more.
    private static IEnumerable<string> Held(Ledger ledger)
    {
        Dictionary<AccountId, long> held = [];
        foreach ((AccountId account, long nanos) in ledger.OpenHoldings) held[account] = held.GetValueOrDefault(account) + nanos;
        return ledger.Accounts.Where(a => held.GetValueOrDefault(a.Id) != a.ReservedNanos)
            .Select(a => $"account {a.Number}: {new Money(a.ReservedNanos, a.Currency)} reserved, its open calls hold {new Money(held.GetValueOrDefault(a.Id), a.Currency)}");
    }

    private static string GiftsOf(LedgerAccount account) =>
        account.Packages.Count == 0 ? "none" : string.Join(", ", account.Packages.Select(static p => $"{p.Id} to {p.Until} with {p.GiftNanosLeft} nanos and {string.Join('/', p.SecondsLeft)} s left, {p.ConsumedNanos} spent"));

    private static void Amount(List<string> differences, LedgerAccount account, string what, long expected, long found)
    {
        if (expected == found) return;
        differences.Add($"account {account.Number}: expected {what} {new Money(expected, account.Currency)}, found {new Money(found, account.Currency)}");
    }
}
