using System.Text;
using System.Text.Json;
using Tandem.Server.Api;

namespace Tandem.Server.Configuration;

/// <summary>A value of a JSON document, with the line it stands on, so that every error can say where.</summary>
internal sealed class DocumentNode(JsonValueKind kind, int line, string text)
{
    public const int MaxDepth = 8;

    public JsonValueKind Kind { get; } = kind;

    /// <summary>From 1.</summary>
    public int Line { get; } = line;

    /// <summary>A string's value; a number's digits as written, so that amounts are read exactly.</summary>
    public string Text { get; } = text;

    /// <summary>An object's members in order; no name twice.</summary>
    public List<(string Name, DocumentNode Value)> Members { get; } = [];

    /// <summary>An array's items.</summary>
    public List<DocumentNode> Items { get; } = [];

    /// <summary>The value as an error shows it: 'x', [a list], {an object}.</summary>
    public string Shown => Kind switch
    {
        JsonValueKind.Array => "[a list]",
        JsonValueKind.Object => "{an object}",
        JsonValueKind.Null => "null",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => $"'{Printable(Text)}'",
    };

    public DocumentNode? Member(string name)
    {
        foreach ((string member, DocumentNode value) in Members)
        {
            if (member == name) return value;
        }
        return null;
    }

    /// <summary>
    /// Reads a document of one object: UTF-8, a byte-order mark, comments and trailing commas permitted. Null when it is no JSON; the fault
    /// says the line. A name stated twice is a fault, and its first value is kept.
    /// </summary>
    public static DocumentNode? Read(ReadOnlySpan<byte> json, FaultList faults)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble)) json = json[Encoding.UTF8.Preamble.Length..];
        if (!json.ContainsAnyExcept(" \t\r\n"u8))
        {
            faults.Add(1, "", "the document is empty");
            return null;
        }
        Utf8JsonReader reader = new(json, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth });
        Lines lines = new(json);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                faults.Add(1, "", "the document must be one JSON object: {...}");
                return null;
            }
            DocumentNode root = ReadValue(ref reader, ref lines, "", faults);
            reader.Read(); // what follows the object is an error too
            return root;
        }
        catch (JsonException error)
        {
            faults.Add((int)(error.LineNumber ?? 0) + 1, "", $"this is not JSON: {Because(error)}");
            return null;
        }
        catch (InvalidOperationException)
        {
            faults.Add(lines.At(reader.TokenStartIndex), "", "this text is not Unicode");
            return null;
        }
    }

    private static DocumentNode ReadValue(ref Utf8JsonReader reader, ref Lines lines, string path, FaultList faults)
    {
        int line = lines.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                DocumentNode @object = new(JsonValueKind.Object, line, "");
                HashSet<string> names = new(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    string name = reader.GetString()!;
                    int at = lines.At(reader.TokenStartIndex);
                    string inner = path.Length == 0 ? name : $"{path}.{name}";
                    reader.Read();
                    DocumentNode value = ReadValue(ref reader, ref lines, inner, faults);
                    if (names.Add(name)) @object.Members.Add((name, value));
                    else faults.Add(at, inner, "this is stated twice");
                }
                return @object;
            case JsonTokenType.StartArray:
                DocumentNode array = new(JsonValueKind.Array, line, "");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) array.Items.Add(ReadValue(ref reader, ref lines, $"{path}[{array.Items.Count}]", faults));
                return array;
            case JsonTokenType.String:
                return new DocumentNode(JsonValueKind.String, line, reader.GetString()!);
            case JsonTokenType.Number:
                return new DocumentNode(JsonValueKind.Number, line, Encoding.ASCII.GetString(reader.ValueSpan));
            case JsonTokenType.True:
                return new DocumentNode(JsonValueKind.True, line, "true");
            case JsonTokenType.False:
                return new DocumentNode(JsonValueKind.False, line, "false");
            default:
                return new DocumentNode(JsonValueKind.Null, line, "");
        }
    }

    // The reader's message ends with its own count of lines from 0, which would contradict ours.
    private static string Because(JsonException error)
    {
        string says = error.Message;
        int end = says.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return Printable(end < 0 ? says : says[..end].TrimEnd('.', ' '), 160);
    }

    internal static string Printable(string text, int most = 40)
    {
        string printable = string.Concat(text.Take(most).Select(static c => char.IsControl(c) ? '?' : c));
        return text.Length > most ? printable + "…" : printable;
    }

    /// <summary>Line numbers of growing offsets, each newline counted once.</summary>
    private ref struct Lines(ReadOnlySpan<byte> json)
    {
        private readonly ReadOnlySpan<byte> _json = json;
        private int _offset;
        private int _line = 1;

        public int At(long offset)
        {
            int to = (int)Math.Min(offset, _json.Length);
            if (to > _offset)
            {
                _line += _json[_offset..to].Count((byte)'\n');
                _offset = to;
            }
            return _line;
        }
    }
}
