using Tandem.Primitives;
using Tandem.Primitives.Bytes;

namespace Tandem.Switching.Billing;

/// <summary>A period of a package began, its rent taken from the balance in the same record.</summary>
/// <param name="Id">Of the rent: order and period, so that a period is never paid twice.</param>
/// <param name="Package">The ledger's number for it, counted from 1.</param>
/// <param name="Account">Whose.</param>
/// <param name="Order">Where it came from.</param>
/// <param name="Priority">Lower ones are used first.</param>
/// <param name="From">The period's begin.</param>
/// <param name="Until">Its end.</param>
/// <param name="Terms">What it gives and asks; the rent in it is what was taken.</param>
/// <param name="BalanceAfterNanos">The balance after the rent.</param>
public readonly record struct PackageBegun(string Id, int Package, AccountId Account, string Order, int Priority, Instant From, Instant Until, PackageTerms Terms, long BalanceAfterNanos) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutString(Id);
        to.PutInt32(Package);
        to.PutInt32(Account.Value);
        to.PutString(Order);
        to.PutInt32(Priority);
        to.PutInt64(From.Micros);
        to.PutInt64(Until.Micros);
        to.PutString(Terms.Name);
        to.PutInt64(Terms.RentNanos);
        to.PutInt64(Terms.MinConsumptionNanos);
        to.PutInt64(Terms.LowerConsumptionNanos);
        to.PutInt64(Terms.GiftNanos);
        to.PutInt32(Terms.GiftTimes.Count);
        foreach (GiftTime gift in Terms.GiftTimes)
        {
            to.PutInt32(gift.Prefixes.Count);
            foreach (string prefix in gift.Prefixes) to.PutString(prefix);
            to.PutInt32(gift.FromSecond);
            to.PutInt32(gift.UntilSecond);
            to.PutInt32(gift.Seconds);
            to.PutInt32(gift.Cycle);
        }
        to.PutInt64(BalanceAfterNanos);
    }

    internal static PackageBegun Read(ref ByteReader from)
    {
        (string id, int package, AccountId account, string order, int priority) = (from.GetString(), from.GetInt32(), new AccountId(from.GetInt32()), from.GetString(), from.GetInt32());
        (Instant begin, Instant until) = (new Instant(from.GetInt64()), new Instant(from.GetInt64()));
        (string name, long rent, long min, long lower, long money) = (from.GetString(), from.GetInt64(), from.GetInt64(), from.GetInt64(), from.GetInt64());
        GiftTime[] gifts = new GiftTime[Math.Clamp(from.GetInt32(), 0, from.Remaining)];
        for (int i = 0; i < gifts.Length; i++)
        {
            string[] prefixes = new string[Math.Clamp(from.GetInt32(), 0, from.Remaining)];
            for (int p = 0; p < prefixes.Length; p++) prefixes[p] = from.GetString();
            gifts[i] = new GiftTime(prefixes, from.GetInt32(), from.GetInt32(), from.GetInt32(), from.GetInt32());
        }
        PackageTerms terms = new() { Name = name, RentNanos = rent, MinConsumptionNanos = min, LowerConsumptionNanos = lower, GiftNanos = money, GiftTimes = gifts };
        return new PackageBegun(id, package, account, order, priority, begin, until, terms, from.GetInt64());
    }
}

/// <summary>A package is over: its gifts are gone, but for what calls in progress hold.</summary>
/// <param name="Package">Which.</param>
/// <param name="Account">Whose.</param>
/// <param name="ShortfallNanos">What was spent less than promised, taken from the balance; at most what was available.</param>
/// <param name="BalanceAfterNanos">The balance after it.</param>
public readonly record struct PackageEnded(int Package, AccountId Account, long ShortfallNanos, long BalanceAfterNanos) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutInt32(Package);
        to.PutInt32(Account.Value);
        to.PutInt64(ShortfallNanos);
        to.PutInt64(BalanceAfterNanos);
    }

    internal static PackageEnded Read(ref ByteReader from) => new(from.GetInt32(), new AccountId(from.GetInt32()), from.GetInt64(), from.GetInt64());
}

/// <summary>An order will not be looked at before an instant, or never again: its rent could not be paid, or it was for one period.</summary>
public readonly record struct OrderPutOff(string Order, Instant Until) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutString(Order);
        to.PutInt64(Until.Micros);
    }

    internal static OrderPutOff Read(ref ByteReader from) => new(from.GetString(), new Instant(from.GetInt64()));
}

/// <summary>What an account is charged that is no call. The operators' numbers.</summary>
public enum ConsumptionKind : byte { PackageRent = 0, PhoneRent = 1, PhoneShortfall = 2, PackageShortfall = 3 }

/// <summary>A phone's month: its rent, or what was spent less than promised; taken from the balance.</summary>
/// <param name="Id">Phone, month and what it is, so that nothing is charged twice.</param>
/// <param name="Account">Whose.</param>
/// <param name="Kind">Rent or shortfall.</param>
/// <param name="Phone">The phone's number.</param>
/// <param name="Month">The month, counted from January 1970.</param>
/// <param name="Nanos">Taken; not negative, and zero is recorded too: the month is dealt with.</param>
/// <param name="BalanceAfterNanos">The balance after it.</param>
public readonly record struct PhoneMonth(string Id, AccountId Account, ConsumptionKind Kind, string Phone, int Month, long Nanos, long BalanceAfterNanos) : ILedgerRecord
{
    void ILedgerRecord.Write(ref ByteWriter to)
    {
        to.PutByte(Records.Version);
        to.PutString(Id);
        to.PutInt32(Account.Value);
        to.PutByte((byte)Kind);
        to.PutString(Phone);
        to.PutInt32(Month);
        to.PutInt64(Nanos);
        to.PutInt64(BalanceAfterNanos);
    }

    internal static PhoneMonth Read(ref ByteReader from) =>
        new(from.GetString(), new AccountId(from.GetInt32()), (ConsumptionKind)from.GetByte(), from.GetString(), from.GetInt32(), from.GetInt64(), from.GetInt64());
}
