using System.Globalization;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Configuration;
using Tandem.Switching.Settings;

namespace Tandem.Server.WebApi;

/// <summary>Payments by hand and by phone card, and what was paid and charged besides calls.</summary>
internal sealed class MoneyMethods(ApiParts parts, WebConfiguration configuration)
{
    private static readonly string[] Kinds = ["Recharge", "Deduction", "Opening", "Zero"];
    private static readonly string[] Consumptions = ["PackageRent", "PhoneRent", "PhoneShortfall", "PackageShortfall"];

    public IEnumerable<(string, WebHandler)> All =>
    [
        ("Pay", PayAsync), ("GetPayHistory", HistoryAsync), ("GetConsumption", ConsumptionAsync), ("PayByPhoneCard", PayByCardAsync), ("PhoneCardActive", ActivateAsync), ("GetPhoneCard", GetCard),
        ("GetCurrentSuite", PackagesAsync), ("DeleteCurrentSuite", EndPackageAsync),
    ];

    private async Task<WebReply> PayAsync(WebRequest request, CancellationToken stop)
    {
        (string? account, WebReply? refused) = Payee(configuration.Current, request.Text("ownerName")!, request.Integer("ownerType")!.Value);
        if (account is null) return refused!;
        long nanos = request.Nanos("money")!.Value;
        if (WebReply.OfSecondPerson(parts, nanos) is { } large) return large;
        // The Web API has no payment ids, so a request sent twice is two payments, as it always was.
        Answer<PaymentView> paid = await parts.Control.PayAsync(new PaymentOrder($"web-{Guid.NewGuid():N}", account, nanos, request.Text("memo") ?? ""), request.By, stop);
        return paid.Value is { } payment ? await ShownAsync(payment.Account, payment.BalanceAfter, payment.Amount.Nanos, stop) : WebReply.Of(paid.Fault!);
    }

    private async Task<WebReply> PayByCardAsync(WebRequest request, CancellationToken stop)
    {
        (string? account, WebReply? refused) = Payee(configuration.Current, request.Text("ownerName")!, request.Integer("ownerType")!.Value);
        if (account is null) return refused!;
        if (WebReply.OfSecondPerson(parts, Worth(request)) is { } large) return large;
        Answer<CardUsedView> used = await parts.Money.UseCardAsync(new CardUse(request.Text("pin")!, request.Text("password") ?? "", account, null), request.By, stop);
        return used.Value is { } card ? await ShownAsync(card.Account, card.Balance, card.Amount?.Nanos ?? 0, stop) : WebReply.Of(used.Fault!);
    }

    private async Task<WebReply> ActivateAsync(WebRequest request, CancellationToken stop)
    {
        if (WebReply.OfSecondPerson(parts, Worth(request)) is { } large) return large;
        Answer<CardUsedView> used = await parts.Money.UseCardAsync(new CardUse(request.Text("pin")!, request.Text("password") ?? "", null, request.Wanted("bindedE164")), request.By, stop);
        return used.Fault is { } fault ? WebReply.Of(fault) : WebReply.Done;
    }

    // Of the card, to who knows its password.
    private long Worth(WebRequest request) => configuration.Current.StockCards.GetValueOrDefault(request.Text("pin")!) is { } card && card.IsPassword(request.Text("password") ?? "") ? card.PaysNanos : 0;

    private Task<WebReply> GetCard(WebRequest request, CancellationToken stop)
    {
        if (!configuration.Current.StockCards.TryGetValue(request.Text("pin")!, out StockCardConfig? card) || !card.IsPassword(request.Text("password") ?? ""))
            return Task.FromResult(WebReply.Refuse(WebCode.NotFound, "there is no such card, or its password is another"));
        return Task.FromResult(WebReply.With(to =>
        {
            to.WriteStartObject("infoPhoneCard");
            WebJson.Amount(to, "money", card.MoneyNanos);
            WebJson.Amount(to, "limitMoney", card.CreditLimitNanos);
            to.WriteNumber("bitsOfConfig", (int)card.Uses);
            to.WriteString("feeRateGroup", card.Deck ?? "");
            WebJson.Time(to, "expireTime", card.ValidUntil);
            WebJson.Time(to, "usedTime", card.UsedAt);
            to.WriteString("usedAccount", card.UsedBy);
            to.WriteString("agentAccount", card.Agent ?? "");
            WebJson.Texts(to, "suiteNames", card.Packages);
            to.WriteString("memo", card.Memo);
            to.WriteEndObject();
        }));
    }

