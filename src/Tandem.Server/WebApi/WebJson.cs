using System.Text.Json;
using Tandem.Primitives;

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
