using System.Collections.Concurrent;
using Tandem.Primitives;

namespace Tandem.Switching.Numbers;

/// <summary>
/// For whom the next call of a number to an access number is (docs/callbacks.md). Each is taken by one call, or forgotten after <see cref="Kept"/>; none outlives the process.
/// Bounded: at <c>capacity</c> no more are taken. Read without a lock by every shard.
/// </summary>
/// <param name="capacity">Kept at once.</param>
public sealed class ReservedCallees(int capacity = 65_536)
{
    /// <summary>How long the call may be waited for.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(DialString Access, DialString Caller), (DialString Callee, Instant Until)> _callees = new();
    private int _count;

    /// <summary>How many are kept, those forgotten soon included.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Reserves; what was reserved for the two before is forgotten. False: too many are kept, or another reserves for the same two just now.</summary>
    /// <param name="access">The access number: a phone's.</param>
    /// <param name="caller">Who will call it.</param>
    /// <param name="callee">Whom that call is for.</param>
    /// <param name="now">It is kept from now on.</param>
    public bool TryReserve(in DialString access, in DialString caller, in DialString callee, Instant now)
    {
        if (Count >= capacity) Forget(now);
        Take(access, caller);
        if (Interlocked.Increment(ref _count) <= capacity && _callees.TryAdd((access, caller), (callee, now + Kept))) return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    public bool TryFind(in DialString access, in DialString caller, Instant now, out DialString callee)
    {
        callee = default;
        if (Count == 0 || !_callees.TryGetValue((access, caller), out (DialString Callee, Instant Until) reserved) || reserved.Until <= now) return false;
        callee = reserved.Callee;
        return true;
    }

    /// <summary>The call has come.</summary>
    public void Take(in DialString access, in DialString caller)
    {
        if (_callees.TryRemove((access, caller), out _)) Interlocked.Decrement(ref _count);
    }

    private void Forget(Instant now)
    {
        foreach (((DialString access, DialString caller), (_, Instant until)) in _callees)
        {
            if (until <= now) Take(access, caller);
        }
    }
}
