using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Configuration;

namespace Tandem.Server.Api;

/// <summary>Reads the fields of one request and collects everything that is wrong with them.</summary>
public sealed class RequestReader
{
    private static readonly string[] TimeFormats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private const int FirstYear = 1970, LastYear = 9998; // days and months may be added to what is said

    private readonly List<FieldFault> _faults = [];

    public IReadOnlyList<FieldFault> Faults => _faults;

    /// <summary>The refusal of the request, when anything was wrong.</summary>
    public Fault? Fault => _faults.Count == 0 ? null : new Fault(FaultKind.Invalid, _faults.Count == 1 ? _faults[0].ToString() : $"{_faults.Count} things are wrong in the request", _faults);

    public void Wrong(string field, string says) => Wrong(new FieldFault(0, field, says));

    public void Wrong(FieldFault fault) => _faults.Add(fault);

    /// <summary>Reads what a body holds; nothing where it is no JSON, which is noted.</summary>
    public void Json(ReadOnlyMemory<byte> body, Action<JsonElement> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            read(document.RootElement);
        }
        catch (JsonException e)
        {
            Wrong(new FieldFault((int)(e.LineNumber ?? 0) + 1, "", "the body is not JSON"));
        }
    }

    /// <summary>RFC 3339, or a date alone for its midnight UTC.</summary>
    public Instant? Time(string field, string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) && at.Year is >= FirstYear and <= LastYear) return Instant.FromUtc(at.UtcDateTime);
        Wrong(field, $"'{text}' is no time: 2026-04-26T12:00:00Z is needed");
        return null;
    }

    /// <summary>A time as decks write it (docs/decks.md); default where there is none.</summary>
    public Instant Date(string field, string? text)
    {
        if (string.IsNullOrEmpty(text)) return default;
        if (!RateText.TryReadDate(text, out Instant at)) Wrong(field, $"'{DocumentNode.Printable(text)}' is no time: 2026-12-01 or 2026-12-01T06:00:00Z");
        return at;
    }

    public int? Integer(string field, string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (!text.Contains('\0') && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)) return value; // to .NET a number may be followed by NUL
        Wrong(field, $"'{text}' is not a number");
        return null;
    }

    public bool? Boolean(string field, string? text)
    {
        switch (text)
        {
            case null: return null;
            case "" or "true": return true;
            case "false": return false;
            default:
                Wrong(field, $"'{text}' is neither true nor false");
                return null;
        }
    }

    public string Required(string field, string? text)
    {
        if (string.IsNullOrEmpty(text)) Wrong(field, "is missing");
        return text ?? "";
    }

    public Currency Currency(string field, string? text)
    {
        if (Primitives.Currency.TryParse(Required(field, text), out Currency currency)) return currency;
        if (!string.IsNullOrEmpty(text)) Wrong(field, $"'{text}' is no currency: three capital letters are needed, as in USD");
        return default;
    }

    /// <summary>The fields of a JSON object that are those of a request, others are refused: texts, and where the request has a number or a boolean these as they are, too.</summary>
    /// <typeparam name="T">The request, as the OpenAPI document shows it.</typeparam>
    /// <param name="json">The body.</param>
    /// <param name="loose">Every field may be written as a number or a boolean.</param>
    public IReadOnlyDictionary<string, string> Object<T>(ReadOnlyMemory<byte> json, bool loose = false)
    {
        IReadOnlyDictionary<string, string> found = new Dictionary<string, string>(StringComparer.Ordinal);
        Json(json, root => found = Object<T>(root, loose));
        return found;
    }

    /// <summary>The same of an object that stands in another.</summary>
    public IReadOnlyDictionary<string, string> Object<T>(JsonElement json, bool loose = false)
    {
        PropertyInfo[] properties = typeof(T).GetProperties();
        string[] fields = [.. properties.Select(static p => JsonNamingPolicy.CamelCase.ConvertName(p.Name))];
        string[] scalars = loose ? fields : [.. properties.Zip(fields).Where(static p => p.First.PropertyType != typeof(string)).Select(static p => p.Second)];
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (json.ValueKind != JsonValueKind.Object)
        {
            Wrong("", "a JSON object is needed");
            return found;
        }
        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (!fields.Contains(property.Name)) Wrong(property.Name, $"there is no such field; there are {string.Join(", ", fields)}");
            else if (found.ContainsKey(property.Name)) Wrong(property.Name, "stands twice");
            else if (TextOf(property, scalars) is { } text) found.Add(property.Name, text);
        }
        return found;
    }

    private string? TextOf(JsonProperty property, string[] scalars)
    {
        bool scalar = scalars.Contains(property.Name);
        switch (property.Value.ValueKind)
        {
            case JsonValueKind.String:
                return property.Value.GetString();
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False when scalar:
                return property.Value.GetRawText();
            default:
                Wrong(property.Name, scalar ? "must be a text, a number or a boolean" : "must be a text");
                return null;
        }
    }
}
