namespace Tandem.Primitives.Bounded;

/// <summary>
/// Remembers what was seen a moment ago, in fixed memory: a key forgets whichever key had its place before. For telling a repetition from a
/// first time where being wrong once in a while costs little.
/// </summary>
/// <param name="slots">A power of two.</param>
public sealed class RecentKeys(int slots)
{
    private readonly ulong[] _keys = new ulong[slots];

    /// <summary>True when the key is not there yet; it is from now on.</summary>
    public bool IsNew(ulong key)
    {
        ref ulong place = ref _keys[(int)(key & (ulong)(_keys.Length - 1))];
        if (place == key) return false;
        place = key;
        return true;
    }
}
