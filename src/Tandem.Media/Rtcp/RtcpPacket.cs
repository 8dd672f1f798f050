using System.Buffers.Binary;

namespace Tandem.Media.Rtcp;

/// <summary>RTCP packet types (RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2).</summary>
public enum RtcpType : byte { SenderReport = 200, ReceiverReport = 201, SourceDescription = 202, Goodbye = 203, Application = 204, TransportFeedback = 205, PayloadFeedback = 206, ExtendedReport = 207 }

/// <summary>One packet of an RTCP compound, seen in place (RFC 3550 §6.1).</summary>
public readonly ref struct RtcpPacket
{
    private readonly ReadOnlySpan<byte> _packet;

    private RtcpPacket(ReadOnlySpan<byte> packet) => _packet = packet;

    public RtcpType Type => (RtcpType)_packet[1];

    /// <summary>Report blocks, chunks or sources, by type; 0 to 31.</summary>
    public int Count => _packet[0] & 0x1f;

    /// <summary>After the common four bytes, padding included.</summary>
    public ReadOnlySpan<byte> Body => _packet[4..];

    /// <summary>
    /// Tells RTCP from RTP on a shared port: version 2 and a second byte of 192 to 223 (RFC 5761 §4). RTP payload types 64 to
    /// 95 with the marker would look the same and are therefore not to be used.
    /// </summary>
    public static bool Recognise(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= 4 && datagram[0] >> 6 == 2 && datagram[1] is >= 192 and <= 223;

    /// <summary>Whether the first packet's length lies within the datagram; what follows it may be encrypted (RFC 3711 §3.4) and is not looked at.</summary>
    public static bool Fits(ReadOnlySpan<byte> datagram) => 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(datagram[2..])) <= datagram.Length;

    /// <summary>Takes the next packet off a compound; false at its end or where a length does not fit.</summary>
    public static bool TryTake(scoped ref ReadOnlySpan<byte> compound, out RtcpPacket packet)
    {
        packet = default;
        if (!Recognise(compound)) return false;
        int length = 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(compound[2..]));
        if (length > compound.Length) return false;
        packet = new RtcpPacket(compound[..length]);
        compound = compound[length..];
        return true;
    }

    /// <summary>The sender's own counts; false unless this is a whole sender report (RFC 3550 §6.4.1).</summary>
    public bool TryReadSender(out SenderInfo sender)
    {
        sender = default;
        if (Type != RtcpType.SenderReport || Body.Length < 24) return false;
        sender = new SenderInfo(
            BinaryPrimitives.ReadUInt32BigEndian(Body), BinaryPrimitives.ReadUInt64BigEndian(Body[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(Body[12..]), BinaryPrimitives.ReadUInt32BigEndian(Body[16..]), BinaryPrimitives.ReadUInt32BigEndian(Body[20..]));
        return true;
    }

    /// <summary>A report block of a sender or receiver report; false where there is none of that index.</summary>
    public bool TryReadReport(int index, out ReportBlock report)
    {
        report = default;
        int at = Type switch { RtcpType.SenderReport => 24, RtcpType.ReceiverReport => 4, _ => -1 };
        if (at < 0 || (uint)index >= (uint)Count) return false;
        at += 24 * index;
        if (Body.Length < at + 24) return false;
        ReadOnlySpan<byte> block = Body.Slice(at, 24);
        int lost = BinaryPrimitives.ReadInt32BigEndian(block[4..]) << 8 >> 8; // signed, 24 bits
        report = new ReportBlock(
            BinaryPrimitives.ReadUInt32BigEndian(block), block[4], lost, BinaryPrimitives.ReadUInt32BigEndian(block[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(block[12..]), BinaryPrimitives.ReadUInt32BigEndian(block[16..]), BinaryPrimitives.ReadUInt32BigEndian(block[20..]));
        return true;
    }
}

/// <summary>What a sender says of itself (RFC 3550 §6.4.1). Times: NTP 32.32 fixed point, and the media clock.</summary>
public readonly record struct SenderInfo(uint Ssrc, ulong NtpTime, uint RtpTime, uint Packets, uint Octets);

/// <summary>What a receiver says of a stream (RFC 3550 §6.4.1).</summary>
/// <param name="Ssrc">The stream reported on.</param>
/// <param name="FractionLost">Since the last report, in 1/256.</param>
/// <param name="Lost">Since the beginning; negative with duplicates.</param>
/// <param name="HighestSequence">Extended: cycles in the upper half.</param>
/// <param name="Jitter">In ticks of the media clock.</param>
/// <param name="LastSenderReport">Middle 32 bits of the NTP time of the last sender report heard; zero for none.</param>
/// <param name="DelaySinceLast">Since that report, in 1/65,536 s.</param>
public readonly record struct ReportBlock(uint Ssrc, byte FractionLost, int Lost, uint HighestSequence, uint Jitter, uint LastSenderReport, uint DelaySinceLast);
