using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>
/// Some accounts of a ledger, and with the first of them its open calls, copied at one moment: what another thread holds against a fold (<see cref="LedgerCheck"/>) while the ledger goes on.
/// </summary>
public sealed class LedgerSlice
{
    /// <param name="ledger">On its own loop.</param>
    /// <param name="from">Index of the first account.</param>
    /// <param name="most">Accounts at most.</param>
    internal LedgerSlice(Ledger ledger, int from, int most)
    {
        From = from;
        AccountsInAll = ledger.Accounts.Count;
        Accounts = new AccountState[Math.Clamp(AccountsInAll - from, 0, most)];
        for (int i = 0; i < Accounts.Length; i++) Accounts[i] = new AccountState(ledger.Accounts[from + i]);
        if (from > 0) return;
        Payments = ledger.PaymentsSeen;
        Calls = ledger.OpenCallStates();
    }

    public int From { get; }

    /// <summary>Where the next slice begins.</summary>
    public int Next => From + Accounts.Length;

    /// <summary>How many accounts the whole ledger has.</summary>
    public int AccountsInAll { get; }

    public bool IsLast => Next == AccountsInAll;

    internal AccountState[] Accounts { get; }

    internal int Payments { get; }

    /// <summary>Of the first slice; else null.</summary>
    internal Dictionary<CallId, OpenCall>? Calls { get; }
}

/// <summary>An open call as the ledger has it.</summary>
internal readonly record struct OpenCall(AccountId Payer, long ReservedNanos, bool Answered);

/// <summary>An account at one moment.</summary>
internal readonly struct AccountState(LedgerAccount account)
{
    public readonly AccountId Id = account.Id;
    public readonly string Number = account.Number;
    public readonly Currency Currency = account.Currency;
    public readonly AccountKind Kind = account.Kind;
    public readonly bool Locked = account.Locked;
    public readonly long BalanceNanos = account.BalanceNanos, ReservedNanos = account.ReservedNanos, CreditLimitNanos = account.CreditLimitNanos, IncomeNanos = account.IncomeNanos;
    public readonly Instant ValidUntil = account.ValidUntil;

    /// <summary>In words; null for none.</summary>
    public readonly string? Packages = account.Packages.Count == 0 ? null
        : string.Join(", ", account.Packages.Select(static p => $"{p.Id} to {p.Until} with {p.GiftNanosLeft} nanos and {string.Join('/', p.SecondsLeft)} s left, {p.ConsumedNanos} spent"));
}
