using Tandem.Primitives;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Routing;

public sealed class DialPlanTests
{
    [Theory]
    // the operators' own examples
    [InlineData("0:0", "01012345678", "01012345678")]
    [InlineData("025:", "02584316146", "84316146")]
    [InlineData("*:12345678", "02584316146", "12345678")]
    [InlineData("0??84:8431", "0258431", "843131")]
    // longest original first, in whatever order they are written
    [InlineData("0:1,00:2,000:3", "0005", "35")]
    [InlineData("000:3,00:2,0:1", "005", "25")]
    [InlineData("*:9,0:1", "05", "15")]
    [InlineData("0?:1,00:2", "001", "21")]
    [InlineData("0?:1,00:2", "011", "11")]
    // without a match the number stays
    [InlineData("86:,0086:", "491711", "491711")]
    [InlineData("", "491711", "491711")]
    // the characters a target keeps
    [InlineData("0?5:1$5", "025777", "125777")]
    [InlineData("0?5:1?5", "025777", "125777")]
    [InlineData("12:$$99", "1234", "129934")]
    // runs
    [InlineData("0*5:9", "0123575", "9")]
    [InlineData("0*5:9", "05", "9")]
    [InlineData("0*5:9", "01237", "01237")]
    [InlineData("1*:9$$$", "12", "92")]
    // a plus, a hash and letters are characters like others
    [InlineData("+:00", "+4930", "004930")]
    [InlineData("#31#:", "#31#110", "110")]
    [InlineData("sales:100", "sales", "100")]
    // the whole number may go
    [InlineData("110:", "110", "")]
    // spaces around what is written do not count
    [InlineData(" 00 : 011 , 0 : 1 ", "0044", "01144")]
    // length tests
    [InlineData("13/L9:99", "13123456", "99123456")]
    [InlineData("13/L9:99", "131234567", "131234567")]
    [InlineData("13/E11:99", "13123456789", "99123456789")]
    [InlineData("13/E11:99", "1312345678", "1312345678")]
    [InlineData("13/G9:99", "1312345678", "9912345678")]
    [InlineData("13/G9:99", "131234567", "131234567")]
    [InlineData("13/F9:99", "131234567", "131234567")]
    [InlineData("13/F9:99", "1312345", "9912345")]
    [InlineData("13/G5/L9:99", "1312345", "9912345")]
    [InlineData("13/G5/L9:99", "13123456789", "13123456789")]
    [InlineData("13:1,13/E5:2", "13123", "2123")]
    [InlineData("13:1,13/E5:2", "131234", "11234")]
    [InlineData("133/E5:9,13:1", "133444", "13444")]
    public void A_number_is_rewritten(string rules, string number, string expected) => Assert.Equal(expected, Plan(rules).Rewrite(DialString.Parse(number), 0, out _).ToString());

    [Theory]
    [InlineData("0", "rule 1 '0' must be original:target with one colon")]
    [InlineData("0:1,2", "rule 2 '2' must be original:target with one colon")]
    [InlineData("0:1:2", "rule 1 '0:1:2' must be original:target with one colon")]
    [InlineData(":1", "rule 1 ':1' has no original; * stands for every number")]
    [InlineData("0:1,", "rule 2 '' must be original:target with one colon")]
    [InlineData("0 0:1", "rule 1 '0 0:1': the original '0 0' is not at most 32 of 0-9 letters * ? # + - . _")]
    [InlineData("0:1 1", "rule 1 '0:1 1': the target '1 1' is not at most 32 of 0-9 letters * # + - . _ and $")]
    [InlineData("0:1$", "rule 1 '0:1$': the target '1$' keeps the character at place 2, but the original has only 1")]
    [InlineData("0/X9:1", "rule 1 '0/X9:1': the length test '/X9' must be /L, /E, /G or /F and a number of digits up to 32")]
    [InlineData("0/L:1", "rule 1 '0/L:1': the length test '/L' must be /L, /E, /G or /F and a number of digits up to 32")]
    [InlineData("0/L33:1", "rule 1 '0/L33:1': the length test '/L33' must be /L, /E, /G or /F and a number of digits up to 32")]
    [InlineData("0:1,0:2", "rule 2 '0:2': the original '0' has a rule already")]
    public void A_plan_that_is_none_is_refused_with_the_rule(string rules, string says)
    {
        Assert.False(DialPlan.TryParse(rules, out DialPlan? plan, out string error));
        Assert.Null(plan);
        Assert.Equal(says, error);
    }

    [Fact]
    public void The_rule_applied_is_told_by_its_place_as_written()
    {
        DialPlan plan = Plan("0:1,00:2,7:");
        plan.Rewrite(DialString.Parse("005"), 0, out int rule);
        Assert.Equal("00:2", plan.Rules[rule]);
        plan.Rewrite(DialString.Parse("5"), 0, out rule);
        Assert.Equal(DialPlan.NoRule, rule);
    }

    [Fact]
    public void An_outcome_too_long_for_a_number_is_reported_and_the_number_stays()
    {
        DialString number = DialString.Parse(new string('1', 31));
        Assert.Equal(number, Plan("1:123").Rewrite(number, 0, out int rule));
        Assert.Equal(DialPlan.TooLong, rule);
        Assert.Equal(32, Plan("1:12").Rewrite(number, 0, out rule).Length);
        Assert.Equal(0, rule);
    }

    [Fact]
    public void The_random_number_picks_each_of_several_targets_evenly()
    {
        DialPlan plan = Plan("0:7;8;9");
        int[] picked = new int[10];
        for (uint i = 0; i < 300; i++) picked[plan.Rewrite(DialString.Parse("0"), i * (uint.MaxValue / 300), out _).Bytes[0] - '0']++;
        Assert.All(picked[7..10], static n => Assert.InRange(n, 98, 102));
        Assert.Equal("9", plan.Rewrite(DialString.Parse("0"), uint.MaxValue, out _).ToString());
    }

    [Fact]
    public void Rewriting_allocates_nothing()
    {
        DialPlan plan = Plan("0:1,00:2,0??84:8431,*:9,13/E11:7;8");
        DialString[] numbers = [DialString.Parse("0044123"), DialString.Parse("13123456789"), DialString.Parse("sales"), DialString.Parse("0258431")];
        foreach (DialString number in numbers) plan.Rewrite(number, 1, out _);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (uint i = 0; i < 1000; i++) plan.Rewrite(numbers[i % 4], i, out _);
        }));
    }

    internal static DialPlan Plan(string rules)
    {
        Assert.True(DialPlan.TryParse(rules, out DialPlan? plan, out string error), error);
        return plan;
    }
}
