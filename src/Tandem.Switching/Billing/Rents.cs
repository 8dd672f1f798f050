using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>What a period of a package is counted in. The operators' numbers.</summary>
public enum RentType : byte { Day = 0, Month = 1, Year = 2, OneOff = 3 }

/// <summary>What becomes of an order whose rent cannot be paid. The operators' numbers.</summary>
public enum RentFailure : byte { WaitForPayment = 0, WaitForNextPeriod = 1, Delete = 2 }

/// <summary>An order of a package, compiled.</summary>
/// <param name="Id">The operator's.</param>
/// <param name="Account">Who pays and gets.</param>
/// <param name="Terms">What a whole period gives and asks, before <paramref name="Percent"/>.</param>
/// <param name="Type">What a period is counted in.</param>
/// <param name="Period">How many of them; seconds for a one-off package.</param>
/// <param name="Partial">Periods keep to the calendar, and the first gives and costs in proportion to what is left of it.</param>
/// <param name="From">When it begins; zero: when it is first seen.</param>
/// <param name="Until">When it ends; <see cref="Instant.Never"/>: it does not.</param>
/// <param name="Priority">Lower ones begin and are used first.</param>
/// <param name="Failure">What becomes of it when the rent cannot be paid.</param>
/// <param name="Percent">Of the rent that is taken.</param>
public sealed record PackageOrder(string Id, AccountId Account, PackageTerms Terms, RentType Type, int Period, bool Partial, Instant From, Instant Until, int Priority, RentFailure Failure, int Percent);

/// <summary>A phone with a monthly rent or a least monthly spending, compiled.</summary>
public sealed record PhoneTerms(string Phone, AccountId Account, long RentNanos, long MinimumNanos);

/// <summary>
/// What of rents, shortfalls and package periods is due, found from what is ordered and what the ledger has on record. Time is the ledger's: it never runs
/// backwards, and a period that is on record is never paid again, whatever the clock does. Periods that passed wholly while the switch was
/// off are not charged. All days and months are UTC's (docs/packages.md).
/// </summary>
public sealed class Rents(IReadOnlyList<PackageOrder> orders, IReadOnlyList<PhoneTerms> phones)
{
    public static readonly Rents None = new([], []);

    private readonly PackageOrder[] _orders = [.. orders.OrderBy(static o => o.Priority).ThenBy(static o => o.Id, StringComparer.Ordinal)];
    private readonly PhoneTerms[] _phones = [.. phones.OrderBy(static p => p.Phone, StringComparer.Ordinal)];

    /// <summary>Does what is due; returns when the next is, should nobody pay in before.</summary>
    public Instant Turn(Ledger ledger, Instant clock)
    {
        Instant now = Instant.Max(clock, ledger.LastRecordAt);
        Instant next = Instant.Never;
        foreach (CurrentPackage package in ledger.Packages.Where(p => p.Until <= now).OrderBy(static p => p.Until).ThenBy(static p => p.Id).ToArray())
        {
            if (ledger.EndPackage(package.Id, forgive: false, now) == LedgerOutcome.JournalUnavailable) return now + TimeSpan.FromSeconds(1);
        }
        foreach (PackageOrder order in _orders)
        {
            if (order.Until <= now) continue;
            if (Begin(ledger, order, now) == LedgerOutcome.JournalUnavailable) return now + TimeSpan.FromSeconds(1);
            next = Instant.Min(next, NextOf(ledger, order, now));
        }
        foreach (CurrentPackage package in ledger.Packages) next = Instant.Min(next, package.Until);
        if (_phones.Length == 0) return next;
        int month = Ledger.MonthOf(now);
        foreach (PhoneTerms phone in _phones)
        {
            if (Charge(ledger, phone, month, now) == LedgerOutcome.JournalUnavailable) return now + TimeSpan.FromSeconds(1);
        }
        return Instant.Min(next, Instant.FromUtc(new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(month + 1)));
    }

    /// <summary>The period of an order that an instant lies in, when its first began so.</summary>
    public static (Instant From, Instant Until) PeriodAt(PackageOrder order, Instant first, Instant now)
    {
        if (order.Type == RentType.OneOff) return (first, first + TimeSpan.FromSeconds(order.Period));
        DateTime anchor = order.Partial ? Aligned(order.Type, first.ToUtc()) : first.ToUtc();
        DateTime at = now.ToUtc();
        int k = order.Type switch
        {
            RentType.Day => (int)((at - anchor).TotalDays / order.Period),
            RentType.Month => (((at.Year - anchor.Year) * 12) + at.Month - anchor.Month) / order.Period,
            _ => (at.Year - anchor.Year) / order.Period,
        };
        k = Math.Max(k, 0);
        while (k > 0 && Step(order, anchor, k) > at) k--;
        while (Step(order, anchor, k + 1) <= at) k++;
        return (Instant.Max(first, Instant.FromUtc(Step(order, anchor, k))), Instant.FromUtc(Step(order, anchor, k + 1)));
    }

