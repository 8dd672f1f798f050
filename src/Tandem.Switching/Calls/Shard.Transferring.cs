using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Calls;

// Transferring: REFER is carried out here, not passed on (RFC 3515, RFC 5589; docs/transfers.md).
public sealed partial class Shard
{
    /// <summary>Transfers one after another that may hang on one conversation.</summary>
    private const int MostTransfers = 8;

    private static readonly TimeSpan BridgeAgain = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BridgePatience = TimeSpan.FromSeconds(32);

    private void OnRefer(SipMessage refer, ServerTransaction transaction, Instant now)
    {
        if (FindDialog(refer, transaction.Source, out MediaSide leg, out Sip.Dialogs.Dialog dialog) is not { } call || call.State is CallState.Settling or CallState.Farewell)
        {
            _transactions.Respond(transaction, 481, [], now);
            return;
        }
        if (!TakeCSeq(dialog, refer))
        {
            _transactions.Respond(transaction, 500, "CSeq Out Of Order"u8, now);
            return;
        }
        call.Log.Message(now, leg, sent: false, "REFER"u8, refer.CSeqNumber);
        int status = RefusedToTransfer(call, refer, leg, out DialString number, out Call? target, out MediaSide place);
        var asked = new ReferAsked(transaction, refer.CSeqNumber, WantsNoNotify(refer.Header(HeaderName.ReferSub)));
        if (status == 420) SendRefusal(refer, transaction, Refusal.UnsupportedExtension, now);
        else if (status == 0 && target is null) status = TransferToNumber(call, leg, number, asked, now);
        else if (status == 0) TransferToCall(call, leg, target!, place, asked, now);
        if (status is not (0 or 420)) _transactions.Respond(transaction, status, [], now);
        if (status != 0) call.Log.Message(now, leg, sent: true, status, asked.CSeq);
        Reschedule(call);
    }

    private int RefusedToTransfer(Call call, SipMessage refer, MediaSide leg, out DialString number, out Call? target, out MediaSide place)
    {
        number = default;
        target = null;
        place = default;
        if (!MayTransfer(_book.Current, call, leg)) return 403;
        if (!UnderstandsAllRequired(refer, timers: true)) return 420;
        if (_closed) return 503;
        if (call.State != CallState.Answered || call.AckAwaited || call.Giving is not null || call.Taking is not null) return 491;
        if (TransfersOf(call) >= MostTransfers) return 403;
        // RFC 3515 §2.4.1: exactly one.
        if (!NameAddress.TryParse(refer.Header(HeaderName.ReferTo), out NameAddress to) || !SipUri.TryParse(to.Uri, out SipUri uri)) return 400;
        if (uri.TryGetParam("method"u8, out ReadOnlySpan<byte> method) && !method.SequenceEqual("INVITE"u8)) return 400;
        if (!Replaced.TryFind(uri.Headers, out bool wanted, out ReplacedDialog replaced)) return 400;
        if (wanted)
        {
            Span<byte> text = stackalloc byte[ReplacedDialog.MaxBytes];
            target = Replaced.TryRead(replaced.Unescape(text), out ReplacedNames names) ? FindReplaced(names, out place) : null;
            if (target is null || HasLeft(target, place)) return 481; // it left by a transfer, and may not have heard our BYE yet
            if (ReferenceEquals(target, call) || !IsSameParty(call, leg, target, place)) return 403;
            if (target.State != CallState.Answered || target.AckAwaited || target.Giving is not null || target.Taking is not null || target.Change != ChangeState.Idle) return 491;
            if (TransfersOf(call) + TransfersOf(target) >= MostTransfers) return 403;
            return 0;
        }
        return uri.TryGetDialString(out number) && !number.IsEmpty ? 0 : 484;
    }

    private static bool WantsNoNotify(ReadOnlySpan<byte> referSub)
    {
        int end = referSub.IndexOf((byte)';');
        return System.Text.Ascii.EqualsIgnoreCase((end < 0 ? referSub : referSub[..end]).Trim(" \t"u8), "false"u8);
    }

    private static int TransfersOf(Call call)
    {
        int count = 0;
        for (Call? carried = call.Carries; carried is not null; carried = carried.NextCarried) count += 1 + TransfersOf(carried);
        return count;
    }

    private static bool MayTransfer(Routing.SwitchTables tables, Call call, MediaSide leg)
    {
        FindParty(tables, call, leg, out MappingGateway? gateway, out Phone? phone);
        return phone?.CallTransfer ?? gateway?.CallTransfer ?? false;
    }

