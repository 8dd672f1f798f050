using System.Globalization;
using System.IO.Compression;
using System.Numerics;
using System.Text;
using Tandem.Interop.Billing;
using Tandem.Interop.Peers;
using Tandem.Interop.Switches;
using Tandem.Primitives;
using Tandem.Server.Demo;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Tests;

namespace Tandem.Interop.Sipp;

/// <summary>Calls between sipp as a customer's gateway and sipp as carriers, through the switch.</summary>
public sealed class SippTests
{
    /// <summary>Each second counts, a tenth of a cent: what a call costs is easy to see.</summary>
    internal const string PlainDeck = "prefix,destination,rate_per_min,connect_fee,first_interval,next_interval\n49,Germany,0.06,0,1,1\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_calls_over_the_real_deck_are_charged_to_the_last_digit()
    {
        using var file = new GZipStream(File.OpenRead(SharedData.Path("az-rates-36k.csv.gz")), CompressionMode.Decompress);
        using var text = new StreamReader(file);
        string csv = await text.ReadToEndAsync(Stop);
        await ChargedToTheLastDigit(csv, csv, calls: 200, perSecond: 50, seed: 20_161);
    }

    [Fact]
    public async Task A_hundred_and_fifty_calls_over_the_generated_decks_are_charged_to_the_last_digit() =>
        await ChargedToTheLastDigit(Csv(DemoDeck.Customer(2)), Csv(DemoDeck.Carrier(3)), calls: 150, perSecond: 50, seed: 7);

    [Fact]
    public async Task Calls_of_two_shards_are_carried_and_charged_as_those_of_one() =>
        await ChargedToTheLastDigit(Csv(DemoDeck.Customer(1)), Csv(DemoDeck.Carrier(2)), calls: 100, perSecond: 50, seed: 8, shards: 2);

