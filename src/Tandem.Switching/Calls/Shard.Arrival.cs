using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Dialogs;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Identity;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Arrival: who calls, may they, whereto, and does the money do.
public sealed partial class Shard
{
    private const int IllegalCdrsPerSecond = 50;

    private static readonly TimeSpan LedgerPatience = TimeSpan.FromSeconds(2);

    private long _illegalSecond;
    private int _illegalInSecond;
    private readonly DecisionLog _illegalLog;

    private void OnNewInvite(SipMessage invite, ServerTransaction transaction, Instant now)
    {
        SwitchTables tables = _book.Current;
        (MappingGateway? gateway, Phone? phone) = (_visitor.Gateway, _visitor.Phone); // the door has let nobody else in
        if (invite.Has(HeaderName.Replaces))
        {
            OnReplacing(invite, transaction, gateway, phone, now);
            return;
        }

        Counters.CallsArrived++;
        bool timers = gateway?.SipTimer ?? phone!.SipTimer;
        Refusal refusal = ComesBackUnchanged(invite) ? Refusal.LoopDetected : Refusal.None;
        if (refusal != Refusal.None || RefusedBeforeCall(invite, tables, timers, out refusal))
        {
            RespondRefusal(invite, transaction, refusal, now, timers);
            return;
        }
        if (TakeCall() is not { } call)
        {
            RespondRefusal(invite, transaction, Refusal.ServerFull, now);
            return;
        }
        ulong tag = MintTag(call, MediaSide.Caller);
        call.CallerDialog.Requests = gateway?.Requests ?? phone!.Requests;
        call.CallerDialog.Responses = gateway?.Responses ?? phone!.Responses;
        if (!call.CallerDialog.TryOpenAsServer(invite, tag, transaction.Source, transaction.Listener))
        {
            Free(call);
            RespondRefusal(invite, transaction, Refusal.MalformedMessage, now);
            return;
        }
        Open(call, tables, invite, transaction, gateway, phone, now);
        NoteAllowed(call, MediaSide.Caller, invite);
        TransactionLayer.SetToTag(transaction, tag);
        _transactions.Respond(transaction, 100, [], now);
        call.Log.Message(now, MediaSide.Caller, sent: true, 100, invite.CSeqNumber);

        refusal = Admit(call, invite, now);
        if (refusal == Refusal.None && !call.Asks.IsEmpty)
        {
            Step(call, CallInput.NumberUnknown, now);
        }
        else if (refusal != Refusal.None)
        {
            EndByServer(call, refusal, now);
            Step(call, CallInput.Refused, now);
        }
        else
        {
            Step(call, CallInput.Admitted, now);
        }
        Reschedule(call);
    }

    // RFC 3261 §16.3: an INVITE of ours that came back by way of the carrier still has our tag and Call-ID. For the number its call came in with it
    // would go round again; for another number it is a spiral, and goes its way with one hop less.
    private bool ComesBackUnchanged(SipMessage invite)
    {
        if (!Base32.TryRead(invite.FromTag, out ulong tag) || (int)(tag >> 41) >= _calls.Count || ((tag >> 40) & 1) != (ulong)MediaSide.Callee) return false;
        Call call = _calls[(int)(tag >> 41)];
        if (call.State == CallState.Gone || call.CalleeDialog.LocalTag != tag || !call.CalleeDialog.CallId.SequenceEqual(invite.CallId)) return false;
        return SipUri.TryParse(invite.RequestUri, out SipUri uri) && uri.TryGetDialString(out DialString callee) && callee.ToString() == call.Cdr.CalleeAccessE164;
    }

