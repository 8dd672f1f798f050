using System.Text.Json.Nodes;

namespace Tandem.Server.Api;

/// <summary>What the API may do with carriers' files and whole decks. Answers as <see cref="ISwitchControl"/> gives them.</summary>
public interface IDeckControl
{
    /// <summary>Takes a file whole and begins to read it. The job's result is a <see cref="DeckReportView"/>; it fails with one sentence when the file cannot be read. Unavailable: no room, or too many jobs.</summary>
    Task<Answer<JobView>> ReportDeckAsync(DeckReportOrder order, Stream file, string by, CancellationToken stop);

    Task<DeckReportsView> DeckReportsAsync(CancellationToken stop);

    /// <summary>A report as it was made (<see cref="DeckReportView"/>). NotFound: there is none of that id any more.</summary>
    Task<Answer<JsonNode>> DeckReportAsync(string id, CancellationToken stop);

    /// <summary>Every line of a report, not the first only, as CSV. NotFound.</summary>
    Task<Answer<DeckText>> DeckReportLinesAsync(string id, CancellationToken stop);

    /// <summary>Makes what a report speaks of the deck in force. NotFound. Conflict: rows are invalid and <paramref name="acceptInvalid"/> is not said, the deck is another than it was, or it was applied already.</summary>
    Task<Answer<DeckImportView>> ApplyDeckReportAsync(string id, bool acceptInvalid, string by, CancellationToken stop, int? onRevision = null);

    /// <summary>A deck as CSV, as it can be imported again. NotFound: the deck, or the version.</summary>
    Task<Answer<DeckText>> ExportDeckAsync(string name, string? version, CancellationToken stop);

    /// <summary>The layouts that are known: the operator's first.</summary>
    Task<DeckTemplatesView> DeckTemplatesAsync(CancellationToken stop);
}

/// <summary>Text that is written as it is sent.</summary>
/// <param name="Write">Writes it.</param>
public sealed record DeckText(Action<TextWriter> Write);

/// <param name="Name">Of the template.</param>
/// <param name="Own">The operator's, in section deckTemplates of the configuration.</param>
/// <param name="Columns">COLUMN=HEADING, letters and digits of headings alone.</param>
public sealed record DeckTemplateView(string Name, bool Own, IReadOnlyList<string> Columns);

public sealed record DeckTemplatesView(IReadOnlyList<DeckTemplateView> Templates, string? Next = null);
