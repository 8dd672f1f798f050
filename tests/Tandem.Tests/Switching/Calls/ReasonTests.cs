using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Calls;

namespace Tandem.Tests.Switching.Calls;

/// <summary>The Reason header (RFC 3326): ours on BYE and CANCEL, the peers' read and, as numbers, passed.</summary>
public class ReasonTests
{
    private readonly SwitchFixture _switch = new();

    [Fact]
    public void A_BYE_passes_the_numbers_of_its_reasons_and_nothing_else_and_the_log_has_them()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("BYE", extra: "Reason: Q.850;cause=31;text=\"secret\", X-Own;cause=7\r\nReason: SIP;cause=480;host=pbx.example\r\n");
        WireMessage bye = callee.ExpectRequest("BYE");
        Assert.Equal(["Q.850;cause=31", "SIP;cause=480"], bye.All("Reason"));
        callee.Ok(bye);
        caller.Expect(200, "BYE");
        Assert.Equal([(0L, 480L, 31L)], Reasons());
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("Reason: Q.850;cause=128\r\n")]
    [InlineData("Reason: Q.850;cause=x\r\n")]
    [InlineData("Reason: Q.850\r\n")]
    [InlineData("Reason: SIP;cause=99\r\n")]
    [InlineData("")]
    public void What_is_no_reason_is_passed_over(string header)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("BYE", extra: header);
        WireMessage bye = callee.ExpectRequest("BYE");
        Assert.Empty(bye.All("Reason"));
        callee.Ok(bye);
        caller.Expect(200, "BYE");
        Assert.Empty(Reasons());
    }

    [Fact]
    public void A_CANCEL_says_that_the_call_was_completed_elsewhere_when_the_callers_did()
    {
        (CallerLeg caller, CalleeLeg callee) = Ring();
        string cancel = caller.LastRequest[..(caller.LastRequest.IndexOf("Contact:", StringComparison.Ordinal))].Replace("INVITE sip", "CANCEL sip").Replace(" INVITE\r\n", " CANCEL\r\n");
        _switch.Deliver(caller.Address, cancel + "Reason: SIP;cause=200;text=\"whatever\"\r\nContent-Length: 0\r\n\r\n");
        caller.Expect(200, "CANCEL");
        WireMessage passed = callee.ExpectRequest("CANCEL");
        Assert.Equal(["SIP;cause=200;text=\"Call completed elsewhere\""], passed.All("Reason"));
        Finish(caller, callee, passed);
    }

    [Fact]
    public void A_CANCEL_without_a_reason_is_passed_without()
    {
        (CallerLeg caller, CalleeLeg callee) = Ring();
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        WireMessage passed = callee.ExpectRequest("CANCEL");
        Assert.Empty(passed.All("Reason"));
        Finish(caller, callee, passed);
    }

    [Fact]
    public void A_CANCEL_of_ours_gives_the_reason_of_the_table()
    {
        (CallerLeg caller, CalleeLeg callee) = Ring();
        _switch.Advance(120.1);
        WireMessage cancel = callee.ExpectRequest("CANCEL");
        Assert.Equal(["Q.850;cause=19", "SIP;cause=480"], cancel.All("Reason"));
        callee.Ok(cancel);
        callee.Ok(callee.Invite, 487);
        callee.ExpectAck();
        caller.Expect(480);
        caller.AckFailure();
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_reason_of_a_failure_is_kept_in_the_log_and_shown_to_nobody()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(486, extra: "Reason: Q.850;cause=17;text=\"User busy\"\r\n");
        callee.ExpectAck();
        Assert.Empty(caller.Expect(486).All("Reason"));
        caller.AckFailure();
        Assert.Equal([(1L, 0L, 17L)], Reasons());
        _switch.AssertEverythingReturned();
    }

    private IEnumerable<(long, long, long)> Reasons() =>
        DecisionLogReader.Read(Assert.Single(_switch.Cdrs).DecisionLog).Where(static e => e.Kind == DecisionKind.PeerReason).Select(static e => (e.Numbers[0], e.Numbers[1], e.Numbers[2]));

    private (CallerLeg, CalleeLeg) Ring()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(180);
        caller.Expect(180);
        return (caller, callee);
    }

    [Theory]
    [InlineData("0:0", 503, "Reason: Q.850;cause=34\r\n", "Q.850;cause=34")]
    [InlineData("34:41", 503, "Reason: Q.850;cause=34\r\n", "Q.850;cause=41")]
    [InlineData("41:34", 503, "", "Q.850;cause=34")] // by RFC 3398 503 is 41
    [InlineData("17:31,0:1", 486, "", "Q.850;cause=31")]
    [InlineData("17:31,0:1", 404, "", "Q.850;cause=1")]
    [InlineData("17:31", 603, "Reason: SIP;cause=603\r\n", "Q.850;cause=21")]
    [InlineData("", 503, "Reason: Q.850;cause=34\r\n", null)]
    public void A_customer_with_a_map_of_causes_hears_the_carriers_cause_through_it(string map, int status, string reason, string? heard)
    {
        var world = new SwitchFixture(c => SwitchFixture.ChangeAcme(c with { RoutingGateways = c.RoutingGateways.Remove("carrier-b").Remove("carrier-c") }, g => g with { CallFailedQ931CauseValue = map }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        callee.Respond(status, extra: reason);
        callee.ExpectAck();
        Assert.Equal(heard is null ? [] : [heard], caller.Expect(status).All("Reason"));
        caller.AckFailure();
        world.AssertEverythingReturned();
    }

    [Fact]
    public void The_map_of_causes_counts_for_the_switches_own_refusals_and_the_story_tells_both()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangeAcme(c, static g => g with { CallFailedQ931CauseValue = "3:31", CallFailedSipCode = "404:503" }));
        CallerLeg caller = new CallerLeg(world, to: "99123").Invite();
        caller.Expect(100);
        Assert.Equal("Q.850;cause=31", caller.Expect(503)["Reason"]);
        caller.AckFailure();
        Assert.Contains("The customer hears Q.850 cause 31 in place of 3.", WhyStory.Of(world.Cdrs[^1]).Steps.Select(static s => s.Says));
        Assert.Equal(Refusal.NoRoute, world.Cdrs[^1].Refusal);
    }

    private void Finish(CallerLeg caller, CalleeLeg callee, WireMessage cancel)
    {
        callee.Ok(cancel);
        callee.Ok(callee.Invite, 487);
        callee.ExpectAck();
        caller.Expect(487);
        caller.AckFailure();
        _switch.AssertEverythingReturned();
    }
}
