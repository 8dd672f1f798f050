using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Cli;

namespace Tandem.Tests.Server.Hosting;

/// <summary>What besides payments waits for a second person (docs/users.md), asked for over HTTP of a running switch.</summary>
public sealed class SecondPersonTests : HostedSwitch
{
    private const string Standard = """
        {
          "settings": { "SERVER_PAYMENT_CONFIRM_ABOVE": "5" },
          "decks": [ { "name": "retail", "currency": "USD", "rates": [ { "prefix": "44", "ratePerMinute": "0.60", "firstInterval": 1, "nextInterval": 1 } ] } ],
          "accounts": [ { "account": "1001", "currency": "USD", "feeRateGroup": "retail" } ],
          "mappingGateways": [ { "name": "cust", "remoteIps": ["192.0.2.1"], "account": "1001" } ],
          "packages": [ { "name": "talk", "rentFee": "1", "minConsumption": "9" } ],
          "stockCards": [
            { "pin": "5001", "password": "secret one", "currency": "USD", "money": "10", "bitsOfConfig": 208, "suiteNames": ["talk"] },
            { "pin": "5002", "password": "secret two", "currency": "USD", "money": "5" }
          ]
        }
        """;

    private ApiServer _api = null!;
    private HttpClient _ann = null!, _bob = null!;

    [Fact]
    public async Task A_card_above_the_limit_waits_and_so_does_the_end_of_a_package_that_spent_too_little()
    {
        await StartAsync();
        const string Use = """{"pin":"5001","password":"secret one","account":"1001"}""";
        foreach (int _ in new[] { 1, 2 })
        {
            JsonNode waits = await SendAsync(_ann, HttpMethod.Post, "/v1/cards/use", Use, 202);
            Assert.Equal(("card-5001", "Card", "10.00", "1001"), ((string?)waits["id"], (string?)waits["kind"], (string?)waits["amount"], (string?)waits["account"]));
            Assert.DoesNotContain("secret", waits.ToJsonString(), StringComparison.Ordinal);
        }
        Assert.Equal("0.00", await BalanceAsync());
        await SendAsync(_ann, HttpMethod.Post, "/v1/pending-payments/card-5001/confirm", null, 403);
        Assert.Equal("10.00", (string?)(await SendAsync(_bob, HttpMethod.Post, "/v1/pending-payments/card-5001/confirm", null, 201))["amount"]);
        Assert.EndsWith("+bob", (await ((IMoneyControl)_host!.Control).PaymentAsync("card/5001", Stop)).Value!.By, StringComparison.Ordinal);
        await SendAsync(_ann, HttpMethod.Post, "/v1/cards/use", Use, 409);
        await SendAsync(_ann, HttpMethod.Post, "/v1/cards/use", """{"pin":"5002","password":"secret two","account":"1001"}""", 200);

        JsonNode? package = null;
        while (package is null) package = (await SendAsync(_ann, HttpMethod.Get, "/v1/packages", null, 200))["packages"]!.AsArray().FirstOrDefault();
        string path = $"/v1/packages/{package["id"]}";
        string id = (string)(await SendAsync(_ann, HttpMethod.Delete, path, null, 202))["id"]!;
        await SendAsync(_ann, HttpMethod.Get, path, null, 200);
        await SendAsync(_bob, HttpMethod.Post, $"/v1/pending-payments/{id}/confirm", null, 201);
        await SendAsync(_ann, HttpMethod.Get, path, null, 404);
        Assert.Equal("14.00", await BalanceAsync()); // both cards and the rent
    }

    [Fact]
    public async Task A_call_made_elsewhere_above_the_limit_waits_and_is_charged_once()
    {
        await StartAsync();
        JsonNode waits = await SendAsync(_ann, HttpMethod.Post, "/v1/external-calls", Call(77, 1000), 202);
        Assert.Equal(("call-77", "Call", "-10.00"), ((string?)waits["id"], (string?)waits["kind"], (string?)waits["amount"]));
        Assert.Equal("0.00", await BalanceAsync());
        Assert.Equal("-10.00", (string?)(await SendAsync(_bob, HttpMethod.Post, "/v1/pending-payments/call-77/confirm", null, 201))["amount"]);
        Assert.True((bool)(await SendAsync(_ann, HttpMethod.Post, "/v1/external-calls", Call(77, 1000), 200))["repeated"]!);
        await SendAsync(_ann, HttpMethod.Post, "/v1/external-calls", Call(78, 100), 200);
        Assert.Equal("-11.00", await BalanceAsync());
        await SendAsync(_ann, HttpMethod.Post, "/v1/external-calls", Call(-1, 1000), 202);
        await SendAsync(_ann, HttpMethod.Post, "/v1/external-calls", Call(-1, 1000), 202); // another call
        Assert.Equal(2, (await SendAsync(_ann, HttpMethod.Get, "/v1/pending-payments", null, 200))["payments"]!.AsArray().Count);
    }

