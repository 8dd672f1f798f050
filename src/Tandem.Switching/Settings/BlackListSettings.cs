using Tandem.Primitives.Settings;

namespace Tandem.Switching.Settings;

/// <summary>The dynamic black lists; docs/numbers.md shows them at work.</summary>
public sealed record BlackListSettings
{
    // A device that did not ask for it is not counted: a call centre has one number and thousands of calls.
    [Setting("SS_BLACK_LIST_CENTRAL", Applies = Applies.NextCall,
        Says = "On: calls of gateways and phones without dynamicBlackListInStandalone are counted in one black list for all of them. Off: only devices with it are counted, each by itself.")]
    public bool Central { get; init; }

    [Setting("SS_BLACK_LIST_CALLER_MALICIOUS_CALL_LIMIT", Min = 1, Max = 1_000_000, Applies = Applies.NextCall, HasNone = true, None = 0,
        Says = "So many calls of one calling number within SS_BLACK_LIST_CALLER_MALICIOUS_CALL_CHECK_INTERVAL bring it on the dynamic black list. None: never.")]
    public int MaliciousLimit { get; init; } = 1000;

    [Setting("SS_BLACK_LIST_CALLER_MALICIOUS_CALL_CHECK_INTERVAL", Min = 1, Max = 86_400, Unit = Unit.Seconds, Applies = Applies.NextCall,
        Says = "The window in which calls of one calling number are counted, from the first of them on.")]
    public TimeSpan MaliciousInterval { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("SS_BLACK_LIST_CALLER_MALICIOUS_CALL_EXPIRE", Min = 1, Max = 31_536_000, Unit = Unit.Seconds, Applies = Applies.NextCall,
        Says = "How long a number stays listed that made too many calls.")]
    public TimeSpan MaliciousExpire { get; init; } = TimeSpan.FromSeconds(3600);

    [Setting("SS_BLACK_LIST_CALLER_CONCURRENT_LIMIT", Min = 1, Max = 1_000_000, Applies = Applies.NextCall, HasNone = true, None = 0,
        Says = "So many calls of one calling number at once bring it on the dynamic black list: those go on, the next is refused. None: never.")]
    public int ConcurrentLimit { get; init; }

    [Setting("SS_BLACK_LIST_CALLER_CONCURRENT_EXPIRE", Min = 1, Max = 31_536_000, Unit = Unit.Seconds, Applies = Applies.NextCall,
        Says = "How long a number stays listed that had too many calls at once.")]
    public TimeSpan ConcurrentExpire { get; init; } = TimeSpan.FromSeconds(3600);

    [Setting("SS_BLACK_LIST_NO_ANSWER_LIMIT", Min = 1, Max = 1_000_000, Applies = Applies.NextCall, HasNone = true, None = 0,
        Says = "So many calls in a row that rang in vain bring a called number on the dynamic black list. None: never.")]
    public int NoAnswerLimit { get; init; } = 100;

    [Setting("SS_BLACK_LIST_NO_ANSWER_EXPIRE", Min = 1, Max = 31_536_000, Unit = Unit.Seconds, Applies = Applies.NextCall,
        Says = "How long a called number stays listed that was not answered.")]
    public TimeSpan NoAnswerExpire { get; init; } = TimeSpan.FromSeconds(3600);

    [Setting("SS_BLACK_LIST_NO_ANSWER_PERIODS", Min = 1, Max = 31_536_000, Unit = Unit.Seconds, Applies = Applies.NextCall,
        Says = "The window in which unanswered calls to one number count, from the first of them on.")]
    public TimeSpan NoAnswerPeriod { get; init; } = TimeSpan.FromSeconds(86_400);
}
