using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Tandem.Media.Rtp;
using Tandem.Media.Udptl;
using Tandem.Primitives;

namespace Tandem.Media.Relay;

/// <summary>
/// A source nobody signalled has to prove that it is a stream of media (RFC 3550 §A.1 calls it probation): packets of one SSRC in unbroken sequence, spread over
/// time as speech is. Who sprays packets over many ports cannot keep that up on each. Four candidates at a time, so that a sprayer does not stand in the way of
/// the one who belongs there; a fifth takes the place of the one heard longest ago.
/// </summary>
public struct SourceProbation
{
    private Candidates _candidates;

    /// <summary>A packet of a source that is not the side's, within the window. True when it completes the proof.</summary>
    public bool Passes(in NetAddress source, ReadOnlySpan<byte> packet, Framing framing, LatchRules rules, Instant now)
    {
        if (packet.Length < (framing == Framing.Udptl ? UdptlPacket.LeastSize : RtpHeader.FixedSize)) return false;
        int place = 0;
        for (int i = 0; i < Candidates.Count; i++)
        {
            if (_candidates[i].Source == source)
            {
                place = i;
                break;
            }
            if (_candidates[i].Last < _candidates[place].Last) place = i;
        }
        // A fax sends when it has something to say: its packets may be seconds apart, and its first ones are said several times.
        return framing == Framing.Udptl
            ? _candidates[place].Take(source, BinaryPrimitives.ReadUInt16BigEndian(packet), 0, mayRepeat: true, rules.Window, rules, now)
            : _candidates[place].Take(
                source, BinaryPrimitives.ReadUInt16BigEndian(packet[2..]), BinaryPrimitives.ReadUInt32BigEndian(packet[8..]), mayRepeat: false, rules.ProbationPatience, rules, now);
    }

    private struct Candidate
    {
        public NetAddress Source;
        public Instant Last;
        private Instant _first;
        private uint _ssrc;
        private ushort _next;
        private int _packets;

        public bool Take(in NetAddress source, ushort sequence, uint ssrc, bool mayRepeat, TimeSpan patience, LatchRules rules, Instant now)
        {
            bool known = source == Source && ssrc == _ssrc && _packets > 0 && now < Last + patience;
            if (known && mayRepeat && sequence == (ushort)(_next - 1)) return false;
            if (!known || sequence != _next)
            {
                (Source, _ssrc, _packets, _first) = (source, ssrc, 0, now);
            }
            _packets++;
            _next = (ushort)(sequence + 1);
            Last = now;
            return _packets >= rules.ProbationPackets && now >= _first + rules.ProbationTime;
        }
    }

    [InlineArray(Count)]
    private struct Candidates
    {
        public const int Count = 4;
        private Candidate _first;
    }
}
