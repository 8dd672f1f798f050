using System.Buffers.Binary;
using Tandem.Media.Rtp;
using Tandem.Primitives;

namespace Tandem.Media.Relay;

/// <summary>
/// A source nobody signalled has to prove that it is a stream of media (RFC 3550 §A.1 calls it probation): packets of one SSRC in unbroken sequence, spread over
/// time as speech is. Who sprays packets over many ports cannot keep that up on each. One candidate at a time; a second waits until the first has fallen silent.
/// </summary>
public struct SourceProbation
{
    private NetAddress _source;
    private uint _ssrc;
    private ushort _next;
    private int _packets;
    private Instant _first;
    private Instant _last;

    /// <summary>A packet of a source that is not the side's, within the window. True when it completes the proof.</summary>
    public bool Passes(in NetAddress source, ReadOnlySpan<byte> packet, LatchRules rules, Instant now)
    {
        if (packet.Length < RtpHeader.FixedSize) return false;
        ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        bool lively = _packets > 0 && now < _last + rules.ProbationPatience;
        if (lively && source != _source) return false;
        if (!lively || ssrc != _ssrc || sequence != _next)
        {
            (_source, _ssrc, _packets, _first) = (source, ssrc, 0, now);
        }
        _packets++;
        _next = (ushort)(sequence + 1);
        _last = now;
        return _packets >= rules.ProbationPackets && now >= _first + rules.ProbationTime;
    }
}
