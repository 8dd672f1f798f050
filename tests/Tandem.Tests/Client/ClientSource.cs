using System.Text;
using System.Text.Json.Nodes;

namespace Tandem.Tests.Client;

/// <summary>Writes the typed client from the OpenAPI document: a record for each schema, a method for each operation.</summary>
internal static class ClientSource
{
    private const string Head = """
        // Generated from the OpenAPI document of the API by a test (ClientTests); do not edit. Written anew with TANDEM_WRITE_DOCS=1.
        #nullable enable
        #pragma warning disable // what the document says

        using System.Net.Http;
        using System.Text.Json.Nodes;

        namespace Tandem.Client;


        """;

    public static string Write(JsonNode document)
    {
        var source = new StringBuilder(Head);
        JsonObject schemas = document["components"]!["schemas"]!.AsObject();
        source.Append("public sealed partial class TandemClient\n{\n");
        foreach ((string path, JsonNode? methods) in document["paths"]!.AsObject().OrderBy(static p => p.Key, StringComparer.Ordinal))
        {
            foreach ((string method, JsonNode? operation) in methods!.AsObject().OrderBy(static m => m.Key, StringComparer.Ordinal)) Method(source, path, method, operation!, schemas);
        }
        source.Append("}\n");
        foreach ((string name, JsonNode? schema) in schemas.OrderBy(static s => s.Key, StringComparer.Ordinal)) Type(source, name, schema!, schemas);
        return source.ToString();
    }

    private static void Method(StringBuilder source, string path, string method, JsonNode operation, JsonObject schemas)
    {
        if (operation["responses"]!.AsObject().Any(static r => r.Value!["content"]?["text/event-stream"] is not null)) return; // it never ends; docs/client.md
        JsonNode[] parameters = [.. operation["parameters"]?.AsArray().Select(static p => p!) ?? []];
        var arguments = new List<string>();
        string route = path;
        foreach (JsonNode parameter in parameters.Where(static p => (string)p["in"]! == "path"))
        {
            string name = (string)parameter["name"]!;
            arguments.Add($"string {Word(name)}");
            route = route.Replace($"{{{name}}}", $"{{Escape({Word(name)})}}", StringComparison.Ordinal);
        }
        string body = "null";
        if (operation["requestBody"]?["content"] is JsonObject content)
        {
            (string media, JsonNode? of) = content.First();
            bool typed = content.Count == 1 && media == "application/json";
            string type = typed ? TypeOf(of!["schema"]!, schemas).TrimEnd('?') : "HttpContent";
            arguments.Add($"{type} body");
            body = typed ? "Body(body)" : "body";
        }
        var queries = new List<string>();
        foreach (JsonNode parameter in parameters.Where(static p => (string)p["in"]! == "query"))
        {
            string name = (string)parameter["name"]!;
            arguments.Add($"{TypeOf(parameter["schema"]!, schemas).TrimEnd('?')}? {Word(name)} = null");
            queries.Add($"(\"{name}\", {Word(name)})");
        }
        string key = "null";
        if (method != "get")
        {
            arguments.Add("string? idempotencyKey = null");
            key = "idempotencyKey";
        }
        arguments.Add("CancellationToken stop = default");
        string target = queries.Count == 0 ? $"$\"{route}\"" : $"Query($\"{route}\", {string.Join(", ", queries)})";
        (string result, string accept) = Answer(operation, schemas);
        string call = accept == "application/json" ? $"ReadAsync<{result}>(HttpMethod.{Capital(method)}, {target}, {body}, {key}, stop)" : $"TextAsync(HttpMethod.{Capital(method)}, {target}, {body}, \"{accept}\", {key}, stop)";
        Says(source, "    ", $"{(string?)operation["summary"]}.{((string?)operation["description"] is { } more ? $" {more}" : "")}");
        source.Append($"    public Task<{result}> {Name(path, method)}({string.Join(", ", arguments)}) =>\n        {call};\n\n");
    }

