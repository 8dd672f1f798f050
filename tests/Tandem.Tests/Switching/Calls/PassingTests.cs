using Tandem.Primitives;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Switching.Calls;

/// <summary>INFO, MESSAGE and events within a call, MESSAGE outside one (docs/calls.md).</summary>
public class PassingTests
{
    private readonly SwitchFixture _switch = new();

    [Theory]
    [InlineData("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n")]
    [InlineData("application/dtmf", "5")]
    [InlineData("application/media_control+xml", "<media_control/>")]
    public void An_INFO_passes_with_its_body_and_its_answer_comes_back(string type, string body)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("INFO", body, $"Content-Type: {type}\r\nInfo-Package: dtmf\r\nX-Secret: 10.0.0.7\r\nUser-Agent: secret\r\n");
        WireMessage info = callee.ExpectRequest("INFO");
        Assert.Equal((type, body, "dtmf", callee.Tag), (info["Content-Type"], info.Body, info["Info-Package"], info.ToTag));
        Assert.DoesNotContain("secret", info.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("192.0.2.10", info.Text);
        callee.Ok(info);
        caller.Expect(200, "INFO");
        callee.Send(callee.BuildRequest("INFO", body: body));
        WireMessage back = caller.ExpectRequest("INFO");
        caller.Ok(back, 415);
        callee.Expect(415, "INFO");
        End(caller, callee);
    }

    [Fact]
    public void An_INFO_passes_while_it_rings_and_not_before_the_far_end_was_heard()
    {
        CallerLeg caller = new CallerLeg(_switch).Invite();
        caller.Expect(100);
        var callee = new CalleeLeg(_switch);
        callee.Respond(183, sdp: true);
        caller.Expect(183);
        int invite = caller.CSeq;
        caller.Request("INFO", "Signal=1\r\n", "Content-Type: application/dtmf-relay\r\n");
        callee.Ok(callee.ExpectRequest("INFO"));
        caller.Expect(200, "INFO");
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        caller.Expect(200);
        int last = caller.CSeq;
        caller.CSeq = invite;
        caller.Ack();
        caller.CSeq = last;
        End(caller, callee);
    }

