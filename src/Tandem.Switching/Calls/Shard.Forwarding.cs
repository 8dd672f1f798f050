using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Switching.Admission;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Switching.Calls;

// Forwarding: a call to a phone goes on to the numbers it forwards to (docs/forwards.md).
public sealed partial class Shard
{
    /// <summary>Forwards one after another, those that others noted in Diversion included.</summary>
    private const int MostForwards = 5;

    /// <summary>The phone was busy, did not answer or is not there, and forwards such calls. False: it does not.</summary>
    private bool TryForward(Call call, int status, Refusal refusal, Instant now)
    {
        if (call.TargetPhone is not { } phone || call.Forwarding is not null || call.OfferPassed || call.CallerAgreed) return false;
        ForwardCause cause = status is 486 or 600 or 603 || refusal == Refusal.GatewayBusy ? ForwardCause.Busy
            : refusal is Refusal.CalleeOffline or Refusal.NoResponse or Refusal.TransportFailed ? ForwardCause.Offline
            : refusal == Refusal.NoAnswer || status is 408 or 480 ? ForwardCause.NoAnswer
            : 0;
        if (cause == 0) return false;
        ForwardPlan? plan = phone.Forwards.On(cause);
        if (plan is null && refusal == Refusal.NoResponse) plan = phone.Forwards.On(cause = ForwardCause.NoAnswer);
        if (plan is null) return false;
        call.Log.Forwards(now, phone.NumberText, plan.Targets[0], (int)cause, (int)plan.Method, plan.Targets.Length);
        BeginForward(call, phone, cause, plan, now);
        return true;
    }

    private void BeginForward(Call call, Phone phone, ForwardCause cause, ForwardPlan plan, Instant now)
    {
        call.PhaseEndsAt = Instant.Never;
        call.LastStatus = 0;
        if (call.ForwardDepth >= MostForwards || ForwardsAlready(call, phone))
        {
            call.Refusal = Refusal.ForwardLoop;
            Step(call, CallInput.LastAttemptFailed, now);
            return;
        }
        call.Forwarding = new Forwarding(phone, cause, plan, OrderOf(plan));
        if (call.Forwarding.AllAtOnce) ForwardToAll(call, call.Forwarding, now);
        else ForwardToNext(call, call.Forwarding, now);
    }

    private static bool ForwardsAlready(Call call, Phone phone)
    {
        for (Call? before = call.ForwardedFrom; before is not null; before = before.ForwardedFrom)
        {
            if (before.Forwarding?.Phone.Number == phone.Number) return true;
        }
        return false;
    }

    private int[] OrderOf(ForwardPlan plan)
    {
        int[] order = [.. Enumerable.Range(0, plan.Targets.Length)];
        if (plan.Method != ForwardMethod.Random) return order;
        for (int i = order.Length - 1; i > 0; i--)
        {
            int other = (int)(_entropy.NextUInt64() % (ulong)(i + 1));
            (order[i], order[other]) = (order[other], order[i]);
        }
        return order;
    }

    private void ForwardToNext(Call call, Forwarding forwarding, Instant now)
    {
        if (!_closed && forwarding.TryTakeNumber(out DialString number)) StartForward(call, forwarding, number, now);
        else Step(call, CallInput.LastAttemptFailed, now);
    }

    private void ForwardToAll(Call call, Forwarding forwarding, Instant now)
    {
        forwarding.Starting = true;
        while (!_closed && !forwarding.Over && forwarding.TryTakeNumber(out DialString number)) StartForward(call, forwarding, number, now);
        forwarding.Starting = false;
        if (forwarding.Legs.Count == 0 && !forwarding.Over) Step(call, CallInput.LastAttemptFailed, now);
    }

    private void StartForward(Call call, Forwarding forwarding, in DialString number, Instant now)
    {
        if (TakeCall() is not { } leg)
        {
            call.Refusal = Refusal.ServerFull;
            if (!forwarding.Starting) Step(call, CallInput.LastAttemptFailed, now);
            return;
        }
        OpenForward(leg, call, forwarding, number, now);
        forwarding.Legs.Add(leg);
        call.Log.ForwardLeg(now, number, leg.Id, ForwardStage.Begun, 0, Refusal.None);
        if (!forwarding.AllAtOnce) TakeCaller(leg, call);
        Refusal refusal = leg.MaxForwards <= 0 ? Refusal.TooManyHops : Refusal.None;
        if (refusal == Refusal.None)
        {
            Arrival.Decide(FactsOf(leg, ArrivalKind.Forward), _entropy, leg.Log, now, _plan);
            TakePlan(leg);
            refusal = _plan.Refusal;
        }
        if (refusal != Refusal.None) EndByServer(leg, refusal, now);
        Step(leg, refusal == Refusal.None ? CallInput.Admitted : CallInput.Refused, now);
        Reschedule(leg);
    }

