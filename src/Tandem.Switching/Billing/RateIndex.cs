using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>
/// The prices of many decks under one tree of prefixes: one walk along a number finds what each deck asks for it. Never changed once made. Beside the prefixes, which all decks share,
/// a rate takes six bytes: whose it is and what it costs. No allocation in a walk.
/// </summary>
/// <remarks>Prefixes are the sorted keys of <see cref="RateTable"/>, each with the longest shorter one of itself; what a deck has at the deepest is its longest prefix.</remarks>
public sealed class RateIndex
{
    /// <summary>A deck has no prefix of the number.</summary>
    public const long None = -1;

    /// <summary>The longest prefix of a deck is locked there.</summary>
    public const long Locked = -2;

    public const int MaxDecks = ushort.MaxValue;

    // Up to a quarter of the decks may be others.
    private const int MostOthers = 4;

    public static readonly RateIndex Empty = new([]);

    private readonly RateTable[] _decks;
    private readonly ulong[] _keys;
    private readonly int[] _parents;
    private readonly int[] _starts; // prefix -> first of its rates; one more at the end
    private readonly ushort[] _owners;
    private readonly uint[] _prices;
    private readonly long[] _aside;
    private readonly int[] _leading; // first key whose leading bits are at least i
    private readonly int _shift;

    /// <summary>
    /// The index of some decks, out of one that was made before where few decks are others: what they all have in common is copied. A deck of 200,000 prefixes among 18 million rates
    /// takes the place of another in a tenth of a second; all anew takes twenty times as long (docs/performance.md).
    /// </summary>
    /// <param name="decks">Each once; a deck's place is its column.</param>
    /// <param name="before">Null: there is none.</param>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    public static RateIndex Of(IReadOnlyList<RateTable> decks, RateIndex? before)
    {
        if (before is null) return new RateIndex(decks);
        if (before.IsOf(decks)) return before;
        HashSet<RateTable> old = [.. before._decks];
        int[] others = [.. Enumerable.Range(0, decks.Count).Where(i => !old.Contains(decks[i]))];
        // As every change leaves what is no longer asked for in the list aside, a large one begins anew.
        return others.Length > decks.Count / MostOthers || decks.Count > MaxDecks ? new RateIndex(decks) : new RateIndex(decks, before, others);
    }

    /// <param name="decks">Each once; a deck's place is its column.</param>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    public RateIndex(IReadOnlyList<RateTable> decks)
    {
        if (decks.Count > MaxDecks) throw new InvalidOperationException($"At most {MaxDecks} decks of carriers can be compared; these are {decks.Count}.");
        _decks = [.. decks];
        _keys = Merge([.. decks.Select(static d => d.Keys())]);
        _parents = Parents(_keys);
        _starts = new int[_keys.Length + 1];
        foreach (RateTable deck in _decks)
        {
            for (int i = 0, at = 0; i < deck.Count; i++, at++)
            {
                ulong key = deck.KeyAt(i);
                while (_keys[at] != key) at++;
                _starts[at + 1]++;
            }
        }
        for (int i = 0; i < _keys.Length; i++) _starts[i + 1] += _starts[i];
        _owners = new ushort[_starts[^1]];
        _prices = new uint[_starts[^1]];
        int[] next = _starts[..^1];
        List<long> aside = [];
        for (int column = 0; column < _decks.Length; column++)
        {
            RateTable deck = _decks[column];
            for (int i = 0, at = 0; i < deck.Count; i++, at++)
            {
                ulong key = deck.KeyAt(i);
                while (_keys[at] != key) at++;
                int place = next[at]++;
                _owners[place] = (ushort)column;
                _prices[place] = deck.PriceAt(i, out bool locked) is var nanos && locked ? PackedPrice.Locked : PackedPrice.Pack(nanos, aside);
            }
        }
        _aside = [.. aside];
        _leading = Leading(_keys, out _shift);
    }

