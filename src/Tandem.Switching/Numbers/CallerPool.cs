using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;

namespace Tandem.Switching.Numbers;

/// <summary>A number of a pool as it is alive: how many calls are shown by it now. Counted by every shard with interlocked operations.</summary>
public sealed class PoolNumber(DialString number)
{
    private int _calls;

    public DialString Number { get; } = number;

    public int Calls => Volatile.Read(ref _calls);

    internal bool TryTake(int lines)
    {
        int now = Volatile.Read(ref _calls);
        while (now < lines)
        {
            int seen = Interlocked.CompareExchange(ref _calls, now + 1, now);
            if (seen == now) return true;
            now = seen;
        }
        return false;
    }

    /// <summary>Once for each taking.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _calls) < 0) throw new InvalidOperationException("A pool number was given back that was never taken.");
    }
}

/// <summary>What is alive of a gateway's pool: it outlives revisions, so that a number in use stays counted.</summary>
public sealed class CallerPoolState
{
    private readonly Dictionary<DialString, PoolNumber> _numbers = []; // by the one thread that compiles
    private int _next;

    /// <summary>Calls that are shown by any of its numbers.</summary>
    public int CallsInAll => _numbers.Values.Sum(static n => n.Calls);

    internal PoolNumber[] Take(IEnumerable<DialString> numbers)
    {
        HashSet<DialString> wanted = [.. numbers];
        foreach (DialString gone in _numbers.Keys.Where(n => !wanted.Contains(n) && _numbers[n].Calls == 0).ToArray()) _numbers.Remove(gone);
        foreach (DialString number in wanted)
        {
            if (!_numbers.ContainsKey(number)) _numbers.Add(number, new PoolNumber(number));
        }
        return [.. wanted.Select(n => _numbers[n]).OrderBy(static p => p.Number.ToString(), StringComparer.Ordinal)];
    }

    internal int Next() => Interlocked.Increment(ref _next);
}

/// <summary>
/// The numbers a routing gateway's calls are shown by, and how many calls may be shown by one at a time. They take turns: each call gets the next number
/// that is free, so all are used alike. While some are free a call looks at few; when all are used up it has looked at each once.
/// </summary>
public sealed class CallerPool
{
    private readonly PoolNumber[] _numbers;
    private readonly CallerPoolState _state;

    public CallerPool(string group, IEnumerable<DialString> numbers, int lines, CallerPoolState state)
    {
        Group = group;
        Lines = lines;
        _state = state;
        _numbers = state.Take(numbers);
    }

    /// <summary>The number group.</summary>
    public string Group { get; }

    public int Lines { get; }

    /// <summary>In order.</summary>
    public IReadOnlyList<PoolNumber> Numbers => _numbers;

    public bool TryTake([NotNullWhen(true)] out PoolNumber? taken)
    {
        taken = null;
        if (_numbers.Length == 0) return false;
        int start = (int)((uint)_state.Next() % (uint)_numbers.Length);
        for (int i = 0; i < _numbers.Length; i++)
        {
            int at = start + i;
            PoolNumber number = _numbers[at < _numbers.Length ? at : at - _numbers.Length];
            if (!number.TryTake(Lines)) continue;
            taken = number;
            return true;
        }
        return false;
    }

    /// <summary>Whether a call would get one now; nothing is taken.</summary>
    public bool HasFree() => Array.Exists(_numbers, n => n.Calls < Lines);
}
