using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Idempotency;
using Tandem.Tests.Server.Api;

namespace Tandem.Tests.Server.Idempotency;

/// <summary>A write with a key is done once (docs/api.md).</summary>
public sealed class IdempotencyTests : IAsyncLifetime
{
    private const string Payment = """{"id":"p1","account":"1001","amount":"10","memo":""}""";

    private ApiInMemory _api = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _api = await ApiInMemory.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task The_same_request_with_the_same_key_is_done_once_and_answered_alike()
    {
        (HttpStatusCode first, string answer, bool replayed) = await SendAsync("POST", "/v1/payments", "k1", Payment);
        Assert.False(replayed);
        int asked = _api.Switch.Asked.Count;
        (HttpStatusCode again, string same, replayed) = await SendAsync("POST", "/v1/payments", "k1", Payment);
        Assert.Equal((first, answer, true), (again, same, replayed));
        Assert.Equal(asked, _api.Switch.Asked.Count);
        await SendAsync("POST", "/v1/payments", "k2", Payment);
        Assert.Equal(asked + 1, _api.Switch.Asked.Count);
    }

    [Theory]
    [InlineData("POST", "/v1/payments", """{"id":"p1","account":"1001","amount":"11","memo":""}""")]
    [InlineData("POST", "/v1/payments?x=1", Payment)]
    [InlineData("PUT", "/v1/settings/SS_SIP_TIMEOUT_INVITE", Payment)]
    public async Task A_key_of_another_request_is_refused_and_nothing_is_done(string method, string path, string body)
    {
        await SendAsync("POST", "/v1/payments", "k1", Payment);
        int asked = _api.Switch.Asked.Count;
        (HttpStatusCode status, string says, _) = await SendAsync(method, path, "k1", body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("used for another request", says, StringComparison.Ordinal);
        Assert.Equal(asked, _api.Switch.Asked.Count);
    }

    [Fact]
    public async Task A_refusal_is_an_answer_too_and_reading_needs_no_key()
    {
        (HttpStatusCode first, string says, _) = await SendAsync("POST", "/v1/payments", "k1", "{}");
        (HttpStatusCode again, string same, bool replayed) = await SendAsync("POST", "/v1/payments", "k1", "{}");
        Assert.Equal((HttpStatusCode.BadRequest, first, says, true), (again, again, same, replayed));
        (HttpStatusCode read, _, replayed) = await SendAsync("GET", "/v1/calls", "k1", "");
        Assert.Equal((HttpStatusCode.OK, false), (read, replayed));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_key_that_is_none_is_refused(string? key)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync("POST", "/v1/payments", key ?? new string('x', 256), Payment)).Status);
        Assert.Empty(_api.Switch.Asked);
    }

    [Fact]
    public async Task A_secret_is_told_once_and_not_made_twice()
    {
        const string Key = """{"name":"ci","role":"readOnly"}""";
        (HttpStatusCode made, string answer, _) = await SendAsync("POST", "/v1/keys", "k1", Key);
        Assert.Equal(HttpStatusCode.Created, made);
        string secret = (string)JsonNode.Parse(answer)!["key"]!;
        (HttpStatusCode again, string says, _) = await SendAsync("POST", "/v1/keys", "k1", Key);
        Assert.Equal(HttpStatusCode.Conflict, again);
        Assert.Contains("held a secret", says, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, says, StringComparison.Ordinal);
        string file = Path.Combine(_api.Folder, IdempotencyBook.FileName);
        foreach (string path in Directory.GetFiles(_api.Folder, IdempotencyBook.FileName + "*")) Assert.DoesNotContain(secret, Encoding.Latin1.GetString(await ReadSharedAsync(path)), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Single(JsonNode.Parse(await _api.Http.GetStringAsync("/v1/keys", Stop))!["keys"]!.AsArray(), static k => (string?)k!["name"] == "ci");
    }

    [Fact]
    public async Task Keys_of_others_are_other_keys()
    {
        (_, string made, _) = await SendAsync("POST", "/v1/keys", "k0", """{"name":"finance","role":"finance"}""");
        using var other = new HttpClient { BaseAddress = _api.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", (string)JsonNode.Parse(made)!["key"]!) } };
        await SendAsync("POST", "/v1/payments", "k1", Payment);
        int asked = _api.Switch.Asked.Count;
        Assert.False((await SendAsync("POST", "/v1/payments", "k1", Payment, other)).Replayed);
        Assert.Equal(asked + 1, _api.Switch.Asked.Count);
    }

    private async Task<(HttpStatusCode Status, string Body, bool Replayed)> SendAsync(string method, string path, string key, string body, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation(IdempotencyGate.Header, key);
        if (method != "GET") request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await (http ?? _api.Http).SendAsync(request, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop), response.Headers.Contains(IdempotencyGate.ReplayedHeader));
    }

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var all = new MemoryStream();
        await file.CopyToAsync(all, Stop);
        return all.ToArray();
    }
}