    [Fact]
    public async Task A_busy_callee_is_busy_for_the_caller_and_no_other_carrier_is_tried()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await PlainSwitch(ports);
        using SippRun callee = await SippRun.CalleeAsync("callee-says-486", ports[1], 10, Stop);
        using SippRun caller = SippRun.Caller("caller-hears-486", ports[0], running.Sip, Calls(10, talk: 0), 20);
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(10))
        {
            Assert.Equal((486, EndDirection.Callee, 1, "one"), (cdr.EndReason, cdr.EndDirection, cdr.Attempts, cdr.CalleeGateway));
            Assert.False(cdr.WasAnswered);
        }
        await NothingChargedAsync(running);
    }

    [Fact]
    public async Task A_carrier_that_is_unavailable_gives_way_to_the_next()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await PlainSwitch(ports);
        using SippRun first = await SippRun.CalleeAsync("callee-says-503", ports[1], 10, Stop);
        using SippRun second = await SippRun.CalleeAsync("callee", ports[2], 10, Stop);
        using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, Calls(10, talk: 1_200), 20);
        await caller.AllWellAsync(Patience, Stop);
        await first.AllWellAsync(Patience, Stop);
        await second.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(10))
        {
            Assert.Equal(("two", 2, 200, RunningSwitch.Clearing(1)), (cdr.CalleeGateway, cdr.Attempts, cdr.EndReason, cdr.Cost?.AccountNumber));
            Assert.True(cdr.WasAnswered);
        }
        await running.AtRestAsync();
        Assert.Equal(0, (await running.AccountAsync(RunningSwitch.Clearing(0))).Balance.Nanos);
    }

    [Fact]
    public async Task A_carrier_whose_port_is_closed_gives_way_to_the_next()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await PlainSwitch(ports);
        await running.ApplyAsync(new { settings = new { SS_SIP_TIMEOUT_INVITE = 1 } });
        using SippRun second = await SippRun.CalleeAsync("callee", ports[2], 10, Stop);
        using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, Calls(10, talk: 100), 20);
        await caller.AllWellAsync(Patience, Stop);
        await second.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(10)) Assert.Equal(("two", 2), (cdr.CalleeGateway, cdr.Attempts));
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_caller_who_gives_up_cancels_the_call_at_the_callee()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await PlainSwitch(ports);
        using SippRun callee = await SippRun.CalleeAsync("callee-rings", ports[1], 10, Stop);
        using SippRun caller = SippRun.Caller("caller-cancels", ports[0], running.Sip, Calls(10, talk: 700), 20);
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(10))
        {
            Assert.Equal((487, EndDirection.Caller, 1), (cdr.EndReason, cdr.EndDirection, cdr.Attempts));
            Assert.InRange(cdr.CallerPddMillis, 1, 600);
        }
        await NothingChargedAsync(running);
    }

    [Fact]
    public async Task A_callee_who_hangs_up_ends_the_call_for_the_caller()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await PlainSwitch(ports);
        using SippRun callee = await SippRun.CalleeAsync("callee-hangs-up", ports[1], 20, Stop);
        using SippRun caller = SippRun.Caller("caller-waits-for-bye", ports[0], running.Sip, Calls(20, talk: 0), 20);
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(20))
        {
            Assert.Equal((200, EndDirection.Callee), (cdr.EndReason, cdr.EndDirection));
            Assert.InRange(cdr.HoldTime.TotalMilliseconds, 1_350, 3_400);
        }
        await running.AtRestAsync();
    }

    [Fact]
    public async Task Lost_packets_cost_retransmissions_but_no_call_and_no_money()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await PlainSwitch(ports);
        List<string> calls = Calls(60, talk: 1_300);
        using SippRun callee = await SippRun.CalleeAsync("callee-lingers", ports[1], 10_000, Stop, "-lost", "8"); // what comes late makes new calls in sipp's count
        using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, calls, 30, "-lost", "8");
        SippCounts counts = await caller.AllWellAsync(Patience, Stop);
        Assert.True(counts.Retransmissions > 0, "sipp lost nothing");
        IReadOnlyList<Cdr> cdrs = await running.CdrsAsync(60);
        Assert.All(cdrs, static cdr => Assert.True(cdr is { WasAnswered: true, EndReason: 200, Attempts: 1 }));
        Assert.True(await running.CounterAsync("sip.retransmissionsReceived") > 0);
        await running.AtRestAsync();
    }

    [Fact]
    public async Task Early_media_reaches_the_caller_before_the_answer()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await PlainSwitch(ports);
        using SippRun callee = await SippRun.CalleeAsync("callee-early", ports[1], 10, Stop);
        using SippRun caller = SippRun.Caller("caller-early", ports[0], running.Sip, Calls(10, talk: 300), 20);
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(10))
        {
            Assert.InRange(cdr.CallerPddMillis, 1, 550);
            Assert.InRange((cdr.Answered - cdr.Start).TotalMilliseconds, 550, 2_500);
        }
        await running.AtRestAsync();
    }

    [Fact]
    public async Task A_callee_may_let_it_ring()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await PlainSwitch(ports);
        using SippRun callee = await SippRun.CalleeAsync("callee-slow", ports[1], 5, Stop);
        using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, Calls(5, talk: 300), 20);
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(5))
        {
            Assert.InRange((cdr.Answered - cdr.Start).TotalMilliseconds, 2_900, 6_000);
            Assert.InRange(cdr.HoldTime.TotalMilliseconds, 300, 2_300);
        }
        await running.AtRestAsync();
    }

    [Fact]
    public async Task At_the_longest_duration_the_server_hangs_up_on_both_sides()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await PlainSwitch(ports);
        await running.ApplyAsync(new { settings = new { SS_MAX_CALL_DURATION = 2 } });
        using SippRun callee = await SippRun.CalleeAsync("callee", ports[1], 10, Stop);
        using SippRun caller = SippRun.Caller("caller-waits-for-bye", ports[0], running.Sip, Calls(10, talk: 0), 20);
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);
        foreach (Cdr cdr in await running.CdrsAsync(10))
        {
            Assert.Equal((Refusal.MaxDuration, EndDirection.Server, 2_000), (cdr.Refusal, cdr.EndDirection, cdr.HoldTime.TotalMilliseconds));
            Assert.Equal((2, 2_000_000), (cdr.Sale!.BilledSeconds, cdr.Sale.Nanos)); // 0.06 a minute
        }
        await running.AtRestAsync();
    }

    [Fact]
    public async Task Calls_the_deck_or_the_money_does_not_cover_are_refused_and_cost_nothing()
    {
        int[] ports = LoopbackPorts.Take(3);
        await using RunningSwitch running = await PlainSwitch(ports, money: "0.059999999");
        using (SippRun poor = SippRun.Caller("caller-hears-402", ports[0], running.Sip, Calls(5, talk: 0), 20)) await poor.AllWellAsync(Patience, Stop);
        using (SippRun unrated = SippRun.Caller("caller-hears-403", ports[0], running.Sip, ["33123456;4915;0"], 20)) await unrated.AllWellAsync(Patience, Stop);
        IReadOnlyList<Cdr> cdrs = await running.CdrsAsync(6);
        Assert.Equal(5, cdrs.Count(static c => c.Refusal == Refusal.BalanceTooLow));
        Assert.Equal(1, cdrs.Count(static c => c.Refusal == Refusal.NoRate));
        await running.AtRestAsync();
        Assert.Equal(59_999_999, (await running.AccountAsync(RunningSwitch.Customer)).Balance.Nanos);
    }

    internal static List<string> Calls(int count, int talk) =>
        [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"49301{i:D6};4915112{i:D4};{talk}"))];

    internal static async Task<RunningSwitch> PlainSwitch(int[] ports, string money = "100")
    {
        RunningSwitch running = await RunningSwitch.StartAsync();
        await running.SetUpAsync(ports[0], PlainDeck, PlainDeck, money, ("one", ports[1]), ("two", ports[2]));
        return running;
    }

    private static async Task NothingChargedAsync(RunningSwitch running)
    {
        await running.AtRestAsync();
        Assert.Equal(100_000_000_000, (await running.AccountAsync(RunningSwitch.Customer)).Balance.Nanos);
        Assert.Equal(0, (await running.AccountAsync(RunningSwitch.Clearing(0))).Balance.Nanos);
    }

    private static async Task ChargedToTheLastDigit(string saleCsv, string costCsv, int calls, int perSecond, int seed, int shards = 1)
    {
        int[] ports = LoopbackPorts.Take(2);
        var sale = new SlowDeck(saleCsv);
        var cost = new SlowDeck(costCsv);
        (List<string> lines, Dictionary<string, int> talk) = RandomCalls(sale, calls, seed);

        await using RunningSwitch running = await RunningSwitch.StartAsync(shards);
        await running.SetUpAsync(ports[0], saleCsv, costCsv, "5000", ("one", ports[1]));
        using SippRun callee = await SippRun.CalleeAsync("callee", ports[1], calls, Stop);
        using SippRun caller = SippRun.Caller("caller", ports[0], running.Sip, lines, perSecond);
        await caller.AllWellAsync(Patience, Stop);
        await callee.AllWellAsync(Patience, Stop);

        IReadOnlyList<Cdr> cdrs = await running.CdrsAsync(calls);
        BigInteger sold = 0, bought = 0;
        foreach (Cdr cdr in cdrs)
        {
            Assert.True(talk.Remove(cdr.CalleeE164, out int millis), $"two CDRs for {cdr.CalleeE164}");
            Assert.InRange(cdr.HoldTime.TotalMilliseconds, millis - 20, millis + 2_000); // sipp's pauses begin and end on a coarse clock
            sold += Same(cdr, cdr.Sale, sale, RunningSwitch.Customer);
            bought += Same(cdr, cdr.Cost, cost, RunningSwitch.Clearing(0));
        }
        Assert.Empty(talk);
        Assert.True(sold > 0 && bought > 0);
        await running.AtRestAsync();
        Assert.Equal(5_000_000_000_000 - sold, (await running.AccountAsync(RunningSwitch.Customer)).Balance.Nanos);
        Assert.Equal(-bought, (await running.AccountAsync(RunningSwitch.Clearing(0))).Balance.Nanos);
    }

    private static BigInteger Same(Cdr cdr, CallCharge? charge, SlowDeck deck, string account)
    {
        SlowRate rate = deck.RateOf(cdr.CalleeE164)!;
        long micros = cdr.Stop.Micros - cdr.Answered.Micros;
        BigInteger expected = SlowDeck.ChargeNanos(rate, micros);
        Assert.Equal(
            (account, rate.Prefix, SlowDeck.BilledSeconds(rate, micros), expected),
            (charge?.AccountNumber, charge?.RatePrefix, charge?.BilledSeconds, (BigInteger)(charge?.Nanos ?? -1)));
        return expected;
    }

    /// <summary>Different numbers behind prefixes picked at random, talk of 0.2 to 4.2 s.</summary>
    private static (List<string> Lines, Dictionary<string, int> Talk) RandomCalls(SlowDeck deck, int count, int seed)
    {
        var random = new Random(seed);
        var talk = new Dictionary<string, int>(StringComparer.Ordinal);
        List<string> lines = [];
        while (lines.Count < count)
        {
            var number = new StringBuilder(deck.Rates[random.Next(deck.Rates.Count)].Prefix);
            while (number.Length < 14) number.Append((char)('0' + random.Next(10)));
            int millis = 200 + random.Next(4_000);
            if (talk.TryAdd(number.ToString(), millis)) lines.Add(string.Create(CultureInfo.InvariantCulture, $"{number};49151{random.Next(1_000_000):D6};{millis}"));
        }
        return (lines, talk);
    }

    private static string Csv(Deck deck)
    {
        var csv = new StringBuilder("prefix,destination,rate_per_min,connect_fee,first_interval,next_interval\n");
        foreach (Rate rate in deck.Rates)
        {
            Tariff t = rate.Tariff;
            csv.Append(CultureInfo.InvariantCulture, $"{rate.Prefix},{(rate.Area.Contains(',', StringComparison.Ordinal) ? $"\"{rate.Area}\"" : rate.Area)},");
            csv.Append(CultureInfo.InvariantCulture, $"{t.RatePerMinuteNanos / 1e9m},{t.ConnectFeeNanos / 1e9m},{t.FirstSeconds},{t.NextSeconds}\n");
        }
        return csv.ToString();
    }
}
