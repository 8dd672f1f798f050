using System.Globalization;
using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>A page of a history that only grows, newest first. Its cursor is the time of the last row shown and how many rows of that very time were.</summary>
internal sealed class TimePage
{
    private readonly int _limit;
    private readonly Instant? _at;
    private readonly int _shown;

    private TimePage(int limit, Instant? at, int shown)
    {
        _limit = limit;
        _at = at;
        _shown = shown;
    }

    public static TimePage Read(RequestReader reader, string? limit, string? cursor)
    {
        int most = PagedLists.Limit(reader, limit) ?? PagedLists.DefaultLimit;
        if (PagedLists.Cursor(reader, cursor) is not { } says) return new TimePage(most, null, 0);
        string[] parts = says.Split(' ');
        if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long micros) && micros < Instant.Never.Micros
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int shown) && shown < int.MaxValue / 2)
        {
            return new TimePage(most, new Instant(micros), shown);
        }
        PagedLists.NoCursor(reader);
        return new TimePage(most, null, 0);
    }

    /// <summary>Rows to look up: those of the cursor's time that were shown, the page, and one more to see whether it goes on.</summary>
    public int Wanted => _shown + _limit + 1;

    /// <summary>The end of the time to look in, which is not in it.</summary>
    public Instant? Until(Instant? asked) => _at is not { } at ? asked : Instant.Min(new Instant(at.Micros + 1), asked ?? Instant.Never);

    /// <summary>The page out of the rows looked up, and its cursor; null where it is the last.</summary>
    public (IReadOnlyList<T> Rows, string? Next) Cut<T>(IReadOnlyList<T> found, Func<T, Instant> at)
    {
        int skip = found.TakeWhile((row, i) => i < _shown && at(row) == _at).Count();
        List<T> page = [.. found.Skip(skip).Take(_limit)];
        if (found.Count - skip <= _limit) return (page, null);
        Instant last = at(page[^1]);
        int same = page.Count(row => at(row) == last) + (last == _at ? skip : 0);
        return (page, PagedLists.Cursor(string.Create(CultureInfo.InvariantCulture, $"{last.Micros} {same}")));
    }
}