    // Where the answers of success differ in type the caller looks at the JSON.
    private static (string Type, string Accept) Answer(JsonNode operation, JsonObject schemas)
    {
        string accept = "application/json";
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string status, JsonNode? answer) in operation["responses"]!.AsObject())
        {
            if (!status.StartsWith('2') || answer!["content"] is not JsonObject content) continue;
            (string media, JsonNode? of) = content.First();
            accept = media;
            types.Add(media == "application/json" ? TypeOf(of!["schema"]!, schemas).TrimEnd('?') : "string");
        }
        return types.Count == 1 ? (types.First(), accept) : ("JsonNode", "application/json");
    }

    // "GET /v1/accounts/{number}" is GetAccountsByNumberAsync.
    private static string Name(string path, string method)
    {
        var name = new StringBuilder(Capital(method));
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "v1") continue;
            if (part.StartsWith('{')) name.Append("By").Append(Capital(part.Trim('{', '}')));
            else foreach (string word in part.Split('-', '_')) name.Append(Capital(word));
        }
        return name.Append("Async").ToString();
    }

    private static void Type(StringBuilder source, string name, JsonNode schema, JsonObject schemas)
    {
        if (schema["enum"] is JsonArray words)
        {
            source.Append('\n');
            Says(source, "", (string?)schema["description"]);
            source.Append($"public enum {name} {{ {string.Join(", ", words.Select(static w => (string)w!))} }}\n");
            return;
        }
        if (schema["properties"] is not JsonObject properties) return;
        HashSet<string> required = [.. schema["required"]?.AsArray().Select(static r => (string)r!) ?? []];
        source.Append('\n');
        Says(source, "", (string?)schema["description"]);
        source.Append($"public sealed record {name}\n{{\n");
        foreach ((string property, JsonNode? of) in properties)
        {
            string type = TypeOf(of!, schemas);
            bool needed = required.Contains(property);
            // "Never" and "nowhere" are null, whatever the document requires.
            if ((!needed || type == "DateTimeOffset") && !type.EndsWith('?')) type += "?";
            Says(source, "    ", (string?)of!["description"]);
            source.Append($"    public {(needed && !type.EndsWith('?') ? "required " : "")}{type} {Capital(property)} {{ get; init; }}\n");
        }
        source.Append("}\n");
    }

    private static string TypeOf(JsonNode schema, JsonObject schemas)
    {
        if (schema["$ref"] is { } reference)
        {
            string name = ((string)reference!).Split('/')[^1];
            JsonNode target = schemas[name]!;
            return target["properties"] is not null || target["enum"] is not null ? name : TypeOf(target, schemas);
        }
        if (schema["oneOf"] is JsonArray choices) return TypeOf(choices.First(static c => (string?)(c!["type"] as JsonValue) != "null")!, schemas).TrimEnd('?') + "?";
        string[] types = schema["type"] switch
        {
            JsonArray several => [.. several.Select(static t => (string)t!)],
            JsonValue one => [(string)one!],
            _ => [],
        };
        string format = (string?)schema["format"] ?? "";
        string type = types.FirstOrDefault(static t => t != "null") switch
        {
            "string" => format switch { "date-time" => "DateTimeOffset", "decimal" => "decimal", _ => "string" },
            "integer" => format == "int64" ? "long" : "int",
            "number" => "double",
            "boolean" => "bool",
            "array" => $"IReadOnlyList<{TypeOf(schema["items"]!, schemas)}>",
            "object" when schema["additionalProperties"] is JsonObject values => $"IReadOnlyDictionary<string, {TypeOf(values, schemas)}>",
            _ => "JsonNode",
        };
        return types.Contains("null") ? type + "?" : type;
    }

    private static void Says(StringBuilder source, string indent, string? says)
    {
        if (!string.IsNullOrWhiteSpace(says)) source.Append($"{indent}/// <summary>{says.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).ReplaceLineEndings(" ")}</summary>\n");
    }

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static string Word(string name) => "@" + name;
}
