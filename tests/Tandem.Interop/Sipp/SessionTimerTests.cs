using Tandem.Interop.Peers;
using Tandem.Interop.Switches;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Sipp;

/// <summary>Session timers (RFC 4028) with sipp on both legs. The shortest interval there is, 90 s, refreshed ten times as often.</summary>
public sealed class SessionTimerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_switch_refreshes_one_end_by_re_INVITE_and_the_other_by_UPDATE()
    {
        int[] ports = LoopbackPorts.Take(2);
        await using RunningSwitch running = await StartAsync(ports);
        using SippRun callee = await SippRun.CalleeAsync("callee-refreshed", ports[1], 3, Stop);
        using SippRun caller = SippRun.Caller("caller-refreshed", ports[0], running.Sip, Calls(3), 10);
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(3))
        {
            Assert.Equal((EndDirection.Caller, 200), (cdr.EndDirection, cdr.EndReason));
            Assert.InRange(cdr.HoldTime.TotalSeconds, 12, 16);
        }
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_caller_refreshes_by_UPDATE_and_by_re_INVITE()
    {
        int[] ports = LoopbackPorts.Take(2);
        await using RunningSwitch running = await StartAsync(ports);
        using SippRun callee = await SippRun.CalleeAsync("callee-is-changed", ports[1], 5, Stop);
        using SippRun caller = SippRun.Caller("caller-refreshes", ports[0], running.Sip, Calls(5), 10);
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(5)) Assert.Equal((EndDirection.Caller, 200), (cdr.EndDirection, cdr.EndReason));
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_callee_that_vanished_is_found_out_and_costs_nothing()
    {
        int[] ports = LoopbackPorts.Take(2);
        await using RunningSwitch running = await StartAsync(ports);
        await running.ApplyAsync(new { settings = new { SS_SIP_RESEND_INTERVAL = "0.5,0.5" } });
        using SippRun callee = await SippRun.CalleeAsync("callee-vanishes", ports[1], 1, Stop);
        using SippRun caller = SippRun.Caller("caller-waits-for-bye", ports[0], running.Sip, Calls(1), 10);
        await callee.AllWellAsync(Patience, Stop);
        await caller.AllWellAsync(Patience, Stop);
        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.Equal((EndDirection.Server, Refusal.SessionExpired.Meaning().EndReason), (cdr.EndDirection, cdr.EndReason));
        Assert.True(cdr.WasAnswered);
        Assert.InRange(cdr.HoldTime.TotalSeconds, 0, 1); // to its last word, not to the ten seconds after it
        await running.AtRestAsync();
    }

    private static async Task<RunningSwitch> StartAsync(int[] ports)
    {
        RunningSwitch running = await RunningSwitch.StartAsync();
        await running.SetUpAsync(ports[0], SippTests.PlainDeck, SippTests.PlainDeck, "10", ("one", ports[1]));
        await running.ApplyAsync(new { settings = new { SS_SIP_SESSION_TTL = 90, SS_SIP_SESSION_UPDATE_SEGMENT = 10 } });
        return running;
    }

    private static List<string> Calls(int count) => [.. Enumerable.Range(0, count).Select(static i => $"4930{i:D6};49151{i:D6};0")];
}
