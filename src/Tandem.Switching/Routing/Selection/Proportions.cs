using System.Globalization;
using Tandem.Primitives;

namespace Tandem.Switching.Routing.Selection;

/// <summary>Shares of a caller's calls, each with a prefix that its calls are routed by: proportionCalleePrefixs. What is left of the hundred is routed as it is.</summary>
public sealed class Proportions
{
    public static readonly Proportions None = new([]);

    private readonly (int Percent, DialString Prefix)[] _shares;

    private Proportions((int, DialString)[] shares) => _shares = shares;

    public bool IsEmpty => _shares.Length == 0;

    /// <summary>The share a call drawn so falls into; false: none, it is routed as it is.</summary>
    /// <param name="draw">Evenly from all 32-bit numbers.</param>
    /// <param name="percent">Of the share.</param>
    /// <param name="prefix">To be put before the number.</param>
    public bool TryDraw(uint draw, out int percent, out DialString prefix)
    {
        int at = (int)(((ulong)draw * 100) >> 32);
        foreach ((int share, DialString to) in _shares)
        {
            at -= share;
            if (at >= 0) continue;
            (percent, prefix) = (share, to);
            return true;
        }
        (percent, prefix) = (0, default);
        return false;
    }

    /// <exception cref="InvalidOperationException">They do not hold; <see cref="Wrong"/> says so before.</exception>
    public static Proportions Of(IReadOnlyList<string> shares) =>
        shares.Count == 0 ? None : WrongTogether(shares) is { } wrong ? throw new InvalidOperationException(wrong) : new Proportions([.. shares.Select(static s => Read(s)!.Value)]);

    /// <summary>What is wrong with "30:77"; null: nothing.</summary>
    public static string? Wrong(string share) => Read(share) is null ? $"'{share}' is no share: 'percent:prefix' is needed, as in 30:77, the percent from 1 to 100" : null;

    public static string? WrongTogether(IReadOnlyList<string> shares)
    {
        foreach (string share in shares)
        {
            if (Wrong(share) is { } wrong) return wrong;
        }
        int sum = shares.Sum(static s => Read(s)!.Value.Percent);
        return sum > 100 ? $"the shares make {sum} percent; at most 100 is possible" : null;
    }

    private static (int Percent, DialString Prefix)? Read(string share)
    {
        int colon = share.IndexOf(':');
        return colon > 0 && int.TryParse(share[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out int percent) && percent is >= 1 and <= 100
            && DialString.TryParse(share.AsSpan(colon + 1), out DialString prefix) && !prefix.IsEmpty ? (percent, prefix) : null;
    }
}
