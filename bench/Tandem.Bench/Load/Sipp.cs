using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tandem.Bench.Load;

/// <summary>What a sipp caller saw.</summary>
/// <param name="Calls">Made.</param>
/// <param name="Failed">Of those, not carried to the end.</param>
/// <param name="Retransmissions">Messages it had to send again.</param>
/// <param name="Seconds">From the first call to the last one's end.</param>
internal sealed record SippRun(int Calls, int Failed, long Retransmissions, double Seconds);

/// <summary>sipp as caller and called, with the scenarios beside this program.</summary>
internal static class Sipp
{
    public static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "Load", name);

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public static Child Called(int port, string folder, string transport = "u1") =>
        new("the called sipp", "sipp", ["-sf", Scenario("uas.xml"), "-t", transport, "-i", "127.0.0.1", "-p", $"{port}", "-nostdin", "-buff_size", "2000000", "-watchdog_minor_maxtriggers", "100000", "-watchdog_major_maxtriggers", "1000"], folder);

    /// <summary>Calls at a rate for some seconds, each held for a while; waits until the last is over.</summary>
    public static async Task<SippRun> Call(int from, int to, int rate, int calls, TimeSpan hold, string folder, CancellationToken stop, Func<Task>? during = null, string transport = "u1", int patienceSeconds = 30)
    {
        string run = Directory.CreateDirectory(Path.Combine(folder, $"run-{Guid.NewGuid():N}")).FullName;
        string statistics = Path.Combine(run, "stat.csv");
        long holdMillis = (long)hold.TotalMilliseconds;
        double patience = (calls / (double)rate) + hold.TotalSeconds + patienceSeconds;
        string[] arguments =
        [
            "-sf", Scenario("uac.xml"), "-t", transport, "-i", "127.0.0.1", "-p", $"{from}", "-inf", Path.Combine(folder, "numbers.csv"), "-nostdin",
            "-r", $"{rate}", "-m", $"{calls}", "-l", "60000", "-d", $"{holdMillis}", "-timeout", $"{patience:F0}", "-buff_size", "2000000",
            "-trace_stat", "-stf", statistics, "-fd", "1", "-timer_resol", "2", "-watchdog_minor_maxtriggers", "100000", "-watchdog_major_maxtriggers", "1000",
            $"127.0.0.1:{to}",
        ];
        using var caller = new Child("the calling sipp", "sipp", arguments, run);
        if (during is not null) await during();
        try
        {
            await caller.Ended(stop).WaitAsync(TimeSpan.FromSeconds(patience + 3), stop);
        }
        catch (TimeoutException)
        {
            // With thousands of calls that nobody answers it does not end by itself; what has not succeeded by now has failed.
        }
        return Read(statistics, calls);
    }

    private static SippRun Read(string statistics, int calls)
    {
        string[] lines = File.Exists(statistics) ? [.. File.ReadLines(statistics).Where(static l => l.Length > 0)] : [];
        if (lines.Length < 2) throw new BenchException("sipp left no statistics.");
        string[] names = lines[0].Split(';');
        string[] last = lines[^1].Split(';');
        double Value(string name) => double.Parse(last[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
        int done = (int)Value("SuccessfulCall(C)");
        string elapsed = last[Array.IndexOf(names, "ElapsedTime(C)")];
        return new SippRun(calls, calls - done, (long)Value("Retransmissions(C)"), Seconds(elapsed));
    }

    // HH:MM:SS or HH:MM:SS:micros
    private static double Seconds(string clock)
    {
        string[] parts = clock.Split(':');
        double seconds = (int.Parse(parts[0]) * 3600) + (int.Parse(parts[1]) * 60) + double.Parse(parts[2], CultureInfo.InvariantCulture);
        return parts.Length > 3 ? seconds + (double.Parse(parts[3], CultureInfo.InvariantCulture) / 1e6) : seconds;
    }
}
