using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Billing;

/// <summary>
/// Works every charge and every balance of a time out again from the journal's records, and counts what is equal. It keeps books of its own; with the ledger
/// it shares the records and the pricing function, and nothing else. A charge is proved from its own record: talk time, rules and tariff of the CDR, and what was held.
/// </summary>
/// <param name="from">Records from here on are counted; those before are only followed.</param>
/// <param name="until">Records before here.</param>
public sealed class Proof(Instant from, Instant until)
{
    private const int FaultsKept = 100;

    private readonly List<long> _balances = [];
    private readonly List<(string Number, Currency Currency)> _accounts = [];
    private readonly Dictionary<CallId, Held[]> _held = [];
    private readonly List<string> _faults = [];

    /// <summary>What one account holds for a call.</summary>
    public readonly record struct Held(AccountId Account, long Nanos, long GiftNanos, int GiftSeconds, Tariff Tariff);

    public long Records { get; private set; }

    public long BalancesEqual { get; private set; }

    public long BalancesNot { get; private set; }

    public long ChargesEqual { get; private set; }

    public long ChargesNot { get; private set; }

    /// <summary>Charges of records of a release that did not note its rules: proved by the seconds they were billed for.</summary>
    public long ChargesByBilledSeconds { get; private set; }

    /// <summary>The first of what is not equal, in words.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public bool Holds => ChargesNot == 0 && BalancesNot == 0;

    /// <summary>Balances by account number as of the last record followed.</summary>
    public IEnumerable<(string Number, Money Balance)> Balances => _accounts.Select((a, i) => (a.Number, new Money(_balances[i], a.Currency)));

    /// <summary>Follows one record. A call that closed in the time is added to <paramref name="toProve"/>, for <see cref="Prove"/>.</summary>
    /// <returns>False when the time is over: no later record counts.</returns>
    public bool Follow(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload, long position, ProofBatch toProve)
    {
        if (at >= until) return false;
        bool counts = at >= from;
        Records++;
        bool read = true;
        switch (type)
        {
            case JournalRecordType.AccountOpened:
                read = Billing.Records.TryRead(payload, out AccountOpened opened);
                if (!read) break;
                _balances.Add(0);
                _accounts.Add((opened.Number, opened.Currency));
                break;
            case JournalRecordType.Payment:
                read = Billing.Records.TryRead(payload, out Payment payment);
                if (read) Take(payment.Account, -payment.Nanos, payment.BalanceAfterNanos, counts, position);
                break;
            case JournalRecordType.PackageBegun:
                read = Billing.Records.TryRead(payload, out PackageBegun begun);
                if (read) Take(begun.Account, begun.Terms.RentNanos, begun.BalanceAfterNanos, counts, position);
                break;
            case JournalRecordType.PackageEnded:
                read = Billing.Records.TryRead(payload, out PackageEnded ended);
                if (read) Take(ended.Account, ended.ShortfallNanos, ended.BalanceAfterNanos, counts, position);
                break;
            case JournalRecordType.PhoneMonth:
                read = Billing.Records.TryRead(payload, out PhoneMonth month);
                if (read) Take(month.Account, month.Nanos, month.BalanceAfterNanos, counts, position);
                break;
            case JournalRecordType.CallOpened:
                read = Billing.Records.TryRead(payload, out CallOpened call);
                if (read && call.Payer != AccountId.None) _held[call.Call] = call.Wide is null ? [new Held(call.Payer, call.ReservedNanos, 0, 0, call.Tariff)] : [.. call.Wide.Select(Of)];
                break;
            case JournalRecordType.CallExtended:
                read = Billing.Records.TryRead(payload, out CallExtended extended);
                if (read && _held.TryGetValue(extended.Call, out Held[]? held)) Extend(held, extended);
                break;
            case JournalRecordType.CallClosed:
                read = Billing.Records.TryRead(payload, out CallClosed closed);
                if (!read) break;
                if (!_held.Remove(closed.Call, out Held[]? holding)) holding = [];
                if (closed.Wide is null) Take(closed.Payer, closed.SaleNanos, closed.PayerBalanceAfterNanos, counts, position);
                foreach (WidePosting posting in closed.Wide ?? []) Take(posting.Account, posting.Nanos, posting.BalanceAfterNanos, counts, position);
                Take(closed.Clearing, closed.CostNanos, closed.ClearingBalanceAfterNanos, counts, position);
                if (counts) toProve.Add(closed.Call, payload, holding, position);
                break;
        }
        if (!read) Fault($"record at {position} ({type}): its bytes are no record of a known version");
        return true;
    }

    /// <summary>Adds what <see cref="Prove"/> found of one call.</summary>
    public void Count(in Verdict verdict)
    {
        ChargesEqual += verdict.Equal;
        ChargesNot += verdict.Not;
        ChargesByBilledSeconds += verdict.ByBilledSeconds;
        if (verdict.Fault is not null && _faults.Count < FaultsKept) _faults.Add(verdict.Fault);
    }

    /// <summary>What became of the charges of one call.</summary>
    public readonly record struct Verdict(int Equal, int Not, int ByBilledSeconds, string? Fault);

