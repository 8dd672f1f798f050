using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>One property of the rows of a list by which it can be asked.</summary>
/// <param name="Name">The query parameter.</param>
/// <param name="Begins">It is enough that the value begins so.</param>
/// <param name="Of">The value of a row; null: it has none.</param>
internal sealed record ListFilter<TRow>(string Name, Func<TRow, string?> Of, bool Begins = false)
{
    public bool Takes(TRow row, string wanted) => Of(row) is { } value && (Begins ? value.StartsWith(wanted, StringComparison.Ordinal) : value == wanted);
}

/// <summary>The query parameters an endpoint has by being a list; says so to whoever refuses unknown ones and to the OpenAPI document.</summary>
/// <param name="Parameters">Each with what it means.</param>
internal sealed record PagedList(IReadOnlyList<(string Name, string Says)> Parameters);

/// <summary>
/// Filters and pages of every list that is one answer of the switch (docs/api.md): <c>limit</c> rows in the order of a key, <c>next</c> as the <c>cursor</c> of the page after.
/// A page begins behind the key of the last row of the one before, so rows that come or go between two pages neither repeat nor hide another.
/// </summary>
internal static class PagedLists
{
    public const int DefaultLimit = 100;
    public const int MostListed = 10_000;
    private const int LongestCursor = 8 * 1024;

    /// <param name="route">An endpoint that answers a whole list.</param>
    /// <param name="rows">The rows of a whole answer.</param>
    /// <param name="key">Unique among them; pages come in its ordinal order.</param>
    /// <param name="with">The answer with these rows only, and where it goes on.</param>
    /// <param name="filters">By what it can be asked besides.</param>
    public static RouteHandlerBuilder Paged<TView, TRow>(this RouteHandlerBuilder route, Func<TView, IReadOnlyList<TRow>> rows, Func<TRow, string> key, Func<TView, IReadOnlyList<TRow>, string?, TView> with, params ListFilter<TRow>[] filters)
        where TView : class => Paged(route, rows, key, StringComparer.Ordinal, with, filters);

    /// <summary>The same, from the greatest key down: of what comes newest first.</summary>
    public static RouteHandlerBuilder PagedDown<TView, TRow>(this RouteHandlerBuilder route, Func<TView, IReadOnlyList<TRow>> rows, Func<TRow, string> key, Func<TView, IReadOnlyList<TRow>, string?, TView> with, params ListFilter<TRow>[] filters)
        where TView : class => Paged(route, rows, key, Comparer<string>.Create(static (a, b) => string.CompareOrdinal(b, a)), with, filters);

    /// <summary>A time as part of a key.</summary>
    public static string Key(Instant at) => at.Micros.ToString("D19", CultureInfo.InvariantCulture);

    private static RouteHandlerBuilder Paged<TView, TRow>(RouteHandlerBuilder route, Func<TView, IReadOnlyList<TRow>> rows, Func<TRow, string> key, IComparer<string> order, Func<TView, IReadOnlyList<TRow>, string?, TView> with, ListFilter<TRow>[] filters)
        where TView : class
    {
        route.WithMetadata(new PagedList(
        [
            .. filters.Select(static f => (f.Name, f.Begins ? $"Only where {f.Name} begins so" : $"Only of this {f.Name}")),
            ("limit", $"At most so many, 1 to {MostListed}; left out: all, or with a cursor {DefaultLimit}"),
            ("cursor", "'next' of the page before"),
        ]));
        return route.AddEndpointFilter(async (invocation, next) =>
        {
            IQueryCollection query = invocation.HttpContext.Request.Query;
            var reader = new RequestReader();
            string? after = Cursor(reader, query["cursor"]);
            int? limit = Limit(reader, query["limit"]) ?? (after is null ? null : DefaultLimit);
            if (reader.Fault is { } fault) return Problems.Of(fault);
            object? answer = await next(invocation);
            (ListFilter<TRow> Filter, string Wanted)[] wanted = [.. filters.Select(f => (f, query[f.Name].ToString())).Where(static f => f.Item2.Length > 0)];
            if ((limit is null && wanted.Length == 0) || (answer as IValueHttpResult)?.Value is not TView view) return answer;
            IEnumerable<TRow> asked = rows(view).Where(row => wanted.All(w => w.Filter.Takes(row, w.Wanted)));
            if (limit is not { } most) return Results.Ok(with(view, [.. asked], null));
            if (after is not null) asked = asked.Where(row => order.Compare(key(row), after) > 0);
            List<TRow> page = [.. asked.OrderBy(key, order).Take(most + 1)];
            bool more = page.Count > most;
            if (more) page.RemoveAt(most);
            return Results.Ok(with(view, page, more ? Cursor(key(page[^1])) : null));
        });
    }

    /// <summary>The limit that is asked for; null: none.</summary>
    public static int? Limit(RequestReader reader, string? text)
    {
        int? limit = reader.Integer("limit", text);
        if (limit is < 1 or > MostListed) reader.Wrong("limit", $"must be 1 to {MostListed}");
        return limit;
    }

    /// <summary>What a cursor says; null: there is none, or it is none of ours.</summary>
    public static string? Cursor(RequestReader reader, string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        try
        {
            if (text.Length <= LongestCursor) return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(text));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            // said below
        }
        NoCursor(reader);
        return null;
    }

    public static void NoCursor(RequestReader reader) => reader.Wrong("cursor", "is no cursor: 'next' of the page before is needed, as it came");

    public static string Cursor(string says) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(says));
}
