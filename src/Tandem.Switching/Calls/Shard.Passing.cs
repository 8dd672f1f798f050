using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;

namespace Tandem.Switching.Calls;

// Passing: what the ends of a call say to each other beside the session: INFO, MESSAGE, and the events of a few packages (docs/calls.md).
public sealed partial class Shard
{
    private const int MaxPassedBody = 8192;

    private void OnPassAsked(SipMessage request, ServerTransaction transaction, Instant now)
    {
        if (FindDialog(request, transaction.Source, out MediaSide leg, out Sip.Dialogs.Dialog dialog) is not { } call || call.State is CallState.Settling or CallState.Farewell)
        {
            _transactions.Respond(transaction, 481, [], now);
            return;
        }
        if (!TakeCSeq(dialog, request))
        {
            _transactions.Respond(transaction, 500, "CSeq Out Of Order"u8, now);
            return;
        }
        call.Log.Message(now, leg, sent: false, request.Method.Token(), request.CSeqNumber);
        TimerOf(call, leg).Heard = now;
        int status = RefusedToPass(call, request, leg);
        if (status == 0 && TakesKey(call, request, transaction, leg, now)) return;
        if (status == 0 && !Pass(call, request, transaction, OtherSide(leg), now)) status = 513;
        if (status == 0) return;
        RefuseToPass(transaction, status, now);
        call.Log.Message(now, leg, sent: true, status, request.CSeqNumber);
    }

    private static int RefusedToPass(Call call, SipMessage request, MediaSide leg) =>
        RefusedAsMessage(request) is not 0 and var wrong ? wrong
        : request.Method is SipMethod.Notify or SipMethod.Subscribe && !IsPassedPackage(request.Header(HeaderName.Event)) ? 489
        : DialogOf(call, OtherSide(leg)).RemoteTag.IsEmpty || HasLeft(call, OtherSide(leg)) ? 480 // nobody has answered yet, not even provisionally
        : 0;

    private static int RefusedAsMessage(SipMessage request) =>
        request.MaxForwards == 0 ? 483
        : request.Has(HeaderName.Require) ? 420
        : request.Has(HeaderName.ContentEncoding) ? 415
        : request.Body.Length > MaxPassedBody ? 413
        : !request.Body.IsEmpty && request.ContentType.IsEmpty ? 400
        : 0;

    // DTMF by key press (RFC 4730) and the remote control of phones. Packages whose bodies name parties and addresses are not for the other end.
    private static bool IsPassedPackage(ReadOnlySpan<byte> package)
    {
        int end = package.IndexOf((byte)';');
        package = (end < 0 ? package : package[..end]).Trim(" \t"u8);
        return Ascii.EqualsIgnoreCase(package, "kpml"u8) || Ascii.EqualsIgnoreCase(package, "talk"u8) || Ascii.EqualsIgnoreCase(package, "hold"u8);
    }

    private void RefuseToPass(ServerTransaction transaction, int status, Instant now)
    {
        SipWriter w = _transactions.BeginResponse(transaction, status, []);
        if (status == 489) w.Header(HeaderName.AllowEvents, "kpml, talk, hold"u8);
        if (status == 415) w.Header(HeaderName.AcceptEncoding, "identity"u8);
        w.End();
        _transactions.SendResponse(transaction, w.Length, now);
    }

    private bool Pass(Call call, SipMessage request, ServerTransaction transaction, MediaSide far, Instant now)
    {
        Sip.Dialogs.Dialog dialog = DialogOf(call, far);
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction passed = Begin(dialog, request.Method, branch);
        uint cseq = ++dialog.LocalCSeq;
        var w = new SipWriter(_text);
        dialog.WriteRequest(ref w, request.Method, branch, cseq, (request.MaxForwards < 0 ? 70 : request.MaxForwards) - 1);
        if (request.Method is SipMethod.Notify or SipMethod.Subscribe) WriteContact(ref w, dialog);
        WriteContent(ref w, request);
        if (w.Overflowed)
        {
            _transactions.Discard(passed);
            return false;
        }
        Own(call, passed, far);
        TransactionLayer.Tie(passed, transaction);
        _transactions.Start(passed, w.Written, cseq, now);
        call.Log.Message(now, far, sent: true, request.Method.Token(), cseq);
        return true;
    }

    // The body and what says how to read it; nothing else of a leg passes.
    private static void WriteContent(ref SipWriter w, SipMessage request)
    {
        if (request.Method == SipMethod.Info) CopyHeader(ref w, request, HeaderName.InfoPackage);
        if (request.Method is SipMethod.Notify or SipMethod.Subscribe)
        {
            CopyHeader(ref w, request, HeaderName.Event);
            CopyHeader(ref w, request, HeaderName.SubscriptionState);
            CopyHeader(ref w, request, HeaderName.Expires);
        }
        CopyHeader(ref w, request, HeaderName.ContentDisposition);
        if (request.Body.IsEmpty) w.End();
        else w.Body(request.ContentType, request.Body);
    }

    private static void CopyHeader(ref SipWriter w, SipMessage request, HeaderName name)
    {
        if (request.Has(name)) w.Header(name, request.Header(name));
    }

    private static bool IsPassed(SipMethod method) => method is SipMethod.Info or SipMethod.Message or SipMethod.Notify or SipMethod.Subscribe;

    /// <summary>The far end's answer, to whoever asked; the call itself may be over by now.</summary>
    private void OnPassedAnswered(SipMessage response, ClientTransaction transaction, Instant now)
    {
        if (response.Status < 200) return;
        MediaSide far = (MediaSide)transaction.Leg;
        Call? call = OwnerOf(transaction.Owner, transaction.OwnerStamp);
        call?.Log.Message(now, far, sent: false, response.Status, response.CSeqNumber);
        if (!TransactionLayer.TryGetTied(transaction, out ServerTransaction? asked)) return;
        int status = response.Status < 300 ? response.Status : StatusForAsker(response.Status);
        SipWriter w = _transactions.BeginResponse(asked, status, []);
        if (status < 300 && asked.Method == SipMethod.Subscribe) CopyHeader(ref w, response, HeaderName.Expires);
        w.End();
        _transactions.SendResponse(asked, w.Length, now);
    }

    // RFC 4320 §4.2: a 408 to such a request would come too late to be of use; the asker's own clock has run out.
    private void OnPassedUnanswered(ClientTransaction transaction)
    {
        if (TransactionLayer.TryGetTied(transaction, out ServerTransaction? asked)) _transactions.Forget(asked);
    }
}
