using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using static Tandem.Switching.Billing.LedgerOutcome;

namespace Tandem.Tests.Switching.Billing;

public class LedgerTests
{
    private const long Unit = Money.NanosPerUnit;
    private static readonly Instant T0 = new(1_790_000_000_000_000);
    private static readonly Tariff CentASecond = new(600_000_000, 0, 1, 1, Currency.Usd);

    private readonly MemoryJournal _journal = new();
    private readonly Ledger _ledger;
    private readonly AccountId _payer;
    private readonly AccountId _carrier;

    public LedgerTests()
    {
        _ledger = new Ledger(_journal);
        Assert.Equal(Done, _ledger.OpenAccount("1001", Currency.Usd, AccountKind.Ordinary, 0, locked: false, T0, out _payer));
        Assert.Equal(Done, _ledger.OpenAccount("9001", Currency.Usd, AccountKind.Clearing, 0, locked: false, T0, out _carrier));
        Assert.Equal(Done, _ledger.Pay("p1", _payer, Unit, "cash", "admin", T0));
    }

    [Fact]
    public void A_call_is_reserved_extended_charged_and_released()
    {
        Cdr cdr = Call(1);
        Assert.Equal(Done, _ledger.OpenCall(cdr, _payer, 300_000_000, T0));
        Assert.Equal((700_000_000L, 300_000_000L, 30), (_ledger.Available(_payer), _ledger.Reserved(cdr.Call), _ledger.Covered(cdr.Call)));
        cdr.Answered = T0 + TimeSpan.FromSeconds(2);
        Assert.Equal(Done, _ledger.AnswerCall(cdr, cdr.Answered));
        Assert.Equal(Done, _ledger.Extend(cdr.Call, 200_000_000, T0));
        Assert.Equal(50, _ledger.Covered(cdr.Call));
        Finish(cdr, seconds: 42, costNanos: 100_000_000);
        Assert.Equal(Done, _ledger.CloseCall(cdr, cdr.Stop));
        Assert.True(_ledger.TryFindAccount("1001", out LedgerAccount? payer));
        Assert.Equal((580_000_000L, 0L), (payer.BalanceNanos, payer.ReservedNanos));
        Assert.True(_ledger.TryFindAccount(_carrier, out LedgerAccount? carrier));
        Assert.Equal(-100_000_000, carrier.BalanceNanos); // what is owed to the carrier is a fact
        Assert.Equal(0, _ledger.OpenCalls);
        HoldAgainstFold();
    }

    [Fact]
    public void The_posting_and_the_CDR_are_one_record()
    {
        Cdr cdr = Call(1);
        _ledger.OpenCall(cdr, _payer, 300_000_000, T0);
        Finish(cdr, seconds: 7, costNanos: 1);
        int before = _journal.Records.Count;
        _ledger.CloseCall(cdr, cdr.Stop);
        (JournalRecordType type, Instant _, byte[] payload) = Assert.Single(_journal.Records.Skip(before));
        Assert.Equal(JournalRecordType.CallClosed, type);
        Assert.True(Records.TryRead(payload, out CallClosed closed));
        Assert.Equal(new CallClosed(cdr.Call, _payer, 70_000_000, 930_000_000, _carrier, 1, -1), closed);
        Assert.True(Records.TryReadCdr(type, payload, out Cdr? stored));
        Assert.Equal((70_000_000L, 7, 1L), (stored.Sale!.Nanos, stored.Sale.BilledSeconds, stored.Cost!.Nanos));
    }

    [Fact]
    public void More_than_was_reserved_is_never_charged_and_the_CDR_says_what_was()
    {
        Cdr cdr = Call(1);
        _ledger.OpenCall(cdr, _payer, 100_000_000, T0);
        Finish(cdr, seconds: 99, costNanos: 0);
        Assert.Equal(Done, _ledger.CloseCall(cdr, cdr.Stop));
        Assert.Equal(100_000_000, cdr.Sale!.Nanos);
        Assert.Equal(900_000_000, _ledger.Available(_payer));
        Assert.Equal(1, _ledger.CappedPostings);
        HoldAgainstFold();
    }

