using System.Globalization;
using Tandem.Interop.Peers;
using Tandem.Primitives;

namespace Tandem.Interop.Sipp;

/// <summary>What sipp counted when it ended.</summary>
internal readonly record struct SippCounts(int Created, int Succeeded, int Failed, int Retransmissions);

/// <summary>One sipp, caller or callee, with a scenario of ours (Scenarios/*.xml).</summary>
internal sealed class SippRun : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly PeerProcess _process;

    private SippRun(string scenario, int port, NetAddress to, IReadOnlyList<string> arguments, IReadOnlyList<string>? calls)
    {
        string program = PeerProgram.Sipp;
        var all = new List<string>();
        if (!to.IsNone) all.Add(to.ToString());
        all.AddRange(["-sf", Path.Combine(AppContext.BaseDirectory, "Sipp", "Scenarios", scenario + ".xml")]);
        all.AddRange(["-i", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-nostdin"]);
        all.AddRange(["-trace_err", "-error_file", _folder.File("errors"), "-log_file", _folder.File("told"), "-trace_stat", "-stf", _folder.File("counts"), "-fd", "1"]);
        if (Environment.GetEnvironmentVariable("TANDEM_SIPP_MESSAGES") == "1") all.AddRange(["-trace_msg", "-message_file", _folder.File("messages")]);
        if (calls is not null)
        {
            File.WriteAllLines(_folder.File("calls.csv"), ["SEQUENTIAL", .. calls]);
            all.AddRange(["-inf", _folder.File("calls.csv")]);
        }
        all.AddRange(arguments);
        Scenario = scenario;
        Port = port;
        _process = PeerProcess.Start(program, all, [_folder.File("errors"), _folder.File("messages")]);
    }

    public string Scenario { get; }

    public int Port { get; }

    public PeerProcess Process => _process;

    /// <summary>A callee that waits for calls and ends after the last; returns once it listens.</summary>
    public static async Task<SippRun> CalleeAsync(string scenario, int port, int calls, CancellationToken stop, params string[] further)
    {
        var run = new SippRun(scenario, port, default, ["-m", calls.ToString(CultureInfo.InvariantCulture), .. further], null);
        await Eventually.BeAsync(() => Listens(port) || run._process.HasExited, "sipp listens", TimeSpan.FromSeconds(10), stop);
        return run;
    }

    /// <summary>A caller that makes one call for each line: called number, calling number, milliseconds of talk.</summary>
    public static SippRun Caller(string scenario, int port, NetAddress to, IReadOnlyList<string> calls, int perSecond, params string[] further) =>
        new(scenario, port, to, ["-m", calls.Count.ToString(CultureInfo.InvariantCulture), "-r", perSecond.ToString(CultureInfo.InvariantCulture), "-l", "10000", .. further], calls);

    /// <summary>Waits for its end and has every call to have gone as the scenario says.</summary>
    public async Task<SippCounts> AllWellAsync(TimeSpan patience, CancellationToken stop)
    {
        int code = await _process.EndAsync(patience, stop);
        SippCounts counts = Counts();
        Assert.True(code == 0 && counts.Failed == 0, $"sipp {Scenario} ended with {code}: {counts.Succeeded} calls went well, {counts.Failed} did not.\n{_process.Story()}");
        return counts;
    }

    public async Task<SippCounts> EndedAsync(TimeSpan patience, CancellationToken stop)
    {
        await _process.EndAsync(patience, stop);
        return Counts();
    }

    /// <summary>The counts as last written: each second, and at its end.</summary>
    public SippCounts Counts()
    {
        string[] lines = File.Exists(_folder.File("counts")) ? File.ReadAllLines(_folder.File("counts")) : [];
        if (lines.Length < 2) return default;
        string[] names = lines[0].Split(';');
        string[] values = lines[^1].Split(';');
        int Value(string name) => int.Parse(values[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
        return new SippCounts(Value("TotalCallCreated"), Value("SuccessfulCall(C)"), Value("FailedCall(C)"), Value("Retransmissions(C)"));
    }

    /// <summary>What the scenario logged (with -trace_logs); a line cut short by a kill is left out.</summary>
    public IReadOnlyList<string> Told()
    {
        if (!File.Exists(_folder.File("told"))) return [];
        string text = File.ReadAllText(_folder.File("told"));
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    private static readonly string[] Tables = ["/proc/net/udp", "/proc/net/udp6", "/proc/net/tcp", "/proc/net/tcp6"];

    // The kernel's own table: asking the port by binding it would take it from under the peer.
    private static bool Listens(int port)
    {
        string wanted = $":{port:X4} ";
        return Tables.Where(File.Exists).SelectMany(File.ReadLines).Any(line => line.Contains(wanted, StringComparison.Ordinal));
    }
}
