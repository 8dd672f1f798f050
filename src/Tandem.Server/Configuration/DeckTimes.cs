using System.Text.Json;
using Tandem.Primitives;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Configuration;

/// <summary>
/// When a deck's versions hold, as documents say it (docs/decks.md): <c>validFrom</c> and <c>validUntil</c> put the stated version among those that were there; <c>timeline</c>
/// states all that follow <c>version</c>.
/// </summary>
internal static class DeckTimes
{
    /// <summary>The stated deck with its times; null with faults.</summary>
    public static DeckRef? Read(DocumentNode node, string path, DeckRef said, DeckRef? before, IDeckShelf? shelf, Instant now, FaultList faults)
    {
        bool ok = true;
        Instant from = Time("validFrom"), until = Time("validUntil");
        if (!ok) return null;
        if (node.Member("timeline") is { } timeline)
        {
            if (from != default || until != default) return Wrong(timeline, "timeline", "with it there is no validFrom and no validUntil");
            return ReadTimeline(timeline, path, said, shelf, faults);
        }
        // The journal's own documents say everything.
        if (shelf is null || (before is null && from == default && until == default)) return said;
        if (before is null) return Wrong(node.Member("validFrom") ?? node.Member("validUntil")!, from != default ? "validFrom" : "validUntil", "there is no deck of this name yet that holds before or after");
        if (before.Currency != said.Currency) return from == default && until == default ? said : Wrong(node, "currency", $"the deck is in {before.Currency} until then; a deck in another currency has another name");
        said = said with { Timeline = before.Timeline };
        if (from == default && until == default) return before.VersionAt(now) == said.Version ? said with { Version = before.Version } : said.Now(said.Version, now);
        if (from == default) from = new Instant(now.Micros - (now.Micros % 1_000_000)); // times are written in whole seconds
        if (until != default && until <= from) return Wrong(node.Member("validUntil")!, "validUntil", "it is not after the time from which the version holds");
        DeckRef dated = (said with { Version = before.Version }).Between(said.Version, from, until == default ? Instant.Never : until);
        return dated.Timeline.Length > DeckRef.MaxChanges ? Wrong(node, "validFrom", $"a deck has at most {DeckRef.MaxChanges} changes; state it without times, or its timeline") : dated;

        Instant Time(string field)
        {
            if (node.Member(field) is not { } value) return default;
            if (value.Kind == JsonValueKind.String && RateText.TryReadDate(value.Text, out Instant at)) return at;
            Wrong(value, field, $"{value.Shown} is no time: 2026-12-01 or 2026-12-01T06:00:00Z");
            return default;
        }

        DeckRef? Wrong(DocumentNode at, string field, string says)
        {
            faults.Add(at.Line, $"{path}.{field}", says);
            ok = false;
            return null;
        }
    }

    public static void Write(Utf8JsonWriter to, DeckRef deck)
    {
        if (deck.Timeline.IsEmpty) return;
        to.WriteStartArray("timeline");
        foreach (DeckChange change in deck.Timeline)
        {
            to.WriteStartObject();
            to.WriteString("from", RateText.Date(change.From));
            to.WriteString("version", change.Version);
            to.WriteEndObject();
        }
        to.WriteEndArray();
    }

    private static DeckRef? ReadTimeline(DocumentNode list, string path, DeckRef said, IDeckShelf? shelf, FaultList faults)
    {
        List<DeckChange> changes = [];
        if (list.Kind != JsonValueKind.Array || list.Items.Length > DeckRef.MaxChanges)
        {
            faults.Add(list.Line, $"{path}.timeline", $"{list.Shown} is not a list of at most {DeckRef.MaxChanges} changes");
            return null;
        }
        for (int i = 0; i < list.Items.Length; i++)
        {
            DocumentNode item = list.Items[i];
            string? fault = item.Member("from") is not { Kind: JsonValueKind.String } from || !RateText.TryReadDate(from.Text, out Instant at) ? "it needs a time 'from', as in 2026-12-01T06:00:00Z"
                : item.Member("version") is not { Kind: JsonValueKind.String } version || version.Text.Length != 64 || !version.Text.All(char.IsAsciiHexDigitLower) ? "it needs a 'version' of 64 lower-case hexadecimal digits"
                : item.Members.Length != 2 ? "it has no fields but 'from' and 'version'"
                : changes.Count > 0 && at <= changes[^1].From ? "it does not follow the one before in time"
                : shelf is not null && !shelf.TryFind(version.Text, out Currency stored) ? $"no deck of version {version.Text[..12]}… is stored"
                : shelf is not null && shelf.TryFind(version.Text, out stored) && stored != said.Currency ? $"the stored deck is in {stored}, not {said.Currency}"
                : Kept(at, version.Text);
            if (fault is null) continue;
            faults.Add(item.Line, $"{path}.timeline[{i}]", fault);
            return null;
        }
        return said with { Timeline = [.. changes] };

        string? Kept(Instant at, string version)
        {
            changes.Add(new DeckChange(at, version));
            return null;
        }
    }
}
