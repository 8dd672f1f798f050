using System.Data.Common;
using System.Runtime.CompilerServices;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>What is asked of CDRs in a database, whatever its engine: a table a UTC day, <c>cdr_hours</c> with the sums of each hour (<see cref="CdrSchema"/>).</summary>
public abstract class CdrDatabase : ICdrStore
{
    /// <summary>Longest that a call is looked for after it arrived.</summary>
    private static readonly TimeSpan LongestCall = TimeSpan.FromDays(32);

    /// <summary>Calls of a day that one page sorts at most.</summary>
    private const int MostSorted = 2_000;

    private readonly SemaphoreSlim _asking = new(4);
    private long _forgetBefore;

    public string Name => "the CDR database";

    public abstract long Position { get; }

    public abstract bool Alone { get; }

    /// <summary>The engine's words where they differ.</summary>
    internal abstract CdrDialect Dialect { get; }

    public abstract void Take(IReadOnlyList<Cdr> cdrs, long position);

    public void Turn(Instant now, bool caughtUp)
    {
        if (Interlocked.Exchange(ref _forgetBefore, 0) is > 0 and var before) Forget(new Instant(before));
    }

    public void ForgetBefore(Instant before) => Volatile.Write(ref _forgetBefore, before.Micros);

    public async Task<CdrPage> QueryAsync(CdrQuery query, Instant now, CancellationToken stop)
    {
        int limit = query.Limit ?? CdrQuery.DefaultLimit;
        CdrFilter filter = new(query, now);
        List<Cdr> found = await AskAsync(connection =>
        {
            List<Cdr> cdrs = [];
            foreach (string table in Tables(connection, filter.Since, filter.Until, newestFirst: true))
            {
                Read(connection, filter, $"SELECT record FROM {table}{Index(connection, filter, table, stop)} WHERE {filter.Sql} ORDER BY stop_time DESC, call DESC LIMIT {limit + 1 - cdrs.Count}", row => cdrs.Add(Record(row)), stop);
                if (cdrs.Count > limit) break;
            }
            return cdrs;
        }, stop);
        if (found.Count <= limit) return new CdrPage(found, null);
        found.RemoveAt(limit);
        return new CdrPage(found, new CdrCursor(found[^1].Stop, found[^1].Call));
    }

    public Task<CdrSums> SumAsync(CdrQuery query, Instant now, CancellationToken stop)
    {
        CdrFilter filter = new(query, now);
        return AskAsync(connection =>
        {
            CdrSums sums = new();
            if (filter.HoursSql is { } hours)
            {
                Read(connection, filter, $"SELECT currency, {Whole("sum(calls)")}, {Whole("sum(answered)")}, {Whole("sum(hold_millis)")}, {Whole("sum(billed_seconds)")}, {Whole("sum(sale_nanos)")}, {Whole("sum(cost_nanos)")}, {Whole("sum(agent_nanos)")}, {Whole("sum(foreign_costs)")} FROM cdr_hours WHERE {hours} GROUP BY currency", sums.Add, stop);
                return sums;
            }
            foreach (string table in Tables(connection, filter.Since, filter.Until, newestFirst: true))
                Read(connection, filter, $"SELECT coalesce(sale_currency, ''), count(*), count(answer_time), {Whole("sum(hold_millis)")}, {Whole("sum(coalesce(sale_billed_seconds, 0))")}, {Whole("sum(coalesce(sale_nanos, 0))")}, {Whole("sum(coalesce(cost_nanos, 0))")}, {Whole("sum(coalesce(agent_nanos, 0))")}, {Whole("sum(CASE WHEN sale_currency <> cost_currency THEN 1 ELSE 0 END)")} FROM {table} WHERE {filter.Sql} GROUP BY 1", sums.Add, stop);
            return sums;
        }, stop);
    }

    public Task<IReadOnlyList<CdrAnalysisRow>> AnalyseAsync(CdrAnalysis analysis, CancellationToken stop) => AskAsync<IReadOnlyList<CdrAnalysisRow>>(connection =>
    {
        List<CdrAnalysisRow> rows = [];
        Read(connection, null, analysis.Sql(Dialect), row => rows.Add(CdrAnalysisRow.Read(row)), stop);
        return rows;
    }, stop);

    public async Task<Cdr?> FindAsync(CallId call, CancellationToken stop) => await AskAsync(connection =>
    {
        Cdr? found = null;
        // The id says when a call came. One made elsewhere has an id of its own, or came long before it was handed in: of any day.
        List<string> near = Tables(connection, call.Minted - LongestCall, call.Minted + LongestCall, newestFirst: false);
        foreach (string table in near.Concat(Tables(connection, default, Instant.Never, newestFirst: true).Except(near)))
        {
            Read(connection, null, $"SELECT record FROM {table} WHERE call = {call.Value}", row => found = Record(row), stop);
            if (found is not null) break;
        }
        return found;
    }, stop);

