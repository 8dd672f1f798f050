using System.Collections.Frozen;

namespace Tandem.Server.Api;

/// <summary>
/// Which answers carry an entity tag, and which writes are held against which (docs/api.md, Tags): the one place that says so. A write is held against its own path's GET where that has a tag;
/// a request that changes the configuration in another way than by its path, against the configuration's.
/// </summary>
internal static class TagTable
{
    public const string Configuration = "/v1/configuration";

    private static readonly FrozenSet<string> Singles = FrozenSet.ToFrozenSet([Configuration, "/v1/me", "/v1/ported-numbers"], StringComparer.Ordinal);

    private static readonly FrozenSet<string> Configuring = FrozenSet.ToFrozenSet(
        ["POST /v1/apply", "POST /v1/settings/revert", "POST /v1/audit/{revision}/undo", "POST /v1/decks", "POST /v1/deck-reports/{id}/apply"], StringComparer.Ordinal);

    private static readonly FrozenSet<string> Ids = FrozenSet.ToFrozenSet(
        ["/v1/accounts/{number}", "/v1/cdrs/{id}", "/v1/deck-reports/{id}", "/v1/jobs/{id}", "/v1/keys/{id}", "/v1/packages/{id}", "/v1/ported-numbers/{number}", "/v1/settings/{name}", "/v1/users/{name}", "/v1/why/{id}"], StringComparer.Ordinal);

    /// <summary>What GET answers there is one resource, and carries its tag.</summary>
    public static bool IsTagged(string pattern) => Singles.Contains(pattern) || Ids.Contains(pattern);

    /// <summary>The pattern of the GET whose tag If-Match of a write means; null: there is none, and If-Match is refused.</summary>
    public static string? HeldAgainst(string method, string pattern) =>
        Configuring.Contains($"{method} {pattern}") ? Configuration : method is "PUT" or "DELETE" && IsTagged(pattern) ? pattern : null;

    /// <summary>The write replaces what is there, and must say what that is: without If-Match it is refused with 428.</summary>
    public static bool NeedsIfMatch(string method) => method == "PUT";

    /// <summary>Its answer shows the resource as it is from then on, and carries the new tag.</summary>
    public static bool AnswersTag(string method, string pattern) => method == "GET" ? IsTagged(pattern) : method == "PUT" || $"{method} {pattern}" == "POST /v1/apply";
}
