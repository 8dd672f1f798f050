using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transactions;

namespace Tandem.Switching.Calls;

// Changing: re-INVITE and UPDATE of an answered call, from one end to the other (RFC 3261 §14, RFC 3311).
public sealed partial class Shard
{
    /// <summary>How long the far end may take to answer a change; as long as Timers B and F.</summary>
    private static readonly TimeSpan ChangePatience = TimeSpan.FromSeconds(32);

    private void OnChangeAsked(SipMessage request, ServerTransaction transaction, Instant now)
    {
        Call? call = FindDialog(request, transaction.Source, out MediaSide leg, out Sip.Dialogs.Dialog dialog);
        if (call is null || call.State is CallState.Settling or CallState.Farewell)
        {
            _transactions.Respond(transaction, 481, [], now);
            return;
        }
        if (!TakeCSeq(dialog, request))
        {
            _transactions.Respond(transaction, 500, "CSeq Out Of Order"u8, now);
            return;
        }
        uint cseq = request.CSeqNumber;
        call.Log.Message(now, leg, sent: false, request.Method.Token(), cseq);
        if (RefusedForNow(call, request, leg, dialog) is not 0 and var status)
        {
            RefuseChange(call, transaction, leg, cseq, status, now);
            return;
        }
        TimerOf(call, leg).Heard = now;
        if (RefusedBeforeCall(request, call.Tables, TimerPermitted(call, leg), out Refusal refusal))
        {
            SendRefusal(request, transaction, refusal, now, TimerPermitted(call, leg));
            call.Log.Message(now, leg, sent: true, refusal.Meaning().SipStatus, cseq);
            return;
        }
        if (!request.Body.IsEmpty && FirstUsable(call, leg) < 0)
        {
            SendRefusal(request, transaction, Refusal.EncryptionNotAgreed, now, TimerPermitted(call, leg));
            call.Log.Message(now, leg, sent: true, 488, cseq);
            return;
        }
        dialog.Refresh(request, transaction.Source);
        NoteAllowed(call, leg, request);
        TimerOf(call, leg).Ask(request);
        if (request.Method == SipMethod.Update && request.Body.IsEmpty)
        {
            // Without an offer it speaks of this dialog alone: its Contact (RFC 3311 §5.1).
            SipWriter w = BeginAcceptance(call, transaction, leg, now);
            w.End();
            _transactions.SendResponse(transaction, w.Length, now);
            call.Log.Message(now, leg, sent: true, 200, cseq);
            SetDurationClock(call);
            Reschedule(call);
            return;
        }
        ChangeMachine.Step step = ChangeMachine.On(call.Change, leg == call.ChangeBy ? ChangeInput.AskedAgain : ChangeInput.Asked);
        call.Change = step.Next;
        if ((step.Effects & ChangeEffects.RefuseGlare) != 0) RefuseChange(call, transaction, leg, cseq, 491, now);
        if ((step.Effects & ChangeEffects.RefuseTooSoon) != 0) RefuseChange(call, transaction, leg, cseq, 500, now);
        if ((step.Effects & ChangeEffects.Pass) != 0) PassChange(call, request, transaction, leg, now);
        Reschedule(call);
    }

    // RFC 3261 §14.2, RFC 3311 §5.2: while the first agreement is not complete, its answer or its ACK is still under way. Before the 200 an UPDATE
    // passes when both legs have agreed in reliable responses; 491 when an offer of ours is unanswered, else 500: later it may.
    private static int RefusedForNow(Call call, SipMessage request, MediaSide leg, Sip.Dialogs.Dialog dialog)
    {
        if (HasLeft(call, OtherSide(leg))) return 491; // its transfer is under way
        if (call.State == CallState.Answered) return call.AckAwaited ? 491 : 0;
        if (request.Method is not (SipMethod.Update or SipMethod.Prack) || call.State != CallState.Dialling) return 491;
        if (request.Body.IsEmpty) return 0;
        if (call.AnswerHeld) return 491;
        Fork fork = call.Forks.Current;
        if (leg == MediaSide.Callee && call.Forks.TryFind(dialog.RemoteTag, out Fork? asking)) fork = asking;
        if (leg == MediaSide.Caller && !call.CallerAgreed) return call.OfferPassed ? 491 : 500;
        if (leg == MediaSide.Callee && !fork.Agreed) return 500;
        if (!call.CallerAgreed || !fork.Agreed || !(leg == MediaSide.Caller ? fork.TakesUpdate : call.CallerTakesUpdate)) return 500;
        if (leg == MediaSide.Callee && call.Change == ChangeState.Idle) call.Forks.MakeCurrent(fork);
        return !ReferenceEquals(fork, call.Forks.Current) ? 491 : 0;
    }

