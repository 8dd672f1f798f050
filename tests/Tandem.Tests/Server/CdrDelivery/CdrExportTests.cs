using System.Text;
using MiniExcelLibs;
using Tandem.Primitives;
using Tandem.Server.CdrDelivery;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.CdrDelivery;

public sealed class CdrExportTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_csv_has_every_field_under_its_name_and_survives_what_stands_in_names()
    {
        Cdr cdr = CdrSamples.Call(1, static c => (c.CallerGateway, c.CalleeGateway, c.CallerE164) = ("a \"b\", c", "=SUM(A1)", "+4912345678"));
        using var file = new MemoryStream();
        await CdrExport.WriteCsvAsync(file, Several(cdr), mask: false, Stop);
        string[] lines = Encoding.UTF8.GetString(file.ToArray()).Split("\r\n");
        Assert.Equal(CdrFields.All.Select(static f => f.Name), lines[0].Split(','));
        Assert.Contains(",\"a \"\"b\"\", c\",\"'=SUM(A1)\",", lines[1], StringComparison.Ordinal);
        Assert.Contains(",+4912345678,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",0.007000001,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",0.007,0.008,4.09,1002,0,0,,,0,0,0,,,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_can_be_hidden_and_nothing_else_is()
    {
        using var file = new MemoryStream();
        await CdrExport.WriteCsvAsync(file, Several(CdrSamples.Call(1)), mask: true, Stop);
        string text = Encoding.UTF8.GetString(file.ToArray());
        Assert.DoesNotContain("12125550001", text, StringComparison.Ordinal);
        Assert.Contains("1212555****", text, StringComparison.Ordinal);
        Assert.Contains("carrier-1", text, StringComparison.Ordinal);
        Assert.Equal(("****", "**", ""), (CdrFields.Mask("1001"), CdrFields.Mask("12"), CdrFields.Mask("")));
    }

    [Fact]
    public async Task A_sheet_reads_back_in_another_program_s_eyes()
    {
        using var file = new MemoryStream();
        await CdrExport.WriteXlsxAsync(file, Several(CdrSamples.Call(1), CdrSamples.Call(2)), mask: false, Stop);
        file.Position = 0;
        List<IDictionary<string, object?>> rows = [.. file.Query(useHeaderRow: true).Cast<IDictionary<string, object?>>()];
        Assert.Equal(2, rows.Count);
        Assert.Equal(CdrFields.All.Select(static f => f.Name), rows[0].Keys);
        Assert.Equal("12125550002", rows[1]["callerE164"]?.ToString());
        Assert.Equal(0.007000002, Convert.ToDouble(rows[1]["sale.amount"], System.Globalization.CultureInfo.InvariantCulture), 9);
    }

    [Fact]
    public async Task An_export_that_is_given_up_ends()
    {
        using var given = new CancellationTokenSource();
        using var file = new MemoryStream();
        int made = 0;
        async IAsyncEnumerable<Cdr> Endless()
        {
            while (true)
            {
                if (++made == 1000) await given.CancelAsync();
                yield return CdrSamples.Call(1);
            }
        }
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CdrExport.WriteCsvAsync(file, Endless(), mask: false, given.Token));
    }

    private static async IAsyncEnumerable<Cdr> Several(params Cdr[] calls)
    {
        await Task.Yield();
        foreach (Cdr call in calls) yield return call;
    }
}
