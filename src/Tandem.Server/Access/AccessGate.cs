using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Access;

/// <summary>Stands behind routing and before every endpoint: who asks, and whether the table lets him (docs/users.md).</summary>
internal sealed class AccessGate(TokenBook tokens, AccessBook book, LoginGuard guard, ApiParts parts)
{
    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        if (AccessTable.IsOutside(http.Request.Path))
        {
            await next(http);
            return;
        }
        var endpoint = http.GetEndpoint() as RouteEndpoint; // null where there is nothing, or not for this method
        AccessRow? row = endpoint is null ? null : AccessTable.Of(http.Request.Method, endpoint.RoutePattern.RawText);
        if (row is { Needs: Permission.Open })
        {
            await next(http);
            return;
        }
        if (await IdentifyAsync(http) is not { } identified) return;
        Asker asker = identified.At(parts.Control.InForce.Configuration);
        asker.Into(http);
        http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, asker.Name)], "token"));
        if (endpoint is not null && Refusal(http, row, asker) is { } refused)
        {
            await Problems.WriteAsync(http, refused.Status, refused.Says);
            return;
        }
        await next(http);
    }

    /// <summary>Why the asker may not; null: he may. A tenant's query is narrowed to his account here.</summary>
    private (int Status, string Says)? Refusal(HttpContext http, AccessRow? row, Asker asker)
    {
        if (row is null) return (StatusCodes.Status403Forbidden, "the switch does not know who may do this, so nobody may");
        if (!asker.Role.IsTenant()) return (asker.Role.May() & row.Needs) == row.Needs ? null : (StatusCodes.Status403Forbidden, $"{asker.Name} is {Word(asker.Role)} and may not do this: it needs {Word(row.Needs)}");
        SwitchConfiguration configuration = parts.Control.InForce.Configuration;
        if (asker.Account is null && row.Tenant != TenantRule.Self) return (StatusCodes.Status403Forbidden, $"{asker.Name} is {asker.Device}, which is not there any more or has no account");
        if (asker.Device is not null && row.IsNotForDevices) return (StatusCodes.Status403Forbidden, $"{asker.Name} is one device of account {asker.Account}, and this is of the whole account");
        switch (row.Tenant)
        {
            case TenantRule.Self or TenantRule.Filtered:
                return null;
            case TenantRule.AccountInPath:
                return http.Request.RouteValues["number"] is string number && asker.Sees(number, configuration) ? null : (StatusCodes.Status404NotFound, $"There is no account {http.Request.RouteValues["number"]}.");
            case TenantRule.AccountInQuery:
                if (http.Request.Query.Keys.FirstOrDefault(k => !row.Query.Contains(k)) is { } other) return (StatusCodes.Status403Forbidden, $"{asker.Name} may not ask by '{other}'; there are {string.Join(", ", row.Query)}");
                Microsoft.Extensions.Primitives.StringValues named = http.Request.Query["account"];
                if (named.Count > 1 || named.Any(a => !string.IsNullOrEmpty(a) && !asker.Sees(a, configuration))) return (StatusCodes.Status403Forbidden, $"{asker.Name} may not see that account");
                if (named.Count == 0 || string.IsNullOrEmpty(named[0])) http.Request.QueryString = Narrowed(http, asker.Account!);
                return null;
            default:
                return (StatusCodes.Status403Forbidden, $"{asker.Name} is {Word(asker.Role)} and has no business here");
        }
    }

    private static QueryString Narrowed(HttpContext http, string account)
    {
        var query = new QueryBuilder(http.Request.Query.Where(static p => p.Key != "account")) { { "account", account } };
        return query.ToQueryString();
    }

    /// <summary>What of a document the asker may not apply; null: nothing, or it is no document, which apply says better.</summary>
    public static string? SectionsOf(ReadOnlyMemory<byte> document, Asker? asker)
    {
        if (asker is null || (asker.Role.May() & Permission.Set) != 0) return null;
        try
        {
            using JsonDocument read = JsonDocument.Parse(document, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (read.RootElement.ValueKind != JsonValueKind.Object) return null;
            foreach (JsonProperty section in read.RootElement.EnumerateObject())
            {
                if (section.NameEquals("remove") && section.Value.ValueKind == JsonValueKind.Object)
                {
                    foreach (JsonProperty removed in section.Value.EnumerateObject())
                    {
                        if (!AccessTable.RoutingSections.Contains(removed.Name)) return Says(removed.Name);
                    }
                }
                else if (!AccessTable.RoutingSections.Contains(section.Name)) return Says(section.Name);
            }
            return null;
        }
        catch (JsonException)
        {
            return "the document is not JSON";
        }

        string Says(string section) => $"{asker.Name} is {Word(asker.Role)} and may not change '{section}'";
    }

    private async Task<Asker?> IdentifyAsync(HttpContext http)
    {
        IPAddress from = http.Connection.RemoteIpAddress ?? IPAddress.None;
        string? header = http.Request.Headers.Authorization;
        if (header?.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) == true)
        {
            string token = header["Bearer ".Length..].Trim();
            Asker? asker = tokens.Who(token) is { } name ? new Asker(name, Role.Administrator, null, name, null) : book.Who(token, parts.Now());
            if (asker is not null)
            {
                guard.Passed(from);
                return asker;
            }
        }
        if (header is not null && guard.Blocked(from, parts.Now()) is { Ticks: > 0 } left)
        {
            await TellBlockedAsync(http, from, left);
            return null;
        }
        if (header is not null) guard.Failed(from, parts.Authentication().LoginFailedDisable, parts.Now());
        http.Response.Headers.WWWAuthenticate = "Bearer";
        await Problems.WriteAsync(http, StatusCodes.Status401Unauthorized, header is null
            ? $"a bearer token is needed; the operator's is in the file {TokenBook.AdminFile} of the data folder"
            : "the bearer token is nobody's, or its session is over");
        return null;
    }

    internal static Task TellBlockedAsync(HttpContext http, IPAddress from, TimeSpan left)
    {
        string seconds = Math.Ceiling(left.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers.RetryAfter = seconds;
        return Problems.WriteAsync(http, StatusCodes.Status429TooManyRequests, $"{LoginGuard.MostTries} wrong tokens or passwords came from {from}: another is not looked at for {seconds} s (SERVER_LOGIN_FAILED_DISABLE_TIME)");
    }

    private static string Word(Enum word) => JsonNamingPolicy.CamelCase.ConvertName(word.ToString());
}
