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

    [Setting("SERVER_QUERY_MAX_SIZE", Min = 1, Max = 2_000_000_000, Unit = Unit.Rows, Applies = Applies.NextRequest,
        Says = "The most CDRs one export or answer of the Web API carries; more are refused in words, not cut off.")]
    public int MaxSize { get; init; } = 30_000_000;

    [Setting("SERVER_QUERY_CDR_DENY_TIME", Applies = Applies.NextRequest,
        Says = "Hours of the day, in the server's time zone, in which CDRs cannot be queried, so that busy hours belong to calls; one call by its id can always be looked at.")]
    public HourList DenyHours { get; init; } = HourList.None;
}