    // What is wrong with the request itself, or with the hour, before it is a call.
    private bool RefusedBeforeCall(SipMessage invite, SwitchTables tables, bool timers, out Refusal refusal)
    {
        refusal = _closed ? Refusal.ServerStopping
            : invite.MaxForwards == 0 ? Refusal.TooManyHops
            : !UnderstandsAllRequired(invite, timers) ? Refusal.UnsupportedExtension
            : timers && SessionTimer.AsksTooShort(invite, tables.Settings.Sip.SessionRules) ? Refusal.SessionTooShort
            : !invite.Body.IsEmpty && !IsSdp(invite.ContentType) ? Refusal.UnsupportedMedia
            : !invite.Body.IsEmpty && _sdp.Parse(invite) != SdpDefect.None ? Refusal.MalformedMessage
            : !invite.Body.IsEmpty && _sdp.FirstRelayable() < 0 ? Refusal.CodecMismatch // nothing the switch could relay is offered
            : Refusal.None;
        return refusal != Refusal.None;
    }

    private static bool UnderstandsAllRequired(SipMessage request, bool timers)
    {
        foreach (ReadOnlySpan<byte> option in request.Values(HeaderName.Require))
        {
            if (!Understands(option, timers)) return false;
        }
        return true;
    }

    // Timers are not understood with a device that is to be spared them.
    private static bool Understands(ReadOnlySpan<byte> option, bool timers) =>
        System.Text.Ascii.EqualsIgnoreCase(option, "100rel"u8) || System.Text.Ascii.EqualsIgnoreCase(option, "replaces"u8) || System.Text.Ascii.EqualsIgnoreCase(option, "norefersub"u8) || (timers && System.Text.Ascii.EqualsIgnoreCase(option, "timer"u8));

    private static bool IsSdp(ReadOnlySpan<byte> contentType)
    {
        int semicolon = contentType.IndexOf((byte)';');
        ReadOnlySpan<byte> type = semicolon < 0 ? contentType : contentType[..semicolon];
        return System.Text.Ascii.EqualsIgnoreCase(type.Trim((byte)' '), "application/sdp"u8);
    }

    private void RespondRefusal(SipMessage request, ServerTransaction transaction, Refusal refusal, Instant now, bool timers = true)
    {
        Counters.CallsRefused++;
        SendRefusal(request, transaction, refusal, now, timers);
    }

    private void SendRefusal(SipMessage request, ServerTransaction transaction, Refusal refusal, Instant now, bool timers = true)
    {
        SipWriter w = _transactions.BeginResponse(transaction, refusal.Meaning().SipStatus, []);
        if (refusal == Refusal.UnsupportedExtension)
        {
            foreach (ReadOnlySpan<byte> token in request.Values(HeaderName.Require))
            {
                if (!Understands(token, timers)) w.Header(HeaderName.Unsupported, token);
            }
        }
        if (refusal == Refusal.SessionTooShort) w.Header(HeaderName.MinSE, _book.Current.Settings.Sip.SessionRules.MinSE);
        if (refusal == Refusal.UnsupportedMedia) w.Header(HeaderName.Accept, "application/sdp"u8);
        if (refusal is Refusal.ServerFull) w.Header(HeaderName.RetryAfter, 5);
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
    }

    private void Open(Call call, SwitchTables tables, SipMessage invite, ServerTransaction transaction, MappingGateway? gateway, Phone? phone, Instant now)
    {
        _sequence++;
        call.Id = CallId.Mint(now, _options.Index, _sequence);
        call.State = CallState.Arrived;
        call.Tables = tables;
        call.CallerInvite = transaction;
        Own(call, transaction);
        call.Gateway = gateway;
        call.Phone = phone;
        call.Trunk = _visitor.Id.Trunk;
        call.From = _visitor.Id;
        call.Draw = _entropy.NextUInt32();
        call.ForwardDepth = DiversionsOf(invite);
        call.MaxForwards = invite.MaxForwards < 0 ? 70 : Math.Min(invite.MaxForwards, 70);
        call.SdpSession = call.SdpSessionToCallee = _entropy.NextUInt64() >> 2;
        call.CallerTimer.Begin(TimerPermitted(call, MediaSide.Caller));
        call.CallerTimer.Ask(invite);
        if (gateway?.UnansweredSeconds > 0) call.UnansweredEndsAt = now + TimeSpan.FromSeconds(gateway.UnansweredSeconds);
        call.LateOffer = invite.Body.IsEmpty;
        call.CallerReliableOnly = invite.Lists(HeaderName.Require, "100rel"u8);
        call.CallerReliable = call.CallerReliableOnly || ((gateway?.Sip100Rel ?? phone!.Sip100Rel) && invite.Lists(HeaderName.Supported, "100rel"u8));
        if (!call.LateOffer)
        {
            call.Offer = _pool.Copy(invite.Body);
            call.OfferLength = invite.Body.Length;
        }
        call.Cdr = new Cdr
        {
            Call = call.Id,
            Start = now,
            Revision = tables.Revision,
            CallerAddress = transaction.Source,
            CallerGateway = gateway?.Name ?? "",
            BillingMode = gateway is not null ? BillingMode.MappingGateway : BillingMode.Phone,
        };
        call.Log.Begin(now);
        call.Log.Revision(now, tables.Revision);
        call.Log.Message(now, MediaSide.Caller, sent: false, "INVITE"u8, invite.CSeqNumber);
        Counters.CallsOpen = OpenCalls;
    }

