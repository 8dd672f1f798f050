using Tandem.Switching.Cdrs;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>The tables of <see cref="CdrSchema"/> as PostgreSQL makes them, from the same list of fields. Texts sort by bytes, so that prefixes are ranges.</summary>
internal static class PostgresSchema
{
    private const string HourKey = "hour, caller_gateway, callee_gateway, account, currency, area, end_direction, end_reason";
    private const string HourSums = "calls, answered, hold_millis, billed_seconds, sale_nanos, cost_nanos, agent_nanos, foreign_costs, pdd_calls, pdd_millis, short_calls";

    private const string Hour = "stop_time - stop_time % 3600000000";

    public static readonly string Common = $"""
        CREATE TABLE consumer (name text PRIMARY KEY, position bigint NOT NULL);
        INSERT INTO consumer (name, position) VALUES ('cdr', 0), ('version', {CdrSchema.Version});
        CREATE TABLE cdr_hours (
            hour bigint NOT NULL, caller_gateway text COLLATE "C" NOT NULL, callee_gateway text COLLATE "C" NOT NULL, account text COLLATE "C" NOT NULL,
            currency text COLLATE "C" NOT NULL, area text COLLATE "C" NOT NULL, end_direction bigint NOT NULL, end_reason bigint NOT NULL,
            {string.Join(", ", HourSums.Split(", ").Select(static c => $"{c} bigint NOT NULL"))},
            PRIMARY KEY ({HourKey})
        );
        CREATE TABLE cdr (call bigint NOT NULL{string.Concat(CdrFields.All.Select(static f => $", {f.Column} {(f.IsText ? "text COLLATE \"C\"" : "bigint")}"))}, record bytea NOT NULL,
            PRIMARY KEY (call, stop_time)) PARTITION BY RANGE (stop_time);
        CREATE INDEX cdr_stop ON cdr (stop_time, call);
        {string.Concat(CdrSchema.Indexed.Select(static c => $"CREATE INDEX cdr_{c} ON cdr ({c}, stop_time);\n"))}
        """;

    /// <summary>Where a batch comes in, gone with its transaction.</summary>
    public const string Incoming = "CREATE TEMPORARY TABLE IF NOT EXISTS cdr_incoming (LIKE cdr) ON COMMIT DELETE ROWS";

    public static readonly string Copy = $"COPY cdr_incoming (call{string.Concat(CdrFields.All.Select(static f => $", {f.Column}"))}, record) FROM STDIN (FORMAT BINARY)";

    /// <summary>From the batch into the days, each call once, and those that are new into the sums of their hours.</summary>
    public static readonly string Distribute = $"""
        WITH added AS (INSERT INTO cdr SELECT * FROM cdr_incoming ON CONFLICT DO NOTHING
            RETURNING {Hour} AS hour, caller_gateway, callee_gateway, coalesce(sale_account, '') AS account, coalesce(sale_currency, '') AS currency, coalesce(sale_rate_area, '') AS area,
                end_direction, end_reason, answer_time, hold_millis, sale_billed_seconds, sale_nanos, cost_nanos, agent_nanos, sale_currency, cost_currency, callee_pdd_millis)
        INSERT INTO cdr_hours ({HourKey}, {HourSums})
        SELECT {HourKey}, count(*), count(answer_time), sum(hold_millis), coalesce(sum(sale_billed_seconds), 0), coalesce(sum(sale_nanos), 0), coalesce(sum(cost_nanos), 0),
            coalesce(sum(agent_nanos), 0), count(*) FILTER (WHERE sale_currency <> cost_currency),
            count(*) FILTER (WHERE callee_pdd_millis > 0), sum(callee_pdd_millis), count(answer_time) FILTER (WHERE hold_millis < {CdrSchema.ShortMillis})
        FROM added GROUP BY {HourKey}
        ON CONFLICT ({HourKey}) DO UPDATE SET {string.Join(", ", HourSums.Split(", ").Select(static c => $"{c} = cdr_hours.{c} + excluded.{c}"))}
        """;

    public static string CreateDay(string table)
    {
        (Primitives.Instant from, Primitives.Instant to) = CdrSchema.DayOf(table);
        return $"CREATE TABLE IF NOT EXISTS {table} PARTITION OF cdr FOR VALUES FROM ({from.Micros}) TO ({to.Micros})";
    }
}
