using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Server.Access;

/// <summary>Who changed what when, changes taken back, and payments that wait for a second person (docs/users.md).</summary>
internal sealed class AuditEndpoints(ApiParts parts, AccessBook book)
{
    private const string Confirmed = "confirmed";

    public void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/v1").AddEndpointFilterFactory(Endpoints.RefuseUnknownQuery).WithTags("access");
        v1.ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
        v1.MapGet("/audit", Audit).Produces<AuditListView>().WithSummary("Changes of the configuration, users, keys and waiting payments, newest first");
        v1.MapPost("/audit/{revision}/undo", UndoAsync).Produces<ApplyView>().ProducesProblem(404).ProducesProblem(409).WithSummary("Take the changes of one revision back, by a new one")
            .WithDescription("Refused when what it changed was changed again since. Money is never undone, only reversed.");
        v1.MapGet("/pending-payments", Pending).Produces<PendingPaymentsView>().WithSummary("Payments that wait for a second person")
            .Paged(static (PendingPaymentsView v) => v.Payments, static r => r.Id, static (v, rows, next) => v with { Payments = rows, Next = next }, new ListFilter<PendingPaymentView>("account", static r => r.Account));
        v1.MapPost("/pending-payments/{id}/confirm", ConfirmAsync).Produces<PaymentView>(201).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).WithSummary("Confirm a payment somebody else asked for: it is booked");
        v1.MapPost("/pending-payments/{id}/refuse", Refuse).Produces<PendingPaymentView>().ProducesProblem(404).WithSummary("Refuse a waiting payment, or withdraw one's own");
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

    // It is booked first and taken off after: a crash between leaves it waiting, and its id is booked once however often it is confirmed.
    private async Task<IResult> ConfirmAsync(HttpContext http, string id)
    {
        Asker asker = Asker.Of(http)!;
        if (book.State.Pending.Find(p => p.Id == id) is not { } waiting) return NoSuch(id);
        if (asker.Person == waiting.Person) return Problems.Of(new Fault(FaultKind.Forbidden, $"payment {id} was asked for by {waiting.By}: somebody else must confirm it"));
        Answer<PaymentView> answer = await BookAsync(waiting, $"{waiting.By}+{asker.Name}", http.RequestAborted);
        if (answer.Fault is not null) return Endpoints.Show(answer);
        Take(waiting, asker, Confirmed);
        return Results.Json(answer.Value, ApiJson.Options, statusCode: StatusCodes.Status201Created);
    }

    private IResult Refuse(HttpContext http, string id)
    {
        if (book.State.Pending.Find(p => p.Id == id) is not { } waiting || !Take(waiting, Asker.Of(http)!, "refused")) return NoSuch(id);
        return Results.Ok(PendingPaymentView.Of(waiting));
    }

    private bool Take(PendingPayment waiting, Asker asker, string how) => book.Change(state => state.Pending.Contains(waiting) ? state with
    {
        Pending = state.Pending.Remove(waiting),
        Changes = state.Changes.Add(AccessBook.Note(parts.Now(), asker.Name, What(waiting.Id), Words(waiting), how)),
    } : null);

    /// <summary>Whether an amount needs a second person; 0: none does.</summary>
    public static bool IsAbove(long nanos, int confirmAbove) => confirmAbove > 0 && Int128.Abs(nanos) > (Int128)confirmAbove * Money.NanosPerUnit;

    /// <summary>Lets a movement of money wait; null: it need not. Asking again with the same id and content changes nothing.</summary>
    public static Answer<PendingPaymentView>? Hold(AccessBook book, PendingPayment asked, int confirmAbove, Asker asker, Instant now)
    {
        if (!IsAbove(asked.Nanos, confirmAbove)) return null;
        // Asked again after it was confirmed: it is booked, and booking it again answers so.
        if (book.State.Changes.Exists(c => c.To == Confirmed && c.What == What(asked.Id))) return null;
        PendingPayment waiting = asked with { AtMicros = now.Micros, By = asker.Name, Person = asker.Person };
        PendingPayment? before = null;
        bool full = false;
        book.Change(state => (before = state.Pending.Find(p => p.Id == waiting.Id)) is not null || (full = state.Pending.Count >= AccessBook.MostPending) ? null : state with
        {
            Pending = state.Pending.Add(waiting),
            Changes = state.Changes.Add(AccessBook.Note(now, asker.Name, What(waiting.Id), null, Words(waiting))),
        });
        if (full) return new Fault(FaultKind.Conflict, $"{AccessBook.MostPending} payments wait already: have some confirmed or refused");
        if (before is not null && (before.Kind, before.Account, before.Nanos, before.Reference, before.Person) != (waiting.Kind, waiting.Account, waiting.Nanos, waiting.Reference, waiting.Person)) return new Fault(FaultKind.Conflict, $"another payment waits under the id {waiting.Id}");
        return PendingPaymentView.Of(before ?? waiting);
    }

    /// <summary>202 with what waits, or why it cannot.</summary>
    public static IResult Waits(Answer<PendingPaymentView> held) => held.Value is { } waiting ? Results.Json(waiting, ApiJson.Options, statusCode: StatusCodes.Status202Accepted) : Problems.Of(held.Fault!);

    private Task<Answer<PaymentView>> BookAsync(PendingPayment waiting, string by, CancellationToken stop) => waiting.Kind switch
    {
        PendingKind.Reversal => EntryAsync(parts.Money.ReverseAsync(waiting.Id, waiting.Reference, waiting.Memo, by, stop)),
        PendingKind.Zero => EntryAsync(parts.Money.MakeZeroAsync(waiting.Id, waiting.Account, waiting.Memo, by, stop)),
        _ => parts.Control.PayAsync(new PaymentOrder(waiting.Id, waiting.Account, waiting.Nanos, waiting.Memo), by, stop),
    };

    private static async Task<Answer<PaymentView>> EntryAsync(Task<Answer<PaymentEntryView>> booking)
    {
        Answer<PaymentEntryView> booked = await booking;
        if (booked.Value is not { } entry) return booked.Fault!;
        return new PaymentView { Id = entry.Id, Account = entry.Account, Amount = entry.Amount, Currency = entry.Currency, BalanceAfter = entry.BalanceAfter, At = entry.At, Repeated = false };
    }

    private static string What(string id) => $"pendingPayments[{id}]";

    private static string Words(PendingPayment waiting) => $"{PendingPaymentView.Of(waiting).Amount} to {waiting.Account}{waiting.Kind switch { PendingKind.Reversal => $", taking {waiting.Reference} back", PendingKind.Zero => ", bringing it to zero", _ => "" }}";

    private static IResult NoSuch(string id) => Problems.Of(new Fault(FaultKind.NotFound, $"No payment {id} waits."));
}
