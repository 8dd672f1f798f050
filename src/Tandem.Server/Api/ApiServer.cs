using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Scalar.AspNetCore;
using Tandem.Server.Access;
using Tandem.Server.Events;
using Tandem.Server.Idempotency;
using Tandem.Server.WebApi;

namespace Tandem.Server.Api;

/// <summary>
/// The HTTP API, listening on one address. Everything but /health and the documentation needs a bearer token; every refusal is a
/// problem document; nothing a client sends can reach a loop unread.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    /// <summary>File in the data folder that tells the command line where the API is.</summary>
    public const string AddressFile = "http.address";

    private readonly WebApplication _app;
    private readonly string _addressFile;

    private ApiServer(WebApplication app, string addressFile, Uri address)
    {
        _app = app;
        _addressFile = addressFile;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Where it listens encrypted; null: nowhere.</summary>
    public Uri? SecureAddress { get; private init; }

    /// <summary>Listens and answers until disposed.</summary>
    /// <param name="listen">Port 0 takes any free one.</param>
    /// <param name="dataFolder">Where the tokens are, and where the address is written to.</param>
    /// <param name="tokens">Who may ask.</param>
    /// <param name="parts">What is asked.</param>
    /// <param name="say">Told what an operator should know.</param>
    /// <param name="https">Where it listens besides, encrypted; null: nowhere.</param>
    /// <param name="certificate">Of that.</param>
    /// <exception cref="IOException">The address cannot be listened on; the message is a sentence for the operator.</exception>
    public static async Task<ApiServer> StartAsync(IPEndPoint listen, string dataFolder, TokenBook tokens, ApiParts parts, Action<string> say, IPEndPoint? https = null, X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(listen);
            if (https is not null) kestrel.Listen(https, options => options.UseHttps(certificate!, static tls => tls.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13));
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        builder.Services.AddRouting();
        builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        builder.Services.AddOpenApi("v1", ApiDescription.Configure);
        WebApplication app = builder.Build();
        app.Use((http, next) => RefuseAsync(http, next, say));
        var guard = new LoginGuard();
        AccessBook book = AccessBook.Open(dataFolder);
        IdempotencyBook keys = IdempotencyBook.Open(dataFolder);
        app.Lifetime.ApplicationStopped.Register(keys.Dispose);
        var gate = new AccessGate(tokens, book, guard, parts);
        app.UseStatusCodePages(context => Problems.WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode, Unserved(context.HttpContext)));
        app.UseRouting();
        app.Use(gate.PassAsync);
        app.Use(new IdempotencyGate(keys, parts).PassAsync);
        var tags = new TagGate(parts);
        app.Lifetime.ApplicationStopped.Register(tags.Dispose);
        app.Use(tags.PassAsync);
        SecondPerson persons = new(parts, book);
        new Endpoints(parts, persons).Map(app);
        new MoneyEndpoints(parts, persons).Map(app);
        new BulkEndpoints(parts, persons).Map(app);
        new DeckEndpoints(parts.Decks).Map(app);
        new AccessEndpoints(parts, book, guard).Map(app);
        new UserEndpoints(parts, book).Map(app);
        new AuditEndpoints(parts, book, persons).Map(app);
        new EventEndpoints(parts, parts.Events, token => tokens.Who(token) is not null || book.Who(token, parts.Now()) is not null).Map(app);
        new WebApiEndpoint(parts, say).Map(app);
        app.MapOpenApi();
        app.MapScalarApiReference("/docs", options => options.WithTitle("Tandem").DisableDefaultFonts());
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await app.DisposeAsync();
            throw new IOException($"the HTTP address {listen}{(https is null ? "" : $", or {https},")} is in use by another program", e);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            await app.DisposeAsync();
            throw new IOException($"the HTTP address {listen} cannot be listened on: {e.Message}", e);
        }
        ICollection<string> addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var bound = new Uri(addresses.First());
        var address = new UriBuilder(bound);
        if (IPAddress.TryParse(bound.Host, out IPAddress? host))
        {
            if (host.Equals(IPAddress.Any)) address.Host = IPAddress.Loopback.ToString();
            if (host.Equals(IPAddress.IPv6Any)) address.Host = $"[{IPAddress.IPv6Loopback}]";
        }
        string addressFile = Path.Combine(dataFolder, AddressFile);
        await File.WriteAllTextAsync(addressFile, address.Uri.GetLeftPart(UriPartial.Authority) + "\n");
        return new ApiServer(app, addressFile, address.Uri) { SecureAddress = addresses.FirstOrDefault(static a => a.StartsWith("https:", StringComparison.Ordinal)) is { } secure ? new Uri(secure) : null };
    }

    /// <summary>Every endpoint as "GET /v1/calls", but documentation and what has a door of its own: what the table of access must know.</summary>
    public IReadOnlyList<string> Routes =>
    [
        .. _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(static e => !AccessTable.IsOutside("/" + e.RoutePattern.RawText?.TrimStart('/')))
            .SelectMany(static e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Select(m => $"{m} {e.RoutePattern.RawText}")),
    ];

    public async ValueTask DisposeAsync()
    {
        File.Delete(_addressFile);
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>What went wrong beneath becomes a problem document.</summary>
    private static async Task RefuseAsync(HttpContext http, RequestDelegate next, Action<string> say)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // nobody listens any more
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            (int status, string detail) = e switch
            {
                BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (StatusCodes.Status413PayloadTooLarge, "the body is larger than this request may have"),
                BadHttpRequestException bad => (bad.StatusCode, "the request is not HTTP as it should be"),
                IOException or Hosting.UnavailableException => (StatusCodes.Status503ServiceUnavailable, e.Message),
                _ => (StatusCodes.Status500InternalServerError, "the switch made a mistake of its own; its log says which"),
            };
            if (status == StatusCodes.Status500InternalServerError) say($"{http.Request.Method} {http.Request.Path} failed: {e}");
            await Problems.WriteAsync(http, status, detail);
        }
    }

    private static string Unserved(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"there is nothing at {http.Request.Path}",
        StatusCodes.Status405MethodNotAllowed => $"{http.Request.Path} does not take {http.Request.Method}",
        StatusCodes.Status415UnsupportedMediaType => "the body's content type is not one this request takes",
        _ => "the request cannot be served",
    };
}
