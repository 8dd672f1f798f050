using System.Diagnostics;
using System.Globalization;
using Tandem.Primitives;
using Tandem.Server.Storage.Ported;
using Tandem.Switching.Routing;

namespace Tandem.Bench.Numbers;

/// <summary>
/// What numbers cost: a rewrite by dial plans of growing size, and the local table of ported numbers as it grows: bytes a number, time to build, time of a look-up beside a
/// <see cref="Dictionary{TKey,TValue}"/> and a binary search in a sorted array of the same numbers. Medians of nine samples.
/// </summary>
internal static class NumbersBench
{
    private const int Samples = 9;

    public static void Run(string[] args, CancellationToken stop)
    {
        long most = args.Length > 0 && long.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out long millions) ? millions * 1_000_000 : 16_000_000;
        var report = new Report("numbers");
        report.Line($"{"dial plan, rules",-30}{"compile ms",14}{"rewrite ns",14}{"bytes",10}");
        foreach (int rules in (int[])[10, 1_000, 100_000]) Plan(report, rules);
        report.Line();
        report.Line($"{"ported numbers",-16}{"bytes each",12}{"build s",10}{"open s",10}{"found ns",11}{"missed ns",11}{"Dictionary ns",15}{"binary search ns",18}");
        for (long count = 1_000_000; count <= most; count *= 4)
        {
            stop.ThrowIfCancellationRequested();
            Ported(report, count, stop);
        }
        report.Line("(numbers of North America drawn at random, 25,000 routing numbers; built from CSV in random order; Dictionary and array hold number and place only: 24 and 12 bytes each)");
        report.Save();
    }

    private static void Plan(Report report, int rules)
    {
        var entropy = new SeededEntropy(3);
        var originals = new HashSet<string>(StringComparer.Ordinal);
        while (originals.Count < rules) originals.Add($"{1 + entropy.Below(9)}{entropy.Below(1_000_000):D6}"[..(rules < 100 ? 2 : 4 + entropy.Below(4))]);
        string text = string.Join(',', originals.Select(static o => $"{o}:00{o[..1]}"));
        long began = Stopwatch.GetTimestamp();
        if (!DialPlan.TryParse(text, out DialPlan? plan, out string error)) throw new BenchException(error);
        double compile = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        DialString[] numbers = [.. Enumerable.Range(0, 4096).Select(_ => DialString.Parse($"{1 + entropy.Below(9)}{entropy.Below(1_000_000):D6}{entropy.Below(1000):D3}"))];
        long before = 0;
        double nanos = Median(i => plan.Rewrite(numbers[i & 4095], (uint)i, out _).Length, () => before = GC.GetAllocatedBytesForCurrentThread(), out _);
        plan.Rewrite(numbers[0], 0, out _);
        before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) plan.Rewrite(numbers[i & 4095], (uint)i, out _);
        report.Line(string.Create(CultureInfo.InvariantCulture, $"{rules,-30:N0}{compile,14:N1}{nanos,14:N0}{(GC.GetAllocatedBytesForCurrentThread() - before) / 10_000,10:N0}"));
    }

    private static void Ported(Report report, long count, CancellationToken stop)
    {
        string folder = Directory.CreateTempSubdirectory("tandem-bench").FullName;
        try
        {
            string path = Path.Combine(folder, "ported");
            Report.Progress($"{count:N0} ported numbers");
            long began = Stopwatch.GetTimestamp();
            PortedImport built;
            using (var csv = new DrawnCsv(count)) built = PortedBuilder.Build(csv, path, default, null, stop);
            if (built.ErrorCount > 0) throw new BenchException(built.Errors[0].ToString());
            double build = Stopwatch.GetElapsedTime(began).TotalSeconds;
            began = Stopwatch.GetTimestamp();
            PortedTable table = PortedTable.Open(path);
            double open = Stopwatch.GetElapsedTime(began).TotalSeconds;

            var entropy = new SeededEntropy(9);
            DialString[] there = [.. Enumerable.Range(0, 1 << 16).Select(_ => DialString.Parse($"{DrawnCsv.Number((long)(entropy.NextUInt64() % (ulong)count), count)}"))];
            DialString[] others = [.. Enumerable.Range(0, 1 << 16).Select(_ => DialString.Parse($"{1_200_000_0000 + (long)(entropy.NextUInt64() % 8_000_000_000)}"))];
            double found = Median(i => table.TryFind(there[i & 0xffff], out _) ? 1 : 0, static () => { }, out long hits);
            double missed = Median(i => table.TryFind(others[i & 0xffff], out _) ? 1 : 0, static () => { }, out _);
            if (hits == 0) throw new BenchException("nothing was found");
            (double dictionary, double array) = Peers(count, there);
            report.Line(string.Create(CultureInfo.InvariantCulture, $"{built.Numbers,-16:N0}{built.Bytes / (double)built.Numbers,12:N2}{build,10:N1}{open,10:N2}{found,11:N0}{missed,11:N0}{dictionary,15:N0}{array,18:N0}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (double Dictionary, double Array) Peers(long count, DialString[] there)
    {
        if (count > 20_000_000) return (double.NaN, double.NaN); // the dictionary would not fit beside it
        var dictionary = new Dictionary<ulong, int>((int)count);
        for (long i = 0; i < count; i++) dictionary[(ulong)DrawnCsv.Number(i, count)] = (int)i;
        ulong[] keys = [.. dictionary.Keys.Order()];
        ulong[] asked = [.. there.Select(static n => ulong.Parse(n.ToString(), CultureInfo.InvariantCulture))];
        return (Median(i => dictionary.TryGetValue(asked[i & 0xffff], out int _) ? 1 : 0, static () => { }, out _), Median(i => Array.BinarySearch(keys, asked[i & 0xffff]) >= 0 ? 1 : 0, static () => { }, out _));
    }

    private static double Median(Func<int, int> one, Action begin, out long sum)
    {
        const int Times = 200_000;
        long total = 0;
        for (int i = 0; i < Times; i++) total += one(i);
        var samples = new double[Samples];
        for (int s = 0; s < Samples; s++)
        {
            begin();
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < Times; i++) total += one(i);
            samples[s] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / Times;
        }
        sum = total;
        return Report.Median(samples);
    }

    /// <summary>A CSV file that is written as it is read: number i of so many, in an order that is none.</summary>
    private sealed class DrawnCsv(long count) : Stream
    {
        private readonly byte[] _line = new byte[64];
        private long _next;
        private int _at, _end;

        // Spread over 8 thousand million numbers, none twice: steps of a stride, walked in jumps of a prime.
        public static long Number(long i, long count) => 12_000_000_000 + (((i * 7_368_787) % count) * (8_000_000_000 / count)) + (((i * 7_368_787) % count * 31) % 17);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int wanted)
        {
            int written = 0;
            while (written < wanted)
            {
                if (_at == _end)
                {
                    if (_next == count) return written;
                    ulong mixed = (ulong)_next * 0x9e3779b97f4a7c15;
                    if (!System.Text.Unicode.Utf8.TryWrite(_line, CultureInfo.InvariantCulture, $"{Number(_next, count)},1{2_010_000_000 + (long)(mixed % 25_000)}\n", out _end)) throw new BenchException("a line is too long");
                    _next++;
                    _at = 0;
                }
                int piece = Math.Min(wanted - written, _end - _at);
                _line.AsSpan(_at, piece).CopyTo(buffer.AsSpan(offset + written));
                _at += piece;
                written += piece;
            }
            return written;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int written) => throw new NotSupportedException();
    }
}
