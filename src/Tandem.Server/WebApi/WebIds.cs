using System.Globalization;
using Tandem.Primitives;

namespace Tandem.Server.WebApi;

/// <summary>The Web API numbers what is known here by name.</summary>
internal static class WebIds
{
    /// <summary>A name's number: itself where it is one, else a hash of it. The same on every start.</summary>
    public static int Of(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number.ToString(CultureInfo.InvariantCulture) == name ? number : Hash(name);

    /// <summary>A hash of a name, for what is named by telephone numbers. The same on every start.</summary>
    public static int Hash(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name) hash = (hash ^ c) * 16777619;
        return (int)(hash & int.MaxValue);
    }

    /// <summary>A number for a new thing: one above the highest there is.</summary>
    public static int Next(IEnumerable<string> names)
    {
        int highest = 0;
        foreach (string name in names)
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < int.MaxValue) highest = Math.Max(highest, number);
        }
        return highest + 1;
    }

    /// <summary>The one thing with that number; null when there is none, or more than one.</summary>
    public static T? Find<T>(IEnumerable<KeyValuePair<string, T>> all, int id)
        where T : class
    {
        T? found = null;
        foreach ((string name, T thing) in all)
        {
            if (Of(name) != id) continue;
            if (found is not null) return null;
            found = thing;
        }
        return found;
    }
}
