using Tandem.Media.Udptl;

namespace Tandem.Tests.Media.Udptl;

public class UdptlPacketTests
{
    [Theory]
    [InlineData("0000" + "01" + "06" + "0000", true)] // a T.30 indicator, no redundancy
    [InlineData("0001" + "02" + "C601", true)]
    [InlineData("0002" + "8081" + "AA", false)] // says 129 bytes, has one
    [InlineData("0003" + "05" + "C6", false)]
    [InlineData("0004" + "00" + "00", false)] // an empty primary packet
    [InlineData("0005" + "C1" + "00", false)] // in fragments
    [InlineData("0006", false)]
    [InlineData("", false)]
    public void A_packet_is_UDPTL_if_its_primary_packet_lies_within(string hex, bool fits) => Assert.Equal(fits, UdptlPacket.Fits(Convert.FromHexString(hex)));

    [Fact]
    public void A_long_primary_packet_has_its_length_in_two_bytes()
    {
        byte[] packet = new byte[4 + 200];
        packet[2] = 0x80;
        packet[3] = 200;
        Assert.True(UdptlPacket.Fits(packet));
        Assert.False(UdptlPacket.Fits(packet.AsSpan(0, 203)));
    }
}
