using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Tandem.Primitives;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Routing;

/// <summary>The plan against a slow one that is obviously right: every rule tried as a regular expression, the longest original first.</summary>
public sealed class DialPlanPropertyTests
{
    private static readonly string[] Tests = ["", "", "", "/L4", "/E4", "/G4", "/F4", "/G2/L6"];

    private static readonly Gen<string> Original =
        Gen.Select(Gen.Char["012??*"].Array[1, 5].Select(static c => new string(c)), Gen.Int[0, Tests.Length - 1].Select(static i => Tests[i]), static (o, test) => o + test);

    private static readonly Gen<string> Target = Gen.Char["012$"].Array[0, 4].Select(static c => new string(c));

    private static readonly Gen<(string Original, string Target)[]> Rules = Gen.Select(Original, Target).Array[0, 12]
        .Select(static rules => rules.DistinctBy(static r => r.Item1).Where(static r => r.Item1.Contains('*') || r.Item2.LastIndexOf('$') < r.Item1.Split('/')[0].Length).ToArray());

    private static readonly Gen<string> Number = Gen.Char["0012"].Array[1, 8].Select(static c => new string(c));

    [Fact]
    public void Rewrites_as_the_slow_plan_does() =>
        Gen.Select(Rules, Number).Sample(static (rules, number) =>
        {
            DialPlan plan = DialPlanTests.Plan(string.Join(',', rules.Select(static r => $"{r.Original}:{r.Target}")));
            string actual = plan.Rewrite(DialString.Parse(number), 0, out int rule).ToString();
            (string expected, int expectedRule) = Slow(rules, number);
            return actual == expected && rule == expectedRule;
        }, iter: 5_000);

    private static (string Rewritten, int Rule) Slow((string Original, string Target)[] rules, string number)
    {
        var ordered = rules.Select(static (r, i) => (r.Original, r.Target, Pattern: r.Original.Split('/')[0], Index: i))
            .OrderByDescending(static r => r.Pattern.Count(static c => c != '*'))
            .ThenBy(static r => r.Pattern.Count(static c => c == '?'))
            .ThenBy(static r => r.Original.Contains('/') ? 0 : 1)
            .ThenBy(static r => r.Index);
        foreach (var rule in ordered)
        {
            // Greedy stars do not always find the longest beginning, so each beginning is tried whole, the longest first.
            Regex whole = new("^" + rule.Pattern.Replace("?", "[0-9]", StringComparison.Ordinal).Replace("*", ".*", StringComparison.Ordinal) + "$", RegexOptions.NonBacktracking);
            int matched = Enumerable.Range(0, number.Length + 1).LastOrDefault(n => whole.IsMatch(number[..n]), -1);
            if (matched < 0 || !rule.Original.Split('/').Skip(1).All(test => Holds(test, number.Length))) continue;
            StringBuilder target = new();
            for (int i = 0; i < rule.Target.Length; i++)
            {
                if (rule.Target[i] != '$') target.Append(rule.Target[i]);
                else if (i < matched) target.Append(number[i]);
            }
            return (target + number[matched..], rule.Index);
        }
        return (number, DialPlan.NoRule);
    }

    private static bool Holds(string test, int length)
    {
        int digits = test[1] - '0';
        return test[0] switch { 'L' => length < digits, 'E' => length == digits, 'G' => length > digits, _ => length != digits };
    }
}
