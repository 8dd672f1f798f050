using Tandem.Interop.Peers;
using Tandem.Interop.Switches;
using Tandem.Server.Api;

namespace Tandem.Interop.Sipp;

/// <summary>PUBLISH of the calls a gateway carries elsewhere, from sipp: its scenario fails when a tag, a lifetime or a refusal is not as RFC 3903 says.</summary>
public sealed class PublishingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_carrier_publishes_refreshes_and_changes_its_calls_and_they_stand_among_the_gateways()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SippTests.PlainSwitch(ports);
        await running.ApplyAsync(new
        {
            mappingGateways = new[] { new { name = "customer", remoteIps = new[] { $"127.0.0.1:{ports[0]}" }, account = RunningSwitch.Customer } },
            routingGateways = new[] { new { name = "one", remoteIp = $"127.0.0.1:{ports[1]}", priority = 1, capacity = 7, allowPublish = true } },
        });
        using SippRun gateway = SippRun.Caller("gateway-publishes", ports[1], running.Sip, ["1;1;0"], 1);
        await gateway.AllWellAsync(TimeSpan.FromSeconds(30), Stop);
        GatewayView one = (await running.Host.Control.GatewaysAsync(Stop)).RoutingGateways.Single(static g => g.Name == "one");
        Assert.Equal((7, 0, 7), (one.PublishedCalls, one.CurrentCalls, one.Capacity));
        Assert.NotNull(one.PublishedUntil);
    }
}
