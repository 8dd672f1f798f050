using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Switching.Configuration;

namespace Tandem.Switching.Numbers;

/// <summary>Compiles what the operator said of numbers. Part of the table compiler: run aside, whole or not at all.</summary>
public sealed class NumberCompiler
{
    private readonly SwitchConfiguration _said;
    private readonly Dictionary<string, NumberGroup> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NumberList> _lists = new(StringComparer.Ordinal);

    public NumberCompiler(SwitchConfiguration said)
    {
        _said = said;
        foreach (NumberGroupConfig group in said.NumberGroups.Values) _groups.Add(group.Name, new NumberGroup(group));
        foreach (NumberListConfig list in said.NumberLists.Values) _lists.Add(list.Name, new NumberList(list));
        Tables = new NumberTables
        {
            Areas = said.Areas.IsEmpty && said.MobileAreas.IsEmpty ? AreaTable.Empty : new AreaTable([.. said.Areas.Values], [.. said.MobileAreas.Values]),
            Transforms = new TransformTable(said.NumberTransforms.Values),
            Geofence = new Geofence([.. said.IpLimits.Values]),
            SystemLists = [.. said.NumberLists.Values.Where(static l => l.OfSystem).OrderByDescending(static l => l.IsWhite).Select(l => _lists[l.Name])],
            Groups = _groups,
        };
    }

    public NumberTables Tables { get; }

    /// <param name="noun">What kind of device it is.</param>
    /// <param name="name">Whose they are.</param>
    /// <param name="said">As stated.</param>
    /// <exception cref="InvalidOperationException">It names a group, list or area there is not.</exception>
    public NumberLimits Limits(string noun, string name, NumberLimitsConfig said)
    {
        string device = $"{noun} {name}";
        if (said == NumberLimitsConfig.Anything) return NumberLimits.Anything;
        return new NumberLimits
        {
            Caller = Rule(device, said.Caller),
            Callee = Rule(device, said.Callee),
            CalleeMust = said.CalleeMust,
            Level = said.Level,
            Areas = Tables.Geofence.Select(said.IpAreas),
            AreasAllow = said.IpAreasAllow,
            OwnList = said.OwnDynamicList ? device : null,
            Transforms = said.Transforms,
        };
    }

    public CallerPool? Pool(string gateway, CallerPoolConfig said, CallerPoolState state)
    {
        if (!said.Enable) return null;
        NumberGroup group = said.Group is { } name && _groups.TryGetValue(name, out NumberGroup? found) ? found : throw new InvalidOperationException($"{gateway}: there is no number group '{said.Group}'.");
        return new CallerPool(group.Name, group.Set.Numbers, said.Lines, state);
    }

    private NumberRule Rule(string device, NumberRuleConfig said) =>
        said == NumberRuleConfig.Anything ? NumberRule.Anything : new NumberRule(said, Find(_groups, said.Groups, device, "number group"), Find(_lists, said.Lists, device, "number list"));

    private static T[] Find<T>(Dictionary<string, T> all, ImmutableArray<string> names, string device, string noun) =>
        [.. names.Select(n => all.TryGetValue(n, out T? one) ? one : throw new InvalidOperationException($"{device}: there is no {noun} '{n}'."))];
}