    // What the plan says is done: the numbers, the targets and the payer noted, the caller's line taken.
    private Refusal Admit(Call call, SipMessage invite, Instant now)
    {
        if (!ReadNumbers(call, invite, now)) return Refusal.InvalidNumber;
        if (OpenCallerSrtp(call) is not Refusal.None and var notAgreed)
        {
            NoteNumbers(call);
            return notAgreed;
        }
        Arrival.Decide(FactsOf(call, ArrivalKind.Call), _entropy, call.Log, now, _plan);
        TakePlan(call);
        CountCall(call, now);
        if (_plan.Refusal != Refusal.None) return _plan.Refusal;
        // It had a line a moment ago; a call on another shard may have been quicker.
        return TakeCallerLine(call, now) ? Refusal.None : Refusal.GatewayBusy;
    }

    private ArrivalFacts FactsOf(Call call, ArrivalKind kind) => new()
    {
        Tables = call.Tables,
        Kind = kind,
        From = kind == ArrivalKind.Call ? call.From : new CallerId(call.Gateway, call.Phone, CallerRule.Stated),
        Source = kind == ArrivalKind.Call ? call.Cdr.CallerAddress : default,
        Caller = call.Caller,
        Callee = call.Callee,
        World = World,
        Draw = call.Draw,
        Live = true,
        Money = _desk.Ledger.Figures,
        Locations = _locations,
    };

    private void TakePlan(Call call)
    {
        call.Payer = _plan.Payer;
        call.Caller = _plan.Caller;
        call.Callee = _plan.Callee;
        NoteNumbers(call);
        call.TargetPhone = _plan.TargetPhone;
        (call.Forward, call.ForwardCause) = (_plan.Forward, _plan.ForwardCause);
        if (_plan.Forward is not null && _plan.ForwardCause == ForwardCause.Reserved) World.Reserved.Take(_plan.TargetPhone!.Number, _plan.ReservedFor);
        call.RetryAfter = _plan.RetryAfter;
        foreach (ref readonly Candidate candidate in _plan.Candidates.Eligible) call.AddTarget(candidate.Gateway);
        call.Cdr.Sale = _plan.Sale;
        call.Asks = _plan.Asks;
        if (_plan.CallerArea.Code.Length > 0) call.Cdr.CallerAreaCode = _plan.CallerArea.Code;
        if (_plan.CalleeArea.Code.Length > 0) call.Cdr.CalleeAreaCode = _plan.CalleeArea.Code;
        call.RoutedBy = _plan.RoutedBy;
        call.Cdr.Further = _plan.Further;
        call.MonthlyLimitNanos = _plan.MonthlyLimitNanos;
        call.Cdr.CalleeBilling = _plan.CalleeBilling;
        call.Cdr.BillingMode = _plan is { Refusal: Refusal.None, Sale: null } ? BillingMode.NotBilled : _plan.BillingMode;
        call.Destination = _plan.Destination;
    }

    private static void NoteNumbers(Call call)
    {
        call.Cdr.CallerE164 = call.Caller.ToString();
        call.Cdr.CalleeE164 = call.Callee.ToString();
    }

