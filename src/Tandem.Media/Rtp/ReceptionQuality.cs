using Tandem.Primitives;

namespace Tandem.Media.Rtp;

/// <summary>
/// Loss and jitter of one received stream as RFC 3550 estimates them (§6.4.1, §A.1, §A.3, §A.8). A new SSRC or a jump in the
/// sequence starts a new count and keeps the old one's sum. Mutable; one owner.
/// </summary>
public struct ReceptionQuality
{
    // RFC 3550 §A.1
    private const int MaxDropout = 3_000, MaxMisorder = 100;
    private const uint NoBadSequence = uint.MaxValue;

    private bool _started;
    private uint _ssrc;
    private uint _base;
    private uint _highest; // extended: cycles in the upper half
    private uint _bad;
    private long _received;
    private long _pastExpected;
    private long _pastReceived;
    private uint _transit;
    private int _transitRate; // 0 = no packet to compare with yet
    private uint _jitterTimes16;
    private int _jitterRate;

    /// <summary>Packets the sequence numbers say were sent.</summary>
    public readonly long Expected => _pastExpected + (_started ? _highest - _base + 1L : 0);

    /// <summary>Packets that came after their successors, or twice.</summary>
    public long Late { get; private set; }

    public readonly long Received => _pastReceived + _received;

    /// <summary>Expected less received; duplicates can make it negative, then it is zero.</summary>
    public readonly long Lost => Math.Max(Expected - Received, 0);

    /// <summary>The smoothed difference in spacing between sending and arrival; zero while the clock of the payload is unknown.</summary>
    public readonly TimeSpan Jitter => _jitterRate == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((_jitterTimes16 >> 4) * TimeSpan.TicksPerSecond / _jitterRate);

    /// <param name="sequence">From the RTP header.</param>
    /// <param name="timestamp">From the RTP header.</param>
    /// <param name="ssrc">From the RTP header.</param>
    /// <param name="clockRate">Ticks per second of the payload; zero = unknown, jitter is left alone.</param>
    /// <param name="arrival">When it came.</param>
    public void On(ushort sequence, uint timestamp, uint ssrc, int clockRate, Instant arrival)
    {
        if (!_started || ssrc != _ssrc) Restart(sequence, ssrc);
        else if (!Follow(sequence)) return;
        _received++;
        Spread(timestamp, clockRate, arrival);
    }

    // RFC 3550 §A.1, update_seq. False: a lone stray far outside the sequence, not counted.
    private bool Follow(ushort sequence)
    {
        ushort ahead = (ushort)(sequence - (ushort)_highest);
        if (ahead == 0)
        {
            Late++;
            return true; // the latest once more
        }
        if (ahead < MaxDropout)
        {
            _highest += ahead; // carries into the cycles on wrap
            _bad = NoBadSequence;
            return true;
        }
        if (ahead > 65_536 - MaxMisorder)
        {
            Late++;
            return true; // duplicate or late
        }
        if (sequence == _bad)
        {
            Restart(sequence, _ssrc); // two in a row: the other side restarted
            return true;
        }
        _bad = (ushort)(sequence + 1);
        return false;
    }

    private void Restart(ushort sequence, uint ssrc)
    {
        _pastExpected = Expected;
        _pastReceived = Received;
        _received = 0;
        _started = true;
        _ssrc = ssrc;
        _base = sequence;
        _highest = sequence;
        _bad = NoBadSequence;
        _transitRate = 0;
    }

    // RFC 3550 §A.8
    private void Spread(uint timestamp, int clockRate, Instant arrival)
    {
        if (clockRate == 0) return;
        (ulong seconds, ulong micros) = Math.DivRem((ulong)arrival.Micros, 1_000_000);
        uint arrived = (uint)((seconds * (ulong)clockRate) + (micros * (ulong)clockRate / 1_000_000));
        uint transit = arrived - timestamp;
        if (_transitRate == clockRate)
        {
            long d = Math.Abs((long)(int)(transit - _transit));
            // A jump of more than ten seconds is a new timeline (transfer, hold), not jitter.
            if (d < 10L * clockRate) _jitterTimes16 = (uint)(_jitterTimes16 + d - ((_jitterTimes16 + 8) >> 4));
        }
        if (_jitterRate != clockRate)
        {
            _jitterRate = clockRate;
            _jitterTimes16 = 0;
        }
        _transit = transit;
        _transitRate = clockRate;
    }
}
