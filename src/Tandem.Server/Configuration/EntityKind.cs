using System.Collections.Immutable;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>A kind of thing a document states: its list in the document, its key and its fields. Everything known of documents is in these tables.</summary>
internal sealed class EntityKind<T>
    where T : class
{
    public required string List { get; init; }

    /// <summary>What one is called in sentences.</summary>
    public required string Noun { get; init; }

    /// <summary>The first field is the key.</summary>
    public required ImmutableArray<Field<T>> Fields { get; init; }

    /// <summary>All defaults; what a field left out means.</summary>
    public required T Blank { get; init; }

    public required Func<SwitchConfiguration, ImmutableSortedDictionary<string, T>> Of { get; init; }

    public required Func<SwitchConfiguration, ImmutableSortedDictionary<string, T>, SwitchConfiguration> With { get; init; }

    public Field<T> Key => Fields[0];
}
