using Tandem.Primitives;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Routing;

/// <summary>
/// How long a device's calls may last: between the two, by chance, so that the ends of calls do not show where the limit is. −1: as
/// SS_MAX_CALL_DURATION says; 0: no limit.
/// </summary>
/// <param name="LowerSeconds">The least.</param>
/// <param name="UpperSeconds">The most; not below the least.</param>
public readonly record struct TalkLimit(int LowerSeconds, int UpperSeconds)
{
    public static readonly TalkLimit System = new(-1, -1);

    /// <summary>One call's limit; <see cref="TimeSpan.MaxValue"/>: none.</summary>
    public TimeSpan Draw(CallSettings system, EntropySource entropy)
    {
        if (UpperSeconds == 0) return TimeSpan.MaxValue;
        if (UpperSeconds < 0) return system.MaxCallDuration > TimeSpan.Zero ? system.MaxCallDuration : TimeSpan.MaxValue;
        return TimeSpan.FromSeconds(LowerSeconds + (long)(entropy.NextUInt64() % (ulong)(UpperSeconds - LowerSeconds + 1)));
    }

    /// <summary>What is wrong with the two, in a sentence; null: nothing.</summary>
    public static string? Wrong(int lower, int upper) =>
        lower == upper || (lower > 0 && upper >= lower) ? null
        : $"maxCallDurationLower {lower} and maxCallDurationUpper {upper} do not go together: both -1 (system), both 0 (none), or two lengths of which the lower is the shorter";
}
