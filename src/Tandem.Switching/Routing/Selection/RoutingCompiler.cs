using Tandem.Primitives;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing.Quality;

namespace Tandem.Switching.Routing.Selection;

/// <summary>What was said of selection and quality, compiled. Run by <see cref="TableCompiler"/>; every text was read once before, so that a fault here is one of ours.</summary>
public sealed class RoutingCompiler
{
    private readonly Dictionary<string, GatewayGroup> _groups = new(StringComparer.Ordinal);

    public RoutingCompiler(SwitchConfiguration configuration, GatewayStates states)
    {
        foreach (GatewayGroupConfig said in configuration.GatewayGroups.Values)
        {
            if (said.Capacity == 0) continue;
            GatewayGroup group = new() { Name = said.Name, Capacity = said.Capacity };
            group.Join(configuration.RoutingGateways.Values.Where(g => g.GatewayGroups.Contains(said.Name)).Select(g => states.Routing(g.Name)));
            _groups.Add(said.Name, group);
        }
        Calendar = new WorkCalendar(states.Zone, configuration.CalendarDays.Values.Select(static d => (d.Date, d.Kind)));
    }

    public WorkCalendar Calendar { get; }

    public GatewayLimits Limits(RoutingGatewayConfig gateway)
    {
        GatewayGroup[] groups = [.. gateway.GatewayGroups.Select(_groups.GetValueOrDefault).OfType<GatewayGroup>()];
        GatewayLimitsConfig said = gateway.Limits;
        if (ReferenceEquals(said, GatewayLimitsConfig.None) && groups.Length == 0) return GatewayLimits.None;
        return new GatewayLimits
        {
            CallsPerSecond = said.CallsPerSecond,
            Capacity = Read(said.ScheduledCapacity, Lines, gateway.Name),
            Priority = Read(said.ScheduledPriority, Whole, gateway.Name),
            CalleeRules = Read(said.ScheduledCalleeRules, Rules, gateway.Name),
            Prefixes = [.. said.ScheduledPrefixes.Select(p => NumberPeriod.TryParse(p, out NumberPeriod? period, out string error) ? period : throw new InvalidOperationException($"{gateway.Name}: {error}"))],
            Pairs = DeniedPairs.Of(said.DeniedPairs, said.DeniedPairsAllow),
            Groups = groups,
            ReservedLines = said.ReservedLines,
            NeedsRate = said.NeedsRate,
            Margin = Margin(said.Margin),
            Protects = said.Protects,
        };
    }

    public static RoutePolicy Policy(RoutePolicyConfig said) => ReferenceEquals(said, RoutePolicyConfig.Usual) ? RoutePolicy.Usual : new RoutePolicy
    {
        First = said.First,
        Second = said.Second,
        Scope = said.Scope,
        PriceBandPercent = said.PriceBandPercent,
        Margin = Margin(said.Margin),
        Proportions = Proportions.Of(said.Proportions),
    };

    public static QualityRules Quality(GatewayQualityConfig said) => ReferenceEquals(said, GatewayQualityConfig.None) ? QualityRules.None : new QualityRules
    {
        LeastAnswerRate = said.LeastAnswerRate,
        LeastTalkSeconds = said.LeastTalkSeconds,
        LeastSamples = said.LeastSamples,
        Pause = TimeSpan.FromSeconds(said.PauseSeconds),
        ProbeEvery = said.ProbeEvery,
        ProbeSamples = said.ProbeSamples,
    };

    /// <summary>What is wrong with the periods of lines, in a sentence; null: nothing. Likewise the next two.</summary>
    public static string? WrongCapacity(IReadOnlyList<string> periods) => Timetable<int>.TryParse(periods, Lines, out _, out string error) ? null : error;

    public static string? WrongPriority(IReadOnlyList<string> periods) => Timetable<int>.TryParse(periods, Whole, out _, out string error) ? null : error;

    public static string? WrongRules(IReadOnlyList<string> periods) => Timetable<DialPlan>.TryParse(periods, Rules, out _, out string error) ? null : error;

    private static MarginRule Margin(MarginConfig said) => said is { ProfitEnable: false, CeilingEnable: false } ? MarginRule.None
        : new MarginRule(said.ProfitEnable ? said.LeastProfitPercent : null, said.CeilingEnable ? said.MostPerSecondNanos : null);

    private static Timetable<T> Read<T>(IReadOnlyList<string> said, Func<string, (T, string?)> read, string gateway) =>
        said.Count == 0 ? Timetable<T>.Empty : Timetable<T>.TryParse(said, read, out Timetable<T>? table, out string error) ? table : throw new InvalidOperationException($"{gateway}: {error}");

    // No line at all is -1 inside: 0 is "no limit" everywhere.
    private static (int, string?) Lines(string text) => Whole(text) is (var lines, null) && lines <= 1_000_000 ? (lines == 0 ? -1 : lines, null) : (0, $"'{text}' are no lines: 0 (none) to 1000000");

    private static (int, string?) Whole(string text) => int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) ? (number, null) : (0, $"'{text}' is no whole number");

    private static (DialPlan, string?) Rules(string text) => DialPlan.TryParse(text, out DialPlan? plan, out string error) ? (plan, null) : (DialPlan.Empty, error);
}
