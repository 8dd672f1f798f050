using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Switching.Billing;

/// <summary>Rents and package periods: each once, whatever the clock and the power do.</summary>
public class RentsTests
{
    private const long Unit = Money.NanosPerUnit;
    private static readonly Instant Start = Utc(2026, 1, 31, 10);

    private readonly MemoryJournal _journal = new();
    private Ledger _ledger;
    private readonly AccountId _account;

    public RentsTests()
    {
        _ledger = new Ledger(_journal);
        _ledger.OpenAccount("1001", Currency.Usd, AccountKind.Ordinary, 0, locked: false, Start, out _account);
        _ledger.Pay("p", _account, 100 * Unit, "", "", Start);
    }

    [Fact]
    public void A_monthly_rent_is_taken_once_a_month_though_the_switch_restarts_and_the_clock_jumps()
    {
        Rents rents = new([Order(RentType.Month)], []);
        Instant due = rents.Turn(_ledger, Start);
        Assert.Equal(Utc(2026, 2, 28, 10), due);
        rents.Turn(_ledger, Start + TimeSpan.FromDays(3));
        Restart();
        rents.Turn(_ledger, Start + TimeSpan.FromDays(4));
        rents.Turn(_ledger, Utc(2025, 1, 1)); // the clock runs backwards
        Assert.Equal(90 * Unit, Balance);
        Assert.Equal(Utc(2026, 3, 31, 10), rents.Turn(_ledger, due));
        Assert.Equal(80 * Unit, Balance);
        rents.Turn(_ledger, Utc(2026, 7, 1)); // four months off: only the one it is in
        Assert.Equal(70 * Unit, Balance);
        rents.Turn(_ledger, Utc(2026, 4, 1)); // and back
        Assert.Equal(70 * Unit, Balance);
        Assert.Single(Account.Packages);
        HoldAgainstFold();
    }

    [Theory]
    [InlineData(RentFailure.WaitForPayment, true, true)]
    [InlineData(RentFailure.WaitForNextPeriod, false, true)]
    [InlineData(RentFailure.Delete, false, false)]
    public void A_rent_that_cannot_be_paid_waits_or_is_dropped_as_the_order_says(RentFailure failure, bool atOnce, bool nextPeriod)
    {
        _ledger.Pay("out", _account, -95 * Unit, "", "", Start);
        Rents rents = new([Order(RentType.Month) with { Failure = failure }], []);
        rents.Turn(_ledger, Start);
        Assert.Empty(Account.Packages);
        _ledger.Pay("in", _account, 50 * Unit, "", "", Start);
        rents.Turn(_ledger, Start + TimeSpan.FromHours(1));
        Assert.Equal(atOnce, Account.Packages.Count > 0);
        rents.Turn(_ledger, Utc(2026, 3, 5));
        Assert.Equal(nextPeriod, Account.Packages.Count > 0);
        HoldAgainstFold();
    }

    [Fact]
    public void A_first_period_that_is_not_whole_costs_and_gives_its_part_and_a_part_of_the_rent_may_be_asked()
    {
        PackageOrder order = Order(RentType.Month) with { Partial = true, Percent = 50, From = Utc(2026, 1, 31) };
        new Rents([order], []).Turn(_ledger, Start);
        CurrentPackage package = Assert.Single(Account.Packages);
        Assert.Equal((Utc(2026, 2, 1), 5 * Unit / 31, 3_100 / 31), (package.Until, package.Terms.RentNanos, package.SecondsLeft[0]));
        new Rents([order], []).Turn(_ledger, Utc(2026, 2, 1));
        Assert.Equal((Utc(2026, 3, 1), 5 * Unit, 3_100), (Account.Packages[0].Until, Account.Packages[0].Terms.RentNanos, Account.Packages[0].SecondsLeft[0]));
        HoldAgainstFold();
    }

    [Fact]
    public void What_was_spent_less_than_promised_is_charged_at_the_end_as_far_as_there_is_money()
    {
        Rents rents = new([Order(RentType.Day) with { Terms = Terms with { MinConsumptionNanos = 30 * Unit } }], []);
        rents.Turn(_ledger, Start);
        rents.Turn(_ledger, Start + TimeSpan.FromDays(1));
        Assert.Equal((100 - 10 - 30 - 10) * Unit, Balance);
        _ledger.Pay("out", _account, -45 * Unit, "", "", Start);
        rents.Turn(_ledger, Start + TimeSpan.FromDays(2));
        Assert.Equal(0, Balance);
        Assert.Equal([ConsumptionKind.PackageRent, ConsumptionKind.PackageShortfall, ConsumptionKind.PackageRent, ConsumptionKind.PackageShortfall], _ledger.Consumptions.Select(static c => c.Kind));
        HoldAgainstFold();
    }

    [Fact]
    public void A_one_off_package_begins_once_and_its_order_is_over()
    {
        Rents rents = new([Order(RentType.OneOff) with { Period = 3_600 }], []);
        rents.Turn(_ledger, Start);
        Assert.Equal(Start + TimeSpan.FromHours(1), Assert.Single(Account.Packages).Until);
        Restart();
        rents.Turn(_ledger, Start + TimeSpan.FromDays(40));
        Assert.Empty(Account.Packages);
        Assert.Equal(90 * Unit, Balance);
        HoldAgainstFold();
    }

