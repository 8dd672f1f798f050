using Tandem.Primitives;

namespace Tandem.Media.Relay;

/// <summary>Whom one side of a flow is believed to send from.</summary>
public enum LatchState : byte
{
    /// <summary>No SDP of this side was seen: nothing is accepted.</summary>
    Unsignalled,

    /// <summary>An address was signalled and nothing has come yet.</summary>
    Open,

    /// <summary>The same address was signalled again while another source was held: it goes on, or is learned anew.</summary>
    Reopened,

    /// <summary>Media came from the signalled address: locked to it.</summary>
    OnSignalled,

    /// <summary>Media came first from another address (behind NAT): locked to that.</summary>
    OnLearned,
}

/// <summary>Where a packet came from, as the latch sees it. Proven: from elsewhere, and it completes the <see cref="SourceProbation"/> of its source.</summary>
public enum LatchInput : byte { Signalled, Held, Other, Proven }

public enum LatchAct : byte { Drop, Accept, Learn }

/// <summary>Times of the latch.</summary>
/// <param name="Window">How long after signalling a source other than the signalled one may be learned.</param>
/// <param name="InFlight">How long after a changed address packets from the one before still pass, without being learned.</param>
public sealed record LatchRules(TimeSpan Window, TimeSpan InFlight)
{
    /// <summary>3 s: a phone behind NAT talks within a packet time of the answer; a stranger has to guess the port in that time, and to keep sending to it.</summary>
    /// <summary>So many packets in sequence a source must send before it is learned.</summary>
    public int ProbationPackets { get; init; } = 3;

    /// <summary>They must be spread over this at least: a burst proves nothing.</summary>
    public TimeSpan ProbationTime { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>A candidate that is silent for this long begins anew.</summary>
    public TimeSpan ProbationPatience { get; init; } = TimeSpan.FromMilliseconds(100);

    public static readonly LatchRules Default = new(TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(500));
}

/// <summary>
/// Symmetric RTP (RFC 4961; RFC 7362 §4 tells of latching and its dangers): media is sent back to where it comes from, and the
/// source is learned once, in a short window and after it proved to be a stream, so that nobody can take it over. The signalled address is always right.
/// </summary>
public struct SourceLatch
{
    private Instant _heldUntil;
    private SourceProbation _probation;

    public LatchState State { get; private set; }

    /// <summary>From the SDP.</summary>
    public NetAddress Signalled { get; private set; }

    /// <summary>The learned source, or after a changed SDP the source from before; else none.</summary>
    public NetAddress Held { get; private set; }

    /// <summary>When the last SDP of this side came.</summary>
    public Instant SignalledAt { get; private set; }

    /// <summary>The side asked for silence (address 0.0.0.0 or port 0): it may still send.</summary>
    public bool Muted { get; private set; }

    /// <summary>Where to send media to this side; none while muted or unsignalled.</summary>
    public readonly NetAddress Destination => Muted ? default : State is LatchState.OnLearned or LatchState.Reopened ? Held : Signalled;

    public static (LatchState State, LatchAct Act) On(LatchState state, LatchInput from, bool windowOpen, bool inFlight) => (state, from) switch
    {
        (LatchState.Unsignalled, _) => (state, LatchAct.Drop),
        (_, LatchInput.Signalled) => (LatchState.OnSignalled, LatchAct.Accept),
        (LatchState.OnLearned, LatchInput.Held) => (state, LatchAct.Accept),
        (LatchState.Reopened, LatchInput.Held) => (LatchState.OnLearned, LatchAct.Accept), // a refresh, not a move
        (LatchState.Open, LatchInput.Held) when inFlight => (state, LatchAct.Accept), // on its way when the address changed
        (LatchState.Open, LatchInput.Held) or (LatchState.Open or LatchState.Reopened, LatchInput.Proven) when windowOpen => (LatchState.OnLearned, LatchAct.Learn),
        _ => (state, LatchAct.Drop),
    };

    /// <summary>An SDP of this side came. The same address again re-opens the window; a lock on the signalled address stays.</summary>
    public void Signal(in NetAddress rtp, LatchRules rules, Instant now)
    {
        Muted = rtp.IsAny || rtp.Port == 0;
        if (Muted) return;
        SignalledAt = now;
        if (rtp == Signalled)
        {
            if (State == LatchState.OnLearned) State = LatchState.Reopened;
            return;
        }
        Held = State switch
        {
            LatchState.OnSignalled => Signalled,
            LatchState.OnLearned or LatchState.Reopened => Held,
            _ => default,
        };
        _heldUntil = now + rules.InFlight;
        Signalled = rtp;
        State = LatchState.Open;
    }

    /// <summary>A packet came. True if it is this side's.</summary>
    /// <param name="source">Its sender.</param>
    /// <param name="packet">The packet, if it is media; RTCP teaches nothing.</param>
    /// <param name="framing">How it is framed.</param>
    /// <param name="windowUntil">A source may be learned before this; the flow knows when the side can first have sent.</param>
    /// <param name="rules">How a source proves itself.</param>
    /// <param name="now">When.</param>
    public bool Accept(in NetAddress source, ReadOnlySpan<byte> packet, Framing framing, Instant windowUntil, LatchRules rules, Instant now)
    {
        LatchInput from = source == Signalled ? LatchInput.Signalled : source == Held ? LatchInput.Held : LatchInput.Other;
        bool windowOpen = now < windowUntil;
        if (from == LatchInput.Other && windowOpen && (State is LatchState.Open or LatchState.Reopened) && _probation.Passes(source, packet, framing, rules, now)) from = LatchInput.Proven;
        (State, LatchAct act) = On(State, from, windowOpen, now < _heldUntil);
        if (act == LatchAct.Learn) Held = source;
        return act != LatchAct.Drop;
    }
}
