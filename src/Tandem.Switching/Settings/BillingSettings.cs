using Tandem.Primitives.Settings;

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
}