    private void RefuseChange(Call call, ServerTransaction transaction, MediaSide leg, uint cseq, int status, Instant now)
    {
        SipWriter w = _transactions.BeginResponse(transaction, status, []);
        if (status == 500) w.Header(HeaderName.RetryAfter, (long)(_entropy.NextUInt64() % 11)); // RFC 3261 §14.2: 0 to 10 seconds
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
        call.Log.Message(now, leg, sent: true, status, cseq);
    }

    /// <summary>The change as our own request in the other dialog: by UPDATE if it came so and the far end takes it, else by re-INVITE.</summary>
    private void PassChange(Call call, SipMessage request, ServerTransaction transaction, MediaSide leg, Instant now)
    {
        MediaSide far = OtherSide(leg);
        call.ChangeBy = leg;
        call.ChangeRequest = transaction;
        call.ChangeCSeq = request.CSeqNumber;
        call.ChangeRings = false;
        call.DropChangeBuffers();
        Own(call, transaction);
        if (request.Method == SipMethod.Invite) _transactions.Respond(transaction, 100, [], now);

        SipMethod method = request.Method == SipMethod.Update && !TakesUpdate(call, far) ? SipMethod.Invite
            : request.Method == SipMethod.Prack ? SipMethod.Update
            : request.Method;
        if (!request.Body.IsEmpty) call.KeepChangeOffer(request.Body);
        SendPassed(call, method, (request.MaxForwards < 0 ? 70 : request.MaxForwards) - 1, now);
    }

    private void SendPassed(Call call, SipMethod method, int hops, Instant now)
    {
        MediaSide far = OtherSide(call.ChangeBy);
        Sip.Dialogs.Dialog dialog = DialogOf(call, far);
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction passed = Begin(dialog, method, branch);
        passed.WithinDialog = true;
        Own(call, passed, far);
        uint cseq = ++dialog.LocalCSeq;
        var w = new SipWriter(_text);
        dialog.WriteRequest(ref w, method, branch, cseq, hops);
        WriteContact(ref w, dialog);
        w.Header(HeaderName.Allow, AllowedMethods);
        TimerOf(call, far).WriteOffer(ref w, call.Tables.Settings.Sip.SessionRules);
        call.Audio.Offerer = call.ChangeOffer is null ? far : call.ChangeBy;
        call.Audio.Mismatch = false;
        if (call.ChangeOffer is { } offer && _sdp.Parse(offer, 0, call.ChangeOfferLength) == SdpDefect.None)
        {
            SrtpHeard(call, call.ChangeBy)?.Hear(_sdp);
            w.Body("application/sdp"u8, RewriteSdp(call, far));
        }
        else w.End();
        call.ChangeOut = passed;
        if (w.Overflowed || call.Audio.Mismatch)
        {
            _transactions.Discard(passed);
            call.ChangeOut = null;
            StepChange(call, ChangeInput.Refused, w.Overflowed ? 513 : 488, now);
            return;
        }
        call.ChangeEndsAt = now + ChangePatience;
        _transactions.Start(passed, w.Written, cseq, now);
        call.Log.Message(now, far, sent: true, method.Token(), cseq);
    }

