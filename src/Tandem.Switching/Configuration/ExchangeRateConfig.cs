using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Tandem.Primitives;

namespace Tandem.Switching.Configuration;

/// <summary>What one unit of a currency is in another, from a date on (docs/currencies.md).</summary>
public sealed record ExchangeRateConfig
{
    /// <summary>"EUR/USD 2026-12-01" or "EUR/USD 2026-12-01T06:00:00Z": one EUR is so many USD from then on.</summary>
    public required string Exchange { get; init; }

    public long RateNanos { get; init; }

    public string Memo { get; init; } = "";

    public static bool TryRead(string exchange, out Currency from, out Currency to, out Instant date)
    {
        (from, to, date) = (default, default, default);
        if (exchange.Length < 18 || exchange[3] != '/' || exchange[7] != ' ' || !Currency.TryParse(exchange.AsSpan(0, 3), out from) || !Currency.TryParse(exchange.AsSpan(4, 3), out to)) return false;
        if (!DateTime.TryParseExact(exchange.AsSpan(8), ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime at) || at.Year < 1970) return false;
        date = Instant.FromUtc(at);
        return true;
    }

    /// <summary>What is wrong with such a text in a sentence; null: nothing.</summary>
    public static string? Wrong(string exchange) =>
        !TryRead(exchange, out Currency from, out Currency to, out _) ? "it is no pair of currencies and a date, as in 'EUR/USD 2026-12-01' or 'EUR/USD 2026-12-01T06:00:00Z'"
        : from == to ? "a currency is not exchanged for itself" : null;
}
