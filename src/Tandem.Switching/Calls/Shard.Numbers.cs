using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Selection;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Calls;

// Numbers: whom the called number was ported to, the numbers a gateway is told, and what is counted for the dynamic black lists (docs/numbers.md, docs/lrn.md).
public sealed partial class Shard
{
    /// <summary>What is alive of numbers; shared by all shards. Before the first turn.</summary>
    public NumberWorld World { get; set; } = new();

    /// <summary>Who asks a server about ported numbers; null: nobody, and every question fails. Before the first turn.</summary>
    public ILrnAsker? LrnAsker { get; set; }

    /// <summary>Where its answers come.</summary>
    public Inbox<LrnReply> LrnReplies { get; } = new(1 << 14);

    private void AskNumber(Call call, Instant now)
    {
        LrnSettings settings = call.Tables.Settings.Lrn;
        call.PhaseEndsAt = now + settings.Timeout;
        var question = new LrnQuestion(_options.Index, call.Slot, call.Stamp, call.Asks, settings.ServerIp, settings.ServerPort, call.PhaseEndsAt);
        if (LrnAsker is null || !LrnAsker.TryAsk(question)) OnNumberKnown(call, new LrnAnswer(false, call.Asks, default, "too many questions wait already"), now);
    }

    private bool TakeLrnReplies(Instant now)
    {
        bool any = false;
        while (LrnReplies.TryTake(out LrnReply reply))
        {
            any = true;
            LrnAnswer answer = reply.Answer;
            if (answer.Known) World.Ported.Keep(answer.Number, answer.Routing, _book.Current.Settings.Lrn.CacheTtl, now);
            Call call = _calls[reply.Slot];
            if (call.Stamp != reply.Stamp || call.State != CallState.LookingUp) continue; // it was over, or waited no longer
            OnNumberKnown(call, answer, now);
            Reschedule(call);
        }
        return any;
    }

    private void OnNumberKnown(Call call, in LrnAnswer answer, Instant now)
    {
        call.PhaseEndsAt = Instant.Never;
        Arrival.Resume(FactsOf(call, ArrivalKind.Call), (call.Caller, call.Callee), call.Payer!, answer, call.Log, now, _plan);
        TakePlan(call);
        if (_plan.Refusal == Refusal.None)
        {
            Step(call, CallInput.Admitted, now);
            return;
        }
        EndByServer(call, _plan.Refusal, now);
        Step(call, CallInput.Refused, now);
    }

    /// <summary>The numbers as the gateway is told them: by transform table and dial plan, the calling one from its pool where it has one. What is taken goes back with the line.</summary>
    private Refusal PrepareNumbers(Call call, RoutingGateway gateway, in DayTime day, Instant now)
    {
        DialString callee = call.Callee;
        if (gateway.Numbers.Transforms && call.Tables.Numbers.Transforms.TryCallee(callee, out DialString outside))
        {
            call.Log.Transformed(now, gateway.Name, callee, outside);
            callee = outside;
        }
        call.CalleeSent = Rewrite(call, gateway.CalleeRulesAt(day), callee, gateway.Name, now, out bool calleeFits);
        if (!calleeFits) return Refusal.InvalidNumber;
        if (gateway.Pool is { } pool)
        {
            if (!pool.TryTake(out PoolNumber? taken))
            {
                call.Log.PoolNumber(now, gateway.Name, pool.Group, DialString.Empty, 0, pool.Lines);
                return Refusal.CallerPoolUsedUp;
            }
            call.Shown = taken;
            call.CallerSent = taken.Number;
            call.Log.PoolNumber(now, gateway.Name, pool.Group, taken.Number, taken.Calls, pool.Lines);
            return Refusal.None;
        }
        call.CallerSent = Rewrite(call, gateway.CallerRules, call.Caller, gateway.Name, now, out bool callerFits);
        return callerFits ? Refusal.None : Refusal.InvalidNumber;
    }

    // ---- the dynamic black lists

    private void CountCall(Call call, Instant now)
    {
        if (_plan.CountedIn is not { } list) return;
        call.CountedIn = list;
        call.CalleeCounts = !_plan.CalleeIsWhite;
        if (!_plan.CallerIsWhite) call.Counted = World.Dynamic.BeginCall(list, call.Caller, call.Tables.Settings.BlackList, now);
    }

    private void CountAttempt(Call call, RoutingGateway gateway, Instant now)
    {
        if (gateway.Numbers.OwnList is { } list) call.CountedAttempt = World.Dynamic.BeginCall(list, call.Caller, call.Tables.Settings.BlackList, now);
    }

    // The attempt at a gateway that counts by itself is over.
    private void NoteAttemptOutcome(Call call, Instant now)
    {
        if (call.Target?.Numbers.OwnList is { } list && call.CalleeLine is not null && (call.Cdr.WasAnswered || RangInVain(call)))
            World.Dynamic.NoteOutcome(list, call.Callee, call.Cdr.WasAnswered, call.Tables.Settings.BlackList, now);
    }

    private void NoteCallOutcome(Call call, Instant now)
    {
        if (call.Counted is { } counted) DynamicBlackList.EndCall(counted);
        call.Counted = null;
        if (call.CountedIn is not { } list || !call.CalleeCounts) return;
        if (call.Cdr.WasAnswered || RangInVain(call)) World.Dynamic.NoteOutcome(list, call.Callee, call.Cdr.WasAnswered, call.Tables.Settings.BlackList, now);
    }

    // A carrier that fails says nothing of the callee, and one who is busy is there.
    private static bool RangInVain(Call call) => call.Cdr.Attempts > 0 && call.LastStatus is not (486 or 600) && (call.SawRinging || call.LastStatus is 408 or 480 or 487);
}
