using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Tests.Server.WebApi;

namespace Tandem.Tests.Server.Api;

/// <summary>What every endpoint owes whoever sends it nonsense, made from the OpenAPI document: a problem document that is the asker's fault, and nothing applied.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private WebApiSwitch _switch = null!;
    private HttpClient _http = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _switch = await WebApiSwitch.StartAsync();
        await _switch.ApplyAsync("""{"accounts":[{"account":"1001","currency":"USD"}],"phones":[{"e164":"2001","account":"1001","password":"some-password"}]}""");
        _http = new HttpClient { BaseAddress = _switch.Address };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(Path.Combine(_switch.Folder, "admin.token"), Stop)).Trim());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _switch.DisposeAsync();
    }

    [Fact]
    public async Task A_body_that_is_no_json_of_the_request_is_refused_and_nothing_is_applied()
    {
        List<string> wrong = [];
        int asked = 0;
        foreach ((string method, string path, JsonNode operation) in await OperationsAsync())
        {
            if (operation["requestBody"]?["content"]?["application/json"]?["schema"] is not { } schema) continue;
            List<byte[]> bodies =
            [
                "{"u8.ToArray(), "[1]"u8.ToArray(), "\"x\""u8.ToArray(), "{} {}"u8.ToArray(), "{\"noSuchField\":1}"u8.ToArray(), [.. "{\"a\":\""u8, 0xff, 0xfe, .. "\"}"u8],
                Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', 2_000)}{new string(']', 2_000)}}}"), "{\"a\":1,\"a\":1}"u8.ToArray(),
            ];
            foreach ((string name, _) in schema["properties"]?.AsObject() ?? []) bodies.Add(Encoding.UTF8.GetBytes($"{{\"{name}\":{{\"x\":{{}}}}}}"));
            foreach (byte[] body in bodies)
            {
                long before = Changes();
                using HttpResponseMessage answer = await SendAsync(method, path, body, "application/json", HeadersOf(operation));
                asked++;
                if (!IsProblem(answer) || Changes() != before) wrong.Add($"{method} {path} {Encoding.Latin1.GetString(body.AsSpan(0, Math.Min(60, body.Length)))}: {(int)answer.StatusCode} {answer.Content.Headers.ContentType}, {Changes() - before} changes");
            }
        }
        Assert.True(asked > 200, $"{asked}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_parameter_that_is_none_is_refused_or_passed_over_and_never_a_fault_of_ours()
    {
        List<string> wrong = [];
        foreach ((string method, string path, JsonNode operation) in await OperationsAsync())
        {
            if (method != "GET" || path is "/v1/events") continue; // which never ends
            foreach (JsonNode? parameter in operation["parameters"]?.AsArray().Where(static p => (string?)p!["in"] == "query") ?? [])
            {
                foreach (string value in (string[])["1%00", "%0d%0aX-Injected:%201", "9999-99-99T99:99:99Z", "0001-01-01", "9999-12-31T23:59:59.9999999%2B00:00", "%ff%fe", "99999999999999999999", "';DROP%20TABLE%20cdrs;--", new string('9', 3_000)])
                {
                    using HttpResponseMessage answer = await SendAsync(method, $"{path}?{(string?)parameter!["name"]}={value}", null, null);
                    if ((int)answer.StatusCode >= 500 || answer.Headers.Contains("X-Injected")) wrong.Add($"{path}?{parameter["name"]}={value}: {(int)answer.StatusCode}");
                }
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_body_larger_than_the_request_may_have_is_refused_before_it_is_sent()
    {
        List<string> wrong = [];
        foreach ((string method, string path, JsonNode operation) in await OperationsAsync())
        {
            if (operation["requestBody"]?["content"]?.AsObject() is not { Count: > 0 } content || path == "/v1/ported-numbers") continue; // which takes files of any size
            string type = content.First().Key;
            using var client = new TcpClient();
            await client.ConnectAsync(_switch.Address.Host, _switch.Address.Port, Stop);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {_http.DefaultRequestHeaders.Authorization}\r\n{string.Concat(HeadersOf(operation).Select(static h => $"{h.Name}: {h.Value}\r\n"))}Content-Type: {type}\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n"), Stop);
            using var reader = new StreamReader(stream);
            string answer = await reader.ReadToEndAsync(Stop);
            if (!answer.Contains(" 413 ", StringComparison.Ordinal)) wrong.Add($"{method} {path}: {answer}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private long Changes() => _switch.Host.Books.Journal.Position;

    private static bool IsProblem(HttpResponseMessage answer) => answer.StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError && answer.Content.Headers.ContentType?.MediaType == "application/problem+json";

    private async Task<List<(string Method, string Path, JsonNode Operation)>> OperationsAsync()
    {
        JsonNode document = JsonNode.Parse(await _http.GetStringAsync("/openapi/v1.json", Stop))!;
        return [.. document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Where(static o => o.Key is "get" or "put" or "post" or "delete" or "patch").Select(o => (o.Key.ToUpperInvariant(), Filled(p.Key), Resolved(document, o.Value!))))];
    }

    // A schema that is only named is looked up, so that its properties are at hand.
    private static JsonNode Resolved(JsonNode document, JsonNode operation)
    {
        if (operation["requestBody"]?["content"]?["application/json"] is JsonObject content && (string?)content["schema"]?["$ref"] is { } named)
            content["schema"] = document["components"]!["schemas"]![named[(named.LastIndexOf('/') + 1)..]]!.DeepClone();
        return operation;
    }

    // So that what is refused is the body.
    private static (string Name, string Value)[] HeadersOf(JsonNode operation) =>
    [
        .. (operation["parameters"]?.AsArray() ?? []).Where(static p => (string?)p!["in"] == "header").Select(static p => (string)p!["name"]!).Where(static n => n is "If-Match" or "Idempotency-Key")
            .Select(static n => (n, n == "If-Match" ? "*" : $"key-{Guid.NewGuid():N}")),
    ];

    private static string Filled(string pattern) => string.Join('/', pattern.Split('/').Select(static part => part switch { "{account}" or "{number}" => "1001", "{phone}" => "2001", _ when part.StartsWith('{') => "x", _ => part }));

    private async Task<HttpResponseMessage> SendAsync(string method, string path, byte[]? body, string? type, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type!);
            foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        }
        return await _http.SendAsync(request, Stop);
    }
}
