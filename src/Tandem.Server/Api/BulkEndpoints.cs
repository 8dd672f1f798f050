using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Tandem.Primitives;
using Tandem.Server.Access;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;

namespace Tandem.Server.Api;

/// <summary>Many of a kind at once, as jobs: balance changes, and the deck of accounts (docs/api.md "Many at once").</summary>
internal sealed class BulkEndpoints(ApiParts parts, SecondPerson persons)
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
        // A large batch is not read for a job that cannot be begun, and nothing of it waits for a second person.
        if (parts.Money.NoJobNow() is { } busy) return Problems.Of(busy);
        var reader = new RequestReader();
        var asked = new List<BatchRow>();
        reader.Json(await Endpoints.BodyAsync(http), root => Rows(reader, root, asked));
        if (reader.Faults.Count is > 0 and var wrong) return Problems.Of(new Fault(FaultKind.Invalid, $"Nothing was booked: {(wrong < MostFaults ? wrong : $"more than {MostFaults - 1}")} things are wrong in the batch.", reader.Faults));
        List<BatchRow> rows = new(asked.Count);
        List<BatchRowView> told = [];
        foreach (BatchRow row in asked)
        {
            if (persons.IsAbove(row.Order.Nanos) && await WaitsAsync(http, row.Order) is { } held)
                told.Add(new BatchRowView(row.Row, row.Order.Id, row.Order.Account, held.Fault is null ? "waiting" : "refused", held.Fault?.Says ?? "waits for a second person"));
            else rows.Add(row);
        }
        return Endpoints.Accepted(parts.Money.PayBatch(rows, told, Endpoints.By(http)));
    }

    // Null: it was confirmed before, and the job says that it is booked.
    private async Task<Answer<PendingPaymentView>?> WaitsAsync(HttpContext http, PaymentOrder order)
    {
        Answer<AccountView> found = await parts.Control.AccountAsync(order.Account, http.RequestAborted);
        return found.Fault is { } none ? none : await persons.HoldAsync(PendingPayment.Of(order), Asker.Of(http)!, http.RequestAborted);
    }

    private static void Rows(RequestReader reader, JsonElement root, List<BatchRow> rows)
    {
        if (root.ValueKind != JsonValueKind.Object || root.EnumerateObject().Any(static p => p.Name != "payments") || !root.TryGetProperty("payments", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            reader.Wrong("payments", "an object with the one field 'payments', a list, is needed");
            return;
        }
        if (list.GetArrayLength() is 0 or > MostRows)
        {
            reader.Wrong("payments", $"must be 1 to {MostRows} rows");
            return;
        }
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement row in list.EnumerateArray())
        {
            int number = rows.Count + 1;
            var ofRow = new RequestReader();
            PaymentOrder order = Endpoints.Payment(ofRow, ofRow.Object<PaymentRequest>(row));
            if (order.Id.Length > 0 && !ids.Add(order.Id)) ofRow.Wrong("id", $"'{DocumentNode.Printable(order.Id)}' stands twice in the batch");
            foreach (FieldFault fault in ofRow.Faults.Take(MostFaults - reader.Faults.Count)) reader.Wrong(fault with { Line = number });
            if (reader.Faults.Count >= MostFaults) return;
            rows.Add(new BatchRow(number, order));
        }
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
        reader.Json(body, root =>
        {
            if (root.ValueKind != JsonValueKind.Object)
            {
                reader.Wrong("", "a JSON object is needed");
                return;
            }
            foreach (JsonProperty field in root.EnumerateObject())
            {
                if (field.Name == "accounts" && field.Value.ValueKind == JsonValueKind.Array && field.Value.EnumerateArray().All(static a => a.ValueKind == JsonValueKind.String)) accounts = [.. field.Value.EnumerateArray().Select(static a => a.GetString()!)];
                else if (field.Name == "ofDeck" && field.Value.ValueKind == JsonValueKind.String) ofDeck = field.Value.GetString();
                else if (field.Name == "ofAgent" && field.Value.ValueKind == JsonValueKind.String) ofAgent = field.Value.GetString();
                else reader.Wrong(field.Name, "there are accounts, a list of texts, and ofDeck and ofAgent, texts");
            }
        });
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
