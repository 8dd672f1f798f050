namespace Tandem.Switching.Settings;

/// <summary>Values of SERVER_BILLING_PROFIT_CALCULATE: what is left of a call's sale (docs/billing.md).</summary>
public enum ProfitFormula : byte
{
    /// <summary>The sale, less what the agents above the payer keep of it, less the carrier's cost.</summary>
    SaleLessAgentsLessCost = 0,

    /// <summary>The sale less the cost: agents are paid otherwise.</summary>
    SaleLessCost = 1,
}
