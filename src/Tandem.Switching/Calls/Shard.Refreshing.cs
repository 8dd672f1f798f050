using Tandem.Primitives;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transactions;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Refreshing: how long a call may last, and whether its ends are still there (RFC 4028, docs/session-timers.md).
public sealed partial class Shard
{
    // While a change is under way, or the first ACK is awaited, a refresh waits: the change refreshes too.
    private static readonly TimeSpan PostponeRefresh = TimeSpan.FromSeconds(2);

    // After an answer that neither refreshes nor ends the session, unless its Retry-After asks for more.
    private const int RefreshAgainSeconds = 10;

    private static SessionTimer TimerOf(Call call, MediaSide leg) => leg == MediaSide.Caller ? call.CallerTimer : call.CalleeTimer;

    /// <summary>Whether the device of a leg may be bothered with session timers.</summary>
    private static bool TimerPermitted(Call call, MediaSide leg)
    {
        LegParty party = leg == MediaSide.Caller ? call.CallerParty : call.CalleeParty;
        if (party.Moved) return party.Timer;
        if (leg == MediaSide.Caller) return call.Gateway?.SipTimer ?? call.Phone!.SipTimer;
        return call.TargetPhone?.SipTimer ?? call.Targets[call.NextTarget - 1]!.SipTimer;
    }

    private void DrawLongestTalk(Call call)
    {
        Settings.CallSettings system = call.Tables.Settings.Calls;
        TalkLimit caller = call.Gateway?.TalkLimit ?? call.Phone!.TalkLimit;
        TimeSpan a = caller.Draw(system, _entropy), b = call.CalleeTalkLimit.Draw(system, _entropy);
        call.LongestTalk = a < b ? a : b;
    }

    /// <summary>When talk ends by itself: the devices' limit, or, while an end has no session timer, that for calls nobody watches over.</summary>
    private static void SetDurationClock(Call call)
    {
        if (call.State != CallState.Answered) return;
        Instant byLimit = call.LongestTalk == TimeSpan.MaxValue ? Instant.Never : call.Cdr.Answered + call.LongestTalk;
        TimeSpan unwatched = call.Tables.Settings.Sip.NoTimerReinviteInterval;
        bool watched = unwatched == TimeSpan.Zero || call.CarriedBy is not null || (call.CallerTimer.Seconds > 0 && call.CalleeTimer.Seconds > 0);
        Instant byTimer = watched ? Instant.Never : call.Cdr.Answered + unwatched;
        call.DurationEndsAt = Instant.Min(byLimit, byTimer);
        call.DurationRefusal = byTimer < byLimit ? Refusal.NoSessionTimer : Refusal.MaxDuration;
    }

    // timeoutCallProceeding: all attempts together took too long.
    private void OnUnansweredTooLong(Call call, Instant now)
    {
        call.UnansweredEndsAt = Instant.Never;
        if (call.State is CallState.LookingUp or CallState.Authorising or CallState.Dialling) HangUp(call, Refusal.NoAnswer, now, now);
    }

    private void OnSessionClock(Call call, MediaSide leg, Instant now)
    {
        SessionTimer timer = TimerOf(call, leg);
        if (call.State != CallState.Answered)
        {
            timer.Stop();
            return;
        }
        if (timer.ExpiresAt <= now)
        {
            EndDeadSession(call, leg, now);
            return;
        }
        if (call.AckAwaited)
        {
            timer.RefreshAt = now + PostponeRefresh;
            return;
        }
        ChangeMachine.Step step = ChangeMachine.On(call.Change, ChangeInput.RefreshDue);
        call.Change = step.Next;
        if ((step.Effects & ChangeEffects.Postpone) != 0) timer.RefreshAt = now + PostponeRefresh;
        if ((step.Effects & ChangeEffects.Refresh) != 0) SendRefresh(call, leg, now);
    }

    /// <summary>
    /// The end of a session nobody refreshed. When it is the called end that is gone, talk time counts to its last sign of life, in signalling or
    /// media: nobody pays for silence. When it is the calling end, it counts to now: its call held the line, and not answering must not be a way to talk for nothing.
    /// So it does when the media is direct: nobody here knows of silence, and the caller has not hung up.
    /// </summary>
    private void EndDeadSession(Call call, MediaSide dead, Instant now)
    {
        Instant stop = now;
        if (dead == MediaSide.Callee && call.State == CallState.Answered && call.HasLease)
        {
            Instant heard = LastHeard(call, MediaSide.Callee);
            stop = Instant.Min(now, Instant.Max(call.Cdr.Answered, Instant.Max(call.CalleeTimer.Heard, heard)));
        }
        HangUp(call, Refusal.SessionExpired, stop, now);
    }

