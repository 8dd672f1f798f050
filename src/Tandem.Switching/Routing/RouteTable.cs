using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Billing;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;
using Tandem.Switching.Probing;
using Tandem.Switching.Routing.Quality;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Switching.Routing;

/// <summary>
/// The compiled prefix table over all routing gateways. Selection: longest matching prefix first; a prefix at which a gateway
/// says <see cref="PrefixStyle.Terminate"/> is the last one used; inside a prefix by the caller's wishes, priority, load (calls ÷ lines; 0 without a
/// limit), calls taken so far, name, with cost and answer rate where settings put them. docs/selection.md tells it to operators.
/// </summary>
public sealed class RouteTable
{
    private readonly RoutingGateway[] _gateways;
    private readonly PrefixTree _prefixes;
    private readonly int[] _priorities; // every priority there is, ascending: a rank needs its place only
    private readonly int[] _columns; // gateway -> its carrier's deck in the rates; -1: it has none
    private readonly bool _asksPrice;
    private readonly bool _hasPeriods;

    /// <param name="gateways">In any order; names are unique.</param>
    /// <param name="prefixes">The prefixes of each gateway, by the same index; "" is every number.</param>
    /// <param name="before">The rates of the revision before: kept where no deck is another. Null: there are none.</param>
    /// <param name="priced">False: it is only looked at whether the tables hold, and costs are not indexed.</param>
    public RouteTable(IReadOnlyList<RoutingGateway> gateways, IReadOnlyList<IReadOnlyList<string>> prefixes, RateIndex? before = null, bool priced = true)
    {
        int[] byName = [.. Enumerable.Range(0, gateways.Count).OrderBy(i => gateways[i].Name, StringComparer.Ordinal)];
        _gateways = [.. byName.Select(i => gateways[i])];
        List<(ReadOnlyMemory<byte>, int)> entries = [];
        for (int i = 0; i < byName.Length; i++)
        {
            foreach (string prefix in prefixes[byName[i]].Distinct(StringComparer.Ordinal)) entries.Add((Encoding.ASCII.GetBytes(prefix), i));
        }
        _prefixes = PrefixTree.Build(entries);
        _priorities = [.. gateways.Select(static g => g.Priority).Concat(gateways.SelectMany(static g => g.Limits.Priority.Values)).Distinct().Order()];
        _asksPrice = gateways.Any(static g => g.Limits.NeedsRate || !g.Limits.Margin.IsNone);
        _hasPeriods = gateways.Any(static g => g.Limits.HasPeriods);
        RateTable[] decks = !priced ? [] : [.. _gateways.Select(static g => g.ClearingAccount?.Rates).OfType<RateTable>().Distinct()];
        Rates = RateIndex.Of(decks, before);
        Dictionary<RateTable, int> columns = decks.Select(static (d, i) => (d, i)).ToDictionary(static d => d.d, static d => d.i);
        _columns = [.. _gateways.Select(g => g.ClearingAccount?.Rates is { } deck ? columns.GetValueOrDefault(deck, -1) : -1)];
        AsksProfit = gateways.Any(static g => g.Limits.Margin.LeastProfitPercent is not null);
    }

    /// <summary>Sorted by name; a gateway's place is its id in the order of selection.</summary>
    public IReadOnlyList<RoutingGateway> Gateways => _gateways;

    /// <summary>What each carrier's deck asks for a number.</summary>
    public RateIndex Rates { get; }

    /// <summary>A gateway asks what the call brings in.</summary>
    public bool AsksProfit { get; }

    /// <summary>The same with nothing but groups asked.</summary>
    public void Select(in DialString callee, GroupSet callerGroups, bool groupsAllow, CandidateList into, Instant now = default, GatewayJudge? judge = null) =>
        Select(new RouteQuery { Number = callee, Callee = callee, Groups = callerGroups, GroupsAllow = groupsAllow, Now = now, Judge = judge }, into);

    /// <summary>
    /// Fills the list with every gateway that has a prefix of the number, each once, at its longest: the eligible in the order
    /// they should be tried, then the others with the reason. Lines are only looked at here; the attempt takes one. No allocation.
    /// </summary>
    /// <param name="query">The call.</param>
    /// <param name="into">Cleared first.</param>
    public void Select(in RouteQuery query, CandidateList into)
    {
        into.Begin(_gateways.Length);
        Span<RouteCriterion> order = stackalloc RouteCriterion[RouteCriteria.Most];
        order = order[..RouteCriteria.Of(query.Settings, query.Policy, order)];
        bool byCost = order.Contains(RouteCriterion.Cost), byAnswers = order.Contains(RouteCriterion.AnswerRate) && query.Settings.AnswerRateCalculate;
        bool priced = byCost || _asksPrice || !query.Policy.Margin.IsNone;
        if (priced && Rates.Columns > 0) Rates.Find(query.Callee, into.CostsFor(Rates.Columns));
        DayTime day = _hasPeriods ? query.Calendar.At(query.Now) : default;
        Match(query, into, day, priced, byAnswers);
        Rank(query, into, order);
    }

