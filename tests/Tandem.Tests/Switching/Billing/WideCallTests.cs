using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using static Tandem.Switching.Billing.LedgerOutcome;

namespace Tandem.Tests.Switching.Billing;

/// <summary>Calls for which agents hold too, or packages give.</summary>
public class WideCallTests
{
    private const long Unit = Money.NanosPerUnit;
    private static readonly Instant T0 = Instant.FromUtc(new DateTime(2026, 3, 10, 12, 0, 0, DateTimeKind.Utc));
    private static readonly Tariff CentASecond = new(600_000_000, 0, 1, 1, Currency.Usd);
    private static readonly Tariff HalfACent = new(300_000_000, 0, 1, 1, Currency.Usd);
    private static readonly Tariff QuarterCent = new(150_000_000, 0, 1, 1, Currency.Usd);

    private readonly MemoryJournal _journal = new();
    private readonly Ledger _ledger;
    private readonly AccountId _customer, _agent, _top, _carrier;

    public WideCallTests()
    {
        _ledger = new Ledger(_journal);
        _ledger.OpenAccount("1001", Currency.Usd, AccountKind.Ordinary, 0, locked: false, T0, out _customer);
        _ledger.OpenAccount("agent", Currency.Usd, AccountKind.Ordinary, 0, locked: false, T0, out _agent);
        _ledger.OpenAccount("top", Currency.Usd, AccountKind.Ordinary, 0, locked: false, T0, out _top);
        _ledger.OpenAccount("carrier", Currency.Usd, AccountKind.Clearing, 0, locked: false, T0, out _carrier);
        foreach (AccountId id in new[] { _customer, _agent, _top }) Assert.Equal(Done, _ledger.Pay($"p{id}", id, Unit, "", "", T0));
    }

    [Fact]
    public void Each_agent_above_is_charged_by_its_own_deck_and_earns_what_is_between()
    {
        Cdr cdr = Call(1, agents: true);
        Assert.Equal(Done, _ledger.OpenCall(cdr, 60, T0));
        Assert.Equal((Unit * 6 / 10, Unit * 3 / 10, Unit * 15 / 100), (Of(_customer).ReservedNanos, Of(_agent).ReservedNanos, Of(_top).ReservedNanos));
        Assert.Equal(60, _ledger.Covered(cdr.Call));
        Finish(cdr, 40);
        Assert.Equal(Done, _ledger.CloseCall(cdr, cdr.Stop));
        Assert.Equal((40 * Unit / 100, 20 * Unit / 100, 10 * Unit / 100), (cdr.Sale!.Nanos, cdr.Further[0].Nanos, cdr.Further[1].Nanos));
        Assert.Equal((20 * Unit / 100, 10 * Unit / 100), (cdr.Further[0].IncomeNanos, cdr.Further[1].IncomeNanos));
        Assert.Equal((60 * Unit / 100, 80 * Unit / 100, 90 * Unit / 100), (Of(_customer).BalanceNanos, Of(_agent).BalanceNanos, Of(_top).BalanceNanos));
        Assert.Equal((20 * Unit / 100, 10 * Unit / 100), (Of(_agent).IncomeNanos, Of(_top).IncomeNanos));
        Assert.All(_ledger.Accounts, static a => Assert.Equal(0, a.ReservedNanos));
        HoldAgainstFold();
    }

    [Fact]
    public void An_agent_without_money_or_locked_or_expired_lets_no_customer_call_and_nothing_is_held()
    {
        _ledger.Pay("out", _top, -Unit + 1, "", "", T0);
        Assert.Equal(BalanceTooLow, _ledger.OpenCall(Call(1, agents: true), 60, T0));
        Assert.Equal(Done, _ledger.SetTerms(_agent, 0, locked: true, T0));
        Assert.Equal(AccountLocked, _ledger.OpenCall(Call(1, agents: true), 60, T0));
        Assert.Equal(Done, _ledger.SetTerms(_agent, 0, locked: false, T0, validUntil: T0));
        Assert.Equal(AccountExpired, _ledger.OpenCall(Call(1, agents: true), 60, T0));
        Assert.All(_ledger.Accounts, static a => Assert.Equal(0, a.ReservedNanos));
        Assert.Equal(Done, _ledger.OpenCall(Call(2, agents: false), 60, T0));
        HoldAgainstFold();
    }