    [Fact]
    public async Task Rerating_is_looked_at_by_one_and_applied_by_two()
    {
        await StartAsync();
        await SendAsync(_ann, HttpMethod.Post, "/v1/external-calls", Call(79, 60), 200);
        await ApplyAsync("""{"decks":[{"name":"retail","currency":"USD","rates":[{"prefix":"44","ratePerMinute":"0.40"}]}]}""");
        await SendAsync(_ann, HttpMethod.Post, "/v1/rerate?deck=retail&since=2026-03-01", null, 202);
        await SendAsync(_ann, HttpMethod.Post, "/v1/rerate?deck=none&since=2026-03-01&apply=true", null, 404);
        JsonNode waits = await SendAsync(_ann, HttpMethod.Post, "/v1/rerate?deck=retail&since=2026-03-01&apply=true", null, 200);
        Assert.Equal(("Rerate", "retail", ""), ((string?)waits["kind"], (string?)waits["reference"], (string?)waits["amount"]));
        string confirm = $"/v1/pending-payments/{waits["id"]}/confirm";
        await SendAsync(_ann, HttpMethod.Post, confirm, null, 403);
        Assert.Equal("-0.60", await BalanceAsync());
        JsonNode job = (await SendAsync(_bob, HttpMethod.Post, confirm, null, 201))["job"]!;
        while ((string?)job["state"] == "Running") job = await SendAsync(_ann, HttpMethod.Get, $"/v1/jobs/{Uri.EscapeDataString((string)job["id"]!)}", null, 200);
        Assert.Equal(("Done", true, 1), ((string?)job["state"], (bool)job["result"]!["applied"]!, (int)job["result"]!["wrong"]!));
        Assert.EndsWith("+bob", (string?)job["by"], StringComparison.Ordinal);
        Assert.Equal("-0.40", await BalanceAsync());
    }

    private static string Call(int flow, int seconds) => $$"""{"flowNumber":"{{flow}}","billingMode":"gateway","payer":"cust","callee":"44123","start":"2026-04-01T00:00:00Z","seconds":"{{seconds}}"}""";

    private async Task StartAsync()
    {
        await HostAsync();
        await ApplyAsync(Standard);
        _api = await HostVerbs.ServeAsync(_host!, new IPEndPoint(IPAddress.Loopback, 0), null, static _ => { });
        _ann = Client((await File.ReadAllTextAsync(Path.Combine(_folder, TokenBook.AdminFile), Stop)).Trim());
        await SendAsync(_ann, HttpMethod.Post, "/v1/users", """{"name":"bob","role":"finance","password":"a-Long-enough-1"}""", 201);
        _bob = Client((string)(await SendAsync(_ann, HttpMethod.Post, "/v1/login", """{"user":"bob","password":"a-Long-enough-1"}""", 200))["token"]!);
    }

    public override async ValueTask DisposeAsync()
    {
        _ann.Dispose();
        _bob.Dispose();
        await _api.DisposeAsync();
        await base.DisposeAsync();
    }

    private HttpClient Client(string token)
    {
        var http = new HttpClient { BaseAddress = _api.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private async Task ApplyAsync(string document)
    {
        Answer<ApplyView> answer = await _host!.Control.ApplyAsync(Encoding.UTF8.GetBytes(document), dryRun: false, "test", Stop);
        Assert.True(answer.Fault is null, answer.Fault is { } fault ? string.Join('\n', fault.Errors) + fault.Says : "");
    }

    private static async Task<JsonNode> SendAsync(HttpClient http, HttpMethod method, string path, string? body, int status)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using HttpResponseMessage answer = await http.SendAsync(request, Stop);
        string text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True((int)answer.StatusCode == status, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    private async Task<string> BalanceAsync() => (await _host!.Control.AccountAsync("1001", Stop)).Value!.Balance.ToDecimalString();
}
