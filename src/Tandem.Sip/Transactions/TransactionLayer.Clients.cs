using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Transports;

namespace Tandem.Sip.Transactions;

// Requests sent, and the responses they get (RFC 3261 §17.1).
public sealed partial class TransactionLayer
{
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
    public static bool TryGetTied(ClientTransaction transaction, [NotNullWhen(true)] out ServerTransaction? asked)
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
}
