using System.Buffers.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transactions;

namespace Tandem.Switching.Calls;

// Progress: what is heard before the answer, and the answer. Either leg speaks RFC 3262 (100rel) on its own.
public sealed partial class Shard
{
    private static readonly TimeSpan PrackPatience = TimeSpan.FromSeconds(32); // 64*T1

    private void OnProvisional(Call call, SipMessage response, in NetAddress source, Instant now)
    {
        if (response.Status == 100)
        {
            EnterPhase(call, AttemptPhase.Trying, now);
            return;
        }
        bool reliable = false;
        if (!response.ToTag.IsEmpty && !TakeFork(call, response, source, out reliable)) return;
        Fork fork = call.Forks.Current;
        bool hasSdp = !response.Body.IsEmpty && IsSdp(response.ContentType) && _sdp.Parse(response) == SdpDefect.None && FirstUsable(call, MediaSide.Callee) >= 0;
        call.SawSdp |= hasSdp;
        bool ringsNow = response.Status == 180 && !call.SawRinging;
        call.SawRinging |= response.Status == 180;
        if (ringsNow) Watch?.OnState(this, call, now);
        EnterPhase(call, call.SawRinging ? AttemptPhase.Ringing : call.SawSdp ? AttemptPhase.EarlyMedia : AttemptPhase.Progress, now);
        NoteFirstSound(call, now);

        TakeCalleeWords(call, response);
        bool passes = hasSdp && !fork.Agreed; // once agreed, what later responses say of the media is not heard (RFC 3261 §13.2.1)
        if (call.LateOffer) passes &= reliable && call.CallerReliable;
        if (passes) TellRelay(call, MediaSide.Callee);
        if (reliable && passes && call.LateOffer)
        {
            fork.PrackOwed = true;
            passes = !call.OfferPassed; // the caller is offered once; what it answered, or will, is every fork's answer
            if (call.CallerAgreed) PrackWithAnswer(call, fork, now);
        }
        else if (reliable)
        {
            fork.Agreed |= passes;
            SendPrack(call, fork, [], now);
        }
        if (hasSdp) StopRing(call);
        TellProgress(call, response.Status is 180 or 181 or 182 or 183 ? response.Status : 183, passes, now, rings: response.Status == 180 && !hasSdp && BeginRing(call, now));
    }

    /// <summary>The fork a response comes from takes the word. False: nothing new (RFC 3262 §4: repeated or out of order), or one fork too many.</summary>
    private static bool TakeFork(Call call, SipMessage response, in NetAddress source, out bool reliable)
    {
        uint rseq = 0;
        reliable = response.Lists(HeaderName.Require, "100rel"u8) && TryReadNumber(response.Header(HeaderName.RSeq), out rseq, out _) && rseq > 0;
        if (!call.Forks.TryTake(response.ToTag, out Fork? fork)) return false;
        if (reliable && fork.RSeq != 0 && rseq != fork.RSeq + 1) return false;
        if (reliable) fork.RSeq = rseq;
        if (!fork.IsOpen) fork.Dialog.Establish(response, source);
        else fork.Dialog.Refresh(response, source);
        call.Forks.MakeCurrent(fork);
        NoteAllowed(call, MediaSide.Callee, response);
        return true;
    }

    /// <summary>A provisional response to the caller, with the callee's SDP if it is to hear that; reliably where it wants it so.</summary>
    private void TellProgress(Call call, int status, bool withSdp, Instant now, bool rings = false)
    {
        if (call.Taking is { } transfer)
        {
            Notify(transfer, status, final: false, now);
            RingForCallback(transfer.From, now);
        }
        if (call.CallerInvite is not { } invite)
        {
            if (call.ForwardedFrom is { } forwards) PassRinging(forwards, now);
            return;
        }
        bool reliable = call.CallerReliable;
        if (reliable && call.LateOffer && !call.OfferPassed && !withSdp)
        {
            // RFC 3261 §13.2.1: the first reliable response must hold the offer, and there is none yet.
            if (call.CallerReliableOnly) return;
            reliable = false;
        }
        withSdp &= !call.CallerAgreed;
        if (reliable && call.ProgressOut)
        {
            // RFC 3262 §3: one at a time. Of what comes meanwhile the last is said.
            call.NextProgress = status;
            call.NextProgressHasSdp |= withSdp && !call.ProgressHasSdp;
            return;
        }
        SipWriter w = _transactions.BeginResponse(invite, status, []);
        WriteDialogHeaders(ref w, call);
        if (reliable)
        {
            call.RSeq = call.RSeq == 0 ? 1 + (_entropy.NextUInt32() >> 2) : call.RSeq + 1; // RFC 3262 §3: begins between 1 and 2³¹ − 1
            w.Header(HeaderName.Require, "100rel"u8);
            w.Header(HeaderName.RSeq, call.RSeq);
        }
        if (withSdp && call.Forks.Current.Sdp is { } sdp && _sdp.Parse(sdp, 0, call.Forks.Current.SdpLength) == SdpDefect.None) WriteSdp(ref w, call, MediaSide.Caller);
        else if (rings) WriteSdp(ref w, call, MediaSide.Caller); // BeginRing left it in _sdp
        else w.End();
        if (w.Overflowed) return;
        if (reliable)
        {
            call.ProgressOut = true;
            call.ProgressHasSdp = withSdp;
            call.OfferPassed |= withSdp && call.LateOffer;
            call.ProgressInterval = T1;
            call.ResendProgressAt = now + T1;
            call.PrackBy = now + PrackPatience;
        }
        _transactions.SendResponse(invite, w.Length, now);
        call.Log.Message(now, MediaSide.Caller, sent: true, status, call.CallerDialog.InviteCSeq);
    }

