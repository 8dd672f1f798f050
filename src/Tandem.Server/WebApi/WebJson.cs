using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>Values as the Web API's JSON has them.</summary>
internal static class WebJson
{
    /// <summary>The value of a text as the field's type has it; an empty text is the type's empty value: "", 0, false, [].</summary>
    public static void Write(Utf8JsonWriter to, WebField field, string text)
    {
        to.WritePropertyName(field.Name);
        if (!field.IsList)
        {
            One(to, field.Type, text);
            return;
        }
        to.WriteStartArray();
        if (text.Length > 0 && field.Type != WebType.Object)
        {
            foreach (string one in text.Split(',')) One(to, field.Type, one);
        }
        to.WriteEndArray();
    }

    /// <summary>An object, or a list of them, out of a document's: every field of the shape, a word as its number.</summary>
    public static void Write(Utf8JsonWriter to, WebField field, JsonNode? node)
    {
        if (!field.IsList)
        {
            WriteObject(to, field.Shape!, node as JsonObject);
            return;
        }
        to.WriteStartArray();
        foreach (JsonNode? item in node as JsonArray ?? []) WriteObject(to, field.Shape!, item as JsonObject);
        to.WriteEndArray();
    }

    /// <summary>A request's value as a document has it, typed as the field says.</summary>
    public static JsonNode Node(DocumentNode value, WebField field)
    {
        if (field.IsList) return new JsonArray([.. value.Items.Select(i => Node(i, field with { IsList = false }))]);
        switch (field.Type)
        {
            case WebType.Boolean: return JsonValue.Create(WebRequest.IsTrue(value));
            case WebType.Integer or WebType.Long: return JsonValue.Create(long.Parse(value.Text, CultureInfo.InvariantCulture));
            case WebType.Double: return WebRequest.TryAmount(value.Text, out long nanos) ? JsonNode.Parse(Number(nanos))! : JsonValue.Create(value.Text);
            case WebType.Object:
                JsonObject made = [];
                foreach (WebField part in field.Shape!.Fields)
                {
                    if (WebRequest.Of(value, part.Name) is { } member) made[part.Name] = Node(member, part);
                }
                return made;
            default: return JsonValue.Create(value.Text);
        }
    }

    // As short as it can be, so that whole numbers have no decimals.
    private static string Number(long nanos) => new Money(nanos, default).ToDecimalString() is var text && text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;

    /// <summary>A moment as documents write it, in milliseconds since 1970.</summary>
    public static bool IsMoment(string text, out long millis)
    {
        millis = text == "never" ? long.MaxValue : 0;
        if (text == "never") return true;
        if (!text.EndsWith('Z') || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)) return false;
        millis = at.ToUnixTimeMilliseconds();
        return true;
    }

    /// <summary>An amount as a JSON number, exact.</summary>
    public static void Amount(Utf8JsonWriter to, string name, long nanos)
    {
        to.WritePropertyName(name);
        to.WriteRawValue(new Money(nanos, default).ToDecimalString());
    }

    public static void Texts(Utf8JsonWriter to, string name, IEnumerable<string> texts)
    {
        to.WriteStartArray(name);
        foreach (string text in texts) to.WriteStringValue(text);
        to.WriteEndArray();
    }

    /// <summary>Milliseconds since 1970; 0 for never.</summary>
    public static void Time(Utf8JsonWriter to, string name, Instant at) => to.WriteNumber(name, at == Instant.Never || at == default ? 0 : at.Micros / 1000);

    private static void WriteObject(Utf8JsonWriter to, WebShape shape, JsonObject? node)
    {
        to.WriteStartObject();
        foreach (WebField field in shape.Fields)
        {
            JsonNode? value = node?[field.Name];
            if (field.Type == WebType.Object)
            {
                to.WritePropertyName(field.Name);
                Write(to, field, value);
                continue;
            }
            string text = value is JsonArray list ? string.Join(',', list.Select(static i => i!.ToString())) : value?.ToString() ?? "";
            Write(to, field, field.Type == WebType.Integer && ForwardFields.NumberOf(text) is { } number ? number : text);
        }
        to.WriteEndObject();
    }

    private static void One(Utf8JsonWriter to, WebType type, string text)
    {
        switch (type)
        {
            case WebType.Boolean: to.WriteBooleanValue(text is "true" or "1"); break;
            case WebType.Integer or WebType.Long or WebType.Double: to.WriteRawValue(text.Length == 0 ? "0" : text); break;
            case WebType.Object: to.WriteNullValue(); break;
            default: to.WriteStringValue(text); break;
        }
    }
}
