using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tandem.Primitives;

namespace Tandem.Server.Configuration;

// Fields of several parts: moments, lists of objects.
internal sealed partial class Field<T>
{
    /// <summary>
    /// A moment: "2026-12-31T23:59:59Z", "never", or a number of milliseconds since 1970 as other systems write it. An empty text or 0 is <paramref name="none"/>.
    /// </summary>
    public static Field<T> Moment(string name, Func<T, Instant> get, Func<T, Instant, T> set, Instant none = default) =>
        new(name, (entity, value, fault) =>
        {
            if (TryReadMoment(value, out Instant moment)) return set(entity, moment == default ? none : moment);
            fault($"{value.Shown} is no moment such as 2026-12-31T23:59:59Z, and neither 'never' nor milliseconds since 1970");
            return entity;
        }, (to, entity) => to.WriteStringValue(MomentText(get(entity))), entity => MomentText(get(entity)), (from, to) => set(to, get(from)));

    /// <summary>A list of objects, each with fields of its own; a field left out has its default.</summary>
    public static Field<T> Objects<TItem>(string name, Func<T, ImmutableArray<TItem>> get, Func<T, ImmutableArray<TItem>, T> set, TItem blank, int most, ImmutableArray<Field<TItem>> fields) =>
        new(name, (entity, value, fault) =>
        {
            if (value.Kind != JsonValueKind.Array || value.Items.Length > most)
            {
                fault(value.Kind != JsonValueKind.Array ? $"{value.Shown} is not a list" : $"the list has {value.Items.Length} entries; at most {most} are permitted");
                return entity;
            }
            bool ok = true;
            List<TItem> items = [];
            for (int i = 0; i < value.Items.Length; i++)
            {
                DocumentNode node = value.Items[i];
                string at = $"entry {i + 1}";
                if (node.Kind != JsonValueKind.Object)
                {
                    fault($"{at}: {node.Shown} is not an object");
                    ok = false;
                    continue;
                }
                foreach ((string member, DocumentNode _) in node.Members)
                {
                    if (fields.Any(f => f.Name == member)) continue;
                    fault($"{at}: there is no field '{DocumentNode.Printable(member)}'; there are {string.Join(", ", fields.Select(static f => f.Name))}");
                    ok = false;
                }
                TItem item = blank;
                foreach (Field<TItem> field in fields)
                {
                    if (node.Member(field.Name) is not { } said) continue;
                    item = field.Read(item, said, says =>
                    {
                        fault($"{at}: {field.Name}: {says}");
                        ok = false;
                    });
                }
                items.Add(item);
            }
            return ok ? set(entity, [.. items]) : entity;
        }, (to, entity) => WriteObjects(to, get(entity), fields), entity => ShowObjects(get(entity), fields), (from, to) => set(to, get(from)));

    private static bool TryReadMoment(DocumentNode value, out Instant moment)
    {
        moment = default;
        if (value.Kind == JsonValueKind.Number)
        {
            if (!long.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long millis)) return false;
            moment = millis >= Instant.Never.Micros / 1000 ? Instant.Never : new Instant(millis * 1000);
            return true;
        }
        if (value.Kind != JsonValueKind.String) return false;
        if (value.Text.Length == 0) return true;
        if (value.Text == "never")
        {
            moment = Instant.Never;
            return true;
        }
        bool read = DateTimeOffset.TryParse(value.Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) && at.UtcDateTime >= DateTime.UnixEpoch;
        if (read) moment = Instant.FromUtc(at.UtcDateTime);
        return read;
    }

    private static string MomentText(Instant moment) => moment == default ? "" : moment == Instant.Never ? "never" : moment.ToString();

    private static void WriteObjects<TItem>(Utf8JsonWriter to, ImmutableArray<TItem> items, ImmutableArray<Field<TItem>> fields)
    {
        to.WriteStartArray();
        foreach (TItem item in items)
        {
            to.WriteStartObject();
            foreach (Field<TItem> field in fields) field.Write(to, item);
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }

    private static string ShowObjects<TItem>(ImmutableArray<TItem> items, ImmutableArray<Field<TItem>> fields)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter to = new(stream, ConfigurationJson.Compact)) WriteObjects(to, items, fields);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