    // RFC 3262 §3: doubling from T1, without the bound of T2.
    private void ResendProgress(Call call, Instant now)
    {
        call.ResendProgressAt = Instant.Never;
        if (!call.ProgressOut) return;
        _transactions.ResendResponse(call.CallerInvite!);
        call.ProgressInterval *= 2;
        call.ResendProgressAt = now + call.ProgressInterval;
    }

    private void OnPrackNeverCame(Call call, Instant now)
    {
        StopProgress(call);
        HangUp(call, Refusal.ProgressUnacknowledged, now, now);
    }

    private static void StopProgress(Call call)
    {
        call.ProgressOut = false;
        call.ResendProgressAt = call.PrackBy = Instant.Never;
    }

    private void OnPrack(SipMessage prack, ServerTransaction transaction, Instant now)
    {
        if (FindDialog(prack, transaction.Source, out MediaSide leg, out Sip.Dialogs.Dialog dialog) is not { } call)
        {
            _transactions.Respond(transaction, 481, [], now);
            return;
        }
        if (!TakeCSeq(dialog, prack))
        {
            _transactions.Respond(transaction, 500, "CSeq Out Of Order"u8, now);
            return;
        }
        call.Log.Message(now, leg, sent: false, "PRACK"u8, prack.CSeqNumber);
        bool known = leg == MediaSide.Caller && call.ProgressOut && call.State == CallState.Dialling && Acknowledges(call, prack.Header(HeaderName.RAck));
        int status = !known ? 481
            : prack.Body.IsEmpty ? 200
            : !IsSdp(prack.ContentType) ? 415
            : _sdp.Parse(prack) != SdpDefect.None ? 400
            : 200;
        bool hasSdp = status == 200 && !prack.Body.IsEmpty;
        bool answersOffer = known && call.ProgressHasSdp && call.LateOffer && !call.CallerAgreed;
        if (known)
        {
            StopProgress(call);
            call.CallerAgreed |= call.ProgressHasSdp && (!answersOffer || hasSdp);
        }
        if (hasSdp && !answersOffer)
        {
            // RFC 3262 §5: a new offer, beside the answer it acknowledges. It passes as an UPDATE would; where it cannot, the session stays.
            if (RefusedForNow(call, prack, leg, dialog) == 0 && call.Change == ChangeState.Idle && FirstUsable(call, leg) >= 0)
            {
                call.Change = ChangeMachine.On(call.Change, ChangeInput.Asked).Next;
                PassChange(call, prack, transaction, leg, now);
                AfterPrack(call, now);
                return;
            }
            status = 488;
        }
        _transactions.Respond(transaction, status, [], now);
        call.Log.Message(now, leg, sent: true, status, prack.CSeqNumber);
        if (!known) return;
        if (answersOffer && !hasSdp)
        {
            HangUp(call, Refusal.CodecMismatch, now, now); // an offer was made and not answered
            Reschedule(call);
            return;
        }
        if (answersOffer) OnAnswerInPrack(call, now);
        AfterPrack(call, now);
    }

    private void AfterPrack(Call call, Instant now)
    {
        if (call.AnswerHeld) CompleteAnswer(call, now);
        else if (call.NextProgress > 0)
        {
            (int status, bool withSdp) = (call.NextProgress, call.NextProgressHasSdp);
            call.NextProgress = 0;
            call.NextProgressHasSdp = false;
            TellProgress(call, status, withSdp, now);
        }
        Reschedule(call);
    }

