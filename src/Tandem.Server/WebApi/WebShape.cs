using System.Collections.Immutable;

namespace Tandem.Server.WebApi;

/// <summary>Types of the Web API's fields (docs/webapi.md).</summary>
internal enum WebType : byte
{
    /// <summary>At most 255 characters.</summary>
    Text,
    /// <summary>At most 65,535 characters.</summary>
    LongText,
    /// <summary>32 bits.</summary>
    Integer,
    /// <summary>64 bits; instants are milliseconds since 1970.</summary>
    Long,
    /// <summary>Read and written digit by digit, never through binary floating point.</summary>
    Double,
    Boolean,
    /// <summary>An object of its own shape.</summary>
    Object,
    /// <summary>As long as the body may be.</summary>
    Data,
}

/// <summary>One field of a request or reply.</summary>
/// <param name="Name">As it stands in JSON, oddities included.</param>
/// <param name="Type">Of the value, or of each value of a list.</param>
/// <param name="IsList">Whether it is an array.</param>
/// <param name="IsRequired">A request without it is refused.</param>
/// <param name="Shape">Of an object.</param>
internal sealed record WebField(string Name, WebType Type, bool IsList, bool IsRequired, WebShape? Shape);

/// <summary>
/// The fields of an object, in order. The notation names them one after another: <c>name</c> is a text, <c>:t</c> a long text, <c>:i</c>
/// an Integer, <c>:l</c> a Long, <c>:d</c> a Double, <c>:b</c> a Boolean, <c>:x</c> a text without bound, <c>:Shape</c> an object; <c>[]</c> makes a list, <c>*</c> a field that must be there.
/// </summary>
internal sealed class WebShape
{
    private readonly ImmutableDictionary<string, WebField> _byName;

    private WebShape(ImmutableArray<WebField> fields)
    {
        Fields = fields;
        _byName = fields.ToImmutableDictionary(static f => f.Name, StringComparer.Ordinal);
    }

    public static WebShape Empty { get; } = new([]);

    public ImmutableArray<WebField> Fields { get; }

    public WebField? this[string name] => _byName.GetValueOrDefault(name);

    public static WebShape Of(string notation, params (string Name, WebShape Shape)[] objects)
    {
        ImmutableArray<WebField>.Builder fields = ImmutableArray.CreateBuilder<WebField>();
        foreach (string word in notation.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            string rest = word;
            bool required = Strip(ref rest, "*"), list = Strip(ref rest, "[]");
            int colon = rest.IndexOf(':', StringComparison.Ordinal);
            string name = colon < 0 ? rest : rest[..colon], type = colon < 0 ? "" : rest[(colon + 1)..];
            WebShape? shape = type.Length > 1 ? objects.First(o => o.Name == type).Shape : null;
            fields.Add(new WebField(name, type switch
            {
                "" => WebType.Text,
                "t" => WebType.LongText,
                "i" => WebType.Integer,
                "l" => WebType.Long,
                "d" => WebType.Double,
                "b" => WebType.Boolean,
                "x" => WebType.Data,
                _ => WebType.Object,
            }, list, required, shape));
        }
        return new WebShape(fields.ToImmutable());
    }

    /// <summary>The shape of one field alone.</summary>
    public static WebShape One(WebField field) => new([field]);

    /// <summary>This shape without some fields.</summary>
    public WebShape Without(params string[] names) => new([.. Fields.Where(f => !names.Contains(f.Name))]);

    /// <summary>This shape and then another's fields.</summary>
    public WebShape And(WebShape more) => new([.. Fields, .. more.Fields]);

    /// <summary>This shape with only the named fields required.</summary>
    public WebShape Requiring(params string[] names) => new([.. Fields.Select(f => f with { IsRequired = names.Contains(f.Name) })]);

    private static bool Strip(ref string word, string ending)
    {
        if (!word.EndsWith(ending, StringComparison.Ordinal)) return false;
        word = word[..^ending.Length];
        return true;
    }
}
