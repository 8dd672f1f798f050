using Tandem.Media.Rtp;
using Tandem.Primitives;

namespace Tandem.Tests.Media.Rtp;

public sealed class RtpHeaderTests
{
    [Fact]
    public void What_is_written_is_read()
    {
        byte[] packet = new byte[172];
        Assert.Equal(12, RtpHeader.Write(packet, 8, marker: true, 65_535, 0xfedcba98, 0x01020304));
        Assert.Equal("8088FFFFFEDCBA9801020304", Convert.ToHexString(packet, 0, 12));
        Assert.True(RtpHeader.TryParse(packet, out RtpHeader rtp));
        Assert.Equal((8, true, 65_535, 0xfedcba98u, 0x01020304u), (rtp.PayloadType, rtp.Marker, rtp.Sequence, rtp.Timestamp, rtp.Ssrc));
        Assert.Equal((160, 0, false, false), (rtp.Payload.Length, rtp.CsrcCount, rtp.HasExtension, rtp.HasPadding));
    }

    [Fact]
    public void Sources_extension_and_padding_lie_around_the_payload()
    {
        byte[] packet = Convert.FromHexString("B2" + "00" + "0001" + "00000002" + "00000003" + "0000000A" + "0000000B" + "BEDE0001" + "10AA0000" + "C0FFEE" + "000003");
        Assert.True(RtpHeader.TryParse(packet, out RtpHeader rtp));
        Assert.Equal((2, 0xau, 0xbu), (rtp.CsrcCount, rtp.Csrc(0), rtp.Csrc(1)));
        Assert.Equal(0xbede, rtp.ExtensionProfile);
        Assert.Equal("10AA0000", Convert.ToHexString(rtp.ExtensionData));
        Assert.Equal("C0FFEE", Convert.ToHexString(rtp.Payload));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("8000000100000002000000", "eleven bytes")]
    [InlineData("400000010000000200000003", "version 1")]
    [InlineData("C00000010000000200000003", "version 3")]
    [InlineData("810000010000000200000003", "a source that is not there")]
    [InlineData("900000010000000200000003", "an extension that is not there")]
    [InlineData("900000010000000200000003BEDE0001", "an extension longer than the packet")]
    [InlineData("900000010000000200000003BEDEFFFF00000000", "an extension of 256 KiB")]
    [InlineData("A00000010000000200000003", "padding without a byte")]
    [InlineData("A0000001000000020000000300", "padding of none")]
    [InlineData("A000000100000002000000030003", "padding longer than the payload")]
    public void A_length_that_does_not_fit_is_refused(string hex, string why) => Assert.False(RtpHeader.TryParse(Convert.FromHexString(hex), out _), why);

    [Fact]
    public void No_bytes_make_the_parser_throw_or_leave_the_packet()
    {
        SeededEntropy entropy = new(3550);
        byte[] bytes = new byte[64];
        int parsed = 0;
        for (int i = 0; i < 50_000; i++)
        {
            entropy.Fill(bytes);
            bytes[0] = (byte)((bytes[0] & 0x3f) | 0x80);
            ReadOnlySpan<byte> packet = bytes.AsSpan(0, entropy.Below(bytes.Length + 1));
            if (!RtpHeader.TryParse(packet, out RtpHeader rtp)) continue;
            parsed++;
            int total = 12 + (4 * rtp.CsrcCount) + (rtp.HasExtension ? 4 + rtp.ExtensionData.Length : 0) + rtp.Payload.Length;
            Assert.InRange(total, 12, packet.Length);
            if (!rtp.HasPadding) Assert.Equal(packet.Length, total);
        }
        Assert.InRange(parsed, 1_000, 50_000);
    }
}