    [Fact]
    public void A_call_goes_on_as_long_as_the_poorest_of_those_who_pay()
    {
        _ledger.Pay("out", _agent, -Unit + (50 * Unit / 100), "", "", T0); // 100 s at half a cent
        Cdr cdr = Call(1, agents: true);
        Assert.Equal(Done, _ledger.OpenCall(cdr, 60, T0));
        Assert.Equal(Done, _ledger.ExtendTo(cdr.Call, 120, T0));
        Assert.Equal(100, _ledger.Covered(cdr.Call));
        Assert.Equal(BalanceTooLow, _ledger.ExtendTo(cdr.Call, 160, T0));
        Finish(cdr, 500); // a turn that came late
        _ledger.CloseCall(cdr, cdr.Stop);
        Assert.Equal((100 * Unit / 100, 50 * Unit / 100), (cdr.Sale!.Nanos, cdr.Further[0].Nanos));
        Assert.Equal(0, Of(_customer).BalanceNanos);
        Assert.Equal(1, _ledger.CappedPostings);
        HoldAgainstFold();
    }

    [Fact]
    public void Gift_seconds_are_used_before_money_in_full_steps_and_what_was_held_and_not_used_goes_back()
    {
        Begin(new PackageTerms { Name = "hour", GiftTimes = [new GiftTime(["44"], 0, 86_400, 180, 60)] });
        Cdr cdr = Call(1);
        Assert.Equal(Done, _ledger.OpenCall(cdr, 60, T0));
        Assert.Equal((0L, 60, 60), (Of(_customer).ReservedNanos, _ledger.Covered(cdr.Call), _ledger.GiftSeconds(cdr.Call)));
        Assert.Equal(Done, _ledger.ExtendTo(cdr.Call, 240, T0));
        Assert.Equal((60 * Unit / 100, 240, 180), (Of(_customer).ReservedNanos, _ledger.Covered(cdr.Call), _ledger.GiftSeconds(cdr.Call)));
        Finish(cdr, 70);
        _ledger.CloseCall(cdr, cdr.Stop);
        Assert.Equal((0L, 120, 0), (cdr.Sale!.Nanos, cdr.Sale.GiftSeconds, cdr.Sale.BilledSeconds));
        Assert.Equal(60, Assert.Single(Of(_customer).Packages).SecondsLeft[0]);
        Assert.Equal(Unit, Of(_customer).BalanceNanos);

        Cdr beyond = Call(2);
        _ledger.OpenCall(beyond, 90, T0);
        Finish(beyond, 85);
        _ledger.CloseCall(beyond, beyond.Stop);
        Assert.Equal((25 * Unit / 100, 60, 25), (beyond.Sale!.Nanos, beyond.Sale.GiftSeconds, beyond.Sale.BilledSeconds));
        HoldAgainstFold();
    }

    [Fact]
    public void Two_calls_never_hold_the_same_gift()
    {
        Begin(new PackageTerms { Name = "hour", GiftTimes = [new GiftTime([""], 0, 86_400, 60, 60)], GiftNanos = 30 * Unit / 100 });
        _ledger.Pay("out", _customer, -Unit, "", "", T0);
        Cdr first = Call(1), second = Call(2), third = Call(3);
        Assert.Equal(Done, _ledger.OpenCall(first, 60, T0)); // the seconds
        Assert.Equal(BalanceTooLow, _ledger.OpenCall(second, 60, T0)); // the money gives 30
        Assert.Equal(Done, _ledger.OpenCall(second, 30, T0));
        Assert.Equal(BalanceTooLow, _ledger.OpenCall(third, 1, T0));
        Finish(first, 60);
        Finish(second, 10);
        _ledger.CloseCall(first, T0);
        _ledger.CloseCall(second, T0);
        Assert.Equal((0L, 10 * Unit / 100), (second.Sale!.Nanos, second.Sale.GiftNanos));
        Assert.Equal((20 * Unit / 100, 0L), (Of(_customer).Packages[0].GiftNanosLeft, Of(_customer).BalanceNanos));
        HoldAgainstFold();
    }

