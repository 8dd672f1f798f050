using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing.Failover;

namespace Tandem.Switching.Calls;

// Attempts: what the INVITE under way meets, responses, silence or a broken way, and whether another follows (docs/routing.md).
public sealed partial class Shard
{
    public void OnResponse(SipMessage response, ClientTransaction transaction, in NetAddress source, Instant now)
    {
        if (IsPassed(transaction.Method))
        {
            OnPassedAnswered(response, transaction, now);
            return;
        }
        if (transaction.Method == SipMethod.Options)
        {
            OnProbeAnswer(transaction, response.Status, now);
            return;
        }
        if (transaction.Method == SipMethod.Register)
        {
            OnRegisterAnswered(response, transaction, now);
            return;
        }
        if (OwnerOf(transaction.Owner, transaction.OwnerStamp) is not { } call)
        {
            // Nobody waits for this any more. A 2xx to an INVITE still wants its ACK, and a call nobody has wants a BYE.
            if (transaction.Method == SipMethod.Invite && response.Status is >= 200 and < 300) AckAndBye(response, transaction, source, now);
            return;
        }
        NoteLife(PhoneOf(call, (MediaSide)transaction.Leg), now);
        if (transaction.Method == SipMethod.Prack) OnPrackAnswered(call, response, now);
        else if (transaction.WithinDialog) OnChangeResponse(call, response, transaction, source, now);
        else if (transaction.Method == SipMethod.Invite) OnInviteResponse(call, response, transaction, source, now);
        else if (transaction.Method == SipMethod.Bye && response.Status >= 200 && !AnswerFarewellChallenge(call, response, transaction, now)) OnFarewellAnswered(call, transaction, now);
        Reschedule(call);
    }

    private void OnInviteResponse(Call call, SipMessage response, ClientTransaction transaction, in NetAddress source, Instant now)
    {
        bool current = ReferenceEquals(transaction, call.CalleeInvite);
        bool otherFork = current && call.AnswerSent && !call.CalleeDialog.RemoteTag.SequenceEqual(response.ToTag);
        if (!current || otherFork)
        {
            if (response.Status is >= 200 and < 300) AckAndBye(response, transaction, source, now);
            return;
        }
        if (call.State == CallState.Answered || call.AnswerSent)
        {
            if (response.Status is >= 200 and < 300 && call.Ack is { } ack) Send(call.CalleeDialog, ack.AsSpan(0, call.AckLength)); // ours was lost
            return;
        }
        if (call.State != CallState.Dialling) return;
        call.Log.Message(now, MediaSide.Callee, sent: false, response.Status, response.CSeqNumber);
        switch (response.Status)
        {
            case < 200:
                OnProvisional(call, response, source, now);
                break;
            case < 300:
                OnAnswer(call, response, source, now);
                break;
            case 401 or 407 when AnswerChallenge(call, response, now):
                break;
            case 422 when call.CalleeDialog.RemoteTag.IsEmpty && call.CalleeTimer.TakeTooSmall(response, call.Tables.Settings.Sip.SessionRules):
                if (!SendInvite(call, now)) EndAttempt(call, response.Status, Refusal.None, now); // RFC 4028 §7.3: the same call, asked again
                break;
            default:
                TakeCalleeWords(call, response);
                NoteRetryAfter(call, response, now);
                NoteRedirects(call, response);
                NotePeerReason(call, MediaSide.Callee, response, now);
                call.FailedCause = call.PeerReason.Q850;
                call.PeerReason = default; // known, and not for the other leg
                EndAttempt(call, response.Status, Refusal.None, now);
                break;
        }
    }

    // A phase is only ever left forwards, and repeating what was said before buys no time.
    private static void EnterPhase(Call call, AttemptPhase phase, Instant now)
    {
        if (phase <= call.Phase) return;
        call.Phase = phase;
        Settings.SipSettings timers = call.Tables.Settings.Sip;
        call.PhaseEndsAt = now + phase switch
        {
            AttemptPhase.Trying => call.Patience.ForTrying(timers),
            AttemptPhase.Progress => call.Patience.ForSessionProgress(timers),
            AttemptPhase.EarlyMedia => call.Patience.ForSessionProgressSdp(timers),
            _ => call.Patience.ForRinging(timers),
        };
    }

    private void WriteDialogHeaders(ref SipWriter w, Call call)
    {
        call.CallerDialog.WriteRecordRoutes(ref w);
        WriteContact(ref w, call.CallerDialog);
        w.Header(HeaderName.Allow, AllowedMethods);
        WriteCalleeWords(ref w, call);
    }