public sealed class IdempotencyBookTests : IDisposable
{
    private static readonly Instant T0 = new(1_790_000_000_000_000);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tandem-keys-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public void What_was_answered_is_known_after_a_restart_and_what_was_under_way_is_unknown()
    {
        using (IdempotencyBook book = Open())
        {
            Assert.Equal(KeyState.New, book.Begin("ann", "done", [1], T0).State);
            Assert.Equal(KeyState.UnderWay, book.Begin("ann", "done", [1], T0).State);
            book.End("ann", "done", new KeptAnswer(201, "application/json", "\"3\"", "/v1/x", [1, 2]));
            Assert.Equal(KeyState.New, book.Begin("ann", "cut", [2], T0).State);
            Assert.Equal(KeyState.New, book.Begin("ann", "failed", [3], T0).State);
            book.End("ann", "failed", null);
        }
        using (IdempotencyBook book = Open())
        {
            (KeyState state, KeptAnswer? answer) = book.Begin("ann", "done", [1], T0);
            Assert.Equal((KeyState.Done, 201, "\"3\"", "/v1/x"), (state, answer!.Status, answer.Tag, answer.Location));
            Assert.Equal([1, 2], answer.Body);
            Assert.Equal(KeyState.Other, book.Begin("ann", "done", [9], T0).State);
            Assert.Equal(KeyState.New, book.Begin("bob", "done", [9], T0).State);
            Assert.Equal(KeyState.Unknown, book.Begin("ann", "cut", [2], T0).State);
            Assert.Equal(KeyState.New, book.Begin("ann", "failed", [3], T0).State);
        }
    }

    [Fact]
    public void Keys_are_forgotten_after_a_day_and_when_there_are_too_many_the_oldest_first()
    {
        using IdempotencyBook book = Open(most: 10);
        for (int i = 0; i < 30; i++)
        {
            Assert.Equal(KeyState.New, book.Begin("ann", $"{i}", [1], T0 + TimeSpan.FromMinutes(i)).State);
            book.End("ann", $"{i}", new KeptAnswer(200, "", "", "", []));
        }
        Instant later = T0 + TimeSpan.FromMinutes(40);
        Assert.Equal(KeyState.Done, book.Begin("ann", "29", [1], later).State);
        Assert.Equal(KeyState.Done, book.Begin("ann", "20", [1], later).State);
        Assert.Equal(KeyState.New, book.Begin("ann", "19", [1], later).State);
        Assert.Equal(KeyState.New, book.Begin("ann", "29", [1], later + IdempotencyBook.Kept).State);
    }

    [Fact]
    public void A_file_that_is_no_database_is_told_and_left_alone()
    {
        string file = Path.Combine(_data.FullName, IdempotencyBook.FileName);
        File.WriteAllText(file, new string('x', 8_192));
        Assert.Contains("cannot be used", Assert.Throws<IOException>(() => Open()).Message, StringComparison.Ordinal);
        Assert.Equal(8_192, new FileInfo(file).Length);
    }

    private IdempotencyBook Open(int most = IdempotencyBook.MostKeys) => IdempotencyBook.Open(_data.FullName, most);
}
