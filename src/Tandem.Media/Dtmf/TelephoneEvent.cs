using System.Buffers.Binary;
using Tandem.Primitives;

namespace Tandem.Media.Dtmf;

/// <summary>The payload of a telephone-event packet (RFC 4733 §2.3).</summary>
/// <param name="Code">0 to 15 are the keys.</param>
/// <param name="Ended">The last of the event; sent three times.</param>
/// <param name="Volume">Of the tone in -dBm0, 0 to 63.</param>
/// <param name="Duration">So far, in ticks of the stream's clock.</param>
public readonly record struct TelephoneEvent(byte Code, bool Ended, byte Volume, ushort Duration)
{
    public const int Size = 4;

    public static bool TryRead(ReadOnlySpan<byte> payload, out TelephoneEvent read)
    {
        read = default;
        if (payload.Length < Size) return false;
        read = new TelephoneEvent(payload[0], (payload[1] & 0x80) != 0, (byte)(payload[1] & 0x3f), BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        return true;
    }

    public void Write(Span<byte> to)
    {
        to[0] = Code;
        to[1] = (byte)((Ended ? 0x80 : 0) | (Volume & 0x3f));
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], Duration);
    }
}

/// <summary>Makes keys of a stream's event packets: each pressed key once, however often its packets say so, and also where its last packets are lost.</summary>
public struct EventListener
{
    // All packets of the end lost: after this much silence of events the key is taken as released.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    private uint _timestamp;
    private byte _code;
    private ushort _duration;
    private bool _open;
    private bool _known;
    private Instant _heard;

    /// <summary>The key that is held down now; NUL: none.</summary>
    public readonly char Held => _open ? DtmfKeys.OfEvent(_code) : '\0';

    /// <summary>An event packet came. True with the key when one was released by it.</summary>
    /// <param name="timestamp">Of its RTP header: the event's name.</param>
    /// <param name="e">What it says.</param>
    /// <param name="now">When.</param>
    /// <param name="released">The key; of a key of which only the end is heard too.</param>
    public bool On(uint timestamp, in TelephoneEvent e, Instant now, out DtmfDigit released)
    {
        released = default;
        bool any = false;
        if (!_known || timestamp != _timestamp || e.Code != _code)
        {
            any = Release(out released); // its end was lost
            (_known, _open, _timestamp, _code, _duration) = (true, true, timestamp, e.Code, 0);
        }
        _heard = now;
        if (e.Duration > _duration) _duration = e.Duration;
        if (!e.Ended || !_open) return any;
        // Of two at once the earlier is told now, the later when the end is said again, which it always is, or by silence.
        return any || Release(out released);
    }

    /// <summary>Something else came, or time passed. True with the key when it must have been released.</summary>
    public bool Idle(Instant now, out DtmfDigit released)
    {
        released = default;
        return _open && now - _heard > Patience && Release(out released);
    }

    private bool Release(out DtmfDigit released)
    {
        released = new DtmfDigit(Held, DtmfWay.Event, _duration / 8);
        bool any = _open && released.Key != '\0';
        _open = false;
        return any;
    }
}
