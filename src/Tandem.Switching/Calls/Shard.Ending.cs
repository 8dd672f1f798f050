using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Calls;

// Ending: who ended it, what it costs, the CDR, and the farewells.
public sealed partial class Shard
{
    // Long enough for our BYE to be answered or to time out (64 * T1), with room.
    private static readonly TimeSpan FarewellPatience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan SettleAgain = TimeSpan.FromMilliseconds(10);

    public void OnCancel(SipMessage cancel, ServerTransaction invite, Instant now)
    {
        if (OwnerOf(invite.Owner, invite.OwnerStamp) is not { } call) return;
        if (call.State == CallState.Answered && call.Change == ChangeState.Passing && ReferenceEquals(invite, call.ChangeRequest))
        {
            call.Log.Message(now, call.ChangeBy, sent: false, "CANCEL"u8, call.ChangeCSeq);
            if (call.Newcomer is { } newcomer) newcomer.Cancelled = true;
            StepChange(call, ChangeInput.AskerCancelled, 487, now);
            Reschedule(call);
            return;
        }
        if (call.State is not (CallState.LookingUp or CallState.Authorising or CallState.Dialling)) return;
        call.Log.Message(now, MediaSide.Caller, sent: false, "CANCEL"u8, call.CallerDialog.InviteCSeq);
        NotePeerReason(call, MediaSide.Caller, cancel, now);
        EndByCaller(call, 487, now);
        Step(call, CallInput.CallerCancelled, now);
        Reschedule(call);
    }

    private void OnBye(SipMessage bye, ServerTransaction transaction, Instant now)
    {
        Call? call = FindDialog(bye, transaction.Source, out MediaSide leg, out Sip.Dialogs.Dialog dialog);
        if (call is null)
        {
            _transactions.Respond(transaction, 481, [], now);
            return;
        }
        if (!TakeCSeq(dialog, bye))
        {
            _transactions.Respond(transaction, 500, "CSeq Out Of Order"u8, now);
            return;
        }
        if (LeavesTransfer(call, leg, transaction, now))
        {
            Reschedule(call);
            return;
        }
        bool ends = call.State == CallState.Answered || (call.State is CallState.LookingUp or CallState.Authorising or CallState.Dialling && leg == MediaSide.Caller);
        if (leg == MediaSide.Callee && call.AnswerHeld)
        {
            // It answered, and hung up before the caller could hear of it.
            _transactions.Respond(transaction, 200, [], now);
            call.AnswerHeld = call.AnswerSent = false;
            EndAttempt(call, 480, Refusal.None, now);
            Reschedule(call);
            return;
        }
        if (!ends)
        {
            _transactions.Respond(transaction, 200, [], now); // both hung up at once
            return;
        }
        call.Log.Message(now, leg, sent: false, "BYE"u8, bye.CSeqNumber);
        NotePeerReason(call, leg, bye, now);
        call.Bye = transaction;
        Own(call, transaction);
        call.Cdr.Stop = Instant.Min(now, Instant.Min(call.MoneyEndsAt, call.DurationEndsAt));
        if (leg == MediaSide.Caller && call.AckAwaited)
        {
            // Who says BYE has seen the 200, whatever became of the ACK.
            call.AckAwaited = false;
            call.AckBy = call.ResendOkAt = Instant.Never;
        }
        if (call.State != CallState.Answered) EndByCaller(call, 487, now);
        else NoteEnd(call, leg == MediaSide.Caller ? EndDirection.Caller : EndDirection.Callee, 200, now);
        call.Log.Message(now, leg, sent: true, 200, bye.CSeqNumber);
        Step(call, leg == MediaSide.Caller ? CallInput.CallerHungUp : CallInput.CalleeHungUp, now);
        Reschedule(call);
    }

    /// <summary>The server ends a call: politely, both sides get their BYE (or the caller its final response).</summary>
    /// <param name="call">The call; one that is ending already is left alone.</param>
    /// <param name="why">The reason.</param>
    /// <param name="stop">The instant talk time counts to: the paid second, not the moment the turn came round.</param>
    /// <param name="now">The turn.</param>
    private void HangUp(Call call, Refusal why, Instant stop, Instant now)
    {
        if (call.State is not (CallState.LookingUp or CallState.Authorising or CallState.Dialling or CallState.Answered)) return;
        if (call.CarriedBy is { } carrier)
        {
            HangUp(carrier, why, carrier.Cdr.WasAnswered ? Instant.Max(stop, carrier.Cdr.Answered) : stop, now); // and this one with it
            Reschedule(carrier);
            return;
        }
        call.Cdr.Stop = Instant.Min(stop, Instant.Min(call.MoneyEndsAt, call.DurationEndsAt));
        call.HungUp = true;
        EndByServer(call, why, now);
        Step(call, CallInput.ServerHangsUp, now);
    }

