using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;

namespace Tandem.Simulation.Books;

/// <summary>
/// Plain books of all that was recorded: who paid what, what each call holds and was charged, every CDR. A record that cannot be is a
/// broken invariant on the spot.
/// </summary>
internal sealed class Bookkeeper(World world)
{
    internal sealed record OpenCall(AccountId Payer, long Reserved, int Covered, Tariff Tariff, bool Answered);

    private readonly Dictionary<AccountId, long> _balances = [];
    private readonly Dictionary<AccountId, long> _reserved = [];
    private readonly Dictionary<AccountId, long> _mostCredit = [];
    private readonly Dictionary<AccountId, AccountOpened> _accounts = [];
    private readonly Dictionary<CallId, OpenCall> _open = [];
    private readonly HashSet<CallId> _admitted = [];
    private readonly HashSet<CallId> _closed = [];
    private readonly Dictionary<Currency, Int128> _paid = [];
    private readonly Dictionary<Currency, Int128> _charged = [];

    public IReadOnlyDictionary<CallId, OpenCall> Open => _open;

    public List<Cdr> Cdrs { get; } = [];

    public long Extensions { get; private set; }

    /// <summary>The settings a call was charged by: those it began with, also when it was lost in a restart.</summary>
    public static (int Precision, int Free) SettingsOf(World world, Cdr cdr) => (world.Revisions[cdr.Revision].Precision, world.Revisions[cdr.Revision].Free);

    public void Book(JournalEntry entry)
    {
        switch (entry.Type)
        {
            case JournalRecordType.AccountOpened:
                Must(Records.TryRead(entry.Payload, out AccountOpened opened), "an account record cannot be read");
                _accounts.Add(opened.Account, opened);
                _balances.Add(opened.Account, 0);
                _reserved.Add(opened.Account, 0);
                _mostCredit.Add(opened.Account, opened.CreditLimitNanos);
                break;
            case JournalRecordType.AccountTerms:
                Must(Records.TryRead(entry.Payload, out AccountTerms terms), "a terms record cannot be read");
                _mostCredit[terms.Account] = Math.Max(_mostCredit[terms.Account], terms.CreditLimitNanos);
                break;
            case JournalRecordType.Payment:
                Must(Records.TryRead(entry.Payload, out Payment payment), "a payment record cannot be read");
                _balances[payment.Account] += payment.Nanos;
                Add(_paid, payment.Account, payment.Nanos);
                break;
            case JournalRecordType.CallOpened:
                Must(Records.TryRead(entry.Payload, out CallOpened call), "a call record cannot be read");
                Must(_admitted.Add(call.Call), $"call {call.Call} is admitted twice");
                _open.Add(call.Call, new OpenCall(call.Payer, call.ReservedNanos, 0, call.Tariff, Answered: false));
                if (call.Payer != AccountId.None) _reserved[call.Payer] += call.ReservedNanos;
                break;
            case JournalRecordType.CallExtended:
                Must(Records.TryRead(entry.Payload, out CallExtended extended), "an extension record cannot be read");
                Must(_open.TryGetValue(extended.Call, out OpenCall? longer), $"call {extended.Call} is extended and not open");
                _open[extended.Call] = longer! with { Reserved = longer.Reserved + extended.MoreNanos };
                _reserved[longer.Payer] += extended.MoreNanos;
                Extensions++;
                break;
            case JournalRecordType.CallAnswered:
                Must(Records.TryRead(entry.Payload, out CallAnswered answered), "an answer record cannot be read");
                Must(_open.TryGetValue(answered.Call, out OpenCall? talking), $"call {answered.Call} is answered and not open");
                Must(!talking!.Answered, $"call {answered.Call} is answered twice");
                _open[answered.Call] = talking with { Answered = true };
                break;
            case JournalRecordType.CallClosed:
                Must(Records.TryRead(entry.Payload, out CallClosed closed), "a close record cannot be read");
                Must(Records.TryReadCdr(entry.Type, entry.Payload, out Cdr? cdr), $"call {closed.Call} has no readable CDR");
                Close(closed, cdr!);
                break;
        }
    }

    private void Close(in CallClosed closed, Cdr cdr)
    {
        Must(cdr.Call == closed.Call, $"call {closed.Call} carries the CDR of {cdr.Call}");
        Must(_closed.Add(closed.Call), $"call {closed.Call} is closed twice");
        Cdrs.Add(cdr);
        bool open = _open.Remove(closed.Call, out OpenCall? call);
        if (open && call!.Payer != AccountId.None) _reserved[call.Payer] -= call.Reserved;
        Must(open || closed.SaleNanos == 0, $"call {closed.Call} was never admitted and is charged {closed.SaleNanos}");
        Must(!open || closed.SaleNanos <= call!.Reserved, $"call {closed.Call} is charged {closed.SaleNanos} of {call?.Reserved} reserved");
        Must(!open || closed.SaleNanos == 0 || closed.Payer == call!.Payer, $"call {closed.Call} was opened for {call?.Payer} and is charged to {closed.Payer}");
        Must(closed.SaleNanos >= 0 && closed.CostNanos >= 0, $"call {closed.Call} is charged less than nothing");
        if (closed.SaleNanos != 0) Charge(closed.Payer, closed.SaleNanos);
        if (closed.CostNanos != 0) Charge(closed.Clearing, closed.CostNanos);
        Must((cdr.Sale?.Nanos ?? 0) == closed.SaleNanos && (cdr.Cost?.Nanos ?? 0) == closed.CostNanos, $"call {closed.Call}: the CDR says other charges than the posting");
        Must(cdr.Stop >= cdr.Start && (!cdr.WasAnswered || (cdr.Answered >= cdr.Start && cdr.Stop >= cdr.Answered)), $"call {closed.Call}: its times run backwards");
        Must(!cdr.WasAnswered || (open && call!.Answered), $"call {closed.Call} was answered and the journal was not told when it was");
        Prove(cdr, call);
    }

