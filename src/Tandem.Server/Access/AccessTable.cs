using System.Collections.Frozen;
using Tandem.Server.WebApi;

namespace Tandem.Server.Access;

/// <summary>How an endpoint is cut to what is a tenant's.</summary>
public enum TenantRule
{
    /// <summary>Tenants have no business there.</summary>
    Refused,
    /// <summary>It is of himself.</summary>
    Self,
    /// <summary>The account is {number} of the path: another is answered as one that does not exist.</summary>
    AccountInPath,
    /// <summary>The account is the parameter 'account': left out, his own; another is refused.</summary>
    AccountInQuery,
    /// <summary>The endpoint shows what is in the asker's scope and nothing else.</summary>
    Filtered,
}

/// <param name="Needs">Of an operator.</param>
/// <param name="Tenant">For agents and customers.</param>
/// <param name="Query">Parameters a tenant may use; another could ask about what he is not shown.</param>
public sealed record AccessRow(Permission Needs, TenantRule Tenant = TenantRule.Refused, params string[] Query)
{
    /// <summary>It is the account's whole, which is not for one of its devices.</summary>
    public bool IsNotForDevices { get; init; }

    /// <summary>Its answer holds a secret that is told once.</summary>
    public bool TellsSecret { get; init; }
}

/// <summary>
/// Who may use which endpoint: the one place that says so. An endpoint without a row is refused to everybody, the administrator included.
/// </summary>
public static class AccessTable
{
    // Without minCost and maxCost: a carrier would learn by them what its calls are sold for.
    private static readonly string[] CdrParameters = ["account", "since", "until", "caller", "callee", "answered", "endReason", "endDirection", "minSeconds", "maxSeconds", "limit", "cursor"];
    private static readonly string[] MoneyParameters = ["account", "since", "until", "limit", "cursor"];

