using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Primitives.Bytes;
using Tandem.Primitives.Settings;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Messages;
using Tandem.Sip.Transports;

namespace Tandem.Sip.Transactions;

/// <summary>
/// The live transactions of one shard (RFC 3261 §17): recognises retransmissions, answers and repeats by the four tables, keeps
/// their deadlines. Bytes in and bytes out, time handed in; pooled, so a message in the steady state allocates nothing. Server transactions are
/// found by a keyed hash of branch and sent-by, client transactions by the slot our own branch carries.
/// </summary>
public sealed class TransactionLayer
{
    /// <summary>z9hG4bK and thirteen characters.</summary>
    public const int BranchLength = 7 + Base32.Length;

    /// <summary>No answer to a request nobody vouches for is longer than this many times the request.</summary>
    public const int MostAmplification = 3;

    // RFC 3261 §18.1.1: a request above this goes by a transport with congestion control.
    private const int LargestOverUdp = 1300;

    // How long a peer that refused TCP is not asked again, and how many such peers are remembered.
    private static readonly TimeSpan TcpRefusalHolds = TimeSpan.FromMinutes(5);
    private const int MostTcpRefusals = 1024;

    private readonly ITransactionUser _user;
    private readonly ISipSender _sender;
    private readonly BytePool _pool;
    private readonly EntropySource _entropy;
    private readonly SipTimers _timers;
    private readonly KeyedHash _hash;
    private readonly int _maxServers;
    private readonly SipListeners? _listeners;

    private readonly SipMessage _message = new();
    private readonly SipMessage _stored = new();
    private readonly byte[] _text = new byte[65_536];

    private readonly List<ServerTransaction> _servers = [];
    private readonly Stack<int> _freeServers = new();
    private readonly Dictionary<ulong, int> _serversByKey = [];
    private readonly Dictionary<ulong, int> _invitesByMergeKey = [];
    private readonly DeadlineQueue _serverDeadlines = new();

    private readonly List<ClientTransaction> _clients = [];
    private readonly Stack<int> _freeClients = new();
    private readonly DeadlineQueue _clientDeadlines = new();
    private readonly Dictionary<NetAddress, Instant> _tcpRefused = [];
    private readonly List<(int Slot, ulong Branch)> _struck = [];
    private int _headLength;
    private int _receivedLength;

    /// <param name="user">Who stands above.</param>
    /// <param name="sender">Where bytes leave.</param>
    /// <param name="pool">Of the shard.</param>
    /// <param name="entropy">For branches and for the hash key.</param>
    /// <param name="timers">RFC 3261 Table 4.</param>
    /// <param name="maxServers">Server transactions at once; beyond it a request gets a stateless 503.</param>
    /// <param name="listeners">Which of them are reliable; null: all are UDP.</param>
    public TransactionLayer(ITransactionUser user, ISipSender sender, BytePool pool, EntropySource entropy, SipTimers? timers = null, int maxServers = 1 << 20, SipListeners? listeners = null)
    {
        _user = user;
        _sender = sender;
        _pool = pool;
        _entropy = entropy;
        _timers = timers ?? SipTimers.Default;
        _hash = new KeyedHash(entropy.NextUInt64());
        _maxServers = maxServers;
        _listeners = listeners;
    }

    /// <summary>The pauses between retransmissions of a request over UDP, in the place of Timers A and E; after the last and the first once more it is given up. Null: RFC 3261's.</summary>
    public SecondsList? ResendSchedule { get; set; }

    public TransactionCounters Counters { get; } = new();

    public int OpenServers => _servers.Count - _freeServers.Count;

    public int OpenClients => _clients.Count - _freeClients.Count;

    public Instant NextDeadline => Instant.Min(_serverDeadlines.Earliest, _clientDeadlines.Earliest);

    /// <summary>One datagram. Malformed requests that can be answered get 400, everything else that is no SIP gets silence.</summary>
    public void Receive(int listener, in NetAddress source, byte[] buffer, int offset, int length, Instant now)
    {
        _receivedLength = length;
        SipDefect defect = _message.Parse(buffer, offset, length);
        if (defect == SipDefect.Empty) return;
        if (defect != SipDefect.None)
        {
            Counters.Malformed++;
            Counters.Defects[(int)defect]++;
            if (_message.IsRequest && _message.CanBeAnswered && defect.AnswerStatus() > 0 && _user.AnswersMalformed(source, now)) RespondStateless(_message, source, listener, defect.AnswerStatus(), defect.ReasonBytes());
            return;
        }
        if (!_message.IsRequest)
        {
            Counters.Responses++;
            OnResponse(source, now);
            return;
        }
        Counters.Requests++;
        OnRequest(listener, source, now);
    }

    /// <summary>Every deadline not after now. True if there was one.</summary>
    public bool Expire(Instant now)
    {
        bool any = false;
        while (_clientDeadlines.TryTakeExpired(now, out int slot))
        {
            any = true;
            OnClientDeadline(_clients[slot], now);
        }
        while (_serverDeadlines.TryTakeExpired(now, out int slot))
        {
            any = true;
            OnServerDeadline(_servers[slot], now);
        }
        return any;
    }

    // ---- requests received

