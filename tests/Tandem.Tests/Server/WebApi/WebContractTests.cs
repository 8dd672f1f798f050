using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Server.WebApi;

namespace Tandem.Tests.Server.WebApi;

/// <summary>What every method owes its callers, made from the one table of methods.</summary>
public sealed class WebContractTests(WebApiFixture fixture) : IClassFixture<WebApiFixture>
{
    private readonly WebApiSwitch _switch = fixture.Switch;

    public static TheoryData<string> Methods => [.. WebMethods.All.Select(static m => m.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_method_holds_its_contract_towards_bad_input(string name)
    {
        WebMethod method = WebMethods.Find(name)!;
        int revision = _switch.Host.Configuration.Revision;
        foreach (WebField field in method.Request.Fields)
        {
            JsonObject whole = Sample(method.Request);
            if (field.IsRequired)
            {
                whole.Remove(field.Name);
                await RefusedAsync(method, whole, WebCode.MissingParameter, field.Name);
                whole[field.Name] = null;
                await RefusedAsync(method, whole, WebCode.MissingParameter, field.Name);
            }
            whole[field.Name] = field.IsList ? 5 : field.Type == WebType.Object ? "no object" : new JsonObject();
            await RefusedAsync(method, whole, WebCode.WrongParameter, field.Name);
            if (!field.IsList && field.Type is WebType.Integer or WebType.Long or WebType.Double or WebType.Boolean)
            {
                whole[field.Name] = "x";
                await RefusedAsync(method, whole, WebCode.WrongParameter, field.Name);
            }
            if (!field.IsList && field.Type != WebType.Object)
            {
                whole[field.Name] = field.Type is WebType.LongText or WebType.Data ? "x\0" : "1\0";
                await RefusedAsync(method, whole, WebCode.WrongParameter, field.Name);
            }
            if (!field.IsList && field.Type == WebType.Text)
            {
                whole[field.Name] = "1\r\nX-Injected: 1";
                await RefusedAsync(method, whole, WebCode.WrongParameter, field.Name);
            }
            if (!field.IsList && field.Type is WebType.Long or WebType.Double)
            {
                foreach (string beyond in (string[])["9223372036854775808", "-9223372036854775809", "1e400", "NaN"])
                {
                    whole[field.Name] = beyond;
                    await RefusedAsync(method, whole, WebCode.WrongParameter, field.Name);
                }
            }
            if (!field.IsList && field.Type == WebType.Integer)
            {
                whole[field.Name] = 3_000_000_000;
                await RefusedAsync(method, whole, WebCode.WrongParameter, field.Name);
            }
            if (!field.IsList && field.Type == WebType.Text)
            {
                whole[field.Name] = new string('9', 256);
                await RefusedAsync(method, whole, WebCode.WrongParameter, field.Name);
            }
        }
        if (!method.IsQuery)
        {
            JsonObject stranger = Sample(method.Request);
            stranger["noSuchField"] = 1;
            await RefusedAsync(method, stranger, WebCode.WrongParameter, "noSuchField");
        }
        foreach (string body in (string[])["[1]", "{", "text", """{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}""", "{} {}"]) await RefusedRawAsync(method, Encoding.UTF8.GetBytes(body), WebCode.WrongBody);
        await RefusedRawAsync(method, [(byte)'{', (byte)'"', 0xff, 0xfe, (byte)'"', (byte)':', (byte)'1', (byte)'}'], WebCode.WrongBody);
        Assert.Equal(revision, _switch.Host.Configuration.Revision);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Times_that_no_calendar_has_are_answered_and_never_a_fault_of_ours(string name)
    {
        WebMethod method = WebMethods.Find(name)!;
        foreach (WebField field in method.Request.Fields.Where(static f => f is { Type: WebType.Long, IsList: false }))
        {
            foreach (long beyond in (long[])[long.MaxValue, long.MinValue, 253_402_300_800_000, -1])
            {
                JsonObject whole = Sample(method.Request);
                whole[field.Name] = beyond;
                JsonObject reply = await _switch.CallAsync(name, whole.ToJsonString());
                Assert.False(reply.ToJsonString().Contains("a mistake of its own", StringComparison.Ordinal), $"{field.Name} {beyond}: {reply.ToJsonString()}");
            }
        }
    }

    [Fact]
    public async Task A_body_larger_than_the_method_takes_is_refused_before_it_is_sent()
    {
        foreach (WebMethod method in WebMethods.All)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(_switch.Address.Host, _switch.Address.Port, TestContext.Current.CancellationToken);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /external/server/{method.Name} HTTP/1.1\r\nHost: x\r\nContent-Length: {method.MostBytes + 1}\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(stream);
            string answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.True(answer.Contains($"\"retCode\":{(int)WebCode.WrongBody}", StringComparison.Ordinal), $"{method.Name}: {answer}");
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_method_is_answered_or_says_that_it_is_not_served(string name)
    {
        WebMethod method = WebMethods.Find(name)!;
        JsonObject reply = await _switch.CallAsync(name, Sample(method.Request).ToJsonString());
        Assert.Equal("retCode", reply.First().Key);
        int code = (int)reply["retCode"]!;
        if (WebHandlers.Refused.ContainsKey(name)) Assert.Equal((int)WebCode.NotServed, code);
        Assert.Equal(code != 0, reply.ContainsKey("exception"));
        if (code == 0) WebShapes_are_kept(reply, method.Reply);
    }

    [Fact]
    public async Task A_method_is_refused_to_whom_the_access_list_does_not_name()
    {
        await using WebApiSwitch strict = await WebApiSwitch.StartAsync(open: false);
        foreach (WebMethod method in WebMethods.All) Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(method.Name));
        await strict.ApplyAsync("""{"webAccess":[{"name":"portal","directories":["/external/server/GetPerformance"],"allowedIps":["127.0.0.1"]},{"name":"other","directories":["/external/server"],"allowedIps":["192.0.2.0/24"]}]}""");
        foreach (WebMethod method in WebMethods.All) Assert.Equal(method.Name == "GetPerformance" ? HttpStatusCode.OK : HttpStatusCode.Forbidden, await StatusAsync(method.Name));
        await strict.ApplyAsync("""{"webAccess":[{"name":"portal","directories":["/external/server"],"allowedIps":["127.0.0.0/8"],"token":"sixteen-or-more-characters"}]}""");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("GetPerformance"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("GetPerformance", "sixteen-or-more-characterz"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GetPerformance", "sixteen-or-more-characters"));

        async Task<HttpStatusCode> StatusAsync(string method, string? token = null)
        {
            (HttpStatusCode status, JsonObject reply) = await strict.SendAsync($"/external/server/{method}", "{}"u8.ToArray(), null, request =>
            {
                if (token is not null) request.Headers.Authorization = new("Bearer", token);
            });
            Assert.Equal(status == HttpStatusCode.Forbidden, (int)reply["retCode"]! == (int)WebCode.Forbidden);
            return status;
        }
    }

    [Fact]
    public void Each_method_has_one_piece_of_code()
    {
        var parts = new Tandem.Server.Api.ApiParts { Control = _switch.Host.Control, Cdrs = _switch.Host.Cdrs, QueryLimits = () => new(), Now = _switch.Host.Clock.Now, Audio = null!, Money = null!, Decks = null!, Alarms = new() };
        Assert.Equal(WebMethods.All.Select(static m => m.Name).Order(StringComparer.Ordinal), WebHandlers.Make(parts).Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>A reply's lists and objects have every field of their shape, in its order, with its type.</summary>
    internal static void WebShapes_are_kept(JsonObject value, WebShape shape)
    {
        string[] names = [.. value.Select(static p => p.Key).Where(static n => n is not ("retCode" or "exception"))];
        Assert.All(names, n => Assert.NotNull(shape[n]));
        foreach (WebField field in shape.Fields)
        {
            if (value[field.Name] is not { } node) continue;
            if (field.IsList) Assert.All(node.AsArray(), item => Check(item!, field));
            else Check(node, field);
        }
    }

    private static void Check(JsonNode node, WebField field)
    {
        if (field.Type == WebType.Object)
        {
            Assert.Equal(field.Shape!.Fields.Select(static f => f.Name), node.AsObject().Select(static p => p.Key));
            WebShapes_are_kept(node.AsObject(), field.Shape);
            return;
        }
        JsonValueKind kind = node.GetValueKind();
        Assert.True(field.Type switch
        {
            WebType.Boolean => kind is JsonValueKind.True or JsonValueKind.False,
            WebType.Integer or WebType.Long or WebType.Double => kind == JsonValueKind.Number,
            _ => kind == JsonValueKind.String,
        }, $"{field.Name} is {kind}");
    }

    /// <summary>A request with a value in every field.</summary>
    private static JsonObject Sample(WebShape shape)
    {
        JsonObject body = [];
        foreach (WebField field in shape.Fields) body[field.Name] = field.IsList ? new JsonArray(One(field)) : One(field);
        return body;
    }

    private static JsonNode One(WebField field) => field.Type switch
    {
        _ when field.Name is "memo" or "language" => "",
        WebType.Object => Sample(field.Shape!),
        WebType.Boolean => false,
        WebType.Integer or WebType.Long or WebType.Double => 0,
        _ => field.Name.EndsWith("Time", StringComparison.Ordinal) ? "20261101" : "1",
    };

    private async Task RefusedAsync(WebMethod method, JsonObject body, WebCode code, string field)
    {
        JsonObject reply = await _switch.CallAsync(method.Name, body.ToJsonString());
        Assert.True((int)reply["retCode"]! == (int)code, $"{method.Name} {field} {body.ToJsonString()}: {reply.ToJsonString()}");
        Assert.Contains(field, (string?)reply["exception"], StringComparison.Ordinal);
        foreach (WebField list in method.Reply.Fields.Where(static f => f.IsList)) Assert.Empty(reply[list.Name]!.AsArray());
    }

    private async Task RefusedRawAsync(WebMethod method, byte[] body, WebCode code)
    {
        (HttpStatusCode status, JsonObject reply) = await _switch.SendAsync($"/external/server/{method.Name}", body);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True((int)reply["retCode"]! == (int)code, $"{method.Name} {Encoding.Latin1.GetString(body)}: {reply.ToJsonString()}");
    }
}
