using System.Globalization;

namespace Tandem.Bench.Load;

/// <summary>sipp → switch → sipp on loopback, and the same through Kamailio, in turns within one run: what stands is the ratio.</summary>
internal static class LoadBench
{
    private const int Rate = 200, Rounds = 3, ProbesPerSecond = 10;
    private const double MostFailed = 0.001;

    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(20);

    private sealed record Round(SippRun Run, double CpuPer1000, double SleepsPerCall, double GarbagePerCall, double PauseMicrosPerSecond, double[] DelaysMillis);

    public static async Task FixedRate(CancellationToken stop)
    {
        using var bench = await Stage.Open(stop);
        var report = new Report("load");
        IPeer[] peers = [bench.Tandem, bench.Kamailio];
        var memory = new Report("memory");
        await OpenCalls(bench, memory, stop);
        foreach (IPeer peer in peers)
        {
            Report.Progress($"warming {peer.Name} up, 10 s");
            await bench.Call(peer, Rate, Rate * 10, TimeSpan.Zero, stop);
        }
        Report.Progress("nothing between caller and called, 30 s");
        Round direct = await Measure(bench, new NoPeer(bench.CalledPort, bench.Probe.CalledPort), Rate, RoundTime, stop);
        var rounds = peers.ToDictionary(static p => p.Name, static _ => new List<Round>());
        for (int i = 0; i < Rounds; i++)
        {
            foreach (IPeer peer in peers)
            {
                Report.Progress($"round {i + 1} of {Rounds}: {peer.Name} at {Rate} calls/s, {RoundTime.TotalSeconds:F0} s");
                rounds[peer.Name].Add(await Measure(bench, peer, Rate, RoundTime, stop));
            }
        }
        report.Line($"sipp -> server -> sipp, UDP on loopback, {Rate} calls/s for {RoundTime.TotalSeconds:F0} s, no hold; medians of {Rounds}, servers in turns");
        report.Line("Tandem: money reserved and posted, journal, decision log, CDR database, media ports lent, 200 gateways, decks of 24,000 prefixes");
        report.Line("Kamailio: tm + rr proxy, 4 UDP workers, keeps no call");
        report.Line();
        report.Line($"{"",-34}{"Tandem",12}{"Kamailio",12}{"ratio",8}");
        List<Round> ours = rounds[bench.Tandem.Name], theirs = rounds[bench.Kamailio.Name];
        Compare(report, "CPU s per 1,000 calls", ours, theirs, static r => r.CpuPer1000, "F3");
        Compare(report, "sleeps (context switches) per call", ours, theirs, static r => r.SleepsPerCall, "F2");
        Compare(report, "calls failed of 1,000", ours, theirs, static r => 1000.0 * r.Run.Failed / r.Run.Calls, "F2");
        Compare(report, "retransmissions of 1,000 calls", ours, theirs, static r => 1000.0 * r.Run.Retransmissions / r.Run.Calls, "F2");
        double p50 = Report.Percentile(direct.DelaysMillis, 0.5), p99 = Report.Percentile(direct.DelaysMillis, 0.99);
        Compare(report, "added post-dial delay p50, ms", ours, theirs, r => Report.Percentile(r.DelaysMillis, 0.5) - p50, "F2");
        Compare(report, "post-dial delay p99, ms", ours, theirs, static r => Report.Percentile(r.DelaysMillis, 0.99), "F2");
        report.Line($"{"garbage per call, bytes",-34}{Report.Median(ours.Select(static r => r.GarbagePerCall)),12:F0}");
        report.Line($"{"GC pauses, µs per second",-34}{Report.Median(ours.Select(static r => r.PauseMicrosPerSecond)),12:F0}");
        report.Line($"(delay of {ProbesPerSecond} probe calls/s from INVITE to 180; without a server p50 is {p50:F2} ms and p99 {p99:F2} ms; each run: {string.Join(", ", ours.Select(static r => r.CpuPer1000.ToString("F3")))} and {string.Join(", ", theirs.Select(static r => r.CpuPer1000.ToString("F3")))} CPU s)");
        report.Line();
        foreach (string line in memory.Lines) report.Line(line);
        report.Save();
    }