    private void OnChangeResponse(Call call, SipMessage response, ClientTransaction transaction, in NetAddress source, Instant now)
    {
        bool accepted = response.Status is >= 200 and < 300;
        if (!ReferenceEquals(transaction, call.ChangeOut))
        {
            // A 200 of an earlier change, said again: its ACK was lost.
            if (accepted && transaction.Method == SipMethod.Invite) AckAndBye(response, transaction, source, now);
            return;
        }
        MediaSide far = OtherSide(call.ChangeBy);
        if (call.Change == ChangeState.Refreshing)
        {
            OnRefreshResponse(call, response, transaction, source, now);
            return;
        }
        if (call.Change != ChangeState.Passing)
        {
            if (accepted && call.ChangeAck is { } ack) Send(DialogOf(call, far), ack.AsSpan(0, call.ChangeAckLength));
            return;
        }
        call.Log.Message(now, far, sent: false, response.Status, response.CSeqNumber);
        if (response.Status < 200) call.ChangeRings = true;
        else if (accepted) OnChangeAccepted(call, response, transaction, source, now);
        else if (response.Status == 422 && TimerOf(call, far).TakeTooSmall(response, call.Tables.Settings.Sip.SessionRules)) SendPassed(call, transaction.Method, 69, now);
        else if (TakesChallenge(call, far, response)) SendPassed(call, transaction.Method, 69, now);
        else StepChange(call, response.Status is 408 or 481 ? ChangeInput.FarGone : ChangeInput.Refused, StatusForAsker(response.Status), now);
    }

    private void OnChangeAccepted(Call call, SipMessage response, ClientTransaction transaction, in NetAddress source, Instant now)
    {
        MediaSide asker = call.ChangeBy, far = OtherSide(asker);
        bool lateOffer = call.ChangeOffer is null;
        call.ChallengeRounds = 0;
        DialogOf(call, far).Refresh(response, source);
        NoteAllowed(call, far, response);
        TimerOf(call, far).TakeAnswer(response, call.Tables.Settings.Sip.SessionRules, now);
        call.ChangeAckOwed = transaction.Method == SipMethod.Invite;
        bool hasSdp = !response.Body.IsEmpty && IsSdp(response.ContentType) && _sdp.Parse(response) == SdpDefect.None && (!lateOffer || FirstUsable(call, far) >= 0);
        if (call.ChangeAckOwed && !(lateOffer && hasSdp)) SendChangeAck(call, [], now);
        if (!hasSdp)
        {
            StepChange(call, ChangeInput.Refused, 488, now); // no answer or no offer: nothing the asker could be told
            return;
        }
        ServerTransaction asked = call.ChangeRequest!;
        Newcomer? newcomer = call.Newcomer;
        if (newcomer is not null && !SitDown(call, newcomer, now)) return;
        SipWriter w = BeginAcceptance(call, asked, asker, now);
        ReadOnlySpan<byte> sdp = RewriteSdp(call, asker);
        w.Body("application/sdp"u8, sdp);
        if (w.Overflowed || call.Audio.Mismatch)
        {
            newcomer?.Exchange(call); // who had the place keeps it
            if (call.ChangeAckOwed) SendChangeAck(call, [], now);
            StepChange(call, ChangeInput.Refused, w.Overflowed ? 513 : 488, now);
            if (newcomer is not null) Restore(call, far, now);
            return;
        }
        call.KeepSdp(asker, sdp);
        // Only an agreement moves the media: a refused offer leaves them where they were.
        TellRelay(call, far);
        if (call.ChangeOffer is { } offer && _sdp.Parse(offer, 0, call.ChangeOfferLength) == SdpDefect.None)
        {
            TellRelay(call, asker);
            call.KeepSdp(far, RewriteSdp(call, far)); // as it was sent: nothing else was since
        }
        LogAudio(call, now);
        SetDurationClock(call);
        if (newcomer is not null) WatchMedia(call, now);
        _transactions.SendResponse(asked, w.Length, now);
        call.Log.Message(now, asker, sent: true, 200, call.ChangeCSeq);
        if (newcomer is not null) DismissReplaced(call, newcomer, now);
        StepChange(call, asked.Method == SipMethod.Invite ? ChangeInput.InviteAccepted : ChangeInput.UpdateAccepted, 200, now);
    }

