using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>How the API writes JSON: camelCase, amounts as decimal strings, instants in RFC 3339 UTC, enumerations by name, "none" as null.</summary>
public static class ApiJson
{
    public static readonly JsonSerializerOptions Options = Make();

    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // never put into HTML
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter());
        options.Converters.Add(new Text<CallId>(id => id.ToString()));
        options.Converters.Add(new Text<AccountId>(id => id.ToString()));
        options.Converters.Add(new Text<Currency>(c => c.ToString()));
        options.Converters.Add(new Text<Money>(m => m.ToDecimalString()));
        options.Converters.Add(new Text<Instant>(i => i == Instant.Never ? null : i.ToString()));
        options.Converters.Add(new Text<NetAddress>(a => a.IsNone ? null : a.ToString()));
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General);
        Configure(options);
        return options;
    }

    /// <summary>A value the API only ever shows, as a JSON string.</summary>
    private sealed class Text<T>(Func<T, string?> format) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Requests are read field by field.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            if (format(value) is { } text) writer.WriteStringValue(text);
            else writer.WriteNullValue();
        }
    }
}
