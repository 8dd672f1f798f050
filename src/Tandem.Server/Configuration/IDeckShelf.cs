using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Billing;

namespace Tandem.Server.Configuration;

/// <summary>What reading a document needs to know of decks: the stored versions, and files a document names.</summary>
public interface IDeckShelf
{
    /// <summary>The currency of a stored version; false when there is no such version.</summary>
    bool TryFind(string version, out Currency currency);

    /// <summary>Reads the deck in a file named by a document; null with faults (lines are the file's) when it cannot. Stores nothing.</summary>
    Deck? ReadFile(string file, string name, Currency currency, string zone, out IReadOnlyList<FieldFault> faults);
}
