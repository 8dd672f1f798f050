using Tandem.Server.Demo;
using Tandem.Server.Storage.Decks;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Server.Storage.Decks;

public sealed class DeckStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-decks-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_deck_saved_is_loaded_by_its_version_under_any_name()
    {
        DeckStore store = new(_folder.FullName);
        Deck deck = DemoDeck.Carrier(1);
        store.Save(deck);
        store.Save(deck);
        Assert.Equal([deck.Version], store.Versions());
        Assert.True(store.TryLoad(deck.Version, "other", out Deck? loaded, out string? error), error);
        Assert.Equal(("other", deck.Version), (loaded.Name, loaded.Version));
        Assert.Equal(deck.Rates, loaded.Rates);
    }

    [Fact]
    public void A_file_that_is_not_what_its_name_says_is_refused_and_saving_repairs_it()
    {
        DeckStore store = new(_folder.FullName);
        Deck deck = DemoDeck.Carrier(2);
        store.Save(deck);
        string file = Assert.Single(_folder.GetFiles("*.deck")).FullName;
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^2]++;
        File.WriteAllBytes(file, bytes);
        Assert.False(store.TryLoad(deck.Version, "c", out _, out string? error));
        Assert.Contains("is damaged", error, StringComparison.Ordinal);
        store.Save(deck);
        Assert.True(store.TryLoad(deck.Version, "c", out _, out _));
    }

    [Theory]
    [InlineData("../../etc/passwd", "is no deck version")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "cannot be read")]
    public void What_is_not_there_is_said(string version, string says)
    {
        Assert.False(new DeckStore(_folder.FullName).TryLoad(version, "c", out _, out string? error));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }
}
