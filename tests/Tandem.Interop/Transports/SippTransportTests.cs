using System.Globalization;
using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Primitives;
using Tandem.Server.Network;
using Tandem.Server.Network.Streams;
using Tandem.Sip.Transports;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Transports;

/// <summary>sipp as customer and carrier over UDP and TCP, IPv4 and IPv6, in every mix.</summary>
public sealed class SippTransportTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private static readonly SipBinding[] Everywhere = [.. new[] { "udp:127.0.0.1:0", "tcp:127.0.0.1:0", "udp:[::1]:0", "tcp:[::1]:0" }.Select(static b => SipBinding.TryParse(b, out SipBinding binding) ? binding : default)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("u1", false, SipTransport.Tcp, false, 1)]
    [InlineData("t1", false, SipTransport.Udp, false, 1)]
    [InlineData("t1", false, SipTransport.Tcp, false, 2)]
    [InlineData("tn", false, SipTransport.Tcp, true, 1)] // a connection for each call
    [InlineData("u1", true, SipTransport.Udp, false, 1)]
    [InlineData("u1", false, SipTransport.Udp, true, 2)]
    [InlineData("t1", true, SipTransport.Tcp, true, 1)]
    public async Task Calls_are_carried_between_transports_and_IP_versions(string caller, bool callerV6, SipTransport carrier, bool carrierV6, int shards)
    {
        const int Calls = 60;
        int[] ports = LoopbackPorts.Take(2);
        await using RunningSwitch running = await RunningSwitch.StartAsync(new TlsOptions(), shards, Everywhere);
        await SetUpAsync(running, carrierV6, ports[1], carrier);
        using SippRun callee = await SippRun.CalleeAsync("callee", ports[1], Calls, Stop, [.. Transport(carrier == SipTransport.Tcp ? "t1" : "u1"), .. Host(carrierV6)]);
        NetAddress at = running.Host.SipAddresses[(caller[0] == 't' ? 1 : 0) + (callerV6 ? 2 : 0)];
        string[] lines = [.. Enumerable.Range(0, Calls).Select(static i => (4_930_000_000 + i).ToString(CultureInfo.InvariantCulture) + ";4920;" + (500 + (i * 10)))];
        using SippRun calling = SippRun.Caller("caller", ports[0], at, lines, 30, [.. Transport(caller), .. Host(callerV6)]);
        await calling.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        IReadOnlyList<Cdr> cdrs = await running.CdrsAsync(Calls);
        Assert.All(cdrs, static c => Assert.Equal((true, 1, 200), (c.WasAnswered, c.Attempts, c.EndReason)));
        Assert.All(cdrs, c => Assert.Equal((callerV6, carrierV6), (c.CallerAddress.IsV6, c.CalleeAddress.IsV6)));
        // One connection to the carrier, whatever the number of calls; from the customer one or one a call.
        Assert.Equal(carrier == SipTransport.Tcp ? 1 : 0, await running.CounterAsync("streams.opened"));
        Assert.Equal(caller switch { "t1" => 1, "tn" => Calls, _ => 0 }, await running.CounterAsync("streams.accepted"));
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_carrier_of_TCP_that_is_down_gives_way_to_the_next_at_once()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await RunningSwitch.StartAsync(new TlsOptions(), 1, Everywhere);
        await SetUpAsync(running, v6: false, ports[1], SipTransport.Tcp);
        await running.ApplyAsync(new { routingGateways = new[] { new { name = "two", remoteIp = $"127.0.0.1:{ports[2]}", priority = 2 } } });
        using SippRun callee = await SippRun.CalleeAsync("callee", ports[2], 10, Stop);
        using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, [.. Enumerable.Range(0, 10).Select(static i => $"493000{i};4920;200")], 20);
        await caller.AllWellAsync(Patience, Stop);
        IReadOnlyList<Cdr> cdrs = await running.CdrsAsync(10);
        Assert.All(cdrs, static c => Assert.Equal(("two", 2), (c.CalleeGateway, c.Attempts)));
        Assert.All(cdrs, static c => Assert.InRange(c.CallerPddMillis, 1, 900));
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_customer_whose_connection_dies_within_a_call_gets_its_BYE_on_a_new_one_or_the_call_ends_anyway()
    {
        int[] ports = LoopbackPorts.Take(2);
        await using RunningSwitch running = await RunningSwitch.StartAsync(new TlsOptions(), 1, Everywhere);
        await SetUpAsync(running, v6: false, ports[1], SipTransport.Udp);
        using SippRun callee = await SippRun.CalleeAsync("callee-hangs-up", ports[1], 1, Stop);
        using SippRun caller = SippRun.Caller("caller", ports[0], running.Host.SipAddresses[1], ["4930;4920;20000"], 1, "-t", "t1");
        await Eventually.BeAsync(async () => await running.CounterAsync("calls.answered") == 1, "an answered call", Patience, Stop);
        caller.Process.Kill();
        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.Equal(EndDirection.Callee, cdr.EndDirection);
        await running.AtRestAsync();
    }

    internal static async Task SetUpAsync(RunningSwitch running, bool v6, int port, SipTransport transport)
    {
        await running.ImportDeckAsync("sale", SippTests.PlainDeck);
        string host = v6 ? "[::1]" : "127.0.0.1";
        await running.ApplyAsync(new
        {
            accounts = new[] { new { account = RunningSwitch.Customer, currency = "USD", feeRateGroup = "sale" } },
            mappingGateways = new[] { new { name = "customer", remoteIps = new[] { "127.0.0.1", "::1" }, account = RunningSwitch.Customer } },
            routingGateways = new[] { new { name = "one", remoteIp = $"{host}:{port}", priority = 1, transport = transport.ToString().ToLowerInvariant() } },
        });
        await running.PayAsync(RunningSwitch.Customer, "100");
    }

    private static string[] Transport(string mode) => mode == "tn" ? ["-t", mode, "-max_socket", "200"] : ["-t", mode];

    private static string[] Host(bool v6) => v6 ? ["-i", "[::1]", "-mi", "[::1]"] : [];
}
