using System.Globalization;
using System.Text;
using System.Text.Json;
using Tandem.Primitives;
using Tandem.Server.Configuration;

namespace Tandem.Server.WebApi;

/// <summary>A request read whole and held against its method's shape: what a handler asks for is there and has its type.</summary>
internal sealed class WebRequest
{
    private const int MostText = 255;
    private const int MostLongText = 65_535;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly DocumentNode _body;

    private WebRequest(DocumentNode body, string method, string by)
    {
        Method = method;
        _body = body;
        By = by;
    }

    /// <summary>The method it is a request of.</summary>
    public string Method { get; }

    /// <summary>Who asks, for the audit: "web api 192.0.2.1".</summary>
    public string By { get; }

    /// <summary>
    /// Reads the body whatever its content type says. An empty body is an empty object. A null stands for a field left out. A number in quotes and a
    /// text without them are taken, as clients send both. A field the method does not have is refused where the method changes something, for what it meant
    /// to change would stay as it is; a query passes over it.
    /// </summary>
    public static (WebRequest? Request, WebReply? Refused) Read(ReadOnlySpan<byte> body, WebMethod method, string by)
    {
        FaultList faults = new();
        DocumentNode? root;
        if (!body.ContainsAnyExcept(" \t\r\n"u8)) root = DocumentNode.EmptyObject;
        else
        {
            try
            {
                _ = Strict.GetCharCount(body);
            }
            catch (DecoderFallbackException)
            {
                return (null, WebReply.Refuse(WebCode.WrongBody, "the body is not UTF-8"));
            }
            root = DocumentNode.Read(body, faults);
        }
        if (root is null) return (null, WebReply.Refuse(WebCode.WrongBody, faults.ToList()[0].ToString()));
        if (!faults.IsEmpty) return (null, WebReply.Refuse(WebCode.WrongParameter, faults.ToList()[0].ToString()));
        if (Fault(root, method.Request, "", !method.IsQuery) is { } refused) return (null, refused);
        return (new WebRequest(root, method.Name, by), null);
    }

    /// <summary>The whole object.</summary>
    public DocumentNode Body => _body;

    /// <summary>The field's value, null when it was left out.</summary>
    public DocumentNode? this[string name] => Of(_body, name);

    /// <summary>A member of the body or of one of its objects; null when it was left out, or is null.</summary>
    public static DocumentNode? Of(DocumentNode node, string name) => node.Member(name) is { Kind: not JsonValueKind.Null } value ? value : null;

    /// <summary>A text; null when left out.</summary>
    public string? Text(string name) => this[name]?.Text;

    /// <summary>A text to look for; null when left out or empty.</summary>
    public string? Wanted(string name) => Text(name) is { Length: > 0 } text ? text : null;

    public int? Integer(string name) => this[name] is { } node ? int.Parse(node.Text, CultureInfo.InvariantCulture) : null;

    public long? Long(string name) => this[name] is { } node ? long.Parse(node.Text, CultureInfo.InvariantCulture) : null;

    /// <summary>An amount in nanos; null when left out.</summary>
    public long? Nanos(string name) => this[name] is { } node && TryAmount(node.Text, out long nanos) ? nanos : null;

    public bool? Boolean(string name) => this[name] is { } node ? IsTrue(node) : null;

    /// <summary>A list of texts or numbers; an empty list and a list left out are alike: null, which means all.</summary>
    public IReadOnlyList<string>? Names(string name) => this[name] is { Items.Length: > 0 } node ? [.. node.Items.Select(static i => i.Text)] : null;

    public IReadOnlyList<DocumentNode> Objects(string name) => this[name]?.Items ?? [];

    public static bool IsTrue(DocumentNode node) => node.Kind == JsonValueKind.True || node.Text is "true" or "1";

    /// <summary>A decimal number, with an exponent too, as an exact count of billionths. False when it has more than nine decimals or is out of range.</summary>
    public static bool TryAmount(string text, out long nanos)
    {
        if (Money.TryParseNanos(text, out nanos)) return true;
        nanos = 0;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value)) return false;
        decimal scaled;
        try
        {
            scaled = value * 1_000_000_000m;
        }
        catch (OverflowException)
        {
            return false;
        }
        if (scaled != decimal.Truncate(scaled) || scaled is > long.MaxValue or < long.MinValue) return false;
        nanos = (long)scaled;
        return true;
    }

    private static WebReply? Fault(DocumentNode node, WebShape shape, string path, bool strict)
    {
        foreach ((string name, DocumentNode value) in node.Members)
        {
            WebField? field = shape[name];
            if (field is null)
            {
                if (strict) return WebReply.Refuse(WebCode.WrongParameter, $"{path}{DocumentNode.Printable(name)}: there is no such parameter");
            }
            else if (value.Kind != JsonValueKind.Null && Fault(value, field, $"{path}{name}", strict) is { } fault)
            {
                return fault;
            }
        }
        foreach (WebField field in shape.Fields)
        {
            if (field.IsRequired && (Of(node, field.Name) is not { } value || (value.Kind == JsonValueKind.String && value.Text.Length == 0)))
                return WebReply.Refuse(WebCode.MissingParameter, $"{path}{field.Name} is missing");
        }
        return null;
    }

    private static WebReply? Fault(DocumentNode value, WebField field, string path, bool strict)
    {
        if (!field.IsList) return FaultOfOne(value, field, path, strict);
        if (value.Kind != JsonValueKind.Array) return WebReply.Refuse(WebCode.WrongParameter, $"{path}: {value.Shown} is not a list");
        for (int i = 0; i < value.Items.Length; i++)
        {
            if (FaultOfOne(value.Items[i], field, $"{path}[{i}]", strict) is { } fault) return fault;
        }
        return null;
    }

    private static WebReply? FaultOfOne(DocumentNode value, WebField field, string path, bool strict)
    {
        string text = value.Text;
        bool isLong = field.Type is WebType.LongText or WebType.Data;
        bool scalar = value.Kind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
        string? wrong = field.Type switch
        {
            WebType.Object => value.Kind == JsonValueKind.Object ? null : "is not an object",
            _ when !scalar => $"is not a {field.Type}",
            _ when (isLong ? text.Contains('\0') : text.Any(char.IsControl)) => "has a control character", // a line break would leave its field in headers and lines of files; numbers followed by NUL are numbers to .NET
            WebType.Text when text.Length > MostText => $"is longer than {MostText} characters",
            WebType.LongText when text.Length > MostLongText => $"is longer than {MostLongText} characters",
            WebType.Text or WebType.LongText or WebType.Data => null,
            WebType.Boolean => value.Kind is JsonValueKind.True or JsonValueKind.False || text is "true" or "false" or "0" or "1" ? null : "is not true or false",
            WebType.Integer => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? null : "is not an Integer",
            WebType.Long => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? null : "is not a Long",
            _ => TryAmount(text, out _) ? null : "is not a number with at most nine decimals",
        };
        if (wrong is not null) return WebReply.Refuse(WebCode.WrongParameter, $"{path}: {value.Shown} {wrong}");
        return field.Shape is { } shape ? Fault(value, shape, path + ".", strict) : null;
    }
}
