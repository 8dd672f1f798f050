using System.Globalization;
using CsvHelper;
using Tandem.Primitives;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;

namespace Tandem.Server.Storage.Decks;

/// <summary>One thing wrong with a deck file; the line counts from 1, the header being one.</summary>
public readonly record struct DeckCsvError(int Line, string Says)
{
    public override string ToString() => $"line {Line}: {Says}";
}

/// <param name="Deck">Null when there was any error.</param>
/// <param name="Errors">The first <see cref="DeckCsv.MaxErrors"/>.</param>
/// <param name="ErrorCount">How many there were.</param>
/// <param name="Rates">Lines read as rates.</param>
public sealed record DeckCsvResult(Deck? Deck, IReadOnlyList<DeckCsvError> Errors, int ErrorCount, int Rates);

/// <summary>
/// Decks as operators exchange them: CSV with a header line, columns in any order. Needed: prefix and rate_per_min; known besides:
/// destination, connect_fee (0), first_interval (1), next_interval (1), locked (0), and those of <see cref="RateText.Fields"/>; fee and cycle may stand for rate_per_min. Other columns are passed over. Amounts have a decimal
/// point, at most nine decimals, no exponent and no thousands mark. Every error is found and carries its line; with any, there is no deck.
/// </summary>
public static class DeckCsv
{
    public const int MaxErrors = 100;
    public const int MaxRates = 5_000_000;

    private static readonly (Column Column, string[] Names)[] Known =
    [
        (Column.Prefix, ["prefix", "code", "dialcode", "areacode", "areaprefix"]),
        (Column.Area, ["destination", "area", "areaname", "description", "name"]),
        (Column.Rate, ["ratepermin", "rateperminute", "rate", "price"]),
        (Column.Fee, ["connectfee", "connectionfee", "setupfee"]),
        (Column.First, ["firstinterval", "initialinterval", "first"]),
        (Column.Next, ["nextinterval", "interval", "increment", "next"]),
        (Column.Locked, ["locked", "lock"]),
    ];

    private enum Column { Prefix, Area, Rate, Fee, First, Next, Locked }

    /// <param name="csv">The file.</param>
    /// <param name="name">The deck's name.</param>
    /// <param name="currency">The deck's currency; the file does not say it.</param>
    /// <param name="onProgress">Called with the lines read so far, every ten thousand.</param>
    /// <param name="stop">Ends the reading with <see cref="OperationCanceledException"/>.</param>
    public static DeckCsvResult Read(TextReader csv, string name, Currency currency, Action<int>? onProgress = null, CancellationToken stop = default) =>
        Read(csv, name, currency, "", onProgress, stop);

    /// <summary>Likewise, with the time zone of the deck's periods; the file does not say it.</summary>
    public static DeckCsvResult Read(TextReader csv, string name, Currency currency, string zone, Action<int>? onProgress = null, CancellationToken stop = default)
    {
        List<DeckCsvError> errors = [];
        int errorCount = 0;
        void Wrong(int line, string says)
        {
            if (errorCount++ < MaxErrors) errors.Add(new DeckCsvError(line, says));
        }

        CsvReaderOptions options = CsvReaderOptions.Default with
        {
            TrackLineNumbers = true,
            TrimWhitespace = true,
            TrimInsideQuotes = true,
            AllowLineBreaksInQuotes = false, // one bad quote must not swallow the lines after it
            MaxRecordSize = 64 * 1024,
            MalformedData = CsvMalformedDataHandling.Skip,
            OnMalformedRecord = bad => Wrong((int)bad.LineNumber, "the quotes do not match"),
        };
        List<Rate> rates = [];
        Dictionary<DialString, int> lines = [];
        try
        {
            using CsvReader reader = CsvReader.Create(csv, options, leaveOpen: true);
            string[] header = [.. reader.Headers];
            if (header.Length == 0) Wrong(1, "the file is empty");
            int[] columns = Columns(header, Wrong, out int[] more);
            if (errorCount > 0) return new DeckCsvResult(null, errors, errorCount, 0);
            int read = 0;
            while (reader.Read())
            {
                if (++read % 10_000 == 0)
                {
                    stop.ThrowIfCancellationRequested();
                    onProgress?.Invoke(read);
                }
                int line = (int)reader.LineNumber;
                if (rates.Count == MaxRates)
                {
                    Wrong(line, $"a deck has at most {MaxRates} rates");
                    break;
                }
                int before = errorCount;
                Rate rate = ReadRate(reader, columns, more, currency, says => Wrong(line, says));
                if (errorCount > before) continue;
                if (!lines.TryAdd(rate.Prefix, line) && rate.From == default && rate.Until == default) Wrong(line, $"prefix '{rate.Prefix}' was given on line {lines[rate.Prefix]} already");
                else rates.Add(rate);
            }
            stop.ThrowIfCancellationRequested();
            if (rates.Count == 0 && errorCount == 0) Wrong(1, "there is no rate behind the header");
        }
        catch (CsvFormatException e)
        {
            Wrong(Math.Max(1, (int)e.LineNumber), "the line is longer than 65536 bytes or no CSV");
        }
        errors.Sort(static (x, y) => x.Line.CompareTo(y.Line));
        if (errorCount > 0) return new DeckCsvResult(null, errors, errorCount, rates.Count);
        if (!Deck.TryCreate(name, currency, zone, rates, out Deck? deck, out string? error)) Wrong(1, error);
        return new DeckCsvResult(deck, errors, errorCount, rates.Count);
    }

