using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Callbacks: the switch calls one end, then the other, and joins them; callees reserved for a call to come (docs/callbacks.md).</summary>
public sealed class CallbackTests
{
    private const string CallerNumber = "442079460123";
    private const string First = "15550001";
    private const string Second = "15550002";

    private readonly SwitchFixture _switch = new();

    [Fact]
    public void The_caller_is_called_first_then_the_callee_and_both_calls_are_charged_to_the_end()
    {
        CallId id = Begin(First);
        var a = new CalleeLeg(_switch);
        Assert.Equal($"sip:{CallerNumber}@{SwitchFixture.CarrierA.HostString()}", a.Invite.Uri);
        Assert.StartsWith("<sip:900@", a.Invite["From"]);
        Assert.Contains("m=audio", a.Invite.Body);
        Assert.DoesNotContain("192.0.2.1", a.Invite.Body);
        a.Respond(180);
        _switch.AssertQuiet();
        a.Respond(200, sdp: true);
        a.ExpectAck();
        var b = new CalleeLeg(_switch);
        b.Respond(100);
        _switch.Advance(5);
        Assert.StartsWith($"sip:{First}@", b.Invite.Uri);
        Assert.StartsWith("<sip:901@", b.Invite["From"]);
        Assert.Contains("RTP/AVP 8", b.Invite.Body);
        b.Respond(180);
        _switch.AssertQuiet();
        b.Respond(200, sdp: true);
        b.ExpectAck();
        Agree(a);
        Assert.Equal(1, _switch.Relay.PortsLent / 4);
        _switch.Advance(55);
        _switch.AssertQuiet();
        b.Send(b.BuildRequest("BYE"));
        a.Ok(a.ExpectRequest("BYE"));
        b.Expect(200, "BYE");

        Cdr one = Cdr(CallerNumber), two = Cdr(First);
        Assert.Equal(id, one.Call);
        Assert.Equal((TimeSpan.FromSeconds(60), EndDirection.Caller, "2001", SwitchFixture.NumberOne, BillingMode.Phone), (one.HoldTime, one.EndDirection, one.Sale!.AccountNumber, one.CallerAccessE164, one.BillingMode));
        Assert.Equal((TimeSpan.FromSeconds(55), EndDirection.Callee, "2001", CallerNumber), (two.HoldTime, two.EndDirection, two.Sale!.AccountNumber, two.CallerAccessE164));
        Assert.Equal((620_000_000L, 110_000_000L), (one.Sale.Nanos, two.Sale.Nanos)); // 60 s at 0.60 + 0.02, 55 s at 0.12
        Assert.Equal(0, _switch.LinesOfPhone(SwitchFixture.NumberOne));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void When_the_caller_does_not_answer_nobody_else_is_called()
    {
        Begin(First);
        for (int i = 0; i < 3; i++)
        {
            var a = new CalleeLeg(_switch, i == 0 ? SwitchFixture.CarrierA : i == 1 ? SwitchFixture.CarrierB : SwitchFixture.CarrierC);
            a.Respond(486).ExpectAck();
            if (_switch.Cdrs.Count > 0) break;
        }
        Assert.Equal((486, EndDirection.Callee), (Cdr(CallerNumber).EndReason, Cdr(CallerNumber).EndDirection));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_callees_are_called_in_order_until_one_answers_and_the_caller_hears_ringing_meanwhile()
    {
        Begin(First, Second);
        CalleeLeg a = Answered();
        var one = new CalleeLeg(_switch);
        one.Respond(180);
        Assert.Equal([MediaSide.Callee], _switch.Relay.Playing.Where(static p => p.Value is not null).Select(static p => p.Key.To));
        one.Respond(404).ExpectAck();
        Assert.All(_switch.Relay.Playing.Values, Assert.Null);
        CalleeLeg two = new(_switch);
        while (!two.Invite.Uri.StartsWith($"sip:{Second}@", StringComparison.Ordinal))
        {
            two.Respond(404).ExpectAck();
            two = new CalleeLeg(_switch);
        }
        two.Respond(200, sdp: true).ExpectAck();
        Agree(a);
        _switch.Advance(10);
        End(a, two);
        Assert.Equal([(First, false), (Second, true), (CallerNumber, true)], _switch.Cdrs.Select(static c => (c.CalleeE164, c.WasAnswered)).OrderBy(static c => c.CalleeE164, StringComparer.Ordinal));
    }

    [Fact]
    public void When_no_callee_can_be_reached_the_caller_is_hung_up_and_its_CDR_says_why()
    {
        Begin("99123");
        CalleeLeg a = Answered();
        a.Ok(a.ExpectRequest("BYE"));
        Assert.Equal(Refusal.CallbackFailed, Cdr(CallerNumber).Refusal);
        Assert.Equal(Refusal.NoRoute, Cdr("99123").Refusal);
        string story = WhyText.Of(WhyStory.Of(Cdr(CallerNumber)));
        Assert.Contains("phone that has a callback made", story);
        Assert.Contains($"{CallerNumber} could not be given to 99123", story);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_that_hangs_up_while_the_callee_rings_has_the_other_call_cancelled()
    {
        Begin(First);
        CalleeLeg a = Answered();
        var b = new CalleeLeg(_switch);
        b.Respond(180);
        a.Send(a.BuildRequest("BYE"));
        b.Ok(b.ExpectRequest("CANCEL"));
        a.Expect(200, "BYE");
        b.Respond(487).ExpectAck();
        Assert.Equal(2, _switch.Cdrs.Count);
        Assert.False(Cdr(First).WasAnswered);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_that_changes_its_media_while_the_callee_rings_is_asked_to_wait()
    {
        Begin(First);
        CalleeLeg a = Answered();
        var b = new CalleeLeg(_switch);
        a.Send(a.BuildRequest("INVITE", body: a.Sdp));
        a.Expect(491, "INVITE");
        a.Send(a.BuildRequest("ACK"));
        b.Respond(200, sdp: true).ExpectAck();
        Agree(a);
        End(a, b);
    }

    [Fact]
    public void A_caller_that_does_not_take_the_callees_media_ends_both_calls_and_no_other_callee_is_tried()
    {
        Begin(First, Second);
        CalleeLeg a = Answered();
        var b = new CalleeLeg(_switch);
        b.Respond(200, sdp: true).ExpectAck();
        a.Ok(a.ExpectRequest("INVITE"), 488);
        a.ExpectAck();
        b.Ok(b.ExpectRequest("BYE"));
        a.Ok(a.ExpectRequest("BYE"));
        Assert.Equal([Refusal.TransferFailed, Refusal.CallbackFailed], [Cdr(First).Refusal, Cdr(CallerNumber).Refusal]);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_first_calls_id_ends_it_at_any_time()
    {
        CallId id = Begin(First);
        var ringing = new CalleeLeg(_switch);
        ringing.Respond(180);
        Assert.True(_switch.Shard.Drop(id, Refusal.OperatorDropped, _switch.Now));
        ringing.Ok(ringing.ExpectRequest("CANCEL"));
        ringing.Respond(487).ExpectAck();

        id = Begin(First);
        CalleeLeg a = Answered();
        var b = new CalleeLeg(_switch);
        b.Respond(200, sdp: true).ExpectAck();
        Agree(a);
        Assert.True(_switch.Shard.Drop(id, Refusal.OperatorDropped, _switch.Now));
        _switch.Turn();
        b.Ok(b.ExpectRequest("BYE"));
        a.Ok(a.ExpectRequest("BYE"));
        Assert.Equal(3, _switch.Cdrs.Count(static c => c.Refusal == Refusal.OperatorDropped));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void An_access_number_makes_as_many_callbacks_at_once_as_its_phone_has_lines()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangePhone(c, SwitchFixture.NumberOne, static p => p with { LineCapacity = 1 }));
        Assert.Equal(Refusal.None, world.Shard.CallBack(Order(First), world.Now, out _));
        Assert.Equal(Refusal.GatewayBusy, world.Shard.CallBack(Order(First), world.Now, out CallId second));
        world.Turn();
        Assert.Equal((second, Refusal.GatewayBusy), (world.Cdrs.Single().Call, world.Cdrs.Single().Refusal));
    }

    [Fact]
    public void Each_call_has_its_own_payer()
    {
        var world = new SwitchFixture(static c => c with
        {
            Accounts = c.Accounts.Add("3001", c.Accounts["2001"] with { Number = "3001" }),
            Phones = c.Phones.SetItem(SwitchFixture.NumberTwo, c.Phones[SwitchFixture.NumberTwo] with { Account = "3001" }),
        });
        world.Shard.CallBack(Order(First) with { SecondPayer = Number(SwitchFixture.NumberTwo) }, world.Now, out _);
        world.Turn();
        var a = new CalleeLeg(world);
        a.Respond(200, sdp: true).ExpectAck();
        var b = new CalleeLeg(world);
        b.Respond(200, sdp: true).ExpectAck();
        Agree(a, world);
        world.Advance(60);
        End(a, b, world);
        Assert.Equal([("2001", CallerNumber), ("3001", First)], world.Cdrs.Select(static c => (c.Sale!.AccountNumber, c.CalleeE164)).Order());
    }

    [Fact]
    public void A_caller_whose_phone_forwards_is_reached_where_it_forwards_to()
    {
        var world = new SwitchFixture(static c => SwitchFixture.ChangePhone(c, SwitchFixture.NumberTwo, static p => p with { Forwards = new ForwardsConfig { Unconditional = true, UnconditionalTo = new ForwardTargets(ForwardMethod.Simultaneous, 0, [Second, CallerNumber]) } }));
        Assert.Equal(Refusal.None, world.Shard.CallBack(Order(First) with { Caller = Number(SwitchFixture.NumberTwo) }, world.Now, out CallId id));
        world.Turn();
        CalleeLeg one = new(world), two = new(world);
        one.Respond(180);
        two.Respond(200, sdp: true).ExpectAck();
        one.Ok(one.ExpectRequest("CANCEL"));
        var b = new CalleeLeg(world);
        one.Respond(487).ExpectAck();
        Assert.StartsWith($"sip:{First}@", b.Invite.Uri);
        b.Respond(200, sdp: true).ExpectAck();
        Agree(two, world);
        world.Advance(10);
        Assert.True(world.Shard.Drop(id, Refusal.OperatorDropped, world.Now));
        world.Turn();
        b.Ok(b.ExpectRequest("BYE"));
        two.Ok(two.ExpectRequest("BYE"));
        Assert.Equal(4, world.Cdrs.Count);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_callee_reserved_for_a_caller_gets_its_next_call_to_the_access_number_and_only_that()
    {
        Assert.True(_switch.Shard.World.Reserved.TryReserve(Number(SwitchFixture.NumberTwo), Number(SwitchFixture.NumberOne), Number(First), _switch.Now));
        CallerLeg caller = PhoneCallTests.Call(_switch, SwitchFixture.NumberTwo);
        var callee = new CalleeLeg(_switch);
        Assert.StartsWith($"sip:{First}@", callee.Invite.Uri);
        callee.Respond(200, sdp: true).ExpectAck();
        caller.Expect(200);
        caller.Ack();
        _switch.Advance(60);
        Legs.End(caller, callee);
        Assert.Equal(("2001", SwitchFixture.NumberTwo), (Cdr(First).Sale!.AccountNumber, Cdr(First).CallerAccessE164));
        Assert.Contains($"Phone {SwitchFixture.NumberTwo} has a callee reserved for this caller and forwards the call to {First}.", WhyText.Of(WhyStory.Of(Cdr(SwitchFixture.NumberTwo))));
        PhoneCallTests.Call(_switch, SwitchFixture.NumberTwo).Expect(480); // it is not there, and nothing is reserved any more
        Assert.Equal(0, _switch.Shard.World.Reserved.Count);
    }

    [Fact]
    public void A_reserved_callee_is_for_nobody_else_and_not_for_ever()
    {
        _switch.Shard.World.Reserved.TryReserve(Number(SwitchFixture.NumberTwo), Number("5559"), Number(First), _switch.Now);
        _switch.Shard.World.Reserved.TryReserve(Number(SwitchFixture.NumberTwo), Number(SwitchFixture.NumberOne), Number(First), _switch.Now);
        _switch.Shard.World.Reserved.TryReserve(Number("5558"), Number(SwitchFixture.NumberOne), Number(First), _switch.Now);
        _switch.Advance(601);
        PhoneCallTests.Call(_switch, SwitchFixture.NumberTwo).Expect(480);
    }

    private CallId Begin(params string[] callees)
    {
        Assert.Equal(Refusal.None, _switch.Shard.CallBack(Order(callees), _switch.Now, out CallId id));
        _switch.Turn();
        return id;
    }

    private static CallbackOrder Order(params string[] callees) =>
        new(Number(CallerNumber), [.. callees.Select(Number)], Number(SwitchFixture.NumberOne), Number(SwitchFixture.NumberOne), Number(SwitchFixture.NumberOne), Number("900"), Number("901"));

    private CalleeLeg Answered()
    {
        var a = new CalleeLeg(_switch);
        a.Respond(200, sdp: true).ExpectAck();
        return a;
    }

    private void Agree(CalleeLeg a, SwitchFixture? world = null)
    {
        WireMessage asked = a.ExpectRequest("INVITE");
        Assert.Equal((a.Invite.CallId, a.Tag), (asked.CallId, asked.ToTag));
        (world ?? _switch).Deliver(a.Address, Legs.Response(asked, 200, "", $"<sip:in@{a.Address}>", "", a.Sdp));
        a.ExpectAck();
    }

    private void End(CalleeLeg a, CalleeLeg b, SwitchFixture? world = null)
    {
        a.Send(a.BuildRequest("BYE"));
        b.Ok(b.ExpectRequest("BYE"));
        a.Expect(200, "BYE");
        (world ?? _switch).AssertEverythingReturned();
    }

    private Cdr Cdr(string callee) => _switch.Cdrs.Single(c => c.CalleeE164 == callee);

    private static DialString Number(string text) => DialString.Parse(text);
}
