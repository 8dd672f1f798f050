using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Rtp;
using Tandem.Primitives;

namespace Tandem.Media.Streams;

// Keys in what the side sends: as events (RFC 4733), or as tones in its speech (docs/dtmf.md).
internal sealed partial class AudioPipe
{
    private const byte Volume = 10; // dBm0 below zero, of the events we make
    private const int EndPackets = 3; // RFC 4733 §2.5.1.4

    private void OnEvent(ReadOnlySpan<byte> packet, in RtpHeader rtp, in TelephoneEvent e, int step, Instant now, IStageSink sink)
    {
        if (_events.On(rtp.Timestamp, e, now, out DtmfDigit released)) sink.Digit(from, released);
        switch (_plan.Events)
        {
            case DtmfTurn.ToTone:
                if (_events.Held != '\0') HoldTone(_events.Held, rtp.Timestamp, now);
                else ReleaseTone();
                break;
            case DtmfTurn.Drop:
                break;
            default:
                if (_plan.EventsOut != PipePlan.NoPayload && !Speaks) PassOn(packet, rtp, _plan.EventsOut, step, now, sink);
                break;
        }
    }

    /// <summary>Listens for a key. True: the packet was used up, an event went in its place.</summary>
    private bool HearTones(in RtpHeader rtp, bool aLaw, int step, Instant now, IStageSink sink)
    {
        ReadOnlySpan<byte> codes = rtp.Payload;
        Span<short> samples = scratch.Samples.AsSpan(0, codes.Length);
        if (aLaw) G711.DecodeALaw(codes, samples);
        else G711.DecodeMuLaw(codes, samples);
        _detector!.Feed(samples);
        char key = _detector.Key;
        bool tells = _plan.Tones == DtmfTurn.ToEvent && _plan.EventsOut != PipePlan.NoPayload;
        bool used = false;
        if (_tone != '\0' && key != _tone)
        {
            used = tells && key == '\0';
            EndTone(rtp.Sequence, step, used, tells, now, sink);
        }
        if (key == '\0') return used;
        bool begins = _tone == '\0';
        if (begins) (_tone, _toneStart, _toneLength) = (key, rtp.Timestamp, 0);
        _toneLength += codes.Length;
        if (_plan.Tones == DtmfTurn.Drop) return false; // muted
        if (!tells) return false;
        if (begins && _frames is not null) FlushFrames(now, sink);
        SendEvent(key, ended: false, _toneLength, begins, _line.Next(rtp.Sequence, step - 1), _toneStart, now, sink);
        return true;
    }

    private void EndTone(ushort sequence, int step, bool inPlace, bool tells, Instant now, IStageSink sink)
    {
        if (tells)
        {
            for (int i = 0; i < EndPackets; i++)
            {
                ushort next = i == 0 && inPlace ? _line.Next(sequence, step - 1) : _line.Next();
                SendEvent(_tone, ended: true, _toneLength, marker: false, next, _toneStart, now, sink);
            }
            _markNext = true;
        }
        sink.Digit(from, new DtmfDigit(_tone, DtmfWay.Inband, _toneLength / 8));
        _tone = '\0';
    }

    private void SendEvent(char key, bool ended, int length, bool marker, ushort sequence, uint start, Instant now, IStageSink sink)
    {
        RtpHeader.Write(scratch.Packet, _plan.EventsOut, marker, sequence, start, _line.Ssrc);
        new TelephoneEvent((byte)DtmfKeys.EventOf(key), ended, Volume, (ushort)Math.Min(length, ushort.MaxValue)).Write(scratch.Packet.AsSpan(RtpHeader.FixedSize));
        Sent(start + (uint)length, now);
        sink.Send(_to, scratch.Packet.AsSpan(0, RtpHeader.FixedSize + TelephoneEvent.Size));
    }
}
