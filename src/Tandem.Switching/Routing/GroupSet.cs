namespace Tandem.Switching.Routing;

/// <summary>A set of gateway groups, each by its index in the compiled tables: bits, so that two sets are compared without a loop over names.</summary>
public readonly struct GroupSet
{
    public static readonly GroupSet Empty;

    private readonly ulong _first;
    private readonly ulong[]? _more;

    public GroupSet(IEnumerable<int> groups)
    {
        foreach (int group in groups)
        {
            if (group < 0) throw new ArgumentOutOfRangeException(nameof(groups), group, "A group's index is not negative.");
            if (group < 64)
            {
                _first |= 1UL << group;
                continue;
            }
            int word = (group / 64) - 1;
            if (_more is null || _more.Length <= word) Array.Resize(ref _more, word + 1);
            _more[word] |= 1UL << (group % 64);
        }
    }

    public bool IsEmpty => _first == 0 && _more is null;

    public bool Overlaps(in GroupSet other)
    {
        if ((_first & other._first) != 0) return true;
        if (_more is null || other._more is null) return false;
        int words = Math.Min(_more.Length, other._more.Length);
        for (int i = 0; i < words; i++)
        {
            if ((_more[i] & other._more[i]) != 0) return true;
        }
        return false;
    }

    /// <summary>Whether a caller that names this set may use a gateway of <paramref name="gateway"/>'s groups: an empty set permits all.</summary>
    public bool Permits(in GroupSet gateway, bool allow) => IsEmpty || Overlaps(gateway) == allow;
}
