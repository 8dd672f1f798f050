using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Tandem.Primitives.Settings;

/// <summary>
/// Every setting of an immutable settings record, found once by reflection: the record's properties are the groups, the groups'
/// properties bear <see cref="SettingAttribute"/>. For the edges (API, command line, manual); use sites read the properties.
/// </summary>
/// <typeparam name="TSettings">A record of records, each with a parameterless constructor that gives the defaults.</typeparam>
public sealed class SettingCatalogue<TSettings>
    where TSettings : class, new()
{
    private readonly Dictionary<string, Setting> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Setting> _all = [];

    /// <exception cref="InvalidOperationException">Two settings share a name, or one's default lies outside its own range.</exception>
    public SettingCatalogue()
    {
        TSettings defaults = new();
        foreach (PropertyInfo group in typeof(TSettings).GetProperties())
        {
            object groupDefaults = group.GetValue(defaults)!;
            foreach (PropertyInfo property in group.PropertyType.GetProperties())
            {
                if (property.GetCustomAttribute<SettingAttribute>() is not { } declared) continue;
                Setting setting = new(declared, group, property, groupDefaults);
                if (!setting.TryRead(setting.DefaultText, out object back, out string error) || !back.Equals(property.GetValue(groupDefaults)))
                    throw new InvalidOperationException($"The default of {declared.Name} does not hold: {error}");
                _all.Add(setting);
                foreach (string name in declared.Aliases.Prepend(declared.Name))
                {
                    if (!_byName.TryAdd(name, setting)) throw new InvalidOperationException($"The setting name {name} is declared twice.");
                }
            }
        }
    }

    /// <summary>In order of declaration.</summary>
    public IReadOnlyList<Setting> All => _all;

    /// <summary>By name or alias, whatever the case.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out Setting? setting) => _byName.TryGetValue(name, out setting);

    /// <summary>The setting's value in canonical text.</summary>
    public string Read(TSettings settings, Setting setting) => setting.Format(setting.Property.GetValue(setting.Group.GetValue(settings))!);

    /// <summary>A copy with one setting changed; the original stays. False with one sentence when the name or the text does not hold.</summary>
    public bool TrySet(TSettings settings, string name, string text, out TSettings changed, out string error)
    {
        changed = settings;
        if (!TryFind(name, out Setting? setting))
        {
            error = $"there is no setting '{name}'{Nearest(name)}";
            return false;
        }
        if (!setting.TryRead(text, out object value, out error)) return false;
        object group = Copy(setting.Group.GetValue(settings)!);
        setting.Property.SetValue(group, value);
        changed = Copy(settings);
        setting.Group.SetValue(changed, group);
        return true;
    }

    // A record's own copying method; `with` calls it too.
    private static T Copy<T>(T record)
        where T : class => (T)record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;

    private string Nearest(string name)
    {
        string? nearest = _byName.Keys.MinBy(known => Distance(known, name.ToUpperInvariant()));
        return nearest is not null && name.Length <= 64 && Distance(nearest, name.ToUpperInvariant()) <= 4 ? $"; did you mean {_byName[nearest].Name}?" : "";
    }

    /// <summary>Edits from one name to the other (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1));
                corner = above;
            }
        }
        return row[b.Length];
    }
}