    private void OnRequest(int listener, in NetAddress source, Instant now)
    {
        SipMessage request = _message;
        ulong inviteKey = KeyOf(request);
        if (request.Method == SipMethod.Ack)
        {
            if (_serversByKey.TryGetValue(inviteKey, out int acked) && _servers[acked].InviteState != InviteServer.State.Accepted) DriveInviteServer(_servers[acked], InviteServer.Input.Ack, now);
            else if (_user.Admits(request, listener, source, now)) _user.OnAck(request, source, now);
            return;
        }
        ulong key = request.Method == SipMethod.Invite ? inviteKey : inviteKey ^ _hash.Of(request.MethodToken);
        if (_serversByKey.TryGetValue(key, out int known))
        {
            Counters.RetransmissionsReceived++;
            ServerTransaction again = _servers[known];
            if (again.Method == SipMethod.Invite) DriveInviteServer(again, InviteServer.Input.Invite, now);
            else DriveNonInviteServer(again, NonInviteServer.Input.Request, now);
            return;
        }
        bool cancels = request.Method == SipMethod.Cancel && _serversByKey.ContainsKey(inviteKey);
        if (!cancels && !_user.Admits(request, listener, source, now)) return;
        ulong mergeKey = MergeKeyOf(request);
        if (mergeKey != 0 && _invitesByMergeKey.TryGetValue(mergeKey, out int other) && _servers[other].InviteState is InviteServer.State.Proceeding or InviteServer.State.Accepted)
        {
            // RFC 3261 §8.2.2.2: the same request came another way already; answered twice, its caller would pay for two calls.
            Counters.Merged++;
            RespondStateless(request, source, listener, 482, "Merged Request"u8);
            return;
        }
        if (TakeServer(key, request.Method) is not { } transaction)
        {
            RespondStateless(request, source, listener, 503, []);
            return;
        }
        if (mergeKey != 0)
        {
            transaction.MergeKey = mergeKey;
            _invitesByMergeKey[mergeKey] = transaction.Slot;
        }
        transaction.Method = request.Method;
        transaction.Listener = listener;
        transaction.Source = source;
        transaction.Destination = ReturnPath(listener, request, source);
        if (IsReliable(listener)) transaction.Fallback = Responses.DestinationAfterBreak(request, source);
        transaction.InviteState = InviteServer.State.Proceeding;
        transaction.NonInviteState = NonInviteServer.State.Trying;
        Span<byte> tag = stackalloc byte[Base32.Length];
        Base32.Write(_entropy.NextUInt64(), tag);
        if (!KeepHead(transaction, request, source, tag))
        {
            FreeServer(transaction);
            Counters.HeadsTooLarge++;
            RespondStateless(request, source, listener, 513, []);
            return;
        }
        if (request.Method != SipMethod.Cancel)
        {
            _user.OnRequest(request, transaction, now);
            return;
        }
        // RFC 3261 §9.2: the CANCEL is answered by itself; what it cancels is the INVITE with the same branch.
        bool found = _serversByKey.TryGetValue(inviteKey, out int invite) && _servers[invite].Method == SipMethod.Invite
            && source.SameHost(_servers[invite].Source); // it comes the way the INVITE came, or from somebody else
        if (found) transaction.Destination = _servers[invite].Destination;
        Respond(transaction, found ? 200 : 481, [], now);
        if (found && !_servers[invite].IsAnswered) _user.OnCancel(request, _servers[invite], now);
    }

    // Only INVITEs: other requests merged do no harm, and keep-alives that repeat CSeq and Call-ID with a new branch are many. 0: not to be merged.
    private ulong MergeKeyOf(SipMessage request) =>
        request.Method != SipMethod.Invite || !request.ToTag.IsEmpty || request.FromTag.IsEmpty ? 0
        : (_hash.Of(request.CallId, request.FromTag) ^ (ulong.MaxValue / 11 * request.CSeqNumber)) | 1;

    // RFC 3261 §17.2.3: branch and sent-by (the method is added by the caller: ACK and CANCEL find their INVITE without it); for
    // peers of RFC 2543 what they keep the same over a transaction.
    private ulong KeyOf(SipMessage request) => request.HasUniqueBranch
        ? _hash.Of(request.ViaBranch, request.ViaSentBy)
        : _hash.Of(request.CallId, request.From) ^ _hash.Of(request.ViaSentBy, request.TopVia) ^ (ulong.MaxValue / 7 * request.CSeqNumber);

    // False when what every response repeats leaves no room for what it says.
    private bool KeepHead(ServerTransaction transaction, SipMessage request, in NetAddress source, scoped ReadOnlySpan<byte> tag)
    {
        // A response rendered once, without its first line: each answer is then one line, this, and what it adds.
        var w = new SipWriter(_text);
        Responses.Write(ref w, request, source, 200, [], tag);
        if (w.Overflowed || w.Length > SipLimits.AnswerBytes) return false;
        ReadOnlySpan<byte> head = w.Written;
        head = head[(head.IndexOf((byte)'\n') + 1)..];
        transaction.Head = _pool.Copy(head);
        transaction.HeadLength = head.Length;
        transaction.TagAt = request.ToTag.IsEmpty ? head.LastIndexOf(tag) : -1;
        return true;
    }