    // As the tables of now have them, for a call that is decided by those: the party's call may be older.
    private static void FindParty(Routing.SwitchTables tables, Call call, MediaSide leg, out MappingGateway? gateway, out Phone? phone)
    {
        gateway = null;
        phone = null;
        if (PhoneOf(call, leg) is { } known) tables.TryFindPhone(known.Number, out phone);
        else if (GatewayOf(call, leg) is { } of) tables.TryFindMappingGateway(of.Name, out gateway);
    }

    private static bool IsSameParty(Call one, MediaSide leg, Call other, MediaSide place) =>
        PhoneOf(one, leg) is { } phone ? PhoneOf(other, place)?.Number == phone.Number
        : GatewayOf(one, leg) is { } gateway && GatewayOf(other, place)?.Name == gateway.Name;

    private Call? FindReplaced(in ReplacedNames names, out MediaSide place)
    {
        place = default;
        return Base32.TryRead(names.Ours, out ulong tag) && LookUpTag(tag, names.Theirs, out place, out Sip.Dialogs.Dialog dialog) is { } call
            && dialog.CallId.SequenceEqual(names.CallId) && dialog.RemoteTag.SequenceEqual(names.Theirs)
            ? call : null;
    }

    // ---- to a number: a call of its own, which the transferor pays

    private int TransferToNumber(Call from, MediaSide leg, in DialString number, ReferAsked asked, Instant now)
    {
        if (TakeCall() is not { } call) return 503;
        Transfer transfer = new() { From = from, Asker = leg, To = call, Place = MediaSide.Caller, Attended = false, Quiet = asked.Quiet };
        OpenTransferred(call, transfer, number, now);
        Accept(transfer, asked, now);
        Proceed(call, AdmitOwn(call, ArrivalKind.Transfer, now), now);
        return 0;
    }

    /// <summary>A call of the switch's own making goes on to its money and its first attempt, or is over.</summary>
    private void Proceed(Call call, Refusal refusal, Instant now)
    {
        if (refusal != Refusal.None) EndByServer(call, refusal, now);
        Step(call, refusal == Refusal.None ? CallInput.Admitted : CallInput.Refused, now);
        Reschedule(call);
    }

    private static void BindTransfer(Transfer transfer, Instant now)
    {
        transfer.From.Giving = transfer.To.Taking = transfer;
        transfer.Target = (transfer.To.Id, NumberOf(transfer.To, OtherSide(transfer.Place)));
        LogTransfer(transfer, TransferStage.Asked, now);
    }

    private void Accept(Transfer transfer, ReferAsked asked, Instant now)
    {
        SipWriter w = _transactions.BeginResponse(asked.Transaction, 202, []);
        WriteContact(ref w, DialogOf(transfer.From, transfer.Asker));
        if (asked.Quiet) w.Header(HeaderName.ReferSub, "false"u8);
        w.End();
        _transactions.SendResponse(asked.Transaction, w.Length, now);
        transfer.From.Log.Message(now, transfer.Asker, sent: true, 202, asked.CSeq);
        BindTransfer(transfer, now);
        Notify(transfer, 100, final: false, now);
    }

    private void OpenTransferred(Call call, Transfer transfer, in DialString number, Instant now)
    {
        (Call from, MediaSide leg) = (transfer.From, transfer.Asker);
        Routing.SwitchTables tables = _book.Current;
        FindParty(tables, from, leg, out MappingGateway? gateway, out Phone? phone);
        bool original = tables.Settings.Calls.TransferNormalDisplay == TransferDisplay.Original;
        OpenOwn(call, phone, gateway, number, original ? NumberOf(from, transfer.Transferee) : phone?.DisplayNumber ?? NumberOf(from, leg), now);
        call.Cdr.CallerAddress = DialogOf(from, leg).Flow;
        call.Cdr.CallerAccessE164 = NumberOf(from, leg).ToString();
        OfferTransferred(call, from, leg);
    }

