using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Access;
using Tandem.Server.Api;
using Tandem.Server.Cli;
using Tandem.Server.Hosting;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Server.Hosting;

/// <summary>Many at once, asked for over HTTP of a running switch: journal, ledger, configuration and users are real.</summary>
public sealed class BulkTests : HostedSwitch
{
    private const string Standard = """
        {
          "settings": { "SERVER_PAYMENT_CONFIRM_ABOVE": "1000" },
          "decks": [
            { "name": "retail", "currency": "USD", "rates": [ { "prefix": "44", "ratePerMinute": "0.60" } ] },
            { "name": "gold", "currency": "USD", "rates": [ { "prefix": "44", "ratePerMinute": "0.30" } ] },
            { "name": "euro", "currency": "EUR", "rates": [ { "prefix": "44", "ratePerMinute": "0.30" } ] }
          ],
          "accounts": [
            { "account": "agent", "currency": "USD", "feeRateGroup": "retail" },
            { "account": "1001", "name": "One", "memo": "kept", "currency": "USD", "feeRateGroup": "retail", "agentAccount": "agent" },
            { "account": "1002", "currency": "USD", "feeRateGroup": "retail", "agentAccount": "agent", "limitMoney": "7" },
            { "account": "1003", "currency": "USD", "feeRateGroup": "gold" },
            { "account": "eur", "currency": "EUR", "feeRateGroup": "euro" }
          ]
        }
        """;

    [Fact]
    public async Task A_batch_books_what_can_be_booked_tells_the_rest_and_books_nothing_twice()
    {
        await using ApiServer api = await StartAsync();
        using HttpClient http = Client(api);
        const string Batch = """{"payments":[{"id":"b1","account":"1001","amount":"12.50","memo":"May"},{"id":"b2","account":"nobody","amount":"1"},{"id":"b3","account":"eur","amount":"3"},{"id":"b4","account":"1002","amount":"-2"}]}""";
        JsonNode result = await DoneAsync(http, await PostAsync(http, "/v1/payments/batch", Batch));
        Assert.Equal((4, 3, 0, 0, 1), ((int)result["rows"]!, (int)result["booked"]!, (int)result["repeated"]!, (int)result["waiting"]!, (int)result["refused"]!));
        Assert.Equal("""[{"row":2,"id":"b2","account":"nobody","outcome":"refused","says":"There is no account nobody."}]""", result["notBooked"]!.ToJsonString());
        Assert.Equal(["EUR 1 3.00", "USD 2 10.50"], result["sums"]!.AsArray().Select(static s => $"{s!["currency"]} {s["payments"]} {s["amount"]}"));
        Assert.Equal(["12.50", "-2.00", "3.00"], [await BalanceAsync("1001"), await BalanceAsync("1002"), await BalanceAsync("eur")]);

        result = await DoneAsync(http, await PostAsync(http, "/v1/payments/batch", Batch));
        Assert.Equal((0, 3), ((int)result["booked"]!, (int)result["repeated"]!));
        Assert.Equal("12.50", await BalanceAsync("1001"));
    }

    [Theory]
    [InlineData("""{"payments":[{"id":"a","account":"1001","amount":"5"},{"id":"a","account":"1002","amount":"5"}]}""", 2, "id")]
    [InlineData("""{"payments":[{"id":"a","account":"1001","amount":"5"},{"account":"1002","amount":"5"}]}""", 2, "id")]
    [InlineData("""{"payments":[{"id":"a","account":"1001","amount":"five"}]}""", 1, "amount")]
    [InlineData("""{"payments":[{"id":"a","account":"1001","amount":"0"}]}""", 1, "amount")]
    [InlineData("""{"payments":[{"id":"a","account":"1001","amount":5}]}""", 1, "amount")]
    [InlineData("""{"payments":[{"id":"a","account":"1001","amount":"5","money":"6"}]}""", 1, "money")]
    [InlineData("""{"payments":[7]}""", 1, "")]
    [InlineData("""{"payments":[]}""", 0, "payments")]
    [InlineData("""{"payments":{}}""", 0, "payments")]
    [InlineData("""{"payments":[],"all":true}""", 0, "payments")]
    [InlineData("""[]""", 0, "payments")]
    [InlineData("""{"payments":[{"id":"a",""", 1, "")]
    public async Task A_batch_with_a_row_that_cannot_be_read_is_refused_whole_and_the_row_told(string batch, int row, string field)
    {
        await using ApiServer api = await StartAsync();
        using HttpClient http = Client(api);
        using HttpResponseMessage answer = await http.PostAsync("/v1/payments/batch", new StringContent(batch, Encoding.UTF8, "application/json"), Stop);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        JsonNode problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;
        Assert.Contains(problem["errors"]!.AsArray(), e => (int?)e!["line"] == row && (string?)e["field"] == field || row == 0 && (string?)e["field"] == field);
        Assert.Equal("0.00", await BalanceAsync("1001"));
    }

