using System.Diagnostics.CodeAnalysis;
using System.Text;
using Tandem.Primitives;

namespace Tandem.Switching.Routing.Selection;

/// <summary>
/// Prefixes of calling or called numbers that a gateway takes, or does not take, in a part of the week: "mon-fri 08:00-18:00 = deny callee 44 49". While an allow period
/// covers the moment only its prefixes are taken.
/// </summary>
public sealed class NumberPeriod
{
    private readonly WeekPeriod _when;
    private readonly bool _allow;
    private readonly bool _ofCaller;
    private readonly PrefixTree _prefixes;

    private NumberPeriod(WeekPeriod when, bool allow, bool ofCaller, PrefixTree prefixes) => (_when, _allow, _ofCaller, _prefixes) = (when, allow, ofCaller, prefixes);

    public bool Permits(in DayTime at, in DialString caller, in DialString callee) =>
        !_when.Covers(at) || _prefixes.HasPrefixOf(_ofCaller ? caller : callee) == _allow;

    public static bool TryParse(string text, [NotNullWhen(true)] out NumberPeriod? period, out string error)
    {
        period = null;
        int equals = text.IndexOf('=');
        string[] words = equals < 0 ? [] : text[(equals + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 3 || words[0] is not ("allow" or "deny") || words[1] is not ("caller" or "callee"))
        {
            error = $"'{text}' is no period of prefixes: 'mon-fri 08:00-18:00 = deny callee 44 49' is needed (allow or deny, caller or callee)";
            return false;
        }
        if (!WeekPeriod.TryParse(text[..equals], out WeekPeriod? when, out error)) return false;
        List<(ReadOnlyMemory<byte>, int)> prefixes = [];
        foreach (string prefix in words[2..])
        {
            if (!DialString.TryParse(prefix.AsSpan(), out _))
            {
                error = $"'{text}': '{prefix}' is no prefix";
                return false;
            }
            prefixes.Add((Encoding.ASCII.GetBytes(prefix), prefixes.Count));
        }
        period = new NumberPeriod(when, words[0] == "allow", words[1] == "caller", PrefixTree.Build(prefixes));
        return true;
    }
}
