using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.WhatIf;

namespace Tandem.Server.Hosting;

/// <summary>The sums of a replay as the API shows them.</summary>
internal static class WhatIfAnswer
{
    public static WhatIfView Of(WhatIfSums sums, Instant since, Instant until, int revision, IReadOnlyList<ChangeView> changes) => new()
    {
        Since = since,
        Until = until,
        Revision = revision,
        Changes = changes,
        Calls = sums.Calls,
        Answered = sums.Answered,
        Moved = sums.Moved,
        Lost = sums.Lost,
        Gained = sums.Gained,
        Totals = Rows(sums.Totals),
        Customers = Rows(sums.Customers),
        Carriers = Rows(sums.Carriers),
        Destinations = Rows(sums.Destinations),
        Refused =
        [
            .. sums.RefusedBefore.Keys.Union(sums.RefusedAfter.Keys).Order()
                .Select(r => new WhatIfRefusalView(r.ToString(), r.Meaning().Says, sums.RefusedBefore.GetValueOrDefault(r), sums.RefusedAfter.GetValueOrDefault(r))),
        ],
        Recorded =
        [
            .. sums.Recorded.OrderBy(static r => r.Key.ToString(), StringComparer.Ordinal)
                .Select(static r => new WhatIfRecordedView(r.Key.ToString(), Amount(r.Value.Sale), Amount(r.Value.Cost), Amount(r.Value.Sale - r.Value.Cost))),
        ],
    };

    private static IReadOnlyList<WhatIfRowView> Rows(IEnumerable<WhatIfRow> rows) =>
    [
        .. rows.Select(static r => new WhatIfRowView
        {
            Name = r.Name,
            Currency = r.Currency == default ? "" : r.Currency.ToString(),
            CallsBefore = r.CallsBefore,
            CallsAfter = r.CallsAfter,
            Moved = r.Moved,
            SaleBefore = Amount(r.SaleBefore),
            SaleAfter = Amount(r.SaleAfter),
            CostBefore = Amount(r.CostBefore),
            CostAfter = Amount(r.CostAfter),
            MarginBefore = Amount(r.MarginBefore),
            MarginAfter = Amount(r.MarginAfter),
            MarginChange = Amount(r.MarginAfter - r.MarginBefore),
        }),
    ];

    // Exact: every nano is shown.
    private static string Amount(long nanos) => new Money(nanos, default).ToDecimalString();
}
