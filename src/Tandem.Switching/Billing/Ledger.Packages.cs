using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>What an account was charged that is no call.</summary>
public readonly record struct ConsumptionEntry(AccountId Account, ConsumptionKind Kind, string Name, long Nanos, long BalanceAfterNanos, Instant At);

// Packages, their orders, and the months of phones. Which of it is due when is Rents' to find; here it is done, once and on record.
public sealed partial class Ledger
{
    public const int MostPackagesOfAnAccount = 32;

    private readonly Dictionary<string, OrderState> _orders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PhoneState> _phones = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _phonesHeld = new(StringComparer.Ordinal);
    private readonly List<ConsumptionEntry> _consumptions = [];
    private readonly SortedDictionary<int, CurrentPackage> _packages = [];
    private int _lastPackage;

    /// <summary>How an order stands.</summary>
    /// <param name="First">When its first period began; <see cref="Instant.Never"/>: none has.</param>
    /// <param name="PaidUntil">The end of its newest period.</param>
    /// <param name="PutOffUntil">It is not looked at before.</param>
    public readonly record struct OrderState(Instant First, Instant PaidUntil, Instant PutOffUntil)
    {
        public static readonly OrderState New = new(Instant.Never, default, default);
    }

    /// <summary>How a phone's months stand.</summary>
    /// <param name="RentMonth">The newest whose rent was dealt with; −1 for none.</param>
    /// <param name="ShortfallMonth">The newest whose shortfall was dealt with; −1 for none.</param>
    /// <param name="Month">The month of <paramref name="SpentNanos"/>.</param>
    /// <param name="SpentNanos">Charged for the phone's calls in it, from the balance.</param>
    public readonly record struct PhoneState(int RentMonth, int ShortfallMonth, int Month, long SpentNanos)
    {
        public static readonly PhoneState New = new(-1, -1, 0, 0);
    }

    /// <summary>All current packages, by id.</summary>
    public IReadOnlyCollection<CurrentPackage> Packages => _packages.Values;

    /// <summary>Rents and shortfalls, oldest first.</summary>
    public IReadOnlyList<ConsumptionEntry> Consumptions => _consumptions;

    /// <summary>Grows with each payment in: orders that wait for money are looked at again.</summary>
    public long MoneyCame { get; private set; }

    public OrderState Order(string id) => _orders.GetValueOrDefault(id, OrderState.New);

    public PhoneState Phone(string number) => _phones.GetValueOrDefault(number, PhoneState.New);

    /// <summary>The month an instant lies in (UTC), counted from January 1970.</summary>
    public static int MonthOf(Instant at)
    {
        DateTime utc = at.ToUtc();
        return ((utc.Year - 1970) * 12) + utc.Month - 1;
    }

