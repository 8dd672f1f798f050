using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transactions;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Calls;

// Bridging: the transferee is asked by re-INVITE to speak to the target; when it agrees, its dialog moves to the target's call (docs/transfers.md).
public sealed partial class Shard
{
    /// <summary>Begins, or tries again later: another change of the transferee's session may be under way.</summary>
    private void BeginBridge(Transfer transfer, Instant now)
    {
        (Call from, Call to) = (transfer.From, transfer.To);
        to.BridgeAt = Instant.Never;
        if (transfer.GiveUpAt == Instant.Never) transfer.GiveUpAt = now + BridgePatience;
        if (transfer.GiveUpAt <= now)
        {
            FailBridge(transfer, 408, now);
            return;
        }
        bool free = from.Change == ChangeState.Idle && !from.AckAwaited && to.Change == ChangeState.Idle;
        if (!free)
        {
            to.BridgeAt = now + BridgeAgain;
            return;
        }
        Span<byte> heard = stackalloc byte[SdpLimits.Bytes];
        int length = transfer.Attended ? WithoutDirection(to.SdpTowards(transfer.Place), heard) : Copy(to.SaidBy(MediaSide.Callee), heard);
        byte[] sdp = _pool.Copy(heard[..length]);
        bool readable = _sdp.Parse(sdp, 0, length) == SdpDefect.None && _sdp.FirstRelayable() >= 0;
        bool placed = readable && LendForBridge(transfer, now);
        if (placed)
        {
            if (transfer.Lent) TellRelay(to, OtherSide(transfer.Place));
            // The transferee's session goes on: its o= line keeps its name, and its version grows (RFC 3264 §8).
            MediaSide leg = transfer.Transferee;
            var w = new ByteWriter(_body);
            transfer.Srtp = Anew(from.SrtpOf(leg));
            WriteRelayed(ref w, to, transfer.Place, transfer.Srtp, from.SdpSessionTowards(leg), ++from.SdpVersionTowards(leg), edit: null, ownText: transfer.Attended);
            from.SdpSeenFrom(leg) = 0;
            transfer.Offered = w.Written.ToArray();
            transfer.Bridging = true;
            if (transfer.Attended)
            {
                to.Change = ChangeState.Refreshing; // nothing else happens to it meanwhile
                to.ChangeOut = null;
            }
            SendOwnInvite(from, leg, transfer.Offered, now);
        }
        _pool.Return(sdp);
        if (!placed) FailBridge(transfer, readable ? 503 : 488, now);
        Reschedule(from);
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> room)
    {
        if (text.Length > room.Length) return 0;
        text.CopyTo(room);
        return text.Length;
    }

    /// <summary>A re-INVITE of our own, with an offer: its answer comes to <see cref="OnRefreshResponse"/>.</summary>
    private void SendOwnInvite(Call call, MediaSide leg, scoped ReadOnlySpan<byte> sdp, Instant now, DialString presented = default)
    {
        Sip.Dialogs.Dialog dialog = DialogOf(call, leg);
        call.Change = ChangeState.Refreshing;
        call.ChangeBy = OtherSide(leg);
        call.ChangeRequest = null;
        call.ChangeRings = false;
        call.DropChangeBuffers();
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction invite = Begin(dialog, SipMethod.Invite, branch);
        invite.WithinDialog = true;
        Own(call, invite, leg);
        uint cseq = ++dialog.LocalCSeq;
        var w = new SipWriter(_text);
        dialog.WriteRequest(ref w, SipMethod.Invite, branch, cseq, 70);
        WriteContact(ref w, dialog);
        w.Header(HeaderName.Allow, AllowedMethods);
        TimerOf(call, leg).WriteOffer(ref w, call.Tables.Settings.Sip.SessionRules);
        WritePresented(ref w, call, leg, presented, now);
        w.Body("application/sdp"u8, sdp);
        call.ChangeOut = invite;
        call.ChangeEndsAt = now + ChangePatience;
        _transactions.Start(invite, w.Written, cseq, now); // the SDP is one of ours and fits where a larger one did
        call.Log.Message(now, leg, sent: true, "INVITE"u8, cseq);
    }

