namespace Tandem.Server.Access;

/// <summary>Hashing a password is a core's work for a tenth of a second, and anybody may ask for it: one at a time, and few may wait.</summary>
internal static class PasswordWork
{
    private const int MostWaiting = 16;
    private static readonly SemaphoreSlim One = new(1);
    private static int _waiting;

    /// <exception cref="Hosting.UnavailableException">Too many wait already.</exception>
    public static async Task<T> DoAsync<T>(Func<T> work, CancellationToken stop)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new Hosting.UnavailableException("too many passwords are being checked: try again in a moment");
        }
        try
        {
            await One.WaitAsync(stop);
            try
            {
                return await Task.Run(work, stop);
            }
            finally
            {
                One.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
