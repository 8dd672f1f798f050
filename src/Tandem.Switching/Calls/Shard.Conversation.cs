using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transactions;
using Tandem.Switching.Billing;

namespace Tandem.Switching.Calls;

// Conversation: the call is answered; ACK, money for the next slice, requests within the dialogs.
public sealed partial class Shard
{
    private static readonly TimeSpan T1 = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan T2 = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan AckPatience = 64 * T1;

    // Effects of the answer that are not messages: clocks, money, the journal.
    private void BeginConversation(Call call, Instant now)
    {
        call.PhaseEndsAt = Instant.Never;
        call.Cdr.Answered = now;
        NoteAnsweredQuality(call, now);
        NoteTried(call, 200, Refusal.None);
        if (call.CallerInvite is not null)
        {
            call.AckAwaited = true;
            call.OkInterval = T1;
            call.ResendOkAt = now + T1;
            call.AckBy = now + AckPatience;
        }
        call.UnansweredEndsAt = Instant.Never;
        if (call.Taking is null)
        {
            call.DropOffer();
            call.Forks.Current.DropSdp();
        }
        DrawLongestTalk(call);
        SetDurationClock(call);
        WatchMedia(call, now);
        SetMoneyClocks(call, now);
        PostAnswer(call, now);
        Counters.CallsAnswered++;
        OnForwardAnswered(call, now);
    }

    private void PostAnswer(Call call, Instant now)
    {
        bool posted = PostToDesk(new LedgerRequest { Kind = LedgerRequestKind.Answer, Shard = _options.Index, Slot = call.Slot, Call = call.Id, Cdr = call.Cdr });
        if (!posted) call.SettleAgainAt = now + SettleAgain;
    }

    public void OnAck(SipMessage ack, in NetAddress source, Instant now)
    {
        if (FindDialog(ack, source, out MediaSide leg, out Sip.Dialogs.Dialog dialog) is not { } call) return;
        if (call.Change == ChangeState.AwaitingAck && leg == call.ChangeBy && ack.CSeqNumber == call.ChangeCSeq)
        {
            OnChangeAck(call, ack, now);
            Reschedule(call);
            return;
        }
        if (leg != MediaSide.Caller || !call.AckAwaited || ack.CSeqNumber != dialog.InviteCSeq) return;
        call.AckAwaited = false;
        call.CallerTimer.Heard = now;
        call.ResendOkAt = call.AckBy = Instant.Never;
        _transactions.ForgetResponse(call.CallerInvite!);
        call.Log.Message(now, MediaSide.Caller, sent: false, "ACK"u8, ack.CSeqNumber);
        if (call.LateOffer && !call.CallerAgreed && call.State == CallState.Answered) PassLateAnswer(call, ack, now);
        if (call is { CallerMisled: true, State: CallState.Answered, Change: ChangeState.Idle })
        {
            call.CallerMisled = false;
            SendOwnInvite(call, MediaSide.Caller, call.SdpTowards(MediaSide.Caller), now);
        }
        if (call.ByeCallerAfterAck)
        {
            call.ByeCallerAfterAck = false;
            SendBye(call, MediaSide.Caller, now);
        }
        TryEndFarewells(call, now);
        Reschedule(call);
    }

    // RFC 3261 §13.2.1: the offer came in the 200, so the answer comes in the ACK.
    private void PassLateAnswer(Call call, SipMessage ack, Instant now)
    {
        bool hasSdp = !ack.Body.IsEmpty && IsSdp(ack.ContentType) && _sdp.Parse(ack) == SdpDefect.None;
        if (!hasSdp)
        {
            SendAck(call, [], now);
            HangUp(call, Refusal.CodecMismatch, now, now);
            return;
        }
        TellRelay(call, MediaSide.Caller);
        ReadOnlySpan<byte> sdp = RewriteSdp(call, MediaSide.Callee);
        call.KeepSdp(MediaSide.Callee, sdp);
        SendAck(call, sdp, now);
    }

    // RFC 3261 §13.3.1.4: the 200 is sent again until the ACK comes.
    private void ResendOk(Call call, Instant now)
    {
        call.ResendOkAt = Instant.Never;
        if (!call.AckAwaited) return;
        _transactions.ResendResponse(call.CallerInvite!);
        call.OkInterval = call.OkInterval * 2 < T2 ? call.OkInterval * 2 : T2;
        call.ResendOkAt = now + call.OkInterval;
    }

    private void OnAckNeverCame(Call call, Instant now)
    {
        call.AckBy = call.ResendOkAt = Instant.Never;
        call.AckAwaited = false;
        if (call.ByeCallerAfterAck)
        {
            call.ByeCallerAfterAck = false;
            SendBye(call, MediaSide.Caller, now);
            return;
        }
        HangUp(call, Refusal.NoResponse, now, now);
    }

    // RFC 3261 §12.2.2: a lower number than the last is out of order.
    private static bool TakeCSeq(Sip.Dialogs.Dialog dialog, SipMessage request)
    {
        if (dialog.RemoteCSeq != 0 && request.CSeqNumber <= dialog.RemoteCSeq) return false;
        dialog.RemoteCSeq = request.CSeqNumber;
        return true;
    }
}