    // Post-dial delay: to the first sign of life that the caller hears.
    private static void NoteFirstSound(Call call, Instant now)
    {
        if (call.Cdr.CalleePddMillis == 0) call.Cdr.CalleePddMillis = Math.Max(1, (int)(now - call.AttemptStart).TotalMilliseconds);
        if (call.CallerHeard) return;
        call.CallerHeard = true;
        call.Cdr.CallerPddMillis = Math.Max(1, (int)(now - call.Cdr.Start).TotalMilliseconds);
    }

    private void SendAck(Call call, scoped ReadOnlySpan<byte> sdp, Instant now)
    {
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        _transactions.MintBranch(branch);
        var w = new SipWriter(_text);
        call.CalleeDialog.WriteRequest(ref w, SipMethod.Ack, branch, call.CalleeDialog.InviteCSeq, 70);
        if (sdp.IsEmpty) w.End();
        else w.Body("application/sdp"u8, sdp);
        if (w.Overflowed) return;
        call.KeepAck(w.Written);
        Send(call.CalleeDialog, w.Written);
        call.Log.Message(now, MediaSide.Callee, sent: true, "ACK"u8, call.CalleeDialog.InviteCSeq);
    }

    /// <summary>The attempt is over without an answer: the next, if the switch rules permit one (docs/routing.md).</summary>
    private void EndAttempt(Call call, int status, Refusal refusal, Instant now)
    {
        call.PhaseEndsAt = Instant.Never;
        call.CallerTimer.Stop();
        call.CalleeTimer.Stop();
        if (call.CalleeInvite is { } invite) invite.Owner = -1;
        call.CalleeInvite = null;
        if (call.Change != ChangeState.Idle) StepChange(call, ChangeInput.CallEnded, 500, now); // an UPDATE of the caller's on its way to this end
        call.NextProgress = 0;
        call.NextProgressHasSdp = false;
        call.Forks.Release();
        call.CalleeDialog.Release();
        call.LastStatus = status;
        call.Refusal = refusal;
        if (MayFollow(call, status, refusal))
        {
            NoteTried(call, status, refusal);
            call.Log.Outcome(now, call.Cdr.Attempts, status, refusal, next: true);
            if (DialRedirect(call, call.Target!, now)) return;
        }
        if (MayTryNextHop(call, status, refusal))
        {
            call.Log.HopFailed(now, call.Cdr.Attempts, status, refusal);
            if (DialNextHop(call, call.Target!, now)) return;
        }
        NoteTried(call, status, refusal);
        NoteAttemptOutcome(call, now);
        NoteFailedQuality(call, now);
        ReleaseCalleeLine(call);
        FailoverDecision switching = FailoverTable.Decide(FailoverFactsOf(call, status, refusal));
        bool next = switching.Next;
        call.Log.Outcome(now, call.Cdr.Attempts, status, refusal, next, switching.Step);
        if (!next && TryForward(call, status, refusal, now)) return;
        Step(call, next ? CallInput.AttemptFailed : CallInput.LastAttemptFailed, now);
    }

    // RFC 3263 §4.3: no answer at all, no way there, or 503: the same gateway's next address. Not once the caller has heard something.
    private bool MayTryNextHop(Call call, int status, Refusal refusal) =>
        call.Target is not null
        && (status == 503 || refusal == Refusal.TransportFailed || (refusal == Refusal.NoResponse && call.Phase == AttemptPhase.Silent))
        && !call.SawSdp && !call.SawRinging
        && !IsLastWord(call, refusal)
        && TryFindHop(call, out _, out _);

    private static bool TrunkIsSilent(Call call, Refusal refusal) => refusal == Refusal.NoResponse && call.Phase == AttemptPhase.Silent && call.Target is { Registers: true };

    // SS_SIP_USER_AGENT_STOP_SWITCH_AFTER_INVITE_TIMEOUT: the silence of a trunk ends the call.
    private static bool IsLastWord(Call call, Refusal refusal) => TrunkIsSilent(call, refusal) && call.Tables.Settings.Trunks.StopSwitchAfterInviteTimeout;

    private FailoverFacts FailoverFactsOf(Call call, int status, Refusal refusal) => new()
    {
        Settings = call.Tables.Settings,
        Gateway = call.TargetPhone is null && call.Target is { } gateway ? gateway.Failover : FailoverRules.System,
        Status = status,
        Attempts = call.Cdr.Attempts,
        AnyLeft = call.NextTarget < (call.TargetPhone is null ? call.TargetCount : call.TargetContacts),
        CallerAgreed = call.OfferPassed,
        TrunkSilent = TrunkIsSilent(call, refusal),
        SawRinging = call.SawRinging,
        SawSdp = call.SawSdp,
        SawRtp = call.HasLease && _media.LastHeard(call.Lease, MediaSide.Callee) >= call.AttemptStart,
    };

