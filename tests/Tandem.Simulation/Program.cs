using System.Diagnostics;
using System.Globalization;

namespace Tandem.Simulation;

/// <summary>The entry point: <c>--seed N</c> replays one run, <c>--seeds FROM COUNT</c> runs many; anything else is the test runner's.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length >= 2 && args[0] == "--seed" && ulong.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)) return One(seed, args.Contains("--verbose", StringComparer.Ordinal));
        if (args.Length >= 3 && args[0] == "--seeds" && ulong.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong from) && int.TryParse(args[2], NumberStyles.None, CultureInfo.InvariantCulture, out int count)) return Many(from, count);
        return Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions).GetAwaiter().GetResult();
    }

    private static int One(ulong seed, bool verbose)
    {
        using StreamWriter to = new(Console.OpenStandardOutput()) { NewLine = "\n" };
        Outcome outcome = World.Run(seed, verbose ? to : null);
        to.WriteLine($"seed {seed}: {outcome.Figures}");
        to.WriteLine($"hash of all bytes sent: {outcome.Hash}");
        to.WriteLine(outcome.Broken is null ? "every invariant held" : $"BROKEN {outcome.Broken}");
        return outcome.Held ? 0 : 1;
    }

    private static int Many(ulong from, int count)
    {
        Stopwatch watch = Stopwatch.StartNew();
        int broken = 0;
        SortedDictionary<string, int> endings = new(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            Outcome outcome = World.Run(from + (ulong)i);
            foreach (string ending in outcome.Endings) endings[ending] = endings.GetValueOrDefault(ending) + 1;
            if (!outcome.Held)
            {
                broken++;
                Console.WriteLine($"seed {outcome.Seed}: BROKEN {outcome.Broken}");
            }
            if ((i + 1) % 100 == 0) Console.WriteLine($"{i + 1} seeds, {broken} broken, {watch.Elapsed.TotalSeconds:0.0} s");
        }
        Console.WriteLine("How the calls ended:");
        foreach ((string ending, int times) in endings) Console.WriteLine($"{times,8}  {ending}");
        Console.WriteLine($"{count} seeds, {broken} broken, {watch.Elapsed.TotalSeconds:0.0} s");
        return broken == 0 ? 0 : 1;
    }
}