    private async Task<WebReply> HistoryAsync(WebRequest request, CancellationToken stop)
    {
        (MoneyQuery? query, Func<string, bool> shown, WebReply? refused) = Asked(request);
        if (query is null) return refused!;
        Answer<PaymentHistoryView> found = await parts.Money.PaymentsAsync(query, stop);
        if (found.Value is not { } history) return WebReply.Of(found.Fault!);
        if (TooMany(history.Payments.Count) is { } many) return many;
        return WebReply.List("infoPayHistorys", history.Payments.Where(p => shown(p.Account)), static (to, p) =>
        {
            to.WriteString("account", p.Account);
            WebJson.Amount(to, "fee", p.Amount.Nanos);
            int kind = Array.IndexOf(Kinds, p.Kind);
            to.WriteNumber("type", kind >= 0 ? kind : p.Amount.Nanos < 0 ? 1 : 0);
            to.WriteNumber("payType", p.Means switch { "Cash" => 0, "RechargeCard" => 2, _ => 5 });
            WebJson.Amount(to, "customerMoney", p.BalanceAfter.Nanos);
            WebJson.Time(to, "payTime", p.At);
            to.WriteString("memo", p.Memo);
        });
    }

    private async Task<WebReply> ConsumptionAsync(WebRequest request, CancellationToken stop)
    {
        (MoneyQuery? query, Func<string, bool> shown, WebReply? refused) = Asked(request);
        if (query is null) return refused!;
        Answer<ConsumptionsView> found = await parts.Money.ConsumptionsAsync(query, stop);
        if (found.Value is not { } all) return WebReply.Of(found.Fault!);
        if (TooMany(all.Consumptions.Count) is { } many) return many;
        return WebReply.List("infoConsumptions", all.Consumptions.Where(c => shown(c.Account)), static (to, c) =>
        {
            to.WriteString("account", c.Account);
            WebJson.Amount(to, "money", c.Amount.Nanos);
            WebJson.Amount(to, "customerMoney", c.BalanceAfter.Nanos);
            to.WriteNumber("type", Array.IndexOf(Consumptions, c.Kind));
            to.WriteString("consumptionName", c.Name);
            WebJson.Time(to, "time", c.At);
        });
    }

    private async Task<WebReply> PackagesAsync(WebRequest request, CancellationToken stop)
    {
        SwitchConfiguration now = configuration.Current;
        if (PackageMethods.Owner(now, request).Refused is { } refused) return refused;
        string name = request.Text("ownerName")!;
        string? phone = request.Integer("ownerType") == PackageMethods.OwnerPhone ? name : null;
        Answer<PackagesView> found = await parts.Money.PackagesAsync(phone is null ? name : now.Phones[phone].Account, stop);
        if (found.Value is not { } packages) return WebReply.Of(found.Fault!);
        return WebReply.List("infoCurrentSuites", packages.Packages.Where(p => now.PackageOrders.GetValueOrDefault(p.Order)?.Phone == phone), (to, current) =>
        {
            PackageConfig? package = now.Packages.GetValueOrDefault(current.Package);
            to.WriteNumber("id", current.Id);
            to.WriteNumber("suiteId", WebIds.Of(current.Package));
            to.WriteNumber("suiteOrderId", WebIds.Of(current.Order));
            to.WriteNumber("rentPeriod", package?.RentPeriod ?? 0);
            to.WriteNumber("rentType", (int)(package?.RentType ?? default));
            WebJson.Amount(to, "rentFee", current.Rent.Nanos);
            WebJson.Time(to, "expireTime", current.Until);
            WebJson.Amount(to, "minConsumption", current.MinConsumption.Nanos);
            WebJson.Amount(to, "currentConsumption", current.Spent.Nanos);
            WebJson.Amount(to, "lowerConsumption", package?.LowerConsumptionNanos ?? 0);
            WebJson.Amount(to, "giftMoney", current.GiftMoneyLeft.Nanos);
            to.WriteStartArray("infoGiftTimes");
            for (int i = 0; i < current.SecondsLeft.Count && i < package?.GiftTimes.Length; i++)
            {
                GiftTimeConfig gift = package.GiftTimes[i];
                to.WriteStartObject();
                to.WriteString("prefix", string.Join(',', gift.Prefixes));
                to.WriteNumber("startTime", gift.StartTime);
                to.WriteNumber("endTime", gift.EndTime);
                to.WriteNumber("giftTime", current.SecondsLeft[i]);
                to.WriteNumber("billingTime", gift.Cycle);
                to.WriteString("memo", gift.Memo);
                to.WriteEndObject();
            }
            to.WriteEndArray();
            to.WriteString("memo", package?.Memo ?? "");
        });
    }

