using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>
/// The statement that puts a CDR into its row, prepared once and bound straight from the record: through the provider's command each of the
/// 70 columns costs objects, and every call that ends pays for them.
/// </summary>
internal sealed class CdrInsert : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _text = new byte[512];
    private int _at;

    /// <exception cref="SqliteException">The statement does not fit the database.</exception>
    public CdrInsert(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The database is not open.");
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_database, sql, out _statement), _database);
    }

    /// <summary>Adds the row, within the transaction that is open; one with that call id already stays as it is.</summary>
    /// <exception cref="SqliteException">The row cannot be written.</exception>
    public void Add(Cdr cdr)
    {
        _at = 0;
        Put(cdr.Call.Value);
        Put(cdr.CallerE164);
        Put(cdr.CalleeE164);
        Put(cdr.CallerAccessE164);
        Put(cdr.CalleeAccessE164);
        Put(cdr.CallerToGatewayE164);
        Put(cdr.CalleeToGatewayE164);
        Put(cdr.Start.Micros);
        if (cdr.WasAnswered) Put(cdr.Answered.Micros);
        else PutNull();
        Put(cdr.Stop.Micros);
        Put(cdr.EndReason);
        Put((long)cdr.Refusal);
        Put((long)cdr.EndDirection);
        Put(cdr.CallerGateway);
        Put(cdr.CalleeGateway);
        Put(cdr.CallerAddress);
        Put(cdr.CalleeAddress);
        Put((long)cdr.CalleeBilling);
        Put((long)cdr.BillingMode);
        Put(cdr.CallerPddMillis);
        Put(cdr.CalleePddMillis);
        Put(cdr.Revision);
        Put(cdr.Attempts);
        Put(cdr.CallerPackets);
        Put(cdr.CalleePackets);
        Check(raw.sqlite3_bind_blob(_statement, ++_at, cdr.DecisionLog));
        Put(cdr.Sale);
        Put(cdr.Cost);
        Put(cdr.CallerMedia);
        Put(cdr.CalleeMedia);
        int done = raw.sqlite3_step(_statement);
        int reset = raw.sqlite3_reset(_statement);
        if (done != raw.SQLITE_DONE) SqliteException.ThrowExceptionForRC(reset, _database);
    }

    public void Dispose() => _statement.Dispose();

    private void Put(CallCharge? charge)
    {
        if (charge is null)
        {
            for (int i = 0; i < ChargeColumns; i++) PutNull();
            return;
        }
        Put(charge.Account.Value);
        Put(charge.AccountNumber);
        Put(charge.Deck);
        Put(charge.DeckVersion);
        Put(charge.RatePrefix);
        Put(charge.Area);
        Put(charge.Tariff.RatePerMinuteNanos);
        Put(charge.Tariff.ConnectFeeNanos);
        Put(charge.Tariff.FirstSeconds);
        Put(charge.Tariff.NextSeconds);
        Put(charge.Tariff.Currency.Packed);
        Put(charge.BilledSeconds);
        Put(charge.Nanos);
    }

    private void Put(in LegMedia media)
    {
        Put(media.Bytes);
        Put(media.RtcpPackets);
        Put(media.First.Micros);
        Put(media.Last.Micros);
        Put(media.Lost);
        Put(media.Late);
        Put(media.JitterMicros);
        Put(media.RoundTripMicros);
        Put(media.MosHundredths);
    }

    internal const int ChargeColumns = 13;

    /// <summary>In the order they are put; each stands once for the caller and once for the called end.</summary>
    internal static readonly string[] MediaColumns = ["bytes", "rtcp", "first_rtp", "last_rtp", "lost", "late", "jitter", "round_trip", "mos"];

    private void Put(long value) => Check(raw.sqlite3_bind_int64(_statement, ++_at, value));

    private void PutNull() => Check(raw.sqlite3_bind_null(_statement, ++_at));

    private void Put(string value)
    {
        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (most > _text.Length) _text = new byte[most];
        Put(_text.AsSpan(0, Encoding.UTF8.GetBytes(value, _text)));
    }

    private void Put(in NetAddress address)
    {
        var w = new ByteWriter(_text);
        if (!address.IsNone) w.HostPort(address);
        Put(w.Written);
    }

    // An empty span has no address, and would be taken for NULL.
    private void Put(ReadOnlySpan<byte> utf8) =>
        Check(utf8.IsEmpty ? raw.sqlite3_bind_text(_statement, ++_at, utf8z.FromSpan("\0"u8)) : raw.sqlite3_bind_text(_statement, ++_at, utf8));

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(result, _database);
    }
}
