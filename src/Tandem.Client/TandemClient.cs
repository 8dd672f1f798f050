using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tandem.Client;

/// <summary>
/// The switch's HTTP API, typed (docs/client.md). The methods and records of TandemClient.g.cs are generated from the OpenAPI document; this is what carries them. Amounts are decimals, instants
/// are UTC; a refusal is a <see cref="TandemException"/>.
/// </summary>
/// <param name="http">With the switch's address as its BaseAddress; stays the caller's.</param>
/// <param name="token">Of a session, an API key, or the operator's own; null for what needs none.</param>
public sealed partial class TandemClient(HttpClient http, string? token)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        // Amounts travel as texts; numbers that are no amounts as numbers.
        Converters = { new JsonStringEnumConverter(), new AmountConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private async Task<T> ReadAsync<T>(HttpMethod method, string path, HttpContent? body, string? idempotencyKey, CancellationToken stop)
    {
        using HttpResponseMessage answer = await SendAsync(method, path, body, "application/json", idempotencyKey, stop).ConfigureAwait(false);
        return await answer.Content.ReadFromJsonAsync<T>(Json, stop).ConfigureAwait(false) ?? throw new TandemException(answer.StatusCode, "The switch answered with nothing.", []);
    }

    private async Task<string> TextAsync(HttpMethod method, string path, HttpContent? body, string accept, string? idempotencyKey, CancellationToken stop)
    {
        using HttpResponseMessage answer = await SendAsync(method, path, body, accept, idempotencyKey, stop).ConfigureAwait(false);
        return await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, string accept, string? idempotencyKey, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode) return answer;
        using (answer) throw TandemException.Of(answer.StatusCode, await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false));
    }

    private static JsonContent Body<T>(T value) => JsonContent.Create(value, options: Json);

    private static string Escape(string value) => Uri.EscapeDataString(value);

    // Parameters that are null are left out.
    private static string Query(string path, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var text = new StringBuilder(path);
        char mark = '?';
        foreach ((string name, object? value) in parameters)
        {
            if (value is null) continue;
            string shown = value switch
            {
                bool on => on ? "true" : "false",
                DateTimeOffset at => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
                _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            };
            text.Append(mark).Append(name).Append('=').Append(Escape(shown));
            mark = '&';
        }
        return text.ToString();
    }

    private sealed class AmountConverter : JsonConverter<decimal>
    {
        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            decimal.TryParse(reader.GetString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount) ? amount : throw new JsonException("this is no amount");

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }
}

/// <summary>One thing wrong in a request.</summary>
/// <param name="Line">Of the document or CSV, from 1; 0: it has no lines.</param>
/// <param name="Field">Of the request; empty: the whole.</param>
/// <param name="Says">What is wrong.</param>
public sealed record RequestFault(int Line, string Field, string Says);

/// <summary>The switch said no (RFC 9457); the message is its sentence.</summary>
public sealed class TandemException(HttpStatusCode status, string says, IReadOnlyList<RequestFault> errors) : Exception(says)
{
    public HttpStatusCode Status => status;

    /// <summary>Each thing that was wrong; empty when it was none of the request.</summary>
    public IReadOnlyList<RequestFault> Errors => errors;

    internal static TandemException Of(HttpStatusCode status, string body)
    {
        try
        {
            if (JsonSerializer.Deserialize<Problem>(body, JsonSerializerOptions.Web) is { Detail: { } detail } problem) return new TandemException(status, detail, problem.Errors ?? []);
        }
        catch (JsonException)
        {
            // something between here and the switch answered
        }
        return new TandemException(status, $"answered with {(int)status}", []);
    }

    private sealed record Problem(string? Detail, IReadOnlyList<RequestFault>? Errors);
}