    public void OnTimeout(ClientTransaction transaction, Instant now)
    {
        if (IsPassed(transaction.Method))
        {
            OnPassedUnanswered(transaction);
            return;
        }
        if (transaction.Method == SipMethod.Register)
        {
            OnRegisterFailed(transaction, refused: false, now);
            return;
        }
        if (transaction.Method == SipMethod.Options)
        {
            OnProbeFailed(transaction, now);
            return;
        }
        if (OwnerOf(transaction.Owner, transaction.OwnerStamp) is not { } call) return;
        if (transaction.Method == SipMethod.Prack) return; // the far end gives its INVITE up itself (RFC 3262 §3)
        if (transaction.WithinDialog) OnChangeTimeout(call, transaction, now);
        else if (transaction.Method == SipMethod.Bye) OnFarewellAnswered(call, transaction, now);
        else if (transaction.Method == SipMethod.Invite && ReferenceEquals(transaction, call.CalleeInvite) && call.State == CallState.Dialling) EndAttempt(call, 0, Refusal.NoResponse, now);
        Reschedule(call);
    }

    public void OnTransportError(ClientTransaction transaction, Instant now)
    {
        if (IsPassed(transaction.Method))
        {
            if (TransactionLayer.TryGetTied(transaction, out ServerTransaction? asked)) _transactions.Respond(asked, 503, [], now);
            return;
        }
        if (transaction.Method == SipMethod.Register)
        {
            OnRegisterFailed(transaction, refused: true, now);
            return;
        }
        if (transaction.Method == SipMethod.Options)
        {
            OnProbeFailed(transaction, now);
            return;
        }
        if (OwnerOf(transaction.Owner, transaction.OwnerStamp) is not { } call) return;
        if (transaction.WithinDialog) OnChangeUndelivered(call, transaction, now);
        else if (transaction.Method == SipMethod.Bye) OnFarewellAnswered(call, transaction, now);
        else if (transaction.Method == SipMethod.Invite && ReferenceEquals(transaction, call.CalleeInvite) && call.State == CallState.Dialling) EndAttempt(call, 0, Refusal.TransportFailed, now);
        Reschedule(call);
    }

    private void OnPhaseTimeout(Call call, Instant now)
    {
        call.PhaseEndsAt = Instant.Never;
        if (call.State == CallState.LookingUp)
        {
            OnNumberKnown(call, new LrnAnswer(false, call.Asks, default, "the server did not answer in time"), now);
            return;
        }
        if (call.State == CallState.Authorising)
        {
            EndByServer(call, Refusal.LedgerUnavailable, now);
            Step(call, CallInput.MoneyRefused, now);
            return;
        }
        if (call.State != CallState.Dialling) return;
        Refusal refusal = call.SawRinging || call.SawSdp ? Refusal.NoAnswer : Refusal.NoResponse;
        AbandonAttempt(call, CausesOf(refusal), now);
        EndAttempt(call, 0, refusal, now);
    }

    /// <summary>Gives up the attempt under way: CANCEL as soon as RFC 3261 §9.1 permits one, ACK and BYE should it be answered yet.</summary>
    private void AbandonAttempt(Call call, ReasonCauses why, Instant now)
    {
        if (call.CalleeInvite is not { } invite) return;
        if (call.AnswerHeld)
        {
            call.AnswerHeld = false; // it has answered already, and no CANCEL would end it
            SendBye(call, MediaSide.Callee, now);
            return;
        }
        call.CalleeInvite = null;
        if (_transactions.Abandon(invite, now, why)) call.Log.Message(now, MediaSide.Callee, sent: true, "CANCEL"u8, invite.CSeq);
    }

    // An answer nobody waits for: from a fork that lost, or crossing our CANCEL.
    private void AckAndBye(SipMessage response, ClientTransaction transaction, in NetAddress source, Instant now)
    {
        var dialog = new Sip.Dialogs.Dialog(_pool, _listeners);
        dialog.OpenAsClientFrom(response, source, transaction.Listener);
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        _transactions.MintBranch(branch);
        var ack = new SipWriter(_text);
        dialog.WriteRequest(ref ack, SipMethod.Ack, branch, response.CSeqNumber, 70);
        ack.End();
        if (!ack.Overflowed) Send(dialog, ack.Written);
        if (transaction.WithinDialog)
        {
            dialog.Release(); // of a re-INVITE: its call has said or will say BYE itself
            return;
        }

        ClientTransaction farewell = Begin(dialog, SipMethod.Bye, branch);
        var bye = new SipWriter(_text);
        dialog.WriteRequest(ref bye, SipMethod.Bye, branch, response.CSeqNumber + 1, 70);
        bye.End();
        if (bye.Overflowed) _transactions.Discard(farewell);
        else _transactions.Start(farewell, bye.Written, response.CSeqNumber + 1, now);
        dialog.Release();
    }

    private static void ReleaseCalleeLine(Call call) => call.ReleaseLine(MediaSide.Callee);
}
