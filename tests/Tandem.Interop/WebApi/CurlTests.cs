using System.Globalization;
using System.Text.Json.Nodes;
using Tandem.Interop.Crashes;
using Tandem.Interop.Peers;

namespace Tandem.Interop.WebApi;

/// <summary>The Web API as public clients of it speak on the wire (docs/webapi-clients.md), said by curl to the program itself.</summary>
public sealed class CurlTests : IAsyncLifetime
{
    private const string Accounts = """{"retCode":0,"accounts":["1001"]}""";
    private const string Document = """
        {
          "accounts":[{"account":"1001","name":"Portal","currency":"USD"}],
          "webAccess":[{"name":"portal","directories":["/external/server"],"allowedIps":["127.0.0.1"]}]
        }
        """;

    /// <summary>How an empty object is sent, and what curl is told for it.</summary>
    private static readonly (string How, string[] Arguments)[] Habits =
    [
        ("JSON", ["-H", "Content-Type: application/json"]),
        ("what the incumbent's manual asks for", ["-H", "Content-Type: text/html;charset=UTF-8"]),
        ("text", ["-H", "Content-Type: text/plain"]),
        ("a form's type over a JSON body, as curl and PHP say it unasked", ["-H", "Content-Type: application/x-www-form-urlencoded"]),
        ("no type at all", ["-H", "Content-Type:"]),
        ("HTTP/1.0", ["--http1.0"]),
        ("a body that waits to be asked for", ["-H", "Expect: 100-continue"]),
        ("a body in chunks", ["-H", "Transfer-Encoding: chunked"]),
        ("a reply that may be compressed", ["--compressed"]),
        ("a password nobody asked for", ["-u", "portal:secret"]),
        ("a token nobody asked for", ["-H", "Authorization: Bearer whatever"]),
        ("a browser's words", ["-A", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "-H", "Accept: application/json, text/plain, */*"]),
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ScratchFolder _folder = new();
    private readonly int _http = LoopbackPorts.Take();
    private PeerProcess _switch = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _switch = await TandemProgram.RunAsync(_folder.File("data"), LoopbackPorts.Take(), _http, Stop);
        await ApplyAsync(Document);
    }

    public ValueTask DisposeAsync()
    {
        _switch.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_empty_object_is_answered_however_it_is_sent()
    {
        foreach ((string how, string[] arguments) in Habits) Assert.Equal((how, Accounts), (how, await CurlAsync("GetAllCustomers", "{}", arguments)));
    }

    [Fact]
    public async Task Nothing_and_a_number_in_quotes_are_taken()
    {
        foreach (string body in (string[])["", "{}", """{"type":"0"}""", """{"type":0}""", """{"type":null}""", """{"":""}"""]) Assert.Equal((body, Accounts), (body, await CurlAsync("GetAllCustomers", body)));
    }

    [Fact]
    public async Task Money_in_quotes_and_a_name_without_them_are_booked()
    {
        var paid = (JsonObject)JsonNode.Parse(await CurlAsync("Pay", """{"ownerName":1001,"ownerType":"2","money":"12.50","memo":"by curl"}"""))!;
        Assert.Equal((0, "1001", 12.5m), ((int)paid["retCode"]!, (string?)paid["infoPay"]!["account"], (decimal)paid["infoPay"]!["payMoney"]!));
    }

    [Fact]
    public async Task Requests_follow_one_another_on_one_connection()
    {
        string url = Url("GetPerformance");
        string said = await RunAsync("-d", "{}", "-o", "/dev/null", "-o", "/dev/null", "-w", "%{num_connects} ", url, url);
        Assert.Equal("1 0", said);
    }

    [Fact]
    public async Task Where_the_operator_asks_for_a_token_it_must_be_shown()
    {
        await ApplyAsync(Document.Replace("\"allowedIps\"", "\"token\":\"sixteen-or-more-characters\",\"allowedIps\"", StringComparison.Ordinal));
        Assert.StartsWith("{\"retCode\":-13001,", await CurlAsync("GetAllCustomers", "{}"), StringComparison.Ordinal);
        Assert.Equal(Accounts, await CurlAsync("GetAllCustomers", "{}", "-H", "Authorization: Bearer sixteen-or-more-characters"));
    }

    /// <summary>A program of others' that is put there by whoever runs the tests; nothing is fetched.</summary>
    [Fact]
    public async Task The_client_of_yk_vos_runs_unmodified()
    {
        string checkout = Environment.GetEnvironmentVariable("TANDEM_YK_VOS") ?? "";
        if (checkout.Length == 0) Assert.Skip("TANDEM_YK_VOS names no checkout of github.com/cecdat/yk-vos (docs/webapi-clients.md).");
        string folder = Path.Combine(checkout, "backend", "app", "core");
        Assert.True(File.Exists(Path.Combine(folder, "vos_client.py")), $"{folder} has no vos_client.py.");
        string python = Environment.GetEnvironmentVariable("TANDEM_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";
        const string Calls = """
            import json, sys
            sys.path.insert(0, sys.argv[1])
            try:
                from vos_client import VOSClient
            except ModuleNotFoundError as missing:
                sys.exit(f"missing {missing.name}")
            client = VOSClient(sys.argv[2])
            for method, body in (("GetAllCustomers", None), ("GetCustomer", {"accounts": ["1001"]}), ("GetCurrentCall", {}), ("GetPerformance", None), ("GetPhoneOnline", {"e164s": []})):
                print(method, json.dumps(client.post("/external/server/" + method, body)))
            """;
        using PeerProcess client = PeerProcess.Start(python, ["-c", Calls, folder, $"http://127.0.0.1:{_http.ToString(CultureInfo.InvariantCulture)}"], []);
        int code = await client.EndAsync(Patience, Stop);
        string story = client.Story();
        if (story.Contains("missing httpx", StringComparison.Ordinal)) Assert.Skip("Python has no httpx (apt-get install python3-httpx).");
        Assert.True(code == 0 && !story.Contains("exception", StringComparison.Ordinal), story);
        foreach (string answer in (string[])["GetAllCustomers {\"retCode\": 0, \"accounts\": [\"1001\"]", "GetCustomer {\"retCode\": 0, \"infoCustomers\": [{", "GetCurrentCall {\"retCode\": 0", "GetPerformance {\"retCode\": 0", "GetPhoneOnline {\"retCode\": 0"]) Assert.Contains(answer, story, StringComparison.Ordinal);
    }

    private string Url(string method) => $"http://127.0.0.1:{_http.ToString(CultureInfo.InvariantCulture)}/external/server/{method}";

    private Task<string> CurlAsync(string method, string body, params string[] arguments) => RunAsync([.. arguments, "--data-binary", body, Url(method)]);

    private async Task<string> RunAsync(params string[] arguments)
    {
        string answer = _folder.File("answer");
        using PeerProcess curl = PeerProcess.Start(PeerProgram.Curl, ["--silent", "--show-error", "--max-time", "20", .. arguments.Contains("-o") ? [] : (string[])["-o", answer], .. arguments], []);
        int code = await curl.EndAsync(Patience, Stop);
        Assert.True(code == 0, curl.Story());
        return arguments.Contains("-o") ? curl.Story().Split('\n').Last(static l => l.Trim().Length > 0).Trim() : await File.ReadAllTextAsync(answer, Stop);
    }

    private async Task ApplyAsync(string document)
    {
        string file = _folder.File("document.json");
        await File.WriteAllTextAsync(file, document, Stop);
        (int code, string said) = await TandemProgram.DoAsync(Stop, "apply", file, "--data", _folder.File("data"));
        Assert.True(code == 0, said);
    }
}