    [Fact]
    public void Every_verb_done_twice_is_done_once()
    {
        Cdr cdr = Call(1);
        Assert.Equal(AlreadyDone, _ledger.OpenAccount("1001", Currency.Usd, AccountKind.Ordinary, 5, locked: true, T0, out AccountId again));
        Assert.Equal(_payer, again);
        Assert.Equal(AlreadyDone, _ledger.SetTerms(_payer, 0, locked: false, T0));
        Assert.Equal(AlreadyDone, _ledger.Pay("p1", _payer, Unit, "cash", "someone else", T0));
        Assert.Equal(Done, _ledger.OpenCall(cdr, _payer, 10, T0));
        Assert.Equal(AlreadyDone, _ledger.OpenCall(cdr, _payer, 10, T0));
        Assert.Equal(Done, _ledger.AnswerCall(cdr, T0));
        Assert.Equal(AlreadyDone, _ledger.AnswerCall(cdr, T0));
        Finish(cdr, seconds: 0, costNanos: 0);
        Assert.Equal(Done, _ledger.CloseCall(cdr, T0));
        int records = _journal.Records.Count;
        Assert.Equal(AlreadyClosed, _ledger.CloseCall(cdr, T0));
        Assert.Equal(AlreadyClosed, _ledger.OpenCall(cdr, _payer, 10, T0));
        Assert.Equal(AlreadyClosed, _ledger.Extend(cdr.Call, 10, T0));
        Assert.Equal(AlreadyClosed, _ledger.AnswerCall(cdr, T0));
        Assert.Equal(records, _journal.Records.Count);
        Assert.Equal(Unit, _ledger.Available(_payer));
    }

    [Fact]
    public void What_cannot_be_is_refused_and_leaves_no_record()
    {
        AccountId nobody = new(77);
        Cdr cdr = Call(1);
        Cdr euros = Call(2);
        euros.Sale = euros.Sale! with { Tariff = CentASecond with { Currency = Currency.Parse("EUR") } };
        Assert.Equal(Done, _ledger.OpenAccount("1002", Currency.Usd, AccountKind.Ordinary, 0, locked: true, T0, out AccountId locked));
        int records = _journal.Records.Count;
        (LedgerOutcome Expected, LedgerOutcome Found)[] table =
        [
            (IdInvalid, _ledger.OpenAccount("", Currency.Usd, AccountKind.Ordinary, 0, false, T0, out _)),
            (IdInvalid, _ledger.OpenAccount("1001", Currency.Usd, AccountKind.Clearing, 0, false, T0, out _)),
            (CurrencyMismatch, _ledger.OpenAccount("1001", Currency.Parse("EUR"), AccountKind.Ordinary, 0, false, T0, out _)),
            (AmountInvalid, _ledger.OpenAccount("1003", Currency.Usd, AccountKind.Ordinary, -1, false, T0, out _)),
            (AccountMissing, _ledger.SetTerms(nobody, 0, false, T0)),
            (AmountInvalid, _ledger.SetTerms(_payer, -1, false, T0)),
            (AmountInvalid, _ledger.Pay("p2", _payer, 0, "", "", T0)),
            (AmountInvalid, _ledger.Pay("p2", _payer, Ledger.MaxAmountNanos + 1, "", "", T0)),
            (AccountMissing, _ledger.Pay("p2", nobody, 1, "", "", T0)),
            (IdInvalid, _ledger.Pay("", _payer, 1, "", "", T0)),
            (IdInvalid, _ledger.Pay("p2", _payer, 1, "", new string('a', Ledger.MaxByLength + 1), T0)),
            (IdInvalid, _ledger.Pay("p1", _payer, 2 * Unit, "cash", "admin", T0)),
            (IdInvalid, _ledger.Pay("p1", _payer, Unit, "card", "admin", T0)),
            (IdInvalid, _ledger.Pay("p1", _carrier, Unit, "cash", "admin", T0)),
            (BalanceTooLow, _ledger.Pay("p2", _payer, -Unit - 1, "", "", T0)),
            (AccountMissing, _ledger.OpenCall(cdr, nobody, 1, T0)),
            (AccountMissing, _ledger.OpenCall(cdr, AccountId.None, 1, T0)),
            (AccountLocked, _ledger.OpenCall(cdr, locked, 0, T0)),
            (BalanceTooLow, _ledger.OpenCall(cdr, _payer, Unit + 1, T0)),
            (AmountInvalid, _ledger.OpenCall(cdr, _payer, -1, T0)),
            (CurrencyMismatch, _ledger.OpenCall(euros, _payer, 1, T0)),
            (NotOpen, _ledger.Extend(cdr.Call, 1, T0)),
            (NotOpen, _ledger.AnswerCall(cdr, T0)),
        ];
        Assert.All(table, static row => Assert.Equal(row.Expected, row.Found));
        Assert.Equal(records, _journal.Records.Count);
        Assert.Equal(Done, _ledger.OpenCall(cdr, _payer, Unit, T0));
        Assert.Equal(AmountInvalid, _ledger.Extend(cdr.Call, 0, T0));
        Assert.Equal(BalanceTooLow, _ledger.Extend(cdr.Call, 1, T0));
        Assert.Equal(BalanceTooLow, _ledger.Pay("p3", _payer, -1, "", "", T0)); // what calls hold is not deducted
        Assert.Equal(Done, _ledger.SetTerms(_payer, Unit, locked: true, T0));
        Assert.Equal(AccountLocked, _ledger.Extend(cdr.Call, 1, T0));
    }

