using Tandem.Primitives;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;

namespace Tandem.Server.Api;

/// <summary>What is decided of numbers, in words.</summary>
internal static class NumberWords
{
    public static string Of(RouteVerdict verdict) => verdict switch
    {
        RouteVerdict.CallerPrefix => "does not take calling numbers that begin so (callinCallerPrefixes)",
        RouteVerdict.CalleePrefix => "does not take called numbers that begin so (callinCalleePrefixes)",
        RouteVerdict.CallerLength => "does not take calling numbers of this length (callerAllowLength)",
        RouteVerdict.CalleeLength => "does not take called numbers of this length (calleeAllowLength)",
        RouteVerdict.CallerGroup => "has number groups that do not permit the calling number",
        RouteVerdict.CalleeGroup => "has number groups that do not permit the called number",
        RouteVerdict.CalleeKind => "does not take such numbers (calleeE164Restrict)",
        RouteVerdict.CallerBlackListed => "has the calling number on a black list",
        RouteVerdict.CalleeBlackListed => "has the called number on a black list",
        RouteVerdict.CallerMalicious => "has the calling number on its dynamic black list: too many calls",
        RouteVerdict.CallerConcurrent => "has the calling number on its dynamic black list: too many calls at once",
        RouteVerdict.CalleeNoAnswer => "has the called number on its dynamic black list: never answered",
        RouteVerdict.CallerPoolUsedUp => "has every number of its pool of calling numbers in use",
        _ => verdict.ToString(),
    };

    public static string Refused(string number, string by, Refusal refusal) => refusal switch
    {
        Refusal.CallerBlackListed or Refusal.CalleeBlackListed => $"{number} is on the black list {by}.",
        Refusal.CallerGroup or Refusal.CalleeGroup => by.Length > 0 ? $"{number} is in the number group {by}, which forbids it." : $"{number} is in none of the number groups that are permitted.",
        Refusal.CallerMalicious or Refusal.CallerConcurrent or Refusal.CalleeNoAnswer => $"{number} is on the dynamic black list{(by.Length > 0 ? $" of {by}" : "")}.",
        _ => $"{(number.Length > 0 ? number : "A call without a number")} is not permitted: {refusal.Meaning().Says}",
    };

    public static string Ported(string number, string routing, LrnSource source)
    {
        string by = source switch { LrnSource.Table => "by the local table", LrnSource.Cache => "by an earlier answer of the server", _ => "by the server" };
        return routing.Length == 0 ? $"{number} was not ported, {by}." : $"{number} was ported: it is routed and priced as {routing}, {by}.";
    }

    public static string AreaOf(string code) => code.Length == 0 ? "no known area" : $"area {code}";

    public static string Level(long level) => ((CallLevel)level).ToString().ToLowerInvariant();
}
