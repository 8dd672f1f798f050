using Tandem.Switching.Settings;

namespace Tandem.Switching.Routing.Selection;

/// <summary>By what gateways are ordered, beside eligibility and prefix. Each counts once, at its first place.</summary>
public enum RouteCriterion : byte { Cost, AnswerRate, Priority, Load, History }

/// <summary>The order of criteria of one call: the caller's wishes, then priority, load, history, with answer rate and cost where the settings put them (docs/selection.md).</summary>
public static class RouteCriteria
{
    public const int Most = 5;

    private static readonly RouteCriterion[] Usual = [RouteCriterion.Priority, RouteCriterion.Load, RouteCriterion.History];

    /// <summary>How many of <paramref name="order"/> were filled in.</summary>
    public static int Of(RoutingSettings settings, RoutePolicy policy, Span<RouteCriterion> order)
    {
        int count = 0;
        Wish(policy.First, order, ref count);
        Wish(policy.Second, order, ref count);
        int cost = settings.CostPlace, answers = settings.AnswerRateSortConfig;
        for (int place = 0; place <= Usual.Length; place++)
        {
            bool costFirst = settings.FeeRateBeforeAsr || settings.FeeRateBeforeQuality;
            if (costFirst && cost == place + 1) Add(RouteCriterion.Cost, order, ref count);
            if (answers == place + 1) Add(RouteCriterion.AnswerRate, order, ref count);
            if (!costFirst && cost == place + 1) Add(RouteCriterion.Cost, order, ref count);
            if (place < Usual.Length) Add(Usual[place], order, ref count);
        }
        return count;
    }

    private static void Wish(RouteWish wish, Span<RouteCriterion> order, ref int count)
    {
        if (wish == RouteWish.Cost) Add(RouteCriterion.Cost, order, ref count);
        else if (wish == RouteWish.AnswerRate) Add(RouteCriterion.AnswerRate, order, ref count);
    }

    private static void Add(RouteCriterion criterion, Span<RouteCriterion> order, ref int count)
    {
        if (!order[..count].Contains(criterion)) order[count++] = criterion;
    }
}
