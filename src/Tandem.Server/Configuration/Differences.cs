using System.Collections.Immutable;

namespace Tandem.Server.Configuration;

/// <summary>Where two lists by name are not the same objects: both walked once side by side, as one of a million accounts may be all that differs.</summary>
internal static class Differences
{
    /// <summary>In order of name: what was (null: it is new) and what is (null: it is gone).</summary>
    public static IEnumerable<(string Name, T? Was, T? Now)> Between<T>(ImmutableSortedDictionary<string, T> before, ImmutableSortedDictionary<string, T> after)
        where T : class
    {
        if (ReferenceEquals(before, after)) yield break;
        ImmutableSortedDictionary<string, T>.Enumerator was = before.GetEnumerator(), now = after.GetEnumerator();
        try
        {
            bool more = was.MoveNext(), others = now.MoveNext();
            while (more || others)
            {
                int order = !more ? 1 : !others ? -1 : string.CompareOrdinal(was.Current.Key, now.Current.Key);
                if (order != 0 || !ReferenceEquals(was.Current.Value, now.Current.Value))
                    yield return (order > 0 ? now.Current.Key : was.Current.Key, order > 0 ? null : was.Current.Value, order < 0 ? null : now.Current.Value);
                if (order <= 0) more = was.MoveNext();
                if (order >= 0) others = now.MoveNext();
            }
        }
        finally
        {
            was.Dispose();
            now.Dispose();
        }
    }
}
