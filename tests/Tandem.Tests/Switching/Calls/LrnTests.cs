using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Numbers;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Number portability (docs/lrn.md), met by calls: the shard goes on while a server is asked.</summary>
public sealed class LrnTests : ILrnAsker
{
    private readonly List<LrnQuestion> _asked = [];
    private bool _full;

    bool ILrnAsker.TryAsk(in LrnQuestion question)
    {
        if (_full) return false;
        _asked.Add(question);
        return true;
    }

    [Fact]
    public void A_ported_number_is_routed_and_priced_by_its_routing_number_and_sent_as_dialled()
    {
        SwitchFixture world = With(new LrnConfig { Enable = true });
        CallerLeg caller = new CallerLeg(world, to: "442079460123").Invite();
        caller.Expect(100);
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierA));
        LrnQuestion question = Assert.Single(_asked);
        Assert.Equal(("442079460123", "198.51.100.9", 8080), (question.Number.ToString(), question.ServerIp, question.ServerPort));
        Answer(world, question, "12015550000");
        var callee = new CalleeLeg(world);
        Assert.StartsWith("sip:442079460123@", callee.Invite.Uri, StringComparison.Ordinal);
        callee.Respond(200, sdp: true).ExpectAck();
        caller.Expect(200);
        caller.Ack();
        world.Advance(60);
        Legs.End(caller, callee);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(("442079460123", "1", 120_000_000L, "1"), (cdr.CalleeE164, cdr.Sale!.RatePrefix, cdr.Sale.Nanos, cdr.Cost!.RatePrefix));
        Assert.Contains("442079460123 was ported: it is routed and priced as 12015550000, by the server.", WhyText.Of(WhyStory.Of(cdr)), StringComparison.Ordinal);

        // The answer is kept: the next call does not ask.
        (CallerLeg again, CalleeLeg to) = Legs.Talk(world);
        Legs.End(again, to);
        Assert.Single(_asked);
        Assert.Contains("by an earlier answer of the server", WhyText.Of(WhyStory.Of(world.Cdrs[^1])), StringComparison.Ordinal);
        world.Advance(86_401);
        new CallerLeg(world).Invite().Expect(100);
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public void A_number_that_was_not_ported_goes_as_it_is()
    {
        SwitchFixture world = With(new LrnConfig { Enable = true });
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        Answer(world, _asked[0], "");
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierA));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void When_the_server_does_not_answer_in_time_the_callers_failure_action_decides(bool goesOn)
    {
        SwitchFixture world = With(new LrnConfig { Enable = true, ContinueOnFailure = goesOn });
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        world.Advance(0.999);
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierA));
        world.Advance(0.002);
        if (goesOn)
        {
            Assert.Equal(1, world.Waiting(SwitchFixture.CarrierA));
            Answer(world, _asked[0], "12015550000"); // too late for this call
            Assert.Equal(1, world.Waiting(SwitchFixture.CarrierA));
            return;
        }
        caller.Expect(503);
        caller.AckFailure();
        Assert.Equal(Refusal.LrnFailed, Assert.Single(world.Cdrs).Refusal);
        Answer(world, _asked[0], "12015550000"); // nobody waits: it is kept for the next
        world.AssertEverythingReturned();
        Assert.Equal(1, world.Shard.World.Ported.Cached);
    }

    [Theory]
    [InlineData("full")]
    [InlineData("trouble")]
    [InlineData("nobody")]
    public void A_question_that_cannot_be_asked_or_answered_is_a_failure_at_once(string what)
    {
        SwitchFixture world = With(new LrnConfig { Enable = true });
        _full = what == "full";
        if (what == "nobody") world.Shard.LrnAsker = null;
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        if (what == "trouble")
        {
            world.Shard.LrnReplies.TryPost(new LrnReply(_asked[0].Slot, _asked[0].Stamp, new LrnAnswer(false, _asked[0].Number, default, "the server said 500")));
            world.Turn();
        }
        caller.Expect(503);
        caller.AckFailure();
        Assert.Equal(Refusal.LrnFailed, Assert.Single(world.Cdrs).Refusal);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_that_gives_up_while_the_server_is_asked_is_gone_and_the_answer_finds_nobody()
    {
        SwitchFixture world = With(new LrnConfig { Enable = true });
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        caller.Expect(487);
        caller.AckFailure();
        Answer(world, _asked[0], "12015550000");
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierA));
        Assert.Equal(487, Assert.Single(world.Cdrs).EndReason);
        world.AssertEverythingReturned();

        CallerLeg dropped = new CallerLeg(world, to: "442079460124").Invite();
        dropped.Expect(100);
        Assert.Equal(1, world.Shard.DropAll(Refusal.OperatorDropped, world.Now));
        world.Turn();
        dropped.Expect(480);
        dropped.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_local_table_is_asked_first_and_what_it_does_not_have_was_not_ported_where_there_is_no_server()
    {
        SwitchFixture world = With(new LrnConfig { Enable = true, EatPrefixLength = 2 }, server: "");
        world.Shard.World.Ported.Table = new Table("2079460123", "7");
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        Assert.Equal(1, world.Waiting(SwitchFixture.CarrierA));
        Assert.Empty(_asked);
        world.Shard.DropAll(Refusal.OperatorDropped, world.Now);
        world.Turn();
        caller.Expect(480);
        Assert.Contains("2079460123 was ported: it is routed and priced as 7, by the local table.", WhyText.Of(WhyStory.Of(world.Cdrs[^1])), StringComparison.Ordinal);

        caller = new CallerLeg(world, to: "442079460124").Invite();
        caller.Expect(100);
        Assert.Equal(2, world.Waiting(SwitchFixture.CarrierA));

        world.Shard.World.Ported.Table = null; // neither table nor server
        caller = new CallerLeg(world, to: "442079460125").Invite();
        caller.Expect(100);
        caller.Expect(503);
        Assert.Equal(Refusal.LrnFailed, world.Cdrs[^1].Refusal);
    }

    [Theory]
    [InlineData("442079460123", "1201555", "Berlin,New York", "91", Jurisdiction.Interstate)]
    [InlineData("442079460123", "1201555", "New York,New York", "1", Jurisdiction.Intrastate)]
    [InlineData("442079460123", "1777555", "Berlin,New York", "81", Jurisdiction.Undetermined)]
    public void The_price_of_a_call_depends_on_whether_caller_and_routing_number_are_in_one_area(string dialled, string routing, string areas, string pricedBy, Jurisdiction jurisdiction)
    {
        string[] names = areas.Split(',');
        var world = With(new LrnConfig { Enable = true, InterstateBillingPrefix = "9", UndeterminedBillingPrefix = "8" }, change: c => c with
        {
            Areas = c.Areas.Add("49", new AreaConfig { AreaCode = "49", AreaName = names[0] }).Add("1201", new AreaConfig { AreaCode = "1201", AreaName = names[1] }),
        });
        CallerLeg caller = new CallerLeg(world, to: dialled).Invite();
        caller.Expect(100);
        Answer(world, _asked[0], routing);
        // 9 and 8 are in no deck of this world: the number the call is priced by is seen in the refusal and the story.
        if (jurisdiction == Jurisdiction.Intrastate)
        {
            Assert.Equal(1, world.Waiting(SwitchFixture.CarrierA));
            return;
        }
        caller.Expect(403);
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal(Refusal.NoRate, cdr.Refusal);
        Assert.Contains($"The call is priced as one to {pricedBy}{routing[1..]} ({jurisdiction.ToString().ToLowerInvariant()}).", WhyText.Of(WhyStory.Of(cdr)), StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_kept_are_two_generations_and_the_older_goes_first()
    {
        var ported = new PortedNumbers(capacity: 10);
        Instant now = Instant.FromUtc(new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc));
        for (int i = 0; i < 1000; i++) ported.Keep(DialString.Parse($"{1000 + i}"), DialString.Parse("7"), TimeSpan.FromHours(1), now);
        Assert.InRange(ported.Cached, 10, 20);
        Assert.True(ported.TryKnow(DialString.Parse("1999"), true, now, out DialString routing, out LrnSource source));
        Assert.Equal(("7", LrnSource.Cache), (routing.ToString(), source));
        Assert.False(ported.TryKnow(DialString.Parse("1000"), true, now, out _, out _));
        Assert.False(ported.TryKnow(DialString.Parse("1999"), true, now + TimeSpan.FromHours(2), out _, out _));
    }

    private SwitchFixture With(LrnConfig lrn, string server = "198.51.100.9", Func<SwitchConfiguration, SwitchConfiguration>? change = null)
    {
        var world = new SwitchFixture(c =>
        {
            c = SwitchFixture.ChangeAcme(c, g => g with { Lrn = lrn });
            c = c with { Settings = c.Settings with { Lrn = c.Settings.Lrn with { ServerIp = server, ServerPort = 8080 } } };
            return change is null ? c : change(c);
        });
        world.Shard.LrnAsker = this;
        return world;
    }

    private static void Answer(SwitchFixture world, LrnQuestion question, string routing)
    {
        Assert.True(world.Shard.LrnReplies.TryPost(new LrnReply(question.Slot, question.Stamp, new LrnAnswer(true, question.Number, DialString.Parse(routing), ""))));
        world.Turn();
    }

    private sealed class Table(string number, string routing) : IPortedTable
    {
        public bool TryFind(in DialString asked, out DialString found)
        {
            found = asked.ToString() == number ? DialString.Parse(routing) : default;
            return !found.IsEmpty;
        }
    }
}
