using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Tandem.Primitives;
using Tandem.Server.Access;
using Tandem.Server.CdrDelivery;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Server.Api;

/// <summary>Which calls, as a request's query says it.</summary>
internal sealed class CdrAsk
{
    [FromQuery(Name = "since"), Description("Ended at or after this time")] public string? Since { get; set; }
    [FromQuery(Name = "until"), Description("Ended before this time")] public string? Until { get; set; }
    [FromQuery(Name = "account"), Description("Number of the account that paid or was cleared")] public string? Account { get; set; }
    [FromQuery(Name = "gateway"), Description("Mapping or routing gateway")] public string? Gateway { get; set; }
    [FromQuery(Name = "callerGateway"), Description("Mapping gateway")] public string? CallerGateway { get; set; }
    [FromQuery(Name = "calleeGateway"), Description("Routing gateway")] public string? CalleeGateway { get; set; }
    [FromQuery(Name = "caller"), Description("How the caller's number begins")] public string? Caller { get; set; }
    [FromQuery(Name = "callee"), Description("How the called number begins")] public string? Callee { get; set; }
    [FromQuery(Name = "answered"), Description("true or false")] public string? Answered { get; set; }
    [FromQuery(Name = "endReason"), Description("SIP status, Q.850 cause or negative reason")] public string? EndReason { get; set; }
    [FromQuery(Name = "endDirection"), Description("0 caller, 1 callee, 2 server")] public string? EndDirection { get; set; }
    [FromQuery(Name = "minSeconds"), Description("Talked at least so long")] public string? MinSeconds { get; set; }
    [FromQuery(Name = "maxSeconds"), Description("Talked at most so long")] public string? MaxSeconds { get; set; }
    [FromQuery(Name = "minCost"), Description("The payer was charged at least this")] public string? MinCost { get; set; }
    [FromQuery(Name = "maxCost"), Description("The payer was charged at most this")] public string? MaxCost { get; set; }

    public CdrQuery Read(RequestReader reader)
    {
        int? direction = reader.Integer("endDirection", EndDirection);
        if (direction is < 0 or > 2) reader.Wrong("endDirection", "must be 0 (caller), 1 (callee) or 2 (server)");
        return new CdrQuery
        {
            Since = reader.Time("since", Since),
            Until = reader.Time("until", Until),
            Account = Account,
            Gateway = Gateway,
            CallerGateway = CallerGateway,
            CalleeGateway = CalleeGateway,
            CallerPrefix = Caller,
            CalleePrefix = Callee,
            Answered = reader.Boolean("answered", Answered),
            EndReason = reader.Integer("endReason", EndReason),
            EndDirection = (EndDirection?)direction,
            MinSeconds = reader.Integer("minSeconds", MinSeconds),
            MaxSeconds = reader.Integer("maxSeconds", MaxSeconds),
            MinAmountNanos = Amount(reader, "minCost", MinCost),
            MaxAmountNanos = Amount(reader, "maxCost", MaxCost),
        };
    }

    private static long? Amount(RequestReader reader, string field, string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (Money.TryParseNanos(text, out long nanos)) return nanos;
        reader.Wrong(field, $"'{text}' is no amount: 12.50 is needed, with at most nine decimals");
        return null;
    }
}

