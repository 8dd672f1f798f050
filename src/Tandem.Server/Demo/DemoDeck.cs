using System.Globalization;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.Demo;

/// <summary>
/// Decks for the demo: made-up prices over real numbering facts (<see cref="E164Plan"/>), always the same. Carriers differ by zone, so routing by cost
/// has something to choose; each customer pays, for every prefix, more than any carrier asks.
/// </summary>
public static class DemoDeck
{
    public const int Carriers = 3;
    public const int Customers = 2;

    /// <summary>The cost deck of carrier 1 to 3: intervals 1/1, 6/6 and 30/6.</summary>
    public static Deck Carrier(int which)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(which, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(which, Carriers);
        (int first, int next) = which switch { 1 => (1, 1), 2 => (6, 6), _ => (30, 6) };
        return Make($"carrier-{which}", p => new Tariff(Cost(p, which), 0, first, next, Currency.Usd));
    }

    /// <summary>The sale deck of customer 1 (wholesale, 15 % on the dearest carrier, 1/1) or 2 (retail, 40 %, a connect fee of 0.01 to mobiles, 60/60).</summary>
    public static Deck Customer(int which)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(which, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(which, Customers);
        int percent = which == 1 ? 115 : 140;
        return Make($"customer-{which}", p =>
        {
            long dearest = 0;
            for (int carrier = 1; carrier <= Carriers; carrier++) dearest = Math.Max(dearest, Cost(p, carrier));
            long rate = RoundUp(dearest * percent / 100);
            return which == 1 ? new Tariff(rate, 0, 1, 1, Currency.Usd) : new Tariff(rate, p.IsMobile ? 10_000_000 : 0, 60, 60, Currency.Usd);
        });
    }

    private static Deck Make(string name, Func<Place, Tariff> price)
    {
        IEnumerable<Rate> rates = Places().Select(p => new Rate(DialString.Parse(p.Prefix), p.Area, price(p), Locked: false));
        return Deck.TryCreate(name, Currency.Usd, rates, out Deck? deck, out string? error) ? deck : throw new InvalidOperationException(error);
    }

    /// <summary>Every prefix once: the zone, and under it each two further digits (three in the North American plan).</summary>
    private static IEnumerable<Place> Places()
    {
        Dictionary<string, string> named = E164Plan.NorthAmericanIslandsAndCanada.ToDictionary(static a => a.AreaCode, static a => a.Name, StringComparer.Ordinal);
        yield return new Place(E164Plan.NorthAmerica, E164Plan.NorthAmerica, "United States", IsMobile: false);
        for (int areaCode = 200; areaCode < 1000; areaCode++)
        {
            if (areaCode % 100 == 11 || areaCode / 10 % 10 == 9) continue; // service codes and the plan's reserve (N11, N9X)
            string digits = areaCode.ToString(CultureInfo.InvariantCulture);
            string area = named.GetValueOrDefault(digits, "United States");
            yield return new Place(E164Plan.NorthAmerica + digits, area == "United States" ? E164Plan.NorthAmerica : area, area, IsMobile: false);
        }
        foreach (E164Zone zone in E164Plan.Zones)
        {
            string[] mobiles = zone.Mobile.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] longer = [.. mobiles.Where(static m => m.Length > 2)];
            yield return new Place(zone.Code, zone.Code, zone.Name, IsMobile: false);
            for (int digits = 0; digits < 100; digits++)
            {
                string national = digits.ToString("D2", CultureInfo.InvariantCulture);
                bool mobile = mobiles.Any(m => m.Length <= 2 && national.StartsWith(m, StringComparison.Ordinal));
                yield return new Place(zone.Code + national, zone.Code, mobile ? zone.Name + " Mobile" : zone.Name, mobile);
            }
            foreach (string national in longer) yield return new Place(zone.Code + national, zone.Code, zone.Name + " Mobile", IsMobile: true);
        }
    }

    /// <summary>Nanos a minute, in steps of 0.0001: from the zone, dearer to mobiles, a little by the digits behind, and by carrier.</summary>
    private static long Cost(in Place place, int carrier)
    {
        long zone = 3_000_000 + (long)(Mix(place.Zone, 1) % 60_000_000);
        if (place.IsMobile) zone = zone * (150 + (long)(Mix(place.Zone, 2) % 250)) / 100;
        long breakout = zone * (90 + (long)(Mix(place.Prefix, 3) % 21)) / 100;
        return RoundUp(breakout * (85 + (long)(Mix(place.Zone, 10 + (uint)carrier) % 31)) / 100);
    }

    private static long RoundUp(long nanos) => (nanos + 99_999) / 100_000 * 100_000;

    /// <summary>FNV-1a with a last stir: the same on every machine.</summary>
    private static ulong Mix(string text, uint salt)
    {
        ulong hash = 14695981039346656037 ^ salt;
        foreach (char c in text) hash = (hash ^ c) * 1099511628211;
        hash ^= hash >> 29;
        hash *= 0xbf58476d1ce4e5b9;
        return hash ^ (hash >> 32);
    }

    private readonly record struct Place(string Prefix, string Zone, string Area, bool IsMobile);
}