    /// <summary>Puts the dialog's own tag on every response to come. Not once a response with a tag has gone out.</summary>
    public static void SetToTag(ServerTransaction transaction, ulong tag)
    {
        if (transaction.TagAt >= 0) Base32.Write(tag, transaction.Head.AsSpan(transaction.TagAt, Base32.Length));
    }

    /// <summary>Sends the responses to come to that of the peer's addresses the operator wants; before the first one. Those by TCP and TLS go back by their connection.</summary>
    public void AimResponses(ServerTransaction transaction, SipMessage request, AddressMethod method)
    {
        if (method != AddressMethod.Standard && !IsReliable(transaction.Listener)) transaction.Destination = Responses.Destination(request, transaction.Source, method);
    }

    /// <summary>The start of an answer without a transaction (RFC 3261 §8.2.7). Add headers, end it, then <see cref="SendStateless"/>; within <see cref="ITransactionUser.Admits"/>.</summary>
    public SipWriter BeginStateless(SipMessage request, in NetAddress source, int status, scoped ReadOnlySpan<byte> reason)
    {
        var w = new SipWriter(_text);
        Span<byte> tag = stackalloc byte[Base32.Length];
        Base32.Write(_hash.Of(request.CallId, request.TopVia), tag); // the same request gets the same tag
        Responses.Write(ref w, request, source, status, reason, tag);
        return w;
    }

    /// <summary>
    /// Sends it, unless it is more than <see cref="MostAmplification"/> times as long as what it answers: whoever forges a source must not gain
    /// from our answer.
    /// </summary>
    public void SendStateless(SipMessage request, in NetAddress source, int listener, scoped in SipWriter writer)
    {
        if (writer.Overflowed || writer.Length > MostAmplification * _receivedLength)
        {
            Counters.AnswersTooLong++;
            return;
        }
        Counters.StatelessAnswers++;
        _sender.Send(listener, ReturnPath(listener, request, source), writer.Written);
    }

    private void RespondStateless(SipMessage request, in NetAddress source, int listener, int status, ReadOnlySpan<byte> reason)
    {
        SipWriter w = BeginStateless(request, source, status, reason);
        w.End();
        SendStateless(request, source, listener, w);
    }

    /// <summary>A whole response without headers of its own.</summary>
    public void Respond(ServerTransaction transaction, int status, scoped ReadOnlySpan<byte> reason, Instant now)
    {
        SipWriter w = BeginResponse(transaction, status, reason);
        w.End();
        SendResponse(transaction, w.Length, now);
    }

    /// <summary>The start of a response: status line, Via, From, To, Call-ID, CSeq. Add headers, end it, then <see cref="SendResponse"/>.</summary>
    public SipWriter BeginResponse(ServerTransaction transaction, int status, scoped ReadOnlySpan<byte> reason)
    {
        var head = new SipWriter(_text);
        head.Status(status, reason);
        int line = head.Length;
        transaction.Head.AsSpan(0, transaction.HeadLength).CopyTo(_text.AsSpan(line));
        _headLength = line + transaction.HeadLength;
        transaction.PendingStatus = status;
        return new SipWriter(_text.AsSpan(_headLength));
    }

    /// <param name="transaction">The one <see cref="BeginResponse"/> was called for.</param>
    /// <param name="length">Of what was written since.</param>
    /// <param name="now">The turn.</param>
    public void SendResponse(ServerTransaction transaction, int length, Instant now)
    {
        int status = transaction.PendingStatus;
        Store(ref transaction.PendingResponse, ref transaction.PendingLength, _text.AsSpan(0, _headLength + length));
        if (transaction.Method == SipMethod.Invite)
        {
            DriveInviteServer(transaction, status == 100 ? InviteServer.Input.Trying : status < 200 ? InviteServer.Input.Provisional : status < 300 ? InviteServer.Input.Success : InviteServer.Input.Failure, now);
        }
        else
        {
            DriveNonInviteServer(transaction, status < 200 ? NonInviteServer.Input.Provisional : NonInviteServer.Input.Final, now);
        }
    }

    /// <summary>Sends the last response again: the dialog does so with a 2xx until its ACK comes.</summary>
    public void ResendResponse(ServerTransaction transaction)
    {
        if (transaction.Response is null) return;
        // RFC 3261 §18.2.2: on the connection the request came by; when that is gone, on a new one to where the Via says.
        bool broken = IsReliable(transaction.Listener) && !_sender.IsConnected(transaction.Listener, transaction.Destination);
        _sender.Send(transaction.Listener, broken ? transaction.Fallback : transaction.Destination, transaction.Response.AsSpan(0, transaction.ResponseLength));
    }

    private bool IsReliable(int listener) => _listeners is not null && _listeners.IsReliable(listener);

    private NetAddress ReturnPath(int listener, SipMessage request, in NetAddress source) =>
        IsReliable(listener) ? source : Responses.Destination(request, source);

    /// <summary>The 2xx was acknowledged: its bytes are needed no more.</summary>
    public void ForgetResponse(ServerTransaction transaction)
    {
        Drop(ref transaction.Response);
        Drop(ref transaction.Head);
    }