    private void Match(in RouteQuery query, CandidateList into, in DayTime day, bool priced, bool byAnswers)
    {
        Span<int> path = stackalloc int[DialString.MaxLength + 1];
        int depth = 0;
        path[0] = PrefixTree.Root;
        foreach (byte character in query.Number.Bytes)
        {
            if (!_prefixes.TryStep(path[depth], character, out int next)) break;
            path[++depth] = next;
        }
        bool everywhere = query.Policy.Scope == RouteScope.All;
        bool shadowed = false;
        for (; depth >= 0; depth--)
        {
            bool ends = false;
            foreach (int id in _prefixes.Values(path[depth]))
            {
                if (!into.FirstSight(id)) continue;
                RoutingGateway gateway = _gateways[id];
                GatewayLimits limits = gateway.Limits;
                int capacity = gateway.CapacityAt(day), calls = gateway.State.CurrentCalls, published = gateway.PublishedAt(query.Now);
                RouteVerdict verdict = gateway.Locked ? RouteVerdict.Locked
                    : !query.Groups.Permits(gateway.Groups, query.GroupsAllow) ? RouteVerdict.GroupNotAllowed
                    : shadowed ? RouteVerdict.ShadowedByLongerPrefix
                    : ReferenceEquals(limits, GatewayLimits.None) ? RouteVerdict.Eligible : JudgeNumbers(limits, query, day);
                if (verdict == RouteVerdict.Eligible && query.Judge is not null) verdict = query.Judge.Of(gateway);
                if (verdict == RouteVerdict.Eligible) verdict = JudgeState(gateway, limits, capacity, calls, published, query.Now);
                // A gateway that is locked, not for this call or down decides nothing; one whose lines are full, that rests, whose name does not resolve, or that is not registered at, still owns its prefix.
                bool owns = verdict == RouteVerdict.Eligible || OwnsPrefix(verdict);
                long cost = -1;
                if (verdict == RouteVerdict.Eligible && (priced || query.Settings.VerifyClearingCustomer))
                {
                    cost = priced && _columns[id] >= 0 ? CostOf(gateway, query, into.CostsFor(Rates.Columns)[_columns[id]]) : RateIndex.None;
                    verdict = JudgeMoney(gateway, query, priced, ref cost);
                    owns = verdict == RouteVerdict.Eligible;
                }
                ends |= owns && gateway.PrefixStyle == PrefixStyle.Terminate;
                (int samples, int answerRate, bool behind) = verdict == RouteVerdict.Eligible && gateway.State.Quality is { } quality ? ReadQuality(gateway, quality, query, byAnswers) : (0, -1, false);
                int priority = limits.Priority.IsEmpty ? gateway.Priority : limits.Priority.TryGet(day, out int other) ? other : gateway.Priority;
                into.Add(new CandidateList.Match
                {
                    Candidate = new Candidate(gateway, (byte)depth, verdict, cost, answerRate, samples, behind),
                    Id = id,
                    Calls = calls + published,
                    Capacity = capacity,
                    Priority = priority,
                    History = gateway.State.History,
                });
            }
            shadowed |= ends && !everywhere;
        }
    }

    private void Rank(in RouteQuery query, CandidateList into, ReadOnlySpan<RouteCriterion> order)
    {
        Span<CandidateList.Match> matches = into.Matches;
        long inBand = -1;
        if (query.Policy.PriceBandPercent > 0 && order.Contains(RouteCriterion.Cost))
        {
            long least = long.MaxValue;
            foreach (ref readonly CandidateList.Match match in matches)
            {
                if (match.Candidate is { Verdict: RouteVerdict.Eligible, Behind: false, CostPerMinute: >= 0 and var cost } && cost < least) least = cost;
            }
            if (least < long.MaxValue) inBand = (long)Int128.Min(long.MaxValue, (Int128)least * (100 + query.Policy.PriceBandPercent) / 100);
        }
        for (int i = 0; i < matches.Length; i++) into.Rank(i, KeyOf(matches[i], query, order, inBand));
        into.End();
    }

    // The eligible first; the protect route after all others; in a prefix those of low quality last.
    private UInt128 KeyOf(in CandidateList.Match match, in RouteQuery query, ReadOnlySpan<RouteCriterion> order, long inBand)
    {
        RankKey key = default;
        key.Flag(match.Candidate.Verdict != RouteVerdict.Eligible);
        key.Flag(match.Candidate.Gateway.Limits.Protects);
        key.Prefix(query.Policy.Scope == RouteScope.All ? 0 : match.Candidate.PrefixLength);
        key.Flag(match.Candidate.Behind);
        foreach (RouteCriterion criterion in order)
        {
            switch (criterion)
            {
                case RouteCriterion.Cost: key.Cost(match.Candidate.CostPerMinute >= 0 && match.Candidate.CostPerMinute <= inBand ? 0 : match.Candidate.CostPerMinute); break;
                case RouteCriterion.AnswerRate: key.AnswerRate(match.Candidate.AnswerRate); break;
                case RouteCriterion.Priority: key.Priority(Math.Min(65_535, PlaceOf(match.Priority))); break;
                case RouteCriterion.Load: key.Load(match.Calls, match.Capacity); break;
                default: key.History(match.History); break;
            }
        }
        key.Id(match.Id);
        return key.Value;
    }

