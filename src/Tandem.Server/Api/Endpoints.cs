using System.ComponentModel;
using System.Text.Json;
using System.Security.Cryptography;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using Tandem.Primitives;
using Tandem.Server.Access;
using Tandem.Server.Configuration;
using Tandem.Server.Alarms;
using Tandem.Server.CdrDelivery;
using Tandem.Server.Storage;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Microsoft.AspNetCore.Http.Features;
using Tandem.Switching.Settings;

namespace Tandem.Server.Api;

/// <summary>What the API stands on.</summary>
public sealed record ApiParts
{
    public required ISwitchControl Control { get; init; }

    public required ICdrStore Cdrs { get; init; }

    /// <summary>So that a call that just ended is seen; null when there is none (tests).</summary>
    public CdrProjector? Projector { get; init; }

    public required Func<QuerySettings> QueryLimits { get; init; }

    /// <summary>What profit is, where calls are summed up.</summary>
    public Func<Tandem.Switching.Settings.ProfitFormula> Profit { get; init; } = static () => default;

    public required Func<Instant> Now { get; init; }

    /// <summary>SERVER_LOGIN_FAILED_DISABLE_TIME, SERVER_PASSWORD_LENGTH and others.</summary>
    public Func<AuthenticationSettings> Authentication { get; init; } = static () => new AuthenticationSettings();

    public required AlarmBook Alarms { get; init; }

    /// <summary>Where what happens is told.</summary>
    public Events.EventBook Events { get; init; } = new();

    /// <summary>Sounds of voice menus.</summary>
    public required AudioStore Audio { get; init; }

    /// <summary>What is asked and done of money beyond payments.</summary>
    public required IMoneyControl Money { get; init; }

    /// <summary>What is asked and done of carriers' files and whole decks.</summary>
    public required IDeckControl Decks { get; init; }
}

/// <summary>Version 1 of the API: reads each request whole, asks the switch, shows the answer. docs/api.md lists it.</summary>
internal sealed class Endpoints(ApiParts parts, SecondPerson persons)
{
    internal const int SmallBody = 64 * 1024;
    private const int DocumentBody = 64 * 1024 * 1024;
    private const int DeckBody = 256 * 1024 * 1024;
    private static readonly TimeSpan PatienceForCdrs = TimeSpan.FromSeconds(2);

