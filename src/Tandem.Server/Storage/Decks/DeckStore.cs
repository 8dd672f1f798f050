using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Billing;

namespace Tandem.Server.Storage.Decks;

/// <summary>Deck versions as files named by their content: <c>decks/SHA256.deck</c>. A version is never changed and never removed while a CDR may name it.</summary>
public sealed class DeckStore
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private readonly string _folder;

    public DeckStore(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>Stores a version, once; it is durable when this returns.</summary>
    /// <exception cref="IOException">No room or no permission; nothing is stored.</exception>
    public void Save(Deck deck)
    {
        string path = PathOf(deck.Version);
        if (File.Exists(path) && Deck.VersionOf(File.ReadAllBytes(path)) == deck.Version) return;
        DurableFiles.Replace(path, deck.Canonical.Span);
    }

    /// <summary>Loads a version under the name the operator gives it; false with a sentence when it is missing or not what its name says.</summary>
    public bool TryLoad(string version, string name, [NotNullWhen(true)] out Deck? deck, [NotNullWhen(false)] out string? error)
    {
        deck = null;
        if (!IsVersion(version))
        {
            error = $"'{version}' is no deck version: 64 lower-case hex digits are needed.";
            return false;
        }
        string path = PathOf(version);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"The deck {name}, version {version}, cannot be read: {e.Message}";
            return false;
        }
        string found = Deck.VersionOf(bytes);
        if (found != version)
        {
            error = $"The deck {name}, version {version}, is damaged: its content is {found}.";
            return false;
        }
        if (Deck.TryParse(name, bytes, out deck, out string? fault))
        {
            error = null;
            return true;
        }
        error = $"The deck {name}, version {version}, cannot be read: {fault}.";
        return false;
    }

    public IEnumerable<string> Versions() =>
        Directory.EnumerateFiles(_folder, "*.deck").Select(static p => Path.GetFileNameWithoutExtension(p)).Where(IsVersion).Order(StringComparer.Ordinal);

    private string PathOf(string version) => Path.Combine(_folder, version + ".deck");

    private static bool IsVersion(string version) => version.Length == 64 && !version.AsSpan().ContainsAnyExcept(HexDigits);
}
