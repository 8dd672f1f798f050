using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Billing;

// The whole state in bytes, for snapshots. Version 1 had neither validity, income and daily consumption, nor packages and phones' months, and payments without their
// time; it is still read.
public sealed partial class Ledger
{
    private const byte StateVersion = 2, FirstStateVersion = 1;

    /// <summary>The whole state in bytes, for a snapshot. A ledger that loads it goes on as this one would.</summary>
    public byte[] Save()
    {
        ArrayBufferWriter<byte> to = new(64 * 1024);
        ByteWriter head = new(to.GetSpan(64));
        head.PutByte(StateVersion);
        head.PutInt64(LastRecordAt.Micros);
        head.PutInt32(_accounts.Count);
        head.PutInt32(_payments.Count);
        head.PutInt32(_calls.Count);
        head.PutInt32(_closedOrder.Count);
        head.PutInt32(_packages.Count);
        head.PutInt32(_orders.Count);
        head.PutInt32(_phones.Count);
        head.PutInt32(_consumptions.Count);
        head.PutInt32(_lastPackage);
        to.Advance(head.Length);
        foreach (LedgerAccount account in _accounts)
        {
            ByteWriter item = new(to.GetSpan(1024));
            ((ILedgerRecord)new AccountOpened(account.Id, account.Number, account.Currency, account.Kind, account.CreditLimitNanos, account.Locked, account.ValidUntil)).Write(ref item);
            item.PutInt64(account.BalanceNanos);
            item.PutInt64(account.ReservedNanos);
            item.PutInt64(account.IncomeNanos);
            item.PutInt32(account.Day);
            item.PutInt64(account.DayNanos);
            to.Advance(item.Length);
        }
        foreach (PaymentEntry entry in _payments)
        {
            ByteWriter item = new(to.GetSpan(4096));
            ((ILedgerRecord)entry.Payment).Write(ref item);
            item.PutInt64(entry.At.Micros);
            item.PutByte(entry.Reversed ? (byte)1 : (byte)0);
            to.Advance(item.Length);
        }
        foreach (CurrentPackage package in _packages.Values) SavePackage(to, package);
        foreach ((string id, OrderState order) in _orders)
        {
            ByteWriter item = new(to.GetSpan(1024));
            item.PutString(id);
            item.PutInt64(order.First.Micros);
            item.PutInt64(order.PaidUntil.Micros);
            item.PutInt64(order.PutOffUntil.Micros);
            to.Advance(item.Length);
        }
        foreach ((string number, PhoneState phone) in _phones)
        {
            ByteWriter item = new(to.GetSpan(1024));
            item.PutString(number);
            item.PutInt32(phone.RentMonth);
            item.PutInt32(phone.ShortfallMonth);
            item.PutInt32(phone.Month);
            item.PutInt64(phone.SpentNanos);
            to.Advance(item.Length);
        }
        foreach (ConsumptionEntry entry in _consumptions)
        {
            ByteWriter item = new(to.GetSpan(1024));
            item.PutInt32(entry.Account.Value);
            item.PutByte((byte)entry.Kind);
            item.PutString(entry.Name);
            item.PutInt64(entry.Nanos);
            item.PutInt64(entry.BalanceAfterNanos);
            item.PutInt64(entry.At.Micros);
            to.Advance(item.Length);
        }
        foreach ((CallId call, OpenCallState state) in _calls)
        {
            ByteWriter item = new(to.GetSpan(64 * 1024 + state.CdrLength));
            WideHolding[]? wide = state.Wide is { } w ? [.. w.Holdings.Select(static h => new WideHolding(h.Role, h.Account, h.Nanos, h.Tariff, [.. h.Gifts]))] : null;
            ((ILedgerRecord)new CallOpened(call, state.Payer, state.ReservedNanos, state.Tariff, wide)).Write(ref item);
            item.PutByte(state.Answered ? (byte)1 : (byte)0);
            item.PutInt32(state.CdrLength);
            item.Text(state.Cdr.AsSpan(0, state.CdrLength));
            to.Advance(item.Length);
        }
        foreach (CallId call in _closedOrder)
        {
            ByteWriter item = new(to.GetSpan(8));
            item.PutInt64(call.Value);
            to.Advance(item.Length);
        }
        return to.WrittenSpan.ToArray();
    }

