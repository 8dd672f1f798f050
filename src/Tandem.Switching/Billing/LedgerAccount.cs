using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>An account as the ledger holds it. Amounts are nanos of the account's currency. Read it on the ledger's loop only.</summary>
public sealed class LedgerAccount
{
    internal LedgerAccount(in AccountOpened opened)
    {
        Id = opened.Account;
        Number = opened.Number;
        Currency = opened.Currency;
        Kind = opened.Kind;
        CreditLimitNanos = opened.CreditLimitNanos;
        Locked = opened.Locked;
    }

    public AccountId Id { get; }

    public string Number { get; }

    public Currency Currency { get; }

    public AccountKind Kind { get; }

    public long BalanceNanos { get; internal set; }

    /// <summary>How far below zero the balance may be reserved and spent.</summary>
    public long CreditLimitNanos { get; internal set; }

    /// <summary>Held for calls in progress; still part of the balance.</summary>
    public long ReservedNanos { get; internal set; }

    public bool Locked { get; internal set; }

    /// <summary>What a new reservation may take: balance and credit, less what is reserved. Below zero only by lowered credit.</summary>
    public long AvailableNanos => BalanceNanos + CreditLimitNanos - ReservedNanos;
}

/// <summary>The sums of one currency, for invariants: what was paid in less what was charged is what the balances hold.</summary>
public readonly record struct LedgerTotal(Currency Currency, int Accounts, Int128 BalanceNanos, Int128 ReservedNanos);
