using Tandem.Primitives;

namespace Tandem.Server.Api;

/// <summary>A version of a deck and its time.</summary>
/// <param name="Version">Its content address.</param>
/// <param name="From">Since when it holds or held; when it will.</param>
/// <param name="Until">When another took or will take its place; null: none is known.</param>
/// <param name="State">past, current or future.</param>
/// <param name="Revision">Of the configuration that brought it.</param>
/// <param name="By">Who did.</param>
/// <param name="Rates">Its lines.</param>
public sealed record DeckVersionView(string Version, Instant From, Instant? Until, string State, int Revision, string By, int Rates);

/// <param name="Name">The deck's.</param>
/// <param name="Versions">Newest first.</param>
/// <param name="Next">The cursor of the page after; null: it was the last.</param>
public sealed record DeckVersionsView(string Name, IReadOnlyList<DeckVersionView> Versions, string? Next = null);

/// <summary>A line that two versions do not have alike.</summary>
/// <param name="Prefix">Its prefix.</param>
/// <param name="Area">In words.</param>
/// <param name="Change">added, removed, dearer, cheaper or changed.</param>
/// <param name="Before">The rate a minute in the first; null where there is none.</param>
/// <param name="After">In the second.</param>
public sealed record DeckLineView(string Prefix, string Area, string Change, Money? Before, Money? After);

/// <param name="From">The first version.</param>
/// <param name="To">The second.</param>
/// <param name="Added">Lines only the second has.</param>
/// <param name="Removed">Lines only the first has.</param>
/// <param name="Dearer">Lines whose rate a minute rose.</param>
/// <param name="Cheaper">Whose rate fell.</param>
/// <param name="Changed">Whose rate is the same and whose terms are not.</param>
/// <param name="Lines">The first 1,000 of them, by prefix.</param>
public sealed record DeckDifferenceView(string From, string To, int Added, int Removed, int Dearer, int Cheaper, int Changed, IReadOnlyList<DeckLineView> Lines);
