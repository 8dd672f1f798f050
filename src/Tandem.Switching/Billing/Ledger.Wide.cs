using System.Runtime.InteropServices;
using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.Billing;

/// <summary>A call for which more is held than one account's balance: agents above the payer, packages, a phone's month.</summary>
internal sealed class WideCall
{
    /// <summary>The payer first, then the agents from below.</summary>
    public CallHolding[] Holdings = [];

    /// <summary>The called number, by which gifts are found.</summary>
    public string Number = "";

    /// <summary>The phone whose month the call counts in; empty for none.</summary>
    public string Phone = "";

    public long PhoneLimitNanos = long.MaxValue;

    public int Covered(in BillingRules rules)
    {
        int least = int.MaxValue;
        foreach (CallHolding holding in Holdings) least = Math.Min(least, holding.Covered(rules));
        return least;
    }
}

// Calls for which several accounts hold, or packages give. Held and posted all together, in one record, or not at all.
public sealed partial class Ledger
{
    private const int MostGiftParts = 200;

    /// <summary>The gift seconds the payer's packages hold for the call.</summary>
    public int GiftSeconds(CallId call) => _calls.TryGetValue(call, out OpenCallState state) && state.Wide is { } wide ? wide.Holdings[0].GiftSeconds : 0;

    /// <summary>
    /// How long a call could talk now: to the end of the money of everybody who would pay for it. Pure; nothing is held. The outcome says why not, when zero.
    /// </summary>
    /// <param name="supposed">A call as it would be opened.</param>
    /// <param name="now">When.</param>
    /// <param name="seconds"><see cref="int.MaxValue"/>: without end.</param>
    /// <param name="phoneLimitNanos">What the phone may spend in a month.</param>
    public LedgerOutcome AvailableSeconds(Cdr supposed, Instant now, out int seconds, long phoneLimitNanos = long.MaxValue)
    {
        seconds = int.MaxValue;
        if (supposed.Sale is null) return LedgerOutcome.Done;
        seconds = 0;
        if (HoldingsFor(supposed, now, out CallHolding[] holdings) is var outcome && outcome != LedgerOutcome.Done) return outcome;
        WideCall wide = new() { Holdings = holdings, Number = supposed.CalleeE164, Phone = supposed.Sale.Phone, PhoneLimitNanos = phoneLimitNanos };
        BillingRules rules = supposed.Rules ?? BillingRules.Plain;
        seconds = int.MaxValue;
        foreach (CallHolding holding in holdings) seconds = Math.Min(seconds, Reach(wide, holding, rules, Pricing.MaxBillableSeconds, now));
        if (seconds >= Pricing.MaxBillableSeconds) seconds = int.MaxValue;
        return seconds > 0 ? LedgerOutcome.Done : LedgerOutcome.BalanceTooLow;
    }

    private bool IsWide(Cdr opening) =>
        opening.Further.Count > 0 || opening.Sale!.Phone.Length > 0 || (TryFindAccount(opening.Sale.Account, out LedgerAccount? account) && account.PackageList is not null);