    private static void EndByServer(Call call, Refusal refusal, Instant now)
    {
        call.Refusal = refusal;
        call.LastStatus = 0;
        call.Log.Refused(now, refusal);
        NoteEnd(call, EndDirection.Server, refusal.Meaning().EndReason, now);
    }

    private static void EndByCaller(Call call, int reason, Instant now)
    {
        call.Refusal = Refusal.None;
        call.FinalStatus = reason;
        NoteEnd(call, EndDirection.Caller, reason, now);
    }

    private static void NoteEnd(Call call, EndDirection direction, int reason, Instant now)
    {
        if (call.Cdr.Stop == default) call.Cdr.Stop = now;
        call.Cdr.EndDirection = direction;
        call.Cdr.EndReason = reason;
    }

    /// <summary>Everything the call holds goes back; the charge is made; the CDR goes to the ledger.</summary>
    private void Settle(Call call, Instant now)
    {
        Cdr cdr = call.Cdr;
        LeaveForward(call, now);
        StepChange(call, ChangeInput.CallEnded, call.Newcomer is null ? 487 : 603, now); // RFC 3261 §15.1.2; RFC 3891 §3: there is no such dialog any more
        AbandonTransfer(call, now);
        if (cdr.EndReason == 0) NoteFailedAttempt(call, now);
        cdr.Refusal = call.Refusal;
        Instant ackBy = call.AckBy, resendOkAt = call.ResendOkAt;
        call.StopClocks();
        if (call.AckAwaited) (call.AckBy, call.ResendOkAt) = (ackBy, resendOkAt);
        if (!cdr.WasAnswered)
        {
            call.FinalStatus = StatusForCustomer(call, FinalStatusOf(call), now);
            call.FinalCause = CauseForCustomer(call, now);
        }

        if (cdr.Attempts > 0) NoteTried(call, 0, call.Refusal); // the attempt under way when the caller or the switch gave up
        NoteAttemptOutcome(call, now);
        if (cdr.WasAnswered) NoteTalkQuality(call, now);
        else NoteFailedQuality(call, now);
        NoteCallOutcome(call, now);
        ReleaseCalleeLine(call);
        call.CallerLine?.ReleaseLine();
        call.CallerLine = null;
        KeepMedia(call, now);
        Price(call, now);
        cdr.Hidden = HiddenFromWhom(cdr, call.Callee, call.Tables.Settings.Billing);
        call.Log.Ended(now, (int)cdr.EndDirection, cdr.EndReason);
        if (!cdr.WasAnswered && call.CallerInvite is not null) call.Log.Message(now, MediaSide.Caller, sent: true, call.FinalStatus, call.CallerDialog.InviteCSeq);
        cdr.DecisionLog = call.Log.Written.ToArray();
        PostClose(call, now);
        EndCarried(call, now);
    }

    // The last attempt failed by itself: what the far end said is the reason; when it said nothing, ours.
    private static void NoteFailedAttempt(Call call, Instant now)
    {
        if (call.LastStatus > 0) NoteEnd(call, EndDirection.Callee, call.LastStatus, now);
        else EndByServer(call, call.Refusal == Refusal.None ? Refusal.AllAttemptsFailed : call.Refusal, now);
    }

    // What the caller's INVITE is finally answered with.
    private static int FinalStatusOf(Call call) => call.FinalStatus > 0 ? call.FinalStatus
        : call.Refusal != Refusal.None ? call.Refusal.Meaning().SipStatus
        : call.LastStatus switch
        {
            401 or 407 => 503, // the carrier doubts us, not the caller
            422 => 503, // the session timer it did not like is ours
            >= 300 and < 400 => 480, // its redirections are not for the caller's eyes
            >= 400 => call.LastStatus,
            _ => Refusal.AllAttemptsFailed.Meaning().SipStatus,
        };

    private void PostClose(Call call, Instant now)
    {
        bool posted = PostToDesk(new LedgerRequest { Kind = LedgerRequestKind.Close, Shard = _options.Index, Slot = call.Slot, Call = call.Id, Cdr = call.Cdr });
        call.SettleAgainAt = now + (posted ? LedgerPatience : SettleAgain); // never dropped; the ledger knows a call it has closed
    }

    // The ledger's inbox was full, or it did not answer: what it must hear of a call in progress is said again.
    private void PostAgain(Call call, Instant now)
    {
        call.SettleAgainAt = Instant.Never;
        if (call.State == CallState.Answered) PostAnswer(call, now);
        else PostClose(call, now);
    }

