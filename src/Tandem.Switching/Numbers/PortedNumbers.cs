using System.Collections.Concurrent;
using Tandem.Primitives;

namespace Tandem.Switching.Numbers;

/// <summary>A table of ported numbers that can be asked without waiting.</summary>
public interface IPortedTable
{
    /// <summary>False: the number is not in it, and was not ported as far as it knows.</summary>
    bool TryFind(in DialString number, out DialString routing);
}

/// <summary>
/// Whom numbers were ported to, as far as it is known here: the local table, and what a server said of late. Bounded: the answers kept are two generations, and
/// when the younger is full the older goes. Read and written by every shard without a lock.
/// </summary>
/// <param name="capacity">Answers of one generation.</param>
public sealed class PortedNumbers(int capacity = 500_000)
{
    private volatile IPortedTable? _table;
    private volatile Generations _answers = new([], []);
    private int _young;

    /// <summary>Null: there is none.</summary>
    public IPortedTable? Table
    {
        get => _table;
        set => _table = value;
    }

    /// <summary>Answers kept.</summary>
    public int Cached => _answers is var all ? all.Young.Count + all.Old.Count : 0;

    /// <summary>What the local table or the cache knows of a number; false: a server is to be asked, where there is one. An empty routing number: it was not ported.</summary>
    public bool TryKnow(in DialString number, bool serverIsAsked, Instant now, out DialString routing, out LrnSource source)
    {
        source = LrnSource.Table;
        if (_table is { } table && table.TryFind(number, out routing)) return true;
        routing = default;
        if (!serverIsAsked) return _table is not null; // then the table is all there is to know
        source = LrnSource.Cache;
        Generations all = _answers;
        if (!all.Young.TryGetValue(number, out Kept kept) && !all.Old.TryGetValue(number, out kept)) return false;
        routing = kept.Routing;
        return kept.Until > now;
    }

    /// <summary>A server's answer.</summary>
    public void Keep(in DialString number, in DialString routing, TimeSpan length, Instant now)
    {
        if (length <= TimeSpan.Zero) return;
        Generations all = _answers;
        all.Young[number] = new Kept(routing, now + length);
        if (Interlocked.Increment(ref _young) < capacity) return;
        Interlocked.Exchange(ref _young, 0);
        _answers = new Generations([], all.Young);
    }

    private readonly record struct Kept(DialString Routing, Instant Until);

    private sealed record Generations(ConcurrentDictionary<DialString, Kept> Young, ConcurrentDictionary<DialString, Kept> Old);
}
