using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.DeckSheets;
using Tandem.Server.Hosting;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Server.Hosting;

/// <summary>A carrier's file through a running switch: a report, and then perhaps the deck (docs/deck-import.md).</summary>
public sealed class DeckReportTests : HostedSwitch
{
    [Fact]
    public async Task A_carriers_file_is_weighed_by_the_last_days_calls_and_then_applied()
    {
        await StartAsync();
        await CallAsync("4420", 60);
        await CallAsync("4420", 120);
        await CallAsync("3312", 60);
        DeckReportView report = await ReportAsync("carriers", "Dial Code,Destination,Rate\n44,UK,0.05\n4420,London,0.08\n39,Italy,0.01\n");
        Assert.Equal((3, 1, 1, 1, 1), (report.Codes, report.Increases, report.New - 1, report.Deleted, report.TooEarly - 1)); // 44 rises; 4420 and 39 are new, 4420 dearer than 44 was
        Assert.Equal(1, report.SoldNotBought);
        SoldNotBoughtView unbought = Assert.Single(report.SoldNotBoughtCodes);
        Assert.Equal(("33", "retail"), (unbought.Code, Assert.Single(unbought.SoldBy)));
        // 3 minutes to London by 0.04 and by 0.08; a minute to France at 0.03 with no rate any more.
        DeckStakeView stake = report.Stake!;
        Assert.Equal((2L, 180L, "0.12", "0.24", "0.12", 1L, "0.03"), (stake.Calls, stake.Seconds, stake.Before.ToDecimalString(), stake.After.ToDecimalString(), stake.Difference.ToDecimalString(), stake.WithoutRate, stake.WithoutRateAmount.ToDecimalString()));
        DeckReportLineView first = report.Lines[0];
        Assert.Equal(("4420", DeckChangeKind.New, 2L, "0.12", 100.0, true), (first.Code, first.Change, first.Calls, first.Stake.ToDecimalString(), first.Percent, first.TooEarly));
        Assert.Equal(("33", "-0.03"), (report.Lines[1].Code, report.Lines[1].Stake.ToDecimalString()));
        Assert.Contains("template 'english'", report.ReadAs, StringComparison.Ordinal);

        // Nothing has changed; the report is there after a restart, with every line.
        string before = _host!.Configuration.Current.Configuration.Decks["carriers"].Version;
        Assert.Equal(before, report.Before);
        await _host.DisposeAsync();
        await HostAsync();
        SwitchControl decks = _host.Control;
        JsonNode kept = (await decks.DeckReportAsync(report.Id, Stop)).Value!;
        Assert.Equal(report.After, (string?)kept["after"]);
        Assert.Equal("code,destination,change,from,rate_before,rate_after,percent,interval_before,interval_after\n33,,Deleted,,0.03,,,1/1,\n39,Italy,New,,,0.01,,,1/1\n44,UK,Increase,,0.04,0.05,25,1/1,1/1\n4420,London,New,,0.04,0.08,100,1/1,1/1\n",
            Written((await decks.DeckReportLinesAsync(report.Id, Stop)).Value!).ReplaceLineEndings("\n"));

        DeckImportView applied = (await decks.ApplyDeckReportAsync(report.Id, acceptInvalid: false, "op", Stop)).Value!;
        Assert.Equal((report.After, 3), (applied.Version, applied.Rates));
        Assert.Equal(report.After, _host.Control.Deck("carriers")!.Version);
        Fault twice = (await decks.ApplyDeckReportAsync(report.Id, acceptInvalid: false, "op", Stop)).Fault!;
        Assert.Equal(FaultKind.Conflict, twice.Kind);
        Assert.Contains("was applied at", twice.Says, StringComparison.Ordinal);
        Assert.Equal("op", (await decks.DeckReportsAsync(Stop)).Reports.Single().Applied is { } ? (string?)(await decks.DeckReportAsync(report.Id, Stop)).Value!["appliedBy"] : null);
        Assert.Equal("prefix,destination,rate_per_min,connect_fee,first_interval,next_interval,locked\n39,Italy,0.01,0.00,1,1,0\n44,UK,0.05,0.00,1,1,0\n4420,London,0.08,0.00,1,1,0\n", Written((await decks.ExportDeckAsync("carriers", null, Stop)).Value!).ReplaceLineEndings("\n"));
        Assert.Equal(FaultKind.NotFound, (await decks.ExportDeckAsync("none", null, Stop)).Fault!.Kind);
    }

