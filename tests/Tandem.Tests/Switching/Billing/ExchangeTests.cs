using System.Text;
using Tandem.Primitives;
using Tandem.Server.Configuration;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Tests.Server.Configuration;

namespace Tandem.Tests.Switching.Billing;

/// <summary>Rates of exchange, as docs/currencies.md tells them.</summary>
public sealed class ExchangeTests
{
    private static readonly Currency Eur = Currency.Parse("EUR");

    [Theory]
    [InlineData("EUR", "USD", "2026-11-30T23:59:59Z", 1_083_400_000)]
    [InlineData("EUR", "USD", "2026-12-01", 1_091_200_000)]
    [InlineData("USD", "EUR", "2026-12-01", 916_422_287)] // 1 / 1.0912
    [InlineData("EUR", "USD", "2025-12-31", 0)]
    [InlineData("EUR", "GBP", "2026-12-01", 0)]
    public void The_rate_in_force_is_the_last_of_the_pair_or_the_inverse_of_the_other(string from, string to, string at, long nanos)
    {
        ExchangeTable table = Table(("EUR/USD 2026-01-01", 1_083_400_000), ("EUR/USD 2026-12-01", 1_091_200_000));
        Assert.True(RateText.TryReadDate(at, out Instant moment));
        Assert.Equal(nanos > 0, table.TryFind(Currency.Parse(from), Currency.Parse(to), moment, out Exchange? exchange));
        Assert.Equal(nanos, exchange?.RateNanos ?? 0);
    }

    [Fact]
    public void A_pair_that_is_stated_both_ways_is_taken_as_stated() =>
        Assert.Equal(900_000_000, Table(("EUR/USD 2026-06-01", 1_083_400_000), ("USD/EUR 2026-01-01", 900_000_000)).TryFind(Currency.Usd, Eur, Instant.Never, out Exchange? exchange) ? exchange.RateNanos : 0);

    [Fact]
    public void A_document_may_name_a_deck_in_another_currency_only_where_there_is_a_rate()
    {
        DeckShelf shelf = new();
        Deck deck = DeckShelf.Deck("e", "44", 1, "EUR");
        shelf.Stored[deck.Version] = deck;
        var book = new ConfigurationBook(shelf);
        string accounts = $$""" "accounts": [{ "account": "1", "currency": "USD", "feeRateGroup": "e" }], "decks": [{ "name": "e", "currency": "EUR", "version": "{{deck.Version}}" }] """;
        Assert.Contains("the deck 'e' is in EUR, the account in USD, and exchangeRates has no rate between them", Assert.Single(Apply(book, $$"""{ {{accounts}} }""").Errors).ToString(), StringComparison.Ordinal);
        Assert.Empty(Apply(book, $$"""{ {{accounts}}, "exchangeRates": [{ "exchange": "EUR/USD 2026-01-01", "rate": "1.08" }] }""").Errors);
        Assert.Contains("exchangeRates has no rate between them", Assert.Single(Apply(book, """{ "remove": { "exchangeRates": ["EUR/USD 2026-01-01"] } }""").Errors).ToString(), StringComparison.Ordinal);
        Assert.Contains("it is no pair of currencies and a date", Assert.Single(Apply(book, """{ "exchangeRates": [{ "exchange": "EUR/DOLLAR 2026-01-01", "rate": "1.08" }] }""").Errors).ToString(), StringComparison.Ordinal);
        Assert.Contains("it must be 0.000000001 to 1000000", Assert.Single(Apply(book, """{ "exchangeRates": [{ "exchange": "EUR/USD 2026-02-01", "rate": "0" }] }""").Errors).ToString(), StringComparison.Ordinal);
    }

    private static ApplyResult Apply(ConfigurationBook book, string document) => book.Apply(Encoding.UTF8.GetBytes(document), "test", new Instant(1));

    private static ExchangeTable Table(params (string Exchange, long Nanos)[] rates) => new(rates.Select(static r => new ExchangeRateConfig { Exchange = r.Exchange, RateNanos = r.Nanos }));
}
