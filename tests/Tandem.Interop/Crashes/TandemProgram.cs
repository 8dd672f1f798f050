using System.Globalization;
using Tandem.Interop.Peers;
using Tandem.Primitives;

namespace Tandem.Interop.Crashes;

/// <summary>The program itself as a process of its own: what can be killed.</summary>
internal static class TandemProgram
{
    /// <summary>Built with the tests, beside them; TANDEM_PROGRAM names another one.</summary>
    private static string File
    {
        get
        {
            string program = Environment.GetEnvironmentVariable("TANDEM_PROGRAM") is { Length: > 0 } named ? named : Path.Combine(AppContext.BaseDirectory, "tandem");
            Assert.True(System.IO.File.Exists(program), $"{program} is not there: build the solution first.");
            return program;
        }
    }

    public static PeerProcess Start(params string[] arguments) => PeerProcess.Start(File, arguments, []);

    /// <summary>Runs a verb to its end; its exit code and all it said.</summary>
    public static async Task<(int Code, string Said)> DoAsync(CancellationToken stop, params string[] arguments)
    {
        using PeerProcess process = Start(arguments);
        int code = await process.EndAsync(TimeSpan.FromSeconds(60), stop);
        return (code, process.Story());
    }

    /// <summary>A switch on these ports, once it says that it listens.</summary>
    public static async Task<PeerProcess> RunAsync(string data, int sip, int http, CancellationToken stop, params string[] more)
    {
        PeerProcess process = Start(["run", "--data", data, "--sip", Loopback(sip).ToString(), "--http", Loopback(http).ToString(), .. more]);
        try
        {
            await process.HearAsync("SIP: ", TimeSpan.FromSeconds(30), stop);
            return process;
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    public static NetAddress Loopback(int port) => NetAddress.Parse($"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}");
}