    [Fact]
    public void A_phone_pays_its_rent_each_month_and_what_it_spent_too_little()
    {
        Rents rents = new([], [new PhoneTerms("5551", _account, 2 * Unit, 5 * Unit)]);
        Assert.Equal(Utc(2026, 2, 1), rents.Turn(_ledger, Start));
        Assert.Equal(98 * Unit, Balance);
        Restart();
        rents.Turn(_ledger, Utc(2026, 2, 1));
        rents.Turn(_ledger, Utc(2026, 2, 2));
        Assert.Equal((98 - 5 - 2) * Unit, Balance);
        HoldAgainstFold();
    }

    [Fact]
    public void A_locked_or_expired_account_is_not_charged_and_gets_nothing()
    {
        _ledger.SetTerms(_account, 0, locked: true, Start);
        Rents rents = new([Order(RentType.Month)], []);
        rents.Turn(_ledger, Start);
        Assert.Equal((100 * Unit, 0), (Balance, Account.Packages.Count));
    }

    [Fact]
    public void A_payment_extends_validity_and_is_taken_back_once_and_whole()
    {
        _ledger.ValidDaysPerPayment = 365;
        Assert.Equal(LedgerOutcome.Done, _ledger.SetTerms(_account, 0, locked: false, Start, Start + TimeSpan.FromDays(10)));
        Assert.Equal(LedgerOutcome.Done, _ledger.Pay("a", _account, Unit, "", "", Start + TimeSpan.FromDays(20)));
        Assert.Equal(Start + TimeSpan.FromDays(385), Account.ValidUntil);
        Assert.Equal(LedgerOutcome.Done, _ledger.Reverse("r", "a", "a mistake", "admin", Start));
        Assert.Equal(LedgerOutcome.AlreadyDone, _ledger.Reverse("r", "a", "a mistake", "admin", Start));
        Assert.Equal(LedgerOutcome.ReferenceInvalid, _ledger.Reverse("r2", "a", "", "admin", Start));
        Assert.Equal(LedgerOutcome.ReferenceInvalid, _ledger.Reverse("r3", "r", "", "admin", Start));
        Assert.Equal(LedgerOutcome.ReferenceInvalid, _ledger.Reverse("r4", "none", "", "admin", Start));
        Assert.Equal(100 * Unit, Balance);
        Assert.Equal(LedgerOutcome.Done, _ledger.MakeZero("z", _account, "", "admin", Start));
        Assert.Equal(LedgerOutcome.AlreadyDone, _ledger.MakeZero("z", _account, "", "admin", Start));
        Assert.Equal([PaymentKind.Zero, PaymentKind.Reversal, PaymentKind.Recharge, PaymentKind.Recharge], _ledger.PaymentsOf(Account).Select(static p => p.Payment.Kind));
        Assert.Equal(("a", true), (_ledger.PaymentsOf(Account).ElementAt(1).Payment.Reference, _ledger.PaymentsOf(Account).ElementAt(2).Reversed));
        HoldAgainstFold();
    }

    [Fact]
    public void Records_and_a_snapshot_of_the_release_before_are_read()
    {
        MemoryJournal old = new();
        old.Append(JournalRecordType.AccountOpened, Start, [1, 0, 0, 0, 1, 0, 4, 49, 48, 48, 49, 0, 0x55, 0x53, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        old.Append(JournalRecordType.Payment, Start, [1, 0, 1, 112, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0]);
        old.Append(JournalRecordType.AccountTerms, Start, [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0]);
        LedgerFold fold = old.Fold();
        Assert.Empty(fold.Faults);
        LedgerAccount account = Assert.Single(fold.Ledger.Accounts);
        Assert.Equal(("1001", 9L, 7L, Instant.Never, Currency.Usd), (account.Number, account.BalanceNanos, account.CreditLimitNanos, account.ValidUntil, account.Currency));
        Assert.Equal(PaymentKind.Recharge, Assert.Single(fold.Ledger.PaymentsOf(account)).Payment.Kind);
    }

    private static PackageTerms Terms => new() { Name = "p", RentNanos = 10 * Unit, GiftTimes = [new GiftTime([""], 0, 86_400, 3_100, 1)] };

    private PackageOrder Order(RentType type) => new("o", _account, Terms, type, 1, false, Start, Instant.Never, 1, RentFailure.WaitForPayment, 100);

    private LedgerAccount Account => _ledger.TryFindAccount("1001", out LedgerAccount? account) ? account : throw new InvalidOperationException();

    private long Balance => Account.BalanceNanos;

    private void Restart()
    {
        LedgerFold fold = _journal.Fold(new Ledger(_journal));
        Assert.Empty(fold.Faults);
        _ledger = fold.Ledger;
    }

    private void HoldAgainstFold()
    {
        LedgerFold fold = _journal.Fold();
        Assert.Empty(fold.Faults);
        Assert.Empty(LedgerCheck.Compare(fold.Ledger, _ledger));
        Assert.True(Ledger.TryLoad(_journal, _ledger.Save(), out Ledger? loaded));
        Assert.Empty(LedgerCheck.Compare(_ledger, loaded));
    }

    private static Instant Utc(int year, int month, int day, int hour = 0) => Instant.FromUtc(new DateTime(year, month, day, hour, 0, 0, DateTimeKind.Utc));
}
