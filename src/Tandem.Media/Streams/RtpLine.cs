namespace Tandem.Media.Streams;

/// <summary>
/// The sequence numbers of a stream that is passed on with packets put in and left out: what is lost before us stays missing after us, and what we do shows
/// no gap. Mutable; one owner.
/// </summary>
internal struct RtpLine
{
    private bool _hears;
    private bool _speaks;
    private ushort _heard;
    private ushort _sent;
    private ushort _offset;

    /// <summary>The source of the stream; zero before the first.</summary>
    public uint Ssrc { get; private set; }

    public readonly bool Hears => _hears;

    /// <summary>A packet came. How many numbers it is on (1: the next), zero or less: late. A new source begins with 1.</summary>
    public int Hear(ushort sequence, uint ssrc, out bool begins)
    {
        begins = !_hears || ssrc != Ssrc;
        if (begins)
        {
            if (!_speaks) _sent = (ushort)(sequence - 1); // the first stream keeps its numbers
            (_hears, _speaks, Ssrc) = (true, true, ssrc);
            _heard = sequence;
            _offset = (ushort)(_sent + 1 - sequence);
            return 1;
        }
        int on = (short)(sequence - _heard);
        if (on > 0) _heard = sequence;
        return on;
    }

    /// <summary>Before anything came the switch itself speaks: under this source.</summary>
    public void Speak(uint ssrc, ushort first)
    {
        if (_speaks) return;
        (_speaks, Ssrc, _sent) = (true, ssrc, (ushort)(first - 1));
    }

    /// <summary>The number of the next packet.</summary>
    /// <param name="skip">Packets that are missing before it.</param>
    public ushort Next(int skip = 0) => _sent += (ushort)(1 + skip);

    /// <summary>The number of the next packet, made of the one that came under this number.</summary>
    public ushort Next(ushort sequence, int skip)
    {
        ushort next = Next(skip);
        _offset = (ushort)(next - sequence);
        return next;
    }

    /// <summary>The number of a packet that came late.</summary>
    public readonly ushort Late(ushort sequence) => (ushort)(sequence + _offset);
}
