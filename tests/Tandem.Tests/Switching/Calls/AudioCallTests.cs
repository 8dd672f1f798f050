using System.Collections.Immutable;
using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Streams;
using Tandem.Primitives;
using Tandem.Switching.Audio;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.MediaProxy;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>Codecs, packet times, keys and ring-back tones in calls (docs/media.md, docs/dtmf.md).</summary>
public sealed class AudioCallTests
{
    private const string Events = "a=rtpmap:101 telephone-event/8000\r\n";

    private static readonly AudioRules OnlyMuLaw = new() { AssignsCodecs = true, Codecs = [AudioEncoding.Pcmu] };

    [Fact]
    public void A_carrier_is_offered_its_codecs_only_in_its_order()
    {
        SwitchFixture world = Carrier(new AudioRules { AssignsCodecs = true, Codecs = [AudioEncoding.G729, AudioEncoding.Pcmu, AudioEncoding.Pcma] });
        CallerLeg caller = Invite(world, Sdp("192.0.2.99", 18200, "8 0 4 18 101", Events + "a=fmtp:4 annexa=no\r\n"));
        var callee = new CalleeLeg(world) { Sdp = Sdp("203.0.113.77", 30500, "18 101", Events) };
        Assert.Contains("RTP/AVP 18 0 8 101\r\n", callee.Invite.Body);
        Assert.Contains(Events, callee.Invite.Body);
        Assert.DoesNotContain("annexa", callee.Invite.Body);
        Assert.Contains("RTP/AVP 18 101\r\n", Answered(caller, callee).Body);
        Assert.Empty(world.Relay.Plans.Values.OfType<AudioPlan>());
        Legs.End(caller, callee);
        Assert.Contains(Log(world), static e => e.Kind == DecisionKind.AudioAgreed && e.Numbers[0] == (int)AudioEncoding.G729 && e.Numbers[1] == (int)AudioEncoding.G729 && e.Numbers[2] == 0);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Of_the_customers_codecs_too_only_those_named_are_offered_on()
    {
        SwitchFixture world = new(said => SwitchFixture.ChangeAcme(said, static g => g with { Audio = OnlyMuLaw }));
        CallerLeg caller = Invite(world, Sdp("192.0.2.99", 18200, "8 0", ""));
        var callee = new CalleeLeg(world);
        Assert.Contains("RTP/AVP 0\r\n", callee.Invite.Body);
        Answered(caller, callee);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_gateway_without_a_common_codec_is_passed_over_and_the_next_is_tried()
    {
        SwitchFixture world = Carrier(new AudioRules { AssignsCodecs = true, Codecs = [AudioEncoding.G729] });
        CallerLeg caller = Invite(world, Sdp("192.0.2.99", 18200, "8", ""));
        var callee = new CalleeLeg(world, SwitchFixture.CarrierB);
        Answered(caller, callee);
        Legs.End(caller, callee);
        DecisionEntry differs = Assert.Single(Log(world), static e => e.Kind == DecisionKind.CodecsDiffer);
        Assert.Equal(["carrier-a", "8"], differs.Texts);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Where_no_gateway_has_a_common_codec_the_call_is_refused_as_a_codec_mismatch()
    {
        AudioRules rules = new() { AssignsCodecs = true, Codecs = [AudioEncoding.G729] };
        SwitchFixture world = new(said => Each(said, rules));
        CallerLeg caller = Invite(world, Sdp("192.0.2.99", 18200, "8", ""));
        caller.Expect(488);
        caller.AckFailure();
        Assert.Equal((Refusal.CodecMismatch, -40), (world.Cdrs[0].Refusal, world.Cdrs[0].EndReason));
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_law_and_mu_law_are_turned_into_one_another_where_a_device_says_so_and_hold_goes_on()
    {
        SwitchFixture world = Carrier(OnlyMuLaw with { Transcodes = true });
        CallerLeg caller = Invite(world, Sdp("192.0.2.99", 18200, "8 101", Events));
        var callee = new CalleeLeg(world) { Sdp = Sdp("203.0.113.77", 30500, "0 101", Events) };
        Assert.Contains("RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=rtpmap:0 PCMU/8000\r\n", callee.Invite.Body);
        Assert.Contains("RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=rtpmap:8 PCMA/8000\r\n", Answered(caller, callee).Body);
        AudioPlan plan = Plan(world);
        Assert.Equal((false, true, G711Codec.MuLaw), (plan.FromA.TakesALaw, plan.FromA.TakesMuLaw, plan.FromA.Law));
        Assert.Equal((true, false, G711Codec.ALaw), (plan.FromB.TakesALaw, plan.FromB.TakesMuLaw, plan.FromB.Law));

        caller.Request("INVITE", Sdp("192.0.2.99", 18200, "8 101", Events + "a=sendonly\r\n"), $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(100);
        WireMessage hold = callee.ExpectRequest("INVITE");
        Assert.Contains("RTP/AVP 0 101\r\n", hold.Body);
        Assert.Contains("a=sendonly\r\n", hold.Body);
        callee.Send(Legs.Response(hold, 200, "", $"<sip:in@{callee.Address}>", "", Sdp("203.0.113.77", 30500, "0 101", Events + "a=recvonly\r\n")));
        callee.ExpectAck();
        Assert.Contains("RTP/AVP 8 101\r\n", caller.Expect(200).Body);
        caller.Ack();
        Assert.Same(plan, Plan(world));
        Legs.End(caller, callee);
        Assert.Contains(Log(world), static e => e.Kind == DecisionKind.AudioAgreed && e.Numbers[0] == (int)AudioEncoding.Pcma && e.Numbers[1] == (int)AudioEncoding.Pcmu && e.Numbers[2] == 1);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_late_offer_is_transcoded_too()
    {
        SwitchFixture world = Carrier(OnlyMuLaw with { Transcodes = true });
        CallerLeg caller = new CallerLeg(world).Invite(offer: false);
        caller.Expect(100);
        var callee = new CalleeLeg(world) { Sdp = Sdp("203.0.113.77", 30500, "0", "") };
        callee.Respond(200, sdp: true);
        WireMessage ok = caller.Expect(200);
        Assert.Contains("RTP/AVP 0 8\r\n", ok.Body);
        caller.Ack(Sdp("192.0.2.99", 18200, "8", ""));
        Assert.Contains("RTP/AVP 0\r\n", callee.ExpectAck().Body);
        Assert.Equal(G711Codec.MuLaw, Plan(world).FromA.Law);
        Assert.False(Plan(world).FromB.TakesMuLaw);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Without_transcoding_nothing_is_added_and_nothing_planned()
    {
        SwitchFixture world = new();
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Assert.Contains("RTP/AVP 8 0 101\r\n", callee.Invite.Body);
        Assert.Empty(world.Relay.Plans);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Where_transcoding_is_on_but_not_needed_the_relay_has_nothing_to_do()
    {
        SwitchFixture world = Carrier(new AudioRules { Transcodes = true });
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Assert.Empty(world.Relay.Plans.Values.OfType<AudioPlan>());
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_change_to_codecs_the_other_device_may_not_use_is_refused_with_488_and_the_call_goes_on()
    {
        SwitchFixture world = Carrier(OnlyMuLaw);
        CallerLeg caller = Invite(world, Sdp("192.0.2.99", 18200, "0", ""));
        var callee = new CalleeLeg(world) { Sdp = Sdp("203.0.113.77", 30500, "0", "") };
        Answered(caller, callee);
        caller.Request("INVITE", Sdp("192.0.2.99", 18200, "8", ""), $"Contact: <sip:{caller.From}@{caller.Address}>\r\n");
        caller.Expect(100);
        caller.Expect(488);
        caller.AckFailure();
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Packets_are_of_the_time_the_device_is_set_to()
    {
        SwitchFixture world = Carrier(new AudioRules { PacketMillis = 30 });
        CallerLeg caller = Invite(world, Sdp("192.0.2.99", 18200, "8", "a=ptime:20\r\n"));
        var callee = new CalleeLeg(world) { Sdp = Sdp("203.0.113.77", 30500, "8", "") };
        Assert.Contains("a=ptime:30\r\n", callee.Invite.Body);
        Answered(caller, callee);
        Assert.Equal((240, 0), (Plan(world).FromA.FrameSamples, Plan(world).FromB.FrameSamples));
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    // ---- keys ----

    [Theory]
    [InlineData("application/dtmf-relay", "Signal=5\r\nDuration=240\r\n", 240)]
    [InlineData("application/dtmf", "5", 160)]
    public void A_key_by_INFO_goes_as_an_event_to_a_carrier_that_wants_events(string type, string body, int millis)
    {
        SwitchFixture world = Carrier(new AudioRules { DtmfSend = DtmfSend.Rfc2833 });
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        caller.Request("INFO", body, $"Content-Type: {type}\r\n");
        caller.Expect(200, "INFO");
        Assert.Equal((MediaSide.Callee, new DtmfDigit('5', DtmfWay.Info, millis)), Assert.Single(world.Relay.Pressed));
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_carrier_that_answered_without_events_is_told_keys_as_tones()
    {
        SwitchFixture world = Carrier(new AudioRules { DtmfSend = DtmfSend.Rfc2833 });
        CallerLeg caller = Invite(world, Sdp("192.0.2.99", 18200, "8 101", Events));
        var callee = new CalleeLeg(world) { Sdp = Sdp("203.0.113.77", 30500, "8", "") };
        Assert.Contains("RTP/AVP 8 101\r\n", Answered(caller, callee).Body); // the caller sends events all the same
        Assert.Equal((DtmfTurn.ToTone, (byte)101), (Plan(world).FromA.Events, Plan(world).FromA.EventsIn));
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_key_in_the_media_goes_by_INFO_to_a_phone_gateway_that_wants_it_so()
    {
        SwitchFixture world = Carrier(new AudioRules { DtmfSend = DtmfSend.Info });
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Assert.Equal(DtmfTurn.Drop, Plan(world).FromA.Events);
        Call call = Assert.Single(world.Shard.LiveCalls);
        world.Shard.OnDigit(call.Id, MediaSide.Caller, new DtmfDigit('#', DtmfWay.Event, 120), world.Now);
        WireMessage info = callee.ExpectRequest("INFO");
        Assert.Equal(("application/dtmf-relay", "Signal=#\r\nDuration=120\r\n"), (info["Content-Type"], info.Body));
        callee.Ok(info);
        Assert.Equal(new KeyCount(1, DtmfWay.Event), call.CallerKeys);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Keys_of_a_device_whose_receiving_is_off_reach_nobody()
    {
        SwitchFixture world = new(said => SwitchFixture.ChangeAcme(said, static g => g with { Audio = new AudioRules { DtmfReceive = DtmfReceive.Off } }));
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        caller.Request("INFO", "Signal=1\r\n", "Content-Type: application/dtmf-relay\r\n");
        caller.Expect(200, "INFO");
        Assert.Empty(world.Relay.Pressed);
        Assert.Equal(DtmfTurn.Drop, Plan(world).FromA.Events);
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Tones_in_the_speech_of_a_device_become_events()
    {
        SwitchFixture world = new(said => SwitchFixture.ChangeAcme(said, static g => g with { Audio = new AudioRules { IncludesInband = true } }));
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Assert.Equal((DtmfTurn.ToEvent, DtmfTurn.Pass, (byte)101), (Plan(world).FromA.Tones, Plan(world).FromB.Tones, Plan(world).FromA.EventsOut));
        Legs.End(caller, callee);
        world.AssertEverythingReturned();
    }

    // ---- ring-back tone ----

    [Fact]
    public void A_caller_whose_far_end_rings_in_silence_hears_the_tone_until_the_answer()
    {
        SwitchFixture world = Carrier(new AudioRules { RingTone = "de" });
        CallerLeg caller = Invite(world, Sdp("192.0.2.99", 18200, "0 8 101", Events));
        var callee = new CalleeLeg(world);
        callee.Respond(180);
        WireMessage ringing = caller.Expect(180);
        Assert.Contains("c=IN IP4 198.51.100.7\r\n", ringing.Body);
        Assert.Contains("RTP/AVP 0\r\n", ringing.Body);
        Assert.NotNull(Playing(world));
        Assert.Equal(G711Codec.MuLaw, Plan(world).FromB.Law);
        callee.Respond(180);
        Answered(caller, callee, between: 180);
        Assert.Null(Playing(world));
        WireMessage again = caller.ExpectRequest("INVITE"); // of two descriptions before the ACK a caller may have heard the first only
        caller.Answer(again, sdp: caller.Sdp);
        _ = caller.ExpectRequest("ACK");
        Legs.End(caller, callee);
        Assert.Contains(Log(world), static e => e.Kind == DecisionKind.Ringing);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void Early_media_ends_the_tone_and_a_far_end_that_has_it_from_the_start_gets_none()
    {
        SwitchFixture world = Carrier(new AudioRules { RingTone = "us" });
        CallerLeg caller = Invite(world, Sdp("192.0.2.99", 18200, "8", ""));
        var callee = new CalleeLeg(world);
        callee.Respond(180);
        caller.Expect(180);
        callee.Respond(183, sdp: true);
        Assert.Contains("m=audio", caller.Expect(183).Body);
        Assert.Null(Playing(world));
        caller.Cancel();
        caller.Expect(200, "CANCEL");
        callee.Ok(callee.ExpectRequest("CANCEL"));
        callee.Respond(487);
        callee.ExpectAck();
        caller.Expect(487);
        caller.AckFailure();
        world.AssertEverythingReturned();

        CallerLeg second = Invite(world, Sdp("192.0.2.99", 18200, "8", ""));
        callee = new CalleeLeg(world);
        callee.Respond(183, sdp: true);
        second.Expect(183);
        callee.Respond(180);
        Assert.Equal("", second.Expect(180).Body);
    }

    // ---- recording ----

    [Fact]
    public void A_device_that_says_so_is_recorded_from_the_answer_to_the_end_and_the_CDR_names_the_file()
    {
        SwitchFixture world = new(said => SwitchFixture.ChangeAcme(Media(said, MediaProxyMode.Off), static g => g with { Audio = new AudioRules { Records = true } }));
        Tape tape = new();
        world.Shard.Recorder = tape;
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world); // relayed although the mode is Off: it could not be recorded else
        Assert.Same(tape.Recording, Plan(world).Tap);
        Legs.End(caller, callee);
        Assert.True(tape.Ended);
        Assert.Equal("tape.wav", world.Cdrs[0].Recording);
        world.AssertEverythingReturned();
    }

    [Fact]
    public void A_recording_that_cannot_begin_leaves_the_call_alone_and_the_log_says_why()
    {
        SwitchFixture world = new(said => SwitchFixture.ChangeAcme(said, static g => g with { Audio = new AudioRules { Records = true } }));
        world.Shard.Recorder = new Tape { WhyNot = "the disk is full" };
        (CallerLeg caller, CalleeLeg callee) = Legs.Talk(world);
        Legs.End(caller, callee);
        DecisionEntry said = Assert.Single(Log(world), static e => e.Kind == DecisionKind.Recording);
        Assert.Equal(("the disk is full", 2L), (said.Texts[0], said.Numbers[0]));
        Assert.Equal("", world.Cdrs[0].Recording);
        world.AssertEverythingReturned();
    }

    private sealed class Tape : IRecorder, IRecording, IAudioTap
    {
        public IRecording? Recording { get; private set; }

        public bool Ended { get; private set; }

        public string WhyNot { get; init; } = "";

        public IAudioTap Tap => this;

        public string File => "tape.wav";

        public bool TryBegin(CallId call, string caller, string callee, Instant now, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IRecording? recording, out string whyNot)
        {
            (recording, whyNot) = (WhyNot.Length == 0 ? this : null, WhyNot);
            Recording = recording;
            return recording is not null;
        }

        public void End() => Ended = true;

        public void Put(Tandem.Media.Relay.FlowSide from, bool aLaw, ReadOnlySpan<byte> codes, uint timestamp, Instant now) => Assert.Fail("nobody speaks here");
    }

    private static SwitchFixture Carrier(AudioRules rules) => new(said => SwitchFixture.ChangeCarrier(said, "carrier-a", g => g with { Audio = rules }));

    private static SwitchConfiguration Each(SwitchConfiguration said, AudioRules rules)
    {
        foreach (string name in (string[])["carrier-a", "carrier-b", "carrier-c"]) said = SwitchFixture.ChangeCarrier(said, name, g => g with { Audio = rules });
        return said;
    }

    private static SwitchConfiguration Media(SwitchConfiguration said, MediaProxyMode mode) => said with { Settings = said.Settings with { Media = said.Settings.Media with { ProxyMode = mode } } };

    private static string Sdp(string host, int port, string formats, string attributes) =>
        $"v=0\r\no=peer 77 1 IN IP4 {host}\r\ns=x\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP {formats}\r\n{attributes}";

    private static CallerLeg Invite(SwitchFixture world, string sdp)
    {
        CallerLeg caller = new CallerLeg(world) { Sdp = sdp }.Invite();
        caller.Expect(100);
        return caller;
    }

    private static WireMessage Answered(CallerLeg caller, CalleeLeg callee, int between = 0)
    {
        callee.Respond(200, sdp: true);
        callee.ExpectAck();
        if (between > 0) caller.Expect(between);
        WireMessage ok = caller.Expect(200);
        caller.Ack();
        return ok;
    }

    private static AudioPlan Plan(SwitchFixture world) => Assert.Single(world.Relay.Plans.Values)!;

    private static IAudioSource? Playing(SwitchFixture world) => Assert.Single(world.Relay.Playing, static p => p.Key.To == MediaSide.Caller).Value;

    private static List<DecisionEntry> Log(SwitchFixture world) => [.. DecisionLogReader.Read(world.Cdrs[0].DecisionLog)];
}
