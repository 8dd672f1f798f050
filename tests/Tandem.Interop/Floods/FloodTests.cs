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
        Assert.Equal(Invites - Affordable, flood.Statuses.Count(static s => s == 402));
        await callee.AllWellAsync(TimeSpan.FromSeconds(10), patience.Token);
        IReadOnlyList<Cdr> cdrs = await running.CdrsAsync(Invites);
        Assert.Equal(Affordable, cdrs.Count(static c => c.WasAnswered));
        Assert.Equal(Invites - Affordable, cdrs.Count(static c => c.Refusal == Refusal.BalanceTooLow));
        Assert.Equal(Affordable * 60_000_000L, cdrs.Sum(static c => c.Sale?.Nanos ?? 0));
        await running.AtRestAsync();
        Assert.Equal(Balance - (Affordable * 60_000_000L), (await running.AccountAsync(RunningSwitch.Customer)).Balance.Nanos);
    }
}
