using Tandem.Media.Relay;
using Tandem.Primitives;
using Tandem.Switching.Calls;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Several m-lines in relayed calls, and lines that come, change and go.</summary>
public class MediaLineTests
{
    private const string Fax = "m=image 18300 udptl t38\r\na=T38FaxVersion:0\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n";
    private const string Video = "m=video 18400 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";

    private readonly SwitchFixture _switch = new();

    [Fact]
    public void Audio_and_video_are_relayed_by_ports_of_their_own_both_ways()
    {
        var caller = new CallerLeg(_switch) { Sdp = SwitchFixture.Sdp("192.0.2.99", 18200) + Video };
        caller.Invite().Expect(100);
        var callee = new CalleeLeg(_switch) { Sdp = SwitchFixture.Sdp("203.0.113.77", 30500) + Video.Replace("18400", "30600") };
        Assert.Equal(["audio 20002", "video 20006"], Lines(callee.Invite.Body));
        Assert.Contains("a=rtpmap:96 H264/90000", callee.Invite.Body);
        callee.Respond(200, sdp: true);
        Assert.Equal(["audio 20000", "video 20004"], Lines(caller.Expect(200).Body));
        caller.Ack();
        callee.ExpectAck();
        Assert.Equal(NetAddress.Parse("192.0.2.99:18200"), _switch.Relay.Remotes[(0, MediaSide.Caller)]);
        Assert.Equal(NetAddress.Parse("192.0.2.99:18400"), _switch.Relay.Remotes[(1, MediaSide.Caller)]);
        Assert.Equal(NetAddress.Parse("203.0.113.77:30600"), _switch.Relay.Remotes[(1, MediaSide.Callee)]);
        Assert.Equal(8, _switch.Relay.PortsLent);
        End(caller, callee);
        Assert.Equal(0, _switch.Relay.PortsLent);
        Assert.Equal([1, 50, 40], DecisionLogReader.Read(Assert.Single(_switch.Cdrs).DecisionLog).Single(static e => e.Kind == DecisionKind.StreamHeard).Numbers);
    }

    [Fact]
    public void Video_that_the_called_end_rejects_is_rejected_to_the_caller_and_its_ports_come_back_with_the_answer()
    {
        var caller = new CallerLeg(_switch) { Sdp = SwitchFixture.Sdp("192.0.2.99", 18200) + Video };
        caller.Invite().Expect(100);
        var callee = new CalleeLeg(_switch) { Sdp = SwitchFixture.Sdp("203.0.113.77", 30500) + "m=video 0 RTP/AVP 96\r\n" };
        callee.Respond(200, sdp: true);
        Assert.Equal(["audio 20000", "video 0"], Lines(caller.Expect(200).Body));
        caller.Ack();
        callee.ExpectAck();
        End(caller, callee);
        Assert.Equal(0, _switch.Relay.PortsLent);
    }

    [Fact]
    public void A_change_to_T38_alone_keeps_the_ports_and_changes_how_packets_are_made()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage asked = Change(caller, callee, Head("192.0.2.99") + Fax);
        Assert.Equal(["image 20002"], Lines(asked.Body));
        Assert.Contains("a=T38FaxUdpEC:t38UDPRedundancy", asked.Body);
        Assert.Equal(["image 20000"], Lines(Answer(caller, callee, asked, Head("203.0.113.77") + Fax)));
        Assert.Equal(new RemoteMedia { Rtp = NetAddress.Parse("192.0.2.99:18300"), Rtcp = NetAddress.Parse("192.0.2.99:18301"), Framing = Framing.Udptl }, _switch.Relay.Said[(0, MediaSide.Caller)]);
        Assert.Equal(Framing.Udptl, _switch.Relay.Said[(0, MediaSide.Callee)].Framing);
        Assert.Equal(4, _switch.Relay.PortsLent);

