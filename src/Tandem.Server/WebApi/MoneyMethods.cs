using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>Pay.</summary>
internal sealed class MoneyMethods(ApiParts parts, WebConfiguration configuration)
{
    public IEnumerable<(string, WebHandler)> All => [("Pay", PayAsync)];

    private async Task<WebReply> PayAsync(WebRequest request, CancellationToken stop)
    {
        (string? account, WebReply? refused) = Payee(configuration.Current, request.Text("ownerName")!, request.Integer("ownerType")!.Value);
        if (account is null) return refused!;
        long nanos = request.Nanos("money")!.Value;
        // The Web API has no payment ids, so a request sent twice is two payments, as it always was.
        Answer<PaymentView> paid = await parts.Control.PayAsync(new PaymentOrder($"web-{Guid.NewGuid():N}", account, nanos, request.Text("memo") ?? ""), request.By, stop);
        return paid.Value is { } payment ? Shown(payment) : WebReply.Of(paid.Fault!);
    }

    private static WebReply Shown(PaymentView payment) => WebReply.With(to =>
    {
        to.WriteStartObject("infoPay");
        to.WriteString("account", payment.Account);
        WebJson.Amount(to, "money", payment.BalanceAfter.Nanos);
        to.WriteNumber("validTime", 0);
        WebJson.Amount(to, "payMoney", payment.Amount.Nanos);
        to.WriteEndObject();
    });

    /// <summary>The account behind an owner: 2 the account itself, 6 a phone's, 44 a mapping gateway's.</summary>
    private static (string? Account, WebReply? Refused) Payee(SwitchConfiguration configuration, string name, int type)
    {
        (string noun, bool exists, string? account) = type switch
        {
            2 => ("account", configuration.Accounts.ContainsKey(name), name),
            6 => ("phone", configuration.Phones.TryGetValue(name, out PhoneConfig? phone), phone?.Account),
            44 => ("mapping gateway", configuration.MappingGateways.TryGetValue(name, out MappingGatewayConfig? gateway), gateway?.Account),
            _ => ("", false, null),
        };
        if (noun.Length == 0) return (null, WebReply.Refuse(WebCode.WrongParameter, $"ownerType: '{type}' is not 2 (account), 6 (phone) or 44 (mapping gateway)"));
        if (!exists) return (null, WebReply.Refuse(WebCode.NotFound, $"there is no {noun} {name}"));
        return account is null ? (null, WebReply.Refuse(WebCode.NotFound, $"the {noun} {name} has no account")) : (account, null);
    }
}
