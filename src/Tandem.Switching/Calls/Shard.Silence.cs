using Tandem.Primitives;
using Tandem.Sip.Sdp;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Calls;

// Silence: media that died in an answered call (docs/media.md).
public sealed partial class Shard
{
    private static MediaCheck MediaCheckOf(Call call, MediaSide leg)
    {
        LegParty party = leg == MediaSide.Caller ? call.CallerParty : call.CalleeParty;
        if (party.Moved) return party.MediaCheck;
        if (leg == MediaSide.Caller) return call.Gateway?.MediaCheck ?? call.Phone!.MediaCheck;
        return call.TargetPhone?.MediaCheck ?? call.Targets[call.NextTarget - 1]!.MediaCheck;
    }

    /// <summary>From now on both ends should be heard, as their devices' settings say. Without our ports there is nothing to hear.</summary>
    private static void WatchMedia(Call call, Instant now)
    {
        if (!call.HasLease) return;
        MediaCheck caller = MediaCheckOf(call, MediaSide.Caller), callee = MediaCheckOf(call, MediaSide.Callee);
        call.Watch.Begin(Shorter(caller.FromDevice, callee.ToDevice), Shorter(callee.FromDevice, caller.ToDevice), now);
    }

    /// <summary>What was heard of a live call so far; on the shard's own thread only.</summary>
    public MediaCounters MediaOf(Call call) => call.HasLease ? _media.SoFar(call.Lease) : new MediaCounters(call.Cdr.CallerMedia, call.Cdr.CalleeMedia);

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a == TimeSpan.Zero ? b : b == TimeSpan.Zero || a < b ? a : b;

    /// <summary>What the side whose description is in <c>_sdp</c> says of sending: while either end holds, silence is nothing bad.</summary>
    private void NoteHold(Call call, MediaSide side)
    {
        int audio = _sdp.FirstUsableAudio();
        bool holds = audio < 0 || _sdp.Media(audio).Direction != MediaDirection.SendRecv || _sdp.Media(audio).OnHold;
        ref bool held = ref side == MediaSide.Caller ? ref call.Watch.CallerHolds : ref call.Watch.CalleeHolds;
        if (held == holds) return;
        held = holds;
        if (call.State == CallState.Answered) call.Watch.Begin(_now);
    }

    private void OnMediaClock(Call call, Instant now)
    {
        call.Watch.Stop();
        if (call.State != CallState.Answered || !call.HasLease) return;
        if (call.Taking is not null || call.Giving is not null)
        {
            call.Watch.Begin(now); // who speaks with whom is being changed
            return;
        }
        Instant callee = LastHeard(call, MediaSide.Callee);
        if (!call.Watch.Expired(LastHeard(call, MediaSide.Caller), callee, now, out MediaSide silent)) return;

        // As with a dead session: nobody pays for the silence of a called end, and a caller that sends nothing cannot talk (or listen) for nothing.
        TimeSpan limit = call.Watch.LimitOf(silent);
        Instant heard = Instant.Max(call.Watch.Since, callee);
        bool calleeSilent = heard + limit <= now;
        call.Log.Silent(now, silent, (int)limit.TotalSeconds, calleeSilent && silent == MediaSide.Caller);
        HangUp(call, Refusal.MediaTimeout, calleeSilent ? heard : now, now);
    }
}
