using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Billing;

/// <summary>
/// Accounts, reservations and postings. Single writer; every change is a journal record first and is applied by the same code
/// that folds the journal after a restart (<see cref="LedgerFold"/>), so the two cannot differ. Verbs are repeatable: the second time they
/// answer <see cref="LedgerOutcome.AlreadyDone"/> or <see cref="LedgerOutcome.AlreadyClosed"/> and change nothing. Nothing reserved is ever
/// overdrawn: a reservation is at most what is available, a posting at most what is reserved (docs/billing.md).
/// </summary>
public sealed class Ledger(IJournal journal)
{
    /// <summary>The most one payment, reservation or credit limit can be: a thousand million units.</summary>
    public const long MaxAmountNanos = 1_000_000_000 * Money.NanosPerUnit;

    /// <summary>Balances stay within four thousand million units either way, so no sum of an account's amounts overflows.</summary>
    public const long MaxBalanceNanos = 4 * MaxAmountNanos;

    public const int MaxTextLength = 128;

    /// <summary>How many closed calls are remembered, so that closing one again is recognised.</summary>
    public const int ClosedCallsRemembered = 65_536;

    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(1);

    private readonly List<LedgerAccount> _accounts = [];
    private readonly Dictionary<string, LedgerAccount> _byNumber = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Payment> _payments = new(StringComparer.Ordinal);
    private readonly Dictionary<CallId, OpenCallState> _calls = [];
    private readonly HashSet<CallId> _closed = [];
    private readonly Queue<CallId> _closedOrder = [];
    private readonly BytePool _pool = new();
    private byte[] _scratch = new byte[4096];

    /// <summary>Where its records go.</summary>
    public IJournal Journal => journal;

    /// <summary>By id, from 1.</summary>
    public IReadOnlyList<LedgerAccount> Accounts => _accounts;

    public int OpenCalls => _calls.Count;

    /// <summary>Postings that were cut to what was reserved; each is a call that talked longer than it was covered for.</summary>
    public long CappedPostings { get; private set; }

    /// <summary>Costs that could not be posted because the clearing account is missing or in another currency; the CDR then says zero.</summary>
    public long UnpostableCosts { get; private set; }

    /// <summary>When the newest record was made: a restart charges calls in progress up to here.</summary>
    public Instant LastRecordAt { get; private set; }

    public int PaymentsSeen => _payments.Count;

    public bool TryFindAccount(string number, [NotNullWhen(true)] out LedgerAccount? account) => _byNumber.TryGetValue(number, out account);

    public bool TryFindAccount(AccountId id, [NotNullWhen(true)] out LedgerAccount? account)
    {
        account = id.Value >= 1 && id.Value <= _accounts.Count ? _accounts[id.Value - 1] : null;
        return account is not null;
    }

    /// <summary>Zero for an account that does not exist.</summary>
    public long Available(AccountId id) => TryFindAccount(id, out LedgerAccount? account) ? account.AvailableNanos : 0;

    /// <summary>What is held for the call; zero when it is not open.</summary>
    public long Reserved(CallId call) => _calls.TryGetValue(call, out OpenCallState state) ? state.ReservedNanos : 0;

    /// <summary>The billable seconds the call's reservation pays for; <see cref="int.MaxValue"/> for an unbilled or free call, zero when it is not open.</summary>
    public int Covered(CallId call) =>
        !_calls.TryGetValue(call, out OpenCallState state) ? 0
        : state.Payer == AccountId.None ? int.MaxValue
        : Pricing.CoveredSeconds(state.Tariff, state.ReservedNanos);

    public bool IsOpen(CallId call) => _calls.ContainsKey(call);

    public IReadOnlyList<LedgerTotal> Totals() =>
    [
        .. _accounts.GroupBy(static a => a.Currency).OrderBy(static g => g.Key.Packed).Select(static g => new LedgerTotal(
            g.Key, g.Count(), g.Aggregate(Int128.Zero, static (sum, a) => sum + a.BalanceNanos), g.Aggregate(Int128.Zero, static (sum, a) => sum + a.ReservedNanos))),
    ];

