using System.Text;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Settings;

/// <summary>Writes the tables of docs/cdr.md from the one list of CDR fields; a test holds the page true.</summary>
internal static class CdrManual
{
    /// <summary>Every field: in the API, in databases and tables, in the text line.</summary>
    public static string Fields()
    {
        StringBuilder table = new("| API | Column | Type | Line | Meaning |\n| --- | --- | --- | ---: | --- |\n");
        foreach (CdrField field in CdrFields.All)
            table.Append($"| `{field.Name}` | `{field.Column}` | {TypeOf(field)} | {(field.TextColumn > 0 ? field.TextColumn.ToString(System.Globalization.CultureInfo.InvariantCulture) : "")} | {field.Says} |\n");
        return table.ToString();
    }

    /// <summary>The text line's fields in their order.</summary>
    public static string Line()
    {
        StringBuilder table = new("| # | Field | Form |\n| ---: | --- | --- |\n");
        foreach (CdrField field in CdrFields.Line)
        {
            string form = field.Type == CdrType.Time ? "`yyyy-MM-dd HH:mm:ss`, time zone of the server" : field.Line is not null ? "address without port" : field.Type == CdrType.Integer ? "integer" : "text";
            table.Append($"| {field.TextColumn} | `{field.Name}` | {form} |\n");
        }
        return table.ToString();
    }

    private static string TypeOf(CdrField field) => field.Type switch
    {
        CdrType.Text => "text",
        CdrType.Integer => "integer",
        CdrType.Time => "time, µs",
        CdrType.Decimal => $"decimal, {field.Decimals} digits",
        _ => "list",
    };
}
