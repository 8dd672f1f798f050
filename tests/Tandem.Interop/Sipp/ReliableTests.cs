using Tandem.Interop.Peers;
using Tandem.Interop.Switches;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Sipp;

/// <summary>100rel, UPDATE before the answer and DTMF by INFO against sipp: its scenarios fail a call in which one of them is missing.</summary>
public sealed class ReliableTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Supported")]
    [InlineData("Require")]
    public async Task Both_ends_acknowledge_each_others_progress_and_change_it_and_press_a_digit(string wish)
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SippTests.PlainSwitch(ports);
        await running.ApplyAsync(new
        {
            mappingGateways = new[] { new { name = "customer", remoteIps = new[] { $"127.0.0.1:{ports[0]}" }, account = RunningSwitch.Customer, sip100Rel = true } },
            routingGateways = new[] { new { name = "one", remoteIp = $"127.0.0.1:{ports[1]}", priority = 1, sip100Rel = true } },
        });
        using SippRun callee = await SippRun.CalleeAsync("callee-reliable", ports[1], 10, Stop, "-trace_logs");
        using SippRun caller = SippRun.Caller("caller-reliable", ports[0], running.Sip, [.. SippTests.Calls(10, talk: 1_200).Select(line => $"{line};{wish}")], 20, "-trace_logs");
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(10)) Assert.Equal((200, EndDirection.Caller, 1), (cdr.EndReason, cdr.EndDirection, cdr.Attempts));
        await running.AtRestAsync();
    }
}
