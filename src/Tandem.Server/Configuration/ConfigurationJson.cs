using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tandem.Primitives.Settings;
using Tandem.Switching.Configuration;
using Tandem.Switching.Settings;

namespace Tandem.Server.Configuration;

/// <summary>What is written of an entity.</summary>
internal enum Writing
{
    /// <summary>All but secrets, for people.</summary>
    Shown,

    /// <summary>Every field, defaults too: a later release may have other defaults, and what was applied stays what it was.</summary>
    Whole,

    /// <summary>What is not as in the blank entity, which stands beside it: for snapshots, where a million entities are read at the start.</summary>
    Sparse,
}

/// <summary>Writes configurations as documents that can be applied again.</summary>
internal static class ConfigurationJson
{
    // Not for HTML; names in any script stay readable.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>The member of a snapshot that says what entities leave out.</summary>
    public const string Blanks = "blanks";

    public static readonly JsonWriterOptions Compact = new() { Encoder = Encoder };

    public static readonly JsonWriterOptions Indented = new() { Encoder = Encoder, Indented = true };

    /// <summary>
    /// The document that makes <paramref name="after"/> of <paramref name="before"/>: entities that differ stated whole, those that are gone
    /// under remove, settings that differ. From <see cref="SwitchConfiguration.Empty"/> it is the whole configuration.
    /// </summary>
    public static void WriteChange(Utf8JsonWriter to, SwitchConfiguration before, SwitchConfiguration after, Writing writing)
    {
        List<(string Section, List<string> Names)> removed = [];
        to.WriteStartObject();
        WriteList(to, "decks", before.Decks, after.Decks, DeckStatement.Write, removed);
        foreach (EntityKind kind in EntityKinds.All) kind.WriteChange(to, before, after, writing, removed);
        SettingCatalogue<SwitchSettings> catalogue = SwitchSettings.Catalogue;
        Setting[] settings = [.. catalogue.All.Where(s => catalogue.Read(before.Settings, s) != catalogue.Read(after.Settings, s))];
        if (settings.Length > 0)
        {
            to.WriteStartObject("settings");
            foreach (Setting setting in settings) to.WriteString(setting.Name, catalogue.Read(after.Settings, setting));
            to.WriteEndObject();
        }
        if (removed.Count > 0)
        {
            to.WriteStartObject("remove");
            foreach ((string section, List<string> names) in removed)
            {
                to.WriteStartArray(section);
                foreach (string name in names) to.WriteStringValue(name);
                to.WriteEndArray();
            }
            to.WriteEndObject();
        }
        to.WriteEndObject();
    }

    /// <summary>One entity on one line, secrets left out.</summary>
    public static string Show<T>(EntityKind<T> kind, T entity)
        where T : class
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter to = new(stream, Compact)) WriteEntity(to, kind, entity, Writing.Shown);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Equal in every field, secrets too.</summary>
    public static bool Same<T>(EntityKind<T> kind, T a, T b)
        where T : class
    {
        if (ReferenceEquals(a, b)) return true;
        foreach (Field<T> field in kind.Fields)
        {
            if (field.Show(a) != field.Show(b)) return false;
        }
        return true;
    }

    internal static void WriteEntities<T>(Utf8JsonWriter to, EntityKind<T> kind, SwitchConfiguration before, SwitchConfiguration after, Writing writing, List<(string, List<string>)> removed)
        where T : class =>
        WriteList(to, kind.List, kind.Of(before), kind.Of(after), (w, entity) => WriteEntity(w, kind, entity, writing), removed, (a, b) => Same(kind, a, b));

    private static void WriteList<T>(Utf8JsonWriter to, string section, ImmutableSortedDictionary<string, T> before, ImmutableSortedDictionary<string, T> after,
        Action<Utf8JsonWriter, T> write, List<(string, List<string>)> removed, Func<T, T, bool>? same = null)
        where T : class
    {
        same ??= static (a, b) => a.Equals(b);
        bool any = false;
        List<string> gone = [];
        foreach ((string key, T? was, T? now) in Differences.Between(before, after))
        {
            if (now is null) gone.Add(key);
            if (now is null || (was is not null && same(was, now))) continue;
            if (!any) to.WriteStartArray(section);
            any = true;
            write(to, now);
        }
        if (any) to.WriteEndArray();
        if (gone.Count > 0) removed.Add((section, gone));
    }

    internal static void WriteBlank<T>(Utf8JsonWriter to, EntityKind<T> kind)
        where T : class
    {
        to.WriteStartArray(kind.List);
        to.WriteStartObject();
        foreach (Field<T> field in kind.Fields)
        {
            if (!field.IsRequired) field.Write(to, kind.Blank);
        }
        to.WriteEndObject();
        to.WriteEndArray();
    }

    private static void WriteEntity<T>(Utf8JsonWriter to, EntityKind<T> kind, T entity, Writing writing)
        where T : class
    {
        to.WriteStartObject();
        for (int i = 0; i < kind.Fields.Length; i++)
        {
            if (writing == Writing.Shown ? kind.Fields[i].IsSecret : writing == Writing.Sparse && kind.IsBlank(i, entity)) continue;
            kind.Fields[i].Write(to, entity);
        }
        to.WriteEndObject();
    }
}
