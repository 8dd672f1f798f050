using System.Collections.Concurrent;
using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Admission;

/// <summary>An address or a phone's number that is blocked now.</summary>
/// <param name="Who">The address (IPv6: its /64), or the number.</param>
/// <param name="IsAddress">False: a phone's number.</param>
/// <param name="Tries">Wrong passwords counted.</param>
/// <param name="Since">When the block began.</param>
/// <param name="Until">When it ends by itself.</param>
/// <param name="LastSource">Where the last wrong password came from.</param>
public sealed record Blocked(string Who, bool IsAddress, int Tries, Instant Since, Instant Until, NetAddress LastSource);

/// <summary>
/// Wrong passwords, counted for the address they came from and for the phone they were for; after SS_AUTHENTICATION_MAX_RETRY within
/// SS_AUTHENTICATION_FAILED_SUSPEND either is blocked that long. Only answers to a challenge of ours are counted, so nobody can have another's address
/// blocked by forging it. Bounded: phones by the configuration, addresses by <c>capacity</c>; at the bound nothing is pushed out, a newcomer's
/// tries count for the phone alone, and a counter says so. Read by every shard without a lock. docs/security.md.
/// </summary>
/// <param name="capacity">Addresses counted at once; each is forgotten SS_AUTHENTICATION_FAILED_SUSPEND after its first try or its block.</param>
public sealed class BlockBook(int capacity = 65_536)
{
    private readonly ConcurrentDictionary<NetAddress, Tries> _addresses = new();
    private readonly ConcurrentDictionary<DialString, Tries> _phones = new();
    private readonly Inbox<string> _notices = new(1024);
    private int _addressCount;
    private int _blocked;
    private long _uncounted;

    /// <summary>Tries whose address was not counted because too many others were.</summary>
    public long Uncounted => Interlocked.Read(ref _uncounted);

    /// <summary>Addresses with tries, blocked or not.</summary>
    public int Addresses => Volatile.Read(ref _addressCount);

    public bool IsBlocked(in NetAddress source, Instant now) =>
        Volatile.Read(ref _blocked) > 0 && _addresses.TryGetValue(KeyOf(source), out Tries? tries) && tries.Until > now;

    public bool IsBlocked(in DialString phone, Instant now) =>
        Volatile.Read(ref _blocked) > 0 && _phones.TryGetValue(phone, out Tries? tries) && tries.Until > now;

    /// <summary>One wrong password.</summary>
    /// <param name="source">Where it came from.</param>
    /// <param name="countSource">False: the address is a gateway's of ours, and is not counted.</param>
    /// <param name="phone">The configured phone it was for; empty: none.</param>
    /// <param name="settings">In force.</param>
    /// <param name="now">The turn.</param>
    public void NoteWrong(in NetAddress source, bool countSource, in DialString phone, AuthenticationSettings settings, Instant now)
    {
        if (settings.MaxRetry == 0) return;
        if (countSource)
        {
            NetAddress key = KeyOf(source);
            if (Count(_addresses, key, source, settings, now, limit: true)) Say($"Address {key.HostString()} is blocked for {settings.FailedSuspend.TotalSeconds:0} s: {settings.MaxRetry} wrong passwords{(phone.IsEmpty ? "" : $", the last for phone {phone}")}.");
        }
        if (!phone.IsEmpty && Count(_phones, phone, source, settings, now, limit: false)) Say($"Phone {phone} is blocked for {settings.FailedSuspend.TotalSeconds:0} s, but for the address it is registered from: {settings.MaxRetry} wrong passwords, the last from {source.HostString()}.");
    }

    /// <summary>Those blocked now, addresses first.</summary>
    public IReadOnlyList<Blocked> List(Instant now) =>
    [
        .. _addresses.Where(a => a.Value.Until > now).Select(static a => View(a.Key.HostString(), true, a.Value)).OrderBy(static b => b.Who, StringComparer.Ordinal),
        .. _phones.Where(p => p.Value.Until > now).Select(static p => View(p.Key.ToString(), false, p.Value)).OrderBy(static b => b.Who, StringComparer.Ordinal),
    ];

    /// <summary>The block of an address (with or without port) or a number; null: there is none.</summary>
    public Blocked? Find(string who, Instant now)
    {
        if (NetAddress.TryParse(who, 0, out NetAddress address) && _addresses.TryGetValue(KeyOf(address), out Tries? tries) && tries.Until > now) return View(KeyOf(address).HostString(), true, tries);
        return DialString.TryParse(who, out DialString phone) && _phones.TryGetValue(phone, out tries) && tries.Until > now ? View(who, false, tries) : null;
    }

