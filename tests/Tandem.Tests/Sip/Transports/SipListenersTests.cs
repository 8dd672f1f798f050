using Tandem.Primitives;
using Tandem.Sip.Transports;

namespace Tandem.Tests.Sip.Transports;

public class SipListenersTests
{
    private static readonly SipListeners Listeners = new(
    [
        new(NetAddress.Parse("127.0.0.1:5060")),
        new(NetAddress.Parse("192.0.2.1:5060")),
        new(NetAddress.Parse("192.0.2.2:5060")),
        new(NetAddress.Parse("192.0.2.1:5060"), SipTransport.Tcp),
        new(NetAddress.Parse("[2001:db8::1]:5060")),
    ]);

    [Theory]
    [InlineData(2, "203.0.113.5:5060", SipTransport.Udp, 2)] // the caller's own where it fits
    [InlineData(4, "203.0.113.5:5060", SipTransport.Udp, 1)] // not the one on loopback for the world outside
    [InlineData(0, "203.0.113.5:5060", SipTransport.Udp, 1)]
    [InlineData(1, "127.0.0.5:5060", SipTransport.Udp, 0)]
    [InlineData(1, "203.0.113.5:5060", SipTransport.Tcp, 3)]
    [InlineData(1, "127.0.0.1:5060", SipTransport.Tcp, 3)] // better than none
    [InlineData(1, "[2001:db8::9]:5060", SipTransport.Udp, 4)]
    [InlineData(1, "[2001:db8::9]:5060", SipTransport.Tcp, -1)]
    [InlineData(1, "203.0.113.5:5061", SipTransport.Tls, -1)]
    public void The_listener_fits_the_transport_and_the_IP_version(int preferred, string to, SipTransport transport, int chosen)
    {
        Assert.Equal(chosen >= 0, Listeners.TryChoose(preferred, NetAddress.Parse(to), transport, out int listener));
        Assert.Equal(chosen, listener);
    }

    [Fact]
    public void Two_of_loopback_alone_the_callers_own_is_kept()
    {
        SipListeners loopback = new([new(NetAddress.Parse("127.0.0.1:5060")), new(NetAddress.Parse("127.0.0.1:5070"))]);
        Assert.True(loopback.TryChoose(1, NetAddress.Parse("192.0.2.5:5060"), SipTransport.Udp, out int listener));
        Assert.Equal(1, listener);
    }

    [Theory]
    [InlineData("TCP", true, SipTransport.Tcp)]
    [InlineData("tls", true, SipTransport.Tls)]
    [InlineData("Udp", true, SipTransport.Udp)]
    [InlineData("sctp", false, SipTransport.Udp)]
    public void The_transport_parameter_is_read_in_any_case(string token, bool known, SipTransport transport)
    {
        Assert.Equal(known, SipTransports.TryParse(System.Text.Encoding.ASCII.GetBytes(token), out SipTransport read));
        Assert.Equal(transport, read);
    }
}
