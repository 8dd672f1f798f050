using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Switching.Configuration;

/// <summary>
/// A customer's or carrier's account as the operator states it. Its money is the ledger's. Number, currency and kind never
/// change once stated, and an account is never removed: its history stays; it can be locked.
/// </summary>
public sealed record AccountConfig
{
    public required string Number { get; init; }

    public string Name { get; init; } = "";

    public required Currency Currency { get; init; }

    /// <summary>How far below zero the balance may be spent, nanos of the currency; not negative.</summary>
    public long CreditLimitNanos { get; init; }

    /// <summary>Name of the deck that prices this account's calls; null: none, and its calls have no rate.</summary>
    public string? Deck { get; init; }

    public AccountKind Kind { get; init; }

    public bool Locked { get; init; }

    /// <summary>Number of the agent above it; null: none. Agents stand in a tree: nobody is above himself.</summary>
    public string? Agent { get; init; }

    /// <summary>How long it is valid without a payment; zero: as SERVER_PAY_DELAY_CUSTOMER_EXPIRE_DAY says from its opening, <see cref="Instant.Never"/>: it does not expire.</summary>
    public Instant ValidUntil { get; init; }

    /// <summary>The operator deleted it: it is locked and out of the lists, and its history stays.</summary>
    /// <summary>When it was opened; zero: not stated.</summary>
    public Instant OpenedAt { get; init; }

    public bool Canceled { get; init; }

    /// <summary>Entries its phone book may have; kept for the operator.</summary>
    public int PhoneBookLimit { get; init; }

    public string Memo { get; init; } = "";

    public bool MayNotCall => Locked || Canceled;

    /// <summary>What is kept for programs that ask for it and nothing acts on (docs/webapi.md): names and texts.</summary>
    public ImmutableSortedDictionary<string, string> Additional { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
