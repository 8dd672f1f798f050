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
        ValidUntil = opened.ValidUntil;
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

    /// <summary>From here on it begins no calls and none of its calls is extended, until a payment; <see cref="Instant.Never"/>: it does not expire.</summary>
    public Instant ValidUntil { get; internal set; }

    /// <summary>What it was charged as an agent below what its customers were, over all time: what the account below was charged less its own fee.</summary>
    public long IncomeNanos { get; internal set; }

    /// <summary>Its packages now, in the order their gifts are used; null for the many that have none.</summary>
    internal List<CurrentPackage>? PackageList;

    public IReadOnlyList<CurrentPackage> Packages => PackageList ?? (IReadOnlyList<CurrentPackage>)[];

    /// <summary>Day number (since 1970, UTC) of <see cref="DayNanos"/>.</summary>
    internal int Day;

    /// <summary>Charged for calls from the balance on <see cref="Day"/>.</summary>
    internal long DayNanos;

    /// <summary>What the account's calls cost it on the day (UTC) of <paramref name="now"/>.</summary>
    public long ConsumedToday(Instant now) => DayOf(now) == Day ? DayNanos : 0;

    /// <summary>The newest of its payments in the ledger's book of payments; −1 for none.</summary>
    internal int LastPayment = -1;

    /// <summary>What a new reservation may take: balance and credit, less what is reserved. Below zero only by lowered credit.</summary>
    public long AvailableNanos => BalanceNanos + CreditLimitNanos - ReservedNanos;

    public bool IsExpired(Instant now) => now >= ValidUntil && Kind != AccountKind.Clearing;

    internal void Consume(long nanos, Instant at)
    {
        int day = DayOf(at);
        if (day > Day) (Day, DayNanos) = (day, 0);
        if (day == Day) DayNanos += nanos;
    }

    internal static int DayOf(Instant at) => (int)(at.Micros / 86_400_000_000);
}

/// <summary>The sums of one currency, for invariants: what was paid in less what was charged is what the balances hold.</summary>
public readonly record struct LedgerTotal(Currency Currency, int Accounts, Int128 BalanceNanos, Int128 ReservedNanos);
