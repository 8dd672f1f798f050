using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Server.DeckSheets;
using Tandem.Server.Storage.Decks;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Hosting;

// Carriers' files: a report first, then perhaps the deck.
public sealed partial class SwitchControl : IDeckControl
{
    private readonly DeckReports _reports = new(host.Options.DataFolder);

    public async Task<Answer<JobView>> ReportDeckAsync(DeckReportOrder order, Stream file, string by, CancellationToken stop)
    {
        if (Deck(order.Sheet.Deck) is { } deck && deck.Currency != order.Sheet.Currency)
            return new Fault(FaultKind.Conflict, $"The deck {deck.Name} is in {deck.Currency}; a deck in {order.Sheet.Currency} has another name.");
        FileStream incoming;
        try
        {
            incoming = _reports.Incoming();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Fault(FaultKind.Unavailable, $"The file cannot be stored: {e.Message}");
        }
        bool begun = false;
        try
        {
            await file.CopyToAsync(incoming, stop);
            incoming.Position = 0;
            Answer<JobView> job = host.Jobs.Start("deck-report", by, new DeckReportWork(host, _reports, order, incoming, by).RunAsync);
            begun = job.Value is not null;
            return job;
        }
        catch (IOException e) when (e is not Microsoft.AspNetCore.Connections.ConnectionResetException && e.GetType() == typeof(IOException))
        {
            return new Fault(FaultKind.Unavailable, $"The file cannot be stored: {e.Message}");
        }
        finally
        {
            if (!begun) await incoming.DisposeAsync();
        }
    }

    public Task<DeckReportsView> DeckReportsAsync(CancellationToken stop) => Task.Run(() => new DeckReportsView(
    [
        .. _reports.List().Select(static r => new DeckReportHeadView((string)r["id"]!, (string)r["deck"]!, (string)r["fileName"]!, (string)r["by"]!, (string)r["at"]!, (string?)r["applied"],
            (int)r["rows"]!, (int)r["increases"]!, (int)r["decreases"]!, (int)r["new"]!, (int)r["deleted"]!, (int)r["invalid"]!)),
    ]), stop);

    public Task<Answer<JsonNode>> DeckReportAsync(string id, CancellationToken stop) => Task.Run<Answer<JsonNode>>(() => _reports.Find(id) is { } report ? report : NoReport(id), stop);

    public Task<Answer<DeckText>> DeckReportLinesAsync(string id, CancellationToken stop) => Task.Run<Answer<DeckText>>(() =>
    {
        if (_reports.Find(id) is not { } report || _reports.Deck(id, (string)report["deck"]!, (string)report["after"]!) is not { } after) return NoReport(id);
        Deck? before = (string?)report["before"] is { } version ? host.Shelf.Deck(version) : null;
        Instant at = Instant.FromUtc(DateTime.Parse((string)report["at"]!, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal));
        List<DeckChangeLine> changes = DeckRisk.Compare(before, after, at);
        return new DeckText(to => WriteLines(to, changes));
    }, stop);

    public async Task<Answer<DeckImportView>> ApplyDeckReportAsync(string id, bool acceptInvalid, string by, CancellationToken stop, int? onRevision = null)
    {
        await _oneChange.WaitAsync(stop);
        try
        {
            if (Stale(onRevision) is { } stale) return stale;
            if (_reports.Find(id) is not { } report) return NoReport(id);
            string name = (string)report["deck"]!;
            if ((string?)report["applied"] is { } when) return new Fault(FaultKind.Conflict, $"The report {id} was applied at {when} by {report["appliedBy"]}.");
            if ((int)report["invalid"]! is > 0 and var invalid && !acceptInvalid) return new Fault(FaultKind.Conflict, $"{invalid} rows of {report["fileName"]} cannot be read; look at them, and apply with acceptInvalid to leave their codes as they are.");
            Deck? before = Deck(name);
            if (before?.Version != (string?)report["before"]) return new Fault(FaultKind.Conflict, $"The deck {name} is another than it was when the file was read; read it again.");
            if (_reports.Deck(id, name, (string)report["after"]!) is not { } after) return new Fault(FaultKind.Conflict, $"The deck of report {id} is damaged; read the file again.");
            Answer<DeckImportView> taken = await TakeDeckAsync(new DeckImportOrder(name, after.Currency, DryRun: false), after, by);
            if (taken.Fault is null) _reports.Applied(report, by, host.Clock.Now());
            return taken;
        }
        finally
        {
            _oneChange.Release();
        }
    }

    public Task<Answer<DeckText>> ExportDeckAsync(string name, string? version, CancellationToken stop) => Task.Run<Answer<DeckText>>(() =>
    {
        if (Deck(name) is not { } deck) return new Fault(FaultKind.NotFound, $"There is no deck {DocumentNode.Printable(name)}.");
        if (version is not null)
        {
            if (host.Shelf.Named(version) is not { } named) return NoVersion(version);
            deck = named;
        }
        return new DeckText(to => DeckCsv.Write(to, deck));
    }, stop);

    public Task<DeckTemplatesView> DeckTemplatesAsync(CancellationToken stop) => Task.FromResult(new DeckTemplatesView(
    [
        .. host.Configuration.Current.Configuration.DeckTemplates.Values.Select(static t => new DeckTemplateView(t.Name, Own: true, t.Columns)),
        .. SheetHeadings.BuiltIn.Select(static b => new DeckTemplateView(b.Name, Own: false, [.. b.Columns.OrderBy(static c => c.Key).SelectMany(static c => c.Value.Select(h => $"{JsonNamingPolicy.CamelCase.ConvertName(c.Key.ToString())}={h}"))])),
    ]));

    private static void WriteLines(TextWriter to, List<DeckChangeLine> changes)
    {
        using CsvWriter csv = CsvWriter.Create(to, CsvWriterOptions.Default, leaveOpen: true);
        csv.WriteRecord(["code", "destination", "change", "from", "rate_before", "rate_after", "percent", "interval_before", "interval_after"]);
        foreach (DeckChangeLine change in changes.OrderBy(static c => c.Code.ToString(), StringComparer.Ordinal))
        {
            string Intervals(Rate? rate) => rate is { } r ? $"{r.Tariff.FirstSeconds}/{r.Tariff.NextSeconds}" : "";
            csv.WriteRecord(
            [
                change.Code.ToString(), change.Area, change.Kind.ToString(), RateText.Date(change.From), change.RateBefore?.ToDecimalString() ?? "", change.RateAfter?.ToDecimalString() ?? "",
                change.Percent?.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture) ?? "", Intervals(change.Before), Intervals(change.After),
            ]);
        }
    }

    private static Fault NoReport(string id) => new(FaultKind.NotFound, $"There is no report {DocumentNode.Printable(id)}; the last {DeckReports.Kept} are kept.");
}
