using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Switching.Configuration;
using Tandem.Switching.Settings;

namespace Tandem.Server.Configuration;

/// <summary>One change of the configuration: who, when, what, from, to. Secrets are shown as changed, never as values.</summary>
/// <param name="Revision">The revision that began with it.</param>
/// <param name="At">When it was applied.</param>
/// <param name="By">Who applied it.</param>
/// <param name="What">"settings.SS_SIP_TIMEOUT_INVITE", "routingGateways[carrier-1].priority", "phones[1001]" for a whole entity.</param>
/// <param name="From">The value before; null when the entity is new.</param>
/// <param name="To">The value after; null when the entity was removed.</param>
public sealed record AuditEntry(int Revision, Instant At, string By, string What, string? From, string? To)
{
    private const int MostShown = 4000;

    /// <summary>Every difference between two configurations, in order of section and name.</summary>
    internal static IReadOnlyList<AuditEntry> Between(SwitchConfiguration before, SwitchConfiguration after, int revision, Instant at, string by)
    {
        List<AuditEntry> entries = [];
        Action<string, string?, string?> add = (what, from, to) => entries.Add(new AuditEntry(revision, at, by, what, Cut(from), Cut(to)));
        foreach ((string name, DeckRef? was, DeckRef? now) in Differences.Between(before.Decks, after.Decks))
        {
            if (was != now) add($"decks[{name}]", Show(was), Show(now));
        }
        foreach (EntityKind kind in EntityKinds.All) kind.Compare(before, after, add);
        SettingCatalogue<SwitchSettings> catalogue = SwitchSettings.Catalogue;
        foreach (Setting setting in catalogue.All)
        {
            string was = catalogue.Read(before.Settings, setting), now = catalogue.Read(after.Settings, setting);
            if (was != now) add($"settings.{setting.Name}", was, now);
        }
        return entries;
    }

    internal static void Compare<T>(EntityKind<T> kind, SwitchConfiguration before, SwitchConfiguration after, Action<string, string?, string?> add)
        where T : class
    {
        foreach ((string key, T? old, T? entity) in Differences.Between(kind.Of(before), kind.Of(after)))
        {
            if (old is null || entity is null)
            {
                add($"{kind.List}[{key}]", old is null ? null : ConfigurationJson.Show(kind, old), entity is null ? null : ConfigurationJson.Show(kind, entity));
                continue;
            }
            foreach (Field<T> field in kind.Fields)
            {
                if (field.Show(old) == field.Show(entity)) continue;
                string what = $"{kind.List}[{key}].{field.Name}";
                if (field.IsSecret) add(what, "(secret)", "(another secret)");
                else add(what, field.Show(old) ?? "", field.Show(entity) ?? "");
            }
        }
    }

    // A list of a million numbers is not for reading.
    private static string? Cut(string? value) => value is { Length: > MostShown } ? $"{value.AsSpan(0, MostShown)}... ({value.Length} characters)" : value;

    private static string? Show(DeckRef? deck) => deck is null ? null : $"{deck.Currency} {deck.Version}{string.Concat(deck.Timeline.Select(static c => $", from {RateText.Date(c.From)} {c.Version}"))}";
}