    private void OpenForward(Call leg, Call call, Forwarding forwarding, in DialString number, Instant now)
    {
        Phone phone = forwarding.Phone;
        _sequence++;
        leg.Id = CallId.Mint(now, _options.Index, _sequence);
        leg.State = CallState.Arrived;
        leg.Tables = call.Tables;
        leg.Phone = phone;
        leg.ForwardedFrom = call;
        leg.ForwardDepth = call.ForwardDepth + 1;
        leg.AlertSeconds = forwarding.Plan.AlertSeconds;
        leg.MaxForwards = call.MaxForwards - 1;
        leg.SdpSession = leg.SdpSessionToCallee = _entropy.NextUInt64() >> 2;
        leg.Dialled = leg.Callee = number;
        bool original = phone.Forwards.Display == ForwardDisplay.System ? call.Tables.Settings.Calls.ForwardUsingOriginalCaller : phone.Forwards.Display == ForwardDisplay.Original;
        leg.Caller = original ? call.Caller : phone.DisplayNumber;
        leg.Hidden = original && call.Hidden;
        leg.LateOffer = call.LateOffer;
        if (!call.LateOffer) leg.KeepSaid(MediaSide.Caller, call.SaidBy(MediaSide.Caller));
        leg.CallerSrtp = call.CallerSrtp; // the caller and its dialog are the same: so are its keys
        leg.Cdr = new Cdr
        {
            Call = leg.Id,
            Start = now,
            Revision = leg.Tables.Revision,
            CallerAddress = call.Cdr.CallerAddress,
            CallerAccessE164 = phone.NumberText,
            CalleeAccessE164 = number.ToString(),
            BillingMode = BillingMode.Phone,
        };
        leg.Log.Begin(now);
        leg.Log.Revision(now, leg.Tables.Revision);
        leg.Log.ForwardedFrom(now, phone.NumberText, call.Id);
        Counters.CallsArrived++;
        Counters.CallsOpen = OpenCalls;
    }

    /// <summary>The caller's leg goes from the call to the phone to the call that is to have it.</summary>
    private static void TakeCaller(Call leg, Call call)
    {
        LegParty party = new(true, PhoneOf(call, MediaSide.Caller), GatewayOf(call, MediaSide.Caller), TimerPermitted(call, MediaSide.Caller), MediaCheckOf(call, MediaSide.Caller), AudioOf(call, MediaSide.Caller));
        Call.SwapCallers(call, leg);
        leg.SetParty(MediaSide.Caller, party);
        call.CarriedBy = leg;
        if (leg.CallerInvite is { } invite) Own(leg, invite);
        MoveLease(call, leg);
    }

    private static void MoveLease(Call from, Call to)
    {
        if (!from.HasLease || to.HasLease) return;
        (to.Lease, to.LeaseLine, to.HasLease) = (from.Lease, from.LeaseLine, true);
        (to.FurtherLeases, from.FurtherLeases) = (from.FurtherLeases, to.FurtherLeases);
        from.HasLease = false;
    }

    private static void GiveCallerBack(Call leg, Call call)
    {
        Call.SwapCallers(call, leg);
        leg.SetParty(MediaSide.Caller, default);
        call.CarriedBy = null;
        if (call.CallerInvite is { } invite) Own(call, invite);
        MoveLease(leg, call);
    }

    /// <summary>A number that rang among others answered: the caller's leg comes to it, by way of every call it was forwarded from.</summary>
    private static void BringCaller(Call leg)
    {
        if (leg.CallerInvite is not null || leg.Taking is not null || leg.CallingBack is not null || leg.ForwardedFrom is not { } call) return;
        BringCaller(call);
        TakeCaller(leg, call);
    }

    /// <summary>The transfer a call is made for, also where the call to its target was forwarded to this one.</summary>
    private static Transfer? TransferOf(Call call)
    {
        for (Call? one = call; one is not null; one = one.ForwardedFrom)
        {
            if (one.Taking is { } transfer) return transfer;
        }
        return null;
    }

    // Among several the caller hears only that it rings: whose media it would hear is not decided.
    private void PassRinging(Call call, Instant now)
    {
        if (call.Forwarding is not { Rings: false } forwarding || call.State != CallState.Dialling) return;
        forwarding.Rings = true;
        NoteFirstSound(call, now);
        TellProgress(call, 180, withSdp: false, now);
        Reschedule(call);
    }

    /// <summary>One of the numbers answered and has the caller: the others are given up, and the call to the phone runs on for its money.</summary>
    private void OnForwardAnswered(Call leg, Instant now)
    {
        if (leg.ForwardedFrom is not { } call) return;
        leg.ForwardedFrom = null;
        Forwarding forwarding = call.Forwarding!;
        forwarding.Legs.Remove(leg);
        GiveUpLegs(call, forwarding, now);
        call.Log.ForwardLeg(now, leg.Dialled, leg.Id, ForwardStage.Answered, 0, Refusal.None);
        ReturnMedia(call);
        (call.TransferorSide, call.PlaceInCarrier) = (MediaSide.Callee, MediaSide.Caller);
        call.CallerLeft = call.CalleeLeft = true;
        call.CarriedBy = leg;
        call.NextCarried = leg.Carries;
        leg.Carries = call;
        if (call.Cdr.CallerPddMillis == 0) call.Cdr.CallerPddMillis = Math.Max(1, (int)(now - call.Cdr.Start).TotalMilliseconds);
        Step(call, CallInput.CalleeAnswered, now);
        call.CallerTimer.Stop();
        call.CalleeTimer.Stop();
        call.Watch.Stop();
        Reschedule(call);
    }

