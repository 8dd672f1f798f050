using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Tandem.Primitives;
using Tandem.Server.Access;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;

namespace Tandem.Server.Api;

/// <summary>Many of a kind at once, as jobs: balance changes, and the deck of accounts (docs/api.md "Many at once").</summary>
internal sealed class BulkEndpoints(ApiParts parts, AccessBook book)
{
    public const int MostRows = 100_000;

    private const int LargeBody = 32 << 20, MostFaults = 100;

    public void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/v1").AddEndpointFilterFactory(Endpoints.RefuseUnknownQuery).WithTags("money");
        v1.ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
        v1.MapPost("/payments/batch", (Delegate)PayAsync).Accepts<BatchRequest>("application/json").Produces<JobView>(202).WithMetadata(new RequestSizeLimitAttribute(LargeBody))
            .WithSummary("Book many payments").WithDescription("Up to 100,000, each with an id of its own. With a row that cannot be read nothing is booked; a row that cannot be booked is told in the job's result and keeps no other. "
                + "The same batch sent again, or after it was cancelled, books what is not booked yet.");
        v1.MapPost("/decks/{name}/assignments", (Delegate)AssignAsync).Accepts<AssignmentRequest>("application/json").Produces<JobView>(202).ProducesProblem(404).WithMetadata(new RequestSizeLimitAttribute(LargeBody))
            .WithSummary("Give many accounts a deck").WithDescription("Those named in 'accounts', or those that have the deck 'ofDeck' now or stand below the agent 'ofAgent'. All of them in one revision, which undo takes back, or none.");
    }

    private async Task<IResult> PayAsync(HttpContext http)
    {
        List<FieldFault> faults = [];
        List<BatchRow> rows = Rows(await Endpoints.BodyAsync(http), faults);
        if (faults.Count > 0) return Problems.Of(new Fault(FaultKind.Invalid, $"Nothing was booked: {(faults.Count < MostFaults ? faults.Count : $"more than {MostFaults - 1}")} things are wrong in the batch.", faults));
        var told = new List<BatchRowView>();
        int confirmAbove = parts.Authentication().PaymentConfirmAbove;
        if (confirmAbove > 0)
        {
            foreach (BatchRow row in rows.FindAll(r => AuditEndpoints.IsAbove(r.Order.Nanos, confirmAbove)))
            {
                Answer<AccountView> found = await parts.Control.AccountAsync(row.Order.Account, http.RequestAborted);
                Answer<PendingPaymentView>? waits = found.Fault is { } none ? none : AuditEndpoints.Hold(book, PendingPayment.Of(row.Order), confirmAbove, Asker.Of(http)!, parts.Now());
                if (waits is not { } held) continue; // confirmed before: booked, and the job says so
                rows.Remove(row);
                told.Add(new BatchRowView(row.Row, row.Order.Id, row.Order.Account, held.Fault is null ? "waiting" : "refused", held.Fault?.Says ?? "waits for a second person"));
            }
        }
        return Endpoints.Accepted(parts.Money.PayBatch(rows, told, Endpoints.By(http)));
    }

    private static List<BatchRow> Rows(ReadOnlyMemory<byte> body, List<FieldFault> faults)
    {
        var rows = new List<BatchRow>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || document.RootElement.EnumerateObject().Any(static p => p.Name != "payments") || !document.RootElement.TryGetProperty("payments", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            {
                faults.Add(new FieldFault(0, "payments", "an object with the one field 'payments', a list, is needed"));
                return rows;
            }
            if (list.GetArrayLength() is 0 or > MostRows)
            {
                faults.Add(new FieldFault(0, "payments", $"must be 1 to {MostRows} rows"));
                return rows;
            }
            var ids = new HashSet<string>(StringComparer.Ordinal);
            foreach (JsonElement row in list.EnumerateArray())
            {
                int number = rows.Count + 1;
                var reader = new RequestReader();
                PaymentOrder order = Endpoints.Payment(reader, reader.Object<PaymentRequest>(row));
                if (order.Id.Length > 0 && !ids.Add(order.Id)) reader.Wrong("id", $"'{DocumentNode.Printable(order.Id)}' stands twice in the batch");
                faults.AddRange(reader.Faults.Select(f => f with { Line = number }).Take(MostFaults - faults.Count));
                if (faults.Count >= MostFaults) return rows;
                rows.Add(new BatchRow(number, order));
            }
        }
        catch (JsonException e)
        {
            faults.Add(new FieldFault((int)(e.LineNumber ?? 0) + 1, "", "the body is not JSON"));
        }
        return rows;
    }

    private async Task<IResult> AssignAsync(HttpContext http, string name, [FromQuery, Description("true: only say how many would change")] string? dryRun)
    {
        var reader = new RequestReader();
        bool dry = reader.Boolean("dryRun", dryRun) ?? false;
        DeckAssignment order = Assignment(reader, await Endpoints.BodyAsync(http), name, dry);
        return reader.Fault is { } fault ? Problems.Of(fault) : Endpoints.Accepted(parts.Money.AssignDeck(order, Endpoints.By(http)));
    }

    private static DeckAssignment Assignment(RequestReader reader, ReadOnlyMemory<byte> body, string deck, bool dryRun)
    {
        List<string>? accounts = null;
        string? ofDeck = null, ofAgent = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                reader.Wrong("", "a JSON object is needed");
                return new DeckAssignment(deck, null, null, null, dryRun);
            }
            foreach (JsonProperty field in document.RootElement.EnumerateObject())
            {
                if (field.Name == "accounts" && field.Value.ValueKind == JsonValueKind.Array && field.Value.EnumerateArray().All(static a => a.ValueKind == JsonValueKind.String)) accounts = [.. field.Value.EnumerateArray().Select(static a => a.GetString()!)];
                else if (field.Name == "ofDeck" && field.Value.ValueKind == JsonValueKind.String) ofDeck = field.Value.GetString();
                else if (field.Name == "ofAgent" && field.Value.ValueKind == JsonValueKind.String) ofAgent = field.Value.GetString();
                else reader.Wrong(field.Name, "there are accounts, a list of texts, and ofDeck and ofAgent, texts");
            }
        }
        catch (JsonException)
        {
            reader.Wrong("", "the body is not JSON");
        }
        if (accounts is { Count: 0 or > MostRows }) reader.Wrong("accounts", $"must be 1 to {MostRows} numbers");
        if (accounts is not null && (ofDeck ?? ofAgent) is not null) reader.Wrong("accounts", "are named one by one, or chosen by ofDeck and ofAgent, not both");
        if (accounts is null && ofDeck is null && ofAgent is null && reader.Fault is null) reader.Wrong("accounts", "is missing, and so are ofDeck and ofAgent: whose deck is it?");
        return new DeckAssignment(deck, accounts, ofDeck, ofAgent, dryRun);
    }
}

/// <summary>Many payments.</summary>
public sealed record BatchRequest
{
    /// <summary>Each is booked once, under its id.</summary>
    public required IReadOnlyList<PaymentRequest> Payments { get; init; }
}

/// <summary>Whose deck it is to be: accounts named one by one, or chosen.</summary>
public sealed record AssignmentRequest
{
    /// <summary>Their numbers.</summary>
    public IReadOnlyList<string>? Accounts { get; init; }
    /// <summary>Accounts that have this deck now.</summary>
    public string? OfDeck { get; init; }
    /// <summary>Accounts directly below this agent.</summary>
    public string? OfAgent { get; init; }
}
