using System.Diagnostics;
using System.Globalization;

namespace Tandem.Bench.Micro;

/// <summary>
/// Small things, each alone on one thread: the median of 401 samples of half a millisecond (shorter than a time slice, so that other work
/// on the machine spoils few of them) in ns, and bytes allocated each time.
/// </summary>
internal static class MicroBench
{
    private const int Samples = 401;

    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(0.5);

    public static void Run(string[] parts, CancellationToken stop)
    {
        var report = new Report("micro");
        report.Line($"{"",-62}{"ns",10}{"bytes",10}");
        foreach (Func<IMicro> make in Everything())
        {
            stop.ThrowIfCancellationRequested();
            IMicro micro = make();
            try
            {
                if (parts.Length > 0 && !parts.Any(p => micro.Name.Contains(p, StringComparison.OrdinalIgnoreCase))) continue;
                (double nanos, double bytes) = Measure(micro, stop);
                report.Line(string.Create(CultureInfo.InvariantCulture, $"{micro.Name,-62}{nanos,10:N0}{bytes,10:N0}"));
            }
            finally
            {
                (micro as IDisposable)?.Dispose();
            }
        }
        report.Line("(wall time; caches shared with whatever else the machine does)");
        if (parts.Length == 0) report.Save();
    }

    private static IEnumerable<Func<IMicro>> Everything() =>
    [
        static () => new ParseInvite(),
        static () => new RewriteInvite(),
        static () => new SelectRoute(gateways: 1_000, prefixes: 1),
        static () => new SelectRoute(gateways: 200, prefixes: 500),
        static () => new FindRate(36_000),
        static () => new FindRate(1_000_000),
        static () => new PriceCall(),
        static () => new RateAgain(),
        static () => new AppendRecord(),
        static () => new LogDecisions(),
        static () => new WholeCall(),
        static () => new RelayPacket(),
        static () => new SrtpPacket(Tandem.Media.Srtp.SrtpSuite.AesCm128HmacSha1Tag80),
        static () => new SrtpPacket(Tandem.Media.Srtp.SrtpSuite.AeadAes128Gcm),
    ];

    private static (double Nanos, double Bytes) Measure(IMicro micro, CancellationToken stop)
    {
        int count = 1;
        long began = Stopwatch.GetTimestamp();
        TimeSpan took = TimeSpan.Zero;
        for (int done = 0; Stopwatch.GetElapsedTime(began) < WarmUp || done < micro.SteadyAfter; done += count)
        {
            took = micro.Run(count);
            if (took < Sample) count = Math.Min(count * 2, 1 << 24);
        }
        count = Math.Max(1, (int)(count * (Sample / took)));
        double[] samples = new double[Samples];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Samples; i++)
        {
            stop.ThrowIfCancellationRequested();
            samples[i] = micro.Run(count).TotalNanoseconds / count;
        }
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return (Report.Median(samples), bytes / ((double)Samples * count));
    }
}

/// <summary>One small thing.</summary>
internal interface IMicro
{
    string Name { get; }

    /// <summary>Does it so many times and says how long that took, without what only serves the measuring.</summary>
    TimeSpan Run(int count);

    /// <summary>How often it must be done before what it keeps stops growing.</summary>
    int SteadyAfter => 0;
}
