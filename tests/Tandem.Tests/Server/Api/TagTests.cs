using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Server.Access;
using Tandem.Server.Api;
using Tandem.Tests.Server.CdrDelivery;
using Tandem.Tests.Server.WebApi;

namespace Tandem.Tests.Server.Api;

/// <summary>Entity tags (docs/api.md, Tags): every endpoint of the table of access, asked and written to with right, wrong and no tags; then two people at one thing.</summary>
public sealed class TagTests : IAsyncLifetime
{
    private const string Timeout = "/v1/settings/SS_SIP_TIMEOUT_INVITE";

    private ApiInMemory _api = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiInMemory.StartAsync();
        await OkAsync(_api.Http, "POST", "/v1/users", """{"name":"ann","role":"support"}""");
        await OkAsync(_api.Http, "POST", "/v1/keys", """{"name":"ci","role":"readOnly"}""");
        _api.Switch.Asked.Clear();
    }

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public void Every_resource_has_a_tag_and_every_replacement_is_held_against_one()
    {
        foreach (string route in AccessTable.Rows.Keys)
        {
            string[] parts = route.Split(' ');
            if (parts[0] == "GET" && parts[1].EndsWith('}')) Assert.True(TagTable.IsTagged(parts[1]), $"{route} has no tag");
            if (parts[0] == "GET" && !parts[1].EndsWith('}') && TagTable.IsTagged(parts[1])) Assert.Contains(parts[1], (string[])["/v1/configuration", "/v1/me", "/v1/ported-numbers"]);
            if (parts[0] == "PUT") Assert.Equal(parts[1], TagTable.HeldAgainst("PUT", parts[1]));
            if (TagTable.HeldAgainst(parts[0], parts[1]) is { } read) Assert.Contains($"GET {read}", AccessTable.Rows.Keys);
        }
    }

    [Fact]
    public async Task Whoever_has_a_resource_as_it_is_does_not_get_it_again()
    {
        int tagged = 0;
        foreach (string route in _api.Routes.Where(static r => r.StartsWith("GET ", StringComparison.Ordinal) && r != "GET /v1/events"))
        {
            (string path, string pattern) = (PathOf(route), route.Split(' ')[1]);
            using HttpResponseMessage first = await SendAsync("GET", path);
            bool has = TagTable.IsTagged(pattern) && first.StatusCode == HttpStatusCode.OK;
            Assert.True(has == first.Headers.ETag is not null, $"{route} answers {(int)first.StatusCode} with the tag {first.Headers.ETag}");
            if (!has) continue;
            tagged++;
            using HttpResponseMessage again = await SendAsync("GET", path, ("If-None-Match", $"\"other\", W/{first.Headers.ETag}"));
            Assert.Equal((route, HttpStatusCode.NotModified, first.Headers.ETag, 0), (route, again.StatusCode, again.Headers.ETag, (await again.Content.ReadAsByteArrayAsync(Stop)).Length));
            using HttpResponseMessage other = await SendAsync("GET", path, ("If-None-Match", "\"other\""));
            Assert.Equal((route, HttpStatusCode.OK), (route, other.StatusCode));
            Assert.Equal(await first.Content.ReadAsStringAsync(Stop), await other.Content.ReadAsStringAsync(Stop));
            using HttpResponseMessage wrong = await SendAsync("GET", path, ("If-None-Match", "other"));
            Assert.Equal((route, HttpStatusCode.BadRequest), (route, wrong.StatusCode));
        }
        Assert.InRange(tagged, 10, int.MaxValue);
    }

    [Fact]
    public async Task A_write_with_an_old_tag_and_a_replacement_without_one_do_nothing_anywhere()
    {
        int held = 0, refused = 0;
        foreach (string route in _api.Routes.Where(static r => !r.StartsWith("GET ", StringComparison.Ordinal) && AccessTable.Rows[r].Needs != Permission.Open))
        {
            (string method, string path) = (route.Split(' ')[0], PathOf(route));
            if (TagTable.HeldAgainst(method, route.Split(' ')[1]) is not { } read)
            {
                using HttpResponseMessage meaningless = await SendAsync(method, path, ("If-Match", "*"));
                Assert.Equal((route, HttpStatusCode.BadRequest), (route, meaningless.StatusCode));
                Assert.Contains("nothing that If-Match of this request could be held against", await meaningless.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
                refused++;
                continue;
            }
            string readPath = PathOf($"GET {read}", path);
            using HttpResponseMessage there = await SendAsync("GET", readPath);
            if (there.StatusCode == HttpStatusCode.OK)
            {
                foreach (string old in (string[])["\"old\"", $"W/{there.Headers.ETag}"])
                {
                    using HttpResponseMessage stale = await SendAsync(method, path, ("If-Match", old));
                    Assert.Equal((route, HttpStatusCode.PreconditionFailed, there.Headers.ETag), (route, stale.StatusCode, stale.Headers.ETag));
                    Assert.Contains($"Read GET {readPath} again", await stale.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
                }
                held++;
            }
            using HttpResponseMessage wrong = await SendAsync(method, path, ("If-Match", "old"));
            Assert.Equal((route, HttpStatusCode.BadRequest), (route, wrong.StatusCode));
            if (method != "PUT" || there.StatusCode != HttpStatusCode.OK) continue;
            using HttpResponseMessage missing = await SendAsync(method, path);
            Assert.Equal((route, HttpStatusCode.PreconditionRequired), (route, missing.StatusCode));
        }
        Assert.Empty(_api.Switch.Asked);
        Assert.InRange(held, 8, int.MaxValue);
        Assert.InRange(refused, 20, int.MaxValue);
    }

    [Fact]
    public async Task The_openapi_document_tells_of_the_headers_of_every_endpoint_as_the_table_says()
    {
        JsonNode document = JsonNode.Parse(await _api.Http.GetStringAsync("/openapi/v1.json", Stop))!;
        foreach (string route in _api.Routes)
        {
            (string method, string pattern) = (route.Split(' ')[0], route.Split(' ')[1]);
            JsonNode operation = document["paths"]![pattern]![method.ToLowerInvariant()]!;
            string[] headers = [.. operation["parameters"]?.AsArray().Where(static p => (string?)p!["in"] == "header").Select(static p => (string)p!["name"]!) ?? []];
            bool reads = method == "GET" && TagTable.IsTagged(pattern), writes = TagTable.HeldAgainst(method, pattern) is not null;
            Assert.Equal((route, reads, writes), (route, headers.Contains("If-None-Match"), headers.Contains("If-Match")));
            JsonObject answers = operation["responses"]!.AsObject();
            Assert.Equal((route, reads, writes, method == "PUT"), (route, answers.ContainsKey("304"), answers.ContainsKey("412"), answers.ContainsKey("428")));
            Assert.Equal((route, TagTable.AnswersTag(method, pattern)), (route, answers["200"]?["headers"]?["ETag"] is not null));
        }
    }

    [Theory]
    [InlineData("/v1/users/ann", """{"role":"readOnly"}""", """{"role":"finance"}""")]
    [InlineData(Timeout, """{"value":"15"}""", """{"value":"20"}""")]
    public async Task Of_two_who_change_one_thing_the_second_is_refused_and_the_first_may_go_on(string path, string first, string second)
    {
        string before = await TagAsync(path);
        using HttpResponseMessage changed = await SendAsync("PUT", path, ("If-Match", before), first);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        string now = await TagAsync(path);
        Assert.NotEqual(before, now);
        Assert.Equal(now, changed.Headers.ETag!.ToString());
        using HttpResponseMessage late = await SendAsync("PUT", path, ("If-Match", before), second);
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        Assert.Equal(now, await TagAsync(path));
        using HttpResponseMessage on = await SendAsync("PUT", path, ("If-Match", $"\"other\", {now}"), second);
        Assert.Equal(HttpStatusCode.OK, on.StatusCode);
        using HttpResponseMessage whatever = await SendAsync("PUT", path, ("If-Match", "*"), first);
        Assert.Equal(HttpStatusCode.OK, whatever.StatusCode);
    }

    [Fact]
    public async Task Of_many_who_write_at_once_with_one_tag_one_is_heard()
    {
        string tag = await TagAsync("/v1/users/ann");
        HttpStatusCode[] answers = await Task.WhenAll(((string[])["readOnly", "finance", "routing", "administrator"]).Select(async role =>
        {
            using HttpResponseMessage answer = await SendAsync("PUT", "/v1/users/ann", ("If-Match", tag), $$"""{"role":"{{role}}"}""");
            return answer.StatusCode;
        }));
        Assert.Equal(1, answers.Count(static s => s == HttpStatusCode.OK));
        Assert.Equal(3, answers.Count(static s => s == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task What_was_changed_meanwhile_is_not_removed_and_what_was_not_is()
    {
        string tag = await TagAsync("/v1/users/ann");
        await OkAsync(_api.Http, "PUT", "/v1/users/ann", """{"disabled":true}""");
        using HttpResponseMessage late = await SendAsync("DELETE", "/v1/users/ann", ("If-Match", tag));
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        using HttpResponseMessage gone = await SendAsync("DELETE", "/v1/users/ann", ("If-Match", await TagAsync("/v1/users/ann")));
        Assert.Equal(HttpStatusCode.OK, gone.StatusCode);
        using HttpResponseMessage nobody = await SendAsync("DELETE", "/v1/users/ann", ("If-Match", tag));
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
        using HttpResponseMessage key = await SendAsync("DELETE", "/v1/keys/ci");
        Assert.Equal(HttpStatusCode.OK, key.StatusCode);
    }

    [Fact]
    public async Task A_running_switch_refuses_every_change_of_a_configuration_that_is_another_by_now()
    {
        await using WebApiSwitch running = await WebApiSwitch.StartAsync();
        using var http = new HttpClient { BaseAddress = running.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(running.Folder, TokenBook.AdminFile), Stop)).Trim());
        string old = await TagAsync("/v1/configuration", http), setting = await TagAsync(Timeout, http);
        using (HttpResponseMessage set = await SendAsync("PUT", Timeout, ("If-Match", setting), """{"value":"15"}""", http))
        {
            Assert.Equal((HttpStatusCode.OK, await TagAsync(Timeout, http)), (set.StatusCode, set.Headers.ETag!.ToString()));
        }
        string now = await TagAsync("/v1/configuration", http);
        Assert.NotEqual(old, now);
        foreach ((string path, string body) in ((string, string)[])[("/v1/apply", """{"accounts":[{"account":"1","name":"A","currency":"USD"}]}"""), ("/v1/settings/revert", """{"at":"2026-01-01T00:00:00Z"}"""), ("/v1/audit/1/undo", ""), ("/v1/decks?name=d&currency=USD", "prefix,rate_per_min\n44,0.01\n")])
        {
            using HttpResponseMessage late = await SendAsync("POST", path, ("If-Match", old), body, http, path.StartsWith("/v1/decks", StringComparison.Ordinal) ? "text/csv" : "application/json");
            Assert.Equal((path, HttpStatusCode.PreconditionFailed, now), (path, late.StatusCode, late.Headers.ETag!.ToString()));
        }
        Assert.Equal(now, await TagAsync("/v1/configuration", http));
        using HttpResponseMessage applied = await SendAsync("POST", "/v1/apply", ("If-Match", now), """{"accounts":[{"account":"1","name":"A","currency":"USD"}]}""", http);
        Assert.Equal((HttpStatusCode.OK, await TagAsync("/v1/configuration", http)), (applied.StatusCode, applied.Headers.ETag!.ToString()));
        using HttpResponseMessage known = await SendAsync("GET", "/v1/configuration", ("If-None-Match", applied.Headers.ETag!.ToString()), null, http);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    private async Task<string> TagAsync(string path, HttpClient? http = null)
    {
        using HttpResponseMessage answer = await SendAsync("GET", path, default, null, http);
        Assert.Equal((path, HttpStatusCode.OK), (path, answer.StatusCode));
        return answer.Headers.ETag!.ToString();
    }

    private static async Task OkAsync(HttpClient http, string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (method == "PUT") request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        using HttpResponseMessage answer = await http.SendAsync(request, Stop);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private Task<HttpResponseMessage> SendAsync(string method, string path, (string Name, string? Value) header = default, string? body = null, HttpClient? http = null, string type = "application/json")
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (header.Name is { } name) request.Headers.TryAddWithoutValidation(name, header.Value);
        if (method is "POST" or "PUT") request.Content = new StringContent(body ?? "{}", Encoding.UTF8, path is "/v1/decks" or "/v1/ported-numbers" ? "text/csv" : path is "/v1/deck-reports" ? "application/octet-stream" : type);
        return (http ?? _api.Http).SendAsync(request, Stop);
    }

    private static string PathOf(string route)
    {
        string path = route.Split(' ')[1];
        string id = path switch
        {
            _ when path.StartsWith("/v1/cdrs", StringComparison.Ordinal) => CdrSamples.Call(3).Call.ToString(),
            _ when path.StartsWith("/v1/jobs", StringComparison.Ordinal) => "what-if-1",
            _ when path.StartsWith("/v1/keys", StringComparison.Ordinal) => "ci",
            _ when path.StartsWith("/v1/packages", StringComparison.Ordinal) => "1",
            _ when path.StartsWith("/v1/deck-reports", StringComparison.Ordinal) => "r1",
            _ => SwitchInMemory.LiveCall.ToString(),
        };
        return path.Replace("{id}", id, StringComparison.Ordinal).Replace("{number}", "1001", StringComparison.Ordinal).Replace("{name}", path.StartsWith("/v1/users", StringComparison.Ordinal) ? "ann" : path.StartsWith("/v1/decks", StringComparison.Ordinal) ? "retail" : "SS_SIP_TIMEOUT_INVITE", StringComparison.Ordinal)
            .Replace("{revision}", "3", StringComparison.Ordinal).Replace("{who}", "192.0.2.66", StringComparison.Ordinal).Replace("{payment}", "p1", StringComparison.Ordinal).Replace("{version}", "ab12", StringComparison.Ordinal);
    }

    /// <summary>The path of what a write is held against: its own, or one without an id.</summary>
    private static string PathOf(string read, string own) => read.EndsWith('}') ? own : read.Split(' ')[1];
}
