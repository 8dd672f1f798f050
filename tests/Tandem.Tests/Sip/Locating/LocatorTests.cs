using Tandem.Sip.Locating;
using Tandem.Sip.Transports;

namespace Tandem.Tests.Sip.Locating;

public sealed class LocatorTests
{
    private static Zone Carrier() => new(
        "example.com 600 NAPTR 20 10 s SIP+D2T _sip._tcp.example.com",
        "example.com 600 NAPTR 10 20 s SIP+D2U _sip._udp.example.com",
        "example.com 600 NAPTR 10 10 s SIPS+D2T _sips._tcp.example.com",
        "example.com 600 NAPTR 5 1 u E2U+sip !^.*$!sip:x@y!",
        "example.com 600 A 192.0.2.99",
        "_sip._udp.example.com 600 SRV 2 0 5080 spare.example.com",
        "_sip._udp.example.com 600 SRV 1 0 5070 main.example.com",
        "_sip._tcp.example.com 600 SRV 1 0 5060 main.example.com",
        "_sips._tcp.example.com 600 SRV 1 0 5061 main.example.com",
        "main.example.com 600 A 192.0.2.1",
        "main.example.com 600 AAAA 2001:db8::1",
        "spare.example.com 30 A 192.0.2.2");

    [Theory]
    [InlineData("192.0.2.7", null, false, "udp 192.0.2.7:5060")]
    [InlineData("192.0.2.7:5070", null, false, "udp 192.0.2.7:5070")]
    [InlineData("192.0.2.7", SipTransport.Tcp, false, "tcp 192.0.2.7:5060")]
    [InlineData("192.0.2.7", SipTransport.Tls, false, "tls 192.0.2.7:5061")]
    [InlineData("192.0.2.7", null, true, "tls 192.0.2.7:5061")]
    [InlineData("[2001:db8::9]:5070", null, false, "udp [2001:db8::9]:5070")]
    public void An_address_is_a_hop_without_any_question(string target, SipTransport? transport, bool secure, string hops)
    {
        Zone zone = Carrier();
        Assert.Equal(hops, Zone.Show(zone.Locate(target, transport: transport, secure: secure)));
        Assert.Empty(zone.Asked);
    }

    [Theory]
    [InlineData("example.com", null, false, "tls 192.0.2.1:5061 (example.com), tls [2001:db8::1]:5061 (example.com), udp 192.0.2.1:5070, udp [2001:db8::1]:5070, udp 192.0.2.2:5080")]
    [InlineData("example.com", null, true, "tls 192.0.2.1:5061 (example.com), tls [2001:db8::1]:5061 (example.com)")]
    [InlineData("example.com", SipTransport.Udp, false, "udp 192.0.2.1:5070, udp [2001:db8::1]:5070, udp 192.0.2.2:5080")]
    [InlineData("example.com", SipTransport.Tcp, false, "tcp 192.0.2.1:5060, tcp [2001:db8::1]:5060")]
    [InlineData("EXAMPLE.com.", SipTransport.Tls, false, "tls 192.0.2.1:5061 (example.com), tls [2001:db8::1]:5061 (example.com)")]
    [InlineData("example.com:5090", null, false, "udp 192.0.2.99:5090")]
    [InlineData("example.com:5090", SipTransport.Tcp, false, "tcp 192.0.2.99:5090")]
    [InlineData("example.com:5090", null, true, "tls 192.0.2.99:5090 (example.com)")]
    public void NAPTR_by_order_and_preference_then_SRV_by_priority_then_addresses(string target, SipTransport? transport, bool secure, string hops) =>
        Assert.Equal(hops, Zone.Show(Carrier().Locate(target, transport: transport, secure: secure)));

