using Tandem.Media.Dtmf;
using Tandem.Media.Streams;
using Tandem.Primitives;
using Tandem.Switching.Calls;

namespace Tandem.Simulation;

/// <summary>A relay that carries nothing and counts its ports exactly: what is lent, to whom, and that it is used only while lent.</summary>
internal sealed class PortRelay(World world, int leases) : IMediaRelay
{
    private readonly Stack<int> _free = new(Enumerable.Range(0, leases).Reverse());
    private readonly Dictionary<int, CallId> _lent = [];
    private readonly SeededEntropy _chance = new(world.Plan.Seed ^ 0x51e7ce); // of its own: what the others of a seed do stays what it was

    public static readonly NetAddress Host = NetAddress.Parse("203.0.113.6", 0);

    public int PortsLent => _lent.Count * 4;

    public bool TryLend(CallId call, in NetAddress callerSignalling, in NetAddress calleeSignalling, out MediaLease lease)
    {
        lease = default;
        if (_lent.ContainsValue(call)) world.Fail($"call {call} borrows ports it has already");
        if (!TryTake(call, out lease)) return false;
        world.MediaEnds[call] = (DrawSilence(), DrawSilence());
        return true;
    }

    public bool Faces(in MediaLease lease, in NetAddress callee) => lease.TowardsCallee.IsV6 == callee.IsV6;

    public bool TryLendBeside(in MediaLease first, CallId call, out MediaLease lease)
    {
        if (!_lent.TryGetValue(first.Handle, out CallId owner) || owner != call) world.Fail($"call {call} borrows more ports beside {first.TowardsCaller}, which it has not");
        return TryTake(call, out lease);
    }

    private bool TryTake(CallId call, out MediaLease lease)
    {
        lease = default;
        if (!_free.TryPop(out int handle)) return false;
        _lent.Add(handle, call);
        lease = new MediaLease(handle, Host.WithPort(20_000 + (handle * 4)), Host.WithPort(20_002 + (handle * 4)));
        return true;
    }

    public void SetRemote(in MediaLease lease, MediaSide side, in RemoteMedia remote)
    {
        if (!_lent.ContainsKey(lease.Handle)) world.Fail($"the ports {lease.TowardsCaller} are told of {remote.Rtp} while nobody has them");
    }

    public void SetAudio(in MediaLease lease, AudioPlan? plan) => RequireLent(lease, "are to treat audio");

    public void Play(in MediaLease lease, MediaSide to, IAudioSource? source, bool untilMedia) => RequireLent(lease, "are to play");

    public void Press(in MediaLease lease, MediaSide to, in DtmfDigit digit) => RequireLent(lease, "are to tell a key");

    private void RequireLent(in MediaLease lease, string what)
    {
        if (!_lent.ContainsKey(lease.Handle)) world.Fail($"the ports {lease.TowardsCaller} {what} while nobody has them");
    }

    /// <summary>Most ends are heard for ever; some fall silent, some before they said a word.</summary>
    public Instant LastHeard(in MediaLease lease, MediaSide side)
    {
        if (!_lent.TryGetValue(lease.Handle, out CallId call)) world.Fail($"the ports {lease.TowardsCaller} are listened to while nobody has them");
        (Instant caller, Instant callee) = world.MediaEnds[call];
        return Instant.Min(world.Now, side == MediaSide.Caller ? caller : callee);
    }

    private Instant DrawSilence() => _chance.Below(8) switch { 0 => default, 1 => world.Now + TimeSpan.FromSeconds(_chance.Below(120)), _ => Instant.Never };

    public MediaCounters SoFar(in MediaLease lease) => default;

    public MediaCounters Return(in MediaLease lease)
    {
        if (world.Plan.Planted == PlantedBug.PortForgotten && lease.Handle == 0) return default;
        if (!_lent.Remove(lease.Handle)) world.Fail($"the ports {lease.TowardsCaller} come back twice");
        _free.Push(lease.Handle);
        return default;
    }
}
