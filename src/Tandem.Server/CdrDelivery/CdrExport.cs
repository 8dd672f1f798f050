using System.Globalization;
using System.Text;
using MiniExcelLibs;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.CdrDelivery;

/// <summary>CDRs as tables for people: CSV (RFC 4180) and XLSX, a column a field, its name in the first row.</summary>
internal static class CdrExport
{
    /// <summary>Rows of a sheet of XLSX, the first taken by the names.</summary>
    public const int MostSheetRows = 1_048_575;

    private const int FlushAt = 64 * 1024;

    public static async Task WriteCsvAsync(Stream to, IAsyncEnumerable<Cdr> calls, bool mask, CancellationToken stop)
    {
        StringBuilder text = new(FlushAt + 4096);
        text.AppendJoin(',', CdrFields.All.Select(static f => f.Name)).Append("\r\n");
        await foreach (Cdr cdr in calls.WithCancellation(stop))
        {
            stop.ThrowIfCancellationRequested();
            for (int i = 0; i < CdrFields.All.Length; i++)
            {
                if (i > 0) text.Append(',');
                Quote(text, Text(CdrFields.All[i], cdr, mask));
            }
            text.Append("\r\n");
            if (text.Length < FlushAt) continue;
            await to.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), stop);
            text.Clear();
        }
        await to.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), stop);
    }

    /// <summary>The rows are written to a file first, since the format's index comes last.</summary>
    public static async Task WriteXlsxAsync(Stream to, IAsyncEnumerable<Cdr> calls, bool mask, CancellationToken stop)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        await using var file = new FileStream(path, options);
        // The library reads rows one by one, on a thread that may wait for the database.
        await Task.Run(() => file.SaveAs(Rows(calls.ToBlockingEnumerable(stop), mask), sheetName: "cdrs"), stop);
        file.Position = 0;
        await file.CopyToAsync(to, stop);
    }

    private static IEnumerable<Dictionary<string, object?>> Rows(IEnumerable<Cdr> calls, bool mask)
    {
        bool any = false;
        foreach (Cdr cdr in calls)
        {
            any = true;
            yield return CdrFields.All.ToDictionary(static f => f.Name, f => Cell(f, cdr, mask));
        }
        if (!any) yield return CdrFields.All.ToDictionary(static f => f.Name, static _ => (object?)null); // the names alone
    }

    private static object? Cell(CdrField field, Cdr cdr, bool mask) => Text(field, cdr, mask) is not { Length: > 0 } text ? null
        : field.Type is CdrType.Integer or CdrType.Decimal ? decimal.Parse(text, CultureInfo.InvariantCulture) : text;

    /// <summary>A field as people read it.</summary>
    public static string Text(CdrField field, Cdr cdr, bool mask)
    {
        CdrValue value = (mask && field.Masked is { } masked ? masked : field.Of)(cdr);
        if (value.IsNone) return "";
        return field.Type switch
        {
            CdrType.Text or CdrType.List => value.Text!,
            CdrType.Time => new Instant(value.Number).ToString(),
            CdrType.Decimal => Decimal(value.Number, field.Decimals),
            _ => value.Number.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static string Decimal(long number, int decimals)
    {
        decimal unit = 1;
        for (int i = 0; i < decimals; i++) unit *= 10;
        return (number / unit).ToString("0." + new string('#', decimals), CultureInfo.InvariantCulture);
    }

    // A leading = + - @ would be a formula to the program that opens it.
    private static void Quote(StringBuilder to, string text)
    {
        bool formula = text.Length > 0 && text[0] is '=' or '@' or '\t' or '\r';
        if (!formula && text.AsSpan().IndexOfAny(",\"\r\n") < 0)
        {
            to.Append(text);
            return;
        }
        to.Append('"');
        if (formula) to.Append('\'');
        to.Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
