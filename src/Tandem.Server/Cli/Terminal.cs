using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Tandem.Server.Api;

namespace Tandem.Server.Cli;

/// <summary>Where answers are written: tables for people, or the API's JSON as it is.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error, bool json)
{
    private const int WidthWhenRedirected = 240;
    private static readonly JsonSerializerOptions Indented = new(ApiJson.Options) { WriteIndented = true };

    public bool Json => json;

    public TextWriter Output => output;

    /// <summary>How far something is; not part of the answer.</summary>
    public void Progress(string sentence) => error.WriteLine(sentence);

    public void Say(string sentence) => output.WriteLine(sentence);

    /// <summary>The answer itself under --json, otherwise what <paramref name="show"/> makes of it.</summary>
    public void Show(JsonNode answer, Action<JsonNode> show)
    {
        if (json) output.WriteLine(answer.ToJsonString(Indented));
        else show(answer);
    }

    /// <summary>One clear sentence; under --json the problem document, on the output where a program reads it.</summary>
    public void Refuse(string says, JsonNode? problem)
    {
        if (json)
        {
            output.WriteLine((problem ?? new JsonObject { ["detail"] = says }).ToJsonString(Indented));
            return;
        }
        error.WriteLine($"tandem: {says}");
        if (problem?["errors"] is not JsonArray { Count: > 0 } errors) return;
        foreach (JsonNode? fault in errors)
        {
            string line = new FieldFault((int?)fault!["line"] ?? 0, (string?)fault["field"] ?? "", (string?)fault["says"] ?? "").ToString();
            if (line != says) error.WriteLine($"  {line}");
        }
    }

    /// <summary>Rows of a table; a column is a heading and the dotted path of its field.</summary>
    public void Table(JsonNode? rows, string empty, params ReadOnlySpan<(string Heading, string Path)> columns)
    {
        if (rows is not JsonArray { Count: > 0 } list)
        {
            output.WriteLine(empty);
            return;
        }
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach ((string heading, _) in columns) table.AddColumn(new TableColumn(new Text(heading)).NoWrap());
        foreach (JsonNode? row in list)
        {
            var cells = new List<Text>(columns.Length);
            foreach ((_, string path) in columns) cells.Add(new Text(Field(row, path)));
            table.AddRow(cells);
        }
        bool terminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        if (!terminal) console.Profile.Width = WidthWhenRedirected;
        console.Write(table);
    }

    /// <summary>The value at a dotted path as people read it; empty for none.</summary>
    public static string Field(JsonNode? node, string path)
    {
        foreach (string name in path.Split('.')) node = (node as JsonObject)?[name];
        return node switch
        {
            null => "",
            JsonArray list => string.Join(", ", list.Select(static i => i?.ToString())),
            JsonValue value when value.GetValueKind() == JsonValueKind.True => "yes",
            JsonValue value when value.GetValueKind() == JsonValueKind.False => "no",
            _ => node.ToString(),
        };
    }
}
