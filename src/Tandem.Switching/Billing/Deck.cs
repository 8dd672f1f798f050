using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Tandem.Primitives;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Switching.Billing;

/// <summary>
/// One version of a price list: never changed, named by its content. Its canonical text is the line
/// <c>tandem-deck,1,CUR,COUNT</c> and, sorted by prefix, one line a rate: <c>prefix,rate,connect,first,next,locked,area</c> with
/// amounts in nanos and the area last, so that it needs no quoting. Lines end in LF. A deck that has more to say, and only such a one, is of the second form
/// (<see cref="DeckText"/>): <c>tandem-deck,2,CUR,COUNT,ZONE</c> and lines with one field more before the area.
/// </summary>
public sealed class Deck
{
    public const int MaxPrefixLength = RateTable.MaxPrefixLength;
    public const int MaxAreaLength = 128;

    private static readonly SearchValues<byte> PrefixBytes = SearchValues.Create("0123456789*#"u8);

    private readonly Rate[] _rates;

    private Deck(string name, Currency currency, string zone, Rate[] rates, byte[] canonical, string version)
    {
        Name = name;
        Currency = currency;
        Zone = zone;
        _rates = rates;
        HasDates = Array.Exists(rates, static r => r.From != default || r.Until != default);
        Canonical = canonical;
        Version = version;
    }

    /// <summary>The time zone its periods are meant in, as IANA names it; empty: the switch's.</summary>
    public string Zone { get; }

    /// <summary>Some line begins or ceases to hold at a date.</summary>
    public bool HasDates { get; }

    /// <summary>The last date not after this one at which some line began or ceased to hold; default: none did.</summary>
    public Instant ChangeBefore(Instant at)
    {
        Instant last = default;
        if (!HasDates) return last;
        foreach (ref readonly Rate rate in _rates.AsSpan())
        {
            if (rate.From <= at && rate.From > last) last = rate.From;
            if (rate.Until <= at && rate.Until > last) last = rate.Until;
        }
        return last;
    }

    /// <summary>The first date after this one at which some line begins or ceases to hold.</summary>
    public Instant ChangeAfter(Instant at)
    {
        Instant next = Instant.Never;
        if (!HasDates) return next;
        foreach (ref readonly Rate rate in _rates.AsSpan())
        {
            if (rate.From > at && rate.From < next) next = rate.From;
            if (rate.Until > at && rate.Until < next) next = rate.Until;
        }
        return next;
    }

    /// <summary>What the operator calls it; no part of the version.</summary>
    public string Name { get; }

    /// <summary>Lower-case hex SHA-256 of the canonical text.</summary>
    public string Version { get; }

    public Currency Currency { get; }

    /// <summary>Sorted by prefix and date; no prefix has two lines that hold at once.</summary>
    public IReadOnlyList<Rate> Rates => _rates;

    /// <summary>The canonical text, UTF-8.</summary>
    public ReadOnlyMemory<byte> Canonical { get; }

    /// <summary>Makes a deck of rates in any order; false with a sentence at the first rate that cannot be.</summary>
    public static bool TryCreate(string name, Currency currency, IEnumerable<Rate> rates, [NotNullWhen(true)] out Deck? deck, [NotNullWhen(false)] out string? error) =>
        TryCreate(name, currency, "", rates, out deck, out error);

