using System.Collections.Immutable;
using Tandem.Primitives;

namespace Tandem.Switching.Configuration;

/// <summary>A deck's name and the versions it stands for, each from its time on. Versions are content addresses: the rates behind one never change.</summary>
/// <param name="Name">As accounts name it.</param>
/// <param name="Currency">The currency of all its rates.</param>
/// <param name="Version">Lower-case hexadecimal SHA-256 of the deck's canonical bytes; in force until the first of <see cref="Timeline"/>.</param>
public sealed record DeckRef(string Name, Currency Currency, string Version)
{
    public const int MaxChanges = 64;

    /// <summary>Seconds of what is announced to card users as a minute.</summary>
    public int FakeMinute { get; init; } = 60;

    public string Memo { get; init; } = "";

    /// <summary>Which version takes the place of the one before, and when; in order.</summary>
    public ImmutableArray<DeckChange> Timeline { get; init; } = [];

    /// <summary>The version in force at a moment.</summary>
    public string VersionAt(Instant at)
    {
        string version = Version;
        foreach (DeckChange change in Timeline)
        {
            if (change.From <= at) version = change.Version;
        }
        return version;
    }

    /// <summary>When another version takes its place next; <see cref="Instant.Never"/> when none does.</summary>
    public Instant ChangeAfter(Instant at)
    {
        foreach (DeckChange change in Timeline)
        {
            if (change.From > at) return change.From;
        }
        return Instant.Never;
    }

    /// <summary>With a version in force from a moment on, whatever was meant to come after; what comes later stays.</summary>
    public DeckRef Now(string version, Instant at) => this with { Version = version, Timeline = [.. Timeline.Where(c => c.From > at)] };

    /// <summary>With a version in force for a time, after which there holds again what would have held there.</summary>
    /// <param name="version">The version.</param>
    /// <param name="from">When it begins to hold.</param>
    /// <param name="until">When it ceases to; <see cref="Instant.Never"/>: it does not, and what comes later stays.</param>
    public DeckRef Between(string version, Instant from, Instant until)
    {
        IEnumerable<DeckChange> kept = Timeline.Where(c => c.From < from || (until != Instant.Never ? c.From > until : c.From > from)).Append(new DeckChange(from, version));
        if (until != Instant.Never) kept = kept.Append(new DeckChange(until, VersionAt(until)));
        return this with { Timeline = [.. kept.OrderBy(static c => c.From)] };
    }

    public bool Equals(DeckRef? other) =>
        other is not null && Name == other.Name && Currency == other.Currency && Version == other.Version && FakeMinute == other.FakeMinute && Memo == other.Memo && Timeline.AsSpan().SequenceEqual(other.Timeline.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Name, Version, Timeline.Length);
}

/// <summary>A version takes another's place.</summary>
public readonly record struct DeckChange(Instant From, string Version);
