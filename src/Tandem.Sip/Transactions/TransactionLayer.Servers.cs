using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Transactions;

// Requests received, and our responses to them (RFC 3261 §17.2).
public sealed partial class TransactionLayer
{
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
}
