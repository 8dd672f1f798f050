namespace Tandem.Tests;

/// <summary>
/// What code allocates on its own thread. A collection started by a test beside it retires the thread's allocation buffer and
/// up to 8 KiB are counted that nobody asked for; so the least of several rounds is taken: code that allocates does it in each.
/// </summary>
internal static class Allocations
{
    private const int Rounds = 5;

    public static long Least(Action round)
    {
        round(); // compiled, pools filled
        long least = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
