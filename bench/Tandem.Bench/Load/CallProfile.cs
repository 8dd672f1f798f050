using System.Globalization;

namespace Tandem.Bench.Load;

/// <summary>
/// Where the CPU of a call goes, by <c>perf</c>: each sample belongs to the innermost frame that a row of the table knows, or to the thread it was taken on. The kernel's time counts
/// for whom it was spent.
/// </summary>
internal static class CallProfile
{
    public const string Kept = "routing, money, decision log, journal and CDR, share";

    // Innermost first: a frame of the ledger called by arrival is money, not signalling.
    private static readonly (string Word, string What)[] Frames =
    [
        ("Switching.Routing", "routing"), ("Switching.Billing", "money"), ("Switching.Cdrs", "CDR"), ("DecisionLog", "decision log"), ("Storage.Journal", "journal"), ("Storage.Cdrs", "CDR"),
        ("CdrDelivery", "CDR"), ("LedgerDesk", "money"), ("Books", "money"),
    ];

    private static readonly (string Thread, string What)[] Threads = [("journal", "journal"), ("cdr-", "CDR"), ("sqlite", "CDR"), ("calls-", "signalling"), ("media", "media")];

    private static readonly string[] WhatIsKept = ["routing", "money", "CDR", "decision log", "journal"];

    public static async Task<IReadOnlyDictionary<string, double>> Take(int pid, int seconds, string folder, CancellationToken stop)
    {
        string data = Path.Combine(folder, "perf.data"), text = Path.Combine(folder, "perf.txt");
        using (var record = new Child("perf record", "/bin/sh", ["-c", $"exec perf record -q -g -F 499 -o {data} -p {pid} -- sleep {seconds}"], folder)) await record.Ended(stop);
        using (var script = new Child("perf script", "/bin/sh", ["-c", $"exec perf script -i {data} -F comm,sym > {text}"], folder)) await script.Ended(stop);
        if (!File.Exists(text)) throw new BenchException("perf left nothing; is it installed, and /proc/sys/kernel/perf_event_paranoid low enough?");
        var counts = new Dictionary<string, double>(StringComparer.Ordinal);
        double all = 0;
        string? thread = null, what = null;
        foreach (string line in File.ReadLines(text).Append(""))
        {
            if (line.Length == 0)
            {
                if (thread is null) continue;
                what ??= Threads.FirstOrDefault(t => thread.StartsWith(t.Thread, StringComparison.Ordinal)).What ?? "all else (collector, timers, compiler)";
                counts[what] = counts.GetValueOrDefault(what) + 1;
                all++;
                thread = what = null;
            }
            else if (thread is null) thread = line.Trim();
            else what ??= Frames.FirstOrDefault(f => line.Contains(f.Word, StringComparison.Ordinal)).What;
        }
        if (all == 0) throw new BenchException("perf took no samples.");
        Dictionary<string, double> shares = counts.ToDictionary(static c => $"share of {c.Key}", c => c.Value / all);
        shares[Kept] = WhatIsKept.Sum(k => counts.GetValueOrDefault(k)) / all;
        foreach ((string name, double share) in shares.OrderByDescending(static s => s.Value)) Report.Progress(string.Create(CultureInfo.InvariantCulture, $"{name} {share:P1}"));
        return shares;
    }
}
