using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Routing;

public sealed class RouteTableTests
{
    private readonly CandidateList _list = new();

    [Fact]
    public void A_gateway_that_terminates_keeps_shorter_prefixes_out()
    {
        RouteTable table = Table(Gateway("err", "90080001"), Gateway("gw103", "90080001", style: PrefixStyle.CarryOn), Gateway("gw102", "9008"), Gateway("gw101", "9"));
        Assert.Equal("err gw103 | gw101:ShadowedByLongerPrefix gw102:ShadowedByLongerPrefix", SortedSelect(table, "90080001"));
    }

    [Fact]
    public void Carrying_on_goes_to_the_next_shorter_prefix()
    {
        RouteTable table = Table(Gateway("err", "90080001", style: PrefixStyle.CarryOn), Gateway("gw103", "90080001", style: PrefixStyle.CarryOn),
            Gateway("gw102", "9008", style: PrefixStyle.CarryOn), Gateway("gw101", "9"), Gateway("rest", ""));
        Assert.Equal("err gw103 gw102 gw101 | rest:ShadowedByLongerPrefix", Select(table, "90080001"));
        Assert.Equal("gw101 | rest:ShadowedByLongerPrefix", Select(table, "91"));
        Assert.Equal("rest | ", Select(table, "1"));
        Assert.Equal("rest | ", Select(table, ""));
    }

    [Fact]
    public void A_gateway_with_several_matching_prefixes_stands_once_at_its_longest()
    {
        RouteTable table = Table(Gateway("a", "9,900,9008", style: PrefixStyle.CarryOn), Gateway("b", "900"));
        Assert.Equal("a b | ", Select(table, "9008"));
        Assert.Equal([4, 3], _list.All.ToArray().Select(static c => (int)c.PrefixLength));
    }

    [Fact]
    public void Inside_a_prefix_the_order_is_priority_then_load_then_history_then_name()
    {
        RoutingGateway[] gateways =
        [
            Gateway("late", "1", priority: 2),
            Gateway("full-half", "1", capacity: 4, taken: 2), Gateway("quarter", "1", capacity: 8, taken: 2),
            Gateway("used", "1", capacity: 10, past: 3), Gateway("fresh", "1", capacity: 10), Gateway("also-fresh", "1", capacity: 10),
        ];
        Assert.Equal("also-fresh fresh used quarter full-half late | ", Select(Table(gateways), "1"));
    }

    [Fact]
    public void Those_that_may_not_take_the_call_follow_with_the_reason()
    {
        RouteTable table = Table(Gateway("locked", "49", locked: true), Gateway("other-group", "49", groups: new GroupSet([2])), Gateway("full", "49", capacity: 1, taken: 1, groups: new GroupSet([1])),
            Gateway("good", "4", groups: new GroupSet([1]), style: PrefixStyle.CarryOn));
        Assert.Equal(" | locked:Locked other-group:GroupNotAllowed full:LinesFull good:ShadowedByLongerPrefix", Select(table, "49", new GroupSet([1])));
    }

    [Fact]
    public void A_locked_or_forbidden_gateway_terminates_nothing()
    {
        RouteTable table = Table(Gateway("locked", "49", locked: true), Gateway("forbidden", "49", groups: new GroupSet([2])), Gateway("good", "4", groups: new GroupSet([1])));
        Assert.Equal("good | forbidden:GroupNotAllowed locked:Locked", Select(table, "49", new GroupSet([1])));
    }