    private void OnChangeAck(Call call, SipMessage ack, Instant now)
    {
        call.Log.Message(now, call.ChangeBy, sent: false, "ACK"u8, ack.CSeqNumber);
        _transactions.ForgetResponse(call.ChangeRequest!);
        bool owed = call.ChangeAckOwed;
        bool hasSdp = owed && !ack.Body.IsEmpty && IsSdp(ack.ContentType) && _sdp.Parse(ack) == SdpDefect.None;
        if (hasSdp) TellRelay(call, call.ChangeBy);
        ReadOnlySpan<byte> sdp = hasSdp ? RewriteSdp(call, OtherSide(call.ChangeBy)) : [];
        if (hasSdp) call.KeepSdp(OtherSide(call.ChangeBy), sdp);
        if (owed) SendChangeAck(call, sdp, now);
        StepChange(call, ChangeInput.AckCame, 0, now);
        if (owed && !hasSdp) HangUp(call, Refusal.CodecMismatch, now, now); // an offer was made and never answered
    }

    private void OnChangeTimeout(Call call, ClientTransaction transaction, Instant now)
    {
        if (!ReferenceEquals(transaction, call.ChangeOut) || call.Change is not (ChangeState.Passing or ChangeState.Refreshing)) return;
        call.ChangeOut = null;
        StepChange(call, ChangeInput.FarGone, 408, now);
    }

    private void OnChangeUndelivered(Call call, ClientTransaction transaction, Instant now)
    {
        if (!ReferenceEquals(transaction, call.ChangeOut) || call.Change is not (ChangeState.Passing or ChangeState.Refreshing)) return;
        call.ChangeOut = null;
        if (call.Giving is { Bridging: true } transfer)
        {
            StopBridging(transfer, now);
            FailBridge(transfer, 503, now);
            return;
        }
        if (call.Change == ChangeState.Refreshing) RefreshAgain(call, OtherSide(call.ChangeBy), now); // another connection may be made; the session's own end waits
        StepChange(call, ChangeInput.Refused, 503, now); // RFC 3261 §8.1.3.1
    }

    private void OnChangePatienceOver(Call call, Instant now) =>
        StepChange(call, call.Change == ChangeState.AwaitingAck ? ChangeInput.AckNeverCame : ChangeInput.FarGone, 408, now);

    private void ResendChangeOk(Call call, Instant now)
    {
        _transactions.ResendResponse(call.ChangeRequest!);
        call.ChangeOkInterval = call.ChangeOkInterval * 2 < T2 ? call.ChangeOkInterval * 2 : T2;
        call.ChangeResendAt = now + call.ChangeOkInterval;
    }

    /// <summary>One step of the table, and what it asks for apart from passing and answering, which need their message.</summary>
    private void StepChange(Call call, ChangeInput input, int status, Instant now)
    {
        bool ours = call.Change == ChangeState.Refreshing;
        ChangeMachine.Step step = ChangeMachine.On(call.Change, input);
        call.Change = step.Next;
        ChangeEffects effects = step.Effects;
        if ((effects & ChangeEffects.Repeat) != 0)
        {
            call.ChangeOkInterval = T1;
            call.ChangeResendAt = now + T1;
            call.ChangeEndsAt = now + AckPatience;
        }
        if ((effects & ChangeEffects.RefuseAsker) != 0 && call.ChangeRequest is { } asked) RefuseChange(call, asked, call.ChangeBy, call.ChangeCSeq, status, now);
        if ((effects & ChangeEffects.CancelFar) != 0) CancelPassed(call, now);
        if ((effects & ChangeEffects.AbandonFar) != 0) AbandonPassed(call, now);
        if ((effects & ChangeEffects.Release) != 0)
        {
            call.ReleaseChange();
            SendAway(call);
        }
        if ((effects & ChangeEffects.HangUp) == 0) return;
        if (ours) EndDeadSession(call, OtherSide(call.ChangeBy), now);
        else HangUp(call, Refusal.NoResponse, now, now);
    }