    [Fact]
    public void A_full_journal_refuses_new_work_and_lets_calls_end()
    {
        Cdr cdr = Call(1);
        Assert.Equal(Done, _ledger.OpenCall(cdr, _payer, 500_000_000, T0));
        _journal.AcceptsNewWork = false;
        Assert.Equal(JournalUnavailable, _ledger.OpenCall(Call(2), _payer, 1, T0));
        Assert.Equal(JournalUnavailable, _ledger.OpenCall(Call(2), _payer, 0, T0));
        Assert.Equal(JournalUnavailable, _ledger.Extend(cdr.Call, 1, T0));
        Assert.Equal(JournalUnavailable, _ledger.Pay("p2", _payer, 1, "", "", T0));
        Assert.Equal(JournalUnavailable, _ledger.SetTerms(_payer, 1, false, T0));
        Assert.Equal(JournalUnavailable, _ledger.OpenAccount("new", Currency.Usd, AccountKind.Ordinary, 0, false, T0, out _));
        cdr.Answered = T0;
        Assert.Equal(Done, _ledger.AnswerCall(cdr, T0));
        Finish(cdr, seconds: 10, costNanos: 0);
        Assert.Equal(Done, _ledger.CloseCall(cdr, cdr.Stop));
        Assert.Equal(900_000_000, _ledger.Available(_payer));
    }

    [Fact]
    public void A_free_or_unbilled_call_needs_no_money()
    {
        _ledger.Pay("out", _payer, -Unit, "", "", T0);
        Cdr free = Call(1), unbilled = Call(2);
        Assert.Equal(Done, _ledger.OpenCall(free, _payer, 0, T0));
        Assert.Equal(Done, _ledger.OpenCall(unbilled, AccountId.None, 0, T0));
        Assert.Equal(int.MaxValue, _ledger.Covered(unbilled.Call));
        Finish(unbilled, seconds: 5, costNanos: 3);
        _ledger.CloseCall(unbilled, T0);
        Assert.Equal(0, unbilled.Sale!.Nanos);
        Assert.Equal(0, _ledger.Available(_payer));
        HoldAgainstFold();
    }

    [Fact]
    public void A_call_refused_before_it_opened_leaves_its_CDR_and_no_charge()
    {
        Cdr cdr = Call(1);
        Finish(cdr, seconds: 9, costNanos: 0);
        Assert.Equal(Done, _ledger.CloseCall(cdr, T0));
        Assert.Equal(AlreadyClosed, _ledger.CloseCall(cdr, T0));
        Assert.Equal(0, cdr.Sale!.Nanos);
        Assert.Equal(Unit, _ledger.Available(_payer));
        Assert.Single(_journal.Records, static r => r.Type == JournalRecordType.CallClosed);
        HoldAgainstFold();
    }

