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
        using System.Text.Json;
        using System.Text.Json.Nodes;
        using System.Text.Json.Serialization;

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
            // What has no type in the document is sent as it is.
            (string media, JsonNode? of) = content.First();
            string type = content.Count == 1 && media == "application/json" ? TypeOf(of!["schema"]!, schemas).TrimEnd('?') : "JsonNode";
            arguments.Add($"{(type == "JsonNode" ? "HttpContent" : type)} body");
            body = type == "JsonNode" ? "body" : "Body(body)";
        }
        var queries = new List<string>();
        foreach (JsonNode parameter in parameters.Where(static p => (string)p["in"]! == "query"))
        {
            string name = (string)parameter["name"]!;
            arguments.Add($"{TypeOf(parameter["schema"]!, schemas).TrimEnd('?')}? {Word(name)} = null");
            queries.Add($"(\"{name}\", {Word(name)})");
        }
        var headers = new List<string>();
        foreach (JsonNode parameter in parameters.Where(static p => (string)p["in"]! == "header"))
        {
            string name = (string)parameter["name"]!, argument = Argument(name);
            arguments.Add($"string? {argument} = null");
            headers.Add($"(\"{name}\", {argument})");
        }
        string target = queries.Count == 0 ? $"$\"{route}\"" : $"Query($\"{route}\", {string.Join(", ", queries)})";
        string asks = $"HttpMethod.{Capital(method)}, {target}, {body}, [{string.Join(", ", headers)}]";
        string says = $"{(string?)operation["summary"]}.{((string?)operation["description"] is { } more ? $" {more}" : "")}";
        JsonObject[] answers = [.. operation["responses"]!.AsObject().Where(static r => r.Key.StartsWith('2')).Select(static r => r.Value!.AsObject())];
        bool tagged = answers.Any(static a => a["headers"]?["ETag"] is not null);
        foreach (IGrouping<string, JsonNode> of in answers.SelectMany(static a => a["content"]?.AsObject() ?? []).GroupBy(static c => c.Key, static c => c.Value!, StringComparer.Ordinal))
        {
            (string result, string suffix, string call) = of.Key switch
            {
                "application/json" => (AnswerOf(of, schemas), "", $"ReadAsync<{AnswerOf(of, schemas)}>({asks}, stop{(tagged ? ", head" : "")})"),
                "text/plain" => ("string", "Text", $"TextAsync({asks}, stop)"),
                "text/event-stream" => ("", "", $"EventsAsync({target}, [{string.Join(", ", headers)}], stop)"),
                _ => ("TandemDownload", "", $"DownloadAsync({asks}, stop)"),
            };
            string[] last = tagged && of.Key == "application/json" ? ["AnswerHead? head = null", "CancellationToken stop = default"] : ["CancellationToken stop = default"];
            Says(source, "    ", says);
            source.Append($"    public {(result.Length == 0 ? "IAsyncEnumerable<TandemEvent>" : $"Task<{result}>")} {Name(path, method)}{suffix}Async({string.Join(", ", [.. arguments, .. last])}) =>\n        {call};\n\n");
        }
    }

    // Where the answers of success differ in type the caller looks at the JSON.
    private static string AnswerOf(IEnumerable<JsonNode> answers, JsonObject schemas)
    {
        string[] types = [.. answers.Select(a => TypeOf(a["schema"]!, schemas).TrimEnd('?')).Distinct(StringComparer.Ordinal)];
        return types.Length == 1 ? types[0] : "JsonNode";
    }

    // "Idempotency-Key" is idempotencyKey.
    private static string Argument(string header)
    {
        string name = string.Concat(header.Split('-').Select(static w => Capital(w.ToLowerInvariant())));
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    // "GET /v1/accounts/{number}" is GetAccountsByNumber.
    private static string Name(string path, string method)
    {
        var name = new StringBuilder(Capital(method));
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "v1") continue;
            if (part.StartsWith('{')) name.Append("By").Append(Capital(part.Trim('{', '}')));
            else foreach (string word in part.Split('-', '_')) name.Append(Capital(word));
        }
        return name.ToString();
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
        bool request = name.EndsWith("Request", StringComparison.Ordinal);
        bool page = !request && properties["next"] is JsonNode next && TypeOf(next, schemas) == "string?" && properties.Any(p => IsList(p.Value!, schemas));
        source.Append($"public sealed record {name}{(page ? $" : IPage<{name}>" : "")}\n{{\n");
        foreach ((string property, JsonNode? of) in properties)
        {
            string type = TypeOf(of!, schemas);
            bool needed = required.Contains(property);
            // "Never" and "nowhere" are null, whatever the document requires.
            if ((!needed || type == "DateTimeOffset") && !type.EndsWith('?')) type += "?";
            Says(source, "    ", (string?)of!["description"]);
            source.Append($"    public {(needed && !type.EndsWith('?') ? "required " : "")}{type} {Capital(property)} {{ get; init; }}\n");
        }
        if (!request) source.Append("    /// <summary>What a newer switch says besides.</summary>\n    [JsonExtensionData]\n    public IDictionary<string, JsonElement>? Besides { get; init; }\n");
        if (page) source.Append($"    public {name} And({name} further) => this with {{ {string.Concat(properties.Where(p => IsList(p.Value!, schemas)).Select(static p => $"{Capital(p.Key)} = [.. {Capital(p.Key)}, .. further.{Capital(p.Key)}], "))}Next = further.Next }};\n");
        source.Append("}\n");
    }

    private static bool IsList(JsonNode schema, JsonObject schemas) => TypeOf(schema, schemas).StartsWith("IReadOnlyList<", StringComparison.Ordinal);

    private static string TypeOf(JsonNode schema, JsonObject schemas)
    {
        if (schema["$ref"] is { } reference)
        {
            string name = ((string)reference!).Split('/')[^1];
            JsonNode target = schemas[name]!;
            return target["properties"] is not null || target["enum"] is not null ? name : TypeOf(target, schemas);
        }
        if (schema["oneOf"] is JsonArray { Count: > 2 }) return "JsonNode?"; // which, its reader knows
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
