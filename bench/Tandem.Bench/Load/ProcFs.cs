using System.Globalization;

namespace Tandem.Bench.Load;

/// <summary>CPU and memory of a process and its children, as the kernel counts them.</summary>
internal static class ProcFs
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux that .NET runs on

    /// <summary>The process and all below it.</summary>
    public static List<int> Tree(int root)
    {
        var parents = new List<(int Pid, int Parent)>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int pid) && Stat(pid) is { } stat) parents.Add((pid, int.Parse(stat[1], CultureInfo.InvariantCulture)));
        }
        List<int> tree = [root];
        for (int i = 0; i < tree.Count; i++) tree.AddRange(parents.Where(p => p.Parent == tree[i]).Select(static p => p.Pid));
        return tree;
    }

    /// <summary>utime + stime of all of them.</summary>
    public static double CpuSeconds(IEnumerable<int> pids)
    {
        long ticks = 0;
        foreach (int pid in pids)
        {
            if (Stat(pid) is { } stat) ticks += long.Parse(stat[11], CultureInfo.InvariantCulture) + long.Parse(stat[12], CultureInfo.InvariantCulture);
        }
        return ticks / TicksPerSecond;
    }

    /// <summary>Voluntary context switches of all threads: how often one of them went to sleep.</summary>
    public static long Sleeps(IEnumerable<int> pids)
    {
        long sleeps = 0;
        foreach (int pid in pids)
        {
            if (!Directory.Exists($"/proc/{pid}/task")) continue;
            foreach (string task in Directory.EnumerateDirectories($"/proc/{pid}/task")) sleeps += Field(Path.Combine(task, "status"), "voluntary_ctxt_switches:");
        }
        return sleeps;
    }

    /// <summary>Proportional set size of all of them.</summary>
    public static long PssBytes(IEnumerable<int> pids) => pids.Sum(static pid => Field($"/proc/{pid}/smaps_rollup", "Pss:")) * 1024;

    /// <summary>Files a process has open, and how many of them are sockets.</summary>
    public static (int All, int Sockets) Handles(int pid)
    {
        int all = 0, sockets = 0;
        foreach (string file in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
        {
            all++;
            if (new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true) sockets++;
        }
        return (all, sockets);
    }

    private static long Field(string file, string name)
    {
        try
        {
            foreach (string line in File.ReadLines(file))
            {
                if (line.StartsWith(name, StringComparison.Ordinal)) return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
            }
        }
        catch (IOException)
        {
            // it has ended
        }
        return 0;
    }

    // Fields from the third on (state): the second, the name in brackets, may hold anything.
    private static string[]? Stat(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
