using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Kamailio;

/// <summary>The switch registers at a kamailio that asks for digest, calls through it, is called through it, and takes its leave.</summary>
public sealed class TrunkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<RunningSwitch> SwitchAsync(int callerPort, int carrierPort)
    {
        RunningSwitch running = await RunningSwitch.StartAsync();
        await running.SetUpAsync(callerPort, SippTests.PlainDeck, SippTests.PlainDeck, "100", ("one", carrierPort));
        return running;
    }

    private static Task RegisterAsync(RunningSwitch running, int carrierPort, string password, object settings) => running.ApplyAsync(new
    {
        settings,
        mappingGateways = new[] { new { name = "inbound", remoteIps = Array.Empty<string>(), account = RunningSwitch.Customer } },
        routingGateways = new[] { new { name = "one", remoteIp = $"127.0.0.1:{carrierPort}", registerType = "register", registerName = "tandem-7", password, inboundMappingGateway = "inbound" } },
    });

    private static async Task<TrunkView> TrunkAsync(RunningSwitch running) => Assert.Single((await running.Host.Control.TrunksAsync(Stop)).Trunks);

    [Fact]
    public async Task It_registers_calls_is_called_refreshes_and_unregisters_as_it_stops()
    {
        int[] ports = LoopbackPorts.Take(4);
        RunningSwitch running = await SwitchAsync(ports[0], ports[1]);
        using KamailioCarrier carrier = await KamailioCarrier.StartAsync(ports[1], running.Sip.Port, ports[2], grantedSeconds: 6, Stop);
        await using (running)
        {
            await RegisterAsync(running, ports[1], "open sesame", new { SS_SIP_USER_AGENT_EXPIRE = 20 });
            await Eventually.BeAsync(async () => (await TrunkAsync(running)).Up, "the trunk is up", Patience, Stop);
            TrunkView first = await TrunkAsync(running);

            using SippRun callee = await SippRun.CalleeAsync("callee", ports[2], 10, Stop);
            using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, SippTests.Calls(10, talk: 300), 10);
            await WellAsync(caller, carrier);
            await WellAsync(callee, carrier);
            foreach (Cdr cdr in await running.CdrsAsync(10))
            {
                Assert.Equal((true, 200, 1, "customer", "one"), (cdr.WasAnswered, cdr.EndReason, cdr.Attempts, cdr.CallerGateway, cdr.CalleeGateway));
                Assert.Contains("one asks who we are (407); the INVITE goes again with the gateway's credentials (round 1).", WhyText.Of(WhyStory.Of(cdr)), StringComparison.Ordinal);
            }

            using SippRun calleeAgain = await SippRun.CalleeAsync("callee", ports[2], 5, Stop);
            using SippRun network = SippRun.Caller("caller", ports[3], carrier.Address, SippTests.Calls(5, talk: 300), 10);
            await WellAsync(network, carrier);
            await WellAsync(calleeAgain, carrier);
            Cdr[] inbound = [.. (await running.CdrsAsync(15)).Where(static c => c.CallerGateway == "inbound")];
            Assert.Equal(5, inbound.Length);
            Assert.All(inbound, static cdr => Assert.StartsWith("49301", cdr.CalleeE164, StringComparison.Ordinal));
            Assert.Contains("over trunk one: to the contact registered there, from its registrar", WhyText.Of(WhyStory.Of(inbound[0])), StringComparison.Ordinal);

            await Eventually.BeAsync(async () => (await TrunkAsync(running)).Expires > first.Expires, "the registration was refreshed", Patience, Stop);
            TrunkView later = await TrunkAsync(running);
            Assert.Equal((true, first.Since, ""), (later.Up, later.Since, later.LastError));
            await running.AtRestAsync();
        }
        await Eventually.BeAsync(() => carrier.Process.Story().Contains("goodbye of tandem-7", StringComparison.Ordinal), "kamailio heard the goodbye", TimeSpan.FromSeconds(5), Stop);
        Assert.Contains("registered tandem-7 for 60", carrier.Process.Story(), StringComparison.Ordinal); // 20 was too brief (423)
    }

    [Fact]
    public async Task A_wrong_password_leaves_the_trunk_down_and_says_why()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SwitchAsync(ports[0], ports[1]);
        using KamailioCarrier carrier = await KamailioCarrier.StartAsync(ports[1], running.Sip.Port, ports[2], grantedSeconds: 60, Stop);
        await RegisterAsync(running, ports[1], "open barley", new { SS_SIP_AUTHENTICATION_RETRY = 2 });
        await Eventually.BeAsync(async () => (await TrunkAsync(running)).LastError.Length > 0, "the registrar said no", Patience, Stop);
        TrunkView trunk = await TrunkAsync(running);
        // kamailio makes a nonce a second: asked for the same again it is the password, for another one the bound of rounds.
        Assert.Matches("^401 Unauthorized from 127.0.0.1:[0-9]+(: registerName or password are wrong|; it was answered as often as SS_SIP_AUTHENTICATION_RETRY permits)$", trunk.LastError);
        Assert.Equal((false, "waiting"), (trunk.Up, trunk.State));
        Assert.Contains(running.Said, static s => s.StartsWith("Trunk one: not registered: ", StringComparison.Ordinal));
    }

    private static async Task WellAsync(SippRun run, KamailioCarrier carrier)
    {
        try
        {
            await run.AllWellAsync(Patience, Stop);
        }
        catch (Exception e) when (e is TimeoutException or Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{e.Message}\n{carrier.Process.Story()}");
        }
    }
}