    /// <summary>A call that no INVITE asked for: a phone or gateway makes it all the same, and pays.</summary>
    private void OpenOwn(Call call, Phone? phone, MappingGateway? gateway, in DialString number, in DialString caller, Instant now)
    {
        _sequence++;
        call.Id = CallId.Mint(now, _options.Index, _sequence);
        call.State = CallState.Arrived;
        call.Tables = _book.Current;
        (call.Gateway, call.Phone) = (gateway, phone);
        call.MaxForwards = 70;
        call.SdpSession = call.SdpSessionToCallee = _entropy.NextUInt64() >> 2;
        call.Dialled = call.Callee = number;
        call.Caller = caller;
        call.Cdr = new Cdr
        {
            Call = call.Id,
            Start = now,
            Revision = call.Tables.Revision,
            CallerGateway = gateway?.Name ?? "",
            CalleeAccessE164 = number.ToString(),
            BillingMode = gateway is not null ? BillingMode.MappingGateway : BillingMode.Phone,
        };
        call.Log.Begin(now);
        call.Log.Revision(now, call.Tables.Revision);
        Counters.CallsArrived++;
        Counters.CallsOpen = OpenCalls;
    }

    // What the transferor was told of the transferee's media is what the target is offered.
    private void OfferTransferred(Call call, Call from, MediaSide leg)
    {
        Span<byte> sdp = stackalloc byte[SdpLimits.Bytes];
        int length = WithoutDirection(from.SdpTowards(leg), sdp);
        call.LateOffer = length == 0;
        if (length > 0) call.KeepSaid(MediaSide.Caller, sdp[..length]);
        call.CallerSrtp = Anew(from.SrtpOf(leg));
    }

    private static DialString NumberOf(Call call, MediaSide side) => side == MediaSide.Caller ? call.Caller : call.Callee;

    // Who was on hold is to be heard again (RFC 3264 §8.4): without the attribute the direction is both.
    private static int WithoutDirection(ReadOnlySpan<byte> sdp, Span<byte> room)
    {
        int length = 0;
        while (!sdp.IsEmpty)
        {
            int end = sdp.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? sdp : sdp[..(end + 1)];
            sdp = sdp[line.Length..];
            if (line.StartsWith("a=sendonly"u8) || line.StartsWith("a=recvonly"u8) || line.StartsWith("a=inactive"u8)) continue;
            if (length + line.Length > room.Length) return 0;
            line.CopyTo(room[length..]);
            length += line.Length;
        }
        return length;
    }

    // As any call of the transferor's, but that it needs no line more: it gives one up when the transfer is done.
    private Refusal AdmitOwn(Call call, ArrivalKind kind, Instant now)
    {
        Arrival.Decide(FactsOf(call, kind), _entropy, call.Log, now, _plan);
        TakePlan(call);
        return _plan.Refusal == Refusal.None && call.LateOffer ? Refusal.CodecMismatch : _plan.Refusal;
    }

    // ---- to a call the transferor has already

    private void TransferToCall(Call from, MediaSide leg, Call target, MediaSide place, ReferAsked asked, Instant now)
    {
        Transfer transfer = new() { From = from, Asker = leg, To = target, Place = place, Attended = true, Quiet = asked.Quiet };
        Accept(transfer, asked, now);
        BeginBridge(transfer, now);
        Reschedule(target);
    }

    // ---- progress, failure

    // In the story of either call, each naming the other.
    private static void LogTransfer(Transfer transfer, TransferStage stage, Instant now, int status = 0)
    {
        (Call from, Call to) = (transfer.From, transfer.To);
        DialString who = NumberOf(from, transfer.Transferee);
        (CallId id, DialString target) = transfer.Target;
        from.Log.Transferred(now, who, target, id, stage, status);
        if (!transfer.TargetGone) to.Log.Transferred(now, who, target, from.Id, stage, status);
    }

    /// <summary>NOTIFY of the implicit subscription (RFC 3515 §2.4.4, §2.4.5).</summary>
    private void Notify(Transfer transfer, int status, bool final, Instant now)
    {
        if (transfer.AskerLeft || transfer.Quiet) return;
        Sip.Dialogs.Dialog dialog = DialogOf(transfer.From, transfer.Asker);
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction notify = Begin(dialog, SipMethod.Notify, branch);
        uint cseq = ++dialog.LocalCSeq;
        var w = new SipWriter(_text);
        dialog.WriteRequest(ref w, SipMethod.Notify, branch, cseq, 70);
        WriteContact(ref w, dialog);
        w.Header(HeaderName.Event, "refer"u8);
        w.Header(HeaderName.SubscriptionState, final ? "terminated;reason=noresource"u8 : "active;expires=180"u8);
        Span<byte> fragment = stackalloc byte[96];
        var line = new SipWriter(fragment);
        line.Status(status, []);
        w.Body("message/sipfrag;version=2.0"u8, line.Written);
        if (w.Overflowed)
        {
            _transactions.Discard(notify);
            return;
        }
        Own(transfer.From, notify, transfer.Asker);
        _transactions.Start(notify, w.Written, cseq, now);
        transfer.From.Log.Message(now, transfer.Asker, sent: true, "NOTIFY"u8, cseq);
    }