    [Fact]
    public async Task A_report_is_refused_when_rows_are_invalid_or_the_deck_has_changed_meanwhile()
    {
        await StartAsync();
        SwitchControl decks = _host!.Control;
        DeckReportView report = await ReportAsync("carriers", "code,rate\n44,0.05\n33,nothing\n");
        Assert.Equal((1, "row 3: the rate 'nothing' is no amount"), (report.Invalid, $"row {report.Faults[0].Row}: {report.Faults[0].Says}"));
        Fault invalid = (await decks.ApplyDeckReportAsync(report.Id, acceptInvalid: false, "op", Stop)).Fault!;
        Assert.Equal((FaultKind.Conflict, "1 rows of rates.csv cannot be read; look at them, and apply with acceptInvalid to leave their codes as they are."), (invalid.Kind, invalid.Says));
        DeckReportView other = await ReportAsync("carriers", "code,rate\n44,0.06\n33,0.03\n");
        Assert.NotNull((await decks.ApplyDeckReportAsync(report.Id, acceptInvalid: true, "op", Stop)).Value);
        Assert.Equal("0.03", new Money(_host.Control.Deck("carriers")!.Rates[0].Tariff.RatePerMinuteNanos, Currency.Usd).ToDecimalString());
        Assert.Equal("The deck carriers is another than it was when the file was read; read it again.", (await decks.ApplyDeckReportAsync(other.Id, acceptInvalid: true, "op", Stop)).Fault!.Says);
        foreach (string id in (string[])["000000000000", "../../etc/pw", "", "ABCDEF"]) Assert.Equal(FaultKind.NotFound, (await decks.ApplyDeckReportAsync(id, true, "op", Stop)).Fault!.Kind);

        JobView failed = await JobAsync(new DeckReportOrder(new SheetOrder("carriers", Currency.Usd), "x", 7, 0), "hello\n"u8.ToArray());
        Assert.Equal((JobState.Failed, true), (failed.State, failed.Says.StartsWith("no row of the first 100 has the headings of a code and a rate", StringComparison.Ordinal)));
        Assert.Equal(FaultKind.Conflict, (await decks.ReportDeckAsync(new DeckReportOrder(new SheetOrder("carriers", Currency.Parse("EUR")), "x", 7, 0), new MemoryStream("code,rate\n44,1"u8.ToArray()), "op", Stop)).Fault!.Kind);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "deck-reports"), "incoming-*"));
    }

    [Fact]
    public async Task A_real_deck_with_its_rates_raised_is_compared_line_by_line()
    {
        using var gz = new StreamReader(new GZipStream(File.OpenRead(SharedData.Path("az-rates-36k.csv.gz")), CompressionMode.Decompress));
        string csv = await gz.ReadToEndAsync(Stop);
        await StartAsync();
        DeckReportView all = await ReportAsync("world", csv);
        Assert.Equal((36_204, 36_204, 0), (all.Codes, all.New, all.Invalid));
        Assert.NotNull((await ((IDeckControl)_host!.Control).ApplyDeckReportAsync(all.Id, false, "op", Stop)).Value);
        string[] lines = csv.Split('\n');
        StringBuilder changed = new(lines[0] + "\n");
        int raised = 0;
        for (int i = 2; i < lines.Length; i++) // the first line is left out: one code is deleted
        {
            string[] cells = lines[i].TrimEnd('\r').Split(',');
            if (i % 100 == 0 && cells.Length == 6)
            {
                cells[2] = (decimal.Parse(cells[2], System.Globalization.CultureInfo.InvariantCulture) + 0.01m).ToString(System.Globalization.CultureInfo.InvariantCulture);
                raised++;
            }
            changed.Append(string.Join(',', cells)).Append('\n');
        }
        DeckReportView report = await ReportAsync("world", changed.ToString());
        Assert.Equal((raised, 0, 0, 1, 0, 0), (report.Increases, report.Decreases, report.New, report.Deleted, report.Renamed, report.Invalid));
        Assert.Equal(36_203 - raised, report.Unchanged);
    }

    [Fact]
    public async Task Only_the_last_fifty_reports_are_kept()
    {
        await StartAsync();
        DeckReportView first = await ReportAsync("carriers", "code,rate\n44,0.05\n");
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "deck-reports", first.Id + ".json"), DateTime.UnixEpoch);
        for (int i = 0; i < DeckReports.Kept; i++) await ReportAsync("carriers", $"code,rate\n44,0.1{i:D2}\n");
        Assert.Equal(DeckReports.Kept, (await ((IDeckControl)_host!.Control).DeckReportsAsync(Stop)).Reports.Count);
        Assert.Equal(FaultKind.NotFound, (await ((IDeckControl)_host.Control).DeckReportAsync(first.Id, Stop)).Fault!.Kind);
        Assert.Equal(2 * DeckReports.Kept, Directory.GetFiles(Path.Combine(_folder, "deck-reports")).Length);
    }

    private async Task StartAsync()
    {
        await HostAsync();
        Assert.Null((await _host!.Control.ApplyAsync("""
            {"decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.60"},{"prefix":"33","ratePerMinute":"0.60"}]},
                      {"name":"carriers","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.04"},{"prefix":"33","ratePerMinute":"0.03"}]}],
            "accounts":[{"account":"1001","currency":"USD","feeRateGroup":"retail"},{"account":"carrier","currency":"USD","type":"clearing","feeRateGroup":"carriers"}],
            "mappingGateways":[{"name":"cust","remoteIps":["192.0.2.1"],"account":"1001"}],"routingGateways":[{"name":"out","remoteIp":"192.0.2.9","clearingAccount":"carrier"}]}
            """u8.ToArray(), dryRun: false, "test", Stop)).Fault);
        Assert.Null((await _host.Control.PayAsync(new PaymentOrder("p1", "1001", 10 * Money.NanosPerUnit, ""), "test", Stop)).Fault);
    }

    private async Task CallAsync(string callee, int seconds) => Assert.NotNull((await ((IMoneyControl)_host!.Control).ChargeAsync(
        new ExternalCall { Mode = BillingMode.MappingGateway, Payer = "cust", Caller = "4930", Callee = callee, Start = _host.Clock.Now() - TimeSpan.FromHours(2), Seconds = seconds, CalleeGateway = "out" }, "op", Stop)).Value);

    private async Task<DeckReportView> ReportAsync(string deck, string file)
    {
        JobView job = await JobAsync(new DeckReportOrder(new SheetOrder(deck, Currency.Usd), "rates.csv", NoticeDays: 7, StakeDays: 7), Encoding.UTF8.GetBytes(file));
        Assert.True(job.State == JobState.Done, job.Says);
        return Assert.IsType<DeckReportView>(job.Result);
    }

    private async Task<JobView> JobAsync(DeckReportOrder order, byte[] file)
    {
        Answer<JobView> answer = await ((IDeckControl)_host!.Control).ReportDeckAsync(order, new MemoryStream(file), "op", Stop);
        Assert.Null(answer.Fault);
        JobView job = answer.Value!;
        while (job.State == JobState.Running)
        {
            await Task.Yield();
            job = (await _host.Control.JobAsync(job.Id, Stop)).Value!;
        }
        return job;
    }

    private static string Written(DeckText text)
    {
        var to = new StringWriter();
        text.Write(to);
        return to.ToString();
    }
}