    private static bool TakeCallerLine(Call call, Instant now)
    {
        GatewayState state = call.Gateway?.State ?? call.Phone!.State;
        if (!state.TryTakeLine(call.Gateway?.Capacity ?? call.Phone!.LineCapacity, call.Gateway?.PublishedAt(now) ?? 0)) return false;
        call.CallerLine = state;
        return true;
    }

    private DialString Rewrite(Call call, DialPlan plan, in DialString number, string whose, Instant now, out bool fits) =>
        Arrival.Rewrite(plan, number, whose, _entropy, call.Log, now, out fits);

    // A desk on another loop reads the CDR while we go on writing it: it gets a copy, but for the last, which nobody writes any more.
    private bool PostToDesk(LedgerRequest request)
    {
        if (_wakeDesk is not null && request.Kind != LedgerRequestKind.Close) request.Cdr = request.Cdr?.Copy();
        if (!_desk.TryPost(request)) return false;
        _wakeDesk?.Invoke();
        return true;
    }

    // Who nearly was the caller: what an operator looks for when a customer says that he called.
    private byte[] StoryOfIllegal(SwitchTables tables, SipMessage invite, in NetAddress source, Refusal refusal, Instant now)
    {
        _illegalLog.Begin(now);
        _illegalLog.Revision(now, tables.Revision);
        _illegalLog.Message(now, MediaSide.Caller, sent: false, "INVITE"u8, invite.CSeqNumber);
        if (_visitor is { Standing: Standing.WrongCredentials, Id: { Rule: CallerRule.GatewayDigest, Gateway: { } misplaced } }) _illegalLog.NearMiss(now, misplaced.Name, NearMissKind.OtherAddress, misplaced.CallPrefix);
        Arrival.LogNearMisses(tables, source, new CalledBy(invite), null, _illegalLog, now);
        _illegalLog.Refused(now, refusal);
        _illegalLog.Ended(now, (int)EndDirection.Server, refusal.Meaning().EndReason);
        byte[] story = _illegalLog.Written.ToArray();
        _illegalLog.Release();
        return story;
    }

    // An illegal call leaves a CDR that costs nobody anything; a flood of them only so many a second, the rest is counted.
    private void RecordIllegal(SwitchTables tables, SipMessage invite, in NetAddress source, Refusal refusal, Instant now)
    {
        if (!tables.Settings.Cdr.RecordIllegal) return;
        long second = now.Micros / 1_000_000;
        if (second != _illegalSecond)
        {
            _illegalSecond = second;
            _illegalInSecond = 0;
        }
        if (++_illegalInSecond > IllegalCdrsPerSecond)
        {
            Counters.IllegalCdrsSuppressed++;
            return;
        }
        NumberReader.TryNumberOf(invite.From, out DialString caller);
        DialString callee = default;
        if (SipUri.TryParse(invite.RequestUri, out SipUri uri)) uri.TryGetDialString(out callee);
        _sequence++;
        var cdr = new Cdr
        {
            Call = CallId.Mint(now, _options.Index, _sequence),
            Start = now,
            Stop = now,
            Revision = tables.Revision,
            CallerE164 = caller.ToString(),
            CalleeE164 = callee.ToString(),
            CallerAccessE164 = caller.ToString(),
            CalleeAccessE164 = callee.ToString(),
            CallerAddress = source,
            EndDirection = EndDirection.Server,
            EndReason = refusal.Meaning().EndReason,
            Refusal = refusal,
            Hidden = tables.Settings.Billing is { RecordIllegalCall: true, RecordZeroHoldTime: true } ? HiddenFrom.Nobody : HiddenFrom.Database,
        };
        cdr.DecisionLog = StoryOfIllegal(tables, invite, source, refusal, now);
        // Slot −1: nobody waits for the answer.
        PostToDesk(new LedgerRequest { Kind = LedgerRequestKind.Close, Shard = _options.Index, Slot = -1, Call = cdr.Call, Cdr = cdr });
    }
}
