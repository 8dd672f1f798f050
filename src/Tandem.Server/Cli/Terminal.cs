using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Tandem.Client;
using Tandem.Primitives;
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
    public void Show<T>(T answer, Action<T> show)
        where T : notnull
    {
        if (json) output.WriteLine((answer as JsonNode ?? TandemClient.ToJson(answer)).ToJsonString(Indented));
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

    /// <summary>Rows of a table; a column is a heading and what of a row stands under it.</summary>
    public void Table<T>(IReadOnlyList<T> rows, string empty, params ReadOnlySpan<(string Heading, Func<T, object?> Of)> columns)
    {
        if (rows.Count == 0)
        {
            output.WriteLine(empty);
            return;
        }
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach ((string heading, _) in columns) table.AddColumn(new TableColumn(new Text(heading)).NoWrap());
        foreach (T row in rows)
        {
            var cells = new List<Text>(columns.Length);
            foreach ((_, Func<T, object?> of) in columns) cells.Add(new Text(Words(of(row))));
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

    /// <summary>Every field of an answer, a line each; those of what it holds under its name with a dot.</summary>
    public void Fields<T>(T answer)
        where T : notnull => Fields(TandemClient.ToJson(answer).AsObject(), "");

    private void Fields(JsonObject fields, string prefix)
    {
        foreach ((string name, JsonNode? value) in fields)
        {
            if (value is JsonObject inner) Fields(inner, $"{prefix}{name}.");
            else Say($"{prefix}{name}: {Words(value)}");
        }
    }

    /// <summary>A value as people read it; empty for none.</summary>
    public static string Words(object? value) => value switch
    {
        null => "",
        bool on => on ? "yes" : "no",
        DateTimeOffset at => Instant.FromUtc(at.UtcDateTime).ToString(),
        JsonArray list => string.Join(", ", list.Select(static i => i?.ToString())),
        JsonValue one when one.GetValueKind() is JsonValueKind.True or JsonValueKind.False => Words(one.GetValue<bool>()),
        JsonNode node => node.ToString(),
        IEnumerable<string> list => string.Join(", ", list),
        System.Collections.IEnumerable list and not string => string.Join(", ", list.Cast<object?>().Select(Words)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
