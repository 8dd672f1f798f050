using Tandem.Media.Rtcp;
using Tandem.Media.Rtp;

namespace Tandem.Tests.Media.Rtcp;

public sealed class RtcpPacketTests
{
    private const string Report = "0000000B" + "40FFFFFE" + "00010005" + "00000010" + "12345678" + "00018000";
    private const string Sender = "81C8000C" + "0000000A" + "E0000000" + "80000000" + "00000100" + "00000064" + "00003E80" + Report;
    private const string Receiver = "81C90007" + "0000000A" + Report;

    [Fact]
    public void A_compound_is_walked_packet_by_packet()
    {
        ReadOnlySpan<byte> compound = Convert.FromHexString(Sender + "81CB0001" + "0000000A");
        Assert.True(RtcpPacket.TryTake(ref compound, out RtcpPacket first));
        Assert.Equal((RtcpType.SenderReport, 1), (first.Type, first.Count));
        Assert.True(RtcpPacket.TryTake(ref compound, out RtcpPacket second));
        Assert.Equal((RtcpType.Goodbye, 1, 4), (second.Type, second.Count, second.Body.Length));
        Assert.False(RtcpPacket.TryTake(ref compound, out _));
    }

    [Fact]
    public void A_sender_report_tells_the_senders_counts()
    {
        Assert.True(Take(Sender).TryReadSender(out SenderInfo sender));
        Assert.Equal(new SenderInfo(10, 0xE0000000_80000000, 256, 100, 16_000), sender);
        Assert.False(Take(Receiver).TryReadSender(out _));
    }

    [Theory]
    [InlineData(Sender)]
    [InlineData(Receiver)]
    public void A_report_block_tells_loss_with_its_sign(string hex)
    {
        Assert.True(Take(hex).TryReadReport(0, out ReportBlock report));
        Assert.Equal(new ReportBlock(11, 0x40, -2, 0x00010005, 16, 0x12345678, 0x00018000), report);
        Assert.False(Take(hex).TryReadReport(1, out _));
        Assert.False(Take(hex).TryReadReport(-1, out _));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("80C9", false)]
    [InlineData("40C90001", false)] // version 1
    [InlineData("80BF0000", false)] // 191
    [InlineData("80C00000", true)] // 192
    [InlineData("80DF0000", true)] // 223
    [InlineData("80E00000", false)] // 224
    [InlineData("8000000100000002000000030A", false)] // PCMU
    [InlineData("8088000100000002000000030A", false)] // PCMA with marker
    [InlineData("80E5000100000002000000030A", false)] // dynamic 101 with marker
    public void RTCP_is_told_from_RTP_by_its_second_byte(string hex, bool isRtcp) => Assert.Equal(isRtcp, RtcpPacket.Recognise(Convert.FromHexString(hex)));

    [Fact]
    public void An_RTP_packet_is_never_taken_for_RTCP_unless_its_type_is_64_to_95_with_marker()
    {
        byte[] packet = new byte[12];
        for (int type = 0; type < 128; type++)
        {
            RtpHeader.Write(packet, (byte)type, marker: true, 1, 2, 3);
            Assert.Equal(type is >= 64 and <= 95, RtcpPacket.Recognise(packet));
            RtpHeader.Write(packet, (byte)type, marker: false, 1, 2, 3);
            Assert.False(RtcpPacket.Recognise(packet));
        }
    }

    [Fact]
    public void A_report_cut_short_is_not_read()
    {
        for (int words = 0; words < 12; words++)
        {
            byte[] cut = Convert.FromHexString(Sender).AsSpan(0, 4 + (4 * words)).ToArray();
            cut[3] = (byte)words;
            ReadOnlySpan<byte> compound = cut;
            Assert.True(RtcpPacket.TryTake(ref compound, out RtcpPacket packet));
            Assert.Equal(words >= 6, packet.TryReadSender(out _));
            Assert.False(packet.TryReadReport(0, out _));
        }
        ReadOnlySpan<byte> tooShort = Convert.FromHexString(Sender).AsSpan()[..^1];
        Assert.False(RtcpPacket.TryTake(ref tooShort, out _));
    }

    private static RtcpPacket Take(string hex)
    {
        ReadOnlySpan<byte> compound = Convert.FromHexString(hex);
        return RtcpPacket.TryTake(ref compound, out RtcpPacket packet) ? packet : throw new FormatException(hex);
    }
}