    /// <summary>The transferee's word. False: there is no transfer it speaks of.</summary>
    private bool OnBridgeResponse(Call from, SipMessage response, in NetAddress source, Instant now)
    {
        if (from.Giving is not { Bridging: true } transfer) return false;
        if (response.Status is 408 or 481) return false; // it is gone, and its call with it
        MediaSide leg = transfer.Transferee;
        if (response.Status >= 300)
        {
            bool challenged = TakesChallenge(from, leg, response);
            StopBridging(transfer, now);
            if ((challenged || response.Status == 491) && !transfer.TargetGone)
            {
                ReturnAfterBridge(transfer);
                transfer.To.BridgeAt = challenged ? now : now + (2 * BridgeAgain);
                Reschedule(transfer.To);
            }
            else FailBridge(transfer, StatusForAsker(response.Status), now);
            return true;
        }
        DialogOf(from, leg).Refresh(response, source);
        NoteAllowed(from, leg, response);
        SendChangeAck(from, [], now);
        TimerOf(from, leg).TakeAnswer(response, from.Tables.Settings.Sip.SessionRules, now);
        StopBridging(transfer, now);
        bool agreed = !response.Body.IsEmpty && IsSdp(response.ContentType) && _sdp.Parse(response) == SdpDefect.None && FirstUsable(transfer.Srtp) >= 0;
        if (!agreed || transfer.TargetGone || transfer.To.State != CallState.Answered)
        {
            FailBridge(transfer, 488, now);
            Restore(from, leg, now);
            return true;
        }
        transfer.To.SrtpOf(transfer.Place) = transfer.Srtp;
        TellRelay(transfer.To, transfer.Place);
        byte[] said = _pool.Copy(response.Body);
        HandOver(transfer, now);
        if (transfer.Attended) Align(transfer, said, response.Body.Length, now);
        _pool.Return(said);
        Reschedule(from);
        Reschedule(transfer.To);
        return true;
    }

    private void StopBridging(Transfer transfer, Instant now)
    {
        transfer.Bridging = false;
        StepChange(transfer.From, ChangeInput.Refreshed, 0, now);
        if (transfer is { Attended: true, TargetGone: false } && transfer.To.Change == ChangeState.Refreshing) transfer.To.Change = ChangeState.Idle;
    }

    private void FailBridge(Transfer transfer, int status, Instant now)
    {
        if (!ReferenceEquals(transfer.From.Giving, transfer)) return;
        Call to = transfer.To;
        if (transfer is { Attended: false, TargetGone: false } && to.State == CallState.Answered)
        {
            to.FinalStatus = status;
            HangUp(to, Refusal.TransferFailed, now, now); // its CDR first; then the transferor hears of it
            Reschedule(to);
            return;
        }
        OnTransferFailed(transfer, status, now);
    }

    // The transferee agreed to what is not to be: it is asked to speak to the transferor again.
    private void Restore(Call from, MediaSide leg, Instant now)
    {
        if (from.State != CallState.Answered) return;
        ReadOnlySpan<byte> before = from.SdpTowards(leg);
        byte[] sdp = _pool.Copy(before);
        from.Audio.Offerer = OtherSide(leg);
        if (_sdp.Parse(sdp, 0, before.Length) == SdpDefect.None) SendOwnInvite(from, leg, RewriteSdp(from, leg, ownText: true), now);
        _pool.Return(sdp);
        Reschedule(from);
    }

    // What the transferee can do is told to the target, which knew the transferor's.
    private void Align(Transfer transfer, byte[] said, int length, Instant now)
    {
        (Call call, MediaSide leg) = (transfer.To, OtherSide(transfer.Place));
        if (_sdp.Parse(said, 0, length) != SdpDefect.None || call.Change != ChangeState.Idle) return;
        call.Audio.Offerer = transfer.Place;
        ReadOnlySpan<byte> sdp = RewriteSdp(call, leg);
        call.KeepSdp(leg, sdp);
        SendOwnInvite(call, leg, sdp, now, NumberForTarget(transfer));
    }

