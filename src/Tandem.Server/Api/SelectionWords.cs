using Tandem.Primitives;
using Tandem.Switching.Routing;

namespace Tandem.Server.Api;

/// <summary>What route selection found, in words.</summary>
internal static class SelectionWords
{
    public static string Of(RouteVerdict verdict) => verdict switch
    {
        RouteVerdict.PeriodClosed => "does not take one of the numbers at this time of the week (scheduledCallinPrefixes)",
        RouteVerdict.PairDenied => "does not take this pair of numbers (denyCallerCallee)",
        RouteVerdict.GroupFull => "is in a gateway group that has every line in use",
        RouteVerdict.GroupReserved => "leaves the last lines of its gateway group to others (reservedLines)",
        RouteVerdict.PaceReached => "got as many calls in this second as it may (callsPerSecond)",
        RouteVerdict.NoCostRate => "has no rate for the number, and is used only where it has one (feerateRestrict)",
        RouteVerdict.ClearingMoney => "has too little money left in its clearing account",
        RouteVerdict.ProfitTooLow => "would bring in less than the lowest profit",
        RouteVerdict.CostTooHigh => "costs more a second than is permitted",
        RouteVerdict.CostUnknown => "has no cost in the payer's currency that profit or price could be judged by",
        RouteVerdict.ProtectTooLate => "is of the protect route, and SS_TRY_PROTECT_ROUTE_DELAY is over",
        _ => verdict.ToString(),
    };

    public static string Rank(string gateway, long cost, long answerRate, long samples, bool behind, Currency currency)
    {
        List<string> says = [];
        if (cost >= 0) says.Add($"costs {new Money(cost, currency)} a minute");
        if (answerRate >= 0) says.Add(samples > 0 ? $"answers {answerRate / 10.0:0.0} percent (of {samples} attempts)" : "has no attempts yet to be judged by");
        if (behind) says.Add("stands behind the others because its quality was too low");
        return $"{gateway} {string.Join(", ", says)}.";
    }
}
