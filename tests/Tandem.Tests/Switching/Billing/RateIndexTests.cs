using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Billing;

public sealed class RateIndexTests
{
    [Fact]
    public void One_walk_finds_what_each_deck_asks_at_its_own_longest_prefix()
    {
        RateIndex index = new([Table("a", ("44", 100), ("4420", 200)), Table("b", ("4", 300), ("44207", 400)), Table("c", ("1", 500)), Table("d", ("44", -1), ("4", 600))]);
        Assert.Equal([200, 400, RateIndex.None, RateIndex.Locked], Find(index, "442079460123"));
        Assert.Equal([100, 300, RateIndex.None, RateIndex.Locked], Find(index, "4491"));
        Assert.Equal([RateIndex.None, 300, RateIndex.None, 600], Find(index, "49"));
        Assert.Equal([RateIndex.None, RateIndex.None, RateIndex.None, RateIndex.None], Find(index, ""));
        Assert.Equal((4, 7, 5), (index.Columns, index.Rates, index.Prefixes));
    }

    [Fact]
    public void It_says_what_the_decks_themselves_say_for_any_number()
    {
        Random random = new(7);
        RateTable[] decks = [.. Enumerable.Range(0, 20).Select(d => Table($"d{d}", [.. Enumerable.Range(0, 300).Select(_ => Number(random, 1, 7)).Distinct().Select(p => (p, random.Next(20) == 0 ? -1L : random.NextInt64(0, 5_000_000_000)))]))];
        RateIndex index = new(decks);
        for (int i = 0; i < 3_000; i++)
        {
            string number = Number(random, 1, 12);
            long[] expected = [.. decks.Select(d => d.Find(DialString.Parse(number), out Rate rate) switch { RateLookup.Found => rate.Tariff.RatePerMinuteNanos, RateLookup.Locked => RateIndex.Locked, _ => RateIndex.None })];
            Assert.Equal(expected, Find(index, number));
        }
        Assert.Equal(decks.Sum(static d => d.Count), index.Rates);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(268_435_455)]
    [InlineData(268_435_456)] // one more than fits: it stands aside
    [InlineData(12_345_678_000_000)]
    [InlineData(12_345_678_912_345)]
    [InlineData(100_000_000_000_000)]
    public void Every_price_is_kept_exactly(long nanos)
    {
        RateIndex index = new([Table("a", ("44", nanos))]);
        Assert.Equal([nanos], Find(index, "44"));
    }

    [Fact]
    public void An_index_is_kept_while_its_decks_are()
    {
        RateTable a = Table("a", ("44", 1)), b = Table("b", ("44", 2));
        RateIndex index = new([a, b]);
        Assert.True(index.IsOf([a, b]));
        Assert.False(index.IsOf([b, a]));
        Assert.False(index.IsOf([a]));
        Assert.False(index.IsOf([a, Table("b", ("44", 2))]));
    }

    [Fact]
    public void One_made_of_another_says_the_same_as_one_made_anew_and_leaves_the_other_as_it_was()
    {
        Random random = new(11);
        RateTable Drawn(string name) => Table(name, [.. Enumerable.Range(0, 200).Select(_ => Number(random, 1, 6)).Distinct().Select(p => (p, random.Next(12) == 0 ? -1L : random.NextInt64(0, 5_000_000_000)))]);
        List<RateTable> decks = [.. Enumerable.Range(0, 16).Select(d => Drawn($"d{d}"))];
        RateIndex index = new(decks);
        for (int change = 0; change < 60; change++)
        {
            List<RateTable> next = [.. decks];
            for (int i = random.Next(3); i >= 0; i--)
            {
                int at = random.Next(next.Count);
                switch (random.Next(4))
                {
                    case 0: next.Insert(at, Drawn($"n{change}")); break;
                    case 1 when next.Count > 8: next.RemoveAt(at); break;
                    case 2: (next[at], next[0]) = (next[0], next[at]); break;
                    default: next[at] = Drawn(next[at].Name); break;
                }
            }
            RateIndex made = RateIndex.Of(next, index), anew = new(next), before = new(decks);
            Assert.Equal((anew.Columns, anew.Rates, anew.Prefixes), (made.Columns, made.Rates, made.Prefixes));
            for (int i = 0; i < 100; i++)
            {
                string number = Number(random, 1, 9);
                Assert.Equal(Find(anew, number), Find(made, number));
                Assert.Equal(Find(before, number), Find(index, number));
            }
            (decks, index) = (next, made);
        }
        Assert.Same(index, RateIndex.Of(decks, index));
    }

    [Fact]
    public void A_rate_that_many_decks_have_takes_less_than_ten_bytes_and_a_walk_allocates_nothing()
    {
        string[] prefixes = [.. Enumerable.Range(10_000, 20_000).Select(static i => $"{i}")];
        RateIndex index = new([.. Enumerable.Range(0, 30).Select(d => Table($"d{d}", [.. prefixes.Where((_, i) => (i + d) % 3 == 0).Select((p, i) => (p, 1000L * (i % 977)))]))]);
        Assert.InRange((double)index.Bytes / index.Rates, 6, 10);
        long[] prices = new long[index.Columns];
        DialString number = DialString.Parse("1234567");
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++) index.Find(number, prices);
        }));
    }

    private static long[] Find(RateIndex index, string number)
    {
        long[] prices = new long[index.Columns];
        index.Find(DialString.Parse(number), prices);
        return prices;
    }

    private static string Number(Random random, int least, int most) => string.Concat(Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => (char)('0' + random.Next(4))));

    // A price below 0 is a locked prefix.
    private static RateTable Table(string name, params (string Prefix, long Nanos)[] rates)
    {
        Assert.True(Deck.TryCreate(name, Currency.Usd, rates.Select(static r => new Rate(DialString.Parse(r.Prefix), "", new Tariff(Math.Max(0, r.Nanos), 0, 1, 1, Currency.Usd), r.Nanos < 0)), out Deck? deck, out string? error), error);
        return new RateTable(deck);
    }
}
