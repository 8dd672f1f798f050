using System.Buffers;
using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace Tandem.Server.DeckSheets;

/// <summary>
/// A text file with separated columns, in UTF-8, UTF-16 or (where it is no UTF-8) Latin-1, separated by comma, semicolon, tab or bar: whichever its first lines have alike. Quotes as in RFC 4180.
/// </summary>
internal sealed class CsvRows : SheetRows
{
    private const int Looked = 64 * 1024;

    private readonly Stream _file;
    private readonly StreamReader _text;
    private readonly CsvReader _reader;
    private readonly string _kind;
    private int _malformed;
    private bool _behind, _more;

    public CsvRows(Stream file)
    {
        _file = file;
        Encoding encoding = EncodingOf(file);
        char separator = SeparatorOf(file, encoding, out bool stated);
        _kind = $"CSV, {encoding.WebName.ToUpperInvariant()}, separated by {separator switch { ',' => "commas", ';' => "semicolons", '\t' => "tabs", _ => "bars" }}";
        _text = new StreamReader(file, encoding, detectEncodingFromByteOrderMarks: true, 1 << 16, leaveOpen: true);
        if (stated) _text.ReadLine();
        _reader = CsvReader.Create(_text, CsvReaderOptions.Default with
        {
            Separator = separator,
            HasHeader = false,
            TrackLineNumbers = true,
            TrimWhitespace = true,
            TrimInsideQuotes = true,
            AllowLineBreaksInQuotes = false, // one bad quote must not swallow the lines after it
            MaxRecordSize = 1 << 16,
            MalformedData = CsvMalformedDataHandling.Skip,
            OnMalformedRecord = bad => _malformed = (int)bad.LineNumber,
        }, leaveOpen: true);
        FirstLine = stated ? 1 : 0;
    }

    public override string Kind => _kind;

    public override double Done => _file.Length == 0 ? 1 : (double)_file.Position / _file.Length;

    private int FirstLine { get; }

    public override bool Read()
    {
        Cells.Clear();
        _malformed = 0;
        try
        {
            if (!_behind) _more = _reader.Read();
            _behind = _malformed > 0; // the reader passed it over, and stands on the row after it
            if (_behind) throw new SheetException(_malformed + FirstLine, "the quotes of the line do not match");
            if (!_more) return false;
        }
        catch (CsvFormatException e)
        {
            throw new SheetException(Math.Max(1, (int)e.LineNumber) + FirstLine, "the line is longer than 65,536 bytes or no CSV", e);
        }
        Row = (int)_reader.LineNumber + FirstLine;
        int columns = _reader.FieldCount;
        if (columns > MostColumns) throw new SheetException(Row, $"the line has {columns} columns; at most {MostColumns} are read");
        for (int i = 0; i < columns; i++) Cells.Add(_reader.GetString(i));
        return true;
    }

    public override void Dispose()
    {
        _reader.Dispose();
        _text.Dispose();
    }

    private static Encoding EncodingOf(Stream file)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            int left = 0;
            bool first = true, utf8 = true;
            while (file.Read(buffer, left, (1 << 16) - left) is > 0 and var read)
            {
                Span<byte> bytes = buffer.AsSpan(0, left + read);
                if (first && (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))) return bytes[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode;
                if (first && bytes.Length >= 2 && (bytes[1] == 0 || bytes[0] == 0)) return bytes[1] == 0 ? Encoding.Unicode : Encoding.BigEndianUnicode; // plain letters of UTF-16 without a mark
                if (bytes.Contains((byte)0)) throw new SheetException(0, "the file has zero bytes: it is no text and no workbook");
                first = false;
                // A letter may be cut by the end of the buffer.
                int whole = bytes.Length, back = 0;
                while (back < 4 && whole - back > 0 && (bytes[whole - back - 1] & 0xC0) == 0x80) back++;
                int cut = back < 4 && whole > back && bytes[whole - back - 1] >= 0xC0 ? back + 1 : 0;
                if (cut == whole) cut = 0;
                utf8 &= Utf8.IsValid(bytes[..(whole - cut)]) || (cut > 0 && Utf8.IsValid(bytes));
                bytes[(whole - cut)..].CopyTo(buffer);
                left = cut;
            }
            return utf8 && Utf8.IsValid(buffer.AsSpan(0, left)) ? Encoding.UTF8 : Encoding.Latin1;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            file.Position = 0;
        }
    }

    // The separator whose number a line is most often the same; a program of tables says it in a line of its own: sep=;
    private static char SeparatorOf(Stream file, Encoding encoding, out bool stated)
    {
        char[] begin = new char[Looked];
        int length;
        using (var text = new StreamReader(file, encoding, detectEncodingFromByteOrderMarks: true, Looked, leaveOpen: true)) length = text.ReadBlock(begin, 0, begin.Length);
        file.Position = 0;
        string[] lines = new string(begin, 0, length).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        stated = lines.Length > 0 && lines[0].Trim() is { Length: 5 } said && said.StartsWith("sep=", StringComparison.OrdinalIgnoreCase);
        if (stated) return lines[0].Trim()[4];
        (char Best, int Score) best = (',', 0);
        foreach (char separator in ";\t|,")
        {
            int score = lines.Take(200).Select(line => Outside(line, separator)).Where(static n => n > 0).GroupBy(static n => n).Select(static g => g.Count() * Math.Min(g.Key, 20)).DefaultIfEmpty(0).Max();
            if (score > best.Score) best = (separator, score);
        }
        return best.Best;
    }

    private static int Outside(string line, char separator)
    {
        int count = 0;
        bool quoted = false;
        foreach (char c in line)
        {
            if (c == '"') quoted = !quoted;
            else if (c == separator && !quoted) count++;
        }
        return count;
    }
}
