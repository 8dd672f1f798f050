using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

public sealed record QuerySettings
{
    [Setting("SERVER_QUERY_ONE_PAGE_SIZE", Min = 1, Max = 100_000, Unit = Unit.Rows, Applies = Applies.NextRequest,
        Says = "The most rows one answer to a query carries; further pages are asked for.")]
    public int OnePageSize { get; init; } = 10_000;

    [Setting("SERVER_QUERY_CDR_MAX_DAY_INTERVAL", Min = 1, Max = 3660, Unit = Unit.Days, Applies = Applies.NextRequest,
        Says = "The longest stretch of days one CDR query may ask for.")]
    public int MaxDayInterval { get; init; } = 31;
}
