using System.Globalization;
using System.Text;

namespace Tandem.Bench.Load;

/// <summary>Tables and plots of what the kit's parts have taken so far: bench/results/load/.</summary>
internal static class LoadReport
{
    private const string Us = "Tandem", Them = "Kamailio", Cpu = "CPU s per 1,000 calls", P50 = "post-dial delay p50, ms", P99 = "post-dial delay p99, ms", Nothing = "nothing between";

    public static string Folder => Path.Combine(Report.Folder, "load");

    public static void Write(Samples s)
    {
        var text = new StringBuilder();
        text.AppendLine("./dev bench load").AppendJoin('\n', Machine.Describe()).AppendLine().AppendLine();
        text.AppendLine("sipp -> server -> sipp, UDP on loopback, callers, called and server share the cores; medians of three, servers in turns. Each figure's time is in samples.tsv.");
        text.AppendLine("Tandem: the whole switch. Least cost over a million rates of 40 carriers and 200 gateways, money reserved and posted, decision log, journal, CDRs in the database, media ports lent.");
        text.AppendLine("Where a process may have fewer than 65,536 file handles, media ports rest 0.3 s between calls in place of 2 s, and 5,000 open calls are not relayed.");
        text.AppendLine("Kamailio: a transaction-stateful proxy (tm, rr), 4 workers, nothing recorded; with dialog: the same keeping dialogs.").AppendLine();
        Targets(s, text);
        foreach ((string part, string title) in (ReadOnlySpan<(string, string)>)[("slow", "200 calls/s"), ("high", "each at its highest rate"), ("half", "each at half its highest rate"), ("pauses", "1,000 calls/s, 5 s each"), ("memory", "memory"), ("share", "where the CPU goes (perf)"), ("overload", "overload"), ("soak", "soak")])
        {
            Part(s, text, part, title);
        }
        foreach (string part in (ReadOnlySpan<string>)["curve-rate", "curve-open", "curve-accounts", "curve-rates", "soak-curve"]) Curves(s, text, part);
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "load.txt"), text.ToString());
        Console.Write(text);
        Plots(s);
    }

    private static void Targets(Samples s, StringBuilder text)
    {
        text.AppendLine($"{"",-64}{"must",10}{"aim",10}{"measured",12}");
        double At(string part, string what) => s.Median(part, Us, what);
        double Ratio(string part, string what) => s.Median(part, Us, what) / s.Median(part, Them, what);
        double Added(string part, string what) => s.Median(part, Us, what) - s.Median(part, Nothing, what);
        Row("CPU per call at 200 calls/s, of Kamailio's", "0.60", "0.40", Ratio("slow", Cpu), "F2");
        Row("CPU per call at the highest rate, of Kamailio's", "0.80", "0.50", Ratio("high", Cpu), "F2");
        Row("highest rate for 20 s, < 0.1 % failed, of Kamailio's", ">= 0.80", ">= 1.00", Ratio("peak", "highest rate held, calls/s"), "F2");
        foreach (IGrouping<double, Sample> rate in s.All.Where(static x => x.Part == "share" && x.What == CallProfile.Kept).GroupBy(static x => x.At))
            Row(string.Create(CultureInfo.InvariantCulture, $"routing, money, log, journal, CDR, of the call at {rate.Key:F0}/s"), "0.40", "0.20", Report.Median(rate.Select(static x => x.Value)), "F2");
        Row("memory per open call, signalling alone, KB", "11", "8", s.Median("memory", "Tandem, media direct", "memory per open call, KB"), "F1");
        Row("memory per open call, media relayed, KB", "15", "12", At("memory", "memory per open call, KB"), "F1");
        Row("added post-dial delay p50 at half the highest rate, ms", "", "", Added("half", P50), "F2");
        Row("added post-dial delay p99 at half the highest rate, ms", "3", "1", Added("half", P99), "F2");
        Row("garbage per call at 1,000 calls/s with 5,000 open, bytes", "5000", "1000", At("pauses", "garbage per call, bytes"), "F0");
        Row("longest GC pause at 1,000 calls/s with 5,000 open, ms", "5", "2", At("pauses", "longest GC pause, ms"), "F2");
        Row("start with a million accounts and rates, to first call, s", "5", "2", At("start", "start to first call, s"), "F1");
        Row("overload: goodput of capacity at 3 times of it", ">= 0.90", "", At("overload", "goodput of capacity"), "F2");
        Row("overload: refusals answered within p99, ms", "5", "", At("overload", "refusal p99, ms"), "F1");
        Row("overload: recovered after, s", "5", "", At("overload", "recovered after, s"), "F1");
        Row("soak: GC pause p99.9, ms", "5", "", At("soak", "GC pause p99.9, ms"), "F2");
        text.AppendLine();

        void Row(string what, string must, string aim, double measured, string format) =>
            text.AppendLine($"{what,-64}{must,10}{aim,10}{(!double.IsFinite(measured) ? "not yet" : measured.ToString(format, CultureInfo.InvariantCulture)),12}");
    }

    private static void Part(Samples s, StringBuilder text, string part, string title)
    {
        IReadOnlyList<string> peers = s.Peers(part);
        if (peers.Count == 0) return;
        text.AppendLine($"{title + " (" + part + ")",-56}{string.Concat(peers.Select(static p => $"{p,22}"))}");
        foreach (double at in peers.Count == 1 ? s.All.Where(x => x.Part == part).Select(static x => x.At).Distinct() : [double.NaN])
        {
            double? place = double.IsNaN(at) ? null : at;
            if (place is not null) text.AppendLine(string.Create(CultureInfo.InvariantCulture, $" at {at:N0}"));
            else text.AppendLine($"{"  at",-56}{string.Concat(peers.Select(p => $"{Report.Median(s.All.Where(x => x.Part == part && x.Peer == p).Select(static x => x.At)),22:F0}"))}");
            foreach (string what in s.All.Where(x => x.Part == part && (place is null || x.At == place)).Select(static x => x.What).Distinct())
                text.AppendLine($"  {what,-54}{string.Concat(peers.Select(p => $"{Figure(s.Median(part, p, what, place)),22}"))}");
        }
        text.AppendLine();
    }

    private static void Curves(Samples s, StringBuilder text, string part)
    {
        IReadOnlyList<string> peers = s.Peers(part);
        if (peers.Count == 0) return;
        text.AppendLine(part);
        foreach (string what in s.All.Where(x => x.Part == part).Select(static x => x.What).Distinct())
        {
            foreach (string peer in peers)
            {
                IReadOnlyList<(double At, double Value)> points = s.Curve(part, peer, what);
                if (points.Count > 0) text.AppendLine($"  {what,-34}{peer,-22}{string.Join("  ", points.Select(static p => string.Create(CultureInfo.InvariantCulture, $"{p.At:N0}: {Figure(p.Value)}")))}");
            }
        }
        text.AppendLine();
    }

    private static void Plots(Samples s)
    {
        Draw("curve-rate", Cpu, "cpu-by-rate", "CPU seconds per 1,000 calls", "calls a second");
        Draw("curve-rate", P99, "delay-by-rate", "Post-dial delay p99, ms", "calls a second");
        Draw("curve-open", "memory per open call, KB", "memory-by-open-calls", "Memory per open call, KB (signalling)", "open calls");
        Draw("curve-open", "CPU s per 1,000 calls set up", "cpu-by-open-calls", "CPU seconds per 1,000 calls set up", "open calls");
        Draw("curve-accounts", Cpu, "cpu-by-accounts", "CPU seconds per 1,000 calls at 1,000/s", "accounts");
        Draw("curve-rates", Cpu, "cpu-by-rates", "CPU seconds per 1,000 calls at 1,000/s", "rates");
        Draw("soak-curve", "memory, MB", "soak-memory", "Memory of the switch, MB", "minutes");

        void Draw(string part, string what, string file, string title, string across) =>
            Plot.Save(Path.Combine(Folder, file + ".svg"), title, across, "", [.. s.Peers(part).Select(p => (p, s.Curve(part, p, what))).Where(static l => l.Item2.Count > 0)]);
    }

    private static string Figure(double value) => double.IsNaN(value) ? "" : Math.Abs(value) switch
    {
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F3", CultureInfo.InvariantCulture),
    };
}