    private void GiveUpLegs(Call call, Forwarding forwarding, Instant now)
    {
        forwarding.Over = true;
        foreach (Call leg in forwarding.Legs.ToArray())
        {
            if (ReferenceEquals(call.CarriedBy, leg)) GiveCallerBack(leg, call);
            call.Log.ForwardLeg(now, leg.Dialled, leg.Id, ForwardStage.Left, 0, Refusal.None);
            leg.PeerReason = new ReasonCauses(ReasonCauses.CompletedElsewhere, 0);
            EndByCaller(leg, 487, now);
            Step(leg, CallInput.CallerCancelled, now);
            Reschedule(leg);
        }
    }

    /// <summary>A call is over before its answer. As one that forwards, it takes its numbers along; as one that was forwarded to, the next number follows, or nothing does any more.</summary>
    private void LeaveForward(Call leg, Instant now)
    {
        if (leg.Forwarding is { Over: false } own) GiveUpLegs(leg, own, now);
        if (leg.ForwardedFrom is not { } call) return;
        leg.ForwardedFrom = null;
        Forwarding forwarding = call.Forwarding!;
        forwarding.Legs.Remove(leg);
        if (forwarding.Over) return;
        bool hasCaller = ReferenceEquals(call.CarriedBy, leg);
        bool byCaller = leg.FinalStatus > 0 && leg.Cdr.EndDirection == EndDirection.Caller;
        if (hasCaller && (byCaller || leg.HungUp))
        {
            forwarding.Over = true;
            call.CarriedBy = null;
            call.Cdr.Stop = now;
            call.HungUp = leg.HungUp; // and so is the call that forwarded to this one
            if (byCaller) EndByCaller(call, leg.FinalStatus, now);
            else EndByServer(call, leg.Refusal, now);
            Step(call, byCaller ? CallInput.CallerCancelled : CallInput.ServerHangsUp, now);
        }
        else
        {
            if (hasCaller) GiveCallerBack(leg, call);
            (call.LastStatus, call.Refusal, call.FailedCause) = (leg.LastStatus, leg.Refusal, leg.FailedCause);
            call.Log.ForwardLeg(now, leg.Dialled, leg.Id, ForwardStage.Failed, leg.LastStatus, leg.Refusal);
            if (forwarding.Starting) return;
            if (!forwarding.AllAtOnce) ForwardToNext(call, forwarding, now);
            else if (forwarding.Legs.Count == 0) Step(call, CallInput.LastAttemptFailed, now);
        }
        Reschedule(call);
    }

    // RFC 5806 §4: who diverted last stands first. RFC 7044: the same from the first on, with our target at the end.
    private static void WriteDiversions(ref SipWriter w, Call call, in NetAddress us)
    {
        if (call.ForwardedFrom is null) return;
        int depth = 0;
        for (Call? from = call.ForwardedFrom; from is not null; from = from.ForwardedFrom, depth++)
        {
            w.OpenHeader(HeaderName.Diversion);
            w.Text((byte)'<');
            WriteSipUri(ref w, from.Forwarding!.Phone.Number, plus: false, us, call.Target?.LocalDomain);
            w.Text(">;reason="u8);
            w.Text(from.Forwarding.Cause switch
            {
                ForwardCause.Busy => "user-busy"u8,
                ForwardCause.NoAnswer => "no-answer"u8,
                ForwardCause.Offline => "unavailable"u8,
                ForwardCause.Period => "time-of-day"u8,
                ForwardCause.DoNotDisturb => "do-not-disturb"u8,
                _ => "unconditional"u8,
            });
            w.Text(";counter=1"u8);
            w.CloseHeader();
        }
        for (int place = depth; place >= 0; place--)
        {
            Call? from = place == 0 ? null : call;
            for (int i = 0; i < place; i++) from = from!.ForwardedFrom;
            w.OpenHeader(HeaderName.HistoryInfo);
            w.Text((byte)'<');
            WriteSipUri(ref w, from is null ? call.Dialled : from.Forwarding!.Phone.Number, plus: false, us, call.Target?.LocalDomain);
            if (from is not null)
            {
                w.Text("?Reason=SIP%3Bcause%3D"u8);
                w.Decimal(from.Forwarding!.Cause switch { ForwardCause.Busy or ForwardCause.DoNotDisturb => 486, ForwardCause.NoAnswer => 408, ForwardCause.Offline => 480, _ => 302 });
            }
            w.Text(">;index=1"u8);
            for (int i = place; i < depth; i++) w.Text(".1"u8);
            w.CloseHeader();
        }
    }

    // Who diverted the call before it came here.
    private static int DiversionsOf(SipMessage invite)
    {
        int count = 0;
        foreach (ReadOnlySpan<byte> _ in invite.Values(HeaderName.Diversion)) count++;
        return count;
    }
}