    [Fact]
    public async Task Of_a_batch_what_is_above_the_limit_waits_for_a_second_person_and_is_booked_by_him_once()
    {
        await using ApiServer api = await StartAsync();
        using HttpClient http = Client(api);
        const string Batch = """{"payments":[{"id":"large","account":"1001","amount":"1000.01"},{"id":"small","account":"1001","amount":"1000"},{"id":"lost","account":"nobody","amount":"5000"}]}""";
        JsonNode result = await DoneAsync(http, await PostAsync(http, "/v1/payments/batch", Batch));
        Assert.Equal((3, 1, 1, 1), ((int)result["rows"]!, (int)result["booked"]!, (int)result["waiting"]!, (int)result["refused"]!));
        Assert.Equal("1000.00", await BalanceAsync("1001"));
        using HttpClient bob = await SecondAsync(api, http);
        await PostAsync(bob, "/v1/pending-payments/large/confirm", "");
        Assert.Equal("2000.01", await BalanceAsync("1001"));
        result = await DoneAsync(http, await PostAsync(http, "/v1/payments/batch", Batch));
        Assert.Equal((0, 2, 0), ((int)result["booked"]!, (int)result["repeated"]!, (int)result["waiting"]!));
        Assert.Equal("2000.01", await BalanceAsync("1001"));
    }

