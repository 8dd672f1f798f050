namespace Tandem.Switching.Billing;

/// <summary>Why an account is charged for a call. Numbers are for ever: they stand in files.</summary>
public enum ChargeRole : byte
{
    /// <summary>It pays for the call.</summary>
    Sale = 0,

    /// <summary>The carrier's clearing account.</summary>
    Cost = 1,

    /// <summary>An agent above the account that pays, by the agent's own deck.</summary>
    Agent = 2,
}