    /// <summary>Never answers this request: silence. Retransmissions start anew.</summary>
    public void Forget(ServerTransaction transaction) => FreeServer(transaction);

    private void DriveInviteServer(ServerTransaction transaction, InviteServer.Input input, Instant now)
    {
        InviteServer.Step step = InviteServer.On(transaction.InviteState, input, IsReliable(transaction.Listener));
        transaction.InviteState = step.Next;
        InviteServer.Effects effects = step.Effects;
        if ((effects & InviteServer.Effects.SendResponse) != 0) SendPending(transaction);
        if ((effects & InviteServer.Effects.ResendResponse) != 0)
        {
            Counters.RetransmissionsSent++;
            ResendResponse(transaction);
        }
        if ((effects & InviteServer.Effects.StartTimerG) != 0)
        {
            transaction.Interval = transaction.Interval == default ? _timers.G : _timers.NextUpToT2(transaction.Interval);
            transaction.ResendAt = now + transaction.Interval;
        }
        if ((effects & InviteServer.Effects.StartTimerH) != 0) transaction.EndAt = now + _timers.H;
        if ((effects & InviteServer.Effects.StartTimerL) != 0) transaction.EndAt = now + _timers.L;
        if ((effects & InviteServer.Effects.StartTimerI) != 0)
        {
            transaction.ResendAt = Instant.Never;
            transaction.EndAt = now + _timers.I;
            Drop(ref transaction.Response);
            Drop(ref transaction.Head);
        }
        if ((effects & InviteServer.Effects.ReportTimeout) != 0) _user.OnAckMissing(transaction, now);
        AfterServerStep(transaction, step.Next == InviteServer.State.Terminated);
    }

    private void DriveNonInviteServer(ServerTransaction transaction, NonInviteServer.Input input, Instant now)
    {
        NonInviteServer.Step step = NonInviteServer.On(transaction.NonInviteState, input, IsReliable(transaction.Listener));
        transaction.NonInviteState = step.Next;
        if ((step.Effects & NonInviteServer.Effects.SendResponse) != 0)
        {
            SendPending(transaction);
            Drop(ref transaction.Head);
        }
        if ((step.Effects & NonInviteServer.Effects.ResendResponse) != 0)
        {
            Counters.RetransmissionsSent++;
            ResendResponse(transaction);
        }
        if ((step.Effects & NonInviteServer.Effects.StartTimerJ) != 0) transaction.EndAt = now + _timers.J;
        AfterServerStep(transaction, step.Next == NonInviteServer.State.Terminated);
    }

    private void SendPending(ServerTransaction transaction)
    {
        if (transaction.PendingResponse is null) return;
        Drop(ref transaction.Response);
        (transaction.Response, transaction.ResponseLength, transaction.PendingResponse) = (transaction.PendingResponse, transaction.PendingLength, null);
        transaction.IsAnswered |= transaction.PendingStatus >= 200;
        ResendResponse(transaction);
    }

    private void AfterServerStep(ServerTransaction transaction, bool terminated)
    {
        Drop(ref transaction.PendingResponse); // a response the table did not want
        if (terminated) FreeServer(transaction);
        else _serverDeadlines.Set(transaction.Slot, Instant.Min(transaction.ResendAt, transaction.EndAt));
    }

    private void OnServerDeadline(ServerTransaction transaction, Instant now)
    {
        if (transaction.Method != SipMethod.Invite)
        {
            DriveNonInviteServer(transaction, NonInviteServer.Input.TimerJ, now);
            return;
        }
        if (transaction.EndAt <= now)
        {
            transaction.ResendAt = transaction.EndAt = Instant.Never;
            DriveInviteServer(transaction, transaction.InviteState switch
            {
                InviteServer.State.Accepted => InviteServer.Input.TimerL,
                InviteServer.State.Confirmed => InviteServer.Input.TimerI,
                _ => InviteServer.Input.TimerH,
            }, now);
            return;
        }
        transaction.ResendAt = Instant.Never;
        DriveInviteServer(transaction, InviteServer.Input.TimerG, now);
    }

    // ---- requests sent

    /// <summary>Opens a client transaction and mints its branch. Write the request with it, then <see cref="Start"/> or <see cref="Discard"/>.</summary>
    public ClientTransaction Begin(SipMethod method, int listener, in NetAddress to, Span<byte> branch)
    {
        ClientTransaction transaction = TakeClient();
        transaction.Method = method;
        transaction.Listener = listener;
        transaction.Destination = to;
        // 24 bits of slot, 40 of chance: the answer finds its transaction without a lookup, and nobody guesses it.
        transaction.Branch = ((ulong)transaction.Slot << 40) | (_entropy.NextUInt64() >> 24);
        WriteBranch(transaction.Branch, branch);
        return transaction;
    }

    /// <summary>A branch for a request without a transaction: the ACK of a 2xx.</summary>
    public void MintBranch(Span<byte> branch) => WriteBranch(ulong.MaxValue << 40 | (_entropy.NextUInt64() >> 24), branch);

