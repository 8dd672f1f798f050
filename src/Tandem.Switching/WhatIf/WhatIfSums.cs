using Tandem.Primitives;
using Tandem.Switching.Cdrs;

namespace Tandem.Switching.WhatIf;

/// <summary>What one customer, carrier or destination comes to in one currency, before and after. Amounts are nanos.</summary>
public sealed class WhatIfRow
{
    public required string Name { get; init; }

    public required Currency Currency { get; init; }

    /// <summary>Calls carried.</summary>
    public long CallsBefore { get; internal set; }

    public long CallsAfter { get; internal set; }

    /// <summary>Calls of this row that another gateway carries, or that are carried no more, or newly.</summary>
    public long Moved { get; internal set; }

    public long SaleBefore { get; internal set; }

    public long SaleAfter { get; internal set; }

    public long CostBefore { get; internal set; }

    public long CostAfter { get; internal set; }

    public long MarginBefore => SaleBefore - CostBefore;

    public long MarginAfter => SaleAfter - CostAfter;
}

/// <summary>
/// Adds up calls that were replayed in two worlds: per customer, carrier and destination, each by currency, for nothing is converted. A call whose sale and cost are in two
/// currencies stands in the rows of both, each with its own amount. Sums are exact; one beyond 9.2 billion units overflows with an exception.
/// </summary>
public sealed class WhatIfSums
{
    private readonly Dictionary<(string, Currency), WhatIfRow> _customers = [];
    private readonly Dictionary<(string, Currency), WhatIfRow> _carriers = [];
    private readonly Dictionary<(string, Currency), WhatIfRow> _destinations = [];
    private readonly Dictionary<(string, Currency), WhatIfRow> _totals = [];
    private readonly Dictionary<Currency, (long Sale, long Cost)> _recorded = [];
    private readonly Dictionary<Refusal, long> _refusedBefore = [];
    private readonly Dictionary<Refusal, long> _refusedAfter = [];

    /// <summary>Calls replayed.</summary>
    public long Calls { get; private set; }

    public long Answered { get; private set; }

    /// <summary>Calls that another gateway carries.</summary>
    public long Moved { get; private set; }

    /// <summary>Carried before, not after.</summary>
    public long Lost { get; private set; }

    /// <summary>Carried after, not before.</summary>
    public long Gained { get; private set; }

    public IEnumerable<WhatIfRow> Customers => InOrder(_customers);

    public IEnumerable<WhatIfRow> Carriers => InOrder(_carriers);

    public IEnumerable<WhatIfRow> Destinations => InOrder(_destinations);

    /// <summary>One for each currency.</summary>
    public IEnumerable<WhatIfRow> Totals => InOrder(_totals);

    /// <summary>What these calls were charged when they were made, by currency.</summary>
    public IReadOnlyDictionary<Currency, (long Sale, long Cost)> Recorded => _recorded;

    /// <summary>Calls not carried, by reason.</summary>
    public IReadOnlyDictionary<Refusal, long> RefusedBefore => _refusedBefore;

    public IReadOnlyDictionary<Refusal, long> RefusedAfter => _refusedAfter;

    public void Add(Cdr cdr, in Replayed before, in Replayed after)
    {
        Calls++;
        if (cdr.WasAnswered) Answered++;
        bool moved = before.Carrier != after.Carrier;
        if (before.WasCarried && after.WasCarried && moved) Moved++;
        if (before.WasCarried && !after.WasCarried) Lost++;
        if (!before.WasCarried && after.WasCarried) Gained++;
        Count(_refusedBefore, before);
        Count(_refusedAfter, after);
        Record(cdr.Sale, sale: true);
        Record(cdr.Cost, sale: false);
        Add(_customers, before.Customer, after.Customer, before, after, moved);
        Add(_carriers, before.Carrier, after.Carrier, before, after, moved);
        Add(_destinations, before.Destination, after.Destination, before, after, moved);
        Add(_totals, "", "", before, after, moved);
    }

    private void Record(CallCharge? charge, bool sale)
    {
        if (charge is null) return;
        (long sales, long costs) = _recorded.GetValueOrDefault(charge.Tariff.Currency);
        _recorded[charge.Tariff.Currency] = sale ? (checked(sales + charge.Nanos), costs) : (sales, checked(costs + charge.Nanos));
    }

    private static void Count(Dictionary<Refusal, long> refused, in Replayed call)
    {
        if (!call.WasCarried) refused[call.Refusal] = refused.GetValueOrDefault(call.Refusal) + 1;
    }

    private static void Add(Dictionary<(string, Currency), WhatIfRow> rows, string nameBefore, string nameAfter, in Replayed before, in Replayed after, bool moved)
    {
        foreach (Currency currency in CurrenciesOf(before))
        {
            WhatIfRow row = Row(rows, nameBefore, currency);
            if (before.WasCarried) row.CallsBefore++;
            if (moved) row.Moved++;
            if (before.Sale.Currency == currency) row.SaleBefore = checked(row.SaleBefore + before.Sale.Nanos);
            if (before.Cost.Currency == currency) row.CostBefore = checked(row.CostBefore + before.Cost.Nanos);
        }
        foreach (Currency currency in CurrenciesOf(after))
        {
            WhatIfRow row = Row(rows, nameAfter, currency);
            if (after.WasCarried) row.CallsAfter++;
            if (moved && (nameBefore != nameAfter || !CurrenciesOf(before).Contains(currency))) row.Moved++;
            if (after.Sale.Currency == currency) row.SaleAfter = checked(row.SaleAfter + after.Sale.Nanos);
            if (after.Cost.Currency == currency) row.CostAfter = checked(row.CostAfter + after.Cost.Nanos);
        }
    }

    // A call nobody pays for and of which no cost is known counts in the row without currency.
    private static Currency[] CurrenciesOf(in Replayed call) =>
        call.Sale.Currency == call.Cost.Currency || call.Cost.Currency == default ? [call.Sale.Currency]
        : call.Sale.Currency == default ? [call.Cost.Currency]
        : [call.Sale.Currency, call.Cost.Currency];

    private static WhatIfRow Row(Dictionary<(string, Currency), WhatIfRow> rows, string name, Currency currency)
    {
        if (!rows.TryGetValue((name, currency), out WhatIfRow? row)) rows.Add((name, currency), row = new WhatIfRow { Name = name, Currency = currency });
        return row;
    }

    // What changes most stands first.
    private static IEnumerable<WhatIfRow> InOrder(Dictionary<(string, Currency), WhatIfRow> rows) =>
        rows.Values.OrderByDescending(static r => Int128.Abs((Int128)r.MarginAfter - r.MarginBefore)).ThenByDescending(static r => r.Moved).ThenBy(static r => r.Name, StringComparer.Ordinal).ThenBy(static r => r.Currency.ToString(), StringComparer.Ordinal);
}