    [Fact]
    public void Several_INFOs_may_be_on_their_way_and_each_gets_its_own_answer()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("INFO", "Signal=1\r\n", "Content-Type: application/dtmf-relay\r\n");
        int first = caller.CSeq;
        caller.Request("INFO", "Signal=2\r\n", "Content-Type: application/dtmf-relay\r\n");
        WireMessage one = callee.ExpectRequest("INFO"), two = callee.ExpectRequest("INFO");
        callee.Ok(two, 488);
        Assert.Equal(first + 1, caller.Expect(488, "INFO").CSeq);
        callee.Ok(one);
        Assert.Equal(first, caller.Expect(200, "INFO").CSeq);
        End(caller, callee);
    }

    [Fact]
    public void An_INFO_nobody_answers_leaves_nothing_behind_and_the_call_goes_on()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("INFO", "Signal=1\r\n", "Content-Type: application/dtmf-relay\r\n");
        _switch.Advance(33);
        _switch.Forget(callee.Address);
        Assert.Equal(0, _switch.Waiting(caller.Address)); // RFC 4320: no 408
        End(caller, callee);
    }

    [Fact]
    public void The_answer_of_an_INFO_after_the_call_has_ended_still_reaches_the_asker()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("INFO", "Signal=1\r\n", "Content-Type: application/dtmf-relay\r\n");
        WireMessage info = callee.ExpectRequest("INFO");
        Legs.End(caller, callee);
        callee.Ok(info);
        caller.Expect(200, "INFO");
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData("Content-Type: text/plain\r\nContent-Encoding: gzip\r\n", 10, 415)]
    [InlineData("Content-Type: text/plain\r\n", 8193, 413)]
    [InlineData("Content-Type: text/plain\r\nRequire: x-strange\r\n", 10, 420)]
    public void A_body_that_cannot_pass_is_refused(string extra, int length, int status)
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("INFO", new string('x', length), extra);
        caller.Expect(status, "INFO");
        End(caller, callee);
    }

    [Fact]
    public void A_MESSAGE_within_a_call_passes()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        callee.Send(callee.BuildRequest("MESSAGE", body: "hello").Replace("application/sdp", "text/plain"));
        WireMessage message = caller.ExpectRequest("MESSAGE");
        Assert.Equal(("text/plain", "hello"), (message["Content-Type"], message.Body));
        caller.Ok(message, 202);
        callee.Expect(202, "MESSAGE");
        End(caller, callee);
    }

    [Fact]
    public void Events_of_a_few_packages_pass_and_others_get_489()
    {
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(_switch);
        caller.Request("SUBSCRIBE", "", "Event: kpml\r\nExpires: 60\r\n");
        WireMessage subscribe = callee.ExpectRequest("SUBSCRIBE");
        Assert.Equal(("kpml", "60"), (subscribe["Event"], subscribe["Expires"]));
        callee.Ok(subscribe);
        caller.Expect(200, "SUBSCRIBE");
        caller.Request("NOTIFY", "", "Event: dialog\r\nSubscription-State: active\r\n");
        Assert.Contains("kpml", caller.Expect(489, "NOTIFY")["Allow-Events"]);
        End(caller, callee);
    }

    [Theory]
    [InlineData("SUBSCRIBE")]
    [InlineData("NOTIFY")]
    public void Outside_a_call_there_are_no_events(string method)
    {
        new CallerLeg(_switch).Request(method, "", "Event: message-summary\r\n").Expect(489, method);
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_MESSAGE_reaches_a_registered_phone_and_its_answer_comes_back_and_nobody_pays()
    {
        PhoneCallTests.Register(_switch, SwitchFixture.PhoneTwo, SwitchFixture.NumberTwo, $"sip:line1@{SwitchFixture.PhoneTwo}");
        var phone = new CallerLeg(_switch, SwitchFixture.PhoneOne, SwitchFixture.NumberOne, SwitchFixture.NumberTwo);
        WireMessage challenge = phone.Request("MESSAGE", "hi", "Content-Type: text/plain\r\n").Expect(401, "MESSAGE");
        phone.Request("MESSAGE", "hi", "Content-Type: text/plain\r\nX-Secret: secret\r\n" + Digest.Answer(challenge, "MESSAGE", phone.RequestUri, SwitchFixture.NumberOne, SwitchFixture.Password));
        WireMessage page = _switch.Next(SwitchFixture.PhoneTwo);
        Assert.Equal(("MESSAGE", "hi", "text/plain", $"sip:line1@{SwitchFixture.PhoneTwo}"), (page.Method, page.Body, page["Content-Type"], page.Uri));
        Assert.Contains($"sip:{SwitchFixture.NumberOne}@198.51.100.7", page["From"]);
        Assert.DoesNotContain("secret", page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(SwitchFixture.PhoneOne.HostString(), page.Text);
        _switch.Deliver(SwitchFixture.PhoneTwo, Legs.Response(page, 200, "there", "", "", ""));
        phone.Expect(200, "MESSAGE");
        Assert.Empty(_switch.Cdrs);
        _switch.AssertEverythingReturned();
    }

    [Theory]
    [InlineData(SwitchFixture.NumberTwo, 480)]
    [InlineData("442079460123", 404)]
    public void A_MESSAGE_to_nobody_who_is_there_is_refused(string to, int status)
    {
        new CallerLeg(_switch, to: to).Request("MESSAGE", "hi", "Content-Type: text/plain\r\n").Expect(status, "MESSAGE");
        _switch.AssertEverythingReturned();
    }

    [Fact]
    public void A_MESSAGE_from_a_locked_phone_or_a_stranger_goes_nowhere()
    {
        var world = new SwitchFixture(static said => SwitchFixture.ChangeAcme(said, static g => g with { Locked = true }));
        new CallerLeg(world, to: SwitchFixture.NumberTwo).Request("MESSAGE", "hi", "Content-Type: text/plain\r\n").Expect(403, "MESSAGE");
        new CallerLeg(world, SwitchFixture.Stranger, to: SwitchFixture.NumberTwo).Request("MESSAGE", "hi", "Content-Type: text/plain\r\n").Expect(401, "MESSAGE");
        world.AssertEverythingReturned();
    }

    private void End(CallerLeg caller, CalleeLeg callee)
    {
        Legs.End(caller, callee);
        _switch.AssertEverythingReturned();
    }
}
