using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Switching.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>CreateCustomer, ModifyCustomer, DeleteCustomer, GetCustomer, GetAllCustomers.</summary>
internal sealed class CustomerMethods
{
    private readonly ApiParts _parts;
    private readonly WebConfiguration _configuration;
    private readonly WebEntity<AccountConfig> _accounts;

    public CustomerMethods(ApiParts parts, WebConfiguration configuration)
    {
        _parts = parts;
        _configuration = configuration;
        _accounts = Accounts();
    }

    public static WebEntity<AccountConfig> Accounts() => new(EntityKinds.Accounts, FrozenDictionary<string, string>.Empty, WebKept.Accounts)
    {
        Own = new Dictionary<string, Action<Utf8JsonWriter, string, AccountConfig>>(StringComparer.Ordinal)
        {
            ["money"] = static (to, name, _) => to.WriteNumber(name, 0),
            ["todayConsumption"] = static (to, name, _) => to.WriteNumber(name, 0),
            ["category"] = static (to, name, _) => to.WriteNumber(name, 0),
            ["bindedE164s"] = static (to, name, _) => WebJson.Texts(to, name, []),
        }.ToFrozenDictionary(StringComparer.Ordinal),
    };

    public IEnumerable<(string, WebHandler)> All =>
    [
        ("CreateCustomer", CreateAsync), ("ModifyCustomer", ModifyAsync), ("DeleteCustomer", DeleteAsync), ("GetCustomer", GetAsync), ("GetAllCustomers", GetAllAsync),
    ];

    private async Task<WebReply> CreateAsync(WebRequest request, CancellationToken stop)
    {
        if (WebReply.OfSecondPerson(_parts, request.Nanos("money") ?? 0) is { } large) return large;
        WebReply created = await _configuration.CreateAsync(_accounts, WebShapes.CustomerWrite, request, stop, (c, statement) =>
        {
            statement["startTime"] = _parts.Now().Micros / 1000;
            return Currency(c, statement);
        });
        if (created.Code != WebCode.Success || request.Nanos("money") is not { } nanos || nanos == 0) return created;
        string account = request.Text("account")!;
        Answer<PaymentView> paid = await _parts.Control.PayAsync(new PaymentOrder($"opening-{account}", account, nanos, "opening balance", IsOpening: true), request.By, stop);
        return paid.Fault is { } fault ? WebReply.Refuse(WebReply.Of(fault).Code, $"the account {account} was opened, but its opening balance was not booked: {fault.Says}") : WebReply.Done;
    }

    /// <summary>The Web API has no currencies: the account has that of its rate group, else of all the others when they have one.</summary>
    internal static WebReply? Currency(SwitchConfiguration configuration, JsonObject statement)
    {
        Currency[] candidates = (string?)statement["feeRateGroup"] is { Length: > 0 } group && configuration.Decks.TryGetValue(group, out DeckRef? deck)
            ? [deck.Currency]
            : [.. configuration.Accounts.Values.Select(static a => a.Currency).Distinct()];
        if (candidates.Length != 1) return WebReply.Refuse(WebCode.WrongParameter, "feeRateGroup: without one the account's currency is not known, since the accounts there are have not all the same");
        statement["currency"] = candidates[0].ToString();
        return null;
    }

    private Task<WebReply> ModifyAsync(WebRequest request, CancellationToken stop) =>
        _configuration.ModifyAsync(_accounts, WebMethods.Find("ModifyCustomer")!.Request, request, stop);

    // An account's money and history stay, so deleting one cancels it.
    private Task<WebReply> DeleteAsync(WebRequest request, CancellationToken stop) => _configuration.ChangeAsync(c =>
    {
        string number = request.Text("account")!;
        if (!c.Accounts.TryGetValue(number, out AccountConfig? account)) return (null, WebConfiguration.Unknown(_accounts, number));
        JsonObject statement = _accounts.StatementOf(account);
        statement["canceled"] = true;
        return (new JsonObject { [_accounts.Kind.List] = new JsonArray(statement) }, null);
    }, request.By, stop);

