using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Switching.Billing;

/// <summary>A charge put right in the ledger (docs/rerating.md).</summary>
public class RechargingTests
{
    private const long Unit = Money.NanosPerUnit;
    private static readonly Instant T0 = Instant.FromUtc(new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc));
    private static readonly CallId Call = new(7_000);

    private readonly MemoryJournal _journal = new();
    private readonly Ledger _ledger;
    private readonly AccountId _payer;

    public RechargingTests()
    {
        _ledger = new Ledger(_journal);
        Assert.Equal(LedgerOutcome.Done, _ledger.OpenAccount("1001", Currency.Usd, AccountKind.Ordinary, 0, locked: false, T0, out _payer));
        Assert.Equal(LedgerOutcome.Done, _ledger.Pay("p1", _payer, Unit, "", "admin", T0));
    }

    [Fact]
    public void A_charge_is_made_what_it_should_be_as_often_as_that_changes_and_no_oftener()
    {
        // It was charged 0.40 before; each line: what is due, what the balance is then.
        foreach ((long due, long balance) in new[] { (300, 1_100), (300, 1_100), (0, 1_400), (0, 1_400), (2_000, -600), (400, 1_000) })
        {
            LedgerOutcome outcome = _ledger.Recharge(Call, 0, _payer, 400_000_000, due * 1_000_000, "", "op", T0);
            Assert.True(outcome is LedgerOutcome.Done or LedgerOutcome.AlreadyDone);
            Assert.Equal((due * 1_000_000, balance * 1_000_000), (_ledger.ChargeOf(Call, 0, 400_000_000), Balance(_ledger)));
            Assert.Equal(LedgerOutcome.AlreadyDone, _ledger.Recharge(Call, 0, _payer, 400_000_000, due * 1_000_000, "", "op", T0));
        }
        Assert.Equal(400_000_000, _ledger.ChargeOf(Call, 1, 400_000_000)); // another's of the same call is untouched
        LedgerFold fold = _journal.Fold();
        Assert.Empty(fold.Faults);
        Assert.Empty(LedgerCheck.Compare(fold.Ledger, _ledger));
        Assert.Equal(400_000_000, fold.Ledger.ChargeOf(Call, 0, 400_000_000));
    }

    [Fact]
    public void A_call_that_cost_nothing_may_be_charged_afterwards()
    {
        Assert.Equal(LedgerOutcome.Done, _ledger.Recharge(Call, 0, _payer, 0, 5, "", "op", T0));
        Assert.Equal((5L, Unit - 5), (_ledger.ChargeOf(Call, 0, 0), Balance(_ledger)));
        Assert.Equal(LedgerOutcome.AmountInvalid, _ledger.Recharge(Call, 0, _payer, 0, -1, "", "op", T0));
    }

    [Fact]
    public void What_a_crash_left_half_done_is_finished_and_nothing_is_given_back_twice()
    {
        Assert.Equal(LedgerOutcome.Done, _ledger.Recharge(Call, 0, _payer, 400_000_000, 300_000_000, "", "op", T0));
        // Of the two payments only the first reached the disk.
        Ledger half = new(new MemoryJournal());
        LedgerFold fold = new(half);
        foreach ((JournalRecordType Type, Instant At, byte[] Payload) entry in _journal.Records.SkipLast(1)) fold.Apply(entry.Type, entry.At, entry.Payload);
        Assert.Equal((0L, Unit + 400_000_000), (half.ChargeOf(Call, 0, 400_000_000), Balance(half)));
        Assert.Equal(LedgerOutcome.Done, half.Recharge(Call, 0, _payer, 400_000_000, 300_000_000, "", "op", T0));
        Assert.Equal((300_000_000L, Unit + 100_000_000), (half.ChargeOf(Call, 0, 400_000_000), Balance(half)));
    }

    private static long Balance(Ledger ledger) => ledger.TryFindAccount("1001", out LedgerAccount? account) ? account.BalanceNanos : throw new InvalidOperationException();
}
