using Tandem.Primitives;
using Tandem.Server.DeckSheets;

namespace Tandem.Server.Api;

/// <summary>What is asked of a carrier's file before anything is changed.</summary>
/// <param name="Sheet">For which deck, and how the file is to be read.</param>
/// <param name="FileName">As people call it.</param>
/// <param name="NoticeDays">A code that becomes dearer sooner than this is told as too early.</param>
/// <param name="StakeDays">How many days of calls are priced both ways; 0: none.</param>
public sealed record DeckReportOrder(SheetOrder Sheet, string FileName, int NoticeDays, int StakeDays);

/// <summary>One code a file changes.</summary>
/// <param name="Code">The prefix.</param>
/// <param name="Area">In words.</param>
/// <param name="Change">How it fares.</param>
/// <param name="From">From when; null: at once.</param>
/// <param name="Before">The rate a minute before; null: calls there had none.</param>
/// <param name="After">And then; null: calls there have none any more.</param>
/// <param name="Percent">By so much it rises or falls.</param>
/// <param name="Calls">Calls of the last days it prices otherwise.</param>
/// <param name="Seconds">Their talk.</param>
/// <param name="Stake">What they would have come to more (or, below zero, less). Calls without a rate any more count with what they came to, below zero.</param>
/// <param name="TooEarly">It becomes dearer before the notice is over.</param>
public sealed record DeckReportLineView(string Code, string Area, DeckChangeKind Change, Instant? From, Money? Before, Money? After, double? Percent, long Calls, long Seconds, Money Stake, bool TooEarly);

/// <summary>A code some deck sells and none buys any more.</summary>
/// <param name="Code">The prefix.</param>
/// <param name="Area">In words.</param>
/// <param name="SoldBy">The decks that still sell it.</param>
public sealed record SoldNotBoughtView(string Code, string Area, IReadOnlyList<string> SoldBy);

/// <summary>The calls of the last days priced by the deck as it is and as it would be.</summary>
/// <param name="Days">How many days were asked for.</param>
/// <param name="Since">How far back the calls that were looked at go.</param>
/// <param name="Calls">Charges by this deck that were priced.</param>
/// <param name="Seconds">Their talk.</param>
/// <param name="Before">What they come to by the deck as it is.</param>
/// <param name="After">By the deck as it would be.</param>
/// <param name="Difference">The one less the other.</param>
/// <param name="WithoutRate">Calls that would have no rate any more; they are in neither sum.</param>
/// <param name="WithoutRateAmount">What those come to by the deck as it is.</param>
public sealed record DeckStakeView(int Days, Instant Since, long Calls, long Seconds, Money Before, Money After, Money Difference, long WithoutRate, Money WithoutRateAmount);

/// <summary>A row of the file that cannot be read.</summary>
public sealed record SheetFaultView(int Row, string Says);

/// <summary>What a carrier's file would do to a deck (docs/deck-import.md).</summary>
public sealed record DeckReportView
{
    public required string Id { get; init; }
    public required string Deck { get; init; }
    public required Currency Currency { get; init; }
    public required string FileName { get; init; }
    public required string By { get; init; }
    public required Instant At { get; init; }
    /// <summary>When it was applied; null: it was not.</summary>
    public Instant? Applied { get; init; }
    public string? AppliedBy { get; init; }
    /// <summary>What the file is, by whose headings it was read, and how: in words.</summary>
    public required string ReadAs { get; init; }
    /// <summary>Columns that mean nothing here.</summary>
    public required IReadOnlyList<string> PassedOver { get; init; }
    /// <summary>Codes it does not name are no longer offered.</summary>
    public required bool IsWhole { get; init; }
    /// <summary>The version in force when it was read; null: there was no such deck.</summary>
    public required string? Before { get; init; }
    /// <summary>The version that would be.</summary>
    public required string After { get; init; }
    public required int Rows { get; init; }
    public required int Codes { get; init; }
    /// <summary>Lines of the deck as it would be.</summary>
    public required int Rates { get; init; }
    public required int Increases { get; init; }
    public required int Decreases { get; init; }
    public required int Terms { get; init; }
    public required int New { get; init; }
    public required int Deleted { get; init; }
    public required int Blocked { get; init; }
    public required int Unblocked { get; init; }
    public required int Renamed { get; init; }
    public required int Unchanged { get; init; }
    public required int TooEarly { get; init; }
    public required int NoticeDays { get; init; }
    /// <summary>Rows that cannot be read.</summary>
    public required int Invalid { get; init; }
    public required int Repeated { get; init; }
    public required int Rounded { get; init; }
    public required int SoldNotBought { get; init; }
    /// <summary>Null: it was not asked for, or there is no deck to compare with.</summary>
    public required DeckStakeView? Stake { get; init; }
    /// <summary>The first of the rows that cannot be read.</summary>
    public required IReadOnlyList<SheetFaultView> Faults { get; init; }
    /// <summary>The codes with the most money at stake, then those that rise most: at most 1,000.</summary>
    public required IReadOnlyList<DeckReportLineView> Lines { get; init; }
    /// <summary>At most 1,000.</summary>
    public required IReadOnlyList<SoldNotBoughtView> SoldNotBoughtCodes { get; init; }
}

/// <param name="Reports">Newest first.</param>
/// <param name="Next">The cursor of the page after; null: it was the last.</param>
public sealed record DeckReportsView(IReadOnlyList<DeckReportHeadView> Reports, string? Next = null);

/// <summary>A report in a line.</summary>
public sealed record DeckReportHeadView(string Id, string Deck, string FileName, string By, string At, string? Applied, int Rows, int Increases, int Decreases, int New, int Deleted, int Invalid);
