using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Server.Configuration;

/// <summary>Decks kept in memory; files are names of decks put there.</summary>
internal sealed class DeckShelf : IDeckShelf
{
    public Dictionary<string, Deck> Stored { get; } = [];

    public Dictionary<string, Deck> Files { get; } = [];

    public bool TryFind(string version, out Currency currency)
    {
        bool found = Stored.TryGetValue(version, out Deck? deck);
        currency = deck?.Currency ?? default;
        return found;
    }

    public Deck? ReadFile(string file, string name, Currency currency, string zone, out IReadOnlyList<FieldFault> faults)
    {
        faults = Files.ContainsKey(file) ? [] : [new FieldFault(3, "rate_per_min", "'x' is not an amount")];
        return Files.GetValueOrDefault(file);
    }

    public static Deck Deck(string name, string prefix, long nanosPerMinute, string currency = "USD")
    {
        Currency c = Currency.Parse(currency);
        Assert.True(Tandem.Switching.Billing.Deck.TryCreate(name, c, [new Rate(DialString.Parse(prefix), "", new Tariff(nanosPerMinute, 0, 1, 1, c), false)], out Deck? deck, out string? error), error);
        return deck;
    }
}
