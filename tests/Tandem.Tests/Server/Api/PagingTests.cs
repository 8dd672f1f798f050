using System.Net;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;

namespace Tandem.Tests.Server.Api;

public sealed class PagingTests : IAsyncLifetime
{
    private ApiInMemory _api = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiInMemory.StartAsync();

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
        foreach (string list in (string[])["users", "keys", "sessions", "accounts", "calls", "gateways", "registrations", "trunks", "blocked", "blacklist", "decks", "pending-payments", "payments", "consumptions", "audit"])
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
    public async Task The_openapi_document_tells_of_the_parameters_of_every_list()
    {
        JsonNode document = await GetAsync("/openapi/v1.json");
        foreach (string list in (string[])["users", "keys", "sessions", "accounts", "calls", "gateways", "registrations", "trunks", "blocked", "blacklist", "decks", "pending-payments", "payments", "consumptions", "audit"])
        {
            List<string> names = [.. document["paths"]![$"/v1/{list}"]!["get"]!["parameters"]!.AsArray().Where(static p => (string?)p!["in"] == "query").Select(static p => (string)p!["name"]!)];
            Assert.Contains("limit", names);
            Assert.Contains("cursor", names);
            Assert.Equal(names.Distinct(), names);
        }
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