    // RFC 3262 §7.2: RAck is the response's RSeq and the CSeq of what it answered.
    private static bool Acknowledges(Call call, ReadOnlySpan<byte> rack)
    {
        if (!TryReadNumber(rack, out uint rseq, out int at) || rseq != call.RSeq) return false;
        rack = rack[at..].TrimStart(" \t"u8);
        return TryReadNumber(rack, out uint cseq, out at) && cseq == call.CallerDialog.InviteCSeq && rack[at..].Trim(" \t"u8).SequenceEqual("INVITE"u8);
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> text, out uint number, out int length) =>
        Utf8Parser.TryParse(text, out number, out length) && (length == text.Length || text[length] is (byte)' ' or (byte)'\t');

    // The caller's answer to a late offer: every fork that offered gets it.
    private void OnAnswerInPrack(Call call, Instant now)
    {
        TellRelay(call, MediaSide.Caller);
        if (call.Forks.Current.PrackOwed) PrackWithAnswer(call, call.Forks.Current, now);
        foreach (Fork other in call.Forks.Others)
        {
            if (other.PrackOwed) PrackWithAnswer(call, other, now);
        }
    }

    private void PrackWithAnswer(Call call, Fork fork, Instant now)
    {
        fork.PrackOwed = false;
        fork.Agreed = true;
        bool readable = _sdp.Parse(call.Offer!, 0, call.OfferLength) == SdpDefect.None;
        if (!readable)
        {
            SendPrack(call, fork, [], now);
            return;
        }
        ReadOnlySpan<byte> sdp = RewriteSdp(call, MediaSide.Callee);
        call.KeepSdp(MediaSide.Callee, sdp);
        SendPrack(call, fork, sdp, now);
    }

    private void SendPrack(Call call, Fork fork, scoped ReadOnlySpan<byte> sdp, Instant now)
    {
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction transaction = Begin(fork.Dialog, SipMethod.Prack, branch);
        transaction.WithinDialog = true;
        uint cseq = ++fork.Dialog.LocalCSeq;
        var w = new SipWriter(_text);
        fork.Dialog.WriteRequest(ref w, SipMethod.Prack, branch, cseq, 70);
        w.OpenHeader(HeaderName.RAck);
        w.Decimal(fork.RSeq);
        w.Text(" "u8);
        w.Decimal(fork.Dialog.InviteCSeq);
        w.Text(" INVITE"u8);
        w.CloseHeader();
        if (sdp.IsEmpty) w.End();
        else w.Body("application/sdp"u8, sdp);
        if (w.Overflowed)
        {
            _transactions.Discard(transaction);
            return;
        }
        Own(call, transaction, MediaSide.Callee);
        _transactions.Start(transaction, w.Written, cseq, now);
        call.Log.Message(now, MediaSide.Callee, sent: true, "PRACK"u8, cseq);
    }

    private static void OnPrackAnswered(Call call, SipMessage response, Instant now)
    {
        if (response.Status >= 200) call.Log.Message(now, MediaSide.Callee, sent: false, response.Status, response.CSeqNumber);
    }

    private void OnAnswer(Call call, SipMessage response, in NetAddress source, Instant now)
    {
        // More early dialogs than are kept may have opened; whoever answers first has the call all the same.
        if (call.Forks.TryTake(response.ToTag, out Fork? fork)) call.Forks.MakeCurrent(fork);
        else call.Forks.Current.Agreed = call.Forks.Current.PrackOwed = false;
        fork = call.Forks.Current;
        call.Forks.Settle();
        fork.Dialog.Establish(response, source);
        NoteAllowed(call, MediaSide.Callee, response);
        call.CalleeTimer.TakeAnswer(response, call.Tables.Settings.Sip.SessionRules, now);
        TakeCalleeWords(call, response);
        call.ChallengeRounds = 0;
        call.AnswerSent = true;
        bool hasSdp = !fork.Agreed && !response.Body.IsEmpty && IsSdp(response.ContentType) && _sdp.Parse(response) == SdpDefect.None;
        if (!hasSdp && fork.Sdp is { } early) hasSdp = _sdp.Parse(early, 0, fork.SdpLength) == SdpDefect.None;
        if (!hasSdp || FirstUsable(call, MediaSide.Callee) < 0)
        {
            // RFC 3264: without an answer there is no session. The far end thinks there is one: it gets its ACK and a BYE.
            FailAnswer(call, Refusal.CodecMismatch, now);
            return;
        }
        StopRing(call);
        TellRelay(call, MediaSide.Callee);
        NoteFirstSound(call, now);
        if (!call.LateOffer || fork.Agreed)
        {
            SendAck(call, [], now);
        }
        else if (call.CallerAgreed)
        {
            // Its offer came now, the caller's answer was to another fork's: the same media.
            _sdp.Parse(call.Offer!, 0, call.OfferLength);
            ReadOnlySpan<byte> sdp = RewriteSdp(call, MediaSide.Callee);
            call.KeepSdp(MediaSide.Callee, sdp);
            SendAck(call, sdp, now);
        }
        if (call.ProgressOut && call.ProgressHasSdp)
        {
            // RFC 3262 §3: no 2xx while a reliable response with SDP is not acknowledged.
            call.AnswerHeld = true;
            call.PhaseEndsAt = Instant.Never;
            return;
        }
        CompleteAnswer(call, now);
    }

