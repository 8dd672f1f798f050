using Tandem.Primitives;
using Tandem.Server.Loops;
using Tandem.Server.Media;
using Tandem.Switching.Calls;

namespace Tandem.Tests.Server.Media;

public class RelayAddressTests
{
    [Theory]
    [InlineData("10.0.0.5", "10.0.0.5", "", "")]
    [InlineData("10.0.0.5=203.0.113.9", "10.0.0.5", "203.0.113.9", "")]
    [InlineData("10.0.0.5@10.0.0.0/8,192.168.1.7", "10.0.0.5", "", "10.0.0.0/8 192.168.1.7/32")]
    [InlineData("[2001:db8::5]=[2001:db8::9]@2001:db8::/32", "2001:db8::5", "2001:db8::9", "2001:db8::/32")]
    public void An_address_is_read_with_what_is_told_and_for_whom(string text, string bind, string told, string networks)
    {
        Assert.True(RelayAddress.TryParse(text, out RelayAddress? address));
        Assert.Equal((bind, told, networks), (address!.Bind.HostString(), address.Advertised.IsNone ? "" : address.Advertised.HostString(), string.Join(' ', address.For ?? [])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData("10.0.0.5=")]
    [InlineData("10.0.0.5@")]
    [InlineData("10.0.0.5@10.0.0.0/33")]
    [InlineData("10.0.0.5@10.0.0.0/x")]
    [InlineData("10.0.0.5=1.2.3.4=5.6.7.8")]
    [InlineData("10.0.0.5@10.0.0.0/8@172.16.0.0/12")]
    public void What_is_none_is_refused(string text) => Assert.False(RelayAddress.TryParse(text, out _));

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("172.16.0.0/12", "172.31.255.255", true)]
    [InlineData("172.16.0.0/12", "172.32.0.0", false)]
    [InlineData("0.0.0.0/0", "203.0.113.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("2001:db8::/33", "2001:db8:7fff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void A_network_holds_the_addresses_that_begin_as_it_does(string network, string address, bool holds)
    {
        Assert.True(NetworkPrefix.TryParse(network, out NetworkPrefix prefix));
        Assert.Equal(holds, prefix.Contains(NetAddress.Parse(address, 5060)));
    }

    [Theory]
    [InlineData("203.0.113.1", "198.51.100.9")] // the Internet, through the provider's 1:1 NAT
    [InlineData("10.1.2.3", "10.0.0.5")]
    [InlineData("10.9.2.3", "10.9.0.5")] // the narrower of two
    [InlineData("2001:db8::77", "2001:db8::5")]
    [InlineData("127.0.0.1", "198.51.100.9")]
    public void Each_end_is_told_the_address_that_is_for_its_network(string end, string told)
    {
        using MediaRelay relay = Open();
        Assert.True(relay.TryLend(new CallId(1), NetAddress.Parse(end, 5060), NetAddress.Parse("203.0.113.1:5060"), out MediaLease lease));
        Assert.Equal((told, "198.51.100.9"), (lease.TowardsCaller.HostString(), lease.TowardsCallee.HostString()));
        Assert.True(relay.TryLendBeside(lease, new CallId(1), out MediaLease beside));
        Assert.Equal((told, "198.51.100.9"), (beside.TowardsCaller.HostString(), beside.TowardsCallee.HostString()));
        Assert.NotEqual(lease.TowardsCaller, beside.TowardsCaller);
        Assert.NotEqual(lease.TowardsCallee, beside.TowardsCallee);
        Assert.True(relay.Faces(lease, NetAddress.Parse("192.0.2.50:5060")));
        Assert.False(relay.Faces(lease, NetAddress.Parse("10.1.1.1:5060")));
        Assert.False(relay.Faces(lease, NetAddress.Parse("[2001:db8::1]:5060")));
    }

    // All of them are the loopback's, so that the ports can be opened anywhere.
    private static MediaRelay Open()
    {
        static RelayAddress As(string bind, string told, params string[] networks) => new(NetAddress.Parse(bind), NetAddress.Parse(told), networks.Length == 0 ? null : [.. networks.Select(static n => NetworkPrefix.TryParse(n, out NetworkPrefix p) ? p : default)]);
        for (int first = 41_000; ; first += 200)
        {
            try
            {
                return new MediaRelay(
                    new RelayOptions
                    {
                        Addresses = [As("127.0.0.1", "198.51.100.9"), As("127.0.0.1", "10.0.0.5", "10.0.0.0/8"), As("127.0.0.2", "10.9.0.5", "10.9.0.0/16"), As("::1", "2001:db8::5")],
                        FirstPort = first,
                        LastPort = first + 99,
                        Reserve = 8,
                        Pump = PumpChoice.Epoll,
                    },
                    new LoopClock());
            }
            catch (Tandem.Server.Network.PortUnavailableException) when (first < 48_000)
            {
                // in use by others: the next range
            }
        }
    }
}
