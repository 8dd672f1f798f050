using Tandem.Interop.Peers;
using Tandem.Interop.Switches;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Sipp;

/// <summary>What a carrier is shown of the caller, checked by sipp itself: its scenarios fail a call whose INVITE is not as they say.</summary>
public sealed class IdentityTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("callee-is-shown", "none", "pass")]
    [InlineData("callee-keeps-secret", "id", "pass")]
    [InlineData("callee-keeps-secret", "user;id", "id")]
    [InlineData("callee-is-not-told", "id", "none")]
    [InlineData("callee-is-not-told", "header", "noneValue")]
    public async Task A_carrier_is_shown_what_caller_and_operator_want(string callee, string wish, string privacy)
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SippTests.PlainSwitch(ports);
        await running.ApplyAsync(new
        {
            mappingGateways = new[] { new { name = "customer", remoteIps = new[] { $"127.0.0.1:{ports[0]}" }, account = RunningSwitch.Customer, sipCallerE164Domain = "pAssertedIdentity" } },
            routingGateways = new[]
            {
                new { name = "one", remoteIp = $"127.0.0.1:{ports[1]}", priority = 1, sipDisplay = true, sipPAssertedIdentity = "pass", sipPrivacy = privacy, extraHeaders = "X-Order" },
            },
        });
        using SippRun called = await SippRun.CalleeAsync(callee, ports[1], 5, Stop);
        using SippRun caller = SippRun.Caller("caller-identity", ports[0], running.Sip, [.. SippTests.Calls(5, talk: 100).Select(line => $"{line};{wish}")], 20);
        await caller.AllWellAsync(Patience, Stop);
        await called.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(5)) Assert.Equal(("4930555", "4930555", "one", 1), (cdr.CallerAccessE164, cdr.CallerToGatewayE164, cdr.CalleeGateway, cdr.Attempts));
        await running.AtRestAsync();
    }
}