    private async Task<WebReply> GetAsync(WebRequest request, CancellationToken stop)
    {
        SwitchConfiguration configuration = _configuration.Current;
        IEnumerable<AccountConfig> found = _configuration.Select(_accounts, request.Names("accounts"));
        if (request.Names("e164s") is { } numbers)
        {
            HashSet<string> owners = [.. numbers.Select(n => configuration.Phones.GetValueOrDefault(n)?.Account).OfType<string>()];
            found = found.Where(a => owners.Contains(a.Number));
        }
        if (request["filterAgentAccount"] is { } filter) found = Below(configuration, filter, found);
        if (request.Integer("type") is { } type) found = found.Where(a => (int)a.Kind == type);
        List<AccountConfig> accounts = [.. found];
        Dictionary<string, AccountView> money = await MoneyAsync(accounts, stop);
        HashSet<string> agents = [.. configuration.Accounts.Values.Select(static a => a.Agent).OfType<string>()];
        ILookup<string, string> numbersOf = configuration.BoundNumbers.Values.ToLookup(b => configuration.ActiveCards.GetValueOrDefault(b.Pin)?.Account ?? "", static b => b.E164);
        return WebReply.With(to =>
        {
            to.WriteStartArray("infoCustomers");
            foreach (AccountConfig account in accounts)
            {
                to.WriteStartObject();
                foreach (WebField field in WebShapes.Customer.Fields)
                {
                    AccountView? view = money.GetValueOrDefault(account.Number);
                    switch (field.Name)
                    {
                        case "money": WebJson.Amount(to, field.Name, view?.Balance.Nanos ?? 0); break;
                        case "todayConsumption": WebJson.Amount(to, field.Name, view?.ConsumedToday.Nanos ?? 0); break;
                        case "validTime": WebJson.Time(to, field.Name, view?.ValidUntil ?? account.ValidUntil); break;
                        case "category": to.WriteNumber(field.Name, agents.Contains(account.Number) ? 1 : 0); break;
                        case "bindedE164s": WebJson.Texts(to, field.Name, numbersOf[account.Number]); break;
                        default: _accounts.Write(to, WebShape.One(field), account); break;
                    }
                }
                to.WriteEndObject();
            }
            to.WriteEndArray();
        });
    }

    // 0: everybody below the agent; 1: only those directly below.
    private static IEnumerable<AccountConfig> Below(SwitchConfiguration configuration, DocumentNode filter, IEnumerable<AccountConfig> found)
    {
        string agent = filter.Member("filterAgentAccount")!.Text;
        bool direct = filter.Member("querySonMode")!.Text == "1";
        return found.Where(a => IsBelow(configuration, a.Number, agent, direct));
    }

    /// <summary>Whether an account stands below an agent, anywhere or directly.</summary>
    internal static bool IsBelow(SwitchConfiguration configuration, string account, string agent, bool direct)
    {
        for (AccountConfig? below = configuration.Accounts.GetValueOrDefault(account); below?.Agent is { } above; below = direct ? null : configuration.Accounts.GetValueOrDefault(above))
        {
            if (above == agent) return true;
        }
        return false;
    }

    private async Task<WebReply> GetAllAsync(WebRequest request, CancellationToken stop)
    {
        IReadOnlyList<AccountView> accounts = await _parts.Control.AccountsAsync(stop);
        bool brief = (request.Integer("type") ?? 0) == 1;
        return WebReply.With(to =>
        {
            if (!brief)
            {
                WebJson.Texts(to, "accounts", accounts.Select(static a => a.Number));
                return;
            }
            to.WriteStartArray("infoCustomerBriefs");
            foreach (AccountView account in accounts)
            {
                to.WriteStartObject();
                to.WriteString("account", account.Number);
                WebJson.Amount(to, "money", account.Balance.Nanos);
                WebJson.Amount(to, "limitMoney", account.CreditLimit.Nanos);
                to.WriteEndObject();
            }
            to.WriteEndArray();
        });
    }

    /// <summary>The money of some accounts: asked one by one while they are few.</summary>
    private async Task<Dictionary<string, AccountView>> MoneyAsync(List<AccountConfig> accounts, CancellationToken stop)
    {
        if (accounts.Count > 16) return (await _parts.Control.AccountsAsync(stop)).ToDictionary(static a => a.Number, StringComparer.Ordinal);
        Dictionary<string, AccountView> views = new(StringComparer.Ordinal);
        foreach (AccountConfig account in accounts)
        {
            if ((await _parts.Control.AccountAsync(account.Number, stop)).Value is { } view) views[account.Number] = view;
        }
        return views;
    }
}
