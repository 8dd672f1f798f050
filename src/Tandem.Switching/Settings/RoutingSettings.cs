using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>docs/selection.md and docs/quality.md show each at work.</summary>
public sealed record RoutingSettings
{
    public static readonly RoutingSettings Usual = new();

    [Setting("SS_GATEWAY_ASR_ROUTE_SORT_CONFIG", Min = 1, Max = 4, HasNone = true, None = 0,
        Says = "Where the answer rate stands in the order of gateways of one prefix: 1 before priority, 2 before load, 3 before calls taken so far, 4 before the name. None: nowhere. It needs SS_GATEWAY_ASR_CALCULATE.")]
    public int AnswerRateSortConfig { get; init; }

    [Setting("SS_GATEWAY_FEE_RATE_ROUTE_SORT_CONFIG", Min = 1, Max = 4, HasNone = true, None = 0,
        Says = "Where the cost stands in the order of gateways of one prefix: 1 before priority, 2 before load, 3 before calls taken so far, 4 before the name. None: as SERVER_GATEWAY_ROUTE_FEE_RATE_SORT_CONFIG says.")]
    public int FeeRateSortConfig { get; init; }

    [Setting("SERVER_GATEWAY_ROUTE_FEE_RATE_SORT_CONFIG", Min = 1, Max = 4, HasNone = true, None = 0,
        Says = "The same as SS_GATEWAY_FEE_RATE_ROUTE_SORT_CONFIG, where that is None. None: the cost stands nowhere.")]
    public int ServerFeeRateSortConfig { get; init; }

    [Setting("SS_GATEWAY_FEE_RATE_ROUTE_BEFORE_ASR", Says = "On: where cost and answer rate stand at the same place, the cost comes first.")]
    public bool FeeRateBeforeAsr { get; init; }

    [Setting("SERVER_GATEWAY_ROUTE_FEE_RATE_BEFORE_QUALITY", Says = "The same as SS_GATEWAY_FEE_RATE_ROUTE_BEFORE_ASR: either On puts the cost first.")]
    public bool FeeRateBeforeQuality { get; init; }

    [Setting("SS_TRY_PROTECT_ROUTE_DELAY", Min = 0, Max = 180, Unit = Unit.Seconds,
        Says = "How long after a call arrived gateways of the protect route may still be tried, once the others have failed. 0: they are never tried.")]
    public TimeSpan TryProtectRouteDelay { get; init; } = TimeSpan.FromSeconds(180);

    [Setting("SERVER_VERIFY_CLEARING_CUSTOMER", Says = "On: a gateway is used only while its clearing account has more than SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT.")]
    public bool VerifyClearingCustomer { get; init; }

    [Setting("SERVER_VERIFY_CLEARING_CUSTOMER_REMAIN_MONEY_LIMIT", Min = 0, Max = 10_000_000, Says = "What a clearing account must have more than, in its own currency, for its gateways to be used while SERVER_VERIFY_CLEARING_CUSTOMER is On.")]
    public Amount ClearingMoneyLimit { get; init; }

    [Setting("SS_GATEWAY_ASR_CALCULATE", Says = "On: the answer rate of gateways is counted, as a whole and by destination, unless a gateway's calculateRouteQuality says otherwise.")]
    public bool AnswerRateCalculate { get; init; }

    [Setting("SS_GATEWAY_ASR_RESERVE_TIME", Min = 10, Max = 86_400, Unit = Unit.Seconds, Says = "The window of the answer rate, and of everything counted by destination. A change begins anew.")]
    public TimeSpan AnswerRateReserveTime { get; init; } = TimeSpan.FromSeconds(600);

    [Setting("SS_GATEWAY_ASR_RESERVE_SEPARATE", Min = 1, Max = 60, Says = "In how many buckets a window slides: the more, the smoother. A change begins anew.")]
    public int AnswerRateReserveSeparate { get; init; } = 10;

    [Setting("SS_GATEWAY_ACD_CALCULATE", Says = "On: the average talk of gateways' calls is counted, unless a gateway's calculateRouteQuality says otherwise.")]
    public bool TalkCalculate { get; init; }

    [Setting("SS_GATEWAY_ACD_RESERVE_TIME", Min = 10, Max = 86_400, Unit = Unit.Seconds, Says = "The window of the average talk. A change begins anew.")]
    public TimeSpan TalkReserveTime { get; init; } = TimeSpan.FromSeconds(600);

    internal int CostPlace => FeeRateSortConfig > 0 ? FeeRateSortConfig : ServerFeeRateSortConfig;
}