    public void Start(ClientTransaction transaction, ReadOnlySpan<byte> request, uint cseq, Instant now)
    {
        transaction.CSeq = cseq;
        transaction.IsPending = true;
        if (request.Length > LargestOverUdp && MayGrow(transaction, now, out int tcp))
        {
            transaction.GrownFrom = transaction.Listener;
            transaction.Listener = tcp;
            request = WithVia(request, _listeners![tcp]);
        }
        Launch(transaction, request, now);
    }

    private void Launch(ClientTransaction transaction, ReadOnlySpan<byte> request, Instant now)
    {
        Store(ref transaction.Request, ref transaction.RequestLength, request);
        transaction.InviteState = InviteClient.State.Calling;
        transaction.NonInviteState = NonInviteClient.State.Trying;
        bool reliable = IsReliable(transaction.Listener);
        transaction.Resent = 0;
        transaction.Interval = ResendSchedule?[0] ?? (transaction.Method == SipMethod.Invite ? _timers.A : _timers.E);
        transaction.ResendAt = reliable ? Instant.Never : now + transaction.Interval;
        transaction.EndAt = now + (!reliable && ResendSchedule is { } pauses ? pauses.Total + pauses[0] : transaction.Method == SipMethod.Invite ? _timers.B : _timers.F);
        _clientDeadlines.Set(transaction.Slot, Instant.Min(transaction.ResendAt, transaction.EndAt));
        _sender.Send(transaction.Listener, transaction.Destination, request);
    }

    /// <summary>
    /// A connection could not be opened, or broke: what waits for an answer over it learns so at once, not after 64*T1. A request that went by
    /// TCP for its size alone goes by UDP after all (RFC 3261 §18.1.1).
    /// </summary>
    /// <param name="listener">Of the connection.</param>
    /// <param name="peer">Its far end.</param>
    /// <param name="wasOpen">It broke: what was sent may have arrived.</param>
    /// <param name="now">The turn.</param>
    public void OnTransportError(int listener, in NetAddress peer, bool wasOpen, Instant now)
    {
        _struck.Clear(); // the user may start others to the same place meanwhile
        foreach (ClientTransaction transaction in _clients)
        {
            if (transaction.InUse && transaction.Listener == listener && transaction.Destination == peer) _struck.Add((transaction.Slot, transaction.Branch));
        }
        for (int i = 0; i < _struck.Count; i++)
        {
            ClientTransaction transaction = _clients[_struck[i].Slot];
            if (!transaction.InUse || transaction.Branch != _struck[i].Branch) continue;
            if (transaction.GrownFrom >= 0 && transaction.IsPending && !transaction.CancelWanted && IsUnanswered(transaction)) ShrinkToUdp(transaction, now);
            else if (wasOpen && transaction.Method == SipMethod.Invite && IsUnanswered(transaction)) LoseSight(transaction, now);
            else if (transaction.Method == SipMethod.Invite) DriveInviteClient(transaction, InviteClient.Input.TransportError, null, default, now);
            else DriveNonInviteClient(transaction, NonInviteClient.Input.TransportError, null, default, now);
        }
    }

    // The table would end it. But a far end that has the INVITE may answer by a connection of its own (§18.2.2), and a call nobody has
    // would cost somebody money: it is given up as by a caller, to be cancelled, or acknowledged and ended, should it turn up.
    private void LoseSight(ClientTransaction transaction, Instant now)
    {
        _user.OnTransportError(transaction, now);
        Abandon(transaction, now);
    }

    private static bool IsUnanswered(ClientTransaction transaction) =>
        transaction.Method == SipMethod.Invite ? transaction.InviteState == InviteClient.State.Calling : transaction.NonInviteState == NonInviteClient.State.Trying;

    private bool MayGrow(ClientTransaction transaction, Instant now, out int tcp)
    {
        tcp = -1;
        if (!transaction.MayGrow || _listeners is null || _listeners.IsReliable(transaction.Listener)) return false;
        if (_tcpRefused.TryGetValue(transaction.Destination, out Instant until) && now < until) return false;
        return _listeners.TryChoose(transaction.Listener, transaction.Destination, SipTransport.Tcp, out tcp);
    }

    private void ShrinkToUdp(ClientTransaction transaction, Instant now)
    {
        if (_tcpRefused.Count >= MostTcpRefusals) _tcpRefused.Clear();
        _tcpRefused[transaction.Destination] = now + TcpRefusalHolds;
        transaction.Listener = transaction.GrownFrom;
        transaction.GrownFrom = -1;
        Launch(transaction, WithVia(transaction.Request.AsSpan(0, transaction.RequestLength), _listeners![transaction.Listener]), now);
    }

    // The request with another transport and sent-by in its Via; ours is the first header, as it was written here.
    private ReadOnlySpan<byte> WithVia(scoped ReadOnlySpan<byte> request, SipListener listener)
    {
        int via = request.IndexOf("\nVia: "u8) + 6;
        int parameters = via + request[via..].IndexOf((byte)';');
        var w = new SipWriter(_text);
        listener.WriteVia(ref w);
        int length = w.Length;
        _text.AsSpan(0, length).CopyTo(_text.AsSpan(via));
        request[..via].CopyTo(_text);
        request[parameters..].CopyTo(_text.AsSpan(via + length));
        return _text.AsSpan(0, via + length + request.Length - parameters);
    }

