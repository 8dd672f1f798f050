using System.Text.Encodings.Web;
using System.Text.Json;
using Tandem.Server.Access;
using Tandem.Server.Api;

namespace Tandem.Server.WebApi;

/// <summary>What a method answers: a code, what went wrong in words, and on success what the writer writes.</summary>
internal sealed class WebReply
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Action<Utf8JsonWriter>? _write;

    private WebReply(WebCode code, string exception, Action<Utf8JsonWriter>? write)
    {
        Code = code;
        Exception = exception;
        _write = write;
    }

    public static WebReply Done { get; } = new(WebCode.Success, "", null);

    public WebCode Code { get; }

    public string Exception { get; }

    /// <summary>Success, with these fields after retCode.</summary>
    public static WebReply With(Action<Utf8JsonWriter> write) => new(WebCode.Success, "", write);

    /// <summary>Success, with one list: an object for each of the things.</summary>
    public static WebReply List<T>(string name, IEnumerable<T> things, Action<Utf8JsonWriter, T> write)
    {
        List<T> all = [.. things];
        return With(to =>
        {
            to.WriteStartArray(name);
            foreach (T thing in all)
            {
                to.WriteStartObject();
                write(to, thing);
                to.WriteEndObject();
            }
            to.WriteEndArray();
        });
    }

    public static WebReply Refuse(WebCode code, string exception) => new(code, exception, null);

    /// <summary>Null: so much money may be moved by one person.</summary>
    public static WebReply? OfSecondPerson(ApiParts parts, long nanos) => SecondPerson.Refuse(parts, nanos) is { } says ? Refuse(WebCode.NeedsSecondPerson, says) : null;

    /// <summary>A refusal of the switch in the Web API's codes.</summary>
    public static WebReply Of(Fault fault) => Refuse(fault.Kind switch
    {
        FaultKind.Invalid => WebCode.WrongParameter,
        FaultKind.NotFound => WebCode.NotFound,
        FaultKind.Conflict => WebCode.Conflict,
        _ => WebCode.Unavailable,
    }, fault.Errors.Count == 0 ? fault.Says : string.Join("; ", fault.Errors));

    /// <summary>The JSON: retCode, exception where there is one, then the lists; a refusal has them too, empty.</summary>
    public void Write(Stream to, WebShape lists)
    {
        using var json = new Utf8JsonWriter(to, Options);
        json.WriteStartObject();
        json.WriteNumber("retCode", (int)Code);
        if (Code != WebCode.Success)
        {
            json.WriteString("exception", Exception);
            foreach (WebField field in lists.Fields)
            {
                if (!field.IsList) continue;
                json.WriteStartArray(field.Name);
                json.WriteEndArray();
            }
        }
        _write?.Invoke(json);
        json.WriteEndObject();
    }
}