    private int PlaceOf(int priority)
    {
        if (_priorities.Length == 1) return 0;
        int low = 0, high = _priorities.Length - 1;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_priorities[middle] < priority) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static RouteVerdict JudgeNumbers(GatewayLimits limits, in RouteQuery query, in DayTime day)
    {
        if (limits.Pairs is { } pairs && !pairs.Permits(query.Caller, query.Callee)) return RouteVerdict.PairDenied;
        foreach (NumberPeriod period in limits.Prefixes)
        {
            if (!period.Permits(day, query.Caller, query.Callee)) return RouteVerdict.PeriodClosed;
        }
        return RouteVerdict.Eligible;
    }

    private static RouteVerdict JudgeState(RoutingGateway gateway, GatewayLimits limits, int capacity, int calls, int published, Instant now) =>
        gateway.Hops.Count == 0 ? RouteVerdict.NameUnresolved
        : gateway.Registers && gateway.State.Trunk is not { IsUp: true } ? RouteVerdict.NotRegistered
        : gateway.State.Probe == ProbeState.Down ? RouteVerdict.Down
        : gateway.State.RestsUntil > now ? RouteVerdict.Resting
        : capacity != 0 && calls >= capacity ? RouteVerdict.LinesFull
        : capacity != 0 && calls + published >= capacity ? RouteVerdict.PublishedFull
        : !gateway.State.HasPace(limits.CallsPerSecond, now) ? RouteVerdict.PaceReached
        : limits.Groups.Length == 0 ? RouteVerdict.Eligible : limits.JudgeGroups();

    private static bool OwnsPrefix(RouteVerdict verdict) => verdict is RouteVerdict.LinesFull or RouteVerdict.PublishedFull or RouteVerdict.Resting or RouteVerdict.NameUnresolved
        or RouteVerdict.NotRegistered or RouteVerdict.PaceReached or RouteVerdict.GroupFull or RouteVerdict.GroupReserved;

    // What the index has of the carrier's deck, of the period of the week where that matters, in the payer's currency. Below 0: it is not known.
    private static long CostOf(RoutingGateway gateway, in RouteQuery query, long indexed)
    {
        if (gateway.ClearingAccount is not { Rates: { } deck } clearing || indexed < 0) return indexed;
        if (deck.HasPeriods && clearing.FindRate(query.Callee, query.Now, out Rate rate, out _) == RateLookup.Found) indexed = rate.Tariff.RatePerMinuteNanos;
        if (deck.Currency == query.Currency) return indexed;
        return clearing.Exchanges.TryFind(deck.Currency, query.Currency, query.Now, out Exchange? exchange) ? exchange.Convert(indexed) : RateIndex.None;
    }

    // A gateway that a price rules out decides nothing either: the call goes to a shorter prefix.
    private static RouteVerdict JudgeMoney(RoutingGateway gateway, in RouteQuery query, bool priced, ref long cost)
    {
        GatewayLimits limits = gateway.Limits;
        Account? clearing = gateway.ClearingAccount;
        if (query.Settings.VerifyClearingCustomer && query.Money is { } money && clearing is not null && money.Available(clearing.Id) <= query.Settings.ClearingMoneyLimit.Nanos) return RouteVerdict.ClearingMoney;
        if (!priced) return RouteVerdict.Eligible;
        if (limits.NeedsRate && cost < 0) return RouteVerdict.NoCostRate;
        bool known = cost >= 0;
        if (!known) cost = RateIndex.None;
        if (limits.Margin.IsNone && query.Policy.Margin.IsNone) return RouteVerdict.Eligible;
        if (!known) return RouteVerdict.CostUnknown;
        RouteVerdict verdict = limits.Margin.Judge(cost, query.SalePerMinute);
        return verdict == RouteVerdict.Eligible ? query.Policy.Margin.Judge(cost, query.SalePerMinute) : verdict;
    }

    // Of a gateway with too few attempts nothing is known: it gets its chance among the best.
    private static (int Samples, int AnswerRate, bool Behind) ReadQuality(RoutingGateway gateway, GatewayQuality quality, in RouteQuery query, bool byAnswers)
    {
        QualityTrack? there = query.Destination.Length > 0 ? quality.Find(query.Destination) : null;
        bool behind = gateway.Quality.Bounds && (quality.Total.IsBehind(gateway.Quality, query.Draw, query.Now, query.Live) || (there?.IsBehind(gateway.Quality, query.Draw, query.Now, query.Live) ?? false));
        if (!byAnswers) return (0, -1, behind);
        (int samples, int rate) = (there ?? quality.Total).Answers.Brief(query.Now);
        if (samples < gateway.Quality.LeastSamples && there is not null) (samples, rate) = quality.Total.Answers.Brief(query.Now);
        return (samples, samples < gateway.Quality.LeastSamples ? 1000 : rate, behind);
    }
}