    public static readonly FrozenDictionary<string, AccessRow> Rows = new Dictionary<string, AccessRow>(StringComparer.Ordinal)
    {
        ["GET /health"] = new(Permission.Open),
        ["POST /v1/login"] = new(Permission.Open),

        ["GET /v1/me"] = new(Permission.Self, TenantRule.Self),
        ["POST /v1/me/password"] = new(Permission.Self, TenantRule.Self),
        ["POST /v1/me/totp"] = new(Permission.Self, TenantRule.Self) { TellsSecret = true },
        ["POST /v1/me/totp/confirm"] = new(Permission.Self, TenantRule.Self),
        ["POST /v1/me/totp/removal"] = new(Permission.Self, TenantRule.Self),
        ["POST /v1/logout"] = new(Permission.Self, TenantRule.Self),
        ["GET /v1/sessions"] = new(Permission.Self, TenantRule.Self),
        ["DELETE /v1/sessions/{id}"] = new(Permission.Self, TenantRule.Self),

        ["GET /v1/accounts"] = new(Permission.See, TenantRule.Filtered),
        ["GET /v1/accounts/{number}"] = new(Permission.See, TenantRule.AccountInPath),
        ["GET /v1/calls"] = new(Permission.See, TenantRule.Filtered),
        ["GET /v1/cdrs"] = new(Permission.See, TenantRule.AccountInQuery, CdrParameters),
        ["GET /v1/cdrs/{id}"] = new(Permission.See, TenantRule.Filtered),
        ["GET /v1/payments"] = new(Permission.See, TenantRule.AccountInQuery, MoneyParameters) { IsNotForDevices = true },
        ["GET /v1/consumptions"] = new(Permission.See, TenantRule.AccountInQuery, MoneyParameters) { IsNotForDevices = true },
        ["GET /v1/packages"] = new(Permission.See, TenantRule.AccountInQuery, "account", "limit", "cursor") { IsNotForDevices = true },
        ["GET /v1/events"] = new(Permission.See, TenantRule.Filtered),
        ["GET /v1/registrations"] = new(Permission.See, TenantRule.Filtered),

        ["GET /v1/packages/{id}"] = new(Permission.See),
        ["GET /v1/configuration"] = new(Permission.See),
        ["GET /v1/why/{id}"] = new(Permission.See),
        ["GET /v1/route"] = new(Permission.See),
        ["POST /v1/what-if"] = new(Permission.See),
        ["GET /v1/jobs"] = new(Permission.See),
        ["GET /v1/jobs/{id}"] = new(Permission.See),
        ["GET /v1/quality"] = new(Permission.See),
        ["GET /v1/gateways"] = new(Permission.See),
        ["GET /v1/trunks"] = new(Permission.See),
        ["GET /v1/blocked"] = new(Permission.See),
        ["GET /v1/blacklist"] = new(Permission.See),
        ["GET /v1/ported-numbers"] = new(Permission.See),
        ["GET /v1/ported-numbers/{number}"] = new(Permission.See),
        ["GET /v1/cdrs/sums"] = new(Permission.See),
        ["GET /v1/cdrs/analysis"] = new(Permission.See),
        ["GET /v1/cdrs/export"] = new(Permission.See),
        ["GET /v1/available-time"] = new(Permission.See),
        ["GET /v1/decks"] = new(Permission.See),
        ["GET /v1/decks/{name}/versions"] = new(Permission.See),
        ["GET /v1/decks/{name}/rates"] = new(Permission.See),
        ["GET /v1/deck-reports"] = new(Permission.See),
        ["GET /v1/deck-reports/{id}"] = new(Permission.See),
        ["GET /v1/deck-reports/{id}/lines"] = new(Permission.See),
        ["GET /v1/deck-templates"] = new(Permission.See),
        ["GET /v1/deck-versions/{version}/difference"] = new(Permission.See),
        ["GET /v1/settings"] = new(Permission.See),
        ["GET /v1/settings/history"] = new(Permission.See),
        ["GET /v1/settings/difference"] = new(Permission.See),
        ["GET /v1/settings/{name}"] = new(Permission.See),
        ["GET /v1/settings/{name}/history"] = new(Permission.See),
        ["GET /v1/alarms"] = new(Permission.See),
        ["GET /v1/check"] = new(Permission.See),
        ["GET /v1/journal"] = new(Permission.See),
        ["GET /v1/status"] = new(Permission.See),
        ["GET /v1/audit"] = new(Permission.See),
        ["GET /v1/pending-payments"] = new(Permission.See),

        ["DELETE /v1/calls/{id}"] = new(Permission.Operate),
        ["POST /v1/callbacks"] = new(Permission.Operate),
        ["POST /v1/callbacks/reservations"] = new(Permission.Operate),
        ["POST /v1/calls/{id}/recording"] = new(Permission.Operate),
        ["DELETE /v1/calls/{id}/recording"] = new(Permission.Operate),
        ["DELETE /v1/blocked/{who}"] = new(Permission.Operate),
        ["DELETE /v1/blacklist/{number}"] = new(Permission.Operate),
        ["POST /v1/alarms/{id}/confirm"] = new(Permission.Operate),
        ["DELETE /v1/jobs/{id}"] = new(Permission.See),

        ["POST /v1/payments"] = new(Permission.Money),
        ["POST /v1/payments/batch"] = new(Permission.Money),
        ["POST /v1/payments/{payment}/reversal"] = new(Permission.Money),
        ["POST /v1/pending-payments/{id}/confirm"] = new(Permission.Money),
        ["POST /v1/pending-payments/{id}/refuse"] = new(Permission.Money),
        ["POST /v1/accounts/{number}/zero"] = new(Permission.Money),
        ["DELETE /v1/packages/{id}"] = new(Permission.Money),
        ["POST /v1/cards"] = new(Permission.Money | Permission.Set) { TellsSecret = true },
        ["POST /v1/cards/use"] = new(Permission.Money),
        ["POST /v1/external-calls"] = new(Permission.Money),
        ["POST /v1/decks"] = new(Permission.Money),
        ["POST /v1/deck-reports"] = new(Permission.Money),
        ["POST /v1/deck-reports/{id}/apply"] = new(Permission.Money),
        ["POST /v1/decks/{name}/assignments"] = new(Permission.Money),
        ["POST /v1/rerate"] = new(Permission.Money),

        // What stands in a document is looked at besides: AccessGate.SectionsOf.
        ["POST /v1/apply"] = new(Permission.Configure),
        ["POST /v1/ported-numbers"] = new(Permission.Configure),
        ["DELETE /v1/ported-numbers"] = new(Permission.Configure),
        ["POST /v1/passwords"] = new(Permission.Configure) { TellsSecret = true },

        ["POST /v1/settings/revert"] = new(Permission.Set),
        ["PUT /v1/settings/{name}"] = new(Permission.Set),
        ["POST /v1/audit/{revision}/undo"] = new(Permission.Set),

        ["GET /v1/users"] = new(Permission.Users),
        ["GET /v1/users/{name}"] = new(Permission.Users),
        ["POST /v1/users"] = new(Permission.Users) { TellsSecret = true },
        ["PUT /v1/users/{name}"] = new(Permission.Users) { TellsSecret = true },
        ["DELETE /v1/users/{name}"] = new(Permission.Users),
        ["GET /v1/keys"] = new(Permission.Users),
        ["GET /v1/keys/{id}"] = new(Permission.Users),
        ["POST /v1/keys"] = new(Permission.Users) { TellsSecret = true },
        ["DELETE /v1/keys/{id}"] = new(Permission.Users),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Sections of a document for whoever may configure but not administrate: none holds money, prices or access.</summary>
    public static readonly FrozenSet<string> RoutingSections = FrozenSet.ToFrozenSet(
    [
        "mappingGateways", "routingGateways", "gatewayGroups", "phones", "numberGroups", "numberLists", "areas", "mobileAreas", "numberTransforms", "ipLimits", "calendarDays", "phoneBook", "ivrAudios",
    ], StringComparer.Ordinal);

    /// <summary>What has a door of its own, or is documentation.</summary>
    public static bool IsOutside(PathString path) =>
        WebApiEndpoint.Owns(path) || path.StartsWithSegments("/docs", StringComparison.Ordinal) || path.StartsWithSegments("/openapi", StringComparison.Ordinal);

    /// <summary>The row of what routing chose; null: there is none, and nobody may.</summary>
    public static AccessRow? Of(string method, string? pattern) => Rows.GetValueOrDefault($"{(method == "HEAD" ? "GET" : method)} {pattern}");
}
