using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Tandem.Bench.Cdrs;

namespace Tandem.Bench.Ledgers;

/// <summary>
/// The same money kept by a database, as prepaid systems do that have no ledger of their own: hold, hold further, post, each a durable transaction over rows of a million accounts; clients that
/// do not wait for each other.
/// </summary>
internal static class PostgresMoney
{
    private const int Clients = 32;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    /// <returns>Calls a second; null: PostgreSQL is not installed.</returns>
    public static async Task<double?> CallsASecond(int accounts, CancellationToken stop)
    {
        using PostgresForBench? server = await PostgresForBench.TryStart(stop);
        if (server is null) return null;
        var address = new Uri(server.Url);
        string connect = string.Create(CultureInfo.InvariantCulture, $"Host={address.Host};Port={address.Port};Username=tandem;Database=postgres;Maximum Pool Size={Clients}");
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(connect);
        await using (NpgsqlCommand make = source.CreateCommand(string.Create(CultureInfo.InvariantCulture, $"""
            CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL, held bigint NOT NULL) WITH (fillfactor = 50);
            INSERT INTO accounts SELECT id, 1000000000000, 0 FROM generate_series(1, {accounts}) id;
            CREATE TABLE calls (id bigint PRIMARY KEY, account int NOT NULL, cost bigint NOT NULL, record bytea NOT NULL);
            ANALYZE accounts;
            """)))
        {
            make.CommandTimeout = 300;
            await make.ExecuteNonQueryAsync(stop);
        }
        byte[] record = new byte[1_000];
        long begun = Stopwatch.GetTimestamp(), calls = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync(stop);
            await using NpgsqlCommand hold = Prepared("UPDATE accounts SET held = held + $1 WHERE id = $2 AND balance - held >= $1", 2);
            await using NpgsqlCommand post = Prepared("WITH paid AS (UPDATE accounts SET held = held - $1, balance = balance - $2 WHERE id = $3 RETURNING id) INSERT INTO calls SELECT $4, id, $2, $5 FROM paid", 5);
            for (long n = client; Stopwatch.GetElapsedTime(begun) < Long; n += Clients)
            {
                int account = (int)(unchecked((uint)n * 2_654_435_761) % (uint)accounts) + 1;
                await Run(hold, 12_000_000L, account);
                await Run(hold, 28_000_000L, account);
                await Run(post, 40_000_000L, 20_000_000L, account, n, record);
                Interlocked.Increment(ref calls);
            }

            NpgsqlCommand Prepared(string sql, int parameters)
            {
                var command = new NpgsqlCommand(sql, connection);
                for (int i = 0; i < parameters; i++) command.Parameters.Add(new NpgsqlParameter());
                return command;
            }

            async Task Run(NpgsqlCommand command, params object[] values)
            {
                for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
                if (!command.IsPrepared) await command.PrepareAsync(stop);
                if (await command.ExecuteNonQueryAsync(stop) != 1) throw new BenchException("PostgreSQL did not hold or post what it should have");
            }
        }));
        return calls / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }
}