    /// <summary>Says for whom a request is sent: its answer will be the answer to <paramref name="asked"/>.</summary>
    public static void Tie(ClientTransaction transaction, ServerTransaction asked)
    {
        transaction.Tied = asked;
        transaction.TiedKey = asked.Key;
    }

    /// <summary>The request a passed one was sent for; false when there is none, or it was answered already.</summary>
    public bool TryGetTied(ClientTransaction transaction, [NotNullWhen(true)] out ServerTransaction? asked)
    {
        asked = transaction.Tied is { InUse: true, IsAnswered: false } tied && tied.Key == transaction.TiedKey ? tied : null;
        return asked is not null;
    }

    public void Discard(ClientTransaction transaction) => FreeClient(transaction);

    /// <summary>
    /// The user gives up an INVITE: CANCEL goes out now or with the first provisional response (RFC 3261 §9.1); until then it is not
    /// repeated. The transaction lives on without an owner, to acknowledge what still comes. True when CANCEL went out now.
    /// </summary>
    /// <param name="transaction">The INVITE.</param>
    /// <param name="now">The turn.</param>
    /// <param name="why">The Reason of the CANCEL (RFC 3326).</param>
    public bool Abandon(ClientTransaction transaction, Instant now, ReasonCauses why = default)
    {
        transaction.CancelCauses = why;
        transaction.Owner = ServerTransaction.NoOwner;
        if (!transaction.IsPending) return false;
        transaction.CancelWanted = true;
        if (transaction.InviteState == InviteClient.State.Proceeding)
        {
            SendCancel(transaction, now);
            return true;
        }
        transaction.ResendAt = Instant.Never;
        _clientDeadlines.Set(transaction.Slot, transaction.EndAt);
        return false;
    }

    private void SendCancel(ClientTransaction invite, Instant now)
    {
        if (invite.CancelSent || invite.Request is null) return;
        invite.CancelSent = true;
        invite.EndAt = now + _timers.B; // RFC 3261 §9.1: 64*T1 for the final response, then it is given up
        _clientDeadlines.Set(invite.Slot, invite.EndAt);
        SipWriter w = FromStored(invite, SipMethod.Cancel, []);
        if (w.Overflowed) return;
        ClientTransaction cancel = TakeClient();
        cancel.Method = SipMethod.Cancel;
        cancel.Listener = invite.Listener;
        cancel.Destination = invite.Destination;
        cancel.Branch = invite.Branch; // §9.1: the same branch; answers to it are told apart by CSeq
        invite.CancelSlot = cancel.Slot;
        Start(cancel, w.Written, invite.CSeq, now);
    }

    // CANCEL and the ACK of a failure repeat the INVITE's request line, Via, Route, From, Call-ID and CSeq number (§9.1, §17.1.1.3).
    private SipWriter FromStored(ClientTransaction invite, SipMethod method, scoped ReadOnlySpan<byte> to)
    {
        _stored.Parse(invite.Request!, 0, invite.RequestLength);
        var w = new SipWriter(_text);
        w.Request(method, _stored.RequestUri);
        w.Header(HeaderName.Via, _stored.TopVia);
        foreach (ReadOnlySpan<byte> route in _stored.Values(HeaderName.Route)) w.Header(HeaderName.Route, route);
        w.Header(HeaderName.MaxForwards, 70);
        w.Header(HeaderName.From, _stored.From);
        w.Header(HeaderName.To, to.IsEmpty ? _stored.To : to);
        w.Header(HeaderName.CallId, _stored.CallId);
        w.OpenHeader(HeaderName.CSeq);
        w.Decimal(invite.CSeq);
        w.Text((byte)' ');
        w.Text(method.Token());
        w.CloseHeader();
        if (method == SipMethod.Cancel) invite.CancelCauses.Write(ref w);
        w.End();
        return w;
    }

    private void OnResponse(in NetAddress source, Instant now)
    {
        SipMessage response = _message;
        ReadOnlySpan<byte> branch = response.ViaBranch;
        if (branch.Length != BranchLength || !Base32.TryRead(branch[7..], out ulong value) || (int)(value >> 40) >= _clients.Count)
        {
            Counters.StrayResponses++;
            return;
        }
        ClientTransaction transaction = _clients[(int)(value >> 40)];
        if (transaction.InUse && transaction.Branch == value && response.CSeqMethod == SipMethod.Cancel && transaction.CancelSlot >= 0) transaction = _clients[transaction.CancelSlot];
        if (!transaction.InUse || transaction.Branch != value || transaction.Method != response.CSeqMethod || transaction.CSeq != response.CSeqNumber)
        {
            Counters.StrayResponses++;
            return;
        }
        if (transaction.Method == SipMethod.Invite)
        {
            DriveInviteClient(transaction, response.Status < 200 ? InviteClient.Input.Provisional : response.Status < 300 ? InviteClient.Input.Success : InviteClient.Input.Failure, response, source, now);
        }
        else
        {
            DriveNonInviteClient(transaction, response.Status < 200 ? NonInviteClient.Input.Provisional : NonInviteClient.Input.Final, response, source, now);
        }
    }

