using System.Diagnostics.CodeAnalysis;
using Tandem.Primitives;
using Tandem.Switching.Configuration;

namespace Tandem.Switching.Billing;

/// <summary>Rates of exchange by pair and date. Never changed once made.</summary>
public sealed class ExchangeTable
{
    public static readonly ExchangeTable Empty = new([]);

    private readonly Dictionary<(Currency From, Currency To), Exchange[]> _pairs; // by date

    /// <param name="rates">Checked already.</param>
    public ExchangeTable(IEnumerable<ExchangeRateConfig> rates)
    {
        Dictionary<(Currency, Currency), List<Exchange>> pairs = [];
        foreach (ExchangeRateConfig said in rates)
        {
            if (!ExchangeRateConfig.TryRead(said.Exchange, out Currency from, out Currency to, out Instant date)) throw new InvalidOperationException($"'{said.Exchange}' is no rate of exchange.");
            if (!pairs.TryGetValue((from, to), out List<Exchange>? list)) pairs.Add((from, to), list = []);
            list.Add(new Exchange(from, said.RateNanos, date));
        }
        _pairs = pairs.ToDictionary(static p => p.Key, static p => p.Value.OrderBy(static e => e.Date).ToArray());
    }

    /// <summary>There is some rate between the two, whatever its date.</summary>
    public bool Knows(Currency from, Currency to) => _pairs.ContainsKey((from, to)) || _pairs.ContainsKey((to, from));

    /// <summary>
    /// The rate in force at a moment: the last stated of the pair; where none is, what one unit of the other gives, to the nearest billionth.
    /// </summary>
    public bool TryFind(Currency from, Currency to, Instant at, [NotNullWhen(true)] out Exchange? exchange)
    {
        exchange = Last(from, to, at);
        if (exchange is not null) return true;
        if (Last(to, from, at) is not { } other) return false;
        long inverse = (long)((((Int128)Money.NanosPerUnit * Money.NanosPerUnit) + (other.RateNanos / 2)) / other.RateNanos);
        if (inverse is < 1 or > Exchange.MaxRateNanos) return false;
        exchange = new Exchange(from, inverse, other.Date);
        return true;
    }

    private Exchange? Last(Currency from, Currency to, Instant at)
    {
        if (_pairs.Count == 0 || !_pairs.TryGetValue((from, to), out Exchange[]? rates)) return null;
        Exchange? found = null;
        foreach (Exchange rate in rates)
        {
            if (rate.Date > at) break;
            found = rate;
        }
        return found;
    }
}
