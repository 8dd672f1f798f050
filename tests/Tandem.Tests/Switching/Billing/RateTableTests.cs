using CsCheck;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Switching.Billing;

public class RateTableTests
{
    [Theory]
    [InlineData("12015550100", "1201", RateLookup.Found)]
    [InlineData("1202", "1", RateLookup.Found)]
    [InlineData("1", "1", RateLookup.Found)]
    [InlineData("120", "1", RateLookup.Found)]
    [InlineData("4412", "", RateLookup.None)]
    [InlineData("", "", RateLookup.None)]
    [InlineData("+1201", "", RateLookup.None)]
    [InlineData("1900123", "1900", RateLookup.Locked)] // never passed over for the shorter prefix 1
    [InlineData("*31#44", "*31#", RateLookup.Found)]
    [InlineData("9999999999999999999", "9999999999999999", RateLookup.Found)]
    [InlineData("999999999999999", "9", RateLookup.Found)]
    public void The_longest_prefix_wins(string number, string prefix, RateLookup expected)
    {
        RateTable table = Table("1", "1201", "!1900", "*31#", "9", "9999999999999999", "0");
        Assert.Equal(expected, table.Find(DialString.Parse(number), out Rate rate));
        Assert.Equal(prefix, rate.Prefix.ToString());
        Assert.Equal(expected == RateLookup.Found, table.TryFind(DialString.Parse(number), out _));
    }

    [Fact]
    public void An_empty_deck_has_no_rate() => Assert.Equal(RateLookup.None, Table().Find(DialString.Parse("1201"), out _));

    [Fact]
    public void Every_lookup_is_what_trying_each_length_finds() =>
        Gen.Select(
            Gen.String[Gen.Char["012*#"], 1, 6].Array[0, 60],
            Gen.String[Gen.Char["012*#"], 0, 9].Array[20]).Sample(static (prefixes, numbers) =>
        {
            HashSet<string> known = [.. prefixes];
            RateTable table = Table([.. known]);
            foreach (string number in numbers)
            {
                string? longest = null;
                for (int length = number.Length; length > 0 && longest is null; length--)
                {
                    if (known.Contains(number[..length])) longest = number[..length];
                }
                bool found = table.TryFind(DialString.Parse(number), out Rate rate);
                if (found != longest is not null || (found && (rate.Prefix.ToString() != longest || rate.Area != "to " + longest))) return false;
            }
            return true;
        }, iter: 1_000);

    [Theory]
    [InlineData(900)]
    [InlineData(5_000)]
    [InlineData(60_000)]
    [InlineData(250_000)]
    public void A_table_of_any_size_finds_each_of_its_prefixes_and_their_extensions(int count)
    {
        SeededEntropy entropy = new(7);
        HashSet<string> prefixes = [];
        while (prefixes.Count < count) prefixes.Add((entropy.NextUInt64() % 10_000_000_000).ToString("D10")[..Math.Min(8, 3 + entropy.Below(8))]);
        RateTable table = Table([.. prefixes]);
        Assert.Equal(count, table.Count);
        foreach (string prefix in prefixes)
        {
            Assert.True(table.TryFind(DialString.Parse(prefix + "*"), out Rate rate));
            Assert.Equal(prefix, rate.Prefix.ToString());
        }
    }

    [Fact]
    public void A_lookup_allocates_nothing()
    {
        RateTable table = Table("1", "1201", "44", "447");
        DialString number = DialString.Parse("447700900123");
        bool found = table.TryFind(number, out _);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 10_000; i++) found &= table.TryFind(number, out _);
        }));
        Assert.True(found);
    }

    private static RateTable Table(params string[] prefixes)
    {
        IEnumerable<Rate> rates = prefixes.Select(static (p, i) =>
            new Rate(DialString.Parse(p.TrimStart('!')), "to " + p.TrimStart('!'), new Tariff(i, 0, 1, 1, Currency.Usd), Locked: p.StartsWith('!')));
        Assert.True(Deck.TryCreate("test", Currency.Usd, rates, out Deck? deck, out string? error), error);
        return new RateTable(deck);
    }
}
