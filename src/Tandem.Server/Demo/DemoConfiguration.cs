using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.Demo;

/// <summary>
/// The demo's world as documents an operator could have written: two customers, three carriers, a pair of phones, and decks of
/// some tens of thousands of prefixes. Addresses are those the demo endpoints were given.
/// </summary>
internal static class DemoConfiguration
{
    public const string Customer = "customer-1";
    public const string CustomerAccount = "2001";
    public const string FirstPhone = "1001";
    public const string SecondPhone = "1002";

    /// <summary>The decks, by name; imported once, versions being their content.</summary>
    public static IEnumerable<Deck> Decks()
    {
        for (int customer = 1; customer <= DemoDeck.Customers; customer++) yield return DemoDeck.Customer(customer);
        for (int carrier = 1; carrier <= DemoDeck.Carriers; carrier++) yield return DemoDeck.Carrier(carrier);
    }

    /// <summary>Everything but the decks. Carrier 1 is tried first; carrier 3 stands by.</summary>
    public static byte[] Document(NetAddress customer1, NetAddress customer2, IReadOnlyList<NetAddress> carriers, string firstPassword, string secondPassword)
    {
        var accounts = new JsonArray
        {
            Account(CustomerAccount, "Customer One (wholesale)", "customer-1", "0", "ordinary"),
            Account("2002", "Customer Two (retail)", "customer-2", "10", "ordinary"),
        };
        var routes = new JsonArray();
        for (int i = 0; i < carriers.Count; i++)
        {
            accounts.Add(Account($"900{i + 1}", $"Carrier {i + 1} (clearing)", $"carrier-{i + 1}", "0", "clearing"));
            routes.Add(new JsonObject
            {
                ["name"] = $"carrier-{i + 1}",
                ["remoteIp"] = carriers[i].ToString(),
                ["prefix"] = "",
                ["priority"] = i + 1,
                ["capacity"] = 1000,
                ["clearingAccount"] = $"900{i + 1}",
            });
        }
        var document = new JsonObject
        {
            ["settings"] = new JsonObject { ["SS_MEDIA_PROXY_MODE"] = "On" }, // the demo listens to what passes through
            ["accounts"] = accounts,
            ["mappingGateways"] = new JsonArray
            {
                MappingGateway(Customer, customer1, CustomerAccount, rules: "00:"),
                MappingGateway("customer-2", customer2, "2002", rules: ""),
            },
            ["routingGateways"] = routes,
            ["phones"] = new JsonArray { Phone(FirstPhone, firstPassword), Phone(SecondPhone, secondPassword) },
        };
        return System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    private static JsonObject Account(string number, string name, string deck, string credit, string type) => new()
    {
        ["account"] = number,
        ["name"] = name,
        ["currency"] = "USD",
        ["limitMoney"] = credit,
        ["feeRateGroup"] = deck,
        ["type"] = type,
    };

    private static JsonObject MappingGateway(string name, NetAddress from, string account, string rules) => new()
    {
        ["name"] = name,
        ["remoteIps"] = new JsonArray(from.ToString()),
        ["account"] = account,
        ["capacity"] = 500,
        ["rewriteRulesOutCallee"] = rules,
    };

    private static JsonObject Phone(string number, string password) => new()
    {
        ["e164"] = number,
        ["account"] = "2002",
        ["password"] = password,
    };
}
