using CsCheck;
using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Switching.Billing;

/// <summary>Whatever verbs come in whatever order, with restarts between them, the books hold.</summary>
public class LedgerPropertyTests
{
    private enum Verb { Open, Pay, Terms, OpenCall, Extend, Answer, Close, Heartbeat, Full, Restart, Reload }

    private readonly record struct Deed(Verb Verb, int Which, int Call, long Amount, int Seconds);

    private static readonly Gen<Deed[]> Deeds = Gen.Select(
        Gen.Frequency(
            (1, Gen.Const(Verb.Open)), (4, Gen.Const(Verb.Pay)), (2, Gen.Const(Verb.Terms)), (10, Gen.Const(Verb.OpenCall)), (6, Gen.Const(Verb.Extend)),
            (6, Gen.Const(Verb.Answer)), (9, Gen.Const(Verb.Close)), (2, Gen.Const(Verb.Heartbeat)), (1, Gen.Const(Verb.Full)), (1, Gen.Const(Verb.Restart)), (1, Gen.Const(Verb.Reload))),
        Gen.Int[0, 4], Gen.Int[0, 25], Gen.Long[-300, 1_000], Gen.Int[0, 400],
        static (verb, which, call, amount, seconds) => new Deed(verb, which, call, amount, seconds)).Array[1, 150];

    private static readonly Tariff Sale = new(60, 3, 6, 6, Currency.Usd);
    private static readonly Tariff Cost = new(40, 0, 1, 1, Currency.Usd);

    [Fact]
    public void Random_deeds_keep_the_books() => Deeds.Sample(Run, iter: 500);

    private static void Run(Deed[] deeds)
    {
        MemoryJournal journal = new();
        Ledger ledger = new(journal);
        Instant now = new(1_000_000_000);
        Int128 paid = 0;
        HashSet<string> paymentsDone = [];
        ledger.OpenAccount("0", Currency.Usd, AccountKind.Ordinary, 0, false, now, out _);
        ledger.OpenAccount("c", Currency.Usd, AccountKind.Clearing, 0, false, now, out AccountId carrier);
        foreach (Deed deed in deeds)
        {
            now += TimeSpan.FromMilliseconds(deed.Seconds);
            AccountId account = new(deed.Which + 1);
            long availableBefore = ledger.Available(account);
            Cdr cdr = CdrOf(deed, account, carrier, now);
            switch (deed.Verb)
            {
                case Verb.Open:
                    ledger.OpenAccount(deed.Which.ToString(), Currency.Usd, AccountKind.Ordinary, Math.Abs(deed.Amount), locked: deed.Call == 0, now, out _);
                    break;
                case Verb.Pay:
                    string id = $"p{deed.Call}";
                    if (ledger.Pay(id, account, deed.Amount, "", "", now) == LedgerOutcome.Done)
                    {
                        Assert.True(paymentsDone.Add(id));
                        paid += deed.Amount;
                    }
                    break;
                case Verb.Terms:
                    ledger.SetTerms(account, Math.Max(0, deed.Amount), deed.Call % 5 == 0, now);
                    break;
                case Verb.OpenCall:
                    LedgerOutcome opened = ledger.OpenCall(cdr, account, Math.Max(0, deed.Amount), now);
                    if (opened == LedgerOutcome.Done && deed.Amount > 0) Assert.True(ledger.Available(account) >= 0 && ledger.Available(account) == availableBefore - deed.Amount);
                    break;
                case Verb.Extend:
                    long reserved = ledger.Reserved(cdr.Call);
                    if (ledger.Extend(cdr.Call, deed.Amount, now) == LedgerOutcome.Done) Assert.Equal(reserved + deed.Amount, ledger.Reserved(cdr.Call));
                    break;
                case Verb.Answer:
                    ledger.AnswerCall(cdr, now);
                    break;
                case Verb.Close:
                    long held = ledger.Reserved(cdr.Call);
                    if (ledger.CloseCall(cdr, now) == LedgerOutcome.Done) Assert.InRange(cdr.Sale!.Nanos, 0, held);
                    Assert.Equal(LedgerOutcome.AlreadyClosed, ledger.CloseCall(cdr, now));
                    break;
                case Verb.Heartbeat:
                    ledger.Heartbeat(now);
                    break;
                case Verb.Full:
                    journal.AcceptsNewWork = !journal.AcceptsNewWork;
                    break;
                case Verb.Restart:
                    ledger = new Ledger(journal);
                    LedgerFold fold = journal.Fold(ledger);
                    Assert.Empty(fold.Faults);
                    ledger.Recover(now, 1000, 0);
                    Assert.Equal(0, ledger.OpenCalls);
                    break;
                case Verb.Reload:
                    Assert.True(Ledger.TryLoad(journal, ledger.Save(), out Ledger? loaded));
                    ledger = loaded;
                    break;
            }
            Hold(journal, ledger, paid);
        }
        LedgerFold last = journal.Fold();
        Assert.Empty(last.Faults);
        Assert.Empty(LedgerCheck.Compare(last.Ledger, ledger));
    }

    private static void Hold(MemoryJournal journal, Ledger ledger, Int128 paid)
    {
        LedgerTotal total = Assert.Single(ledger.Totals());
        Int128 charged = 0;
        Int128 reserved = 0;
        Dictionary<CallId, int> closed = [];
        foreach ((JournalRecordType type, Instant _, byte[] payload) in journal.Records)
        {
            if (type != JournalRecordType.CallClosed) continue;
            Assert.True(Records.TryRead(payload, out CallClosed record));
            charged += record.SaleNanos + record.CostNanos;
            Assert.True(closed.TryAdd(record.Call, 1)); // one final CDR a call
        }
        for (int call = 0; call <= 25; call++) reserved += ledger.Reserved(new CallId(call + 1));
        Assert.Equal(paid - charged, total.BalanceNanos); // no money made or lost
        Assert.Equal(reserved, total.ReservedNanos);
        Assert.All(ledger.Accounts, static a => Assert.True(a.ReservedNanos >= 0));
    }

    private static Cdr CdrOf(in Deed deed, AccountId payer, AccountId carrier, Instant now)
    {
        Cdr cdr = new()
        {
            Call = new CallId(deed.Call + 1),
            Start = now - TimeSpan.FromSeconds(deed.Seconds),
            Answered = now - TimeSpan.FromSeconds(deed.Seconds),
            Stop = now,
            Sale = new CallCharge { Account = payer, Tariff = Sale },
            Cost = new CallCharge { Account = carrier, Tariff = Cost },
        };
        (cdr.Sale.BilledSeconds, cdr.Sale.Nanos) = Pricing.Price(Sale, deed.Seconds);
        (cdr.Cost.BilledSeconds, cdr.Cost.Nanos) = Pricing.Price(Cost, deed.Seconds);
        return cdr;
    }
}