    /// <summary>The CDR is in the journal: now the caller may know that it is over.</summary>
    private void TellCaller(Call call, Instant now)
    {
        Counters.CallsSettled++;
        if (call.Bye is { } bye)
        {
            _transactions.Respond(bye, 200, [], now);
        }
        if (!call.Cdr.WasAnswered && call.CallerInvite is { IsAnswered: false } invite) SendFinalResponse(call, invite, now);
        if (call.Taking is { } transfer) OnTargetGone(transfer, call, now);
        call.FarewellEndsAt = now + FarewellPatience;
        TryEndFarewells(call, now);
    }

    private void SendFinalResponse(Call call, ServerTransaction invite, Instant now)
    {
        SipWriter w = _transactions.BeginResponse(invite, call.FinalStatus, []);
        new ReasonCauses(0, call.FinalCause).Write(ref w); // RFC 3326
        if (call.Refusal == Refusal.ServerFull) w.Header(HeaderName.RetryAfter, 5);
        if (call.RetryAfter > 0 && (call.Refusal == Refusal.GatewayAway || call.FinalStatus == call.LastStatus)) w.Header(HeaderName.RetryAfter, call.RetryAfter);
        if (call.LastStatus > 0) WriteCalleeWords(ref w, call);
        w.End();
        _transactions.SendResponse(invite, w.Length, now);
    }

    public void OnAckMissing(ServerTransaction transaction, Instant now)
    {
        // The refusal was delivered as often as RFC 3261 asks; nothing is left to do.
    }

    private void ByeCaller(Call call, Instant now)
    {
        // RFC 3261 §15: the callee's side of a dialog may not say BYE before its 200 was acknowledged.
        if (call.AckAwaited) call.ByeCallerAfterAck = true;
        else SendBye(call, MediaSide.Caller, now);
    }

    private void SendBye(Call call, MediaSide leg, Instant now)
    {
        if (HasLeft(call, leg) || DialogOf(call, leg).RemoteTag.IsEmpty) return; // nobody is there
        // Owed still when the answer to a late offer never came: a 200 is acknowledged before its dialog is ended (RFC 3261 §13.2.2.4).
        if (leg == MediaSide.Callee && call.Ack is null) SendAck(call, [], now);
        if (call.ChangeAckOwed && leg != call.ChangeBy) SendChangeAck(call, [], now);
        SendBye(call, leg, DialogOf(call, leg), now);
    }

    private void SendBye(Call call, MediaSide leg, Sip.Dialogs.Dialog dialog, Instant now)
    {
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction transaction = Begin(dialog, SipMethod.Bye, branch);
        uint cseq = ++dialog.LocalCSeq;
        var w = new SipWriter(_text);
        dialog.WriteRequest(ref w, SipMethod.Bye, branch, cseq, 70);
        CausesOf(call).Write(ref w);
        w.End();
        if (w.Overflowed)
        {
            _transactions.Discard(transaction);
            return;
        }
        Own(call, transaction, leg);
        call.Farewells++;
        _transactions.Start(transaction, w.Written, cseq, now);
        call.Log.Message(now, leg, sent: true, "BYE"u8, cseq);
    }

    // RFC 3326. Ours by the table of refusals; when an end hung up, the numbers it gave, and nothing else of what it said.
    private static ReasonCauses CausesOf(Call call) => call.Refusal == Refusal.None ? call.PeerReason : CausesOf(call.Refusal);

    private static ReasonCauses CausesOf(Refusal refusal) => new(refusal.Meaning().SipStatus, refusal.Meaning().Q850);

    private static void NotePeerReason(Call call, MediaSide leg, SipMessage message, Instant now)
    {
        call.PeerReason = ReasonCauses.Of(message);
        if (!call.PeerReason.IsEmpty) call.Log.PeerReason(now, leg, call.PeerReason.Sip, call.PeerReason.Q850);
    }

    private void OnFarewellAnswered(Call call, ClientTransaction transaction, Instant now)
    {
        transaction.Owner = -1;
        call.Farewells--;
        TryEndFarewells(call, now);
    }

    private void TryEndFarewells(Call call, Instant now)
    {
        if (call.State == CallState.Farewell && call.Farewells <= 0 && !call.AckAwaited) Step(call, CallInput.FarewellsDone, now);
    }

    private void EndFarewells(Call call, Instant now)
    {
        call.FarewellEndsAt = Instant.Never;
        Step(call, CallInput.FarewellsDone, now);
    }
}