    /// <summary>Likewise, with the time zone its periods are meant in.</summary>
    public static bool TryCreate(string name, Currency currency, string zone, IEnumerable<Rate> rates, [NotNullWhen(true)] out Deck? deck, [NotNullWhen(false)] out string? error)
    {
        deck = null;
        if (zone.Length > 0 && !IsZone(zone))
        {
            error = $"'{zone}' is no time zone: its IANA name is needed, as in Europe/Paris";
            return false;
        }
        Rate[] sorted = [.. rates];
        bool plain = zone.Length == 0;
        foreach (ref Rate rate in sorted.AsSpan())
        {
            // What says nothing is not there, so that the same content is the same version.
            if (rate.Tariff.Terms is { } terms) rate = rate with { Tariff = rate.Tariff with { Terms = terms.OrNull() } };
            if (rate.Details is { } details) rate = rate with { Details = details.OrNull() };
            plain &= rate is { Tariff.Terms: null, Details: null } && rate.From == default && rate.Until == default;
            error = Fault(rate, currency);
            if (error is not null)
            {
                error = $"prefix '{rate.Prefix}': {error}";
                return false;
            }
        }
        Array.Sort(sorted, static (a, b) => a.Prefix.Bytes.SequenceCompareTo(b.Prefix.Bytes) is not 0 and var order ? order : a.From.CompareTo(b.From));
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Prefix != sorted[i - 1].Prefix || (sorted[i - 1].Until != default && sorted[i - 1].Until <= sorted[i].From)) continue;
            error = sorted[i].From == default && sorted[i - 1].Until == default ? $"prefix '{sorted[i].Prefix}' occurs twice" : $"prefix '{sorted[i].Prefix}' has two lines that hold from {sorted[i].From} on";
            return false;
        }
        byte[] canonical = DeckText.Write(currency, zone, sorted, plain);
        deck = new Deck(name, currency, zone, sorted, canonical, VersionOf(canonical));
        error = null;
        return true;
    }

    /// <summary>Reads a canonical text back; false with a sentence naming the line when it is none.</summary>
    public static bool TryParse(string name, ReadOnlySpan<byte> canonical, [NotNullWhen(true)] out Deck? deck, [NotNullWhen(false)] out string? error)
    {
        deck = null;
        if (!DeckText.TryRead(canonical, out Currency currency, out string zone, out Rate[] rates, out error)) return false;
        if (!TryCreate(name, currency, zone, rates, out deck, out error)) return false;
        if (deck.Canonical.Span.SequenceEqual(canonical)) return true;
        deck = null;
        error = "the deck is not in canonical form";
        return false;
    }

    /// <summary>A name the machine knows a time zone by.</summary>
    public static bool IsZone(string zone) => zone.Length is > 0 and <= 64 && !zone.Contains(',', StringComparison.Ordinal) && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _);

    public static string VersionOf(ReadOnlySpan<byte> canonical) => Convert.ToHexStringLower(SHA256.HashData(canonical));

    /// <summary>True for 1 to 16 of 0-9 * #.</summary>
    public static bool IsPrefix(in DialString prefix) =>
        prefix.Length is > 0 and <= MaxPrefixLength && !prefix.Bytes.ContainsAnyExcept(PrefixBytes);

    private static string? Fault(in Rate rate, Currency currency) =>
        !IsPrefix(rate.Prefix) ? "a prefix is 1 to 16 of 0-9 * #"
        : rate.Tariff.Currency != currency ? $"the rate is in {rate.Tariff.Currency}, the deck in {currency}"
        : rate.Tariff.Terms?.Exchange is not null ? "a line of a deck has no exchange rate"
        : rate.Area.Length > MaxAreaLength ? "the area is longer than 128 characters"
        : rate.Area.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0 ? "the area has a control character"
        : rate.From.Micros < 0 || rate.Until.Micros < 0 || rate.Until == Instant.Never ? "its dates are none after 1970"
        : rate.Until != default && rate.Until <= rate.From ? "it ceases to hold before it begins to"
        : rate.Details is { } details && Fault(details, currency) is { } wrong ? wrong
        : Pricing.Fault(rate.Tariff);

    private static string? Fault(RateDetails details, Currency currency)
    {
        if (details.AreaCode.Length > RateDetails.MaxAreaCodeLength || !details.AreaCode.All(char.IsAsciiLetterOrDigit)) return "an area code is up to 16 letters and digits";
        if (details.Level is not (0 or CallLevel.Net or CallLevel.Local or CallLevel.National or CallLevel.International)) return "the type is none of net (1), local (2), national (4) and international (5)";
        if (details.IvrFeeNanos is < 0 or > Pricing.MaxFeeNanos) return "the announced fee must be 0 to 100000";
        if (details.IvrSeconds is < 0 or > Pricing.MaxIntervalSeconds) return "the announced cycle must be 0 to 86400 seconds";
        if (details.Periods.Length > RateDetails.MaxPeriods) return $"at most {RateDetails.MaxPeriods} periods";
        for (int i = 0; i < details.Periods.Length; i++)
        {
            (WeekPeriod when, Tariff tariff) = details.Periods[i];
            if (tariff.Currency != currency || tariff.Terms?.Exchange is not null) return $"the price of the period '{when.Text}' is not in {currency}";
            if (Pricing.Fault(tariff) is { } wrong) return $"the period '{when.Text}': {wrong}";
            for (int k = 0; k < i; k++)
            {
                if (when.Overlaps(details.Periods[k].When)) return $"the periods '{details.Periods[k].When.Text}' and '{when.Text}' overlap";
            }
        }
        return null;
    }
}
