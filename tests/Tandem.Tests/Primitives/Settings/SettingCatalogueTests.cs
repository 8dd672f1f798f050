using Tandem.Primitives.Settings;

namespace Tandem.Tests.Primitives.Settings;

public sealed class SettingCatalogueTests
{
    public sealed record Doubled
    {
        public Two Group { get; init; } = new();

        public sealed record Two
        {
            [Setting("A", Max = 9)]
            public int First { get; init; }

            [Setting("B", Max = 9, Aliases = ["a"])]
            public int Second { get; init; }
        }
    }

    public sealed record Outside
    {
        public One Group { get; init; } = new();

        public sealed record One
        {
            [Setting("A", Min = 5, Max = 9)]
            public int First { get; init; }
        }
    }

    [Fact]
    public void A_name_declared_twice_is_our_own_mistake_and_found_at_once() =>
        Assert.Contains("declared twice", Assert.Throws<InvalidOperationException>(static () => new SettingCatalogue<Doubled>()).Message);

    [Fact]
    public void A_default_outside_its_range_is_found_at_once() =>
        Assert.Contains("'0' is not", Assert.Throws<InvalidOperationException>(static () => new SettingCatalogue<Outside>()).Message);
}