    /// <summary>Memory of a call that stands, servers fresh: PSS with thousands open, less PSS after the first few; both after a collection.</summary>
    private static async Task OpenCalls(Stage bench, Report report, CancellationToken stop)
    {
        int calls = (await bench.Tandem.Ask(stop)).MostCalls;
        const int Cps = 250;
        TimeSpan up = TimeSpan.FromSeconds(calls / (double)Cps), hold = up + TimeSpan.FromSeconds(14);
        report.Line($"{"calls held open",-34}{calls,12}{calls,12}");
        var perCall = new List<double>();
        double heapPerCall = 0;
        int most = 0;
        foreach (IPeer peer in (IPeer[])[bench.Tandem, bench.Kamailio])
        {
            Report.Progress($"{peer.Name} with {calls} calls open, {(up + hold).TotalSeconds:F0} s");
            var tandem = peer as TandemPeer;
            await bench.Call(peer, 50, 50, TimeSpan.Zero, stop);
            SwitchSays? before = tandem is null ? null : await tandem.Ask(stop, collect: true);
            long pss = ProcFs.PssBytes(peer.Pids), full = 0;
            SippRun run = await bench.Call(peer, Cps, calls, hold, stop, async () =>
            {
                await Task.Delay(up + TimeSpan.FromSeconds(6), stop);
                SwitchSays? open = tandem is null ? null : await tandem.Ask(stop, collect: true);
                full = ProcFs.PssBytes(peer.Pids);
                if (open is null) return;
                most = open.OpenCalls;
                heapPerCall = (open.HeapBytes - before!.HeapBytes) / (double)Math.Max(1, most);
            });
            if (run.Failed > 0) Report.Progress($"{run.Failed} of {calls} calls failed with {peer.Name}");
            perCall.Add((full - pss) / 1024.0 / calls);
        }
        report.Line($"{"memory per open call, KB (PSS)",-34}{perCall[0],12:F1}{perCall[1],12:F1}{perCall[0] / perCall[1],8:F2}");
        report.Line($"{"of it on the managed heap, KB",-34}{heapPerCall / 1024,12:F1}");
        report.Line($"(Tandem counted {most} open; its four media sockets a call are the kernel's memory and not in PSS)");
    }

    public static async Task Peak(CancellationToken stop)
    {
        using var bench = await Stage.Open(stop);
        var report = new Report("peak");
        report.Line($"sipp -> server -> sipp, UDP on loopback, no hold: the highest rate held for {StepTime.TotalSeconds:F0} s with less than 0.1 % failed; callers, called and server share the cores");
        report.Line();
        report.Line($"{"",-12}{"offered/s",12}{"failed",10}{"resent",10}{"CPU s/1000",12}{"garbage B",12}{"p99 ms",10}");
        var best = new List<int>();
        foreach ((IPeer peer, int first) in ((IPeer, int)[])[(bench.Tandem, 1_000), (bench.Kamailio, 2_000)])
        {
            Report.Progress($"warming {peer.Name} up, 10 s");
            await bench.Call(peer, first / 2, first * 5, TimeSpan.Zero, stop);
            int good = 0, bad = 0, rate = first;
            for (int step = 0; step < 5; step++)
            {
                Report.Progress($"{peer.Name} at {rate} calls/s, {StepTime.TotalSeconds:F0} s");
                Round round = await Measure(bench, peer, rate, StepTime, stop);
                bool held = round.Run.Failed < MostFailed * round.Run.Calls && round.Run.Seconds < StepTime.TotalSeconds * 1.1;
                report.Line(string.Create(CultureInfo.InvariantCulture, $"{peer.Name,-12}{rate,12}{round.Run.Failed,10}{round.Run.Retransmissions,10}{round.CpuPer1000,12:F3}{round.GarbagePerCall,12:F0}{Report.Percentile(round.DelaysMillis, 0.99),10:F1}{(held ? "" : "  not held")}"));
                if (held) good = rate;
                else bad = rate;
                rate = bad == 0 ? rate * 3 / 2 : good == 0 ? rate / 2 : (good + bad) / 2;
                if (bad > 0 && good > 0 && bad - good < good / 10) break;
            }
            best.Add(good);
        }
        report.Line();
        report.Line($"highest rate held: Tandem {best[0]}/s, Kamailio {best[1]}/s, ratio {best[0] / (double)best[1]:F2}");
        report.Save();
    }

