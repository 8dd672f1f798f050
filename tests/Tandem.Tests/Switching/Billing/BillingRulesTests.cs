using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Tests.Switching.Billing;

public class BillingRulesTests
{
    private const long Cent = 10_000_000;

    [Theory]
    // unit, precision, fee, rounded: a rest below the precision is dropped, any other counts as a full unit
    [InlineData(0, 0, 12_345_678, 12_345_678)]
    [InlineData(Cent, 0, 0, 0)]
    [InlineData(Cent, 0, 1, Cent)]
    [InlineData(Cent, 0, Cent, Cent)]
    [InlineData(Cent, 5_000_000, Cent + 4_999_999, Cent)]
    [InlineData(Cent, 5_000_000, Cent + 5_000_000, 2 * Cent)]
    [InlineData(Cent, Cent, (2 * Cent) - 1, Cent)]
    [InlineData(Cent, 5 * Cent, (2 * Cent) - 1, Cent)]
    public void A_fee_is_rounded_to_units_by_its_precision(long unit, long precision, long fee, long rounded) =>
        Assert.Equal(rounded, new BillingRules(1000, 0, unit, precision).Round(fee));

    [Fact]
    public void What_is_covered_is_the_most_whose_rounded_price_is_within_the_money()
    {
        Tariff tariff = new(123_456_789, 7_000_000, 6, 6, Currency.Usd);
        foreach ((long unit, long precision) in new[] { (0L, 0L), (Cent, 0L), (Cent, 5_000_000L), (Cent, Cent), (3L, 2L), (Money.NanosPerUnit, 1L) })
        {
            BillingRules rules = new(1000, 0, unit, precision);
            for (long money = 0; money < 3 * Money.NanosPerUnit; money += 37_111_111)
            {
                int covered = rules.Covered(tariff, money);
                Assert.True(covered == 0 || rules.Price(tariff, covered).Nanos <= money, $"unit {unit}, precision {precision}: {covered} s are not within {money}");
                Assert.True(rules.Price(tariff, covered + 1).Nanos > money, $"unit {unit}, precision {precision}: {covered + 1} s are within {money} too");
            }
        }
    }

    [Fact]
    public void A_price_never_falls_as_talk_grows_whatever_is_rounded()
    {
        Tariff tariff = new(99_999_999, 1, 1, 1, Currency.Usd);
        BillingRules rules = new(1000, 0, Cent, 3_333_333);
        long before = 0;
        for (int seconds = 0; seconds < 10_000; seconds++)
        {
            long price = rules.Price(tariff, seconds).Nanos;
            Assert.True(price >= before && price % Cent == 0);
            before = price;
        }
    }
}
