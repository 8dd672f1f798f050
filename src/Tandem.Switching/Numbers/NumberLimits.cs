using Tandem.Primitives;
using Tandem.Switching.Routing;

namespace Tandem.Switching.Numbers;

/// <summary>What numbers a gateway or phone may be used with, as compiled (docs/numbers.md). The order of the checks is the order of the reasons.</summary>
public sealed class NumberLimits
{
    public static readonly NumberLimits Anything = new() { IsAnything = true };

    public NumberRule Caller { get; init; } = NumberRule.Anything;

    public NumberRule Callee { get; init; } = NumberRule.Anything;

    public CalleeRestriction CalleeMust { get; init; }

    public CallLevel Level { get; init; } = CallLevel.International;

    /// <summary>Areas it may call from, as the geofence numbers them; null: everywhere.</summary>
    public bool[]? Areas { get; init; }

    public bool AreasAllow { get; init; }

    /// <summary>Counted for the dynamic black lists by itself; its name there. Null: with all the others.</summary>
    public string? OwnList { get; init; }

    public bool Transforms { get; init; }

    /// <summary>Nothing of numbers is limited: nothing need be asked.</summary>
    public bool IsAnything { get; private init; }

    /// <summary>Beginnings and lengths, of the numbers as they arrive at the device.</summary>
    /// <param name="caller">The calling number.</param>
    /// <param name="callee">The called number.</param>
    /// <param name="which">The number that is refused.</param>
    public Refusal JudgeForm(in DialString caller, in DialString callee, out DialString which)
    {
        which = caller;
        if (!Caller.PermitsPrefix(caller)) return Refusal.CallerPrefix;
        if (!Caller.PermitsLength(caller)) return Refusal.CallerLength;
        which = callee;
        if (!Callee.PermitsPrefix(callee)) return Refusal.CalleePrefix;
        if (!Callee.PermitsLength(callee)) return Refusal.CalleeLength;
        return Refusal.None;
    }

    /// <summary>The verdict on a routing gateway in the words of route selection.</summary>
    public static RouteVerdict VerdictOf(Refusal refusal) => refusal switch
    {
        Refusal.None => RouteVerdict.Eligible,
        Refusal.CallerPrefix => RouteVerdict.CallerPrefix,
        Refusal.CalleePrefix => RouteVerdict.CalleePrefix,
        Refusal.CallerLength => RouteVerdict.CallerLength,
        Refusal.CalleeLength => RouteVerdict.CalleeLength,
        Refusal.CallerGroup => RouteVerdict.CallerGroup,
        Refusal.CalleeGroup => RouteVerdict.CalleeGroup,
        Refusal.CalleeKind => RouteVerdict.CalleeKind,
        Refusal.CallerBlackListed => RouteVerdict.CallerBlackListed,
        Refusal.CalleeBlackListed => RouteVerdict.CalleeBlackListed,
        Refusal.CallerMalicious => RouteVerdict.CallerMalicious,
        Refusal.CallerConcurrent => RouteVerdict.CallerConcurrent,
        Refusal.CalleeNoAnswer => RouteVerdict.CalleeNoAnswer,
        Refusal.CallerPoolUsedUp => RouteVerdict.CallerPoolUsedUp,
        _ => throw new InvalidOperationException($"{refusal} is no verdict on a gateway."),
    };

    /// <summary>The refusal a call ends with that every gateway lost by such a verdict; None: it is no verdict on numbers.</summary>
    public static Refusal RefusalOf(RouteVerdict verdict) => verdict switch
    {
        RouteVerdict.CallerPrefix => Refusal.CallerPrefix,
        RouteVerdict.CalleePrefix => Refusal.CalleePrefix,
        RouteVerdict.CallerLength => Refusal.CallerLength,
        RouteVerdict.CalleeLength => Refusal.CalleeLength,
        RouteVerdict.CallerGroup => Refusal.CallerGroup,
        RouteVerdict.CalleeGroup => Refusal.CalleeGroup,
        RouteVerdict.CalleeKind => Refusal.CalleeKind,
        RouteVerdict.CallerBlackListed => Refusal.CallerBlackListed,
        RouteVerdict.CalleeBlackListed => Refusal.CalleeBlackListed,
        RouteVerdict.CallerMalicious => Refusal.CallerMalicious,
        RouteVerdict.CallerConcurrent => Refusal.CallerConcurrent,
        RouteVerdict.CalleeNoAnswer => Refusal.CalleeNoAnswer,
        RouteVerdict.CallerPoolUsedUp => Refusal.CallerPoolUsedUp,
        _ => Refusal.None,
    };
}