    [Fact]
    public void A_cost_without_a_fitting_clearing_account_is_not_posted_and_the_CDR_says_zero()
    {
        Cdr cdr = Call(1);
        _ledger.OpenCall(cdr, _payer, 100_000_000, T0);
        Finish(cdr, seconds: 1, costNanos: 5);
        cdr.Cost = cdr.Cost! with { Account = new AccountId(55) };
        _ledger.CloseCall(cdr, T0);
        Assert.Equal((0L, 1L), (cdr.Cost.Nanos, _ledger.UnpostableCosts));
        HoldAgainstFold();
    }

    [Fact]
    public void Ten_thousand_calls_at_once_on_one_unit_never_hold_more_than_one_unit()
    {
        int granted = 0;
        for (int i = 0; i < 10_000; i++)
        {
            Cdr cdr = Call(i);
            if (_ledger.OpenCall(cdr, _payer, 30_000_000, T0) == Done) granted++;
            Assert.True(_ledger.TryFindAccount(_payer, out LedgerAccount? account));
            Assert.InRange(account.ReservedNanos, 0, Unit);
        }
        Assert.Equal(33, granted);
        for (int i = 0; i < 10_000; i++)
        {
            Cdr cdr = Call(i);
            Finish(cdr, seconds: 3_600, costNanos: 0);
            _ledger.CloseCall(cdr, T0);
        }
        Assert.True(_ledger.TryFindAccount(_payer, out LedgerAccount? after));
        Assert.Equal((Unit - (33 * 30_000_000), 0L), (after.BalanceNanos, after.ReservedNanos));
        HoldAgainstFold();
    }

    [Fact]
    public void Time_is_recorded_each_second_only_while_calls_are_open()
    {
        int Beats() => _journal.Records.Count(static r => r.Type == JournalRecordType.Heartbeat);
        _ledger.Heartbeat(T0 + TimeSpan.FromSeconds(5));
        Assert.Equal(0, Beats());
        _ledger.OpenCall(Call(1), _payer, 1, T0);
        _ledger.Heartbeat(T0 + TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, Beats());
        _ledger.Heartbeat(T0 + TimeSpan.FromMilliseconds(1000));
        _ledger.Heartbeat(T0 + TimeSpan.FromMilliseconds(1001));
        Assert.Equal(1, Beats());
        Assert.Equal(T0 + TimeSpan.FromSeconds(1), _ledger.LastRecordAt);
    }

    [Fact]
    public void After_a_restart_lost_calls_are_charged_to_the_last_moment_recorded_and_released()
    {
        Cdr answered = Call(1), ringing = Call(2);
        _ledger.OpenCall(answered, _payer, 600_000_000, T0);
        _ledger.OpenCall(ringing, _payer, 100_000_000, T0);
        answered.Answered = T0 + TimeSpan.FromSeconds(1);
        answered.Cost = CostOf(0);
        _ledger.AnswerCall(answered, answered.Answered);
        _ledger.Heartbeat(T0 + TimeSpan.FromMilliseconds(21_050));

        MemoryJournal later = new();
        Ledger reborn = new(later);
        LedgerFold fold = _journal.Fold(reborn);
        Assert.Empty(fold.Faults);
        Assert.Equal(2, reborn.OpenCalls);
        Assert.Equal(2, reborn.Recover(T0 + TimeSpan.FromMinutes(9), holdTimePrecisionMillis: 50, freeSeconds: 0));

        Assert.Equal(0, reborn.OpenCalls);
        Assert.Equal(Unit - 210_000_000, reborn.Available(_payer)); // 20.050 s count as 21
        Cdr[] cdrs = [.. later.Records.Select(static r => Records.TryReadCdr(r.Type, r.Payload, out Cdr? cdr) ? cdr : throw new InvalidDataException())];
        Assert.Equal([answered.Call, ringing.Call], cdrs.Select(static c => c.Call));
        Assert.All(cdrs, static c => Assert.Equal((Refusal.RestartLostCall, EndDirection.Server, -52), (c.Refusal, c.EndDirection, c.EndReason)));
        Assert.Equal((T0 + TimeSpan.FromMilliseconds(21_050), 21, 210_000_000L), (cdrs[0].Stop, cdrs[0].Sale!.BilledSeconds, cdrs[0].Sale!.Nanos));
        Assert.Equal(21_000_000, cdrs[0].Cost!.Nanos);
        Assert.Equal((0, 0L), (cdrs[1].Sale!.BilledSeconds, cdrs[1].Sale!.Nanos));
        Assert.Equal(0, reborn.Recover(T0, 50, 0));
    }

