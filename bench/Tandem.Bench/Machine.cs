using System.Runtime.InteropServices;

namespace Tandem.Bench;

/// <summary>What a figure depends on.</summary>
internal static class Machine
{
    public static IEnumerable<string> Describe()
    {
        string cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        yield return $"{Environment.ProcessorCount} x {cpu}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, Linux {Environment.OSVersion.Version}, {RuntimeInformation.FrameworkDescription}; load average at the end {load}";
    }
}
