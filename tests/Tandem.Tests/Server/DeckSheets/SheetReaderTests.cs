using System.Text;
using Tandem.Primitives;
using Tandem.Server.DeckSheets;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Server.DeckSheets;

/// <summary>Carriers' files (docs/deck-import.md): what is found out from them, what is asked for, and what is refused.</summary>
public sealed class SheetReaderTests
{
    private static readonly SheetOrder Usd = new("d", Currency.Usd), Eur = new("d", Currency.Parse("EUR"));

    [Theory]
    [InlineData("code,rate\n44,0.012", "44:0.012")]
    [InlineData("Dial Code;Destination;Price / Min\n44;UK;0,0125\n", "44:0.0125")]
    [InlineData("Acme Carrier Ltd\n\nRates valid for ACME only\n\nCountry\tCode\tRate (USD)\tBilling Increment\nUK\t44\t$0.0125\t60/60\n\nAll rates exclude VAT", "44:0.0125/60/60")]
    [InlineData("sep=|\nprefix|rate|interval\n+44|0.01|6", "44:0.01/1/6")]
    [InlineData("Code,Rate\n\"1204, 1226;1249\",0.02", "1204:0.02 1226:0.02 1249:0.02")]
    [InlineData("Code,Rate\n49151-49153,0.02\n4916-8,0.03", "49151:0.02 49152:0.02 49153:0.02 4916:0.03 4917:0.03 4918:0.03")]
    [InlineData("Country Code,Area Code,Rate\n44,,0.01\n44,\"20,161\",0.02\n1,204,0.03", "44:0.01 4420:0.02 44161:0.02 1204:0.03")]
    [InlineData("Country Code,Dial Code,Rate\n44,44,0.01\n44,4420,0.02\n1,1204,0.03", "44:0.01 4420:0.02 1204:0.03")]
    [InlineData("Code,Area Code,Rate\n44,20,0.01\n1,204,0.02", "4420:0.01 1204:0.02")]
    [InlineData("Code,Rate,Status\n44,0.01,\n45,0.02,Blocked\n46,,deleted\n47,0.01,No change", "44:0.01 45:0.02! 46:x 47:0.01")]
    [InlineData("Code,Rate\n44,0.01\n45,CLOSED\n46,N/A", "44:0.01 45:x 46:x")]
    [InlineData("Code,Old Rate,New Rate,Rate\n44,0.01,0.02,0.03", "44:0.02")]
    [InlineData("Vorwahl;Ziel;Preis pro Minute;Taktung\n49;Deutschland;0,0125;60/1", "49:0.0125/60/1")]
    [InlineData("Код;Направление;Цена\n7495;Москва;0,02", "7495:0.02")]
    [InlineData("Código;Destino;Tarifa\n34;España;0,02", "34:0.02")]
    [InlineData("区号,地区名称,费率\n86,中国,0.02", "86:0.02")]
    [InlineData("Prefix,Fee,Billing Cycle\n44,0.002,6", "44:fee 0.002/6")]
    [InlineData("code,rate,connect fee,first interval,next interval\n44,0.01,0.05,30,6 sec", "44:0.01+0.05/30/6")]
    [InlineData("Code,Rate\n44,\"1,234.5\"\n45,2.25", "44:1234.5 45:2.25")]
    [InlineData("Code;Rate\n44;1.234,5\n45;2,25", "44:1234.5 45:2.25")]
    [InlineData("Code,Rate\n44,0.0123456785\n45,0.012345678501", "44:0.012345679 45:0.012345679")]
    [InlineData("Code,Rate\n44,0.01\n44,0.01", "44:0.01")]
    public void What_a_file_says_is_found_out_from_it(string file, string expected) => Assert.Equal(expected, Shown(Read(file)));

