using System.Globalization;

namespace Tandem.Bench.Load;

/// <summary>Keeps a process to a part of a core by a control group, so that one machine can offer it several times what it can do. Needs root.</summary>
internal sealed class CpuLimit : IDisposable
{
    private const int PeriodMicros = 5_000;

    private readonly string _group;
    private readonly int _pid;

    public CpuLimit(int pid, double cores)
    {
        _pid = pid;
        bool first = Directory.Exists("/sys/fs/cgroup/cpu");
        _group = Path.Combine(first ? "/sys/fs/cgroup/cpu" : "/sys/fs/cgroup", $"tandem-bench-{Environment.ProcessId}");
        string quota = ((int)(PeriodMicros * cores)).ToString(CultureInfo.InvariantCulture);
        try
        {
            Directory.CreateDirectory(_group);
            if (first)
            {
                File.WriteAllText(Path.Combine(_group, "cpu.cfs_period_us"), $"{PeriodMicros}");
                File.WriteAllText(Path.Combine(_group, "cpu.cfs_quota_us"), quota);
            }
            else File.WriteAllText(Path.Combine(_group, "cpu.max"), $"{quota} {PeriodMicros}");
            File.WriteAllText(Path.Combine(_group, "cgroup.procs"), $"{pid}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"the switch cannot be kept to a part of a core ({e.Message}): run this as root on a machine with control groups.");
        }
    }

    /// <summary>The process, if it still runs, goes back to where it was.</summary>
    public void Dispose()
    {
        try
        {
            if (Directory.Exists($"/proc/{_pid}")) File.WriteAllText(Path.Combine(Path.GetDirectoryName(_group)!, "cgroup.procs"), $"{_pid}");
            Directory.Delete(_group);
        }
        catch (IOException)
        {
            // still in use: the next start of the machine takes it away
        }
    }
}
