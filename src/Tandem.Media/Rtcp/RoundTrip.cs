using Tandem.Primitives;

namespace Tandem.Media.Rtcp;

/// <summary>
/// The round trip between the switch and one end, from reports that only pass through: the switch saw the other end's sender report leave for this end, and this
/// end's report block says which it heard last and how long ago (RFC 3550 §6.4.1, LSR and DLSR). Mutable; one owner.
/// </summary>
public struct RoundTrip
{
    // Beyond this it is no round trip but a clock that jumped or a report that lies.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    // A compound has few packets; who sends more is not read to the end.
    private const int MostPackets = 8;

    private uint _report; // middle 32 bits of the NTP time of the latest sender report of this end; zero = none yet
    private Instant _passed;
    private long _sumMicros;
    private int _count;

    /// <summary>The mean of all measured; zero while none was.</summary>
    public readonly TimeSpan Mean => _count == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(_sumMicros / _count);

    /// <summary>RTCP from this end, passed on at <paramref name="now"/>; <paramref name="other"/> is what is known of the other end.</summary>
    public void On(ReadOnlySpan<byte> compound, in RoundTrip other, Instant now)
    {
        for (int i = 0; i < MostPackets && RtcpPacket.TryTake(ref compound, out RtcpPacket packet); i++)
        {
            if (packet.TryReadSender(out SenderInfo sender))
            {
                _report = (uint)(sender.NtpTime >> 16);
                _passed = now;
            }
            for (int block = 0; packet.TryReadReport(block, out ReportBlock report); block++)
            {
                if (report.LastSenderReport == 0 || report.LastSenderReport != other._report) continue;
                TimeSpan trip = now - other._passed - TimeSpan.FromMicroseconds(report.DelaySinceLast * 1_000_000L / 65_536);
                if (trip < TimeSpan.Zero || trip > Longest) continue;
                _sumMicros += (long)trip.TotalMicroseconds;
                _count++;
            }
        }
    }
}
