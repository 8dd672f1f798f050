using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;

namespace Tandem.Server.DeckSheets;

/// <summary>
/// A sheet of a workbook (ECMA-376 part 1, §18), read as it streams: only the texts the cells share are held. Formulas count as what they came to when the file was saved. What a workbook grows to
/// when it is unpacked is bounded.
/// </summary>
internal sealed class XlsxRows : SheetRows
{
    private const long MostUnpacked = 4L << 30, MostShared = 512L << 20;
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    private static readonly XmlReaderSettings Plain = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, IgnoreWhitespace = false };

    private readonly ZipArchive _zip;
    private readonly XmlReader _xml;
    private readonly Bounded _stream;
    private readonly List<string> _shared = [];
    private readonly StringBuilder _text = new();
    private readonly char[] _piece = new char[1024];
    private readonly string _sheet;
    private readonly long _size;

    public XlsxRows(Stream file, string sheet)
    {
        try
        {
            _zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            (string part, _sheet, Is1904) = FindSheet(sheet);
            ReadShared();
            ZipArchiveEntry entry = Entry(part) ?? throw new SheetException(0, $"the workbook names a sheet '{_sheet}' it does not have");
            _size = Math.Max(1, entry.Length);
            _stream = new Bounded(entry.Open(), MostUnpacked);
            _xml = XmlReader.Create(_stream, Plain);
        }
        catch (Exception e) when (e is InvalidDataException or XmlException)
        {
            throw new SheetException(0, "the workbook is damaged, or was cut off on its way", e);
        }
    }

    /// <summary>Its days count from 1904, as on old Macintoshes.</summary>
    public bool Is1904 { get; }

    public override string Kind => $"workbook, sheet '{_sheet}'";

    public override double Done => Math.Min(1, (double)_stream.Taken / _size);

    public override bool Read()
    {
        Cells.Clear();
        try
        {
            while (_xml.Read())
            {
                if (_xml.NodeType != XmlNodeType.Element || _xml.LocalName != "row") continue;
                Row = int.TryParse(_xml.GetAttribute("r"), NumberStyles.None, CultureInfo.InvariantCulture, out int row) ? row : Row + 1;
                if (!_xml.IsEmptyElement) ReadRow();
                return true;
            }
            return false;
        }
        catch (Exception e) when (e is InvalidDataException or XmlException or EndOfStreamException)
        {
            throw new SheetException(Row, "the workbook is damaged, or was cut off on its way", e);
        }
    }

    public override void Dispose()
    {
        _xml.Dispose();
        _stream.Dispose();
        _zip.Dispose();
    }

    private void ReadRow()
    {
        int next = 0;
        while (_xml.Read() && !(_xml.NodeType == XmlNodeType.EndElement && _xml.LocalName == "row"))
        {
            if (_xml.NodeType != XmlNodeType.Element || _xml.LocalName != "c") continue;
            int column = _xml.GetAttribute("r") is { } at ? ColumnOf(at) : next;
            if (column < next || column >= MostColumns) throw new SheetException(Row, column >= MostColumns ? $"the row has more than {MostColumns} columns" : "the cells of the row are not in order");
            string type = _xml.GetAttribute("t") ?? "n";
            string value = _xml.IsEmptyElement ? "" : ReadCell(type);
            while (Cells.Count < column) Cells.Add("");
            Cells.Add(value);
            next = column + 1;
        }
    }

    private string ReadCell(string type)
    {
        _text.Clear();
        bool taking = false;
        while (_xml.Read() && !(_xml.NodeType == XmlNodeType.EndElement && _xml.LocalName == "c"))
        {
            if (_xml.NodeType == XmlNodeType.Element && !_xml.IsEmptyElement) taking = _xml.LocalName is "v" or "t";
            else if (_xml.NodeType == XmlNodeType.EndElement) taking = false;
            else if (taking && _xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace) AddText(_xml);
        }
        string text = _text.ToString();
        return type switch
        {
            "s" => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int shared) && shared < _shared.Count ? _shared[shared] : throw new SheetException(Row, "the workbook is damaged: a cell names a text that is not there"),
            "n" => Number(text),
            _ => text.Trim(),
        };
    }

    // In pieces: a text that grows to gigabytes when it is unpacked is never held whole.
    private void AddText(XmlReader xml)
    {
        while (xml.ReadValueChunk(_piece, 0, _piece.Length) is > 0 and var read)
        {
            if (_text.Length + read > MostCell) throw new SheetException(Row, $"a cell has more than {MostCell:N0} characters");
            _text.Append(_piece, 0, read);
        }
    }

    // Programs write numbers as the nearest binary fraction: fifteen digits are what was typed.
    private static string Number(string text) =>
        (text.Length > 15 || text.Contains('E', StringComparison.OrdinalIgnoreCase)) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && Math.Abs(number) < 1e27
            ? ((decimal)number).ToString(CultureInfo.InvariantCulture)
            : text;

    private (string Part, string Name, bool Is1904) FindSheet(string wanted)
    {
        Dictionary<string, string> targets = new(StringComparer.Ordinal);
        Each("xl/_rels/workbook.xml.rels", xml =>
        {
            if (xml.LocalName == "Relationship" && xml.GetAttribute("Id") is { } id && xml.GetAttribute("Target") is { } target) targets[id] = target.StartsWith('/') ? target[1..] : "xl/" + target;
        });
        List<(string Name, string Part, bool Shown)> sheets = [];
        bool is1904 = false;
        Each("xl/workbook.xml", xml =>
        {
            if (xml.LocalName == "workbookPr") is1904 = xml.GetAttribute("date1904") is "1" or "true";
            else if (xml.LocalName == "sheet" && xml.GetAttribute("name") is { } name && (xml.GetAttribute("id", Relations) ?? xml.GetAttribute("r:id")) is { } id && targets.TryGetValue(id, out string? part)) sheets.Add((name, part, xml.GetAttribute("state") is null or "visible"));
        });
        if (sheets.Count == 0) throw new SheetException(0, "the file is packed like a workbook and has no sheet");
        int at = wanted.Length == 0 ? Math.Max(0, sheets.FindIndex(static s => s.Shown)) : sheets.FindIndex(s => s.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase));
        if (at < 0) throw new SheetException(0, $"the workbook has no sheet '{wanted}'; it has {string.Join(", ", sheets.Take(20).Select(static s => $"'{s.Name}'"))}");
        return (sheets[at].Part, sheets[at].Name, is1904);
    }

    private void Each(string part, Action<XmlReader> take)
    {
        if (Entry(part) is not { } entry) throw new SheetException(0, "the file is packed like a workbook and is none (.xlsx is needed; .xlsb and .ods are others)");
        using var stream = new Bounded(entry.Open(), MostShared);
        using XmlReader xml = XmlReader.Create(stream, Plain);
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.Element) take(xml);
        }
    }

    private void ReadShared()
    {
        if (Entry("xl/sharedStrings.xml") is not { } entry) return;
        using var stream = new Bounded(entry.Open(), MostShared);
        using XmlReader xml = XmlReader.Create(stream, Plain);
        bool taking = false;
        int aside = 0; // how a text is spoken is no part of it
        while (xml.Read())
        {
            switch (xml.NodeType)
            {
                case XmlNodeType.Element when xml.LocalName == "si":
                    _text.Clear();
                    if (xml.IsEmptyElement) _shared.Add("");
                    break;
                case XmlNodeType.Element when xml.LocalName == "rPh" && !xml.IsEmptyElement:
                    aside++;
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "rPh":
                    aside--;
                    break;
                case XmlNodeType.Element when xml.LocalName == "t" && !xml.IsEmptyElement:
                    taking = aside == 0;
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "t":
                    taking = false;
                    break;
                case XmlNodeType.EndElement when xml.LocalName == "si":
                    _shared.Add(_text.ToString().Trim());
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace when taking:
                    AddText(xml);
                    break;
            }
        }
    }

    private ZipArchiveEntry? Entry(string part) => _zip.Entries.FirstOrDefault(e => e.FullName.Equals(part, StringComparison.OrdinalIgnoreCase));

    // "BC12" is column 54.
    private static int ColumnOf(string at)
    {
        int column = 0;
        foreach (char c in at)
        {
            if (!char.IsAsciiLetterUpper(c)) break;
            column = (column * 26) + (c - 'A' + 1);
            if (column > 100_000) break;
        }
        return column - 1;
    }

    /// <summary>A part that is not read for ever, however small it was packed.</summary>
    private sealed class Bounded(Stream inner, long most) : Stream
    {
        public long Taken { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => Taken; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int read = inner.Read(buffer);
            Taken += read;
            return Taken <= most ? read : throw new SheetException(0, $"a part of the workbook grows beyond {most >> 20:N0} MiB when it is unpacked");
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
