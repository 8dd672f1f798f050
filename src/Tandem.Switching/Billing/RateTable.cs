using System.Runtime.CompilerServices;
using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>
/// A deck compiled for lookup: the longest prefix wins. Never changed once made. Twenty-odd bytes a rate: prefixes are sorted
/// 64-bit keys (four bits a character), each with the index of the longest shorter prefix of itself; a lookup finds the last key not
/// above the number, helped by an index over the leading characters, and climbs from there. No allocation.
/// </summary>
/// <remarks>
/// Why climbing is right: a prefix P of the number N sorts not above N, and every key between P and N begins with P. So
/// the last key not above N is P itself or one of P's extensions, and P is met on the way up.
/// </remarks>
public sealed class RateTable
{
    public const int MaxPrefixLength = 16;
    private const int LockedBit = int.MinValue;

    private readonly Entry[] _entries;
    private readonly string[] _areaTexts;
    private readonly Tariff[] _tariffValues;
    private readonly RateDetails?[] _details;
    private readonly int[] _index; // first key whose leading bits are at least i
    private readonly int _shift;

    /// <param name="deck">The version.</param>
    /// <param name="at">The lines that hold then are in it; left out: the beginning of time, for decks without dates.</param>
    public RateTable(Deck deck, Instant at = default)
    {
        Name = deck.Name;
        Version = deck.Version;
        Currency = deck.Currency;
        Zone = deck.Zone;
        Changes = deck.ChangeAfter(at);
        Dictionary<string, int> areas = new(StringComparer.Ordinal);
        Dictionary<(Tariff, RateDetails?), int> tariffs = [];
        (ulong Key, int Rate)[] order = new (ulong, int)[deck.Rates.Count];
        int count = 0;
        for (int i = 0; i < order.Length; i++)
        {
            if (!deck.HasDates || deck.Rates[i].HoldsAt(at)) order[count++] = (KeyOf(deck.Rates[i].Prefix), i);
        }
        if (count < order.Length) Array.Resize(ref order, count);
        Array.Sort(order, static (a, b) => a.Key.CompareTo(b.Key));
        _entries = new Entry[count];
        for (int i = 0; i < count; i++)
        {
            Rate rate = deck.Rates[order[i].Rate];
            int parent = i - 1;
            while (parent >= 0 && !IsPrefixOf(_entries[parent].Key, order[i].Key)) parent = _entries[parent].Parent;
            _entries[i] = new Entry(order[i].Key, parent, Number(areas, rate.Area) | (rate.Locked ? LockedBit : 0), Number(tariffs, (rate.Tariff, rate.Details)));
        }
        _areaTexts = [.. areas.Keys];
        _tariffValues = [.. tariffs.Keys.Select(static t => t.Item1)];
        _details = [.. tariffs.Keys.Select(static t => t.Item2)];
        HasPeriods = _details.Any(static d => d is { Periods.Length: > 0 });
        int bits = count < 1_000 ? 8 : count < 20_000 ? 12 : count < 200_000 ? 16 : 20;
        _shift = 64 - bits;
        _index = new int[(1 << bits) + 1];
        for (int i = 0, first = 0; i < _index.Length; i++)
        {
            while (first < count && (int)(_entries[first].Key >> _shift) < i) first++;
            _index[i] = first;
        }
    }

    public string Name { get; }

    /// <summary>The deck version's content address.</summary>
    public string Version { get; }

    public Currency Currency { get; }

    public int Count => _entries.Length;

    /// <summary>When its lines change next by the dates that stand in the deck; <see cref="Instant.Never"/> when they do not.</summary>
    public Instant Changes { get; }

    /// <summary>The time zone its periods are meant in; empty: the switch's.</summary>
    public string Zone { get; }

    /// <summary>Some line's price depends on the time of the week.</summary>
    public bool HasPeriods { get; }

    /// <summary>The rate of the longest prefix, when there is one and it is not locked.</summary>
    public bool TryFind(in DialString number, out Rate rate) => Find(number, out rate) == RateLookup.Found;

    /// <summary>The rate of the longest prefix; a locked one is returned as <see cref="RateLookup.Locked"/> and never passed over for a shorter.</summary>
    public RateLookup Find(in DialString number, out Rate rate)
    {
        ulong key = KeyOf(number);
        int low = _index[(int)(key >> _shift)], high = _index[(int)(key >> _shift) + 1];
        Entry[] entries = _entries;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (entries[middle].Key <= key) low = middle + 1;
            else high = middle;
        }
        int at = low - 1;
        while (at >= 0 && !IsPrefixOf(entries[at].Key, key)) at = entries[at].Parent;
        if (at < 0 || !DialString.TryParse(number.Bytes[..Length(entries[at].Key)], out DialString prefix))
        {
            rate = default;
            return RateLookup.None;
        }
        int area = entries[at].Area;
        rate = new Rate(prefix, _areaTexts[area & ~LockedBit], _tariffValues[entries[at].Tariff], area < 0, _details[entries[at].Tariff]);
        return area < 0 ? RateLookup.Locked : RateLookup.Found;
    }

    /// <summary>Its prefixes as sorted keys; for an index over many decks.</summary>
    internal ulong[] Keys() => [.. _entries.Select(static e => e.Key)];

    internal ulong KeyAt(int index) => _entries[index].Key;

    /// <summary>What a minute costs by one of its rates, nanos.</summary>
    internal long PriceAt(int index, out bool locked)
    {
        locked = _entries[index].Area < 0;
        return _tariffValues[_entries[index].Tariff].RatePerMinuteNanos;
    }

    private static int Number<T>(Dictionary<T, int> numbers, T value)
        where T : notnull
    {
        if (numbers.TryGetValue(value, out int n)) return n;
        n = numbers.Count;
        numbers.Add(value, n);
        return n;
    }

    /// <summary>Four bits a character from the top, 1 to 12; ends at the first character no prefix has, or after 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong KeyOf(in DialString number)
    {
        ulong key = 0;
        int shift = 60;
        foreach (byte b in number.Bytes)
        {
            uint digit = (uint)(b - '0');
            ulong nibble = digit <= 9 ? digit + 1 : b == '*' ? 11u : b == '#' ? 12u : 0u;
            if (nibble == 0 || shift < 0) break;
            key |= nibble << shift;
            shift -= 4;
        }
        return key;
    }

    private static int Length(ulong key) => 16 - (int.CreateTruncating(ulong.TrailingZeroCount(key)) >> 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsPrefixOf(ulong prefix, ulong key) => ((prefix ^ key) >> (int.CreateTruncating(ulong.TrailingZeroCount(prefix)) & ~3)) == 0;

    /// <param name="Key">The prefix.</param>
    /// <param name="Parent">Index of the longest shorter prefix of it; -1 for none. Beside the key, so that climbing touches one cache line a step.</param>
    /// <param name="Area">Index of the area's text, with <see cref="LockedBit"/>.</param>
    /// <param name="Tariff">Index of the tariff and the details.</param>
    private readonly record struct Entry(ulong Key, int Parent, int Area, int Tariff);
}
