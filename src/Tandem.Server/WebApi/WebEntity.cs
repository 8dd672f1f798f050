using System.Collections.Frozen;
using System.Globalization;
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

    /// <summary>Lists of objects there that are lists of texts here.</summary>
    public FrozenDictionary<string, WebTexts> Texts { get; init; } = FrozenDictionary<string, WebTexts>.Empty;

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
                if (known is null || !IsAsShown(value, field, ours, known)) statement[ours.Name] = Texts.TryGetValue(field.Name, out WebTexts? texts)
                    ? new JsonArray([.. value.Items.Select(i => (JsonNode)JsonValue.Create(texts.Read(i)))])
                    : Node(value, field, ours);
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

    /// <summary>The reply of a method that lists things of this kind.</summary>
    public WebReply List(string method, IEnumerable<T> found)
    {
        WebField list = WebMethods.Find(method)!.Reply.Fields[0];
        return WebReply.List(list.Name, found, (to, one) => Write(to, list.Shape!, one));
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

    private void WriteOurs(Utf8JsonWriter to, WebField field, Field<T> ours, T entity)
    {
        if (field.Type != WebType.Object)
        {
            WebJson.Write(to, field, Shown(field, ours, entity));
            return;
        }
        to.WritePropertyName(field.Name);
        JsonNode? node = ours.Show(entity) is { Length: > 0 } text && text[0] is '[' or '{' ? JsonNode.Parse(ours.Show(entity)!) : null;
        if (Texts.TryGetValue(field.Name, out WebTexts? texts))
        {
            to.WriteStartArray();
            foreach (string one in ours.Show(entity) is { Length: > 0 } all ? all.Split(',') : []) texts.Write(to, one);
            to.WriteEndArray();
        }
        else WebJson.Write(to, field, node);
    }

    private static string Shown(WebField field, Field<T> ours, T entity)
    {
        string text = ours.IsSecret ? "" : ours.Show(entity) ?? "";
        if (field.Type == WebType.Long && WebJson.IsMoment(text, out long millis)) return millis.ToString(CultureInfo.InvariantCulture);
        if (ours.Code(entity) is { } code && field.Type is WebType.Integer or WebType.Boolean) return code.ToString(CultureInfo.InvariantCulture);
        return ours.IsFlag && field.Type == WebType.Integer ? text == "true" ? "1" : "0" : text;
    }

    private bool IsAsShown(DocumentNode value, WebField field, Field<T> ours, T known)
    {
        if (field.IsList || field.Type == WebType.Object)
        {
            using MemoryStream stream = new();
            using (Utf8JsonWriter to = new(stream))
            {
                to.WriteStartObject();
                WriteOurs(to, field, ours, known);
                to.WriteEndObject();
            }
            return JsonNode.DeepEquals(JsonNode.Parse(stream.ToArray())![field.Name], WebJson.Node(value, field));
        }
        string shown = Shown(field, ours, known);
        if (field.Type == WebType.Boolean) return WebRequest.IsTrue(value) == (shown is "true" or "1");
        return value.Text == (shown.Length == 0 && field.Type is not (WebType.Text or WebType.LongText) ? "0" : shown);
    }

    private static JsonNode? Node(DocumentNode value, WebField field, Field<T> ours) =>
        ours.IsFlag && field is { Type: WebType.Integer, IsList: false } ? JsonValue.Create(value.Text is not ("0" or "-1")) : WebJson.Node(value, field);

    private static bool IsEmpty(DocumentNode value) => value.Kind switch
    {
        JsonValueKind.Array => value.Items.Length == 0,
        JsonValueKind.Object => Array.TrueForAll(value.Members, static m => IsEmpty(m.Value)),
        JsonValueKind.False or JsonValueKind.Null => true,
        JsonValueKind.Number => decimal.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && number == 0,
        _ => value.Text is "" or "false" or "0",
    };
}