    public void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/v1").AddEndpointFilterFactory(RefuseUnknownQuery);
        v1.ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);

        v1.MapPost("/apply", ApplyAsync).Accepts<object>("application/json").Produces<ApplyView>().WithTags("configuration")
            .WithMetadata(new RequestSizeLimitAttribute(DocumentBody))
            .WithSummary("Apply a document").WithDescription("Accounts, decks, gateways, phones and settings in one JSON document (docs/configuration.md): all of it or nothing. The same document twice changes nothing the second time.");
        v1.MapGet("/configuration", (Delegate)ConfigurationAsync).Produces<ConfigurationView>().WithTags("configuration").WithSummary("The configuration in force, as a document");

        v1.MapGet("/calls", (Delegate)CallsAsync).Produces<CallsView>().WithTags("calls").WithSummary("Calls in progress, oldest first")
            .Paged(static (CallsView v) => v.Calls, static r => r.Id.ToString(), static (v, rows, next) => v with { Calls = rows, Next = next }, new("account", static r => r.Account), new("caller", static r => r.Caller, Begins: true), new("callee", static r => r.Callee, Begins: true), new("callerGateway", static r => r.CallerGateway), new("calleeGateway", static r => r.CalleeGateway), new("state", static r => r.State));
        v1.MapDelete("/calls/{id}", DropAsync).Produces<CallView>().ProducesProblem(404).WithTags("calls").WithSummary("End a call");
        v1.MapPost("/callbacks", (Delegate)CallBackAsync).Accepts<CallbackRequest>("application/json").Produces<CallbackView>(201).ProducesProblem(404).ProducesProblem(409).WithTags("calls").WithMetadata(new RequestSizeLimitAttribute(SmallBody))
            .WithSummary("Call one end, then the other, and join them").WithDescription("Two calls with their own records and payers (docs/callbacks.md). The call that is given back is the first; ending it ends both.");
        v1.MapPost("/callbacks/reservations", (Delegate)ReserveCalleeAsync).Accepts<ReservationRequest>("application/json").Produces<ReservationView>(201).ProducesProblem(404).WithTags("calls").WithMetadata(new RequestSizeLimitAttribute(SmallBody))
            .WithSummary("Say for whom a caller's next call to an access number is");
        v1.MapPost("/calls/{id}/recording", RecordAsync).Produces<CallView>().ProducesProblem(404).ProducesProblem(409).WithTags("calls").WithSummary("Begin to record a call");
        v1.MapDelete("/calls/{id}/recording", StopRecordingAsync).Produces<CallView>().ProducesProblem(404).WithTags("calls").WithSummary("End the recording of a call");
        v1.MapGet("/why/{id}", WhyAsync).Produces<WhyView>(200, "application/json", "text/plain").ProducesProblem(404).WithTags("calls")
            .WithSummary("Why a call went as it did").WithDescription("Live or finished: every decision with its reason, the SIP ladder, the price in steps. As text with Accept: text/plain.");
        v1.MapGet("/route", RouteAsync).Produces<RouteView>(200, "application/json", "text/plain").ProducesProblem(404).ProducesProblem(409).WithTags("calls")
            .WithSummary("What would be done with a call").WithDescription("By the decision a real call gets, told in the same words; with 'at' by the configuration of that time. As text with Accept: text/plain.");
        v1.MapPost("/what-if", WhatIfAsync).Accepts<object>("application/json", "text/csv").Produces<JobView>(202).WithTags("calls")
            .WithMetadata(new RequestSizeLimitAttribute(DeckBody))
            .WithSummary("Make the calls of the last days again, as if a document or a deck had been in force").WithDescription("The body is a document as for /v1/apply, or with 'deck' and 'currency' a CSV deck. Nothing is changed. The answer is a job: its result has calls moved and margins before and after, per customer, carrier and destination (docs/what-if.md).");
        v1.MapGet("/jobs", JobsAsync).Produces<JobsView>().WithTags("watching").WithSummary("Long questions under way and the last answers")
            .PagedDown(static (JobsView v) => v.Jobs, static r => $"{PagedLists.Key(r.Started)}\n{r.Id}", static (v, rows, next) => v with { Jobs = rows, Next = next }, new("what", static r => r.What), new("state", static r => r.State.ToString()));
        v1.MapGet("/jobs/{id}", JobAsync).Produces<JobView>().ProducesProblem(404).WithTags("watching").WithSummary("One job: how far it is, and its result");
        v1.MapDelete("/jobs/{id}", CancelJobAsync).Produces<JobView>().ProducesProblem(404).WithTags("watching").WithSummary("Cancel a job");
        v1.MapGet("/quality", QualityAsync).Produces<QualitiesView>().WithTags("calls").WithSummary("Answer rate, effectiveness, talk, delay and breaker of gateways; of one gateway with its destinations")
            .Paged(static (QualitiesView v) => v.Quality, static r => $"{r.Gateway}\n{r.Destination}", static (v, rows, next) => v with { Quality = rows, Next = next }, new ListFilter<QualityView>("state", static r => r.State));
        v1.MapGet("/gateways", GatewaysAsync).Produces<GatewaysView>().WithTags("calls").WithSummary("Gateways as they stand: addresses, where host names lead, lines in use, whether they answer OPTIONS, whether they rest")
            .Paged(static (GatewaysView v) => [.. v.RoutingGateways, .. v.MappingGateways], static r => $"{KindOf(r)}\n{NameOf(r)}",
                static (v, rows, next) => new GatewaysView([.. rows.OfType<GatewayView>()], [.. rows.OfType<MappingGatewayView>()], next), new ListFilter<object>("name", NameOf, Begins: true), new("kind", KindOf));
        v1.MapGet("/trunks", TrunksAsync).Produces<TrunksView>().WithTags("calls").WithSummary("Our registrations at carriers")
            .Paged(static (TrunksView v) => v.Trunks, static r => $"{r.Gateway}\n{r.RegisterName}", static (v, rows, next) => v with { Trunks = rows, Next = next }, new("gateway", static r => r.Gateway), new("state", static r => r.State));
        v1.MapGet("/registrations", (Delegate)RegistrationsAsync).Produces<RegistrationsView>().WithTags("calls").WithSummary("Phones registered now")
            .Paged(static (RegistrationsView v) => v.Registrations, static r => $"{r.Phone}\n{r.Contact}", static (v, rows, next) => v with { Registrations = rows, Next = next }, new ListFilter<RegistrationView>("phone", static r => r.Phone, Begins: true));

        v1.MapGet("/blocked", BlockedAsync).Produces<BlockedListView>().WithTags("calls").WithSummary("Addresses and phones blocked after wrong passwords")
            .Paged(static (BlockedListView v) => v.Blocked, static r => $"{r.Who}\n{r.Kind}", static (v, rows, next) => v with { Blocked = rows, Next = next }, new ListFilter<BlockedView>("kind", static r => r.Kind));
        v1.MapDelete("/blocked/{who}", ReleaseAsync).Produces<BlockedView>().ProducesProblem(404).WithTags("calls").WithSummary("End a block");

        v1.MapGet("/blacklist", BlackListAsync).Produces<BlackListView>().WithTags("numbers").WithSummary("Numbers on dynamic black lists")
            .Paged(static (BlackListView v) => v.Entries, static r => $"{r.Number}\n{r.List}\n{r.Kind}", static (v, rows, next) => v with { Entries = rows, Next = next }, new("number", static r => r.Number, Begins: true), new("kind", static r => r.Kind), new("list", static r => r.List));
        v1.MapDelete("/blacklist/{number}", BlackListReleaseAsync).Produces<BlackListView>().ProducesProblem(404).WithTags("numbers").WithSummary("Take a number off the dynamic black lists");
        v1.MapGet("/ported-numbers", PortedTableAsync).Produces<PortedTableView>().WithTags("numbers").WithSummary("The local table of ported numbers");
        v1.MapGet("/ported-numbers/{number}", PortedNumberAsync).Produces<PortedNumberView>().WithTags("numbers").WithSummary("What is known of one number");
        v1.MapPost("/ported-numbers", (Delegate)ImportPortedAsync).Accepts<string>("text/csv").Produces<PortedTableView>().ProducesProblem(409).WithTags("numbers").WithMetadata(new DisableRequestSizeLimitAttribute())
            .WithSummary("Import ported numbers").WithDescription("CSV lines number,routing in any order, of any length of file. All of it or nothing; every error with its line. The table in use stays until the new one is whole.");
        v1.MapDelete("/ported-numbers", (Delegate)RemovePortedAsync).Produces<PortedTableView>().WithTags("numbers").WithSummary("Do without the local table");

        new CdrEndpoints(parts).Map(v1);

        v1.MapGet("/accounts", (Delegate)AccountsAsync).Produces<AccountsView>().WithTags("money").WithSummary("Accounts with their money")
            .Paged(static (AccountsView v) => v.Accounts, static r => r.Number, static (v, rows, next) => v with { Accounts = rows, Next = next }, new("number", static r => r.Number, Begins: true), new("name", static r => r.Name, Begins: true), new("kind", static r => r.Kind), new("currency", static r => r.Currency.ToString()), new("deck", static r => r.Deck), new("locked", static r => r.Locked ? "true" : "false"));
        v1.MapGet("/accounts/{number}", AccountAsync).Produces<AccountView>().ProducesProblem(404).WithTags("money").WithSummary("One account");
        v1.MapPost("/payments", (Delegate)PayAsync).Accepts<PaymentRequest>("application/json").Produces<PaymentView>(201).Produces<PaymentView>().Produces<PendingPaymentView>(202).ProducesProblem(404).ProducesProblem(409)
            .WithTags("money").WithMetadata(new RequestSizeLimitAttribute(SmallBody))
            .WithSummary("Book a payment").WithDescription("Once per id: 201 when it was booked, 200 when it had been before, 409 when the id was used for another payment; 202 when it waits for a second person (SERVER_PAYMENT_CONFIRM_ABOVE).");
        v1.MapPost("/decks", ImportDeckAsync).Accepts<string>("text/csv").Produces<DeckImportView>().WithTags("money")
            .WithMetadata(new RequestSizeLimitAttribute(DeckBody))
            .WithSummary("Import a deck").WithDescription("CSV with the columns prefix, destination, rate_per_min, connect_fee, first_interval, next_interval. All of it or nothing; every error with its line.");
        v1.MapPost("/rerate", RerateAsync).Produces<JobView>(202).Produces<PendingPaymentView>().WithTags("money").WithSummary("Rate the calls of a time again by a deck put right")
            .WithDescription("What is wrong is given back and charged anew by payments that name the call (docs/rerating.md). Without apply=true nothing is changed. The answer is a job (202): its result has the difference per account; 200: nothing is begun, with apply=true it waits for a second person (SERVER_PAYMENT_CONFIRM_ABOVE).");
        v1.MapGet("/decks/{name}/versions", DeckVersionsAsync).Produces<DeckVersionsView>().WithTags("money").WithSummary("Versions of a deck: past, current and future")
            .PagedDown(static (DeckVersionsView v) => v.Versions, static r => PagedLists.Key(r.From), static (v, rows, next) => v with { Versions = rows, Next = next }, new ListFilter<DeckVersionView>("state", static r => r.State));
        v1.MapGet("/deck-versions/{version}/difference", DeckDifferenceAsync).Produces<DeckDifferenceView>().WithTags("money").WithSummary("What differs between two deck versions")
            .WithDescription("From the version in the path to the one in 'to', each by its content address or the first digits of it.");
        v1.MapGet("/decks", DecksAsync).Produces<DecksView>().WithTags("money").WithSummary("Decks in force")
            .Paged(static (DecksView v) => v.Decks, static r => r.Name, static (v, rows, next) => v with { Decks = rows, Next = next }, new ListFilter<DeckView>("name", static r => r.Name, Begins: true));

        new SettingEndpoints(parts).Map(v1);

        v1.MapGet("/alarms", Alarms).Produces<AlarmsView>().WithTags("watching").WithSummary("Alarms that stand, the worst first, and the last that are over")
            .Paged(static (AlarmsView v) => [.. v.Standing, .. v.Cleared], KeyOf, static (v, rows, next) => new AlarmsView([.. rows.Where(static r => r.Cleared is null)], [.. rows.Where(static r => r.Cleared is not null)], next), new ListFilter<AlarmView>("kind", static r => r.Kind), new("level", static r => r.Level));
        v1.MapPost("/alarms/{id}/confirm", ConfirmAlarm).Produces<AlarmView>().ProducesProblem(404).WithTags("watching").WithSummary("Say that an alarm was seen");
        v1.MapGet("/check", CheckAsync).Produces<CheckView>().WithTags("watching").WithSummary("Compare the live state with the journal");
        v1.MapGet("/journal", JournalAsync).Produces<JournalView>().WithTags("watching").WithSummary("How far the journal is, and how far those that read it");
        v1.MapGet("/status", StatusAsync).Produces<StatusView>().WithTags("watching").WithSummary("Counters and warnings");

        app.MapGet("/health", Health).Produces<HealthView>().Produces<HealthView>(503).WithTags("watching").WithSummary("Whether new calls are accepted; needs no token");
    }

    // As the whole list stands: what is worst and oldest first, then what is over, the newest first.
    private static string KeyOf(AlarmView alarm) => alarm.Cleared is { } over
        ? $"1\n{PagedLists.Key(new Instant(long.MaxValue - over.Micros))}\n{int.MaxValue - alarm.Id:D10}"
        : $"0\n{AlarmLevel.Critical - Enum.Parse<AlarmLevel>(alarm.Level)}\n{PagedLists.Key(alarm.Raised)}\n{alarm.Id:D10}";

    private static string KindOf(object gateway) => gateway is GatewayView ? "routing" : "mapping";

    private static string NameOf(object gateway) => gateway is GatewayView routing ? routing.Name : ((MappingGatewayView)gateway).Name;

    private Switching.Configuration.SwitchConfiguration Configuration => parts.Control.InForce.Configuration;

    private async Task<IResult> ApplyAsync(HttpContext http, [FromQuery, Description("true: only say what would change")] string? dryRun)
    {
        var reader = new RequestReader();
        bool dry = reader.Boolean("dryRun", dryRun) ?? false;
        if (reader.Fault is { } fault) return Problems.Of(fault);
        ReadOnlyMemory<byte> document = await BodyAsync(http);
        if (AccessGate.SectionsOf(document, Asker.Of(http)) is { } notHis) return Problems.Of(new Fault(FaultKind.Forbidden, notHis));
        Answer<ApplyView> answer = await parts.Control.ApplyAsync(document, dry, By(http), http.RequestAborted, TagGate.Revision(http));
        if (answer.Value is { } applied) http.Response.Headers.ETag = TagGate.Tag(applied.Revision);
        return Show(answer);
    }

    private async Task<IResult> ConfigurationAsync(HttpContext http)
    {
        ConfigurationView view = await parts.Control.ConfigurationAsync(http.RequestAborted);
        http.Response.Headers.ETag = TagGate.Tag(view.Revision);
        return Results.Ok(view);
    }

    private async Task<IResult> CallsAsync(HttpContext http) => Results.Ok(new CallsView(TenantViews.Of(await parts.Control.CallsAsync(http.RequestAborted), Asker.Of(http)!, Configuration)));

    private async Task<IResult> RecordAsync(HttpContext http, string id) =>
        CallId.TryParse(id, out CallId call) ? Show(await parts.Control.RecordAsync(call, record: true, http.RequestAborted)) : NoCallId(id);

    private async Task<IResult> StopRecordingAsync(HttpContext http, string id) =>
        CallId.TryParse(id, out CallId call) ? Show(await parts.Control.RecordAsync(call, record: false, http.RequestAborted)) : NoCallId(id);

    private async Task<IResult> DropAsync(HttpContext http, string id) =>
        CallId.TryParse(id, out CallId call) ? Show(await parts.Control.DropAsync(call, By(http), http.RequestAborted)) : NoCallId(id);

    private async Task<IResult> WhyAsync(HttpContext http, string id)
    {
        if (!CallId.TryParse(id, out CallId call)) return NoCallId(id);
        Answer<WhyView> live = await parts.Control.WhyAsync(call, http.RequestAborted);
        WhyView? why = live.Value;
        if (why is null && await FindAsync(call, http.RequestAborted) is { } finished) why = await parts.Control.WhyAsync(finished, http.RequestAborted);
        if (why is null) return Problems.Of(live.Fault!);
        return WantsText(http) ? Results.Text(WhyText.Of(why), "text/plain; charset=utf-8") : Results.Ok(why);
    }

    private async Task<IResult> RouteAsync(
        HttpContext http,
        [FromQuery, Description("The number as the caller would dial it")] string? number,
        [FromQuery, Description("Name of a mapping gateway, number of a phone, or the address the call would come from")] string? from,
        [FromQuery, Description("The calling number")] string? caller,
        [FromQuery, Description("When: the configuration and the periods of that time")] string? at)
    {
        var reader = new RequestReader();
        number = reader.Required("number", number);
        from = reader.Required("from", from);
        Instant? when = reader.Time("at", at);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        Answer<RouteView> answer = await parts.Control.RouteAsync(new RouteOrder(number, from, caller, when), http.RequestAborted);
        return answer.Value is { } route && WantsText(http) ? Results.Text(WhyText.Of(route), "text/plain; charset=utf-8") : Show(answer);
    }

    private async Task<IResult> WhatIfAsync(
        HttpContext http,
        [FromQuery, Description("How many days of calls, up to now")] string? days,
        [FromQuery, Description("Name of the deck in the body; left out: the body is a document")] string? deck,
        [FromQuery, Description("Currency of the deck's rates, as in USD")] string? currency)
    {
        var reader = new RequestReader();
        int length = reader.Integer("days", reader.Required("days", days)) ?? 0;
        DeckImportOrder? named = string.IsNullOrEmpty(deck) ? null : new DeckImportOrder(deck, reader.Currency("currency", currency), DryRun: true);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        ReadOnlyMemory<byte> body = await BodyAsync(http);
        WhatIfOrder order = named is null ? new WhatIfOrder(body, null, null, length) : new WhatIfOrder(null, named, System.Text.Encoding.UTF8.GetString(body.Span), length);
        return Accepted(await parts.Control.WhatIfAsync(order, By(http), http.RequestAborted));
    }

    private async Task<IResult> RerateAsync(
        HttpContext http,
        [FromQuery, Description("Name of the deck")] string? deck,
        [FromQuery, Description("Calls that ended from then on")] string? since,
        [FromQuery, Description("And before then; left out: up to now")] string? until,
        [FromQuery, Description("By this version; left out: by the one the deck has for the time of each call")] string? version,
        [FromQuery, Description("Only charges this version made")] string? pricedBy,
        [FromQuery, Description("true: put them right; else only tell what would be")] string? apply)
    {
        var reader = new RequestReader();
        Instant now = parts.Now();
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        foreach ((string field, string? text) in new[] { ("deck", deck), ("since", since), ("until", until), ("version", version), ("pricedBy", pricedBy), ("apply", apply) })
        {
            if (!string.IsNullOrEmpty(text)) fields[field] = text;
        }
        RerateOrder order = Rerating(reader, fields, now);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        if (order.Apply && Configuration.Decks.ContainsKey(order.Deck))
        {
            // Up to when it was asked for, not up to when it is confirmed.
            fields.TryAdd("until", now.ToString());
            string request = JsonSerializer.Serialize(fields), id = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(request)))[..12];
            PendingPayment asked = PendingPayment.Of(new PaymentOrder($"rerate-{id}", "", 0, $"calls of {order.Since} to {order.Until}")) with { Kind = PendingKind.Rerate, Reference = order.Deck, Request = request };
            if (await persons.HoldAsync(asked, Asker.Of(http)!, http.RequestAborted) is { } held) return held.Value is { } waits ? Results.Ok(waits) : Problems.Of(held.Fault!);
        }
        return Accepted(await parts.Control.RerateAsync(order, By(http), http.RequestAborted));
    }

    internal static RerateOrder Rerating(RequestReader reader, IReadOnlyDictionary<string, string> fields, Instant now) =>
        new(reader.Required("deck", fields.GetValueOrDefault("deck")), reader.Time("since", reader.Required("since", fields.GetValueOrDefault("since"))) ?? default, reader.Time("until", fields.GetValueOrDefault("until")) ?? now,
            fields.GetValueOrDefault("version"), fields.GetValueOrDefault("pricedBy"), reader.Boolean("apply", fields.GetValueOrDefault("apply")) ?? false);

    private async Task<IResult> JobsAsync(CancellationToken stop) => Results.Ok(new JobsView(await parts.Control.JobsAsync(stop)));

    private async Task<IResult> JobAsync(HttpContext http, string id) => Show(await parts.Control.JobAsync(id, http.RequestAborted));

    private async Task<IResult> CancelJobAsync(HttpContext http, string id) => Show(await parts.Control.CancelJobAsync(id, http.RequestAborted));

    private async Task<IResult> GatewaysAsync(CancellationToken stop) => Results.Ok(await parts.Control.GatewaysAsync(stop));

    private async Task<IResult> QualityAsync([FromQuery, Description("A routing gateway, with its destinations; left out: every gateway")] string? gateway, CancellationToken stop) => Show(await parts.Control.QualityAsync(gateway, stop));

    private async Task<IResult> TrunksAsync(CancellationToken stop) => Results.Ok(await parts.Control.TrunksAsync(stop));

    private async Task<IResult> RegistrationsAsync(HttpContext http) =>
        Results.Ok(new RegistrationsView(TenantViews.Of(await parts.Control.RegistrationsAsync(http.RequestAborted), Asker.Of(http)!, Configuration)));

    private async Task<IResult> BlockedAsync(CancellationToken stop) => Results.Ok(new BlockedListView(await parts.Control.BlockedAsync(stop)));

    private async Task<IResult> ReleaseAsync(HttpContext http, string who) => Show(await parts.Control.ReleaseAsync(who, By(http), http.RequestAborted));

    private async Task<IResult> BlackListAsync(CancellationToken stop) => Results.Ok(new BlackListView(await parts.Control.BlackListAsync(stop)));

    private async Task<IResult> BlackListReleaseAsync(HttpContext http, string number, [FromQuery, Description("Only off the list of this device, as 'list' shows it; the list of all is an empty text")] string? list) =>
        Show(await parts.Control.BlackListReleaseAsync(number, list, By(http), http.RequestAborted));

    private async Task<IResult> PortedTableAsync(CancellationToken stop) => Results.Ok(await parts.Control.PortedTableAsync(stop));

    private async Task<IResult> PortedNumberAsync(string number, CancellationToken stop) => Show(await parts.Control.PortedNumberAsync(number, stop));

    private async Task<IResult> ImportPortedAsync(HttpContext http)
    {
        // As with decks: read on a thread of its own as it comes, never whole in memory.
        if (http.Features.Get<IHttpBodyControlFeature>() is { } control) control.AllowSynchronousIO = true;
        return Show(await parts.Control.ImportPortedAsync(http.Request.Body, By(http), http.RequestAborted));
    }

    private async Task<IResult> RemovePortedAsync(HttpContext http) => Results.Ok(await parts.Control.RemovePortedAsync(By(http), http.RequestAborted));

    private async Task<IResult> AccountsAsync(HttpContext http) => Results.Ok(new AccountsView(TenantViews.Of(await parts.Control.AccountsAsync(http.RequestAborted), Asker.Of(http)!, Configuration)));

    private async Task<IResult> AccountAsync(HttpContext http, string number) => Show(await parts.Control.AccountAsync(number, http.RequestAborted));

    private async Task<IResult> CallBackAsync(HttpContext http)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<CallbackRequest>(await BodyAsync(http));
        if (reader.Fault is { } unreadable) return Problems.Of(unreadable);
        var asked = new CallbackRequest(reader.Required("caller", body.GetValueOrDefault("caller")), reader.Required("callee", body.GetValueOrDefault("callee")), reader.Required("access", body.GetValueOrDefault("access")))
        {
            CallerPayer = body.GetValueOrDefault("callerPayer"),
            CalleePayer = body.GetValueOrDefault("calleePayer"),
            ShownToCaller = body.GetValueOrDefault("shownToCaller"),
            ShownToCallee = body.GetValueOrDefault("shownToCallee"),
        };
        if (reader.Fault is { } fault) return Problems.Of(fault);
        return Created(await parts.Control.CallBackAsync(asked, http.RequestAborted));
    }

    private async Task<IResult> ReserveCalleeAsync(HttpContext http)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<ReservationRequest>(await BodyAsync(http));
        if (reader.Fault is { } unreadable) return Problems.Of(unreadable);
        var asked = new ReservationRequest(reader.Required("caller", body.GetValueOrDefault("caller")), reader.Required("callee", body.GetValueOrDefault("callee")), reader.Required("access", body.GetValueOrDefault("access")));
        if (reader.Fault is { } fault) return Problems.Of(fault);
        return Created(await parts.Control.ReserveCalleeAsync(asked, http.RequestAborted));
    }

    private static IResult Created<T>(Answer<T> answer)
        where T : class => answer.Value is { } made ? Results.Json(made, ApiJson.Options, statusCode: StatusCodes.Status201Created) : Show(answer);

    private async Task<IResult> PayAsync(HttpContext http)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<PaymentRequest>(await BodyAsync(http));
        if (reader.Fault is { } unreadable) return Problems.Of(unreadable);
        PaymentOrder order = Payment(reader, body);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        if (persons.IsAbove(order.Nanos))
        {
            Answer<AccountView> found = await parts.Control.AccountAsync(order.Account, http.RequestAborted);
            if (found.Fault is { } none) return Problems.Of(none);
            if (await persons.HoldAsync(PendingPayment.Of(order), Asker.Of(http)!, http.RequestAborted) is { } waits) return AuditEndpoints.Waits(waits);
        }
        Answer<PaymentView> answer = await parts.Control.PayAsync(order, By(http), http.RequestAborted);
        return answer.Value is { Repeated: false } booked ? Results.Json(booked, ApiJson.Options, statusCode: StatusCodes.Status201Created) : Show(answer);
    }

    internal static PaymentOrder Payment(RequestReader reader, IReadOnlyDictionary<string, string> body)
    {
        (string id, string memo) = IdAndMemo(reader, body);
        string account = reader.Required("account", body.GetValueOrDefault("account"));
        string amount = reader.Required("amount", body.GetValueOrDefault("amount"));
        if (!Money.TryParseNanos(amount, out long nanos) && amount.Length > 0) reader.Wrong("amount", $"'{amount}' is no amount: 12.50 is needed, with at most nine decimals");
        else if (nanos == 0 && amount.Length > 0) reader.Wrong("amount", "must not be zero");
        return new PaymentOrder(id, account, nanos, memo);
    }

    /// <summary>Of a payment, reversal or zeroing.</summary>
    internal static (string Id, string Memo) IdAndMemo(RequestReader reader, IReadOnlyDictionary<string, string> body)
    {
        string id = reader.Required("id", body.GetValueOrDefault("id")), memo = body.GetValueOrDefault("memo") ?? "";
        if (id.Length > 64) reader.Wrong("id", "may be at most 64 characters long");
        if (memo.Length > Ledger.MaxTextLength) reader.Wrong("memo", $"may be at most {Ledger.MaxTextLength} characters long");
        return (id, memo);
    }

    private async Task<IResult> ImportDeckAsync(
        HttpContext http,
        [FromQuery, Description("Name of the deck")] string? name,
        [FromQuery, Description("Currency of all its rates, as in USD")] string? currency,
        [FromQuery, Description("true: only read and compare")] string? dryRun,
        [FromQuery, Description("When it takes the place of the version in force, as 2026-12-01T00:00:00Z; left out: at once")] string? from,
        [FromQuery, Description("When what would be in force without it takes its place again; left out: never")] string? until)
    {
        var reader = new RequestReader();
        var order = new DeckImportOrder(reader.Required("name", name), reader.Currency("currency", currency), reader.Boolean("dryRun", dryRun) ?? false) { From = reader.Date("from", from), Until = reader.Date("until", until) };
        if (reader.Fault is { } fault) return Problems.Of(fault);
        // The CSV reader pulls: it waits for the body on a thread of its own, so that a deck of 256 MiB is never in memory whole.
        if (http.Features.Get<IHttpBodyControlFeature>() is { } control) control.AllowSynchronousIO = true;
        return Show(await parts.Control.ImportDeckAsync(order, http.Request.Body, By(http), http.RequestAborted, TagGate.Revision(http)));
    }

    private IResult Alarms() => Results.Ok(new AlarmsView([.. parts.Alarms.Standing.Select(AlarmView.Of)], [.. parts.Alarms.Cleared.Select(AlarmView.Of)]));

    private IResult ConfirmAlarm(HttpContext http, string id) =>
        int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && parts.Alarms.Confirm(number, By(http), parts.Now()) is { } alarm
            ? Results.Ok(AlarmView.Of(alarm))
            : Problems.Of(new Fault(FaultKind.NotFound, $"No alarm {id} stands."));

    private async Task<IResult> DeckVersionsAsync(HttpContext http, string name) => Show(await parts.Control.DeckVersionsAsync(name, http.RequestAborted));

    private async Task<IResult> DeckDifferenceAsync(HttpContext http, string version, [FromQuery, Description("The second version")] string? to)
    {
        var reader = new RequestReader();
        string second = reader.Required("to", to);
        return reader.Fault is { } fault ? Problems.Of(fault) : Show(await parts.Control.DeckDifferenceAsync(version, second, http.RequestAborted));
    }

    private async Task<IResult> DecksAsync(CancellationToken stop) => Results.Ok(new DecksView(await parts.Control.DecksAsync(stop)));

    private async Task<IResult> CheckAsync(CancellationToken stop) => Results.Ok(await parts.Control.CheckAsync(stop));

    private async Task<IResult> JournalAsync(CancellationToken stop) => Results.Ok(await parts.Control.JournalAsync(stop));

    private async Task<IResult> StatusAsync(CancellationToken stop) => Results.Ok(await parts.Control.StatusAsync(stop));

    private IResult Health()
    {
        HealthView health = parts.Control.Health();
        return Results.Json(health, ApiJson.Options, statusCode: health.Ok ? 200 : 503);
    }

    private async Task<Cdr?> FindAsync(CallId call, CancellationToken stop)
    {
        if (await parts.Cdrs.FindAsync(call, stop) is { } stored) return stored;
        if (parts.Projector is null || !await parts.Projector.CaughtUpAsync(PatienceForCdrs, stop)) return null;
        return await parts.Cdrs.FindAsync(call, stop);
    }

    internal static IResult Show<T>(Answer<T> answer) where T : class => answer.Value is { } value ? Results.Ok(value) : Problems.Of(answer.Fault!);

    private static IResult NoCallId(string id) =>
        Problems.Of(new Fault(FaultKind.Invalid, $"id: '{id}' is no call id", [new FieldFault(0, "id", $"'{id}' is no call id: thirteen letters and digits are needed")]));

    /// <summary>A job that has begun: 202, and where it stands.</summary>
    internal static IResult Accepted(Answer<JobView> answer) => answer.Value is { } job ? Results.Json(job, ApiJson.Options, statusCode: StatusCodes.Status202Accepted) : Problems.Of(answer.Fault!);

    internal static string By(HttpContext http) => http.User.Identity?.Name ?? "";

    private static bool WantsText(HttpContext http) =>
        http.Request.GetTypedHeaders().Accept is { Count: > 0 } accept && accept[0].MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase);

    internal static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext http)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>A query parameter no one reads is a mistake of the caller's: silence would hide it.</summary>
    internal static EndpointFilterDelegate RefuseUnknownQuery(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        string[] own =
        [
            .. context.MethodInfo.GetParameters().Where(p => p.IsDefined(typeof(FromQueryAttribute), inherit: false)).Select(p => p.Name!),
            .. context.MethodInfo.GetParameters().Where(p => p.IsDefined(typeof(AsParametersAttribute), inherit: false))
                .SelectMany(p => p.ParameterType.GetProperties()).Select(p => p.GetCustomAttribute<FromQueryAttribute>()?.Name).OfType<string>(),
        ];
        return invocation =>
        {
            var reader = new RequestReader();
            string[] known = invocation.HttpContext.GetEndpoint()?.Metadata.GetMetadata<PagedList>() is { } list ? [.. own, .. list.Parameters.Select(static p => p.Name)] : own;
            foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in invocation.HttpContext.Request.Query)
            {
                if (!known.Contains(name)) reader.Wrong(name, known.Length == 0 ? "there is no such parameter; there are none" : $"there is no such parameter; there are {string.Join(", ", known)}");
                else if (values.Count > 1) reader.Wrong(name, "stands twice");
            }
            return reader.Fault is { } fault ? ValueTask.FromResult<object?>(Problems.Of(fault)) : next(invocation);
        };
    }
}
