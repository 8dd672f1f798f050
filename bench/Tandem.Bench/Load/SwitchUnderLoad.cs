using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Cli;
using Tandem.Server.Demo;
using Tandem.Server.Hosting;
using Tandem.Server.Media;
using Tandem.Server.Network;
using Tandem.Sip.Transports;
using Tandem.Switching.Billing;

namespace Tandem.Bench.Load;

/// <summary>
/// The verb <c>serve</c>: a switch as an operator runs it (rates of carriers, accounts, 200 routing gateways, money reserved, journal,
/// decision log, CDR database, media ports lent), which answers "status" with a line of JSON and stops at the end of its input.
/// </summary>
internal static class SwitchUnderLoad
{
    private const int Gateways = 200;
    private const int Carriers = 40;
    private const int LeastRatesADeck = 25_000;
    private const int AccountsAtATime = 50_000;
    private const int FirstAccount = 10_000_000;
    private const ulong WantedDescriptors = 65_536;

    public static async Task<int> Serve(string[] args)
    {
        string folder = args[0];
        int port = int.Parse(args[1]), caller = int.Parse(args[2]), called = int.Parse(args[3]), probing = int.Parse(args[5]), probed = int.Parse(args[6]);
        bool again = Directory.Exists(folder); // what was said before stands
        RaiseDescriptors();
        bool streams = args[8].Length > 0;
        var size = new SwitchSize(int.Parse(args[9]), int.Parse(args[10]), args[11] == "relays", args[12] == "api");
        var pauses = new GcPauses();
        int told = 0;
        var options = new SwitchOptions { DataFolder = folder, Sip = [.. Listeners(port, streams)], MediaPortRest = DescriptorLimit.Raise() < (long)WantedDescriptors ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromSeconds(2), MediaPump = args[7].StartsWith("epoll", StringComparison.Ordinal) ? PumpChoice.Epoll : PumpChoice.Best };
        await using SwitchHost host = await SwitchHost.Start(options, static says => Console.Error.WriteLine(says));
        Deck sale = DemoDeck.Customer(1);
        if (!again) await Configure(host, sale, caller, called, probing, probed, streams ? args[8] : "udp", encrypted: args[7].EndsWith("+srtp", StringComparison.Ordinal), transcodes: args[7].EndsWith("+g711", StringComparison.Ordinal), size);
        if (!again) await File.WriteAllLinesAsync(args[4], Numbers(sale));
        await using ApiServer? api = size.Api ? await HostVerbs.ServeAsync(host, new IPEndPoint(IPAddress.Loopback, 0), null, static says => Console.Error.WriteLine(says)) : null;
        Console.Out.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } asked)
        {
            if (asked == "collect")
            {
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }
            StatusView status = await host.Control.StatusAsync(CancellationToken.None);
            var says = new SwitchSays(
                GC.GetTotalAllocatedBytes(), (long)GC.GetTotalPauseDuration().TotalMicroseconds, GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2), GC.GetTotalMemory(false),
                host.Shards.Sum(static s => s.Counters.CallsSettled), status.CallsOpen, (int)Math.Min(5_000, (DescriptorLimit.Raise() - 2_000) / 4))
            {
                PausesMillis = pauses.Since(told),
            };
            told = pauses.Count;
            Console.Out.WriteLine(JsonSerializer.Serialize(says));
        }
        return 0;
    }

    // With streams: TCP on the same port, TLS on the one above.
    private static IEnumerable<SipBinding> Listeners(int port, bool streams)
    {
        NetAddress at = NetAddress.Parse($"127.0.0.1:{port}");
        yield return new SipBinding(at);
        if (!streams) yield break;
        yield return new SipBinding(at, SipTransport.Tcp);
        yield return new SipBinding(at.WithPort(port + 1), SipTransport.Tls);
    }

    private static async Task Configure(SwitchHost host, Deck sale, int caller, int called, int probing, int probed, string transport, bool encrypted, bool transcodes, SwitchSize size)
    {
        List<Deck> costs = size.Rates == 0 ? [DemoDeck.Carrier(1)] : [.. Enumerable.Range(0, Math.Min(Carriers, size.Rates / LeastRatesADeck)).Select(i => Carrier(sale, i, Math.Max(LeastRatesADeck, size.Rates / Carriers)))];
        host.Shelf.Save(sale);
        foreach (Deck cost in costs) host.Shelf.Save(cost);
        var gateways = new StringBuilder();
        // One in forty serves all numbers, the others three groups of countries each: about ten candidates for a number.
        for (int i = 0; i < Gateways; i++)
        {
            string prefix = i % 40 == 0 ? "" : $"{i % 100:D2},{(i + 31) % 100:D2},{(i + 62) % 100:D2}";
            gateways.Append(CultureInfo.InvariantCulture, $$"""{ "name": "carrier-{{i}}", "remoteIp": "127.0.0.1:{{called}}", "transport": "{{transport}}", "prefix": "{{prefix}}", "priority": {{i}}, "capacity": 100000, "clearingAccount": "{{9001 + (i % costs.Count)}}" },""");
        }
        gateways.Append(CultureInfo.InvariantCulture, $$"""{ "name": "probe", "remoteIp": "127.0.0.1:{{probed}}", "prefix": "{{DelayProbe.Prefix}}", "clearingAccount": "9001" }""");
        string document = $$"""
            {
              "decks": [ { "name": "sale", "currency": "USD", "version": "{{sale.Version}}" }, {{string.Join(", ", costs.Select((cost, i) => $$"""{ "name": "cost-{{i}}", "currency": "USD", "version": "{{cost.Version}}" }"""))}} ],
              "accounts": [
                { "account": "1001", "name": "Load", "currency": "USD", "feeRateGroup": "sale" },
                {{string.Join(", ", costs.Select((_, i) => $$"""{ "account": "{{9001 + i}}", "name": "Carrier {{i}}", "currency": "USD", "type": "clearing", "feeRateGroup": "cost-{{i}}" }"""))}} ],
              "settings": { "SS_MEDIA_PROXY_MODE": "{{(size.Relays ? "On" : "Off")}}", "SS_SRTP_WITHOUT_TLS": "{{(encrypted ? "On" : "Off")}}" },
              "webAccess": [ { "name": "bench", "directories": ["/external/server"], "allowedIps": ["127.0.0.1"] } ],
              "mappingGateways": [ { "name": "load", "remoteIps": ["127.0.0.1:{{caller}}", "127.0.0.1:{{probing}}", "127.0.0.1"], "account": "1001", "capacity": 0, "firstRoutePolicy": "{{(size.Rates == 0 ? "none" : "cost")}}", "srtp": "{{(encrypted ? "optional" : "off")}}", "audioCodecTranscodingEnable": {{(transcodes ? "true" : "false")}} } ],
              "routingGateways": [ {{gateways}} ]
            }
            """;
        Answer<ApplyView> applied = await host.Control.ApplyAsync(Encoding.UTF8.GetBytes(document), dryRun: false, "bench", CancellationToken.None);
        if (applied.Fault is { } fault) throw new BenchException($"the bench configuration was refused: {fault.Says} {string.Join("; ", fault.Errors.Take(3))}");
        Answer<PaymentView> paid = await host.Control.PayAsync(new PaymentOrder("load", "1001", 900_000_000L * Money.NanosPerUnit, "load"), "bench", CancellationToken.None);
        if (paid.Fault is { } refused) throw new BenchException(refused.Says);
        for (int from = 0; from < size.Accounts; from += AccountsAtATime)
        {
            string more = string.Join(',', Enumerable.Range(FirstAccount + from, Math.Min(AccountsAtATime, size.Accounts - from)).Select(static n => $$"""{ "account": "{{n}}", "name": "Customer {{n}}", "currency": "USD", "feeRateGroup": "sale" }"""));
            Answer<ApplyView> opened = await host.Control.ApplyAsync(Encoding.UTF8.GetBytes($$"""{ "accounts": [ {{more}} ] }"""), dryRun: false, "bench", CancellationToken.None);
            if (opened.Fault is { } fault2) throw new BenchException($"the accounts were refused: {fault2.Says} {string.Join("; ", fault2.Errors.Take(3))}");
        }
    }

    /// <summary>A carrier's deck over the prefixes of the sale's and longer ones, at prices of its own: so many rates as each carrier's share.</summary>
    private static Deck Carrier(Deck sale, int which, int count)
    {
        var rates = new List<Rate>(count);
        var taken = new HashSet<DialString>(count);
        for (int round = 0; rates.Count < count; round++)
        {
            foreach (Rate rate in sale.Rates)
            {
                if (rates.Count == count) break;
                DialString prefix = round == 0 ? rate.Prefix : DialString.Parse($"{rate.Prefix}{900 + round}"); // the ends of numbers called are not among them, yet they are in the tree
                if (!taken.Add(prefix)) continue;
                long nanos = 1_000_000 + (((rates.Count * 31) ^ (which * 7919)) % 3_000 * 1_000L);
                rates.Add(new Rate(prefix, rate.Area, new Tariff(nanos, 0, 1, 1, Currency.Usd), Locked: false));
            }
        }
        return Deck.TryCreate($"cost-{which}", Currency.Usd, rates, out Deck? deck, out string? error) ? deck : throw new BenchException(error);
    }

    /// <summary>Numbers all over the deck, one for each of its prefixes that is long enough, taken in turn.</summary>
    private static IEnumerable<string> Numbers(Deck deck) =>
        ["SEQUENTIAL", .. deck.Rates.Where(static (r, i) => i % 7 == 0 && r.Prefix.ToString() != DelayProbe.Prefix).Select(static (r, i) => $"{r.Prefix}{(i % 89_999) + 1_000_000};")];

    private static unsafe void RaiseDescriptors()
    {
        LibC.RLimit wanted = new() { Soft = WantedDescriptors, Hard = WantedDescriptors };
        _ = LibC.SetRLimit(LibC.RLIMIT_NOFILE, &wanted); // where it is not permitted, fewer calls are held open
    }
}
