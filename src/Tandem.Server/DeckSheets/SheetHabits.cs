using System.Globalization;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.DeckSheets;

/// <summary>How a file writes amounts, dates and codes. What the order or its template does not say is found out from the first rows; what they leave open is asked for, never guessed.</summary>
internal sealed record SheetHabits
{
    private static readonly string[] Clear = WithTimes(
        "yyyy-M-d", "yyyy/M/d", "yyyy.M.d", "yyyyMMdd", "d-MMM-yyyy", "d-MMM-yy", "d MMM yyyy", "d MMM yy", "d/MMM/yyyy", "d.MMM.yyyy", "d-MMMM-yyyy", "d MMMM yyyy", "d MMMM, yyyy", "MMM d yyyy", "MMM d, yyyy", "MMM-d-yyyy", "MMMM d yyyy", "MMMM d, yyyy");

    private static readonly string[] DayFirst = WithTimes("d/M/yyyy", "d-M-yyyy", "d.M.yyyy", "d/M/yy", "d-M-yy", "d.M.yy");
    private static readonly string[] MonthFirst = WithTimes("M/d/yyyy", "M-d-yyyy", "M/d/yy", "M-d-yy");

    public char Decimal { get; private init; } = '.';

    /// <summary>dmy or mdy; dates that begin with the year, or name the month, need no order.</summary>
    public string Dates { get; private init; } = "";

    /// <summary>The country's code goes before the code of each row.</summary>
    public bool Split { get; private init; }

    public bool Is1904 { get; init; }

    /// <summary>By the first rows of a file.</summary>
    /// <exception cref="SheetException">They can be read in two ways, or do not agree.</exception>
    public static SheetHabits Of(SheetLayout layout, IReadOnlyList<string[]> rows, string @decimal, string dates, string codes) => new()
    {
        Decimal = @decimal switch { "comma" => ',', "point" => '.', _ => DecimalOf(layout, rows) },
        Dates = dates is "dmy" or "mdy" or "ymd" ? dates : DatesOf(layout, rows),
        Split = layout.Has(SheetColumn.CountryCode) && codes switch { "split" => true, "whole" => false, _ => SplitOf(layout, rows) },
    };

    /// <summary>An amount in nanos, with what carriers put around it: signs of currency, thousands marks, more decimals than there are (then rounded, half up).</summary>
    /// <param name="text">Not empty.</param>
    /// <param name="currency">The deck's: another one named is refused.</param>
    /// <param name="nanos">What it is.</param>
    /// <param name="rounded">It had more than nine decimals.</param>
    /// <returns>Null; or what is wrong.</returns>
    public string? Amount(string text, Currency currency, out long nanos, out bool rounded)
    {
        nanos = 0;
        rounded = false;
        Span<char> plain = stackalloc char[64];
        int length = 0, letters = 0;
        Span<char> word = stackalloc char[3];
        bool seen = false, negative = false;
        int group = -1; // digits since a thousands mark
        char thousands = Decimal == '.' ? ',' : '.';
        foreach (char c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                if (length == plain.Length - 1) return $"'{SheetRows.Shown(text)}' is no amount";
                plain[length++] = c;
                if (group >= 0) group++;
            }
            else if (c == Decimal && !seen)
            {
                if (group is >= 0 and not 3) return $"'{SheetRows.Shown(text)}' is no amount: its decimals follow a {(Decimal == '.' ? "point" : "comma")}";
                group = -1;
                seen = true;
                plain[length++] = '.';
            }
            else if (c == thousands && !seen && length > 0 && group is -1 or 3) group = 0;
            else if (c is '-' && length == 0) negative = true;
            else if (c is ' ' or '\u00a0' or '\u202f' or '\'' or '$' or '€' or '£' or '¥') continue;
            else if (char.IsAsciiLetter(c) && letters < 3) word[letters++] = char.ToUpperInvariant(c);
            else return $"'{SheetRows.Shown(text)}' is no amount";
        }
        if (length == 0 || (length == 1 && seen)) return $"'{SheetRows.Shown(text)}' is no amount";
        if (letters > 0 && !word[..letters].SequenceEqual(currency.ToString())) return letters == 3 ? $"'{SheetRows.Shown(text)}' is not in {currency}" : $"'{SheetRows.Shown(text)}' is no amount";
        if ((text.Contains('€', StringComparison.Ordinal) && currency != Currency.Parse("EUR")) || (text.Contains('£', StringComparison.Ordinal) && currency != Currency.Parse("GBP"))) return $"'{SheetRows.Shown(text)}' is not in {currency}";
        if (group is >= 0 and not 3) return $"'{SheetRows.Shown(text)}' may be written with a decimal {(Decimal == '.' ? "comma" : "point")}, and others are not";
        if (negative) return $"'{SheetRows.Shown(text)}' is negative";
        if (!decimal.TryParse(plain[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount)) return $"'{SheetRows.Shown(text)}' is no amount";
        if (amount > Pricing.MaxRateNanos / (decimal)Money.NanosPerUnit) return $"'{SheetRows.Shown(text)}' is above {Pricing.MaxRateNanos / Money.NanosPerUnit}";
        decimal exact = amount * Money.NanosPerUnit, whole = decimal.Round(exact, MidpointRounding.AwayFromZero);
        rounded = exact != whole;
        nanos = (long)whole;
        return null;
    }

