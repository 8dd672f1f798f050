using Tandem.Primitives;
using Tandem.Server.Storage.Cdrs;
using Tandem.Switching.Settings;

namespace Tandem.Server.Api;

/// <param name="Currency">What was paid in.</param>
/// <param name="BilledSeconds">Seconds charged.</param>
/// <param name="Sale">Charged to payers.</param>
/// <param name="Cost">Charged to carriers' clearing accounts of the same calls.</param>
/// <param name="AgentIncome">What the agents above the payers keep of the sale.</param>
/// <param name="Profit">What is left, by SERVER_BILLING_PROFIT_CALCULATE; null where a cost is in another currency.</param>
public sealed record CurrencySumView(Currency Currency, long BilledSeconds, Money Sale, Money Cost, Money AgentIncome, Money? Profit);

public sealed record CdrSumsView
{
    public required long Calls { get; init; }
    public required long Answered { get; init; }
    public required long HoldMillis { get; init; }
    public required IReadOnlyList<CurrencySumView> ByCurrency { get; init; }

    public static CdrSumsView Of(CdrSums sums, ProfitFormula formula) => new()
    {
        Calls = sums.Calls,
        Answered = sums.Answered,
        HoldMillis = sums.HoldMillis,
        ByCurrency = [.. sums.ByCurrency.Select(static p => (Currency: Currency.Parse(p.Key), Sum: p.Value))
            .Select(p => new CurrencySumView(p.Currency, p.Sum.BilledSeconds, new Money(p.Sum.SaleNanos, p.Currency), new Money(p.Sum.CostNanos, p.Currency), new Money(p.Sum.AgentNanos, p.Currency),
                p.Sum.Profit(formula) is { } profit ? new Money(profit, p.Currency) : null))],
    };
}

/// <param name="Since">The hour it begins with.</param>
/// <param name="Until">The hour it ends before.</param>
/// <param name="By">What each row is of.</param>
/// <param name="Pattern">What each row shows.</param>
/// <param name="Rows">Most calls first.</param>
/// <param name="Next">The cursor of the page after; null: it was the last.</param>
public sealed record CdrAnalysisView(Instant Since, Instant Until, AnalysisBy By, FraudPattern Pattern, IReadOnlyList<CdrAnalysisRow> Rows, string? Next = null);
