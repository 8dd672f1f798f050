using Tandem.Media.Relay;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Calls;

/// <summary>Which end of a call a media side faces.</summary>
public enum MediaSide : byte { Caller = 0, Callee = 1 }

/// <summary>Two port pairs lent to one call. RTCP is the port above.</summary>
public readonly record struct MediaLease(int Handle, NetAddress TowardsCaller, NetAddress TowardsCallee);

/// <summary>Where an end wants the media of a stream, and how it is framed, from its SDP.</summary>
public readonly record struct RemoteMedia
{
    /// <summary>Address 0.0.0.0 or port 0: send nothing there.</summary>
    public required NetAddress Rtp { get; init; }

    /// <summary>None: the port above; equal to <see cref="Rtp"/>: multiplexed (RFC 5761).</summary>
    public NetAddress Rtcp { get; init; }

    public Framing Framing { get; init; }
}

/// <summary>What was heard from either end.</summary>
public readonly record struct MediaCounters(LegMedia Caller, LegMedia Callee);

/// <summary>What call control asks of the relay; calls never wait: lending is from a ring of ports opened ahead.</summary>
public interface IMediaRelay
{
    /// <summary>False when no port is free (<see cref="Refusal.MediaPortsExhausted"/>).</summary>
    bool TryLend(CallId call, in NetAddress callerSignalling, in NetAddress calleeSignalling, out MediaLease lease);

    /// <summary>Ports for one more m-line of a call, on the addresses of the first. False when none is free.</summary>
    bool TryLendBeside(in MediaLease first, CallId call, out MediaLease lease);

    /// <summary>Says where the side's endpoint wants its media. Called for every SDP, changed or not.</summary>
    void SetRemote(in MediaLease lease, MediaSide side, in RemoteMedia remote);

    /// <summary>When the side's latest packet came, RTP or RTCP; the default instant if none did.</summary>
    Instant LastHeard(in MediaLease lease, MediaSide side);

    /// <summary>What was relayed so far; any thread may ask.</summary>
    MediaCounters SoFar(in MediaLease lease);

    /// <summary>Ends the relay and takes the ports back. Returns what was relayed so far.</summary>
    MediaCounters Return(in MediaLease lease);

    int PortsLent { get; }
}
