using System.Text;
using System.Threading.Channels;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Hosting;
using Tandem.Tests.Server.Network;
using Tandem.Tests.Sip.Locating;

namespace Tandem.Tests.Server.Hosting;

/// <summary>A whole switch beside a name server on loopback.</summary>
public sealed class NameWatchTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-names-");
    private readonly Channel<string> _said = Channel.CreateUnbounded<string>();

    public void Dispose() => _folder.Delete(recursive: true);

    private const string Document = """
        {"accounts":[{"account":"1","currency":"USD"}],
         "mappingGateways":[{"name":"pbx","account":"1","remoteIps":["pbx.example","192.0.2.77"]}, {"name":"rival","account":"1","remoteIps":["192.0.2.4"]}],
         "routingGateways":[{"name":"one","remoteIp":"carrier.example"}, {"name":"two","remoteIp":"nowhere.example:5070"}, {"name":"three","remoteIp":"203.0.113.9"}]}
        """;

    private Task<SwitchHost> StartAsync(LoopbackNameServer server) =>
        SwitchHost.Start(new SwitchOptions { DataFolder = _folder.FullName, Sip = [NetAddress.Parse("127.0.0.1:0")], NameServers = [server.Address] }, s => _said.Writer.TryWrite(s));

    private static async Task ApplyAsync(SwitchHost host, string document) =>
        Assert.Null((await host.Control.ApplyAsync(Encoding.UTF8.GetBytes(document), dryRun: false, "test", TestContext.Current.CancellationToken)).Fault);

    // In any order; other sentences may come between.
    private async Task SaidAsync(params string[] parts)
    {
        var awaited = new List<string>(parts);
        while (awaited.Count > 0)
        {
            string said = await _said.Reader.ReadAsync(TestContext.Current.CancellationToken);
            awaited.RemoveAll(part => said.Contains(part, StringComparison.Ordinal));
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task Names_are_looked_up_when_they_are_stated_and_before_the_switch_says_it_is_there()
    {
        using var server = new LoopbackNameServer(new Zone(
            "_sip._udp.carrier.example 300 SRV 1 0 5070 gw.carrier.example", "gw.carrier.example 300 A 203.0.113.5", "pbx.example 300 A 192.0.2.3", "pbx.example 300 A 192.0.2.4"));
        SwitchHost host = await StartAsync(server);
        await ApplyAsync(host, Document);
        await SaidAsync("Gateway two: nowhere.example did not resolve: NXDOMAIN since");
        await host.DisposeAsync();

        host = await StartAsync(server);
        await using (host)
        {
            await SaidAsync("Gateway two: nowhere.example did not resolve: NXDOMAIN since"); // before it has started, unless the machine is very busy
            IReadOnlyList<GatewayView> gateways = (await host.Control.GatewaysAsync(TestContext.Current.CancellationToken)).RoutingGateways;
            GatewayView one = gateways.Single(static g => g.Name == "one");
            Assert.Equal(["udp 203.0.113.5:5070"], one.Addresses);
            Assert.Equal("carrier.example", one.RemoteIp);
            Assert.InRange(one.AgeSeconds!.Value, 0, 60);
            Assert.Equal("", one.Trouble);
            Assert.StartsWith("nowhere.example did not resolve: NXDOMAIN since ", gateways.Single(static g => g.Name == "two").Trouble);
            Assert.Equal(["udp 203.0.113.9:5060"], gateways.Single(static g => g.Name == "three").Addresses);

            // The customer is known by the name's addresses, but for the one that another gateway states as its own.
            Assert.True(host.Tables.Current.TryIdentify(NetAddress.Parse("192.0.2.3:5060"), out Tandem.Switching.Admission.MappingGateway? pbx));
            Assert.Equal("pbx", pbx.Name);
            Assert.True(host.Tables.Current.TryIdentify(NetAddress.Parse("192.0.2.4:5060"), out Tandem.Switching.Admission.MappingGateway? rival));
            Assert.Equal("rival", rival.Name);
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task A_name_that_leads_elsewhere_is_followed()
    {
        TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        using var server = new LoopbackNameServer(new Zone("carrier.example 1 A 203.0.113.5", "pbx.example 1 A 192.0.2.3"));
        await using SwitchHost host = await StartAsync(server);
        await ApplyAsync(host, Document);
        await SaidAsync("did not resolve");
        server.Zone = new Zone("carrier.example 300 A 203.0.113.6", "pbx.example 300 A 192.0.2.5");
        // Five seconds, the least a name is kept.
        await SaidAsync("Gateway one: carrier.example leads to 203.0.113.6:5060 now.", "Gateway pbx: pbx.example leads to 192.0.2.5 now.");
        int revision = host.Tables.Current.Revision;
        await ApplyAsync(host, """{"accounts":[{"account":"2","currency":"USD"}]}"""); // after it the table of sources has been compiled
        Assert.Equal(revision + 1, host.Tables.Current.Revision);
        Assert.True(host.Tables.Current.TryIdentify(NetAddress.Parse("192.0.2.5:5060"), out _));
        Assert.False(host.Tables.Current.TryIdentify(NetAddress.Parse("192.0.2.3:5060"), out _));
        Assert.Equal("203.0.113.6:5060", host.Tables.Current.Routes.Gateways.Single(static g => g.Name == "one").Hops[0].Address.ToString());
    }
}
