using System.Buffers.Binary;
using Tandem.Media.Rtcp;
using Tandem.Primitives;

namespace Tandem.Media.Relay;

/// <summary>
/// Bounds how often a side may change its SSRC. Ends do so when a call is transferred behind them or an announcement follows another: a few times a minute. Two that
/// take turns (a mixer) are no change. Who changes with every packet would make every receiver behind us open a stream for each.
/// </summary>
public struct SourceStorm
{
    /// <summary>New sources at once, and one more for each second that passed.</summary>
    public const int Burst = 16;

    private uint _latest, _before;
    private bool _any;
    private int _spent;
    private Instant _since;

    public bool Permits(ReadOnlySpan<byte> rtp, Instant now)
    {
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(rtp[8..]);
        if (ssrc == _latest && _any) return true;
        if (ssrc == _before && _any)
        {
            (_latest, _before) = (ssrc, _latest);
            return true;
        }
        if (!_any) _since = now;
        int passed = (int)Math.Min((now - _since).TotalSeconds, int.MaxValue);
        if (passed > 0)
        {
            _spent = Math.Max(_spent - passed, 0);
            _since += TimeSpan.FromSeconds(passed);
        }
        if (_spent >= Burst) return false;
        _spent++;
        _any = true;
        (_latest, _before) = (ssrc, _latest);
        return true;
    }
}

/// <summary>
/// Bounds the RTCP of a side. RFC 3550 §6.2 gives it a twentieth of the session's bandwidth and five seconds between reports; feedback (RFC 4585) comes sooner. A hundred at once and fifty a
/// second are more than any end sends, and a compound of more packets than <see cref="MostPackets"/> is nobody's report.
/// </summary>
public struct RtcpAllowance
{
    public const int Burst = 100, PerSecond = 50;

    /// <summary>Of a compound: SR, SDES, BYE, XR and a few of feedback.</summary>
    public const int MostPackets = 16;

    private Instant _empty; // when the bucket would be empty

    /// <summary>Whether it is a report in its form: the first length fits, and there are not too many packets.</summary>
    public static bool IsReport(ReadOnlySpan<byte> compound)
    {
        if (!RtcpPacket.Fits(compound)) return false;
        int packets = 0;
        while (RtcpPacket.TryTake(ref compound, out _))
        {
            if (++packets > MostPackets) return false;
        }
        return true;
    }

    /// <summary>Asked for what is the side's only: a stranger must not use up its share.</summary>
    public bool Permits(Instant now)
    {
        if (_empty < now) _empty = now;
        if (_empty - now >= TimeSpan.FromSeconds((double)Burst / PerSecond)) return false;
        _empty += TimeSpan.FromSeconds(1.0 / PerSecond);
        return true;
    }
}
