using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>Calls made elsewhere, and how long calls could last.</summary>
internal sealed class BilledCallMethods(ApiParts parts, WebConfiguration configuration)
{
    private const int CardThenGateway = 4;

    public IEnumerable<(string, WebHandler)> All => [("CreateCdr", CreateAsync), ("GetAvailableTime", AvailableAsync), ("GetIvrSecondAvailableTime", SecondAvailableAsync)];

    private async Task<WebReply> CreateAsync(WebRequest request, CancellationToken stop)
    {
        int mode = request.Integer("billingMode")!.Value, seconds = request.Integer("billingTime")!.Value;
        string caller = request.Text("callerE164") ?? "";
        (string? payer, string missing) = mode switch
        {
            0 or 2 => (request.Wanted("callerE164"), "callerE164"),
            1 => (request.Wanted("callerGatewayId"), "callerGatewayId"),
            3 => (Card(request), "account"),
            _ => (null, ""),
        };
        if (mode is < 0 or > 3) return WebReply.Refuse(WebCode.WrongParameter, $"billingMode: '{mode}' is not 0 (phone), 1 (mapping gateway), 2 (bound number) or 3 (active card)");
        if (payer is null) return WebReply.Refuse(WebCode.MissingParameter, $"{missing} is missing: billingMode {mode} charges it");
        if (request.Wanted("calleeE164") is not { } callee) return WebReply.Refuse(WebCode.MissingParameter, "calleeE164 is missing");
        if (seconds < 0) return WebReply.Refuse(WebCode.WrongParameter, $"billingTime: {seconds} is negative");
        long flow = request.Long("flowNo") ?? -1;
        if (flow < -1) return WebReply.Refuse(WebCode.WrongParameter, $"flowNo: {flow} is neither a number from 0 nor -1, for one of the switch's");
        if (!Address(request, "callerIp", out NetAddress callerIp) || !Address(request, "calleeIp", out NetAddress calleeIp)) return WebReply.Refuse(WebCode.WrongParameter, "callerIp and calleeIp must be addresses such as 192.0.2.1");
        Instant stopped = request.Long("stopTime") is { } end ? new Instant(end * 1000) : parts.Now();
        var made = new ExternalCall
        {
            FlowNumber = flow, Mode = (BillingMode)mode, Payer = payer, Caller = caller, Callee = callee, Seconds = seconds,
            Start = request.Long("startTime") is { } start ? new Instant(start * 1000) : new Instant(stopped.Micros - (seconds * 1_000_000L)),
            CallerGateway = request.Text("callerGatewayId") ?? "", CalleeGateway = request.Text("calleeGatewayId") ?? "",
            CallerToGateway = request.Text("callerToGatewayE164") ?? "", CalleeToGateway = request.Text("calleeToGatewayE164") ?? "", CallerAddress = callerIp, CalleeAddress = calleeIp,
            EndReason = request.Integer("endReason") ?? 200, EndDirection = (EndDirection)Math.Clamp(request.Integer("endDirection") ?? 0, 0, 2),
        };
        if (parts.Authentication().PaymentConfirmAbove > 0)
        {
            Answer<ExternalCallView> quoted = await parts.Money.QuoteAsync(made, stop);
            if (quoted.Value is not { } quote) return WebReply.Of(quoted.Fault!);
            if (!quote.Repeated && WebReply.OfSecondPerson(parts, quote.Amount?.Nanos ?? 0) is { } large) return large;
        }
        Answer<ExternalCallView> charged = await parts.Money.ChargeAsync(made, request.By, stop);
        if (charged.Value is not { } call) return WebReply.Of(charged.Fault!);
        return call.Repeated ? WebReply.Refuse(WebCode.Conflict, $"flowNo: the call {flow} is recorded already; nothing was charged") : WebReply.Done;
    }

    private async Task<WebReply> AvailableAsync(WebRequest request, CancellationToken stop)
    {
        int mode = request.Integer("billingMode")!.Value;
        if (mode is < 0 or > CardThenGateway) return WebReply.Refuse(WebCode.WrongParameter, $"billingMode: '{mode}' is not 0 to 4");
        string payer = request.Text("billingName")!, callee = request.Text("calleeE164")!;
        BillingMode[] modes = mode == CardThenGateway ? [BillingMode.PhoneCard, BillingMode.MappingGateway] : [(BillingMode)mode];
        (AvailableTimeView? found, WebReply? refused) = await FirstAsync(modes.Select(m => (payer, m)), callee, request.Wanted("routingGateway"), stop);
        return found is null ? refused! : Shown("InfoAvailableTime", found, withCarrier: true);
    }

    // 0: the access number's phone, 1: a card, 2: what is found of bound number, card and phone, 3: the caller's phone.
    private async Task<WebReply> SecondAvailableAsync(WebRequest request, CancellationToken stop)
    {
        if (request.Integer("mergeBillingType") is not (null or 0)) return WebReply.Refuse(WebCode.NotServed, "mergeBillingType: the legs of a call are not billed together here, so only 0 is served");
        string payer = request.Text("billingNumber")!;
        BillingMode[] modes = request.Integer("billingType") switch
        {
            0 or 3 => [BillingMode.Phone],
            1 => [BillingMode.PhoneCard],
            2 => [BillingMode.BoundNumber, BillingMode.PhoneCard, BillingMode.Phone],
            _ => [],
        };
        if (modes.Length == 0) return WebReply.Refuse(WebCode.WrongParameter, $"billingType: '{request.Integer("billingType")}' is not 0 to 3");
        (AvailableTimeView? found, WebReply? refused) = await FirstAsync(modes.Select(m => (payer, m)), request.Text("calleeE164")!, null, stop);
        return found is null ? refused! : Shown("infoIvrSecondAvailableTime", found, withCarrier: false);
    }

    private async Task<(AvailableTimeView?, WebReply?)> FirstAsync(IEnumerable<(string Payer, BillingMode Mode)> payers, string callee, string? carrier, CancellationToken stop)
    {
        WebReply? refused = null;
        foreach ((string payer, BillingMode mode) in payers)
        {
            Answer<AvailableTimeView> found = await parts.Money.AvailableTimeAsync(payer, mode, callee, carrier, stop);
            if (found.Value is { } view) return (view, null);
            refused ??= WebReply.Of(found.Fault!);
        }
        return (null, refused);
    }

    private WebReply Shown(string name, AvailableTimeView view, bool withCarrier) => WebReply.With(to =>
    {
        to.WriteStartObject(name);
        to.WriteString("account", view.Account);
        to.WriteString("accountName", configuration.Current.Accounts.GetValueOrDefault(view.Account)?.Name ?? "");
        WebJson.Amount(to, "accountMoney", view.Balance.Nanos);
        to.WriteNumber("timeRemain", view.Seconds ?? int.MaxValue);
        if (withCarrier) to.WriteNumber("timeRemainRoutingGateway", view.CarrierSeconds ?? int.MaxValue);
        to.WriteEndObject();
    });

    // The account of a card: its PIN, or the account that has one.
    private string? Card(WebRequest request) => request.Wanted("account") is not { } named ? null
        : configuration.Current.ActiveCards.ContainsKey(named) ? named
        : configuration.Current.ActiveCards.Values.FirstOrDefault(c => c.Account == named)?.Pin ?? named;

    private static bool Address(WebRequest request, string name, out NetAddress address)
    {
        address = default;
        return request.Wanted(name) is not { } text || NetAddress.TryParse(text, 0, out address);
    }
}
