using System.Text;
using Microsoft.Data.Sqlite;
using Tandem.Primitives;
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
    /// <summary>Version of the tables; a file of the version before is given the columns it lacks, one with any other is built again.</summary>
    private const int SchemaVersion = 2, WithoutMedia = 1;

    private const string Schema = """
        CREATE TABLE cdr (
            call INTEGER PRIMARY KEY,
            caller TEXT NOT NULL, callee TEXT NOT NULL,
            caller_access TEXT NOT NULL, callee_access TEXT NOT NULL,
            caller_sent TEXT NOT NULL, callee_sent TEXT NOT NULL,
            start INTEGER NOT NULL, answered INTEGER, stop INTEGER NOT NULL,
            end_reason INTEGER NOT NULL, refusal INTEGER NOT NULL, end_direction INTEGER NOT NULL,
            caller_gateway TEXT NOT NULL, callee_gateway TEXT NOT NULL,
            caller_address TEXT NOT NULL, callee_address TEXT NOT NULL,
            callee_billing INTEGER NOT NULL, billing_mode INTEGER NOT NULL,
            caller_pdd INTEGER NOT NULL, callee_pdd INTEGER NOT NULL,
            revision INTEGER NOT NULL, attempts INTEGER NOT NULL,
            caller_packets INTEGER NOT NULL, callee_packets INTEGER NOT NULL,
            log BLOB NOT NULL,
            sale_account INTEGER, sale_number TEXT, sale_deck TEXT, sale_version TEXT, sale_prefix TEXT, sale_area TEXT,
            sale_rate INTEGER, sale_fee INTEGER, sale_first INTEGER, sale_next INTEGER, sale_currency INTEGER,
            sale_seconds INTEGER, sale_nanos INTEGER,
            cost_account INTEGER, cost_number TEXT, cost_deck TEXT, cost_version TEXT, cost_prefix TEXT, cost_area TEXT,
            cost_rate INTEGER, cost_fee INTEGER, cost_first INTEGER, cost_next INTEGER, cost_currency INTEGER,
            cost_seconds INTEGER, cost_nanos INTEGER
        ) STRICT;
        CREATE INDEX cdr_stop ON cdr (stop, call);
        CREATE INDEX cdr_caller ON cdr (caller, stop);
        CREATE INDEX cdr_callee ON cdr (callee, stop);
        CREATE INDEX cdr_caller_gateway ON cdr (caller_gateway, stop);
        CREATE INDEX cdr_callee_gateway ON cdr (callee_gateway, stop);
        CREATE INDEX cdr_sale ON cdr (sale_number, stop) WHERE sale_number IS NOT NULL;
        CREATE INDEX cdr_cost ON cdr (cost_number, stop) WHERE cost_number IS NOT NULL;
        CREATE TABLE consumer (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;
        INSERT INTO consumer (name, position) VALUES ('cdr', 0);
        """;

    private static readonly int ColumnCount = 26 + (2 * CdrInsert.ChargeColumns) + (2 * CdrInsert.MediaColumns.Length);

    private static readonly string AddMedia = string.Concat(
        new[] { "caller", "callee" }.SelectMany(static side => CdrInsert.MediaColumns.Select(column => $"ALTER TABLE cdr ADD COLUMN {side}_{column} INTEGER NOT NULL DEFAULT 0;\n")));

    private static readonly string InsertSql =
        $"INSERT INTO cdr VALUES ({string.Join(", ", Enumerable.Repeat("?", ColumnCount))}) ON CONFLICT (call) DO NOTHING";

    private readonly string _file;
    private readonly string _readers;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private readonly SemaphoreSlim _asking = new(4);
    private SqliteConnection? _writer;
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
                if ((cdr.Hidden & HiddenFrom.Database) == 0) _insert.Add(cdr);
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
        (Instant since, Instant until) = query.Range(now);
        int limit = query.Limit ?? CdrQuery.DefaultLimit;
        var sql = new StringBuilder("SELECT * FROM cdr WHERE stop >= $since AND stop < $until");
        var values = new List<(string, object)> { ("$since", since.Micros), ("$until", until.Micros), ("$limit", limit + 1) };
        void And(string condition, string name, object? value)
        {
            if (value is null) return;
            sql.Append(" AND ").Append(condition);
            values.Add((name, value));
        }
        And("(sale_number = $account OR cost_number = $account)", "$account", query.Account);
        And("(caller_gateway = $gateway OR callee_gateway = $gateway)", "$gateway", query.Gateway);
        And("caller >= $caller", "$caller", query.CallerPrefix);
        And("caller < $callerEnd", "$callerEnd", PrefixEnd(query.CallerPrefix));
        And("callee >= $callee", "$callee", query.CalleePrefix);
        And("callee < $calleeEnd", "$calleeEnd", PrefixEnd(query.CalleePrefix));
        And("end_reason = $reason", "$reason", query.EndReason);
        if (query.Answered is { } answered) sql.Append(answered ? " AND answered IS NOT NULL" : " AND answered IS NULL");
        if (query.After is { } after)
        {
            sql.Append(" AND (stop, call) < ($afterStop, $afterCall)");
            values.Add(("$afterStop", after.Stop.Micros));
            values.Add(("$afterCall", after.Call.Value));
        }
        sql.Append(" ORDER BY stop DESC, call DESC LIMIT $limit");
        List<Cdr> found = await SelectAsync(sql.ToString(), values, stop);
        if (found.Count <= limit) return new CdrPage(found, null);
        found.RemoveAt(limit);
        return new CdrPage(found, new CdrCursor(found[^1].Stop, found[^1].Call));
    }

    /// <summary>The CDR of one call, null when there is none.</summary>
    public async Task<Cdr?> FindAsync(CallId call, CancellationToken stop)
    {
        List<Cdr> found = await SelectAsync("SELECT * FROM cdr WHERE call = $call", [("$call", call.Value)], stop);
        return found.Count > 0 ? found[0] : null;
    }

    public void Dispose()
    {
        CloseWriter();
        _asking.Dispose();
    }

    private async Task<List<Cdr>> SelectAsync(string sql, List<(string Name, object Value)> values, CancellationToken stop)
    {
        await _asking.WaitAsync(stop);
        try
        {
            using var connection = new SqliteConnection(_readers);
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            foreach ((string name, object value) in values) command.Parameters.AddWithValue(name, value);
            using SqliteDataReader reader = command.ExecuteReader();
            var found = new List<Cdr>();
            while (reader.Read())
            {
                stop.ThrowIfCancellationRequested();
                found.Add(Read(reader));
            }
            return found;
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
        _insert = new CdrInsert(_writer!, InsertSql);
        _remember = _writer!.CreateCommand();
        _remember.CommandText = "UPDATE consumer SET position = $position WHERE name = 'cdr'";
        _remember.Parameters.Add(new SqliteParameter("$position", 0L));
    }

    private void Connect()
    {
        ConnectOnly();
        long version = (long)Scalar("PRAGMA user_version")!;
        bool empty = (long)Scalar("SELECT count(*) FROM sqlite_schema")! == 0;
        if (version == WithoutMedia && !empty)
        {
            using SqliteTransaction upgrade = _writer!.BeginTransaction();
            Scalar(AddMedia + $"PRAGMA user_version = {SchemaVersion}");
            upgrade.Commit();
            version = SchemaVersion;
        }
        if (version != SchemaVersion && !empty)
        {
            CloseWriter();
            MoveAside($"has version {version} of its tables, this program needs {SchemaVersion}");
            CreatePrivate(_file);
            ConnectOnly();
            empty = true;
        }
        if (empty)
        {
            Scalar("PRAGMA journal_mode = WAL");
            using SqliteTransaction transaction = _writer!.BeginTransaction();
            Scalar(Schema);
            Scalar(AddMedia);
            Scalar($"PRAGMA user_version = {SchemaVersion}");
            transaction.Commit();
        }
        Scalar("PRAGMA journal_mode = WAL");
        Scalar("PRAGMA synchronous = NORMAL");
        Scalar("PRAGMA journal_size_limit = 67108864");
        Scalar("SELECT max(stop) FROM cdr");
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

    private void CloseWriter()
    {
        _insert?.Dispose();
        _remember?.Dispose();
        _writer?.Dispose();
        _writer = null;
        _position = 0;
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

    private static string? PrefixEnd(string? prefix) => prefix is null ? null : prefix + "\U0010FFFF";

    private static Cdr Read(SqliteDataReader from)
    {
        int at = 0;
        string Text() => from.GetString(at++);
        long Long() => from.GetInt64(at++);
        int Int() => from.GetInt32(at++);
        NetAddress Address() => NetAddress.TryParse(Text(), 0, out NetAddress address) ? address : default;
        var cdr = new Cdr
        {
            Call = new CallId(Long()),
            CallerE164 = Text(),
            CalleeE164 = Text(),
            CallerAccessE164 = Text(),
            CalleeAccessE164 = Text(),
            CallerToGatewayE164 = Text(),
            CalleeToGatewayE164 = Text(),
            Start = new Instant(Long()),
            Answered = from.IsDBNull(at++) ? Instant.Never : new Instant(from.GetInt64(at - 1)),
            Stop = new Instant(Long()),
            EndReason = Int(),
            Refusal = (Refusal)Int(),
            EndDirection = (EndDirection)Int(),
            CallerGateway = Text(),
            CalleeGateway = Text(),
            CallerAddress = Address(),
            CalleeAddress = Address(),
            CalleeBilling = (CalleeBilling)Int(),
            BillingMode = (BillingMode)Int(),
            CallerPddMillis = Int(),
            CalleePddMillis = Int(),
            Revision = Int(),
            Attempts = Int(),
            CallerMedia = new LegMedia { Packets = Long() },
            CalleeMedia = new LegMedia { Packets = Long() },
            DecisionLog = (byte[])from.GetValue(at++),
            Sale = Charge(),
            Cost = Charge(),
        };
        cdr.CallerMedia = Media(cdr.CallerPackets);
        cdr.CalleeMedia = Media(cdr.CalleePackets);
        return cdr;

        LegMedia Media(long packets) => new()
        {
            Packets = packets,
            Bytes = Long(),
            RtcpPackets = Long(),
            First = new Instant(Long()),
            Last = new Instant(Long()),
            Lost = Long(),
            Late = Long(),
            JitterMicros = Int(),
            RoundTripMicros = Int(),
            MosHundredths = Int(),
        };

        CallCharge? Charge()
        {
            if (from.IsDBNull(at))
            {
                at += 13;
                return null;
            }
            return new CallCharge
            {
                Account = new AccountId(Int()),
                AccountNumber = Text(),
                Deck = Text(),
                DeckVersion = Text(),
                RatePrefix = Text(),
                Area = Text(),
                Tariff = new Tariff(Long(), Long(), Int(), Int(), Currency.FromPacked(Int())),
                BilledSeconds = Int(),
                Nanos = Long(),
            };
        }
    }
}
