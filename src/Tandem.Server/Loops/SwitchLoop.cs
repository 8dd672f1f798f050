using System.Numerics;
using Tandem.Primitives;
using Tandem.Server.Network;
using Tandem.Server.Network.Streams;

namespace Tandem.Server.Loops;

/// <summary>What a loop has done since it started.</summary>
/// <param name="Turns">Turns made.</param>
/// <param name="DatagramsIn">Datagrams received.</param>
/// <param name="DatagramsOut">Datagrams the kernel took.</param>
/// <param name="Wakeups">How often another thread had to wake it.</param>
/// <param name="SendErrors">Datagrams that could not be sent.</param>
/// <param name="ReceiveErrors">Reads the kernel refused.</param>
/// <param name="QueueDrops">Datagrams the kernel dropped because the loop did not read them in time.</param>
/// <param name="Faults">Exceptions out of the work: mistakes of ours.</param>
public readonly record struct LoopCounters(long Turns, long DatagramsIn, long DatagramsOut, long Wakeups, long SendErrors, long ReceiveErrors, long QueueDrops, long Faults);

/// <summary>
/// A thread that owns its sockets and its shard, so that a message needs no hand-off and no wake-up. One turn: read the clock
/// once, receive in batches, let the work take posts and deadlines and write the journal until it has no more to do, send in batches; then sleep until the
/// next deadline, datagram or <see cref="Wake"/>. The listeners belong to whoever made them.
/// </summary>
public sealed unsafe class SwitchLoop : IDisposable
{
    // A flood on one socket must not keep deadlines and posts waiting: 128 datagrams, then the rest of the turn.
    private const int BatchesPerTurn = 4;

    // What the ledger answers is worked on at once, so that a call's messages leave together and the kernel is asked once.
    private const int TurnsAtOnce = 4;

    // Deadlines this near to one another are met by one wake-up: SIP's shortest timer is 500 ms, and money ends by the clock, not by the wake-up.
    private const long Slack = 10_000; // µs

    private static readonly TimeSpan AfterFault = TimeSpan.FromMilliseconds(1);

    private readonly ILoopWork _work;
    private readonly UdpListener[] _listeners;
    private readonly int[] _numbers;
    private readonly StreamOutbox? _streams;
    private readonly LoopClock _clock;
    private readonly Action<string>? _say;
    private readonly WakeSignal _signal = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private bool _disposed;
    private long _turns;
    private long _faults;
    private Instant _behindSince = Instant.Never;

