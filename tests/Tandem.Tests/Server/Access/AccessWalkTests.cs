using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Server.Access;
using Tandem.Tests.Server.Api;

namespace Tandem.Tests.Server.Access;

/// <summary>Every endpoint of the running API, asked as every role and tenant. The switch in memory holds what is of account 1001, below agent 9000; 2002 is somebody else.</summary>
public sealed class AccessWalkTests : IAsyncLifetime
{
    /// <summary>What no one but 1001, its agent and operators may read anywhere.</summary>
    private static readonly string[] Of1001 = ["\"1001\"", "Customer A", "12125550001", "442079460001", "44207946", "192.0.2.10", "192.0.2.77", "planted"];

    /// <summary>What tenants never see, whosever call it was.</summary>
    private static readonly string[] OfTheOperator = ["carrier-1", "9001", "version-9001", "0044207946", "2001:db8::7", "planted"];

    private ApiInMemory _api = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiInMemory.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public void Every_endpoint_has_a_row_of_the_table_and_every_row_an_endpoint() =>
        Assert.Equal(AccessTable.Rows.Keys.Order(StringComparer.Ordinal), _api.Routes.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Without_a_token_every_endpoint_but_the_open_ones_is_refused()
    {
        using var http = new HttpClient { BaseAddress = _api.Address };
        foreach (string route in _api.Routes.Where(static r => AccessTable.Rows[r].Needs != Permission.Open))
        {
            Assert.Equal((route, HttpStatusCode.Unauthorized), (route, (await AskAsync(http, route)).Status));
        }
        Assert.Empty(_api.Switch.Asked);
    }

    [Theory]
    [InlineData(Role.Administrator, 0)]
    [InlineData(Role.Finance, 15)]
    [InlineData(Role.Routing, 15)]
    [InlineData(Role.Support, 20)]
    [InlineData(Role.ReadOnly, 25)]
    public async Task An_operator_may_what_his_role_may_and_nothing_else(Role role, int atLeastRefused)
    {
        using HttpClient http = await KeyAsync(role, null);
        int refused = 0;
        foreach (string route in _api.Routes)
        {
            AccessRow row = AccessTable.Rows[route];
            bool may = (role.May() & row.Needs) == row.Needs;
            int before = _api.Switch.Asked.Count;
            (HttpStatusCode status, string body) = await AskAsync(http, route);
            if (may)
            {
                Assert.NotEqual((route, HttpStatusCode.Forbidden), (route, status));
                continue;
            }
            Assert.Equal((route, HttpStatusCode.Forbidden), (route, status));
            Assert.Contains($"is {char.ToLowerInvariant(role.ToString()[0])}{role.ToString()[1..]} and may not", body, StringComparison.Ordinal);
            Assert.Equal(before, _api.Switch.Asked.Count);
            refused++;
        }
        Assert.InRange(refused, atLeastRefused, _api.Routes.Count);
    }

    [Theory]
    [InlineData(Role.Customer)]
    [InlineData(Role.Agent)]
    public async Task A_tenant_gets_nothing_of_another_from_any_endpoint(Role role)
    {
        using HttpClient http = await KeyAsync(role, "2002");
        int asked = 0;
        foreach (string route in _api.Routes)
        {
            AccessRow row = AccessTable.Rows[route];
            if (row.Needs == Permission.Open) continue;
            foreach (string query in (string[])["", "?account=1001", "?account=9000", "?account=2002&account=1001", "?ACCOUNT=1001", "?account=", "?calleeGateway=carrier-1"])
            {
                int before = _api.Switch.Asked.Count;
                (HttpStatusCode status, string body) = await AskAsync(http, route, query);
                asked++;
                foreach (string secret in Of1001.Concat(OfTheOperator)) Assert.False(body.Contains(secret, StringComparison.Ordinal), $"{route}{query} told account 2002 {secret}: {body}");
                if (row.Tenant == TenantRule.Refused) Assert.Equal((route, HttpStatusCode.Forbidden), (route, status));
                if (row.Tenant == TenantRule.AccountInPath) Assert.Equal((route, HttpStatusCode.NotFound), (route, status));
                if (row.Tenant == TenantRule.AccountInQuery && query.Contains("1001", StringComparison.Ordinal) && query.Contains("account", StringComparison.OrdinalIgnoreCase)) Assert.Equal((route + query, HttpStatusCode.Forbidden), (route + query, status));
                Assert.Equal(before, _api.Switch.Asked.Count);
            }
        }
        Assert.InRange(asked, 400, int.MaxValue);
    }

    [Theory]
    [InlineData(Role.Customer, "1001")]
    [InlineData(Role.Agent, "9000")]
    [InlineData(Role.Agent, "1001")]
    public async Task A_tenant_sees_what_is_his_and_nothing_of_carriers(Role role, string account)
    {
        using HttpClient http = await KeyAsync(role, account);
        string since = "since=2026-04-26";
        string own = account == "1001" ? "" : "&account=1001";
        string[] paths = ["/v1/accounts", "/v1/accounts/1001", "/v1/calls", "/v1/registrations", $"/v1/cdrs?{since}{own}", $"/v1/cdrs/{Tandem.Tests.Server.CdrDelivery.CdrSamples.Call(3).Call}"];
        string[] marks = ["\"1001\"", "\"1001\"", "442079460001", "\"2001\"", "442079460004", "442079460003"];
        foreach ((string path, string mark) in paths.Zip(marks))
        {
            using HttpResponseMessage response = await http.GetAsync(path, Stop);
            string body = await response.Content.ReadAsStringAsync(Stop);
            Assert.Equal((path, HttpStatusCode.OK), (path, response.StatusCode));
            Assert.True(body.Contains(mark, StringComparison.Ordinal), $"{path} does not show {mark}: {body}");
            foreach (string secret in OfTheOperator) Assert.False(body.Contains(secret, StringComparison.Ordinal), $"{path} told {secret}: {body}");
        }
    }

    [Fact]
    public async Task A_customer_does_not_see_his_agent()
    {
        using HttpClient customer = await KeyAsync(Role.Customer, "1001");
        Assert.Equal(HttpStatusCode.Forbidden, (await customer.GetAsync("/v1/cdrs?account=9000", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await customer.GetAsync("/v1/accounts/9000", Stop)).StatusCode);
    }

    [Fact]
    public async Task A_carrier_sees_its_side_of_a_call_and_not_who_called_nor_what_it_was_sold_for()
    {
        using HttpClient carrier = await KeyAsync(Role.Customer, "9001");
        string body = await TextAsync(carrier, "/v1/cdrs?since=2026-04-26");
        Assert.Contains("0044207946", body, StringComparison.Ordinal);
        Assert.Contains("\"9001\"", body, StringComparison.Ordinal);
        foreach (string hidden in (string[])["1001", "\"odd\"", "\"even\"", "192.0.2.10", "01144207946"]) Assert.False(body.Contains(hidden, StringComparison.Ordinal), $"{hidden} in {body}");
        Assert.Equal(HttpStatusCode.Forbidden, (await carrier.GetAsync("/v1/cdrs?since=2026-04-26&minCost=0.01", Stop)).StatusCode);
    }

    [Theory]
    [InlineData("{\"routingGateways\":[]}", HttpStatusCode.OK)]
    [InlineData("{\"routingGateways\":[],\"remove\":{\"phones\":[\"1\"]}}", HttpStatusCode.OK)]
    [InlineData("{\"accounts\":[]}", HttpStatusCode.Forbidden)]
    [InlineData("{\"decks\":[]}", HttpStatusCode.Forbidden)]
    [InlineData("{\"settings\":{}}", HttpStatusCode.Forbidden)]
    [InlineData("{\"webAccess\":[]}", HttpStatusCode.Forbidden)]
    [InlineData("{\"remove\":{\"accounts\":[\"1001\"]}}", HttpStatusCode.Forbidden)]
    [InlineData("{\"remove\":{},\"remove\":{\"accounts\":[\"1001\"]}}", HttpStatusCode.Forbidden)]
    [InlineData("not json", HttpStatusCode.Forbidden)]
    public async Task Who_keeps_routing_applies_documents_without_money_settings_and_access(string document, HttpStatusCode status)
    {
        using HttpClient http = await KeyAsync(Role.Routing, null);
        using HttpResponseMessage response = await http.PostAsync("/v1/apply", new StringContent(document, Encoding.UTF8, "application/json"), Stop);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK, _api.Switch.Asked.Count == 1);
    }

    [Fact]
    public async Task A_phone_sees_its_own_calls_and_registration_and_none_of_its_neighbours_and_no_payments()
    {
        // Account 1001 pays for the gateway's calls and the phone's; the calls there are came by the gateway.
        using HttpClient phone = await KeyAsync(Role.Customer, null, "phone:2001"), gateway = await KeyAsync(Role.Customer, null, "gateway:cust-a"), even = await KeyAsync(Role.Customer, null, "gateway:even");
        Assert.Contains("\"2001\"", await TextAsync(phone, "/v1/registrations"), StringComparison.Ordinal);
        Assert.Contains("\"1001\"", await TextAsync(phone, "/v1/accounts"), StringComparison.Ordinal);
        Assert.Equal("{\"calls\":[],\"next\":null}", await TextAsync(phone, "/v1/calls"));
        Assert.Contains("442079460001", await TextAsync(gateway, "/v1/calls"), StringComparison.Ordinal);
        Assert.Equal("{\"registrations\":[],\"next\":null}", await TextAsync(gateway, "/v1/registrations"));
        Assert.DoesNotContain("44207946", await TextAsync(phone, "/v1/cdrs?since=2026-04-26"), StringComparison.Ordinal);
        string evens = await TextAsync(even, "/v1/cdrs?since=2026-04-26");
        Assert.Contains("442079460004", evens, StringComparison.Ordinal);
        Assert.DoesNotContain("442079460003", evens, StringComparison.Ordinal);
        foreach (HttpClient device in (HttpClient[])[phone, gateway])
        {
            foreach (string path in (string[])["/v1/payments", "/v1/consumptions", "/v1/packages", "/v1/gateways", "/v1/cdrs?account=2002"]) Assert.Equal((path, HttpStatusCode.Forbidden), (path, (await device.GetAsync(path, Stop)).StatusCode));
            Assert.Equal(HttpStatusCode.NotFound, (await device.GetAsync("/v1/accounts/2002", Stop)).StatusCode);
        }
    }

    private static async Task<string> TextAsync(HttpClient http, string path)
    {
        using HttpResponseMessage response = await http.GetAsync(path, Stop);
        Assert.Equal((path, HttpStatusCode.OK), (path, response.StatusCode));
        return await response.Content.ReadAsStringAsync(Stop);
    }

    private async Task<HttpClient> KeyAsync(Role role, string? account, string? device = null)
    {
        var asked = new JsonObject { ["name"] = $"k-{role}-{account}{device?.Replace(':', '-')}", ["role"] = role.ToString() };
        if (device is not null) asked["device"] = device;
        if (account is not null) asked["account"] = account;
        using HttpResponseMessage response = await _api.Http.PostAsync("/v1/keys", new StringContent(asked.ToJsonString(), Encoding.UTF8, "application/json"), Stop);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var http = new HttpClient { BaseAddress = _api.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["key"]!);
        return http;
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient http, string route, string query = "")
    {
        string[] parts = route.Split(' ');
        string path = parts[1].Replace("{number}", "1001", StringComparison.Ordinal).Replace("{revision}", "3", StringComparison.Ordinal)
            .Replace("{id}", parts[1].Contains("cdrs", StringComparison.Ordinal) ? Tandem.Tests.Server.CdrDelivery.CdrSamples.Call(3).Call.ToString() : SwitchInMemory.LiveCall.ToString(), StringComparison.Ordinal)
            .Replace("{name}", "SS_SIP_TIMEOUT_INVITE", StringComparison.Ordinal).Replace("{who}", "192.0.2.66", StringComparison.Ordinal).Replace("{payment}", "p1", StringComparison.Ordinal).Replace("{version}", "ab12", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(parts[0]), path + query);
        if (parts[0] is "POST" or "PUT") request.Content = new StringContent("{}", Encoding.UTF8, parts[1] is "/v1/decks" or "/v1/ported-numbers" ? "text/csv" : parts[1] is "/v1/deck-reports" ? "application/octet-stream" : "application/json");
        using HttpResponseMessage response = await http.SendAsync(request, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop));
    }
}
