using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tandem.Client;

/// <summary>One thing wrong in a request.</summary>
/// <param name="Line">Of the document or CSV, from 1; 0: it has no lines.</param>
/// <param name="Field">Of the request; empty: the whole.</param>
/// <param name="Says">What is wrong.</param>
public sealed record RequestFault(int Line, string Field, string Says);

/// <summary>The switch said no (RFC 9457); the message is its sentence.</summary>
public sealed class TandemException(HttpStatusCode status, string says, JsonObject? problem = null) : Exception(says)
{
    public HttpStatusCode Status => status;

    /// <summary>The problem document as it came; null: what answered sent none.</summary>
    public JsonObject? Problem => problem;

    /// <summary>Each thing that was wrong; empty when it was none of the request.</summary>
    public IReadOnlyList<RequestFault> Errors { get; } = problem?["errors"]?.Deserialize<IReadOnlyList<RequestFault>>(JsonSerializerOptions.Web) ?? [];

    internal static TandemException Of(HttpStatusCode status, string body, Uri? from)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject problem && (string?)problem["detail"] is { } detail) return new TandemException(status, detail, problem);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // something between here and the switch answered
        }
        return new TandemException(status, $"{from} answered {(int)status}");
    }
}
