using Tandem.Media.Codecs;
using Tandem.Media.Tones;
using Tandem.Primitives;
using Tandem.Sip.Sdp;
using Tandem.Switching.Admission;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Audio;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Calls;

// Calling back: the switch calls one end, when that answers the other, and joins the two as a transfer does (docs/callbacks.md).
public sealed partial class Shard
{
    /// <summary>What who is called first hears while the other rings, where no device says otherwise.</summary>
    private const string UsualRing = "us";

    // What the switch itself can pass on to whoever comes; the addresses are read by nobody: our own stand in their place.
    private static ReadOnlySpan<byte> CallbackOffer =>
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8 0 18 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n"u8;

    /// <summary>Begins a callback. None: the first call is under way; what becomes of it is in its CDR. Else why it was refused; once there was a call to refuse that has its CDR.</summary>
    /// <param name="order">What is asked for.</param>
    /// <param name="now">The turn.</param>
    /// <param name="id">Of the first call; none when there was none.</param>
    public Refusal CallBack(CallbackOrder order, Instant now, out CallId id)
    {
        id = default;
        if (_closed) return Refusal.ServerStopping;
        if (!_book.Current.TryFindPhone(order.Access, out Phone? access) || !_book.Current.TryFindPhone(order.FirstPayer, out Phone? payer)) return Refusal.UnknownSource;
        if (TakeCall() is not { } call) return Refusal.ServerFull;
        OpenCallback(call, order, payer, now);
        id = call.Id;
        Refusal refusal = AdmitOwn(call, ArrivalKind.Callback, now);
        if (refusal == Refusal.None)
        {
            if (access.State.TryTakeLine(access.LineCapacity)) call.CallerLine = access.State;
            else refusal = Refusal.GatewayBusy;
        }
        Proceed(call, refusal, now);
        return refusal;
    }

    // Nobody stands at the caller's place: no dialog, no device, and an offer of ours.
    private void OpenCallback(Call call, CallbackOrder order, Phone payer, Instant now)
    {
        OpenOwn(call, payer, null, order.Caller, order.ShownToCaller, now);
        call.CallingBack = new Callback(order);
        call.SetParty(MediaSide.Caller, new LegParty(true, null, null, false, default, AudioRules.Nothing));
        call.Cdr.CallerAccessE164 = order.Access.ToString();
        call.KeepSaid(MediaSide.Caller, CallbackOffer);
    }

    /// <summary>The callback a call is made for, also where the call to its caller was forwarded to this one.</summary>
    private static Callback? CallbackOf(Call call)
    {
        for (Call? one = call; one is not null; one = one.ForwardedFrom)
        {
            if (one.CallingBack is { } callback) return callback;
        }
        return null;
    }

    /// <summary>Who is called first has answered: what it can do is what the other is offered.</summary>
    private void AnswerCallback(Call call, Callback callback, Instant now)
    {
        Fork fork = call.Forks.Current;
        if (_sdp.Parse(fork.Sdp!, 0, fork.SdpLength) == SdpDefect.None) call.KeepSdp(MediaSide.Caller, RewriteSdp(call, MediaSide.Caller));
        if (call.SdpToCallerLength == 0 || call.Audio.Mismatch)
        {
            FailAnswer(call, Refusal.CodecMismatch, now);
            return;
        }
        Step(call, CallInput.CalleeAnswered, now);
        CallOut(call, callback, now);
    }

    /// <summary>The next of the callees, by a call of its own; when none is left the first call ends.</summary>
    private void CallOut(Call from, Callback callback, Instant now)
    {
        if (from.State != CallState.Answered) return;
        StopRing(from);
        if (_closed || !callback.TryTakeCallee(out DialString number))
        {
            HangUp(from, _closed ? Refusal.ServerStopping : Refusal.CallbackFailed, now, now);
        }
        else if (!_book.Current.TryFindPhone(callback.Order.SecondPayer, out Phone? payer))
        {
            HangUp(from, Refusal.UnknownSource, now, now);
        }
        else if (TakeCall() is not { } call)
        {
            HangUp(from, Refusal.ServerFull, now, now);
        }
        else
        {
            Transfer transfer = new() { From = from, Asker = MediaSide.Caller, To = call, Place = MediaSide.Caller, Attended = false, Quiet = true, AskerLeft = true };
            OpenOwn(call, payer, null, number, callback.Order.ShownToCallee, now);
            call.Cdr.CallerAddress = DialogOf(from, MediaSide.Callee).Flow;
            call.Cdr.CallerAccessE164 = callback.Order.Caller.ToString();
            OfferTransferred(call, from, MediaSide.Caller);
            BindTransfer(transfer, now);
            Proceed(call, AdmitOwn(call, ArrivalKind.Callback, now), now);
        }
        Reschedule(from);
    }

    /// <summary>The callee rings: who waits for it hears so.</summary>
    private void RingForCallback(Call from, Instant now)
    {
        if (from is not { CallingBack: not null, HasLease: true, Audio.Rings: false } || from.Audio.Callee.Law == AudioEncoding.None) return;
        if ((RingToneOf(from) ?? RingTone.Of(UsualRing)) is not { } tone) return;
        from.Audio.Rings = true;
        PlanAudio(from);
        _media.Play(from.Lease, MediaSide.Callee, tone.Play(), untilMedia: false);
        from.Log.Ringing(now, tone.Country);
    }
}
