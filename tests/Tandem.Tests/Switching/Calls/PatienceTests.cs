using Tandem.Primitives;
using Tandem.Primitives.Settings;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>How long each part of a call may last: by the system's settings and by the device's own.</summary>
public class PatienceTests
{
    private static readonly TimeSpan Seven = TimeSpan.FromSeconds(7);

    /// <summary>Phase, whether the gateway states its own, seconds until the attempt is given up, whether the next gateway is tried.</summary>
    public static TheoryData<string, bool, double, bool> Phases => new()
    {
        { "silent", false, 7, true }, { "silent", true, 3, true },
        { "trying", false, 7, true }, { "trying", true, 3, true },
        { "progress", false, 7, true }, { "progress", true, 3, true },
        { "sdp", false, 7, false }, { "sdp", true, 3, false },
        { "ringing", false, 7, false }, { "ringing", true, 3, false },
    };

    [Theory]
    [MemberData(nameof(Phases))]
    public void Each_phase_of_an_attempt_lasts_as_long_as_the_gateway_or_else_the_system_says(string phase, bool own, double seconds, bool next)
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangeCarrier(said, "carrier-a", g => !own ? g : phase switch
        {
            "silent" => g with { TimeoutInvite = 3 },
            "trying" => g with { TimeoutTrying = 3 },
            "progress" => g with { TimeoutSessionProgress = 3 },
            "sdp" => g with { TimeoutSessionProgressSdp = 3 },
            _ => g with { TimeoutRinging = 3 },
        }) with
        {
            Settings = said.Settings with
            {
                Sip = phase switch
                {
                    "silent" => said.Settings.Sip with { TimeoutInvite = Seven },
                    "trying" => said.Settings.Sip with { TimeoutTrying = Seven },
                    "progress" => said.Settings.Sip with { TimeoutSessionProgress = Seven },
                    "sdp" => said.Settings.Sip with { TimeoutSessionProgressSdp = Seven },
                    _ => said.Settings.Sip with { TimeoutRinging = Seven },
                },
            },
        });
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        switch (phase)
        {
            case "silent": break;
            case "trying": callee.Trying(); break;
            case "progress": callee.Respond(183); caller.Expect(183); break;
            case "sdp": callee.Respond(183, sdp: true); caller.Expect(183); break;
            default: callee.Respond(180); caller.Expect(180); break;
        }
        world.Advance(seconds - 0.05);
        Assert.Equal((0, 0), (world.Waiting(caller.Address), world.Waiting(SwitchFixture.CarrierB)));
        world.Advance(0.1);
        if (phase == "silent") world.Forget(callee.Address);
        else callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Ok(callee.Invite, 487);
        callee.ExpectAck();
        if (next)
        {
            var other = new CalleeLeg(world, SwitchFixture.CarrierB);
            other.Respond(486);
            other.ExpectAck();
            caller.Expect(486);
        }
        else
        {
            caller.Expect(480);
            Assert.Equal(Refusal.NoAnswer, Assert.Single(world.Cdrs).Refusal);
        }
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_INVITE_is_sent_again_after_the_pauses_stated_and_then_the_next_gateway_is_tried()
    {
        SwitchFixture world = SwitchFixture.WithSettings(static s => s with { Sip = s.Sip with { ResendInterval = SecondsList.Parse("0.3,0.2,1.5"), TimeoutInvite = TimeSpan.FromSeconds(60) } });
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        world.Advance(2.25);
        Assert.Equal([0, 300, 500, 2000], Sent("INVITE", SwitchFixture.CarrierA));
        Assert.Equal(0, world.Waiting(SwitchFixture.CarrierB));
        world.Advance(0.1);
        world.Forget(SwitchFixture.CarrierA);
        var next = new CalleeLeg(world, SwitchFixture.CarrierB);
        Assert.Equal([2300], Sent("INVITE", SwitchFixture.CarrierB));
        next.Respond(200, sdp: true);
        next.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        caller.Request("BYE");
        caller.Expect(200, "BYE");
        world.Advance(10);
        Assert.Equal([2350, 2650, 2850, 4350], Sent("BYE", SwitchFixture.CarrierB)); // other requests likewise
        world.Forget(SwitchFixture.CarrierB);
        world.AssertEverythingReturned();

        int[] Sent(string method, NetAddress to) => [.. world.Sent.Where(m => !m.IsResponse && m.Method == method && m.To == to).Select(m => (int)(m.At - world.Sent[0].At).TotalMilliseconds)];
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(12)]
    public void A_mapping_gateway_may_leave_a_call_unanswered_only_so_long_over_all_attempts(int seconds)
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangeAcme(said, g => g with { TimeoutCallProceeding = seconds }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var first = new CalleeLeg(world);
        world.Advance(10.1); // the first gateway says nothing
        world.Forget(first.Address);
        first.Ok(first.Invite, 487);
        first.ExpectAck();
        var second = new CalleeLeg(world, SwitchFixture.CarrierB);
        second.Respond(180);
        caller.Expect(180);
        world.Advance(1.8);
        Assert.Equal(0, world.Waiting(caller.Address));
        world.Advance(0.2);
        if (seconds <= 0)
        {
            world.Advance(60);
            second.Respond(200, sdp: true);
            second.ExpectAck();
            caller.Expect(200);
            caller.Ack();
            caller.Request("BYE");
            second.Ok(second.ExpectRequest("BYE"));
            caller.Expect(200, "BYE");
            world.AssertEverythingReturned();
            return;
        }
        caller.Expect(480);
        caller.AckFailure();
        second.Ok(second.ExpectRequest("CANCEL"));
        second.Ok(second.Invite, 487);
        second.ExpectAck();
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((Refusal.NoAnswer, EndDirection.Server), (cdr.Refusal, cdr.EndDirection));
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(-1, -1, 100, 100)] // both as the system says
    [InlineData(0, 0, 100, 0)] // none at all
    [InlineData(0, -1, 100, 100)]
    [InlineData(50, -1, 100, 50)]
    [InlineData(-1, 50, 100, 50)]
    [InlineData(200, 0, 100, 200)] // a device's own limit stands in the place of the system's
    [InlineData(200, 150, 0, 150)]
    public void The_shorter_limit_of_the_two_devices_ends_the_call(int caller, int callee, int system, int seconds)
    {
        var world = new SwitchFixture(
            said => SwitchFixture.ChangeAcme(SwitchFixture.ChangeCarrier(said, "carrier-a", g => g with { MaxCallDurationLower = callee, MaxCallDurationUpper = callee }),
                g => g with { MaxCallDurationLower = caller, MaxCallDurationUpper = caller }) with
            {
                Settings = said.Settings with { Calls = said.Settings.Calls with { MaxCallDuration = TimeSpan.FromSeconds(system) } },
            });
        (CallerLeg callerLeg, CalleeLeg calleeLeg) = Legs.Talk(world);
        if (seconds == 0)
        {
            world.Advance(1000);
            Legs.End(callerLeg, calleeLeg);
            world.AssertEverythingReturned();
            return;
        }
        world.Advance(seconds - 0.1);
        world.AssertQuiet();
        world.Advance(0.2);
        calleeLeg.Ok(calleeLeg.ExpectRequest("BYE"));
        callerLeg.Ok(callerLeg.ExpectRequest("BYE"));
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((Refusal.MaxDuration, EndDirection.Server, TimeSpan.FromSeconds(seconds)), (cdr.Refusal, cdr.EndDirection, cdr.HoldTime));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Between_two_limits_chance_decides_to_the_second()
    {
        var entropy = new SeededEntropy(5);
        int[] drawn = [.. Enumerable.Range(0, 2000).Select(_ => (int)new TalkLimit(60, 63).Draw(new CallSettings(), entropy).TotalSeconds)];
        Assert.Equal([60, 61, 62, 63], drawn.Distinct().Order());
        Assert.All(drawn.GroupBy(static s => s), static g => Assert.InRange(g.Count(), 400, 600));
    }

    [Fact]
    public void A_phone_has_its_limit_whichever_end_it_is()
    {
        var world = new SwitchFixture(static said => said with { Phones = said.Phones.Add("442079", new PhoneConfig { E164 = "442079", Password = SwitchFixture.Password, CallDurationLimit = 30 }) });
        PhoneCallTests.Register(world, SwitchFixture.PhoneTwo, "442079", $"sip:442079@{SwitchFixture.PhoneTwo}");
        CallerLeg caller = new CallerLeg(world, to: "442079").Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world, SwitchFixture.PhoneTwo);
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        world.Advance(30.1);
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Ok(caller.ExpectRequest("BYE"));
        Assert.Equal((Refusal.MaxDuration, TimeSpan.FromSeconds(30)), (Assert.Single(world.Cdrs).Refusal, world.Cdrs[0].HoldTime));
    }
}