    private async Task<WebReply> EndPackageAsync(WebRequest request, CancellationToken stop)
    {
        int id = request.Integer("id")!.Value;
        PackageView? current = (await parts.Money.PackagesAsync(null, stop)).Value?.Packages.FirstOrDefault(p => p.Id == id);
        if (current is not null && WebReply.OfSecondPerson(parts, current.Forgiven.Nanos) is { } large) return large;
        return (await parts.Money.EndPackageAsync(id, stop)).Fault is { } fault ? WebReply.Of(fault) : WebReply.Done;
    }

    private async Task<WebReply> ShownAsync(string account, Money balance, long nanos, CancellationToken stop)
    {
        Answer<AccountView> view = await parts.Control.AccountAsync(account, stop);
        return WebReply.With(to =>
        {
            to.WriteStartObject("infoPay");
            to.WriteString("account", account);
            WebJson.Amount(to, "money", balance.Nanos);
            WebJson.Time(to, "validTime", view.Value?.ValidUntil ?? Instant.Never);
            WebJson.Amount(to, "payMoney", nanos);
            to.WriteEndObject();
        });
    }

    private (MoneyQuery? Query, Func<string, bool> Shown, WebReply? Refused) Asked(WebRequest request)
    {
        SwitchConfiguration now = configuration.Current;
        string? agent = request.Wanted("agentAccount");
        bool Shown(string account) => agent is null || CustomerMethods.IsBelow(now, account, agent, direct: false);
        if (Moment(request, "beginTime", out Instant since) is { } wrong || (wrong = Moment(request, "endTime", out Instant until)) is not null) return (null, Shown, wrong);
        QuerySettings limits = parts.QueryLimits();
        if (until < since) return (null, Shown, WebReply.Refuse(WebCode.WrongParameter, "endTime is before beginTime"));
        if (until - since > TimeSpan.FromDays(limits.MaxDayInterval)) return (null, Shown, WebReply.Refuse(WebCode.IntervalTooLong, $"beginTime to endTime is longer than {limits.MaxDayInterval} days (SERVER_QUERY_CDR_MAX_DAY_INTERVAL)"));
        return (new MoneyQuery(request.Wanted("account"), since, until + TimeSpan.FromSeconds(1), limits.MaxSize + 1), Shown, null);
    }

    private WebReply? TooMany(int count) => count > parts.QueryLimits().MaxSize
        ? WebReply.Refuse(WebCode.IntervalTooLong, $"that are more than {parts.QueryLimits().MaxSize} entries (SERVER_QUERY_MAX_SIZE); ask for less time at once")
        : null;

    // yyyyMMddHHmmss in the server's time zone.
    private static WebReply? Moment(WebRequest request, string name, out Instant at)
    {
        at = default;
        string text = request.Text(name)!;
        if (!DateTime.TryParseExact(text, "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime local))
            return WebReply.Refuse(WebCode.WrongParameter, $"{name}: '{text}' is not a moment such as 20260131235959");
        at = Instant.FromUtc(TimeZoneInfo.ConvertTimeToUtc(TimeZoneInfo.Local.IsInvalidTime(local) ? local.AddHours(1) : local, TimeZoneInfo.Local));
        return null;
    }

    /// <summary>The account behind an owner: 2 the account itself, 6 a phone's, 11 an active card's, 25 a bound number's, 44 a mapping gateway's.</summary>
    private static (string? Account, WebReply? Refused) Payee(SwitchConfiguration configuration, string name, int type)
    {
        (string noun, bool exists, string? account) = type switch
        {
            2 => ("account", configuration.Accounts.ContainsKey(name), name),
            6 => ("phone", configuration.Phones.TryGetValue(name, out PhoneConfig? phone), phone?.Account),
            11 => ("active card", configuration.ActiveCards.TryGetValue(name, out ActiveCardConfig? card), card?.Account),
            25 => ("bound number", configuration.BoundNumbers.TryGetValue(name, out BoundNumberConfig? bound), bound is null ? null : configuration.ActiveCards.GetValueOrDefault(bound.Pin)?.Account),
            44 => ("mapping gateway", configuration.MappingGateways.TryGetValue(name, out MappingGatewayConfig? gateway), gateway?.Account),
            _ => ("", false, null),
        };
        if (noun.Length == 0) return (null, WebReply.Refuse(WebCode.WrongParameter, $"ownerType: '{type}' is not 2 (account), 6 (phone), 11 (active card), 25 (bound number) or 44 (mapping gateway)"));
        if (!exists) return (null, WebReply.Refuse(WebCode.NotFound, $"there is no {noun} {name}"));
        return account is null ? (null, WebReply.Refuse(WebCode.NotFound, $"the {noun} {name} has no account")) : (account, null);
    }
}
