using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Server.Api;
using Tandem.Tests.Server.CdrDelivery;

namespace Tandem.Tests.Server.Api;

public sealed class ApiServerTests : IAsyncLifetime
{
    private ApiInMemory _api = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiInMemory.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [InlineData("GET", "/v1/calls")]
    [InlineData("GET", "/v1/configuration")]
    [InlineData("POST", "/v1/apply")]
    [InlineData("POST", "/v1/payments")]
    [InlineData("DELETE", "/v1/calls/0000000000000")]
    [InlineData("PUT", "/v1/settings/SS_SIP_TIMEOUT_INVITE")]
    [InlineData("GET", "/nowhere")]
    public async Task Without_a_token_nothing_is_answered(string method, string path)
    {
        using var http = new HttpClient { BaseAddress = _api.Address };
        foreach (AuthenticationHeaderValue? token in (AuthenticationHeaderValue?[])[null, new("Bearer", "wrong"), new("Basic", "YTpi"), new("Bearer")])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Authorization = token;
            using HttpResponseMessage response = await http.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
        Assert.Empty(_api.Switch.Asked);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs")]
    public async Task Health_and_documentation_need_no_token(string path)
    {
        using var http = new HttpClient { BaseAddress = _api.Address };
        using HttpResponseMessage response = await http.GetAsync(path, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Health_says_what_is_wrong_with_503()
    {
        _api.Switch.Healthy = false;
        (HttpStatusCode status, JsonNode body) = await GetAsync("/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("the journal cannot grow: No space left on device", (string?)body["says"]);
    }

    [Fact]
    public async Task Who_tries_five_wrong_tokens_is_told_so_for_a_while_and_a_right_one_is_good_all_the_same()
    {
        using var stranger = new HttpClient { BaseAddress = _api.Http.BaseAddress };
        for (int i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("wrong"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync("wrong"));
        Assert.Equal(HttpStatusCode.OK, (await _api.Http.GetAsync("/v1/status", TestContext.Current.CancellationToken)).StatusCode); // the operator beside whom somebody guesses
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync("wrong"));

        async Task<HttpStatusCode> AskAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/status");
            request.Headers.Authorization = new("Bearer", token);
            using HttpResponseMessage response = await stranger.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Over_https_the_switch_shows_its_own_certificate_and_the_command_line_believes_that_one_only()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-https-");
        try
        {
            var options = new Tandem.Server.Hosting.SwitchOptions { DataFolder = folder.FullName };
            var listen = new IPEndPoint(IPAddress.Loopback, 0);
            var parts = new ApiParts { Control = _api.Switch, Cdrs = null!, QueryLimits = () => new(), Now = () => SwitchInMemory.Now, Audio = null!, Money = new MoneyInMemory(_api.Switch), Decks = new DecksInMemory(), Alarms = new() };
            await using ApiServer server = await ApiServer.StartAsync(listen, folder.FullName, TokenBook.Open(folder.FullName, static _ => { }), parts, static _ => { }, listen, HttpsCertificate.Of(options, listen, static _ => { }));
            using (var session = Tandem.Server.Cli.ApiSession.Open(server.SecureAddress!.ToString(), folder.FullName))
            {
                Assert.NotNull((await session.Api.GetStatusAsync(stop: TestContext.Current.CancellationToken)).Version);
            }
            File.Delete(Path.Combine(folder.FullName, "tls", "self-made.pem"));
            using var stranger = Tandem.Server.Cli.ApiSession.Open(server.SecureAddress.ToString(), folder.FullName);
            await Assert.ThrowsAnyAsync<Exception>(() => stranger.Api.GetStatusAsync(stop: TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_openapi_document_is_3_1_and_knows_every_endpoint_and_its_types()
    {
        (_, JsonNode document) = await GetAsync("/openapi/v1.json");
        Assert.StartsWith("3.1", (string?)document["openapi"], StringComparison.Ordinal);
        string[] paths = [.. document["paths"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal)];
        Assert.Equal(
            [
                "/health", "/v1/accounts", "/v1/accounts/{number}", "/v1/accounts/{number}/zero", "/v1/alarms", "/v1/alarms/{id}/confirm", "/v1/apply", "/v1/audit", "/v1/audit/{revision}/undo", "/v1/available-time", "/v1/blacklist",
                "/v1/blacklist/{number}", "/v1/blocked", "/v1/blocked/{who}", "/v1/callbacks", "/v1/callbacks/reservations", "/v1/calls", "/v1/calls/{id}", "/v1/calls/{id}/recording", "/v1/cards", "/v1/cards/use", "/v1/cdrs",
                "/v1/cdrs/analysis", "/v1/cdrs/export", "/v1/cdrs/sums", "/v1/cdrs/{id}", "/v1/check", "/v1/configuration", "/v1/consumptions", "/v1/deck-reports", "/v1/deck-reports/{id}", "/v1/deck-reports/{id}/apply", "/v1/deck-reports/{id}/lines", "/v1/deck-templates",
                "/v1/deck-versions/{version}/difference", "/v1/decks", "/v1/decks/{name}/assignments", "/v1/decks/{name}/rates", "/v1/decks/{name}/versions",
                "/v1/events", "/v1/external-calls", "/v1/gateways", "/v1/jobs", "/v1/jobs/{id}", "/v1/journal", "/v1/keys", "/v1/keys/{id}", "/v1/login", "/v1/logout", "/v1/me", "/v1/me/password", "/v1/me/totp", "/v1/me/totp/confirm", "/v1/me/totp/removal",
                "/v1/packages", "/v1/packages/{id}", "/v1/passwords", "/v1/payments", "/v1/payments/batch", "/v1/payments/{payment}/reversal", "/v1/pending-payments", "/v1/pending-payments/{id}/confirm", "/v1/pending-payments/{id}/refuse",
                "/v1/ported-numbers", "/v1/ported-numbers/{number}", "/v1/quality", "/v1/registrations", "/v1/rerate", "/v1/route", "/v1/sessions", "/v1/sessions/{id}", "/v1/settings", "/v1/settings/difference", "/v1/settings/history", "/v1/settings/revert",
                "/v1/settings/{name}", "/v1/settings/{name}/history", "/v1/status", "/v1/trunks", "/v1/users", "/v1/users/{name}", "/v1/what-if", "/v1/why/{id}",
            ], paths);
        JsonNode account = document["components"]!["schemas"]!["AccountView"]!["properties"]!;
        Assert.Contains("Money", account["balance"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("string", (string?)document["components"]!["schemas"]!["Money"]!["type"]);
        Assert.Equal("date-time", (string?)document["components"]!["schemas"]!["Instant"]!["format"]);
        Assert.Equal("bearer", (string?)document["components"]!["securitySchemes"]!["token"]!["scheme"]);
        JsonNode limit = document["paths"]!["/v1/cdrs"]!["get"]!["parameters"]!.AsArray().Single(p => (string?)p!["name"] == "limit")!;
        Assert.Equal("integer", (string?)limit["schema"]!["type"]);
    }

    [Fact]
    public async Task A_callback_and_a_reservation_name_their_phone_and_two_numbers()
    {
        (HttpStatusCode status, JsonNode begun) = await SendAsync(HttpMethod.Post, "/v1/callbacks", """{"caller":"4930","callee":"1555,1556","access":"2001"}""");
        Assert.Equal((HttpStatusCode.Created, SwitchInMemory.LiveCall.ToString()), (status, (string?)begun["call"]));
        (status, JsonNode reserved) = await SendAsync(HttpMethod.Post, "/v1/callbacks/reservations", """{"caller":"4930","callee":"1555","access":"2001"}""");
        Assert.Equal((HttpStatusCode.Created, "1555"), (status, (string?)reserved["callee"]));
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Post, "/v1/callbacks", """{"caller":"4930","callee":"1555","access":"2999"}""");
        Assert.Equal("access", (string?)(await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/v1/callbacks", """{"caller":"4930","callee":"1555"}"""))["errors"]![0]!["field"]);
        Assert.Equal("caller", (string?)(await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/v1/callbacks/reservations", """{"callee":"1555","access":"2001"}"""))["errors"]![0]!["field"]);
    }

    [Fact]
    public async Task The_manual_lists_every_endpoint_and_no_other()
    {
        (_, JsonNode document) = await GetAsync("/openapi/v1.json");
        IEnumerable<string> served = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => $"{o.Key.ToUpperInvariant()} {p.Key}"));
        string manual = await File.ReadAllTextAsync(Checkout.Path("docs", "api.md"), Stop);
        string[] methods = ["GET", "POST", "PUT", "DELETE"];
        IEnumerable<string> listed = manual.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('`')[1]).Where(l => methods.Contains(l.Split(' ')[0]));
        Assert.Equal(served.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_document_is_applied_in_the_name_of_the_token()
    {
        (HttpStatusCode status, JsonNode body) = await SendAsync(HttpMethod.Post, "/v1/apply", """{"accounts":[]}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(8, (int?)body["revision"]);
        Assert.Equal("added", (string?)body["changes"]![0]!["what"]);
        Assert.Equal("apply 15 bytes, dry False, by admin", _api.Switch.Asked.Single());
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        (_, JsonNode body) = await SendAsync(HttpMethod.Post, "/v1/apply?dryRun=true", "{}");
        Assert.Equal(7, (int?)body["revision"]);
        Assert.True((bool?)body["dryRun"]);
    }

    [Fact]
    public async Task A_bad_document_comes_back_with_line_and_field()
    {
        JsonNode problem = await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/v1/apply", "{\n\"nonsense\":1}");
        Assert.Equal("Bad Request", (string?)problem["title"]);
        Assert.Equal(400, (int?)problem["status"]);
        Assert.Equal(2, (int?)problem["errors"]![0]!["line"]);
        Assert.Equal("nonsense", (string?)problem["errors"]![0]!["field"]);
    }

    [Fact]
    public async Task The_configuration_is_shown_with_its_revision()
    {
        (_, JsonNode body) = await GetAsync("/v1/configuration");
        Assert.Equal(7, (int?)body["revision"]);
        Assert.Equal("1001", (string?)body["document"]!["accounts"]![0]!["number"]);
    }

    [Fact]
    public async Task Calls_are_shown_and_can_be_ended_once()
    {
        (_, JsonNode body) = await GetAsync("/v1/calls");
        JsonNode call = body["calls"]!.AsArray().Single()!;
        Assert.Equal(SwitchInMemory.LiveCall.ToString(), (string?)call["id"]);
        Assert.Equal("0.03", (string?)call["reserved"]);
        Assert.Equal("192.0.2.10:5060", (string?)call["callerAddress"]);
        Assert.Null(call["calleeAddress"]);
        Assert.Equal("2026-04-26T11:59:00.000000Z", (string?)call["answered"]);

        (HttpStatusCode status, JsonNode dropped) = await SendAsync(HttpMethod.Delete, $"/v1/calls/{SwitchInMemory.LiveCall}", null);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("ending", (string?)dropped["state"]);
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Delete, $"/v1/calls/{SwitchInMemory.LiveCall}");
        Assert.Equal("id", (string?)(await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Delete, "/v1/calls/nonsense"))["errors"]![0]!["field"]);
    }

    [Fact]
    public async Task Cdrs_are_paged_newest_first()
    {
        var reasons = new List<string>();
        string path = "/v1/cdrs?since=2026-04-26&limit=4";
        for (int pages = 0; pages < 5; pages++)
        {
            (HttpStatusCode status, JsonNode body) = await GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, status);
            reasons.AddRange(body["cdrs"]!.AsArray().Select(c => (string)c!["callerE164"]!));
            if ((string?)body["next"] is not { } next) break;
            path = $"/v1/cdrs?since=2026-04-26&limit=4&cursor={next}";
        }
        Assert.Equal(["12125550006", "12125550005", "12125550004", "12125550003", "12125550002", "12125550001"], reasons);
    }

    [Fact]
    public async Task Cdrs_are_filtered()
    {
        Assert.Equal(2, await CountAsync("gateway=even&answered=true"));
        Assert.Equal(1, await CountAsync("answered=false"));
        Assert.Equal(1, await CountAsync("endReason=-11"));
        Assert.Equal(1, await CountAsync("callee=442079460003"));
        Assert.Equal(0, await CountAsync("account=2002"));
        Assert.Equal(1, await CountAsync("until=2026-04-26T00:00:02Z"));

        async Task<int> CountAsync(string filter)
        {
            (HttpStatusCode status, JsonNode body) = await GetAsync($"/v1/cdrs?since=2026-04-26&{filter}");
            Assert.Equal(HttpStatusCode.OK, status);
            return body["cdrs"]!.AsArray().Count;
        }
    }

    [Theory]
    [InlineData("limit=5", "limit", "must be 1 to 4 (SERVER_QUERY_ONE_PAGE_SIZE)")]
    [InlineData("limit=many", "limit", "'many' is not a number")]
    [InlineData("since=2026-04-20", "since", "the range may be at most 2 days (SERVER_QUERY_CDR_MAX_DAY_INTERVAL)")]
    [InlineData("since=yesterday", "since", "'yesterday' is no time: 2026-04-26T12:00:00Z is needed")]
    [InlineData("answered=perhaps", "answered", "'perhaps' is neither true nor false")]
    [InlineData("cursor=12", "cursor", "is no cursor: 'next' of the page before is needed, as it came")]
    [InlineData("limit=1&limit=2", "limit", "stands twice")]
    public async Task A_wrong_query_is_refused_with_the_field(string query, string field, string says)
    {
        JsonNode problem = await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Get, $"/v1/cdrs?{query}");
        Assert.Equal(field, (string?)problem["errors"]![0]!["field"]);
        Assert.Equal(says, (string?)problem["errors"]![0]!["says"]);
    }

    [Fact]
    public async Task A_parameter_nobody_reads_is_refused()
    {
        JsonNode problem = await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Get, "/v1/route?nubmer=44&number=44&from=cust-a");
        Assert.Equal("nubmer: there is no such parameter; there are number, from, caller, at", (string?)problem["detail"]);
        await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Get, "/v1/calls?verbose=1");
    }

    [Fact]
    public async Task One_cdr_is_shown_with_both_charges()
    {
        (HttpStatusCode status, JsonNode body) = await GetAsync($"/v1/cdrs/{CdrSamples.Call(1).Call}");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("0.007000001", (string?)body["sale"]!["amount"]);
        Assert.Equal("0.012", (string?)body["sale"]!["rate"]!["ratePerMinute"]);
        Assert.Equal("9001", (string?)body["cost"]!["account"]);
        Assert.Equal(20_000, (int?)body["holdMillis"]);
        Assert.Equal("Callee", (string?)body["endDirection"]);
        Assert.Null(body["refused"]);

        (_, JsonNode refused) = await GetAsync($"/v1/cdrs/{CdrSamples.Call(6).Call}");
        Assert.Equal("NoRoute", (string?)refused["refused"]!["refusal"]);
        Assert.Null(refused["sale"]);
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/v1/cdrs/0000000000000");
    }

    [Fact]
    public async Task Why_is_told_of_live_and_of_finished_calls_as_json_and_as_text()
    {
        (_, JsonNode live) = await GetAsync($"/v1/why/{SwitchInMemory.LiveCall}");
        Assert.True((bool?)live["live"]);
        (_, JsonNode finished) = await GetAsync($"/v1/why/{CdrSamples.Call(2).Call}");
        Assert.False((bool?)finished["live"]);
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/v1/why/0000000000000");

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/why/{SwitchInMemory.LiveCall}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
        using HttpResponseMessage response = await _api.Http.SendAsync(request, Stop);
        string text = await response.Content.ReadAsStringAsync(Stop);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("0 ms              |------ INVITE ------->|", text, StringComparison.Ordinal);
        Assert.Contains("|                      |------ INVITE ------->|", text, StringComparison.Ordinal);
        Assert.Contains("switch                carrier-1", text, StringComparison.Ordinal);
        Assert.Contains("60 s at 0.015 a minute: 0.015 USD", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_shows_winners_and_losers()
    {
        (_, JsonNode body) = await GetAsync("/v1/route?number=442079460001&from=cust-a");
        Assert.Equal(["Eligible", "ShadowedByLongerPrefix"], body["candidates"]!.AsArray().Select(c => (string)c!["verdict"]!));
        Assert.Equal("0.009", (string?)body["candidates"]![0]!["cost"]!["ratePerMinute"]);
        (_, JsonNode refused) = await GetAsync("/v1/route?number=999&from=cust-a");
        Assert.Equal(404, (int?)refused["refused"]!["sipStatus"]);
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/v1/route?number=44&from=nobody");
        JsonNode missing = await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Get, "/v1/route");
        Assert.Equal(2, missing["errors"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_payment_is_booked_once_per_id()
    {
        const string Pay = """{"id":"p1","account":"1001","amount":"12.50","memo":"cash"}""";
        (HttpStatusCode first, JsonNode booked) = await SendAsync(HttpMethod.Post, "/v1/payments", Pay);
        Assert.Equal(HttpStatusCode.Created, first);
        Assert.Equal("22.50", (string?)booked["balanceAfter"]);
        (HttpStatusCode second, JsonNode repeated) = await SendAsync(HttpMethod.Post, "/v1/payments", Pay);
        Assert.Equal(HttpStatusCode.OK, second);
        Assert.True((bool?)repeated["repeated"]);
        JsonNode conflict = await RefusedAsync(HttpStatusCode.Conflict, HttpMethod.Post, "/v1/payments", Pay.Replace("12.50", "12.51", StringComparison.Ordinal));
        Assert.Equal("payment p1 was booked before, of 12.50 USD", (string?)conflict["detail"]);
        (_, JsonNode account) = await GetAsync("/v1/accounts/1001");
        Assert.Equal("22.50", (string?)account["balance"]);
    }

    [Theory]
    [InlineData("""{"id":"p","account":"1001"}""", "amount", "is missing")]
    [InlineData("""{"id":"p","account":"1001","amount":12.5}""", "amount", "must be a text")]
    [InlineData("""{"id":"p","account":"1001","amount":"1e3"}""", "amount", "'1e3' is no amount: 12.50 is needed, with at most nine decimals")]
    [InlineData("""{"id":"p","account":"1001","amount":"0"}""", "amount", "must not be zero")]
    [InlineData("""{"id":"p","account":"1001","amount":"1","tip":"1"}""", "tip", "there is no such field; there are id, account, amount, memo")]
    [InlineData("""{"id":"p","id":"q","account":"1001","amount":"1"}""", "id", "stands twice")]
    [InlineData("""["id"]""", "", "a JSON object is needed")]
    [InlineData("""{"id":""", "", "the body is not JSON")]
    [InlineData("", "", "the body is not JSON")]
    public async Task A_wrong_payment_is_refused_with_the_field(string body, string field, string says)
    {
        JsonNode problem = await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/v1/payments", body);
        Assert.Equal(field, (string?)problem["errors"]![0]!["field"]);
        Assert.Equal(says, (string?)problem["errors"]![0]!["says"]);
        Assert.Empty(_api.Switch.Asked);
    }

    [Fact]
    public async Task A_payment_to_nobody_is_not_found() =>
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Post, "/v1/payments", """{"id":"p","account":"7","amount":"1"}""");

    [Fact]
    public async Task Accounts_are_shown_exactly()
    {
        (_, JsonNode body) = await GetAsync("/v1/accounts");
        JsonNode account = body["accounts"]!.AsArray().Single()!;
        Assert.Equal("14.97", (string?)account["available"]);
        Assert.Equal("USD", (string?)account["currency"]);
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/v1/accounts/2002");
    }

    [Fact]
    public async Task A_deck_is_imported_or_refused_with_every_line()
    {
        (HttpStatusCode status, JsonNode body) = await SendAsync(HttpMethod.Post, "/v1/decks?name=retail&currency=USD&dryRun", "prefix,rate_per_min\n44,0.01\n49,0.02\n", "text/csv");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, (int?)body["rates"]);
        Assert.True((bool?)body["dryRun"]);
        JsonNode problem = await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/v1/decks?name=retail&currency=USD", "prefix,rate_per_min\n44,bad\n49,bad\n", "text/csv");
        Assert.Equal([2, 3], problem["errors"]!.AsArray().Select(e => (int)e!["line"]!));
        JsonNode wrong = await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/v1/decks?currency=usd", "prefix\n", "text/csv");
        Assert.Equal(["name", "currency"], wrong["errors"]!.AsArray().Select(e => (string)e!["field"]!));
        (_, JsonNode decks) = await GetAsync("/v1/decks");
        Assert.Equal("retail", (string?)decks["decks"]![0]!["name"]);
    }

    [Fact]
    public async Task A_setting_is_read_changed_and_its_history_kept()
    {
        (_, JsonNode before) = await GetAsync("/v1/settings/SS_SIP_TIMEOUT_INVITE");
        Assert.Equal("10", (string?)before["value"]);
        (HttpStatusCode status, JsonNode after) = await SendAsync(HttpMethod.Put, "/v1/settings/SS_SIP_TIMEOUT_INVITE", """{"value":15}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("15", (string?)after["value"]);
        foreach (string path in (string[])["/v1/settings/history", "/v1/settings/SS_SIP_TIMEOUT_INVITE/history"])
        {
            (_, JsonNode history) = await GetAsync(path);
            JsonNode change = history["changes"]!.AsArray().Single()!;
            Assert.Equal("admin", (string?)change["by"]);
            Assert.Equal("10", (string?)change["from"]);
        }
        (_, JsonNode all) = await GetAsync("/v1/settings");
        Assert.Single(all["settings"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"value":"0"}""", "must be 1 to 600 s")]
    [InlineData("""{"value":null}""", "must be a text, a number or a boolean")]
    [InlineData("""{}""", "is missing")]
    public async Task A_wrong_setting_is_refused(string body, string says)
    {
        JsonNode problem = await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Put, "/v1/settings/SS_SIP_TIMEOUT_INVITE", body);
        Assert.Equal(says, (string?)problem["errors"]![0]!["says"]);
    }

    [Fact]
    public async Task A_setting_that_does_not_exist_is_not_found()
    {
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/v1/settings/SS_NO");
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/v1/settings/SS_NO/history");
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Put, "/v1/settings/SS_NO", """{"value":"1"}""");
    }

    [Fact]
    public async Task Registrations_check_and_status_are_shown()
    {
        (_, JsonNode gateways) = await GetAsync("/v1/gateways");
        JsonNode gateway = gateways["routingGateways"]![0]!;
        Assert.Equal(("carrier-a", "Down", 1500L, "2026-01-01T00:00:00.000000Z"), ((string?)gateway["name"], (string?)gateway["sipOptions"], (long)gateway["retryAfter"]!, (string?)gateway["sipOptionsSince"]));
        (_, JsonNode registrations) = await GetAsync("/v1/registrations");
        Assert.Equal("2001", (string?)registrations["registrations"]![0]!["phone"]);
        Assert.Equal("udp 203.0.113.1:5060", (string?)gateway["addresses"]![0]);
        Assert.Equal("192.0.2.10", (string?)gateways["mappingGateways"]![0]!["addresses"]![0]);
        (_, JsonNode trunks) = await GetAsync("/v1/trunks");
        Assert.Equal(("carrier-a", "waiting"), ((string?)trunks["trunks"]![0]!["gateway"], (string?)trunks["trunks"]![0]!["state"]));
        (_, JsonNode check) = await GetAsync("/v1/check");
        Assert.True((bool?)check["passed"]);
        (_, JsonNode status) = await GetAsync("/v1/status");
        Assert.Equal(12, (int?)status["counters"]!["sip.received"]);
    }

    [Fact]
    public async Task Blocks_are_shown_and_ended()
    {
        (_, JsonNode blocked) = await GetAsync("/v1/blocked");
        Assert.Equal(("192.0.2.66", "address"), ((string?)blocked["blocked"]![0]!["who"], (string?)blocked["blocked"]![0]!["kind"]));
        await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Delete, "/v1/blocked/192.0.2.67");
    }

    [Fact]
    public async Task What_is_not_there_is_said_as_a_problem()
    {
        Assert.Equal("there is nothing at /v1/nothing", (string?)(await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/v1/nothing"))["detail"]);
        Assert.Equal("/v1/calls does not take POST", (string?)(await RefusedAsync(HttpStatusCode.MethodNotAllowed, HttpMethod.Post, "/v1/calls"))["detail"]);
        await RefusedAsync(HttpStatusCode.UnsupportedMediaType, HttpMethod.Post, "/v1/payments", "<xml/>", "application/xml");
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused() =>
        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, HttpMethod.Post, "/v1/payments", $$"""{"id":"{{new string('x', 100_000)}}"}""");

    [Fact]
    public async Task A_mistake_of_the_switch_is_logged_and_told_without_its_inside()
    {
        _api.Switch.Broken = new InvalidOperationException("secret inside");
        JsonNode problem = await RefusedAsync(HttpStatusCode.InternalServerError, HttpMethod.Get, "/v1/calls");
        Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(_api.Said, s => s.Contains("secret inside", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_one_sentence()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var endPoint = (IPEndPoint)taken.LocalEndPoint!;
        using var folder = new TemporaryFolder();
        var parts = new ApiParts { Control = _api.Switch, Cdrs = null!, QueryLimits = () => new(), Now = () => SwitchInMemory.Now, Audio = null!, Money = null!, Decks = null!, Alarms = new() };
        IOException refused = await Assert.ThrowsAsync<IOException>(() => ApiServer.StartAsync(endPoint, folder.Path, TokenBook.Open(folder.Path, _ => { }), parts, _ => { }));
        Assert.Equal($"the HTTP address {endPoint} is in use by another program", refused.Message);
    }

    [Fact]
    public async Task The_address_is_left_for_the_command_line() =>
        Assert.Equal(_api.Address.GetLeftPart(UriPartial.Authority), (await File.ReadAllTextAsync(Path.Combine(_api.Folder, ApiServer.AddressFile), Stop)).Trim());

    private Task<(HttpStatusCode, JsonNode)> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    private async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpMethod method, string path, string? body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Put) request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        using HttpResponseMessage response = await _api.Http.SendAsync(request, Stop);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!);
    }

    private async Task<JsonNode> RefusedAsync(HttpStatusCode expected, HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Put) request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        using HttpResponseMessage response = await _api.Http.SendAsync(request, Stop);
        string text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(expected == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!;
    }
}
