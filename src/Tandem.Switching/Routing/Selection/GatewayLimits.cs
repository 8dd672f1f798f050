using Tandem.Primitives;

namespace Tandem.Switching.Routing.Selection;

/// <summary>When and for what a routing gateway is used, beyond its prefixes, lines and numbers (docs/selection.md); as compiled.</summary>
public sealed class GatewayLimits
{
    public static readonly GatewayLimits None = new();

    /// <summary>Attempts in one second; 0: no limit.</summary>
    public int CallsPerSecond { get; init; }

    /// <summary>Lines by periods, in place of the gateway's.</summary>
    public Timetable<int> Capacity { get; init; } = Timetable<int>.Empty;

    public Timetable<int> Priority { get; init; } = Timetable<int>.Empty;

    /// <summary>Dial plans of the called number by periods, in place of the gateway's.</summary>
    public Timetable<DialPlan> CalleeRules { get; init; } = Timetable<DialPlan>.Empty;

    public NumberPeriod[] Prefixes { get; init; } = [];

    /// <summary>Null: every pair of numbers is taken.</summary>
    public DeniedPairs? Pairs { get; init; }

    /// <summary>Groups of it that have a line limit.</summary>
    public GatewayGroup[] Groups { get; init; } = [];

    /// <summary>It is left alone while a group of it has fewer free lines than this.</summary>
    public int ReservedLines { get; init; }

    /// <summary>It is used only for numbers that its clearing account has a rate for.</summary>
    public bool NeedsRate { get; init; }

    public MarginRule Margin { get; init; } = MarginRule.None;

    /// <summary>It is tried only after those that are none of the protect route.</summary>
    public bool Protects { get; init; }

    internal bool HasPeriods => !Capacity.IsEmpty || !Priority.IsEmpty || Prefixes.Length > 0;

    /// <summary>Eligible, or that a group is full or keeps its last lines for others.</summary>
    public RouteVerdict JudgeGroups(int taken = 0)
    {
        foreach (GatewayGroup group in Groups)
        {
            int free = group.Capacity - group.CurrentCalls + taken;
            if (free <= 0) return RouteVerdict.GroupFull;
            if (free < ReservedLines) return RouteVerdict.GroupReserved;
        }
        return RouteVerdict.Eligible;
    }
}
