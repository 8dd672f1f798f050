using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Forwards and bound numbers of phones (docs/forwards.md): who is called when, what the caller hears, who pays, and that nothing is left behind.</summary>
public sealed class ForwardTests
{
    private const string Outside = "15550001";
    private const string Second = "15550002";
    private const string Third = "442079460123";

    [Fact]
    public void An_unconditional_forward_goes_out_at_once_and_the_phone_pays_for_it()
    {
        SwitchFixture world = World(static f => f with { Unconditional = true, UnconditionalTo = To(Outside) });
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        var callee = new CalleeLeg(world);
        Assert.Equal($"sip:{Outside}@{SwitchFixture.CarrierA.HostString()}", callee.Invite.Uri);
        Assert.StartsWith($"<sip:{SwitchFixture.NumberOne}@", callee.Invite["From"]); // the original caller
        Assert.Equal([$"<sip:{SwitchFixture.NumberTwo}@{SwitchFixture.Us.HostString()}>;reason=unconditional;counter=1"], callee.Invite.All("Diversion"));
        Assert.Equal(
            [$"<sip:{SwitchFixture.NumberTwo}@{SwitchFixture.Us.HostString()}?Reason=SIP%3Bcause%3D302>;index=1", $"<sip:{Outside}@{SwitchFixture.Us.HostString()}>;index=1.1"],
            callee.Invite.All("History-Info"));
        callee.Respond(180);
        caller.Expect(180);
        Talk(world, caller, callee, seconds: 60);
        Legs.End(caller, callee);

        Cdr leg = world.Cdrs.Single(static c => c.CalleeE164 == Outside), first = world.Cdrs.Single(static c => c.CalleeE164 == SwitchFixture.NumberTwo);
        Assert.Equal(("2001", SwitchFixture.Nanos(0.12m), "carrier-a", SwitchFixture.NumberTwo, BillingMode.Phone), (leg.Sale!.AccountNumber, leg.Sale.Nanos, leg.CalleeGateway, leg.CallerAccessE164, leg.BillingMode));
        Assert.Equal(SwitchFixture.Nanos(0.03m), leg.Cost!.Nanos);
        Assert.Equal((BillingMode.NotBilled, null, EndDirection.Caller, 200), (first.BillingMode, first.Sale, first.EndDirection, first.EndReason));
        Assert.Equal((leg.Answered, leg.Stop, leg.EndDirection), (first.Answered, first.Stop, EndDirection.Caller));
        Assert.Equal(2, world.Cdrs.Count);
        string[] story = Story(first);
        Assert.Contains($"Phone {SwitchFixture.NumberTwo} takes no calls and forwards the call to {Outside}.", story);
        Assert.Contains($"{Outside} answered the forward (the call: {leg.Call}).", story);
        Assert.Contains($"Phone {SwitchFixture.NumberTwo} forwards the call {first.Call}, and pays for this one.", Story(leg));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Who_calls_by_a_gateway_pays_for_the_number_it_called_and_the_phone_for_the_rest()
    {
        var world = new SwitchFixture(static c => c with { Phones = c.Phones.Add("33140", c.Phones[SwitchFixture.NumberTwo] with { E164 = "33140", Dids = ["442000"], Forwards = new ForwardsConfig { Unconditional = true, UnconditionalTo = To(Outside) } }) });
        CallerLeg caller = new CallerLeg(world, to: "442000").Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        Talk(world, caller, callee, seconds: 60);
        callee.Bye();
        caller.Ok(caller.ExpectRequest("BYE"));
        Cdr first = world.Cdrs.Single(static c => c.CallerGateway == "acme"), leg = world.Cdrs.Single(static c => c.CallerGateway == "");
        Assert.Equal(("1001", SwitchFixture.Nanos(0.62m), EndDirection.Callee), (first.Sale!.AccountNumber, first.Sale.Nanos, first.EndDirection));
        Assert.Equal(("2001", SwitchFixture.Nanos(0.12m), EndDirection.Callee), (leg.Sale!.AccountNumber, leg.Sale.Nanos, leg.EndDirection));
        Assert.Contains("442000 is bound to phone 33140.", Story(first));
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(true, ForwardDisplay.System, SwitchFixture.NumberOne)]
    [InlineData(false, ForwardDisplay.System, SwitchFixture.NumberTwo)]
    [InlineData(false, ForwardDisplay.Original, SwitchFixture.NumberOne)]
    [InlineData(true, ForwardDisplay.Own, SwitchFixture.NumberTwo)]
    public void The_target_sees_the_caller_or_the_phone_as_setting_and_phone_say(bool setting, ForwardDisplay display, string shown)
    {
        SwitchFixture world = World(f => f with { Unconditional = true, UnconditionalTo = To(Outside), Display = display }, s => s with { Calls = s.Calls with { ForwardUsingOriginalCaller = setting } });
        PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        Assert.StartsWith($"<sip:{shown}@", new CalleeLeg(world).Invite["From"]);
    }

    [Theory]
    [InlineData(486, "user-busy")]
    [InlineData(600, "user-busy")]
    [InlineData(480, "no-answer")]
    public void What_the_phone_answers_decides_which_forward_follows(int status, string reason)
    {
        SwitchFixture world = World(static f => f with { Busy = true, BusyTo = To(Outside), NoAnswer = true, NoAnswerTo = To(Second) });
        Registered(world);
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        var phone = new CalleeLeg(world, SwitchFixture.PhoneTwo);
        phone.Respond(180);
        caller.Expect(180);
        phone.Respond(status).ExpectAck();
        var callee = new CalleeLeg(world);
        Assert.StartsWith($"sip:{(reason == "user-busy" ? Outside : Second)}@", callee.Invite.Uri);
        Assert.Contains($";reason={reason};", callee.Invite["Diversion"]);
        Talk(world, caller, callee, seconds: 1);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_phone_that_rings_longer_than_alertSecond_is_cancelled_and_the_call_goes_on()
    {
        SwitchFixture world = World(static f => f with { NoAnswer = true, NoAnswerTo = new ForwardTargets(ForwardMethod.InOrder, 20, [Outside]) });
        Registered(world);
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        var phone = new CalleeLeg(world, SwitchFixture.PhoneTwo);
        phone.Respond(180);
        caller.Expect(180);
        world.Advance(19.9);
        Assert.Equal(0, world.Waiting(SwitchFixture.PhoneTwo));
        world.Advance(0.2);
        WireMessage cancel = phone.ExpectRequest("CANCEL");
        phone.Ok(cancel);
        phone.Respond(487).ExpectAck();
        var callee = new CalleeLeg(world);
        Talk(world, caller, callee, seconds: 1);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_phone_that_is_away_forwards_or_gives_way_to_gateways_or_is_offline()
    {
        SwitchFixture world = World(static f => f with { Offline = true, OfflineTo = To(Outside) });
        PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        Assert.Contains(";reason=unavailable;", new CalleeLeg(world).Invite["Diversion"]);

        foreach ((bool setting, OfflineRoute phone, bool toGateways) in ((bool, OfflineRoute, bool)[])[(false, OfflineRoute.System, false), (true, OfflineRoute.System, true), (true, OfflineRoute.Off, false), (false, OfflineRoute.On, true)])
        {
            var offline = new SwitchFixture(c => c with
            {
                Settings = c.Settings with { Calls = c.Settings.Calls with { RedirectOfflinePhoneToGateway = setting } },
                Phones = c.Phones.Add("33140", c.Phones[SwitchFixture.NumberTwo] with { E164 = "33140", Forwards = new ForwardsConfig { OfflineToGateways = phone } }),
            });
            CallerLeg caller = new CallerLeg(offline, to: "33140").Invite();
            caller.Expect(100);
            if (toGateways) Assert.Equal($"sip:33140@{SwitchFixture.CarrierA.HostString()}", new CalleeLeg(offline).Invite.Uri);
            else caller.Expect(480);
        }
    }

    [Fact]
    public void Do_not_disturb_is_busy_to_everybody_and_follows_the_busy_forward()
    {
        SwitchFixture world = World(static f => f with { DoNotDisturb = true });
        Registered(world);
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        Assert.Equal("Q.850;cause=17", caller.Expect(486)["Reason"]);
        caller.AckFailure();
        Assert.Equal(Refusal.DoNotDisturb, world.Cdrs[^1].Refusal);

        world = World(static f => f with { DoNotDisturb = true, Busy = true, BusyTo = To(Outside) });
        PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        Assert.Contains(";reason=do-not-disturb;", new CalleeLeg(world).Invite["Diversion"]);
    }

    // The fixture's clock stands at Sunday, 2026-03-01 12:00 UTC: second 43,200 of day 0.
    [Theory]
    [InlineData("0", 43_200, 43_201, true)]
    [InlineData("0", 43_201, 50_000, false)]
    [InlineData("0", 40_000, 43_200, false)]
    [InlineData("1,2,3", 0, 86_400, false)]
    [InlineData("6", 80_000, 43_201, true)] // from Saturday over midnight
    [InlineData("6", 80_000, 43_200, false)]
    [InlineData("0", 43_200, 100, true)] // until Monday
    public void A_period_forwards_within_its_days_and_seconds_and_not_a_second_longer(string days, int begin, int end, bool forwards)
    {
        SwitchFixture world = World(f => f with { Period = true, Periods = [new ForwardPeriod([.. days.Split(',').Select(int.Parse)], begin, end, To(Outside))] });
        Registered(world);
        PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        Assert.Equal(forwards ? (1, 0) : (0, 1), (world.Waiting(SwitchFixture.CarrierA), world.Waiting(SwitchFixture.PhoneTwo)));
    }

    [Fact]
    public void A_forward_that_is_switched_off_does_nothing()
    {
        SwitchFixture world = World(static f => f with { UnconditionalTo = To(Outside), BusyTo = To(Outside), NoAnswerTo = To(Outside), OfflineTo = To(Outside) });
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        caller.Expect(480);
        caller.AckFailure();
        Assert.Equal(Refusal.CalleeOffline, Assert.Single(world.Cdrs).Refusal);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void In_order_each_number_is_tried_with_all_its_gateways_until_one_answers_and_each_has_its_record()
    {
        SwitchFixture world = World(static f => f with { Unconditional = true, UnconditionalTo = To("99123", Outside, Second) }, carriers: ["carrier-a"]);
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        var first = new CalleeLeg(world); // 99123 has no route, and is passed over at once
        Assert.StartsWith($"sip:{Outside}@", first.Invite.Uri);
        first.Respond(183, sdp: true);
        caller.Expect(183);
        first.Respond(404).ExpectAck();
        var second = new CalleeLeg(world);
        Assert.StartsWith($"sip:{Second}@", second.Invite.Uri);
        Talk(world, caller, second, seconds: 3);
        Legs.End(caller, second);
        Assert.Equal([(Outside, false), (Second, true), (SwitchFixture.NumberTwo, true), ("99123", false)], world.Cdrs.Select(static c => (c.CalleeE164, c.WasAnswered)).OrderBy(static c => c.CalleeE164, StringComparer.Ordinal));
        Assert.Contains($"The forward to {Outside} failed: 404 Not Found (the call: {world.Cdrs.Single(static c => c.CalleeE164 == Outside).Call}).", Story(world.Cdrs.Single(static c => c.CalleeE164 == SwitchFixture.NumberTwo)));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void When_no_number_answers_the_caller_hears_what_the_last_said()
    {
        SwitchFixture world = World(static f => f with { Unconditional = true, UnconditionalTo = To(Outside, Second) }, carriers: ["carrier-a"]);
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        new CalleeLeg(world).Respond(404).ExpectAck();
        new CalleeLeg(world).Respond(486).ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
        Cdr first = world.Cdrs.Single(static c => c.CalleeE164 == SwitchFixture.NumberTwo);
        Assert.Equal((486, EndDirection.Callee), (first.EndReason, first.EndDirection));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void By_chance_the_order_differs_from_call_to_call_and_every_number_is_tried()
    {
        HashSet<string> firsts = [];
        SwitchFixture world = World(static f => f with { Unconditional = true, UnconditionalTo = new ForwardTargets(ForwardMethod.Random, 0, [Outside, Second, Third]) }, carriers: ["carrier-a"]);
        for (int i = 0; i < 12; i++)
        {
            CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
            List<string> tried = [];
            for (int number = 0; number < 3; number++)
            {
                var callee = new CalleeLeg(world);
                tried.Add(callee.Invite.Uri[4..callee.Invite.Uri.IndexOf('@', StringComparison.Ordinal)]);
                callee.Respond(404).ExpectAck();
            }
            caller.Expect(404);
            caller.AckFailure();
            firsts.Add(tried[0]);
            Assert.Equal([Outside, Second, Third], tried.Order());
        }
        Assert.Equal(3, firsts.Count);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void All_at_once_the_first_answer_wins_and_the_others_hear_that_the_call_was_completed_elsewhere()
    {
        SwitchFixture world = World(static f => f with { Unconditional = true, UnconditionalTo = new ForwardTargets(ForwardMethod.Simultaneous, 0, [Outside, Second, SwitchFixture.NumberThree]) });
        PhoneCallTests.Register(world, SwitchFixture.PhoneThree, SwitchFixture.NumberThree, "sip:line3@10.0.0.3");
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        CalleeLeg one = new(world), two = new(world), three = new(world, SwitchFixture.PhoneThree);
        Assert.Equal(4, world.Shard.LiveCalls.Count());
        one.Respond(183, sdp: true);
        caller.Expect(180); // whose media it would hear is not decided
        two.Respond(180);
        three.Respond(180);
        Assert.Equal(0, world.Waiting(caller.Address)); // told once
        three.Respond(200, sdp: true);
        three.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        foreach (CalleeLeg left in (CalleeLeg[])[one, two])
        {
            WireMessage cancel = left.ExpectRequest("CANCEL");
            Assert.Contains("cause=200", cancel["Reason"]);
            left.Ok(cancel);
            left.Respond(487);
        }
        Assert.Equal(2, Enumerable.Range(0, 2).Count(_ => one.ExpectRequest("ACK") is not null));
        world.Advance(30);
        Legs.End(caller, three);
        Cdr won = world.Cdrs.Single(static c => c.CalleeE164 == SwitchFixture.NumberThree), first = world.Cdrs.Single(static c => c.CalleeE164 == SwitchFixture.NumberTwo);
        Assert.Equal((won.Answered, won.Stop), (first.Answered, first.Stop));
        Assert.All(world.Cdrs.Where(static c => c.CalleeE164 is Outside or Second), static c => Assert.Equal((false, 487), (c.WasAnswered, c.EndReason)));
        Assert.Equal(4, world.Cdrs.Count);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void All_at_once_the_call_fails_when_the_last_of_them_does()
    {
        SwitchFixture world = World(static f => f with { Unconditional = true, UnconditionalTo = new ForwardTargets(ForwardMethod.Simultaneous, 0, [Outside, Second, "99123"]) }, carriers: ["carrier-a"]);
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        CalleeLeg one = new(world), two = new(world);
        one.Respond(404).ExpectAck();
        Assert.Equal(0, world.Waiting(caller.Address));
        two.Respond(486).ExpectAck();
        caller.Expect(486);
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(ForwardMethod.InOrder)]
    [InlineData(ForwardMethod.Simultaneous)]
    public void A_caller_who_cancels_ends_every_number_and_the_call_to_the_phone(ForwardMethod method)
    {
        SwitchFixture world = World(f => f with { Unconditional = true, UnconditionalTo = new ForwardTargets(method, 0, [Outside, Second]) });
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        CalleeLeg[] rung = method == ForwardMethod.Simultaneous ? [new CalleeLeg(world), new CalleeLeg(world)] : [new CalleeLeg(world)];
        foreach (CalleeLeg callee in rung) callee.Respond(180);
        caller.Expect(180);
        while (world.Waiting(caller.Address) > 0) caller.Expect(180);
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        caller.Expect(487);
        caller.AckFailure();
        foreach (CalleeLeg callee in rung) callee.Ok(callee.ExpectRequest("CANCEL"));
        foreach (CalleeLeg callee in rung) callee.Respond(487);
        foreach (CalleeLeg callee in rung) callee.ExpectAck();
        Assert.Equal(rung.Length + 1, world.Cdrs.Count);
        Assert.All(world.Cdrs, static c => Assert.Equal((487, EndDirection.Caller), (c.EndReason, c.EndDirection)));
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(ForwardMethod.InOrder)]
    [InlineData(ForwardMethod.Simultaneous)]
    public void An_operator_who_drops_the_call_to_the_phone_ends_all_of_it(ForwardMethod method)
    {
        SwitchFixture world = World(f => f with { Unconditional = true, UnconditionalTo = new ForwardTargets(method, 0, [Outside, Second]) });
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        CalleeLeg[] rung = method == ForwardMethod.Simultaneous ? [new CalleeLeg(world), new CalleeLeg(world)] : [new CalleeLeg(world)];
        foreach (CalleeLeg callee in rung) callee.Trying();
        Assert.True(world.Shard.Drop(world.Shard.LiveCalls.Single(static c => c.Cdr.CalleeE164 == SwitchFixture.NumberTwo).Id, Refusal.OperatorDropped, world.Now));
        world.Turn();
        caller.Expect(480);
        caller.AckFailure();
        foreach (CalleeLeg callee in rung) callee.Ok(callee.ExpectRequest("CANCEL"));
        foreach (CalleeLeg callee in rung) callee.Respond(487);
        foreach (CalleeLeg callee in rung) callee.ExpectAck();
        Assert.Equal(Refusal.OperatorDropped, world.Cdrs.Single(static c => c.CalleeE164 == SwitchFixture.NumberTwo).Refusal);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_operator_who_drops_a_call_in_the_middle_of_a_chain_ends_all_of_it_and_tries_no_further_number()
    {
        SwitchFixture world = World(static f => f with { Unconditional = true, UnconditionalTo = To(SwitchFixture.NumberThree, Second) });
        world.Reconfigure(static c => Forwarding(c, SwitchFixture.NumberThree, static f => f with { Unconditional = true, UnconditionalTo = To(Outside, Third) }));
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        var callee = new CalleeLeg(world);
        callee.Trying();
        Assert.True(world.Shard.Drop(world.Shard.LiveCalls.Single(static c => c.Cdr.CalleeE164 == SwitchFixture.NumberThree).Id, Refusal.OperatorDropped, world.Now));
        world.Turn();
        caller.Expect(480);
        caller.AckFailure();
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Respond(487).ExpectAck();
        Assert.Equal(3, world.Cdrs.Count(static c => c.Refusal == Refusal.OperatorDropped));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_call_ends_at_the_paid_second_of_whoever_has_less_money()
    {
        // The caller's gateway has money for long; the phone for one slice and no more.
        var world = new SwitchFixture(static c => c with { Phones = c.Phones.Add("33140", c.Phones[SwitchFixture.NumberTwo] with { E164 = "33140", Account = "2001", Forwards = new ForwardsConfig { Unconditional = true, UnconditionalTo = To(Outside) } }) });
        Assert.Equal(Tandem.Switching.Billing.LedgerOutcome.Done, world.Ledger.Pay("off", world.Ledger.TryFindAccount("2001", out Tandem.Switching.Billing.LedgerAccount? account) ? account.Id : default, -SwitchFixture.Nanos(99.88m), "", "test", world.Now));
        CallerLeg caller = new CallerLeg(world, to: "33140").Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        world.Advance(60);
        caller.Ok(caller.ExpectRequest("BYE"));
        callee.Ok(callee.ExpectRequest("BYE"));
        Cdr leg = world.Cdrs.Single(static c => c.CalleeE164 == Outside), first = world.Cdrs.Single(static c => c.CalleeE164 == "33140");
        Assert.Equal((Refusal.MoneyRanOut, SwitchFixture.Nanos(0.12m), TimeSpan.FromSeconds(60)), (leg.Refusal, leg.Sale!.Nanos, leg.HoldTime));
        Assert.Equal((leg.Stop, EndDirection.Server), (first.Stop, first.EndDirection));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Without_money_for_the_forward_the_next_number_is_tried_and_then_the_call_is_refused()
    {
        SwitchFixture world = World(static f => f with { Unconditional = true, UnconditionalTo = To(Outside, Third) }, balance: 0.10m);
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        caller.Expect(402);
        caller.AckFailure();
        Assert.Equal([Refusal.BalanceTooLow, Refusal.BalanceTooLow, Refusal.BalanceTooLow], world.Cdrs.Select(static c => c.Refusal));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_phone_that_forwards_to_a_phone_that_forwards_back_is_refused_as_a_loop()
    {
        var world = new SwitchFixture(static c => Forwarding(Forwarding(c, SwitchFixture.NumberTwo, static f => f with { Unconditional = true, UnconditionalTo = To(SwitchFixture.NumberOne) }), SwitchFixture.NumberOne, static f => f with { Unconditional = true, UnconditionalTo = To(SwitchFixture.NumberTwo) }));
        CallerLeg caller = PhoneCallTests.Call(world, SwitchFixture.NumberTwo);
        Assert.Equal("Q.850;cause=25", caller.Expect(482)["Reason"]);
        caller.AckFailure();
        Assert.All(world.Cdrs, static c => Assert.Equal(Refusal.ForwardLoop, c.Refusal));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_chain_of_forwards_goes_five_deep_and_no_deeper_and_each_phone_pays_for_its_own()
    {
        static string Link(int i) => $"70{i}";
        SwitchConfiguration Chain(SwitchConfiguration c, int length)
        {
            for (int i = 0; i < length; i++)
            {
                string to = i == length - 1 ? Outside : Link(i + 1);
                c = c with { Phones = c.Phones.SetItem(Link(i), c.Phones[SwitchFixture.NumberTwo] with { E164 = Link(i), Forwards = new ForwardsConfig { Unconditional = true, UnconditionalTo = To(to) } }) };
            }
            return c;
        }

        var world = new SwitchFixture(c => Chain(c, 5));
        CallerLeg caller = PhoneCallTests.Call(world, Link(0));
        var callee = new CalleeLeg(world);
        Assert.Equal(5, callee.Invite.All("Diversion").Length);
        Assert.StartsWith($"<sip:{Link(4)}@", callee.Invite.All("Diversion").First());
        Assert.EndsWith(";index=1.1.1.1.1.1", callee.Invite.All("History-Info").Last());
        callee.Respond(180);
        caller.Expect(180);
        Talk(world, caller, callee, seconds: 10);
        Legs.End(caller, callee);
        Assert.Equal(6, world.Cdrs.Count);
        Assert.All(world.Cdrs, static c => Assert.True(c.WasAnswered));
        world.AssertEverythingReturned();

        world = new SwitchFixture(c => Chain(c, 6));
        caller = PhoneCallTests.Call(world, Link(0));
        caller.Expect(482);
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_call_diverted_five_times_before_it_came_is_not_forwarded_again()
    {
        var world = new SwitchFixture(static c => c with { Phones = c.Phones.Add("33140", c.Phones[SwitchFixture.NumberTwo] with { E164 = "33140", Forwards = new ForwardsConfig { Unconditional = true, UnconditionalTo = To(Outside) } }) });
        CallerLeg caller = new CallerLeg(world, to: "33140").Invite(extra: string.Concat(Enumerable.Range(0, 5).Select(static i => $"Diversion: <sip:90{i}@192.0.2.10>;reason=unconditional\r\n")));
        caller.Expect(100);
        caller.Expect(482);
        caller.AckFailure();
        Assert.Equal(Refusal.ForwardLoop, Assert.Single(world.Cdrs).Refusal);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_forward_without_an_offer_and_reliable_progress_work_as_any_call()
    {
        SwitchFixture world = World(static f => f with { Unconditional = true, UnconditionalTo = To(Outside) });
        var caller = new CallerLeg(world, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberTwo);
        WireMessage challenge = caller.Invite(offer: false).Expect(401);
        caller.AckFailure();
        caller.Invite(offer: false, extra: Digest.Answer(challenge, "INVITE", caller.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password)).Expect(100);
        var callee = new CalleeLeg(world);
        Assert.Equal("", callee.Invite.Body);
        callee.Respond(200, sdp: true);
        Assert.Contains("m=audio", caller.Expect(200).Body);
        caller.Ack(SwitchFixture.Sdp("192.0.2.99", 18200));
        Assert.Contains("m=audio", callee.ExpectAck().Body);
        world.Advance(5);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(ForwardMethod.InOrder)]
    [InlineData(ForwardMethod.Simultaneous)]
    public void A_call_transferred_to_a_phone_that_forwards_goes_on_to_where_it_forwards(ForwardMethod method)
    {
        var world = new SwitchFixture(c => SwitchFixture.ChangeAcme(c, static g => g with { CallTransfer = true }) with
        {
            Phones = c.Phones.Add("33140", c.Phones[SwitchFixture.NumberTwo] with { E164 = "33140", Forwards = new ForwardsConfig { Unconditional = true, UnconditionalTo = new ForwardTargets(method, 0, [Outside, Second]) } }),
        });
        (CallerLeg a, CalleeLeg b) = Legs.Talk(world);
        a.Request("REFER", extra: $"Refer-To: <sip:33140@{SwitchFixture.Us}>\r\n");
        a.Expect(202, "REFER");
        a.Ok(a.ExpectRequest("NOTIFY"));
        CalleeLeg[] rung = method == ForwardMethod.Simultaneous ? [new CalleeLeg(world), new CalleeLeg(world)] : [new CalleeLeg(world)];
        CalleeLeg c = rung[^1];
        rung[0].Trying();
        c.Respond(180);
        WireMessage ringing = a.ExpectRequest("NOTIFY");
        Assert.Equal("SIP/2.0 180 Ringing\r\n", ringing.Body);
        a.Ok(ringing);
        c.Respond(200, sdp: true);
        c.ExpectAck();
        WireMessage? cancel = rung.Length > 1 ? rung[0].ExpectRequest("CANCEL") : null;
        WireMessage asked = b.ExpectRequest("INVITE");
        if (cancel is not null)
        {
            rung[0].Ok(cancel);
            rung[0].Respond(487).ExpectAck();
        }
        world.Deliver(b.Address, Legs.Response(asked, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        b.ExpectAck();
        WireMessage done = a.ExpectRequest("NOTIFY");
        Assert.Equal("SIP/2.0 200 OK\r\n", done.Body);
        a.Ok(done);
        a.Ok(a.ExpectRequest("BYE"));
        world.Advance(10);
        c.Send(c.BuildRequest("BYE"));
        b.Ok(b.ExpectRequest("BYE"));
        c.Expect(200, "BYE");
        Assert.Equal(3, world.Cdrs.Count(static cdr => cdr.WasAnswered)); // the first call, the one to the phone, the one to where it forwards
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_transfer_to_a_phone_whose_forwards_all_fail_is_told_to_the_transferor()
    {
        var world = new SwitchFixture(c => SwitchFixture.ChangeAcme(c, static g => g with { CallTransfer = true }) with
        {
            RoutingGateways = c.RoutingGateways.Remove("carrier-b").Remove("carrier-c"),
            Phones = c.Phones.Add("33140", c.Phones[SwitchFixture.NumberTwo] with { E164 = "33140", Forwards = new ForwardsConfig { Unconditional = true, UnconditionalTo = To(Outside, Second) } }),
        });
        (CallerLeg a, CalleeLeg b) = Legs.Talk(world);
        a.Request("REFER", extra: $"Refer-To: <sip:33140@{SwitchFixture.Us}>\r\n");
        a.Expect(202, "REFER");
        a.Ok(a.ExpectRequest("NOTIFY"));
        new CalleeLeg(world).Respond(404).ExpectAck();
        new CalleeLeg(world).Respond(486).ExpectAck();
        WireMessage failed = a.ExpectRequest("NOTIFY");
        Assert.Equal("SIP/2.0 486 Busy Here\r\n", failed.Body);
        a.Ok(failed);
        Legs.End(a, b);
        world.AssertEverythingReturned();
    }

    private static void Talk(SwitchFixture world, CallerLeg caller, CalleeLeg callee, int seconds)
    {
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        world.Advance(seconds);
    }

    private static ForwardTargets To(params ImmutableArray<string> numbers) => new(ForwardMethod.InOrder, 0, numbers);

    private static SwitchConfiguration Forwarding(SwitchConfiguration c, string phone, Func<ForwardsConfig, ForwardsConfig> change) =>
        SwitchFixture.ChangePhone(c, phone, p => p with { Forwards = change(ForwardsConfig.None) });

    private static SwitchFixture World(Func<ForwardsConfig, ForwardsConfig> change, Func<Tandem.Switching.Settings.SwitchSettings, Tandem.Switching.Settings.SwitchSettings>? settings = null, string[]? carriers = null, decimal balance = 100m) =>
        new(
            c =>
            {
                c = Forwarding(c, SwitchFixture.NumberTwo, change);
                c = c with { Phones = c.Phones.Add(SwitchFixture.NumberThree, c.Phones[SwitchFixture.NumberOne] with { E164 = SwitchFixture.NumberThree }) };
                if (settings is not null) c = c with { Settings = settings(c.Settings) };
                return carriers is null ? c : c with { RoutingGateways = c.RoutingGateways.RemoveRange(c.RoutingGateways.Keys.Except(carriers)) };
            }, balance);

    private static void Registered(SwitchFixture world) => PhoneCallTests.Register(world, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, "sip:line1@10.0.0.9");

    private static string[] Story(Cdr cdr) => [.. WhyStory.Of(cdr).Steps.Select(static s => s.Says)];
}
