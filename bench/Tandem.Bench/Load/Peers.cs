using System.Text.Json;

namespace Tandem.Bench.Load;

/// <summary>What stands between the two sipps.</summary>
internal interface IPeer : IDisposable
{
    string Name { get; }

    int Port { get; }

    /// <summary>Where the probe calls: the same, unless nothing stands between.</summary>
    int ProbePort => Port;

    /// <summary>Its processes; none where nothing stands between.</summary>
    IReadOnlyList<int> Pids { get; }
}

/// <summary>Nothing between: what sipp itself takes.</summary>
internal sealed class NoPeer(int called, int probe) : IPeer
{
    public int ProbePort => probe;

    public string Name => "nothing between";

    public int Port => called;

    public IReadOnlyList<int> Pids => [];

    public void Dispose()
    {
    }
}

internal sealed class KamailioPeer : IPeer
{
    private readonly Child _child;

    private KamailioPeer(Child child, int port, bool dialogs)
    {
        _child = child;
        Port = port;
        Name = dialogs ? "Kamailio, dialog" : "Kamailio";
    }

    public string Name { get; }

    public int Port { get; }

    public IReadOnlyList<int> Pids => ProcFs.Tree(_child.Pid);

    public static async Task<KamailioPeer> Start(int port, int called, DelayProbe probe, string folder, bool dialogs, CancellationToken stop)
    {
        folder = Directory.CreateDirectory(Path.Combine(folder, dialogs ? "kamailio-dialog" : "kamailio")).FullName;
        string program = File.Exists("/usr/sbin/kamailio") ? "/usr/sbin/kamailio" : "kamailio";
        string cfg = Path.Combine(folder, "kamailio.cfg");
        string text = await File.ReadAllTextAsync(Sipp.Scenario("kamailio.cfg"), stop);
        await File.WriteAllTextAsync(cfg, text.Replace("PORT", $"{port}", StringComparison.Ordinal).Replace("CALLED", $"{called}", StringComparison.Ordinal).Replace("PROBE", $"{probe.CalledPort}", StringComparison.Ordinal), stop);
        var child = new Child("kamailio", program, ["-f", cfg, .. (dialogs ? ["-A", "WITH_DIALOG"] : Array.Empty<string>()), "-DD", "-E", "-m", "512", "-M", "16", "-w", folder, "-P", Path.Combine(folder, "kamailio.pid"), "-Y", folder], folder);
        await Task.Delay(TimeSpan.FromSeconds(2), stop);
        child.MustRun();
        return new KamailioPeer(child, port, dialogs);
    }

    public void Dispose() => _child.Dispose();
}

/// <summary>Any other server, by a command line in which {port}, {called}, {probe} and {folder} are replaced (docs/performance.md).</summary>
internal sealed class CommandPeer : IPeer
{
    private readonly Child _child;

    private CommandPeer(string name, Child child, int port)
    {
        Name = name;
        _child = child;
        Port = port;
    }

    public string Name { get; }

    public int Port { get; }

    public IReadOnlyList<int> Pids => ProcFs.Tree(_child.Pid);

    public static async Task<CommandPeer> Start(string name, string command, int port, int called, DelayProbe probe, string folder, CancellationToken stop)
    {
        folder = Directory.CreateDirectory(Path.Combine(folder, "peer-" + name)).FullName;
        foreach ((string word, string value) in (ReadOnlySpan<(string, string)>)[("{port}", $"{port}"), ("{called}", $"{called}"), ("{probe}", $"{probe.CalledPort}"), ("{folder}", folder)]) command = command.Replace(word, value, StringComparison.Ordinal);
        var child = new Child(name, "/bin/sh", ["-c", command], folder);
        await Task.Delay(TimeSpan.FromSeconds(5), stop);
        child.MustRun();
        return new CommandPeer(name, child, port);
    }

    public void Dispose() => _child.Dispose();
}

/// <summary>What the switch says of itself.</summary>
internal sealed record SwitchSays(long AllocatedBytes, long PauseMicros, int Collections0, int Collections1, int Collections2, long HeapBytes, long Settled, int OpenCalls, int MostCalls)
{
    /// <summary>Pauses of collections, in ms, ascending: those since it was asked before.</summary>
    public double[] PausesMillis { get; init; } = [];
}

/// <summary>What a switch under load has.</summary>
/// <param name="Rates">In the decks of its carriers, together; 0: one carrier with the deck of the demo, and routing by priority.</param>
/// <param name="Accounts">Besides the caller's and the carriers'.</param>
/// <param name="Relays">Media passes through the switch.</param>
/// <param name="Api">It answers HTTP, and the Web API to this machine.</param>
internal sealed record SwitchSize(int Rates = 0, int Accounts = 0, bool Relays = true, bool Api = false)
{
    public static SwitchSize Whole { get; } = new(1_000_000);
}

/// <summary>The switch: this program again, as a child that answers on its standard output.</summary>
internal sealed class TandemPeer : IPeer
{
    private readonly Child _child;

    private TandemPeer(Child child, int port, string name)
    {
        _child = child;
        Port = port;
        Name = name;
    }

    public string Name { get; }

    public int Port { get; }

    public IReadOnlyList<int> Pids => [_child.Pid];

    public static async Task<TandemPeer> Start(int port, int caller, int called, DelayProbe probe, string folder, CancellationToken stop, string pump = "best", string? streams = null, SwitchSize? size = null, string name = "Tandem", bool perfMap = false)
    {
        size ??= new SwitchSize();
        string program = Environment.ProcessPath!;
        string[] first = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var child = new Child("the switch", program, [.. first, "serve", Path.Combine(folder, name), $"{port}", $"{caller}", $"{called}", Path.Combine(folder, "numbers.csv"), $"{probe.CallerPort}", $"{probe.CalledPort}", pump, streams ?? "", $"{size.Rates}", $"{size.Accounts}", size.Relays ? "relays" : "direct", size.Api ? "api" : ""], folder, keepOutput: true, perfMap ? [("DOTNET_PerfMapEnabled", "1"), ("DOTNET_EnableWriteXorExecute", "0")] : []);
        string? line = await child.Output.ReadLineAsync(stop).AsTask().WaitAsync(TimeSpan.FromSeconds(200), stop);
        if (line != "ready")
        {
            await Task.Delay(200, stop);
            string last = child.LastWords;
            child.Dispose();
            throw new BenchException($"the switch did not start: {line} {last}");
        }
        return new TandemPeer(child, port, name);
    }

    /// <summary>Ends it politely: snapshot and all.</summary>
    public async Task End(CancellationToken stop)
    {
        _child.Input.Close();
        await _child.Ended(stop);
    }

    public async Task<SwitchSays> Ask(CancellationToken stop, bool collect = false)
    {
        await _child.Input.WriteLineAsync((collect ? "collect" : "status").AsMemory(), stop);
        await _child.Input.FlushAsync(stop);
        string line = await _child.Output.ReadLineAsync(stop) ?? throw new BenchException($"the switch is gone: {_child.LastWords}");
        return JsonSerializer.Deserialize<SwitchSays>(line)!;
    }

    public void Dispose() => _child.Dispose();
}
