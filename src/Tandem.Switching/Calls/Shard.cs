using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Billing;
using Tandem.Switching.Probing;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

/// <summary>What a shard is told about itself and the world when it is made.</summary>
/// <param name="Index">0 to <see cref="CallId.MaxShards"/> − 1.</param>
/// <param name="MaxCalls">Calls it may carry at once; at the bound new ones are refused as <see cref="Refusal.ServerFull"/>.</param>
/// <param name="Listeners">Transport and address each listener is known by outside: in Via and Contact.</param>
public sealed record ShardOptions(int Index, int MaxCalls, IReadOnlyList<SipListener> Listeners);

/// <summary>
/// A loop's worth of calls: everything from a datagram to a settled call happens here, on one thread, without waiting. What
/// takes time is a state, an event that will come, and a deadline if it does not. The parts: Arrival (who calls, may they,
/// whereto), Dialling (attempts), Attempts (what becomes of them), Progress (what is heard before the answer), Conversation (answered calls), Changing (re-INVITE, UPDATE),
/// Refreshing (session timers), Silence (dead media), Transferring and Bridging (REFER), Ending (charge, CDR, farewell).
/// </summary>
public sealed partial class Shard : ITransactionUser
{
    private readonly ShardOptions _options;
    private readonly SipListeners _listeners;
    private readonly TransactionLayer _transactions;
    private readonly BytePool _pool;
    private readonly EntropySource _entropy;
    private readonly IMediaRelay _media;
    private readonly TableBook _book;
    private readonly LocationBook _locations;
    private readonly NatKeepAlive _keepAlive;
    private readonly BlockBook _blocks;
    private readonly Authenticator _authenticator;
    private readonly GatewayProber _prober;
    private readonly PhoneProber _phoneProber;
    private readonly Sip.Dialogs.Dialog _probe;
    private readonly ISipSender _sender;
    private readonly SessionDescription _sdp = new();
    private readonly ArrivalPlan _plan = new();
    private readonly byte[] _text = new byte[65_536];
    private readonly byte[] _body = new byte[65_536];

    private readonly Trunks? _trunks;
    private readonly List<Call> _calls = [];
    private readonly Stack<int> _free = new();
    private readonly DeadlineQueue _deadlines = new();
    private readonly Inbox<Action<Shard, Instant>> _commands = new(1024);
    private LedgerDesk _desk = null!;
    private Action? _wakeDesk;
    private int _sequence;
    private bool _closed;
    private Instant _now;

    public Shard(ShardOptions options, ISipSender sender, IMediaRelay media, TableBook book, LocationBook locations, BlockBook blocks, EntropySource entropy)
    {
        _options = options;
        _listeners = new SipListeners(options.Listeners);
        _sender = sender;
        _media = media;
        _book = book;
        _locations = locations;
        _keepAlive = new NatKeepAlive(locations, options.Index, _listeners);
        _blocks = blocks;
        _authenticator = new Authenticator(entropy, blocks, locations);
        _doorHash = new KeyedHash(entropy.NextUInt64());
        _entropy = entropy;
        _pool = new BytePool();
        _illegalLog = new DecisionLog(_pool);
        _prober = new GatewayProber(entropy);
        _phoneProber = new PhoneProber(locations, options.Index, entropy);
        _probe = new Sip.Dialogs.Dialog(_pool, _listeners);
        _transactions = new TransactionLayer(this, sender, _pool, entropy, listeners: _listeners);
        if (options.Index == 0) _trunks = new Trunks(options.Index, _transactions, _listeners, sender, _pool, entropy);
    }

    /// <summary>What the shard counts; read from any thread, a little stale.</summary>
    public ShardCounters Counters { get; } = new();

    /// <summary>Session descriptions refused, by <see cref="SdpDefect"/>.</summary>
    public ReadOnlySpan<long> SessionDefects => _sdp.Defects;

    public IReadOnlyList<SipListener> Listeners => _options.Listeners;

    /// <summary>Where the ledger answers.</summary>
    public Inbox<LedgerReply> Replies { get; } = new(1 << 16);

    /// <summary>Calls not yet gone, farewells included.</summary>
    public int OpenCalls => _calls.Count - _free.Count;

    public TransactionLayer Transactions => _transactions;

    /// <summary>Buffers lent and not returned.</summary>
    public int BuffersOutstanding => _pool.Outstanding;

    public Instant NextDeadline => Instant.Min(Instant.Min(_deadlines.Earliest, _transactions.NextDeadline), Instant.Min(Instant.Min(_keepAlive.Due(_book.Current.Settings.Sip), Instant.Min(ProbesDue, _phoneProber.Due(_book.Current))), _trunks?.NextDeadline ?? Instant.Never));

