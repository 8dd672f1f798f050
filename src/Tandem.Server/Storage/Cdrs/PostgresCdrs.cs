using System.Data;
using System.Data.Common;
using Npgsql;
using NpgsqlTypes;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>
/// The CDRs in PostgreSQL (docs/cdr.md "PostgreSQL"): the tables of <see cref="CdrStore"/> in a schema of their own, the days as partitions of <c>cdr</c>. A batch is copied in
/// by binary COPY and put into its days, the sums of hours and the position in one transaction. A server that is away or slow is the projector's
/// trouble alone. One switch writes: it holds an advisory lock.
/// </summary>
public sealed class PostgresCdrs : CdrDatabase
{
    /// <summary>Holds every table of ours.</summary>
    public const string Schema = "tandem_cdr";

    private const int Patience = 15;
    private const long OneWriter = 0x54_41_4E_44_45_4D; // "TANDEM"

    private readonly NpgsqlDataSource _source;
    private readonly long _journalEnd;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private byte[] _record = new byte[4096];
    private NpgsqlConnection? _writer;
    private HashSet<string> _tables = [];
    private long _position;
    private int _damaged;

    /// <param name="connection">postgres://USER@HOST:PORT/DATABASE, or a connection string of the driver; a password also comes from PGPASSWORD or PGPASSFILE.</param>
    /// <param name="journalEnd">Where the journal ends at the start: a database that took more than there is belongs to another journal.</param>
    /// <param name="time">For the name of a schema moved aside.</param>
    /// <param name="warn">Told, in sentences, what an operator should know.</param>
    /// <exception cref="FormatException">The text is no connection; the message is a sentence.</exception>
    public PostgresCdrs(string connection, long journalEnd, TimeProvider time, Action<string> warn)
    {
        _source = NpgsqlDataSource.Create(PostgresAddress.Read(connection, Schema, Patience));
        (_journalEnd, _time, _warn) = (journalEnd, time, warn);
    }

    public override bool Alone => true;

    /// <summary>0 until the database was reached for the first time.</summary>
    public override long Position => Volatile.Read(ref _position);

    internal override CdrDialect Dialect => CdrDialect.Postgres;

    public override void Take(IReadOnlyList<Cdr> cdrs, long position)
    {
        try
        {
            if (_writer is null)
            {
                long asked = _position;
                OpenWriter();
                if (_position != asked) return; // it knows better how far it has got
            }
            if (Interlocked.Exchange(ref _damaged, 0) != 0) BuildAgain();
            Write(cdrs, position);
        }
        catch (DbException e) when (IsDamage(e))
        {
            BuildAgain();
        }
        catch
        {
            CloseWriter();
            throw;
        }
    }

    private protected override int Forget(Instant before)
    {
        if (_writer is null) OpenWriter();
        List<string> old = [.. _tables.Where(t => CdrSchema.DayOf(t).To <= before).Order(StringComparer.Ordinal)];
        if (old.Count == 0) return 0;
        using NpgsqlTransaction transaction = _writer!.BeginTransaction();
        foreach (string table in old) Do($"DROP TABLE {table}");
        Do($"DELETE FROM cdr_hours WHERE hour < {CdrSchema.DayOf(old[^1]).To.Micros}");
        transaction.Commit();
        _tables.ExceptWith(old);
        return old.Count;
    }

    private protected override DbConnection OpenReader() => _source.OpenConnection();

    private protected override void NoteDamage() => Volatile.Write(ref _damaged, 1);

    // XX001 data_corrupted, XX002 index_corrupted, 58P01: a table's file is gone.
    private protected override bool IsDamage(DbException e) => e is PostgresException { SqlState: "XX001" or "XX002" or "58P01" };

    private protected override void Close()
    {
        CloseWriter();
        _source.Dispose();
    }

    private void Write(IReadOnlyList<Cdr> cdrs, long position)
    {
        using NpgsqlTransaction transaction = _writer!.BeginTransaction();
        HashSet<string> made = [];
        bool any = false;
        foreach (Cdr cdr in cdrs)
        {
            if ((cdr.Hidden & HiddenFrom.Database) != 0) continue;
            any = true;
            string table = CdrSchema.TableOf(cdr.Stop);
            if (!_tables.Contains(table) && made.Add(table)) Do(PostgresSchema.CreateDay(table));
        }
        if (any)
        {
            Copy(cdrs);
            Do(PostgresSchema.Distribute);
        }
        Do($"UPDATE consumer SET position = {position} WHERE name = 'cdr'");
        transaction.Commit();
        _tables.UnionWith(made);
        Volatile.Write(ref _position, position);
    }

