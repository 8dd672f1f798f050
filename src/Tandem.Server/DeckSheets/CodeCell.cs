using System.Globalization;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.DeckSheets;

/// <summary>
/// The codes of a cell: one, a list ("1204, 1226; 1249"), ranges ("49151-49155", or short "49151-5"), with or without a country's code before each. A plus sign before a code means nothing.
/// </summary>
internal static class CodeCell
{
    public const int MostCodes = 10_000;

    private static readonly char[] Between = [',', ';', '/', '|', '\n'];

    /// <summary>Adds them to <paramref name="codes"/>; null, or what is wrong, and then nothing was added.</summary>
    /// <param name="country">Goes before each code; empty: they are whole.</param>
    /// <param name="text">The cell.</param>
    /// <param name="codes">Gets them.</param>
    public static string? Read(string country, string text, List<DialString> codes)
    {
        int before = codes.Count;
        string? wrong = ReadAll(Clean(country), text, codes);
        if (wrong is not null) codes.RemoveRange(before, codes.Count - before);
        return wrong;
    }

    private static string? ReadAll(string country, string text, List<DialString> codes)
    {
        int before = codes.Count;
        if (text.AsSpan().IndexOfAny(Between) < 0) return ReadOne(country, text, codes, before) ?? (codes.Count > before ? null : country.Length > 0 ? Add(country, codes, before) : "there is no code");
        foreach (string one in text.Split(Between, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (ReadOne(country, one, codes, before) is { } wrong) return wrong;
        }
        return codes.Count > before ? null : "there is no code";
    }

    private static string? ReadOne(string country, string text, List<DialString> codes, int before)
    {
        text = Clean(text);
        if (text.Length == 0) return null;
        int dash = text.AsSpan().IndexOfAny('-', '–', '—');
        if (dash < 0) return Add(country + text, codes, before);
        string first = text[..dash].Trim(), last = Clean(text[(dash + 1)..]);
        if (!IsDigits(first) || !IsDigits(last) || last.Length > first.Length) return $"'{SheetRows.Shown(text)}' is no range of codes: 49151-49155 or 49151-5";
        last = first[..(first.Length - last.Length)] + last;
        if (first.Length > 15 || string.CompareOrdinal(first, last) > 0) return $"the range '{SheetRows.Shown(text)}' goes backwards";
        long from = long.Parse(first, CultureInfo.InvariantCulture), to = long.Parse(last, CultureInfo.InvariantCulture);
        if (to - from >= MostCodes) return $"the range '{SheetRows.Shown(text)}' has {to - from + 1:N0} codes; a cell has at most {MostCodes:N0}";
        string digits = "D" + first.Length.ToString(CultureInfo.InvariantCulture);
        for (long code = from; code <= to; code++)
        {
            if (Add(country + code.ToString(digits, CultureInfo.InvariantCulture), codes, before) is { } wrong) return wrong;
        }
        return null;
    }

    private static string? Add(string text, List<DialString> codes, int before)
    {
        if (text.Contains(' ', StringComparison.Ordinal)) return $"'{SheetRows.Shown(text)}' may be one code or several: commas between codes are needed, and no blanks within";
        if (!DialString.TryParse(text.AsSpan(), out DialString code) || !Deck.IsPrefix(code)) return $"'{SheetRows.Shown(text)}' is no code: 1 to {Deck.MaxPrefixLength} of 0-9 * #";
        if (codes.Count - before >= MostCodes) return $"the cell has more than {MostCodes:N0} codes";
        codes.Add(code);
        return null;
    }

    // ' is how people make a workbook take digits for text.
    private static string Clean(string text) => text.AsSpan().IndexOfAny('+', '\'', '\u00a0') < 0 ? text.Trim() : text.Replace('\u00a0', ' ').Trim().TrimStart('\'', '+').Trim();

    private static bool IsDigits(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9');
}