    [Theory]
    [InlineData("2026-12-01", "2026-12-01")]
    [InlineData("01-Dec-2026", "2026-12-01")]
    [InlineData("1 Dec 26", "2026-12-01")]
    [InlineData("December 1, 2026", "2026-12-01")]
    [InlineData("2026/12/01 06:30", "2026-12-01T06:30:00Z")]
    [InlineData("20261201", "2026-12-01")]
    [InlineData("46357", "2026-12-01")]
    [InlineData("46357.25", "2026-12-01T06:00:00Z")]
    [InlineData("01.12.2026", "2026-12-01")]
    [InlineData("13/12/2026", "2026-12-13")]
    [InlineData("12/13/2026", "2026-12-13")]
    [InlineData("immediately", "")]
    [InlineData("", "")]
    public void Dates_are_read_as_carriers_write_them(string date, string expected)
    {
        SheetOffer offer = Assert.Single(Read($"Code;Rate;Effective Date\n44;0.01;{date}").Offers);
        Assert.Equal(expected, offer.From == default ? "" : offer.From.ToUtc().TimeOfDay == default ? offer.From.ToUtc().ToString("yyyy-MM-dd") : offer.From.ToUtc().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
    }

    [Fact]
    public void One_date_that_is_clear_decides_the_order_of_day_and_month_for_all()
    {
        Assert.Equal(4, Read("Code;Rate;Effective Date\n44;0.01;03/04/2026\n45;0.01;25/04/2026").Offers[0].From.ToUtc().Month);
        Assert.Equal(3, Read("Code;Rate;Effective Date\n44;0.01;03/04/2026\n45;0.01;04/25/2026").Offers[0].From.ToUtc().Month);
        Assert.Equal(3, Read("Code;Rate;Effective Date\n44;0.01;03/04/2026", Usd with { Dates = "mdy" }).Offers[0].From.ToUtc().Month);
    }

    [Theory]
    [InlineData("Code;Rate;Effective Date\n44;0.01;03/04/2026", "'03/04/2026' may begin with the day or the month: state which (dates: dmy or mdy)")]
    [InlineData("Code;Rate;Effective Date\n44;0.01;13/04/2026\n45;0.01;04/13/2026", "'13/04/2026' begins with the day and '04/13/2026' with the month: state which is meant (dates: dmy or mdy)")]
    [InlineData("Code;Rate\n44;1,234\n45;2,345", "'1,234' may be a thousand or a fraction: state which (decimal: point or comma)")]
    [InlineData("Code;Rate\n44;1,2345\n45;2.3456", "'2.3456' has a decimal point and '1,2345' a decimal comma: state which is meant (decimal: point or comma)")]
    [InlineData("", "the file is empty")]
    [InlineData("Hello\nworld", "no row of the first 100 has the headings of a code and a rate; the fullest row there was: Hello. A template may say what the headings are (docs/deck-import.md)")]
    [InlineData("44,0.01\n45,0.02", "no row of the first 100 has the headings of a code and a rate; the fullest row there was: 44 | 0.01. A template may say what the headings are (docs/deck-import.md)")]
    [InlineData("Code,Rate\n", "there is no row behind the headings")]
    [InlineData("%PDF-1.7 rates", "the file is a PDF: ask for the table as .xlsx or CSV")]
    public void What_is_open_is_asked_for_and_what_is_no_table_is_refused_in_one_sentence(string file, string says) =>
        Assert.Equal(says, Assert.Throws<SheetException>(() => Read(file)).Message);

    [Theory]
    [InlineData("44x,0.01,,", "row 3: '44x' is no code: 1 to 16 of 0-9 * #")]
    [InlineData("44 20,0.01,,", "row 3: '44 20' may be one code or several: commas between codes are needed, and no blanks within")]
    [InlineData("4420-4410,0.01,,", "row 3: the range '4420-4410' goes backwards")]
    [InlineData("440000000-449999999,0.01,,", "row 3: the range '440000000-449999999' has 10,000,000 codes; a cell has at most 10,000")]
    [InlineData("12345678901234567,0.01,,", "row 3: '12345678901234567' is no code: 1 to 16 of 0-9 * #")]
    [InlineData("44,-0.01,,", "row 3: the rate '-0.01' is negative")]
    [InlineData("44,abc,,", "row 3: the rate 'abc' is no amount")]
    [InlineData("44,100001,,", "row 3: the rate '100001' is above 100000")]
    [InlineData("44,99999999999999999999999999999999,,", "row 3: the rate '99999999999999999999999999999999' is no amount")]
    [InlineData("44,0.01 EUR,,", "row 3: the rate '0.01 EUR' is not in USD")]
    [InlineData("44,€0.01,,", "row 3: the rate '€0.01' is not in USD")]
    [InlineData("44,\"0,0125\",,", "row 3: the rate '0,0125' may be written with a decimal comma, and others are not")]
    [InlineData("44,\"1,0.02\",,", "row 3: the rate '1,0.02' is no amount: its decimals follow a point")]
    [InlineData("44,,,", "row 3: there is no rate")]
    [InlineData(",0.01,,", "row 3: there is a rate and no code")]
    [InlineData("44,0.01,99/99/2026,", "row 3: '99/99/2026' is no date (dmy)")]
    [InlineData("44,0.01,2226-01-01,", "row 3: '2226-01-01' is no date of our time")]
    [InlineData("44,0.01,,perhaps", "row 3: the status 'perhaps' is not known: a template may say which words mean blocked and deleted")]
    [InlineData("45,0.02,,", "row 3: code 45 is on row 2 too, with something else said of it")]
    [InlineData("44,\"0.01,,", "row 3: the quotes of the line do not match")]
    public void A_row_that_is_wrong_costs_that_row_alone(string row, string says)
    {
        SheetRead read = Read($"Code,Rate,Effective Date,Status\n45,0.01,,\n{row}\n46,0.01,,\n", Usd with { Decimal = "point" });
        Assert.Equal(says, $"row {Assert.Single(read.Faults).Row}: {read.Faults[0].Says}");
        Assert.Equal("45:0.01 46:0.01", Shown(read));
    }

    [Fact]
    public void Encodings_are_told_apart()
    {
        const string Text = "Code;Destination;Rate\n225;Côte d’Ivoire;0,2\n";
        foreach ((byte[] bytes, string kind) in new[]
        {
            (Encoding.UTF8.GetBytes(Text), "CSV, UTF-8, separated by semicolons"), ([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Text)], "CSV, UTF-8, separated by semicolons"), (Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Text)).ToArray(), "CSV, UTF-16, separated by semicolons"),
            (Encoding.BigEndianUnicode.GetPreamble().Concat(Encoding.BigEndianUnicode.GetBytes(Text)).ToArray(), "CSV, UTF-16BE, separated by semicolons"), (Encoding.Unicode.GetBytes(Text), "CSV, UTF-16, separated by semicolons"),
            (Encoding.Latin1.GetBytes(Text.Replace('’', '\'')), "CSV, ISO-8859-1, separated by semicolons"),
        })
        {
            SheetRead read = ReadStream(new MemoryStream(bytes), Usd, []);
            Assert.Equal(kind, read.Kind);
            Assert.StartsWith("Côte d", Assert.Single(read.Offers).Area, StringComparison.Ordinal);
        }
        Assert.Equal("the file has zero bytes: it is no text and no workbook", Assert.Throws<SheetException>(() => ReadStream(new MemoryStream([.. "Code,Rate"u8, 0, 0, 0]), Usd, [])).Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_workbook_is_read_with_its_numbers_dates_and_texts(bool shared)
    {
        string[][] rows = [["Acme rates"], [], ["Destination", "Dial Code", "Rate", "Effective Date", "Increment"], ["UK & Isles", "44", "1.2500000000000001E-2", "46357", "60/60"], ["Germany", "4915-4916, 49170", "0.30000000000000004", "46357.5", "1/1"]];
        SheetRead read = ReadStream(Workbook.Of(rows, shared, hiddenBefore: "old"), Usd, []);
        Assert.Equal("workbook, sheet 'Rates'", read.Kind);
        Assert.Equal("44:0.0125/60/60 4915:0.3 4916:0.3 49170:0.3", Shown(read));
        Assert.Equal(("UK & Isles", new DateTime(2026, 12, 1), new DateTime(2026, 12, 1, 12, 0, 0)), (read.Offers[0].Area, read.Offers[0].From.ToUtc(), read.Offers[1].From.ToUtc()));
        Assert.Equal([4, 5, 5, 5], read.Offers.Select(static o => o.Row));
        Assert.Equal(new DateTime(2026, 12, 1).AddDays(1462), ReadStream(Workbook.Of(rows, shared, is1904: true), Usd, []).Offers[0].From.ToUtc());
        Assert.Equal("the workbook has no sheet 'Prices'; it has 'Rates'", Assert.Throws<SheetException>(() => ReadStream(Workbook.Of(rows, shared), Usd with { Sheet = "Prices" }, [])).Message);
    }

    [Fact]
    public void Damaged_and_hostile_workbooks_are_refused_in_one_sentence()
    {
        byte[] whole = Workbook.Of([["Code", "Rate"], ["44", "0.01"]]).ToArray();
        Assert.Equal("the workbook is damaged, or was cut off on its way", Refusal(whole[..(whole.Length / 2)]));
        Assert.Equal("the file is packed like a workbook and is none (.xlsx is needed; .xlsb and .ods are others)", Refusal(ZipOf("mimetype", "application/ods")));
        Assert.Equal("the workbook is damaged, or was cut off on its way", Refusal(Workbook.Of("<row><c><v>1</v></row>", []).ToArray()));
        Assert.Equal("the workbook is damaged: a cell names a text that is not there", Refusal(Workbook.Of("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c></row>", ["x"]).ToArray()));
        Assert.Equal("the row has more than 256 columns", Refusal(Workbook.Of("<row r=\"1\"><c r=\"ZZZZ1\"><v>7</v></c></row>", ["x"]).ToArray()));
        // A hundred million letters in one cell, a hundred kilobytes packed: they are neither held nor read to their end.
        foreach (byte[] bomb in (byte[][])[BombOf("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>"), BombOf("xl/sharedStrings.xml", "<sst><si><t>")])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal("a cell has more than 8,192 characters", Refusal(bomb));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5_000_000);
        }
        // A document type may name files and grow without end: none is read.
        Assert.Equal("the workbook is damaged, or was cut off on its way", Refusal(ZipOf("xl/workbook.xml", "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><workbook>&b;</workbook>", "xl/_rels/workbook.xml.rels", "<Relationships/>")));
        Assert.Equal("the file is a workbook of the old kind (.xls), or one with a password: save it as .xlsx or CSV without one", Refusal([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]));
    }

    [Fact]
    public void A_template_says_what_cannot_be_known()
    {
        DeckTemplateConfig[] own =
        [
            new DeckTemplateConfig { Name = "acme", Columns = ["code=Ziffern", "area=Wohin", "rate=Was es kostet", "status=Lage"], Decimal = "comma", Unit = "second", Rows = "changes", FirstInterval = 60, NextInterval = 60, Blocked = ["zu"], Deleted = ["weg"] },
        ];
        const string File = "Ziffern;Wohin;Was es kostet;Lage\n44;UK;0,001;\n45;DK;0,001;zu\n46;SE;;weg";
        foreach (SheetOrder order in (SheetOrder[])[Usd, Usd with { Template = "acme" }])
        {
            SheetRead read = ReadStream(new MemoryStream(Encoding.UTF8.GetBytes(File)), order, own);
            Assert.Equal(("acme", false, "44:0.06/60/60 45:0.06/60/60! 46:x"), (read.Layout.Template, read.IsWhole, Shown(read)));
        }
        Assert.StartsWith("there is no template 'other'; there are acme, english, german", Assert.Throws<SheetException>(() => Read(File, Usd with { Template = "other" }, own)).Message, StringComparison.Ordinal);
        Assert.Contains("by template 'english'", Assert.Throws<SheetException>(() => Read(File, Usd with { Template = "english" }, own)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Six_hundred_and_fifty_thousand_rows_are_read_with_progress_and_can_be_broken_off()
    {
        StringBuilder csv = new("code,destination,rate,increment\n");
        for (int i = 0; i < 650_000; i++) csv.Append(1_000_000 + i).Append(",Area ").Append(i % 2_000).Append(",0.0").Append(100 + (i % 900)).Append(",60/60\n");
        byte[] bytes = Encoding.UTF8.GetBytes(csv.ToString());
        List<double> told = [];
        SheetRead read = ReadStream(new MemoryStream(bytes), Usd, [], (done, _) => told.Add(done));
        Assert.Equal((650_000, 650_000, 0), (read.Rows, read.Offers.Count, read.FaultCount));
        Assert.True(told.Count > 50 && told.Zip(told.Skip(1)).All(static p => p.First <= p.Second) && told[^1] > 0.9);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => SheetReader.Read(new MemoryStream(bytes), Usd, [], (_, rows) => { if (rows > 100_000) stop.Cancel(); }, stop.Token));
    }

    [Fact]
    public void A_real_deck_is_read_whole()
    {
        using var gz = new System.IO.Compression.GZipStream(File.OpenRead(SharedData.Path("az-rates-36k.csv.gz")), System.IO.Compression.CompressionMode.Decompress);
        using var file = new MemoryStream();
        gz.CopyTo(file);
        file.Position = 0;
        SheetRead read = ReadStream(file, Usd, []);
        Assert.Equal((36_204, 36_204, 0, 0), (read.Rows, read.Offers.Count, read.FaultCount, read.Rounded));
        Assert.All(read.Offers, static o => Assert.Equal((6, 6), (o.Tariff.FirstSeconds, o.Tariff.NextSeconds)));
    }

    private static string Refusal(byte[] file) => Assert.Throws<SheetException>(() => SheetReader.Read(new MemoryStream(file), Usd, [])).Message;

    // A workbook with a part that begins so and goes on with one letter.
    private static byte[] BombOf(string part, string begins)
    {
        using MemoryStream file = Workbook.Of([["Code", "Rate"], ["44", "0.01"]]);
        using (var zip = new System.IO.Compression.ZipArchive(file, System.IO.Compression.ZipArchiveMode.Update, leaveOpen: true))
        {
            zip.GetEntry(part)!.Delete();
            using Stream to = zip.CreateEntry(part, System.IO.Compression.CompressionLevel.Fastest).Open();
            to.Write(Encoding.UTF8.GetBytes(begins));
            byte[] letters = [.. Enumerable.Repeat((byte)'x', 1_000_000)];
            for (int i = 0; i < 100; i++) to.Write(letters);
        }
        return file.ToArray();
    }

    private static byte[] ZipOf(params string[] namesAndTexts)
    {
        var file = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(file, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            for (int i = 0; i < namesAndTexts.Length; i += 2)
            {
                using Stream to = zip.CreateEntry(namesAndTexts[i]).Open();
                to.Write(Encoding.UTF8.GetBytes(namesAndTexts[i + 1]));
            }
        }
        return file.ToArray();
    }

    private static SheetRead ReadStream(Stream file, SheetOrder order, IReadOnlyList<DeckTemplateConfig> own, Action<double, int>? progress = null) => SheetReader.Read(file, order, own, progress, TestContext.Current.CancellationToken);

    private static SheetRead Read(string file, SheetOrder? order = null, IReadOnlyList<DeckTemplateConfig>? own = null) => SheetReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(file)), order ?? Usd, own ?? []);

    private static string Shown(SheetRead read) => string.Join(' ', read.Offers.Select(static o =>
    {
        if (o.Kind == OfferKind.Deleted) return $"{o.Code}:x";
        Tariff t = o.Tariff;
        string price = t.Terms?.CycleFeeNanos is { } fee ? $"fee {new Money(fee, Currency.Usd).ToDecimalString().TrimEnd('0')}/{t.NextSeconds}"
            : $"{Plain(t.RatePerMinuteNanos)}{(t.ConnectFeeNanos > 0 ? "+" + Plain(t.ConnectFeeNanos) : "")}{((t.FirstSeconds, t.NextSeconds) == (1, 1) ? "" : $"/{t.FirstSeconds}/{t.NextSeconds}")}";
        return $"{o.Code}:{price}{(o.Kind == OfferKind.Blocked ? "!" : "")}";
    }));

    private static string Plain(long nanos) => (nanos / 1_000_000_000m).ToString("0.#########", System.Globalization.CultureInfo.InvariantCulture);
}
