using System.Buffers.Binary;
using System.Diagnostics;
using Tandem.Media.Relay;
using Tandem.Media.Rtp;
using Tandem.Primitives;

namespace Tandem.Bench.Micro;

/// <summary>What the relay decides and counts for one RTP packet of G.711: latch, destination, loss, jitter, times; the kernel's part apart.</summary>
internal sealed class RelayPacket : IMicro
{
    private readonly RelayFlow _flow = new(LatchRules.Default);
    private readonly NetAddress _caller = NetAddress.Parse("192.0.2.1:4000");
    private readonly byte[] _packet = new byte[172];
    private Instant _now = new(1_700_000_000_000_000);
    private ushort _sequence;
    private uint _timestamp;

    public RelayPacket()
    {
        _flow.Signal(FlowSide.A, _caller, default, _now);
        _flow.Signal(FlowSide.B, NetAddress.Parse("203.0.113.2:5000"), default, _now);
        RtpHeader.Write(_packet, 8, marker: false, 0, 0, 7);
    }

    public string Name => "relay a packet: latch, counters, loss, jitter";

    public TimeSpan Run(int count)
    {
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), _sequence++);
            BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(4), _timestamp += 160);
            _now += TimeSpan.FromMilliseconds(20);
            if (_flow.On(FlowSide.A, MediaChannel.Rtp, _caller, _packet, _now, out _) != RelayVerdict.ToRtp) throw new BenchException("a packet was not relayed");
        }
        return Stopwatch.GetElapsedTime(began);
    }
}
