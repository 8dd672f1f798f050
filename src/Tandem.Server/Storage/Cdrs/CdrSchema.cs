using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>
/// The tables, made from the list of CDR fields. Each UTC day of ends has a table <c>cdr_YYYYMMDD</c>: a column a field, for people and queries, and the CDR
/// itself as the journal has it. <c>cdr_hours</c> has the sums of each hour by gateways, account, area and way of ending, kept in the same transactions.
/// </summary>
internal static class CdrSchema
{
    /// <summary>Of the tables: a database of another one is built again from the journal. A new or changed field makes one by itself.</summary>
    public static readonly int Version = (Format * 1_000_000) + (int)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(string.Join(',', CdrFields.All.Select(static f => $"{f.Column} {f.IsText}")))) % 1_000_000);

    /// <summary>Raised by hand where the tables change otherwise; SERVER_DATABASE_VERSION says it.</summary>
    internal const int Format = 6;

    public const long DayMicros = 86_400_000_000;

    /// <summary>A call this short is a short call.</summary>
    public const int ShortMillis = 6_000;

    private const int MostViewed = 400; // SQLite joins 500 tables at most

    public const string Common = """
        CREATE TABLE consumer (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;
        INSERT INTO consumer (name, position) VALUES ('cdr', 0);
        CREATE TABLE cdr_hours (
            hour INTEGER NOT NULL, caller_gateway TEXT NOT NULL, callee_gateway TEXT NOT NULL, account TEXT NOT NULL, currency TEXT NOT NULL, area TEXT NOT NULL,
            end_direction INTEGER NOT NULL, end_reason INTEGER NOT NULL,
            calls INTEGER NOT NULL, answered INTEGER NOT NULL, hold_millis INTEGER NOT NULL, billed_seconds INTEGER NOT NULL, sale_nanos INTEGER NOT NULL,
            cost_nanos INTEGER NOT NULL, agent_nanos INTEGER NOT NULL, foreign_costs INTEGER NOT NULL, pdd_calls INTEGER NOT NULL, pdd_millis INTEGER NOT NULL, short_calls INTEGER NOT NULL,
            PRIMARY KEY (hour, caller_gateway, callee_gateway, account, currency, area, end_direction, end_reason)
        ) STRICT, WITHOUT ROWID;
        """;

    public static readonly string InsertHour = $"""
        INSERT INTO cdr_hours VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET calls = calls + 1, answered = answered + excluded.answered, hold_millis = hold_millis + excluded.hold_millis,
            billed_seconds = billed_seconds + excluded.billed_seconds, sale_nanos = sale_nanos + excluded.sale_nanos, cost_nanos = cost_nanos + excluded.cost_nanos,
            agent_nanos = agent_nanos + excluded.agent_nanos, foreign_costs = foreign_costs + excluded.foreign_costs,
            pdd_calls = pdd_calls + excluded.pdd_calls, pdd_millis = pdd_millis + excluded.pdd_millis, short_calls = short_calls + excluded.short_calls
        """;

    public static readonly string[] Indexed = ["caller_e164", "callee_e164", "caller_gateway", "callee_gateway", "sale_account", "cost_account"];

    /// <summary>The table of the day in which a call ended.</summary>
    public static string TableOf(Instant stop) => "cdr_" + stop.ToUtc().ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    public static string CreateTable(string table)
    {
        StringBuilder sql = new();
        sql.Append($"CREATE TABLE {table} (call INTEGER PRIMARY KEY");
        foreach (CdrField field in CdrFields.All) sql.Append($", {field.Column} {(field.IsText ? "TEXT" : "INTEGER")}");
        sql.Append(", record BLOB NOT NULL) STRICT;\n");
        sql.Append($"CREATE INDEX {table}_stop ON {table} (stop_time, call);\n");
        foreach (string column in Indexed) sql.Append($"CREATE INDEX {table}_{column} ON {table} ({column}, stop_time);\n");
        return sql.ToString();
    }

    public static string Insert(string table) =>
        $"INSERT INTO {table} VALUES (?{string.Concat(Enumerable.Repeat(", ?", CdrFields.All.Length + 1))}) ON CONFLICT (call) DO NOTHING";

    /// <summary>All days as one table, for people who look with SQL.</summary>
    public static string View(IReadOnlyCollection<string> tables) =>
        "DROP VIEW IF EXISTS cdr;\n" + (tables.Count == 0 ? "" : $"CREATE VIEW cdr AS {string.Join(" UNION ALL ", tables.TakeLast(MostViewed).Select(static t => $"SELECT * FROM {t}"))};");

    /// <summary>The first and last instant of a table's day.</summary>
    public static (Instant From, Instant To) DayOf(string table)
    {
        Instant from = Instant.FromUtc(DateTime.SpecifyKind(DateTime.ParseExact(table.AsSpan(4), "yyyyMMdd", CultureInfo.InvariantCulture), DateTimeKind.Utc));
        return (from, from + TimeSpan.FromDays(1));
    }
}
