namespace Tandem.Switching.Billing;

/// <summary>What an account is for; never changes. Numbers are for ever: they stand in files and are the operators' (account type).</summary>
public enum AccountKind : byte
{
    Ordinary = 0,
    PhoneCard = 1,

    /// <summary>A carrier's: charged what its deck says for each call sent to it. It may go below zero without limit: what is owed is a fact.</summary>
    Clearing = 2,
}
