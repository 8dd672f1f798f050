using Tandem.Media.Dtmf;
using Tandem.Media.Relay;
using Tandem.Media.Srtp;
using Tandem.Media.Streams;
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

    /// <summary>What is sent there is encrypted with this; null: not.</summary>
    public SrtpKey? Send { get; init; }

    /// <summary>What comes from there is; null: not. Then nothing else is believed.</summary>
    public SrtpKey? Receive { get; init; }
}

/// <summary>What was heard from either end.</summary>
public readonly record struct MediaCounters(LegMedia Caller, LegMedia Callee);

/// <summary>Told of keys that were heard in media.</summary>
public interface IDigitListener
{
    /// <param name="call">Whose media.</param>
    /// <param name="from">Who pressed.</param>
    /// <param name="digit">What.</param>
    void OnDigit(CallId call, MediaSide from, in DtmfDigit digit);
}

/// <summary>What call control asks of the relay; calls never wait: lending is from a ring of ports opened ahead.</summary>
public interface IMediaRelay
{
    /// <summary>False when no port is free (<see cref="Refusal.MediaPortsExhausted"/>).</summary>
    bool TryLend(CallId call, in NetAddress callerSignalling, in NetAddress calleeSignalling, out MediaLease lease);

    /// <summary>Whether the ports face a called end by the address that is for it: of its IP version, and of its network (docs/media.md).</summary>
    bool Faces(in MediaLease lease, in NetAddress callee);

    /// <summary>Ports for one more m-line of a call, on the addresses of the first. False when none is free.</summary>
    bool TryLendBeside(in MediaLease first, CallId call, out MediaLease lease);

    /// <summary>Says where the side's endpoint wants its media. Called for every SDP, changed or not.</summary>
    void SetRemote(in MediaLease lease, MediaSide side, in RemoteMedia remote);

    /// <summary>What is to be done to the audio of the stream from now on; null: nothing.</summary>
    void SetAudio(in MediaLease lease, AudioPlan? plan);

    /// <summary>Plays something to a side, in place of what the other side sends; null: stops.</summary>
    /// <param name="lease">Of the stream. The plan says in which G.711 it is played; without one it is not.</param>
    /// <param name="to">Who hears it.</param>
    /// <param name="source">8 kHz.</param>
    /// <param name="untilMedia">It stops as soon as the other side is heard.</param>
    void Play(in MediaLease lease, MediaSide to, IAudioSource? source, bool untilMedia);

    /// <summary>Tells a side a key, in the way the plan says.</summary>
    void Press(in MediaLease lease, MediaSide to, in DtmfDigit digit);

    /// <summary>When the side's latest packet came, RTP or RTCP; the default instant if none did.</summary>
    Instant LastHeard(in MediaLease lease, MediaSide side);

    /// <summary>What was relayed so far; any thread may ask.</summary>
    MediaCounters SoFar(in MediaLease lease);

    /// <summary>Ends the relay and takes the ports back. Returns what was relayed so far.</summary>
    MediaCounters Return(in MediaLease lease);

    int PortsLent { get; }
}