    [Fact]
    public void A_lost_call_is_never_charged_above_what_it_held()
    {
        Cdr cdr = Call(1);
        _ledger.OpenCall(cdr, _payer, 50_000_000, T0);
        cdr.Answered = T0;
        _ledger.AnswerCall(cdr, T0);
        _ledger.Heartbeat(T0 + TimeSpan.FromSeconds(30));
        _ledger.Recover(T0 + TimeSpan.FromSeconds(99), 1000, 0);
        Assert.Equal(950_000_000, _ledger.Available(_payer));
        Assert.True(Tandem.Switching.Billing.Records.TryReadCdr(JournalRecordType.CallClosed, _journal.Records[^1].Payload, out Cdr? final));
        Assert.Equal((5, 50_000_000L), (final.Sale!.BilledSeconds, final.Sale.Nanos)); // the seconds it says are those it was paid
        Assert.Equal(0, _ledger.CappedPostings);
        HoldAgainstFold();
    }

    [Fact]
    public void The_check_says_each_difference_in_words()
    {
        Cdr cdr = Call(1);
        _ledger.OpenCall(cdr, _payer, 50_000_000, T0);
        Ledger expected = _journal.Fold().Ledger;
        _ledger.Extend(cdr.Call, 10, T0);
        _ledger.Pay("p9", _carrier, -Unit, "", "", T0);
        Assert.Equal(
            [
                "account 1001: expected reserved 0.05 USD, found 0.05000001 USD",
                "account 9001: expected balance 0.00 USD, found -1.00 USD",
                "payments: expected 1, found 2",
                $"call {cdr.Call}: expected 50000000 nanos reserved, found 50000010",
            ],
            LedgerCheck.Compare(expected, _ledger));
    }

    [Fact]
    public void A_fold_says_what_cannot_follow_and_goes_on()
    {
        LedgerFold fold = LedgerFold.FromNothing(provePrices: true);
        Cdr cdr = Call(1);
        _ledger.OpenCall(cdr, _payer, 50_000_000, T0);
        Finish(cdr, seconds: 2, costNanos: 0);
        _ledger.CloseCall(cdr, T0);
        int position = 0;
        void Apply(JournalRecordType type, byte[] payload) => fold.Apply(type, T0, payload, position++);
        foreach ((JournalRecordType type, Instant _, byte[] payload) in _journal.Records) Apply(type, payload);
        Assert.Empty(fold.Faults);
        Apply(JournalRecordType.CallClosed, _journal.Records[^1].Payload);
        Apply(JournalRecordType.Payment, _journal.Records[2].Payload);
        Apply(JournalRecordType.AccountOpened, _journal.Records[0].Payload);
        Apply(JournalRecordType.CallExtended, [1, 2, 3]);
        Apply((JournalRecordType)200, []);
        Assert.Equal(5, fold.Faults.Count);
        Assert.Contains($"closes twice", fold.Faults[0], StringComparison.Ordinal);
        Assert.Contains("payment 'p1' occurs twice", fold.Faults[1], StringComparison.Ordinal);
        Assert.Contains("opens out of order", fold.Faults[2], StringComparison.Ordinal);
        Assert.Contains("no record of a known version", fold.Faults[3], StringComparison.Ordinal);
        Assert.Contains("its type is unknown", fold.Faults[4], StringComparison.Ordinal);
    }

