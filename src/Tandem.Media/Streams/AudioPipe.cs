using System.Buffers.Binary;
using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Relay;
using Tandem.Media.Rtp;
using Tandem.Primitives;

namespace Tandem.Media.Streams;

/// <summary>Room to work in, of one media thread.</summary>
public sealed class StageScratch
{
    internal readonly byte[] Packet = new byte[2_048];
    internal readonly byte[] Codes = new byte[2_048];
    internal readonly short[] Samples = new short[2_048];
}

/// <summary>
/// One direction of a call's audio: packets from one side, transcoded, cut anew, their keys told another way; and what the switch itself plays to the
/// other side. What is not G.711 and no event passes as it is. Nothing is allocated per packet.
/// </summary>
internal sealed partial class AudioPipe(FlowSide from, StageScratch scratch, uint ssrc)
{
    private const byte MuLawType = 0, ALawType = 8;
    private const int TickSamples = 160;

    private readonly FlowSide _to = 1 - from;
    private PipePlan _plan = PipePlan.Plain;
    private RtpLine _line;
    private FrameBuffer? _frames;
    private EventListener _events;
    private DtmfDetector? _detector;
    private char _tone; // the key in the speech that is being told as an event
    private uint _toneStart;
    private int _toneLength;
    private bool _markNext;
    private uint _lastTimestamp;
    private Instant _lastAt = Instant.Never;

    /// <summary>Who listens.</summary>
    public IAudioTap? Tap { get; set; }

    public PipePlan Plan
    {
        get => _plan;
        set
        {
            if (_frames?.Size != value.FrameSamples) _frames = value.FrameSamples > 0 ? new FrameBuffer(value.FrameSamples) : null;
            if (value.Tones == DtmfTurn.Pass) _detector = null;
            else _detector ??= new DtmfDetector();
            _plan = value;
        }
    }

    /// <summary>A packet of the side came and is to go to the other.</summary>
    public void On(ReadOnlySpan<byte> packet, Instant now, IStageSink sink)
    {
        if (!RtpHeader.TryParse(packet, out RtpHeader rtp)) return;
        int step = _line.Hear(rtp.Sequence, rtp.Ssrc, out bool begins);
        if (begins) Begin(sink);
        byte type = rtp.PayloadType;
        if (type == _plan.EventsIn && TelephoneEvent.TryRead(rtp.Payload, out TelephoneEvent e))
        {
            OnEvent(packet, rtp, e, step, now, sink);
            return;
        }
        if (_events.Idle(now, out DtmfDigit released)) sink.Digit(from, released);
        if (type is MuLawType or ALawType) OnSpeech(packet, rtp, step, now, sink);
        else if (!Speaks) PassOn(packet, rtp, type, step, now, sink);
    }

    private void OnSpeech(ReadOnlySpan<byte> packet, in RtpHeader rtp, int step, Instant now, IStageSink sink)
    {
        bool aLaw = rtp.PayloadType == ALawType;
        ReadOnlySpan<byte> codes = rtp.Payload;
        if (codes.Length > scratch.Samples.Length) return;
        Tap?.Put(from, aLaw, codes, rtp.Timestamp, now);
        if (_detector is not null && step > 0 && HearTones(rtp, aLaw, step, now, sink)) return;
        if (Speaks) return;
        bool taken = aLaw ? _plan.TakesALaw : _plan.TakesMuLaw;
        G711Codec? law = taken ? aLaw ? G711Codec.ALaw : G711Codec.MuLaw : _plan.Law;
        bool cut = _frames is not null && (codes.Length != _plan.FrameSamples || !_frames.IsEmpty);
        bool mute = _detector is { IsCalm: false } && (_plan.Tones is DtmfTurn.ToEvent or DtmfTurn.Drop);
        if (law is null || (taken && !cut && !mute))
        {
            PassOn(packet, rtp, rtp.PayloadType, step, now, sink);
            return;
        }
        if (mute) scratch.Codes.AsSpan(0, codes.Length).Fill(law.Silence);
        else if (taken) codes.CopyTo(scratch.Codes);
        else Transcode(codes, aLaw, law);
        ReadOnlySpan<byte> made = scratch.Codes.AsSpan(0, codes.Length);
        if (cut) Cut(made, rtp, law, step, now, sink);
        else SendOne(made, law, rtp.Marker, step > 0 ? _line.Next(rtp.Sequence, step - 1) : _line.Late(rtp.Sequence), rtp.Timestamp, now, sink);
    }

