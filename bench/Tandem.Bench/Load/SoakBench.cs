using System.Globalization;

namespace Tandem.Bench.Load;

/// <summary>Calls at a steady rate for as long as is wished; after each slice everything has ended, and what the switch then still holds must not grow: memory, file handles, ports.</summary>
internal static class SoakBench
{
    private const int Rate = 300, Hold = 3, MostSamples = 200;
    private const string Part = "soak", Curve = "soak-curve", Us = "Tandem";

    public static async Task Run(string[] args, CancellationToken stop)
    {
        double minutes = args.Length == 0 ? 10 : double.TryParse(args[0], CultureInfo.InvariantCulture, out double given) && given >= 1 ? given : throw new BenchException($"'{args[0]}' is no number of minutes.");
        double slice = Math.Max(10, minutes * 60 / MostSamples);
        using Stage stage = await Stage.Open([async s => await s.Tandem(SwitchSize.Whole, stop)], stop);
        var tandem = (TandemPeer)stage.Peers[0];
        int pid = tandem.Pids[0];
        await stage.Call(tandem, 1_000, 15_000, TimeSpan.FromSeconds(1), stop); // compiled, pools at their size
        await tandem.Ask(stop, collect: true);
        var pauses = new List<double>();
        var memory = new List<double>();
        var handles = new List<double>();
        var sockets = new List<double>();
        var taken = new List<Sample>();
        long calls = 0, failed = 0, began = Environment.TickCount64;
        for (double passed = 0; passed < minutes; passed = (Environment.TickCount64 - began) / 60_000.0)
        {
            SippRun run = await stage.Call(tandem, Rate, (int)(Rate * slice), TimeSpan.FromSeconds(Hold), stop);
            calls += run.Calls;
            failed += run.Failed;
            pauses.AddRange((await tandem.Ask(stop)).PausesMillis);
            await tandem.Ask(stop, collect: true); // its own pause is not one of calls
            await tandem.Ask(stop);
            (int all, int open) = ProcFs.Handles(pid);
            double minute = (Environment.TickCount64 - began) / 60_000.0;
            memory.Add(ProcFs.PssBytes([pid]) / 1e6);
            handles.Add(all);
            sockets.Add(open);
            taken.Add(Sample.Now(Curve, Us, minute, "memory, MB", memory[^1]));
            taken.Add(Sample.Now(Curve, Us, minute, "file handles", all));
            Report.Progress(string.Create(CultureInfo.InvariantCulture, $"{minute:F1} min: {calls} calls, {failed} failed, {memory[^1]:F0} MB, {all} handles, {open} sockets, longest pause {(pauses.Count > 0 ? pauses.Max() : 0):F2} ms"));
        }
        var samples = new Samples(LoadReport.Folder);
        samples.Replace(Curve, taken);
        pauses.Sort();
        double[] longest = [.. pauses];
        samples.Replace(Part,
        [
            Sample.Now(Part, Us, minutes, "calls", calls), Sample.Now(Part, Us, minutes, "failed of 1,000", 1000.0 * failed / calls), Sample.Now(Part, Us, minutes, "collections", longest.Length),
            Sample.Now(Part, Us, minutes, "GC pause p99.9, ms", Report.Percentile(longest, 0.999)), Sample.Now(Part, Us, minutes, "memory, last quarter less second, MB", Growth(memory)),
            Sample.Now(Part, Us, minutes, "file handles, last quarter less second", Growth(handles)), Sample.Now(Part, Us, minutes, "sockets, last quarter less second", Growth(sockets)),
        ]);
        LoadReport.Write(samples);
    }

    // The first quarter may still fill pools and caches.
    private static double Growth(List<double> values)
    {
        int quarter = Math.Max(1, values.Count / 4);
        return Report.Median(values.TakeLast(quarter)) - Report.Median(values.Skip(values.Count / 4).Take(quarter));
    }
}
