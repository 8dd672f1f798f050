using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Billing;

/// <summary>
/// Applies journal records to a ledger: at restart, for <c>check</c>, in simulation. A record that cannot follow from the state
/// before it is a fault: it is said in words and skipped, so that one fault does not hide the next.
/// </summary>
/// <param name="ledger">Where to apply them: a new ledger, or one loaded from a snapshot.</param>
/// <param name="provePrices">Also price every closed call again by its own CDR; slower, for <c>check</c>.</param>
public sealed class LedgerFold(Ledger ledger, bool provePrices = false)
{
    private readonly List<string> _faults = [];

    public Ledger Ledger => ledger;

    public long Records { get; private set; }

    /// <summary>What was wrong, each with the record's position; empty when nothing was.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>A fold from nothing, whose ledger takes no verbs.</summary>
    public static LedgerFold FromNothing(bool provePrices = false) => new(new Ledger(NoJournal.Instance), provePrices);

    /// <summary>Applies one record. Configuration records are not the ledger's and only move its time on.</summary>
    public void Apply(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload, long position = 0)
    {
        string? fault = TryApply(type, at, payload);
        if (fault is not null) _faults.Add($"record at {position} ({type}): {fault}");
        ledger.Seen(at);
        Records++;
    }

    private const string Unreadable = "its bytes are no record of a known version";