    // RFC 3261 §9.1: only what was answered provisionally is cancelled; what was not will be answered or time out by itself.
    private void CancelPassed(Call call, Instant now)
    {
        if (!call.ChangeRings || PassedOf(call) is not { Method: SipMethod.Invite } passed) return;
        if (_transactions.Abandon(passed, now)) call.Log.Message(now, OtherSide(call.ChangeBy), sent: true, "CANCEL"u8, passed.CSeq);
        Own(call, passed, OtherSide(call.ChangeBy)); // its final response is what the asker will hear
    }

    private void AbandonPassed(Call call, Instant now)
    {
        if (PassedOf(call) is not { } passed) return;
        if (passed.Method == SipMethod.Invite) _transactions.Abandon(passed, now);
        else passed.Owner = -1;
        call.ChangeOut = null;
    }

    private static ClientTransaction? PassedOf(Call call) =>
        call.ChangeOut is { IsPending: true, WithinDialog: true } passed && passed.Owner == call.Slot && passed.OwnerStamp == call.Stamp ? passed : null;

    private void SendChangeAck(Call call, scoped ReadOnlySpan<byte> sdp, Instant now)
    {
        MediaSide far = OtherSide(call.ChangeBy);
        Sip.Dialogs.Dialog dialog = DialogOf(call, far);
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        _transactions.MintBranch(branch);
        uint cseq = call.ChangeOut!.CSeq;
        var w = new SipWriter(_text);
        dialog.WriteRequest(ref w, SipMethod.Ack, branch, cseq, 70);
        if (sdp.IsEmpty) w.End();
        else w.Body("application/sdp"u8, sdp);
        call.ChangeAckOwed = false;
        if (w.Overflowed) return;
        call.KeepChangeAck(w.Written);
        Send(dialog, w.Written);
        call.Log.Message(now, far, sent: true, "ACK"u8, cseq);
    }

    private SipWriter BeginAcceptance(Call call, ServerTransaction transaction, MediaSide leg, Instant now)
    {
        SipWriter w = _transactions.BeginResponse(transaction, 200, []);
        if (call.Newcomer is not null) DialogOf(call, leg).WriteRecordRoutes(ref w); // it makes a dialog (RFC 3261 §12.1.1)
        WriteContact(ref w, DialogOf(call, leg));
        w.Header(HeaderName.Allow, AllowedMethods);
        if (MayTransfer(_book.Current, call, leg)) w.Header(HeaderName.Supported, "replaces"u8);
        TimerOf(call, leg).WriteAnswer(ref w, call.Tables.Settings.Sip.SessionRules, now);
        return w;
    }

    private static void NoteAllowed(Call call, MediaSide leg, SipMessage message)
    {
        if (!message.Has(HeaderName.Allow)) return;
        bool takes = message.Lists(HeaderName.Allow, "UPDATE"u8);
        if (leg == MediaSide.Caller) call.CallerTakesUpdate = takes;
        else call.Forks.Current.TakesUpdate = takes;
    }

    private static bool TakesUpdate(Call call, MediaSide leg) => leg == MediaSide.Caller ? call.CallerTakesUpdate : call.Forks.Current.TakesUpdate;

    // What one end's refusal means to the other: its challenges and redirections are for us.
    private static int StatusForAsker(int status) => status switch
    {
        401 or 407 => 503,
        422 => 500, // of a timer that is ours
        < 400 => 480,
        _ => status,
    };

    private static MediaSide OtherSide(MediaSide leg) => leg == MediaSide.Caller ? MediaSide.Callee : MediaSide.Caller;

    private static Sip.Dialogs.Dialog DialogOf(Call call, MediaSide leg) => leg == MediaSide.Caller ? call.CallerDialog : call.CalleeDialog;
}
