using System.Diagnostics;
using System.Globalization;
using Tandem.Bench.Micro;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Server.Storage.Snapshots;
using Tandem.Switching.Billing;

namespace Tandem.Bench.Ledgers;

/// <summary>
/// What money costs: a million accounts in memory and at a start, paid calls through the ledger onto the disk beside the disk alone and beside PostgreSQL, the proof of every charge, and pricing.
/// </summary>
internal static class MoneyBench
{
    private const int Accounts = 1_000_000;
    private const int PublicClaim = 50_000; // requests a second, which CGRateS says of itself
    private const string SnapshotsOf = Books.SnapshotFolder;
    private static readonly Instant Opened = Instant.FromUtc(new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc));

    public static async Task Run(string[] args, CancellationToken stop)
    {
        double millions = args.Length > 0 && double.TryParse(args[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double said) && said is >= 0.02 and <= 20 ? said : 1;
        int calls = (int)(millions * 1_000_000);
        string folder = Directory.CreateTempSubdirectory("tandem-bench").FullName;
        var report = new Report("money");
        try
        {
            Pricings(report, stop);
            long bytes = Calls(report, folder, calls, stop, out double perSecond);
            Disk(report, folder, calls, bytes, perSecond, stop);
            Alone(report, calls, stop);
            await Database(report, perSecond, stop);
            Starts(report, folder, stop);
            Proofs(report, folder, calls, stop);
            report.Save();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // One core, nothing but prices.
    private static void Pricings(Report report, CancellationToken stop)
    {
        report.Line(Text($"{"pricing on one core (median of 5)",-62}{"a second",14}{"of a million",14}"));
        foreach (IMicro part in (IMicro[])[new PriceCall(), new RateAgain()])
        {
            part.Run(100_000);
            double[] rates = new double[5];
            for (int i = 0; i < rates.Length; i++)
            {
                stop.ThrowIfCancellationRequested();
                rates[i] = 500_000 / part.Run(500_000).TotalSeconds;
            }
            double rate = Report.Median(rates);
            report.Line(Text($"  {part.Name,-60}{rate,14:N0}{rate / 1e6,14:0.0}"));
        }
        report.Line();
    }

    private static long Calls(Report report, string folder, int calls, CancellationToken stop, out double perSecond)
    {
        Report.Progress("a million accounts");
        using JournalFile journal = JournalFile.Open(Path.Combine(folder, Books.JournalFolder));
        long before = Settled(), began = Stopwatch.GetTimestamp();
        var ledger = new Ledger(journal);
        for (int id = 1; id <= Accounts; id++)
        {
            Must(ledger.OpenAccount(MoneyCalls.NumberOf(id), Currency.Usd, AccountKind.Ordinary, 0, locked: false, Opened, out _));
            if (id % 1_000 == 0) Disks.WriteOut(journal, stop);
        }
        Must(ledger.OpenAccount("carrier", Currency.Usd, AccountKind.Clearing, 0, locked: false, Opened, out AccountId carrier));
        Disks.WaitDurable(journal, stop);
        TimeSpan opened = Stopwatch.GetElapsedTime(began);
        long held = Settled() - before;
        report.Line(Text($"{Accounts:N0} accounts opened, durably {opened.TotalSeconds,34:0.00} s"));
        report.Line(Text($"  memory{held / 1e6,58:N0} MB, {held / Accounts} bytes an account"));
        began = Stopwatch.GetTimestamp();
        for (int id = 1; id <= Accounts; id++)
        {
            Must(ledger.Pay(Text($"first-{id}"), new AccountId(id), 1_000 * Money.NanosPerUnit, "", "bench", Opened));
            if (id % 1_000 == 0) Disks.WriteOut(journal, stop);
        }
        Disks.WaitDurable(journal, stop);
        TimeSpan paid = Stopwatch.GetElapsedTime(began);
        long payments = Settled() - before - held;
        report.Line(Text($"  a payment each, durably{paid.TotalSeconds,41:0.00} s"));
        report.Line(Text($"  memory of the payments{payments / 1e6,42:N0} MB, {payments / Accounts} bytes a payment"));
        report.Line();

        var run = new MoneyCalls(ledger, journal, Accounts, carrier);
        const int Warm = 40_000;
        run.Run(0, Warm, stop);
        long from = journal.Position;
        Taken taken = default;
        int step = Math.Max(20_000, calls / 10);
        for (int done = 0; done < calls; done += step)
        {
            Report.Progress(Text($"{done:N0} of {calls:N0} calls through the ledger"));
            taken += run.Run(Warm + done, Math.Min(step, calls - done), stop);
        }
        long bytes = journal.Position - from;
        perSecond = calls / taken.Wall.TotalSeconds;
        report.Line(Text($"{calls:N0} paid calls: opened, answered, extended, closed with sale and cost; one writer, 5,000 open at a time"));
        report.Line(Text($"  calls a second, on disk{perSecond,42:N0}    {perSecond * MoneyCalls.Verbs:N0} verbs a second"));
        report.Line(Text($"  CPU of the process{taken.Cpu.TotalMicroseconds / calls,47:0.0} µs a call"));
        report.Line(Text($"  verbs a second beside CGRateS' public claim of {PublicClaim:N0}{perSecond * MoneyCalls.Verbs / PublicClaim,12:0.0} times"));
        report.Line(Text($"  journal{(double)bytes / calls,58:N0} bytes a call"));

        began = Stopwatch.GetTimestamp();
        byte[] state = ledger.Save();
        TimeSpan saved = Stopwatch.GetElapsedTime(began);
        new SnapshotStore(Path.Combine(folder, "aside", SnapshotsOf)).Write(new Snapshot(journal.Position, Opened, new Dictionary<string, byte[]>(StringComparer.Ordinal) { [SnapshotStore.LedgerState] = state }));
        report.Line(Text($"  the state for a snapshot{saved.TotalSeconds,41:0.00} s, {state.Length / 1e6:0} MB"));
        return bytes;
    }

    // The same calls and accounts, and a journal that keeps nothing.
    private static void Alone(Report report, int calls, CancellationToken stop)
    {
        Report.Progress("the ledger alone");
        var ledger = new Ledger(new KeepsNothing());
        for (int id = 1; id <= Accounts; id++)
        {
            Must(ledger.OpenAccount(MoneyCalls.NumberOf(id), Currency.Usd, AccountKind.Ordinary, 0, locked: false, Opened, out AccountId account));
            Must(ledger.Pay(Text($"first-{id}"), account, 1_000 * Money.NanosPerUnit, "", "bench", Opened));
        }
        Must(ledger.OpenAccount("carrier", Currency.Usd, AccountKind.Clearing, 0, locked: false, Opened, out AccountId carrier));
        var run = new MoneyCalls(ledger, null, Accounts, carrier);
        run.Run(0, 40_000, stop);
        double[] rates = new double[5];
        int each = Math.Max(20_000, calls / rates.Length);
        for (int i = 0; i < rates.Length; i++) rates[i] = each / run.Run(40_000 + (i * each), each, stop).Wall.TotalSeconds;
        double rate = Report.Median(rates) * MoneyCalls.Verbs;
        report.Line(Text($"  the ledger alone, nothing written (median of 5){rate,19:N0} verbs a second, {rate / PublicClaim:0.0} times that claim, which is of a ledger in memory too"));
    }

    private sealed class KeepsNothing : IJournal
    {
        public long Position { get; private set; }

        public bool AcceptsNewWork => true;

        public long Append(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload) => Position += payload.Length;
    }

    // What there is to reach: the same bytes, in writes of the same size, onto the same disk, and nothing else done.
    private static void Disk(Report report, string folder, int calls, long bytes, double perSecond, CancellationToken stop)
    {
        Report.Progress("the disk alone");
        byte[] turn = new byte[(int)Math.Clamp(bytes / calls * MoneyCalls.VerbsATurn / MoneyCalls.Verbs, 1, 1 << 24)];
        new Random(1).NextBytes(turn);
        string path = Path.Combine(folder, "disk");
        double[] rates = new double[3];
        for (int round = 0; round < rates.Length; round++)
        {
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            long all = Math.Min(bytes, 1L << 30), began = Stopwatch.GetTimestamp(), synced = began;
            for (long done = 0; done < all; done += turn.Length)
            {
                stop.ThrowIfCancellationRequested();
                file.Write(turn);
                if (Stopwatch.GetElapsedTime(synced) < TimeSpan.FromMilliseconds(10)) continue;
                file.Flush(flushToDisk: true);
                synced = Stopwatch.GetTimestamp();
            }
            file.Flush(flushToDisk: true);
            rates[round] = all / ((double)bytes / calls) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
        File.Delete(path);
        double limit = Report.Median(rates);
        report.Line(Text($"  the disk alone, the same bytes synced every 10 ms{limit,16:N0} calls a second; the ledger reaches {perSecond / limit:0.00} of it"));
    }

    private static async Task Database(Report report, double perSecond, CancellationToken stop)
    {
        Report.Progress("PostgreSQL");
        report.Line(await PostgresMoney.CallsASecond(Accounts, stop) is { } peer
            ? Text($"  PostgreSQL, hold, hold further, post, 32 clients{peer,17:N0} calls a second; the ledger does {perSecond / peer:0.0} times as many")
            : "  (PostgreSQL is not installed: its line is missing)");
        report.Line();
    }

    private static void Starts(Report report, string folder, CancellationToken stop)
    {
        Report.Progress("starts");
        TimeSpan whole = Start(folder);
        stop.ThrowIfCancellationRequested();
        Directory.Delete(Path.Combine(folder, SnapshotsOf)); // made empty by the start
        Directory.Move(Path.Combine(folder, "aside", SnapshotsOf), Path.Combine(folder, SnapshotsOf));
        TimeSpan quick = Start(folder);
        report.Line(Text($"  a start: journal scanned and folded from its beginning{whole.TotalSeconds,12:0.00} s"));
        report.Line(Text($"  a start: journal scanned, the books from the snapshot at its end{quick.TotalSeconds,2:0.00} s"));
        report.Line();
    }

    private static TimeSpan Start(string folder)
    {
        long began = Stopwatch.GetTimestamp();
        Books books = Books.Open(folder, null, static (_, _) => { });
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        using JournalFile journal = books.Journal;
        return books.Ledger.Accounts.Count == Accounts + 1 ? took : throw new BenchException("the start did not find every account");
    }

    private static void Proofs(Report report, string folder, int calls, CancellationToken stop)
    {
        string journal = Path.Combine(folder, Books.JournalFolder);
        int threads = Math.Max(1, Environment.ProcessorCount - 1);
        Report.Progress("the proof");
        long began = Stopwatch.GetTimestamp();
        Proof proof = JournalProof.Run(journal, default, Instant.Never, threads);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (!proof.Holds) throw new BenchException($"the proof does not hold: {proof.Faults[0]}");
        report.Line(Text($"tandem prove all: {proof.ChargesEqual:N0} charges and {proof.BalancesEqual:N0} balances equal, none not"));
        report.Line(Text($"  {seconds,8:0.0} s, {proof.ChargesEqual / 2 / seconds:N0} calls a second on {threads + 1} threads; ten million calls at that rate{1e7 / (proof.ChargesEqual / 2 / seconds),6:0} s (aim: 60 s)"));
        stop.ThrowIfCancellationRequested();
        Report.Progress("the check");
        began = Stopwatch.GetTimestamp();
        using (BooksFold fold = BooksFold.Whole(JournalReader.InOnePass(journal)))
        {
            fold.ReadTo(long.MaxValue);
            BooksReport check = fold.Report();
            if (!check.IsGreen) throw new BenchException(check.Faults[0]);
        }
        seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        report.Line(Text($"tandem check: folded from the beginning, every price proven, one thread"));
        report.Line(Text($"  {seconds,8:0.0} s, {calls / seconds:N0} calls a second"));
        stop.ThrowIfCancellationRequested();
        Report.Progress("the chain");
        began = Stopwatch.GetTimestamp();
        ChainReport chain = JournalChain.Verify(journal, null);
        seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (!chain.Whole) throw new BenchException(chain.Fault ?? "the chain is not whole");
        report.Line(Text($"tandem prove --chain: {chain.Records:N0} records, {chain.Seals:N0} seals"));
        report.Line(Text($"  {seconds,8:0.0} s, {chain.End / 1e6 / seconds:N0} MB a second"));
    }

    private static void Must(LedgerOutcome outcome)
    {
        if (outcome != LedgerOutcome.Done) throw new BenchException(outcome.Says());
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
