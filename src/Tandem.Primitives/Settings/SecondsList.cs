using System.Globalization;

namespace Tandem.Primitives.Settings;

/// <summary>A list of lengths of time, written in seconds with commas between: "0.5,1,2,4". To the millisecond; never empty; never changes.</summary>
public sealed class SecondsList : IEquatable<SecondsList>
{
    /// <summary>Entries at most.</summary>
    public const int MostEntries = 20;

    private readonly TimeSpan[] _entries;

    private SecondsList(TimeSpan[] entries)
    {
        _entries = entries;
        foreach (TimeSpan entry in entries) Total += entry;
    }

    public int Count => _entries.Length;

    public TimeSpan this[int index] => _entries[index];

    /// <summary>All entries together.</summary>
    public TimeSpan Total { get; }

    /// <exception cref="FormatException">It is no such list.</exception>
    public static SecondsList Parse(string text) =>
        TryParse(text, 1, int.MaxValue, out SecondsList? list) ? list : throw new FormatException($"'{text}' is no list of seconds.");

    /// <param name="text">Entries with at most three decimals; spaces around them do not matter.</param>
    /// <param name="leastMillis">The shortest permitted entry.</param>
    /// <param name="mostMillis">The longest permitted entry.</param>
    /// <param name="list">The list, if it is one.</param>
    public static bool TryParse(string text, int leastMillis, int mostMillis, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SecondsList? list)
    {
        list = null;
        string[] parts = text.Split(',');
        if (parts.Length > MostEntries) return false;
        var entries = new TimeSpan[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!decimal.TryParse(parts[i].Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds)) return false;
            if (seconds > int.MaxValue / 1000m || seconds * 1000 != decimal.Truncate(seconds * 1000)) return false;
            int millis = (int)(seconds * 1000);
            if (millis < leastMillis || millis > mostMillis) return false;
            entries[i] = TimeSpan.FromMilliseconds(millis);
        }
        list = new SecondsList(entries);
        return true;
    }

    public bool Equals(SecondsList? other) => other is not null && _entries.AsSpan().SequenceEqual(other._entries);

    public override bool Equals(object? obj) => Equals(obj as SecondsList);

    public override int GetHashCode() => Total.GetHashCode() ^ Count;

    public override string ToString() => string.Join(',', _entries.Select(static e => Text((int)e.TotalMilliseconds)));

    internal static string Text(int millis) => (millis / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
}