    /// <summary>Writes a deck as <see cref="Read(TextReader, string, Currency, string, Action{int}?, CancellationToken)"/> reads it.</summary>
    public static void Write(TextWriter to, Deck deck)
    {
        using CsvWriter csv = CsvWriter.Create(to, CsvWriterOptions.Default, leaveOpen: true);
        string[] more = [.. RateText.Fields.Where(f => deck.Rates.Any(r => RateText.Write(f, r).Length > 0))];
        csv.WriteRecord(["prefix", "destination", "rate_per_min", "connect_fee", "first_interval", "next_interval", "locked", .. more]);
        foreach (Rate rate in deck.Rates)
        {
            csv.WriteRecord(
            [
                rate.Prefix.ToString(), rate.Area,
                new Money(rate.Tariff.RatePerMinuteNanos, deck.Currency).ToDecimalString(), new Money(rate.Tariff.ConnectFeeNanos, deck.Currency).ToDecimalString(),
                rate.Tariff.FirstSeconds.ToString(), rate.Tariff.NextSeconds.ToString(), rate.Locked ? "1" : "0", .. more.Select(f => RateText.Write(f, rate)),
            ]);
        }
    }

    private static int[] Columns(string[] header, Action<int, string> wrong, out int[] more)
    {
        more = new int[RateText.Fields.Length];
        Array.Fill(more, -1);
        bool hasPrefix = Array.Exists(header, static h => Plain(h) == "prefix");
        int[] at = new int[Known.Length];
        Array.Fill(at, -1);
        for (int i = 0; i < header.Length; i++)
        {
            string name = Plain(header[i]);
            int extra = Array.FindIndex(RateText.Fields, f => f.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (extra >= 0 && (hasPrefix || extra > 0)) // "areacode" is what carriers call the prefix too
            {
                if (more[extra] >= 0) wrong(1, $"column '{header[i]}' says the same as column '{header[more[extra]]}'");
                more[extra] = i;
                continue;
            }
            int known = Array.FindIndex(Known, k => k.Names.Contains(name, StringComparer.Ordinal));
            if (known < 0) continue;
            if (at[known] >= 0) wrong(1, $"column '{header[i]}' says the same as column '{header[at[known]]}'");
            else at[known] = i;
        }
        if (at[(int)Column.Prefix] < 0) wrong(1, "the header has no column 'prefix'");
        if (at[(int)Column.Rate] < 0 && more[Array.IndexOf(RateText.Fields, "fee")] < 0) wrong(1, "the header has no column 'rate_per_min'");
        return at;
    }

    private static string Plain(string header) => string.Concat(header.TrimStart('\ufeff').Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static Rate ReadRate(CsvReader reader, int[] columns, int[] more, Currency currency, Action<string> wrong)
    {
        string Field(Column column) => columns[(int)column] is int i and >= 0 && i < reader.FieldCount ? reader.GetString(i) : "";

        string text = Field(Column.Prefix);
        if (!DialString.TryParse(text.AsSpan(), out DialString prefix) || !Deck.IsPrefix(prefix)) wrong($"prefix '{Shown(text)}' is not 1 to {Deck.MaxPrefixLength} of 0-9 * #");
        string area = Field(Column.Area);
        if (area.Length > Deck.MaxAreaLength) wrong($"the destination is longer than {Deck.MaxAreaLength} characters");
        if (area.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0) wrong("the destination has a control character");
        long rate = Amount("rate", Field(Column.Rate), needed: More("fee").Length == 0, wrong);
        long fee = Amount("connect fee", Field(Column.Fee), needed: false, wrong);
        int first = Interval("first", Field(Column.First), wrong);
        int next = Interval("next", Field(Column.Next), wrong);
        bool locked = Field(Column.Locked).ToLowerInvariant() switch
        {
            "" or "0" or "no" or "false" => false,
            "1" or "yes" or "true" => true,
            string other => Refused($"locked '{Shown(other)}' is neither 0 nor 1"),
        };
        Rate read = new(prefix, area, new Tariff(rate, fee, first, next, currency), locked);
        if (Array.Exists(more, static m => m >= 0)) RateText.Read(More, ref read, (field, says) => wrong($"{field}: {says}"));
        return read;

        string More(string field) => more[Array.IndexOf(RateText.Fields, field)] is int i and >= 0 && i < reader.FieldCount ? reader.GetString(i) : "";

        bool Refused(string says)
        {
            wrong(says);
            return false;
        }
    }

    private static long Amount(string what, string text, bool needed, Action<string> wrong)
    {
        if (text.Length == 0 && !needed) return 0;
        if (text.Length == 0) wrong($"the {what} is missing");
        else if (!Money.TryParseNanos(text, out long nanos)) wrong($"the {what} '{Shown(text)}' is no amount: digits with a point and at most nine decimals");
        else if (nanos < 0) wrong($"the {what} '{Shown(text)}' is negative");
        else if (nanos > Pricing.MaxRateNanos) wrong($"the {what} '{Shown(text)}' is above 100000");
        else return nanos;
        return 0;
    }

    private static int Interval(string which, string text, Action<string> wrong)
    {
        if (text.Length == 0) return 1;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is >= 1 and <= Pricing.MaxIntervalSeconds) return seconds;
        wrong($"the {which} interval '{Shown(text)}' is not 1 to {Pricing.MaxIntervalSeconds} seconds");
        return 1;
    }

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
