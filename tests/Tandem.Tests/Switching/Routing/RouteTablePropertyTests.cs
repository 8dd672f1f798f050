using CsCheck;
using Tandem.Primitives;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Routing;

/// <summary>The compiled table against a slow one that looks at every prefix of every gateway.</summary>
public sealed class RouteTablePropertyTests
{
    private sealed record Said(string[] Prefixes, int Priority, int Capacity, int Taken, int Past, bool Locked, int[] Groups, PrefixStyle Style);

    private static readonly Gen<string> Prefix = Gen.Char["01"].Array[0, 4].Select(static c => new string(c));

    private static readonly Gen<int> Group = Gen.Int[0, 3].Select(static i => new[] { 0, 1, 65, 130 }[i]);

    private static readonly Gen<Said> Gateway = Gen.Select(
        Prefix.Array[1, 3].Select(static p => p.Distinct().ToArray()), Gen.Int[0, 2], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 2]), Gen.Int[0, 5],
        Group.Array[0, 2], Gen.Bool,
        static (prefixes, priority, lines, dice, groups, carryOn) => new Said(prefixes, priority, lines.Item1, lines.Item2, lines.Item3, dice == 0, groups, carryOn ? PrefixStyle.CarryOn : PrefixStyle.Terminate));

    [Fact]
    public void Selects_as_the_slow_table_does()
    {
        Gen.Select(Gateway.Array[0, 12], Gen.Char["01"].Array[0, 6].Select(static c => new string(c)), Group.Array[0, 2], Gen.Bool)
            .Sample(static (said, number, groups, allow) =>
            {
                RoutingGateway[] gateways = [.. said.Select(static (s, i) => RouteTableTests.Gateway($"g{i:D2}", string.Join(',', s.Prefixes), s.Priority, s.Capacity, s.Locked, new GroupSet(s.Groups), s.Style, s.Taken, s.Past))];
                CandidateList list = new();
                RouteTableTests.Table(gateways).Select(DialString.Parse(number), new GroupSet(groups), allow, list);
                return list.All.ToArray().Select(static c => (c.Gateway.Name, (int)c.PrefixLength, c.Verdict)).SequenceEqual(Slow(said, number, groups, allow));
            }, iter: 5_000);
    }

    private static IEnumerable<(string, int, RouteVerdict)> Slow(Said[] said, string number, int[] groups, bool allow)
    {
        var matching = said.Select(static (s, i) => (Said: s, Name: $"g{i:D2}")).Select(g => (g.Said, g.Name, Length: g.Said.Prefixes.Where(p => number.StartsWith(p, StringComparison.Ordinal)).Select(static p => p.Length).DefaultIfEmpty(-1).Max()))
            .Where(static g => g.Length >= 0).ToArray();
        bool MayUse(Said s) => groups.Length == 0 || s.Groups.Intersect(groups).Any() == allow;
        int floor = matching.Where(g => g.Said.Style == PrefixStyle.Terminate && !g.Said.Locked && MayUse(g.Said)).Select(static g => g.Length).DefaultIfEmpty(0).Max();
        return matching.Select(g => (g.Said, g.Name, g.Length, Verdict: g.Said.Locked ? RouteVerdict.Locked : !MayUse(g.Said) ? RouteVerdict.GroupNotAllowed : g.Length < floor ? RouteVerdict.ShadowedByLongerPrefix
                : g.Said.Capacity > 0 && g.Said.Taken >= g.Said.Capacity ? RouteVerdict.LinesFull : RouteVerdict.Eligible))
            .OrderBy(static g => g.Verdict == RouteVerdict.Eligible ? 0 : 1)
            .ThenByDescending(static g => g.Length)
            .ThenBy(static g => g.Said.Priority)
            .ThenBy(static g => g.Said.Capacity == 0 ? 0m : (decimal)g.Said.Taken / g.Said.Capacity)
            .ThenBy(static g => g.Said.Taken + g.Said.Past)
            .ThenBy(static g => g.Name, StringComparer.Ordinal)
            .Select(static g => (g.Name, g.Length, g.Verdict));
    }
}
