using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Tandem.Switching.Identity;

/// <summary>
/// Which status a customer hears in place of another (callFailedSipCode): "original:target", commas between pairs. Original 0 is every
/// status without a pair of its own, target 0 leaves it.
/// </summary>
public sealed class StatusMap
{
    public static readonly StatusMap Empty = new([]);

    private readonly Dictionary<int, int> _targets;

    private StatusMap(Dictionary<int, int> targets) => _targets = targets;

    public int Of(int status)
    {
        if (_targets.Count == 0) return status;
        if (!_targets.TryGetValue(status, out int target)) target = _targets.GetValueOrDefault(0);
        return target == 0 ? status : target;
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out StatusMap? map, out string error)
    {
        map = null;
        error = "";
        Dictionary<int, int> targets = [];
        foreach (string pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !TryStatus(pair.AsSpan(0, colon), out int original) || !TryStatus(pair.AsSpan(colon + 1), out int target))
            {
                error = $"'{(pair.Length > 40 ? pair[..40] + "…" : pair)}' is no pair original:target of two statuses, each 400 to 699 or 0, as in 503:480";
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
        map = targets.Count == 0 ? Empty : new StatusMap(targets);
        return true;
    }

    private static bool TryStatus(ReadOnlySpan<char> text, out int status) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out status) && (status == 0 || (status is >= 400 and <= 699));
}