    private static DateTime Step(PackageOrder order, DateTime anchor, int k) => order.Type switch
    {
        RentType.Day => anchor.AddDays((double)order.Period * k),
        RentType.Month => anchor.AddMonths(order.Period * k), // the 31st is the last of a shorter month
        _ => anchor.AddYears(order.Period * k),
    };

    private static DateTime Aligned(RentType type, DateTime at) => type switch
    {
        RentType.Day => at.Date,
        RentType.Month => new DateTime(at.Year, at.Month, 1, 0, 0, 0, DateTimeKind.Utc),
        _ => new DateTime(at.Year, 1, 1, 0, 0, 0, DateTimeKind.Utc),
    };

    private static LedgerOutcome Begin(Ledger ledger, PackageOrder order, Instant now)
    {
        Ledger.OrderState state = ledger.Order(order.Id);
        if (state.PutOffUntil > now || state.PaidUntil > now) return LedgerOutcome.AlreadyDone;
        Instant first = state.First != Instant.Never ? state.First : order.From == default ? now : order.From;
        if (first > now) return LedgerOutcome.AlreadyDone;
        (Instant from, Instant until) = PeriodAt(order, first, now);
        if (until <= now) return ledger.PutOffOrder(order.Id, Instant.Never, now); // a one-off package whose time passed before it could begin
        LedgerOutcome begun = ledger.BeginPackage(order.Id, order.Account, TermsOf(order, from, until), order.Priority, from, until, now);
        if (begun == LedgerOutcome.Done && order.Type == RentType.OneOff) return ledger.PutOffOrder(order.Id, Instant.Never, now);
        if (begun != LedgerOutcome.BalanceTooLow || order.Failure == RentFailure.WaitForPayment) return begun;
        return ledger.PutOffOrder(order.Id, order.Failure == RentFailure.Delete || order.Type == RentType.OneOff ? Instant.Never : until, now);
    }

    // The part of the rent that is asked, and of a first period that is not whole, the part of all.
    private static PackageTerms TermsOf(PackageOrder order, Instant from, Instant until)
    {
        PackageTerms terms = order.Terms with { RentNanos = Part(order.Terms.RentNanos, order.Percent, 100) };
        if (!order.Partial || order.Type == RentType.OneOff) return terms;
        long whole = (until - Instant.FromUtc(WholeFrom(order, until))).Ticks, part = (until - from).Ticks;
        if (part >= whole) return terms;
        return terms with
        {
            RentNanos = Part(terms.RentNanos, part, whole),
            GiftNanos = Part(terms.GiftNanos, part, whole),
            MinConsumptionNanos = Part(terms.MinConsumptionNanos, part, whole),
            LowerConsumptionNanos = Part(terms.LowerConsumptionNanos, part, whole),
            GiftTimes = [.. terms.GiftTimes.Select(g => g with { Seconds = (int)Part(g.Seconds, part, whole) })],
        };
    }

    private static DateTime WholeFrom(PackageOrder order, Instant until) => order.Type switch
    {
        RentType.Day => until.ToUtc().AddDays(-order.Period),
        RentType.Month => until.ToUtc().AddMonths(-order.Period),
        _ => until.ToUtc().AddYears(-order.Period),
    };

    private static long Part(long whole, long part, long of) => (long)((Int128)whole * part / of);

    private static Instant NextOf(Ledger ledger, PackageOrder order, Instant now)
    {
        Ledger.OrderState state = ledger.Order(order.Id);
        if (state.PutOffUntil == Instant.Never) return Instant.Never;
        if (state.PutOffUntil > now) return state.PutOffUntil;
        if (state.PaidUntil > now) return state.PaidUntil;
        return order.From > now ? order.From : Instant.Never; // it waits for money: a payment, or a change of its account, brings it back
    }

    // The last month's shortfall, then this month's rent. The first month a phone is seen in is its first.
    private static LedgerOutcome Charge(Ledger ledger, PhoneTerms phone, int month, Instant now)
    {
        Ledger.PhoneState state = ledger.Phone(phone.Phone);
        if (state.RentMonth >= 0 && state.RentMonth < month && state.ShortfallMonth < state.RentMonth)
        {
            long spent = state.Month == state.RentMonth ? state.SpentNanos : 0;
            LedgerOutcome shortfall = ledger.ChargePhone(phone.Phone, phone.Account, ConsumptionKind.PhoneShortfall, state.RentMonth, Math.Max(0, phone.MinimumNanos - spent), now);
            if (shortfall == LedgerOutcome.JournalUnavailable) return shortfall;
        }
        return state.RentMonth >= month ? LedgerOutcome.AlreadyDone : ledger.ChargePhone(phone.Phone, phone.Account, ConsumptionKind.PhoneRent, month, phone.RentNanos, now);
    }
}
