using System.Buffers.Text;
using System.Text;
using Tandem.Media.Dtmf;
using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Audio;

namespace Tandem.Switching.Calls;

/// <summary>A key that was heard in a call's media.</summary>
public readonly record struct HeardDigit(CallId Call, MediaSide From, DtmfDigit Digit);

// Keys: DTMF that comes by INFO, is heard in media, and is told in whichever way the other end's device wants it (docs/dtmf.md).
public sealed partial class Shard
{
    private const int UsualKeyMillis = 160;

    /// <summary>Keys heard in media, from media threads. When it is full, keys are lost, as those of a bad line are; it counts them.</summary>
    public Inbox<HeardDigit> Digits { get; } = new(1 << 10);

    private bool TakeDigits(Instant now)
    {
        bool any = false;
        while (Digits.TryTake(out HeardDigit heard))
        {
            any = true;
            OnDigit(heard.Call, heard.From, heard.Digit, now);
        }
        return any;
    }

    /// <summary>A key was heard in the media of one of our calls.</summary>
    public void OnDigit(CallId id, MediaSide from, in DtmfDigit digit, Instant now)
    {
        if (Find(id) is not { } call || call.State is not (CallState.Answered or CallState.Dialling)) return;
        NoteKey(call, from, digit.Way);
        MediaSide to = OtherSide(from);
        if (AudioPlanner.TellsByInfo(AudioEndOf(call, to), digit.Way)) SendInfo(call, to, digit, now);
    }

    /// <summary>An INFO came. True: it was a key, and is dealt with here.</summary>
    private bool TakesKey(Call call, SipMessage request, ServerTransaction transaction, MediaSide from, Instant now)
    {
        if (request.Method != SipMethod.Info || !InfoKey.TryRead(request.ContentType, request.Body, out DtmfDigit digit)) return false;
        NoteKey(call, from, DtmfWay.Info);
        MediaSide to = OtherSide(from);
        DtmfTold told = AudioPlanner.InfoFrom(AudioEndOf(call, from), AudioEndOf(call, to));
        bool inMedia = told is DtmfTold.Event or DtmfTold.Tone;
        if (told is DtmfTold.AsItCame or DtmfTold.Info || (inMedia && !call.HasLease)) return false;
        if (inMedia) _media.Press(call.Lease, to, told == DtmfTold.Tone ? digit with { Way = DtmfWay.Inband } : digit);
        _transactions.Respond(transaction, 200, [], now);
        call.Log.Message(now, from, sent: true, 200, request.CSeqNumber);
        return true;
    }

    private static void NoteKey(Call call, MediaSide from, DtmfWay way)
    {
        ref KeyCount keys = ref from == MediaSide.Caller ? ref call.Audio.CallerKeys : ref call.Audio.CalleeKeys;
        keys = new KeyCount(keys.Count + 1, way);
    }

    private void SendInfo(Call call, MediaSide to, in DtmfDigit digit, Instant now)
    {
        Sip.Dialogs.Dialog dialog = DialogOf(call, to);
        if (dialog.RemoteTag.IsEmpty || HasLeft(call, to)) return;
        Span<byte> body = stackalloc byte[64];
        body = body[..InfoKey.Write(body, digit with { Millis = digit.Millis > 0 ? digit.Millis : UsualKeyMillis })];
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction info = Begin(dialog, SipMethod.Info, branch);
        uint cseq = ++dialog.LocalCSeq;
        var w = new SipWriter(_text);
        dialog.WriteRequest(ref w, SipMethod.Info, branch, cseq, 70);
        w.Body(InfoKey.RelayType, body);
        if (w.Overflowed)
        {
            _transactions.Discard(info);
            return;
        }
        Own(call, info, to);
        _transactions.Start(info, w.Written, cseq, now);
        call.Log.Message(now, to, sent: true, "INFO"u8, cseq);
    }
}
