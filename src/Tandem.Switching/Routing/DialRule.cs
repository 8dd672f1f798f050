using System.Diagnostics.CodeAnalysis;
using System.Text;
using Tandem.Primitives;

namespace Tandem.Switching.Routing;

/// <summary>One rule of a <see cref="DialPlan"/>.</summary>
internal sealed class DialRule
{
    private readonly int _below, _above, _exactly, _not; // digits; -1 = not asked

    private DialRule(int index, string text, string originalText, byte[] original, byte[][] targets, int below, int exactly, int above, int not)
    {
        Index = index;
        Text = text;
        OriginalText = originalText;
        Original = original;
        Targets = targets;
        _below = below;
        _exactly = exactly;
        _above = above;
        _not = not;
        int wild = original.AsSpan().IndexOfAny((byte)'*', (byte)'?');
        LiteralStart = wild < 0 ? original : original[..wild];
        Specificity = original.Length - original.AsSpan().Count((byte)'*');
        HasLengthTest = (below & above & exactly & not) != -1;
        AnyDigits = original.AsSpan().Count((byte)'?');
    }

    /// <summary>Its place in the plan as written, from 0.</summary>
    public int Index { get; }

    public string Text { get; }

    /// <summary>Original and length tests: what makes two rules the same question.</summary>
    public string OriginalText { get; }

    public byte[] Original { get; }

    public byte[][] Targets { get; }

    public byte[] LiteralStart { get; }

    /// <summary>Characters it insists on: the length of the original without its stars.</summary>
    public int Specificity { get; }

    public bool HasLengthTest { get; }

    /// <summary>Places that take any digit.</summary>
    public int AnyDigits { get; }

    /// <summary>The lengths its tests permit: bit n is length n.</summary>
    public ulong Lengths
    {
        get
        {
            ulong lengths = 0;
            for (int n = 0; n <= DialString.MaxLength; n++)
            {
                if (PermitsLength(n)) lengths |= 1UL << n;
            }
            return lengths;
        }
    }

    /// <summary>Nothing but the order they are written in puts one before the other.</summary>
    public bool SameRank(DialRule other) => Specificity == other.Specificity && AnyDigits == other.AnyDigits && HasLengthTest == other.HasLengthTest;

    public static bool TryParse(string text, int index, [NotNullWhen(true)] out DialRule? rule, out string error)
    {
        rule = null;
        string where = $"rule {index + 1} '{text}'";
        int colon = text.IndexOf(':');
        if (colon < 0 || text.IndexOf(':', colon + 1) >= 0)
        {
            error = $"{where} must be original:target with one colon";
            return false;
        }
        string[] tests = text[..colon].Split('/');
        string original = tests[0].Trim();
        int below = -1, exactly = -1, above = -1, not = -1;
        if (original.Length == 0)
        {
            error = $"{where} has no original; * stands for every number";
            return false;
        }
        if (original.Length > DialString.MaxLength || original.Any(static c => c != '?' && (c > 127 || !DialString.IsAllowed((byte)c))))
        {
            error = $"{where}: the original '{original}' is not at most {DialString.MaxLength} of 0-9 letters * ? # + - . _";
            return false;
        }
        foreach (string test in tests.Skip(1).Select(static t => t.Trim()))
        {
            bool ok = test.Length > 1 && int.TryParse(test.AsSpan(1).Trim(), System.Globalization.NumberStyles.None, null, out _);
            int digits = ok ? int.Parse(test.AsSpan(1).Trim()) : 0;
            switch (ok && digits <= DialString.MaxLength ? char.ToUpperInvariant(test[0]) : ' ')
            {
                case 'L': below = digits; break;
                case 'E': exactly = digits; break;
                case 'G': above = digits; break;
                case 'F': not = digits; break;
                default:
                    error = $"{where}: the length test '/{test}' must be /L, /E, /G or /F and a number of digits up to {DialString.MaxLength}";
                    return false;
            }
        }
        string[] targets = [.. text[(colon + 1)..].Split(';').Select(static t => t.Trim())];
        foreach (string target in targets)
        {
            if (target.Length > DialString.MaxLength || target.Any(static c => c is not ('?' or '$') && (c > 127 || !DialString.IsAllowed((byte)c))))
            {
                error = $"{where}: the target '{target}' is not at most {DialString.MaxLength} of 0-9 letters * # + - . _ and $";
                return false;
            }
            int kept = target.AsSpan().LastIndexOfAny('$', '?');
            if (kept >= original.Length && !original.Contains('*'))
            {
                error = $"{where}: the target '{target}' keeps the character at place {kept + 1}, but the original has only {original.Length}";
                return false;
            }
        }
        error = "";
        string asked = original + string.Concat(new (char Letter, int Digits)[] { ('L', below), ('E', exactly), ('G', above), ('F', not) }.Where(static t => t.Digits >= 0).Select(static t => $"/{t.Letter}{t.Digits}"));
        rule = new DialRule(index, text, asked, Encoding.ASCII.GetBytes(original), [.. targets.Select(Encoding.ASCII.GetBytes)], below, exactly, above, not);
        return true;
    }

    /// <summary>Whether a number that begins with <see cref="LiteralStart"/> begins as the original asks and has the length; <paramref name="matched"/> is the longest beginning that does.</summary>
    public bool Matches(ReadOnlySpan<byte> number, out int matched)
    {
        matched = 0;
        if (!PermitsLength(number.Length)) return false;
        if (LiteralStart.Length < Original.Length) return BeginsAs(Original, number, out matched);
        matched = Original.Length; // it was found by its literal beginning, and that is all it asks
        return true;
    }

    private bool PermitsLength(int length) =>
        (_below < 0 || length < _below) && (_exactly < 0 || length == _exactly) && (_above < 0 || length > _above) && (_not < 0 || length != _not);

    // One set of positions, moved along the original: no backtracking, at most 33 positions whatever the stars.
    private static bool BeginsAs(ReadOnlySpan<byte> original, ReadOnlySpan<byte> number, out int matched)
    {
        ulong at = 1; // bit n: the original so far can match the first n characters
        ulong within = (2UL << number.Length) - 1;
        foreach (byte wanted in original)
        {
            if (wanted == '*')
            {
                at = ~((at & (0 - at)) - 1) & within; // from the lowest position on, every one
                continue;
            }
            ulong next = 0;
            for (ulong left = at; left != 0; left &= left - 1)
            {
                int position = System.Numerics.BitOperations.TrailingZeroCount(left);
                if (position < number.Length && (wanted == '?' ? char.IsAsciiDigit((char)number[position]) : number[position] == wanted)) next |= 2UL << position;
            }
            at = next;
            if (at == 0) break;
        }
        matched = at == 0 ? 0 : 63 - System.Numerics.BitOperations.LeadingZeroCount(at);
        return at != 0;
    }
}
