using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>What the OpenAPI document must be told: the values that stand as texts in JSON, the types of query parameters, the bearer token.</summary>
internal static class ApiDescription
{
    private const string Scheme = "token";

    private static readonly Dictionary<Type, (string Format, string Says)> Texts = new()
    {
        [typeof(Money)] = ("decimal", "An exact amount, at most nine decimals: \"0.0125\"."),
        [typeof(Instant)] = ("date-time", "RFC 3339, UTC."),
        [typeof(CallId)] = ("call-id", "Thirteen letters and digits; sorts by time."),
        [typeof(Currency)] = ("currency", "Three capital letters, as in USD."),
        [typeof(NetAddress)] = ("address", "192.0.2.1:5060 or [2001:db8::1]:5060."),
    };

    private static readonly Dictionary<string, (JsonSchemaType Type, string? Format)> Parameters = new(StringComparer.Ordinal)
    {
        ["since"] = (JsonSchemaType.String, "date-time"),
        ["until"] = (JsonSchemaType.String, "date-time"),
        ["answered"] = (JsonSchemaType.Boolean, null),
        ["dryRun"] = (JsonSchemaType.Boolean, null),
        ["limit"] = (JsonSchemaType.Integer, "int32"),
        ["endReason"] = (JsonSchemaType.Integer, "int32"),
        ["endDirection"] = (JsonSchemaType.Integer, "int32"),
        ["minSeconds"] = (JsonSchemaType.Integer, "int32"),
        ["maxSeconds"] = (JsonSchemaType.Integer, "int32"),
        ["minCalls"] = (JsonSchemaType.Integer, "int32"),
        ["mask"] = (JsonSchemaType.Boolean, null),
    };

    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Type type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
            if (!Texts.TryGetValue(type, out (string Format, string Says) text)) return Task.CompletedTask;
            schema.Type = type == typeof(NetAddress) ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
            schema.Format = text.Format;
            schema.Description = text.Says;
            schema.Properties?.Clear();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            foreach ((string name, string says) in context.Description.ActionDescriptor.EndpointMetadata.OfType<PagedList>().SelectMany(static list => list.Parameters))
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = says, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
            }
            foreach (IOpenApiParameter parameter in operation.Parameters ?? [])
            {
                if (parameter is OpenApiParameter { In: ParameterLocation.Query, Name: { } name } query && Parameters.TryGetValue(name, out (JsonSchemaType Type, string? Format) known))
                    query.Schema = new OpenApiSchema { Type = known.Type, Format = known.Format };
            }
            foreach (IOpenApiResponse response in operation.Responses?.Values.AsEnumerable() ?? [])
            {
                if (response.Content?.TryGetValue("text/plain", out OpenApiMediaType? page) == true) page.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
            }
            if (context.Description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true && context.Description.RelativePath != "v1/login")
            {
                operation.Security ??= [];
                operation.Security.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] });
            }
            if (context.Description.HttpMethod is "POST" or "PUT" or "DELETE" && context.Description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true && context.Description.RelativePath != "v1/login")
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = Idempotency.IdempotencyGate.Header, In = ParameterLocation.Header, Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
                    Description = "The same request with the same key is done once; whoever sends it again gets the first answer again.",
                });
            }
            if (context.Description.HttpMethod is { } method) Tags(operation, method, $"/{context.Description.RelativePath}");
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Tandem",
                Version = "v1",
                Description = string.Create(CultureInfo.InvariantCulture, $"The switch, as operators and programs see it. Every refusal is an RFC 9457 problem with 'errors' naming line and field."),
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The token of a session (POST /v1/login), an API key, or the one in the file admin.token of the data folder.",
            };
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer(static (document, context, stop) => ResultsAsync(document, context, stop));
    }

    /// <summary>A job's result is one of these.</summary>
    private static async Task ResultsAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken stop)
    {
        if (document.Components?.Schemas is not { } schemas || !schemas.TryGetValue(nameof(JobView), out IOpenApiSchema? job) || job is not OpenApiSchema { Properties: { } properties }) return;
        List<IOpenApiSchema> results = [new OpenApiSchema { Type = JsonSchemaType.Null }];
        foreach (Type type in JobView.Results) results.Add(await NamedAsync(type));
        properties["result"] = new OpenApiSchema { OneOf = results, Description = "The answer, as 'what' says; null until it is done." };

        // No request is answered with them, so nothing else gives them names: they, and the rows in their lists.
        async Task<IOpenApiSchema> NamedAsync(Type type)
        {
            if (!schemas.ContainsKey(type.Name))
            {
                OpenApiSchema schema = await context.GetOrCreateSchemaAsync(type, null, stop);
                foreach (PropertyInfo property in type.GetProperties())
                {
                    if (property.PropertyType is { IsGenericType: true, GenericTypeArguments: [{ IsClass: true } row] } && row.Namespace == type.Namespace
                        && schema.Properties!.TryGetValue(JsonNamingPolicy.CamelCase.ConvertName(property.Name), out IOpenApiSchema? of) && of is OpenApiSchema { Items: not null } list) list.Items = await NamedAsync(row);
                }
                document.AddComponent(type.Name, schema);
            }
            return new OpenApiSchemaReference(type.Name, document);
        }
    }

    /// <summary>As <see cref="TagTable"/> says.</summary>
    private static void Tags(OpenApiOperation operation, string method, string pattern)
    {
        bool reads = method == "GET" && TagTable.IsTagged(pattern), writes = TagTable.HeldAgainst(method, pattern) is not null;
        if (!reads && !writes) return;
        operation.Parameters ??= [];
        operation.Responses ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = reads ? "If-None-Match" : "If-Match", In = ParameterLocation.Header, Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            Description = reads ? "An ETag as it came: 304 when it is still as it was then." : $"The ETag of GET {TagTable.HeldAgainst(method, pattern)} as it came, or *: 412 when it is another by now.{(TagTable.NeedsIfMatch(method) ? " Needed: 428 without it." : "")}",
        });
        if (TagTable.AnswersTag(method, pattern) && operation.Responses.TryGetValue("200", out IOpenApiResponse? answer) && answer is OpenApiResponse ok)
        {
            ok.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            ok.Headers["ETag"] = new OpenApiHeader { Description = "The tag of what is answered.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }
        if (reads) operation.Responses["304"] = new OpenApiResponse { Description = "It is as it was when that tag was given." };
        if (writes) operation.Responses["412"] = new OpenApiResponse { Description = "It is another than that tag's; nothing was done." };
        if (writes && TagTable.NeedsIfMatch(method)) operation.Responses["428"] = new OpenApiResponse { Description = "If-Match is missing; nothing was done." };
    }
}