    private static async Task<Round> Measure(Stage bench, IPeer peer, int rate, TimeSpan time, CancellationToken stop)
    {
        var tandem = peer as TandemPeer;
        IReadOnlyList<int> pids = peer.Pids;
        SwitchSays? before = tandem is null ? null : await tandem.Ask(stop);
        double cpu = ProcFs.CpuSeconds(pids);
        long sleeps = ProcFs.Sleeps(pids);
        int calls = (int)(rate * time.TotalSeconds);
        List<double> delays = [];
        SippRun run = await bench.Call(peer, rate, calls, TimeSpan.Zero, stop, async () =>
            delays = await bench.Probe.Run(peer.ProbePort, (int)(time.TotalSeconds - 1) * ProbesPerSecond, TimeSpan.FromSeconds(1.0 / ProbesPerSecond), stop));
        delays.Sort();
        cpu = ProcFs.CpuSeconds(pids) - cpu;
        sleeps = ProcFs.Sleeps(pids) - sleeps;
        SwitchSays? after = tandem is null ? null : await tandem.Ask(stop);
        double garbage = after is null ? 0 : (after.AllocatedBytes - before!.AllocatedBytes) / (double)calls;
        double pause = after is null ? 0 : (after.PauseMicros - before!.PauseMicros) / run.Seconds;
        return new Round(run, cpu * 1000 / calls, sleeps / (double)calls, garbage, pause, [.. delays]);
    }

    private static void Compare(Report report, string what, List<Round> ours, List<Round> theirs, Func<Round, double> value, string format)
    {
        double a = Report.Median(ours.Select(value)), b = Report.Median(theirs.Select(value));
        string ratio = b > 0 ? (a / b).ToString("F2", CultureInfo.InvariantCulture) : "";
        report.Line($"{what,-34}{a.ToString(format, CultureInfo.InvariantCulture),12}{b.ToString(format, CultureInfo.InvariantCulture),12}{ratio,8}");
    }

    /// <summary>The called sipp, the switch and Kamailio, in a temporary folder that goes with them.</summary>
    private sealed class Stage : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("tandem-bench-").FullName;
        private readonly int _callerPort = Sipp.FreePort();
        private Child? _called;

        public int CalledPort { get; } = Sipp.FreePort();

        public DelayProbe Probe { get; } = new();

        public TandemPeer Tandem { get; private set; } = null!;

        public KamailioPeer Kamailio { get; private set; } = null!;

        public static async Task<Stage> Open(CancellationToken stop)
        {
            var stage = new Stage();
            try
            {
                stage.Tandem = await TandemPeer.Start(Sipp.FreePort(), stage._callerPort, stage.CalledPort, stage.Probe, stage._folder, stop);
                stage.Kamailio = await KamailioPeer.Start(Sipp.FreePort(), stage.CalledPort, stage.Probe, stage._folder, stop);
                stage._called = Sipp.Called(stage.CalledPort, stage._folder);
                await Task.Delay(500, stop);
                stage._called.MustRun();
                return stage;
            }
            catch
            {
                stage.Dispose();
                throw;
            }
        }

        public Task<SippRun> Call(IPeer peer, int rate, int calls, TimeSpan hold, CancellationToken stop, Func<Task>? during = null)
        {
            _called!.MustRun();
            return Sipp.Call(_callerPort, peer.Port, rate, calls, hold, _folder, stop, during);
        }

        public void Dispose()
        {
            _called?.Dispose();
            Kamailio?.Dispose();
            Tandem?.Dispose();
            Probe.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
