using System.Collections.Frozen;
using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;
using Tandem.Server.Api;

namespace Tandem.Server.WebApi;

/// <summary>A method's work: the request is whole and has its shape.</summary>
internal delegate Task<WebReply> WebHandler(WebRequest request, CancellationToken stop);

/// <summary>
/// The Web API over HTTP: POST to <c>/external/server/METHOD</c>, any content type, one JSON object in and one out. Every answer of a method has status 200
/// and a retCode; a caller the access list does not know gets 403, an unknown method 404, with the same object. docs/webapi.md tells it to operators.
/// </summary>
internal sealed class WebApiEndpoint(ApiParts parts, Action<string> say)
{
    private static readonly PathString[] Roots = ["/external/server", "/external_new/server"];

    private readonly FrozenDictionary<string, WebHandler> _handlers = WebHandlers.Make(parts);

    public static bool Owns(PathString path) => path.StartsWithSegments("/external", StringComparison.Ordinal) || path.StartsWithSegments("/external_new", StringComparison.Ordinal);

    public void Map(IEndpointRouteBuilder app)
    {
        foreach (PathString root in Roots) app.MapPost(root + "/{method}", HandleAsync).ExcludeFromDescription();
    }

    private async Task HandleAsync(HttpContext http, string method)
    {
        if (WebMethods.Find(method) is not { } asked)
        {
            await AnswerAsync(http, StatusCodes.Status404NotFound, WebReply.Refuse(WebCode.NoSuchMethod, "there is no such method"), WebShape.Empty);
            return;
        }
        string? header = http.Request.Headers.Authorization;
        string? bearer = header?.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) == true ? header["Bearer ".Length..].Trim() : null;
        if (WebAccess.Refuse(parts.Control.InForce.Configuration, asked.Name, http.Connection.RemoteIpAddress!, bearer) is { } refused)
        {
            await AnswerAsync(http, StatusCodes.Status403Forbidden, WebReply.Refuse(WebCode.Forbidden, refused), asked.Reply);
            return;
        }
        await AnswerAsync(http, StatusCodes.Status200OK, await ReplyAsync(http, asked), asked.Reply);
    }

    private async Task<WebReply> ReplyAsync(HttpContext http, WebMethod method)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = method.MostBytes;
        using var body = new MemoryStream();
        try
        {
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        }
        catch (BadHttpRequestException)
        {
            return WebReply.Refuse(WebCode.WrongBody, $"the body is larger than {method.Name} takes, {method.MostBytes} bytes");
        }
        (WebRequest? request, WebReply? refused) = WebRequest.Read(body.GetBuffer().AsSpan(0, (int)body.Length), method, $"web api {http.Connection.RemoteIpAddress}");
        if (request is null) return refused!;
        try
        {
            return await _handlers[method.Name](request, http.RequestAborted);
        }
        catch (Exception e) when (e is IOException or Hosting.UnavailableException)
        {
            return WebReply.Refuse(WebCode.Unavailable, e.Message);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            say($"web api: {method.Name} failed: {e}");
            return WebReply.Refuse(WebCode.Unavailable, "the switch made a mistake of its own; its log says which");
        }
    }

    private static async Task AnswerAsync(HttpContext http, int status, WebReply reply, WebShape lists)
    {
        using var json = new MemoryStream();
        bool zip = http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (zip)
        {
            using var gzip = new GZipStream(json, CompressionLevel.Fastest, leaveOpen: true);
            reply.Write(gzip, lists);
        }
        else
        {
            reply.Write(json, lists);
        }
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html;charset=UTF-8";
        if (zip) http.Response.Headers.ContentEncoding = "gzip";
        http.Response.ContentLength = json.Length;
        await http.Response.Body.WriteAsync(json.GetBuffer().AsMemory(0, (int)json.Length), http.RequestAborted);
    }
}