    /// <summary>A ledger from <see cref="Save"/>'s bytes; false when they are none of a known version.</summary>
    public static bool TryLoad(IJournal journal, ReadOnlySpan<byte> state, [NotNullWhen(true)] out Ledger? ledger)
    {
        ledger = null;
        ByteReader from = new(state);
        byte version = from.GetByte();
        if (version is not (StateVersion or FirstStateVersion)) return false;
        bool first = version == FirstStateVersion;
        Ledger loaded = new(journal) { LastRecordAt = new Instant(from.GetInt64()) };
        int accounts = from.GetInt32(), payments = from.GetInt32(), calls = from.GetInt32(), closed = from.GetInt32();
        int packages = 0, orders = 0, phones = 0, consumptions = 0;
        if (!first) (packages, orders, phones, consumptions, loaded._lastPackage) = (from.GetInt32(), from.GetInt32(), from.GetInt32(), from.GetInt32(), from.GetInt32());
        for (int i = 0; i < accounts && !from.Failed; i++)
        {
            LedgerAccount account = new(AccountOpened.Read(ref from, from.GetByte())) { BalanceNanos = from.GetInt64(), ReservedNanos = from.GetInt64() };
            if (!first) (account.IncomeNanos, account.Day, account.DayNanos) = (from.GetInt64(), from.GetInt32(), from.GetInt64());
            loaded._accounts.Add(account);
            if (!loaded._byNumber.TryAdd(account.Number, account)) return false;
        }
        for (int i = 0; i < payments && !from.Failed; i++)
        {
            Payment payment = Payment.Read(ref from, from.GetByte());
            (Instant at, bool reversed) = first ? (default, false) : (new Instant(from.GetInt64()), from.GetByte() != 0);
            if (!loaded.TryFindAccount(payment.Account, out _) || !loaded.KeepPayment(payment, at, reversed)) return false;
        }
        for (int i = 0; i < packages && !from.Failed; i++)
        {
            if (!loaded.LoadPackage(ref from)) return false;
        }
        for (int i = 0; i < orders && !from.Failed; i++) loaded._orders[from.GetString()] = new OrderState(new Instant(from.GetInt64()), new Instant(from.GetInt64()), new Instant(from.GetInt64()));
        for (int i = 0; i < phones && !from.Failed; i++) loaded._phones[from.GetString()] = new PhoneState(from.GetInt32(), from.GetInt32(), from.GetInt32(), from.GetInt64());
        for (int i = 0; i < consumptions && !from.Failed; i++)
            loaded._consumptions.Add(new ConsumptionEntry(new AccountId(from.GetInt32()), (ConsumptionKind)from.GetByte(), from.GetString(), from.GetInt64(), from.GetInt64(), new Instant(from.GetInt64())));
        for (int i = 0; i < calls && !from.Failed; i++)
        {
            CallOpened opened = CallOpened.Read(ref from, from.GetByte());
            OpenCallState open = new() { Payer = opened.Payer, ReservedNanos = opened.ReservedNanos, Tariff = opened.Tariff, Answered = from.GetByte() != 0 };
            if (opened.Wide is { } wide) open.Wide = new WideCall { Holdings = [.. wide.Select(loaded.Load)] };
            loaded.Keep(ref open, from.Take(from.GetInt32()));
            if (!loaded._calls.TryAdd(opened.Call, open)) return false;
        }
        for (int i = 0; i < closed && !from.Failed; i++) loaded.Remember(new CallId(from.GetInt64()));
        if (from.Failed || from.Remaining > 0) return false;
        foreach (LedgerAccount account in loaded._accounts) loaded.Figures.Note(account);
        ledger = loaded;
        return true;
    }

    private CallHolding Load(WideHolding held)
    {
        CallHolding holding = new(held.Role, held.Account, held.Tariff) { Nanos = held.Nanos };
        foreach (GiftPart part in held.Gifts)
        {
            holding.Add(part);
            if (part.GiftTime != GiftPart.Money && FindPackage(held.Account, part.Package) is { } package) holding.Cycles[(part.Package, part.GiftTime)] = package.Terms.GiftTimes[part.GiftTime].Cycle;
        }
        return holding;
    }

    private static void SavePackage(ArrayBufferWriter<byte> to, CurrentPackage package)
    {
        int room = 1024 + package.Terms.GiftTimes.Sum(static g => 64 + g.Prefixes.Sum(static p => p.Length + 2));
        ByteWriter item = new(to.GetSpan(room * 2));
        ((ILedgerRecord)new PackageBegun("", package.Id, package.Account, package.Order, package.Priority, package.From, package.Until, package.Terms, 0)).Write(ref item);
        item.PutInt64(package.GiftNanosLeft);
        item.PutInt64(package.ConsumedNanos);
        foreach (int seconds in package.SecondsLeft) item.PutInt32(seconds);
        to.Advance(item.Length);
    }

    private bool LoadPackage(ref ByteReader from)
    {
        from.GetByte();
        PackageBegun begun = PackageBegun.Read(ref from);
        if (from.Failed || !TryFindAccount(begun.Account, out LedgerAccount? account)) return false;
        CurrentPackage package = new(begun) { GiftNanosLeft = from.GetInt64(), ConsumedNanos = from.GetInt64() };
        for (int i = 0; i < package.SecondsLeft.Length; i++) package.SecondsLeft[i] = from.GetInt32();
        Add(package, account);
        return true;
    }
}
