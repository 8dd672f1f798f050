using System.Runtime.InteropServices;

namespace Tandem.Media.Srtp;

/// <summary>The highest index of a stream and which of the 64 below it were there (RFC 3711 §3.3.2).</summary>
internal struct ReplayWindow
{
    private ulong _seen; // bit n: top − n

    /// <summary>The highest index so far; only once anything was.</summary>
    public ulong Top { get; private set; }

    public readonly bool IsEmpty => _seen == 0;

    /// <summary>Not there yet, and not too old to be known.</summary>
    public readonly bool IsNew(ulong index) => IsEmpty || index > Top || (Top - index < 64 && (_seen & (1UL << (int)(Top - index))) == 0);

    public void Take(ulong index)
    {
        if (IsEmpty || index > Top)
        {
            ulong ahead = IsEmpty ? 64 : index - Top;
            _seen = (ahead < 64 ? _seen << (int)ahead : 0) | 1;
            Top = index;
            return;
        }
        _seen |= 1UL << (int)(Top - index);
    }

    /// <summary>The index a sequence number most likely stands for (RFC 3711 §3.3.1 and Appendix A).</summary>
    public readonly ulong Guess(ushort sequence)
    {
        if (IsEmpty) return sequence;
        ulong roc = Top >> 16;
        int apart = sequence - (ushort)Top;
        if (apart > 32_768) return roc == 0 ? sequence : ((roc - 1) << 16) | sequence;
        return (apart < -32_768 ? (roc + 1) << 16 : roc << 16) | sequence;
    }
}

/// <summary>
/// What is known of each SSRC under one key. Bounded, and none is ever forgotten: a forgotten one could be replayed, and what is sent for it anew would use its key stream
/// twice. Who has used up the places gets no further SSRC until new keys are agreed on.
/// </summary>
internal sealed class SrtpSources
{
    /// <summary>A call has one or two streams a line; a transfer or a media server may change them now and then.</summary>
    public const int Most = 32;

    private readonly List<Source> _sources = new(2);

    /// <summary>The place of an SSRC; -1 when it is new.</summary>
    public int Find(uint ssrc)
    {
        ReadOnlySpan<Source> sources = CollectionsMarshal.AsSpan(_sources);
        for (int i = 0; i < sources.Length; i++)
        {
            if (sources[i].Ssrc == ssrc) return i;
        }
        return -1;
    }

    /// <summary>A place for a new SSRC; -1 when there is none.</summary>
    public int Add(uint ssrc)
    {
        if (_sources.Count == Most) return -1;
        _sources.Add(new Source { Ssrc = ssrc });
        return _sources.Count - 1;
    }

    public ref Source this[int place] => ref CollectionsMarshal.AsSpan(_sources)[place];

    internal struct Source
    {
        public uint Ssrc;
        public ReplayWindow Rtp;
        public ReplayWindow Rtcp;
        public uint RtcpSent;
    }
}
