using Tandem.Primitives;
using Tandem.Server.Network;

namespace Tandem.Tests.Server.Network;

public sealed class SockAddrTests
{
    [Theory]
    [InlineData("192.0.2.1:5060")]
    [InlineData("0.0.0.0:0")]
    [InlineData("255.255.255.255:65535")]
    [InlineData("[2001:db8::1]:5061")]
    [InlineData("[::1]:1")]
    public void An_address_comes_back_from_the_kernels_form(string text)
    {
        NetAddress address = NetAddress.Parse(text);
        byte[] raw = [.. Enumerable.Repeat((byte)0xff, SockAddr.Size)];
        int length = SockAddr.Write(address, raw);
        Assert.Equal(address.IsV6 ? 28 : 16, length);
        Assert.Equal(address, SockAddr.Read(raw));
    }

    [Fact]
    public void The_layout_is_that_of_sockaddr_in()
    {
        byte[] raw = new byte[SockAddr.Size];
        int length = SockAddr.Write(NetAddress.Parse("192.0.2.1:5060"), raw);
        Assert.Equal("020013C4C00002010000000000000000", Convert.ToHexString(raw, 0, length));
    }

    [Fact]
    public void A_mapped_address_is_read_as_the_IPv4_address_it_is()
    {
        byte[] raw = Convert.FromHexString("0A0013C400000000" + "00000000000000000000FFFFC0000201" + "00000000");
        Assert.Equal(NetAddress.Parse("192.0.2.1:5060"), SockAddr.Read(raw));
    }

    [Fact]
    public void Another_family_is_no_address() => Assert.True(SockAddr.Read(new byte[SockAddr.Size]).IsNone);
}
