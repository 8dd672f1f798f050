using System.Globalization;
using Npgsql;
using Tandem.Interop.Peers;

namespace Tandem.Interop.Postgres;

/// <summary>A PostgreSQL server of its own on loopback with an empty cluster, gone with the test. It does not run as root: as root it is run as the user postgres.</summary>
internal sealed class PostgresServer : IDisposable
{
    private const int MostAsked = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"tandem-postgres-{Guid.NewGuid():N}");
    private readonly int _port = LoopbackPorts.Take();
    private string _programs = "";
    private PeerProcess? _process;

    public string Url => string.Create(CultureInfo.InvariantCulture, $"postgres://tandem@127.0.0.1:{_port}/postgres");

    public static async Task<PostgresServer> StartAsync(CancellationToken stop)
    {
        string[] programs = Directory.Exists("/usr/lib/postgresql") ? [.. Directory.GetFiles("/usr/lib/postgresql", "initdb", SearchOption.AllDirectories)] : [];
        if (programs.Length == 0) Assert.Skip("PostgreSQL is missing: apt-get install postgresql.");
        var server = new PostgresServer { _programs = Path.GetDirectoryName(programs.Order(StringComparer.Ordinal).Last())! };
        try
        {
            using (PeerProcess made = server.Run("initdb", "-D", server._folder, "-U", "tandem", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"))
                Assert.True(await made.EndAsync(Patience, stop) == 0, made.Story());
            await server.ComeUpAsync(stop);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>As after a crash of it.</summary>
    public void Kill() => _process?.Kill();

    /// <summary>It does not come up while a process of one that was killed is still leaving: then it is asked again.</summary>
    public async Task ComeUpAsync(CancellationToken stop)
    {
        string port = _port.ToString(CultureInfo.InvariantCulture);
        for (int asked = 1; ; asked++)
        {
            _process?.Dispose();
            _process = Run("postgres", "-D", _folder, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "shared_buffers=32MB", "-c", "max_connections=20");
            Task up = _process.HearAsync("ready to accept connections", Patience, stop);
            while (!up.IsCompleted && !_process.HasExited) await Task.WhenAny(up, Task.Delay(50, stop));
            if (!up.IsCompleted) await _process.EndAsync(Patience, stop); // with all it said
            if (up.IsCompleted || asked == MostAsked || !_process.Story().Contains("is still in use", StringComparison.Ordinal))
            {
                await up;
                return;
            }
        }
    }

    public long Scalar(string sql)
    {
        using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = _port, Username = "tandem", Database = "postgres", Pooling = false }.ToString());
        connection.Open();
        using NpgsqlCommand command = new(sql, connection);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>Overwrites the file of a table, as a failing disk would.</summary>
    public void Damage(string table)
    {
        using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = _port, Username = "tandem", Database = "postgres", Pooling = false }.ToString());
        connection.Open();
        using NpgsqlCommand command = new($"CHECKPOINT; SELECT pg_relation_filepath('{table}')", connection);
        string file = Path.Combine(_folder, (string)command.ExecuteScalar()!);
        byte[] noise = new byte[new FileInfo(file).Length];
        new Random(7).NextBytes(noise);
        using FileStream into = new(file, FileMode.Open, FileAccess.Write);
        into.Write(noise);
    }

    public void Dispose()
    {
        _process?.Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private PeerProcess Run(string program, params string[] arguments)
    {
        string path = Path.Combine(_programs, program);
        return Environment.UserName == "root"
            ? PeerProcess.Start("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments], [])
            : PeerProcess.Start(path, arguments, []);
    }
}
