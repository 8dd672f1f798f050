using System.Diagnostics.CodeAnalysis;

namespace Tandem.Switching.Routing.Selection;

/// <summary>A value by periods of the week: "mon-fri 08:00-18:00 = 50". No two periods overlap; outside of all, the value is the usual one.</summary>
public sealed class Timetable<T>
{
    public const int MaxPeriods = 100;

    public static readonly Timetable<T> Empty = new([]);

    private readonly (WeekPeriod When, T Value)[] _entries;

    private Timetable((WeekPeriod, T)[] entries) => _entries = entries;

    public bool IsEmpty => _entries.Length == 0;

    public IEnumerable<T> Values => _entries.Select(static e => e.Value);

    public bool TryGet(in DayTime at, [MaybeNullWhen(false)] out T value)
    {
        foreach ((WeekPeriod when, T found) in _entries)
        {
            if (!when.Covers(at)) continue;
            value = found;
            return true;
        }
        value = default;
        return false;
    }

    /// <param name="entries">As written.</param>
    /// <param name="read">Reads a value; a sentence where it is none.</param>
    /// <param name="table">The outcome.</param>
    /// <param name="error">Which entry, and why not.</param>
    public static bool TryParse(IReadOnlyList<string> entries, Func<string, (T Value, string? Error)> read, [NotNullWhen(true)] out Timetable<T>? table, out string error)
    {
        table = null;
        error = "";
        if (entries.Count > MaxPeriods)
        {
            error = $"at most {MaxPeriods} periods; these are {entries.Count}";
            return false;
        }
        List<(WeekPeriod When, T Value)> all = [];
        foreach (string entry in entries)
        {
            int equals = entry.IndexOf('=');
            if (equals < 0)
            {
                error = $"'{entry}' has no value: 'mon-fri 08:00-18:00 = value' is needed";
                return false;
            }
            if (!WeekPeriod.TryParse(entry[..equals], out WeekPeriod? when, out error)) return false;
            (T value, string? wrong) = read(entry[(equals + 1)..].Trim());
            if (wrong is not null)
            {
                error = $"'{entry}': {wrong}";
                return false;
            }
            if (all.Find(e => e.When.Overlaps(when)) is { When: { } other })
            {
                error = $"'{when.Text}' and '{other.Text}' overlap";
                return false;
            }
            all.Add((when, value));
        }
        table = all.Count == 0 ? Empty : new Timetable<T>([.. all]);
        return true;
    }
}
