using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>Active phone cards and the numbers bound to them.</summary>
internal sealed class CardMethods
{
    private readonly ApiParts _parts;
    private readonly WebConfiguration _configuration;
    private readonly WebEntity<ActiveCardConfig> _cards = Cards();
    private readonly WebEntity<BoundNumberConfig> _numbers;

    public CardMethods(ApiParts parts, WebConfiguration configuration)
    {
        _parts = parts;
        _configuration = configuration;
        _numbers = Numbers(pin => configuration.Current.ActiveCards.GetValueOrDefault(pin)?.Account ?? "");
    }

    public IEnumerable<(string, WebHandler)> All =>
    [
        ("CreateActivePhoneCard", CreateAsync),
        ("ModifyActivePhoneCard", (request, stop) => _configuration.ModifyAsync(_cards, WebMethods.Find("ModifyActivePhoneCard")!.Request, request, stop)),
        ("DeleteActivePhoneCard", DeleteAsync), ("GetActivePhoneCard", Get),
        ("CreateBindedE164", BindAsync),
        ("ModifyBindedE164", (request, stop) => _configuration.ModifyAsync(_numbers, WebMethods.Find("ModifyBindedE164")!.Request, request, stop)),
        ("DeleteBindedE164", (request, stop) => _configuration.DeleteAsync(_numbers, request, stop)), ("GetBindedE164", GetNumbers),
    ];

    public static WebEntity<ActiveCardConfig> Cards() => new(MoneyKinds.ActiveCards, FrozenDictionary<string, string>.Empty, FrozenDictionary<string, string>.Empty);

    public static WebEntity<BoundNumberConfig> Numbers(Func<string, string> accountOf) => new(MoneyKinds.BoundNumbers, FrozenDictionary<string, string>.Empty, FrozenDictionary<string, string>.Empty)
    {
        Own = new Dictionary<string, Action<Utf8JsonWriter, string, BoundNumberConfig>>(StringComparer.Ordinal)
        {
            ["account"] = (to, name, b) => to.WriteString(name, accountOf(b.Pin)),
        }.ToFrozenDictionary(StringComparer.Ordinal),
    };

    // The API gives the password back as an Integer, so one that is made here is a number without leading zeros.
    private async Task<WebReply> CreateAsync(WebRequest request, CancellationToken stop)
    {
        string password = request.Text("password") is { Length: > 0 } given ? given : RandomNumberGenerator.GetInt32(10_000_000, 100_000_000).ToString(CultureInfo.InvariantCulture);
        WebReply done = await _configuration.CreateAsync(_cards, WebMethods.Find("CreateActivePhoneCard")!.Request, request, stop, (_, statement) =>
        {
            statement["password"] = password;
            statement["activeTime"] = _parts.Now().Micros / 1000;
            return null;
        });
        if (done.Code != WebCode.Success) return done;
        return int.TryParse(password, out int number) && number.ToString(CultureInfo.InvariantCulture) == password ? WebReply.With(to => to.WriteNumber("password", number)) : WebReply.Done;
    }

    private Task<WebReply> DeleteAsync(WebRequest request, CancellationToken stop) => _configuration.ChangeAsync(c =>
    {
        string pin = request.Text("pin")!;
        if (!c.ActiveCards.ContainsKey(pin)) return (null, WebConfiguration.Unknown(_cards, pin));
        JsonNode[] bound = [.. c.BoundNumbers.Values.Where(b => b.Pin == pin).Select(static b => JsonValue.Create(b.E164))];
        JsonObject remove = new() { ["activeCards"] = new JsonArray(pin) };
        if (bound.Length > 0) remove["boundNumbers"] = new JsonArray(bound);
        return (new JsonObject { ["remove"] = remove }, null);
    }, request.By, stop);

    private Task<WebReply> Get(WebRequest request, CancellationToken stop)
    {
        IReadOnlyList<string>? accounts = request.Names("accounts");
        return Task.FromResult(_cards.List("GetActivePhoneCard", _configuration.Select(_cards, request.Names("pins")).Where(c => accounts?.Contains(c.Account) != false)));
    }

    private Task<WebReply> BindAsync(WebRequest request, CancellationToken stop) =>
        _configuration.CreateAsync(_numbers, WebMethods.Find("CreateBindedE164")!.Request, request, stop, (_, statement) =>
        {
            statement["bindTime"] = _parts.Now().Micros / 1000;
            return null;
        });

    private Task<WebReply> GetNumbers(WebRequest request, CancellationToken stop)
    {
        SwitchConfiguration configuration = _configuration.Current;
        string? pin = request.Wanted("pin"), account = request.Wanted("account");
        return Task.FromResult(_numbers.List("GetBindedE164", _configuration.Select(_numbers, request.Names("e164s")).Where(b =>
            (pin is null || b.Pin == pin) && (account is null || configuration.ActiveCards.GetValueOrDefault(b.Pin)?.Account == account))));
    }
}
