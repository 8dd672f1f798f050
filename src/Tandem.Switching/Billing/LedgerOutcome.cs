using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>What became of a ledger verb. All but <see cref="Done"/> changed nothing.</summary>
public enum LedgerOutcome : byte
{
    Done,
    /// <summary>The same was done before, under the same id.</summary>
    AlreadyDone,
    AccountMissing,
    AccountLocked,
    CurrencyMismatch,
    BalanceTooLow,
    /// <summary>No such call is open.</summary>
    NotOpen,
    AlreadyClosed,
    /// <summary>Zero where an amount is needed, negative where none can be, or beyond <see cref="Ledger.MaxAmountNanos"/>.</summary>
    AmountInvalid,
    JournalUnavailable,
    /// <summary>The id or number is empty, too long, or was used before for something else.</summary>
    IdInvalid,
    /// <summary>The account's validity is over; a payment extends it.</summary>
    AccountExpired,
    /// <summary>What the change refers to (a payment, a package, an order) does not exist, or was dealt with already.</summary>
    ReferenceInvalid,
}

public static class LedgerOutcomes
{
    /// <summary>What a call hears of it.</summary>
    public static Refusal ToRefusal(this LedgerOutcome outcome) => outcome switch
    {
        LedgerOutcome.Done or LedgerOutcome.AlreadyDone => Refusal.None,
        LedgerOutcome.AccountMissing => Refusal.AccountMissing,
        LedgerOutcome.AccountLocked => Refusal.AccountLocked,
        LedgerOutcome.AccountExpired => Refusal.AccountExpired,
        LedgerOutcome.CurrencyMismatch => Refusal.CurrencyMismatch,
        LedgerOutcome.BalanceTooLow => Refusal.BalanceTooLow,
        LedgerOutcome.JournalUnavailable => Refusal.JournalUnavailable,
        _ => Refusal.InternalFault,
    };

    /// <summary>The sentence operators read.</summary>
    public static string Says(this LedgerOutcome outcome) => outcome switch
    {
        LedgerOutcome.Done => "Done.",
        LedgerOutcome.AlreadyDone => "This was done before; nothing changed.",
        LedgerOutcome.AccountMissing => "There is no such account.",
        LedgerOutcome.AccountLocked => "The account is locked.",
        LedgerOutcome.AccountExpired => "The account has expired; a payment makes it valid again.",
        LedgerOutcome.ReferenceInvalid => "What this refers to does not exist, or was dealt with before.",
        LedgerOutcome.CurrencyMismatch => "The currency is not the account's.",
        LedgerOutcome.BalanceTooLow => "The account's balance and credit, less what calls in progress hold, do not cover this.",
        LedgerOutcome.NotOpen => "No such call is in progress.",
        LedgerOutcome.AlreadyClosed => "The call is over and settled.",
        LedgerOutcome.AmountInvalid => "The amount must not be zero and at most a thousand million units.",
        LedgerOutcome.JournalUnavailable => "The journal cannot be written (disk full?); nothing changed.",
        _ => "The id is empty, too long, or was used before for something else.",
    };
}
