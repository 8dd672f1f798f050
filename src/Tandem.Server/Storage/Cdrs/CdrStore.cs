using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Server.CdrDelivery;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>
/// The CDRs as an SQLite database that can be asked. A projection of the journal: a damaged file, or one of another version,
/// is moved aside and built again from the journal, so <c>synchronous=NORMAL</c> is right (in WAL mode a power cut may
/// take back the last transactions, but rows and journal position of one transaction go together). Rows are added once per call
/// id. One writer, the projector's thread; any thread may ask.
/// </summary>
public sealed class CdrStore : ICdrConsumer, IDisposable
{
    /// <summary>Longest that a call is looked for after it arrived.</summary>
    private static readonly TimeSpan LongestCall = TimeSpan.FromDays(32);

    private readonly string _file;
    private readonly string _readers;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private readonly SemaphoreSlim _asking = new(4);
    private SqliteConnection? _writer;
    private SortedSet<string> _tables = null!;
    private CdrInsert _insert = null!;
    private SqliteCommand _remember = null!;
    private long _position;
    private int _damaged;

    private CdrStore(string file, TimeProvider time, Action<string> warn)
    {
        _file = file;
        _time = time;
        _warn = warn;
        _readers = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = true }.ToString();
    }

    public string Name => "the CDR database";

    public long Position => Volatile.Read(ref _position);

    /// <summary>Opens or creates the database. A file that is damaged, of another version or ahead of the journal is moved aside and <paramref name="warn"/> told.</summary>
    /// <param name="file">The database file.</param>
    /// <param name="journalEnd">Where the journal ends: a database that took more than there is belongs to another journal.</param>
    /// <param name="time">For the name of a file moved aside.</param>
    /// <param name="warn">Told, in sentences, what an operator should know.</param>
    /// <exception cref="IOException">The folder cannot be written; the message is a sentence for the operator.</exception>
    public static CdrStore Open(string file, long journalEnd, TimeProvider time, Action<string> warn)
    {
        var store = new CdrStore(file, time, warn);
        try
        {
            store.OpenWriter();
            if (store.Position > journalEnd) store.StartAgain($"was built up to journal position {store.Position}, but the journal ends at {journalEnd}");
        }
        catch (SqliteException e)
        {
            throw new IOException($"the CDR database {file} cannot be opened: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"the CDR database {file} cannot be opened: {e.Message}", e);
        }
        return store;
    }

    public void Take(IReadOnlyList<Cdr> cdrs, long position)
    {
        if (_writer is null) OpenWriter();
        if (Interlocked.Exchange(ref _damaged, 0) != 0) BuildAgain();
        try
        {
            using SqliteTransaction transaction = _writer!.BeginTransaction();
            _remember.Transaction = transaction;
            foreach (Cdr cdr in cdrs)
            {
                if ((cdr.Hidden & HiddenFrom.Database) != 0) continue;
                string table = CdrSchema.TableOf(cdr.Stop);
                if (!_tables.Contains(table)) AddTable(table);
                _insert.Add(table, cdr);
            }
            _remember.Parameters[0].Value = position;
            _remember.ExecuteNonQuery();
            transaction.Commit();
            Volatile.Write(ref _position, position);
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            BuildAgain();
        }
        catch
        {
            _tables = null!; // a table made in what was taken back is not there
            CloseWriter(keepPosition: true);
            throw;
        }
    }

    /// <summary>Drops days that ended before an instant, with the sums of their hours. They are not built again, unless the whole database is.</summary>
    /// <returns>How many days.</returns>
    public int Forget(Instant before)
    {
        if (_writer is null) OpenWriter();
        List<string> old = [.. _tables.Where(t => CdrSchema.DayOf(t).To <= before)];
        if (old.Count == 0) return 0;
        using SqliteTransaction transaction = _writer!.BeginTransaction();
        _insert.Dispose();
        foreach (string table in old) Scalar($"DROP TABLE {table}");
        Scalar($"DELETE FROM cdr_hours WHERE hour < {CdrSchema.DayOf(old[^1]).To.Micros}");
        Scalar(CdrSchema.View([.. _tables.Except(old)]));
        transaction.Commit();
        CloseWriter(keepPosition: true);
        OpenWriter();
        return old.Count;
    }

    /// <summary>Forgets everything and begins at the start of the journal; for a journal that is shorter than what was taken from it.</summary>
    public void StartAgain(string because)
    {
        CloseWriter();
        MoveAside(because);
        OpenWriter();
    }

    /// <summary>One page, newest first. Waits while four others are asking.</summary>
    /// <exception cref="IOException">The database cannot be read; the message is a sentence for the operator.</exception>
    public async Task<CdrPage> QueryAsync(CdrQuery query, Instant now, CancellationToken stop)
    {
        int limit = query.Limit ?? CdrQuery.DefaultLimit;
        CdrFilter filter = new(query, now);
        List<Cdr> found = await AskAsync(connection =>
        {
            List<Cdr> cdrs = [];
            foreach (string table in Tables(connection, filter.Since, filter.Until, newestFirst: true))
            {
                Read(connection, filter, $"SELECT record FROM {table} WHERE {filter.Sql} ORDER BY stop_time DESC, call DESC LIMIT {limit + 1 - cdrs.Count}", row => cdrs.Add(Record(row)), stop);
                if (cdrs.Count > limit) break;
            }
            return cdrs;
        }, stop);
        if (found.Count <= limit) return new CdrPage(found, null);
        found.RemoveAt(limit);
        return new CdrPage(found, new CdrCursor(found[^1].Stop, found[^1].Call));
    }

    /// <summary>What the calls of a query come to. Whole hours without numbers, durations or amounts in the question are answered from the sums of the hours.</summary>
    /// <exception cref="IOException">The database cannot be read; the message is a sentence for the operator.</exception>
    public Task<CdrSums> SumAsync(CdrQuery query, Instant now, CancellationToken stop)
    {
        CdrFilter filter = new(query, now);
        return AskAsync(connection =>
        {
            CdrSums sums = new();
            if (filter.HoursSql is { } hours)
            {
                Read(connection, filter, $"SELECT currency, sum(calls), sum(answered), sum(hold_millis), sum(billed_seconds), sum(sale_nanos), sum(cost_nanos) FROM cdr_hours WHERE {hours} GROUP BY currency", sums.Add, stop);
                return sums;
            }
            foreach (string table in Tables(connection, filter.Since, filter.Until, newestFirst: true))
                Read(connection, filter, $"SELECT coalesce(sale_currency, ''), count(*), count(answer_time), sum(hold_millis), sum(coalesce(sale_billed_seconds, 0)), sum(coalesce(sale_nanos, 0)), sum(coalesce(cost_nanos, 0)) FROM {table} WHERE {filter.Sql} GROUP BY 1", sums.Add, stop);
            return sums;
        }, stop);
    }

    /// <summary>The calls of whole hours by what they are asked by: gateways, customers, destinations, hours.</summary>
    /// <exception cref="IOException">The database cannot be read; the message is a sentence for the operator.</exception>
    public Task<IReadOnlyList<CdrAnalysisRow>> AnalyseAsync(CdrAnalysis analysis, CancellationToken stop) => AskAsync<IReadOnlyList<CdrAnalysisRow>>(connection =>
    {
        List<CdrAnalysisRow> rows = [];
        Read(connection, null, analysis.Sql, row => rows.Add(CdrAnalysisRow.Read(row)), stop);
        return rows;
    }, stop);

    /// <summary>The CDR of one call, null when there is none.</summary>
    public async Task<Cdr?> FindAsync(CallId call, CancellationToken stop) => await AskAsync(connection =>
    {
        Cdr? found = null;
        foreach (string table in Tables(connection, call.Minted - LongestCall, call.Minted + LongestCall, newestFirst: false))
        {
            Read(connection, null, $"SELECT record FROM {table} WHERE call = {call.Value}", row => found = Record(row), stop);
            if (found is not null) break;
        }
        return found;
    }, stop);

    /// <summary>All calls of a query, newest first, page by page: for exports of any length.</summary>
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

    public void Dispose()
    {
        CloseWriter();
        _asking.Dispose();
    }

    private async Task<T> AskAsync<T>(Func<SqliteConnection, T> ask, CancellationToken stop)
    {
        await _asking.WaitAsync(stop);
        try
        {
            return await Task.Run(() =>
            {
                using var connection = new SqliteConnection(_readers);
                connection.Open();
                return ask(connection);
            }, stop);
        }
        catch (SqliteException e)
        {
            if (IsDamage(e)) Volatile.Write(ref _damaged, 1);
            throw new IOException(IsDamage(e)
                ? "the CDR database is damaged and is being built again from the journal; ask again shortly"
                : $"the CDR database cannot be read: {e.Message}", e);
        }
        finally
        {
            _asking.Release();
        }
    }

    private static void Read(SqliteConnection connection, CdrFilter? filter, string sql, Action<SqliteDataReader> take, CancellationToken stop)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in filter?.Values ?? []) command.Parameters.AddWithValue(name, value);
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            stop.ThrowIfCancellationRequested();
            take(reader);
        }
    }

    private static List<string> Tables(SqliteConnection connection, Instant since, Instant until, bool newestFirst)
    {
        List<string> tables = [];
        Read(connection, null, CdrSchema.Tables, row => tables.Add(row.GetString(0)), CancellationToken.None);
        tables.RemoveAll(t => CdrSchema.DayOf(t) is var (from, to) && (to <= since || from >= until));
        if (newestFirst) tables.Reverse();
        return tables;
    }

    private static Cdr Record(SqliteDataReader row)
    {
        var bytes = new ByteReader((byte[])row.GetValue(0));
        return CdrCodec.Read(ref bytes) ?? throw new SqliteException("a record is of no known version", 11);
    }

    private void AddTable(string table)
    {
        Scalar(CdrSchema.CreateTable(table));
        _tables.Add(table);
        Scalar(CdrSchema.View(_tables));
    }

    /// <summary>Position 0 now: everything comes again; thrown so that a disk that damages each new file is not filled with them.</summary>
    private void BuildAgain()
    {
        StartAgain("is damaged");
        throw new IOException("the file was damaged and is built again from the journal");
    }

    private void OpenWriter()
    {
        bool existed = File.Exists(_file);
        if (!existed) CreatePrivate(_file);
        try
        {
            Connect();
        }
        catch (SqliteException e) when (existed && (IsDamage(e) || e.SqliteErrorCode == 1)) // 1: a table of ours is missing
        {
            CloseWriter();
            MoveAside("is damaged");
            CreatePrivate(_file);
            Connect();
        }
        _insert = new CdrInsert(_writer!);
        _tables = new SortedSet<string>(Tables(_writer!, default, Instant.Never, newestFirst: false), StringComparer.Ordinal);
        _remember = _writer!.CreateCommand();
        _remember.CommandText = "UPDATE consumer SET position = $position WHERE name = 'cdr'";
        _remember.Parameters.Add(new SqliteParameter("$position", 0L));
    }

    private void Connect()
    {
        ConnectOnly();
        long version = (long)Scalar("PRAGMA user_version")!;
        bool empty = (long)Scalar("SELECT count(*) FROM sqlite_schema")! == 0;
        if (version != CdrSchema.Version && !empty)
        {
            CloseWriter();
            MoveAside($"has version {version} of its tables, this program needs {CdrSchema.Version}");
            CreatePrivate(_file);
            ConnectOnly();
            empty = true;
        }
        if (empty)
        {
            Scalar("PRAGMA journal_mode = WAL");
            using SqliteTransaction transaction = _writer!.BeginTransaction();
            Scalar(CdrSchema.Common);
            Scalar($"PRAGMA user_version = {CdrSchema.Version}");
            transaction.Commit();
        }
        Scalar("PRAGMA journal_mode = WAL");
        Scalar("PRAGMA synchronous = NORMAL");
        Scalar("PRAGMA journal_size_limit = 67108864");
        Scalar("SELECT max(hour) FROM cdr_hours");
        Volatile.Write(ref _position, (long)(Scalar("SELECT position FROM consumer WHERE name = 'cdr'")
            ?? throw new SqliteException("the position is missing", 11)));
    }

    private void ConnectOnly()
    {
        _writer = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        _writer.Open();
    }

    private object? Scalar(string sql)
    {
        using SqliteCommand command = _writer!.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private void CloseWriter(bool keepPosition = false)
    {
        _insert?.Dispose();
        _remember?.Dispose();
        _writer?.Dispose();
        _writer = null;
        if (!keepPosition) _position = 0;
        using var pooled = new SqliteConnection(_readers);
        SqliteConnection.ClearPool(pooled);
    }

    private void MoveAside(string because)
    {
        string aside = $"{_file}.aside-{_time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}";
        for (int i = 2; File.Exists(aside); i++) aside = $"{_file}.aside-{_time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}-{i}";
        foreach (string part in (ReadOnlySpan<string>)["", "-wal", "-shm"])
        {
            if (File.Exists(_file + part)) File.Move(_file + part, aside + part);
        }
        _warn($"the CDR database {_file} {because}: it was moved to {Path.GetFileName(aside)} and is built again from the journal");
    }

    private static void CreatePrivate(string file)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        new FileStream(file, options).Dispose();
    }

    /// <summary>SQLITE_CORRUPT and SQLITE_NOTADB.</summary>
    private static bool IsDamage(SqliteException e) => e.SqliteErrorCode is 11 or 26;
}
