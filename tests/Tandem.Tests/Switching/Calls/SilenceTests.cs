using Tandem.Primitives;
using Tandem.Server.Api;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Routing;

namespace Tandem.Tests.Switching.Calls;

/// <summary>docs/media.md, "Dead media". Both ends are without session timers; media is what the relay says it heard.</summary>
public class SilenceTests
{
    private const MediaCheckDirection None = MediaCheckDirection.None, ToRemote = MediaCheckDirection.ServerToRemote, FromRemote = MediaCheckDirection.RemoteToServer, Both = MediaCheckDirection.Both;

    [Theory]
    // customer, carrier, who falls silent after 10.5 s, talk time that counts; 0: nobody ends it
    [InlineData(None, None, "both", 0)]
    [InlineData(FromRemote, None, "callee", 0)]
    [InlineData(ToRemote, None, "callee", 10.5)]
    [InlineData(Both, None, "callee", 10.5)]
    [InlineData(None, FromRemote, "callee", 10.5)]
    [InlineData(None, ToRemote, "callee", 0)]
    [InlineData(None, Both, "callee", 10.5)]
    [InlineData(FromRemote, None, "caller", 40.5)] // the line was held: it counts to the end
    [InlineData(ToRemote, None, "caller", 0)]
    [InlineData(None, FromRemote, "caller", 0)]
    [InlineData(None, ToRemote, "caller", 40.5)]
    [InlineData(FromRemote, None, "both", 10.5)] // only the caller is watched, but the called end was silent as long
    [InlineData(Both, Both, "both", 10.5)]
    public void Silence_in_a_watched_direction_ends_the_call_by_the_server_and_that_of_the_called_end_costs_nothing(MediaCheckDirection customer, MediaCheckDirection carrier, string who, double counts)
    {
        SwitchFixture world = World(customer, carrier);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        for (int i = 0; i < 21; i++) Speak(world, 0.5, "nobody");
        for (int i = 0; i < 240 && world.Cdrs.Count == 0; i++) Speak(world, 0.5, who);
        if (counts == 0)
        {
            Legs.End(caller, callee);
            Assert.Equal((Refusal.None, 130.5), (world.Cdrs[0].Refusal, world.Cdrs[0].HoldTime.TotalSeconds));
            world.AssertEverythingReturned();
            return;
        }
        EndedByServer(world, caller, callee, counts);
    }

    [Theory]
    [InlineData("a=sendonly", "a=recvonly")]
    [InlineData("a=inactive", "a=inactive")]
    [InlineData("c=IN IP4 0.0.0.0", "a=sendrecv")]
    public void A_held_call_may_be_silent_as_long_as_it_likes_and_is_watched_anew_when_it_is_resumed(string hold, string answer)
    {
        SwitchFixture world = World(Both, Both);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Speak(world, 20, "nobody");
        Change(caller, callee, hold[0] == 'c' ? caller.Sdp.Replace("c=IN IP4 192.0.2.99", hold) : caller.Sdp.Replace("a=sendrecv", hold), callee.Sdp.Replace("a=sendrecv", answer));
        world.Advance(600);
        Assert.Empty(world.Cdrs);
        Change(caller, callee, caller.Sdp, callee.Sdp);
        Speak(world, 10, "nobody");
        world.Advance(29.9);
        Assert.Empty(world.Cdrs);
        world.Advance(0.2);
        EndedByServer(world, caller, callee, 630);
    }

    [Fact]
    public void An_answer_that_never_sends_a_packet_costs_nothing()
    {
        SwitchFixture world = World(None, FromRemote);
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        world.Advance(29.9);
        Assert.Empty(world.Cdrs);
        world.Advance(0.2);
        EndedByServer(world, caller, callee, 0);
        Assert.Equal((0L, 0L), (world.Cdrs[0].Sale!.Nanos, world.Cdrs[0].Cost!.Nanos));
    }

    [Fact]
    public void A_phone_is_watched_as_its_own_setting_says()
    {
        const string Number = "442079";
        var watched = new PhoneConfig { E164 = Number, Password = SwitchFixture.Password, RtpInterruptDetection = FromRemote, MediaCheckSeconds = 10 };
        var world = new SwitchFixture(said => said with { Phones = said.Phones.Add(Number, watched) });
        PhoneCallTests.Register(world, SwitchFixture.PhoneOne, Number, $"sip:{Number}@{SwitchFixture.PhoneOne}");
        CallerLeg caller = new CallerLeg(world, to: Number).Invite();
        caller.Expect(100);
        var phone = new CalleeLeg(world, SwitchFixture.PhoneOne);
        phone.Respond(200, sdp: true);
        phone.ExpectAck();
        caller.Expect(200);
        caller.Ack();
        world.Advance(10.1);
        phone.Ok(phone.ExpectRequest("BYE"));
        caller.Ok(caller.ExpectRequest("BYE"));
        Assert.Equal(Refusal.MediaTimeout, Assert.Single(world.Cdrs).Refusal);
    }

    private static SwitchFixture World(MediaCheckDirection customer, MediaCheckDirection carrier) => new(said =>
        SwitchFixture.ChangeCarrier(SwitchFixture.ChangeAcme(said, g => g with { MediaCheckDirection = customer, MediaCheckSeconds = 30 }), "carrier-a", g => g with { MediaCheckDirection = carrier, MediaCheckSeconds = 30 }));

    // So many seconds pass, at their end whoever is not silent is heard.
    private static void Speak(SwitchFixture world, double seconds, string silent)
    {
        world.Advance(seconds);
        if (silent is "nobody" or "callee") world.Relay.Heard[MediaSide.Caller] = world.Now;
        if (silent is "nobody" or "caller") world.Relay.Heard[MediaSide.Callee] = world.Now;
    }

    private static void Change(CallerLeg caller, CalleeLeg callee, string offer, string answer)
    {
        caller.Request("INVITE", offer, $"Contact: <sip:c@{caller.Address}>\r\nContent-Type: application/sdp\r\n");
        caller.Expect(100);
        WireMessage asked = callee.ExpectRequest("INVITE");
        callee.Send(Legs.Response(asked, 200, "", $"<sip:in@{callee.Address}>", "", answer));
        callee.ExpectRequest("ACK");
        caller.Expect(200);
        caller.Ack();
    }

    private static void EndedByServer(SwitchFixture world, CallerLeg caller, CalleeLeg callee, double counts)
    {
        WireMessage bye = callee.ExpectRequest("BYE");
        Assert.Contains("Q.850;cause=41", bye["Reason"]);
        callee.Ok(bye);
        caller.Ok(caller.ExpectRequest("BYE"));
        Cdr cdr = Assert.Single(world.Cdrs);
        Assert.Equal((Refusal.MediaTimeout, EndDirection.Server, -34, counts), (cdr.Refusal, cdr.EndDirection, cdr.EndReason, cdr.HoldTime.TotalSeconds));
        Assert.Contains(WhyStory.Of(cdr).Steps, static s => s.Says.StartsWith("Nothing was heard from the ", StringComparison.Ordinal) && s.Says.EndsWith(" for 30 s.", StringComparison.Ordinal));
        Assert.Equal(["from the caller: 50 packets, 2 lost (3.8 %), 0 late, jitter 0.7 ms", "from the called end: 40 packets, 0 lost (0.0 %), 0 late, jitter 0.0 ms"], WhyStory.Of(cdr).Media);
        world.AssertEverythingReturned();
    }
}
