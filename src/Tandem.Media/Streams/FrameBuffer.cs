namespace Tandem.Media.Streams;

/// <summary>
/// Cuts a stream of G.711 into packets of another length (10 to 60 ms). A hole smaller than the packet being filled is silence in it; a larger one stays a
/// hole: packets that would hold nothing are not sent, and of those that were lost the numbers are skipped.
/// </summary>
internal sealed class FrameBuffer(int size)
{
    // A jump of the clock beyond this is another timeline, not a hole.
    private const int Jump = 10 * 8_000;

    private readonly byte[] _codes = new byte[size];
    private int _filled;
    private uint _timestamp;
    private uint _expected;
    private bool _started;

    public int Size => size;

    public bool IsEmpty => _filled == 0;

    public ReadOnlySpan<byte> Codes => _codes;

    /// <summary>Of the packet that is full or being filled.</summary>
    public uint Timestamp => _timestamp;

    /// <summary>A packet's worth of codes begins at this time. True: the packet being filled was made full by silence and is to be sent first.</summary>
    /// <param name="timestamp">Of the first code.</param>
    /// <param name="lost">Packets are missing before it; else a jump is a pause of the sender.</param>
    /// <param name="silence">The code of silence.</param>
    /// <param name="skip">How many packets of our size are missing.</param>
    /// <param name="pause">The next packet is the first after a pause.</param>
    public bool Begin(uint timestamp, bool lost, byte silence, out int skip, out bool pause)
    {
        skip = 0;
        pause = false;
        int hole = _started ? (int)(timestamp - _expected) : 0;
        _started = true;
        _expected = timestamp;
        if (hole == 0)
        {
            if (_filled == 0) _timestamp = timestamp;
            return false;
        }
        bool jump = hole is < 0 or > Jump;
        if (!jump && _filled > 0 && _filled + hole < size)
        {
            _codes.AsSpan(_filled, hole).Fill(silence);
            _filled += hole;
            return false;
        }
        bool full = _filled > 0;
        if (!jump && full) hole -= size - _filled;
        if (!jump && lost) skip = hole / size;
        pause = jump || !lost;
        if (full) _codes.AsSpan(_filled).Fill(silence);
        else _timestamp = timestamp;
        return full;
    }

    /// <summary>Ends the packet being filled with silence. True: there was one, and it is to be sent.</summary>
    public bool Flush(byte silence)
    {
        if (_filled == 0) return false;
        _codes.AsSpan(_filled).Fill(silence);
        return true;
    }

    /// <summary>Takes of the codes what has room. True: the packet is full and is to be sent.</summary>
    public bool Fill(ref ReadOnlySpan<byte> codes)
    {
        int take = Math.Min(size - _filled, codes.Length);
        codes[..take].CopyTo(_codes.AsSpan(_filled));
        codes = codes[take..];
        _filled += take;
        _expected += (uint)take;
        return _filled == size;
    }

    /// <summary>The packet was sent; the next begins where the codes go on.</summary>
    public void Sent()
    {
        _filled = 0;
        _timestamp = _expected;
    }

    public void Reset()
    {
        _filled = 0;
        _started = false;
    }
}
