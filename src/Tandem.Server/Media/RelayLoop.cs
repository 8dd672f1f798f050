using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using Tandem.Media.Relay;
using Tandem.Media.Rtcp;
using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Server.Loops;
using Tandem.Server.Network;
using Tandem.Switching.Calls;

namespace Tandem.Server.Media;

/// <summary>What a media thread has done, and its ports.</summary>
/// <param name="PacketsIn">Datagrams received.</param>
/// <param name="PacketsOut">Datagrams sent on.</param>
/// <param name="Strays">Received on ports that are not lent.</param>
/// <param name="Dropped">Received for a call and not sent on: strangers, no media, no destination.</param>
/// <param name="SendErrors">The kernel refused to send them.</param>
/// <param name="PairsOpen">Port pairs opened.</param>
/// <param name="PairsFree">Of those, ready to be lent.</param>
/// <param name="PairsUnusable">In the range but taken by other programs.</param>
/// <param name="Faults">Exceptions: mistakes of ours.</param>
public readonly record struct RelayCounters(long PacketsIn, long PacketsOut, long Strays, long Dropped, long SendErrors, int PairsOpen, int PairsFree, int PairsUnusable, long Faults);

/// <summary>
/// One media thread: its ports, and the pump that brings their packets; no allocation and no lock per packet. Ports are opened ahead, in random order, a few each turn. Call control never wakes it for a call: what a call
/// wants matters when a packet comes, and the packet wakes the thread, which reads orders before packets.
/// </summary>
internal sealed unsafe partial class RelayLoop : IDisposable
{
    /// <summary>The tag another thread's wake comes under.</summary>
    public const ulong SignalTag = ulong.MaxValue;

    private const int PairsPerTurn = 8;

    // While ports rest: soon enough to lend them again, too seldom to count.
    private const int RestingTickMillis = 250;

    private readonly RelayOptions _options;
    private readonly LoopClock _clock;
    private readonly EntropySource _entropy;
    private readonly Action<string>? _say;
    private readonly Thread _thread;
    private readonly WakeSignal _signal = new();
    private readonly Local[] _locals;
    private readonly Pair[] _pairs;
    private readonly Bridge?[] _bridges;
    private readonly ConcurrentQueue<int> _freeBridges = new();
    private readonly Inbox<int> _ordered;
    private readonly Queue<(int Pair, Instant Until)> _resting = new();
    private readonly IPacketPump _pump;
    private volatile bool _stopping;
    private bool _disposed;
    private int _pairCount;
    private int _unusable;
    private int _lent;
    private long _packetsIn;
    private long _packetsOut;
    private long _strays;
    private long _dropped;
    private readonly long[] _drops = new long[(int)RelayVerdict.Replayed + 1];
    private long _faults;

    /// <param name="index">Which of the threads.</param>
    /// <param name="options">Checked.</param>
    /// <param name="mostPairs">How many pairs descriptors allow this thread.</param>
    /// <param name="clock">The server's.</param>
    /// <param name="entropy">This thread's own.</param>
    /// <param name="pump">How it meets the kernel; its own from now on.</param>
    /// <param name="say">Told of faults and shortage, in sentences.</param>
    public RelayLoop(int index, RelayOptions options, int mostPairs, LoopClock clock, EntropySource entropy, IPacketPump pump, Action<string>? say)
    {
        _options = options;
        _clock = clock;
        _entropy = entropy;
        _say = say;
        _locals = [.. options.Binds.Select(bind => new Local(bind, Ports(options, index)))];
        int pairs = Math.Min(mostPairs, _locals.Sum(static local => local.Candidates.Length));
        _pairs = new Pair[pairs];
        _bridges = new Bridge?[pairs / 2];
        _ordered = new Inbox<int>(pairs / 2);
        _thread = new Thread(Run) { Name = $"media {index}", IsBackground = true };
        _pump = pump;
        _pump.Watch(_signal.Descriptor, SignalTag);
        while (Grow())
        {
            // all of the reserve before the first call
        }
    }

