using Tandem.Client;

namespace Tandem.Server.Cli;

/// <summary>A file of payments: CSV with a line of headings, id, account, amount and memo in any order, memo left out if you like; a text with a comma stands in quotes.</summary>
internal static class PaymentFile
{
    private static readonly string[] Columns = ["id", "account", "amount", "memo"];

    /// <exception cref="RefusedException">It is none; the line is said.</exception>
    public static IReadOnlyList<PaymentRequest> Read(string csv)
    {
        string[] lines = csv.TrimStart('\uFEFF').Split('\n');
        string[] heads = [.. Fields(lines[0].TrimEnd('\r'), 1).Select(static h => h.Trim().ToLowerInvariant())];
        if (heads.FirstOrDefault(h => !Columns.Contains(h)) is { } unknown) throw Refused(1, $"'{Configuration.DocumentNode.Printable(unknown)}' is no column; there are {string.Join(", ", Columns)}");
        if (heads.Distinct().Count() != heads.Length) throw Refused(1, "a column stands twice");
        if (Columns.Take(3).FirstOrDefault(c => !heads.Contains(c)) is { } missing) throw Refused(1, $"the column {missing} is missing");
        List<PaymentRequest> payments = [];
        for (int i = 1; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            if (line.Trim().Length == 0) continue;
            string[] fields = Fields(line, i + 1);
            if (fields.Length != heads.Length) throw Refused(i + 1, $"{fields.Length} fields where {heads.Length} are needed");
            string? Of(string column) => Array.IndexOf(heads, column) is >= 0 and var at ? fields[at].Trim() : null;
            payments.Add(new PaymentRequest { Id = Of("id")!, Account = Of("account")!, Amount = Of("amount")!, Memo = Of("memo") });
        }
        return payments.Count > 0 ? payments : throw new RefusedException("the file has no payment; nothing was booked", null);
    }

    private static string[] Fields(string line, int number)
    {
        List<string> fields = [];
        var field = new System.Text.StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"') field.Append(line[++i]);
            else if (c == '"' && (quoted || field.Length == 0)) quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else field.Append(c);
        }
        if (quoted) throw Refused(number, "a quotation mark is not closed");
        fields.Add(field.ToString());
        return [.. fields];
    }

    private static RefusedException Refused(int line, string says) => new($"line {line}: {says}; nothing was booked", null);
}