    // The charge is what the tariff in force says for the CDR's own talk time, and nothing else.
    private void Prove(Cdr cdr, OpenCall? call)
    {
        (int precision, int free) = SettingsOf(world, cdr);
        if (cdr.Sale is { } sale)
        {
            RevisionTerms said = world.Revisions[cdr.Revision];
            bool rated = said.TryRate(sale.AccountNumber, cdr.CalleeE164, cdr.Start, cdr.Start, out Tariff tariff);
            // A forwarded call is decided by the tables of the call it came of. The record of one that a crash ended does not say that it was forwarded.
            bool forwarded = cdr.Refusal == Refusal.RestartLostCall || DecisionLogReader.Read(cdr.DecisionLog).Any(static e => e.Kind == DecisionKind.ForwardedFrom);
            for (int back = 1; forwarded && tariff != sale.Tariff && back < 600; back++) rated = said.TryRate(sale.AccountNumber, cdr.CalleeE164, cdr.Start - TimeSpan.FromSeconds(back), cdr.Start, out tariff);
            Must(rated, $"call {cdr.Call} to {cdr.CalleeE164} was charged and has no rate");
            Must(tariff == sale.Tariff, $"call {cdr.Call} to {cdr.CalleeE164} is charged by {sale.Tariff}, the deck says {tariff}");
            System.Numerics.BigInteger due = cdr.WasAnswered ? SlowPricing.Price(tariff, cdr.HoldTime, precision, free) : 0;
            if (cdr.Refusal == Refusal.RestartLostCall && call is not null && due > call.Reserved) due = call.Reserved;
            Must(due == sale.Nanos, $"call {cdr.Call} talked {cdr.HoldTime} and is charged {sale.Nanos} nanos; {due} is due ({tariff}, precision {precision}, free {free}, reserved {call?.Reserved})");
        }
        if (cdr.Cost is { } cost)
        {
            System.Numerics.BigInteger due = cdr.WasAnswered ? SlowPricing.Price(cost.Tariff, cdr.HoldTime, precision, free) : 0;
            Must(due == cost.Nanos, $"call {cdr.Call} talked {cdr.HoldTime} and costs {cost.Nanos} nanos; {due} is due");
        }
    }

    private void Charge(AccountId account, long nanos)
    {
        Must(_balances.ContainsKey(account), $"a charge of {nanos} for account {account}, which does not exist");
        _balances[account] -= nanos;
        Add(_charged, account, nanos);
    }

    private void Add(Dictionary<Currency, Int128> to, AccountId account, long nanos)
    {
        Currency currency = _accounts[account].Currency;
        to.TryGetValue(currency, out Int128 sum);
        to[currency] = sum + nanos;
    }

    /// <summary>The ledger says what the books say, no account is below what it may be, and the sums come out.</summary>
    public void Compare(Ledger ledger)
    {
        Must(ledger.OpenCalls == _open.Count, $"{ledger.OpenCalls} calls are open in the ledger, {_open.Count} in the books");
        Dictionary<Currency, Int128> sums = [];
        foreach (LedgerAccount account in ledger.Accounts)
        {
            Must(account.BalanceNanos == _balances[account.Id], $"account {account.Number} has {account.BalanceNanos}, the books say {_balances[account.Id]}");
            Must(account.ReservedNanos == _reserved[account.Id], $"account {account.Number} holds {account.ReservedNanos}, the books say {_reserved[account.Id]}");
            Must(account.ReservedNanos >= 0, $"account {account.Number} holds less than nothing");
            Must(account.Kind == AccountKind.Clearing || account.BalanceNanos >= -_mostCredit[account.Id], $"account {account.Number} stands at {account.BalanceNanos} with credit {_mostCredit[account.Id]}");
            sums.TryGetValue(account.Currency, out Int128 sum);
            sums[account.Currency] = sum + account.BalanceNanos;
        }
        foreach ((Currency currency, Int128 sum) in sums)
        {
            _paid.TryGetValue(currency, out Int128 paid);
            _charged.TryGetValue(currency, out Int128 charged);
            Must(sum == paid - charged, $"{currency}: balances make {sum}, payments less charges {paid - charged}");
        }
    }

    /// <summary>Reserved is the sum over open calls; each admitted call has one CDR once none is open.</summary>
    public void CheckWhole()
    {
        foreach ((AccountId account, long reserved) in _reserved)
        {
            long sum = _open.Values.Where(c => c.Payer == account).Sum(static c => c.Reserved);
            Must(sum == reserved, $"account {account} holds {reserved}, its open calls {sum}");
        }
        if (_open.Count == 0) Must(_admitted.All(_closed.Contains), "a call was admitted and has no CDR");
    }

    private void Must(bool holds, string otherwise)
    {
        if (!holds) world.Fail(otherwise);
    }
}
