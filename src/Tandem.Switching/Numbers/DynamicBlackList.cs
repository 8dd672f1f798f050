using System.Collections.Concurrent;
using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Numbers;

/// <summary>What brings a number on a dynamic black list. Numbers stand in files.</summary>
public enum DynamicKind : byte
{
    /// <summary>A caller that made too many calls within the window.</summary>
    Malicious = 1,

    /// <summary>A caller that had too many calls at once.</summary>
    Concurrent = 2,

    /// <summary>A callee that was not answered too often in a row.</summary>
    NoAnswer = 3,
}

/// <summary>A number that is on a dynamic black list.</summary>
/// <param name="Kind">Why.</param>
/// <param name="List">Whose list: a device that counts by itself; empty: the central one.</param>
/// <param name="Number">The number.</param>
/// <param name="Calls">Calls counted when it came on the list.</param>
/// <param name="Since">When that was.</param>
/// <param name="Until">When it goes by itself.</param>
public sealed record DynamicEntry(DynamicKind Kind, string List, DialString Number, int Calls, Instant Since, Instant Until);

/// <summary>
/// The dynamic black lists (docs/numbers.md): calls are counted by caller and by callee, and whoever reaches a limit of SS_BLACK_LIST_* is on the list for
/// its time. One list for all, and one of its own for each device with dynamicBlackListInStandalone. Bounded by <c>capacity</c> numbers counted at once;
/// at the bound a newcomer is not counted, and a counter says so. Written and read by every shard without a lock.
/// </summary>
public sealed class DynamicBlackList(int capacity = 1 << 18)
{
    private readonly ConcurrentDictionary<Key, Tally> _tallies = new();
    private readonly ConcurrentDictionary<Key, DynamicEntry> _entries = new();
    private readonly Inbox<string> _notices = new(1024);
    private int _counted;
    private int _listed;
    private long _uncounted;
    private long _changes;

    /// <summary>Calls not counted because too many numbers were.</summary>
    public long Uncounted => Interlocked.Read(ref _uncounted);

    /// <summary>Grows with every entry that comes or goes.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>The entry that refuses the caller; null: none does.</summary>
    public DynamicEntry? OfCaller(string list, in DialString caller, Instant now) =>
        Volatile.Read(ref _listed) == 0 ? null : Find(new Key(list, DynamicKind.Malicious, caller), now) ?? Find(new Key(list, DynamicKind.Concurrent, caller), now);

    public DynamicEntry? OfCallee(string list, in DialString callee, Instant now) =>
        Volatile.Read(ref _listed) == 0 ? null : Find(new Key(list, DynamicKind.NoAnswer, callee), now);

    /// <summary>A call of this caller begins. What is returned is given to <see cref="EndCall"/> once when it ends; null: nothing is to be given.</summary>
    public Tally? BeginCall(string list, in DialString caller, BlackListSettings settings, Instant now)
    {
        if (caller.IsEmpty) return null;
        if (settings.MaliciousLimit > 0 && Of(new Key(list, DynamicKind.Malicious, caller)) is { } tally && tally.Count(now, settings.MaliciousInterval) is var calls && calls >= settings.MaliciousLimit)
            Put(new Key(list, DynamicKind.Malicious, caller), calls, settings.MaliciousExpire, now, $"made {calls} calls within {settings.MaliciousInterval.TotalSeconds:0} s");
        if (settings.ConcurrentLimit == 0 || Of(new Key(list, DynamicKind.Concurrent, caller)) is not { } open) return null;
        int atOnce = open.Begin();
        if (atOnce >= settings.ConcurrentLimit) Put(new Key(list, DynamicKind.Concurrent, caller), atOnce, settings.ConcurrentExpire, now, $"had {atOnce} calls at once");
        return open;
    }

    public static void EndCall(Tally begun) => begun.End();

    /// <summary>A call to this callee ended: answered, or rung in vain.</summary>
    public void NoteOutcome(string list, in DialString callee, bool answered, BlackListSettings settings, Instant now)
    {
        if (callee.IsEmpty || settings.NoAnswerLimit == 0) return;
        var key = new Key(list, DynamicKind.NoAnswer, callee);
        if (answered)
        {
            if (_tallies.TryGetValue(key, out Tally? told)) told.Clear();
            return;
        }
        if (Of(key) is { } tally && tally.Count(now, settings.NoAnswerPeriod) is var calls && calls >= settings.NoAnswerLimit)
            Put(key, calls, settings.NoAnswerExpire, now, $"was not answered {calls} times in a row");
    }

    /// <summary>Those listed now, by list, kind and number.</summary>
    public IReadOnlyList<DynamicEntry> List(Instant now) =>
        [.. _entries.Values.Where(e => e.Until > now).OrderBy(static e => e.List, StringComparer.Ordinal).ThenBy(static e => e.Kind).ThenBy(static e => e.Number.ToString(), StringComparer.Ordinal)];

