using Tandem.Primitives;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Arrivals;

/// <summary>
/// A call that nobody makes here: one made elsewhere, or one that is only asked about. Who would pay is said, by billing mode and name; by which rates is found as for any call.
/// </summary>
public static class SupposedCall
{
    /// <summary>Fills in who pays, by which rate, and what the agents above pay.</summary>
    /// <param name="tables">In force.</param>
    /// <param name="mode">Phone: a phone's number. MappingGateway: its name. BoundNumber: the number. PhoneCard: the card's PIN.</param>
    /// <param name="payer">The name.</param>
    /// <param name="cdr">Has the called number and when the call came; gets mode, rules, sale and agents.</param>
    /// <param name="monthlyLimitNanos">What the phone may spend in a month; 0: no limit.</param>
    /// <param name="account">Pays.</param>
    public static Refusal TryRate(SwitchTables tables, BillingMode mode, string payer, Cdr cdr, out long monthlyLimitNanos, out Account? account)
    {
        monthlyLimitNanos = 0;
        account = null;
        Phone? phone = null;
        bool number = DialString.TryParse(payer.AsSpan(), out DialString dialled);
        switch (mode)
        {
            case BillingMode.Phone when number && tables.TryFindPhone(dialled, out phone): account = phone.Account; break;
            case BillingMode.MappingGateway when tables.TryFindMappingGateway(payer, out MappingGateway? gateway): account = gateway.Account; break;
            case BillingMode.BoundNumber when number && tables.TryFindBound(dialled, out BoundNumber? bound): account = bound.Account; break;
            case BillingMode.PhoneCard: account = tables.Cards.GetValueOrDefault(payer); break;
        }
        if (account is null) return Refusal.AccountMissing;
        if (!DialString.TryParse(cdr.CalleeE164.AsSpan(), out DialString callee) || callee.IsEmpty) return Refusal.InvalidNumber;
        cdr.BillingMode = mode;
        cdr.Rules = tables.Settings.Billing.Rules;
        if (tables.Settings.Billing.FreeNumbers.Contains(callee)) return Refusal.None;
        monthlyLimitNanos = phone?.MonthlyLimitNanos ?? 0;
        Refusal refusal = Arrival.Rate(account, phone, callee, cdr.Start, out CallCharge? sale, out IReadOnlyList<CallCharge> further);
        (cdr.Sale, cdr.Further) = (sale, further);
        return refusal;
    }
}
