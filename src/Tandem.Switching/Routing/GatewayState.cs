namespace Tandem.Switching.Routing;

/// <summary>
/// What is alive of a gateway or phone: the lines in use. It outlives revisions of the tables; every shard counts on it, with
/// interlocked operations and no lock.
/// </summary>
public sealed class GatewayState
{
    private int _currentCalls;
    private long _history;

    public int CurrentCalls => Volatile.Read(ref _currentCalls);

    /// <summary>Lines taken since the start.</summary>
    public long History => Volatile.Read(ref _history);

    /// <summary>Takes one line; false when all are in use. A capacity of 0 is no limit. Lowering the capacity ends no call.</summary>
    public bool TryTakeLine(int capacity)
    {
        int now = Volatile.Read(ref _currentCalls);
        while (true)
        {
            if (capacity > 0 && now >= capacity) return false;
            int seen = Interlocked.CompareExchange(ref _currentCalls, now + 1, now);
            if (seen == now) break;
            now = seen;
        }
        Interlocked.Increment(ref _history);
        return true;
    }

    /// <summary>Gives back a line taken before; once for each.</summary>
    public void ReleaseLine()
    {
        int left = Interlocked.Decrement(ref _currentCalls);
        if (left < 0) throw new InvalidOperationException("A line was given back that was never taken.");
    }
}
