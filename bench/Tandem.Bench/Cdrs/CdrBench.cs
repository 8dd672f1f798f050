using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Server.CdrDelivery;
using Tandem.Server.CdrDelivery.Reports;
using Tandem.Server.Storage.Cdrs;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Bench.Cdrs;

/// <summary>
/// What CDRs cost behind the journal: how many a second each consumer keeps durably and the CPU of one, beside reading the journal alone; and how long questions over 31 days take as
/// the database grows. All consumers are driven as the switch drives them, a thousand at a time.
/// </summary>
internal static class CdrBench
{
    private const int Wanted = 5_000; // a second

    public static async Task Run(string[] args, CancellationToken stop)
    {
        int count = args.Length > 0 && int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out int thousands) && thousands > 0 ? thousands * 1_000 : 50_000;
        string folder = Directory.CreateTempSubdirectory("tandem-bench").FullName;
        var report = new Report("cdr");
        try
        {
            Report.Progress($"a journal of {count:N0} calls");
            using JournalFile journal = JournalFile.Open(Path.Combine(folder, "journal"));
            Fill(journal, count, stop);
            using PostgresForBench? postgres = await PostgresForBench.TryStart(stop);
            if (postgres is null) report.Line("(PostgreSQL is not installed: its lines are missing)");
            report.Line($"{$"{count:N0} CDRs from the journal to",-42}{"CDRs/s",10}{"CPU µs each",14}{"x reading",12}");
            double reading = Drive(report, "nobody: reading and decoding alone", journal, folder, new Nobody(), 0, stop);
            using (CdrStore sqlite = CdrStore.Open(Path.Combine(folder, "cdr.db"), long.MaxValue, TimeProvider.System, Report.Progress)) Drive(report, "SQLite", journal, folder, sqlite, reading, stop);
            if (postgres is not null)
            {
                using var store = new PostgresCdrs(postgres.Url, long.MaxValue, TimeProvider.System, Report.Progress);
                Drive(report, "PostgreSQL (CPU of the switch's side)", journal, folder, store, reading, stop);
            }
            var settings = new CdrSettings { RecordToFile = true, RecordNonConnect = true };
            Drive(report, "hourly text files", journal, folder, new CdrTextFiles(Path.Combine(folder, "cdr"), CdrFilePlan.Hourly(TimeZoneInfo.Utc, () => settings), 0, Report.Progress), reading, stop);
            using (var peer = new LineSink()) Drive(report, "report server, lines over TCP", journal, folder, new CdrReporter(Path.Combine(folder, "lines"), () => peer.Server, TimeZoneInfo.Utc, 0, Report.Progress), reading, stop);
            using (var peer = new WebSink()) Drive(report, "report server, JSON to a webhook", journal, folder, new CdrReporter(Path.Combine(folder, "web"), () => peer.Server, TimeZoneInfo.Utc, 0, Report.Progress), reading, stop);
            report.Line($"(text files and reports are to keep up with {Wanted:N0} a second)");
            report.Line();
            await Questions(report, folder, postgres, count, stop);
            report.Save();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Fill(JournalFile journal, int count, CancellationToken stop)
    {
        var ledger = new Ledger(journal);
        for (int n = 0; n < count; n++)
        {
            Cdr cdr = CallOf31Days.Make(n, count);
            cdr.Sale = cdr.Cost = null; // the ledger would want their accounts
            cdr.BillingMode = BillingMode.NotBilled;
            ledger.CloseCall(cdr, cdr.Stop);
            if (n % 500 != 499) continue;
            stop.ThrowIfCancellationRequested();
            journal.WriteOut();
            journal.WaitDurable(journal.Position, TimeSpan.FromSeconds(30));
        }
        journal.WriteOut();
        journal.WaitDurable(journal.Position, TimeSpan.FromSeconds(30));
    }

    private static double Drive(Report report, string name, JournalFile journal, string folder, ICdrConsumer consumer, double reading, CancellationToken stop)
    {
        Report.Progress(name);
        using var calls = new JournalledCalls(Path.Combine(folder, "journal"), () => journal.DurablePosition);
        List<Cdr> batch = [];
        long position = consumer.Position, taken = 0, began = Stopwatch.GetTimestamp();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        while (position < journal.DurablePosition)
        {
            stop.ThrowIfCancellationRequested();
            batch.Clear();
            position = calls.Read(position, 1000, batch);
            consumer.Take(batch, position);
            taken += batch.Count;
        }
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds, micros = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / taken;
        report.Line(string.Create(CultureInfo.InvariantCulture, $"{name,-42}{taken / seconds,10:N0}{micros,14:N1}{(reading > 0 ? (micros / reading).ToString("N1", CultureInfo.InvariantCulture) : ""),12}"));
        return micros;
    }

    // Straight into the databases: what questions cost does not depend on how calls came there.
    private static async Task Questions(Report report, string folder, PostgresForBench? postgres, int most, CancellationToken stop)
    {
        report.Line($"{"questions over 31 days, ms (median of 5)",-42}{"calls",12}{"first page",12}{"by gateway",12}{"by number",12}{"sums",10}{"sums by rows",14}{"analysis",10}");
        foreach (int size in (int[])[most / 25, most / 5, most])
        {
            Report.Progress($"questions over {size:N0} calls");
            using CdrStore sqlite = CdrStore.Open(Path.Combine(folder, $"ask-{size}.db"), long.MaxValue, TimeProvider.System, Report.Progress);
            await Ask(report, "SQLite", sqlite, size, stop);
            if (postgres is null) continue;
            postgres.Forget();
            using var store = new PostgresCdrs(postgres.Url, long.MaxValue, TimeProvider.System, Report.Progress);
            await Ask(report, "PostgreSQL", store, size, stop);
        }
        report.Line("(sums and analysis of whole hours come from cdr_hours, which has a row an hour, gateway pair, account, area and ending: it stops growing with the calls)");
    }

    private static async Task Ask(Report report, string name, ICdrStore store, int size, CancellationToken stop)
    {
        List<Cdr> batch = new(1000);
        store.Take([], 0);
        for (int n = 0; n < size; n++)
        {
            batch.Add(CallOf31Days.Make(n, size));
            if (batch.Count < 1000 && n < size - 1) continue;
            stop.ThrowIfCancellationRequested();
            store.Take(batch, n + 1);
            batch.Clear();
        }
        Instant now = CallOf31Days.First + TimeSpan.FromDays(31);
        CdrQuery all = new() { Since = CallOf31Days.First, Until = now, Limit = 100 };
        double[] millis =
        [
            await Time(() => store.QueryAsync(all, now, stop)),
            await Time(() => store.QueryAsync(all with { CallerGateway = "customer-7" }, now, stop)),
            await Time(() => store.QueryAsync(all with { CalleePrefix = "4420794" }, now, stop)),
            await Time(() => store.SumAsync(all, now, stop)),
            await Time(() => store.SumAsync(all with { MinSeconds = 1 }, now, stop)),
            await Time(() => store.AnalyseAsync(new CdrAnalysis(AnalysisBy.Destination, CallOf31Days.First, now, 1, FraudPattern.None), stop)),
        ];
        report.Line(string.Create(CultureInfo.InvariantCulture, $"{name,-42}{size,12:N0}{millis[0],12:N1}{millis[1],12:N1}{millis[2],12:N1}{millis[3],10:N1}{millis[4],14:N1}{millis[5],10:N1}"));
    }

    private static async Task<double> Time<T>(Func<Task<T>> ask)
    {
        await ask();
        double[] millis = new double[5];
        for (int i = 0; i < millis.Length; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await ask();
            millis[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        return Report.Median(millis);
    }

    private sealed class Nobody : ICdrConsumer
    {
        public string Name => "nobody";

        public long Position => 0;

        public void Take(IReadOnlyList<Cdr> cdrs, long position)
        {
        }
    }

    /// <summary>Acknowledges every line.</summary>
    private sealed class LineSink : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public LineSink()
        {
            _listener.Start();
            Server = ReportServer.TryParse(_listener.LocalEndpoint.ToString()!, out ReportServer? server) ? server : throw new BenchException("the report server has no address");
            _ = Task.Run(ServeAsync);
        }

        public ReportServer Server { get; }

        public void Dispose() => _listener.Stop();

        private async Task ServeAsync()
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync();
            NetworkStream stream = client.GetStream();
            byte[] buffer = new byte[64 * 1024];
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                int lines = buffer.AsSpan(0, read).Count((byte)'\n');
                if (lines > 0) await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("OK\n", lines))));
            }
        }
    }

    /// <summary>Acknowledges every batch.</summary>
    private sealed class WebSink : IDisposable
    {
        private readonly HttpListener _listener = new();

        public WebSink()
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                _listener.Prefixes.Add($"http://{free.LocalEndpoint}/");
            }
            _listener.Start();
            Server = ReportServer.TryParse(_listener.Prefixes.First() + "calls", out ReportServer? server) ? server : throw new BenchException("the report server has no address");
            _ = Task.Run(ServeAsync);
        }

        public ReportServer Server { get; }

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    HttpListenerContext context = await _listener.GetContextAsync();
                    await context.Request.InputStream.CopyToAsync(Stream.Null);
                    context.Response.StatusCode = 204;
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The bench is done with it.
            }
        }
    }
}