    [Fact]
    public void Transports_and_IP_versions_without_a_listener_are_passed_over()
    {
        Assert.Equal("udp 192.0.2.1:5070, udp 192.0.2.2:5080", Zone.Show(Carrier().Locate("example.com", reach: Reach.Udp4)));
        Location none = Carrier().Locate("example.com", transport: SipTransport.Tls, reach: Reach.Udp4);
        Assert.Equal(0, none.Hops.Count);
        Assert.Contains("the switch listens on", none.Trouble);
        Assert.Contains("does not listen on", Carrier().Locate("[2001:db8::9]", reach: Reach.Udp4).Trouble);
    }

    [Fact]
    public void Without_NAPTR_every_transport_is_asked_for_by_SRV_and_without_SRV_the_host_itself()
    {
        var zone = new Zone("_sip._tcp.a.example 60 SRV 1 1 5062 h.a.example", "h.a.example 60 A 192.0.2.3", "b.example 60 A 192.0.2.4", "b.example 60 A 192.0.2.5");
        Assert.Equal("tcp 192.0.2.3:5062", Zone.Show(zone.Locate("a.example")));
        Assert.Equal("udp 192.0.2.4:5060, udp 192.0.2.5:5060", Zone.Show(zone.Locate("b.example")));
        Assert.Equal("tls 192.0.2.4:5061 (b.example), tls 192.0.2.5:5061 (b.example)", Zone.Show(zone.Locate("b.example", secure: true)));
        Assert.Equal("tcp 192.0.2.4:5060, tcp 192.0.2.5:5060", Zone.Show(zone.Locate("b.example", transport: SipTransport.Tcp)));
    }

    [Fact]
    public void A_service_that_is_not_offered_is_not_looked_for_at_the_host()
    {
        Location location = new Zone("_sip._udp.c.example 60 SRV 0 0 0 .", "c.example 60 A 192.0.2.6").Locate("c.example", transport: SipTransport.Udp);
        Assert.Equal(0, location.Hops.Count);
        Assert.Equal("_sip._udp.c.example says that the service is not offered", location.Trouble);
    }

    [Fact]
    public void What_does_not_resolve_says_why_and_since_when()
    {
        Assert.Equal("nowhere.example did not resolve: NXDOMAIN since 2026-03-01 03:12 UTC", new Zone().Locate("nowhere.example").Trouble);
        Assert.Equal("nowhere.example did not resolve: NXDOMAIN since 2026-03-01 03:12 UTC", new Zone().Locate("nowhere.example:5060").Trouble);
        Assert.Equal("d.example did not resolve: no A or AAAA records since 2026-03-01 03:12 UTC", new Zone("d.example 60 NAPTR 1 1 s SIP+D2X x.example").Locate("d.example").Trouble);
        Assert.Equal("e.example did not resolve: no name server answers since 2026-03-01 03:12 UTC", new Zone { Silent = true }.Locate("e.example").Trouble);
    }

    [Fact]
    public void A_location_holds_as_long_as_the_shortest_answer_it_rests_on()
    {
        Assert.Equal(Zone.Start + TimeSpan.FromSeconds(30), Carrier().Locate("example.com").Until);
        Assert.Equal(Zone.Start + DnsCache.Shortest, new Zone("f.example 0 A 192.0.2.1").Locate("f.example:5060", reach: Reach.Udp4).Until);
        Assert.Equal(Zone.Start + TimeSpan.FromMinutes(10), new Zone("g.example 604800 A 192.0.2.1").Locate("g.example:5060", reach: Reach.Udp4).Until);
    }

    [Theory]
    [InlineData("sip.example.com", true)]
    [InlineData("sip.example.com:5070", true)]
    [InlineData("gw_1.lan", true)]
    [InlineData("localhost", true)]
    [InlineData("sip.example.com:0", false)]
    [InlineData("sip.example.com:x", false)]
    [InlineData("-a.example", false)]
    [InlineData("a..example", false)]
    [InlineData("a b.example", false)]
    [InlineData("1.2.3", false)]
    [InlineData("", false)]
    public void What_is_a_host_name(string text, bool name) => Assert.Equal(name, HostName.TryParse(text, out _, out _));
}
