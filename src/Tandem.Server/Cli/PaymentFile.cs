using CsvHelper;
using Tandem.Client;

namespace Tandem.Server.Cli;

/// <summary>A file of payments: CSV with a line of headings, id, account, amount and memo in any order, memo left out if you like; a text with a comma stands in quotes.</summary>
internal static class PaymentFile
{
    private static readonly string[] Columns = ["id", "account", "amount", "memo"];

    /// <exception cref="RefusedException">It is none; the line is said.</exception>
    public static IReadOnlyList<PaymentRequest> Read(string csv)
    {
        long malformed = 0;
        using CsvReader reader = CsvReader.Create(new StringReader(csv.TrimStart('\uFEFF')), CsvReaderOptions.Default with
        {
            HasHeader = false,
            TrackLineNumbers = true,
            TrimWhitespace = true,
            TrimInsideQuotes = true,
            AllowLineBreaksInQuotes = false, // one bad quote must not swallow the lines after it
            MalformedData = CsvMalformedDataHandling.Skip,
            OnMalformedRecord = bad => malformed = malformed == 0 ? bad.LineNumber : malformed,
        });
        string[] heads = [.. Fields().Select(static h => h.ToLowerInvariant())];
        if (heads.FirstOrDefault(h => !Columns.Contains(h)) is { } unknown) throw Refused(1, $"'{Configuration.DocumentNode.Printable(unknown)}' is no column; there are {string.Join(", ", Columns)}");
        if (heads.Distinct().Count() != heads.Length) throw Refused(1, "a column stands twice");
        if (Columns.Take(3).FirstOrDefault(c => !heads.Contains(c)) is { } missing) throw Refused(1, $"the column {missing} is missing");
        List<PaymentRequest> payments = [];
        while (Fields() is { Length: > 0 } fields)
        {
            if (fields is [""]) continue;
            if (fields.Length != heads.Length) throw Refused(reader.LineNumber, $"{fields.Length} fields where {heads.Length} are needed");
            string? Of(string column) => Array.IndexOf(heads, column) is >= 0 and var at ? fields[at] : null;
            payments.Add(new PaymentRequest { Id = Of("id")!, Account = Of("account")!, Amount = Of("amount")!, Memo = Of("memo") });
        }
        return payments.Count > 0 ? payments : throw new RefusedException("the file has no payment; nothing was booked", null);

        // Of the next line; none at the end.
        string[] Fields()
        {
            try
            {
                bool more = reader.Read();
                if (malformed > 0) throw Refused(malformed, "a quotation mark is not closed");
                return more ? [.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetString(i))] : [];
            }
            catch (CsvFormatException e)
            {
                throw Refused(e.LineNumber, "is no CSV");
            }
        }
    }

    private static RefusedException Refused(long line, string says) => new($"line {line}: {says}; nothing was booked", null);
}
