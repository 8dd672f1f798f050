using System.Globalization;
using Tandem.Primitives;

namespace Tandem.Switching.Billing;

// Re-rating (docs/rerating.md): a call's charge is given back and taken anew by two payments that name the call. Nothing is edited; what a charge stands at is what
// the CDR says, or the last payment that took it anew. Where a crash fell between the two, the next run takes the second.
public sealed partial class Ledger
{
    /// <summary>The role of a carrier's cost; the payer is 0, the agents above it 1 and up.</summary>
    public const int CostRole = 255;

    /// <summary>What a call's charge stands at after what was put right of it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="role">Whose charge of it.</param>
    /// <param name="recorded">What the CDR says.</param>
    public long ChargeOf(CallId call, int role, long recorded) => ChargeOf(call, role, recorded, out _);

    /// <summary>
    /// Makes a charge what it should be: <see cref="LedgerOutcome.Done"/>, or <see cref="LedgerOutcome.AlreadyDone"/> when it is. It is owed whatever the balance: what is available may
    /// fall below zero by it.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="role">Whose charge of it.</param>
    /// <param name="account">Who was charged.</param>
    /// <param name="recorded">What the CDR says, nanos of the account's currency.</param>
    /// <param name="due">What it should be.</param>
    /// <param name="memo">Why: the deck and its version.</param>
    /// <param name="by">Who has it put right.</param>
    /// <param name="now">When.</param>
    public LedgerOutcome Recharge(CallId call, int role, AccountId account, long recorded, long due, string memo, string by, Instant now)
    {
        if (due is < 0 or > MaxAmountNanos) return LedgerOutcome.AmountInvalid;
        long stands = ChargeOf(call, role, recorded, out int turn);
        if (stands == due) return LedgerOutcome.AlreadyDone;
        if (stands != 0)
        {
            LedgerOutcome back = Pay(IdOf(call, role, turn, "back"), account, stands, memo, by, now, PaymentKind.Adjustment, PaymentMeans.Other, call.ToString());
            if (back != LedgerOutcome.Done) return back;
        }
        return due == 0 ? LedgerOutcome.Done : Pay(IdOf(call, role, turn, "charge"), account, -due, memo, by, now, PaymentKind.Adjustment, PaymentMeans.Other, call.ToString());
    }

    /// <summary>The payments that put charges of a call right, role by role in the order they were made.</summary>
    /// <param name="call">The call.</param>
    /// <param name="agents">How many agents were charged for it.</param>
    public IReadOnlyList<PaymentEntry> CorrectionsOf(CallId call, int agents)
    {
        List<PaymentEntry> found = [];
        foreach (int role in Enumerable.Range(0, agents + 1).Append(CostRole))
        {
            bool any = true;
            for (int turn = 0; any; turn++) any = Add(IdOf(call, role, turn, "back")) | Add(IdOf(call, role, turn, "charge"));
        }
        return found;

        bool Add(string id)
        {
            bool known = TryFindPayment(id, out PaymentEntry entry);
            if (known) found.Add(entry);
            return known;
        }
    }

    private long ChargeOf(CallId call, int role, long recorded, out int turn)
    {
        long stands = recorded;
        for (turn = 0; ; turn++)
        {
            if (!TryFindPayment(IdOf(call, role, turn, "charge"), out PaymentEntry charged)) return _paymentIds.ContainsKey(IdOf(call, role, turn, "back")) ? 0 : stands;
            stands = -charged.Payment.Nanos;
        }
    }

    private static string IdOf(CallId call, int role, int turn, string what) => string.Create(CultureInfo.InvariantCulture, $"rerate/{call}/{role}/{turn}/{what}");
}
