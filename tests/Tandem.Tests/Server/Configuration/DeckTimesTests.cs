using System.Text;
using Tandem.Primitives;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Server.Configuration;

public sealed class DeckTimesTests
{
    private static readonly Instant Now = At("2026-11-26T12:00:00Z");
    private readonly DeckShelf _shelf = new();
    private readonly ConfigurationBook _book;
    private readonly string _a, _b, _c;

    public DeckTimesTests()
    {
        _book = new ConfigurationBook(_shelf);
        (_a, _b, _c) = (Store(1), Store(2), Store(3));
        Apply($$"""{ "name": "d", "currency": "USD", "version": "{{_a}}" }""");
    }

    [Fact]
    public void A_version_takes_the_place_of_the_one_in_force_at_its_time()
    {
        Apply($$"""{ "name": "d", "currency": "USD", "version": "{{_b}}", "validFrom": "2026-12-01" }""");
        Assert.Equal([_a, _a, _b, _b], Versions("2026-11-26", "2026-11-30T23:59:59Z", "2026-12-01", "2030-01-01"));
        Assert.Equal(At("2026-12-01"), _book.Current.Configuration.Decks["d"].ChangeAfter(Now));
    }

    [Fact]
    public void A_version_that_ends_gives_its_place_back_to_what_would_be_in_force_then()
    {
        Apply($$"""{ "name": "d", "currency": "USD", "version": "{{_b}}", "validFrom": "2026-12-20" }""");
        Apply($$"""{ "name": "d", "currency": "USD", "version": "{{_c}}", "validFrom": "2026-12-01", "validUntil": "2026-12-10" }""");
        Assert.Equal([_a, _c, _a, _b], Versions("2026-11-30", "2026-12-05", "2026-12-10", "2026-12-20"));
        Apply($$"""{ "name": "d", "currency": "USD", "version": "{{_c}}", "validFrom": "2026-12-15", "validUntil": "2026-12-24" }""");
        Assert.Equal([_a, _c, _b], Versions("2026-12-12", "2026-12-20", "2026-12-24"));
    }

    [Fact]
    public void A_version_stated_without_a_time_holds_from_now_and_leaves_what_comes_later()
    {
        Apply($$"""{ "name": "d", "currency": "USD", "version": "{{_b}}", "validFrom": "2026-12-01" }""");
        Apply($$"""{ "name": "d", "currency": "USD", "version": "{{_c}}" }""");
        Assert.Equal([_c, _b], Versions("2026-11-26T12:00:00Z", "2026-12-01"));
        Apply($$"""{ "name": "d", "currency": "USD", "version": "{{_c}}", "timeline": [] }""");
        Assert.Equal([_c, _c], Versions("2026-11-26T12:00:00Z", "2026-12-01"));
    }

    [Fact]
    public void The_same_document_twice_changes_nothing_and_what_is_shown_can_be_applied_again()
    {
        string document = $$"""{ "name": "d", "currency": "USD", "version": "{{_b}}", "validFrom": "2026-12-01", "validUntil": "2027-01-01" }""";
        Apply(document);
        Assert.False(_book.Apply(Document(document), "test", Now).Changed);
        Assert.False(_book.Apply(_book.ToDocument(), "test", Now).Changed);
        Assert.False(_book.Apply(_book.ToDocument(), "test", At("2028-01-01")).Changed);
    }

    [Fact]
    public void The_timeline_is_there_again_after_a_restart_by_journal_and_by_snapshot()
    {
        ApplyResult change = _book.Apply(Document($$"""{ "name": "d", "currency": "USD", "version": "{{_b}}", "validFrom": "2026-12-01" }"""), "test", Now);
        var folded = new ConfigurationBook(_shelf);
        Assert.True(folded.TryFold(_first, out string error), error);
        Assert.True(folded.TryFold(change.JournalPayload, out error), error);
        Assert.Equal(_book.Current.Configuration.Decks["d"], folded.Current.Configuration.Decks["d"]);
        var restored = new ConfigurationBook(_shelf);
        Assert.True(restored.TryRestore(_book.ToSnapshot(), out error), error);
        Assert.Equal(_book.Current.Configuration.Decks["d"], restored.Current.Configuration.Decks["d"]);
    }

    [Theory]
    [InlineData("""{ "name": "d", "currency": "USD", "version": "A", "validFrom": "tomorrow" }""", "decks[0].validFrom: 'tomorrow' is no time: 2026-12-01 or 2026-12-01T06:00:00Z")]
    [InlineData("""{ "name": "d", "currency": "USD", "version": "A", "validUntil": "2026-11-26" }""", "decks[0].validUntil: it is not after the time from which the version holds")]
    [InlineData("""{ "name": "new", "currency": "USD", "version": "A", "validFrom": "2026-12-01" }""", "decks[0].validFrom: there is no deck of this name yet that holds before or after")]
    [InlineData("""{ "name": "d", "currency": "USD", "version": "A", "timeline": [ { "from": "2026-12-02", "version": "A" }, { "from": "2026-12-01", "version": "A" } ] }""", "decks[0].timeline[1]: it does not follow the one before in time")]
    public void What_cannot_be_is_refused_and_nothing_is_changed(string document, string says)
    {
        ApplyResult result = _book.Apply(Document(document.Replace("\"A\"", $"\"{_a}\"", StringComparison.Ordinal)), "test", Now);
        Assert.EndsWith(says, Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _book.Revision);
    }

    private byte[] _first = [];

    private string Store(int nanos)
    {
        Deck deck = DeckShelf.Deck("d", "44", nanos);
        _shelf.Stored[deck.Version] = deck;
        return deck.Version;
    }

    private void Apply(string deck)
    {
        ApplyResult result = _book.Apply(Document(deck), "test", Now);
        Assert.Empty(result.Errors);
        if (result.Revision == 1) _first = result.JournalPayload;
    }

    private string[] Versions(params string[] at) => [.. at.Select(t => _book.Current.Configuration.Decks["d"].VersionAt(At(t)))];

    private static byte[] Document(string deck) => Encoding.UTF8.GetBytes($$"""{ "decks": [ {{deck}} ] }""");

    private static Instant At(string text) => RateText.TryReadDate(text, out Instant at) ? at : throw new FormatException(text);
}