    [Theory]
    [InlineData("", true, "a b none")]
    [InlineData("", false, "a b none")]
    [InlineData("1", true, "a")]
    [InlineData("1", false, "b none")]
    [InlineData("1,70", true, "a b")]
    [InlineData("70", false, "a none")]
    [InlineData("9", true, "")]
    public void Groups_are_a_white_list_or_a_black_list_and_none_is_no_limit(string groups, bool allow, string expected)
    {
        RouteTable table = Table(Gateway("a", "1", groups: new GroupSet([1, 3])), Gateway("b", "1", groups: new GroupSet([70])), Gateway("none", "1"));
        GroupSet caller = new(groups.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
        Assert.Equal(expected, Select(table, "1", caller, allow).Split(" | ")[0]);
    }

    [Fact]
    public void More_matches_than_there_is_room_for_leave_out_the_worst_and_count_them()
    {
        RoutingGateway[] gateways = [.. Enumerable.Range(0, 150).Select(static i => Gateway($"g{i:D3}", "1", priority: (i * 7) % 150, locked: i % 3 == 0))];
        Table(gateways).Select(DialString.Parse("1"), default, true, _list);
        Assert.Equal((CandidateList.Capacity, CandidateList.Capacity, 150 - CandidateList.Capacity), (_list.Count, _list.EligibleCount, _list.LeftOut));
        Assert.Equal(gateways.Where(static g => !g.Locked).OrderBy(static g => g.Priority).Take(64).Select(static g => g.Name), _list.All.ToArray().Select(static c => c.Gateway.Name));
    }

    [Fact]
    public void One_list_serves_tables_of_any_size_one_after_the_other()
    {
        RouteTable small = Table(Gateway("only", ""));
        RouteTable large = Table([.. Enumerable.Range(0, 30).Select(static i => Gateway($"g{i:D2}", ""))]);
        Assert.Equal("only | ", Select(small, "1"));
        Assert.Equal(30, Select(large, "1").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length - 1);
        Assert.Equal("only | ", Select(small, "1"));
    }

    [Fact]
    public void Selecting_allocates_nothing()
    {
        RouteTable table = Table([.. Enumerable.Range(0, 90).Select(static i => Gateway($"g{i}", $"{i % 10},4{i % 10},49{i}", style: (PrefixStyle)(i % 2)))]);
        DialString number = DialString.Parse("4917112345678");
        table.Select(number, default, true, _list);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 1000; i++) table.Select(number, default, true, _list);
        }));
        Assert.True(_list.Count > 10);
    }

    internal static RoutingGateway Gateway(string name, string prefixes, int priority = 0, int capacity = 0, bool locked = false, GroupSet groups = default,
        PrefixStyle style = PrefixStyle.Terminate, int taken = 0, int past = 0)
    {
        RoutingGateway gateway = new()
        {
            Name = name,
            Target = new SipTarget("192.0.2.1"),
            PrefixStyle = style,
            Priority = priority,
            Capacity = capacity,
            Locked = locked,
            ClearingAccount = null,
            CalleeRules = DialPlan.Empty,
            CallerRules = DialPlan.Empty,
            Groups = groups,
            State = new GatewayState(),
        };
        Prefixes.Add(gateway, prefixes.Split(','));
        for (int i = 0; i < taken; i++) gateway.State.TryTakeLine(0);
        for (int i = 0; i < past; i++)
        {
            gateway.State.TryTakeLine(0);
            gateway.State.ReleaseLine();
        }
        return gateway;
    }

    internal static readonly System.Runtime.CompilerServices.ConditionalWeakTable<RoutingGateway, string[]> Prefixes = [];

    internal static RouteTable Table(params RoutingGateway[] gateways) =>
        new(gateways, [.. gateways.Select(static g => Prefixes.TryGetValue(g, out string[]? prefixes) ? prefixes : [])]);

    private string Select(RouteTable table, string number, GroupSet groups = default, bool allow = true)
    {
        table.Select(DialString.Parse(number), groups, allow, _list);
        Candidate[] all = _list.All.ToArray();
        Assert.All(all[.._list.EligibleCount], static c => Assert.Equal(RouteVerdict.Eligible, c.Verdict));
        return $"{string.Join(' ', all.Take(_list.EligibleCount).Select(static c => c.Gateway.Name))} | {string.Join(' ', all.Skip(_list.EligibleCount).Select(static c => $"{c.Gateway.Name}:{c.Verdict}"))}";
    }

    private string SortedSelect(RouteTable table, string number)
    {
        string[] halves = Select(table, number).Split(" | ");
        return $"{halves[0]} | {string.Join(' ', halves[1].Split(' ').Order(StringComparer.Ordinal))}";
    }
}
