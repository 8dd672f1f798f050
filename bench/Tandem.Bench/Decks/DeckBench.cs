using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.DeckSheets;
using Tandem.Switching.Billing;

namespace Tandem.Bench.Decks;

/// <summary>
/// A carrier's file of so many rows against a deck of as many: read, laid over the deck, compared line by line, as CSV and as a workbook; beside reading the bytes alone, as text or unpacked.
/// </summary>
internal static class DeckBench
{
    private const double Wanted = 10; // seconds for 650,000 rows

    public static void Run(string[] args, CancellationToken stop)
    {
        int rows = args.Length > 0 && int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out int thousands) && thousands is > 0 and <= 2_000 ? thousands * 1_000 : 650_000;
        var report = new Report("deck");
        Instant now = Instant.FromUtc(DateTime.UtcNow);
        Report.Progress($"a deck of {rows:N0} rows");
        Deck before = Laid(null, Csv(rows, 0), now, out _, stop).After;
        report.Line(Text($"{$"a file of {rows:N0} rows against a deck of as many",-58}{"read",8}{"laid",8}{"compared",10}{"in all",8}{"bytes alone",13}{"held, MB",10}"));
        foreach ((string name, Func<byte[]> file) in ((string, Func<byte[]>)[])[("CSV", () => Csv(rows, 1)), ("workbook, texts inline", () => Workbook(rows, 1))])
        {
            byte[] bytes = file();
            double alone = Alone(bytes);
            Laid(before, bytes, now, out _, stop); // warm
            List<Taken> all = [];
            for (int round = 0; round < 3; round++) all.Add(Laid(before, bytes, now, out _, stop));
            Taken median = all.OrderBy(static t => t.Sum).ElementAt(1);
            report.Line(Text($"  {$"{name}, {bytes.Length / 1e6:0.0} MB; {median.Changes:N0} codes differ",-56}{median.Read,8:0.00}{median.Lay,8:0.00}{median.Compare,10:0.00}{median.Sum,8:0.00}{alone,13:0.00}{median.Held / 1e6,10:0}"));
        }
        report.Line(Text($"(seconds, medians of three; {Wanted:0} are aimed at for 650,000 rows; held: what is there when all is compared, the deck before not counted. Pricing the last days' calls comes on top: docs/deck-import.md)"));
        if (args.Length == 0) report.Save();
    }

    private readonly record struct Taken(double Read, double Lay, double Compare, int Changes, long Held, Deck After)
    {
        public double Sum => Read + Lay + Compare;
    }

    private static Taken Laid(Deck? before, byte[] file, Instant now, out SheetRead sheet, CancellationToken stop)
    {
        long empty = GC.GetTotalMemory(forceFullCollection: true), began = Stopwatch.GetTimestamp();
        sheet = SheetReader.Read(new MemoryStream(file), new SheetOrder("bench", Currency.Usd), [], null, stop);
        if (sheet.FaultCount > 0) throw new BenchException(sheet.Faults[0].Says);
        double read = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (!Deck.TryCreate("bench", Currency.Usd, "", DeckMerge.Lay(before, sheet, default, now), out Deck? after, out string? error)) throw new BenchException(error);
        double laid = Stopwatch.GetElapsedTime(began).TotalSeconds;
        List<DeckChangeLine> changes = DeckRisk.Compare(before, after, now);
        double all = Stopwatch.GetElapsedTime(began).TotalSeconds;
        long held = GC.GetTotalMemory(forceFullCollection: true) - empty;
        GC.KeepAlive(sheet);
        return new Taken(read, laid - read, all - laid, changes.Count, held, after);
    }

    // What nobody who reads the file can do without: its characters, or its parts unpacked.
    private static double Alone(byte[] file)
    {
        double[] seconds = new double[3];
        for (int round = 0; round < seconds.Length; round++)
        {
            long began = Stopwatch.GetTimestamp();
            if (file.AsSpan().StartsWith("PK"u8))
            {
                using var zip = new ZipArchive(new MemoryStream(file), ZipArchiveMode.Read);
                foreach (ZipArchiveEntry entry in zip.Entries)
                {
                    using Stream part = entry.Open();
                    part.CopyTo(Stream.Null);
                }
            }
            else
            {
                using var text = new StreamReader(new MemoryStream(file));
                while (text.ReadLine() is not null)
                {
                    // its length is all that is wanted
                }
            }
            seconds[round] = Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
        return Report.Median(seconds);
    }

    // Every third price is another in the next issue, every hundredth code is new.
    private static IEnumerable<(string Code, string Area, string Rate)> Rows(int count, int issue) =>
        Enumerable.Range(0, count).Select(i => (
            (1_000_000 + (i * 7) + (issue > 0 && i % 100 == 0 ? 3 : 0)).ToString(CultureInfo.InvariantCulture), Text($"Area {i % 2_000}, mobile"), Text($"0.0{100 + (((i * 31) + (i % 3 == 0 ? issue * 17 : 0)) % 900)}")));

    private static byte[] Csv(int count, int issue)
    {
        var text = new StringBuilder("Dial Code;Destination;Rate (USD/min);Billing Increment;Effective Date\n");
        foreach ((string code, string area, string rate) in Rows(count, issue)) text.Append(code).Append(";\"").Append(area).Append("\";").Append(rate).Append(";60/60;2026-01-01\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Workbook(int count, int issue)
    {
        var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Part(zip, "xl/workbook.xml", to => to.Write("""<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Rates" sheetId="1" r:id="rId1"/></sheets></workbook>"""));
            Part(zip, "xl/_rels/workbook.xml.rels", to => to.Write("""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>"""));
            Part(zip, "xl/worksheets/sheet1.xml", to =>
            {
                to.Write("""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">""");
                foreach (string heading in (string[])["Dial Code", "Destination", "Rate (USD/min)", "Billing Increment"]) to.Write($"<c t=\"inlineStr\"><is><t>{heading}</t></is></c>");
                to.Write("</row>");
                foreach ((string code, string area, string rate) in Rows(count, issue)) to.Write($"<row><c><v>{code}</v></c><c t=\"inlineStr\"><is><t>{area}</t></is></c><c><v>{rate}</v></c><c t=\"inlineStr\"><is><t>60/60</t></is></c></row>");
                to.Write("</sheetData></worksheet>");
            });
        }
        return file.ToArray();
    }

    private static void Part(ZipArchive zip, string name, Action<TextWriter> write)
    {
        using var to = new StreamWriter(zip.CreateEntry(name, CompressionLevel.Fastest).Open());
        write(to);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
