using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Server.Access;

/// <summary>Who changed what when, changes taken back, and payments that wait for a second person (docs/users.md).</summary>
internal sealed class AuditEndpoints(ApiParts parts, AccessBook book, SecondPerson persons)
{
    public void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/v1").AddEndpointFilterFactory(Endpoints.RefuseUnknownQuery).WithTags("access");
        v1.ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
        v1.MapGet("/audit", Audit).Produces<AuditListView>().WithSummary("Changes of the configuration, users, keys and waiting payments, newest first");
        v1.MapPost("/audit/{revision}/undo", UndoAsync).Produces<ApplyView>().ProducesProblem(404).ProducesProblem(409).WithSummary("Take the changes of one revision back, by a new one")
            .WithDescription("Refused when what it changed was changed again since. Money is never undone, only reversed.");
        v1.MapGet("/pending-payments", Pending).Produces<PendingPaymentsView>().WithSummary("Payments that wait for a second person")
            .Paged(static (PendingPaymentsView v) => v.Payments, static r => r.Id, static (v, rows, next) => v with { Payments = rows, Next = next }, new ListFilter<PendingPaymentView>("account", static r => r.Account));
        v1.MapPost("/pending-payments/{id}/confirm", ConfirmAsync).Produces<ConfirmedView>(201).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).WithSummary("Confirm a payment somebody else asked for: it is booked").WithDescription("Of re-rating: its job is begun.");
        v1.MapPost("/pending-payments/{id}/refuse", RefuseAsync).Produces<PendingPaymentView>().ProducesProblem(404).ProducesProblem(409).WithSummary("Refuse a waiting payment, or withdraw one's own");
    }

    private IResult Audit(
        [FromQuery, Description("Only of this user or key")] string? by,
        [FromQuery, Description("How what was changed begins: settings, accounts[1001], users")] string? what,
        [FromQuery, Description("At or after this time")] string? since,
        [FromQuery, Description("Before this time")] string? until,
        [FromQuery, Description("At most so many; 100")] string? limit,
        [FromQuery, Description("'next' of the page before")] string? cursor)
    {
        var reader = new RequestReader();
        TimePage page = TimePage.Read(reader, limit, cursor);
        Instant? from = reader.Time("since", since), to = page.Until(reader.Time("until", until));
        if (reader.Fault is { } fault) return Problems.Of(fault);
        IEnumerable<ChangeEntryView> all = parts.Control.Changes().Select(static e => new ChangeEntryView(e.Revision, e.At, e.By, e.What, e.From, e.To))
            .Concat(book.State.Changes.Select(static c => new ChangeEntryView(null, new Instant(c.AtMicros), c.By, c.What, c.From, c.To)))
            .Where(c => (string.IsNullOrEmpty(by) || c.By == by) && (string.IsNullOrEmpty(what) || c.What.StartsWith(what, StringComparison.Ordinal)) && !(c.At < from) && !(c.At >= to));
        (IReadOnlyList<ChangeEntryView> rows, string? next) = page.Cut([.. all.Reverse().OrderByDescending(static c => c.At).Take(page.Wanted)], static c => c.At);
        return Results.Ok(new AuditListView(rows, next));
    }

    private async Task<IResult> UndoAsync(HttpContext http, string revision)
    {
        var reader = new RequestReader();
        int? number = reader.Integer("revision", revision);
        return reader.Fault is { } fault ? Problems.Of(fault) : Endpoints.Show(await parts.Control.UndoAsync(number ?? 0, Endpoints.By(http), http.RequestAborted, TagGate.Revision(http)));
    }

    private IResult Pending() => Results.Ok(new PendingPaymentsView([.. book.State.Pending.Select(PendingPaymentView.Of)]));

    private async Task<IResult> ConfirmAsync(HttpContext http, string id)
    {
        Answer<ConfirmedView> booked = await persons.ConfirmAsync(id, Asker.Of(http)!, (waiting, by) => BookAsync(waiting, by, http.RequestAborted));
        return booked.Value is { } done ? Results.Json(done, ApiJson.Options, statusCode: StatusCodes.Status201Created) : Endpoints.Show(booked);
    }

    private async Task<IResult> RefuseAsync(HttpContext http, string id) => Endpoints.Show(await persons.RefuseAsync(id, Asker.Of(http)!, http.RequestAborted));

    /// <summary>202 with what waits, or why it cannot.</summary>
    public static IResult Waits(Answer<PendingPaymentView> held) => held.Value is { } waiting ? Results.Json(waiting, ApiJson.Options, statusCode: StatusCodes.Status202Accepted) : Problems.Of(held.Fault!);

    private Task<Answer<ConfirmedView>> BookAsync(PendingPayment waiting, string by, CancellationToken stop)
    {
        var done = new ConfirmedView { Id = waiting.Id, Kind = waiting.Kind, Account = waiting.Account };
        return waiting.Kind switch
        {
            PendingKind.Payment => DoneAsync(parts.Control.PayAsync(new PaymentOrder(waiting.Id, waiting.Account, waiting.Nanos, waiting.Memo), by, stop), p => done with { Amount = p.Amount, BalanceAfter = p.BalanceAfter, Repeated = p.Repeated }),
            PendingKind.Reversal => DoneAsync(parts.Money.ReverseAsync(waiting.Id, waiting.Reference, waiting.Memo, by, stop), Booked),
            PendingKind.Zero => DoneAsync(parts.Money.MakeZeroAsync(waiting.Id, waiting.Account, waiting.Memo, by, stop), Booked),
            PendingKind.Card => DoneAsync(parts.Money.UseCardAsync(MoneyEndpoints.Use(new RequestReader(), Fields()), by, stop), c => done with { Amount = c.Amount, BalanceAfter = c.Balance }),
            PendingKind.Call => DoneAsync(parts.Money.ChargeAsync(MoneyEndpoints.Call(new RequestReader(), Fields()), by, stop), c => done with { Amount = c.Amount is { } charged ? new Money(-charged.Nanos, charged.Currency) : null, Repeated = c.Repeated }),
            PendingKind.Package => DoneAsync(parts.Money.EndPackageAsync(int.Parse(waiting.Reference, CultureInfo.InvariantCulture), stop), _ => done),
            _ => DoneAsync(parts.Control.RerateAsync(Endpoints.Rerating(new RequestReader(), Fields(), parts.Now()), by, stop), job => done with { Job = job }),
        };

        ConfirmedView Booked(PaymentEntryView entry) => done with { Amount = entry.Amount, BalanceAfter = entry.BalanceAfter };

        Dictionary<string, string> Fields() => JsonSerializer.Deserialize<Dictionary<string, string>>(waiting.Request)!;
    }

    private static async Task<Answer<ConfirmedView>> DoneAsync<T>(Task<Answer<T>> doing, Func<T, ConfirmedView> show)
        where T : class
    {
        Answer<T> done = await doing;
        return done.Value is { } value ? show(value) : done.Fault!;
    }
}
