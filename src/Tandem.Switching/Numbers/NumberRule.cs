using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Numbers;

/// <summary>What one end of a device's calls may be, as compiled.</summary>
public sealed class NumberRule
{
    public static readonly NumberRule Anything = new(NumberRuleConfig.Anything, [], []);

    private readonly PrefixTree? _prefixes;
    private readonly bool _prefixesAllow;
    private readonly uint _lengths;
    private readonly NumberGroup[] _groups;
    private readonly bool _groupsAllow;
    private readonly NumberList[] _lists;

    /// <param name="said">As stated.</param>
    /// <param name="groups">Those it names.</param>
    /// <param name="lists">Those it names.</param>
    public NumberRule(NumberRuleConfig said, NumberGroup[] groups, NumberList[] lists)
    {
        _prefixes = said.Prefixes.IsEmpty ? null : PrefixTree.Build([.. said.Prefixes.Select(static p => ((ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(p), 0))]);
        _prefixesAllow = said.PrefixesAllow;
        _lengths = (uint)said.Lengths;
        _groups = groups;
        _groupsAllow = said.GroupsAllow;
        _lists = lists;
    }

    /// <summary>A list permits when it is empty; else the number must be in it, or must not.</summary>
    public bool PermitsPrefix(in DialString number) => _prefixes is null || _prefixes.HasPrefixOf(number) == _prefixesAllow;

    public bool PermitsLength(in DialString number) => _lengths == 0 || (number.Length < 32 && (_lengths >> number.Length & 1) != 0);

    /// <summary>The group that decided, where it was one that forbids.</summary>
    public bool PermitsGroups(in DialString number, out string group)
    {
        group = "";
        if (_groups.Length == 0) return true;
        foreach (NumberGroup one in _groups)
        {
            if (!one.Set.Contains(number)) continue;
            group = one.Name;
            return _groupsAllow;
        }
        return !_groupsAllow;
    }

    /// <summary>The list of this device that names the number, a white one before a black one; null: none does.</summary>
    public NumberList? ListOf(in DialString number)
    {
        NumberList? black = null;
        foreach (NumberList one in _lists)
        {
            if (black is not null && !one.IsWhite) continue;
            if (!one.Set.Contains(number)) continue;
            if (one.IsWhite) return one;
            black = one;
        }
        return black;
    }
}
