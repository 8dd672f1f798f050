using System.Buffers.Binary;
using System.Diagnostics;
using Tandem.Media.Rtp;
using Tandem.Media.Srtp;

namespace Tandem.Bench.Micro;

/// <summary>Sealing one RTP packet of G.711, and opening it.</summary>
internal sealed class SrtpPacket : IMicro
{
    private readonly SrtpSender _sender;
    private readonly SrtpReceiver _receiver;
    private readonly byte[] _packet = new byte[172 + SrtpSuites.MostGrowth];
    private ushort _sequence;

    public SrtpPacket(SrtpSuite suite)
    {
        var key = new SrtpKey(suite, [.. Enumerable.Range(1, suite.KeyBytes() + suite.SaltBytes()).Select(static i => (byte)(i * 37))]);
        (_sender, _receiver) = (new SrtpSender(key), new SrtpReceiver(key));
        Name = $"SRTP {suite}: seal and open a packet";
        RtpHeader.Write(_packet, 8, marker: false, 0, 0, 7);
    }

    public string Name { get; }

    public TimeSpan Run(int count)
    {
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), _sequence++);
            int length = 172;
            if (_sender.SealRtp(_packet, ref length) != SrtpFault.None || _receiver.OpenRtp(_packet.AsSpan(0, length), out _) != SrtpFault.None) throw new BenchException("a packet was not sealed and opened");
        }
        return Stopwatch.GetElapsedTime(began);
    }
}
