using Tandem.Media.Dtmf;
using Tandem.Media.Relay;
using Tandem.Media.Streams;
using Tandem.Primitives;
using Tandem.Server.Loops;
using Tandem.Server.Network;
using Tandem.Switching.Calls;

namespace Tandem.Server.Media;

/// <summary>
/// The switch's media relay over one or more media threads. Lending may be asked by any shard; a lease is then its call's, used
/// by the thread that owns the call. A lease given back twice, or used after, is ignored and counted.
/// </summary>
public sealed class MediaRelay : IMediaRelay, IDisposable
{
    // The handle: 4 bits of thread, 16 of bridge, 11 of which lending; positive.
    private const int BridgeBits = 16, LendingBits = 11, LendingMask = (1 << LendingBits) - 1;

    private readonly RelayOptions _options;
    private readonly IReadOnlyList<NetAddress> _binds;
    private readonly RelayLoop[] _loops;
    private readonly LoopClock _clock;
    private readonly PortShortage _shortage;
    private long _stale;

    /// <summary>Opens the reserve of ports; <see cref="Start"/> sets media going.</summary>
    /// <param name="options">Addresses, ports, threads.</param>
    /// <param name="clock">The server's.</param>
    /// <param name="say">Told of faults and shortage, in sentences.</param>
    /// <exception cref="PortUnavailableException">The options do not fit, or of an address not a single call's ports could be opened; the message says why.</exception>
    public MediaRelay(RelayOptions options, LoopClock clock, Action<string>? say = null)
    {
        if (options.Complaint() is { } complaint) throw new PortUnavailableException(complaint);
        _options = options;
        _binds = options.Binds;
        _clock = clock;
        _shortage = new PortShortage($"the ports {options.FirstPort} to {options.LastPort}", say);
        long descriptors = DescriptorLimit.Raise();
        // The rest of the server must not starve: sockets of the API, journal, database.
        long forMedia = descriptors - Math.Min(1024, descriptors / 4);
        int mostPairs = (int)Math.Min(forMedia / 2 / options.Threads, 2 << BridgeBits);
        _loops = new RelayLoop[options.Threads];
        try
        {
            for (int i = 0; i < _loops.Length; i++)
            {
                IPacketPump pump = PacketPump.Open(options.Pump, out string? whyNot);
                if (i == 0 && whyNot is not null) say?.Invoke($"Media is relayed by epoll, at a third more CPU, because io_uring cannot be had: {whyNot}.");
                _loops[i] = new RelayLoop(i, options, mostPairs, clock, new OsEntropy(), pump, say);
            }
            for (int local = 0; local < _binds.Count; local++) RequirePorts(local);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>UDP ports lent to calls: four a call.</summary>
    public int PortsLent
    {
        get
        {
            int calls = 0;
            foreach (RelayLoop loop in _loops) calls += loop.Lent;
            return 4 * calls;
        }
    }

    /// <summary>How many sessions are lent to which call. Any thread.</summary>
    public IReadOnlyDictionary<CallId, int> LentTo()
    {
        Dictionary<CallId, int> lent = [];
        foreach (RelayLoop loop in _loops) loop.AddLent(lent);
        return lent;
    }

    /// <summary>Leases used after they were given back: mistakes of ours.</summary>
    public long StaleLeases => Volatile.Read(ref _stale);

    /// <summary>Attempts refused for want of ports.</summary>
    public long Refused => _shortage.Refused;

    /// <summary>While ports are short: the sentence for the operator.</summary>
    public string? Warning => _shortage.Warning(PortsLent, _clock.Now());

    /// <summary>One for each media thread.</summary>
    public IReadOnlyList<RelayCounters> Counters => [.. _loops.Select(static loop => loop.Counters)];

    /// <summary>What every media thread has done, and what it dropped by reason, under the names of docs/media.md.</summary>
    public void Count(IDictionary<string, long> counters)
    {
        IReadOnlyList<RelayCounters> threads = Counters;
        counters["media.packetsIn"] = threads.Sum(static t => t.PacketsIn);
        counters["media.packetsOut"] = threads.Sum(static t => t.PacketsOut);
        counters["media.sendErrors"] = threads.Sum(static t => t.SendErrors);
        counters["media.dropped.nobodysPort"] = threads.Sum(static t => t.Strays);
        foreach (RelayVerdict why in Enum.GetValues<RelayVerdict>())
        {
            if (why is RelayVerdict.ToRtp or RelayVerdict.ToRtcp) continue;
            string name = why.ToString();
            counters[$"media.dropped.{char.ToLowerInvariant(name[0])}{name[1..]}"] = _loops.Sum(loop => loop.Drops(why));
        }
    }

    public void Start()
    {
        foreach (RelayLoop loop in _loops) loop.Start();
    }

    /// <summary>Stops the threads and closes every port.</summary>
    public void Dispose()
    {
        foreach (RelayLoop? loop in _loops) loop?.Dispose();
    }

    /// <inheritdoc/>
    public bool TryLend(CallId call, in NetAddress callerSignalling, in NetAddress calleeSignalling, out MediaLease lease)
    {
        lease = default;
        int caller = AddressFor(callerSignalling), callee = AddressFor(calleeSignalling);
        return caller >= 0 && callee >= 0 && TryLend(call, ToldAt(caller), ToldAt(callee), LocalOf(caller), LocalOf(callee), out lease); // else no media address of that IP version
    }

    /// <inheritdoc/>
    public bool TryLendBeside(in MediaLease first, CallId call, out MediaLease lease)
    {
        lease = default;
        return TryFind(first, out RelayLoop loop, out int bridge) && loop.LocalsOf(bridge) is var (caller, callee) && TryLend(call, first.TowardsCaller, first.TowardsCallee, caller, callee, out lease);
    }

    /// <inheritdoc/>
    public bool Faces(in MediaLease lease, in NetAddress callee) => AddressFor(callee) is >= 0 and var address && lease.TowardsCallee.SameHost(ToldAt(address));

    private bool TryLend(CallId call, in NetAddress toldCaller, in NetAddress toldCallee, int caller, int callee, out MediaLease lease)
    {
        lease = default;
        int least = 0;
        for (int i = 1; i < _loops.Length; i++)
        {
            if (_loops[i].Lent < _loops[least].Lent) least = i;
        }
        for (int i = 0; i < _loops.Length; i++)
        {
            int thread = (least + i) % _loops.Length;
            if (!_loops[thread].TryLend(call, caller, callee, out int bridge, out NetAddress towardsCaller, out NetAddress towardsCallee)) continue;
            int handle = (((thread << BridgeBits) | bridge) << LendingBits) | (_loops[thread].Lending(bridge) & LendingMask);
            lease = new MediaLease(handle, toldCaller.WithPort(towardsCaller.Port), toldCallee.WithPort(towardsCallee.Port));
            return true;
        }
        _shortage.Refuse(PortsLent, _clock.Now());
        return false;
    }

    /// <inheritdoc/>
    public void SetRemote(in MediaLease lease, MediaSide side, in RemoteMedia remote)
    {
        if (TryFind(lease, out RelayLoop loop, out int bridge)) loop.SetRemote(bridge, SideOf(side), remote);
    }

    /// <inheritdoc/>
    public void SetAudio(in MediaLease lease, AudioPlan? plan)
    {
        if (TryFind(lease, out RelayLoop loop, out int bridge)) loop.SetAudio(bridge, plan);
    }

    /// <inheritdoc/>
    public void Play(in MediaLease lease, MediaSide to, IAudioSource? source, bool untilMedia)
    {
        if (TryFind(lease, out RelayLoop loop, out int bridge)) loop.Play(bridge, SideOf(to), source, untilMedia);
    }

    /// <inheritdoc/>
    public void Press(in MediaLease lease, MediaSide to, in DtmfDigit digit)
    {
        if (TryFind(lease, out RelayLoop loop, out int bridge)) loop.Press(bridge, SideOf(to), digit);
    }

    /// <summary>Told of keys that were pressed, by media threads: it must neither wait nor allocate.</summary>
    public IDigitListener? Listener
    {
        set
        {
            foreach (RelayLoop loop in _loops) loop.Listener = value;
        }
    }

    private static FlowSide SideOf(MediaSide side) => side == MediaSide.Caller ? FlowSide.A : FlowSide.B;

    /// <inheritdoc/>
    public Instant LastHeard(in MediaLease lease, MediaSide side)
    {
        if (!TryReport(lease, out SideReport caller, out SideReport callee)) return default;
        return side == MediaSide.Caller ? caller.LastHeard : callee.LastHeard;
    }

    /// <inheritdoc/>
    public MediaCounters SoFar(in MediaLease lease) => TryReport(lease, out SideReport caller, out SideReport callee) ? MediaSummary.Of(caller, callee) : default;

    /// <inheritdoc/>
    public MediaCounters Return(in MediaLease lease)
    {
        if (!TryFind(lease, out RelayLoop loop, out int bridge)) return default;
        (SideReport caller, SideReport callee) = loop.Return(bridge);
        return MediaSummary.Of(caller, callee);
    }

    /// <summary>What was heard of a call so far, loss and jitter included; false for a lease that is no longer lent.</summary>
    public bool TryReport(in MediaLease lease, out SideReport caller, out SideReport callee)
    {
        caller = callee = default;
        if (!TryFind(lease, out RelayLoop loop, out int bridge)) return false;
        (caller, callee) = loop.Report(bridge);
        return true;
    }

    private bool TryFind(in MediaLease lease, out RelayLoop loop, out int bridge)
    {
        bridge = (lease.Handle >> LendingBits) & ((1 << BridgeBits) - 1);
        int thread = lease.Handle >> (LendingBits + BridgeBits);
        loop = _loops[0];
        if ((uint)thread < (uint)_loops.Length)
        {
            loop = _loops[thread];
            if (loop.IsOpen(bridge, lease.Handle & LendingMask, LendingMask)) return true;
        }
        Interlocked.Increment(ref _stale);
        return false;
    }

    private NetAddress ToldAt(int address) => _options.Addresses[address].Told;

    private int LocalOf(int address)
    {
        NetAddress bind = _options.Addresses[address].Bind.WithPort(0);
        for (int i = 0; i < _binds.Count; i++)
        {
            if (_binds[i] == bind) return i;
        }
        return -1;
    }

    // Which address an end is told; an unknown end gets the first.
    private int AddressFor(in NetAddress end)
    {
        if (end.IsNone) return 0;
        int best = -1, how = int.MinValue;
        for (int i = 0; i < _options.Addresses.Count; i++)
        {
            RelayAddress address = _options.Addresses[i];
            if (address.Told.IsV6 != end.IsV6) continue;
            int suits = 2 * address.SuitsBy(end);
            if (suits == 0 && address.Told.IsLoopback == end.IsLoopback) suits = 1; // loopback to loopback
            if (suits > how) (best, how) = (i, suits);
        }
        return best;
    }

    private void RequirePorts(int local)
    {
        if (_loops.Sum(loop => loop.PairsFree(local)) >= 2) return;
        int errno = _loops.Select(loop => loop.LastError(local)).FirstOrDefault(static e => e != 0, LibC.EMFILE);
        throw PortUnavailableException.For($"the media port range {_options.FirstPort} to {_options.LastPort} on", _binds[local].WithPort(_options.FirstPort), errno);
    }
}
