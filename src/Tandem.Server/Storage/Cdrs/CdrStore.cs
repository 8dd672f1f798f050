using System.Data.Common;
using Microsoft.Data.Sqlite;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>
/// The CDRs as an SQLite database that can be asked. A projection of the journal: a damaged file, or one of another version,
/// is moved aside and built again from the journal, so <c>synchronous=NORMAL</c> is right (in WAL mode a power cut may
/// take back the last transactions, but rows and journal position of one transaction go together). Rows are added once per call
/// id. One writer, the projector's thread; any thread may ask.
/// </summary>
public sealed class CdrStore : CdrDatabase
{
    private readonly string _file;
    private readonly string _readers;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
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

    public override bool Alone => false;

    public override long Position => Volatile.Read(ref _position);

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

    internal override CdrDialect Dialect => CdrDialect.Sqlite;

    public override void Take(IReadOnlyList<Cdr> cdrs, long position)
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
        catch (SqliteException e) when (IsDamaged(e))
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

    private protected override int Forget(Instant before)
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

    private protected override DbConnection OpenReader()
    {
        var connection = new SqliteConnection(_readers);
        connection.Open();
        return connection;
    }

    private protected override void NoteDamage() => Volatile.Write(ref _damaged, 1);

    private protected override bool IsDamage(DbException e) => e is SqliteException sqlite && IsDamaged(sqlite);

    private protected override void Close() => CloseWriter();

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
        catch (SqliteException e) when (existed && (IsDamaged(e) || e.SqliteErrorCode == 1)) // 1: a table of ours is missing
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
    private static bool IsDamaged(SqliteException e) => e.SqliteErrorCode is 11 or 26;
}
