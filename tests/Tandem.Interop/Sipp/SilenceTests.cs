using Tandem.Interop.Peers;
using Tandem.Interop.Switches;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Sipp;

/// <summary>Dead media (docs/media.md) with sipp, which signals and sends no RTP.</summary>
public sealed class SilenceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("remoteToServer", 0.0)] // the called end is silent: it costs nothing
    [InlineData("serverToRemote", 0.0)] // the caller is, but so is the called end
    public async Task A_call_without_a_packet_of_media_is_ended_when_the_gateway_says_so(string direction, double counts)
    {
        int[] ports = LoopbackPorts.Take(2);
        await using RunningSwitch running = await RunningSwitch.StartAsync();
        await running.SetUpAsync(ports[0], SippTests.PlainDeck, SippTests.PlainDeck, "10", ("one", ports[1]));
        await running.ApplyAsync(new { routingGateways = new[] { new { name = "one", remoteIp = $"127.0.0.1:{ports[1]}", mediaCheckDirection = direction, mediaCheckSeconds = 5 } } });
        using SippRun callee = await SippRun.CalleeAsync("callee", ports[1], 1, Stop);
        using SippRun caller = SippRun.Caller("caller-waits-for-bye", ports[0], running.Sip, ["4930000001;4915100001;0"], 10);
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        Cdr cdr = Assert.Single(await running.CdrsAsync(1));
        Assert.Equal((EndDirection.Server, Refusal.MediaTimeout.Meaning().EndReason, true), (cdr.EndDirection, cdr.EndReason, cdr.WasAnswered));
        Assert.Equal(counts, cdr.HoldTime.TotalSeconds);
        await running.AtRestAsync();
    }
}
