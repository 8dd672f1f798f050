using System.Text;
using Tandem.Primitives;
using Tandem.Switching.Configuration;
using Tandem.Switching.Probing;

namespace Tandem.Switching.Routing;

/// <summary>
/// The compiled prefix table over all routing gateways. Selection: longest matching prefix first; a prefix at which a gateway
/// says <see cref="PrefixStyle.Terminate"/> is the last one used; inside a prefix by priority, then load (calls ÷ lines; 0 without a
/// limit), then calls taken so far, then name. docs/configuration.md tells it to operators.
/// </summary>
public sealed class RouteTable
{
    private readonly RoutingGateway[] _gateways;
    private readonly PrefixTree _prefixes;

    /// <param name="gateways">In any order; names are unique.</param>
    /// <param name="prefixes">The prefixes of each gateway, by the same index; "" is every number.</param>
    public RouteTable(IReadOnlyList<RoutingGateway> gateways, IReadOnlyList<IReadOnlyList<string>> prefixes)
    {
        int[] byName = [.. Enumerable.Range(0, gateways.Count).OrderBy(i => gateways[i].Name, StringComparer.Ordinal)];
        _gateways = [.. byName.Select(i => gateways[i])];
        List<(ReadOnlyMemory<byte>, int)> entries = [];
        for (int i = 0; i < byName.Length; i++)
        {
            foreach (string prefix in prefixes[byName[i]].Distinct(StringComparer.Ordinal)) entries.Add((Encoding.ASCII.GetBytes(prefix), i));
        }
        _prefixes = PrefixTree.Build(entries);
    }

    /// <summary>Sorted by name; a gateway's place is its id in the order of selection.</summary>
    public IReadOnlyList<RoutingGateway> Gateways => _gateways;

    /// <summary>
    /// Fills the list with every gateway that has a prefix of <paramref name="callee"/>, each once, at its longest: the eligible in the order
    /// they should be tried, then the others with the reason. Lines are only looked at here; the attempt takes one. No allocation.
    /// </summary>
    /// <param name="callee">The number as billed.</param>
    /// <param name="callerGroups">Groups the caller names.</param>
    /// <param name="groupsAllow">Whether those are the only ones permitted, or the only ones not.</param>
    /// <param name="into">Cleared first.</param>
    /// <param name="now">Which rests are over.</param>
    /// <param name="judge">Which gateways take the call's numbers; null: all.</param>
    public void Select(in DialString callee, GroupSet callerGroups, bool groupsAllow, CandidateList into, Instant now = default, Numbers.GatewayJudge? judge = null)
    {
        into.Begin(_gateways.Length);
        Span<int> path = stackalloc int[DialString.MaxLength + 1];
        int depth = 0;
        path[0] = PrefixTree.Root;
        foreach (byte character in callee.Bytes)
        {
            if (!_prefixes.TryStep(path[depth], character, out int next)) break;
            path[++depth] = next;
        }
        bool shadowed = false;
        for (; depth >= 0; depth--)
        {
            bool ends = false;
            foreach (int id in _prefixes.Values(path[depth]))
            {
                if (!into.FirstSight(id)) continue;
                RoutingGateway gateway = _gateways[id];
                int calls = gateway.State.CurrentCalls;
                int published = gateway.PublishedAt(now);
                RouteVerdict verdict = gateway.Locked ? RouteVerdict.Locked
                    : !callerGroups.Permits(gateway.Groups, groupsAllow) ? RouteVerdict.GroupNotAllowed
                    : shadowed ? RouteVerdict.ShadowedByLongerPrefix
                    : judge?.Of(gateway) is { } ofNumbers and not RouteVerdict.Eligible ? ofNumbers
                    : gateway.Hops.Count == 0 ? RouteVerdict.NameUnresolved
                    : gateway.Registers && gateway.State.Trunk is not { IsUp: true } ? RouteVerdict.NotRegistered
                    : gateway.State.Probe == ProbeState.Down ? RouteVerdict.Down
                    : gateway.State.RestsUntil > now ? RouteVerdict.Resting
                    : gateway.Capacity > 0 && calls >= gateway.Capacity ? RouteVerdict.LinesFull
                    : gateway.Capacity > 0 && calls + published >= gateway.Capacity ? RouteVerdict.PublishedFull
                    : RouteVerdict.Eligible;
                // A gateway that is locked, not for this caller or down decides nothing; one whose lines are full, that rests, whose name does not resolve, or that is not registered at, still owns its prefix.
                ends |= gateway.PrefixStyle == PrefixStyle.Terminate && (verdict is RouteVerdict.Eligible or RouteVerdict.LinesFull or RouteVerdict.PublishedFull or RouteVerdict.Resting or RouteVerdict.NameUnresolved or RouteVerdict.NotRegistered);
                double load = gateway.Capacity > 0 ? (double)(calls + published) / gateway.Capacity : 0;
                into.Add(new Candidate(gateway, (byte)depth, verdict), new CandidateRank(verdict != RouteVerdict.Eligible, (byte)depth, gateway.Priority, load, gateway.State.History, id));
            }
            shadowed |= ends;
        }
    }
}
