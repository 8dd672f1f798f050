using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Alarms;
using Tandem.Server.Api;

namespace Tandem.Tests.Server.Api;

public sealed class PagingTests : IAsyncLifetime
{
    /// <summary>What holds rows and is no list: one answer, told whole.</summary>
    private static readonly string[] AnswerOfOne = ["/v1/route", "/v1/check", "/v1/status", "/v1/journal", "/v1/cdrs/sums", "/v1/deck-versions/{version}/difference"];

    private readonly AlarmBook _alarms = new();
    private ApiInMemory _api = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiInMemory.StartAsync(parts => parts with { Alarms = _alarms });

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Every_row_comes_once_in_pages_though_rows_come_and_go_between_them()
    {
        foreach (string name in (string[])["dora", "anna", "carl", "bert", "emil"]) await AddAsync(name);
        JsonNode first = await GetAsync("/v1/users?limit=2");
        Assert.Equal(["anna", "bert"], Names(first));
        using (HttpResponseMessage gone = await _api.Http.DeleteAsync("/v1/users/bert", Stop)) Assert.Equal(HttpStatusCode.OK, gone.StatusCode); // the row the cursor names
        await AddAsync("aaron"); // before the cursor
        JsonNode second = await GetAsync($"/v1/users?limit=2&cursor={(string?)first["next"]}");
        Assert.Equal(["carl", "dora"], Names(second));
        JsonNode third = await GetAsync($"/v1/users?limit=2&cursor={(string?)second["next"]}");
        Assert.Equal(["emil"], Names(third));
        Assert.Null(third["next"]);
    }

    [Fact]
    public async Task A_page_that_ends_with_the_list_says_that_there_is_no_other()
    {
        foreach (string name in (string[])["anna", "bert"]) await AddAsync(name);
        JsonNode page = await GetAsync("/v1/users?limit=2");
        Assert.Equal(["anna", "bert"], Names(page));
        Assert.Null(page["next"]);
    }

    [Theory]
    [InlineData("account=1001", 1)]
    [InlineData("account=1002", 0)]
    [InlineData("account=", 1)]
    [InlineData("caller=nobody", 0)]
    [InlineData("state=answered&account=1001", 1)]
    [InlineData("state=ringing&account=1001", 0)]
    public async Task Live_calls_are_filtered(string filter, int found) =>
        Assert.Equal(found, (await GetAsync($"/v1/calls?{filter}"))["calls"]!.AsArray().Count);

    [Theory]
    [InlineData("/v1/accounts?number=10", 1)]
    [InlineData("/v1/accounts?number=11", 0)]
    [InlineData("/v1/accounts?locked=false&currency=USD", 1)]
    [InlineData("/v1/accounts?locked=true", 0)]
    public async Task Accounts_are_filtered(string path, int found) =>
        Assert.Equal(found, (await GetAsync(path))["accounts"]!.AsArray().Count);

    [Theory]
    [InlineData("limit=0", "limit", "must be 1 to 10000")]
    [InlineData("limit=10001", "limit", "must be 1 to 10000")]
    [InlineData("limit=-1", "limit", "must be 1 to 10000")]
    [InlineData("limit=two", "limit", "'two' is not a number")]
    [InlineData("limit=2&limit=3", "limit", "stands twice")]
    [InlineData("cursor=%21", "cursor", "is no cursor: 'next' of the page before is needed, as it came")]
    [InlineData("cursor=_w", "cursor", "is no cursor: 'next' of the page before is needed, as it came")]
    [InlineData("page=2", "page", null)]
    public async Task A_wrong_page_is_refused_with_the_field(string query, string field, string? says)
    {
        foreach (string list in (string[])["users", "keys", "sessions", "accounts", "calls", "gateways", "registrations", "trunks", "blocked", "blacklist", "decks", "pending-payments", "payments", "consumptions", "audit", "packages", "jobs", "alarms", "deck-reports", "deck-templates", "settings", "settings/history", "quality"])
        {
            using HttpResponseMessage response = await _api.Http.GetAsync($"/v1/{list}?{query}", Stop);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["errors"]![0]!;
            Assert.Equal(field, (string?)error["field"]);
            if (says is not null) Assert.Equal(says, (string?)error["says"]);
        }
    }

