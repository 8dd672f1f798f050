using Tandem.Primitives;
using Tandem.Switching.Calls;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Several early dialogs of one INVITE (RFC 3261 §13.1), one dialog towards the caller.</summary>
public class ForkTests
{
    private readonly SwitchFixture _switch = new(ReliableProgressTests.Reliable);

    [Fact]
    public void Each_fork_has_its_own_PRACK_and_the_caller_hears_the_one_that_spoke_last_in_one_dialog()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        string first = callee.Tag;
        Progress(callee, first, rseq: 900, port: 31000);
        WireMessage prack = callee.ExpectRequest("PRACK");
        Assert.Equal((first, $"900 {callee.Invite.CSeq} INVITE"), (prack.ToTag, prack["RAck"]));
        string ours = caller.Expect(183).ToTag;
        Assert.Equal(31000, Remote(MediaSide.Callee).Port);

        Progress(callee, "fork-two", rseq: 5, port: 32000);
        WireMessage second = callee.ExpectRequest("PRACK");
        Assert.Equal(("fork-two", $"5 {callee.Invite.CSeq} INVITE", callee.Invite.CSeq + 1), (second.ToTag, second["RAck"], second.CSeq));
        Assert.Equal(ours, caller.Expect(183).ToTag);
        Assert.Equal(32000, Remote(MediaSide.Callee).Port);
        callee.Ok(prack);
        callee.Ok(second);

        Progress(callee, first, rseq: 901, port: 31000);
        Assert.Equal(first, callee.ExpectRequest("PRACK").ToTag);
        caller.Expect(183);
        callee.Tag = first;
        callee.Respond(200);
        Assert.Equal(first, callee.ExpectAck().ToTag);
        caller.Expect(200);
        caller.Ack();
        Assert.Equal(31000, Remote(MediaSide.Callee).Port);
        _switch.Advance(40); // the PRACK nobody answered is given up
        _switch.Forget(callee.Address);
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_first_200_has_the_call_and_another_forks_200_gets_ACK_and_BYE()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(180);
        caller.Expect(180);
        callee.Send(Legs.Response(callee.Invite, 180, "fork-two", $"<sip:two@{callee.Address}>", "", ""));
        caller.Expect(180);
        callee.Respond(200, sdp: true);
        Assert.Equal(callee.Tag, callee.ExpectAck().ToTag);
        caller.Expect(200);
        caller.Ack();
        callee.Send(Legs.Response(callee.Invite, 200, "fork-two", $"<sip:two@{callee.Address}>", "", callee.Sdp));
        Assert.Equal("fork-two", callee.ExpectAck().ToTag);
        WireMessage bye = callee.ExpectRequest("BYE");
        Assert.Equal(("fork-two", $"sip:two@{callee.Address}"), (bye.ToTag, bye.Uri));
        callee.Ok(bye);
        _switch.Advance(20);
        Legs.End(caller, callee);
        Assert.Equal(TimeSpan.FromSeconds(20), Assert.Single(_switch.Cdrs).HoldTime);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void The_ninth_fork_is_not_heard_unless_it_answers()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        for (int i = 1; i <= 8; i++)
        {
            callee.Send(Legs.Response(callee.Invite, 180, "fork" + i, $"<sip:f{i}@{callee.Address}>", "", ""));
            caller.Expect(180);
        }
        callee.Send(Legs.Response(callee.Invite, 180, "fork9", $"<sip:f9@{callee.Address}>", "", ""));
        _switch.AssertQuiet();
        callee.Tag = "fork9";
        callee.Respond(200, sdp: true);
        Assert.Equal("fork9", callee.ExpectAck().ToTag);
        caller.Expect(200);
        caller.Ack();
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_second_forks_late_offer_gets_the_answer_the_caller_gave_the_first()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite(offer: false, extra: "Supported: 100rel\r\n");
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        Progress(callee, callee.Tag, rseq: 1, port: 31000);
        WireMessage offer = caller.Expect(183);
        Progress(callee, "fork-two", rseq: 1, port: 32000);
        _switch.AssertQuiet(); // both PRACKs wait for the caller's answer
        caller.Request("PRACK", caller.Sdp, ReliableProgressTests.RAck(offer));
        caller.Expect(200, "PRACK");
        WireMessage[] pracks = [callee.ExpectRequest("PRACK"), callee.ExpectRequest("PRACK")];
        Assert.Equal([callee.Tag, "fork-two"], pracks.Select(static p => p.ToTag).Order());
        Assert.All(pracks, static p => Assert.Contains("m=audio", p.Body));
        Assert.All(pracks, p => callee.Ok(p));
        caller.CSeq--;
        Prack(caller, caller.Expect(183)); // the second fork's 183, which has nothing new to say of the media
        callee.Respond(200);
        callee.ExpectAck();
        Assert.Equal("", caller.Expect(200).Body);
        caller.CSeq = offer.CSeq;
        caller.Ack();
        caller.CSeq += 5;
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }

    private static void Progress(CalleeLeg callee, string tag, int rseq, int port) =>
        callee.Send(Legs.Response(callee.Invite, 183, tag, $"<sip:{tag}@{callee.Address}>", $"Require: 100rel\r\nRSeq: {rseq}\r\n", SwitchFixture.Sdp("203.0.113.77", port)));

    private static void Prack(CallerLeg caller, WireMessage response)
    {
        caller.CSeq++;
        caller.Request("PRACK", extra: ReliableProgressTests.RAck(response));
        caller.Expect(200, "PRACK");
    }

    private NetAddress Remote(MediaSide side) => _switch.Relay.Remotes.Single(r => r.Key.Side == side).Value;
}