    /// <summary>Takes a number off every list it is on, or off one. Returns what it was on.</summary>
    public IReadOnlyList<DynamicEntry> Release(in DialString number, string? list, string by, Instant now)
    {
        DialString who = number;
        List<DynamicEntry> released = [];
        foreach (DynamicEntry entry in List(now).Where(e => e.Number == who && (list is null || e.List == list)))
        {
            var key = new Key(entry.List, entry.Kind, entry.Number);
            if (!Remove(key, entry)) continue;
            if (entry.Kind != DynamicKind.Concurrent && _tallies.TryGetValue(key, out Tally? tally)) tally.Clear(); // it begins anew
            Say($"{Words(entry)} is off the dynamic black list: released by {by}.");
            released.Add(entry);
        }
        return released;
    }

    /// <summary>An entry of an earlier life.</summary>
    public void Restore(DynamicEntry entry)
    {
        if (!_entries.TryAdd(new Key(entry.List, entry.Kind, entry.Number), entry)) return;
        Interlocked.Increment(ref _listed);
        Interlocked.Increment(ref _changes);
    }

    /// <summary>Forgets what has run out. Every second or so.</summary>
    public void Sweep(BlackListSettings settings, Instant now)
    {
        foreach ((Key key, DynamicEntry entry) in _entries)
        {
            if (entry.Until <= now && Remove(key, entry)) Say($"{Words(entry)} is off the dynamic black list: the time is over.");
        }
        foreach ((Key key, Tally tally) in _tallies)
        {
            TimeSpan kept = key.Kind == DynamicKind.Malicious ? settings.MaliciousInterval : settings.NoAnswerPeriod;
            bool over = key.Kind == DynamicKind.Concurrent ? tally.TryRetire() : tally.IsOld(now, kept);
            if (over && _tallies.TryRemove(new KeyValuePair<Key, Tally>(key, tally))) Interlocked.Decrement(ref _counted);
        }
    }

    /// <summary>What the operator should read, oldest first; one reader.</summary>
    public bool TryTakeNotice(out string notice) => _notices.TryTake(out notice);

    private DynamicEntry? Find(in Key key, Instant now) => _entries.TryGetValue(key, out DynamicEntry? entry) && entry.Until > now ? entry : null;

    private Tally? Of(in Key key)
    {
        while (true)
        {
            if (_tallies.TryGetValue(key, out Tally? tally)) return tally;
            if (Volatile.Read(ref _counted) >= capacity)
            {
                Interlocked.Increment(ref _uncounted);
                return null;
            }
            tally = new Tally();
            if (!_tallies.TryAdd(key, tally)) continue;
            Interlocked.Increment(ref _counted);
            return tally;
        }
    }

    private void Put(in Key key, int calls, TimeSpan expire, Instant now, string why)
    {
        if (expire == TimeSpan.Zero) return;
        var entry = new DynamicEntry(key.Kind, key.List, key.Number, calls, now, now + expire);
        if (_entries.TryGetValue(key, out DynamicEntry? before))
        {
            if (before.Until > now || !_entries.TryUpdate(key, entry, before)) return; // it is listed already
        }
        else
        {
            if (!_entries.TryAdd(key, entry)) return;
            Interlocked.Increment(ref _listed);
        }
        if (key.Kind != DynamicKind.Concurrent && _tallies.TryGetValue(key, out Tally? tally)) tally.Clear();
        Interlocked.Increment(ref _changes);
        Say($"{Words(entry)} is on the dynamic black list for {expire.TotalSeconds:0} s: it {why}.");
    }

    private bool Remove(in Key key, DynamicEntry entry)
    {
        if (!_entries.TryRemove(new KeyValuePair<Key, DynamicEntry>(key, entry))) return false;
        Interlocked.Decrement(ref _listed);
        Interlocked.Increment(ref _changes);
        return true;
    }

    private static string Words(DynamicEntry e) => $"{(e.Kind == DynamicKind.NoAnswer ? "Callee" : "Caller")} {e.Number}{(e.List.Length > 0 ? $" of {e.List}" : "")}";

    private void Say(string notice) => _notices.TryPost(notice);

    private readonly record struct Key(string List, DynamicKind Kind, DialString Number);

    /// <summary>One number's count: since when, how many.</summary>
    public sealed class Tally
    {
        // Upper 40 bits: the second the window began; lower 24: calls. Of calls at once only the lower count, −1 when it is given up.
        private long _state;

        internal int Count(Instant now, TimeSpan window)
        {
            long second = now.Micros / 1_000_000;
            while (true)
            {
                long before = Interlocked.Read(ref _state);
                bool fresh = before == 0 || second - (before >> 24) > (long)window.TotalSeconds;
                long after = fresh ? (second << 24) | 1 : (before & 0xffffff) == 0xffffff ? before : before + 1;
                if (Interlocked.CompareExchange(ref _state, after, before) == before) return (int)(after & 0xffffff);
            }
        }

        internal int Begin()
        {
            long calls = Interlocked.Increment(ref _state);
            return (int)Math.Max(0, calls);
        }

        internal void End() => Interlocked.Decrement(ref _state);

        internal void Clear() => Interlocked.Exchange(ref _state, 0);

        internal bool IsOld(Instant now, TimeSpan window) => Interlocked.Read(ref _state) is var state && (state == 0 || (now.Micros / 1_000_000) - (state >> 24) > (long)window.TotalSeconds);

        // A call that begins in this very moment counts for nothing: it is one too few, never one too many.
        internal bool TryRetire() => Interlocked.CompareExchange(ref _state, int.MinValue, 0) == 0;
    }
}