    /// <summary>Once, before the first turn. <paramref name="wakeDesk"/>: when the desk lives on another loop.</summary>
    public void Connect(LedgerDesk desk, Action? wakeDesk = null)
    {
        _desk = desk;
        _wakeDesk = wakeDesk;
    }

    /// <summary>From any thread: something to do on the shard's own. False when too many wait.</summary>
    public bool TryPost(Action<Shard, Instant> command) => _commands.TryPost(command);

    public void Receive(int listener, in NetAddress source, byte[] buffer, int offset, int length, Instant now)
    {
        _now = now;
        if (!LetsIn(source, buffer.AsSpan(offset, length), now)) return;
        _transactions.ResendSchedule = _book.Current.Settings.Sip.ResendInterval;
        _transactions.Receive(listener, source, buffer, offset, length, now);
    }

    /// <summary>A connection of a listener to a peer could not be opened, or broke.</summary>
    public void OnTransportError(int listener, in NetAddress peer, bool wasOpen, Instant now)
    {
        _now = now;
        _transactions.OnTransportError(listener, peer, wasOpen, now);
    }

    /// <summary>Answers of the ledger, commands, deadlines. True if there was anything.</summary>
    public bool Turn(Instant now)
    {
        _now = now;
        _transactions.ResendSchedule = _book.Current.Settings.Sip.ResendInterval;
        bool any = false;
        while (Replies.TryTake(out LedgerReply reply))
        {
            any = true;
            OnLedgerReply(reply, now);
        }
        while (_commands.TryTake(out Action<Shard, Instant> command))
        {
            any = true;
            command(this, now);
        }
        any |= TakeLrnReplies(now);
        any |= TakeDigits(now);
        any |= _transactions.Expire(now);
        any |= _keepAlive.Send(_book.Current.Settings.Sip, _sender, now);
        any |= SendProbes(now);
        any |= AskPhones(now);
        if (_trunks is not null) any |= _trunks.Turn(_book.Current, now);
        while (_deadlines.TryTakeExpired(now, out int slot))
        {
            any = true;
            Call call = _calls[slot];
            OnDeadline(call, now);
            Reschedule(call);
        }
        return any;
    }

    /// <summary>Who is told of the states of calls; null: nobody.</summary>
    public ICallWatch? Watch { get; set; }

    /// <summary>The calls in progress, for operators; on the shard's own thread only.</summary>
    public IEnumerable<Call> LiveCalls => _calls.Where(static c => c.State is not (CallState.Gone or CallState.Farewell));

    /// <summary>Likewise some of them, so that many are looked at in several turns; a call that comes or ends between these may be missed.</summary>
    /// <param name="slot">Where to begin: 0, or the last <paramref name="next"/>.</param>
    /// <param name="most">Slots to look at.</param>
    /// <param name="next">Where to go on; −1: that was all.</param>
    public IEnumerable<Call> LiveCallsFrom(int slot, int most, out int next)
    {
        int until = (int)Math.Min(_calls.Count, (long)slot + most);
        next = until < _calls.Count ? until : -1;
        return _calls.GetRange(slot, Math.Max(0, until - slot)).Where(static c => c.State is not (CallState.Gone or CallState.Farewell));
    }

    /// <summary>Likewise, for <see cref="OpenCallsCheck"/>.</summary>
    public CarriedCall[] CarriedCalls() =>
        [.. LiveCalls.Select(static c => new CarriedCall(c.Id, c.State is CallState.Dialling or CallState.Answered, c.HasLease ? 1 + (c.FurtherLeases?.Count ?? 0) : 0))];

    public Call? Find(CallId id) => LiveCalls.FirstOrDefault(c => c.Id == id);

    /// <summary>Ends a call politely on both sides. False when it is over already.</summary>
    public bool Drop(CallId id, Refusal why, Instant now)
    {
        if (Find(id) is not { State: CallState.LookingUp or CallState.Authorising or CallState.Dialling or CallState.Answered } call) return false;
        HangUp(call, why, now, now);
        Reschedule(call);
        return true;
    }

    /// <summary>Ends calls politely on both sides. Returns how many; zero when none is left that could be ended.</summary>
    public int DropAll(Refusal why, Instant now, int atMost = int.MaxValue)
    {
        int ended = 0;
        foreach (Call call in _calls)
        {
            if (call.State is not (CallState.LookingUp or CallState.Authorising or CallState.Dialling or CallState.Answered)) continue;
            if (ended == atMost) break;
            ended++;
            HangUp(call, why, now, now);
            Reschedule(call);
        }
        return ended;
    }