    private void DriveInviteClient(ClientTransaction transaction, InviteClient.Input input, SipMessage? response, in NetAddress source, Instant now)
    {
        InviteClient.Step step = InviteClient.On(transaction.InviteState, input, IsReliable(transaction.Listener));
        bool failed = transaction.IsPending && input == InviteClient.Input.Failure;
        transaction.InviteState = step.Next;
        InviteClient.Effects effects = step.Effects;
        if ((effects & InviteClient.Effects.Retransmit) != 0)
        {
            Counters.RetransmissionsSent++;
            SendRequest(transaction);
            ScheduleNext(transaction, 2 * transaction.Interval, now);
        }
        if (input == InviteClient.Input.Provisional && step.Next == InviteClient.State.Proceeding)
        {
            transaction.ResendAt = Instant.Never;
            // Timer B is for an INVITE nobody answers (§17.1.1.2); from here the call's own clocks rule, or the CANCEL's.
            if (!transaction.CancelSent) transaction.EndAt = Instant.Never;
            if (transaction.CancelWanted) SendCancel(transaction, now);
        }
        if ((effects & InviteClient.Effects.StartTimerM) != 0)
        {
            transaction.ResendAt = Instant.Never;
            transaction.EndAt = now + _timers.M;
            Drop(ref transaction.Request);
        }
        if ((effects & InviteClient.Effects.StartTimerD) != 0)
        {
            transaction.ResendAt = Instant.Never;
            transaction.EndAt = now + _timers.D;
        }
        if (failed) KeepAck(transaction, response!);
        if ((effects & InviteClient.Effects.SendAck) != 0) SendRequest(transaction);
        if (step.Next is InviteClient.State.Accepted or InviteClient.State.Completed or InviteClient.State.Terminated) transaction.IsPending = false;
        AfterClientStep(transaction, step.Next == InviteClient.State.Terminated);
        if ((effects & InviteClient.Effects.PassUp) != 0) _user.OnResponse(response!, transaction, source, now);
        if ((effects & InviteClient.Effects.ReportTimeout) != 0) _user.OnTimeout(transaction, now);
        if ((effects & InviteClient.Effects.ReportTransportError) != 0) _user.OnTransportError(transaction, now);
        if (step.Next == InviteClient.State.Terminated) FreeClient(transaction);
    }

    private void DriveNonInviteClient(ClientTransaction transaction, NonInviteClient.Input input, SipMessage? response, in NetAddress source, Instant now)
    {
        NonInviteClient.Step step = NonInviteClient.On(transaction.NonInviteState, input, IsReliable(transaction.Listener));
        transaction.NonInviteState = step.Next;
        NonInviteClient.Effects effects = step.Effects;
        if ((effects & NonInviteClient.Effects.Retransmit) != 0 || (effects & NonInviteClient.Effects.RetransmitSlowly) != 0)
        {
            Counters.RetransmissionsSent++;
            SendRequest(transaction);
            ScheduleNext(transaction, (effects & NonInviteClient.Effects.RetransmitSlowly) != 0 ? _timers.T2 : _timers.NextUpToT2(transaction.Interval), now);
        }
        if ((effects & NonInviteClient.Effects.StartTimerK) != 0)
        {
            transaction.IsPending = false;
            transaction.ResendAt = Instant.Never;
            transaction.EndAt = now + _timers.K;
            Drop(ref transaction.Request);
        }
        if (step.Next == NonInviteClient.State.Terminated) transaction.IsPending = false;
        AfterClientStep(transaction, step.Next == NonInviteClient.State.Terminated);
        if ((effects & NonInviteClient.Effects.PassUp) != 0) _user.OnResponse(response!, transaction, source, now);
        if ((effects & NonInviteClient.Effects.ReportTimeout) != 0) _user.OnTimeout(transaction, now);
        if ((effects & NonInviteClient.Effects.ReportTransportError) != 0) _user.OnTransportError(transaction, now);
        if (step.Next == NonInviteClient.State.Terminated) FreeClient(transaction);
    }

    private void ScheduleNext(ClientTransaction transaction, TimeSpan byRfc, Instant now)
    {
        transaction.Resent++;
        if (ResendSchedule is { } pauses && transaction.Resent >= pauses.Count)
        {
            transaction.ResendAt = Instant.Never;
            return;
        }
        transaction.Interval = ResendSchedule?[transaction.Resent] ?? byRfc;
        transaction.ResendAt = now + transaction.Interval;
    }

    // The ACK of a failure takes the INVITE's place: from now on it is what goes out again.
    private void KeepAck(ClientTransaction transaction, SipMessage response)
    {
        SipWriter w = FromStored(transaction, SipMethod.Ack, response.To);
        Drop(ref transaction.Request);
        if (!w.Overflowed) Store(ref transaction.Request, ref transaction.RequestLength, w.Written);
    }

    private void AfterClientStep(ClientTransaction transaction, bool terminated)
    {
        if (terminated) _clientDeadlines.Clear(transaction.Slot);
        else _clientDeadlines.Set(transaction.Slot, Instant.Min(transaction.ResendAt, transaction.EndAt));
    }