    /// <summary>Works the charges of one call out again. Pure: any thread.</summary>
    public static Verdict Prove(in ProofBatch.Closed closed)
    {
        ReadOnlySpan<byte> payload = closed.Payload.Span;
        if (!Billing.Records.TryRead(payload, out CallClosed record) || !Billing.Records.TryReadCdr(JournalRecordType.CallClosed, payload, out Cdr? cdr)) return new Verdict(0, 1, 0, $"call {closed.Call} at {closed.Position}: its CDR cannot be read");
        Verdict all = default;
        bool external = cdr.CalleeBilling == CalleeBilling.External;
        int seconds = cdr.WasAnswered ? (cdr.Rules ?? BillingRules.Plain).Billable(cdr.HoldTime) : 0;
        int paid = seconds;
        if (!external)
        {
            foreach (Held held in closed.Held) paid = Math.Min(paid, Reach(held, cdr.Rules ?? BillingRules.Plain));
        }
        long below = 0;
        for (int i = 0; i <= cdr.Further.Count; i++)
        {
            CallCharge? charge = i == 0 ? cdr.Sale : cdr.Further[i - 1];
            if (charge is null) continue;
            bool opened = external || i < closed.Held.Length;
            long posted = i == 0 ? record.SaleNanos : record.Wide is { } wide && i < wide.Length ? wide[i].Nanos : 0;
            long due = opened ? Due(charge, cdr.Rules, paid, external ? long.MaxValue : closed.Held[i].Nanos) : 0;
            all = And(all, closed, cdr, i == 0 ? "sale" : $"agent {charge.AccountNumber}", charge, posted, due);
            long taken = charge.Nanos + charge.GiftNanos;
            if (i > 0 && opened && charge.IncomeNanos != below - taken) all = all with { Not = all.Not + 1, Fault = all.Fault ?? $"call {closed.Call}: the income of agent {charge.AccountNumber} is {charge.IncomeNanos} nanos, {below - taken} is due" };
            below = taken;
        }
        // A cost that could not be posted stands as zero in both.
        if (cdr.Cost is { } cost) all = And(all, closed, cdr, "cost", cost, record.CostNanos, record.Clearing == AccountId.None ? 0 : Due(cost, cdr.Rules, seconds, long.MaxValue));
        return all;
    }

    private static long Due(CallCharge charge, in BillingRules? rules, int seconds, long most)
    {
        long price = rules is { } known
            ? known.Price(charge.Tariff, Math.Max(0, seconds - charge.GiftSeconds)).Nanos
            : Pricing.Price(charge.Tariff, charge.BilledSeconds).Nanos;
        return Math.Min(price - charge.GiftNanos, most);
    }

    private static Verdict And(Verdict so, in ProofBatch.Closed closed, Cdr cdr, string what, CallCharge charge, long posted, long due)
    {
        bool equal = posted == due && charge.Nanos == due;
        return new Verdict(so.Equal + (equal ? 1 : 0), so.Not + (equal ? 0 : 1), so.ByBilledSeconds + (equal && cdr.Rules is null ? 1 : 0),
            so.Fault ?? (equal ? null : $"call {closed.Call} at {closed.Position}: its {what} is {charge.Nanos} nanos in the CDR, {posted} in the posting, and {due} is due"));
    }

    private static int Reach(in Held held, in BillingRules rules)
    {
        int money = rules.Covered(held.Tariff, held.Nanos + held.GiftNanos);
        return money == int.MaxValue ? money : (int)Math.Min(int.MaxValue, (long)money + held.GiftSeconds);
    }

    private static Held Of(WideHolding holding) => new(
        holding.Account, holding.Nanos, holding.Gifts.Where(static g => g.GiftTime == GiftPart.Money).Sum(static g => g.Amount),
        (int)holding.Gifts.Where(static g => g.GiftTime != GiftPart.Money).Sum(static g => g.Amount), holding.Tariff);

    private static void Extend(Held[] held, in CallExtended extended)
    {
        if (extended.Wide is null)
        {
            held[0] = held[0] with { Nanos = held[0].Nanos + extended.MoreNanos };
            return;
        }
        for (int i = 0; i < held.Length && i < extended.Wide.Length; i++)
        {
            Held more = Of(extended.Wide[i]);
            held[i] = held[i] with { Nanos = held[i].Nanos + more.Nanos, GiftNanos = held[i].GiftNanos + more.GiftNanos, GiftSeconds = held[i].GiftSeconds + more.GiftSeconds };
        }
    }

    private void Take(AccountId account, long nanos, long said, bool counts, long position)
    {
        if (account == AccountId.None) return;
        if (account.Value < 1 || account.Value > _balances.Count)
        {
            Fault($"record at {position}: account {account} was never opened");
            return;
        }
        long balance = _balances[account.Value - 1] -= nanos;
        if (balance == said)
        {
            if (counts) BalancesEqual++;
            return;
        }
        if (counts) Fault($"record at {position}: account {_accounts[account.Value - 1].Number} has {new Money(balance, _accounts[account.Value - 1].Currency)}, the record says {new Money(said, _accounts[account.Value - 1].Currency)}");
        _balances[account.Value - 1] = said; // one fault does not hide the next
    }

    private void Fault(string says)
    {
        BalancesNot++;
        if (_faults.Count < FaultsKept) _faults.Add(says);
    }
}
