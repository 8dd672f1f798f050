using Microsoft.Data.Sqlite;
using Tandem.Primitives;

namespace Tandem.Server.Idempotency;

/// <summary>An answer as it was given.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="ContentType">Empty for none.</param>
/// <param name="Tag">Its ETag; empty for none.</param>
/// <param name="Location">Empty for none.</param>
/// <param name="Body">Null: it holds a secret and was not kept.</param>
public sealed record KeptAnswer(int Status, string ContentType, string Tag, string Location, byte[]? Body);

/// <summary>What is known of a key.</summary>
public enum KeyState : byte
{
    /// <summary>It was not used: what is asked is to be done now, and no other may do it meanwhile.</summary>
    New,

    /// <summary>It is being done.</summary>
    UnderWay,

    /// <summary>The switch stopped while it was being done.</summary>
    Unknown,

    /// <summary>It was used for another request.</summary>
    Other,

    Done,
}

/// <summary>
/// Keys of requests that were made, with their answers, in <c>idempotency.db</c> of the data folder (0600): durable before a request is done, so that none is done twice whatever happens between. For a day, the last
/// 100,000. Any thread may use it.
/// </summary>
public sealed class IdempotencyBook : IDisposable
{
    public const string FileName = "idempotency.db";
    public const int MostKeys = 100_000;
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly SqliteConnection _database;
    private readonly HashSet<(string By, string Key)> _underWay = [];
    private readonly int _most;
    private Instant _sweepAt;

    private IdempotencyBook(SqliteConnection database, int most) => (_database, _most) = (database, most);

    /// <exception cref="IOException">The file cannot be used; the message is a sentence for the operator.</exception>
    public static IdempotencyBook Open(string dataFolder, int most = MostKeys)
    {
        string file = Path.Combine(dataFolder, FileName);
        try
        {
            if (!File.Exists(file)) using (new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite })) { }
            var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            database.Open();
            var book = new IdempotencyBook(database, most);
            book.Do("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS keys (who TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, at INTEGER NOT NULL, status INTEGER, type TEXT, tag TEXT, location TEXT, body BLOB, PRIMARY KEY (who, key)) STRICT, WITHOUT ROWID; CREATE INDEX IF NOT EXISTS keys_at ON keys (at);");
            return book;
        }
        catch (Exception e) when (e is SqliteException or UnauthorizedAccessException)
        {
            throw new IOException($"{file} cannot be used ({e.Message}): it holds the keys of requests that were made. Bring it back from a copy, or remove it to forget them.", e);
        }
    }

    /// <summary>What to do with a request; where it is new, it is begun, and <see cref="End"/> must follow.</summary>
    /// <param name="by">Who asks: keys of others are other keys.</param>
    /// <param name="key">His key.</param>
    /// <param name="request">What makes the request the same: a hash of all of it.</param>
    /// <param name="now">When.</param>
    /// <exception cref="IOException">It cannot be written down; then it must not be done.</exception>
    public (KeyState State, KeptAnswer? Answer) Begin(string by, string key, byte[] request, Instant now) => Guarded(() =>
    {
        Sweep(now);
        using SqliteCommand find = Command("SELECT request, status, type, tag, location, body FROM keys WHERE who = $who AND key = $key", ("$who", by), ("$key", key));
        using (SqliteDataReader row = find.ExecuteReader())
        {
            if (row.Read())
            {
                if (!((byte[])row.GetValue(0)).AsSpan().SequenceEqual(request)) return (KeyState.Other, null);
                if (_underWay.Contains((by, key))) return (KeyState.UnderWay, null);
                return row.IsDBNull(1) ? (KeyState.Unknown, (KeptAnswer?)null)
                    : (KeyState.Done, new KeptAnswer(row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetString(4), row.IsDBNull(5) ? null : (byte[])row.GetValue(5)));
            }
        }
        Do("INSERT INTO keys (who, key, request, at) VALUES ($who, $key, $request, $at)", ("$who", by), ("$key", key), ("$request", request), ("$at", now.Micros));
        _underWay.Add((by, key));
        return (KeyState.New, null);
    });

    /// <summary>The request was answered; null: nothing came of it, and it may be made again.</summary>
    /// <exception cref="IOException">It cannot be written down: what came of it will not be known.</exception>
    public void End(string by, string key, KeptAnswer? answer) => Guarded(() =>
    {
        _underWay.Remove((by, key));
        if (answer is null) Do("DELETE FROM keys WHERE who = $who AND key = $key", ("$who", by), ("$key", key));
        else
        {
            Do("UPDATE keys SET status = $status, type = $type, tag = $tag, location = $location, body = $body WHERE who = $who AND key = $key",
                ("$who", by), ("$key", key), ("$status", answer.Status), ("$type", answer.ContentType), ("$tag", answer.Tag), ("$location", answer.Location), ("$body", answer.Body ?? (object)DBNull.Value));
        }
        return true;
    });

    public void Dispose()
    {
        lock (_lock) _database.Dispose();
    }

    private void Sweep(Instant now)
    {
        if (now < _sweepAt) return;
        _sweepAt = now + SweepEvery;
        Do("DELETE FROM keys WHERE at < $before; DELETE FROM keys WHERE at <= (SELECT at FROM keys ORDER BY at DESC LIMIT 1 OFFSET $most)", ("$before", (now - Kept).Micros), ("$most", _most));
    }

    private T Guarded<T>(Func<T> work)
    {
        lock (_lock)
        {
            try
            {
                return work();
            }
            catch (SqliteException e)
            {
                throw new IOException($"the keys of requests cannot be written ({e.Message}); nothing was done", e);
            }
        }
    }

    private void Do(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using SqliteCommand command = Command(sql, values);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        SqliteCommand command = _database.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in values) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
