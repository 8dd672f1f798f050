using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Calls whose media goes from end to end (docs/media.md).</summary>
public sealed class DirectMediaTests
{
    private const string Target = "442079460999";
    private const string CallerMedia = "c=IN IP4 192.0.2.99\r\n", CalleeMedia = "c=IN IP4 203.0.113.77\r\n", Ours = "c=IN IP4 198.51.100.7\r\n";

    private readonly SwitchFixture _switch = new(Auto);

    [Fact]
    public void Each_end_is_told_the_others_media_and_nothing_else_of_it()
    {
        (CallerLeg caller, CalleeLeg callee, WireMessage ok) = Talk(_switch);
        Assert.Contains(CallerMedia, callee.Invite.Body);
        Assert.Contains("m=audio 18200 RTP/AVP 8 0 101\r\n", callee.Invite.Body);
        Assert.Contains("o=- ", callee.Invite.Body);
        Assert.Contains(" IN IP4 198.51.100.7\r\ns=-\r\n", callee.Invite.Body);
        Assert.Contains(CalleeMedia, ok.Body);
        Assert.Contains("m=audio 30500 RTP/AVP 8 0 101\r\n", ok.Body);
        Assert.DoesNotContain("secret name", callee.Invite.Body + ok.Body);
        Assert.DoesNotContain("192.0.2.", callee.Invite.Text.Replace(callee.Invite.Body, ""));
        Assert.DoesNotContain("203.0.113.", ok.Text.Replace(ok.Body, ""));
        Assert.Equal(0, _switch.Relay.PortsLent);
        Legs.End(caller, callee);
        Assert.Equal("0 80", Placed(Assert.Single(_switch.Cdrs).DecisionLog));
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(DeviceProxy.MustOn, DeviceProxy.Off, "1 11")]
    [InlineData(DeviceProxy.Auto, DeviceProxy.On, "1 31")]
    [InlineData(DeviceProxy.Off, DeviceProxy.On, "0 20")]
    public void Devices_decide_and_the_log_says_which(DeviceProxy customer, DeviceProxy carrier, string placed)
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangeAcme(SwitchFixture.ChangeCarrier(Auto(said), "carrier-a", g => g with { RtpForward = carrier }), g => g with { RtpForward = customer }));
        (CallerLeg caller, CalleeLeg callee, _) = Talk(world);
        Assert.Contains(placed[0] == '1' ? Ours : CallerMedia, callee.Invite.Body);
        Assert.Equal(placed[0] == '1' ? 4 : 0, world.Relay.PortsLent);
        Legs.End(caller, callee);
        Assert.Equal(placed, Placed(Assert.Single(world.Cdrs).DecisionLog));
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(MediaProxyMode.Off, false)]
    [InlineData(MediaProxyMode.On, true)]
    [InlineData(MediaProxyMode.MustOn, true)]
    public void The_mode_decides_where_devices_say_nothing(MediaProxyMode mode, bool relayed)
    {
        var world = new SwitchFixture(said => Media(said, m => m with { ProxyMode = mode }));
        (CallerLeg caller, CalleeLeg callee, _) = Talk(world);
        Assert.Contains(relayed ? Ours : CallerMedia, callee.Invite.Body);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_caller_whose_SDP_is_private_is_behind_a_NAT_and_relayed_unless_that_is_off()
    {
        foreach (bool on in new[] { true, false })
        {
            var world = new SwitchFixture(said => Media(said, m => m with { ProxyMode = MediaProxyMode.Auto, ProxyBehindNat = on }));
            CallerLeg caller = new CallerLeg(world) { Sdp = SwitchFixture.Sdp("10.0.0.5", 4000) }.Invite();
            caller.Expect(100);
            var callee = new CalleeLeg(world);
            Assert.Contains(on ? Ours : "c=IN IP4 10.0.0.5\r\n", callee.Invite.Body);
            Answered(caller, callee);
            Legs.End(caller, callee);
            Assert.Equal(on ? "1 71" : "0 80", Placed(Assert.Single(world.Cdrs).DecisionLog));
            world.AssertEverythingReturned();
        }
    }

    [Fact]
    public void Without_a_free_port_a_direct_call_is_made_all_the_same()
    {
        var world = new SwitchFixture(Auto, leases: 0);
        (CallerLeg caller, CalleeLeg callee, _) = Talk(world);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Several_lines_pass_with_their_own_addresses_and_lines_that_need_more_are_rejected()
    {
        const string Offer = "v=0\r\no=x 1 1 IN IP4 192.0.2.99\r\ns=x\r\nc=IN IP4 192.0.2.99\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=rtcp:4009\r\na=ice-ufrag:zz\r\na=candidate:1 1 UDP 1 10.9.9.9 4000 typ host\r\n"
            + "m=video 5000 RTP/AVPF 96\r\nc=IN IP4 192.0.2.98\r\na=rtpmap:96 H264/90000\r\na=rtcp-mux\r\na=rtcp-fb:96 nack\r\nm=audio 6000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\n";
        CallerLeg caller = new CallerLeg(_switch) { Sdp = Offer }.Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        Assert.EndsWith("s=-\r\nc=IN IP4 192.0.2.99\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=rtcp:4009\r\nm=video 5000 RTP/AVPF 96\r\nc=IN IP4 192.0.2.98\r\na=rtpmap:96 H264/90000\r\na=rtcp-mux\r\na=rtcp-fb:96 nack\r\nm=audio 0 RTP/SAVP 0\r\n", callee.Invite.Body);
        Answered(caller, callee);
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void Hold_resume_and_a_change_to_T38_pass()
    {
        (CallerLeg caller, CalleeLeg callee, _) = Talk(_switch);
        string session = Origin(callee.Invite)[1];
        Change(caller, callee, caller.Sdp.Replace("sendrecv", "sendonly"), "a=sendonly\r\n");
        Change(caller, callee, caller.Sdp.Replace("c=IN IP4 192.0.2.99", "c=IN IP4 0.0.0.0"), "c=IN IP4 0.0.0.0\r\n");
        WireMessage fax = Change(caller, callee, "v=0\r\no=x 1 1 IN IP4 192.0.2.99\r\ns=x\r\nc=IN IP4 192.0.2.99\r\nt=0 0\r\nm=image 18300 udptl t38\r\na=T38FaxVersion:0\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n", "m=image 18300 udptl t38\r\na=T38FaxVersion:0\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n");
        Assert.Equal((session, "4"), (Origin(fax)[1], Origin(fax)[2]));
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_late_offer_and_its_answer_pass()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(offer: false);
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(200, sdp: true);
        Assert.Contains(CalleeMedia, caller.Expect(200).Body);
        caller.Ack(caller.Sdp);
        Assert.Contains(CallerMedia, callee.ExpectAck().Body);
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(DeviceProxy.Off, DeviceProxy.On)]
    [InlineData(DeviceProxy.On, DeviceProxy.Off)]
    public void After_early_media_of_one_end_another_may_answer_and_the_caller_is_told_again(DeviceProxy first, DeviceProxy second)
    {
        var world = new SwitchFixture(said => SwitchFixture.ChangeCarrier(SwitchFixture.ChangeCarrier(
            Auto(said) with { Settings = Auto(said).Settings with { Sip = said.Settings.Sip with { StopSwitchAfterSdp = false } } }, "carrier-a", g => g with { RtpForward = first }), "carrier-b", g => g with { RtpForward = second }));
        CallerLeg caller = new CallerLeg(world).Invite();
        caller.Expect(100);
        var one = new CalleeLeg(world);
        one.Respond(183, sdp: true);
        Assert.Contains(first == DeviceProxy.Off ? CalleeMedia : Ours, caller.Expect(183).Body);
        one.Respond(503);
        one.ExpectAck();
        var two = new CalleeLeg(world, SwitchFixture.CarrierB) { Sdp = SwitchFixture.Sdp("203.0.113.88", 30700) };
        Assert.Contains(second == DeviceProxy.Off ? CallerMedia : Ours, two.Invite.Body);
        two.Respond(200, sdp: true);
        two.ExpectAck();
        string media = second == DeviceProxy.Off ? "c=IN IP4 203.0.113.88\r\n" : Ours;
        Assert.Contains(media, caller.Expect(200).Body);
        Assert.Equal(second == DeviceProxy.Off ? 0 : 4, world.Relay.PortsLent);
        caller.Ack();
        WireMessage again = caller.ExpectRequest("INVITE");
        Assert.Contains(media, again.Body);
        caller.Answer(again, sdp: caller.Sdp);
        caller.ExpectRequest("ACK");
        world.AssertQuiet();
        Legs.End(caller, two);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_new_address_in_the_answer_to_a_refresh_is_passed_on_once()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch, extra: "Session-Expires: 200;refresher=uac\r\n");
        Answered(caller, callee);
        _switch.Advance(100);
        WireMessage refresh = callee.ExpectRequest("INVITE");
        Assert.Contains(CallerMedia, refresh.Body);
        callee.Send(Legs.Response(refresh, 200, "", $"<sip:in@{callee.Address}>", "Session-Expires: 200;refresher=uac\r\n", SwitchFixture.Sdp("203.0.113.79", 30900)));
        callee.ExpectAck();
        WireMessage told = caller.ExpectRequest("INVITE");
        Assert.Contains("c=IN IP4 203.0.113.79\r\n", told.Body);
        caller.Answer(told, sdp: SwitchFixture.Sdp("192.0.2.97", 18400));
        caller.ExpectRequest("ACK");
        _switch.AssertQuiet();
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_called_end_that_is_gone_costs_the_time_to_the_end_where_nobody_here_has_heard_it()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch, extra: "Session-Expires: 200;refresher=uac\r\n");
        Answered(caller, callee);
        _switch.Advance(100);
        callee.Ok(callee.ExpectRequest("INVITE"), 481);
        callee.ExpectAck();
        caller.Ok(caller.ExpectRequest("BYE"));
        callee.Ok(callee.ExpectRequest("BYE"), 481);
        Assert.Equal((Refusal.SessionExpired, TimeSpan.FromSeconds(100)), (Assert.Single(_switch.Cdrs).Refusal, Assert.Single(_switch.Cdrs).HoldTime));
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void An_attended_transfer_between_direct_calls_is_relayed()
    {
        SwitchFixture world = Transferable();
        (CallerLeg a1, CalleeLeg b, _) = Talk(world);
        (CallerLeg a2, CalleeLeg c, _) = Talk(world, Target);
        Ask(a1, a2);
        WireMessage asked = b.ExpectRequest("INVITE");
        Assert.Contains(Ours, asked.Body);
        b.Send(Legs.Response(asked, 200, "", $"<sip:in@{b.Address}>", "", b.Sdp));
        b.ExpectAck();
        a1.Ok(a1.ExpectRequest("NOTIFY"));
        a1.Ok(a1.ExpectRequest("BYE"));
        a1.Ok(a1.ExpectRequest("BYE"));
        WireMessage align = c.ExpectRequest("INVITE");
        Assert.Contains(Ours, align.Body);
        c.Send(Legs.Response(align, 200, "", $"<sip:in@{c.Address}>", "", c.Sdp));
        c.ExpectAck();
        Assert.Equal(4, world.Relay.PortsLent);
        Assert.Equal(2, world.Relay.Remotes.Count);
        Assert.All(world.Relay.Remotes.Values, static r => Assert.Equal(NetAddress.Parse("203.0.113.77:30500"), r));
        b.Send(b.BuildRequest("BYE"));
        c.Ok(c.ExpectRequest("BYE"));
        b.Expect(200, "BYE");
        world.AssertEverythingReturned();
    }

    [Fact]
    public void An_attended_transfer_that_is_refused_leaves_both_calls_direct_and_no_ports_lent()
    {
        SwitchFixture world = Transferable();
        (CallerLeg a1, CalleeLeg b, _) = Talk(world);
        (CallerLeg a2, CalleeLeg c, _) = Talk(world, Target);
        Ask(a1, a2);
        b.Ok(b.ExpectRequest("INVITE"), 488);
        b.ExpectAck();
        Assert.StartsWith("SIP/2.0 488", Notified(a1).Body);
        Assert.Equal(0, world.Relay.PortsLent);
        Change(a2, c, a2.Sdp.Replace("sendrecv", "sendonly"), CallerMedia);
        Legs.End(a2, c);
        Legs.End(a1, b);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Without_a_port_a_transfer_of_direct_calls_fails_and_both_go_on()
    {
        SwitchFixture world = Transferable(leases: 0);
        (CallerLeg a1, CalleeLeg b, _) = Talk(world);
        (CallerLeg a2, CalleeLeg c, _) = Talk(world, Target);
        Ask(a1, a2);
        Assert.StartsWith("SIP/2.0 503", Notified(a1).Body);
        Legs.End(a2, c);
        Legs.End(a1, b);
        world.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_newcomer_to_a_direct_call_brings_the_relay_if_it_may_sit(bool agreed)
    {
        SwitchFixture world = Transferable();
        (CallerLeg a, CalleeLeg b, _) = Talk(world);
        CallerLeg n = new CallerLeg(world) { Sdp = SwitchFixture.Sdp("192.0.2.98", 18300) }.Invite(extra: $"Replaces: {ReplacesTests.Names(a)}\r\n");
        n.Expect(100);
        WireMessage asked = b.ExpectRequest("INVITE");
        Assert.Contains(Ours, asked.Body);
        b.Send(Legs.Response(asked, agreed ? 200 : 488, "", $"<sip:in@{b.Address}>", "", agreed ? b.Sdp : ""));
        b.ExpectAck();
        Assert.Equal(agreed ? 4 : 0, world.Relay.PortsLent);
        if (agreed)
        {
            Assert.Contains(Ours, n.Expect(200).Body);
            a.Ok(a.ExpectRequest("BYE"));
            n.Ack();
            Assert.Equal([NetAddress.Parse("192.0.2.98:18300"), NetAddress.Parse("203.0.113.77:30500")], world.Relay.Remotes.OrderBy(static r => r.Key.Side).Select(static r => r.Value));
        }
        else
        {
            n.Expect(488);
            n.AckFailure();
        }
        Legs.End(agreed ? n : a, b);
        world.AssertEverythingReturned();
    }

    private static SwitchConfiguration Auto(SwitchConfiguration said) => Media(said, static m => m with { ProxyMode = MediaProxyMode.Auto });

    private static SwitchConfiguration Media(SwitchConfiguration said, Func<MediaSettings, MediaSettings> change) =>
        said with { Settings = said.Settings with { Media = change(said.Settings.Media) } };

    private static SwitchFixture Transferable(int leases = 64) => new(static said => TransferTests.Allowed(Auto(said)), leases: leases);

    private static void Ask(CallerLeg a1, CallerLeg a2)
    {
        a1.Request("REFER", extra: $"Refer-To: <sip:{Target}@{SwitchFixture.Us}?Replaces={Uri.EscapeDataString($"{a2.CallId};to-tag={a2.RemoteTag};from-tag={a2.Tag}")}>\r\n");
        a1.Expect(202, "REFER");
        Notified(a1);
    }

    private static WireMessage Notified(CallerLeg a)
    {
        WireMessage notify = a.ExpectRequest("NOTIFY");
        a.Ok(notify);
        return notify;
    }

    private static (CallerLeg Caller, CalleeLeg Callee, WireMessage Ok) Talk(SwitchFixture world, string to = "442079460123")
    {
        CallerLeg caller = new CallerLeg(world, to: to).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(world);
        return (caller, callee, Answered(caller, callee));
    }

    private static WireMessage Answered(CallerLeg caller, CalleeLeg callee)
    {
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        WireMessage ok = caller.Expect(200);
        caller.Ack();
        return ok;
    }

    // A re-INVITE of the caller whose passed offer must have this.
    private static WireMessage Change(CallerLeg caller, CalleeLeg callee, string sdp, string told)
    {
        caller.Request("INVITE", sdp, $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(100);
        WireMessage asked = callee.ExpectRequest("INVITE");
        Assert.Contains(told, asked.Body);
        callee.Send(Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", sdp.Contains("m=image") ? sdp.Replace("192.0.2.99", "203.0.113.77") : callee.Sdp));
        callee.ExpectAck();
        Assert.Contains(CalleeMedia, caller.Expect(200).Body);
        caller.Ack();
        return asked;
    }

    private static string[] Origin(WireMessage message) => message.Body.Split("\r\n")[1].Split(' ');

    private static string Placed(byte[] log) =>
        string.Join(", ", DecisionLogReader.Read(log).Where(static e => e.Kind == DecisionKind.MediaPlaced).Select(static e => $"{e.Numbers[0]} {e.Numbers[1]}"));
}
