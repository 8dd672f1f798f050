using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>Rate groups, which are decks here, and their rates. Rates themselves come by deck import or document.</summary>
internal sealed class RateMethods(ApiParts parts, WebConfiguration configuration)
{
    public IEnumerable<(string, WebHandler)> All =>
    [
        ("GetFeeRateGroup", GetGroups), ("CreateFeeRateGroup", CreateAsync), ("ModifyFeeRateGroup", ModifyAsync), ("DeleteFeeRateGroup", DeleteAsync), ("GetFeeRate", GetRates),
    ];

    private Task<WebReply> GetGroups(WebRequest request, CancellationToken stop)
    {
        IReadOnlyList<string>? names = request.Names("names");
        return Task.FromResult(WebReply.List("infoFeeRateGroups", configuration.Current.Decks.Values.Where(d => names?.Contains(d.Name) != false), static (to, deck) =>
        {
            to.WriteString("name", deck.Name);
            to.WriteString("memo", deck.Memo);
        }));
    }

    private Task<WebReply> CreateAsync(WebRequest request, CancellationToken stop) => configuration.ChangeAsync(c =>
    {
        string name = request.Text("name")!;
        if (c.Decks.ContainsKey(name)) return (null, WebReply.Refuse(WebCode.Conflict, $"the rate group {name} is there already"));
        Currency[] currencies = [.. c.Decks.Values.Select(static d => d.Currency).Concat(c.Accounts.Values.Select(static a => a.Currency)).Distinct()];
        if (currencies.Length != 1) return (null, WebReply.Refuse(WebCode.WrongParameter, "the group's currency is not known, since the decks and accounts there are have not all the same; import the deck with its currency"));
        return (Document(new JsonObject { ["name"] = name, ["currency"] = currencies[0].ToString(), ["rates"] = new JsonArray() }, request), null);
    }, request.By, stop);

    private Task<WebReply> ModifyAsync(WebRequest request, CancellationToken stop) => configuration.ChangeAsync(c => c.Decks.TryGetValue(request.Text("name")!, out DeckRef? deck)
        ? (Document(new JsonObject { ["name"] = deck.Name, ["currency"] = deck.Currency.ToString(), ["version"] = deck.Version, ["fakeMinute"] = deck.FakeMinute, ["memo"] = deck.Memo }, request), null)
        : (null, None(request.Text("name")!)), request.By, stop);

    private Task<WebReply> DeleteAsync(WebRequest request, CancellationToken stop) => configuration.ChangeAsync(c => c.Decks.ContainsKey(request.Text("name")!)
        ? (new JsonObject { ["remove"] = new JsonObject { ["decks"] = new JsonArray(request.Text("name")!) } }, null)
        : (null, None(request.Text("name")!)), request.By, stop);

    private Task<WebReply> GetRates(WebRequest request, CancellationToken stop)
    {
        string name = request.Text("feeRateGroup")!;
        if (parts.Control.Deck(name) is not { } deck) return Task.FromResult(None(name));
        HashSet<string>? areas = request.Names("areaCodes") is { } named ? [.. named] : null;
        return Task.FromResult(WebReply.List("infoFeeRates", deck.Rates.Where(r => areas?.Contains(r.Prefix.ToString()) != false), Write));
    }

    // What we call a rate a minute in steps is a fee a step there; a first step of another length, or a connect fee, is a section before it.
    private static void Write(Utf8JsonWriter to, Rate rate)
    {
        Tariff tariff = rate.Tariff;
        to.WriteString("feePrefix", rate.Prefix.ToString());
        to.WriteString("areaCode", rate.Details is { AreaCode.Length: > 0 } stated ? stated.AreaCode : rate.Prefix.ToString());
        to.WriteNumber("type", (int)(rate.Details?.Level ?? 0));
        to.WriteString("areaName", rate.Area);
        to.WriteStartArray("infoFeeRateSections");
        if (tariff.ConnectFeeNanos > 0 || tariff.FirstSeconds != tariff.NextSeconds)
        {
            to.WriteStartObject();
            WebJson.Amount(to, "fee", Pricing.Price(tariff, tariff.FirstSeconds).Nanos);
            to.WriteNumber("time", tariff.FirstSeconds);
            to.WriteNumber("position", 0);
            to.WriteEndObject();
        }
        int position = 0;
        foreach (TariffStage stage in tariff.Terms?.Stages ?? [])
        {
            to.WriteStartObject();
            WebJson.Amount(to, "fee", CycleFee(stage.CycleFeeNanos, stage.RatePerMinuteNanos, stage.CycleSeconds));
            to.WriteNumber("time", stage.AfterSeconds);
            to.WriteNumber("position", ++position);
            to.WriteEndObject();
        }
        to.WriteEndArray();
        WebJson.Amount(to, "fee", CycleFee(tariff.Terms?.CycleFeeNanos, tariff.RatePerMinuteNanos, tariff.NextSeconds));
        to.WriteNumber("period", tariff.NextSeconds);
        to.WriteNumber("lockType", rate.Locked ? 1 : 0);
        WebJson.Amount(to, "ivrFee", rate.Details?.IvrFeeNanos ?? 0);
        to.WriteNumber("ivrPeriod", rate.Details?.IvrSeconds ?? 0);
    }

    private static long CycleFee(long? fee, long ratePerMinute, int cycle) => fee ?? Pricing.Price(new Tariff(ratePerMinute, 0, cycle, cycle, default), cycle).Nanos;

    private static JsonObject Document(JsonObject deck, WebRequest request)
    {
        if (request.Integer("fakeMinute") is { } minute) deck["fakeMinute"] = minute;
        if (request.Text("memo") is { } memo) deck["memo"] = memo;
        return new JsonObject { ["decks"] = new JsonArray(deck) };
    }

    private static WebReply None(string name) => WebReply.Refuse(WebCode.NotFound, $"there is no rate group {name}");
}
