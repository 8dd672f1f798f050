using System.Data.Common;
using System.Globalization;
using Tandem.Primitives;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>By what calls are told apart.</summary>
public enum AnalysisBy : byte { CallerGateway, CalleeGateway, Customer, Destination, Hour, EndReason, Day }

/// <summary>A question over the sums of hours.</summary>
/// <param name="By">One row for each of these.</param>
/// <param name="Since">On the hour.</param>
/// <param name="Until">On the hour; not included.</param>
/// <param name="MinCalls">Rows of fewer calls are left out: a rate of three calls says nothing.</param>
/// <param name="Pattern">Only rows that show it.</param>
public sealed record CdrAnalysis(AnalysisBy By, Instant Since, Instant Until, int MinCalls, FraudPattern Pattern)
{
    /// <summary>The called user decided, or was not there: the network did its part (docs/cdr.md "Analysis").</summary>
    private const string UserReasons = "200, 404, 410, 480, 484, 486, 487, 600, 603, 604";

    private string Column(CdrDialect dialect) => By switch
    {
        AnalysisBy.CallerGateway => "caller_gateway",
        AnalysisBy.CalleeGateway => "callee_gateway",
        AnalysisBy.Customer => "account",
        AnalysisBy.Destination => "area",
        AnalysisBy.EndReason => "end_reason",
        AnalysisBy.Day => dialect.Day,
        _ => dialect.Hour,
    };

    // Shares are compared without division: integers only.
    private string Having => Pattern switch
    {
        FraudPattern.ServerHangUps => $" AND sum({If("end_direction = 2", "calls")}) * 4 > sum(calls)",
        FraudPattern.ShortCalleeHangUps => $" AND sum({If("end_direction = 1", "short_calls")}) * 4 > sum(answered) AND sum(answered) > 0",
        _ => "",
    };

    internal string Sql(CdrDialect dialect) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT CAST({Column(dialect)} AS TEXT), {Sum("calls")}, {Sum("answered")}, {Sum("hold_millis")}, {Sum("pdd_calls")}, {Sum("pdd_millis")}, {Sum("short_calls")},
            {Sum(If("end_direction = 0", "calls"))}, {Sum(If("end_direction = 1", "calls"))}, {Sum(If("end_direction = 2", "calls"))},
            {Sum(If($"end_reason IN ({UserReasons})", "calls"))}, {Sum(If("end_direction = 1", "short_calls"))}
        FROM cdr_hours WHERE hour >= {Since.Micros} AND hour < {Until.Micros}
        GROUP BY 1 HAVING sum(calls) >= {MinCalls}{Having} ORDER BY sum(calls) DESC, 1
        """);

    private static string Sum(string of) => $"CAST(sum({of}) AS BIGINT)";

    private static string If(string condition, string then) => $"CASE WHEN {condition} THEN {then} ELSE 0 END";
}

/// <summary>Patterns that point to fraud or to a route that fakes.</summary>
public enum FraudPattern : byte
{
    None,
    /// <summary>More than a quarter of the calls were ended by the server.</summary>
    ServerHangUps,
    /// <summary>More than a quarter of the answered calls were hung up by the called end within six seconds.</summary>
    ShortCalleeHangUps,
}

/// <summary>One row: counts, and what they say.</summary>
public sealed record CdrAnalysisRow
{
    public required string Key { get; init; }
    public required long Calls { get; init; }
    public required long Answered { get; init; }
    public required long HoldMillis { get; init; }
    public required long ShortCalls { get; init; }
    public required long EndedByCaller { get; init; }
    public required long EndedByCallee { get; init; }
    public required long EndedByServer { get; init; }
    /// <summary>Answered within six seconds of its end, and the called end hung up.</summary>
    public required long ShortCalleeHangUps { get; init; }

    /// <summary>Answer-seizure ratio, percent.</summary>
    public required double Asr { get; init; }
    /// <summary>Average duration of answered calls, seconds.</summary>
    public required double Acd { get; init; }
    /// <summary>Average post-dial delay towards the called end, seconds; null when none was heard.</summary>
    public required double? Pdd { get; init; }
    /// <summary>Network effectiveness ratio, percent.</summary>
    public required double Ner { get; init; }

    internal static CdrAnalysisRow Read(DbDataReader row)
    {
        long calls = row.GetInt64(1), answered = row.GetInt64(2), hold = row.GetInt64(3), heard = row.GetInt64(4);
        return new CdrAnalysisRow
        {
            Key = row.GetString(0),
            Calls = calls,
            Answered = answered,
            HoldMillis = hold,
            ShortCalls = row.GetInt64(6),
            EndedByCaller = row.GetInt64(7),
            EndedByCallee = row.GetInt64(8),
            EndedByServer = row.GetInt64(9),
            ShortCalleeHangUps = row.GetInt64(11),
            Asr = Math.Round(100.0 * answered / calls, 2),
            Acd = answered == 0 ? 0 : Math.Round(hold / 1000.0 / answered, 2),
            Pdd = heard == 0 ? null : Math.Round(row.GetInt64(5) / 1000.0 / heard, 3),
            Ner = Math.Round(100.0 * Math.Max(row.GetInt64(10), answered) / calls, 2),
        };
    }
}