    // One pass over the prefixes of both: rates of decks that stay are copied to their new columns, those of decks that are gone left out, those of others put behind them.
    private RateIndex(IReadOnlyList<RateTable> decks, RateIndex before, int[] others)
    {
        _decks = [.. decks];
        Dictionary<RateTable, int> columns = [];
        for (int i = 0; i < _decks.Length; i++) columns[_decks[i]] = i;
        int[] moved = [.. before._decks.Select(d => columns.GetValueOrDefault(d, -1))];
        ulong[] keys = others.Length == 0 ? [.. before._keys] : Merge([before._keys, .. others.Select(o => _decks[o].Keys())]);
        int most = before._owners.Length + others.Sum(o => _decks[o].Count);
        int[] starts = new int[keys.Length + 1];
        ushort[] owners = new ushort[most];
        uint[] prices = new uint[most];
        List<long> aside = [.. before._aside];
        int[] next = new int[others.Length];
        int count = 0, kept = 0, old = 0;
        foreach (ulong key in keys)
        {
            int begins = count;
            if (old < before._keys.Length && before._keys[old] == key)
            {
                for (int i = before._starts[old], end = before._starts[old + 1]; i < end; i++)
                {
                    int column = moved[before._owners[i]];
                    if (column < 0) continue;
                    owners[count] = (ushort)column;
                    prices[count++] = before._prices[i];
                }
                old++;
            }
            for (int o = 0; o < others.Length; o++)
            {
                RateTable deck = _decks[others[o]];
                if (next[o] >= deck.Count || deck.KeyAt(next[o]) != key) continue;
                owners[count] = (ushort)others[o];
                prices[count++] = deck.PriceAt(next[o]++, out bool locked) is var nanos && locked ? PackedPrice.Locked : PackedPrice.Pack(nanos, aside);
            }
            if (count == begins) continue; // no deck has the prefix any more
            keys[kept] = key;
            starts[kept++] = begins;
        }
        starts[kept] = count;
        _keys = kept == keys.Length ? keys : keys[..kept];
        _starts = starts[..(kept + 1)];
        _owners = count == most ? owners : owners[..count];
        _prices = count == most ? prices : prices[..count];
        _aside = [.. aside];
        _parents = Parents(_keys);
        _leading = Leading(_keys, out _shift);
    }

    public int Columns => _decks.Length;

    /// <summary>Of all decks.</summary>
    public int Rates => _owners.Length;

    /// <summary>Different ones.</summary>
    public int Prefixes => _keys.Length;

    public long Bytes => (_keys.Length * 12L) + (_starts.Length * 4L) + (_owners.Length * 6L) + (_aside.Length * 8L) + (_leading.Length * 4L);

    /// <summary>Made of exactly these, in this order: another need not be built.</summary>
    public bool IsOf(IReadOnlyList<RateTable> decks) => decks.Count == _decks.Length && _decks.AsSpan().SequenceEqual([.. decks]);

    /// <summary>The price a minute of each deck for a number, nanos of the deck's currency; <see cref="None"/> or <see cref="Locked"/>.</summary>
    /// <param name="number">The number.</param>
    /// <param name="prices">One for each column.</param>
    public void Find(in DialString number, Span<long> prices)
    {
        prices = prices[..Columns];
        prices.Fill(None);
        ulong key = RateTable.KeyOf(number);
        int low = _leading[(int)(key >> _shift)], high = _leading[(int)(key >> _shift) + 1];
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (_keys[middle] <= key) low = middle + 1;
            else high = middle;
        }
        int at = low - 1, left = Columns;
        while (at >= 0 && !RateTable.IsPrefixOf(_keys[at], key)) at = _parents[at];
        for (; at >= 0 && left > 0; at = _parents[at])
        {
            int first = _starts[at], end = _starts[at + 1];
            for (int i = first; i < end; i++)
            {
                ref long price = ref prices[_owners[i]];
                if (price != None) continue;
                price = PackedPrice.Unpack(_prices[i], _aside);
                left--;
            }
        }
    }

    private static int[] Leading(ulong[] keys, out int shift)
    {
        int bits = keys.Length < 1_000 ? 8 : keys.Length < 20_000 ? 12 : keys.Length < 200_000 ? 16 : 20;
        shift = 64 - bits;
        int[] leading = new int[(1 << bits) + 1];
        for (int i = 0, at = 0; i < leading.Length; i++)
        {
            while (at < keys.Length && (int)(keys[at] >> shift) < i) at++;
            leading[i] = at;
        }
        return leading;
    }

    private static int[] Parents(ulong[] keys)
    {
        int[] parents = new int[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            int parent = i - 1;
            while (parent >= 0 && !RateTable.IsPrefixOf(keys[parent], keys[i])) parent = parents[parent];
            parents[i] = parent;
        }
        return parents;
    }

    // Two by two, so that what decks have in common is merged early.
    private static ulong[] Merge(ulong[][] sorted)
    {
        if (sorted.Length == 0) return [];
        while (sorted.Length > 1)
        {
            ulong[][] pairs = new ulong[(sorted.Length + 1) / 2][];
            for (int i = 0; i < pairs.Length; i++) pairs[i] = (2 * i) + 1 < sorted.Length ? Merge(sorted[2 * i], sorted[(2 * i) + 1]) : sorted[2 * i];
            sorted = pairs;
        }
        return sorted[0];
    }

    private static ulong[] Merge(ulong[] a, ulong[] b)
    {
        ulong[] merged = new ulong[a.Length + b.Length];
        int i = 0, j = 0, count = 0;
        while (i < a.Length && j < b.Length)
        {
            (ulong left, ulong right) = (a[i], b[j]);
            merged[count++] = Math.Min(left, right);
            if (left <= right) i++;
            if (right <= left) j++;
        }
        while (i < a.Length) merged[count++] = a[i++];
        while (j < b.Length) merged[count++] = b[j++];
        return count == merged.Length ? merged : merged[..count];
    }
}
