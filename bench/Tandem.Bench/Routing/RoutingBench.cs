using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Storage.Decks;
using Tandem.Sip.Locating;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Quality;
using Tandem.Switching.Routing.Selection;
using Tandem.Switching.Settings;

namespace Tandem.Bench.Routing;

/// <summary>
/// Least-cost decisions over the decks of hundreds of carriers: every carrier serves every number, so that each decision judges, prices and orders all of them. Time of each
/// decision, memory of the index, time to build it, and what a swap does to those who decide meanwhile.
/// </summary>
internal sealed class RoutingBench
{
    private const int Numbers = 1 << 16;

    private readonly Report _report = new("routing");

    public static void Run(string[] parts, CancellationToken stop)
    {
        var bench = new RoutingBench();
        if (parts.Length == 0 || parts.Contains("kamailio")) bench.Beside(stop);
        if (parts.Length == 0 || parts.Contains("18")) bench.Over(prefixes: 200_000, carriers: 300, each: 60_000, stop);
        if (parts.Length == 0 || parts.Contains("32")) bench.Over(prefixes: 650_000, carriers: 100, each: 325_000, stop);
        bench._report.Line("(wall time of single decisions; caches and cores shared with whatever else the machine does)");
        if (parts.Length == 0) bench._report.Save();
    }

    private void Over(int prefixes, int carriers, int each, CancellationToken stop)
    {
        Report.Progress($"{carriers} decks of {each:N0} rates over {prefixes:N0} prefixes");
        var entropy = new SeededEntropy(5);
        string[] all = Prefixes(prefixes, entropy);
        var decks = new List<RateTable>();
        for (int i = 0; i < carriers; i++)
        {
            stop.ThrowIfCancellationRequested();
            decks.Add(new RateTable(DeckOf($"carrier-{i}", Some(all, each, entropy), entropy)));
            if (i % 50 == 49) GC.Collect();
        }
        long rates = decks.Sum(static d => (long)d.Count);
        GC.Collect();
        long began = Stopwatch.GetTimestamp();
        RouteTable table = Table(decks, null);
        TimeSpan built = Stopwatch.GetElapsedTime(began);
        _report.Line($"{rates:N0} rates: {carriers} carriers of {each:N0}, {table.Rates.Prefixes:N0} different prefixes");
        _report.Line(Text($"  index built in                         {built.TotalSeconds,8:0.00} s"));
        _report.Line(Text($"  memory of the index                    {table.Rates.Bytes / 1e6,8:0} MB, {(double)table.Rates.Bytes / rates:0.00} bytes a rate"));
        DialString[] numbers = [.. Enumerable.Range(0, Numbers).Select(_ => DialString.Parse($"{all[entropy.Below(all.Length)]}{entropy.Below(10_000_000):D7}"))];
        Decisions("least cost in a band of 5 %, then answer rate", table, numbers, Query(new RoutePolicy { First = RouteWish.Cost, Second = RouteWish.AnswerRate, PriceBandPercent = 5 }, 0), stop);
        Decisions("the same, with lowest profit and clearing money", table, numbers, Query(new RoutePolicy { First = RouteWish.Cost, Second = RouteWish.AnswerRate, PriceBandPercent = 5, Margin = new MarginRule(-50, 5_000_000_000) }, 100_000_000), stop);
        Decisions("priority only: no price is asked", table, numbers, Query(RoutePolicy.Usual, 0), stop);
        Walks(table.Rates, numbers);
        Import(table, decks, all, numbers, entropy, stop);
        _report.Line();
    }

    private void Beside(CancellationToken stop)
    {
        var entropy = new SeededEntropy(5);
        string[] all = Prefixes(200_000, entropy);
        KamailioLookup.Run(all, new RateTable(DeckOf("one", all, entropy)), _report, stop);
    }

