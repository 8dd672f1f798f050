using System.Collections.Immutable;

namespace Tandem.Switching.Configuration;

/// <summary>How the numbers of a forward are called. The numbers are the operators'.</summary>
public enum ForwardMethod : byte { InOrder = 0, Random = 2, Simultaneous = 3 }

/// <summary>Whose number the target of a forward sees.</summary>
public enum ForwardDisplay : byte { System = 0, Original = 1, Own = 2 }

/// <summary>Whether calls to a phone that is away go to gateways.</summary>
public enum OfflineRoute : byte { System = 0, On = 1, Off = 2 }

/// <summary>Where a forward goes.</summary>
/// <param name="Method">One after another or all at once.</param>
/// <param name="AlertSeconds">How long each may ring, and of a no-answer forward the phone itself; 0: as SS_SIP_TIMEOUT_RINGING says.</param>
/// <param name="Numbers">At most ten.</param>
public sealed record ForwardTargets(ForwardMethod Method, int AlertSeconds, ImmutableArray<string> Numbers)
{
    public const int Most = 10;

    public static readonly ForwardTargets None = new(ForwardMethod.InOrder, 0, []);
}

/// <summary>A forward at certain hours, UTC.</summary>
/// <param name="WeekDays">0 is Sunday.</param>
/// <param name="BeginSecond">Of the day, from 0.</param>
/// <param name="EndSecond">Of the day, up to 86,400, not counted; before the beginning: of the next day.</param>
/// <param name="To">Where to.</param>
public sealed record ForwardPeriod(ImmutableArray<int> WeekDays, int BeginSecond, int EndSecond, ForwardTargets To);

/// <summary>What becomes of calls to a phone that are not for it to take; as the operator states it. Each forward counts only while it is switched on.</summary>
public sealed record ForwardsConfig
{
    public static readonly ForwardsConfig None = new();

    /// <summary>Busy to everybody.</summary>
    public bool DoNotDisturb { get; init; }

    public bool Period { get; init; }

    public ImmutableArray<ForwardPeriod> Periods { get; init; } = [];

    public bool Unconditional { get; init; }

    public ForwardTargets UnconditionalTo { get; init; } = ForwardTargets.None;

    public bool NoAnswer { get; init; }

    public ForwardTargets NoAnswerTo { get; init; } = ForwardTargets.None;

    public bool Offline { get; init; }

    public ForwardTargets OfflineTo { get; init; } = ForwardTargets.None;

    public bool Busy { get; init; }

    public ForwardTargets BusyTo { get; init; } = ForwardTargets.None;

    public ForwardDisplay Display { get; init; }

    public OfflineRoute OfflineToGateways { get; init; }
}
