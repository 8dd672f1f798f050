using System.Collections.Immutable;

namespace Tandem.Switching.Configuration;

/// <summary>How a carrier lays out the tables of rates it sends (docs/deck-import.md). What is empty is found out from the file.</summary>
public sealed record DeckTemplateConfig
{
    public required string Name { get; init; }

    /// <summary>COLUMN=HEADING, COLUMN one of the names of the page; several of one column: the first that is there.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>The sheet of a workbook; empty: the first.</summary>
    public string Sheet { get; init; } = "";

    /// <summary>point or comma.</summary>
    public string Decimal { get; init; } = "";

    /// <summary>dmy, mdy or ymd.</summary>
    public string Dates { get; init; } = "";

    /// <summary>whole, or split: the code column goes on where the country's code ends.</summary>
    public string Codes { get; init; } = "";

    /// <summary>all: codes that are not in the file are no longer offered; changes: they stay as they are.</summary>
    public string Rows { get; init; } = "";

    /// <summary>minute or second: what a rate is for.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Seconds, where the file has no intervals.</summary>
    public int FirstInterval { get; init; } = 1;

    public int NextInterval { get; init; } = 1;

    /// <summary>Words of the status column, beside the usual ones, of codes that are blocked.</summary>
    public ImmutableArray<string> Blocked { get; init; } = [];

    /// <summary>Of codes that are no longer offered.</summary>
    public ImmutableArray<string> Deleted { get; init; } = [];
}
