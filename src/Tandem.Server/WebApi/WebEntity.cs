using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>
/// A kind of configured thing as the Web API sees it: which of the API's fields are which of ours, which are only kept, which value one must have.
/// A request becomes the statement of a document (docs/configuration.md), so both ways in are checked by the same rules.
/// </summary>
internal sealed class WebEntity<T>
    where T : class
{
    private readonly FrozenDictionary<string, Field<T>> _fields;
    private readonly FrozenDictionary<string, string> _kept;
    private readonly Field<T>? _keeps;

    /// <param name="kind">Ours.</param>
    /// <param name="renamed">Names of the API that are called otherwise here; all others go by their own.</param>
    /// <param name="kept">Fields kept and given back, and for which capability.</param>
    public WebEntity(EntityKind<T> kind, IReadOnlyDictionary<string, string> renamed, FrozenDictionary<string, string> kept)
    {
        Kind = kind;
        _kept = kept;
        Dictionary<string, Field<T>> fields = kind.Fields.ToDictionary(static f => f.Name, StringComparer.Ordinal);
        _keeps = fields.GetValueOrDefault(WebKept.Field);
        fields.Remove(WebKept.Field);
        Dictionary<string, Field<T>> named = new(fields, StringComparer.Ordinal);
        foreach ((string theirs, string ours) in renamed)
        {
            named[theirs] = fields[ours];
            if (!renamed.ContainsKey(ours)) named.Remove(ours);
        }
        _fields = named.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public EntityKind<T> Kind { get; }

    /// <summary>Fields that neither act nor are kept may only have this value, or be empty, 0 or false.</summary>
    public FrozenDictionary<string, string> Only { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Fields the kind's own methods read and write.</summary>
    public FrozenDictionary<string, Action<Utf8JsonWriter, string, T>> Own { get; init; } = FrozenDictionary<string, Action<Utf8JsonWriter, string, T>>.Empty;

    /// <summary>What becomes of a field here, for the manual and the tests: null acts; else the capability it is kept for, or "" when it must stay empty.</summary>
    public string? Waits(string name) => _fields.ContainsKey(name) || Own.ContainsKey(name) ? null : _kept.GetValueOrDefault(name, "");

    /// <summary>The statement of an entity as it is, to be changed; empty for a new one. Secrets are left out and stay as they are.</summary>
    public JsonObject StatementOf(T? entity) => entity is null ? [] : JsonNode.Parse(ConfigurationJson.Show(Kind, entity))!.AsObject();

    /// <summary>Puts the request's values into a statement; null, or why not.</summary>
    public WebReply? Overlay(DocumentNode body, WebShape shape, JsonObject statement, T? known = null)
    {
        foreach (WebField field in shape.Fields)
        {
            if (Own.ContainsKey(field.Name) || WebRequest.Of(body, field.Name) is not { } value) continue;
            if (_fields.TryGetValue(field.Name, out Field<T>? ours))
            {
                // What is sent back as it is read was not meant to change; it may say less than is there (a secret, a third choice beside yes and no).
                if (known is null || !IsAsShown(value, field, Shown(field, ours, known))) statement[ours.Name] = Node(value, field, ours);
            }
            else if (field is { Type: WebType.Object, IsList: false })
            {
                if (Overlay(value, field.Shape!, statement, known) is { } refused) return refused;
            }
            else if (_kept.ContainsKey(field.Name) && _keeps is not null)
            {
                JsonObject kept = statement[WebKept.Field] as JsonObject ?? [];
                statement[WebKept.Field] = kept;
                if (IsEmpty(value)) kept.Remove(field.Name);
                else kept[field.Name] = value.Kind == JsonValueKind.Array ? string.Join(',', value.Items.Select(static i => i.Text)) : value.Kind == JsonValueKind.True ? "true" : value.Text;
            }
            else if (!IsEmpty(value) && !(Only.TryGetValue(field.Name, out string? only) && value.Text == only))
            {
                return WebReply.Refuse(WebCode.NotServed, Only.TryGetValue(field.Name, out only)
                    ? $"{field.Name}: {value.Shown} is not served, only '{only}' is; nothing was changed"
                    : $"{field.Name}: {value.Shown} would have no effect here, so it is refused; nothing was changed");
            }
        }
        return null;
    }

    /// <summary>Writes every field of the shape.</summary>
    public void Write(Utf8JsonWriter to, WebShape shape, T entity)
    {
        JsonObject? kept = _keeps is null ? null : JsonNode.Parse(_keeps.Show(entity) is { Length: > 0 } text ? text : "{}")!.AsObject();
        Write(to, shape, entity, kept);
    }

    private void Write(Utf8JsonWriter to, WebShape shape, T entity, JsonObject? kept)
    {
        foreach (WebField field in shape.Fields)
        {
            if (Own.TryGetValue(field.Name, out Action<Utf8JsonWriter, string, T>? own)) own(to, field.Name, entity);
            else if (_fields.TryGetValue(field.Name, out Field<T>? ours)) WriteOurs(to, field, ours, entity);
            else if (field is { Type: WebType.Object, IsList: false })
            {
                to.WriteStartObject(field.Name);
                Write(to, field.Shape!, entity, kept);
                to.WriteEndObject();
            }
            else WebJson.Write(to, field, (string?)kept?[field.Name] ?? Only.GetValueOrDefault(field.Name, ""));
        }
    }

    private static void WriteOurs(Utf8JsonWriter to, WebField field, Field<T> ours, T entity) => WebJson.Write(to, field, Shown(field, ours, entity));

    private static string Shown(WebField field, Field<T> ours, T entity)
    {
        string text = ours.IsSecret ? "" : ours.Show(entity) ?? "";
        if (ours.Code(entity) is { } code && field.Type is WebType.Integer or WebType.Boolean) return code.ToString(CultureInfo.InvariantCulture);
        return ours.IsFlag && field.Type == WebType.Integer ? text == "true" ? "1" : "0" : text;
    }

    private static bool IsAsShown(DocumentNode value, WebField field, string shown) => field.Type switch
    {
        _ when field.IsList => false,
        WebType.Boolean => WebRequest.IsTrue(value) == (shown is "true" or "1"),
        WebType.Object => false,
        _ => value.Text == (shown.Length == 0 && field.Type is not (WebType.Text or WebType.LongText) ? "0" : shown),
    };

    private static JsonNode? Node(DocumentNode value, WebField field, Field<T> ours)
    {
        if (field.IsList) return new JsonArray([.. value.Items.Select(i => One(i, field.Type))]);
        return ours.IsFlag && field.Type == WebType.Integer ? JsonValue.Create(value.Text is not ("0" or "-1")) : One(value, field.Type);
    }

    private static JsonNode One(DocumentNode value, WebType type) => type switch
    {
        WebType.Boolean => JsonValue.Create(WebRequest.IsTrue(value)),
        WebType.Integer or WebType.Long => JsonValue.Create(long.Parse(value.Text, CultureInfo.InvariantCulture)),
        WebType.Double => JsonValue.Create(WebRequest.TryAmount(value.Text, out long nanos) ? new Money(nanos, default).ToDecimalString() : value.Text),
        WebType.Object => JsonNode.Parse(Raw(value))!,
        _ => JsonValue.Create(value.Text),
    };

    private static string Raw(DocumentNode value)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter to = new(stream)) Write(to, value);
        return Encoding.UTF8.GetString(stream.ToArray());

        static void Write(Utf8JsonWriter to, DocumentNode node)
        {
            switch (node.Kind)
            {
                case JsonValueKind.Object:
                    to.WriteStartObject();
                    foreach ((string name, DocumentNode member) in node.Members)
                    {
                        to.WritePropertyName(name);
                        Write(to, member);
                    }
                    to.WriteEndObject();
                    break;
                case JsonValueKind.Array:
                    to.WriteStartArray();
                    foreach (DocumentNode item in node.Items) Write(to, item);
                    to.WriteEndArray();
                    break;
                case JsonValueKind.String: to.WriteStringValue(node.Text); break;
                case JsonValueKind.Number: to.WriteRawValue(node.Text); break;
                case JsonValueKind.Null: to.WriteNullValue(); break;
                default: to.WriteBooleanValue(node.Kind == JsonValueKind.True); break;
            }
        }
    }

    private static bool IsEmpty(DocumentNode value) => value.Kind switch
    {
        JsonValueKind.Array => value.Items.Count == 0,
        JsonValueKind.Object => value.Members.TrueForAll(static m => IsEmpty(m.Value)),
        JsonValueKind.False or JsonValueKind.Null => true,
        JsonValueKind.Number => decimal.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && number == 0,
        _ => value.Text is "" or "false" or "0",
    };
}
