using Tandem.Media.Dtmf;
using Tandem.Media.Streams;
using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;

namespace Tandem.Tests.Switching.Calls;

/// <summary>A relay of so many leases that remembers what it was told.</summary>
internal sealed class FakeRelay(int capacity) : IMediaRelay
{
    private readonly HashSet<int> _lent = [];
    private readonly Stack<int> _free = new(Enumerable.Range(0, capacity).Reverse());

    public int PortsLent => 4 * _lent.Count;

    public Dictionary<(int Handle, MediaSide Side), NetAddress> Remotes { get; } = [];

    public bool TryLend(CallId call, in NetAddress callerSignalling, in NetAddress calleeSignalling, out MediaLease lease)
    {
        return TryLendAt(Facing(callerSignalling), Facing(calleeSignalling), out lease);
    }

    public bool Faces(in MediaLease lease, in NetAddress callee) => lease.TowardsCallee.IsV6 == callee.IsV6;

    public bool TryLendBeside(in MediaLease first, CallId call, out MediaLease lease)
    {
        Assert.Contains(first.Handle, _lent);
        return TryLendAt(first.TowardsCaller, first.TowardsCallee, out lease);
    }

    private bool TryLendAt(in NetAddress towardsCaller, in NetAddress towardsCallee, out MediaLease lease)
    {
        lease = default;
        if (!_free.TryPop(out int handle)) return false;
        Assert.True(_lent.Add(handle));
        lease = new MediaLease(handle, towardsCaller.WithPort(20_000 + (4 * handle)), towardsCallee.WithPort(20_002 + (4 * handle)));
        return true;
    }

    private static NetAddress Facing(in NetAddress peer) => peer.IsV6 ? NetAddress.Parse("[2001:db8::7]:0") : SwitchFixture.Us;

    /// <summary>All that was said last of a side.</summary>
    public Dictionary<(int Handle, MediaSide Side), RemoteMedia> Said { get; } = [];

    public void SetRemote(in MediaLease lease, MediaSide side, in RemoteMedia remote)
    {
        Assert.Contains(lease.Handle, _lent);
        Remotes[(lease.Handle, side)] = remote.Rtp;
        Said[(lease.Handle, side)] = remote;
    }

    /// <summary>What is done to the audio, as last said.</summary>
    public Dictionary<int, AudioPlan?> Plans { get; } = [];

    /// <summary>What is played to whom; null: it was stopped.</summary>
    public Dictionary<(int Handle, MediaSide To), IAudioSource?> Playing { get; } = [];

    public List<(MediaSide To, DtmfDigit Digit)> Pressed { get; } = [];

    public void SetAudio(in MediaLease lease, AudioPlan? plan)
    {
        Assert.Contains(lease.Handle, _lent);
        Plans[lease.Handle] = plan;
    }

    public void Play(in MediaLease lease, MediaSide to, IAudioSource? source, bool untilMedia)
    {
        Assert.Contains(lease.Handle, _lent);
        Playing[(lease.Handle, to)] = source;
    }

    public void Press(in MediaLease lease, MediaSide to, in DtmfDigit digit)
    {
        Assert.Contains(lease.Handle, _lent);
        Pressed.Add((to, digit));
    }

    /// <summary>When RTP of a side last came, as the test says.</summary>
    public Dictionary<MediaSide, Instant> Heard { get; } = [];

    public Instant LastHeard(in MediaLease lease, MediaSide side)
    {
        Assert.Contains(lease.Handle, _lent);
        return Heard.GetValueOrDefault(side);
    }

    private static readonly MediaCounters Sums = new(new LegMedia { Packets = 50, Bytes = 8600, Lost = 2, JitterMicros = 700 }, new LegMedia { Packets = 40, Bytes = 6880 });

    public MediaCounters SoFar(in MediaLease lease)
    {
        Assert.Contains(lease.Handle, _lent);
        return Sums;
    }

    public MediaCounters Return(in MediaLease lease)
    {
        Assert.True(_lent.Remove(lease.Handle), "a lease was returned twice");
        _free.Push(lease.Handle);
        return Sums;
    }
}