/// <summary>Finished calls over HTTP: pages, one call, sums, analysis, exports. SERVER_QUERY_… bound each, in words.</summary>
internal sealed class CdrEndpoints(ApiParts parts)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public void Map(RouteGroupBuilder v1)
    {
        v1.MapGet("/cdrs", PageAsync).Produces<CdrsView>().WithTags("cdrs").WithSummary("Finished calls, newest first")
            .WithDescription("By the end of the call; one day up to now unless said otherwise. Page with 'cursor'.");
        v1.MapGet("/cdrs/sums", SumsAsync).Produces<CdrSumsView>().WithTags("cdrs").WithSummary("What calls come to: how many, how long, charged by currency")
            .WithDescription("With 'since' and 'until' on the hour, and gateways, reasons and directions alone, it is answered from the sums of the hours, however many calls there are.");
        v1.MapGet("/cdrs/analysis", AnalysisAsync).Produces<CdrAnalysisView>().WithTags("cdrs").WithSummary("ASR, ACD, PDD, NER, short calls and who hung up, by gateway, customer, destination, reason, hour or day")
            .Paged(static (CdrAnalysisView v) => v.Rows, static r => r.Key, static (v, rows, next) => v with { Rows = rows, Next = next }, Array.Empty<ListFilter<CdrAnalysisRow>>());
        v1.MapGet("/cdrs/export", ExportAsync).Produces<string>(200, "text/csv").WithTags("cdrs").WithSummary("Calls as CSV or XLSX")
            .WithDescription("Newest first, every field. X-Total-Count says how many come; closing the connection ends it. 'mask' hides the end of numbers.");
        v1.MapGet("/cdrs/{id}", OneAsync).Produces<CdrView>().ProducesProblem(404).WithTags("cdrs").WithSummary("One finished call");
    }

    private async Task<IResult> PageAsync(HttpContext http, [AsParameters] CdrAsk ask,
        [FromQuery, Description("Rows in this page")] string? limit,
        [FromQuery, Description("'next' of the page before")] string? cursor)
    {
        var reader = new RequestReader();
        CdrCursor after = default;
        string? says = PagedLists.Cursor(reader, cursor);
        if (says is not null && !CdrCursor.TryParse(says, out after)) PagedLists.NoCursor(reader);
        CdrQuery query = ask.Read(reader) with { Limit = reader.Integer("limit", limit), After = says is null ? null : after };
        Instant now = parts.Now();
        if (Refuse(reader, query, now) is { } refused) return refused;
        await CaughtUpAsync(http);
        CdrPage page = await parts.Cdrs.QueryAsync(query, now, http.RequestAborted);
        IReadOnlyList<CdrView> shown = TenantViews.Of(await parts.Control.WithCorrectionsAsync(page.Cdrs, http.RequestAborted), Asker.Of(http)!, parts.Control.InForce.Configuration);
        return Results.Ok(new CdrsView(shown, page.Next is { } next ? PagedLists.Cursor(next.ToString()) : null));
    }

    private async Task<IResult> OneAsync(HttpContext http, string id)
    {
        if (!CallId.TryParse(id, out CallId call)) return Problems.Of(new Fault(FaultKind.Invalid, $"'{id}' is no call id: thirteen letters and digits are needed"));
        await CaughtUpAsync(http);
        if (await parts.Cdrs.FindAsync(call, http.RequestAborted) is { } cdr
            && TenantViews.Of(await parts.Control.WithCorrectionsAsync([cdr], http.RequestAborted), Asker.Of(http)!, parts.Control.InForce.Configuration) is [var shown])
        {
            return Results.Ok(shown);
        }
        return Problems.Of(new Fault(FaultKind.NotFound, $"no call {id} has ended here"));
    }

    private async Task<IResult> SumsAsync(HttpContext http, [AsParameters] CdrAsk ask)
    {
        var reader = new RequestReader();
        CdrQuery query = ask.Read(reader);
        Instant now = parts.Now();
        if (Refuse(reader, query, now) is { } refused) return refused;
        await CaughtUpAsync(http);
        return Results.Ok(CdrSumsView.Of(await parts.Cdrs.SumAsync(query, now, http.RequestAborted), parts.Profit()));
    }

    private async Task<IResult> AnalysisAsync(HttpContext http,
        [FromQuery, Description("callerGateway, calleeGateway, customer, destination, endReason, hour or day")] string? by,
        [FromQuery, Description("From this hour on")] string? since,
        [FromQuery, Description("Up to this hour")] string? until,
        [FromQuery, Description("Leave out rows of fewer calls")] string? minCalls,
        [FromQuery, Description("serverHangUps or shortCalleeHangUps: only rows that show it")] string? pattern)
    {
        var reader = new RequestReader();
        var query = new CdrQuery { Since = reader.Time("since", since), Until = reader.Time("until", until) };
        AnalysisBy what = Word(reader, "by", by, AnalysisBy.CallerGateway);
        FraudPattern shows = Word(reader, "pattern", pattern, FraudPattern.None);
        int least = reader.Integer("minCalls", minCalls) ?? (shows == FraudPattern.None ? 1 : 20);
        Instant now = parts.Now();
        if (Refuse(reader, query, now) is { } refused) return refused;
        await CaughtUpAsync(http);
        (Instant from, Instant to) = query.Range(now);
        from = Hour(from, up: false);
        to = Hour(to, up: true);
        return Results.Ok(new CdrAnalysisView(from, to, what, shows, await parts.Cdrs.AnalyseAsync(new CdrAnalysis(what, from, to, least, shows), http.RequestAborted)));
    }

    private async Task<IResult> ExportAsync(HttpContext http, [AsParameters] CdrAsk ask,
        [FromQuery, Description("csv or xlsx")] string? format,
        [FromQuery, Description("true: the last four digits of every number are hidden")] string? mask)
    {
        var reader = new RequestReader();
        CdrQuery query = ask.Read(reader);
        bool masked = reader.Boolean("mask", mask) ?? false;
        if (format is not (null or "csv" or "xlsx")) reader.Wrong("format", "must be csv or xlsx");
        Instant now = parts.Now();
        if (Refuse(reader, query, now) is { } refused) return refused;
        await CaughtUpAsync(http);
        (Instant since, Instant until) = query.Range(now);
        query = query with { Since = since, Until = until };
        long total = (await parts.Cdrs.SumAsync(query, now, http.RequestAborted)).Calls;
        long most = format == "xlsx" ? Math.Min(CdrExport.MostSheetRows, parts.QueryLimits().MaxSize) : parts.QueryLimits().MaxSize;
        if (total > most) return Problems.Of(new Fault(FaultKind.Invalid, $"that are {total} calls; {(most == CdrExport.MostSheetRows ? "a sheet has room for" : "SERVER_QUERY_MAX_SIZE permits")} {most}. Ask for fewer days at a time."));
        http.Response.Headers["X-Total-Count"] = total.ToString(System.Globalization.CultureInfo.InvariantCulture);
        IAsyncEnumerable<Cdr> calls = parts.Cdrs.AllAsync(query, now, most, http.RequestAborted);
        return format == "xlsx"
            ? Results.Stream(to => CdrExport.WriteXlsxAsync(to, calls, masked, http.RequestAborted), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "cdrs.xlsx")
            : Results.Stream(to => CdrExport.WriteCsvAsync(to, calls, masked, http.RequestAborted), "text/csv; charset=utf-8", "cdrs.csv");
    }

    private IResult? Refuse(RequestReader reader, CdrQuery query, Instant now)
    {
        QuerySettings limits = parts.QueryLimits();
        foreach (FieldFault limited in query.Faults(limits, now)) reader.Wrong(limited.Field, limited.Says);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        return query.Denied(limits, now, TimeZoneInfo.Local) is { } denied ? Problems.Of(new Fault(FaultKind.Unavailable, denied)) : null;
    }

    private Task CaughtUpAsync(HttpContext http) => parts.Projector?.CaughtUpAsync(Patience, http.RequestAborted) ?? Task.CompletedTask;

    private static T Word<T>(RequestReader reader, string field, string? text, T none)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text)) return none;
        if (char.IsAsciiLetter(text[0]) && Enum.TryParse(text, ignoreCase: true, out T value)) return value;
        reader.Wrong(field, $"'{text}' is none of {string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName))}");
        return none;
    }

    private static Instant Hour(Instant at, bool up)
    {
        const long Hour = 3_600_000_000;
        long rest = at.Micros % Hour;
        return new Instant(at.Micros - rest + (up && rest > 0 ? Hour : 0));
    }
}
