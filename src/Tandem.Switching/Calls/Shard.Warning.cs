using Tandem.Media.Codecs;
using Tandem.Media.Tones;
using Tandem.Primitives;
using Tandem.Switching.Audio;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Calls;

// Warning: who pays hears that the money ends, before it does (docs/prompts.md).
public sealed partial class Shard
{
    private static readonly TimeSpan WarnAhead = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);
    private const int SamplesASecond = 8_000;

    private volatile PromptBook _prompts = PromptBook.Empty;

    /// <summary>The sounds there are; changed from any thread.</summary>
    public PromptBook Prompts { get => _prompts; set => _prompts = value; }

    // Once for each end of the money: a payment that comes makes the next end another one.
    private void SetWarningClock(Call call, Instant now)
    {
        if (call.Audio.Warns || IndicationFor(call) == AccountIndication.Off || MoneyEndOf(call) is var end && end == Instant.Never) return;
        TimeSpan left = end - now;
        if (left > 2 * WarnAhead) call.Warned = false;
        call.WarnAt = call.Warned ? Instant.Never : now + TimeSpan.FromTicks(Math.Max(0, (left - WarnAhead).Ticks));
    }

    // As things stand: other calls may take of what is available yet, and a payment may come.
    private Instant MoneyEndOf(Call call)
    {
        if (call.MoneyEnds || call.Cdr.Sale is not { } sale) return call.MoneyEndsAt;
        BillingSettings billing = call.Tables.Settings.Billing;
        int paid = billing.Rules.Covered(sale.Tariff, call.ReservedNanos + Math.Max(0, _desk.Ledger.Figures.Available(sale.Account)));
        return paid == int.MaxValue ? Instant.Never : call.Cdr.Answered + TimeSpan.FromSeconds((double)paid + call.GiftSeconds + billing.FreeTime);
    }

    private static AccountIndication IndicationFor(Call call) => PhoneOf(call, PayerOf(call))?.Indication ?? call.Tables.Settings.Billing.AccountIndication;

    private static MediaSide PayerOf(Call call) => call.Cdr.CalleeBilling == CalleeBilling.CalleePays ? MediaSide.Callee : MediaSide.Caller;

    private void OnWarningClock(Call call, Instant now)
    {
        call.WarnAt = Instant.Never;
        if (call.Audio.Warns)
        {
            StopWarning(call);
            return;
        }
        if (call.State != CallState.Answered || call.Warned || call.Cdr.Sale is not { } sale) return;
        Instant end = MoneyEndOf(call);
        if (end == Instant.Never || end - now > WarnAhead + Slack)
        {
            SetWarningClock(call, now);
            return;
        }
        TimeSpan left = end - now;
        call.Warned = true;
        MediaSide payer = PayerOf(call);
        int seconds = (int)Math.Max(0, left.TotalSeconds);
        string language = PhoneOf(call, payer)?.Language ?? "";
        PromptBook book = Prompts;
        IReadOnlyList<string> words = IndicationFor(call) == AccountIndication.PromptBalance ? AccountPrompt.OfMoney(MoneyLeft(call, sale, now), book, language) : AccountPrompt.OfTime(seconds, book, language);
        ChainedSource sound = AccountPrompt.Play(words, book, language, out string missing);
        bool heard = call.HasLease && !HasLeft(call, payer) && (payer == MediaSide.Caller ? call.Audio.Caller : call.Audio.Callee).Law != AudioEncoding.None;
        call.Log.Warned(now, payer, seconds, heard, missing);
        if (!heard) return;
        call.Audio.Warns = true;
        PlanAudio(call);
        _media.Play(call.Lease, payer, sound, untilMedia: false);
        call.WarnAt = now + TimeSpan.FromSeconds((double)sound.Length / SamplesASecond);
    }

    private void StopWarning(Call call)
    {
        call.Audio.Warns = false;
        if (call.HasLease) _media.Play(call.Lease, PayerOf(call), null, untilMedia: false);
        PlanAudio(call);
    }

    // What can be reserved yet, and what is held for the call and not talked away.
    private Money MoneyLeft(Call call, CallCharge sale, Instant now)
    {
        BillingRules rules = call.Tables.Settings.Billing.Rules;
        (_, long spent) = rules.Price(sale.Tariff, Math.Max(0, rules.Billable(now - call.Cdr.Answered) - call.GiftSeconds));
        return new Money(Math.Max(0, _desk.Ledger.Figures.Available(sale.Account)) + Math.Max(0, call.ReservedNanos - spent), sale.Tariff.Currency);
    }
}