    private void Transcode(ReadOnlySpan<byte> codes, bool aLaw, G711Codec law)
    {
        if (aLaw) G711.DecodeALaw(codes, scratch.Samples);
        else G711.DecodeMuLaw(codes, scratch.Samples);
        law.Encode(scratch.Samples.AsSpan(0, codes.Length), scratch.Codes);
    }

    // Late packets have no place any more: theirs was left out when their successors came.
    private void Cut(ReadOnlySpan<byte> codes, in RtpHeader rtp, G711Codec law, int step, Instant now, IStageSink sink)
    {
        if (step <= 0) return;
        FrameBuffer frames = _frames!;
        if (frames.Begin(rtp.Timestamp, step > 1, law.Silence, out int skip, out bool pause)) SendFrame(0, marker: false, law, now, sink);
        bool marker = pause || rtp.Marker;
        while (!codes.IsEmpty)
        {
            if (!frames.Fill(ref codes)) continue;
            SendFrame(skip, marker, law, now, sink);
            (skip, marker) = (0, false);
        }
        // The packet begun here is sent by a later one: it takes along what is missing before it.
        if (skip > 0) _line.Next(skip - 1);
        _markNext |= marker;
    }

    private void SendFrame(int skip, bool marker, G711Codec law, Instant now, IStageSink sink)
    {
        SendOne(_frames!.Codes, law, marker, _line.Next(skip), _frames.Timestamp, now, sink);
        _frames.Sent();
    }

    private void SendOne(ReadOnlySpan<byte> codes, G711Codec law, bool marker, ushort sequence, uint timestamp, Instant now, IStageSink sink)
    {
        RtpHeader.Write(scratch.Packet, law == G711Codec.ALaw ? ALawType : MuLawType, marker || _markNext, sequence, timestamp, _line.Ssrc);
        codes.CopyTo(scratch.Packet.AsSpan(RtpHeader.FixedSize));
        Sent(timestamp, now);
        sink.Send(_to, scratch.Packet.AsSpan(0, RtpHeader.FixedSize + codes.Length));
    }

    // As it came, but for its number, its payload type, and a marker after what the switch has played.
    private void PassOn(ReadOnlySpan<byte> packet, in RtpHeader rtp, byte type, int step, Instant now, IStageSink sink)
    {
        if (_frames is { IsEmpty: false } && step > 0) FlushFrames(now, sink);
        ushort sequence = step > 0 ? _line.Next(rtp.Sequence, step - 1) : _line.Late(rtp.Sequence);
        if (sequence == rtp.Sequence && type == rtp.PayloadType && !_markNext)
        {
            Sent(rtp.Timestamp, now);
            sink.Forward(_to);
            return;
        }
        packet.CopyTo(scratch.Packet);
        scratch.Packet[1] = (byte)(type | (rtp.Marker || _markNext ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(scratch.Packet.AsSpan(2), sequence);
        Sent(rtp.Timestamp, now);
        sink.Send(_to, scratch.Packet.AsSpan(0, packet.Length));
    }

    private void FlushFrames(Instant now, IStageSink sink)
    {
        G711Codec law = _plan.Law ?? (_plan.TakesALaw ? G711Codec.ALaw : G711Codec.MuLaw);
        if (_frames!.Flush(law.Silence)) SendFrame(0, marker: false, law, now, sink);
    }

    // Another source: what was begun of the last is not finished, and what it was saying is over.
    private void Begin(IStageSink sink)
    {
        _frames?.Reset();
        _detector?.Reset();
        _markNext |= _lastAt != Instant.Never;
        if (_tone != '\0') sink.Digit(from, new DtmfDigit(_tone, DtmfWay.Inband, _toneLength / 8));
        _tone = '\0';
    }

    private void Sent(uint timestamp, Instant now)
    {
        _markNext = false;
        _lastTimestamp = timestamp;
        _lastAt = now;
    }
}
