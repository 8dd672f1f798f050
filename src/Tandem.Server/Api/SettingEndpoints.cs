using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>Settings as they are, as they were, and back again.</summary>
internal sealed class SettingEndpoints(ApiParts parts)
{
    public void Map(RouteGroupBuilder v1)
    {
        v1.MapGet("/settings", SettingsAsync).Produces<SettingsView>().ProducesProblem(409).WithTags("settings").WithSummary("Every setting; with 'at' as it was then")
            .Paged(static (SettingsView v) => v.Settings, static r => r.Name, static (v, rows, next) => v with { Settings = rows, Next = next }, new ListFilter<SettingView>("name", static r => r.Name, Begins: true));
        v1.MapGet("/settings/history", HistoryAsync).Produces<SettingHistoryView>().WithTags("settings").WithSummary("Who changed which setting when")
            .PagedDown(static (SettingHistoryView v) => v.Changes, static r => $"{r.Revision:D10}\n{r.Name}", static (v, rows, next) => v with { Changes = rows, Next = next }, Array.Empty<ListFilter<AuditView>>());
        v1.MapGet("/settings/difference", DifferenceAsync).Produces<SettingDifferenceView>().ProducesProblem(409).WithTags("settings").WithSummary("Settings that differ between two times")
            .Paged(static (SettingDifferenceView v) => v.Changes, static r => r.Name, static (v, rows, next) => v with { Changes = rows, Next = next }, new ListFilter<SettingChangeView>("name", static r => r.Name, Begins: true));
        v1.MapPost("/settings/revert", (Delegate)RevertAsync).Accepts<SettingRevertRequest>("application/json").Produces<ApplyView>().ProducesProblem(404).ProducesProblem(409).WithTags("settings")
            .WithMetadata(new RequestSizeLimitAttribute(Endpoints.SmallBody)).WithSummary("Give one setting, or all, the values of a time")
            .WithDescription("One new revision, all of it or nothing. With 'dryRun' it is only said what would change.");
        v1.MapGet("/settings/{name}", SettingAsync).Produces<SettingView>().ProducesProblem(404).ProducesProblem(409).WithTags("settings").WithSummary("One setting, by name or alias; with 'at' as it was then");
        v1.MapPut("/settings/{name}", SetAsync).Accepts<SettingRequest>("application/json").Produces<SettingView>().ProducesProblem(404).WithTags("settings")
            .WithMetadata(new RequestSizeLimitAttribute(Endpoints.SmallBody)).WithSummary("Change a setting");
        v1.MapGet("/settings/{name}/history", SettingHistoryAsync).Produces<SettingHistoryView>().ProducesProblem(404).WithTags("settings").WithSummary("Changes of one setting")
            .PagedDown(static (SettingHistoryView v) => v.Changes, static r => $"{r.Revision:D10}\n{r.Name}", static (v, rows, next) => v with { Changes = rows, Next = next }, Array.Empty<ListFilter<AuditView>>());
    }

    private async Task<IResult> SettingsAsync(HttpContext http, [FromQuery, Description("The values of that time, instead of those in force")] string? at)
    {
        var reader = new RequestReader();
        Instant? then = reader.Time("at", at);
        return reader.Fault is { } fault ? Problems.Of(fault) : Endpoints.Show(await parts.Control.SettingsAsync(then, http.RequestAborted));
    }

    private async Task<IResult> SettingAsync(HttpContext http, string name, [FromQuery, Description("The value of that time, instead of the one in force")] string? at)
    {
        var reader = new RequestReader();
        Instant? then = reader.Time("at", at);
        return reader.Fault is { } fault ? Problems.Of(fault) : Endpoints.Show(await parts.Control.SettingAsync(name, then, http.RequestAborted));
    }

    private async Task<IResult> DifferenceAsync(HttpContext http, [FromQuery, Description("The earlier time")] string? from, [FromQuery, Description("The later time; left out: now")] string? to)
    {
        var reader = new RequestReader();
        Instant? first = reader.Time("from", reader.Required("from", from)), second = reader.Time("to", to);
        return reader.Fault is { } fault ? Problems.Of(fault) : Endpoints.Show(await parts.Control.SettingDifferenceAsync(first!.Value, second, http.RequestAborted));
    }

    private async Task<IResult> RevertAsync(HttpContext http)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<SettingRevertRequest>(await Endpoints.BodyAsync(http));
        Instant? at = reader.Fault is null ? reader.Time("at", reader.Required("at", body.GetValueOrDefault("at"))) : null;
        bool? dryRun = reader.Boolean("dryRun", body.GetValueOrDefault("dryRun"));
        return reader.Fault is { } fault
            ? Problems.Of(fault)
            : Endpoints.Show(await parts.Control.RevertSettingsAsync(body.GetValueOrDefault("name"), at!.Value, dryRun ?? false, Endpoints.By(http), http.RequestAborted, TagGate.Revision(http)));
    }

    private async Task<IResult> SetAsync(HttpContext http, string name)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<SettingRequest>(await Endpoints.BodyAsync(http), loose: true);
        if (reader.Fault is null && !body.ContainsKey("value")) reader.Wrong("value", "is missing"); // an empty text is a value
        return reader.Fault is { } fault ? Problems.Of(fault) : Endpoints.Show(await parts.Control.SetSettingAsync(name, body["value"], Endpoints.By(http), http.RequestAborted, TagGate.Revision(http)));
    }

    private async Task<IResult> HistoryAsync(CancellationToken stop) => Endpoints.Show(await parts.Control.SettingHistoryAsync(null, stop));

    private async Task<IResult> SettingHistoryAsync(HttpContext http, string name) => Endpoints.Show(await parts.Control.SettingHistoryAsync(name, http.RequestAborted));
}
