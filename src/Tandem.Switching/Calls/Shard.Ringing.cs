using Tandem.Media.Codecs;
using Tandem.Media.Tones;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Sdp;
using Tandem.Switching.Audio;

namespace Tandem.Switching.Calls;

// Ringing: the ring-back tone the switch plays to a caller whose far end rings without sound of its own (docs/media.md).
public sealed partial class Shard
{
    private readonly byte[] _ringBody = new byte[2_048];

    /// <summary>The country whose tone the caller is to hear: as the called device says, else the calling one; null: none.</summary>
    private static RingTone? RingToneOf(Call call)
    {
        string called = AudioOf(call, MediaSide.Callee).RingTone;
        string country = called.Length > 0 ? called : AudioOf(call, MediaSide.Caller).RingTone;
        return country.Length > 0 ? RingTone.Of(country) : null;
    }

    // A caller that acknowledges provisional responses would be bound by a description of ours; it rings by itself.
    private static bool MayRing(Call call) =>
        call is { HasLease: true, LateOffer: false, CallerReliable: false, CallerAgreed: false, SawSdp: false, Taking: null, CallerInvite: not null } && call.Audio.Caller.Law != AudioEncoding.None && RingToneOf(call) is not null;

    /// <summary>The far end rings in silence. True: what the caller is to be told of our tone is in <c>_sdp</c>.</summary>
    private bool BeginRing(Call call, Instant now)
    {
        if (!MayRing(call) || !DescribeRing(call)) return false;
        if (call.Audio.Rings) return true;
        call.Audio.Rings = call.Audio.RingTold = true;
        PlanAudio(call);
        RingTone tone = RingToneOf(call)!;
        _media.Play(call.Lease, MediaSide.Caller, tone.Play(), untilMedia: true);
        call.Log.Ringing(now, tone.Country);
        return true;
    }

    /// <summary>The far end is heard, or will be, or nobody is to be heard any more.</summary>
    private void StopRing(Call call)
    {
        if (!call.Audio.Rings) return;
        call.Audio.Rings = false;
        if (call.HasLease) _media.Play(call.Lease, call.CallingBack is null ? MediaSide.Caller : MediaSide.Callee, null, untilMedia: false);
        PlanAudio(call);
    }

    // An answer to the caller's offer as the far end might give it: the first G.711 it offers; every other line is rejected.
    private bool DescribeRing(Call call)
    {
        if (_sdp.Parse(call.Offer!, 0, call.OfferLength) != SdpDefect.None || _sdp.FirstUsableAudio() is var audio && audio < 0) return false;
        var w = new ByteWriter(_ringBody);
        w.Text("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"u8); // read by nobody: our own stands in its place
        for (int i = 0; i < _sdp.MediaCount; i++)
        {
            MediaDescription media = _sdp.Media(i);
            w.Text("m="u8);
            w.Text(media.Name);
            w.Text(i == audio ? " 9 "u8 : " 0 "u8);
            w.Text(media.Protocol);
            w.Text((byte)' ');
            w.Text(i != audio ? media.FormatList : call.Audio.Caller.Law == AudioEncoding.Pcma ? "8"u8 : "0"u8);
            w.Text("\r\n"u8);
        }
        return !w.Overflowed && _sdp.Parse(_ringBody, 0, w.Length) == SdpDefect.None;
    }
}
