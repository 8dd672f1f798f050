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

    public abstract void Read(ApplyDocument document, DocumentNode section);

    /// <summary>Writes what differs; names that are gone are added to <paramref name="removed"/>.</summary>
    public abstract void WriteChange(Utf8JsonWriter to, SwitchConfiguration before, SwitchConfiguration after, bool withSecrets, List<(string Section, List<string> Names)> removed);

    public abstract void Compare(SwitchConfiguration before, SwitchConfiguration after, Action<string, string?, string?> add);

    public abstract SwitchConfiguration Without(SwitchConfiguration configuration, string key);
}

/// <summary>A kind with its key and its fields. Everything known of documents is in these tables.</summary>
internal sealed class EntityKind<T> : EntityKind
    where T : class
{

    /// <summary>The first field is the key.</summary>
    public required ImmutableArray<Field<T>> Fields { get; init; }

    /// <summary>All defaults; what a field left out means.</summary>
    public required T Blank { get; init; }

    public required Func<SwitchConfiguration, ImmutableSortedDictionary<string, T>> Of { get; init; }

    public required Func<SwitchConfiguration, ImmutableSortedDictionary<string, T>, SwitchConfiguration> With { get; init; }

    public Field<T> Key => Fields[0];

    public override void Read(ApplyDocument document, DocumentNode section) => document.ReadEntities(this, section);

    public override void WriteChange(Utf8JsonWriter to, SwitchConfiguration before, SwitchConfiguration after, bool withSecrets, List<(string Section, List<string> Names)> removed) =>
        ConfigurationJson.WriteEntities(to, this, before, after, withSecrets, removed);

    public override void Compare(SwitchConfiguration before, SwitchConfiguration after, Action<string, string?, string?> add) => AuditEntry.Compare(this, before, after, add);

    public override SwitchConfiguration Without(SwitchConfiguration configuration, string key) => With(configuration, Of(configuration).Remove(key));
}
