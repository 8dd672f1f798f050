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

    private KamailioPeer(Child child, int port)
    {
        _child = child;
        Port = port;
    }

    public string Name => "Kamailio";

    public int Port { get; }

    public IReadOnlyList<int> Pids => ProcFs.Tree(_child.Pid);

    public static async Task<KamailioPeer> Start(int port, int called, DelayProbe probe, string folder, CancellationToken stop)
    {
        string program = File.Exists("/usr/sbin/kamailio") ? "/usr/sbin/kamailio" : "kamailio";
        string cfg = Path.Combine(folder, "kamailio.cfg");
        string text = await File.ReadAllTextAsync(Sipp.Scenario("kamailio.cfg"), stop);
        await File.WriteAllTextAsync(cfg, text.Replace("PORT", $"{port}", StringComparison.Ordinal).Replace("CALLED", $"{called}", StringComparison.Ordinal).Replace("PROBE", $"{probe.CalledPort}", StringComparison.Ordinal), stop);
        var child = new Child("kamailio", program, ["-f", cfg, "-DD", "-E", "-m", "512", "-M", "16", "-w", folder, "-P", Path.Combine(folder, "kamailio.pid"), "-Y", folder], folder);
        await Task.Delay(TimeSpan.FromSeconds(2), stop);
        child.MustRun();
        return new KamailioPeer(child, port);
    }

    public void Dispose() => _child.Dispose();
}

/// <summary>What the switch says of itself.</summary>
internal sealed record SwitchSays(long AllocatedBytes, long PauseMicros, int Collections0, int Collections1, int Collections2, long HeapBytes, long Settled, int OpenCalls, int MostCalls);

/// <summary>The switch: this program again, as a child that answers on its standard output.</summary>
internal sealed class TandemPeer : IPeer
{
    private readonly Child _child;

    private TandemPeer(Child child, int port)
    {
        _child = child;
        Port = port;
    }

    public string Name => "Tandem";

    public int Port { get; }

    public IReadOnlyList<int> Pids => [_child.Pid];

    public static async Task<TandemPeer> Start(int port, int caller, int called, DelayProbe probe, string folder, CancellationToken stop, string pump = "best", string? streams = null)
    {
        string program = Environment.ProcessPath!;
        string[] first = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var child = new Child("the switch", program, [.. first, "serve", Path.Combine(folder, "tandem"), $"{port}", $"{caller}", $"{called}", Path.Combine(folder, "numbers.csv"), $"{probe.CallerPort}", $"{probe.CalledPort}", pump, .. (streams is null ? Array.Empty<string>() : [streams])], folder, keepOutput: true);
        string? line = await child.Output.ReadLineAsync(stop).AsTask().WaitAsync(TimeSpan.FromSeconds(60), stop);
        if (line != "ready")
        {
            await Task.Delay(200, stop);
            string last = child.LastWords;
            child.Dispose();
            throw new BenchException($"the switch did not start: {line} {last}");
        }
        return new TandemPeer(child, port);
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
