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

    public sealed record Lists
    {
        public One Group { get; init; } = new();

        public sealed record One
        {
            [Setting("PAUSES", Min = 100, Max = 4_000, Unit = Unit.Seconds)]
            public SecondsList Pauses { get; init; } = SecondsList.Parse("0.5,1");
        }
    }

    [Theory]
    [InlineData("0.5", "0.5")]
    [InlineData(" 0.10 , 1.250,4", "0.1,1.25,4")]
    [InlineData("0.5,1,2,4,4,4,4,4,4,4", "0.5,1,2,4,4,4,4,4,4,4")]
    public void A_list_of_seconds_is_read_and_written_in_one_form(string text, string written)
    {
        var catalogue = new SettingCatalogue<Lists>();
        Assert.True(catalogue.TrySet(new Lists(), "pauses", text, out Lists changed, out string error), error);
        Assert.Equal(written, catalogue.Read(changed, catalogue.All[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("1,,2")]
    [InlineData("1,")]
    [InlineData("0.05")]
    [InlineData("4.001")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("0.1234")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("1;2")]
    [InlineData("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1")]
    public void What_is_no_list_of_seconds_is_refused_in_a_sentence(string text)
    {
        Assert.False(new SettingCatalogue<Lists>().TrySet(new Lists(), "PAUSES", text, out _, out string error));
        Assert.StartsWith("PAUSES must be 1 to 20 lengths in seconds with commas between, as 0.5,1,2, each 0.1 to 4; '", error);
    }

    [Fact]
    public void A_default_outside_its_range_is_found_at_once() =>
        Assert.Contains("'0' is not", Assert.Throws<InvalidOperationException>(static () => new SettingCatalogue<Outside>()).Message);
}