    /// <summary>From now on new calls are refused as <see cref="Refusal.ServerStopping"/>; those in progress go on.</summary>
    public void Close() => _closed = true;

    public void OnRequest(SipMessage request, ServerTransaction transaction, Instant now)
    {
        AimResponses(request, transaction);
        switch (request.Method)
        {
            case SipMethod.Invite when request.ToTag.IsEmpty:
                OnNewInvite(request, transaction, now);
                break;
            case SipMethod.Invite:
            case SipMethod.Update when !request.ToTag.IsEmpty:
                OnChangeAsked(request, transaction, now);
                break;
            case SipMethod.Prack:
                OnPrack(request, transaction, now);
                break;
            case SipMethod.Info or SipMethod.Message or SipMethod.Notify or SipMethod.Subscribe when !request.ToTag.IsEmpty:
                OnPassAsked(request, transaction, now);
                break;
            case SipMethod.Refer when !request.ToTag.IsEmpty:
                OnRefer(request, transaction, now);
                break;
            case SipMethod.Message:
                OnPageMessage(request, transaction, now);
                break;
            case SipMethod.Notify or SipMethod.Subscribe:
                RefuseEvents(transaction, now);
                break;
            case SipMethod.Bye:
                OnBye(request, transaction, now);
                break;
            case SipMethod.Register:
                OnRegister(request, transaction, now);
                break;
            case SipMethod.Publish:
                OnPublish(request, transaction, now);
                break;
            case SipMethod.Options:
                OnOptions(request, transaction, now);
                break;
            default:
                RespondNotAllowed(transaction, now);
                break;
        }
    }

    private void OnOptions(SipMessage request, ServerTransaction transaction, Instant now)
    {
        if (!UnderstandsAllRequired(request, timers: true))
        {
            SendRefusal(request, transaction, Refusal.UnsupportedExtension, now);
            return;
        }
        SipWriter w = _transactions.BeginResponse(transaction, 200, []);
        w.Header(HeaderName.Allow, AllowedMethods);
        w.Header(HeaderName.Accept, "application/sdp"u8);
        w.Header(HeaderName.Supported, SupportedExtensions);
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
    }

    private static ReadOnlySpan<byte> AllowedMethods => "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, PRACK, UPDATE, INFO, MESSAGE, NOTIFY, SUBSCRIBE, REFER"u8;

    private static ReadOnlySpan<byte> SupportedExtensions => "100rel, timer, replaces, norefersub"u8;

    private void RespondNotAllowed(ServerTransaction transaction, Instant now)
    {
        SipWriter w = _transactions.BeginResponse(transaction, 405, []);
        w.Header(HeaderName.Allow, AllowedMethods);
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
    }

    /// <summary>One step of the table, and what it asks for.</summary>
    private void Step(Call call, CallInput input, Instant now)
    {
        CallMachine.Step step = CallMachine.On(call.State, input);
        call.State = step.Next;
        CallEffects effects = step.Effects;
        // Before the effects, which may step further at once; an answer is known when it has been noted.
        if (effects != CallEffects.None && (effects & CallEffects.Answer) == 0 && step.Next != CallState.Gone) Watch?.OnState(this, call, now);
        if ((effects & CallEffects.AskNumber) != 0) AskNumber(call, now);
        if ((effects & CallEffects.AskForMoney) != 0) AskForMoney(call, now);
        if ((effects & CallEffects.Dial) != 0) Dial(call, now);
        if ((effects & CallEffects.Answer) != 0)
        {
            BeginConversation(call, now);
            if (call.State == CallState.Answered) Watch?.OnState(this, call, now);
        }
        if ((effects & CallEffects.CancelCallee) != 0) AbandonAttempt(call, CausesOf(call), now);
        if ((effects & CallEffects.ByeCallee) != 0) SendBye(call, MediaSide.Callee, now);
        if ((effects & CallEffects.ByeCaller) != 0) ByeCaller(call, now);
        if ((effects & CallEffects.Settle) != 0) Settle(call, now);
        if ((effects & CallEffects.TellCaller) != 0) TellCaller(call, now);
        if ((effects & CallEffects.Free) != 0) Free(call);
    }

    private void OnLedgerReply(in LedgerReply reply, Instant now)
    {
        if (reply.Slot < 0) return;
        Call call = _calls[reply.Slot];
        if (call.State == CallState.Gone || call.Id != reply.Call) return;
        switch (reply.Kind)
        {
            case LedgerRequestKind.Open:
                OnMoneyAnswer(call, reply, now);
                break;
            case LedgerRequestKind.Extend:
                OnExtendAnswer(call, reply, now);
                break;
            case LedgerRequestKind.Close:
                call.SettleAgainAt = Instant.Never;
                Step(call, CallInput.Settled, now);
                break;
        }
        Reschedule(call);
    }

