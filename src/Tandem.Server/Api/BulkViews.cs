using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>One payment of a batch.</summary>
/// <param name="Row">Which of the batch, from 1.</param>
/// <param name="Order">What is booked; the same id books once.</param>
public sealed record BatchRow(int Row, PaymentOrder Order);

/// <summary>What became of a row that was not booked now.</summary>
/// <param name="Row">Which, from 1.</param>
/// <param name="Id">The payment's id.</param>
/// <param name="Account">Whose balance.</param>
/// <param name="Outcome">repeated: booked before; waiting: for a second person; refused.</param>
/// <param name="Says">Why, in words.</param>
public sealed record BatchRowView(int Row, string Id, string Account, string Outcome, string Says);

/// <param name="Currency">Of the accounts.</param>
/// <param name="Payments">Booked now.</param>
/// <param name="Amount">Their sum.</param>
public sealed record BatchSumView(Currency Currency, int Payments, Money Amount);

/// <summary>What became of a batch of payments.</summary>
public sealed record BatchPaidView
{
    /// <summary>At most so many rows that were not booked are told.</summary>
    public const int MostTold = 1_000;

    public required int Rows { get; init; }
    public required int Booked { get; init; }
    public required int Repeated { get; init; }
    public required int Waiting { get; init; }
    public required int Refused { get; init; }
    public required IReadOnlyList<BatchSumView> Sums { get; init; }
    /// <summary>The first rows that were not booked now.</summary>
    public required IReadOnlyList<BatchRowView> NotBooked { get; init; }
}

/// <summary>Which accounts get a deck: those named, or those of a deck or an agent (both: of both).</summary>
/// <param name="Deck">Its name.</param>
/// <param name="Accounts">Numbers; null: those the others say.</param>
/// <param name="OfDeck">Accounts that have this deck now; null: whichever.</param>
/// <param name="OfAgent">Accounts directly below this agent; null: whichever.</param>
/// <param name="DryRun">Only say what would change.</param>
public sealed record DeckAssignment(string Deck, IReadOnlyList<string>? Accounts, string? OfDeck, string? OfAgent, bool DryRun);

/// <param name="Deck">The deck.</param>
/// <param name="Accounts">That got it.</param>
/// <param name="Unchanged">Had it already.</param>
/// <param name="Revision">The one revision that holds all of it, and that undo takes back; of a dry run, or with nothing to change, the one in force.</param>
/// <param name="DryRun">Nothing was changed.</param>
public sealed record DeckAssignedView(string Deck, int Accounts, int Unchanged, int Revision, bool DryRun);
