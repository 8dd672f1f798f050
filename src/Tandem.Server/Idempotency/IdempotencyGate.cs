using System.Security.Cryptography;
using System.Text;
using Tandem.Server.Access;
using Tandem.Server.Api;

namespace Tandem.Server.Idempotency;

/// <summary>
/// Stands behind the gate of access: a write that comes with a key is done once, and its answer given again to whoever sends it again (docs/api.md). The header is that of
/// draft-ietf-httpapi-idempotency-key-header.
/// </summary>
internal sealed class IdempotencyGate(IdempotencyBook book, ApiParts parts)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    private const int LongestKey = 255;

    // A longer body waits in a file.
    private const int InMemory = 256 * 1024;

    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Headers[Header] is not [var said, ..] keys || Asker.Of(http) is not { } asker || HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || http.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(http);
            return;
        }
        string key = said ?? "";
        if (keys.Count > 1 || key.Length is 0 or > LongestKey || !key.All(static c => c is > ' ' and <= '~'))
        {
            await Problems.WriteAsync(http, StatusCodes.Status400BadRequest, $"{Header} is one text of 1 to {LongestKey} visible ASCII characters");
            return;
        }
        byte[] request = await HashAsync(http);
        (KeyState state, KeptAnswer? answer) = book.Begin(asker.Name, key, request, parts.Now());
        switch (state)
        {
            case KeyState.New:
                await DoAsync(http, next, asker.Name, key, AccessTable.Of(http.Request.Method, endpoint.RoutePattern.RawText)?.TellsSecret == true);
                return;
            case KeyState.Done when answer!.Body is { } body:
                http.Response.StatusCode = answer.Status;
                http.Response.Headers[ReplayedHeader] = "true";
                if (answer.ContentType.Length > 0) http.Response.ContentType = answer.ContentType;
                if (answer.Tag.Length > 0) http.Response.Headers.ETag = answer.Tag;
                if (answer.Location.Length > 0) http.Response.Headers.Location = answer.Location;
                await http.Response.Body.WriteAsync(body, http.RequestAborted);
                return;
            case KeyState.Done:
                await Problems.WriteAsync(http, StatusCodes.Status409Conflict, $"this was done (status {answer!.Status}) and is not done again; its answer held a secret, which is told once");
                return;
            case KeyState.Other:
                await Problems.WriteAsync(http, StatusCodes.Status422UnprocessableEntity, "this key was used for another request; nothing was done");
                return;
            case KeyState.UnderWay:
                await Problems.WriteAsync(http, StatusCodes.Status409Conflict, "this is being done for an earlier request with the same key; ask again in a moment");
                return;
            default:
                await Problems.WriteAsync(http, StatusCodes.Status409Conflict, "the switch stopped while it did this, and does not know whether it was done; look, and if it was not, use another key");
                return;
        }
    }

    private async Task DoAsync(HttpContext http, RequestDelegate next, string by, string key, bool tellsSecret)
    {
        Stream to = http.Response.Body;
        using var answer = new MemoryStream();
        http.Response.Body = answer;
        bool answered = false;
        try
        {
            await next(http);
            answered = http.Response.StatusCode < 500;
        }
        finally
        {
            http.Response.Body = to;
            // What failed by a mistake or for want of the journal may be tried again.
            book.End(by, key, !answered ? null : new KeptAnswer(http.Response.StatusCode, http.Response.ContentType ?? "", http.Response.Headers.ETag.ToString(), http.Response.Headers.Location.ToString(), tellsSecret && http.Response.StatusCode < 300 ? null : answer.ToArray()));
        }
        answer.Position = 0;
        await answer.CopyToAsync(to, http.RequestAborted);
    }

    private static async Task<byte[]> HashAsync(HttpContext http)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Method}\n{http.Request.Path}\n{http.Request.QueryString}\n{http.Request.ContentType}\n{http.Request.Headers.IfMatch}\n"));
        http.Request.EnableBuffering(InMemory);
        byte[] part = new byte[64 * 1024];
        for (int n; (n = await http.Request.Body.ReadAsync(part, http.RequestAborted)) > 0;) hash.AppendData(part.AsSpan(0, n));
        http.Request.Body.Position = 0;
        return hash.GetHashAndReset();
    }
}
