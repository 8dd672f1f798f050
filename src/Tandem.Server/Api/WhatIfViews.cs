using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>What is to be supposed.</summary>
/// <param name="Document">A document as for apply; or null, and a deck.</param>
/// <param name="Deck">Name and currency of the deck in <paramref name="Csv"/>.</param>
/// <param name="Csv">The deck.</param>
/// <param name="Days">How many days of calls are made again.</param>
public sealed record WhatIfOrder(ReadOnlyMemory<byte>? Document, DeckImportOrder? Deck, string? Csv, int Days);

/// <summary>One customer, carrier or destination in one currency.</summary>
public sealed record WhatIfRowView
{
    /// <summary>Account, gateway or area; empty: none.</summary>
    public required string Name { get; init; }
    /// <summary>Empty: nobody pays and no cost is known.</summary>
    public required string Currency { get; init; }
    /// <summary>Calls carried.</summary>
    public required long CallsBefore { get; init; }
    public required long CallsAfter { get; init; }
    /// <summary>Calls another gateway carries, or none any more, or one newly.</summary>
    public required long Moved { get; init; }
    public required string SaleBefore { get; init; }
    public required string SaleAfter { get; init; }
    public required string CostBefore { get; init; }
    public required string CostAfter { get; init; }
    public required string MarginBefore { get; init; }
    public required string MarginAfter { get; init; }
    public required string MarginChange { get; init; }
}

/// <summary>Calls that were not carried.</summary>
public sealed record WhatIfRefusalView(string Refusal, string Says, long Before, long After);

/// <summary>What calls were charged when they were made.</summary>
public sealed record WhatIfRecordedView(string Currency, string Sale, string Cost, string Margin);

public sealed record WhatIfView
{
    public required Instant Since { get; init; }
    public required Instant Until { get; init; }
    /// <summary>Of the configuration in force, which is "before".</summary>
    public required int Revision { get; init; }
    /// <summary>What the document or deck would change, as many as are shown.</summary>
    public required IReadOnlyList<ChangeView> Changes { get; init; }
    public required long Calls { get; init; }
    public required long Answered { get; init; }
    /// <summary>Calls another gateway would carry.</summary>
    public required long Moved { get; init; }
    /// <summary>Carried before, not after.</summary>
    public required long Lost { get; init; }
    public required long Gained { get; init; }
    public required IReadOnlyList<WhatIfRowView> Totals { get; init; }
    public required IReadOnlyList<WhatIfRowView> Customers { get; init; }
    public required IReadOnlyList<WhatIfRowView> Carriers { get; init; }
    public required IReadOnlyList<WhatIfRowView> Destinations { get; init; }
    public required IReadOnlyList<WhatIfRefusalView> Refused { get; init; }
    public required IReadOnlyList<WhatIfRecordedView> Recorded { get; init; }
}
