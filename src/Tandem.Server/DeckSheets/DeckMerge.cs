using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.DeckSheets;

/// <summary>
/// Lays a carrier's file over a deck. A code the file names is from the stated time on what the file says, and until then what it was; a code it does not name ends then where the file is whole, and stays where
/// it has changes only. A code of a row that could not be read stays as it is. Of the line before, the area code, the type and the announced fee are kept, and the destination where the file has none.
/// </summary>
internal static class DeckMerge
{
    /// <summary>The lines of the deck as it would be.</summary>
    /// <param name="before">The deck; null: there is none yet.</param>
    /// <param name="sheet">The file.</param>
    /// <param name="from">From when codes end that a whole file does not name; default: at once.</param>
    /// <param name="now">Lines that ceased to hold before are left out; a time that is past is "at once".</param>
    public static List<Rate> Lay(Deck? before, SheetRead sheet, Instant from, Instant now)
    {
        Dictionary<DialString, List<SheetOffer>> more = [];
        Dictionary<DialString, SheetOffer> offers = new(sheet.Offers.Count);
        foreach (SheetOffer offer in sheet.Offers)
        {
            if (sheet.Unknown.Contains(offer.Code)) continue; // another row says something else of it, or cannot be read
            if (offers.TryAdd(offer.Code, offer)) continue;
            if (!more.TryGetValue(offer.Code, out List<SheetOffer>? all)) more[offer.Code] = all = [offers[offer.Code]];
            all.Add(offer);
        }
        foreach (List<SheetOffer> all in more.Values) all.Sort(static (x, y) => x.From.CompareTo(y.From));
        Instant ends = from <= now ? default : from;

        List<Rate> lines = new(Math.Max(offers.Count, before?.Rates.Count ?? 0));
        List<Rate> old = [];
        IReadOnlyList<Rate> rates = before?.Rates ?? [];
        for (int i = 0; i < rates.Count;)
        {
            DialString code = rates[i].Prefix;
            old.Clear();
            for (; i < rates.Count && rates[i].Prefix == code; i++)
            {
                if (rates[i].Until == default || rates[i].Until > now) old.Add(rates[i].From <= now ? rates[i] with { From = default } : rates[i]);
            }
            if (more.TryGetValue(code, out List<SheetOffer>? several)) Replace(old, several, now, lines);
            else if (offers.TryGetValue(code, out SheetOffer offer)) Replace(old, [offer], now, lines);
            else if (!sheet.IsWhole || sheet.Unknown.Contains(code)) lines.AddRange(old);
            else Cut(old, ends, lines);
            offers.Remove(code);
        }
        foreach ((DialString code, SheetOffer offer) in offers) Replace([], more.TryGetValue(code, out List<SheetOffer>? several) ? several : [offer], now, lines);
        return lines;
    }

    private static void Replace(List<Rate> old, List<SheetOffer> offers, Instant now, List<Rate> lines)
    {
        Instant first = offers[0].From <= now ? default : offers[0].From;
        Cut(old, first, lines);
        for (int i = 0; i < offers.Count; i++)
        {
            SheetOffer offer = offers[i];
            Instant from = offer.From <= now ? default : offer.From, until = offer.Until;
            if (i + 1 < offers.Count && (until == default || until > offers[i + 1].From)) until = offers[i + 1].From;
            if (offer.Kind == OfferKind.Deleted || (until != default && (until <= now || until <= from))) continue;
            Rate? was = old.Count > 0 ? old.FindLast(r => r.From <= from) is { Prefix.Length: > 0 } held ? held : old[0] : null;
            if (!offer.Priced && was is null) continue; // blocked, without a price, and never offered
            RateDetails? kept = was?.Details is { } details ? (details with { Periods = [] }).OrNull() : null;
            lines.Add(new Rate(offer.Code, offer.Area.Length > 0 ? offer.Area : was?.Area ?? "", offer.Priced ? offer.Tariff : was!.Value.Tariff, offer.Kind == OfferKind.Blocked, offer.Priced ? kept : was!.Value.Details) { From = from, Until = until });
        }
    }

    // What held, up to a time.
    private static void Cut(List<Rate> old, Instant at, List<Rate> lines)
    {
        if (at == default) return;
        foreach (Rate rate in old)
        {
            if (rate.From >= at) continue;
            lines.Add(rate.Until == default || rate.Until > at ? rate with { Until = at } : rate);
        }
    }
}
