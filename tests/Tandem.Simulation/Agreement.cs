using Tandem.Primitives;
using Tandem.Simulation.Peers;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;

namespace Tandem.Simulation;

/// <summary>Do the CDRs say what the peers lived through? Where a broken router or a restart may have changed what was said, less is asked.</summary>
internal static class Agreement
{
    // The last repetition of a request leaves 32 s after the first, and travels.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(36);

    public static void Check(World world)
    {
        Cdr[] made = [.. world.Journal.Books.Cdrs.Where(c => !world.TransferTargets.Contains(c.CalleeAccessE164) && !IsForward(c))];
        ILookup<string, Cdr> byCaller = made.ToLookup(static c => c.CallerAccessE164);
        ILookup<string, Cdr> byCallee = made.ToLookup(static c => c.CalleeAccessE164);
        if (world.Corrupts) return;
        foreach (CallMemory call in world.CallsMade)
        {
            if (call.Key.Length > 0) CheckCall(world, call, [.. (call.ByPhone ? byCallee : byCaller)[call.Key]]);
        }
        CheckAnswers(world);
        foreach (Cdr cdr in world.Journal.Books.Cdrs.Where(static c => c.Refusal == Refusal.MediaTimeout && !WasForwarded(c))) CheckSilence(world, cdr);
    }

    // A call to a phone that forwarded it: who answered was asked by another call.
    private static bool WasForwarded(Cdr cdr) => Tells(cdr, DecisionKind.ForwardLeg);

    // A call to where a phone forwards: the phone makes it, no peer does.
    public static bool IsForward(Cdr cdr) => Tells(cdr, DecisionKind.ForwardedFrom);

    private static bool Tells(Cdr cdr, DecisionKind kind) => DecisionLogReader.Read(cdr.DecisionLog).Any(e => e.Kind == kind);

    // Of a transfer the calls are several, and the ports are those of one.
    private static void CheckSilence(World world, Cdr cdr)
    {
        world.Must(cdr.EndDirection == EndDirection.Server && cdr.WasAnswered, $"call {cdr.Call} ended for its silence by the {cdr.EndDirection}");
        if (world.CallbacksMade || world.CallsMade.Exists(static c => c.Transferred) || world.CalleesReplaced.Count > 0) return;
        (Instant caller, Instant callee) = world.MediaEnds[cdr.Call];
        bool ofCaller = Instant.Max(caller, cdr.Answered) + TimeSpan.FromSeconds(Operator.MediaCheckSeconds) <= cdr.Stop; // it pays for its silence; not for that of the callee
        world.Must(ofCaller || callee <= cdr.Stop, $"call {cdr.Call} ended for its silence and counts to {cdr.Stop}; its caller spoke until {caller}, its callee until {callee}");
    }

    private static void CheckCall(World world, CallMemory call, Cdr[] cdrs)
    {
        string name = $"the call {call.Caller} -> {call.Callee}";
        bool whole = world.CrashesSoFar == 0;
        world.Must(!whole || cdrs.Length <= 1, $"{name} has {cdrs.Length} CDRs");
        if (call.Established is { } established)
        {
            Cdr? cdr = cdrs.FirstOrDefault(c => c.WasAnswered && c.Answered <= established);
            // An answer is not held back for a ledger that lags: should the power fail in that very lag, the call counts as unanswered.
            if (cdr is null && !whole && world.LedgerStalls.Any(s => s.From <= established && established - s.To <= Slack)) return;
            world.Must(cdr is not null, $"{name} was answered for its caller at {established} and no CDR says so");
            world.Must(established - cdr!.Answered <= Slack, $"{name} was answered {established - cdr.Answered} before its caller heard of it");
            if (whole) CheckEnd(world, call, cdr, name);
        }
        else if (whole && call.FailedWith > 0)
        {
            world.Must(!cdrs.Any(static c => c.WasAnswered), $"{name} failed with {call.FailedWith} for its caller and its CDR says it was answered");
            bool judged = call.FailedWith is not (400 or 401 or 407 or 415 or 420 or 422 or 483 or 503 or 403);
            world.Must(!judged || cdrs.Length == 1, $"{name} failed with {call.FailedWith} and has {cdrs.Length} CDRs");
        }
    }