    [Fact]
    public void A_doctored_posting_is_found_by_the_fold()
    {
        Cdr cdr = Call(1);
        _ledger.OpenCall(cdr, _payer, 50_000_000, T0);
        Finish(cdr, seconds: 2, costNanos: 0);
        _ledger.CloseCall(cdr, T0);
        byte[] payload = _journal.Records[^1].Payload;
        payload[1 + 8 + 4 + 7]++; // one nano more than the sale
        LedgerFold fold = _journal.Fold();
        Assert.Contains("the record says", Assert.Single(fold.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_ledger_goes_on_as_the_one_it_was_saved_from()
    {
        Cdr open = Call(1), closed = Call(2);
        _ledger.OpenCall(open, _payer, 50_000_000, T0);
        _ledger.AnswerCall(open, T0);
        _ledger.CloseCall(closed, T0);
        Assert.True(Ledger.TryLoad(_journal, _ledger.Save(), out Ledger? loaded));
        Assert.Empty(LedgerCheck.Compare(_ledger, loaded));
        Assert.Equal(AlreadyClosed, loaded.CloseCall(closed, T0));
        Assert.Equal(AlreadyDone, loaded.Pay("p1", _payer, Unit, "cash", "admin", T0));
        Assert.Equal(AlreadyDone, loaded.AnswerCall(open, T0));
        Assert.Equal(5, loaded.Covered(open.Call));
        Assert.False(Ledger.TryLoad(_journal, _ledger.Save().AsSpan()[..^1], out _));
        Assert.False(Ledger.TryLoad(_journal, [9], out _));
    }

    [Fact]
    public void Opening_extending_and_closing_a_call_allocates_nothing_once_warm()
    {
        NullJournal journal = new();
        Ledger ledger = new(journal);
        ledger.OpenAccount("1", Currency.Usd, AccountKind.Ordinary, 0, false, T0, out AccountId payer);
        ledger.Pay("p", payer, Unit, "", "", T0);
        Cdr[] cdrs = [.. Enumerable.Range(0, Ledger.ClosedCallsRemembered + 4000).Select(Call)];
        void Run(int from, int count)
        {
            for (int i = from; i < from + count; i++)
            {
                ledger.OpenCall(cdrs[i], payer, 10, T0);
                ledger.Extend(cdrs[i].Call, 10, T0);
                ledger.AnswerCall(cdrs[i], T0);
                ledger.CloseCall(cdrs[i], T0);
            }
        }
        Run(0, Ledger.ClosedCallsRemembered + 500);
        int next = Ledger.ClosedCallsRemembered + 500;
        Assert.Equal(0, Allocations.Least(() =>
        {
            Run(next, 500);
            next += 500;
        }));
        Assert.True(journal.Position > 0);
    }

    private void HoldAgainstFold()
    {
        LedgerFold fold = _journal.Fold();
        Assert.Empty(fold.Faults);
        Assert.Empty(LedgerCheck.Compare(fold.Ledger, _ledger));
    }

    private Cdr Call(int sequence) => new()
    {
        Call = new CallId((T0.Micros << 6) + sequence + 1),
        CalleeE164 = "12015550100",
        Start = T0,
        Stop = T0,
        Sale = new CallCharge { Account = _payer, AccountNumber = "1001", Deck = "retail", DeckVersion = "ab", RatePrefix = "1", Area = "USA", Tariff = CentASecond },
    };

    private CallCharge CostOf(long nanos) => new()
    {
        Account = _carrier, AccountNumber = "9001", Tariff = new Tariff(60_000_000, 0, 1, 1, Currency.Usd), BilledSeconds = 3600, Nanos = nanos,
    };

    private void Finish(Cdr cdr, int seconds, long costNanos)
    {
        cdr.Answered = T0;
        cdr.Stop = T0 + TimeSpan.FromSeconds(seconds);
        (cdr.Sale!.BilledSeconds, cdr.Sale.Nanos) = Pricing.Price(cdr.Sale.Tariff, seconds);
        cdr.Cost = CostOf(costNanos);
    }

    private sealed class NullJournal : IJournal
    {
        public long Position { get; private set; }

        public bool AcceptsNewWork => true;

        public long Append(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload) => ++Position;
    }
}
