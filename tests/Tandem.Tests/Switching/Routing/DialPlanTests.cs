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

    [Theory]
    [InlineData("0?5:1,05?:2", "rule 2 '05?:2' and rule 1 '0?5:1' claim the same numbers with the same right; make one longer or give it a length test")]
    [InlineData("1*5:1,7:9,1*6:2", "rule 3 '1*6:2' and rule 1 '1*5:1' claim the same numbers with the same right; make one longer or give it a length test")]
    [InlineData("13/L9:1,13/G5:2", "rule 2 '13/G5:2' and rule 1 '13/L9:1' claim the same numbers with the same right; make one longer or give it a length test")]
    [InlineData("*12:1,*34:2", "rule 2 '*34:2' and rule 1 '*12:1' claim the same numbers with the same right; make one longer or give it a length test")]
    [InlineData("0?5:1,06?:2", "rule 2 '06?:2' and rule 1 '0?5:1' claim the same numbers with the same right; make one longer or give it a length test")]
    [InlineData("0?5:1,0?6:2", null)]
    [InlineData("13/L9:1,13/G8:2", null)]
    [InlineData("13/E9:1,13/F9:2", null)]
    [InlineData("0?5/E5:1,05?/E6:2", null)]
    [InlineData("0:1,00:2,0??:3,00?:4", null)]
    [InlineData("a?:1,?a:2", null)]
    public void Two_rules_of_the_same_rank_that_claim_the_same_number_are_found(string rules, string? says)
    {
        Assert.Equal(says, Plan(rules).Ambiguity);
    }

    [Fact]
    public void What_is_found_ambiguous_is_what_some_number_shows_to_be()
    {
        // Every plan of two short rules over a small alphabet against every short number.
        SeededEntropy chance = new(5);
        string[] letters = ["0", "1", "?", "*"];
        string[] numbers = [.. Enumerable.Range(1, 5).SelectMany(static n => Enumerable.Range(0, 1 << n).Select(i => Convert.ToString(i, 2).PadLeft(n, '0')))];
        for (int round = 0; round < 300; round++)
        {
            string One() => string.Concat(Enumerable.Range(0, 1 + chance.Below(3)).Select(_ => letters[chance.Below(4)]));
            (string a, string b) = (One(), One());
            if (a == b) continue;
            DialPlan both = Plan($"{a}:8,{b}:9");
            bool equals = a.Count(static c => c != '*') == b.Count(static c => c != '*') && a.Count(static c => c == '?') == b.Count(static c => c == '?');
            bool shared = numbers.Any(n => Matches(a, n) && Matches(b, n));
            Assert.True((both.Ambiguity is not null) == (equals && shared), $"{a} and {b}");
        }

        static bool Matches(string original, string number)
        {
            Plan($"{original}:7").Rewrite(DialString.Parse(number), 0, out int rule);
            return rule == 0;
        }
    }

    [Fact]
    public void A_plan_of_a_hundred_thousand_rules_is_compiled_and_right()
    {
        string plan = string.Join(',', Enumerable.Range(100_000, 100_000).Select(static n => $"{n}:{n % 7}"));
        DialPlan compiled = Plan(plan);
        Assert.Null(compiled.Ambiguity);
        Assert.Equal("455", compiled.Rewrite(DialString.Parse("12345655"), 0, out int rule).ToString()[..3]);
        Assert.Equal(23_456, rule);
    }

    [Fact]
    public void Rules_that_all_begin_with_a_wildcard_are_refused_when_there_are_too_many()
    {
        Assert.False(DialPlan.TryParse(string.Join(',', Enumerable.Range(0, 1_001).Select(static n => $"1?{n}:2")), out _, out string error));
        Assert.StartsWith("1001 rules begin with '1' up to their first wildcard; at most 1000 may", error, StringComparison.Ordinal);
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
