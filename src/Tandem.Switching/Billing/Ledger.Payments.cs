using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>A payment as the ledger's book of payments has it.</summary>
/// <param name="Payment">The record.</param>
/// <param name="At">When it was booked; zero where a snapshot of an earlier version did not say.</param>
/// <param name="Before">Index of the account's payment before; −1 for none.</param>
/// <param name="Reversed">It was taken back.</param>
public readonly record struct PaymentEntry(Payment Payment, Instant At, int Before, bool Reversed);

// Payments: money in and out that is no call. Nothing is edited: what was wrong is taken back by a payment of its own that names it.
public sealed partial class Ledger
{
    private readonly List<PaymentEntry> _payments = [];
    private readonly Dictionary<string, int> _paymentIds = new(StringComparer.Ordinal);

    public int PaymentsSeen => _payments.Count;

    /// <summary>Days a payment keeps an account valid (SERVER_PAY_DELAY_CUSTOMER_EXPIRE_DAY); 0: payments extend nothing.</summary>
    public int ValidDaysPerPayment { get; set; }

    /// <summary>
    /// Adds to the balance, or takes from it when negative. A deduction never touches what calls in progress hold; a clearing
    /// account may be taken below zero. Locked accounts take payments. The same id with the same account, amount and memo is
    /// <see cref="LedgerOutcome.AlreadyDone"/>, with anything else <see cref="LedgerOutcome.IdInvalid"/>. Money in extends the account's validity.
    /// </summary>
    public LedgerOutcome Pay(string paymentId, AccountId id, long nanos, string memo, string by, Instant now,
        PaymentKind? kind = null, PaymentMeans means = PaymentMeans.Cash, string reference = "")
    {
        if (paymentId.Length is 0 or > MaxTextLength || memo.Length > MaxTextLength || by.Length > MaxByLength || reference.Length > MaxTextLength) return LedgerOutcome.IdInvalid;
        if (nanos is 0 or > MaxAmountNanos or < -MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        if (!TryFindAccount(id, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
        PaymentKind what = kind ?? (nanos < 0 ? PaymentKind.Deduction : PaymentKind.Recharge);
        if (TryFindPayment(paymentId, out PaymentEntry seen))
        {
            bool same = seen.Payment.Account == id && seen.Payment.Nanos == nanos && seen.Payment.Memo == memo && seen.Payment.Kind == what && seen.Payment.Reference == reference;
            return same ? LedgerOutcome.AlreadyDone : LedgerOutcome.IdInvalid;
        }
        if (nanos < 0 && account.Kind != AccountKind.Clearing && what != PaymentKind.Adjustment && account.AvailableNanos < -nanos) return LedgerOutcome.BalanceTooLow;
        long after = account.BalanceNanos + nanos;
        if (after is > MaxBalanceNanos or < -MaxBalanceNanos) return LedgerOutcome.AmountInvalid;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        bool extends = nanos > 0 && what is PaymentKind.Recharge or PaymentKind.Opening && ValidDaysPerPayment > 0 && account.ValidUntil != Instant.Never;
        Instant until = extends ? Instant.Max(account.ValidUntil, now + TimeSpan.FromDays(ValidDaysPerPayment)) : account.ValidUntil;
        Payment record = new(paymentId, id, nanos, after, memo, by, what, means, reference, until);
        Append(JournalRecordType.Payment, record, now);
        Apply(record, now);
        return LedgerOutcome.Done;
    }

    /// <summary>
    /// Takes an earlier payment back, whole, by a payment of its own that names it; each once. What calls in progress hold cannot be taken back.
    /// </summary>
    public LedgerOutcome Reverse(string reversalId, string paymentId, string memo, string by, Instant now)
    {
        if (!TryFindPayment(paymentId, out PaymentEntry paid) || paid.Payment.Kind == PaymentKind.Reversal) return LedgerOutcome.ReferenceInvalid;
        if (paid.Reversed && !_paymentIds.ContainsKey(reversalId)) return LedgerOutcome.ReferenceInvalid;
        return Pay(reversalId, paid.Payment.Account, -paid.Payment.Nanos, memo, by, now, PaymentKind.Reversal, PaymentMeans.Other, paymentId);
    }

    /// <summary>Brings the balance to zero. What calls in progress hold beyond the credit limit cannot be taken.</summary>
    public LedgerOutcome MakeZero(string paymentId, AccountId id, string memo, string by, Instant now)
    {
        if (!TryFindAccount(id, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
        if (TryFindPayment(paymentId, out PaymentEntry seen)) return seen.Payment.Account == id && seen.Payment.Kind == PaymentKind.Zero ? LedgerOutcome.AlreadyDone : LedgerOutcome.IdInvalid;
        return account.BalanceNanos == 0 ? LedgerOutcome.AlreadyDone : Pay(paymentId, id, -account.BalanceNanos, memo, by, now, PaymentKind.Zero, PaymentMeans.Other);
    }

    public bool TryFindPayment(string id, out PaymentEntry entry)
    {
        bool found = _paymentIds.TryGetValue(id, out int at);
        entry = found ? _payments[at] : default;
        return found;
    }

    /// <summary>The account's payments, newest first.</summary>
    public IEnumerable<PaymentEntry> PaymentsOf(LedgerAccount account)
    {
        for (int at = account.LastPayment; at >= 0; at = _payments[at].Before) yield return _payments[at];
    }

    /// <summary>All payments, newest first.</summary>
    public IEnumerable<PaymentEntry> Payments()
    {
        for (int at = _payments.Count - 1; at >= 0; at--) yield return _payments[at];
    }

    internal void Apply(in Payment record, Instant at)
    {
        LedgerAccount account = _accounts[record.Account.Value - 1];
        account.BalanceNanos += record.Nanos;
        if (record.ValidUntil != Instant.Never) account.ValidUntil = record.ValidUntil;
        KeepPayment(record, at, reversed: false);
        if (record.Kind == PaymentKind.Reversal && _paymentIds.TryGetValue(record.Reference, out int reversed)) _payments[reversed] = _payments[reversed] with { Reversed = true };
        if (record.Nanos > 0) OrdersWait(account.Id);
        Figures.Note(account);
    }

    internal bool HasPayment(string id) => _paymentIds.ContainsKey(id);

    private bool KeepPayment(in Payment record, Instant at, bool reversed)
    {
        if (!_paymentIds.TryAdd(record.Id, _payments.Count)) return false;
        LedgerAccount account = _accounts[record.Account.Value - 1];
        _payments.Add(new PaymentEntry(record, at, account.LastPayment, reversed));
        account.LastPayment = _payments.Count - 1;
        return true;
    }
}
