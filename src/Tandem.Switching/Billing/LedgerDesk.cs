using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Billing;

/// <summary>What a shard asks of the ledger.</summary>
public enum LedgerRequestKind : byte { Open, Extend, Answer, Close, Run }

/// <summary>A question to the ledger; the answer comes as a <see cref="LedgerReply"/> to the shard that asked.</summary>
public struct LedgerRequest
{
    public LedgerRequestKind Kind;
    public int Shard;
    public int Slot;
    public CallId Call;
    public AccountId Payer;

    /// <summary>To which second of talk the call is to be paid for.</summary>
    public int Seconds;

    /// <summary>What the phone that calls may spend in a month; zero: it has no limit.</summary>
    public long PhoneLimitNanos;
    public Cdr? Cdr;

    /// <summary>For <see cref="LedgerRequestKind.Run"/>: what operators change (accounts, payments, configuration), in one place and one order.</summary>
    public Action<Ledger, Instant>? Run;
}

/// <summary>The ledger's answer.</summary>
/// <param name="Kind">What was asked.</param>
/// <param name="Slot">Call slot of the asking shard.</param>
/// <param name="Call">The call.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Available">What the payer's account could still reserve, nanos.</param>
/// <param name="Reserved">What is held of the payer's balance for the call, nanos.</param>
/// <param name="Covered">To which billable second it is paid for.</param>
/// <param name="GiftSeconds">How many of them packages give.</param>
public readonly record struct LedgerReply(LedgerRequestKind Kind, int Slot, CallId Call, LedgerOutcome Outcome, long Available, long Reserved = 0, int Covered = 0, int GiftSeconds = 0);

/// <summary>
/// Where the ledger is asked: the single writer of all money, working through one bounded inbox. Replies to a shard on the same
/// loop are delivered at once, since that loop writes the journal out before it sends anything; replies to shards of other loops
/// are held until <see cref="ReleaseReplies"/>, after the write.
/// </summary>
public sealed class LedgerDesk
{
    private readonly Inbox<LedgerRequest> _inbox;
    private readonly Inbox<LedgerReply>[] _replies;
    private readonly Queue<(int Shard, LedgerReply Reply)> _held = new();
    private readonly Action<int>? _wake;
    private readonly int _localShard;
    private TableBook? _tables;
    private Rents? _rents;
    private Instant _rentsDue;
    private long _moneySeen;

    /// <param name="ledger">The ledger; touched by nobody else from now on.</param>
    /// <param name="replies">The shards' inboxes, by shard.</param>
    /// <param name="localShard">The shard that shares this desk's loop; -1 = none.</param>
    /// <param name="capacity">Questions that may wait; more are refused.</param>
    /// <param name="wake">Wakes the loop of another shard; null when all share one loop.</param>
    public LedgerDesk(Ledger ledger, Inbox<LedgerReply>[] replies, int localShard = 0, int capacity = 1 << 16, Action<int>? wake = null)
    {
        Ledger = ledger;
        _replies = replies;
        _localShard = localShard;
        _inbox = new Inbox<LedgerRequest>(capacity);
        _wake = wake;
    }

    public Ledger Ledger { get; }

    public long RefusedPosts => _inbox.Refused;

    /// <summary>From any thread. False: the desk is overrun; the caller refuses a new call, or asks again a little later.</summary>
    public bool TryPost(in LedgerRequest request) => _inbox.TryPost(request);

    /// <summary>Works off what waits. True if there was anything.</summary>
    public bool Turn(Instant now)
    {
        bool any = false;
        while (_inbox.TryTake(out LedgerRequest request))
        {
            any = true;
            Work(request, now);
        }
        Ledger.Heartbeat(now);
        return any | WorkOffRents(now);
    }

    /// <summary>When rents or package periods are due next.</summary>
    public Instant NextDue => _tables is null ? Instant.Never : _rentsDue;

    /// <summary>Whose rents and settings hold; null: none.</summary>
    public void Obey(TableBook tables) => _tables = tables;

    private bool WorkOffRents(Instant now)
    {
        if (_tables is null) return false;
        SwitchTables tables = _tables.Current;
        Ledger.ValidDaysPerPayment = tables.Settings.Billing.PayDelayExpireDays;
        if (ReferenceEquals(tables.Rents, _rents) && now < _rentsDue && Ledger.MoneyCame == _moneySeen) return false;
        (_rents, _moneySeen) = (tables.Rents, Ledger.MoneyCame);
        _rentsDue = tables.Rents.Turn(Ledger, now);
        return true;
    }

    /// <summary>After the journal was written out: what the other shards waited for.</summary>
    public void ReleaseReplies()
    {
        while (_held.TryPeek(out (int Shard, LedgerReply Reply) held))
        {
            if (!_replies[held.Shard].TryPost(held.Reply)) return; // that shard is overrun; the next turn tries again
            _held.Dequeue();
            _wake?.Invoke(held.Shard);
        }
    }

    private void Work(in LedgerRequest request, Instant now)
    {
        if (request.Kind == LedgerRequestKind.Run)
        {
            request.Run!(Ledger, now);
            return;
        }
        LedgerOutcome outcome = request.Kind switch
        {
            LedgerRequestKind.Open => Ledger.OpenCall(request.Cdr!, request.Seconds, now, request.PhoneLimitNanos == 0 ? long.MaxValue : request.PhoneLimitNanos),
            LedgerRequestKind.Extend => Ledger.ExtendTo(request.Call, request.Seconds, now),
            LedgerRequestKind.Answer => Ledger.AnswerCall(request.Cdr!, now),
            _ => Ledger.CloseCall(request.Cdr!, now),
        };
        if (request.Kind == LedgerRequestKind.Answer) return;
        long available = request.Payer == AccountId.None ? 0 : Ledger.Available(request.Payer);
        var reply = request.Kind == LedgerRequestKind.Close
            ? new LedgerReply(request.Kind, request.Slot, request.Call, outcome, available)
            : new LedgerReply(request.Kind, request.Slot, request.Call, outcome, available, Ledger.Reserved(request.Call), Ledger.Covered(request.Call), Ledger.GiftSeconds(request.Call));
        if (request.Shard == _localShard && _replies[request.Shard].TryPost(reply)) return;
        _held.Enqueue((request.Shard, reply));
    }
}