        // and back to voice
        asked = Change(caller, callee, caller.Sdp);
        Answer(caller, callee, asked, callee.Sdp);
        Assert.Equal(Framing.Rtp, _switch.Relay.Said[(0, MediaSide.Callee)].Framing);
        End(caller, callee);
    }

    [Fact]
    public void A_fax_line_added_beside_audio_of_port_zero_gets_ports_and_the_audio_is_silenced()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage asked = Change(caller, callee, Head("192.0.2.99") + "m=audio 0 RTP/AVP 8\r\n" + Fax);
        Assert.Equal(["audio 0", "image 20006"], Lines(asked.Body));
        Assert.Equal(["audio 0", "image 20004"], Lines(Answer(caller, callee, asked, Head("203.0.113.77") + "m=audio 0 RTP/AVP 8\r\n" + Fax)));
        Assert.Equal(0, _switch.Relay.Remotes[(0, MediaSide.Caller)].Port);
        Assert.Equal(Framing.Udptl, _switch.Relay.Said[(1, MediaSide.Callee)].Framing);
        End(caller, callee);
    }

    [Fact]
    public void Video_added_late_and_taken_away_again_takes_ports_and_gives_them_back()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        WireMessage asked = Change(caller, callee, caller.Sdp + Video);
        Answer(caller, callee, asked, callee.Sdp + Video.Replace("18400", "30600"));
        Assert.Equal(8, _switch.Relay.PortsLent);
        asked = Change(caller, callee, caller.Sdp + Video.Replace("18400", "0"));
        Assert.Equal(["audio 20002", "video 0"], Lines(asked.Body));
        Answer(caller, callee, asked, callee.Sdp + Video.Replace("18400", "0"));
        Assert.Equal(4, _switch.Relay.PortsLent);
        End(caller, callee);
    }

    [Fact]
    public void Without_ports_for_a_second_line_that_line_is_rejected_and_the_call_goes_on()
    {
        var full = new SwitchFixture(leases: 1);
        var caller = new CallerLeg(full) { Sdp = SwitchFixture.Sdp("192.0.2.99", 18200) + Video };
        caller.Invite().Expect(100);
        Assert.Equal(["audio 20002", "video 0"], Lines(new CalleeLeg(full).Invite.Body));
    }

    [Fact]
    public void A_fax_call_from_its_first_offer_on_is_carried()
    {
        var caller = new CallerLeg(_switch) { Sdp = Head("192.0.2.99") + Fax };
        caller.Invite().Expect(100);
        Assert.Equal(["image 20002"], Lines(new CalleeLeg(_switch).Invite.Body));
    }

    [Fact]
    public void Lines_that_cannot_be_relayed_are_rejected_beside_those_that_can()
    {
        var caller = new CallerLeg(_switch) { Sdp = SwitchFixture.Sdp("192.0.2.99", 18200) + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n" };
        caller.Invite().Expect(100);
        string offer = new CalleeLeg(_switch).Invite.Body;
        Assert.Equal(["audio 20002", "application 0"], Lines(offer));
        Assert.DoesNotContain("sctp-port", offer);
    }

    [Fact]
    public void An_end_on_the_last_port_has_no_port_for_RTCP()
    {
        var caller = new CallerLeg(_switch) { Sdp = SwitchFixture.Sdp("192.0.2.99", 65_535) };
        caller.Invite().Expect(100);
        Assert.True(_switch.Relay.Said[(0, MediaSide.Caller)].Rtcp.IsNone);
    }

    [Theory]
    [InlineData("audio 65536", 400)]
    [InlineData("audio 0", 488)]
    [InlineData("audio -1", 400)]
    public void A_port_out_of_range_is_malformed_and_port_zero_alone_is_nothing_to_talk_over(string line, int status) =>
        new CallerLeg(_switch) { Sdp = SwitchFixture.Sdp("192.0.2.99", 18200).Replace("audio 18200", line) }.Invite().Expect(status);

    private static string Head(string address) => $"v=0\r\no=x 1 1 IN IP4 {address}\r\ns=x\r\nc=IN IP4 {address}\r\nt=0 0\r\n";

    private static string[] Lines(string sdp) => [.. sdp.Split("\r\n").Where(static line => line.StartsWith("m=", StringComparison.Ordinal)).Select(static line => string.Join(' ', line[2..].Split(' ')[..2]))];

    private static WireMessage Change(CallerLeg caller, CalleeLeg callee, string sdp)
    {
        caller.Request("INVITE", sdp, $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(100);
        return callee.ExpectRequest("INVITE");
    }

    private string Answer(CallerLeg caller, CalleeLeg callee, WireMessage asked, string sdp)
    {
        _switch.Deliver(callee.Address, Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", sdp));
        callee.ExpectAck();
        string body = caller.Expect(200).Body;
        caller.Ack();
        return body;
    }

    private static void End(CallerLeg caller, CalleeLeg callee)
    {
        caller.Request("BYE");
        callee.Ok(callee.ExpectRequest("BYE"));
        caller.Expect(200, "BYE");
    }
}
