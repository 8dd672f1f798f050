namespace Tandem.Server.Network;

/// <summary>Open files, sockets included, this process may have: every call with media takes four.</summary>
public static unsafe class DescriptorLimit
{
    /// <summary>Raises the soft limit to the hard one (RLIMIT_NOFILE) and returns what holds now.</summary>
    public static long Raise()
    {
        LibC.RLimit limit;
        if (LibC.GetRLimit(LibC.RLIMIT_NOFILE, &limit) != 0) return 1024;
        if (limit.Soft < limit.Hard)
        {
            LibC.RLimit wanted = new() { Soft = limit.Hard, Hard = limit.Hard };
            if (LibC.SetRLimit(LibC.RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
        }
        return (long)Math.Min(limit.Soft, int.MaxValue);
    }
}