    private void OnDeadline(Call call, Instant now)
    {
        if (call.PhaseEndsAt <= now) OnPhaseTimeout(call, now);
        if (call.PrackBy <= now) OnPrackNeverCame(call, now);
        if (call.ResendProgressAt <= now) ResendProgress(call, now);
        if (call.ResendOkAt <= now) ResendOk(call, now);
        if (call.AckBy <= now) OnAckNeverCame(call, now);
        if (call.ChangeEndsAt <= now) OnChangePatienceOver(call, now);
        if (call.ChangeResendAt <= now) ResendChangeOk(call, now);
        if (call.MoneyEndsAt <= now && call.MoneyEndsAt <= call.DurationEndsAt) HangUp(call, Refusal.MoneyRanOut, call.MoneyEndsAt, now);
        else if (call.DurationEndsAt <= now) HangUp(call, call.DurationRefusal, call.DurationEndsAt, now);
        if (call.Watch.Due <= now) OnMediaClock(call, now);
        if (call.UnansweredEndsAt <= now) OnUnansweredTooLong(call, now);
        if (call.CallerTimer.Due <= now) OnSessionClock(call, MediaSide.Caller, now);
        if (call.CalleeTimer.Due <= now) OnSessionClock(call, MediaSide.Callee, now);
        if (call.BridgeAt <= now && call.Taking is { } transfer) BeginBridge(transfer, now);
        if (call.ExtendAt <= now) ExtendMoney(call, now);
        if (call.WarnAt <= now) OnWarningClock(call, now);
        if (call.SettleAgainAt <= now) PostAgain(call, now);
        if (call.FarewellEndsAt <= now) EndFarewells(call, now);
    }

    private void Reschedule(Call call) => _deadlines.Set(call.Slot, call.State == CallState.Gone ? Instant.Never : call.NextDeadline);

    private Call? TakeCall()
    {
        if (_free.TryPop(out int slot)) return _calls[slot];
        if (_calls.Count >= _options.MaxCalls) return null;
        var call = new Call(_calls.Count, _pool, _listeners);
        _calls.Add(call);
        return call;
    }

    private void Free(Call call)
    {
        call.Reset(); // its stamp changes: transactions that outlive it have no owner any more
        _deadlines.Clear(call.Slot);
        _free.Push(call.Slot);
        Counters.CallsOpen = OpenCalls;
    }

    private static void Own(Call call, ServerTransaction transaction)
    {
        transaction.Owner = call.Slot;
        transaction.OwnerStamp = call.Stamp;
    }

    private static void Own(Call call, ClientTransaction transaction, MediaSide leg)
    {
        transaction.Owner = call.Slot;
        transaction.OwnerStamp = call.Stamp;
        transaction.Leg = (int)leg;
    }

    /// <summary>The call a transaction belongs to; null when it is over, even if its slot carries another by now.</summary>
    private Call? OwnerOf(int slot, long stamp) => slot >= 0 && _calls[slot].Stamp == stamp ? _calls[slot] : null;

    // A tag of ours: 24 bits of call slot and leg, 40 bits of chance. It finds the dialog without a lookup table.
    private ulong MintTag(Call call, MediaSide leg) =>
        ((ulong)((call.Slot << 1) | (int)leg) << 40) | (_entropy.NextUInt64() >> 24);

    private NetAddress Reach(Sip.Dialogs.Dialog dialog) =>
        _listeners.IsReliable(dialog.Listener) && _sender.IsConnected(dialog.Listener, dialog.Flow) ? dialog.Flow : dialog.Peer;

    private void Send(Sip.Dialogs.Dialog dialog, ReadOnlySpan<byte> message) => _sender.Send(dialog.Listener, Reach(dialog), message);

    /// <summary>A client transaction of a dialog, by its leg's listener.</summary>
    private ClientTransaction Begin(Sip.Dialogs.Dialog dialog, SipMethod method, Span<byte> branch)
    {
        ClientTransaction transaction = _transactions.Begin(method, dialog.Listener, Reach(dialog), branch);
        transaction.MayGrow = dialog.LargeByTcp;
        return transaction;
    }

    private void WriteContact(ref SipWriter w, Sip.Dialogs.Dialog dialog) => _listeners[dialog.Listener].WriteContact(ref w, domain: dialog.LocalDomain);
}
