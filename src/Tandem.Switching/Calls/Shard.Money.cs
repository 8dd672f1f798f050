using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Calls;

// Money: the first slice before anything is dialled, the next before the last is used up, the price at the end.
public sealed partial class Shard
{
    // The next slice is asked for this long before the last is used up, so that a slow turn costs nobody the call.
    private static readonly TimeSpan ExtendAhead = TimeSpan.FromSeconds(10);

    // A refused call is not asked for again when less than this is left.
    private static readonly TimeSpan LastAsk = TimeSpan.FromSeconds(2);

    private void AskForMoney(Call call, Instant now)
    {
        call.Cdr.Rules = call.Tables.Settings.Billing.Rules;
        var request = new LedgerRequest { Kind = LedgerRequestKind.Open, Shard = _options.Index, Slot = call.Slot, Call = call.Id, Cdr = call.Cdr };
        if (call.Cdr.Sale is { } sale)
        {
            call.AskedSeconds = SliceSeconds(call);
            request.Payer = sale.Account;
            request.Seconds = call.AskedSeconds;
            request.PhoneLimitNanos = call.MonthlyLimitNanos;
        }
        call.PhaseEndsAt = now + LedgerPatience;
        if (PostToDesk(request)) return;
        EndByServer(call, Refusal.LedgerUnavailable, now);
        Step(call, CallInput.MoneyRefused, now);
    }

    private static int SliceSeconds(Call call) => call.Tables.Settings.Billing.PreventOverdraftAdvanceTime * 60;

    private void OnMoneyAnswer(Call call, in LedgerReply reply, Instant now)
    {
        if (call.State != CallState.Authorising) return;
        call.PhaseEndsAt = Instant.Never;
        Refusal refusal = reply.Outcome.ToRefusal();
        if (refusal != Refusal.None)
        {
            EndByServer(call, refusal, now);
            Step(call, CallInput.MoneyRefused, now);
            return;
        }
        call.CoveredSeconds = int.MaxValue;
        if (call.Cdr.Sale is not null)
        {
            TakeCover(call, reply);
            call.Log.Reserved(now, call.ReservedNanos, call.CoveredSeconds);
        }
        Step(call, CallInput.MoneyReserved, now);
    }

    private static void TakeCover(Call call, in LedgerReply reply)
    {
        call.ReservedNanos = reply.Reserved;
        call.CoveredSeconds = reply.Covered;
        call.GiftSeconds = reply.GiftSeconds;
    }

    private void SetMoneyClocks(Call call, Instant now)
    {
        call.ExtendAt = call.MoneyEndsAt = Instant.Never;
        if (call.CoveredSeconds == int.MaxValue) return;
        call.MoneyEndsAt = call.Cdr.Answered + TimeSpan.FromSeconds((double)call.CoveredSeconds + call.Tables.Settings.Billing.FreeTime);
        SetWarningClock(call, now);
        TimeSpan left = call.MoneyEndsAt - now;
        // Refused already: a payment may still come, so it is asked again a few times, ever closer to the end.
        if (call.MoneyEnds && left <= LastAsk) return;
        call.ExtendAt = left > 2 * ExtendAhead ? call.MoneyEndsAt - ExtendAhead : now + (left / 2);
    }

    private void ExtendMoney(Call call, Instant now)
    {
        call.ExtendAt = Instant.Never;
        if (call.State != CallState.Answered || call.ExtendPending) return;
        call.AskedSeconds = call.CoveredSeconds + SliceSeconds(call);
        call.ExtendPending = PostToDesk(new LedgerRequest
        {
            Kind = LedgerRequestKind.Extend,
            Shard = _options.Index,
            Slot = call.Slot,
            Call = call.Id,
            Payer = call.Cdr.Sale!.Account,
            Seconds = call.AskedSeconds,
        });
        if (!call.ExtendPending) call.ExtendAt = now + SettleAgain; // the ledger's inbox is full: a call in progress asks again
    }

    private void OnExtendAnswer(Call call, in LedgerReply reply, Instant now)
    {
        call.ExtendPending = false;
        if (call.State != CallState.Answered) return;
        if (reply.Outcome is LedgerOutcome.Done or LedgerOutcome.AlreadyDone)
        {
            long before = call.ReservedNanos;
            TakeCover(call, reply);
            call.Log.Extended(now, call.ReservedNanos - before, call.CoveredSeconds);
        }
        // Not a whole slice any more: there the call ends, unless somebody pays.
        bool ends = call.CoveredSeconds < call.AskedSeconds;
        if (ends && !call.MoneyEnds) call.Log.MoneyEnds(now, call.CoveredSeconds);
        call.MoneyEnds = ends;
        SetMoneyClocks(call, now);
    }

    private static void Price(Call call, Instant now)
    {
        Cdr cdr = call.Cdr;
        if (!cdr.WasAnswered) return;
        BillingRules rules = call.Tables.Settings.Billing.Rules;
        int seconds = rules.Billable(cdr.HoldTime);
        if (cdr.Sale is { } sale)
        {
            // Talk time never passes what was paid for: the clock that ends the call stands at that second.
            (sale.BilledSeconds, sale.Nanos) = rules.Price(sale.Tariff, Math.Max(0, Math.Min(seconds, call.CoveredSeconds) - call.GiftSeconds));
            call.Log.Charged(now, cdr.HoldTime, seconds, sale.BilledSeconds, sale.Nanos, sale.AccountNumber);
        }
        if (cdr.Cost is { } cost)
        {
            (cost.BilledSeconds, cost.Nanos) = rules.Price(cost.Tariff, seconds);
            call.Log.Charged(now, cdr.HoldTime, seconds, cost.BilledSeconds, cost.Nanos, cost.AccountNumber);
        }
    }

    // Where the operator wants no CDR of it.
    private static HiddenFrom HiddenFromWhom(Cdr cdr, in DialString callee, Settings.BillingSettings billing)
    {
        if (!billing.NoCdrNumbers.IsEmpty && billing.NoCdrNumbers.Contains(callee)) return HiddenFrom.Database | HiddenFrom.Files;
        bool kept = (billing.RecordServerHangUp || cdr.EndDirection != EndDirection.Server) && (billing.RecordZeroHoldTime || cdr.HoldTime > TimeSpan.Zero);
        return kept ? HiddenFrom.Nobody : HiddenFrom.Database;
    }
}
