using Tandem.Primitives.Settings;
using Tandem.Switching.Billing;

namespace Tandem.Switching.Settings;

/// <summary>docs/billing.md shows each at work.</summary>
public sealed record BillingSettings
{
    [Setting("SERVER_BILLING_HOLD_TIME_PRECISION", Min = 0, Max = 1000, Unit = Unit.Milliseconds, Aliases = ["HOLD_TIME_PRECISION"],
        Says = "A remainder of talk time below this is dropped, otherwise it counts as a full second: 1000 always truncates; with 50, 21.049 s is 21 s and 21.050 s is 22 s.")]
    public int HoldTimePrecision { get; init; } = 1000;

    [Setting("SERVER_BILLING_FREE_TIME", Min = 0, Max = 86_400, Unit = Unit.Seconds, Says = "Seconds taken off every call before it is priced.")]
    public int FreeTime { get; init; }

    [Setting("SERVER_BILLING_PREVENT_OVERDRAFT_ADVANCE_TIME", Min = 1, Max = 15, Unit = Unit.Minutes, Aliases = ["PREVENT_OVERDRAFT_ADVANCE_TIME"],
        Says = "Minutes of talk the payer's money must cover before a call is admitted: the first slice that is reserved.")]
    public int PreventOverdraftAdvanceTime { get; init; } = 1;

    [Setting("SERVER_BILLING_FEE_UNIT", Min = 0, Max = 1000, Says = "The smallest amount of money fees are rounded to, in currency units, as in 0.01; 0 rounds nothing. Holds for every price: sale, cost, agents.")]
    public Amount FeeUnit { get; init; }

    [Setting("SERVER_BILLING_FEE_PRECISION", Min = 0, Max = 1000, Aliases = ["FEE_PRECISTION", "FEE_PRECISION"],
        Says = "A rest of a fee below this, within one SERVER_BILLING_FEE_UNIT, is dropped; any other counts as a full unit. 0: every rest counts.")]
    public Amount FeePrecision { get; init; }

    [Setting("SERVER_BILLING_FREE_E164S", Max = 100_000, Aliases = ["BILLING_FREE_E164S"],
        Says = "Called numbers that are free and have no end by money: beginnings of numbers, with commas between. Nobody is charged, neither payer nor agents.")]
    public PrefixList FreeNumbers { get; init; } = PrefixList.Empty;

    [Setting("SERVER_BILLING_NO_CDR_E164S", Max = 100_000, Aliases = ["BILLING_NO_CDR_E164S"],
        Says = "Called numbers whose calls leave no CDR in database and files: beginnings of numbers, with commas between. They are charged as others, and stand in the journal.")]
    public PrefixList NoCdrNumbers { get; init; } = PrefixList.Empty;

    [Setting("SERVER_BILLING_FORWARD_PREFIX", Max = 16, Says = "Digits put before the number by which a forwarded or transferred call is rated.")]
    public string ForwardPrefix { get; init; } = "";

    [Setting("SERVER_BILLING_GATEWAY_ROUTE_PREFIX", Max = 16, Says = "Digits put before the number by which the carrier's side of a call is rated in the clearing account's deck.")]
    public string GatewayRoutePrefix { get; init; } = "";

    [Setting("SERVER_BILLING_RECORD_ILLEGAL_CALL", Says = "On: calls from addresses that are nobody's stand in the database.")]
    public bool RecordIllegalCall { get; init; } = true;

    [Setting("SERVER_BILLING_RECORD_SERVER_HANG_UP", Says = "On: calls the server ended stand in the database.")]
    public bool RecordServerHangUp { get; init; } = true;

    [Setting("SERVER_BILLING_RECORD_ZERO_HOLD_TIME", Says = "On: calls without talk time stand in the database.")]
    public bool RecordZeroHoldTime { get; init; } = true;

    [Setting("SERVER_BILLING_PROFIT_CALCULATE",
        Says = "What profit is where calls are summed up: the sale less the agents' income less the cost, or the sale less the cost alone. A change holds for calls that are over too.")]
    public ProfitFormula Profit { get; init; }

    [Setting("SS_ACCOUNT_INDICATION_METHOD",
        Says = "What who pays hears a minute before the money of a call ends: nothing, or a tone and then how much money or how much time is left, where there are sounds for it. A phone's callRemainingTimePrompts comes first.")]
    public AccountIndication AccountIndication { get; init; }

    [Setting("SERVER_PAY_DELAY_CUSTOMER_EXPIRE_DAY", Min = 0, Max = 36_500, Unit = Unit.Days,
        Says = "For so many days a payment keeps an account valid, and the opening of one whose validTime is not stated; 0: accounts without validTime do not expire.")]
    public int PayDelayExpireDays { get; init; } = 365;

    /// <summary>What of these makes a price of talk time.</summary>
    public BillingRules Rules => new(HoldTimePrecision, FreeTime, FeeUnit.Nanos, FeePrecision.Nanos);
}
