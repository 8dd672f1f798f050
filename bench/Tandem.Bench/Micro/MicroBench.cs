namespace Tandem.Bench.Micro;

/// <summary>Small things, each alone: median ns and bytes allocated.</summary>
internal static class MicroBench
{
    public static void Run(string[] parts, CancellationToken stop)
    {
        _ = parts;
        stop.ThrowIfCancellationRequested();
    }
}
