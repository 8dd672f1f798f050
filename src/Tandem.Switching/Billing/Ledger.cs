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
public sealed partial class Ledger(IJournal journal)
{
    /// <summary>The most one payment, reservation or credit limit can be: a thousand million units.</summary>
    public const long MaxAmountNanos = 1_000_000_000 * Money.NanosPerUnit;

    /// <summary>Balances stay within four thousand million units either way, so no sum of an account's amounts overflows.</summary>
    public const long MaxBalanceNanos = 4 * MaxAmountNanos;

    public const int MaxTextLength = 128;

    /// <summary>Of who booked it: two persons' names, "ann+bob", and what stands before a key's.</summary>
    public const int MaxByLength = 160;

    /// <summary>How many closed calls are remembered, so that closing one again is recognised.</summary>
    public const int ClosedCallsRemembered = 65_536;

    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(1);

    private readonly List<LedgerAccount> _accounts = [];
    private readonly Dictionary<string, LedgerAccount> _byNumber = new(StringComparer.Ordinal);
    private readonly Dictionary<CallId, OpenCallState> _calls = [];
    private readonly HashSet<CallId> _closed = [];
    private readonly Queue<CallId> _closedOrder = [];
    private readonly BytePool _pool = new();
    private byte[] _scratch = new byte[4096];

    /// <summary>Where its records go.</summary>
    public IJournal Journal => journal;

    /// <summary>By id, from 1.</summary>
    public IReadOnlyList<LedgerAccount> Accounts => _accounts;

    /// <summary>Copies some accounts, and with the first of them the open calls, for another thread to look at.</summary>
    public LedgerSlice Slice(int from, int most) => new(this, from, most);

    public int OpenCalls => _calls.Count;

    /// <summary>Figures for other threads.</summary>
    public AccountFigures Figures { get; } = new();

    /// <summary>Postings that were cut to what was reserved; each is a call that talked longer than it was covered for.</summary>
    public long CappedPostings { get; private set; }

    /// <summary>Costs that could not be posted because the clearing account is missing or in another currency; the CDR then says zero.</summary>
    public long UnpostableCosts { get; private set; }

    /// <summary>When the newest record was made: a restart charges calls in progress up to here.</summary>
    public Instant LastRecordAt { get; private set; }

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
        : state.Covered();

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
    public LedgerOutcome OpenAccount(string number, Currency currency, AccountKind kind, long creditLimitNanos, bool locked, Instant now, out AccountId id, Instant? validUntil = null)
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
        AccountOpened record = new(new AccountId(_accounts.Count + 1), number, currency, kind, creditLimitNanos, locked, validUntil ?? Instant.Never);
        Append(JournalRecordType.AccountOpened, record, now);
        Apply(record);
        id = record.Account;
        return LedgerOutcome.Done;
    }

    /// <summary>
    /// Sets credit limit and lock, and with <paramref name="validUntil"/> the validity. Calls in progress keep what they hold; those of a locked or
    /// expired account are not extended.
    /// </summary>
    public LedgerOutcome SetTerms(AccountId id, long creditLimitNanos, bool locked, Instant now, Instant? validUntil = null)
    {
        if (creditLimitNanos is < 0 or > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        if (!TryFindAccount(id, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
        if (account.CreditLimitNanos == creditLimitNanos && account.Locked == locked && (validUntil is null || validUntil == account.ValidUntil)) return LedgerOutcome.AlreadyDone;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        AccountTerms record = new(id, creditLimitNanos, locked, validUntil);
        Append(JournalRecordType.AccountTerms, record, now);
        Apply(record);
        return LedgerOutcome.Done;
    }

    internal void Apply(in AccountOpened record)
    {
        LedgerAccount account = new(record);
        _accounts.Add(account);
        _byNumber.Add(account.Number, account);
        Figures.Note(account);
    }

    internal void Apply(in AccountTerms record)
    {
        LedgerAccount account = _accounts[record.Account.Value - 1];
        account.CreditLimitNanos = record.CreditLimitNanos;
        account.Locked = record.Locked;
        account.ValidUntil = record.ValidUntil ?? account.ValidUntil;
        Figures.Note(account);
    }

    internal void Seen(Instant at) => LastRecordAt = at > LastRecordAt ? at : LastRecordAt;

    /// <summary>Null when it may pay for calls.</summary>
    private static LedgerOutcome? Barred(LedgerAccount account, Instant now) =>
        account.Locked ? LedgerOutcome.AccountLocked : account.IsExpired(now) ? LedgerOutcome.AccountExpired : null;

    // ---- appending

    /// <summary>Journals one record. It stands in the scratch until the next: the CDR from <paramref name="head"/> to <paramref name="length"/>.</summary>
    private void Append<TRecord>(JournalRecordType type, in TRecord record, Cdr? cdr, Instant now, out int head, out int length)
        where TRecord : struct, ILedgerRecord
    {
        while (true)
        {
            ByteWriter to = new(_scratch);
            record.Write(ref to);
            head = to.Length;
            if (cdr is not null) CdrCodec.Write(ref to, cdr);
            length = to.Length;
            if (!to.Overflowed)
            {
                journal.Append(type, now, to.Written);
                Seen(now);
                return;
            }
            if (_scratch.Length >= MaxRecordBytes) throw new InvalidOperationException($"A {type} record is larger than {MaxRecordBytes} bytes.");
            _scratch = new byte[_scratch.Length * 2];
        }
    }

    private void Append<TRecord>(JournalRecordType type, in TRecord record, Instant now)
        where TRecord : struct, ILedgerRecord => Append(type, record, null, now, out _, out _);

    private const int MaxRecordBytes = 1 << 20;
}
