using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Tandem.Primitives.Bytes;
using Tandem.Server.Api;

namespace Tandem.Server.Configuration;

/// <summary>A value of a JSON document, with the line it stands on, so that every error can say where.</summary>
internal sealed class DocumentNode
{
    public const int MaxDepth = 8;

    private DocumentNode(JsonValueKind kind, int line, string text = "", (string Name, DocumentNode Value)[]? members = null, DocumentNode[]? items = null)
    {
        Kind = kind;
        Line = line;
        Text = text;
        Members = members ?? [];
        Items = items ?? [];
    }

    /// <summary>{}</summary>
    public static DocumentNode EmptyObject { get; } = new(JsonValueKind.Object, 1);

    public JsonValueKind Kind { get; }

    /// <summary>From 1.</summary>
    public int Line { get; }

    /// <summary>A string's value; a number's digits as written, so that amounts are read exactly.</summary>
    public string Text { get; }

    /// <summary>An object's members in order; no name twice.</summary>
    public (string Name, DocumentNode Value)[] Members { get; }

    /// <summary>An array's items.</summary>
    public DocumentNode[] Items { get; }

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
    /// <param name="json">UTF-8.</param>
    /// <param name="faults">Gets what is wrong.</param>
    /// <param name="take">Offered each item of the lists that are members of a member of the document, as soon as it is read. Null: nothing is offered.</param>
    public static DocumentNode? Read(ReadOnlySpan<byte> json, FaultList faults, TakeItem? take = null)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble)) json = json[Encoding.UTF8.Preamble.Length..];
        if (!json.ContainsAnyExcept(" \t\r\n"u8))
        {
            faults.Add(1, "", "the document is empty");
            return null;
        }
        Reading reading = new(json, faults, take);
        try
        {
            reading.Tokens.Read();
            if (reading.Tokens.TokenType != JsonTokenType.StartObject)
            {
                faults.Add(1, "", "the document must be one JSON object: {...}");
                return null;
            }
            DocumentNode root = ReadValue(ref reading);
            reading.Tokens.Read(); // what follows the object is an error too
            return root;
        }
        catch (JsonException error)
        {
            faults.Add((int)(error.LineNumber ?? 0) + 1, "", $"this is not JSON: {Because(error)}");
            return null;
        }
        catch (InvalidOperationException)
        {
            faults.Add(reading.Line(), "", "this text is not Unicode");
            return null;
        }
    }

    /// <summary>True when it takes the item, which is not kept then.</summary>
    public delegate bool TakeItem(string member, string list, int place, DocumentNode item);

    private static DocumentNode ReadValue(ref Reading reading)
    {
        int line = reading.Line();
        switch (reading.Tokens.TokenType)
        {
            case JsonTokenType.StartObject: return ReadObject(ref reading, line);
            case JsonTokenType.StartArray: return ReadArray(ref reading, line);
            case JsonTokenType.String: return new DocumentNode(JsonValueKind.String, line, reading.Text());
            case JsonTokenType.Number: return new DocumentNode(JsonValueKind.Number, line, reading.Text());
            case JsonTokenType.True: return new DocumentNode(JsonValueKind.True, line, "true");
            case JsonTokenType.False: return new DocumentNode(JsonValueKind.False, line, "false");
            default: return new DocumentNode(JsonValueKind.Null, line);
        }
    }

    private static DocumentNode ReadObject(ref Reading reading, int line)
    {
        int first = reading.Members.Count;
        HashSet<string>? names = null;
        while (reading.Tokens.Read() && reading.Tokens.TokenType == JsonTokenType.PropertyName)
        {
            string name = reading.Text();
            int at = reading.Line();
            reading.Tokens.Read();
            reading.Path.Add((name, 0));
            DocumentNode value = ReadValue(ref reading);
            if (IsNew(name, reading.Members, first, ref names)) reading.Members.Add((name, value));
            else reading.Faults.Add(at, reading.PathText(), "this is stated twice");
            reading.Path.RemoveAt(reading.Path.Count - 1);
        }
        (string, DocumentNode)[] members = [.. CollectionsMarshal.AsSpan(reading.Members)[first..]];
        reading.Members.RemoveRange(first, members.Length);
        return new DocumentNode(JsonValueKind.Object, line, members: members);
    }

    private static DocumentNode ReadArray(ref Reading reading, int line)
    {
        int first = reading.Items.Count;
        (string? member, string? list) = reading.Path is [var outer, var inner] ? (outer.Name, inner.Name) : default;
        reading.Path.Add((null, 0));
        for (int place = 0; reading.Tokens.Read() && reading.Tokens.TokenType != JsonTokenType.EndArray; place++)
        {
            reading.Path[^1] = (null, place);
            DocumentNode item = ReadValue(ref reading);
            if (member is null || list is null || reading.Take?.Invoke(member, list, place, item) != true) reading.Items.Add(item);
        }
        reading.Path.RemoveAt(reading.Path.Count - 1);
        DocumentNode[] items = [.. CollectionsMarshal.AsSpan(reading.Items)[first..]];
        reading.Items.RemoveRange(first, items.Length);
        return new DocumentNode(JsonValueKind.Array, line, items: items);
    }

    // Most objects have a dozen names: a set is made only for larger ones.
    private static bool IsNew(string name, List<(string Name, DocumentNode Value)> members, int first, ref HashSet<string>? names)
    {
        const int Many = 32;
        if (names is null && members.Count - first < Many)
        {
            for (int i = first; i < members.Count; i++)
            {
                if (members[i].Name == name) return false;
            }
            return true;
        }
        names ??= new HashSet<string>(members.Skip(first).Select(static m => m.Name), StringComparer.Ordinal);
        return names.Add(name);
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

    /// <summary>A document as it is read: where it is, and what stands open. A million entities must leave little garbage, so what is under way lies in common lists and texts that repeat are one object.</summary>
    private ref struct Reading(ReadOnlySpan<byte> json, FaultList faults, TakeItem? take)
    {
        private readonly ReadOnlySpan<byte> _json = json;
        private readonly RepeatedTexts _texts = new();
        private int _offset;
        private int _line = 1;

        public Utf8JsonReader Tokens = new(json, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth });

        public FaultList Faults { get; } = faults;

        public TakeItem? Take { get; } = take;

        public List<(string Name, DocumentNode Value)> Members { get; } = [];

        public List<DocumentNode> Items { get; } = [];

        /// <summary>Names of members and places in lists, outermost first.</summary>
        public List<(string? Name, int Place)> Path { get; } = [];

        public readonly string PathText() => string.Concat(Path.Select(static (p, i) => p.Name is null ? $"[{p.Place}]" : i == 0 ? p.Name : $".{p.Name}"));

        /// <summary>Of the token at hand; asked for growing offsets only, each newline is counted once.</summary>
        public int Line()
        {
            int to = (int)Math.Min(Tokens.TokenStartIndex, _json.Length);
            if (to > _offset)
            {
                _line += _json[_offset..to].Count((byte)'\n');
                _offset = to;
            }
            return _line;
        }

        /// <summary>The name, text or digits at hand.</summary>
        public readonly string Text() => !Tokens.ValueIsEscaped && Ascii.IsValid(Tokens.ValueSpan) ? _texts.Of(Tokens.ValueSpan) : Tokens.GetString()!;
    }
}
