using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>Holds a live ledger against a fold of its journal.</summary>
public static class LedgerCheck
{
    /// <summary>Every difference in words, the fold being what is expected; empty when there is none.</summary>
    public static IReadOnlyList<string> Compare(Ledger expected, Ledger found) => [.. Compare(expected, found.Slice(0, int.MaxValue)), .. Held(found)];

    /// <summary>Likewise of a part.</summary>
    /// <param name="expected">Folded to exactly where the part was copied.</param>
    /// <param name="found">The part.</param>
    public static IReadOnlyList<string> Compare(Ledger expected, LedgerSlice found)
    {
        List<string> differences = [];
        foreach (AccountState f in found.Accounts) Compare(differences, expected, f);
        for (int i = found.Next; found.IsLast && i < expected.Accounts.Count; i++) differences.Add($"account {expected.Accounts[i].Number}: expected, not found");
        if (found.Calls is null) return differences;
        if (expected.PaymentsSeen != found.Payments) differences.Add($"payments: expected {expected.PaymentsSeen}, found {found.Payments}");
        Compare(differences, expected.OpenCallStates(), found.Calls);
        return differences;
    }

    /// <summary>An account's reservation is what its open calls hold, and no more; what is otherwise, in words.</summary>
    public static IEnumerable<string> Held(Ledger ledger)
    {
        Dictionary<AccountId, long> held = [];
        foreach ((AccountId account, long nanos) in ledger.OpenHoldings) held[account] = held.GetValueOrDefault(account) + nanos;
        return ledger.Accounts.Where(a => held.GetValueOrDefault(a.Id) != a.ReservedNanos)
            .Select(a => $"account {a.Number}: {new Money(a.ReservedNanos, a.Currency)} reserved, its open calls hold {new Money(held.GetValueOrDefault(a.Id), a.Currency)}");
    }

    private static void Compare(List<string> differences, Ledger expected, in AccountState f)
    {
        if (!expected.TryFindAccount(f.Id, out LedgerAccount? account))
        {
            differences.Add($"account {f.Number}: found, not expected");
            return;
        }
        AccountState e = new(account);
        if (e.Number != f.Number) differences.Add($"account {e.Id}: expected number {e.Number}, found {f.Number}");
        if (e.Currency != f.Currency) differences.Add($"account {e.Number}: expected currency {e.Currency}, found {f.Currency}");
        if (e.Kind != f.Kind) differences.Add($"account {e.Number}: expected kind {e.Kind}, found {f.Kind}");
        if (e.Locked != f.Locked) differences.Add($"account {e.Number}: expected {(e.Locked ? "locked" : "unlocked")}, found {(f.Locked ? "locked" : "unlocked")}");
        Amount(differences, e, "balance", e.BalanceNanos, f.BalanceNanos);
        Amount(differences, e, "reserved", e.ReservedNanos, f.ReservedNanos);
        Amount(differences, e, "credit limit", e.CreditLimitNanos, f.CreditLimitNanos);
        Amount(differences, e, "income", e.IncomeNanos, f.IncomeNanos);
        if (e.ValidUntil != f.ValidUntil) differences.Add($"account {e.Number}: expected valid until {e.ValidUntil}, found {f.ValidUntil}");
        if (e.Packages != f.Packages) differences.Add($"account {e.Number}: expected packages {e.Packages ?? "none"}, found {f.Packages ?? "none"}");
    }

    private static void Compare(List<string> differences, Dictionary<CallId, OpenCall> expected, Dictionary<CallId, OpenCall> found)
    {
        foreach (CallId call in expected.Keys.Union(found.Keys).Order())
        {
            bool inExpected = expected.TryGetValue(call, out OpenCall e), inFound = found.TryGetValue(call, out OpenCall f);
            if (inExpected != inFound) differences.Add($"call {call}: {(inExpected ? "expected open, not found" : "found open, not expected")}");
            else if (e.Payer != f.Payer) differences.Add($"call {call}: expected payer {e.Payer}, found {f.Payer}");
            else if (e.ReservedNanos != f.ReservedNanos) differences.Add($"call {call}: expected {e.ReservedNanos} nanos reserved, found {f.ReservedNanos}");
            else if (e.Answered != f.Answered) differences.Add($"call {call}: expected {(e.Answered ? "answered" : "unanswered")}, found {(f.Answered ? "answered" : "unanswered")}");
        }
    }

    private static void Amount(List<string> differences, in AccountState account, string what, long expected, long found)
    {
        if (expected == found) return;
        differences.Add($"account {account.Number}: expected {what} {new Money(expected, account.Currency)}, found {new Money(found, account.Currency)}");
    }
}
