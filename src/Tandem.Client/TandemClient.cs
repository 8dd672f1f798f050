using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Tandem.Client;

/// <summary>
/// The switch's HTTP API, typed (docs/client.md). The methods and records of TandemClient.g.cs are generated from the OpenAPI document; this is what carries them. Amounts are decimals, instants
/// are UTC; a refusal is a <see cref="TandemException"/>.
/// </summary>
/// <param name="http">With the switch's address as its BaseAddress; stays the caller's.</param>
/// <param name="token">Of a session, an API key, or the operator's own; null for what needs none.</param>
/// <exception cref="FormatException">The token is more than one word.</exception>
public sealed partial class TandemClient(HttpClient http, string? token)
{
    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    // A large body is sent once the switch has said that it takes it: else the refusal is lost in a broken connection.
    private const int AskFirstBytes = 1 << 20;

    private static readonly JsonSerializerOptions Answers = new(JsonSerializerDefaults.Web)
    {
        // Amounts travel as texts; numbers that are no amounts as numbers.
        Converters = { new JsonStringEnumConverter(), new AmountConverter(), new InstantConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // What is null is left out of a request.
    private static readonly JsonSerializerOptions Requests = new(Answers) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly AuthenticationHeaderValue? _authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);

    /// <summary>An answer as the switch wrote it.</summary>
    public static JsonNode ToJson<T>(T answer)
        where T : notnull => JsonSerializer.SerializeToNode(answer, Answers)!;

    /// <summary>What an answer holds as JSON, typed: the result of a job, the data of an event.</summary>
    /// <exception cref="JsonException">It is not of that type.</exception>
    public static T Read<T>(JsonNode json) => json.Deserialize<T>(Answers) ?? throw new JsonException("there is nothing");

    /// <summary>Every page of a list, as one answer.</summary>
    /// <param name="page">Asks for the page of a cursor; null: the first.</param>
    public static async Task<T> AllAsync<T>(Func<string?, Task<T>> page)
        where T : class, IPage<T>
    {
        T all = await page(null).ConfigureAwait(false);
        while (all.Next is { } next) all = all.And(await page(next).ConfigureAwait(false));
        return all;
    }

    private async Task<T> ReadAsync<T>(HttpMethod method, string path, HttpContent? body, (string Name, string? Value)[] headers, CancellationToken stop, AnswerHead? head = null)
    {
        using HttpResponseMessage answer = await SendAsync(method, path, body, "application/json", headers, stop).ConfigureAwait(false);
        if (head is not null) head.ETag = answer.Headers.ETag?.ToString();
        try
        {
            return await answer.Content.ReadFromJsonAsync<T>(Answers, stop).ConfigureAwait(false) ?? throw new TandemException(answer.StatusCode, $"{http.BaseAddress} answered with nothing");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new TandemException(answer.StatusCode, $"what answers at {http.BaseAddress} is not a switch, or not one of this version");
        }
    }

    private async Task<string> TextAsync(HttpMethod method, string path, HttpContent? body, (string Name, string? Value)[] headers, CancellationToken stop)
    {
        using HttpResponseMessage answer = await SendAsync(method, path, body, "text/plain", headers, stop).ConfigureAwait(false);
        return await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
    }

    private async Task<TandemDownload> DownloadAsync(HttpMethod method, string path, HttpContent? body, (string Name, string? Value)[] headers, CancellationToken stop)
    {
        HttpResponseMessage answer = await SendAsync(method, path, body, "*/*", headers, stop).ConfigureAwait(false);
        return new TandemDownload(answer, await answer.Content.ReadAsStreamAsync(stop).ConfigureAwait(false));
    }

    private async IAsyncEnumerable<TandemEvent> EventsAsync(string path, (string Name, string? Value)[] headers, [EnumeratorCancellation] CancellationToken stop)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, path, null, "text/event-stream", headers, stop).ConfigureAwait(false);
        Stream stream = await answer.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync(stop).ConfigureAwait(false)) yield return new TandemEvent(item.EventType, item.EventId, JsonNode.Parse(item.Data)!);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, string accept, (string Name, string? Value)[] headers, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        request.Headers.Authorization = _authorization;
        foreach ((string name, string? value) in headers)
        {
            if (value is not null) request.Headers.TryAddWithoutValidation(name, value);
        }
        if (body?.Headers.ContentLength > AskFirstBytes) request.Headers.ExpectContinue = true;
        HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode) return answer;
        using (answer) throw TandemException.Of(answer.StatusCode, await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false), http.BaseAddress);
    }

    private static JsonContent Body<T>(T value) => JsonContent.Create(value, options: Requests);

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
                DateTimeOffset at => at.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture),
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
            reader.TokenType == JsonTokenType.String && decimal.TryParse(reader.GetString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount)
                ? amount
                : throw new JsonException("this is no amount");

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }

    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture));
    }
}

/// <summary>A page of a list.</summary>
public interface IPage<T>
    where T : IPage<T>
{
    /// <summary>The cursor of the page after; null: it is the last.</summary>
    string? Next { get; }

    /// <summary>This page and the one after as one.</summary>
    T And(T further);
}

/// <summary>What stands above an answer, for who asks.</summary>
public sealed class AnswerHead
{
    /// <summary>Names what was answered, for If-Match and If-None-Match; null: it has none.</summary>
    public string? ETag { get; internal set; }
}

/// <summary>One event of the switch (docs/events.md).</summary>
/// <param name="Kind">call, alarm, counters, hello, beat, lost or over.</param>
/// <param name="Id">To go on behind it; null: it has none.</param>
/// <param name="Data">What it says; <see cref="TandemClient.Read"/> makes a CallView of its call.</param>
public sealed record TandemEvent(string Kind, string? Id, JsonNode Data);
