using Tandem.Primitives;
using Tandem.Server.Network;
using Tandem.Sip.Locating;
using Tandem.Tests.Sip.Locating;

namespace Tandem.Tests.Server.Network;

public sealed class NameServersTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private static Task<DnsAnswer> Ask(LoopbackNameServer server, string name, DnsType type, params string[] hosts) =>
        new NameServers([server.Address], () => hosts).AskAsync(new DnsQuestion(name, type), Stop);

    [Fact]
    public async Task Records_of_every_type_are_read_from_the_wire()
    {
        using var server = new LoopbackNameServer(new Zone(
            "a.example 77 A 192.0.2.1", "a.example 77 A 192.0.2.2", "a.example 50 AAAA 2001:db8::1",
            "_sip._udp.a.example 60 SRV 10 20 5070 H1.a.example", "a.example 99 NAPTR 1 2 s SIP+D2U _sip._udp.a.example"));
        DnsAnswer addresses = await Ask(server, "a.example", DnsType.A);
        Assert.Equal(["192.0.2.1:0", "192.0.2.2:0"], addresses.Addresses.Select(static a => a.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(TimeSpan.FromSeconds(77), addresses.Ttl);
        Assert.Equal("[2001:db8::1]:0", Assert.Single((await Ask(server, "a.example", DnsType.Aaaa)).Addresses).ToString());
        Assert.Equal(new SrvRecord(10, 20, 5070, "h1.a.example"), Assert.Single((await Ask(server, "_sip._udp.a.example", DnsType.Srv)).Services));
        Assert.Equal(new NaptrRecord(1, 2, "s", "SIP+D2U", "_sip._udp.a.example"), Assert.Single((await Ask(server, "a.example", DnsType.Naptr)).Pointers));
    }

    [Fact]
    public async Task What_is_not_there_is_told_apart_from_who_does_not_answer()
    {
        using var server = new LoopbackNameServer(new Zone("a.example 77 A 192.0.2.1"));
        DnsAnswer none = await Ask(server, "a.example", DnsType.Aaaa);
        Assert.Equal((DnsOutcome.NoData, TimeSpan.FromSeconds(60)), (none.Outcome, none.Ttl));
        Assert.Equal(DnsOutcome.NoSuchName, (await Ask(server, "b.example", DnsType.A)).Outcome);
        server.Zone.Silent = true; // SERVFAIL
        Assert.Equal(DnsOutcome.Unanswered, (await Ask(server, "a.example", DnsType.A)).Outcome);
    }

    [Fact]
    public async Task The_hosts_file_comes_first()
    {
        using var server = new LoopbackNameServer(new Zone("a.example 77 A 192.0.2.1"));
        string[] hosts = ["# 192.0.2.8 a.example", "192.0.2.9\tb.example  A.example # mine", "2001:db8::9 c.example"];
        Assert.Equal("192.0.2.9:0", Assert.Single((await Ask(server, "a.example", DnsType.A, hosts)).Addresses).ToString());
        Assert.Equal(DnsOutcome.NoData, (await Ask(server, "a.example", DnsType.Aaaa, hosts)).Outcome);
        Assert.Equal("[2001:db8::9]:0", Assert.Single((await Ask(server, "c.example", DnsType.Aaaa, hosts)).Addresses).ToString());
        Assert.Equal(0, server.Questions);
    }
}
