namespace Tandem.Bench.Load;

/// <summary>The pauses of every collection: an object without owner is finalised after each, reads what that collection took, and leaves another behind.</summary>
internal sealed class GcPauses
{
    private const int Kept = 1 << 16;

    private readonly double[] _millis = new double[Kept];
    private int _count;
    private long _index;

    public GcPauses() => _ = new Sentinel(this);

    public int Count => Volatile.Read(ref _count);

    /// <summary>Those from number <paramref name="from"/> on, in ms, ascending.</summary>
    public double[] Since(int from) => [.. _millis.Take(Math.Min(Count, Kept)).Skip(from).Order()];

    private void Note()
    {
        GCMemoryInfo last = GC.GetGCMemoryInfo(GCKind.Any);
        if (last.Index == _index) return;
        _index = last.Index;
        foreach (TimeSpan pause in last.PauseDurations)
        {
            if (pause <= TimeSpan.Zero || _count == Kept) continue;
            _millis[_count] = pause.TotalMilliseconds;
            Volatile.Write(ref _count, _count + 1);
        }
    }

    private sealed class Sentinel(GcPauses owner)
    {
#pragma warning disable MA0055 // that it is finalised by each collection is what it is for
        ~Sentinel()
        {
            owner.Note();
            _ = new Sentinel(owner);
        }
#pragma warning restore MA0055
    }
}
