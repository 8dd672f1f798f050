using System.Text.Json;
using System.Text.Json.Nodes;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;

namespace Tandem.Server.DeckSheets;

/// <summary>The reports on carriers' files, and the decks they would make, in the folder <c>deck-reports</c> of the data folder: the last <see cref="Kept"/>. From any thread.</summary>
internal sealed class DeckReports
{
    public const int Kept = 50;

    private readonly string _folder;
    private readonly Lock _lock = new();

    public DeckReports(string dataFolder) => _folder = Path.Combine(dataFolder, "deck-reports");

    /// <summary>A file of one's own for what is uploaded; it is gone when it is closed.</summary>
    /// <exception cref="IOException">No room or no permission.</exception>
    public FileStream Incoming()
    {
        Directory.CreateDirectory(_folder);
        return new FileStream(Path.Combine(_folder, $"incoming-{Guid.NewGuid():N}"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.SequentialScan, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    /// <summary>Keeps a report with the deck it speaks of; the oldest go.</summary>
    /// <exception cref="IOException">No room or no permission; nothing is kept.</exception>
    public void Save(DeckReportView report, Deck deck)
    {
        lock (_lock)
        {
            Directory.CreateDirectory(_folder);
            DurableFiles.Replace(DeckFile(report.Id), deck.Canonical.Span);
            DurableFiles.Replace(File(report.Id), JsonSerializer.SerializeToUtf8Bytes(report, ApiJson.Options));
            foreach (string old in Files().OrderByDescending(System.IO.File.GetLastWriteTimeUtc).Skip(Kept).ToList())
            {
                System.IO.File.Delete(Path.ChangeExtension(old, ".deck"));
                System.IO.File.Delete(old);
            }
        }
    }

    /// <summary>A report as it was kept; null: there is none of that id.</summary>
    public JsonNode? Find(string id)
    {
        lock (_lock) return IsId(id) && System.IO.File.Exists(File(id)) ? Read(File(id)) : null;
    }

    /// <summary>All, newest first.</summary>
    public IReadOnlyList<JsonNode> List()
    {
        lock (_lock)
        {
            if (!Directory.Exists(_folder)) return [];
            return [.. Files().OrderByDescending(System.IO.File.GetLastWriteTimeUtc).Select(Read).OfType<JsonNode>()];
        }
    }

    /// <summary>The deck a report speaks of; null where the file is missing or damaged.</summary>
    public Deck? Deck(string id, string name, string version)
    {
        if (!System.IO.File.Exists(DeckFile(id))) return null;
        byte[] bytes = System.IO.File.ReadAllBytes(DeckFile(id));
        return Switching.Billing.Deck.VersionOf(bytes) == version && Switching.Billing.Deck.TryParse(name, bytes, out Deck? deck, out _) ? deck : null;
    }

    /// <summary>Notes that it was applied.</summary>
    public void Applied(JsonNode report, string by, Instant at)
    {
        report["applied"] = at.ToString();
        report["appliedBy"] = by;
        lock (_lock) DurableFiles.Replace(File((string)report["id"]!), JsonSerializer.SerializeToUtf8Bytes(report, ApiJson.Options));
    }

    private static bool IsId(string id) => id.Length == 12 && id.All(char.IsAsciiHexDigitLower);

    private static JsonNode? Read(string file)
    {
        try
        {
            return JsonNode.Parse(System.IO.File.ReadAllBytes(file));
        }
        catch (JsonException)
        {
            return null; // of a disk that failed: the file can be read again
        }
    }

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_folder, "*.json");

    private string File(string id) => Path.Combine(_folder, id + ".json");

    private string DeckFile(string id) => Path.Combine(_folder, id + ".deck");
}