    private static void CheckEnd(World world, CallMemory call, Cdr cdr, string name)
    {
        bool others = call.Transferred || world.CalleesReplaced.Contains(call.Callee);
        if (cdr.EndDirection == EndDirection.Caller && !others)
        {
            world.Must(call.SaidBye is { } said && said <= cdr.Stop && cdr.Stop - said <= Slack, $"{name}: its CDR says the caller ended it at {cdr.Stop}, the caller said BYE at {call.SaidBye}");
        }
        // A caller that talked on after the CDR's end must have been told: without losses it always hears.
        if (call.Vanished is { } vanished && !others)
        {
            TimeSpan longest = call.Session > 0 ? TimeSpan.FromSeconds(call.Session) : World.LongestUnwatched;
            world.Must(cdr.Stop - vanished <= longest, $"{name}: its caller vanished at {vanished} with a session of {call.Session} s, and it lasted until {cdr.Stop}");
        }
        bool reliable = world.Plan.Network.Loss == 0;
        world.Must(!reliable || call.Deaf || call.Vanished is not null || call.SaidBye is not null || call.HeardBye is not null, $"{name} is over and its caller was never told");
    }

    private static void CheckAnswers(World world)
    {
        ILookup<(string, string), AnswerMemory> answers = world.AnswersGiven.ToLookup(static a => (a.Caller, a.Callee));
        foreach (Cdr cdr in world.Journal.Books.Cdrs.Where(static c => c.WasAnswered && !WasForwarded(c)))
        {
            AnswerMemory[] given = [.. answers[(cdr.CallerToGatewayE164, cdr.CalleeToGatewayE164)].Concat(answers[("anonymous", cdr.CalleeToGatewayE164)]).Where(a => a.Answered <= cdr.Answered && cdr.Answered - a.Answered <= Slack)];
            bool toPhone = given.Length == 0 && cdr.CalleeGateway.Length == 0; // its contact, not its number, is in the request line
            world.Must(toPhone || given.Length > 0, $"call {cdr.Call} {cdr.CallerE164} -> {cdr.CalleeE164} was answered at {cdr.Answered}, and nobody did");
            if (given.Length == 1 && given[0].Vanished is { } vanished && world.CrashesSoFar == 0)
            {
                TimeSpan longest = given[0].Session > 0 ? TimeSpan.FromSeconds(given[0].Session) : World.LongestUnwatched;
                world.Must(cdr.Stop - vanished <= longest, $"call {cdr.Call}: its callee vanished at {vanished} with a session of {given[0].Session} s, and it lasted until {cdr.Stop}");
            }
            if (cdr.EndDirection == EndDirection.Callee && given.Length > 0 && !given.Any(static a => a.Transferred) && world.CrashesSoFar == 0)
            {
                world.Must(given.Any(a => a.SaidBye is { } said && said <= cdr.Stop && cdr.Stop - said <= Slack), $"call {cdr.Call}: its CDR says the callee ended it at {cdr.Stop}, and no callee did");
            }
        }
        if (world.CrashesSoFar > 0) return;
        foreach (InvitationMemory invitation in world.Invitations.Where(_ => world.Plan.Network.Loss == 0))
        {
            bool heard = invitation.Acceded is { } acceded && acceded - invitation.Invited < TimeSpan.FromSeconds(25);
            world.Must(invitation.Ended || !heard, $"{invitation.Callee} was called by {invitation.Caller} at {invitation.Invited}, did not answer, and was never told to stop");
        }
        foreach (AnswerMemory answer in world.AnswersGiven)
        {
            // Ten repetitions of the 200 get through somehow, and each brings an ACK: unless a BYE made it pointless.
            bool acknowledged = answer.Acknowledged is not null || (answer.HeardBye is { } heard && heard - answer.Answered < Slack);
            world.Must(acknowledged || world.Plan.Network.Loss > 0.1 || !answer.InTime, $"{answer.Callee} answered {answer.Caller} at {answer.Answered} and was never acknowledged");
            if (world.Plan.Network.Loss > 0) continue;
            world.Must(answer.Deaf || answer.Vanished is not null || !answer.InTime || answer.SaidBye is not null || answer.HeardBye is not null, $"{answer.Callee} answered {answer.Caller} at {answer.Answered} and was never told that it is over");
        }
    }
}
