using Tandem.Media.Relay;
using Tandem.Media.Streams;
using Tandem.Primitives;
using Tandem.Switching.Calls;

namespace Tandem.Server.Media;

/// <summary>What call control wants of one side.</summary>
internal struct SideOrder
{
    /// <summary>One more with each SDP; zero = none came yet.</summary>
    public int Version;
    public RemoteMedia Remote;
    public Instant SignalledAt;
}

/// <summary>What call control wants a side to hear of the switch itself.</summary>
internal struct PlayOrder
{
    /// <summary>One more with each; zero = nothing yet.</summary>
    public int Version;
    public IAudioSource? Source;
    public bool UntilMedia;
}

/// <summary>What call control wants of a bridge. Only the latest matters: orders overtaken before they were read are not missed.</summary>
internal struct BridgeOrders
{
    /// <summary>Which lending of the bridge this is about.</summary>
    public int Lending;
    public bool Open;
    public int CallerPair;
    public int CalleePair;
    public SideOrder Caller;
    public SideOrder Callee;
    public CallId Call;

    /// <summary>One more with each plan.</summary>
    public int PlanVersion;
    public AudioPlan? Plan;
    public PlayOrder PlayCaller;
    public PlayOrder PlayCallee;
    public Instant ReturnedAt;
}

/// <summary>
/// One call's place in a <see cref="RelayLoop"/>. Orders are written by the thread that owns the call and read by the media
/// thread through a sequence lock: neither waits, nothing can be lost to a full queue, since a bridge queues at most once.
/// </summary>
internal sealed class Bridge(LatchRules rules)
{
    private BridgeOrders _orders;
    private int _sequence; // odd while being written
    private int _queued;

    // The media thread's.
    public readonly RelayFlow Flow = new(rules);
    public int CallerPair = -1;
    public int CalleePair = -1;
    public readonly SideSrtp CallerSrtp = new();
    public readonly SideSrtp CalleeSrtp = new();
    public int CallerVersion;
    public int CalleeVersion;
    public int ClosedLending;

    /// <summary>What is done to the audio; null: nothing.</summary>
    public AudioStage? Stage;
    public int PlanVersion;
    public int PlayCallerVersion;
    public int PlayCalleeVersion;
    public CallId Call;

    /// <summary>It is among those the thread wakes for.</summary>
    public bool Speaks;

    /// <summary>By the owner of the call alone, who may read them back without ceremony.</summary>
    public ref readonly BridgeOrders Orders => ref _orders;

    public void Order(in BridgeOrders orders)
    {
        Interlocked.Increment(ref _sequence);
        _orders = orders;
        Interlocked.Increment(ref _sequence);
    }

    /// <summary>False if the owner is just writing.</summary>
    public bool TryRead(out BridgeOrders orders)
    {
        int before = Volatile.Read(ref _sequence);
        orders = _orders;
        Thread.MemoryBarrier();
        return (before & 1) == 0 && before == Volatile.Read(ref _sequence);
    }

    /// <summary>True for the one who must put it in the queue.</summary>
    public bool Queue() => Interlocked.Exchange(ref _queued, 1) == 0;

    /// <summary>Before the orders are read, so that an order written meanwhile queues again.</summary>
    public void Unqueue() => Interlocked.Exchange(ref _queued, 0);
}
