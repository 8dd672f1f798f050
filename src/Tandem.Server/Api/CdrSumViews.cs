using Tandem.Primitives;
using Tandem.Server.Storage.Cdrs;

namespace Tandem.Server.Api;

/// <param name="Currency">What was paid in.</param>
/// <param name="BilledSeconds">Seconds charged.</param>
/// <param name="Sale">Charged to payers.</param>
/// <param name="Cost">Charged to carriers' clearing accounts of the same calls.</param>
public sealed record CurrencySumView(Currency Currency, long BilledSeconds, Money Sale, Money Cost);

public sealed record CdrSumsView
{
    public required long Calls { get; init; }
    public required long Answered { get; init; }
    public required long HoldMillis { get; init; }
    public required IReadOnlyList<CurrencySumView> ByCurrency { get; init; }

    public static CdrSumsView Of(CdrSums sums) => new()
    {
        Calls = sums.Calls,
        Answered = sums.Answered,
        HoldMillis = sums.HoldMillis,
        ByCurrency = [.. sums.ByCurrency.Select(static p => (Currency: Currency.Parse(p.Key), Sum: p.Value))
            .Select(static p => new CurrencySumView(p.Currency, p.Sum.BilledSeconds, new Money(p.Sum.SaleNanos, p.Currency), new Money(p.Sum.CostNanos, p.Currency)))],
    };
}

/// <param name="Since">The hour it begins with.</param>
/// <param name="Until">The hour it ends before.</param>
/// <param name="By">What each row is of.</param>
/// <param name="Pattern">What each row shows.</param>
/// <param name="Rows">Most calls first.</param>
public sealed record CdrAnalysisView(Instant Since, Instant Until, AnalysisBy By, FraudPattern Pattern, IReadOnlyList<CdrAnalysisRow> Rows);
