using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tandem.Switching.Identity;

/// <summary>
/// Which code a customer hears of a failure in place of another: SIP statuses (callFailedSipCode) or Q.850 causes (callFailedQ931CauseValue). "original:target", commas
/// between pairs. Original 0 is every code without a pair of its own, target 0 leaves it.
/// </summary>
public sealed class CodeMap
{
    public static readonly CodeMap Empty = new([]);

    private readonly Dictionary<int, int> _targets;

    private CodeMap(Dictionary<int, int> targets) => _targets = targets;

    public bool IsEmpty => _targets.Count == 0;

    public int Of(int code)
    {
        if (_targets.Count == 0) return code;
        if (!_targets.TryGetValue(code, out int target)) target = _targets.GetValueOrDefault(0);
        return target == 0 ? code : target;
    }

    public static bool TryParseStatuses(string text, [NotNullWhen(true)] out CodeMap? map, out string error) =>
        TryParse(text, 400, 699, "of two statuses, each 400 to 699 or 0, as in 503:480", out map, out error);

    public static bool TryParseCauses(string text, [NotNullWhen(true)] out CodeMap? map, out string error) =>
        TryParse(text, 1, 127, "of two Q.850 causes, each 1 to 127 or 0, as in 34:41", out map, out error);

    private static bool TryParse(string text, int least, int most, string words, [NotNullWhen(true)] out CodeMap? map, out string error)
    {
        map = null;
        error = "";
        Dictionary<int, int> targets = [];
        foreach (string pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !TryCode(pair.AsSpan(0, colon), out int original) || !TryCode(pair.AsSpan(colon + 1), out int target))
            {
                error = $"'{(pair.Length > 40 ? pair[..40] + "…" : pair)}' is no pair original:target {words}";
                return false;
            }
            if (target is 401 or 407)
            {
                error = $"{target} asks a customer for credentials nobody would check; another target is needed";
                return false;
            }
            if (!targets.TryAdd(original, target))
            {
                error = $"{original} is mapped twice";
                return false;
            }
        }
        map = targets.Count == 0 ? Empty : new CodeMap(targets);
        return true;

        bool TryCode(ReadOnlySpan<char> code, out int number) =>
            int.TryParse(code.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number) && (number == 0 || (number >= least && number <= most));
    }
}
