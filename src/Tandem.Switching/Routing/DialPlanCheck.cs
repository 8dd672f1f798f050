using Tandem.Primitives;

namespace Tandem.Switching.Routing;

/// <summary>
/// Whether two rules of a plan could both claim a number while nothing but the order they are written in decides between them. A plan in force works by that order; one that is newly
/// stated is refused, for whoever wrote it meant something else by one of the two.
/// </summary>
internal static class DialPlanCheck
{
    /// <summary>Rules with a wildcard of one rank that are compared each with each; in a plan with more of them the rest is not looked at.</summary>
    private const int MostCompared = 4_000;

    /// <summary>Likewise pairs of one with and one without.</summary>
    private const long MostPairs = 10_000_000;

    /// <summary>The first two rules found that are equals for some number; null: there are none.</summary>
    /// <param name="rules">In the order of rank.</param>
    public static (DialRule Late, DialRule Early)? FirstClash(IReadOnlyList<DialRule> rules)
    {
        int start = 0;
        while (start < rules.Count)
        {
            int end = start + 1;
            while (end < rules.Count && rules[end].SameRank(rules[start])) end++;
            if (ClashWithin(rules, start, end) is { } found) return found;
            start = end;
        }
        return null;
    }

    // Without a wildcard, originals of one length are different beginnings: only the same original with other length tests can clash.
    private static (DialRule, DialRule)? ClashWithin(IReadOnlyList<DialRule> rules, int start, int end)
    {
        Dictionary<string, List<DialRule>> plain = new(StringComparer.Ordinal);
        List<DialRule> wild = [], literal = [];
        for (int i = start; i < end; i++)
        {
            DialRule rule = rules[i];
            if (rule.LiteralStart.Length < rule.Original.Length)
            {
                if (wild.Count < MostCompared) wild.Add(rule);
                continue;
            }
            literal.Add(rule);
            if (!rule.HasLengthTest) continue;
            string original = System.Text.Encoding.ASCII.GetString(rule.Original);
            if (!plain.TryGetValue(original, out List<DialRule>? others)) plain.Add(original, others = []);
            foreach (DialRule other in others)
            {
                if ((other.Lengths & rule.Lengths) >> rule.Specificity != 0) return InOrder(rule, other);
            }
            others.Add(rule);
        }
        for (int i = 0; i < wild.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (Clash(wild[i], wild[j])) return InOrder(wild[i], wild[j]);
            }
            if ((long)wild.Count * literal.Count > MostPairs) continue;
            foreach (DialRule other in literal)
            {
                if (Clash(wild[i], other)) return InOrder(wild[i], other);
            }
        }
        return null;
    }

    private static bool Clash(DialRule a, DialRule b) =>
        (a.Lengths & b.Lengths) >> a.Specificity != 0 && (a.LiteralStart.AsSpan().StartsWith(b.LiteralStart) || b.LiteralStart.AsSpan().StartsWith(a.LiteralStart)) && Overlap(a.Original, b.Original);

    // Whether some text begins as both ask. Once one of them is through, the rest of the other can be anything it likes.
    private static bool Overlap(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        Span<bool> reached = stackalloc bool[(DialString.MaxLength + 1) * (DialString.MaxLength + 1)];
        reached[0] = true;
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (!reached[(i * (DialString.MaxLength + 1)) + j]) continue;
                if (i == a.Length || j == b.Length) return true;
                bool starA = a[i] == '*', starB = b[j] == '*';
                if (starA) reached[((i + 1) * (DialString.MaxLength + 1)) + j] = true;
                if (starB) reached[(i * (DialString.MaxLength + 1)) + j + 1] = true;
                if (starA && !starB) reached[(i * (DialString.MaxLength + 1)) + j + 1] = true;
                if (starB && !starA) reached[((i + 1) * (DialString.MaxLength + 1)) + j] = true;
                if (!starA && !starB && Same(a[i], b[j])) reached[((i + 1) * (DialString.MaxLength + 1)) + j + 1] = true;
            }
        }
        return false;
    }

    private static bool Same(byte a, byte b) => a == b || (a == '?' && char.IsAsciiDigit((char)b)) || (b == '?' && char.IsAsciiDigit((char)a));

    private static (DialRule Late, DialRule Early) InOrder(DialRule a, DialRule b) => a.Index > b.Index ? (a, b) : (b, a);
}