    // The SDP in _sdp as a leg hears it, and keeps it: a refresh of ours will repeat it.
    private void WriteSdp(ref SipWriter w, Call call, MediaSide towards)
    {
        ReadOnlySpan<byte> sdp = RewriteSdp(call, towards);
        call.KeepSdp(towards, sdp);
        call.CallerToldDirect |= towards == MediaSide.Caller && !call.HasLease;
        w.Body("application/sdp"u8, sdp);
    }

    // Another fork, or another gateway, answered than the one whose media the caller agreed to.
    private void NoteMisled(Call call)
    {
        Fork fork = call.Forks.Current;
        if (fork.Sdp is null || _sdp.Parse(fork.Sdp, 0, fork.SdpLength) != SdpDefect.None) return;
        uint told = call.SdpVersionToCaller;
        ReadOnlySpan<byte> sdp = RewriteSdp(call, MediaSide.Caller);
        call.CallerMisled = call.SdpVersionToCaller != told;
        if (call.CallerMisled) call.KeepSdp(MediaSide.Caller, sdp);
    }

    private void FailAnswer(Call call, Refusal refusal, Instant now)
    {
        SendBye(call, MediaSide.Callee, now);
        call.AnswerSent = false;
        EndAttempt(call, 0, refusal, now);
    }

    private void CompleteAnswer(Call call, Instant now)
    {
        bool held = call.AnswerHeld;
        call.AnswerHeld = false;
        BringCaller(call);
        StopProgress(call);
        if (call.Taking is { } transfer)
        {
            Step(call, CallInput.CalleeAnswered, now);
            BeginBridge(transfer, now);
            return;
        }
        if (call.CallingBack is { } callback)
        {
            AnswerCallback(call, callback, now);
            return;
        }
        if (held && call.Ack is null && call.CallerAgreed) SendAck(call, [], now); // it answered before our PRACK brought it its answer
        SipWriter w = _transactions.BeginResponse(call.CallerInvite!, 200, []);
        WriteDialogHeaders(ref w, call);
        if (MayTransfer(call.Tables, call, MediaSide.Caller)) w.Header(HeaderName.Supported, "replaces"u8);
        Fork fork = call.Forks.Current;
        uint told = call.SdpVersionToCaller;
        bool says = !call.CallerAgreed && _sdp.Parse(fork.Sdp!, 0, fork.SdpLength) == SdpDefect.None; // RFC 3262 §5: what was agreed on is not said again
        call.CallerTimer.WriteAnswer(ref w, call.Tables.Settings.Sip.SessionRules, now);
        if (says) WriteSdp(ref w, call, MediaSide.Caller);
        else w.End();
        if (call.CallerAgreed) NoteMisled(call);
        // RFC 3261 §13.2.1: of several descriptions before the answer the first holds, and here it named another far end.
        call.CallerMisled |= says && told > 0 && told != call.SdpVersionToCaller && (!call.HasLease || call.CallerToldDirect || call.Audio.RingTold);
        if (w.Overflowed || (says && call.Audio.Mismatch))
        {
            FailAnswer(call, w.Overflowed ? Refusal.MalformedMessage : Refusal.CodecMismatch, now);
            return;
        }
        _transactions.SendResponse(call.CallerInvite!, w.Length, now);
        call.Log.Message(now, MediaSide.Caller, sent: true, 200, call.CallerDialog.InviteCSeq);
        LogAudio(call, now);
        Step(call, CallInput.CalleeAnswered, now);
        RecordIfWished(call, now);
    }
}