    [Fact]
    public void Gifts_go_by_number_hour_priority_and_what_was_spent_before()
    {
        Begin(new PackageTerms { Name = "night", GiftTimes = [new GiftTime([""], 79_200, 21_600, 600, 60)] }, order: "n", priority: 1); // 22:00 to 06:00
        Begin(new PackageTerms { Name = "uk", LowerConsumptionNanos = Unit / 10, GiftTimes = [new GiftTime(["44"], 0, 86_400, 600, 60)] }, order: "u", priority: 2);
        Cdr noon = Call(1);
        _ledger.OpenCall(noon, 60, T0);
        Assert.Equal(0, _ledger.GiftSeconds(noon.Call)); // nothing spent yet
        Finish(noon, 10);
        _ledger.CloseCall(noon, noon.Stop);
        Cdr later = Call(2), night = Call(3), elsewhere = Call(4, to: "33");
        _ledger.OpenCall(later, 60, T0);
        Assert.Equal((60, 540), (_ledger.GiftSeconds(later.Call), Of(_customer).Packages[1].SecondsLeft[0]));
        _ledger.OpenCall(night, 60, T0 + TimeSpan.FromHours(11));
        Assert.Equal(540, Of(_customer).Packages[0].SecondsLeft[0]); // the first in order
        _ledger.OpenCall(elsewhere, 30, T0);
        Assert.Equal(0, _ledger.GiftSeconds(elsewhere.Call));
        HoldAgainstFold();
    }

    [Fact]
    public void A_package_that_ends_during_a_call_leaves_the_call_what_it_holds_and_gives_no_more()
    {
        Begin(new PackageTerms { Name = "p", GiftTimes = [new GiftTime([""], 0, 86_400, 600, 60)], GiftNanos = Unit });
        _ledger.Pay("out", _customer, -Unit, "", "", T0);
        Cdr cdr = Call(1);
        _ledger.OpenCall(cdr, 600 + 30, T0); // 600 s and 0.30 of gift money
        Assert.Equal(Done, _ledger.EndPackage(Of(_customer).Packages[0].Id, forgive: false, T0));
        Assert.Equal(BalanceTooLow, _ledger.ExtendTo(cdr.Call, 700, T0));
        Finish(cdr, 620);
        _ledger.CloseCall(cdr, cdr.Stop);
        Assert.Equal((0L, 600, 20 * Unit / 100, 0L), (cdr.Sale!.Nanos, cdr.Sale.GiftSeconds, cdr.Sale.GiftNanos, Of(_customer).BalanceNanos));
        HoldAgainstFold();
    }

