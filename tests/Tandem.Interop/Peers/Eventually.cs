namespace Tandem.Interop.Peers;

/// <summary>Waits for what other threads and programs bring about.</summary>
internal static class Eventually
{
    /// <summary>Asks every 20 ms until it is so.</summary>
    /// <exception cref="TimeoutException">It did not become so.</exception>
    public static async Task BeAsync(Func<Task<bool>> so, string what, TimeSpan patience, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        long until = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (!await so())
        {
            if (Environment.TickCount64 > until) throw new TimeoutException($"It did not come about: {what}.");
            await timer.WaitForNextTickAsync(stop);
        }
    }

    public static Task BeAsync(Func<bool> so, string what, TimeSpan patience, CancellationToken stop) => BeAsync(() => Task.FromResult(so()), what, patience, stop);

    /// <summary>Lets so much time go by.</summary>
    public static async Task PassAsync(TimeSpan length, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(length);
        await timer.WaitForNextTickAsync(stop);
    }
}
