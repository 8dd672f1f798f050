namespace Tandem.Server.Storage.Cdrs;

/// <summary>SQL where engines differ.</summary>
/// <param name="Tables">The names of the tables of days, in order.</param>
/// <param name="Day">The UTC day of cdr_hours.hour, as 2026-04-26.</param>
/// <param name="Hour">The UTC hour of cdr_hours.hour, as 2026-04-26T12:00Z.</param>
/// <param name="ByIndex">Follows a table's name so that the index of a column is used; of the table and the column. Null: the engine knows by itself how many rows a number's beginning has.</param>
internal sealed record CdrDialect(string Tables, string Day, string Hour, Func<string, string, string>? ByIndex)
{
    public static readonly CdrDialect Sqlite = new(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'cdr_2[0-9]*' ORDER BY name",
        "strftime('%Y-%m-%d', hour / 1000000, 'unixepoch')",
        "strftime('%Y-%m-%dT%H:00Z', hour / 1000000, 'unixepoch')",
        static (table, column) => $" INDEXED BY {table}_{column}");

    public static readonly CdrDialect Postgres = new(
        "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema() AND tablename ~ '^cdr_2[0-9]+$' ORDER BY 1",
        "to_char(to_timestamp(hour / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
        """to_char(to_timestamp(hour / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:00"Z"')""",
        ByIndex: null);
}
