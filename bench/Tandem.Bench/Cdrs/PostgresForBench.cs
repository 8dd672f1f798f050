using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tandem.Bench.Cdrs;

/// <summary>A PostgreSQL server of the bench's own on loopback, gone with it; as root it is run as the user postgres.</summary>
internal sealed class PostgresForBench : IDisposable
{
    private readonly string _programs;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"tandem-bench-postgres-{Guid.NewGuid():N}");
    private readonly int _port = FreePort();
    private Process? _server;

    private PostgresForBench(string programs) => _programs = programs;

    public string Url => string.Create(CultureInfo.InvariantCulture, $"postgres://tandem@127.0.0.1:{_port}/postgres");

    /// <summary>Null: it is not installed.</summary>
    public static async Task<PostgresForBench?> TryStart(CancellationToken stop)
    {
        string[] found = Directory.Exists("/usr/lib/postgresql") ? Directory.GetFiles("/usr/lib/postgresql", "initdb", SearchOption.AllDirectories) : [];
        if (found.Length == 0) return null;
        var server = new PostgresForBench(Path.GetDirectoryName(found.Order(StringComparer.Ordinal).Last())!);
        try
        {
            await server.Do("initdb", stop, "-D", server._folder, "-U", "tandem", "-A", "trust", "-E", "UTF8", "--locale=C");
            server._server = server.Run("postgres", "-D", server._folder, "-p", server._port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=");
            for (int tries = 0; !await server.Answers(stop); tries++)
            {
                if (tries == 100) throw new BenchException("PostgreSQL did not come up within 10 s");
                await Task.Delay(100, stop);
            }
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>An empty database again.</summary>
    public void Forget()
    {
        using var connection = new Npgsql.NpgsqlConnection($"Host=127.0.0.1;Port={_port};Username=tandem;Database=postgres;Pooling=false");
        connection.Open();
        using var command = new Npgsql.NpgsqlCommand("DROP SCHEMA IF EXISTS tandem_cdr CASCADE", connection);
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        if (_server is { HasExited: false })
        {
            _server.Kill(entireProcessTree: true);
            _server.WaitForExit(5_000);
        }
        _server?.Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> Answers(CancellationToken stop)
    {
        try
        {
            await using var connection = new Npgsql.NpgsqlConnection($"Host=127.0.0.1;Port={_port};Username=tandem;Database=postgres;Pooling=false;Timeout=2");
            await connection.OpenAsync(stop);
            return true;
        }
        catch (Npgsql.NpgsqlException)
        {
            return false;
        }
    }

    private async Task Do(string program, CancellationToken stop, params string[] arguments)
    {
        using Process process = Run(program, arguments);
        await process.WaitForExitAsync(stop);
        if (process.ExitCode != 0) throw new BenchException($"{program} failed with exit code {process.ExitCode}");
    }

    private Process Run(string program, params string[] arguments)
    {
        string path = Path.Combine(_programs, program);
        bool root = Environment.UserName == "root";
        var start = new ProcessStartInfo(root ? "setpriv" : path) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in root ? ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments] : arguments) start.ArgumentList.Add(argument);
        Process process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
