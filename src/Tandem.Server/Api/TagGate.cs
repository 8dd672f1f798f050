using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using Tandem.Server.Access;

namespace Tandem.Server.Api;

/// <summary>
/// Stands before every endpoint, behind access and idempotency (docs/api.md, Tags; RFC 9110 §13, RFC 6585 §3): gives each resource its entity tag, answers 304 to whoever has it already, and lets a write
/// pass only while what it was made from is still there. The tag of the configuration is its revision; of anything else it is the hash of its answer.
/// </summary>
internal sealed class TagGate(ApiParts parts) : IDisposable
{
    private const int TagBytes = 16;
    private static readonly object CheckedRevision = new();

    // What is held against its tag and is no configuration is small: users, keys, packages. One at a time, so that nothing comes between the look and the write.
    private readonly SemaphoreSlim _oneWrite = new(1);
    private readonly ConcurrentDictionary<string, RouteEndpoint> _reads = new(StringComparer.Ordinal);

    public void Dispose() => _oneWrite.Dispose();

    /// <summary>The revision a write was held against; the switch refuses it when another is in force by then. Null: it may change any.</summary>
    public static int? Revision(HttpContext http) => http.Items.TryGetValue(CheckedRevision, out object? revision) ? (int?)revision : null;

    public static string Tag(int revision) => string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");

    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        if (AccessTable.IsOutside(http.Request.Path) || http.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } pattern }) await next(http);
        else if (!HttpMethods.IsGet(http.Request.Method)) await WriteAsync(http, next, pattern);
        else if (TagTable.IsTagged(pattern)) await ReadAsync(http, next, pattern);
        else await next(http);
    }

    private async Task ReadAsync(HttpContext http, RequestDelegate next, string pattern)
    {
        if (Tags(http.Request.Headers.IfNoneMatch) is not { } known)
        {
            await NoTagAsync(http, HeaderNames.IfNoneMatch);
            return;
        }
        http.Response.Headers.CacheControl = "private, no-cache"; // it may be kept, and is asked for anew each time
        if (pattern != TagTable.Configuration)
        {
            await TaggedAsync(http, next, known);
            return;
        }
        if (known.Count > 0) // the document of a large switch is not written for nothing
        {
            string tag = Tag(parts.Control.InForce.Revision);
            if (Holds(known, tag, strong: false))
            {
                http.Response.Headers.ETag = tag;
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }
        await next(http);
    }

    private async Task WriteAsync(HttpContext http, RequestDelegate next, string pattern)
    {
        string method = http.Request.Method;
        bool says = http.Request.Headers.IfMatch.Count > 0;
        if (TagTable.HeldAgainst(method, pattern) is not { } read)
        {
            if (says) await Problems.WriteAsync(http, StatusCodes.Status400BadRequest, $"there is nothing that {HeaderNames.IfMatch} of this request could be held against; leave it out");
            else await next(http);
            return;
        }
        bool needed = TagTable.NeedsIfMatch(method);
        if (!says && !needed) await next(http);
        else if (Tags(http.Request.Headers.IfMatch) is not { } wanted) await NoTagAsync(http, HeaderNames.IfMatch);
        else if (read == TagTable.Configuration) await ConfigureAsync(http, next, wanted);
        else await ReplaceAsync(http, next, read, wanted, needed);
    }

    private async Task ConfigureAsync(HttpContext http, RequestDelegate next, IList<EntityTagHeaderValue> wanted)
    {
        int revision = parts.Control.InForce.Revision;
        if (!Holds(wanted, Tag(revision), strong: true))
        {
            await StaleAsync(http, TagTable.Configuration, Tag(revision), $"revision {revision} is in force, which is not what this was made from: somebody changed the configuration meanwhile");
            return;
        }
        if (!wanted.Contains(EntityTagHeaderValue.Any)) http.Items[CheckedRevision] = revision;
        await next(http);
    }

    private async Task ReplaceAsync(HttpContext http, RequestDelegate next, string read, IList<EntityTagHeaderValue> wanted, bool answersTag)
    {
        http.Request.EnableBuffering(); // so that who sends slowly keeps nobody waiting
        await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
        http.Request.Body.Position = 0;
        await _oneWrite.WaitAsync(http.RequestAborted);
        try
        {
            int revision = parts.Control.InForce.Revision;
            if (await TagOfAsync(http, read) is { } tag) // where there is nothing the endpoint says so
            {
                if (wanted.Count == 0)
                {
                    await Problems.WriteAsync(http, StatusCodes.Status428PreconditionRequired, $"this replaces what is there: {HeaderNames.IfMatch} is needed, with the ETag of GET {http.Request.Path} as it came, or * to replace whatever is there");
                    return;
                }
                if (!Holds(wanted, tag, strong: true))
                {
                    await StaleAsync(http, http.Request.Path, tag, $"{http.Request.Path} is not what this was made from: somebody changed it meanwhile");
                    return;
                }
                if (!wanted.Contains(EntityTagHeaderValue.Any)) http.Items[CheckedRevision] = revision;
            }
            if (answersTag) await TaggedAsync(http, next, []);
            else await next(http);
        }
        finally
        {
            _oneWrite.Release();
        }
    }

    /// <summary>Answers with the tag of the answer, or with 304 where that is known.</summary>
    private static async Task TaggedAsync(HttpContext http, RequestDelegate next, IList<EntityTagHeaderValue> known)
    {
        Stream to = http.Response.Body;
        using var answer = new MemoryStream();
        http.Response.Body = answer;
        try
        {
            await next(http);
        }
        finally
        {
            http.Response.Body = to;
        }
        if (http.Response.StatusCode == StatusCodes.Status200OK)
        {
            string tag = Tag(answer);
            http.Response.Headers.ETag = tag;
            if (Holds(known, tag, strong: false))
            {
                http.Response.StatusCode = StatusCodes.Status304NotModified;
                http.Response.ContentLength = null;
                http.Response.ContentType = null;
                return;
            }
        }
        answer.Position = 0;
        await answer.CopyToAsync(to, http.RequestAborted);
    }

    /// <summary>The tag of what a GET of the same path would answer to who asks; null: it would not.</summary>
    private async Task<string?> TagOfAsync(HttpContext http, string pattern)
    {
        RouteEndpoint read = _reads.GetOrAdd(pattern, static (wanted, services) => services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .First(e => e.RoutePattern.RawText == wanted && e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Get) == true), http.RequestServices);
        using var answer = new MemoryStream();
        var asked = new DefaultHttpContext { RequestServices = http.RequestServices, User = http.User, RequestAborted = http.RequestAborted, Items = new Dictionary<object, object?>(http.Items) };
        asked.Request.Method = HttpMethods.Get;
        asked.Request.Path = http.Request.Path;
        asked.Request.RouteValues = new RouteValueDictionary(http.Request.RouteValues);
        asked.Response.Body = answer;
        asked.SetEndpoint(read);
        await read.RequestDelegate!(asked);
        return asked.Response.StatusCode == StatusCodes.Status200OK ? Tag(answer) : null;
    }

    private static string Tag(MemoryStream answer) => $"\"{Base64Url.EncodeToString(SHA256.HashData(answer.GetBuffer().AsSpan(0, (int)answer.Length)).AsSpan(0, TagBytes))}\"";

    /// <summary>The tags of a header, none where it is not there; null: it is not made of tags.</summary>
    private static IList<EntityTagHeaderValue>? Tags(Microsoft.Extensions.Primitives.StringValues header) =>
        header.Count == 0 ? [] : EntityTagHeaderValue.TryParseStrictList(header, out IList<EntityTagHeaderValue>? tags) ? tags : null;

    private static bool Holds(IList<EntityTagHeaderValue> tags, string tag, bool strong)
    {
        var current = new EntityTagHeaderValue(tag);
        return tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(current, strong));
    }

    private static Task NoTagAsync(HttpContext http, string header) =>
        Problems.WriteAsync(http, StatusCodes.Status400BadRequest, $"{header} is no entity tag: the ETag of a GET is needed as it came, in its quotes, or *");

    private static Task StaleAsync(HttpContext http, string path, string tag, string says)
    {
        http.Response.Headers.ETag = tag;
        return Problems.WriteAsync(http, StatusCodes.Status412PreconditionFailed, $"{says}; nothing was done. Read GET {path} again and decide anew");
    }
}
