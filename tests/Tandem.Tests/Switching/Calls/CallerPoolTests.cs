using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Pools of calling numbers (docs/numbers.md), met by calls.</summary>
public class CallerPoolTests
{
    [Fact]
    public void Calls_are_shown_by_the_numbers_in_turn_each_by_as_many_calls_as_it_may()
    {
        SwitchFixture world = Pooled(lines: 2);
        string[] shown = [.. Enumerable.Range(0, 6).Select(_ => ShownBy(Legs.Talk(world).Callee))];
        Assert.Equal([2, 2, 2], shown.GroupBy(static n => n).Select(static g => g.Count()));
        Assert.Equal(3, shown.Take(3).Distinct().Count()); // no number twice before each had its turn

        // All are used up: the gateway is passed over, and the next has no pool.
        CallerLeg next = new CallerLeg(world).Invite();
        next.Expect(100);
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierA));
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierB));
    }

    [Fact]
    public void A_number_is_free_again_when_its_call_is_over_or_its_attempt_failed()
    {
        SwitchFixture world = Pooled(lines: 1);
        for (int i = 0; i < 10; i++)
        {
            (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
            Legs.End(caller, callee);
        }
        for (int i = 0; i < 4; i++)
        {
            CallerLeg caller = new CallerLeg(world).Invite();
            caller.Expect(100);
            new CalleeLeg(world).Respond(503).ExpectAck();
            new CalleeLeg(world, SwitchFixture.CarrierB).Respond(486).ExpectAck();
            caller.Expect(486);
            caller.AckFailure();
        }
        for (int i = 0; i < 3; i++) Legs.Talk(world);
        Assert.Equal(3, world.LinesOf("carrier-a"));
    }

    [Fact]
    public void A_number_in_use_stays_counted_when_the_configuration_changes()
    {
        SwitchFixture world = Pooled(lines: 1);
        (CallerLeg first, CalleeLeg firstCallee) = Legs.Talk(world);
        string used = ShownBy(firstCallee);
        world.Reconfigure(static c => c with { NumberGroups = c.NumberGroups.SetItem("pool", new NumberGroupConfig { Name = "pool", Numbers = ["1001", "1002", "1003", "1004"] }) });
        string[] others = [.. Enumerable.Range(0, 3).Select(_ => ShownBy(Legs.Talk(world).Callee))];
        Assert.DoesNotContain(used, others);
        Legs.End(first, firstCallee);
        Assert.Equal(used, ShownBy(Legs.Talk(world).Callee));
    }

    [Fact]
    public void A_call_that_only_used_up_pools_could_take_is_refused_for_that_and_the_story_says_by_which_number_a_call_was_shown()
    {
        SwitchFixture world = Pooled(lines: 1, all: true);
        for (int i = 0; i < 9; i++) new CallerLeg(world).Invite().Expect(100); // three by each of three carriers
        CallerLeg refused = new CallerLeg(world).Invite();
        refused.Expect(100);
        refused.Expect(503);
        refused.AckFailure();
        Assert.Equal(Refusal.CallerPoolUsedUp, world.Cdrs[^1].Refusal);
        world.Shard.DropAll(Refusal.OperatorDropped, world.Now);
        world.Turn();
        string story = string.Concat(world.Cdrs.Select(static c => WhyText.Of(WhyStory.Of(c))));
        Assert.Contains("carrier-a is shown 1001 of its pool pool: 1 of 1 calls by it.", story, StringComparison.Ordinal);
        Assert.Contains("carrier-a has every number of its pool of calling numbers in use", story, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_takers_never_have_a_number_more_often_than_it_may_be_and_all_are_used_alike()
    {
        var state = new CallerPoolState();
        var pool = new CallerPool("pool", Enumerable.Range(1000, 50).Select(static n => DialString.Parse(n.ToString())), 3, state);
        var held = new List<PoolNumber>();
        var chance = new SeededEntropy(7);
        Dictionary<DialString, int> taken = [];
        for (int i = 0; i < 100_000; i++)
        {
            if (chance.Below(2) == 0 && pool.TryTake(out PoolNumber? number))
            {
                held.Add(number);
                taken[number.Number] = taken.GetValueOrDefault(number.Number) + 1;
                Assert.InRange(number.Calls, 1, 3);
            }
            else if (held.Count > 0)
            {
                int at = chance.Below(held.Count);
                held[at].Release();
                held.RemoveAt(at);
            }
        }
        Assert.Equal(held.Count, pool.Numbers.Sum(static n => n.Calls));
        Assert.Equal(50, taken.Count);
        Assert.InRange(taken.Values.Max() / (double)taken.Values.Min(), 1, 1.15);
    }

    [Fact]
    public void Taking_a_number_allocates_nothing()
    {
        var pool = new CallerPool("pool", [DialString.Parse("1"), DialString.Parse("2")], 5, new CallerPoolState());
        Assert.Equal(0, Allocations.Least(() =>
        {
            pool.TryTake(out PoolNumber? number);
            number!.Release();
        }));
    }

    private static string ShownBy(CalleeLeg callee) => callee.Invite["From"].Split("sip:")[1].Split('@')[0];

    private static SwitchFixture Pooled(int lines, bool all = false) => new(c =>
    {
        c = c with { NumberGroups = c.NumberGroups.Add("pool", new NumberGroupConfig { Name = "pool", Numbers = ["1001", "1002", "1003"] }) };
        foreach (string carrier in all ? c.RoutingGateways.Keys : ["carrier-a"]) c = SwitchFixture.ChangeCarrier(c, carrier, g => g with { Pool = new() { Enable = true, Group = "pool", Lines = lines } });
        return c;
    });
}
