using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>
/// The statements that put a CDR into the table of its day and into the sums of its hour, prepared once and bound straight from the record: through the provider's
/// command each of the columns costs objects, and every call that ends pays for them.
/// </summary>
internal sealed class CdrInsert : IDisposable
{
    private const long HourMicros = 3_600_000_000;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _hour;
    private sqlite3_stmt? _row;
    private string _table = "";
    private byte[] _buffer = new byte[4096];

    /// <exception cref="SqliteException">The statement does not fit the database.</exception>
    public CdrInsert(SqliteConnection connection)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The database is not open.");
        _hour = Prepare(CdrSchema.InsertHour);
    }

    /// <summary>Adds the row to a table there is, within the transaction that is open; a call that is there already stays as it is.</summary>
    /// <exception cref="SqliteException">The row cannot be written.</exception>
    public void Add(string table, Cdr cdr)
    {
        if (_row is null || table != _table)
        {
            _row?.Dispose();
            _row = Prepare(CdrSchema.Insert(table));
            _table = table;
        }
        int at = 0;
        Bind(_row, ref at, cdr.Call.Value);
        foreach (CdrField field in CdrFields.All)
        {
            CdrValue value = field.Of(cdr);
            if (value.IsNone) Check(raw.sqlite3_bind_null(_row, ++at));
            else if (value.Text is { } text) Bind(_row, ref at, text);
            else Bind(_row, ref at, value.Number);
        }
        Check(raw.sqlite3_bind_blob(_row, ++at, Record(cdr)));
        Step(_row);
        if (raw.sqlite3_changes(_database) > 0) Sum(cdr);
    }

    public void Dispose()
    {
        _row?.Dispose();
        _hour.Dispose();
    }

    private void Sum(Cdr cdr)
    {
        long hold = Math.Max(0, cdr.HoldTime.Ticks / TimeSpan.TicksPerMillisecond);
        int at = 0;
        Bind(_hour, ref at, cdr.Stop.Micros - (cdr.Stop.Micros % HourMicros));
        Bind(_hour, ref at, cdr.CallerGateway);
        Bind(_hour, ref at, cdr.CalleeGateway);
        Bind(_hour, ref at, cdr.Sale?.AccountNumber ?? "");
        Bind(_hour, ref at, cdr.Sale?.Tariff.Currency.ToString() ?? "");
        Bind(_hour, ref at, cdr.Sale?.Area ?? "");
        Bind(_hour, ref at, (long)cdr.EndDirection);
        Bind(_hour, ref at, cdr.EndReason);
        Bind(_hour, ref at, cdr.WasAnswered ? 1 : 0);
        Bind(_hour, ref at, hold);
        Bind(_hour, ref at, cdr.Sale?.BilledSeconds ?? 0);
        Bind(_hour, ref at, cdr.Sale?.Nanos ?? 0);
        Bind(_hour, ref at, cdr.Cost?.Nanos ?? 0);
        Bind(_hour, ref at, cdr.Sale is null ? 0 : cdr.Further.Sum(static a => a.IncomeNanos));
        Bind(_hour, ref at, cdr is { Sale: { } sale, Cost: { } cost } && sale.Tariff.Currency != cost.Tariff.Currency ? 1 : 0);
        Bind(_hour, ref at, cdr.CalleePddMillis > 0 ? 1 : 0);
        Bind(_hour, ref at, cdr.CalleePddMillis);
        Bind(_hour, ref at, cdr.WasAnswered && hold < CdrSchema.ShortMillis ? 1 : 0);
        Step(_hour);
    }

    private ReadOnlySpan<byte> Record(Cdr cdr)
    {
        while (true)
        {
            var writer = new ByteWriter(_buffer);
            CdrCodec.Write(ref writer, cdr);
            if (!writer.Overflowed) return writer.Written;
            _buffer = new byte[_buffer.Length * 2];
        }
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_database, sql, out sqlite3_stmt statement));
        return statement;
    }

    private void Bind(sqlite3_stmt to, ref int at, long value) => Check(raw.sqlite3_bind_int64(to, ++at, value));

    // An empty span has no address, and would be taken for NULL.
    private void Bind(sqlite3_stmt to, ref int at, string value)
    {
        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (most > _buffer.Length) _buffer = new byte[most];
        int length = Encoding.UTF8.GetBytes(value, _buffer);
        Check(length == 0 ? raw.sqlite3_bind_text(to, ++at, utf8z.FromSpan("\0"u8)) : raw.sqlite3_bind_text(to, ++at, _buffer.AsSpan(0, length)));
    }

    private void Step(sqlite3_stmt statement)
    {
        int done = raw.sqlite3_step(statement);
        int reset = raw.sqlite3_reset(statement);
        if (done != raw.SQLITE_DONE) SqliteException.ThrowExceptionForRC(reset, _database);
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(result, _database);
    }
}
