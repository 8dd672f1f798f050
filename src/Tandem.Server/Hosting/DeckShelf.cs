using System.Collections.Concurrent;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Server.Storage.Decks;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;

namespace Tandem.Server.Hosting;

/// <summary>The stored deck versions, and the rate tables compiled from them: each version once, however many names and revisions use it.</summary>
public sealed class DeckShelf(string dataFolder) : IDeckShelf
{
    private readonly DeckStore _store = new(Path.Combine(dataFolder, "decks"));
    private readonly ConcurrentDictionary<string, Deck> _decks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RateTable> _tables = new(StringComparer.Ordinal);

    public bool TryFind(string version, out Currency currency)
    {
        currency = default;
        if (!_decks.TryGetValue(version, out Deck? deck))
        {
            if (!_store.TryLoad(version, version, out deck, out _)) return false;
            _decks[version] = deck;
        }
        currency = deck.Currency;
        return true;
    }

    public Deck? ReadFile(string file, string name, Currency currency, string zone, out IReadOnlyList<FieldFault> faults)
    {
        string path = Path.GetFullPath(file, dataFolder);
        try
        {
            using StreamReader csv = new(path);
            DeckCsvResult read = DeckCsv.Read(csv, name, currency, zone);
            faults = [.. read.Errors.Select(static e => new FieldFault(e.Line, "", e.Says))];
            return read.Deck;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults = [new FieldFault(0, "file", $"'{file}' cannot be read by the switch: {e.Message}")];
            return null;
        }
    }

    /// <summary>Durable when this returns.</summary>
    /// <exception cref="IOException">No room; nothing was stored.</exception>
    public void Save(Deck deck)
    {
        _store.Save(deck);
        _decks[deck.Version] = deck;
    }

    /// <summary>A stored version.</summary>
    /// <exception cref="DataFolderException">It is missing or damaged; one sentence.</exception>
    public Deck Deck(string version)
    {
        if (_decks.TryGetValue(version, out Deck? deck)) return deck;
        if (!_store.TryLoad(version, version, out deck, out string? error)) throw new DataFolderException(error);
        return _decks.GetOrAdd(version, deck);
    }

    /// <summary>A stored version by its address or at least the first eight digits of it; null when that is none, or not one only.</summary>
    public Deck? Named(string version)
    {
        string[] found = version.Length >= 8 ? [.. _store.Versions().Where(v => v.StartsWith(version, StringComparison.Ordinal)).Take(2)] : [];
        return found.Length == 1 ? Deck(found[0]) : null;
    }

    /// <summary>The lines of a version that hold at a moment, compiled.</summary>
    public RateTable Rates(string version, Instant at)
    {
        Deck deck = Deck(version);
        string key = deck.HasDates ? $"{version}@{deck.ChangeBefore(at).Micros}" : version;
        return _tables.GetOrAdd(key, _ => new RateTable(deck, at));
    }
}