    private LedgerOutcome HoldingsFor(Cdr opening, Instant now, out CallHolding[] holdings)
    {
        holdings = new CallHolding[1 + opening.Further.Count];
        for (int i = 0; i < holdings.Length; i++)
        {
            CallCharge charge = i == 0 ? opening.Sale! : opening.Further[i - 1];
            if (!TryFindAccount(charge.Account, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
            if (Barred(account, now) is { } barred) return barred;
            if (charge.Tariff.Currency != account.Currency) return LedgerOutcome.CurrencyMismatch;
            holdings[i] = new CallHolding(i == 0 ? ChargeRole.Sale : ChargeRole.Agent, account.Id, charge.Tariff);
        }
        return LedgerOutcome.Done;
    }

    private LedgerOutcome OpenWide(Cdr opening, int seconds, long phoneLimitNanos, Instant now)
    {
        if (Known(opening.Call) is { } known) return known;
        if (HoldingsFor(opening, now, out CallHolding[] holdings) is var found && found != LedgerOutcome.Done) return found;
        WideCall wide = new() { Holdings = holdings, Number = opening.CalleeE164, Phone = opening.Sale!.Phone, PhoneLimitNanos = phoneLimitNanos };
        BillingRules rules = opening.Rules ?? BillingRules.Plain;
        if (Cover(wide, rules, seconds, partly: false, now, out WideHolding[] held) is var covered && covered != LedgerOutcome.Done) return covered;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        CallOpened record = new(opening.Call, opening.Sale.Account, held[0].Nanos, opening.Sale.Tariff, held);
        Append(JournalRecordType.CallOpened, record, opening, now, out int head, out int length);
        Apply(record, _scratch.AsSpan(head, length - head));
        ref OpenCallState state = ref CollectionsMarshal.GetValueRefOrNullRef(_calls, record.Call);
        state.Rules = rules;
        (state.Wide!.Number, state.Wide.Phone, state.Wide.PhoneLimitNanos) = (wide.Number, wide.Phone, phoneLimitNanos);
        HoldPhone(wide.Phone, held[0].Nanos);
        return LedgerOutcome.Done;
    }

    private LedgerOutcome ExtendWide(CallId call, ref OpenCallState state, int seconds, Instant now)
    {
        WideCall wide = state.Wide!;
        foreach (CallHolding holding in wide.Holdings)
        {
            if (!TryFindAccount(holding.Account, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
            if (Barred(account, now) is { } barred) return barred;
        }
        if (Cover(wide, state.Rules, seconds, partly: true, now, out WideHolding[] more) is var covered && covered != LedgerOutcome.Done) return covered;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        CallExtended record = new(call, more[0].Nanos, state.ReservedNanos + more[0].Nanos, more);
        Append(JournalRecordType.CallExtended, record, now);
        Apply(record);
        HoldPhone(wide.Phone, more[0].Nanos);
        return LedgerOutcome.Done;
    }

    private LedgerOutcome CloseWide(Cdr final, in OpenCallState state, Instant now)
    {
        WideCall wide = state.Wide!;
        BillingRules rules = state.Rules;
        int seconds = final.WasAnswered ? rules.Billable(final.HoldTime) : 0;
        int covered = wide.Covered(rules);
        if (seconds > covered) CappedPostings++;
        (LedgerAccount? clearing, long cost) = CostOf(final);
        WidePosting[] postings = Settle(final, wide.Holdings, rules, Math.Min(seconds, covered), capped: true);
        HoldPhone(wide.Phone, -wide.Holdings[0].Nanos);
        Record(final, postings, clearing, cost, wide.Phone, now);
        return LedgerOutcome.Done;
    }

    /// <summary>
    /// Charges a call that was made elsewhere. It is a fact, so nothing is asked of anybody's balance and nothing was reserved: the whole price is
    /// taken. An id that is known changes nothing (<see cref="LedgerOutcome.AlreadyClosed"/>).
    /// </summary>
    public LedgerOutcome ChargeExternal(Cdr final, Instant now)
    {
        if (Known(final.Call) is not null) return LedgerOutcome.AlreadyClosed;
        if (!journal.AcceptsNewWork) return LedgerOutcome.JournalUnavailable;
        CallHolding[] holdings = [];
        if (final.Sale is not null)
        {
            holdings = new CallHolding[1 + final.Further.Count];
            for (int i = 0; i < holdings.Length; i++)
            {
                CallCharge charge = i == 0 ? final.Sale : final.Further[i - 1];
                if (!TryFindAccount(charge.Account, out LedgerAccount? account)) return LedgerOutcome.AccountMissing;
                if (charge.Tariff.Currency != account.Currency) return LedgerOutcome.CurrencyMismatch;
                holdings[i] = new CallHolding(i == 0 ? ChargeRole.Sale : ChargeRole.Agent, charge.Account, charge.Tariff);
                if (account.BalanceNanos - (Int128)MaxAmountNanos < -MaxBalanceNanos) return LedgerOutcome.AmountInvalid;
            }
        }
        final.CalleeBilling = CalleeBilling.External;
        BillingRules rules = final.Rules ?? BillingRules.Plain;
        int seconds = final.WasAnswered ? rules.Billable(final.HoldTime) : 0;
        foreach (CallHolding holding in holdings)
        {
            if (rules.Price(holding.Tariff, seconds).Nanos > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        }
        SetCharge(final.Cost, rules, seconds);
        (LedgerAccount? clearing, long cost) = CostOf(final);
        WidePosting[] postings = Settle(final, holdings, rules, seconds, capped: false);
        Record(final, postings, clearing, cost, final.Sale?.Phone ?? "", now);
        return LedgerOutcome.Done;
    }

    // What each is charged for these seconds: gift seconds first, then gift money, then the balance; and what of it agents earn.
    private static WidePosting[] Settle(Cdr final, CallHolding[] holdings, in BillingRules rules, int seconds, bool capped)
    {
        WidePosting[] postings = new WidePosting[holdings.Length];
        long below = 0;
        for (int i = 0; i < holdings.Length; i++)
        {
            CallHolding holding = holdings[i];
            CallCharge charge = i == 0 ? final.Sale! : final.Further[i - 1];
            List<GiftPart> used = [];
            int left = seconds, given = 0;
            foreach (GiftPart part in holding.Gifts)
            {
                if (part.GiftTime == GiftPart.Money || left <= 0) continue;
                int take = (int)Math.Min(part.Amount, Steps(left, holding.CycleOf(part)));
                used.Add(part with { Amount = take });
                left -= take;
                given += take;
            }
            Charge price = rules.Price(charge.Tariff, Math.Max(0, seconds - given));
            long due = price.Nanos, gift = 0;
            foreach (GiftPart part in holding.Gifts)
            {
                if (part.GiftTime != GiftPart.Money || due == 0) continue;
                long take = Math.Min(part.Amount, due);
                used.Add(part with { Amount = take });
                due -= take;
                gift += take;
            }
            if (capped) due = Math.Min(due, holding.Nanos);
            (charge.BilledSeconds, charge.Nanos, charge.GiftSeconds, charge.GiftNanos) = (price.BilledSeconds, due, given, gift);
            charge.IncomeNanos = i == 0 ? 0 : below - (due + gift);
            below = due + gift;
            postings[i] = new WidePosting(holding.Role, holding.Account, due, 0, charge.IncomeNanos, [.. used], "");
        }
        return postings;
    }

    private static long Steps(int seconds, int cycle) => ((long)seconds + cycle - 1) / cycle * cycle;

    private void Record(Cdr final, WidePosting[] postings, LedgerAccount? clearing, long cost, string phone, Instant now)
    {
        // An account may stand there twice: each balance is the one after this posting of it.
        Dictionary<AccountId, long> after = [];
        long Take(AccountId account, long nanos)
        {
            long balance = (after.TryGetValue(account, out long there) ? there : _accounts[account.Value - 1].BalanceNanos) - nanos;
            after[account] = balance;
            return balance;
        }

        for (int i = 0; i < postings.Length; i++) postings[i] = postings[i] with { BalanceAfterNanos = Take(postings[i].Account, postings[i].Nanos), Phone = i == 0 ? phone : "" };
        long clearingAfter = clearing is null ? 0 : Take(clearing.Id, cost);
        CallClosed record = postings.Length == 0
            ? new(final.Call, AccountId.None, 0, 0, clearing?.Id ?? AccountId.None, cost, clearingAfter)
            : new(final.Call, postings[0].Account, postings[0].Nanos, postings[0].BalanceAfterNanos, clearing?.Id ?? AccountId.None, cost, clearingAfter, postings);
        Append(JournalRecordType.CallClosed, record, final, now, out _, out _);
        Apply(record, now);
    }

    // A call that was refused before anything was held charges no agent either.
    private static void SettleFurther(Cdr final)
    {
        foreach (CallCharge charge in final.Further) (charge.BilledSeconds, charge.Nanos, charge.IncomeNanos) = (0, 0, 0);
    }

    // ---- how far the money reaches

    private LedgerOutcome Cover(WideCall wide, in BillingRules rules, int to, bool partly, Instant now, out WideHolding[] more)
    {
        more = [];
        int target = to;
        foreach (CallHolding holding in wide.Holdings) target = Math.Min(target, Reach(wide, holding, rules, to, now));
        if (target < to && (!partly || target <= wide.Covered(rules))) return LedgerOutcome.BalanceTooLow;
        WideHolding[] planned = new WideHolding[wide.Holdings.Length];
        Dictionary<AccountId, long> sums = [];
        for (int i = 0; i < planned.Length; i++)
        {
            planned[i] = Plan(wide, wide.Holdings[i], rules, target, now);
            if (planned[i].Nanos > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
            long sum = sums[planned[i].Account] = sums.GetValueOrDefault(planned[i].Account) + planned[i].Nanos;
            if (sum > 0 && sum > _accounts[planned[i].Account.Value - 1].AvailableNanos) return LedgerOutcome.BalanceTooLow;
        }
        more = planned;
        return LedgerOutcome.Done;
    }

    /// <summary>To which second this one could pay, at most <paramref name="to"/>.</summary>
    private int Reach(WideCall wide, CallHolding holding, in BillingRules rules, int to, Instant now)
    {
        int covered = holding.Covered(rules);
        if (covered >= to) return to;
        LedgerAccount account = _accounts[holding.Account.Value - 1];
        int gift = holding.GiftSeconds;
        Int128 money = (Int128)holding.Nanos + holding.GiftNanos + Spendable(wide, holding, account, now);
        foreach (CurrentPackage package in account.PackageList ?? [])
        {
            if (!package.GivesGifts) continue;
            money += package.GiftNanosLeft;
            for (int g = 0; g < package.SecondsLeft.Length; g++)
            {
                GiftTime terms = package.Terms.GiftTimes[g];
                if (terms.Fits(wide.Number, now)) gift += package.SecondsLeft[g] / terms.Cycle * terms.Cycle;
            }
        }
        return Math.Min(to, CallHolding.Plus(gift, rules.Covered(holding.Tariff, (long)Int128.Min(money, long.MaxValue))));
    }

    /// <summary>What this one must hold more to pay to the second <paramref name="to"/>, which it reaches.</summary>
    private WideHolding Plan(WideCall wide, CallHolding holding, in BillingRules rules, int to, Instant now)
    {
        int covered = holding.Covered(rules);
        if (covered >= to) return new WideHolding(holding.Role, holding.Account, 0, holding.Tariff, []);
        List<GiftPart> parts = [];
        LedgerAccount account = _accounts[holding.Account.Value - 1];
        int want = to - covered, gift = holding.GiftSeconds;
        foreach (CurrentPackage package in account.PackageList ?? [])
        {
            if (!package.GivesGifts || parts.Count >= MostGiftParts) continue;
            for (int g = 0; g < package.SecondsLeft.Length && want > 0; g++)
            {
                GiftTime terms = package.Terms.GiftTimes[g];
                if (package.SecondsLeft[g] < terms.Cycle || !terms.Fits(wide.Number, now)) continue;
                int take = (int)Math.Min(package.SecondsLeft[g] / terms.Cycle * terms.Cycle, Steps(want, terms.Cycle));
                parts.Add(new GiftPart(package.Id, g, take));
                want -= take;
                gift += take;
            }
        }
        long due = rules.Price(holding.Tariff, Math.Max(0, to - gift)).Nanos - holding.Nanos - holding.GiftNanos;
        foreach (CurrentPackage package in account.PackageList ?? [])
        {
            if (due <= 0) break;
            if (!package.GivesGifts || package.GiftNanosLeft <= 0 || parts.Count >= MostGiftParts) continue;
            long take = Math.Min(package.GiftNanosLeft, due);
            parts.Add(new GiftPart(package.Id, GiftPart.Money, take));
            due -= take;
        }
        return new WideHolding(holding.Role, holding.Account, Math.Max(0, due), holding.Tariff, [.. parts]);
    }

    private long Spendable(WideCall wide, CallHolding holding, LedgerAccount account, Instant now)
    {
        long available = Math.Max(0, account.AvailableNanos);
        if (holding.Role != ChargeRole.Sale || wide.PhoneLimitNanos == long.MaxValue) return available;
        return Math.Min(available, Math.Max(0, wide.PhoneLimitNanos - SpentBy(wide.Phone, now) - _phonesHeld.GetValueOrDefault(wide.Phone)));
    }

    // ---- applying

    private void ApplyWide(ref OpenCallState state, WideHolding[] record)
    {
        state.Wide ??= new WideCall { Holdings = [.. record.Select(static h => new CallHolding(h.Role, h.Account, h.Tariff))] };
        for (int i = 0; i < record.Length && i < state.Wide.Holdings.Length; i++)
        {
            CallHolding holding = state.Wide.Holdings[i];
            holding.Nanos += record[i].Nanos;
            foreach (GiftPart part in record[i].Gifts)
            {
                if (FindPackage(holding.Account, part.Package) is { } package)
                {
                    if (part.GiftTime == GiftPart.Money) package.GiftNanosLeft -= part.Amount;
                    else package.SecondsLeft[part.GiftTime] -= (int)part.Amount;
                    holding.Cycles[(part.Package, part.GiftTime)] = part.GiftTime == GiftPart.Money ? 1 : package.Terms.GiftTimes[part.GiftTime].Cycle;
                }
                holding.Add(part);
            }
            LedgerAccount account = _accounts[holding.Account.Value - 1];
            account.ReservedNanos += record[i].Nanos;
            Figures.Note(account);
        }
    }

    // What was held and not used goes back: money at once, gifts to their package while it lasts.
    private void Release(WideCall wide, WidePosting[]? postings)
    {
        for (int i = 0; i < wide.Holdings.Length; i++)
        {
            CallHolding holding = wide.Holdings[i];
            _accounts[holding.Account.Value - 1].ReservedNanos -= holding.Nanos;
            GiftPart[] used = postings is not null && i < postings.Length ? postings[i].Gifts : [];
            foreach (GiftPart part in holding.Gifts)
            {
                if (FindPackage(holding.Account, part.Package) is not { } package) continue;
                long back = part.Amount - used.Where(u => u.Package == part.Package && u.GiftTime == part.GiftTime).Sum(static u => u.Amount);
                if (part.GiftTime == GiftPart.Money) package.GiftNanosLeft += back;
                else package.SecondsLeft[part.GiftTime] += (int)back;
            }
        }
    }

    private void Post(WidePosting[] postings, long saleNanos, Instant at)
    {
        foreach (WidePosting posting in postings)
        {
            LedgerAccount account = _accounts[posting.Account.Value - 1];
            if (posting.Phone.Length > 0) SpendPhone(posting.Phone, saleNanos, at);
            if (posting.Role == ChargeRole.Sale) continue; // its money stands in the short part
            account.BalanceNanos -= posting.Nanos;
            account.IncomeNanos += posting.IncomeNanos;
            account.Consume(posting.Nanos, at);
            if (account.PackageList is not null) Spend(account.PackageList, posting.Nanos);
            Figures.Note(account);
        }
    }

    private static void Spend(List<CurrentPackage> packages, long nanos)
    {
        foreach (CurrentPackage package in packages) package.ConsumedNanos += nanos;
    }
}
