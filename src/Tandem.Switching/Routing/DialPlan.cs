using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;

namespace Tandem.Switching.Routing;

/// <summary>
/// How numbers are rewritten: rules "original:target" between commas. The rule with the longest original that matches the
/// beginning of the number wins, and the matched part becomes the target; without a match the number stays. In an original
/// <c>?</c> is one digit and <c>*</c> any run of characters, also none (as long as possible); <c>/L9</c>, <c>/E9</c>, <c>/G9</c>, <c>/F9</c> after it ask for a number of
/// fewer than, exactly, more than, not 9 digits. In a target <c>$</c> (or <c>?</c>) keeps the character at that place of the
/// number; several targets between semicolons are picked from at random; an empty target strips. docs/configuration.md, "Dial plans".
/// </summary>
public sealed class DialPlan
{
    /// <summary>The rule index when no rule matched and the number stayed as it was.</summary>
    public const int NoRule = -1;

    /// <summary>The rule index when a rule matched but its outcome is longer than a number can be; the number stayed as it was and must not be used.</summary>
    public const int TooLong = -2;

    public const int MaxRules = 200_000;

    /// <summary>Rules that begin alike, up to their first wildcard, are asked one after the other: so many at most.</summary>
    public const int MaxAlike = 1_000;

    public static readonly DialPlan Empty = new([]);

    private readonly DialRule[] _rules; // as written
    private readonly DialRule[] _ranked; // the most specific first
    private readonly PrefixTree? _literals; // literal beginnings -> places in _ranked, ascending

    private DialPlan(DialRule[] rules)
    {
        _rules = rules;
        _ranked = [.. rules.OrderByDescending(static r => r.Specificity).ThenBy(static r => r.AnyDigits).ThenByDescending(static r => r.HasLengthTest).ThenBy(static r => r.Index)];
        if (rules.Length > 0) _literals = PrefixTree.Build([.. _ranked.Select(static (r, rank) => ((ReadOnlyMemory<byte>)r.LiteralStart, rank))]);
    }

    public bool IsEmpty => _rules.Length == 0;

    /// <summary>The rules as texts, in the order written; the index given by <see cref="Rewrite"/> points here.</summary>
    public IReadOnlyList<string> Rules => [.. _rules.Select(static r => r.Text)];

    /// <summary>Reads a plan; on failure the error says which rule and why.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DialPlan? plan, out string error)
    {
        plan = null;
        error = "";
        if (string.IsNullOrWhiteSpace(text))
        {
            plan = Empty;
            return true;
        }
        string[] parts = text.Split(',');
        if (parts.Length > MaxRules)
        {
            error = $"a dial plan has at most {MaxRules} rules; this has {parts.Length}";
            return false;
        }
        DialRule[] rules = new DialRule[parts.Length];
        HashSet<string> originals = new(StringComparer.Ordinal);
        for (int i = 0; i < parts.Length; i++)
        {
            if (!DialRule.TryParse(parts[i].Trim(), i, out DialRule? rule, out error)) return false;
            if (!originals.Add(rule.OriginalText))
            {
                error = $"rule {i + 1} '{rule.Text}': the original '{rule.OriginalText}' has a rule already";
                return false;
            }
            rules[i] = rule;
        }
        if (rules.CountBy(static r => Convert.ToHexString(r.LiteralStart), StringComparer.Ordinal).FirstOrDefault(static s => s.Value > MaxAlike) is { Key: { } alike, Value: var many })
        {
            error = $"{many} rules begin with '{System.Text.Encoding.ASCII.GetString(Convert.FromHexString(alike))}' up to their first wildcard; at most {MaxAlike} may, for each would be asked for every such number";
            return false;
        }
        plan = new DialPlan(rules);
        return true;
    }

    /// <summary>
    /// What is wrong with a plan that could be put in force and yet does not say what is to be done: two rules that claim the same numbers with the same right. Null: nothing.
    /// </summary>
    public string? Ambiguity =>
        DialPlanCheck.FirstClash(_ranked) is not { } clash ? null
        : $"rule {clash.Late.Index + 1} '{clash.Late.Text}' and rule {clash.Early.Index + 1} '{clash.Early.Text}' claim the same numbers with the same right; make one longer or give it a length test";

    /// <summary>Rewrites one number. The outcome may be empty (a stripped number); that is for the caller to refuse. No allocation.</summary>
    /// <param name="number">The number.</param>
    /// <param name="random">Picks among several targets.</param>
    /// <param name="ruleIndex">Which rule of <see cref="Rules"/> was applied, <see cref="NoRule"/> or <see cref="TooLong"/>.</param>
    public DialString Rewrite(in DialString number, uint random, out int ruleIndex)
    {
        ruleIndex = NoRule;
        if (_literals is null || !TryMatch(number.Bytes, out DialRule? rule, out int matched)) return number;
        ruleIndex = rule.Index;
        byte[][] targets = rule.Targets;
        byte[] target = targets[targets.Length == 1 ? 0 : (int)(((ulong)random * (ulong)targets.Length) >> 32)];
        Span<byte> room = stackalloc byte[DialString.MaxLength];
        int length = 0;
        for (int i = 0; i < target.Length; i++)
        {
            byte character = target[i];
            if (character is (byte)'$' or (byte)'?')
            {
                if (i >= matched) continue; // a shorter run behind a '*': there is no digit to keep
                character = number.Bytes[i];
            }
            if (length == room.Length) return Refuse(number, out ruleIndex);
            room[length++] = character;
        }
        ReadOnlySpan<byte> rest = number.Bytes[matched..];
        if (!rest.TryCopyTo(room[length..])) return Refuse(number, out ruleIndex);
        return DialString.TryParse(room[..(length + rest.Length)], out DialString rewritten) ? rewritten : Refuse(number, out ruleIndex);
    }

    private static DialString Refuse(in DialString number, out int ruleIndex)
    {
        ruleIndex = TooLong;
        return number;
    }

    // Candidates are the rules whose literal beginning lies on the number's path through the tree; of those that match, the first ranked.
    private bool TryMatch(ReadOnlySpan<byte> number, [NotNullWhen(true)] out DialRule? rule, out int matched)
    {
        int best = int.MaxValue;
        matched = 0;
        int node = PrefixTree.Root, depth = 0;
        do
        {
            foreach (int rank in _literals!.Values(node))
            {
                if (rank >= best) break;
                if (!_ranked[rank].Matches(number, out int length)) continue;
                best = rank;
                matched = length;
                break;
            }
        }
        while (depth < number.Length && _literals.TryStep(node, number[depth++], out node));
        rule = best == int.MaxValue ? null : _ranked[best];
        return rule is not null;
    }
}