    public Task<IReadOnlyList<CallId>> MissingAsync(IReadOnlyList<Cdr> cdrs, CancellationToken stop) => AskAsync<IReadOnlyList<CallId>>(connection =>
    {
        HashSet<CallId> missing = [.. cdrs.Select(static c => c.Call)];
        HashSet<string> tables = [.. Tables(connection, default, Instant.Never, newestFirst: false)];
        foreach (IGrouping<string, Cdr> day in cdrs.GroupBy(static c => CdrSchema.TableOf(c.Stop)).Where(d => tables.Contains(d.Key)))
            Read(connection, null, $"SELECT call FROM {day.Key} WHERE call IN ({string.Join(',', day.Select(static c => c.Call.Value))})", row => missing.Remove(new CallId(row.GetInt64(0))), stop);
        return [.. missing];
    }, stop);

    public async IAsyncEnumerable<Cdr> AllAsync(CdrQuery query, Instant now, long most, [EnumeratorCancellation] CancellationToken stop)
    {
        (Instant since, Instant until) = query.Range(now);
        CdrQuery page = query with { Since = since, Until = until, Limit = 1000 };
        long given = 0;
        do
        {
            CdrPage found = await QueryAsync(page, now, stop);
            foreach (Cdr cdr in found.Cdrs)
            {
                if (given++ >= most) yield break;
                yield return cdr;
            }
            page = page with { After = found.Next };
        }
        while (page.After is not null);
    }

    public Task<IReadOnlyList<CdrDay>> DaysAsync(CancellationToken stop) => AskAsync<IReadOnlyList<CdrDay>>(connection =>
    {
        SortedDictionary<long, long> days = [];
        foreach (string table in Tables(connection, default, Instant.Never, newestFirst: false)) days[CdrSchema.DayOf(table).From.Micros] = 0;
        Read(connection, null, $"SELECT hour - hour % {CdrSchema.DayMicros}, {Whole("sum(calls)")} FROM cdr_hours GROUP BY 1", row => days[row.GetInt64(0)] = row.GetInt64(1), stop);
        return [.. days.Select(static d => new CdrDay(new Instant(d.Key), d.Value))];
    }, stop);

    public void Dispose()
    {
        Close();
        _asking.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A connection for one question.</summary>
    private protected abstract DbConnection OpenReader();

    /// <summary>The files or tables themselves are damaged, not what was asked.</summary>
    private protected abstract bool IsDamage(DbException e);

    /// <summary>A reader met damage: the writer is to build the database again.</summary>
    private protected abstract void NoteDamage();

    /// <summary>Drops days, on the writer's thread.</summary>
    private protected abstract int Forget(Instant before);

    private protected abstract void Close();

    // A rare number is found by its index and sorted; a frequent one is met soon in the order of time, and sorting all of it would take long.
    private string Index(DbConnection connection, CdrFilter filter, string table, CancellationToken stop)
    {
        if (Dialect.ByIndex is not { } byIndex || filter.Number is not var (column, sql)) return "";
        string index = byIndex(table, column);
        long met = 0;
        Read(connection, filter, $"SELECT count(*) FROM (SELECT 1 FROM {table}{index} WHERE {sql} LIMIT {MostSorted})", row => met = row.GetInt64(0), stop);
        return met < MostSorted ? index : "";
    }

    // Sums of PostgreSQL are numeric.
    private static string Whole(string sum) => $"CAST({sum} AS BIGINT)";

    private async Task<T> AskAsync<T>(Func<DbConnection, T> ask, CancellationToken stop)
    {
        await _asking.WaitAsync(stop);
        try
        {
            return await Task.Run(() =>
            {
                using DbConnection connection = OpenReader();
                return ask(connection);
            }, stop);
        }
        catch (Exception e) when (e is InvalidDataException || (e is DbException database && IsDamage(database)))
        {
            NoteDamage();
            throw new IOException("the CDR database is damaged and is being built again from the journal; ask again shortly", e);
        }
        catch (DbException e)
        {
            throw new IOException($"the CDR database cannot be read: {e.Message}", e);
        }
        finally
        {
            _asking.Release();
        }
    }

    private protected static void Read(DbConnection connection, CdrFilter? filter, string sql, Action<DbDataReader> take, CancellationToken stop)
    {
        using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in filter?.Values ?? [])
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }
        using DbDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            stop.ThrowIfCancellationRequested();
            take(reader);
        }
    }

    private protected List<string> Tables(DbConnection connection, Instant since, Instant until, bool newestFirst)
    {
        List<string> tables = [];
        Read(connection, null, Dialect.Tables, row => tables.Add(row.GetString(0)), CancellationToken.None);
        tables.RemoveAll(t => CdrSchema.DayOf(t) is var (from, to) && (to <= since || from >= until));
        if (newestFirst) tables.Reverse();
        return tables;
    }

    private static Cdr Record(DbDataReader row)
    {
        var bytes = new ByteReader((byte[])row.GetValue(0));
        return CdrCodec.Read(ref bytes) ?? throw new InvalidDataException("the CDR database holds a record of no known version");
    }
}
