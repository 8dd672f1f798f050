using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Switching.Routing;

/// <summary>An account as compiled: whom to charge, and by which rates. Its money is the ledger's.</summary>
public sealed class Account
{
    public required AccountId Id { get; init; }

    public required string Number { get; init; }

    /// <summary>Free text of the operator; shown to carriers only where SS_SIP_E164_DISPLAY_FROM is Account.</summary>
    public string Name { get; init; } = "";

    public required Currency Currency { get; init; }

    public required bool Locked { get; init; }

    /// <summary>The agent above it; null for none. A tree: no account is above itself.</summary>
    public Account? Agent { get; internal set; }

    /// <summary>Null when the account has no deck: its calls have no rate.</summary>
    public required RateTable? Rates { get; init; }

    /// <summary>Empty when there is none.</summary>
    public required string DeckName { get; init; }

    /// <summary>Content address of the deck's version; empty when there is none.</summary>
    public required string DeckVersion { get; init; }
}
