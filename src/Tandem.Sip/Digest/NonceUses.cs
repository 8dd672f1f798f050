using Tandem.Primitives;

namespace Tandem.Sip.Digest;

/// <summary>
/// Which nonce counts were used (RFC 7616 §3.4, nc): credentials that were overheard are worth nothing a second time. Holds the last
/// <c>capacity</c> nonces that were answered rightly; when one is pushed out, no nonce as old as it or older is taken any more unless it is
/// still held, so a full table costs a phone another challenge and never lets a replay through. Only who has the password can fill it.
/// </summary>
/// <param name="capacity">Nonces held at once.</param>
public sealed class NonceUses(int capacity)
{
    // As wide as UDP may shuffle requests: a count up to 63 below the highest may still come, once.
    private const int Window = 64;

    private readonly Dictionary<ulong, int> _slots = [];
    private readonly List<Use> _uses = [];
    private int _oldest;
    private Instant _floor = new(long.MinValue);

    /// <summary>Nonces held.</summary>
    public int Count => _slots.Count;

    /// <summary>
    /// Notes one use. False: this count was used before (or is far behind), the first use comes later than <paramref name="patience"/> after
    /// the challenge, or nothing is known of a nonce this old any more; the request is to be challenged with stale=true.
    /// </summary>
    /// <param name="id">Of the nonce.</param>
    /// <param name="made">When it was given out.</param>
    /// <param name="count">nc; 0 where the credentials have none: such a nonce is good once.</param>
    /// <param name="patience">How long a challenge may be answered for the first time.</param>
    /// <param name="now">The turn.</param>
    public bool TryUse(ulong id, Instant made, uint count, TimeSpan patience, Instant now)
    {
        if (_slots.TryGetValue(id, out int slot)) return TryUseAgain(slot, count);
        if (made <= _floor || now - made > patience) return false;
        var use = new Use(id, made, count == 0 ? uint.MaxValue : count, count == 0 ? ulong.MaxValue : 1);
        if (_uses.Count < capacity)
        {
            _slots.Add(id, _uses.Count);
            _uses.Add(use);
            return true;
        }
        Use pushed = _uses[_oldest];
        if (pushed.Made > _floor) _floor = pushed.Made;
        _slots.Remove(pushed.Id);
        _uses[_oldest] = use;
        _slots.Add(id, _oldest);
        _oldest = (_oldest + 1) % capacity;
        return true;
    }

    private bool TryUseAgain(int slot, uint count)
    {
        Use use = _uses[slot];
        if (count == 0) return false;
        if (count > use.Highest)
        {
            uint ahead = count - use.Highest;
            _uses[slot] = use with { Highest = count, Seen = (ahead >= Window ? 0 : use.Seen << (int)ahead) | 1 };
            return true;
        }
        uint behind = use.Highest - count;
        if (behind >= Window || (use.Seen & (1UL << (int)behind)) != 0) return false;
        _uses[slot] = use with { Seen = use.Seen | (1UL << (int)behind) };
        return true;
    }

    // Seen: bit n is set when Highest − n was used.
    private readonly record struct Use(ulong Id, Instant Made, uint Highest, ulong Seen);
}