    [Fact]
    public async Task A_large_reversal_and_a_large_balance_brought_to_zero_wait_for_a_second_person_too()
    {
        await using ApiServer api = await StartAsync();
        using HttpClient http = Client(api);
        await _host!.Control.PayAsync(new PaymentOrder("p1", "1001", 1_500 * Money.NanosPerUnit, ""), "op", Stop);
        Assert.Equal("Reversal", (string?)(await PostAsync(http, "/v1/payments/p1/reversal", """{"id":"r1"}"""))["kind"]);
        Assert.Equal("1500.00", await BalanceAsync("1001"));
        Assert.Equal("Zero", (string?)(await PostAsync(http, "/v1/accounts/1001/zero", """{"id":"z1"}"""))["kind"]);
        using (HttpResponseMessage own = await http.PostAsync("/v1/pending-payments/r1/confirm", null, Stop)) Assert.Equal(HttpStatusCode.Forbidden, own.StatusCode);

        using HttpClient bob = await SecondAsync(api, http);
        Assert.Equal("-1500.00", (string?)(await PostAsync(bob, "/v1/pending-payments/r1/confirm", ""))["amount"]);
        Assert.Equal("0.00", await BalanceAsync("1001"));
        await PostAsync(http, "/v1/payments/p1/reversal", """{"id":"r1"}"""); // sent again: it is booked, nothing waits
        await _host.Control.PayAsync(new PaymentOrder("p2", "1001", 20 * Money.NanosPerUnit, ""), "op", Stop);
        Assert.Equal("-20.00", (string?)(await PostAsync(bob, "/v1/pending-payments/z1/confirm", ""))["amount"]);
        Assert.Equal("0.00", await BalanceAsync("1001"));
        Assert.Equal("[]", (await GetAsync(http, "/v1/pending-payments"))["payments"]!.ToJsonString());
        using HttpResponseMessage none = await http.PostAsync("/v1/payments/none/reversal", new StringContent("""{"id":"r2"}""", Encoding.UTF8, "application/json"), Stop);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task What_was_confirmed_long_ago_is_answered_as_booked_and_does_not_wait_again()
    {
        const string Large = """{"id":"large","account":"1001","amount":"1000.01"}""";
        await using (ApiServer api = await StartAsync())
        {
            using HttpClient http = Client(api), bob = await SecondAsync(api, http);
            await PostAsync(http, "/v1/payments", Large);
            await PostAsync(bob, "/v1/pending-payments/large/confirm", "");
        }
        string file = Path.Combine(_folder, AccessBook.FileName);
        JsonNode access = JsonNode.Parse(await File.ReadAllTextAsync(file, Stop))!;
        access["changes"] = new JsonArray(); // 2,000 others came after it
        await File.WriteAllTextAsync(file, access.ToJsonString(), Stop);
        await using ApiServer later = await HostVerbs.ServeAsync(_host!, new IPEndPoint(IPAddress.Loopback, 0), null, static _ => { });
        using HttpClient again = Client(later);
        Assert.True((bool?)(await PostAsync(again, "/v1/payments", Large))["repeated"]);
        Assert.Equal("1000.01", await BalanceAsync("1001"));
    }

    [Fact]
    public async Task Both_names_of_a_payment_are_kept_however_long_they_are()
    {
        await using ApiServer api = await StartAsync();
        using HttpClient http = Client(api);
        string asks = new('a', 64), confirms = new('b', 64);
        using HttpClient key = Client(api, (string?)(await PostAsync(http, "/v1/keys", $$"""{"name":"{{asks}}","role":"finance"}"""))["key"]), second = await SecondAsync(api, http, confirms);
        await PostAsync(key, "/v1/payments", """{"id":"large","account":"1001","amount":"2000"}""");
        await PostAsync(second, "/v1/pending-payments/large/confirm", "");
        Assert.Equal($"key:{asks}+{confirms}", (await ((IMoneyControl)_host!.Control).PaymentAsync("large", Stop)).Value!.By);
    }

    [Theory]
    [InlineData(65, 0, "id")]
    [InlineData(64, 129, "memo")]
    public async Task A_reversal_with_an_id_or_memo_that_is_too_long_is_refused_as_a_payment_is(int id, int memo, string field)
    {
        await using ApiServer api = await StartAsync();
        using HttpClient http = Client(api);
        await _host!.Control.PayAsync(new PaymentOrder("p1", "1001", Money.NanosPerUnit, ""), "op", Stop);
        foreach (string path in new[] { "/v1/payments/p1/reversal", "/v1/accounts/1001/zero" })
        {
            using HttpResponseMessage answer = await http.PostAsync(path, new StringContent($$"""{"id":"{{new string('r', id)}}","memo":"{{new string('m', memo)}}"}""", Encoding.UTF8, "application/json"), Stop);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(field, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["errors"]![0]!["field"]);
        }
        Assert.Equal("1.00", await BalanceAsync("1001"));
    }

    [Fact]
    public async Task A_batch_is_refused_before_it_is_read_while_as_many_jobs_work_as_may()
    {
        await using ApiServer api = await StartAsync();
        using HttpClient http = Client(api);
        for (int i = 0; i < Jobs.AtOnce; i++) _host!.Jobs.Start("question", "op", static async (_, stop) => { await Task.Delay(Timeout.Infinite, stop); return ""; });
        foreach (string batch in new[] { """{"payments":[{"id":"large","account":"1001","amount":"2000"}]}""", "no JSON" })
        {
            using HttpResponseMessage answer = await http.PostAsync("/v1/payments/batch", new StringContent(batch, Encoding.UTF8, "application/json"), Stop);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }
        Assert.Equal("[]", (await GetAsync(http, "/v1/pending-payments"))["payments"]!.ToJsonString());
    }

    [Fact]
    public async Task A_batch_cancelled_midway_keeps_and_counts_what_was_booked_and_the_same_again_books_only_the_rest()
    {
        await HostAsync();
        await _host!.Control.ApplyAsync(Encoding.UTF8.GetBytes(Standard), dryRun: false, "test", Stop);
        BatchRow[] rows = [.. Enumerable.Range(1, 1000).Select(static n => new BatchRow(n, new PaymentOrder($"b{n}", "1001", Money.NanosPerUnit, "")))];
        TaskCompletionSource<Task<Answer<JobView>>> cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Null(_host.Jobs.Start("payments", "op", new BatchPayWork(_host, new AskedFor(rows, 300, () => cancelled.TrySetResult(_host.Jobs.CancelAsync("payments-1"))), [], "op").RunAsync).Fault);
        JobView job = (await await cancelled.Task).Value!;
        Assert.Equal((JobState.Cancelled, "cancelled: 512 of 1000 rows, 0 refused"), (job.State, job.Says));
        Assert.Equal("512.00", await BalanceAsync("1001"));
        var again = (BatchPaidView)await new BatchPayWork(_host, rows, [], "op").RunAsync(new JobProgress(new Job("payments-2", "payments", "op", default)), Stop);
        Assert.Equal((488, 512, 0), (again.Booked, again.Repeated, again.Refused));
        Assert.Equal("1000.00", await BalanceAsync("1001"));
    }

    [Fact]
    public async Task Accounts_of_a_deck_or_an_agent_get_another_in_one_revision_that_undo_takes_back()
    {
        await using ApiServer api = await StartAsync();
        using HttpClient http = Client(api);
        int before = _host!.Configuration.Revision;
        JsonNode dry = await DoneAsync(http, await PostAsync(http, "/v1/decks/gold/assignments?dryRun=true", """{"ofDeck":"retail","ofAgent":"agent"}"""));
        Assert.Equal((2, 0, true), ((int)dry["accounts"]!, (int)dry["unchanged"]!, (bool)dry["dryRun"]!));
        Assert.Equal(before, _host.Configuration.Revision);

        JsonNode result = await DoneAsync(http, await PostAsync(http, "/v1/decks/gold/assignments", """{"ofDeck":"retail","ofAgent":"agent"}"""));
        Assert.Equal((2, before + 1), ((int)result["accounts"]!, (int)result["revision"]!));
        Assert.Equal(["retail", "gold", "gold", "gold"], Decks("agent", "1001", "1002", "1003"));
        Assert.Equal(("One", "kept", 7 * Money.NanosPerUnit), (_host.Configuration.Current.Configuration.Accounts["1001"].Name, _host.Configuration.Current.Configuration.Accounts["1001"].Memo, _host.Configuration.Current.Configuration.Accounts["1002"].CreditLimitNanos));
        await PostAsync(http, $"/v1/audit/{before + 1}/undo", "");
        Assert.Equal(["retail", "retail", "gold"], Decks("1001", "1002", "1003"));

        result = await DoneAsync(http, await PostAsync(http, "/v1/decks/gold/assignments", """{"accounts":["1002","1003"]}"""));
        Assert.Equal((1, 1), ((int)result["accounts"]!, (int)result["unchanged"]!));
        Assert.Equal(["retail", "gold", "gold"], Decks("1001", "1002", "1003"));
    }

    [Theory]
    [InlineData("none", """{"accounts":["1001"]}""", 404)]
    [InlineData("gold", """{"accounts":["1001","nobody"]}""", 404)]
    [InlineData("gold", """{"ofDeck":"none"}""", 404)]
    [InlineData("gold", """{"ofAgent":"nobody"}""", 404)]
    [InlineData("gold", """{"accounts":["1001"],"ofDeck":"retail"}""", 400)]
    [InlineData("gold", """{"accounts":[]}""", 400)]
    [InlineData("gold", """{"accounts":[1001]}""", 400)]
    [InlineData("gold", """{"account":"1001"}""", 400)]
    [InlineData("gold", """{}""", 400)]
    [InlineData("gold", """[]""", 400)]
    [InlineData("gold", """{"accounts":""", 400)]
    public async Task An_assignment_that_cannot_be_meant_changes_nothing(string deck, string body, int status)
    {
        await using ApiServer api = await StartAsync();
        using HttpClient http = Client(api);
        int before = _host!.Configuration.Revision;
        using HttpResponseMessage answer = await http.PostAsync($"/v1/decks/{deck}/assignments", new StringContent(body, Encoding.UTF8, "application/json"), Stop);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(before, _host.Configuration.Revision);
    }

    [Fact]
    public async Task A_deck_in_a_currency_without_a_rate_of_exchange_fails_the_job_and_changes_no_account()
    {
        await using ApiServer api = await StartAsync();
        using HttpClient http = Client(api);
        JsonNode job = await EndedAsync(http, await PostAsync(http, "/v1/decks/euro/assignments", """{"accounts":["1001","1002"]}"""));
        Assert.Equal("Failed", (string?)job["state"]);
        Assert.StartsWith("Nothing was changed: ", (string?)job["says"], StringComparison.Ordinal);
        Assert.Equal(["retail", "retail"], Decks("1001", "1002"));
    }

    private async Task<ApiServer> StartAsync()
    {
        await HostAsync();
        Answer<ApplyView> answer = await _host!.Control.ApplyAsync(Encoding.UTF8.GetBytes(Standard), dryRun: false, "test", Stop);
        Assert.True(answer.Fault is null, answer.Fault is { } fault ? string.Join('\n', fault.Errors) + fault.Says : "");
        return await HostVerbs.ServeAsync(_host, new IPEndPoint(IPAddress.Loopback, 0), null, static _ => { });
    }

    private HttpClient Client(ApiServer api, string? token = null)
    {
        var http = new HttpClient { BaseAddress = api.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token ?? File.ReadAllText(Path.Combine(_folder, TokenBook.AdminFile)).Trim());
        return http;
    }

    private async Task<HttpClient> SecondAsync(ApiServer api, HttpClient administrator, string name = "bob")
    {
        await PostAsync(administrator, "/v1/users", $$"""{"name":"{{name}}","role":"finance","password":"a-Long-enough-1"}""");
        JsonNode session = await PostAsync(administrator, "/v1/login", $$"""{"user":"{{name}}","password":"a-Long-enough-1"}""");
        return Client(api, (string?)session["token"]);
    }

    /// <summary>Rows of which one, as it is asked for, sets something off.</summary>
    private sealed class AskedFor(BatchRow[] rows, int which, Action then) : IReadOnlyList<BatchRow>
    {
        public int Count => rows.Length;

        public BatchRow this[int index]
        {
            get
            {
                if (index == which) then();
                return rows[index];
            }
        }

        public IEnumerator<BatchRow> GetEnumerator() => ((IEnumerable<BatchRow>)rows).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, string body)
    {
        using HttpResponseMessage answer = await http.PostAsync(path, body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json"), Stop);
        string text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return JsonNode.Parse(text)!;
    }

    private static async Task<JsonNode> GetAsync(HttpClient http, string path) => (await http.GetFromJsonAsync<JsonNode>(path, Stop))!;

    private static async Task<JsonNode> EndedAsync(HttpClient http, JsonNode job)
    {
        while ((string?)job["state"] == "Running") job = await GetAsync(http, $"/v1/jobs/{Uri.EscapeDataString((string)job["id"]!)}");
        return job;
    }

    private static async Task<JsonNode> DoneAsync(HttpClient http, JsonNode job)
    {
        job = await EndedAsync(http, job);
        Assert.True((string?)job["state"] == "Done", job.ToJsonString());
        return job["result"]!;
    }

    private string?[] Decks(params string[] accounts) => [.. accounts.Select(a => _host!.Configuration.Current.Configuration.Accounts[a].Deck)];

    private async Task<string> BalanceAsync(string account) => (await _host!.Control.AccountAsync(account, Stop)).Value!.Balance.ToDecimalString();
}