    /// <summary>By UPDATE without a body to an end that takes it, else by re-INVITE with the session as that end knows it (RFC 4028 §7.4).</summary>
    private void SendRefresh(Call call, MediaSide leg, Instant now)
    {
        Dialog dialog = DialogOf(call, leg);
        SipMethod method = TakesUpdate(call, leg) ? SipMethod.Update : SipMethod.Invite;
        call.ChangeBy = OtherSide(leg); // the far end of a change is the one that is asked
        call.ChangeRequest = null;
        call.ChangeRings = false;
        call.DropChangeBuffers();
        TimerOf(call, leg).RefreshAt = Instant.Never;

        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction refresh = Begin(dialog, method, branch);
        refresh.WithinDialog = true;
        Own(call, refresh, leg);
        uint cseq = ++dialog.LocalCSeq;
        var w = new SipWriter(_text);
        dialog.WriteRequest(ref w, method, branch, cseq, 70);
        WriteContact(ref w, dialog);
        w.Header(HeaderName.Allow, AllowedMethods);
        TimerOf(call, leg).WriteOffer(ref w, call.Tables.Settings.Sip.SessionRules);
        if (method == SipMethod.Update) w.End();
        else w.Body("application/sdp"u8, leg == MediaSide.Caller ? call.SdpToCaller.AsSpan(0, call.SdpToCallerLength) : call.SdpToCallee.AsSpan(0, call.SdpToCalleeLength));
        call.ChangeOut = refresh;
        if (w.Overflowed)
        {
            _transactions.Discard(refresh);
            call.ChangeOut = null;
            StepChange(call, ChangeInput.Refused, 513, now); // the session will expire; a dialog that large does not come about
            return;
        }
        call.ChangeEndsAt = now + ChangePatience;
        _transactions.Start(refresh, w.Written, cseq, now);
        call.Log.Message(now, leg, sent: true, method.Token(), cseq);
    }

    private void OnRefreshResponse(Call call, SipMessage response, ClientTransaction transaction, in NetAddress source, Instant now)
    {
        MediaSide leg = OtherSide(call.ChangeBy);
        call.Log.Message(now, leg, sent: false, response.Status, response.CSeqNumber);
        if (response.Status < 200)
        {
            call.ChangeRings = true;
            return;
        }
        if (OnBridgeResponse(call, response, source, now)) return;
        SessionTimer timer = TimerOf(call, leg);
        if (response.Status < 300)
        {
            call.ChallengeRounds = 0;
            DialogOf(call, leg).Refresh(response, source);
            NoteAllowed(call, leg, response);
            if (transaction.Method == SipMethod.Invite)
            {
                SendChangeAck(call, [], now);
                if (!response.Body.IsEmpty && IsSdp(response.ContentType) && _sdp.Parse(response) == SdpDefect.None) TellRelay(call, leg);
            }
            timer.TakeAnswer(response, call.Tables.Settings.Sip.SessionRules, now);
            StepChange(call, ChangeInput.Refreshed, 0, now);
            if (transaction.Method == SipMethod.Invite) PassRefreshed(call, leg, response, now);
            return;
        }
        if (response.Status is 408 or 481)
        {
            StepChange(call, ChangeInput.FarGone, response.Status, now);
            return;
        }
        timer.Heard = now; // it refuses, but it is there and knows the dialog
        timer.RefreshAt = now + RefreshAgainAfter(call, leg, response, transaction);
        StepChange(call, ChangeInput.Refused, response.Status, now);
    }

    private static void RefreshAgain(Call call, MediaSide leg, Instant now) => TimerOf(call, leg).RefreshAt = now + TimeSpan.FromSeconds(RefreshAgainSeconds);

    private TimeSpan RefreshAgainAfter(Call call, MediaSide leg, SipMessage response, ClientTransaction transaction)
    {
        switch (response.Status)
        {
            case 422 when TimerOf(call, leg).TakeTooSmall(response, call.Tables.Settings.Sip.SessionRules):
                return TimeSpan.Zero;
            case 401 or 407 when TakesChallenge(call, leg, response):
                return TimeSpan.Zero;
            case 405 or 501 when transaction.Method == SipMethod.Update:
                if (leg == MediaSide.Caller) call.CallerTakesUpdate = false;
                else call.Forks.Current.TakesUpdate = false;
                return TimeSpan.Zero;
            case 491:
                // RFC 3261 §14.1, in steps of 10 ms: whose Call-ID it is waits 2.1 to 4 s, the other up to 2 s. The called leg's is ours.
                return TimeSpan.FromMilliseconds(leg == MediaSide.Callee ? 2_100 + (10 * (_entropy.NextUInt64() % 191)) : 10 * (_entropy.NextUInt64() % 201));
            default:
                return TimeSpan.FromSeconds(RefreshAgainSeconds);
        }
    }
}
