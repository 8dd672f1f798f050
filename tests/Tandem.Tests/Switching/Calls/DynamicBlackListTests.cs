using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Server.Storage.BlackList;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>The dynamic black lists (docs/numbers.md): what the SS_BLACK_LIST_* settings do to calls.</summary>
public class DynamicBlackListTests
{
    private const string Caller = "4930123456";
    private const string Callee = "442079460123";

    private static readonly BlackListSettings Strict = new()
    {
        Central = true, MaliciousLimit = 3, MaliciousInterval = Seconds(60), MaliciousExpire = Seconds(600), ConcurrentLimit = 2, ConcurrentExpire = Seconds(300), NoAnswerLimit = 2, NoAnswerExpire = Seconds(900), NoAnswerPeriod = Seconds(3600),
    };

    [Fact]
    public void A_caller_that_makes_too_many_calls_within_the_window_is_refused_until_its_time_is_over()
    {
        SwitchFixture world = With(Strict with { ConcurrentLimit = 0, NoAnswerLimit = 0 });
        for (int i = 0; i < 3; i++) Call(world);
        AssertRefused(world, Refusal.CallerMalicious, 403);
        CallerLeg another = new CallerLeg(world, from: "4930000000").Invite();
        another.Expect(100);
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierA));
        new CalleeLeg(world).Respond(486).ExpectAck();
        another.Expect(486);
        another.AckFailure();
        world.Advance(601);
        for (int i = 0; i < 3; i++) Call(world); // counted anew
        AssertRefused(world, Refusal.CallerMalicious, 403);
    }

    [Fact]
    public void Calls_farther_apart_than_the_window_do_not_add_up()
    {
        SwitchFixture world = With(Strict with { ConcurrentLimit = 0, NoAnswerLimit = 0, MaliciousInterval = Seconds(5) });
        for (int i = 0; i < 12; i++)
        {
            Call(world);
            world.Advance(4);
        }
        Assert.Empty(world.Shard.World.Dynamic.List(world.Now));
    }

    [Fact]
    public void A_caller_with_too_many_calls_at_once_keeps_those_and_gets_no_other_until_its_time_is_over()
    {
        SwitchFixture world = With(Strict with { MaliciousLimit = 0, NoAnswerLimit = 0 });
        (CallerLeg one, CalleeLeg oneTo) = Legs.Talk(world);
        (CallerLeg two, CalleeLeg twoTo) = Legs.Talk(world);
        AssertRefused(world, Refusal.CallerConcurrent, 403);
        Legs.End(one, oneTo);
        Legs.End(two, twoTo);
        AssertRefused(world, Refusal.CallerConcurrent, 403);
        world.Advance(301);
        for (int i = 0; i < 5; i++) Call(world); // one at a time
        Assert.Empty(world.Shard.World.Dynamic.List(world.Now));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_callee_that_rings_in_vain_too_often_in_a_row_is_refused_an_answer_begins_anew_and_busy_counts_for_nothing()
    {
        SwitchFixture world = With(Strict with { MaliciousLimit = 0, ConcurrentLimit = 0 });
        RingInVain(world);
        Call(world); // answered
        RingInVain(world);
        Busy(world);
        RingInVain(world);
        AssertRefused(world, Refusal.CalleeNoAnswer, 480);
        world.Advance(901);
        Call(world);
    }

    [Fact]
    public void A_carrier_that_fails_says_nothing_of_the_callee()
    {
        SwitchFixture world = With(Strict with { MaliciousLimit = 0, ConcurrentLimit = 0 });
        for (int i = 0; i < 5; i++)
        {
            CallerLeg caller = new CallerLeg(world).Invite();
            caller.Expect(100);
            foreach (NetAddress carrier in (NetAddress[])[SwitchFixture.CarrierA, SwitchFixture.CarrierB, SwitchFixture.CarrierC]) new CalleeLeg(world, carrier).Respond(503).ExpectAck();
            caller.Expect(503);
            caller.AckFailure();
        }
        Assert.Empty(world.Shard.World.Dynamic.List(world.Now));
    }

    [Fact]
    public void Nobody_is_counted_unless_he_counts_by_himself_or_the_central_list_is_on()
    {
        SwitchFixture world = With(Strict with { Central = false });
        for (int i = 0; i < 5; i++) Call(world);
        Assert.Empty(world.Shard.World.Dynamic.List(world.Now));

        world.Reconfigure(static c => SwitchFixture.ChangeAcme(c, static g => g with { Numbers = new() { OwnDynamicList = true } }));
        for (int i = 0; i < 3; i++) Call(world);
        AssertRefused(world, Refusal.CallerMalicious, 403);
        DynamicEntry entry = Assert.Single(world.Shard.World.Dynamic.List(world.Now));
        Assert.Equal((DynamicKind.Malicious, "mapping gateway acme", Caller, 3), (entry.Kind, entry.List, entry.Number.ToString(), entry.Calls));
        Assert.Contains($"{Caller} is on the dynamic black list of mapping gateway acme.", WhyText.Of(WhyStory.Of(world.Cdrs[^1])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_routing_gateway_that_counts_by_itself_is_passed_over_for_whom_it_has_listed()
    {
        SwitchFixture world = With(Strict with { Central = false, MaliciousLimit = 0, ConcurrentLimit = 0 }, static c => SwitchFixture.ChangeCarrier(c, "carrier-a", static g => g with { Numbers = new() { OwnDynamicList = true } }));
        RingInVain(world);
        RingInVain(world);
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierA));
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierB));
    }

    [Fact]
    public void Who_is_on_a_white_list_is_neither_counted_nor_refused()
    {
        SwitchFixture world = With(Strict with { ConcurrentLimit = 0, NoAnswerLimit = 0 }, static c => c with { NumberLists = c.NumberLists.Add("vip", new NumberListConfig { Name = "vip", IsWhite = true, OfSystem = true, Numbers = [Caller] }) });
        for (int i = 0; i < 10; i++) Call(world);
        Assert.Empty(world.Shard.World.Dynamic.List(world.Now));
    }

    [Fact]
    public void A_number_is_taken_off_by_hand_and_begins_anew()
    {
        SwitchFixture world = With(Strict with { ConcurrentLimit = 0, NoAnswerLimit = 0 });
        for (int i = 0; i < 3; i++) Call(world);
        DynamicBlackList list = world.Shard.World.Dynamic;
        Assert.Empty(list.Release(DialString.Parse(Caller), "mapping gateway acme", "anna", world.Now)); // not that list
        Assert.Single(list.Release(DialString.Parse(Caller), null, "anna", world.Now));
        for (int i = 0; i < 3; i++) Call(world);
        AssertRefused(world, Refusal.CallerMalicious, 403);
        List<string> notices = [];
        while (list.TryTakeNotice(out string notice)) notices.Add(notice);
        Assert.Equal(
            [$"Caller {Caller} is on the dynamic black list for 600 s: it made 3 calls within 60 s.", $"Caller {Caller} is off the dynamic black list: released by anna.", $"Caller {Caller} is on the dynamic black list for 600 s: it made 3 calls within 60 s."],
            notices);
        world.Advance(601);
        list.Sweep(Strict, world.Now);
        Assert.True(list.TryTakeNotice(out string over));
        Assert.Equal($"Caller {Caller} is off the dynamic black list: the time is over.", over);
    }

    [Fact]
    public void Numbers_counted_at_once_are_bounded_and_swept()
    {
        var list = new DynamicBlackList(capacity: 100);
        Instant now = Instant.FromUtc(new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc));
        for (int i = 0; i < 200; i++) list.BeginCall("", DialString.Parse($"{1000 + i}"), Strict with { ConcurrentLimit = 0 }, now);
        Assert.Equal(100, list.Uncounted);
        list.Sweep(Strict, now + Seconds(61));
        list.BeginCall("", DialString.Parse("9"), Strict with { ConcurrentLimit = 0 }, now + Seconds(61));
        Assert.Equal(100, list.Uncounted);
    }

    [Fact]
    public void The_lists_survive_a_restart_and_a_damaged_file_is_told_and_not_used()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("tandem-black").FullName, "dynamic-black-lists");
        Instant now = Instant.FromUtc(new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc));
        var list = new DynamicBlackList();
        for (int i = 0; i < 3; i++) list.BeginCall("mapping gateway acme", DialString.Parse(Caller), Strict with { ConcurrentLimit = 0 }, now);
        for (int i = 0; i < 2; i++) list.NoteOutcome("", DialString.Parse(Callee), answered: false, Strict, now);
        var file = new DynamicBlackListFile(path);
        Assert.True(file.Save(list, now));
        Assert.False(file.Save(list, now)); // nothing changed

        var next = new DynamicBlackList();
        Assert.Null(new DynamicBlackListFile(path).Load(next, now + Seconds(700)));
        Assert.Equal([(DynamicKind.NoAnswer, "", Callee)], next.List(now + Seconds(700)).Select(static e => (e.Kind, e.List, e.Number.ToString()))); // the other's time was over
        var both = new DynamicBlackList();
        new DynamicBlackListFile(path).Load(both, now + Seconds(1));
        Assert.Equal(list.List(now), both.List(now));

        byte[] bytes = File.ReadAllBytes(path);
        bytes[^12] ^= 1;
        File.WriteAllBytes(path, bytes);
        var none = new DynamicBlackList();
        Assert.Contains("are damaged", new DynamicBlackListFile(path).Load(none, now)!, StringComparison.Ordinal);
        Assert.Empty(none.List(now));
    }

    private static SwitchFixture With(BlackListSettings settings, Func<SwitchConfiguration, SwitchConfiguration>? change = null) =>
        new(c => (change is null ? c : change(c)) with { Settings = c.Settings with { BlackList = settings } });

    private static void Call(SwitchFixture world)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Legs.End(caller, callee);
    }

    private static void RingInVain(SwitchFixture world)
    {
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(180);
        caller.Expect(180);
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Respond(487).ExpectAck();
        caller.Expect(487);
        caller.AckFailure();
    }

    private static void Busy(SwitchFixture world)
    {
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(180);
        caller.Expect(180);
        callee.Respond(486).ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
    }

    private static void AssertRefused(SwitchFixture world, Refusal refusal, int status)
    {
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        caller.Expect(status);
        caller.AckFailure();
        Assert.Equal(refusal, world.Cdrs[^1].Refusal);
    }

    private static TimeSpan Seconds(int s) => TimeSpan.FromSeconds(s);
}
