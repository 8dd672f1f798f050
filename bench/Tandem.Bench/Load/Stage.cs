namespace Tandem.Bench.Load;

/// <summary>The called sipp, the probe and the servers under test, in a temporary folder that goes with them.</summary>
internal sealed class Stage : IDisposable
{
    private const int ProbesPerSecond = 10;

    private readonly List<IPeer> _peers = [];
    private Child? _called;

    public string Folder { get; } = Directory.CreateTempSubdirectory("tandem-bench-").FullName;

    public int CallerPort { get; } = Sipp.FreePort();

    public int CalledPort { get; } = Sipp.FreePort();

    public DelayProbe Probe { get; } = new();

    public IReadOnlyList<IPeer> Peers => _peers;

    public IPeer Nothing => new NoPeer(CalledPort, Probe.CalledPort);

    public static async Task<Stage> Open(IEnumerable<Func<Stage, Task<IPeer>>> peers, CancellationToken stop)
    {
        var stage = new Stage();
        try
        {
            foreach (Func<Stage, Task<IPeer>> peer in peers) stage._peers.Add(await peer(stage));
            stage._called = Sipp.Called(stage.CalledPort, stage.Folder);
            await Task.Delay(500, stop);
            stage._called.MustRun();
            return stage;
        }
        catch
        {
            stage.Dispose();
            throw;
        }
    }

    public async Task<TandemPeer> Tandem(SwitchSize size, CancellationToken stop, string name = "Tandem", bool perfMap = false) =>
        await TandemPeer.Start(Sipp.FreePort(), CallerPort, CalledPort, Probe, Folder, stop, size: size, name: name, perfMap: perfMap);

    public async Task<IPeer> Kamailio(bool dialogs, CancellationToken stop) => await KamailioPeer.Start(Sipp.FreePort(), CalledPort, Probe, Folder, dialogs, stop);

    public async Task<IPeer> Other(string name, string command, CancellationToken stop) => await CommandPeer.Start(name, command, Sipp.FreePort(), CalledPort, Probe, Folder, stop);

    public Task<SippRun> Call(IPeer peer, int rate, int calls, TimeSpan hold, CancellationToken stop, Func<Task>? during = null, int patienceSeconds = 30)
    {
        _called!.MustRun();
        return Sipp.Call(CallerPort, peer.Port, rate, calls, hold, Folder, stop, during, patienceSeconds: patienceSeconds);
    }

    /// <summary>One round at a rate: what it cost and how it went.</summary>
    public async Task<Round> Measure(IPeer peer, int rate, TimeSpan time, CancellationToken stop, int probes = ProbesPerSecond)
    {
        var tandem = peer as TandemPeer;
        IReadOnlyList<int> pids = peer.Pids;
        SwitchSays? before = tandem is null ? null : await tandem.Ask(stop);
        double cpu = ProcFs.CpuSeconds(pids);
        long sleeps = ProcFs.Sleeps(pids);
        int calls = (int)(rate * time.TotalSeconds);
        List<double> delays = [];
        SippRun run = await Call(peer, rate, calls, TimeSpan.Zero, stop, async () =>
            delays = await Probe.Run(peer.ProbePort, (int)((time.TotalSeconds - 1) * probes), TimeSpan.FromSeconds(1.0 / probes), stop), patienceSeconds: 5);
        delays.Sort();
        cpu = ProcFs.CpuSeconds(pids) - cpu;
        sleeps = ProcFs.Sleeps(pids) - sleeps;
        SwitchSays? after = tandem is null ? null : await tandem.Ask(stop);
        return new Round(run, time, cpu * 1000 / calls, sleeps / (double)calls, after is null ? double.NaN : (after.AllocatedBytes - before!.AllocatedBytes) / (double)calls, after?.PausesMillis ?? [], [.. delays]);
    }

    public void Dispose()
    {
        _called?.Dispose();
        foreach (IPeer peer in _peers) peer.Dispose();
        Probe.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>What one round showed.</summary>
internal sealed record Round(SippRun Run, TimeSpan Time, double CpuPer1000, double SleepsPerCall, double GarbagePerCall, double[] PausesMillis, double[] DelaysMillis)
{
    private const double MostFailed = 0.001;

    /// <summary>Less than 0.1 % failed, and the rate was kept.</summary>
    public bool Held => Run.Failed < MostFailed * Run.Calls && Run.Seconds < (Time.TotalSeconds * 1.1) + 1;
}
