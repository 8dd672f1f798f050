using Tandem.Interop.Peers;
using Tandem.Interop.Sipp;
using Tandem.Interop.Switches;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;

namespace Tandem.Interop.Floods;

public sealed class FloodTests
{
    private const int Invites = 10_000;

    // A minute, 0.06, is the least a call is admitted with and charged: sixteen times that is 0.96.
    private const string MinuteDeck = "prefix,destination,rate_per_min,connect_fee,first_interval,next_interval\n49,Germany,0.06,0,60,60\n";
    private const int Affordable = 16;
    private const long Balance = 1_000_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Ten_thousand_INVITEs_at_once_on_a_balance_of_one_never_cost_more_than_one(int shards)
    {
        int[] ports = LoopbackPorts.Take(2);
        await using RunningSwitch running = await RunningSwitch.StartAsync(shards);
        await running.SetUpAsync(ports[0], MinuteDeck, MinuteDeck, "1.00", ("one", ports[1]));
        using SippRun callee = await SippRun.CalleeAsync("callee", ports[1], Affordable, TestContext.Current.CancellationToken);
        using var flood = new InviteFlood(ports[0], running.Sip, Invites);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));

        Task calling = flood.CallAllAsync(patience.Token);
        do
        {
            AccountView seen = await running.AccountAsync(RunningSwitch.Customer);
            Assert.InRange(seen.Reserved.Nanos, 0, Balance);
            Assert.InRange(seen.Balance.Nanos - seen.Reserved.Nanos, 0, Balance);
        }
        while (await Task.WhenAny(calling, Eventually.PassAsync(TimeSpan.FromMilliseconds(20), patience.Token)) != calling);
        await calling;
        await Eventually.PassAsync(TimeSpan.FromMilliseconds(1_200), patience.Token); // some talk
        await flood.HangUpAllAsync(patience.Token);

        Assert.Equal(Affordable, flood.Statuses.Count(static s => s == 200));
        // A switch that cannot keep up with them turns some away unseen (docs/security.md): they leave no CDR.
        int turnedAway = flood.Statuses.Count(static s => s == 503);
        Assert.Equal(Invites - Affordable - turnedAway, flood.Statuses.Count(static s => s == 402));
        await callee.AllWellAsync(TimeSpan.FromSeconds(10), patience.Token);
        IReadOnlyList<Cdr> cdrs = await running.SettledCdrsAsync();
        // One that was turned away and sent again in the same moment may have been taken after all.
        Assert.InRange(cdrs.Count, Invites - turnedAway, Invites);
        Assert.Equal(Affordable, cdrs.Count(static c => c.WasAnswered));
        Assert.Equal(cdrs.Count - Affordable, cdrs.Count(static c => c.Refusal == Refusal.BalanceTooLow));
        Assert.Equal(Affordable * 60_000_000L, cdrs.Sum(static c => c.Sale?.Nanos ?? 0));
        await running.AtRestAsync();
        Assert.Equal(Balance - (Affordable * 60_000_000L), (await running.AccountAsync(RunningSwitch.Customer)).Balance.Nanos);
    }

    [Fact]
    public async Task Calls_go_on_unharmed_through_a_flood_of_strangers()
    {
        const int calls = 100;
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await SippTests.PlainSwitch(ports);
        CancellationToken stop = TestContext.Current.CancellationToken;
        int sent;
        await using (var flood = new StrangerFlood(running.Sip))
        {
            using SippRun callee = await SippRun.CalleeAsync("callee", ports[1], calls, stop);
            using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, [.. Enumerable.Range(0, calls).Select(static i => $"4930{1000 + i};4915;1000")], 25);
            await caller.AllWellAsync(TimeSpan.FromSeconds(60), stop);
            await callee.AllWellAsync(TimeSpan.FromSeconds(10), stop);
            sent = flood.Sent;
        }
        IReadOnlyList<Cdr> cdrs = await running.SettledCdrsAsync();
        Assert.Equal(calls, cdrs.Count(static c => c.WasAnswered));
        long dropped = await running.CounterAsync("door.strangersDropped"), answered = await running.CounterAsync("sip.statelessAnswers");
        Assert.True(sent > 2_000 && answered > 0 && dropped > 0, $"{sent} sent, {answered} answered, {dropped} dropped");
        Assert.Equal(0, await running.CounterAsync("loop.faults"));
    }
}