    // One decision after the other, each timed alone.
    private void Decisions(string name, RouteTable table, DialString[] numbers, RouteQuery query, CancellationToken stop)
    {
        var list = new CandidateList();
        double[] micros = new double[100_000];
        for (int i = 0; i < 20_000; i++) table.Select(query with { Number = numbers[i & (Numbers - 1)], Callee = numbers[i & (Numbers - 1)] }, list);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < micros.Length; i++)
        {
            DialString number = numbers[i & (Numbers - 1)];
            long began = Stopwatch.GetTimestamp();
            table.Select(query with { Number = number, Callee = number }, list);
            micros[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        stop.ThrowIfCancellationRequested();
        Array.Sort(micros);
        _report.Line(Text($"  {name,-50} p50 {Report.Percentile(micros, 0.5),7:0.0}  p99 {Report.Percentile(micros, 0.99),7:0.0} µs   {allocated / micros.Length} bytes   ({list.Count} of {list.Count + list.LeftOut} candidates ordered)"));
    }

    private void Walks(RateIndex index, DialString[] numbers)
    {
        long[] prices = new long[index.Columns];
        double[] micros = new double[100_000];
        for (int i = 0; i < micros.Length; i++)
        {
            long began = Stopwatch.GetTimestamp();
            index.Find(numbers[i & (Numbers - 1)], prices);
            micros[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }
        Array.Sort(micros);
        _report.Line(Text($"  {"of that, the prices of all carriers",-50} p50 {Report.Percentile(micros, 0.5),7:0.0}  p99 {Report.Percentile(micros, 0.99),7:0.0} µs"));
    }

    // A deck of 200,000 rows from its CSV to the first decision that sees it, while another thread decides without a pause.
    private void Import(RouteTable before, List<RateTable> decks, string[] all, DialString[] numbers, SeededEntropy entropy, CancellationToken stop)
    {
        string csv = Csv(Some(all, 200_000, entropy), entropy);
        RouteTable current = before;
        var meanwhile = new List<double>(1 << 22);
        bool over = false;
        RouteQuery query = Query(new RoutePolicy { First = RouteWish.Cost, Second = RouteWish.AnswerRate, PriceBandPercent = 5 }, 0);
        var decides = new Thread(() =>
        {
            var list = new CandidateList();
            for (int i = 0; !Volatile.Read(ref over); i++)
            {
                DialString number = numbers[i & (Numbers - 1)];
                long began = Stopwatch.GetTimestamp();
                Volatile.Read(ref current).Select(query with { Number = number, Callee = number }, list);
                if (meanwhile.Count < meanwhile.Capacity) meanwhile.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
            }
        });
        decides.Start();
        long start = Stopwatch.GetTimestamp();
        DeckCsvResult read = DeckCsv.Read(new StringReader(csv), "carrier-0", Currency.Usd, stop: stop);
        TimeSpan parsed = Stopwatch.GetElapsedTime(start);
        RateTable[] next = [new RateTable(read.Deck ?? throw new BenchException(read.Errors[0].Says)), .. decks.Skip(1)];
        Volatile.Write(ref current, Table(next, before.Rates));
        TimeSpan visible = Stopwatch.GetElapsedTime(start);
        Volatile.Write(ref over, true);
        decides.Join();
        stop.ThrowIfCancellationRequested();
        double[] sorted = [.. meanwhile.Order()];
        _report.Line(Text($"  a deck of 200,000 rows, from CSV to decisions      {visible.TotalSeconds,7:0.00} s ({parsed.TotalSeconds:0.00} s of it reading)"));
        _report.Line(Text($"  {"decisions meanwhile on another thread",-50} p50 {Report.Percentile(sorted, 0.5),7:0.0}  p99 {Report.Percentile(sorted, 0.99),7:0.0} µs   ({sorted.Length / visible.TotalSeconds:N0} a second)"));
    }

    private static RouteQuery Query(RoutePolicy policy, long sale) => new()
    {
        Number = default,
        Now = Instant.FromUtc(new DateTime(2026, 11, 26, 12, 0, 0, DateTimeKind.Utc)),
        Policy = policy,
        Settings = new RoutingSettings { AnswerRateCalculate = true, VerifyClearingCustomer = sale > 0 },
        SalePerMinute = sale > 0 ? sale : -1,
        Currency = Currency.Usd,
        Money = new Plenty(),
        Draw = 7,
    };

    private static RouteTable Table(IReadOnlyList<RateTable> decks, RateIndex? before)
    {
        var shape = new QualityShape(TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(600), 10);
        var gateways = new RoutingGateway[decks.Count];
        for (int i = 0; i < gateways.Length; i++)
        {
            gateways[i] = new RoutingGateway
            {
                Name = $"carrier-{i:D3}", Target = new SipTarget("203.0.113.1"), PrefixStyle = PrefixStyle.CarryOn, Priority = i % 7, Capacity = 1000, Locked = false,
                ClearingAccount = new Account { Id = new AccountId(i + 1), Number = $"{i}", Currency = Currency.Usd, Locked = false, Rates = decks[i], DeckName = "", DeckVersion = "" },
                CalleeRules = DialPlan.Empty, CallerRules = DialPlan.Empty, Groups = GroupSet.Empty, State = new GatewayState(),
                Limits = new GatewayLimits { CallsPerSecond = 1000, NeedsRate = true },
                Quality = new QualityRules { LeastAnswerRate = 10 },
            };
            gateways[i].State.Count(shape);
            for (int n = 0; n < 40; n++) gateways[i].State.Quality!.Total.NoteAttempt(QualityRules.None, (n + i) % 3 != 0, true, 800, Instant.FromUtc(new DateTime(2026, 11, 26, 12, 0, 0, DateTimeKind.Utc)));
        }
        return new RouteTable(gateways, [.. gateways.Select(static _ => (IReadOnlyList<string>)[""])], before);
    }

    private static string[] Prefixes(int count, SeededEntropy entropy)
    {
        var met = new HashSet<string>(StringComparer.Ordinal);
        while (met.Count < count) met.Add($"{1 + entropy.Below(9)}{entropy.Below(100_000_000):D8}"[..(2 + entropy.Below(7))]);
        return [.. met];
    }

    private static string[] Some(string[] all, int count, SeededEntropy entropy)
    {
        int step = Math.Max(1, all.Length / count), first = entropy.Below(all.Length);
        return [.. Enumerable.Range(0, Math.Min(count, all.Length)).Select(i => all[(int)((first + ((long)i * step)) % all.Length)]).Distinct()];
    }

    private static Deck DeckOf(string name, string[] prefixes, SeededEntropy entropy) =>
        Deck.TryCreate(name, Currency.Usd, prefixes.Select(p => new Rate(DialString.Parse(p), "Somewhere", new Tariff((1 + entropy.Below(20_000)) * 10_000L, 0, 1, 1, Currency.Usd), Locked: false)), out Deck? deck, out string? error) ? deck : throw new BenchException(error!);

    private static string Csv(string[] prefixes, SeededEntropy entropy)
    {
        var text = new StringBuilder("prefix,destination,rate_per_min,connect_fee,first_interval,next_interval\n");
        foreach (string prefix in prefixes) text.Append(prefix).Append(",Somewhere,0.").Append((1 + entropy.Below(9_999)).ToString("D4", CultureInfo.InvariantCulture)).Append(",0,1,1\n");
        return text.ToString();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Plenty : IAccountMoney
    {
        public long Available(AccountId id) => long.MaxValue;
    }
}
