using Tandem.Primitives;
using Tandem.Server.Demo;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Server.Demo;

public class DemoDeckTests
{
    [Fact]
    public void Decks_are_the_same_each_time_and_hold_some_tens_of_thousands_of_prefixes()
    {
        Deck deck = DemoDeck.Carrier(1);
        Assert.InRange(deck.Rates.Count, 20_000, 90_000);
        Assert.Equal(deck.Version, DemoDeck.Carrier(1).Version);
    }

    [Fact]
    public void Every_customer_pays_more_a_minute_than_any_carrier_asks()
    {
        Deck[] carriers = [DemoDeck.Carrier(1), DemoDeck.Carrier(2), DemoDeck.Carrier(3)];
        foreach (Deck customer in (Deck[])[DemoDeck.Customer(1), DemoDeck.Customer(2)])
        {
            for (int i = 0; i < customer.Rates.Count; i++)
            {
                Rate sale = customer.Rates[i];
                Assert.All(carriers, c => Assert.True(
                    c.Rates[i].Prefix == sale.Prefix && c.Rates[i].Tariff.RatePerMinuteNanos < sale.Tariff.RatePerMinuteNanos, $"{sale.Prefix} in {c.Name}"));
            }
        }
    }

    [Theory]
    [InlineData("4915112345678", "Germany Mobile")]
    [InlineData("493012345678", "Germany")]
    [InlineData("12125550100", "United States")]
    [InlineData("14165550100", "Canada")]
    [InlineData("262692123456", "Reunion and Mayotte Mobile")]
    public void Known_numbers_are_called_by_their_names(string number, string area)
    {
        Assert.True(new RateTable(DemoDeck.Customer(1)).TryFind(DialString.Parse(number), out Rate rate));
        Assert.Equal(area, rate.Area);
    }

    [Fact]
    public void No_country_code_of_the_plan_begins_another()
    {
        string[] codes = [E164Plan.NorthAmerica, .. E164Plan.Zones.Select(static z => z.Code)];
        Assert.Equal(codes.Length, codes.Distinct().Count());
        Assert.All(codes, code => Assert.DoesNotContain(codes, other => other != code && other.StartsWith(code, StringComparison.Ordinal)));
    }
}
