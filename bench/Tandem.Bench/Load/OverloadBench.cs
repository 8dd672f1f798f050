using System.Globalization;

namespace Tandem.Bench.Load;

/// <summary>
/// The switch kept to a part of a core, so that callers on the same machine can offer it three times what it can do. First that capacity is found; then it is offered three times of
/// it; then four fifths of it, to see how soon it is well again.
/// </summary>
internal static class OverloadBench
{
    private const double Cores = 0.3, StepSeconds = 6, StormSeconds = 20, CalmSeconds = 12, MostTrouble = 0.001;
    private const string Part = "overload", Us = "Tandem";

    public static async Task Run(CancellationToken stop)
    {
        using Stage stage = await Stage.Open([async s => await s.Tandem(SwitchSize.Whole, stop)], stop);
        await stage.Call(stage.Peers[0], 1_000, 10_000, TimeSpan.Zero, stop); // warm
        using var limit = new CpuLimit(stage.Peers[0].Pids[0], Cores);
        string[] numbers = [.. File.ReadLines(Path.Combine(stage.Folder, "numbers.csv")).Skip(1).Select(static l => l.TrimEnd(';'))];
        using var caller = new OverloadCaller(stage.CallerPort, stage.Peers[0].Port, numbers);
        int capacity = await Capacity(caller, stop);
        var taken = new List<Sample>();
        void Take(string what, double value) => taken.Add(Sample.Now(Part, Us, capacity, what, value));
        Take("capacity, calls/s", capacity);
        OverloadRun storm = await caller.Run(capacity * 3, StormSeconds, stop);
        Say("three times", storm);
        Take("offered, calls/s", capacity * 3);
        Take("goodput of capacity", storm.Carried / StormSeconds / capacity);
        Take("refused of 1,000", 1000.0 * storm.Refused / (capacity * 3 * StormSeconds));
        Take("never answered of 1,000", 1000.0 * storm.Silent / (capacity * 3 * StormSeconds));
        Take("refusal p50, ms", Report.Percentile(storm.RefusalMillis, 0.5));
        Take("refusal p99, ms", Report.Percentile(storm.RefusalMillis, 0.99));
        OverloadRun calm = await caller.Run(capacity * 4 / 5, CalmSeconds, stop);
        Say("four fifths after", calm);
        Take("recovered after, s", calm.LastTrouble);
        var samples = new Samples(LoadReport.Folder);
        samples.Replace(Part, taken);
        LoadReport.Write(samples);
    }

    private static async Task<int> Capacity(OverloadCaller caller, CancellationToken stop)
    {
        int good = 0;
        for (int rate = 300; rate < 10_000; rate = rate * 6 / 5)
        {
            OverloadRun run = await caller.Run(rate, StepSeconds, stop);
            Say($"{rate} calls/s", run);
            if (run.Refused + run.Silent > MostTrouble * rate * StepSeconds) break;
            good = rate;
        }
        return good > 0 ? good : throw new BenchException("not even 300 calls/s were carried.");
    }

    private static void Say(string what, OverloadRun run) => Report.Progress(string.Create(CultureInfo.InvariantCulture,
        $"{what}: {run.Carried} carried, {run.Refused} refused (p50 {Report.Percentile(run.RefusalMillis, 0.5):F1} ms, p99 {Report.Percentile(run.RefusalMillis, 0.99):F1}), {run.Silent} never answered, last trouble at {run.LastTrouble:F1} s"));
}