    /// <summary>Calls this thread carries.</summary>
    public int Lent => Volatile.Read(ref _lent);

    public int PairsOpen => Volatile.Read(ref _pairCount);

    public int PairsFree(int local) => _locals[local].FreeCount;

    /// <summary>Why the latest port of an address that could not be opened could not; zero if all could.</summary>
    public int LastError(int local) => _locals[local].LastError;

    public RelayCounters Counters => new(
        Volatile.Read(ref _packetsIn), Volatile.Read(ref _packetsOut) - _pump.SendErrors, Volatile.Read(ref _strays), Volatile.Read(ref _dropped), _pump.SendErrors,
        PairsOpen, _locals.Sum(static local => local.FreeCount), Volatile.Read(ref _unusable), Volatile.Read(ref _faults));

    /// <summary>Datagrams dropped, by <see cref="RelayVerdict"/>.</summary>
    public long Drops(RelayVerdict why) => Volatile.Read(ref _drops[(int)why]);

    public void Start() => _thread.Start();

    /// <summary>Ends the thread and closes all ports.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _stopping = true;
        if ((_thread.ThreadState & System.Threading.ThreadState.Unstarted) == 0)
        {
            _signal.Wake();
            _thread.Join();
        }
        for (int i = 0; i < _pairCount; i++)
        {
            _ = LibC.Close(_pairs[i].Rtp);
            _ = LibC.Close(_pairs[i].Rtcp);
        }
        _pump.Dispose();
        _signal.Dispose();
    }

    // ---- called by call control, any thread ----

    public bool TryLend(CallId call, int callerLocal, int calleeLocal, out int bridge, out NetAddress towardsCaller, out NetAddress towardsCallee)
    {
        bridge = -1;
        towardsCaller = towardsCallee = default;
        if (!TakePair(callerLocal, out int callerPair)) return false;
        if (!TakePair(calleeLocal, out int calleePair))
        {
            GiveBack(callerLocal, callerPair);
            return false;
        }
        bool found = _freeBridges.TryDequeue(out bridge); // there is one for every two pairs; one just returned may be on its way
        if (!found)
        {
            GiveBack(callerLocal, callerPair);
            GiveBack(calleeLocal, calleePair);
            _signal.Wake();
            return false;
        }
        Bridge lent = _bridges[bridge]!;
        lent.Order(new BridgeOrders { Lending = lent.Orders.Lending + 1, Open = true, Call = call, CallerPair = callerPair, CalleePair = calleePair });
        Queue(bridge, lent);
        Interlocked.Increment(ref _lent);
        towardsCaller = _locals[callerLocal].Bind.WithPort(_pairs[callerPair].Port);
        towardsCallee = _locals[calleeLocal].Bind.WithPort(_pairs[calleePair].Port);
        return true;
    }

    /// <summary>Which lending a handle must be of; call control's own check against a handle used twice.</summary>
    public bool IsOpen(int bridge, int generation, int generationMask) =>
        (uint)bridge < (uint)_bridges.Length && _bridges[bridge] is { } b && b.Orders.Open && (b.Orders.Lending & generationMask) == generation;

    /// <summary>Which addresses a bridge faces its ends by.</summary>
    public (int Caller, int Callee) LocalsOf(int bridge) => (_pairs[_bridges[bridge]!.Orders.CallerPair].Local, _pairs[_bridges[bridge]!.Orders.CalleePair].Local);

    /// <summary>Adds the calls that sessions are lent to; one that is just changing may be missed. Any thread.</summary>
    public void AddLent(Dictionary<CallId, int> to)
    {
        foreach (Bridge? bridge in _bridges)
        {
            if (bridge is not null && bridge.TryRead(out BridgeOrders orders) && orders.Open) to[orders.Call] = to.GetValueOrDefault(orders.Call) + 1;
        }
    }

    public int Lending(int bridge) => _bridges[bridge]!.Orders.Lending;

    public void SetRemote(int bridge, FlowSide side, in RemoteMedia remote)
    {
        Bridge lent = _bridges[bridge]!;
        BridgeOrders orders = lent.Orders;
        ref SideOrder order = ref side == FlowSide.A ? ref orders.Caller : ref orders.Callee;
        order.Version++;
        order.Remote = remote;
        order.SignalledAt = _clock.Now();
        lent.Order(orders);
        Queue(bridge, lent);
    }

    /// <summary>What was heard from both sides up to now; then the ports go to rest.</summary>
    public (SideReport Caller, SideReport Callee) Return(int bridge)
    {
        Bridge lent = _bridges[bridge]!;
        (SideReport, SideReport) heard = Report(bridge);
        BridgeOrders orders = lent.Orders;
        orders.Open = false;
        orders.ReturnedAt = _clock.Now();
        lent.Order(orders);
        Queue(bridge, lent);
        Interlocked.Decrement(ref _lent);
        return heard;
    }

    public (SideReport Caller, SideReport Callee) Report(int bridge) => (_bridges[bridge]!.Flow.Report(FlowSide.A), _bridges[bridge]!.Flow.Report(FlowSide.B));

    private bool TakePair(int local, out int pair)
    {
        bool taken = _locals[local].TryTake(out pair);
        if (!taken || _locals[local].FreeCount < _options.Reserve / 2) _signal.Wake(); // open more, take in what was returned
        return taken;
    }

    private void GiveBack(int local, int pair) => _locals[local].Give(pair);

    private void Queue(int index, Bridge bridge)
    {
        if (!bridge.Queue()) return;
        bool posted = _ordered.TryPost(index);
        Debug.Assert(posted, "there is a place for every bridge");
    }

    // ---- the media thread ----

    private void Run()
    {
        bool growing = false;
        while (!_stopping)
        {
            try
            {
                Instant now = _clock.Now();
                TakePresses();
                TakeOrders(now);
                Press(now);
                while (_pump.TryNext(out Arrival arrival))
                {
                    if (arrival.Tag == SignalTag) _signal.Drain();
                    else Relay(arrival, now);
                }
                Speak(now);
                EndRests(now);
                growing = Grow();
            }
#pragma warning disable CA1031 // a mistake of ours in one packet must not end the media of all calls
            catch (Exception fault)
#pragma warning restore CA1031
            {
                long faults = _faults + 1;
                Volatile.Write(ref _faults, faults);
                if (faults <= 32 || BitOperations.IsPow2(faults)) _say?.Invoke($"Fault {faults} in {_thread.Name}: a mistake of the switch; media goes on. {fault}");
            }
            _pump.Wait(growing || !_signal.TrySleep() ? 0 : IdleMillis());
            _signal.Awoke();
        }
        _pump.Stop();
    }

    private void Relay(in Arrival arrival, Instant now)
    {
        ref readonly Pair pair = ref _pairs[(int)(arrival.Tag >> 1)];
        var channel = (MediaChannel)(arrival.Tag & 1);
        Volatile.Write(ref _packetsIn, _packetsIn + 1);
        if (pair.Bridge < 0)
        {
            Volatile.Write(ref _strays, _strays + 1);
            return;
        }
        Bridge bridge = _bridges[pair.Bridge]!;
        int length = arrival.Length;
        if (!TryOpen(bridge, pair.Side, arrival, ref length)) return;
        RelayVerdict verdict = bridge.Flow.On(pair.Side, channel, arrival.Source, new ReadOnlySpan<byte>(arrival.Bytes, length), now, out NetAddress to);
        if (verdict is not (RelayVerdict.ToRtp or RelayVerdict.ToRtcp))
        {
            Count(verdict);
            return;
        }
        var clear = new ReadOnlySpan<byte>(arrival.Bytes, length);
        if (bridge.Stage is not null && verdict == RelayVerdict.ToRtp && bridge.Flow.Framing == Framing.Rtp && !RtcpPacket.Recognise(clear)) Stage(bridge, pair.Side, arrival.Bytes, length, to, now);
        else SendOn(bridge, pair.Side == FlowSide.A ? FlowSide.B : FlowSide.A, verdict, arrival.Bytes, length, to);
    }

    private void Count(RelayVerdict dropped)
    {
        Volatile.Write(ref _dropped, _dropped + 1);
        Volatile.Write(ref _drops[(int)dropped], _drops[(int)dropped] + 1);
    }

    private void TakeOrders(Instant now)
    {
        // A bridge is in the queue once, and again only if it is being written this moment: then it is looked at again, a few times.
        for (int left = 2 * _bridges.Length; _ordered.TryTake(out int index); left--)
        {
            Bridge bridge = _bridges[index]!;
            bridge.Unqueue();
            if (!bridge.TryRead(out BridgeOrders orders))
            {
                Queue(index, bridge);
                if (left > 0) continue;
                _signal.Wake(); // next turn
                return;
            }
            if (orders.Lending == bridge.ClosedLending) continue; // closed already, by an order that was read twice
            if (orders.Open) Obey(index, bridge, orders, now);
            else Close(index, bridge, orders, now);
        }
    }

    private void Obey(int index, Bridge bridge, in BridgeOrders orders, Instant now)
    {
        if (bridge.CallerPair < 0)
        {
            bridge.CallerPair = orders.CallerPair;
            bridge.CalleePair = orders.CalleePair;
            _pairs[orders.CallerPair].Face(index, FlowSide.A);
            _pairs[orders.CalleePair].Face(index, FlowSide.B);
        }
        if (orders.Caller.Version != bridge.CallerVersion)
        {
            bridge.CallerVersion = orders.Caller.Version;
            Signal(bridge, FlowSide.A, orders.Caller);
        }
        if (orders.Callee.Version != bridge.CalleeVersion)
        {
            bridge.CalleeVersion = orders.Callee.Version;
            Signal(bridge, FlowSide.B, orders.Callee);
        }
        bridge.Call = orders.Call;
        if (HasWork(bridge, orders)) TakeWork(index, bridge, orders, now);
    }

    private static void Signal(Bridge bridge, FlowSide side, in SideOrder order)
    {
        SrtpOf(bridge, side).Follow(order.Remote);
        bridge.Flow.Signal(side, order.Remote.Rtp, order.Remote.Rtcp, order.SignalledAt, order.Remote.Framing);
    }

    private void Close(int index, Bridge bridge, in BridgeOrders orders, Instant now)
    {
        Instant until = orders.ReturnedAt + _options.Rest;
        _pairs[orders.CallerPair].Leave();
        _pairs[orders.CalleePair].Leave();
        _resting.Enqueue((orders.CallerPair, until));
        _resting.Enqueue((orders.CalleePair, until));
        bridge.CallerPair = bridge.CalleePair = -1;
        bridge.CallerVersion = bridge.CalleeVersion = 0;
        bridge.ClosedLending = orders.Lending;
        bridge.Flow.Reset();
        EndWork(bridge);
        bridge.CallerSrtp.Follow(default);
        bridge.CalleeSrtp.Follow(default);
        _freeBridges.Enqueue(index);
        EndRests(now);
    }

    // What came while a port rested was read and dropped as stray when it came: its socket is empty.
    private void EndRests(Instant now)
    {
        while (_resting.TryPeek(out (int Pair, Instant Until) first) && first.Until <= now)
        {
            _resting.Dequeue();
            _locals[_pairs[first.Pair].Local].Give(first.Pair);
        }
    }

    /// <summary>Opens a few pairs where the reserve is short; true if it could go on.</summary>
    private bool Grow()
    {
        bool more = false;
        for (int i = 0; i < _locals.Length; i++)
        {
            Local local = _locals[i];
            for (int opened = 0; local.FreeCount < _options.Reserve && local.Left > 0 && _pairCount < _pairs.Length; opened++)
            {
                if (opened == PairsPerTurn)
                {
                    more = true;
                    break;
                }
                if (!Open(i, local)) return false;
            }
        }
        return more;
    }

    /// <summary>Opens one pair of a port drawn at random; false when descriptors have run out.</summary>
    private bool Open(int index, Local local)
    {
        int port = local.Draw(_entropy);
        NetAddress bind = local.Bind.WithPort(port);
        int rtp = UdpSocket.Open(bind, sharedPort: false, _options.TrafficClass, bufferBytes: 0);
        int rtcp = rtp < 0 ? rtp : UdpSocket.Open(bind.WithPort(port + 1), sharedPort: false, _options.TrafficClass, bufferBytes: 0);
        if (rtcp < 0)
        {
            if (rtp >= 0) _ = LibC.Close(rtp);
            local.LastError = -rtcp;
            if (-rtcp is LibC.EMFILE or LibC.ENFILE)
            {
                if (local.Left > 0) _say?.Invoke($"No file descriptor is free for more media ports: {_pairCount} pairs are open (raise 'ulimit -n').");
                foreach (Local each in _locals) each.Left = 0;
                return false;
            }
            Volatile.Write(ref _unusable, _unusable + 1);
            return true;
        }
        int pair = _pairCount;
        _pairs[pair] = new Pair { Rtp = rtp, Rtcp = rtcp, Port = port, Local = index, Bridge = -1 };
        _pump.Watch(rtp, (ulong)pair << 1);
        _pump.Watch(rtcp, ((ulong)pair << 1) | 1);
        Volatile.Write(ref _pairCount, pair + 1);
        if ((pair & 1) == 1)
        {
            _bridges[pair >> 1] = new Bridge(_options.Latch);
            _freeBridges.Enqueue(pair >> 1);
        }
        local.Give(pair);
        return true;
    }

    // The threads share the range by turns, so none asks for another's port.
    private static ushort[] Ports(RelayOptions options, int index)
    {
        List<ushort> ports = [];
        for (int i = index; i < options.PairsInRange; i += options.Threads) ports.Add((ushort)(options.FirstEven + (2 * i)));
        return [.. ports];
    }

    private struct Pair
    {
        public int Rtp;
        public int Rtcp;
        public int Port;
        public int Local;
        public int Bridge; // -1 = not lent
        public FlowSide Side;

        public void Face(int bridge, FlowSide side)
        {
            Bridge = bridge;
            Side = side;
        }

        public void Leave() => Bridge = -1;
    }

    /// <summary>A local address: its ports not yet opened, and its open pairs ready to be lent.</summary>
    private sealed class Local(NetAddress bind, ushort[] candidates)
    {
        public readonly NetAddress Bind = bind;
        public readonly ushort[] Candidates = candidates;
        public int Left = candidates.Length;
        public int LastError;
        private readonly ConcurrentQueue<int> _free = new();
        private int _freeCount;

        public int FreeCount => Volatile.Read(ref _freeCount);

        public bool TryTake(out int pair)
        {
            if (!_free.TryDequeue(out pair)) return false;
            Interlocked.Decrement(ref _freeCount);
            return true;
        }

        public void Give(int pair)
        {
            Interlocked.Increment(ref _freeCount);
            _free.Enqueue(pair);
        }

        /// <summary>One of those left, all alike likely: ports must not be guessable, since who would inject media has to know one.</summary>
        public int Draw(EntropySource entropy)
        {
            int at = (int)(entropy.NextUInt64() % (ulong)Left);
            int port = Candidates[at];
            Candidates[at] = Candidates[--Left];
            return port;
        }
    }
}