    /// <summary>
    /// Opens an account; the ledger gives the id. The same number, currency and kind again is <see cref="LedgerOutcome.AlreadyDone"/> with
    /// the id it has, whatever its terms are by now.
    /// </summary>
    public LedgerOutcome OpenAccount(string number, Currency currency, AccountKind kind, long creditLimitNanos, bool locked, Instant now, out AccountId id)
    {
        id = AccountId.None;
        if (number.Length is 0 or > MaxTextLength) return LedgerOutcome.IdInvalid;
        if (creditLimitNanos is < 0 or > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        if (_byNumber.TryGetValue(number, out LedgerAccount? there))
        {
            if (there.Currency != currency) return LedgerOutcome.CurrencyMismatch;
            if (there.Kind != kind) return LedgerOutcome.IdInvalid;
            id = there.Id;
            return LedgerOutcome.AlreadyDone;
        }
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        AccountOpened record = new(new AccountId(_accounts.Count + 1), number, currency, kind, creditLimitNanos, locked);
        Append(JournalRecordType.AccountOpened, record, null, now);
        Apply(record);
        id = record.Account;
        return LedgerOutcome.Done;
    }

    /// <summary>Sets credit limit and lock. Calls in progress keep what they hold; a locked account's are not extended.</summary>
    public LedgerOutcome SetTerms(AccountId id, long creditLimitNanos, bool locked, Instant now)
    {
        if (creditLimitNanos is < 0 or > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        if (!TryFindAccount(id, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
        if (account.CreditLimitNanos == creditLimitNanos && account.Locked == locked) return LedgerOutcome.AlreadyDone;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        AccountTerms record = new(id, creditLimitNanos, locked);
        Append(JournalRecordType.AccountTerms, record, null, now);
        Apply(record);
        return LedgerOutcome.Done;
    }

    /// <summary>
    /// Adds to the balance, or takes from it when negative. A deduction never touches what calls in progress hold; a clearing
    /// account may be taken below zero. Locked accounts take payments. The same id with the same account, amount and memo is
    /// <see cref="LedgerOutcome.AlreadyDone"/>, with anything else <see cref="LedgerOutcome.IdInvalid"/>.
    /// </summary>
    public LedgerOutcome Pay(string paymentId, AccountId id, long nanos, string memo, string by, Instant now)
    {
        if (paymentId.Length is 0 or > MaxTextLength || memo.Length > MaxTextLength || by.Length > MaxTextLength) return LedgerOutcome.IdInvalid;
        if (nanos is 0 or > MaxAmountNanos or < -MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        if (!TryFindAccount(id, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
        if (_payments.TryGetValue(paymentId, out Payment seen))
        {
            bool same = seen.Account == id && seen.Nanos == nanos && seen.Memo == memo;
            return same ? LedgerOutcome.AlreadyDone : LedgerOutcome.IdInvalid;
        }
        if (nanos < 0 && account.Kind != AccountKind.Clearing && account.AvailableNanos < -nanos) return LedgerOutcome.BalanceTooLow;
        long after = account.BalanceNanos + nanos;
        if (after is > MaxBalanceNanos or < -MaxBalanceNanos) return LedgerOutcome.AmountInvalid;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        Payment record = new(paymentId, id, nanos, after, memo, by);
        Append(JournalRecordType.Payment, record, null, now);
        Apply(record);
        return LedgerOutcome.Done;
    }

    /// <summary>
    /// Admits a call and holds its first slice. Nothing to hold (a free destination, or nobody billed) is granted whatever the balance.
    /// <paramref name="opening"/> is journaled as known so far; its <see cref="Cdr.Sale"/> gives the tariff.
    /// </summary>
    /// <param name="opening">The call so far.</param>
    /// <param name="payer">Who pays; <see cref="AccountId.None"/> when nobody is billed, and then nothing can be reserved.</param>
    /// <param name="firstSliceNanos">What to hold; not negative.</param>
    /// <param name="now">The turn's instant.</param>
    public LedgerOutcome OpenCall(Cdr opening, AccountId payer, long firstSliceNanos, Instant now)
    {
        if (_calls.ContainsKey(opening.Call)) return LedgerOutcome.AlreadyDone;
        if (_closed.Contains(opening.Call)) return LedgerOutcome.AlreadyClosed;
        if (firstSliceNanos is < 0 or > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        if (payer == AccountId.None)
        {
            if (firstSliceNanos != 0) return LedgerOutcome.AccountMissing;
        }
        else
        {
            if (!TryFindAccount(payer, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
            if (account.Locked) return LedgerOutcome.AccountLocked;
            if (opening.Sale is { } sale && sale.Tariff.Currency != account.Currency) return LedgerOutcome.CurrencyMismatch;
            if (firstSliceNanos > 0 && account.AvailableNanos < firstSliceNanos) return LedgerOutcome.BalanceTooLow;
        }
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        CallOpened record = new(opening.Call, payer, firstSliceNanos, opening.Sale?.Tariff ?? default);
        ReadOnlySpan<byte> payload = Append(JournalRecordType.CallOpened, record, opening, now);
        Apply(record, payload[CallOpened.Length..]);
        return LedgerOutcome.Done;
    }

    /// <summary>Holds more for a call in progress.</summary>
    public LedgerOutcome Extend(CallId call, long moreNanos, Instant now)
    {
        if (!_calls.TryGetValue(call, out OpenCallState state)) return _closed.Contains(call) ? LedgerOutcome.AlreadyClosed : LedgerOutcome.NotOpen;
        if (moreNanos is <= 0 or > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        if (!TryFindAccount(state.Payer, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
        if (account.Locked) return LedgerOutcome.AccountLocked;
        if (account.AvailableNanos < moreNanos) return LedgerOutcome.BalanceTooLow;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        CallExtended record = new(call, moreNanos, state.ReservedNanos + moreNanos);
        Append(JournalRecordType.CallExtended, record, null, now);
        Apply(record);
        return LedgerOutcome.Done;
    }

    /// <summary>Records that the call was answered, and by whom: after a restart it is charged from there. Never refused for lack of room.</summary>
    public LedgerOutcome AnswerCall(Cdr answered, Instant now)
    {
        if (!_calls.TryGetValue(answered.Call, out OpenCallState state)) return _closed.Contains(answered.Call) ? LedgerOutcome.AlreadyClosed : LedgerOutcome.NotOpen;
        if (state.Answered) return LedgerOutcome.AlreadyDone;
        CallAnswered record = new(answered.Call);
        ReadOnlySpan<byte> payload = Append(JournalRecordType.CallAnswered, record, answered, now);
        Apply(record, payload[CallAnswered.Length..]);
        return LedgerOutcome.Done;
    }

    /// <summary>
    /// Ends a call in one record: the sale is taken from the payer, at most what was reserved, the cost from the clearing
    /// account, the reservation is released, and the CDR stands beside it. <see cref="CallCharge.Nanos"/> of <paramref name="final"/> is
    /// brought down to what was posted where that is less. A call never opened (refused before) gets its CDR and no posting but the cost.
    /// Never refused for lack of room: the journal keeps a reserve for it.
    /// </summary>
    public LedgerOutcome CloseCall(Cdr final, Instant now)
    {
        if (_closed.Contains(final.Call)) return LedgerOutcome.AlreadyClosed;
        bool open = _calls.TryGetValue(final.Call, out OpenCallState state);
        LedgerAccount? payer = null;
        if (open) TryFindAccount(state.Payer, out payer);
        long sale = 0;
        if (final.Sale is { } saleCharge)
        {
            sale = Math.Clamp(saleCharge.Nanos, 0, payer is null ? 0 : state.ReservedNanos);
            if (sale < saleCharge.Nanos) CappedPostings++;
            saleCharge.Nanos = sale;
        }
        LedgerAccount? clearing = null;
        long cost = 0;
        if (final.Cost is { } costCharge)
        {
            bool postable = TryFindAccount(costCharge.Account, out clearing) && clearing.Currency == costCharge.Tariff.Currency
                && costCharge.Nanos >= 0 && clearing.BalanceNanos - (Int128)costCharge.Nanos >= -MaxBalanceNanos;
            if (!postable)
            {
                clearing = null;
                if (costCharge.Nanos != 0) UnpostableCosts++;
                costCharge.Nanos = 0;
            }
            cost = costCharge.Nanos;
        }
        long payerAfter = (payer?.BalanceNanos ?? 0) - sale;
        long clearingAfter = (clearing is null ? 0 : ReferenceEquals(clearing, payer) ? payerAfter : clearing.BalanceNanos) - cost;
        CallClosed record = new(final.Call, payer?.Id ?? AccountId.None, sale, payerAfter, clearing?.Id ?? AccountId.None, cost, clearingAfter);
        Append(JournalRecordType.CallClosed, record, final, now);
        Apply(record);
        return LedgerOutcome.Done;
    }

    /// <summary>While calls are open and nothing was recorded for a second, says that time goes on. Call it every turn or so.</summary>
    public void Heartbeat(Instant now)
    {
        if (_calls.Count == 0 || now - LastRecordAt < HeartbeatEvery) return;
        journal.Append(JournalRecordType.Heartbeat, now, Records.Heartbeat);
        LastRecordAt = now;
    }

    /// <summary>
    /// After the fold at a restart: ends every call that was open, at the newest record's instant, by the server, charged for
    /// the talk until then but never above what was reserved; reservations are released. Returns how many calls there were.
    /// </summary>
    public int Recover(Instant now, int holdTimePrecisionMillis, int freeSeconds)
    {
        CallId[] lost = [.. _calls.Keys.Order()];
        Instant seen = LastRecordAt;
        foreach (CallId call in lost)
        {
            OpenCallState state = _calls[call];
            ByteReader from = new(state.Cdr.AsSpan(0, state.CdrLength));
            Cdr cdr = CdrCodec.Read(ref from) ?? new Cdr { Call = call, Start = seen };
            cdr.Refusal = Refusal.RestartLostCall;
            cdr.EndReason = Refusal.RestartLostCall.Meaning().EndReason;
            cdr.EndDirection = EndDirection.Server;
            Instant notBefore = cdr.WasAnswered ? cdr.Answered : cdr.Start;
            cdr.Stop = seen > notBefore ? seen : notBefore;
            int seconds = Pricing.BillableSeconds(cdr.HoldTime, holdTimePrecisionMillis, freeSeconds);
            SetCharge(cdr.Sale, Math.Min(seconds, Covered(call)));
            SetCharge(cdr.Cost, seconds);
            CloseCall(cdr, now);
        }
        return lost.Length;
    }

    internal void Apply(in AccountOpened record)
    {
        LedgerAccount account = new(record);
        _accounts.Add(account);
        _byNumber.Add(account.Number, account);
    }

    internal void Apply(in AccountTerms record)
    {
        LedgerAccount account = _accounts[record.Account.Value - 1];
        account.CreditLimitNanos = record.CreditLimitNanos;
        account.Locked = record.Locked;
    }

    internal void Apply(in Payment record)
    {
        _accounts[record.Account.Value - 1].BalanceNanos += record.Nanos;
        _payments.Add(record.Id, record);
    }

    internal void Apply(in CallOpened record, ReadOnlySpan<byte> cdr)
    {
        ref OpenCallState state = ref CollectionsMarshal.GetValueRefOrAddDefault(_calls, record.Call, out _);
        state.Payer = record.Payer;
        state.ReservedNanos = record.ReservedNanos;
        state.Tariff = record.Tariff;
        Keep(ref state, cdr);
        if (TryFindAccount(record.Payer, out LedgerAccount? account)) account.ReservedNanos += record.ReservedNanos;
    }

    internal void Apply(in CallExtended record)
    {
        ref OpenCallState state = ref CollectionsMarshal.GetValueRefOrNullRef(_calls, record.Call);
        state.ReservedNanos += record.MoreNanos;
        _accounts[state.Payer.Value - 1].ReservedNanos += record.MoreNanos;
    }

    internal void Apply(in CallAnswered record, ReadOnlySpan<byte> cdr)
    {
        ref OpenCallState state = ref CollectionsMarshal.GetValueRefOrNullRef(_calls, record.Call);
        state.Answered = true;
        Keep(ref state, cdr);
    }

    internal void Apply(in CallClosed record)
    {
        if (_calls.Remove(record.Call, out OpenCallState state))
        {
            _pool.Return(state.Cdr);
            if (TryFindAccount(state.Payer, out LedgerAccount? holder)) holder.ReservedNanos -= state.ReservedNanos;
        }
        if (TryFindAccount(record.Payer, out LedgerAccount? payer)) payer.BalanceNanos -= record.SaleNanos;
        if (TryFindAccount(record.Clearing, out LedgerAccount? clearing)) clearing.BalanceNanos -= record.CostNanos;
        Remember(record.Call);
    }

    internal void Seen(Instant at) => LastRecordAt = at > LastRecordAt ? at : LastRecordAt;

    internal bool IsClosed(CallId call) => _closed.Contains(call);

    internal bool HasPayment(string id) => _payments.ContainsKey(id);

    internal bool TryFindOpen(CallId call, out AccountId payer, out long reservedNanos, out bool answered)
    {
        bool open = _calls.TryGetValue(call, out OpenCallState state);
        (payer, reservedNanos, answered) = (state.Payer, state.ReservedNanos, state.Answered);
        return open;
    }

    internal IEnumerable<CallId> OpenCallIds => _calls.Keys;

    /// <summary>The whole state in bytes, for a snapshot. A ledger that loads it goes on as this one would.</summary>
    public byte[] Save()
    {
        ArrayBufferWriter<byte> to = new(64 * 1024);
        ByteWriter head = new(to.GetSpan(32));
        head.PutByte(StateVersion);
        head.PutInt64(LastRecordAt.Micros);
        head.PutInt32(_accounts.Count);
        head.PutInt32(_payments.Count);
        head.PutInt32(_calls.Count);
        head.PutInt32(_closedOrder.Count);
        to.Advance(head.Length);
        foreach (LedgerAccount account in _accounts)
        {
            ByteWriter item = new(to.GetSpan(1024));
            ((ILedgerRecord)new AccountOpened(account.Id, account.Number, account.Currency, account.Kind, account.CreditLimitNanos, account.Locked)).Write(ref item);
            item.PutInt64(account.BalanceNanos);
            item.PutInt64(account.ReservedNanos);
            to.Advance(item.Length);
        }
        foreach (Payment payment in _payments.Values)
        {
            ByteWriter item = new(to.GetSpan(4096));
            ((ILedgerRecord)payment).Write(ref item);
            to.Advance(item.Length);
        }
        foreach ((CallId call, OpenCallState state) in _calls)
        {
            ByteWriter item = new(to.GetSpan(128 + state.CdrLength));
            ((ILedgerRecord)new CallOpened(call, state.Payer, state.ReservedNanos, state.Tariff)).Write(ref item);
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
        if (from.GetByte() != StateVersion) return false;
        Ledger loaded = new(journal) { LastRecordAt = new Instant(from.GetInt64()) };
        int accounts = from.GetInt32(), payments = from.GetInt32(), calls = from.GetInt32(), closed = from.GetInt32();
        for (int i = 0; i < accounts && !from.Failed; i++)
        {
            from.GetByte();
            AccountOpened opened = new(
                new AccountId(from.GetInt32()), from.GetString(), Currency.FromPacked(from.GetInt32()), (AccountKind)from.GetByte(), from.GetInt64(), from.GetByte() != 0);
            LedgerAccount account = new(opened) { BalanceNanos = from.GetInt64(), ReservedNanos = from.GetInt64() };
            loaded._accounts.Add(account);
            if (!loaded._byNumber.TryAdd(account.Number, account)) return false;
        }
        for (int i = 0; i < payments && !from.Failed; i++)
        {
            from.GetByte();
            Payment payment = new(from.GetString(), new AccountId(from.GetInt32()), from.GetInt64(), from.GetInt64(), from.GetString(), from.GetString());
            if (!loaded._payments.TryAdd(payment.Id, payment)) return false;
        }
        for (int i = 0; i < calls && !from.Failed; i++)
        {
            from.GetByte();
            CallId call = new(from.GetInt64());
            OpenCallState open = new() { Payer = new AccountId(from.GetInt32()), ReservedNanos = from.GetInt64(), Tariff = CdrCodec.ReadTariff(ref from), Answered = from.GetByte() != 0 };
            loaded.Keep(ref open, from.Take(from.GetInt32()));
            if (!loaded._calls.TryAdd(call, open)) return false;
        }
        for (int i = 0; i < closed && !from.Failed; i++) loaded.Remember(new CallId(from.GetInt64()));
        if (from.Failed || from.Remaining > 0) return false;
        ledger = loaded;
        return true;
    }

    private const byte StateVersion = 1;

    private static void SetCharge(CallCharge? charge, int seconds)
    {
        if (charge is null) return;
        (charge.BilledSeconds, charge.Nanos) = Pricing.Price(charge.Tariff, seconds);
    }

    private ReadOnlySpan<byte> Append<TRecord>(JournalRecordType type, in TRecord record, Cdr? cdr, Instant now)
        where TRecord : struct, ILedgerRecord
    {
        while (true)
        {
            ByteWriter to = new(_scratch);
            record.Write(ref to);
            if (cdr is not null) CdrCodec.Write(ref to, cdr);
            if (!to.Overflowed)
            {
                journal.Append(type, now, to.Written);
                Seen(now);
                return _scratch.AsSpan(0, to.Length);
            }
            if (_scratch.Length >= MaxRecordBytes) throw new InvalidOperationException($"A {type} record is larger than {MaxRecordBytes} bytes.");
            _scratch = new byte[_scratch.Length * 2];
        }
    }

    private const int MaxRecordBytes = 1 << 20;

    private void Keep(ref OpenCallState state, ReadOnlySpan<byte> cdr)
    {
        if (state.Cdr is not null) _pool.Return(state.Cdr);
        state.Cdr = _pool.Copy(cdr);
        state.CdrLength = cdr.Length;
    }

    private void Remember(CallId call)
    {
        if (!_closed.Add(call)) return;
        if (_closedOrder.Count == ClosedCallsRemembered) _closed.Remove(_closedOrder.Dequeue());
        _closedOrder.Enqueue(call);
    }

    private struct OpenCallState
    {
        public AccountId Payer;
        public bool Answered;
        public int CdrLength;
        public long ReservedNanos;
        public Tariff Tariff;
        public byte[] Cdr;
    }
}