    /// <summary>The call to the target is over and its CDR is in the journal: the transferor has its call back, or nobody has.</summary>
    private void OnTransferFailed(Transfer transfer, int status, Instant now)
    {
        Notify(transfer, status, final: true, now);
        LogTransfer(transfer, TransferStage.Failed, now, status);
        (Call from, Call to) = (transfer.From, transfer.To);
        from.Giving = null;
        if (from.CallingBack is { } callback && !to.HungUp) CallOut(from, callback, now);
        else if (transfer.AskerLeft) HangUp(from, from.CallingBack is null ? Refusal.TransferFailed : Refusal.CallbackFailed, now, now);
        Reschedule(from);
        if (transfer.TargetGone) return;
        to.Taking = null;
        ReturnAfterBridge(transfer);
        if (transfer is { Attended: true, AskerLeftTarget: true }) HangUp(to, Refusal.TransferFailed, now, now);
        Reschedule(to);
    }

    /// <summary>The target's call is over before the hand-over; its CDR is in the journal.</summary>
    private void OnTargetGone(Transfer transfer, Call call, Instant now)
    {
        call.Taking = null;
        int status = call.FinalStatus > 0 ? call.FinalStatus : 480;
        transfer.TargetGone = true;
        if (transfer.Bridging) return; // the transferee is still asked: what it says decides what is to be mended
        OnTransferFailed(transfer, status, now);
    }

    /// <summary>The call in which the transfer was asked for ends before it is done.</summary>
    private void AbandonTransfer(Call from, Instant now)
    {
        if (from.Giving is not { } transfer) return;
        from.Giving = null;
        if (transfer.TargetGone) return;
        Call call = transfer.To;
        call.Taking = null;
        call.BridgeAt = Instant.Never;
        if (transfer.Attended)
        {
            if (transfer.Bridging) call.Change = ChangeState.Idle;
            ReturnAfterBridge(transfer);
            if (transfer.AskerLeftTarget) HangUp(call, Refusal.TransferFailed, now, now);
        }
        else if (call.State == CallState.Answered)
        {
            call.Cdr.Stop = Instant.Min(now, Instant.Min(call.MoneyEndsAt, call.DurationEndsAt));
            NoteEnd(call, EndDirection.Caller, 200, now);
            Step(call, CallInput.CallerHungUp, now);
        }
        else if (call.State is CallState.Authorising or CallState.Dialling)
        {
            EndByCaller(call, 487, now);
            Step(call, CallInput.CallerCancelled, now);
        }
        Reschedule(call);
    }

    /// <summary>BYE of the transferor while its transfer is under way (RFC 5589 §6): it leaves, the others are not disturbed. True: answered.</summary>
    private bool LeavesTransfer(Call call, MediaSide leg, ServerTransaction bye, Instant now)
    {
        if (HasLeft(call, leg))
        {
            _transactions.Respond(bye, 200, [], now); // its BYE and ours crossed
            return true;
        }
        if (call.State != CallState.Answered) return false;
        if (call.Giving is { } giving && leg == giving.Asker) giving.AskerLeft = true;
        else if (call.Taking is { Attended: true } taking && leg == taking.Place) taking.AskerLeftTarget = true;
        else return false;
        call.Log.Message(now, leg, sent: false, "BYE"u8, 0);
        _transactions.Respond(bye, 200, [], now);
        Leave(call, leg);
        return true;
    }

    private static bool HasLeft(Call call, MediaSide leg) => leg == MediaSide.Caller ? call.CallerLeft || call.CallingBack is not null : call.CalleeLeft;

    /// <summary>Nobody is on this leg any more; its line is free and its session timer stands.</summary>
    private static void Leave(Call call, MediaSide leg)
    {
        TimerOf(call, leg).Stop();
        if (leg == MediaSide.Caller)
        {
            call.CallerLeft = true;
            call.CallerLine?.ReleaseLine();
            call.CallerLine = null;
        }
        else
        {
            call.CalleeLeft = true;
            ReleaseCalleeLine(call);
        }
    }
}