    [Fact]
    public void A_phone_spends_no_more_in_a_month_than_it_may_and_holds_of_calls_at_once_count()
    {
        Cdr first = Call(1, phone: "5551"), second = Call(2, phone: "5551");
        Assert.Equal(Done, _ledger.OpenCall(first, 30, T0, phoneLimitNanos: Unit / 2)); // 50 s
        Assert.Equal(BalanceTooLow, _ledger.OpenCall(second, 30, T0, phoneLimitNanos: Unit / 2));
        Assert.Equal(Done, _ledger.OpenCall(second, 20, T0, phoneLimitNanos: Unit / 2));
        foreach (Cdr cdr in new[] { first, second })
        {
            Finish(cdr, 20);
            _ledger.CloseCall(cdr, T0);
        }
        Assert.Equal(40 * Unit / 100, _ledger.Phone("5551").SpentNanos);
        Assert.Equal(BalanceTooLow, _ledger.OpenCall(Call(3, phone: "5551"), 11, T0, phoneLimitNanos: Unit / 2));
        Instant april = Instant.FromUtc(new DateTime(2026, 4, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(Done, _ledger.OpenCall(Call(3, phone: "5551"), 11, april, phoneLimitNanos: Unit / 2));
        HoldAgainstFold();
    }

    [Fact]
    public void A_call_made_elsewhere_is_charged_whole_once()
    {
        Cdr cdr = Call(1, agents: true);
        Finish(cdr, 150); // 1.50 of 1.00
        cdr.Cost = new CallCharge { Account = _carrier, Tariff = QuarterCent };
        Assert.Equal(Done, _ledger.ChargeExternal(cdr, T0));
        Assert.Equal(AlreadyClosed, _ledger.ChargeExternal(cdr, T0));
        Assert.Equal((-50 * Unit / 100, 25 * Unit / 100, -375_000_000L), (Of(_customer).BalanceNanos, Of(_agent).BalanceNanos, Of(_carrier).BalanceNanos));
        Assert.Equal(CalleeBilling.External, cdr.CalleeBilling);
        HoldAgainstFold();
    }

    [Fact]
    public void How_long_a_call_could_talk_is_told_without_holding_anything()
    {
        Begin(new PackageTerms { Name = "p", GiftTimes = [new GiftTime(["44"], 0, 86_400, 600, 60)] });
        int records = _journal.Records.Count;
        Assert.Equal(Done, _ledger.AvailableSeconds(Call(1), T0, out int seconds));
        Assert.Equal(700, seconds);
        Assert.Equal(Done, _ledger.AvailableSeconds(Call(1, agents: true), T0, out seconds));
        Assert.Equal(200, seconds); // the agent's
        Assert.Equal(Done, _ledger.AvailableSeconds(new Cdr { Call = new CallId(9) }, T0, out seconds));
        Assert.Equal(int.MaxValue, seconds);
        _ledger.SetTerms(_customer, 0, locked: true, T0);
        Assert.Equal(AccountLocked, _ledger.AvailableSeconds(Call(1), T0, out seconds));
        Assert.Equal((0, records + 1), (seconds, _journal.Records.Count));
    }

    [Fact]
    public void A_snapshot_taken_in_the_middle_goes_on_as_the_ledger_does()
    {
        Begin(new PackageTerms { Name = "p", MinConsumptionNanos = Unit, GiftTimes = [new GiftTime([""], 0, 86_400, 100, 7)], GiftNanos = Unit / 10 });
        Cdr one = Call(1, agents: true), two = Call(2);
        _ledger.OpenCall(one, 20, T0);
        _ledger.OpenCall(two, 120, T0);
        Assert.True(Ledger.TryLoad(_journal, _ledger.Save(), out Ledger? loaded));
        Assert.Empty(LedgerCheck.Compare(_ledger, loaded));
        Assert.Equal(_ledger.Save(), loaded.Save());
        Finish(two, 110);
        Cdr again = two.Copy();
        loaded.CloseCall(again, T0);
        _ledger.CloseCall(two, T0);
        Assert.Equal((two.Sale!.Nanos, two.Sale.GiftSeconds, two.Sale.GiftNanos), (again.Sale!.Nanos, again.Sale.GiftSeconds, again.Sale.GiftNanos));
        Assert.Empty(LedgerCheck.Compare(_ledger, loaded));
    }

    [Fact]
    public void A_restart_closes_such_calls_with_gifts_and_agents_settled()
    {
        Begin(new PackageTerms { Name = "p", GiftTimes = [new GiftTime([""], 0, 86_400, 60, 60)] });
        Cdr cdr = Call(1, agents: true);
        cdr.Rules = new BillingRules(0, 0);
        _ledger.OpenCall(cdr, 90, T0);
        cdr.Answered = T0;
        _ledger.AnswerCall(cdr, T0);
        _ledger.Heartbeat(T0 + TimeSpan.FromSeconds(80));
        Ledger again = new(_journal);
        Assert.Empty(_journal.Fold(again).Faults);
        Assert.Equal(1, again.Recover(T0 + TimeSpan.FromHours(1), 1000, 0));
        Assert.True(again.TryFindAccount(_customer, out LedgerAccount? customer));
        Assert.True(again.TryFindAccount(_agent, out LedgerAccount? agent));
        Assert.Equal((80 * Unit / 100, 60 * Unit / 100), (customer.BalanceNanos, agent.BalanceNanos));
        LedgerFold fold = _journal.Fold();
        Assert.Empty(fold.Faults);
        Assert.Empty(LedgerCheck.Compare(fold.Ledger, again));
    }

    private void Begin(PackageTerms terms, string order = "o", int priority = 1) =>
        Assert.Equal(Done, _ledger.BeginPackage(order, _customer, terms, priority, T0, T0 + TimeSpan.FromDays(30), T0));

    private LedgerAccount Of(AccountId id) => _ledger.TryFindAccount(id, out LedgerAccount? account) ? account : throw new InvalidOperationException();

    private Cdr Call(long id, bool agents = false, string to = "44123", string phone = "") => new()
    {
        Call = new CallId(id), Start = T0, CalleeE164 = to, Rules = BillingRules.Plain,
        Sale = new CallCharge { Account = _customer, AccountNumber = "1001", Tariff = CentASecond, Phone = phone },
        Further = agents ? [new CallCharge { Account = _agent, Tariff = HalfACent }, new CallCharge { Account = _top, Tariff = QuarterCent }] : [],
    };

    private static void Finish(Cdr cdr, int seconds)
    {
        cdr.Answered = T0;
        cdr.Stop = T0 + TimeSpan.FromSeconds(seconds);
    }

    private void HoldAgainstFold()
    {
        LedgerFold fold = _journal.Fold();
        Assert.Empty(fold.Faults);
        Assert.Empty(LedgerCheck.Compare(fold.Ledger, _ledger));
    }
}
