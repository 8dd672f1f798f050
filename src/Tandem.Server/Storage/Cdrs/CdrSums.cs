using System.Data.Common;
using Tandem.Switching.Settings;

namespace Tandem.Server.Storage.Cdrs;

/// <summary>What some calls come to, by the currency they were sold in; "" for those nobody paid.</summary>
public sealed class CdrSums
{
    public long Calls { get; private set; }

    public long Answered { get; private set; }

    public long HoldMillis { get; private set; }

    public SortedDictionary<string, CurrencySum> ByCurrency { get; } = new(StringComparer.Ordinal);

    internal void Add(DbDataReader row)
    {
        long calls = row.GetInt64(1);
        if (calls == 0) return;
        Calls += calls;
        Answered += row.GetInt64(2);
        HoldMillis += row.GetInt64(3);
        string currency = row.GetString(0);
        if (currency.Length == 0) return;
        CurrencySum sum = ByCurrency.GetValueOrDefault(currency) ?? new CurrencySum(0, 0, 0, 0, 0);
        ByCurrency[currency] = new CurrencySum(sum.BilledSeconds + row.GetInt64(4), sum.SaleNanos + row.GetInt64(5), sum.CostNanos + row.GetInt64(6), sum.AgentNanos + row.GetInt64(7), sum.ForeignCosts + row.GetInt64(8));
    }
}

/// <param name="BilledSeconds">Seconds charged.</param>
/// <param name="SaleNanos">Charged to payers.</param>
/// <param name="CostNanos">Charged to carriers' clearing accounts, each in its own currency: of use where they are the same.</param>
/// <param name="AgentNanos">What agents keep of it.</param>
/// <param name="ForeignCosts">Calls whose cost is in another currency than their sale.</param>
public sealed record CurrencySum(long BilledSeconds, long SaleNanos, long CostNanos, long AgentNanos, long ForeignCosts)
{
    /// <summary>What is left; null where a cost is in another currency: it cannot be taken from the sale.</summary>
    public long? Profit(ProfitFormula formula) => ForeignCosts > 0 ? null : SaleNanos - CostNanos - (formula == ProfitFormula.SaleLessAgentsLessCost ? AgentNanos : 0);
}
