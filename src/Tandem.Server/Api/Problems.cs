using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Tandem.Server.Api;

/// <summary>Refusals as RFC 9457 problem details.</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";

    public static int Status(FaultKind kind) => kind switch
    {
        FaultKind.Invalid => StatusCodes.Status400BadRequest,
        FaultKind.Forbidden => StatusCodes.Status403Forbidden,
        FaultKind.NotFound => StatusCodes.Status404NotFound,
        FaultKind.Conflict => StatusCodes.Status409Conflict,
        FaultKind.Stale => StatusCodes.Status412PreconditionFailed,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    public static IResult Of(Fault fault) => new Result(Status(fault.Kind), fault.Says, fault.Errors);

    public static Task WriteAsync(HttpContext http, int status, string detail, IReadOnlyList<FieldFault>? errors = null)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = ContentType;
        if (status == StatusCodes.Status503ServiceUnavailable) http.Response.Headers.RetryAfter = "5";
        return http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(Document(status, detail, errors ?? []), ApiJson.Options), http.RequestAborted).AsTask();
    }

    /// <summary>The document of a refusal as it would be answered.</summary>
    public static JsonNode Document(Fault fault) => JsonSerializer.SerializeToNode(Document(Status(fault.Kind), fault.Says, fault.Errors), ApiJson.Options)!;

    private static Problem Document(int status, string detail, IReadOnlyList<FieldFault> errors) => new("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail, errors);

    private sealed class Result(int status, string detail, IReadOnlyList<FieldFault> errors) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, status, detail, errors);
    }
}
