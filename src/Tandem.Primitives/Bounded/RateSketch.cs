namespace Tandem.Primitives.Bounded;

/// <summary>
/// Token buckets for any number of senders in fixed memory: each key hashes to one of <c>slots</c> buckets, and keys that meet share it. Nothing
/// is inserted or evicted, so a flood from many addresses pushes nobody out. A bucket is one number, the generic cell rate algorithm
/// (ITU-T I.371): the time at which it will be full again.
/// </summary>
/// <param name="slots">A power of two; 8 bytes each.</param>
public sealed class RateSketch(int slots)
{
    private readonly long[] _fullAt = new long[slots];

    /// <summary>Takes one token; false when the bucket is empty. The burst is <paramref name="burstSeconds"/> of the rate.</summary>
    /// <param name="hash">Of the key, under a secret, so that nobody chooses his neighbours.</param>
    /// <param name="perSecond">Tokens a second; 1 to 1,000,000.</param>
    /// <param name="burstSeconds">How many seconds of tokens a rested bucket holds.</param>
    /// <param name="now">The turn.</param>
    public bool TryTake(ulong hash, int perSecond, int burstSeconds, Instant now)
    {
        ref long fullAt = ref _fullAt[(int)(hash & (ulong)(_fullAt.Length - 1))];
        long next = Math.Max(fullAt, now.Micros) + (1_000_000 / perSecond);
        if (next > now.Micros + (burstSeconds * 1_000_000L)) return false;
        fullAt = next;
        return true;
    }
}
