using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Tandem.Tests.Server.DeckSheets;

/// <summary>Small workbooks as programs write them: texts shared or inline, numbers as numbers.</summary>
internal static class Workbook
{
    /// <summary>Cells that read as a number are numbers; the rest are texts.</summary>
    public static MemoryStream Of(IReadOnlyList<string[]> rows, bool shared = true, bool is1904 = false, string sheet = "Rates", string hiddenBefore = "") => Of(
        new StringBuilder().AppendJoin("", rows.Select((cells, i) => Row(i + 1, cells, shared, rows))).ToString(), rows.SelectMany(static r => r).Distinct().ToList(), is1904, sheet, hiddenBefore);

    /// <summary>With the rows written out.</summary>
    public static MemoryStream Of(string sheetRows, IReadOnlyList<string> texts, bool is1904 = false, string sheet = "Rates", string hiddenBefore = "")
    {
        var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write(zip, "[Content_Types].xml", """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>""");
            string hidden = hiddenBefore.Length > 0 ? $"""<sheet name="{hiddenBefore}" sheetId="2" state="hidden" r:id="rId2"/>""" : "";
            Write(zip, "xl/workbook.xml", $"""<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{(is1904 ? """<workbookPr date1904="1"/>""" : "")}<sheets>{hidden}<sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>""");
            Write(zip, "xl/_rels/workbook.xml.rels", """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>""");
            Write(zip, "xl/sharedStrings.xml", $"""<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{string.Concat(texts.Select(static t => $"<si><r><t>{Escape(t[..(t.Length / 2)])}</t></r><r><t xml:space=\"preserve\">{Escape(t[(t.Length / 2)..])}</t></r><rPh><t>aside</t></rPh></si>"))}</sst>""");
            Write(zip, "xl/worksheets/sheet1.xml", $"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{sheetRows}</sheetData></worksheet>""");
            Write(zip, "xl/worksheets/sheet2.xml", """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>""");
        }
        file.Position = 0;
        return file;
    }

    private static string Row(int number, string[] cells, bool shared, IReadOnlyList<string[]> all)
    {
        List<string> texts = [.. all.SelectMany(static r => r).Distinct()];
        return $"<row r=\"{number}\">{string.Concat(cells.Select((text, i) => text.Length == 0 ? "" : Cell($"{(char)('A' + i)}{number}", text, shared, texts)))}</row>";
    }

    private static string Cell(string at, string text, bool shared, List<string> texts) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? $"<c r=\"{at}\"><v>{text}</v></c>"
        : shared ? $"<c r=\"{at}\" t=\"s\"><v>{texts.IndexOf(text)}</v></c>"
        : $"<c r=\"{at}\" t=\"inlineStr\"><is><t>{Escape(text)}</t></is></c>";

    private static string Escape(string text) => System.Security.SecurityElement.Escape(text);

    private static void Write(ZipArchive zip, string name, string content)
    {
        using Stream to = zip.CreateEntry(name).Open();
        to.Write(Encoding.UTF8.GetBytes(content));
    }
}
