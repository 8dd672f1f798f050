using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Switching.Billing;

public class DeckTests
{
    private static readonly Tariff Cheap = new(10_000_000, 0, 6, 6, Currency.Usd);

    [Fact]
    public void The_same_rates_in_any_order_and_under_any_name_are_one_version()
    {
        Deck one = Make("one", new Rate(DialString.Parse("44"), "United Kingdom", Cheap, false), new Rate(DialString.Parse("1"), "USA, all", Cheap, true));
        Deck two = Make("two", new Rate(DialString.Parse("1"), "USA, all", Cheap, true), new Rate(DialString.Parse("44"), "United Kingdom", Cheap, false));
        Assert.Equal(one.Version, two.Version);
        Assert.Equal(
            "tandem-deck,1,USD,2\n1,10000000,0,6,6,1,USA, all\n44,10000000,0,6,6,0,United Kingdom\n", Encoding.UTF8.GetString(one.Canonical.Span));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(one.Canonical.Span)), one.Version);
    }

    [Fact]
    public void Its_canonical_text_reads_back_to_the_same_deck()
    {
        Deck deck = Make("d", new Rate(DialString.Parse("1"), "a,b,c", Cheap, true), new Rate(DialString.Parse("1*"), "", Cheap with { ConnectFeeNanos = 7 }, false));
        Assert.True(Deck.TryParse("d", deck.Canonical.Span, out Deck? read, out string? error), error);
        Assert.Equal(deck.Rates, read.Rates);
        Assert.Equal(deck.Version, read.Version);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tandem-deck,2,USD,0\n")]
    [InlineData("tandem-deck,1,usd,0\n")]
    [InlineData("tandem-deck,1,USD,1\n")]
    [InlineData("tandem-deck,1,USD,1\n1,x,0,6,6,0,a\n")]
    [InlineData("tandem-deck,1,USD,1\n1,1,0,6,6,0,a")]
    [InlineData("tandem-deck,1,USD,1\n1,01,0,6,6,0,a\n")] // not canonical
    [InlineData("tandem-deck,1,USD,2\n2,1,0,6,6,0,a\n1,1,0,6,6,0,a\n")]
    public void A_text_that_is_no_deck_is_refused(string text)
    {
        Assert.False(Deck.TryParse("d", Encoding.UTF8.GetBytes(text), out Deck? deck, out string? error));
        Assert.Null(deck);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void A_rate_that_cannot_be_is_refused_in_words()
    {
        Refused("prefix '1': the rate is negative", new Rate(DialString.Parse("1"), "", Cheap with { RatePerMinuteNanos = -1 }, false));
        Refused("prefix '1': the first interval must be 1 to 86400 seconds", new Rate(DialString.Parse("1"), "", Cheap with { FirstSeconds = 0 }, false));
        Refused("prefix '1': the next interval must be 1 to 86400 seconds", new Rate(DialString.Parse("1"), "", Cheap with { NextSeconds = 86_401 }, false));
        Refused("prefix 'a1': a prefix is 1 to 16 of 0-9 * #", new Rate(DialString.Parse("a1"), "", Cheap, false));
        Refused("prefix '1': the rate is in EUR, the deck in USD", new Rate(DialString.Parse("1"), "", Cheap with { Currency = Currency.Parse("EUR") }, false));
        Refused("prefix '1': the area has a control character", new Rate(DialString.Parse("1"), "a\nb", Cheap, false));
        Refused("prefix '1' occurs twice", new Rate(DialString.Parse("1"), "a", Cheap, false), new Rate(DialString.Parse("1"), "b", Cheap, false));
    }

    private static Deck Make(string name, params Rate[] rates)
    {
        Assert.True(Deck.TryCreate(name, Currency.Usd, rates, out Deck? deck, out string? error), error);
        return deck;
    }

    private static void Refused(string says, params Rate[] rates)
    {
        Assert.False(Deck.TryCreate("d", Currency.Usd, rates, out _, out string? error));
        Assert.Equal(says, error);
    }
}
