using Tandem.Primitives;

namespace Tandem.Switching.Calls;

/// <summary>How long either end of an answered call may be silent, and since when it has to be heard (docs/media.md).</summary>
internal struct MediaWatch
{
    private TimeSpan _caller;
    private TimeSpan _callee;
    private Instant _due;
    private bool _runs;

    /// <summary>An end's last description asks for silence, or will be silent: hold, or no audio at all.</summary>
    public bool CallerHolds;
    public bool CalleeHolds;

    /// <summary>From here on both ends should be heard: the answer, or the end of a hold.</summary>
    public Instant Since { get; private set; }

    /// <summary>When to look next; never while nothing is watched.</summary>
    public readonly Instant Due => _runs ? _due : Instant.Never;

    /// <summary>Watching begins, or begins anew.</summary>
    /// <param name="caller">The longest silence of the caller; zero: it is not watched.</param>
    /// <param name="callee">Likewise of the called end.</param>
    /// <param name="now">When.</param>
    public void Begin(TimeSpan caller, TimeSpan callee, Instant now)
    {
        (_caller, _callee) = (caller, callee);
        Begin(now);
    }

    /// <summary>The same limits, counted from now.</summary>
    public void Begin(Instant now)
    {
        Since = now;
        _runs = !CallerHolds && !CalleeHolds && (_caller > TimeSpan.Zero || _callee > TimeSpan.Zero);
        _due = Instant.Min(EndOf(_caller, now), EndOf(_callee, now));
    }

    public void Stop() => _runs = false;

    public readonly TimeSpan LimitOf(MediaSide side) => side == MediaSide.Caller ? _caller : _callee;

    /// <summary>Looks whether an end was silent for too long; if none was, sets the next look.</summary>
    /// <param name="callerHeard">Latest sign of life in media.</param>
    /// <param name="calleeHeard">Likewise.</param>
    /// <param name="now">When.</param>
    /// <param name="silent">Which end; the called one where it is both.</param>
    public bool Expired(Instant callerHeard, Instant calleeHeard, Instant now, out MediaSide silent)
    {
        Instant caller = EndOf(_caller, callerHeard), callee = EndOf(_callee, calleeHeard);
        silent = callee <= now ? MediaSide.Callee : MediaSide.Caller;
        _due = Instant.Min(caller, callee);
        _runs = _due > now;
        return !_runs;
    }

    private readonly Instant EndOf(TimeSpan limit, Instant heard) => limit == TimeSpan.Zero ? Instant.Never : Instant.Max(Since, heard) + limit;
}
