using System.Runtime.InteropServices;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Billing;

// Calls that one account pays from its balance: opened, extended, answered, closed. Ledger.Wide has the others.
public sealed partial class Ledger
{
    /// <summary>
    /// Admits a call and holds what so many seconds cost everybody who pays for it: the account of <see cref="Cdr.Sale"/>, and the agents of
    /// <see cref="Cdr.Further"/>. All of it, or nothing. Packages give first.
    /// </summary>
    public LedgerOutcome OpenCall(Cdr opening, int seconds, Instant now, long phoneLimitNanos = long.MaxValue)
    {
        if (opening.Sale is not { } sale) return OpenCall(opening, AccountId.None, 0, now);
        return IsWide(opening)
            ? OpenWide(opening, seconds, phoneLimitNanos, now)
            : OpenCall(opening, sale.Account, (opening.Rules ?? BillingRules.Plain).Price(sale.Tariff, seconds).Nanos, now);
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
        if (Known(opening.Call) is { } known) return known;
        if (firstSliceNanos is < 0 or > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        if (payer == AccountId.None)
        {
            if (firstSliceNanos != 0) return LedgerOutcome.AccountMissing;
        }
        else
        {
            if (!TryFindAccount(payer, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
            if (Barred(account, now) is { } barred) return barred;
            if (opening.Sale is { } sale && sale.Tariff.Currency != account.Currency) return LedgerOutcome.CurrencyMismatch;
            if (firstSliceNanos > 0 && account.AvailableNanos < firstSliceNanos) return LedgerOutcome.BalanceTooLow;
        }
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        CallOpened record = new(opening.Call, payer, firstSliceNanos, opening.Sale?.Tariff ?? default);
        Append(JournalRecordType.CallOpened, record, opening, now, out int head, out int length);
        Apply(record, _scratch.AsSpan(head, length - head));
        CollectionsMarshal.GetValueRefOrNullRef(_calls, record.Call).Rules = opening.Rules ?? BillingRules.Plain;
        return LedgerOutcome.Done;
    }

    /// <summary>
    /// Holds more, so that the call is covered to so many seconds; where the money does not reach that far, as far as it reaches. Refused when that
    /// is no further than before.
    /// </summary>
    public LedgerOutcome ExtendTo(CallId call, int seconds, Instant now)
    {
        ref OpenCallState state = ref CollectionsMarshal.GetValueRefOrNullRef(_calls, call);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref state)) return _closed.Contains(call) ? LedgerOutcome.AlreadyClosed : LedgerOutcome.NotOpen;
        if (state.Wide is not null) return ExtendWide(call, ref state, seconds, now);
        if (!TryFindAccount(state.Payer, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
        long more = state.Rules.Price(state.Tariff, seconds).Nanos - state.ReservedNanos;
        if (more <= 0) return LedgerOutcome.AlreadyDone;
        if (account.AvailableNanos < more)
        {
            // Not a whole slice any more: as many seconds as the rest of the money pays.
            int reach = state.Rules.Covered(state.Tariff, checked(state.ReservedNanos + Math.Max(0, account.AvailableNanos)));
            if (reach <= state.Covered()) return Barred(account, now) ?? LedgerOutcome.BalanceTooLow;
            more = state.Rules.Price(state.Tariff, reach).Nanos - state.ReservedNanos;
        }
        return Extend(call, more, now);
    }

    /// <summary>Holds more for a call in progress.</summary>
    public LedgerOutcome Extend(CallId call, long moreNanos, Instant now)
    {
        if (!_calls.TryGetValue(call, out OpenCallState state)) return _closed.Contains(call) ? LedgerOutcome.AlreadyClosed : LedgerOutcome.NotOpen;
        if (moreNanos is <= 0 or > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        if (!TryFindAccount(state.Payer, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
        if (Barred(account, now) is { } barred) return barred;
        if (account.AvailableNanos < moreNanos) return LedgerOutcome.BalanceTooLow;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        CallExtended record = new(call, moreNanos, state.ReservedNanos + moreNanos);
        Append(JournalRecordType.CallExtended, record, now);
        Apply(record);
        return LedgerOutcome.Done;
    }

    /// <summary>Records that the call was answered, and by whom: after a restart it is charged from there. Never refused for lack of room.</summary>
    public LedgerOutcome AnswerCall(Cdr answered, Instant now)
    {
        if (!_calls.TryGetValue(answered.Call, out OpenCallState state)) return _closed.Contains(answered.Call) ? LedgerOutcome.AlreadyClosed : LedgerOutcome.NotOpen;
        if (state.Answered) return LedgerOutcome.AlreadyDone;
        CallAnswered record = new(answered.Call);
        Append(JournalRecordType.CallAnswered, record, answered, now, out int head, out int length);
        Apply(record, _scratch.AsSpan(head, length - head));
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
        if (open && state.Wide is not null) return CloseWide(final, state, now);
        LedgerAccount? payer = null;
        if (open) TryFindAccount(state.Payer, out payer);
        long sale = 0;
        if (final.Sale is { } saleCharge)
        {
            sale = Math.Clamp(saleCharge.Nanos, 0, payer is null ? 0 : state.ReservedNanos);
            if (sale < saleCharge.Nanos) CappedPostings++;
            saleCharge.Nanos = sale;
        }
        if (final.Further.Count > 0) SettleFurther(final);
        (LedgerAccount? clearing, long cost) = CostOf(final);
        long payerAfter = (payer?.BalanceNanos ?? 0) - sale;
        long clearingAfter = (clearing is null ? 0 : ReferenceEquals(clearing, payer) ? payerAfter : clearing.BalanceNanos) - cost;
        CallClosed record = new(final.Call, payer?.Id ?? AccountId.None, sale, payerAfter, clearing?.Id ?? AccountId.None, cost, clearingAfter);
        Append(JournalRecordType.CallClosed, record, final, now, out _, out _);
        Apply(record, now);
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
    /// <param name="now">When the records are made.</param>
    /// <param name="holdTimePrecisionMillis">For calls whose record, of an earlier version, does not say by which rules it is priced.</param>
    /// <param name="freeSeconds">The same.</param>
    public int Recover(Instant now, int holdTimePrecisionMillis, int freeSeconds)
    {
        CallId[] lost = [.. _calls.Keys.Order()];
        Instant seen = LastRecordAt;
        foreach (CallId call in lost)
        {
            ref OpenCallState state = ref CollectionsMarshal.GetValueRefOrNullRef(_calls, call);
            ByteReader from = new(state.Cdr.AsSpan(0, state.CdrLength));
            Cdr cdr = CdrCodec.Read(ref from) ?? new Cdr { Call = call, Start = seen };
            BillingRules rules = cdr.Rules ?? new BillingRules(holdTimePrecisionMillis, freeSeconds);
            state.Rules = rules;
            cdr.Refusal = Refusal.RestartLostCall;
            cdr.EndReason = Refusal.RestartLostCall.Meaning().EndReason;
            cdr.EndDirection = EndDirection.Server;
            Instant notBefore = cdr.WasAnswered ? cdr.Answered : cdr.Start;
            cdr.Stop = seen > notBefore ? seen : notBefore;
            int seconds = rules.Billable(cdr.HoldTime);
            SetCharge(cdr.Sale, rules, Math.Min(seconds, Covered(call)));
            SetCharge(cdr.Cost, rules, seconds);
            CloseCall(cdr, now);
        }
        return lost.Length;
    }

    internal void Apply(in CallOpened record, ReadOnlySpan<byte> cdr)
    {
        ref OpenCallState state = ref CollectionsMarshal.GetValueRefOrAddDefault(_calls, record.Call, out _);
        state.Payer = record.Payer;
        state.ReservedNanos = record.ReservedNanos;
        state.Tariff = record.Tariff;
        Keep(ref state, cdr);
        if (record.Wide is not null)
        {
            ApplyWide(ref state, record.Wide);
            return;
        }
        if (!TryFindAccount(record.Payer, out LedgerAccount? account)) return;
        account.ReservedNanos += record.ReservedNanos;
        Figures.Note(account);
    }

    internal void Apply(in CallExtended record)
    {
        ref OpenCallState state = ref CollectionsMarshal.GetValueRefOrNullRef(_calls, record.Call);
        state.ReservedNanos += record.MoreNanos;
        if (record.Wide is not null)
        {
            ApplyWide(ref state, record.Wide);
            return;
        }
        LedgerAccount account = _accounts[state.Payer.Value - 1];
        account.ReservedNanos += record.MoreNanos;
        Figures.Note(account);
    }

    internal void Apply(in CallAnswered record, ReadOnlySpan<byte> cdr)
    {
        ref OpenCallState state = ref CollectionsMarshal.GetValueRefOrNullRef(_calls, record.Call);
        state.Answered = true;
        Keep(ref state, cdr);
    }

    internal void Apply(in CallClosed record, Instant at)
    {
        if (_calls.Remove(record.Call, out OpenCallState state))
        {
            _pool.Return(state.Cdr);
            if (state.Wide is not null) Release(state.Wide, record.Wide);
            else if (TryFindAccount(state.Payer, out LedgerAccount? holder)) holder.ReservedNanos -= state.ReservedNanos;
        }
        if (TryFindAccount(record.Payer, out LedgerAccount? payer))
        {
            payer.BalanceNanos -= record.SaleNanos;
            payer.Consume(record.SaleNanos, at);
            if (payer.PackageList is not null) Spend(payer.PackageList, record.SaleNanos);
        }
        if (record.Wide is not null) Post(record.Wide, record.SaleNanos, at);
        if (TryFindAccount(record.Clearing, out LedgerAccount? clearing))
        {
            clearing.BalanceNanos -= record.CostNanos;
            clearing.Consume(record.CostNanos, at);
            Figures.Note(clearing);
        }
        if (payer is not null) Figures.Note(payer);
        Remember(record.Call);
    }

    internal bool IsClosed(CallId call) => _closed.Contains(call);

    internal bool TryFindOpen(CallId call, out AccountId payer, out long reservedNanos, out bool answered)
    {
        bool open = _calls.TryGetValue(call, out OpenCallState state);
        (payer, reservedNanos, answered) = (state.Payer, state.ReservedNanos, state.Answered);
        return open;
    }

    internal Dictionary<CallId, OpenCall> OpenCallStates()
    {
        Dictionary<CallId, OpenCall> open = new(_calls.Count);
        foreach ((CallId call, OpenCallState state) in _calls) open.Add(call, new OpenCall(state.Payer, state.ReservedNanos, state.Answered));
        return open;
    }

    /// <summary>The calls that hold, or may hold, money now.</summary>
    public CallId[] OpenCallIds() => [.. _calls.Keys];

    /// <summary>What open calls hold, of whom.</summary>
    internal IEnumerable<(AccountId Account, long Nanos)> OpenHoldings
    {
        get
        {
            foreach (OpenCallState state in _calls.Values)
            {
                if (state.Wide is null) yield return (state.Payer, state.ReservedNanos);
                else foreach (CallHolding holding in state.Wide.Holdings) yield return (holding.Account, holding.Nanos);
            }
        }
    }

    /// <summary>Whether a call is open, or closed and among those remembered.</summary>
    public bool Knows(CallId call) => Known(call) is not null;

    private LedgerOutcome? Known(CallId call) =>
        _calls.ContainsKey(call) ? LedgerOutcome.AlreadyDone : _closed.Contains(call) ? LedgerOutcome.AlreadyClosed : null;

    // What can be posted to the carrier's account; what cannot is counted, and the CDR says zero.
    private (LedgerAccount? Clearing, long Nanos) CostOf(Cdr final)
    {
        if (final.Cost is not { } charge) return (null, 0);
        bool postable = TryFindAccount(charge.Account, out LedgerAccount? clearing) && clearing.Currency == charge.Tariff.Currency
            && charge.Nanos >= 0 && clearing.BalanceNanos - (Int128)charge.Nanos >= -MaxBalanceNanos;
        if (postable) return (clearing, charge.Nanos);
        if (charge.Nanos != 0) UnpostableCosts++;
        charge.Nanos = 0;
        return (null, 0);
    }

    private static void SetCharge(CallCharge? charge, in BillingRules rules, int seconds)
    {
        if (charge is null) return;
        (charge.BilledSeconds, charge.Nanos) = rules.Price(charge.Tariff, seconds);
    }

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
        public BillingRules Rules;
        public byte[] Cdr;

        /// <summary>All that hold, the payer first, where the payer's balance is not all there is to it; else null.</summary>
        public WideCall? Wide;

        public readonly int Covered() => Payer == AccountId.None ? int.MaxValue : Wide is null ? Rules.Covered(Tariff, ReservedNanos) : Wide.Covered(Rules);
    }
}
