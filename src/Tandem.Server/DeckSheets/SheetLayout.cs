using System.Collections.Immutable;
using Tandem.Switching.Configuration;

namespace Tandem.Server.DeckSheets;

/// <summary>Which column of the table is what.</summary>
/// <param name="Template">By whose headings it was known.</param>
/// <param name="HeadingRow">The row of the headings.</param>
/// <param name="At">Places by <see cref="SheetColumn"/>; −1: the table has none.</param>
/// <param name="Headings">As the table has them.</param>
internal sealed record SheetLayout(string Template, int HeadingRow, ImmutableArray<int> At, ImmutableArray<string> Headings)
{
    /// <summary>Titles and addresses stand above a table, but not for ever.</summary>
    public const int MostRowsBefore = 100;

    private static readonly int Count = Enum.GetValues<SheetColumn>().Length;

    public bool Has(SheetColumn column) => At[(int)column] >= 0;

    /// <summary>Headings that mean nothing here.</summary>
    public IEnumerable<string> PassedOver => Headings.Where((h, i) => h.Length > 0 && !At.Contains(i));

    /// <summary>Reads up to the headings: the row of the first hundred that the most are known of, by an operator's template before the built-in ones. The rows after it come next.</summary>
    /// <exception cref="SheetException">No row has the headings of a code and a rate; it says what was there.</exception>
    public static SheetLayout Find(SheetRows rows, IReadOnlyList<DeckTemplateConfig> own, string wanted)
    {
        List<(string Name, ImmutableDictionary<SheetColumn, ImmutableArray<string>> Columns)> known =
        [
            .. own.Where(t => t.Columns.Length > 0 && (wanted.Length == 0 || t.Name == wanted)).Select(static t => (t.Name, SheetHeadings.Of(t.Columns, out _)!)),
        ];
        if (known.Count == 0) known.AddRange(wanted.Length == 0 || own.Any(t => t.Name == wanted) ? SheetHeadings.BuiltIn : SheetHeadings.BuiltIn.Where(b => b.Name == wanted));
        else if (wanted.Length == 0) known.AddRange(SheetHeadings.BuiltIn);
        string fullest = "";
        int most = 0;
        for (int read = 0; read < MostRowsBefore && rows.Read(); read++)
        {
            string[] headings = [.. rows.Cells];
            int filled = headings.Count(static h => h.Length > 0);
            if (filled > most) (most, fullest) = (filled, string.Join(" | ", headings.Where(static h => h.Length > 0).Take(12)));
            if (filled < 2) continue;
            string[] plain = [.. headings.Select(SheetHeadings.Plain)];
            (SheetLayout? Layout, int Matched) best = (null, 0);
            foreach ((string name, ImmutableDictionary<SheetColumn, ImmutableArray<string>> columns) in known)
            {
                int[] at = Match(plain, columns);
                int matched = at.Count(static a => a >= 0);
                if (matched > best.Matched && IsWhole(at)) best = (new SheetLayout(name, rows.Row, [.. at], [.. headings]), matched);
            }
            if (best.Layout is { } found) return found;
        }
        string there = most == 0 ? "the table is empty" : $"the fullest row there was: {(fullest.Length > 200 ? fullest[..200] + "…" : fullest)}";
        throw new SheetException(0, $"no row of the first {MostRowsBefore} has the headings of a code and a rate{(wanted.Length > 0 ? $" by template '{wanted}'" : "")}; {there}. A template may say what the headings are (docs/deck-import.md)");
    }

    private static bool IsWhole(int[] at) => at[(int)SheetColumn.Code] >= 0 && (at[(int)SheetColumn.Rate] >= 0 || at[(int)SheetColumn.Fee] >= 0);

    private static int[] Match(string[] plain, ImmutableDictionary<SheetColumn, ImmutableArray<string>> columns)
    {
        int[] at = new int[Count];
        Array.Fill(at, -1);
        HashSet<int> taken = [];
        foreach (SheetColumn column in Enum.GetValues<SheetColumn>())
        {
            if (!columns.TryGetValue(column, out ImmutableArray<string> headings)) continue;
            foreach (string heading in headings)
            {
                int found = Array.IndexOf(plain, heading);
                if (found < 0 || !taken.Add(found)) continue;
                at[(int)column] = found;
                break;
            }
        }
        // Alone, an area's code is the whole code; and a country's with no other too.
        if (at[(int)SheetColumn.Code] < 0 && at[(int)SheetColumn.AreaCode] >= 0) (at[(int)SheetColumn.Code], at[(int)SheetColumn.AreaCode]) = (at[(int)SheetColumn.AreaCode], -1);
        if (at[(int)SheetColumn.Code] < 0 && at[(int)SheetColumn.CountryCode] >= 0) (at[(int)SheetColumn.Code], at[(int)SheetColumn.CountryCode]) = (at[(int)SheetColumn.CountryCode], -1);
        if (at[(int)SheetColumn.AreaCode] >= 0 && at[(int)SheetColumn.CountryCode] < 0)
        {
            // "Code" and "Area code" side by side: the country's and what follows it.
            (at[(int)SheetColumn.CountryCode], at[(int)SheetColumn.Code], at[(int)SheetColumn.AreaCode]) = (at[(int)SheetColumn.Code], at[(int)SheetColumn.AreaCode], -1);
        }
        else if (at[(int)SheetColumn.AreaCode] >= 0)
        {
            at[(int)SheetColumn.AreaCode] = -1; // a whole code is there besides
        }
        return at;
    }
}