    /// <param name="name">Of the thread.</param>
    /// <param name="work">What is turned.</param>
    /// <param name="listeners">Its sockets, by listener number; null where another transport listens.</param>
    /// <param name="clock">The server's.</param>
    /// <param name="say">Told of faults, whole; null: they are only counted.</param>
    /// <param name="streams">What its work says over streams; sent with the rest.</param>
    public SwitchLoop(string name, ILoopWork work, UdpListener?[] listeners, LoopClock clock, Action<string>? say = null, StreamOutbox? streams = null)
    {
        _work = work;
        _listeners = [.. listeners.OfType<UdpListener>()];
        _numbers = [.. Enumerable.Range(0, listeners.Length).Where(i => listeners[i] is not null)];
        _streams = streams;
        _clock = clock;
        _say = say;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    public LoopCounters Counters
    {
        get
        {
            long datagramsIn = 0, datagramsOut = 0, sendErrors = 0, receiveErrors = 0, queueDrops = 0;
            foreach (UdpListener listener in _listeners)
            {
                datagramsIn += listener.DatagramsIn;
                datagramsOut += listener.DatagramsOut;
                sendErrors += listener.SendErrors;
                receiveErrors += listener.ReceiveErrors;
                queueDrops += listener.QueueDrops;
            }
            return new LoopCounters(Volatile.Read(ref _turns), datagramsIn, datagramsOut, _signal.Writes, sendErrors, receiveErrors, queueDrops, Volatile.Read(ref _faults));
        }
    }

    public void Start() => _thread.Start();

    /// <summary>Any thread, after posting to an inbox of the work. Costs one interlocked exchange while the loop is awake.</summary>
    public void Wake() => _signal.Wake();

    /// <summary>Makes one last turn, so that what was posted before is done and sent, and waits for the thread. Not from the loop itself.</summary>
    public void Stop()
    {
        _stopping = true;
        if ((_thread.ThreadState & ThreadState.Unstarted) != 0) return;
        _signal.Wake();
        _thread.Join();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Stop();
        _signal.Dispose();
    }

    private void Run()
    {
        int count = _listeners.Length + 1;
        LibC.PollFd* polls = stackalloc LibC.PollFd[count];
        for (int i = 0; i < _listeners.Length; i++) polls[i] = new LibC.PollFd { Fd = _listeners[i].Descriptor, Events = LibC.POLLIN, Returned = LibC.POLLIN };
        LibC.PollFd* signal = polls + _listeners.Length;
        *signal = new LibC.PollFd { Fd = _signal.Descriptor, Events = LibC.POLLIN };

        bool stopping;
        do
        {
            stopping = _stopping; // read before the turn: what was posted before Stop is done by the last one
            Instant now = _clock.Now();
            _work.NoteLag(_behindSince == Instant.Never ? TimeSpan.Zero : now - _behindSince);
            bool more = Receive(polls, now);
            if (!more) _behindSince = Instant.Never;
            else if (_behindSince == Instant.Never) _behindSince = now;
            Instant wakeAt;
            bool turned, recorded;
            int turns = 0;
            do
            {
                wakeAt = Decide(now, out turned);
                recorded = Record(now);
            }
            while (turned && recorded && ++turns < TurnsAtOnce);
            more |= turned;
            if (recorded) Flush();
            else wakeAt = Instant.Min(wakeAt, now + AfterFault); // nothing leaves that is not on record: kept for the next turn
            Volatile.Write(ref _turns, _turns + 1);
            if (!stopping) Poll(polls, count, signal, more ? now : wakeAt);
        }
        while (!stopping);
    }

    /// <summary>Hands over what the readable sockets hold; true when one of them may hold still more.</summary>
    private bool Receive(LibC.PollFd* polls, Instant now)
    {
        bool more = false;
        for (int i = 0; i < _listeners.Length; i++)
        {
            if (polls[i].Returned == 0) continue;
            UdpListener listener = _listeners[i];
            int batches = 0, received;
            do
            {
                received = listener.ReceiveBatch();
                for (int m = 0; m < received; m++) HandOver(_numbers[i], listener, m, now);
            }
            while (received == UdpListener.BatchSize && ++batches < BatchesPerTurn);
            if (received == UdpListener.BatchSize) more = true;
        }
        return more;
    }

    private void HandOver(int index, UdpListener listener, int message, Instant now)
    {
        try
        {
            _work.Receive(index, listener.Source(message), listener.Buffer, UdpListener.Offset(message), listener.Length(message), now);
        }
#pragma warning disable CA1031 // a mistake of ours in one call must not end the others
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Fault(fault);
        }
    }

    /// <summary>Posts and deadlines. Returns when the work wants to be turned again.</summary>
    private Instant Decide(Instant now, out bool turned)
    {
        turned = false;
        try
        {
            turned = _work.Turn(now);
            return _work.NextDeadline;
        }
#pragma warning disable CA1031 // as above
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Fault(fault);
            return now + AfterFault; // a deadline that always throws must not take the whole core
        }
    }

    private bool Record(Instant now)
    {
        try
        {
            return _work.BeforeFlush(now);
        }
#pragma warning disable CA1031 // as above
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Fault(fault);
            return false;
        }
    }

    private void Flush()
    {
        foreach (UdpListener listener in _listeners) listener.Flush();
        _streams?.Flush();
    }

    /// <summary>Asks which sockets are readable; sleeps until one is, someone calls, or it is time, by <see cref="Slack"/> at most later. Time that has passed asks without sleeping.</summary>
    private void Poll(LibC.PollFd* polls, int count, LibC.PollFd* signal, Instant wakeAt)
    {
        long now = _clock.Now().Micros;
        long micros = wakeAt == Instant.Never ? long.MaxValue : wakeAt.Micros <= now ? 0 : ((wakeAt.Micros + Slack - 1) / Slack * Slack) - now;
        if (micros > 0 && !_signal.TrySleep()) micros = 0;
        LibC.TimeSpec timeout = default;
        if (micros > 0 && wakeAt != Instant.Never)
        {
            timeout.Seconds = micros / 1_000_000;
            timeout.Nanoseconds = micros % 1_000_000 * 1_000;
        }
        int ready = LibC.PPoll(polls, (nuint)count, micros == long.MaxValue ? null : &timeout, null);
        if (micros > 0) _signal.Awoke();
        if (ready < 0)
        {
            // Interrupted: the kernel left the answers as they were.
            for (int i = 0; i < count; i++) polls[i].Returned = 0;
        }
        if (signal->Returned != 0) _signal.Drain();
    }

    private void Fault(Exception fault)
    {
        long faults = _faults + 1;
        Volatile.Write(ref _faults, faults);
        // The first ones in full, then ever rarer: a fault in every message must not fill the disk.
        if (faults <= 32 || BitOperations.IsPow2(faults)) _say?.Invoke($"Fault {faults} in {_thread.Name}: a mistake of the switch; the loop goes on. {fault}");
    }
}