    /// <summary>The transferee's dialog takes the transferor's place in the target's call. The call it leaves runs on for its money alone.</summary>
    private void HandOver(Transfer transfer, Instant now)
    {
        (Call from, Call to, MediaSide leg, MediaSide place) = (transfer.From, transfer.To, transfer.Transferee, transfer.Place);
        Notify(transfer, 200, final: true, now);
        from.Giving = null;
        to.Taking = null;

        LegParty party = new(true, PhoneOf(from, leg), GatewayOf(from, leg), TimerPermitted(from, leg), MediaCheckOf(from, leg), AudioOf(from, leg));
        bool takesUpdate = TakesUpdate(from, leg);
        ClientTransaction? last = from.ChangeOut;
        Call.SwapLegs(from, leg, to, place);
        to.SetParty(place, party);
        if (place == MediaSide.Caller) to.CallerTakesUpdate = takesUpdate;
        else to.Forks.Current.TakesUpdate = takesUpdate;
        // The transferee may say its 200 again: the ACK for it is in the other call from now on.
        to.TakeChangeAck(from);
        to.ChangeBy = OtherSide(place);
        to.ChangeOut = last;
        from.ChangeOut = null;
        if (last is { } invite) Own(to, invite, place);

        to.SdpSessionTowards(place) = from.SdpSessionTowards(leg);
        to.SdpVersionTowards(place) = from.SdpVersionTowards(leg);
        to.SdpSeenFrom(place) = 0;
        to.KeepSdp(place, transfer.Offered);
        (from.TransferorSide, from.PlaceInCarrier) = (transfer.Asker, place);
        from.CarriedBy = to;
        from.NextCarried = to.Carries;
        to.Carries = from;
        transfer.Lent = false; // it keeps them
        KeepMedia(from, now);
        to.Forks.Current.DropSdp();
        to.DropOffer();
        if (!transfer.AskerLeft) SendBye(from, transfer.Asker, now);
        if (from.CallingBack is null) Leave(from, transfer.Asker); // else nobody was there, and the access number keeps its line
        // Where the transferee was stands now the transferor's dialog of the other call, if it had one.
        if (transfer is { Attended: true, AskerLeftTarget: false }) SendBye(from, leg, now);
        if (transfer.Attended) to.ReleaseLine(place);
        to.SetLeft(place, false);
        from.SetLeft(leg, true);
        TimerOf(from, leg).Stop();
        SetDurationClock(from);
        SetDurationClock(to);
        from.Watch.Stop();
        WatchMedia(to, now);
        LogTransfer(transfer, TransferStage.Done, now);
    }

    /// <summary>The conversation is over: so are the calls that run with it for their money.</summary>
    private void EndCarried(Call call, Instant now)
    {
        Call? carried = call.Carries;
        call.Carries = null;
        while (carried is not null)
        {
            Call next = carried;
            carried = next.NextCarried;
            next.NextCarried = next.CarriedBy = null;
            if (next.State != CallState.Answered) continue;
            // A dead session ends at its last sign of life, which may be before the younger of the calls was answered.
            next.Cdr.Stop = Instant.Max(next.Cdr.Answered, Instant.Min(call.Cdr.Stop, Instant.Min(next.MoneyEndsAt, next.DurationEndsAt)));
            next.Refusal = call.Refusal;
            next.LastStatus = 0;
            NoteEnd(next, EndDirectionOf(call, next), call.Cdr.EndReason, now);
            Step(next, CallInput.ServerHangsUp, now);
            Reschedule(next);
        }
    }

    // Of the calls on either side of a transfer: who hung up stands at the far end of one, and for the other at the end of the transferor.
    private static EndDirection EndDirectionOf(Call call, Call carried) =>
        call.Cdr.EndDirection == EndDirection.Server ? EndDirection.Server
        : (call.Cdr.EndDirection == DirectionOf(carried.PlaceInCarrier)) == (carried.TransferorSide == MediaSide.Caller) ? EndDirection.Callee : EndDirection.Caller;

    private static EndDirection DirectionOf(MediaSide side) => side == MediaSide.Caller ? EndDirection.Caller : EndDirection.Callee;
}
