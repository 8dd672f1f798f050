using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Hosting;
using Tandem.Server.Storage;

namespace Tandem.Tests.Server.WebApi;

/// <summary>A switch with its HTTP server, and a client of its Web API on the loopback.</summary>
internal sealed class WebApiSwitch : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ApiServer _server;
    private readonly HttpClient _http;

    private WebApiSwitch(DirectoryInfo folder, SwitchHost host, ApiServer server)
    {
        _folder = folder;
        Host = host;
        _server = server;
        _http = new HttpClient { BaseAddress = server.Address };
    }

    public SwitchHost Host { get; }

    public string Folder => _folder.FullName;

    public Uri Address => _server.Address;

    public static async Task<WebApiSwitch> StartAsync(bool open = true)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-web-");
        SwitchHost host = await SwitchHost.Start(new SwitchOptions { DataFolder = folder.FullName, Sip = [NetAddress.Parse("127.0.0.1:0")] }, static _ => { });
        var parts = new ApiParts
        {
            Control = host.Control,
            Cdrs = host.Cdrs,
            Projector = host.Projector,
            QueryLimits = () => host.Tables.Current.Settings.Query,
            Now = host.Clock.Now,
            Authentication = () => host.Tables.Current.Settings.Authentication,
            Audio = new AudioStore(Path.Combine(folder.FullName, "audio")),
            Money = host.Control,
            Decks = host.Control,
            Alarms = host.Alarms,
        };
        ApiServer server = await ApiServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), folder.FullName, TokenBook.Open(folder.FullName, static _ => { }), parts, static _ => { });
        var made = new WebApiSwitch(folder, host, server);
        if (open) await made.ApplyAsync("""{"webAccess":[{"name":"portal","directories":["/external/server"],"allowedIps":["127.0.0.1"]}]}""");
        return made;
    }

    public async Task ApplyAsync(string document)
    {
        Answer<ApplyView> answer = await Host.Control.ApplyAsync(Encoding.UTF8.GetBytes(document), dryRun: false, "test", TestContext.Current.CancellationToken);
        Assert.True(answer.Fault is null, answer.Fault is { } fault ? string.Join('\n', fault.Errors) + fault.Says : "");
    }

    /// <summary>Calls a method; the status must be 200.</summary>
    public async Task<JsonObject> CallAsync(string method, string body = "{}", string? contentType = null)
    {
        (HttpStatusCode status, JsonObject reply) = await SendAsync($"/external/server/{method}", Encoding.UTF8.GetBytes(body), contentType);
        Assert.Equal(HttpStatusCode.OK, status);
        return reply;
    }

    public async Task<(HttpStatusCode Status, JsonObject Reply)> SendAsync(string path, byte[] body, string? contentType = null, Action<HttpRequestMessage>? with = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (contentType is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        with?.Invoke(request);
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        byte[] json = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal("text/html;charset=UTF-8", response.Content.Headers.NonValidated["Content-Type"].ToString());
        return (response.StatusCode, JsonNode.Parse(json)!.AsObject());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        await Host.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>One switch for the tests of a class that leave nothing behind.</summary>
public sealed class WebApiFixture : IAsyncLifetime
{
    internal WebApiSwitch Switch { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Switch = await WebApiSwitch.StartAsync();

    public async ValueTask DisposeAsync() => await Switch.DisposeAsync();
}
