using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Primitives;
using Tandem.Server.Network;
using Tandem.Server.Network.Streams;
using Tandem.Sip.Transports;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Kamailio;

/// <summary>The switch behind a record-routing proxy: each request within a dialog follows the route set (RFC 3261 §12.2.1.1), each way, on both legs.</summary>
public sealed class KamailioTests
{
    private const int Calls = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_through_an_edge_proxy_are_set_up_and_ended_by_the_caller() =>
        await Through(bothLegs: false, "callee", "caller", EndDirection.Caller);

    [Fact]
    public async Task The_BYE_of_the_callee_follows_the_route_back_to_the_caller() =>
        await Through(bothLegs: false, "callee-hangs-up", "caller-waits-for-bye", EndDirection.Callee);

    [Fact]
    public async Task With_the_proxy_on_both_legs_each_has_its_own_route_set() =>
        await Through(bothLegs: true, "callee", "caller", EndDirection.Caller);

    [Fact]
    public async Task With_the_proxy_on_both_legs_the_callee_can_hang_up() =>
        await Through(bothLegs: true, "callee-hangs-up", "caller-waits-for-bye", EndDirection.Callee);

    [Fact]
    public async Task A_CANCEL_goes_through_the_proxy_to_the_callee()
    {
        int[] ports = LoopbackPorts.Take(4);
        await using RunningSwitch running = await RunningSwitch.StartAsync();
        await running.SetUpAsync(ports[2], SippTests.PlainDeck, SippTests.PlainDeck, "100", ("one", ports[3]));
        using KamailioProxy proxy = KamailioProxy.Start(ports[2], ports[3], running.Sip, ports[1]);
        using SippRun callee = await SippRun.CalleeAsync("callee-rings", ports[1], 5, Stop);
        using SippRun caller = SippRun.Caller("caller-cancels", ports[0], proxy.OuterAddress, SippTests.Calls(5, talk: 700), 10);
        await WellAsync(caller, proxy);
        await WellAsync(callee, proxy);
        Assert.All(await running.CdrsAsync(5), static cdr => Assert.Equal((487, EndDirection.Caller), (cdr.EndReason, cdr.EndDirection)));
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_proxy_that_speaks_TCP_to_the_switch_and_UDP_to_everybody_else_is_followed_each_way() =>
        await Through(bothLegs: true, "callee-hangs-up", "caller-waits-for-bye", EndDirection.Callee, tcp: true);

    private static async Task Through(bool bothLegs, string calleeScenario, string callerScenario, EndDirection ended, bool tcp = false)
    {
        int[] ports = LoopbackPorts.Take(4);
        NetAddress loopback = NetAddress.Parse("127.0.0.1:0");
        await using RunningSwitch running = await RunningSwitch.StartAsync(new TlsOptions(), 1, loopback, new SipBinding(loopback, SipTransport.Tcp));
        await running.SetUpAsync(ports[2], SippTests.PlainDeck, SippTests.PlainDeck, "100", ("one", bothLegs ? ports[3] : ports[1]));
        if (tcp)
        {
            await running.ApplyAsync(new
            {
                mappingGateways = new[] { new { name = "customer", remoteIps = new[] { "127.0.0.1" }, account = RunningSwitch.Customer } },
                routingGateways = new[] { new { name = "one", remoteIp = $"127.0.0.1:{ports[3]}", transport = "tcp" } },
            });
        }
        using KamailioProxy proxy = KamailioProxy.Start(ports[2], ports[3], running.Host.SipAddresses[tcp ? 1 : 0], ports[1], tcp);
        using SippRun callee = await SippRun.CalleeAsync(calleeScenario, ports[1], Calls, Stop);
        using SippRun caller = SippRun.Caller(callerScenario, ports[0], proxy.OuterAddress, SippTests.Calls(Calls, talk: 1_300), 10);
        await WellAsync(caller, proxy);
        await WellAsync(callee, proxy);
        foreach (Cdr cdr in await running.CdrsAsync(Calls))
        {
            Assert.Equal((true, 200, ended, "customer", "one"), (cdr.WasAnswered, cdr.EndReason, cdr.EndDirection, cdr.CallerGateway, cdr.CalleeGateway));
            Assert.InRange(cdr.HoldTime.TotalMilliseconds, 1_250, 3_400);
            Assert.Equal(1_000_000L * (long)cdr.HoldTime.TotalSeconds, cdr.Sale!.Nanos);
        }
        if (tcp) Assert.Equal((1, 1), (await running.CounterAsync("streams.opened"), await running.CounterAsync("streams.accepted")));
        await running.AtRestAsync();
        Assert.False(proxy.Process.HasExited, proxy.Process.Story());
        Assert.DoesNotContain("without our route", proxy.Process.Story(), StringComparison.Ordinal);
    }

    private static async Task WellAsync(SippRun run, KamailioProxy proxy)
    {
        try
        {
            await run.AllWellAsync(Patience, Stop);
        }
        catch (Exception e) when (e is TimeoutException or Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{e.Message}\n{proxy.Process.Story()}");
        }
    }
}
