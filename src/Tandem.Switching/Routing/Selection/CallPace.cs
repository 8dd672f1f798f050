using Tandem.Primitives;

namespace Tandem.Switching.Routing.Selection;

/// <summary>How many attempts began in the second under way: the limit callsPerSecond. Shared by all shards, without a lock.</summary>
public struct CallPace
{
    private long _state; // second << 24 | attempts in it

    public readonly bool HasRoom(int limit, Instant now)
    {
        long state = Volatile.Read(in _state);
        return limit <= 0 || state >> 24 != Second(now) || (state & 0xff_ffff) < limit;
    }

    /// <summary>Counts one attempt; false: this second has its share. 0 is no limit, and counts nothing.</summary>
    public bool TryTake(int limit, Instant now)
    {
        if (limit <= 0) return true;
        long second = Second(now), state = Volatile.Read(ref _state);
        while (true)
        {
            long count = state >> 24 == second ? state & 0xff_ffff : 0;
            if (count >= limit) return false;
            long seen = Interlocked.CompareExchange(ref _state, (second << 24) | (count + 1), state);
            if (seen == state) return true;
            state = seen;
        }
    }

    private static long Second(Instant now) => now.Micros / 1_000_000;
}
