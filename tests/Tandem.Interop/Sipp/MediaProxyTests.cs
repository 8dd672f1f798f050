using Tandem.Interop.Peers;
using Tandem.Interop.Switches;

namespace Tandem.Interop.Sipp;

/// <summary>Where a carrier is told to send its media (docs/media.md).</summary>
public sealed class MediaProxyTests
{
    private const string CallersMedia = "c=IN IP4 127.0.0.9 m=audio 31000"; // as sipp is told to say

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Auto", "auto", true)]
    [InlineData("Off", "auto", true)]
    [InlineData("On", "off", true)]
    [InlineData("Auto", "on", false)]
    [InlineData("Must On", "off", false)]
    public async Task A_carrier_is_told_the_callers_media_or_ours(string mode, string carrier, bool direct)
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SippTests.PlainSwitch(ports);
        await running.ApplyAsync(new { settings = new { SS_MEDIA_PROXY_MODE = mode }, routingGateways = new[] { new { name = "one", remoteIp = $"127.0.0.1:{ports[1]}", priority = 1, rtpForwardType = carrier } } });
        using SippRun callee = await SippRun.CalleeAsync("callee-tells-media", ports[1], 3, Stop, "-trace_logs");
        using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, SippTests.Calls(3, talk: 200), 20, "-mi", "127.0.0.9", "-mp", "31000");
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        Assert.Equal(3, callee.Told().Count);
        Assert.All(callee.Told(), told =>
        {
            if (direct) Assert.Equal(CallersMedia, told);
            else Assert.StartsWith("c=IN IP4 127.0.0.1 m=audio ", told, StringComparison.Ordinal);
        });
        await running.CdrsAsync(3);
        await running.AtRestAsync();
    }
}
