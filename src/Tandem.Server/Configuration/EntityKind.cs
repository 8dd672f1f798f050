using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>A kind of thing a document states: its list in the document, and what is done with every kind alike.</summary>
internal abstract class EntityKind
{
    public required string List { get; init; }

    /// <summary>What one is called in sentences.</summary>
    public required string Noun { get; init; }

    /// <summary>Why none is ever removed, in a sentence; null: they are.</summary>
    public string? NeverRemoved { get; init; }

    /// <summary>Entities are read one by one: what there is, as something that <see cref="ReadItem"/> adds to and <see cref="End"/> makes a configuration of.</summary>
    public abstract object Begin(SwitchConfiguration configuration);

    public abstract void ReadItem(ApplyDocument document, DocumentNode item, int place, object all, bool keeps);

    public abstract SwitchConfiguration End(SwitchConfiguration configuration, object all);

    /// <summary>What every field is that an entity of a snapshot leaves out; read back by <see cref="ReadBlank"/>.</summary>
    public abstract void WriteBlank(Utf8JsonWriter to);

    public abstract void ReadBlank(ApplyDocument document, DocumentNode item);

    /// <summary>Writes what differs; names that are gone are added to <paramref name="removed"/>.</summary>
    public abstract void WriteChange(Utf8JsonWriter to, SwitchConfiguration before, SwitchConfiguration after, Writing writing, List<(string Section, List<string> Names)> removed);

    public abstract void Compare(SwitchConfiguration before, SwitchConfiguration after, Action<string, string?, string?> add);

    public abstract SwitchConfiguration Without(SwitchConfiguration configuration, string key);
}

/// <summary>A kind with its key and its fields. Everything known of documents is in these tables.</summary>
internal sealed class EntityKind<T> : EntityKind
    where T : class
{
    private FrozenSet<string>? _names;
    private string?[]? _blanks;

    /// <summary>The first field is the key.</summary>
    public required ImmutableArray<Field<T>> Fields { get; init; }

    /// <summary>A field that may be left out where it is as in <see cref="Blank"/>.</summary>
    public bool IsBlank(int field, T entity) => !Fields[field].IsRequired && Fields[field].Show(entity) == (_blanks ??= [.. Fields.Select(f => f.Show(Blank))])[field];

    public bool Knows(string field) => (_names ??= Fields.Select(static f => f.Name).ToFrozenSet(StringComparer.Ordinal)).Contains(field);

    /// <summary>All defaults; what a field left out means.</summary>
    public required T Blank { get; init; }

    public required Func<SwitchConfiguration, ImmutableSortedDictionary<string, T>> Of { get; init; }

    public required Func<SwitchConfiguration, ImmutableSortedDictionary<string, T>, SwitchConfiguration> With { get; init; }

    public Field<T> Key => Fields[0];

    public override object Begin(SwitchConfiguration configuration) => Of(configuration).ToBuilder();

    public override void ReadItem(ApplyDocument document, DocumentNode item, int place, object all, bool keeps) => document.ReadEntity(this, item, place, (ImmutableSortedDictionary<string, T>.Builder)all, keeps);

    public override SwitchConfiguration End(SwitchConfiguration configuration, object all) => With(configuration, ((ImmutableSortedDictionary<string, T>.Builder)all).ToImmutable());

    public override void WriteBlank(Utf8JsonWriter to) => ConfigurationJson.WriteBlank(to, this);

    public override void ReadBlank(ApplyDocument document, DocumentNode item) => document.ReadBlank(this, item);

    public override void WriteChange(Utf8JsonWriter to, SwitchConfiguration before, SwitchConfiguration after, Writing writing, List<(string Section, List<string> Names)> removed) =>
        ConfigurationJson.WriteEntities(to, this, before, after, writing, removed);

    public override void Compare(SwitchConfiguration before, SwitchConfiguration after, Action<string, string?, string?> add) => AuditEntry.Compare(this, before, after, add);

    public override SwitchConfiguration Without(SwitchConfiguration configuration, string key) => With(configuration, Of(configuration).Remove(key));
}
