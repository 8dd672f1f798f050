namespace Tandem.Server.DeckSheets;

/// <summary>The rows of a table, whatever kind of file it is in. One row at a time; what it holds is the same list again and again.</summary>
internal abstract class SheetRows : IDisposable
{
    public const int MostColumns = 256;
    public const int MostCell = 8_192;

    /// <summary>The row that was read, as programs that show the file number it: from 1.</summary>
    public int Row { get; protected set; }

    /// <summary>Its cells, trimmed; numbers of a workbook in plain digits with a point.</summary>
    public List<string> Cells { get; } = [];

    /// <summary>What the file is, in words.</summary>
    public abstract string Kind { get; }

    /// <summary>The share of the file that was read, 0 to 1.</summary>
    public abstract double Done { get; }

    /// <summary>False at the end.</summary>
    /// <exception cref="SheetException">The file is none of its kind.</exception>
    public abstract bool Read();

    public abstract void Dispose();

    /// <summary>What of a cell stands in a message.</summary>
    public static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";

    /// <summary>Opens a file by what it begins with: a workbook (.xlsx) or text.</summary>
    /// <param name="file">Can seek; belongs to whoever called.</param>
    /// <param name="sheet">Which sheet of a workbook; empty: the first that is shown.</param>
    /// <exception cref="SheetException">It is neither, or there is no such sheet.</exception>
    public static SheetRows Open(Stream file, string sheet = "")
    {
        Span<byte> begin = stackalloc byte[8];
        int read = file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false);
        file.Position = 0;
        begin = begin[..read];
        if (read == 0) throw new SheetException(0, "the file is empty");
        if (begin.StartsWith("PK\u0003\u0004"u8)) return new XlsxRows(file, sheet);
        if (begin.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0])) throw new SheetException(0, "the file is a workbook of the old kind (.xls), or one with a password: save it as .xlsx or CSV without one");
        if (begin.StartsWith("%PDF"u8)) throw new SheetException(0, "the file is a PDF: ask for the table as .xlsx or CSV");
        return new CsvRows(file);
    }
}

/// <summary>A file that cannot be read as what it seems to be; one sentence without full stop.</summary>
internal sealed class SheetException(int row, string says, Exception? inner = null) : Exception(says, inner)
{
    /// <summary>Where; 0: of the whole file.</summary>
    public int Row => row;
}
