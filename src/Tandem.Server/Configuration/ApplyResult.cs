using Tandem.Server.Api;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>
/// What applying a document comes to. Nothing has happened yet: whoever holds it compiles the tables, stores <see cref="Decks"/>, opens accounts,
/// journals <see cref="JournalPayload"/>, and then commits it to the book; or drops it (a dry run).
/// </summary>
public sealed record ApplyResult
{
    /// <summary>Every error, in order of line; with any, the configuration is as it was.</summary>
    public IReadOnlyList<FieldFault> Errors { get; init; } = [];

    public bool Succeeded => Errors.Count == 0;

    /// <summary>False when the document says nothing new, or has errors: there is nothing to commit.</summary>
    public bool Changed => Changes.Count > 0;

    /// <summary>The revision after it; unless <see cref="Changed"/>, the one in force.</summary>
    public required int Revision { get; init; }

    public required SwitchConfiguration Configuration { get; init; }

    /// <summary>What was in force when it was prepared.</summary>
    public SwitchConfiguration Before { get; init; } = SwitchConfiguration.Empty;

    /// <summary>What differs, for people and the audit.</summary>
    public IReadOnlyList<AuditEntry> Changes { get; init; } = [];

    /// <summary>Decks the document brought, to be stored before the change counts.</summary>
    public IReadOnlyCollection<Deck> Decks { get; init; } = [];

    /// <summary>Accounts the ledger must open.</summary>
    public IReadOnlyList<AccountConfig> AccountsOpened { get; init; } = [];

    /// <summary>Accounts whose credit limit, lock or validity changed.</summary>
    public IReadOnlyList<AccountConfig> AccountsChanged { get; init; } = [];

    /// <summary>The payload of the <see cref="JournalRecordType.Configuration"/> record; it holds phone passwords. Empty when nothing changed.</summary>
    public byte[] JournalPayload { get; init; } = [];
}