    /// <summary>A date: midnight UTC, or with a time. Empty and words such as "immediately" are default.</summary>
    public string? Date(string text, out Instant at)
    {
        at = default;
        if (text.Length == 0) return null;
        if (SheetHeadings.Plain(text) is "immediately" or "immediate" or "asap" or "now" or "today" or "sofort" or "inmediato" or "immediat" or "current" or "немедленно" or "") return null;
        if (!TryDate(text, Dates, out DateTime date)) return $"'{SheetRows.Shown(text)}' is no date{(Dates.Length > 0 ? $" ({Dates})" : "")}";
        if (date.Year is < 1971 or > 2199) return $"'{SheetRows.Shown(text)}' is no date of our time";
        at = Instant.FromUtc(date);
        return null;
    }

    private bool TryDate(string text, string order, out DateTime date)
    {
        if (IsSerial(text))
        {
            // A workbook's day: counted from 30 December 1899, or from 1904.
            DateTime first = Is1904 ? new DateTime(1904, 1, 1, 0, 0, 0, DateTimeKind.Utc) : new DateTime(1899, 12, 30, 0, 0, 0, DateTimeKind.Utc);
            date = first.AddSeconds(Math.Round(double.Parse(text, CultureInfo.InvariantCulture) * 86_400));
            return true;
        }
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;
        return DateTime.TryParseExact(text, Clear, CultureInfo.InvariantCulture, Styles, out date)
            || (order is "dmy" or "mdy" && DateTime.TryParseExact(text, order == "mdy" ? MonthFirst : DayFirst, CultureInfo.InvariantCulture, Styles, out date));
    }

    private static bool IsSerial(string text) => text.Length is >= 5 and <= 24 && (text.Length == 5 || text[5] == '.') && text[0] is >= '2' and <= '7' && !text.AsSpan(0, 5).ContainsAnyExceptInRange('0', '9') && (text.Length == 5 || (text.Length > 6 && !text.AsSpan(6).ContainsAnyExceptInRange('0', '9')));

    private static char DecimalOf(SheetLayout layout, IReadOnlyList<string[]> rows)
    {
        string? point = null, comma = null, open = null;
        foreach (string[] row in rows)
        {
            foreach (SheetColumn column in (ReadOnlySpan<SheetColumn>)[SheetColumn.Rate, SheetColumn.Fee, SheetColumn.ConnectFee])
            {
                if (!layout.Has(column) || layout.At[(int)column] >= row.Length) continue;
                string text = row[layout.At[(int)column]];
                int lastPoint = text.LastIndexOf('.'), lastComma = text.LastIndexOf(',');
                int last = Math.Max(lastPoint, lastComma);
                if (last < 0) continue;
                bool both = lastPoint >= 0 && lastComma >= 0;
                int digits = text.AsSpan(last + 1).TrimEnd().Length;
                // 1,234 may be one and a bit or a thousand and more; 0,234 and 1,23 may not, nor 1.234,5.
                if (!both && digits == 3 && !(last == 1 && text[0] == '0')) open ??= text;
                else if (last == lastPoint) point ??= text;
                else comma ??= text;
            }
        }
        if (point is not null && comma is not null) throw new SheetException(0, $"'{SheetRows.Shown(point)}' has a decimal point and '{SheetRows.Shown(comma)}' a decimal comma: state which is meant (decimal: point or comma)");
        if (comma is null && point is null && open is not null && open.Contains(',', StringComparison.Ordinal)) throw new SheetException(0, $"'{SheetRows.Shown(open)}' may be a thousand or a fraction: state which (decimal: point or comma)");
        return comma is null ? '.' : ',';
    }

    private static string DatesOf(SheetLayout layout, IReadOnlyList<string[]> rows)
    {
        string? day = null, month = null, open = null;
        foreach (string[] row in rows)
        {
            foreach (SheetColumn column in (ReadOnlySpan<SheetColumn>)[SheetColumn.From, SheetColumn.Until])
            {
                if (!layout.Has(column) || layout.At[(int)column] >= row.Length) continue;
                string text = row[layout.At[(int)column]];
                string[] parts = text.Split([' ', 'T'], 2)[0].Split('/', '-', '.');
                if (parts.Length != 3 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first) || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int second) || parts[0].Length > 2) continue;
                if (first > 12 || text.Contains('.', StringComparison.Ordinal)) day ??= text;
                else if (second > 12) month ??= text;
                else if (first != second) open ??= text;
            }
        }
        if (day is not null && month is not null) throw new SheetException(0, $"'{SheetRows.Shown(day)}' begins with the day and '{SheetRows.Shown(month)}' with the month: state which is meant (dates: dmy or mdy)");
        if (day is null && month is null && open is not null) throw new SheetException(0, $"'{SheetRows.Shown(open)}' may begin with the day or the month: state which (dates: dmy or mdy)");
        return month is not null ? "mdy" : "dmy";
    }

    // Where every code begins as its country's does, it is whole.
    private static bool SplitOf(SheetLayout layout, IReadOnlyList<string[]> rows)
    {
        int whole = 0, seen = 0;
        foreach (string[] row in rows)
        {
            string Cell(SheetColumn column) => layout.At[(int)column] < row.Length ? row[layout.At[(int)column]].TrimStart('+', '\'') : "";
            string country = Cell(SheetColumn.CountryCode), code = Cell(SheetColumn.Code);
            if (country.Length == 0 || code.Length == 0) continue;
            seen++;
            if (code.StartsWith(country, StringComparison.Ordinal)) whole++;
        }
        return seen > 0 && whole < seen;
    }

    private static string[] WithTimes(params string[] days) => [.. days.SelectMany(static d => (string[])[d, d + " H:mm", d + " H:mm:ss", d + "'T'HH:mm:ss", d + "'T'HH:mm:ssK"])];
}