    private void Copy(IReadOnlyList<Cdr> cdrs)
    {
        using NpgsqlBinaryImporter copy = _writer!.BeginBinaryImport(PostgresSchema.Copy);
        foreach (Cdr cdr in cdrs)
        {
            if ((cdr.Hidden & HiddenFrom.Database) != 0) continue;
            copy.StartRow();
            copy.Write(cdr.Call.Value, NpgsqlDbType.Bigint);
            foreach (CdrField field in CdrFields.All)
            {
                CdrValue value = field.Of(cdr);
                if (value.IsNone) copy.WriteNull();
                else if (field.IsText) copy.Write(value.Text!.Replace('\0', '\uFFFD'), NpgsqlDbType.Text); // its texts hold no zero
                else copy.Write(value.Number, NpgsqlDbType.Bigint);
            }
            copy.Write(Record(cdr), NpgsqlDbType.Bytea);
        }
        copy.Complete();
    }

    private ReadOnlyMemory<byte> Record(Cdr cdr)
    {
        while (true)
        {
            var writer = new ByteWriter(_record);
            CdrCodec.Write(ref writer, cdr);
            if (!writer.Overflowed) return _record.AsMemory(0, writer.Length);
            _record = new byte[_record.Length * 2];
        }
    }

    private void OpenWriter()
    {
        _writer = _source.OpenConnection();
        if (Scalar($"SELECT pg_try_advisory_lock({OneWriter})") is not true) throw new IOException($"another switch writes to the schema {Schema} of this database");
        int version = Scalar($"SELECT to_regclass('{Schema}.consumer') IS NOT NULL") is true ? (int)(long)(Scalar($"SELECT coalesce(max(position), -1) FROM {Schema}.consumer WHERE name = 'version'") ?? -1L) : 0;
        if (version == 0) Make();
        else if (version != CdrSchema.Version) MoveAside($"has version {version} of its tables, this program needs {CdrSchema.Version}");
        else if (Stored() is var stored && stored > _journalEnd && stored > _position) MoveAside($"was built up to journal position {stored}, but the journal ends at {_journalEnd}");
        Do(PostgresSchema.Incoming);
        List<string> tables = Tables(_writer, default, Instant.Never, newestFirst: false);
        _tables = [.. tables];
        Volatile.Write(ref _position, Stored());
    }

    private long Stored() => (long)(Scalar($"SELECT position FROM {Schema}.consumer WHERE name = 'cdr'") ?? 0L);

    private void Make()
    {
        using NpgsqlTransaction transaction = _writer!.BeginTransaction();
        Do($"CREATE SCHEMA IF NOT EXISTS {Schema}");
        Do(PostgresSchema.Common);
        transaction.Commit();
    }

    private void MoveAside(string because)
    {
        string aside = $"{Schema}_aside_{_time.GetUtcNow():yyyyMMdd't'HHmmss'z'}";
        for (int i = 2; Scalar($"SELECT 1 FROM pg_namespace WHERE nspname = '{aside}'") is not null; i++) aside = $"{Schema}_aside_{_time.GetUtcNow():yyyyMMdd't'HHmmss'z'}_{i}";
        using (NpgsqlTransaction transaction = _writer!.BeginTransaction())
        {
            Do($"ALTER SCHEMA {Schema} RENAME TO {aside}");
            transaction.Commit();
        }
        Make();
        _warn($"the CDR database in PostgreSQL {because}: its schema was renamed to {aside} and it is built again from the journal");
    }

    /// <summary>Everything comes again; thrown so that a disk that damages everything is not filled.</summary>
    private void BuildAgain()
    {
        CloseWriter();
        _writer = _source.OpenConnection();
        if (Scalar($"SELECT pg_try_advisory_lock({OneWriter})") is true) MoveAside("is damaged");
        CloseWriter();
        Volatile.Write(ref _position, 0);
        throw new IOException("its tables were damaged and are built again from the journal");
    }

    private object? Scalar(string sql)
    {
        using NpgsqlCommand command = new(sql, _writer);
        return command.ExecuteScalar() is var found && found is DBNull ? null : found;
    }

    private void Do(string sql)
    {
        using NpgsqlCommand command = new(sql, _writer);
        command.ExecuteNonQuery();
    }

    // The lock goes with the session: it must not rest in the pool.
    private void CloseWriter()
    {
        NpgsqlConnection? writer = _writer;
        _writer = null;
        if (writer is null) return;
        try
        {
            if (writer.State == ConnectionState.Open)
            {
                using NpgsqlCommand command = new($"SELECT pg_advisory_unlock({OneWriter}); DISCARD TEMP", writer);
                command.ExecuteNonQuery();
            }
        }
        catch (DbException)
        {
            NpgsqlConnection.ClearPool(writer);
        }
        writer.Dispose();
    }
}