    private void OnClientDeadline(ClientTransaction transaction, Instant now)
    {
        bool ends = transaction.EndAt <= now;
        if (transaction.Method != SipMethod.Invite)
        {
            NonInviteClient.Input input = !ends ? NonInviteClient.Input.TimerE
                : transaction.NonInviteState == NonInviteClient.State.Completed ? NonInviteClient.Input.TimerK
                : NonInviteClient.Input.TimerF;
            DriveNonInviteClient(transaction, input, null, default, now);
            return;
        }
        if (ends && transaction.InviteState == InviteClient.State.Proceeding)
        {
            FreeClient(transaction); // cancelled, and no final response came in 64*T1
            return;
        }
        DriveInviteClient(transaction, !ends ? InviteClient.Input.TimerA : transaction.InviteState switch
        {
            InviteClient.State.Accepted => InviteClient.Input.TimerM,
            InviteClient.State.Completed => InviteClient.Input.TimerD,
            _ => InviteClient.Input.TimerB,
        }, null, default, now);
    }

    private void SendRequest(ClientTransaction transaction)
    {
        if (transaction.Request is not null) _sender.Send(transaction.Listener, transaction.Destination, transaction.Request.AsSpan(0, transaction.RequestLength));
    }

    private static void WriteBranch(ulong value, Span<byte> branch)
    {
        "z9hG4bK"u8.CopyTo(branch);
        Base32.Write(value, branch[7..BranchLength]);
    }

    // ---- slots and buffers

    // The last eighth of the table is for what ends or confirms calls: new ones never take the room of a BYE.
    private ServerTransaction? TakeServer(ulong key, SipMethod method)
    {
        int most = method is SipMethod.Bye or SipMethod.Cancel or SipMethod.Prack ? _maxServers : _maxServers - (_maxServers / 8);
        if (OpenServers >= most)
        {
            Counters.ServersRefused++;
            return null;
        }
        if (!_freeServers.TryPop(out int slot))
        {
            slot = _servers.Count;
            _servers.Add(new ServerTransaction { Slot = slot });
        }
        ServerTransaction transaction = _servers[slot];
        transaction.InUse = true;
        transaction.Key = key;
        _serversByKey[key] = slot;
        return transaction;
    }

    private void FreeServer(ServerTransaction transaction)
    {
        if (!transaction.InUse) return;
        transaction.InUse = false;
        _serversByKey.Remove(transaction.Key);
        if (transaction.MergeKey != 0 && _invitesByMergeKey.TryGetValue(transaction.MergeKey, out int merged) && merged == transaction.Slot) _invitesByMergeKey.Remove(transaction.MergeKey);
        transaction.MergeKey = 0;
        _serverDeadlines.Clear(transaction.Slot);
        Drop(ref transaction.Head);
        Drop(ref transaction.Response);
        Drop(ref transaction.PendingResponse);
        transaction.Owner = ServerTransaction.NoOwner;
        transaction.OwnerStamp = 0;
        transaction.IsAnswered = false;
        transaction.Interval = default;
        transaction.ResendAt = transaction.EndAt = Instant.Never;
        _freeServers.Push(transaction.Slot);
    }

    private ClientTransaction TakeClient()
    {
        if (!_freeClients.TryPop(out int slot))
        {
            slot = _clients.Count;
            _clients.Add(new ClientTransaction { Slot = slot });
        }
        ClientTransaction transaction = _clients[slot];
        transaction.InUse = true;
        return transaction;
    }

    private void FreeClient(ClientTransaction transaction)
    {
        if (!transaction.InUse) return;
        transaction.InUse = false;
        _clientDeadlines.Clear(transaction.Slot);
        Drop(ref transaction.Request);
        transaction.Owner = ServerTransaction.NoOwner;
        transaction.OwnerStamp = 0;
        transaction.Leg = 0;
        transaction.Branch = 0;
        transaction.CancelWanted = transaction.CancelSent = transaction.IsPending = transaction.WithinDialog = false;
        transaction.CancelCauses = default;
        transaction.CancelSlot = transaction.GrownFrom = -1;
        transaction.Tied = null;
        transaction.MayGrow = false;
        transaction.ResendAt = transaction.EndAt = Instant.Never;
        _freeClients.Push(transaction.Slot);
    }

    private void Store(ref byte[]? buffer, ref int length, ReadOnlySpan<byte> bytes)
    {
        Drop(ref buffer);
        buffer = _pool.Copy(bytes);
        length = bytes.Length;
    }

    private void Drop(ref byte[]? buffer)
    {
        if (buffer is not null) _pool.Return(buffer);
        buffer = null;
    }
}

/// <summary>What the transactions of one shard count; written by its thread alone.</summary>
public sealed class TransactionCounters
{
    public long Requests;
    public long Responses;
    public long Malformed;

    /// <summary>Malformed messages by their first defect.</summary>
    public readonly long[] Defects = new long[SipDefects.Count];

    /// <summary>Requests answered 513.</summary>
    public long HeadsTooLarge;
    public long RetransmissionsReceived;
    public long RetransmissionsSent;
    public long StrayResponses;
    public long ServersRefused;
    public long Merged;

    /// <summary>Answers sent without a transaction.</summary>
    public long StatelessAnswers;

    /// <summary>Answers not sent, being too long for what they answer.</summary>
    public long AnswersTooLong;
}
