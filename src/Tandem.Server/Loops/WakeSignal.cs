using Tandem.Server.Network;

namespace Tandem.Server.Loops;

/// <summary>
/// Wakes a loop that sleeps on descriptors: an eventfd, written at most once per sleep and not at all while the loop is awake.
/// The loop calls <see cref="TrySleep"/> before and <see cref="Awoke"/> after it waits; any thread calls <see cref="Wake"/>
/// after it posted. Post, then wake: what was posted is seen by the turn that follows.
/// </summary>
internal sealed unsafe class WakeSignal : IDisposable
{
    private const int Running = 0, Asleep = 1, Called = 2;

    private readonly int _fd;
    private int _state;
    private long _writes;

    public WakeSignal()
    {
        _fd = LibC.EventFd(0, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC);
        if (_fd < 0) throw new InvalidOperationException($"No eventfd: {LibC.Says(LibC.Errno)}.");
    }

    /// <summary>Readable when the loop was woken.</summary>
    public int Descriptor => _fd;

    /// <summary>How often a sleeping loop was woken.</summary>
    public long Writes => Volatile.Read(ref _writes);

    public void Wake()
    {
        // The exchange is also the fence between the caller's post and the loop's decision to sleep.
        if (Interlocked.Exchange(ref _state, Called) != Asleep) return;
        Interlocked.Increment(ref _writes);
        ulong one = 1;
        _ = LibC.Write(_fd, &one, sizeof(ulong));
    }

    /// <summary>False when someone called since the loop last awoke: turn again instead of sleeping.</summary>
    public bool TrySleep()
    {
        if (Interlocked.CompareExchange(ref _state, Asleep, Running) == Running) return true;
        Interlocked.Exchange(ref _state, Running);
        return false;
    }

    /// <summary>Right after waiting, before anything posted is taken.</summary>
    public void Awoke() => Interlocked.Exchange(ref _state, Running);

    /// <summary>When <see cref="Descriptor"/> was seen readable; after <see cref="Awoke"/> there is no hurry.</summary>
    public void Drain()
    {
        ulong count;
        _ = LibC.Read(_fd, &count, sizeof(ulong));
    }

    public void Dispose() => _ = LibC.Close(_fd);
}