    private string? TryApply(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case JournalRecordType.Configuration or JournalRecordType.Heartbeat or JournalRecordType.Seal:
                return null;

            case JournalRecordType.AccountOpened:
                if (!Billing.Records.TryRead(payload, out AccountOpened opened)) return Unreadable;
                if (opened.Account.Value != ledger.Accounts.Count + 1) return $"account {opened.Account} opens out of order";
                if (ledger.TryFindAccount(opened.Number, out _)) return $"account number '{opened.Number}' opens twice";
                ledger.Apply(opened);
                return null;

            case JournalRecordType.AccountTerms:
                if (!Billing.Records.TryRead(payload, out AccountTerms terms)) return Unreadable;
                if (!ledger.TryFindAccount(terms.Account, out _)) return $"account {terms.Account} is missing";
                ledger.Apply(terms);
                return null;

            case JournalRecordType.Payment:
                if (!Billing.Records.TryRead(payload, out Payment payment)) return Unreadable;
                if (!ledger.TryFindAccount(payment.Account, out LedgerAccount? paid)) return $"account {payment.Account} is missing";
                if (ledger.HasPayment(payment.Id)) return $"payment '{payment.Id}' occurs twice";
                ledger.Apply(payment, at);
                return After(paid, payment.BalanceAfterNanos);

            case JournalRecordType.PackageBegun:
                if (!Billing.Records.TryRead(payload, out PackageBegun begun)) return Unreadable;
                if (!ledger.TryFindAccount(begun.Account, out LedgerAccount? renter)) return $"account {begun.Account} is missing";
                if (begun.Package != ledger.LastPackage + 1) return $"package {begun.Package} begins out of order";
                if (begun.From < ledger.Order(begun.Order).PaidUntil) return $"order '{begun.Order}' pays for a period twice";
                ledger.Apply(begun, at);
                return After(renter, begun.BalanceAfterNanos);

            case JournalRecordType.PackageEnded:
                if (!Billing.Records.TryRead(payload, out PackageEnded ended)) return Unreadable;
                if (!ledger.TryFindPackage(ended.Package, out CurrentPackage? current) || current.Account != ended.Account) return $"package {ended.Package} is not current";
                ledger.TryFindAccount(ended.Account, out LedgerAccount? owner);
                ledger.Apply(ended, at);
                return After(owner!, ended.BalanceAfterNanos);

            case JournalRecordType.OrderPutOff:
                if (!Billing.Records.TryRead(payload, out OrderPutOff putOff)) return Unreadable;
                ledger.Apply(putOff);
                return null;

            case JournalRecordType.PhoneMonth:
                if (!Billing.Records.TryRead(payload, out PhoneMonth month)) return Unreadable;
                if (!ledger.TryFindAccount(month.Account, out LedgerAccount? subscriber)) return $"account {month.Account} is missing";
                ledger.Apply(month, at);
                return After(subscriber, month.BalanceAfterNanos);

            case JournalRecordType.CallOpened:
                if (!Billing.Records.TryRead(payload, out CallOpened call, out ReadOnlySpan<byte> opening)) return Unreadable;
                if (ledger.IsOpen(call.Call) || ledger.IsClosed(call.Call)) return $"call {call.Call} opens twice";
                if (call.Payer != AccountId.None && !ledger.TryFindAccount(call.Payer, out _)) return $"account {call.Payer} is missing";
                if (call.Wide is { } holders && (holders.Length == 0 || holders[0].Account != call.Payer || Missing(holders) is not null)) return Missing(holders) ?? $"call {call.Call} is held for by nobody";
                ledger.Apply(call, opening);
                return call.ReservedNanos > 0 && ledger.Available(call.Payer) < 0 ? $"account {call.Payer} was reserved below zero" : null;

            case JournalRecordType.CallExtended:
                if (!Billing.Records.TryRead(payload, out CallExtended extended)) return Unreadable;
                if (!ledger.TryFindOpen(extended.Call, out AccountId payer, out long reserved, out _)) return $"call {extended.Call} is not open";
                if (!ledger.TryFindAccount(payer, out _)) return $"call {extended.Call} is nobody's to pay";
                ledger.Apply(extended);
                return reserved + extended.MoreNanos != extended.ReservedAfterNanos ? $"call {extended.Call} holds {reserved + extended.MoreNanos}, the record says {extended.ReservedAfterNanos}"
                    : ledger.Available(payer) < 0 ? $"account {payer} was reserved below zero" : null;

            case JournalRecordType.CallAnswered:
                if (!Billing.Records.TryRead(payload, out CallAnswered answered, out ReadOnlySpan<byte> story)) return Unreadable;
                if (!ledger.IsOpen(answered.Call)) return $"call {answered.Call} is not open";
                ledger.Apply(answered, story);
                return null;

            case JournalRecordType.CallClosed:
                return Close(payload, at);

            default:
                return "its type is unknown";
        }
    }

    private string? Missing(WideHolding[] holders)
    {
        foreach (WideHolding holder in holders)
        {
            if (!ledger.TryFindAccount(holder.Account, out _)) return $"account {holder.Account} is missing";
        }
        return null;
    }

    private string? Close(ReadOnlySpan<byte> payload, Instant at)
    {
        if (!Billing.Records.TryRead(payload, out CallClosed closed)) return Unreadable;
        if (ledger.IsClosed(closed.Call)) return $"call {closed.Call} closes twice";
        foreach (WidePosting posting in closed.Wide ?? [])
        {
            if (!ledger.TryFindAccount(posting.Account, out _)) return $"account {posting.Account} is missing";
        }
        bool open = ledger.TryFindOpen(closed.Call, out AccountId payer, out long reserved, out _);
        ledger.Apply(closed, at);
        if (closed.SaleNanos > (open ? reserved : 0) && (open || !IsExternal(payload))) return $"call {closed.Call} was charged {closed.SaleNanos} nanos with {reserved} reserved";
        if (open && closed.Payer != payer) return $"call {closed.Call} was opened for account {payer} and charged to {closed.Payer}";
        // An account that stands there twice has the balance of its last posting.
        Dictionary<AccountId, long> after = [];
        if (closed.Payer != AccountId.None) after[closed.Payer] = closed.PayerBalanceAfterNanos;
        foreach (WidePosting posting in closed.Wide ?? []) after[posting.Account] = posting.BalanceAfterNanos;
        if (closed.Clearing != AccountId.None) after[closed.Clearing] = closed.ClearingBalanceAfterNanos;
        string? fault = null;
        foreach ((AccountId account, long said) in after)
        {
            if (ledger.TryFindAccount(account, out LedgerAccount? charged)) fault ??= After(charged, said);
        }
        return provePrices ? fault ?? Prove(closed, payload) : fault;
    }

    private static bool IsExternal(ReadOnlySpan<byte> payload) =>
        Billing.Records.TryReadCdr(JournalRecordType.CallClosed, payload, out Cdr? cdr) && cdr.CalleeBilling == CalleeBilling.External;

    private static string? Prove(in CallClosed closed, ReadOnlySpan<byte> payload)
    {
        if (!Billing.Records.TryReadCdr(JournalRecordType.CallClosed, payload, out Cdr? cdr)) return $"call {closed.Call} has no readable CDR";
        if (cdr.Call != closed.Call) return $"call {closed.Call} carries the CDR of {cdr.Call}";
        return Prove("sale", cdr.Sale, closed.SaleNanos, cdr.Rules) ?? Prove("cost", cdr.Cost, closed.CostNanos, cdr.Rules);
    }

    private static string? Prove(string side, CallCharge? charge, long posted, BillingRules? rules)
    {
        long said = charge?.Nanos ?? 0;
        if (said != posted) return $"its {side} is {said} nanos in the CDR and {posted} in the posting";
        long priced = charge is null ? 0 : (rules ?? BillingRules.Plain).Price(charge.Tariff, charge.BilledSeconds).Nanos;
        return posted > priced ? $"its {side} of {posted} nanos is more than its tariff gives for {charge!.BilledSeconds} s, {priced}" : null;
    }

    private static string? After(LedgerAccount account, long said) =>
        account.BalanceNanos == said ? null
            : $"account {account.Number} has {new Money(account.BalanceNanos, account.Currency)} here, the record says {new Money(said, account.Currency)}";

    private sealed class NoJournal : IJournal
    {
        public static readonly NoJournal Instance = new();

        public long Position => 0;

        public bool AcceptsNewWork => false;

        public long Append(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload) =>
            throw new InvalidOperationException("This ledger is a fold for reading; it takes no verbs.");
    }
}
