using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Tandem.Primitives;
using Tandem.Server.Access;
using Tandem.Server.Configuration;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Api;

/// <summary>Money beyond booking a payment: histories, reversals, packages, cards, calls made elsewhere, available time.</summary>
internal sealed class MoneyEndpoints(ApiParts parts, SecondPerson persons)
{
    private const int SmallBody = 64 * 1024;
    private static readonly string[] BatchCardFields = ["currency", "money", "limitMoney", "bitsOfConfig", "feeRateGroup", "expireTime", "agentAccount", "suiteNames", "memo"];

    private readonly IMoneyControl _money = parts.Money;

    public void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/v1").AddEndpointFilterFactory(Endpoints.RefuseUnknownQuery).WithTags("money");
        v1.ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
        v1.MapGet("/payments", PaymentsAsync).Produces<PaymentHistoryView>().ProducesProblem(404).WithSummary("Payments, newest first");
        v1.MapPost("/payments/{payment}/reversal", (Delegate)ReverseAsync).Accepts<ReversalRequest>("application/json").Produces<PaymentEntryView>().Produces<PendingPaymentView>(202).ProducesProblem(404).ProducesProblem(409).WithMetadata(new RequestSizeLimitAttribute(SmallBody))
            .WithSummary("Take a payment back").WithDescription("202: it waits for a second person. Whole, once, by a payment of its own that names it. What calls in progress hold cannot be taken.");
        v1.MapPost("/accounts/{number}/zero", (Delegate)ZeroAsync).Accepts<ReversalRequest>("application/json").Produces<PaymentEntryView>().Produces<PendingPaymentView>(202).ProducesProblem(404).ProducesProblem(409).WithMetadata(new RequestSizeLimitAttribute(SmallBody)).WithSummary("Bring a balance to zero").WithDescription("202: it waits for a second person.");
        v1.MapGet("/consumptions", ConsumptionsAsync).Produces<ConsumptionsView>().ProducesProblem(404).WithSummary("Rents and shortfalls, newest first");
        v1.MapGet("/packages", PackagesAsync).Produces<PackagesView>().ProducesProblem(404).WithSummary("Current packages, and how orders stand")
            .Paged(static (PackagesView v) => [.. v.Packages, .. v.Orders], static r => r is PackageView package ? $"0\n{package.Id:D10}" : $"1\n{((PackageOrderView)r).Id}",
                static (v, rows, next) => new PackagesView([.. rows.OfType<PackageView>()], [.. rows.OfType<PackageOrderView>()], next), Array.Empty<ListFilter<object>>());
        v1.MapGet("/packages/{id}", PackageAsync).Produces<PackageView>().ProducesProblem(404).WithSummary("One current package");
        v1.MapDelete("/packages/{id}", EndAsync).Produces<PackageView>().Produces<PendingPaymentView>(202).ProducesProblem(404).ProducesProblem(409).WithSummary("End a current package")
            .WithDescription("202: what it spent less than promised, which is not charged then, waits for a second person.");
        v1.MapPost("/cards", (Delegate)MakeCardsAsync).Accepts<CardsRequest>("application/json").Produces<CardsMadeView>().WithMetadata(new RequestSizeLimitAttribute(SmallBody))
            .WithSummary("Make stock cards").WithDescription("Up to 10,000 with PINs and passwords drawn at random: all of them, or none. Only this answer tells the passwords.");
        v1.MapPost("/cards/use", (Delegate)UseCardAsync).Accepts<CardUseRequest>("application/json").Produces<CardUsedView>().Produces<PendingPaymentView>(202).ProducesProblem(404).ProducesProblem(409).WithMetadata(new RequestSizeLimitAttribute(SmallBody))
            .WithSummary("Use a stock card").WithDescription("With 'account' it recharges that account; without, it opens an account of its own, and an active card and a phone where it may. 202: it waits for a second person.");
        v1.MapPost("/external-calls", (Delegate)ChargeAsync).Accepts<ExternalCallRequest>("application/json").Produces<ExternalCallView>().Produces<PendingPaymentView>(202).ProducesProblem(404).ProducesProblem(409).WithMetadata(new RequestSizeLimitAttribute(SmallBody))
            .WithSummary("Charge a call made elsewhere").WithDescription("Once per flowNumber; without one the switch gives a number. It is charged whole, whatever the balance. 202: it waits for a second person.");
        v1.MapGet("/available-time", AvailableAsync).Produces<AvailableTimeView>().ProducesProblem(404).WithSummary("How long a call could talk now");
    }

    private async Task<IResult> PaymentsAsync(HttpContext http,
        [FromQuery, Description("Of this account; all without it")] string? account,
        [FromQuery, Description("At or after this time")] string? since,
        [FromQuery, Description("Before this time")] string? until,
        [FromQuery, Description("At most so many; 100")] string? limit,
        [FromQuery, Description("'next' of the page before")] string? cursor)
    {
        var reader = new RequestReader();
        TimePage page = TimePage.Read(reader, limit, cursor);
        MoneyQuery query = Query(reader, account, since, until, page);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        Answer<PaymentHistoryView> answer = await _money.PaymentsAsync(query, http.RequestAborted);
        if (answer.Value is not { } found) return Endpoints.Show(answer);
        (IReadOnlyList<PaymentEntryView> rows, string? next) = page.Cut(found.Payments, static p => p.At);
        return Results.Ok(new PaymentHistoryView(rows, next));
    }

    private async Task<IResult> ConsumptionsAsync(HttpContext http,
        [FromQuery, Description("Of this account; all without it")] string? account,
        [FromQuery, Description("At or after this time")] string? since,
        [FromQuery, Description("Before this time")] string? until,
        [FromQuery, Description("At most so many; 100")] string? limit,
        [FromQuery, Description("'next' of the page before")] string? cursor)
    {
        var reader = new RequestReader();
        TimePage page = TimePage.Read(reader, limit, cursor);
        MoneyQuery query = Query(reader, account, since, until, page);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        Answer<ConsumptionsView> answer = await _money.ConsumptionsAsync(query, http.RequestAborted);
        if (answer.Value is not { } found) return Endpoints.Show(answer);
        (IReadOnlyList<ConsumptionView> rows, string? next) = page.Cut(found.Consumptions, static c => c.At);
        return Results.Ok(new ConsumptionsView(rows, next));
    }

    private static MoneyQuery Query(RequestReader reader, string? account, string? since, string? until, TimePage page) =>
        new(string.IsNullOrEmpty(account) ? null : account, reader.Time("since", since), page.Until(reader.Time("until", until)), page.Wanted);

    private async Task<IResult> ReverseAsync(HttpContext http, string payment)
    {
        (string id, string memo, Fault? fault) = await ReversalAsync(http);
        if (fault is not null) return Problems.Of(fault);
        if (persons.IsAsked)
        {
            Answer<PaymentEntryView> found = await _money.PaymentAsync(payment, http.RequestAborted);
            if (found.Value is not { } taken) return Endpoints.Show(found);
            if (!taken.Reversed && await HoldAsync(http, PendingKind.Reversal, id, taken.Account, -taken.Amount.Nanos, memo, payment) is { } waits) return waits;
        }
        return Endpoints.Show(await _money.ReverseAsync(id, payment, memo, Endpoints.By(http), http.RequestAborted));
    }

    private async Task<IResult> ZeroAsync(HttpContext http, string number)
    {
        (string id, string memo, Fault? fault) = await ReversalAsync(http);
        if (fault is not null) return Problems.Of(fault);
        if (persons.IsAsked)
        {
            Answer<AccountView> found = await parts.Control.AccountAsync(number, http.RequestAborted);
            if (found.Value is not { } held) return Endpoints.Show(found);
            if (await HoldAsync(http, PendingKind.Zero, id, number, -held.Balance.Nanos, memo, "") is { } waits) return waits;
        }
        return Endpoints.Show(await _money.MakeZeroAsync(id, number, memo, Endpoints.By(http), http.RequestAborted));
    }

    private async Task<IResult?> HoldAsync(HttpContext http, PendingKind kind, string id, string account, long nanos, string memo, string reference)
    {
        return await HoldAsync(http, PendingPayment.Of(new PaymentOrder(id, account, nanos, memo)) with { Kind = kind, Reference = reference });
    }

    private async Task<IResult?> HoldAsync(HttpContext http, PendingPayment asked)
    {
        return await persons.HoldAsync(asked, Asker.Of(http)!, http.RequestAborted) is { } waits ? AuditEndpoints.Waits(waits) : null;
    }

    private static async Task<(string Id, string Memo, Fault? Fault)> ReversalAsync(HttpContext http)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<ReversalRequest>(await Endpoints.BodyAsync(http));
        (string id, string memo) = Endpoints.IdAndMemo(reader, body);
        return (id, memo, reader.Fault);
    }

    private async Task<IResult> PackagesAsync(HttpContext http, [FromQuery, Description("Of this account; all without it")] string? account) =>
        Endpoints.Show(await _money.PackagesAsync(string.IsNullOrEmpty(account) ? null : account, http.RequestAborted));

    private async Task<IResult> PackageAsync(HttpContext http, string id)
    {
        var reader = new RequestReader();
        int? package = reader.Integer("id", id);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        Answer<PackagesView> all = await _money.PackagesAsync(null, http.RequestAborted);
        if (all.Fault is { } none) return Problems.Of(none);
        return all.Value!.Packages.FirstOrDefault(p => p.Id == package) is { } found ? Results.Ok(found) : Problems.Of(new Fault(FaultKind.NotFound, $"There is no current package {package}."));
    }

    private async Task<IResult> EndAsync(HttpContext http, string id)
    {
        var reader = new RequestReader();
        int? package = reader.Integer("id", id);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        if (persons.IsAsked && (await _money.PackagesAsync(null, http.RequestAborted)).Value?.Packages.FirstOrDefault(p => p.Id == package) is { } current
            && await HoldAsync(http, PendingKind.Package, $"package-{package}", current.Account, current.Forgiven.Nanos, "", $"{package}") is { } waits) return waits;
        return Endpoints.Show(await _money.EndPackageAsync(package ?? 0, http.RequestAborted));
    }

    private async Task<IResult> MakeCardsAsync(HttpContext http)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<CardsRequest>(await Endpoints.BodyAsync(http), loose: true);
        int count = reader.Integer("count", reader.Required("count", body.GetValueOrDefault("count"))) ?? 0, digits = reader.Integer("digits", body.GetValueOrDefault("digits")) ?? 12, password = reader.Integer("passwordDigits", body.GetValueOrDefault("passwordDigits")) ?? 8;
        string prefix = body.GetValueOrDefault("prefix") ?? "";
        if (count is < 1 or > CardBatch.Most) reader.Wrong("count", $"must be 1 to {CardBatch.Most}");
        if (!prefix.All(char.IsAsciiDigit)) reader.Wrong("prefix", $"'{DocumentNode.Printable(prefix)}' is not of digits");
        if (digits > 32 || digits - prefix.Length < CardBatch.FreeDigits) reader.Wrong("digits", $"must be at most 32, and leave {CardBatch.FreeDigits} beside the prefix, so that no PIN is guessed");
        if (password is < 6 or > 32) reader.Wrong("passwordDigits", "must be 6 to 32");
        reader.Required("currency", body.GetValueOrDefault("currency"));
        var batch = new CardBatch(count, digits, prefix, password, body.Where(static f => BatchCardFields.Contains(f.Key)).ToDictionary(StringComparer.Ordinal));
        return reader.Fault is { } fault ? Problems.Of(fault) : Endpoints.Show(await _money.MakeCardsAsync(batch, Endpoints.By(http), http.RequestAborted));
    }

    private async Task<IResult> UseCardAsync(HttpContext http)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<CardUseRequest>(await Endpoints.BodyAsync(http));
        CardUse use = Use(reader, body);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        if (parts.Control.InForce.Configuration.StockCards.GetValueOrDefault(use.Pin) is { } card && card.IsPassword(use.Password)
            && await HoldAsync(http, Asked(PendingKind.Card, $"card-{use.Pin}", use.Account ?? use.Pin, card.PaysNanos, use.Pin, body)) is { } waits) return waits;
        return Endpoints.Show(await _money.UseCardAsync(use, Endpoints.By(http), http.RequestAborted));
    }

    private static PendingPayment Asked(PendingKind kind, string id, string account, long nanos, string reference, IReadOnlyDictionary<string, string> fields) =>
        PendingPayment.Of(new PaymentOrder(id, account, nanos, "")) with { Kind = kind, Reference = reference, Request = JsonSerializer.Serialize(fields) };

    internal static CardUse Use(RequestReader reader, IReadOnlyDictionary<string, string> body)
    {
        CardUse use = new(reader.Required("pin", body.GetValueOrDefault("pin")), reader.Required("password", body.GetValueOrDefault("password")), body.GetValueOrDefault("account"), body.GetValueOrDefault("boundNumber"));
        if (use is { Account: not null, BoundNumber: not null }) reader.Wrong("boundNumber", "is for a card that opens an account; with 'account' it cannot be");
        return use;
    }

    private async Task<IResult> ChargeAsync(HttpContext http)
    {
        var reader = new RequestReader();
        IReadOnlyDictionary<string, string> body = reader.Object<ExternalCallRequest>(await Endpoints.BodyAsync(http), loose: true);
        ExternalCall call = Call(reader, body);
        if (reader.Fault is { } fault) return Problems.Of(fault);
        if (persons.IsAsked)
        {
            Answer<ExternalCallView> quoted = await _money.QuoteAsync(call, http.RequestAborted);
            if (quoted.Value is not { } quote) return Endpoints.Show(quoted);
            string flow = call.FlowNumber < 0 ? "" : $"{call.FlowNumber}";
            if (quote is { Repeated: false, Amount: { } price } && await HoldAsync(http, Asked(PendingKind.Call, $"call-{(flow.Length > 0 ? flow : Guid.NewGuid().ToString("N"))}", quote.Account, -price.Nanos, flow, body)) is { } waits) return waits;
        }
        return Endpoints.Show(await _money.ChargeAsync(call, Endpoints.By(http), http.RequestAborted));
    }

    internal static ExternalCall Call(RequestReader reader, IReadOnlyDictionary<string, string> body)
    {
        string? Said(string name) => body.GetValueOrDefault(name);
        long flow = -1;
        if (Said("flowNumber") is { } text && (!long.TryParse(text, out flow) || flow < -1)) reader.Wrong("flowNumber", $"'{text}' is no number from -1");
        int seconds = reader.Integer("seconds", reader.Required("seconds", Said("seconds"))) ?? 0;
        if (seconds is < 0 or > Switching.Billing.Pricing.MaxBillableSeconds) reader.Wrong("seconds", $"must be 0 to {Switching.Billing.Pricing.MaxBillableSeconds}");
        BillingMode mode = Mode(reader, Said("billingMode"));
        return new ExternalCall
        {
            FlowNumber = flow, Mode = mode, Payer = reader.Required("payer", Said("payer")), Caller = Said("caller") ?? "", Callee = reader.Required("callee", Said("callee")),
            Start = reader.Time("start", reader.Required("start", Said("start"))) ?? default, Seconds = seconds, CallerGateway = Said("callerGateway") ?? "", CalleeGateway = Said("calleeGateway") ?? "",
            EndReason = reader.Integer("endReason", Said("endReason")) ?? 200,
        };
    }

    private async Task<IResult> AvailableAsync(HttpContext http,
        [FromQuery, Description("phone, gateway, boundNumber or card")] string? billingMode,
        [FromQuery, Description("Its number, name or PIN")] string? payer,
        [FromQuery, Description("The called number as it is billed")] string? callee,
        [FromQuery, Description("Also how long this carrier's clearing account could pay")] string? routingGateway)
    {
        var reader = new RequestReader();
        BillingMode mode = Mode(reader, billingMode);
        payer = reader.Required("payer", payer);
        callee = reader.Required("callee", callee);
        return reader.Fault is { } fault ? Problems.Of(fault) : Endpoints.Show(await _money.AvailableTimeAsync(payer, mode, callee, string.IsNullOrEmpty(routingGateway) ? null : routingGateway, http.RequestAborted));
    }

    private static BillingMode Mode(RequestReader reader, string? text)
    {
        switch (reader.Required("billingMode", text))
        {
            case "phone" or "0": return BillingMode.Phone;
            case "gateway" or "1": return BillingMode.MappingGateway;
            case "boundNumber" or "2": return BillingMode.BoundNumber;
            case "card" or "3": return BillingMode.PhoneCard;
            case "": return default;
            default:
                reader.Wrong("billingMode", $"'{text}' is not phone (0), gateway (1), boundNumber (2) or card (3)");
                return default;
        }
    }
}