    /// <summary>Ends a block. False when it is over already.</summary>
    public bool Release(Blocked blocked, string by)
    {
        bool released = blocked.IsAddress
            ? NetAddress.TryParse(blocked.Who, 0, out NetAddress address) && Take(_addresses, KeyOf(address), blocked)
            : DialString.TryParse(blocked.Who, out DialString phone) && Take(_phones, phone, blocked);
        if (released) Say($"{(blocked.IsAddress ? "Address" : "Phone")} {blocked.Who} is not blocked any more: released by {by}.");
        return released;
    }

    /// <summary>Forgets what has run out, and says which blocks ended. Every second or so.</summary>
    public void Sweep(AuthenticationSettings settings, Instant now)
    {
        Sweep(_addresses, static a => "Address " + a.HostString(), settings, now);
        Sweep(_phones, static p => "Phone " + p, settings, now);
    }

    /// <summary>What the operator should read, oldest first; one reader.</summary>
    public bool TryTakeNotice(out string notice) => _notices.TryTake(out notice);

    // An IPv6 customer has a /64 at least, all of it his.
    private static NetAddress KeyOf(in NetAddress source) => source.IsV6 ? SourcePattern.Mask(source, 64) : source.WithPort(0);

    private static Blocked View(string who, bool isAddress, Tries tries) => new(who, isAddress, tries.Count, tries.Last, tries.Until, tries.LastSource);

    // True when this try was the one that blocks.
    private bool Count<TKey>(ConcurrentDictionary<TKey, Tries> tries, in TKey key, in NetAddress source, AuthenticationSettings settings, Instant now, bool limit)
        where TKey : notnull
    {
        while (true)
        {
            if (!tries.TryGetValue(key, out Tries? before))
            {
                if (limit && Volatile.Read(ref _addressCount) >= capacity)
                {
                    Interlocked.Increment(ref _uncounted);
                    return false;
                }
                var first = new Tries(1, now, now, default, source);
                if (settings.MaxRetry == 1) first = first with { Until = now + settings.FailedSuspend };
                if (!tries.TryAdd(key, first)) continue;
                if (limit) Interlocked.Increment(ref _addressCount);
                if (first.Until <= now) return false;
                Interlocked.Increment(ref _blocked);
                return true;
            }
            if (before.Until > now) return false; // blocked already: wrong passwords of a phone at its home address do not make it longer
            bool old = before.Until != default || now - before.First > settings.FailedSuspend;
            Tries after = old ? new Tries(1, now, now, default, source) : before with { Count = before.Count + 1, Last = now, LastSource = source };
            if (after.Count >= settings.MaxRetry) after = after with { Until = now + settings.FailedSuspend };
            if (!tries.TryUpdate(key, after, before)) continue;
            if (before.Until != default) Interlocked.Decrement(ref _blocked);
            if (after.Until == default) return false;
            Interlocked.Increment(ref _blocked);
            return true;
        }
    }

    private bool Take<TKey>(ConcurrentDictionary<TKey, Tries> tries, in TKey key, Blocked blocked)
        where TKey : notnull => tries.TryGetValue(key, out Tries? held) && held.Until == blocked.Until && Remove(tries, key, held);

    private bool Remove<TKey>(ConcurrentDictionary<TKey, Tries> tries, in TKey key, Tries held)
        where TKey : notnull
    {
        if (!tries.TryRemove(new KeyValuePair<TKey, Tries>(key, held))) return false;
        if (ReferenceEquals(tries, _addresses)) Interlocked.Decrement(ref _addressCount);
        if (held.Until != default) Interlocked.Decrement(ref _blocked);
        return true;
    }

    private void Sweep<TKey>(ConcurrentDictionary<TKey, Tries> tries, Func<TKey, string> name, AuthenticationSettings settings, Instant now)
        where TKey : notnull
    {
        foreach ((TKey key, Tries held) in tries)
        {
            bool over = held.Until != default ? held.Until <= now : now - held.First > settings.FailedSuspend;
            if (over && Remove(tries, key, held) && held.Until != default) Say($"{name(key)} is not blocked any more: the time is over.");
        }
    }

    // More than the queue holds between two readings is an attack from everywhere: the list of those blocked still has them all.
    private void Say(string notice) => _notices.TryPost(notice);

    private sealed record Tries(int Count, Instant First, Instant Last, Instant Until, NetAddress LastSource);
}
