using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Tandem.Primitives;

namespace Tandem.Switching.Billing;

/// <summary>
/// One version of a price list: never changed, named by its content. Its canonical text is the line
/// <c>tandem-deck,1,CUR,COUNT</c> and, sorted by prefix, one line a rate: <c>prefix,rate,connect,first,next,locked,area</c> with
/// amounts in nanos and the area last, so that it needs no quoting. Lines end in LF.
/// </summary>
public sealed class Deck
{
    public const int MaxPrefixLength = RateTable.MaxPrefixLength;
    public const int MaxAreaLength = 128;

    private static readonly SearchValues<byte> PrefixBytes = SearchValues.Create("0123456789*#"u8);

    private Deck(string name, Currency currency, Rate[] rates, byte[] canonical, string version)
    {
        Name = name;
        Currency = currency;
        Rates = rates;
        Canonical = canonical;
        Version = version;
    }

    /// <summary>What the operator calls it; no part of the version.</summary>
    public string Name { get; }

    /// <summary>Lower-case hex SHA-256 of the canonical text.</summary>
    public string Version { get; }

    public Currency Currency { get; }

    /// <summary>Sorted by prefix, no prefix twice.</summary>
    public IReadOnlyList<Rate> Rates { get; }

    /// <summary>The canonical text, UTF-8.</summary>
    public ReadOnlyMemory<byte> Canonical { get; }

    /// <summary>Makes a deck of rates in any order; false with a sentence at the first rate that cannot be.</summary>
    public static bool TryCreate(string name, Currency currency, IEnumerable<Rate> rates, [NotNullWhen(true)] out Deck? deck, [NotNullWhen(false)] out string? error)
    {
        deck = null;
        Rate[] sorted = [.. rates];
        foreach (ref readonly Rate rate in sorted.AsSpan())
        {
            error = Fault(rate, currency);
            if (error is not null)
            {
                error = $"prefix '{rate.Prefix}': {error}";
                return false;
            }
        }
        Array.Sort(sorted, static (a, b) => a.Prefix.Bytes.SequenceCompareTo(b.Prefix.Bytes));
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Prefix != sorted[i - 1].Prefix) continue;
            error = $"prefix '{sorted[i].Prefix}' occurs twice";
            return false;
        }
        StringBuilder text = new((sorted.Length * 48) + 64);
        text.Append("tandem-deck,1,").Append(currency).Append(',').Append(sorted.Length).Append('\n');
        foreach (ref readonly Rate rate in sorted.AsSpan())
        {
            text.Append(rate.Prefix).Append(',').Append(rate.Tariff.RatePerMinuteNanos).Append(',').Append(rate.Tariff.ConnectFeeNanos).Append(',')
                .Append(rate.Tariff.FirstSeconds).Append(',').Append(rate.Tariff.NextSeconds).Append(',').Append(rate.Locked ? '1' : '0').Append(',')
                .Append(rate.Area).Append('\n');
        }
        byte[] canonical = Encoding.UTF8.GetBytes(text.ToString());
        deck = new Deck(name, currency, sorted, canonical, VersionOf(canonical));
        error = null;
        return true;
    }

    /// <summary>Reads a canonical text back; false with a sentence naming the line when it is none.</summary>
    public static bool TryParse(string name, ReadOnlySpan<byte> canonical, [NotNullWhen(true)] out Deck? deck, [NotNullWhen(false)] out string? error)
    {
        deck = null;
        string text = Encoding.UTF8.GetString(canonical);
        string[] lines = text.Split('\n');
        string[] head = lines[0].Split(',');
        if (head.Length != 4 || head[0] != "tandem-deck" || head[1] != "1" || !Currency.TryParse(head[2], out Currency currency)
            || !int.TryParse(head[3], out int count) || lines.Length != count + 2 || lines[^1].Length > 0)
        {
            error = "line 1: this is no deck, or it is cut short";
            return false;
        }
        Rate[] rates = new Rate[count];
        for (int i = 0; i < count; i++)
        {
            string[] fields = lines[i + 1].Split(',', 7);
            if (fields.Length != 7 || !DialString.TryParse(fields[0].AsSpan(), out DialString prefix) || !long.TryParse(fields[1], out long rate)
                || !long.TryParse(fields[2], out long fee) || !int.TryParse(fields[3], out int first) || !int.TryParse(fields[4], out int next)
                || fields[5] is not ("0" or "1"))
            {
                error = $"line {i + 2}: this is no rate";
                return false;
            }
            rates[i] = new Rate(prefix, fields[6], new Tariff(rate, fee, first, next, currency), fields[5] == "1");
        }
        if (!TryCreate(name, currency, rates, out deck, out error)) return false;
        if (deck.Canonical.Span.SequenceEqual(canonical)) return true;
        deck = null;
        error = "the deck is not in canonical form";
        return false;
    }

    public static string VersionOf(ReadOnlySpan<byte> canonical) => Convert.ToHexStringLower(SHA256.HashData(canonical));

    /// <summary>True for 1 to 16 of 0-9 * #.</summary>
    public static bool IsPrefix(in DialString prefix) =>
        prefix.Length is > 0 and <= MaxPrefixLength && !prefix.Bytes.ContainsAnyExcept(PrefixBytes);

    private static string? Fault(in Rate rate, Currency currency) =>
        !IsPrefix(rate.Prefix) ? "a prefix is 1 to 16 of 0-9 * #"
        : rate.Tariff.Currency != currency ? $"the rate is in {rate.Tariff.Currency}, the deck in {currency}"
        : rate.Area.Length > MaxAreaLength ? "the area is longer than 128 characters"
        : rate.Area.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0 ? "the area has a control character"
        : Pricing.Fault(rate.Tariff);
}