    /// <summary>
    /// Begins a period of a package and takes its rent from the balance. A period the order has had already is <see cref="LedgerOutcome.AlreadyDone"/>.
    /// </summary>
    public LedgerOutcome BeginPackage(string order, AccountId id, PackageTerms terms, int priority, Instant from, Instant until, Instant now)
    {
        if (order.Length is 0 or > MaxTextLength) return LedgerOutcome.IdInvalid;
        if (terms.RentNanos is < 0 or > MaxAmountNanos || terms.GiftNanos is < 0 or > MaxAmountNanos || until <= from) return LedgerOutcome.AmountInvalid;
        if (!TryFindAccount(id, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
        if (from < Order(order).PaidUntil) return LedgerOutcome.AlreadyDone;
        if (Barred(account, now) is { } barred) return barred;
        if (account.Packages.Count >= MostPackagesOfAnAccount) return LedgerOutcome.ReferenceInvalid;
        if (terms.RentNanos > 0 && account.AvailableNanos < terms.RentNanos) return LedgerOutcome.BalanceTooLow;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        PackageBegun record = new($"{order}/{from}", _lastPackage + 1, id, order, priority, from, until, terms, account.BalanceNanos - terms.RentNanos);
        Append(JournalRecordType.PackageBegun, record, now);
        Apply(record, now);
        return LedgerOutcome.Done;
    }

    /// <summary>
    /// Ends a package. What was spent less than promised is taken, as far as the balance and the credit give it, unless <paramref name="forgive"/>.
    /// </summary>
    public LedgerOutcome EndPackage(int package, bool forgive, Instant now)
    {
        if (!_packages.TryGetValue(package, out CurrentPackage? current) || !TryFindAccount(current.Account, out LedgerAccount? account)) return LedgerOutcome.ReferenceInvalid;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        long shortfall = forgive ? 0 : Math.Clamp(current.Terms.MinConsumptionNanos - current.ConsumedNanos, 0, Math.Max(0, account.AvailableNanos));
        PackageEnded record = new(package, account.Id, shortfall, account.BalanceNanos - shortfall);
        Append(JournalRecordType.PackageEnded, record, now);
        Apply(record, now);
        return LedgerOutcome.Done;
    }

    /// <summary>The order is not looked at before an instant; <see cref="Instant.Never"/>: it is over.</summary>
    public LedgerOutcome PutOffOrder(string order, Instant until, Instant now)
    {
        if (Order(order).PutOffUntil >= until) return LedgerOutcome.AlreadyDone;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        OrderPutOff record = new(order, until);
        Append(JournalRecordType.OrderPutOff, record, now);
        Apply(record);
        return LedgerOutcome.Done;
    }

    /// <summary>Takes a phone's rent of a month, or a shortfall as far as the money goes. A month that was dealt with is <see cref="LedgerOutcome.AlreadyDone"/>.</summary>
    public LedgerOutcome ChargePhone(string phone, AccountId id, ConsumptionKind kind, int month, long nanos, Instant now)
    {
        if (kind is not (ConsumptionKind.PhoneRent or ConsumptionKind.PhoneShortfall)) return LedgerOutcome.ReferenceInvalid;
        if (nanos is < 0 or > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        if (!TryFindAccount(id, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
        PhoneState state = Phone(phone);
        if (month <= (kind == ConsumptionKind.PhoneRent ? state.RentMonth : state.ShortfallMonth)) return LedgerOutcome.AlreadyDone;
        if (kind == ConsumptionKind.PhoneShortfall) nanos = Math.Min(nanos, Math.Max(0, account.AvailableNanos));
        else if (nanos > 0 && (Barred(account, now) ?? (account.AvailableNanos < nanos ? LedgerOutcome.BalanceTooLow : null)) is { } barred) return barred;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        PhoneMonth record = new($"{phone}/{month}/{kind}", id, kind, phone, month, nanos, account.BalanceNanos - nanos);
        Append(JournalRecordType.PhoneMonth, record, now);
        Apply(record, now);
        return LedgerOutcome.Done;
    }

    internal void Apply(in PackageBegun record, Instant at)
    {
        LedgerAccount account = _accounts[record.Account.Value - 1];
        account.BalanceNanos -= record.Terms.RentNanos;
        Add(new CurrentPackage(record), account);
        OrderState order = Order(record.Order);
        _orders[record.Order] = order with { First = Instant.Min(order.First, record.From), PaidUntil = Instant.Max(order.PaidUntil, record.Until) };
        if (record.Terms.RentNanos > 0) _consumptions.Add(new ConsumptionEntry(account.Id, ConsumptionKind.PackageRent, record.Terms.Name, record.Terms.RentNanos, account.BalanceNanos, at));
        Figures.Note(account);
    }

    internal void Apply(in PackageEnded record, Instant at)
    {
        LedgerAccount account = _accounts[record.Account.Value - 1];
        account.BalanceNanos -= record.ShortfallNanos;
        if (_packages.Remove(record.Package, out CurrentPackage? package)) account.PackageList?.Remove(package);
        if (account.PackageList is { Count: 0 }) account.PackageList = null;
        if (record.ShortfallNanos > 0) _consumptions.Add(new ConsumptionEntry(account.Id, ConsumptionKind.PackageShortfall, package?.Terms.Name ?? "", record.ShortfallNanos, account.BalanceNanos, at));
        Figures.Note(account);
    }

    internal void Apply(in OrderPutOff record) => _orders[record.Order] = Order(record.Order) with { PutOffUntil = record.Until };

    internal void Apply(in PhoneMonth record, Instant at)
    {
        LedgerAccount account = _accounts[record.Account.Value - 1];
        account.BalanceNanos -= record.Nanos;
        PhoneState state = Phone(record.Phone);
        _phones[record.Phone] = record.Kind == ConsumptionKind.PhoneRent ? state with { RentMonth = record.Month } : state with { ShortfallMonth = record.Month };
        if (record.Nanos > 0) _consumptions.Add(new ConsumptionEntry(account.Id, record.Kind, record.Phone, record.Nanos, account.BalanceNanos, at));
        Figures.Note(account);
    }

    internal bool TryFindPackage(int id, [NotNullWhen(true)] out CurrentPackage? package) => _packages.TryGetValue(id, out package);

    internal int LastPackage => _lastPackage;

    private void Add(CurrentPackage package, LedgerAccount account)
    {
        _packages.Add(package.Id, package);
        _lastPackage = Math.Max(_lastPackage, package.Id);
        List<CurrentPackage> list = account.PackageList ??= [];
        list.Add(package);
        list.Sort(static (a, b) => (a.Priority, a.Until, a.Id).CompareTo((b.Priority, b.Until, b.Id)));
    }

    private CurrentPackage? FindPackage(AccountId account, int id) => _packages.TryGetValue(id, out CurrentPackage? package) && package.Account == account ? package : null;

    private void OrdersWait(AccountId account)
    {
        if (account != AccountId.None) MoneyCame++;
    }

    // ---- a phone's month

    private long SpentBy(string phone, Instant now)
    {
        PhoneState state = Phone(phone);
        return state.Month == MonthOf(now) ? state.SpentNanos : 0;
    }

    private void SpendPhone(string phone, long nanos, Instant at)
    {
        PhoneState state = Phone(phone);
        int month = MonthOf(at);
        _phones[phone] = state.Month == month ? state with { SpentNanos = state.SpentNanos + nanos } : state with { Month = month, SpentNanos = nanos };
    }

    // What the phone's calls in progress hold; of this life of the switch alone, since a restart ends them.
    private void HoldPhone(string phone, long nanos)
    {
        if (phone.Length == 0 || nanos == 0) return;
        long held = _phonesHeld.GetValueOrDefault(phone) + nanos;
        if (held == 0) _phonesHeld.Remove(phone);
        else _phonesHeld[phone] = held;
    }
}