    [Theory]
    [InlineData("never")]
    [InlineData("1")]
    [InlineData("-1 0")]
    [InlineData("1 -1")]
    [InlineData("9223372036854775807 0")]
    [InlineData("1 2147483647")]
    public void A_cursor_of_a_history_that_nobody_gave_is_refused(string says)
    {
        var reader = new RequestReader();
        TimePage.Read(reader, null, PagedLists.Cursor(says));
        Assert.Equal("cursor", reader.Faults.Single().Field);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void A_history_comes_whole_in_pages_though_many_rows_are_of_one_time_and_new_ones_come(int limit)
    {
        List<(int Id, Instant At)> history = [.. new long[] { 9, 9, 7, 7, 7, 7, 7, 4, 3, 3 }.Select(static (at, i) => (i, new Instant(at)))];
        List<int> seen = [];
        string? cursor = null;
        for (int pages = 0; pages < 20; pages++)
        {
            var reader = new RequestReader();
            TimePage page = TimePage.Read(reader, $"{limit}", cursor);
            Assert.Null(reader.Fault);
            Instant? until = page.Until(null);
            (IReadOnlyList<(int Id, Instant At)> rows, cursor) = page.Cut([.. history.Where(r => until is null || r.At < until).Take(page.Wanted)], static r => r.At);
            Assert.True(rows.Count <= limit);
            seen.AddRange(rows.Select(static r => r.Id));
            if (cursor is null) break;
            history.Insert(0, (100 + pages, new Instant(20 + pages))); // newer than all: of no page behind the first
        }
        Assert.Equal(Enumerable.Range(0, 10), seen);
    }

    [Fact]
    public async Task The_audit_is_paged_newest_first()
    {
        foreach (string name in (string[])["anna", "bert", "carl"]) await AddAsync(name);
        List<string> whole = What(await GetAsync("/v1/audit?what=users")), paged = [];
        string path = "/v1/audit?what=users&limit=1";
        for (int pages = 0; pages < 9; pages++)
        {
            JsonNode page = await GetAsync(path);
            paged.AddRange(What(page));
            if ((string?)page["next"] is not { } next) break;
            path = $"/v1/audit?what=users&limit=1&cursor={next}";
        }
        Assert.Equal(3, whole.Count);
        Assert.Equal(whole, paged);

        static List<string> What(JsonNode page) => [.. page["changes"]!.AsArray().Select(static c => (string)c!["what"]!)];
    }

    [Fact]
    public async Task Every_list_of_the_openapi_document_comes_whole_in_pages_of_any_length()
    {
        foreach (string name in (string[])["dora", "anna", "carl"])
        {
            await AddAsync(name);
            await SendAsync(HttpMethod.Post, "/v1/keys", $$"""{"name":"key-{{name}}","role":"readOnly"}""");
            await SendAsync(HttpMethod.Put, "/v1/settings/SS_SIP_TIMEOUT_INVITE", $$"""{"value":{{10 + name.Length + name[0]}}}""");
        }
        _alarms.Observe([new AlarmCondition(AlarmKind.Trunk, "a", "It is down."), new AlarmCondition(AlarmKind.Books, "ledger", "They differ."), new AlarmCondition(AlarmKind.Trunk, "b", "It is down.")], SwitchInMemory.Now);
        _alarms.Observe([new AlarmCondition(AlarmKind.Books, "ledger", "They differ."), new AlarmCondition(AlarmKind.Trunk, "c", "It is down.")], SwitchInMemory.Now + TimeSpan.FromSeconds(1));

        JsonNode document = await GetAsync("/openapi/v1.json");
        List<string> lists = [], longOnes = [];
        foreach ((string path, JsonNode? methods) in document["paths"]!.AsObject())
        {
            if (methods!["get"] is not { } operation || path.EndsWith('}') || AnswerOfOne.Contains(path) || operation["responses"]!["200"]?["content"]?["application/json"]?["schema"]?["$ref"] is not { } reference) continue;
            JsonObject fields = document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]!["properties"]!.AsObject();
            string[] rows = [.. fields.Where(static f => f.Value!["type"] is JsonValue type && (string?)type == "array").Select(static f => f.Key)];
            if (rows.Length == 0) continue;
            lists.Add(path);
            List<string> names = [.. operation["parameters"]!.AsArray().Where(static p => (string?)p!["in"] == "query").Select(static p => (string)p!["name"]!)];
            Assert.True(names.Contains("limit") && names.Contains("cursor") && fields.ContainsKey("next"), $"{path} is a list without pages");
            Assert.Equal(names.Distinct(), names);

            string asked = path.Replace("{name}", path.StartsWith("/v1/decks", StringComparison.Ordinal) ? "retail" : "SS_SIP_TIMEOUT_INVITE", StringComparison.Ordinal) + (path switch
            {
                "/v1/cdrs" or "/v1/cdrs/analysis" => "?since=2026-04-26&limit=",
                "/v1/settings/difference" => "?from=2026-04-26&limit=",
                _ => "?limit=",
            });
            string[] whole = Rows(await GetAsync($"{asked}{(path == "/v1/cdrs" ? 4 : 10_000)}"), rows);
            if (path == "/v1/cdrs") whole = [.. whole, .. Rows(await GetAsync($"{asked}4&cursor={(string?)(await GetAsync($"{asked}4"))["next"]}"), rows)];
            else Assert.Equal((path, string.Join('\n', whole.Order(StringComparer.Ordinal))), (path, string.Join('\n', Rows(await GetAsync(asked), rows).Order(StringComparer.Ordinal))));
            if (whole.Length > 1) longOnes.Add(path);
            for (int limit = 1; limit <= 4; limit++)
            {
                List<string> paged = [];
                JsonNode page = await GetAsync($"{asked}{limit}");
                for (int pages = 1; ; pages++)
                {
                    string[] some = Rows(page, rows);
                    Assert.True(some.Length <= limit && pages <= whole.Length + 1, $"{path} has a page of {some.Length} rows of at most {limit}, or no end");
                    paged.AddRange(some);
                    if ((string?)page["next"] is not { } next) break;
                    page = await GetAsync($"{asked}{limit}&cursor={next}");
                }
                // Where an answer holds two lists its pages may begin with the second.
                if (rows.Length > 1) paged.Sort(StringComparer.Ordinal);
                Assert.Equal((path, limit, string.Join('\n', rows.Length > 1 ? [.. whole.Order(StringComparer.Ordinal)] : whole)), (path, limit, string.Join('\n', paged)));
            }
        }
        Assert.Superset(new HashSet<string> { "/v1/users", "/v1/packages", "/v1/jobs", "/v1/alarms", "/v1/deck-reports", "/v1/settings", "/v1/cdrs" }, lists.ToHashSet());
        Assert.InRange(lists.Count, 25, int.MaxValue);
        Assert.True(longOnes.Count >= 12, $"of more than one row are only {string.Join(", ", longOnes)}");

        static string[] Rows(JsonNode page, string[] rows) => [.. rows.SelectMany(r => page[r]!.AsArray()).Select(static r => r!.ToJsonString())];
    }

    private async Task SendAsync(HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, null, "application/json") };
        if (method == HttpMethod.Put) request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        using HttpResponseMessage response = await _api.Http.SendAsync(request, Stop);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Stop));
    }


    private static IEnumerable<string> Names(JsonNode page) => page["users"]!.AsArray().Select(static u => (string)u!["name"]!);

    private async Task AddAsync(string name)
    {
        using var body = new StringContent($$"""{"name":"{{name}}","role":"support"}""", null, "application/json");
        using HttpResponseMessage response = await _api.Http.PostAsync("/v1/users", body, Stop);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Stop));
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        using HttpResponseMessage response = await _api.Http.GetAsync(path, Stop);
        string text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }
}
