using System.ComponentModel;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Tandem.Server.Configuration;
using Tandem.Server.DeckSheets;

namespace Tandem.Server.Api;

/// <summary>Carriers' files: reports on them, applying one; decks as CSV.</summary>
internal sealed class DeckEndpoints(IDeckControl decks)
{
    private const int FileBody = 256 * 1024 * 1024;
    private const int MostDays = 366;

    public void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/v1").AddEndpointFilterFactory(Endpoints.RefuseUnknownQuery).WithTags("money");
        v1.ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
        v1.MapPost("/deck-reports", ReportAsync).Accepts<string>("application/octet-stream").Produces<JobView>(202).WithMetadata(new RequestSizeLimitAttribute(FileBody))
            .WithSummary("Read a carrier's file and tell what it would change").WithDescription("CSV or .xlsx as carriers send them (docs/deck-import.md). Nothing is changed. The answer is a job: its result is the report, which is kept.");
        v1.MapGet("/deck-reports", ReportsAsync).Produces<DeckReportsView>().WithSummary("Reports on carriers' files, newest first")
            .PagedDown(static (DeckReportsView v) => v.Reports, static r => $"{r.At}\n{r.Id}", static (v, rows, next) => v with { Reports = rows, Next = next }, new ListFilter<DeckReportHeadView>("deck", static r => r.Deck));
        v1.MapGet("/deck-reports/{id}", FindAsync).Produces<DeckReportView>().ProducesProblem(404).WithSummary("A report");
        v1.MapGet("/deck-reports/{id}/lines", LinesAsync).Produces<string>(200, "text/csv").ProducesProblem(404).WithSummary("Every code a report speaks of, as CSV");
        v1.MapPost("/deck-reports/{id}/apply", ApplyAsync).Produces<DeckImportView>().ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Make what a report speaks of the deck in force").WithDescription("Refused when the deck is another than it was when the file was read; and with rows that cannot be read, unless acceptInvalid is true.");
        v1.MapGet("/decks/{name}/rates", ExportAsync).Produces<string>(200, "text/csv").ProducesProblem(404).WithSummary("A deck as CSV, as it can be imported again");
        v1.MapGet("/deck-templates", TemplatesAsync).Produces<DeckTemplatesView>().WithSummary("Layouts of carriers' files that are known")
            .Paged(static (DeckTemplatesView v) => v.Templates, static r => $"{(r.Own ? 0 : 1)}\n{r.Name}", static (v, rows, next) => v with { Templates = rows, Next = next }, new ListFilter<DeckTemplateView>("name", static r => r.Name, Begins: true));
    }

    private async Task<IResult> ReportAsync(HttpContext http,
        [FromQuery, Description("Name of the deck")] string? deck,
        [FromQuery, Description("Currency of its rates, as in USD")] string? currency,
        [FromQuery, Description("What people call the file; kept with the report")] string? fileName,
        [FromQuery, Description("By this template alone; left out: by whichever fits best")] string? template,
        [FromQuery, Description("The sheet of a workbook; left out: the first")] string? sheet,
        [FromQuery, Description("point or comma; left out: found out")] string? @decimal,
        [FromQuery, Description("dmy, mdy or ymd; left out: found out")] string? dates,
        [FromQuery, Description("whole, or split: the country's code goes before each code; left out: found out")] string? codes,
        [FromQuery, Description("all: codes that are not in the file are no longer offered; changes: they stay; left out: as the template says, else all")] string? rows,
        [FromQuery, Description("From when rows without a date hold; left out: at once")] string? from,
        [FromQuery, Description("A code that becomes dearer sooner is too early; 7")] string? noticeDays,
        [FromQuery, Description("So many days of calls are priced both ways; 7, and 0 for none")] string? stakeDays)
    {
        var reader = new RequestReader();
        string Word(string field, string? text, params string[] words)
        {
            if (!string.IsNullOrEmpty(text) && !words.Contains(text)) reader.Wrong(field, $"'{DocumentNode.Printable(text)}' is none of {string.Join(", ", words)}");
            return text ?? "";
        }
        int Days(string field, string? text)
        {
            int days = reader.Integer(field, text) ?? 7;
            if (days is < 0 or > MostDays) reader.Wrong(field, $"must be 0 to {MostDays}");
            return days;
        }
        string name = reader.Required("deck", deck);
        if (name.Length > 0 && EntityKinds.WrongName(name) is { } wrong) reader.Wrong("deck", wrong);
        var order = new DeckReportOrder(
            new SheetOrder(name, reader.Currency("currency", currency))
            {
                Template = template ?? "", Sheet = sheet ?? "", From = reader.Date("from", from), Decimal = Word("decimal", @decimal, "point", "comma"), Dates = Word("dates", dates, "dmy", "mdy", "ymd"),
                Codes = Word("codes", codes, "whole", "split"), Rows = Word("rows", rows, "all", "changes"),
            },
            fileName is { Length: > 0 } ? DocumentNode.Printable(fileName) : "", Days("noticeDays", noticeDays), Days("stakeDays", stakeDays));
        if (reader.Fault is { } fault) return Problems.Of(fault);
        return Endpoints.Accepted(await decks.ReportDeckAsync(order, http.Request.Body, Endpoints.By(http), http.RequestAborted));
    }

    private async Task<IResult> ReportsAsync(CancellationToken stop) => Results.Ok(await decks.DeckReportsAsync(stop));

    private async Task<IResult> FindAsync(HttpContext http, string id) => Endpoints.Show(await decks.DeckReportAsync(id, http.RequestAborted));

    private async Task<IResult> LinesAsync(HttpContext http, string id) => Text(http, await decks.DeckReportLinesAsync(id, http.RequestAborted));

    private async Task<IResult> ApplyAsync(HttpContext http, string id, [FromQuery, Description("true: although rows cannot be read; their codes stay as they are")] string? acceptInvalid)
    {
        var reader = new RequestReader();
        bool accept = reader.Boolean("acceptInvalid", acceptInvalid) ?? false;
        return reader.Fault is { } fault ? Problems.Of(fault) : Endpoints.Show(await decks.ApplyDeckReportAsync(id, accept, Endpoints.By(http), http.RequestAborted, TagGate.Revision(http)));
    }

    private async Task<IResult> ExportAsync(HttpContext http, string name, [FromQuery, Description("This version, or the first digits of it; left out: the one in force")] string? version) =>
        Text(http, await decks.ExportDeckAsync(name, string.IsNullOrEmpty(version) ? null : version, http.RequestAborted));

    private async Task<IResult> TemplatesAsync(CancellationToken stop) => Results.Ok(await decks.DeckTemplatesAsync(stop));

    private static IResult Text(HttpContext http, Answer<DeckText> answer)
    {
        if (answer.Fault is { } fault) return Problems.Of(fault);
        if (http.Features.Get<IHttpBodyControlFeature>() is { } control) control.AllowSynchronousIO = true;
        return Results.Stream(to => Task.Run(() =>
        {
            using var writer = new StreamWriter(to, new System.Text.UTF8Encoding(false), 1 << 16, leaveOpen: true);
            answer.Value!.Write(writer);
        }, http.RequestAborted), "text/csv; charset=utf-8");
    }
}
