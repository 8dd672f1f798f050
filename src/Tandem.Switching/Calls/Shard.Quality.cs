using Tandem.Primitives;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing.Quality;

namespace Tandem.Switching.Calls;

// Quality: what attempts and calls tell of the gateways that had them (docs/quality.md).
public sealed partial class Shard
{
    private static void NoteAnsweredQuality(Call call, Instant now) => NoteAttemptQuality(call, answered: true, delivered: true, now);

    // Once: the attempt is over without an answer.
    private static void NoteFailedQuality(Call call, Instant now)
    {
        NoteAttemptQuality(call, answered: false, delivered: call.SawRinging || call.LastStatus is 480 or 486 or 600 or 603, now);
        call.Quality = null;
    }

    private static void NoteAttemptQuality(Call call, bool answered, bool delivered, Instant now)
    {
        if (call.Quality is not { } quality || call.Target is not { } gateway) return;
        quality.Total.NoteAttempt(gateway.Quality, answered, delivered, call.Cdr.CalleePddMillis, now);
        quality.Of(call.Destination, now)?.NoteAttempt(gateway.Quality, answered, delivered, call.Cdr.CalleePddMillis, now);
    }

    private static void NoteTalkQuality(Call call, Instant now)
    {
        if (call.Quality is not { } quality || call.Target is not { } gateway) return;
        quality.Total.NoteTalk(gateway.Quality, call.Cdr.HoldTime, now);
        quality.Of(call.Destination, now)?.NoteTalk(gateway.Quality, call.Cdr.HoldTime, now);
        call.Quality = null;
    }

    // One attempt is over, or answered: what it came to stands in the CDR.
    private static void NoteTried(Call call, int status, Refusal refusal)
    {
        Cdr cdr = call.Cdr;
        if (cdr.Attempts == call.Listed || cdr.Tried.Count >= CdrAttempt.MostListed) return;
        call.Listed = cdr.Attempts;
        // Another list each time: a desk on another loop may be reading the one before.
        cdr.Tried = [.. cdr.Tried, new CdrAttempt(call.AttemptName, cdr.CalleeToGatewayE164, cdr.CalleeAddress, call.AttemptStart, cdr.CalleePddMillis, status, refusal)];
    }
}
