using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Relay;
using Tandem.Media.Streams;
using Tandem.Media.Tones;

namespace Tandem.Tests.Media.Streams;

public sealed class DigitTests
{
    private const byte Events = 101;

    private readonly StageBench _bench = new();

    [Fact]
    public void Events_pass_under_the_number_the_receiver_wants_and_are_told_once()
    {
        FollowA(new PipePlan { EventsIn = Events, EventsOut = 96 });
        PressEvent('5', 1, 1_000, packets: 4);
        Assert.All(_bench.Out, static s => Assert.Equal((96, 1_000u), (s.Type, s.Timestamp)));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], _bench.Out.Select(static s => (int)s.Sequence));
        Assert.Equal([(FlowSide.A, new DtmfDigit('5', DtmfWay.Event, 80))], _bench.Digits);
    }

    [Fact]
    public void Of_a_key_whose_last_packets_are_lost_the_next_or_silence_tells()
    {
        FollowA(new PipePlan { EventsIn = Events, EventsOut = Events });
        PressEvent('1', 1, 1_000, packets: 3, ends: 0);
        PressEvent('2', 10, 9_000, packets: 3, ends: 0);
        Assert.Equal("1", Keys());
        _bench.Advance(200);
        _bench.Give(FlowSide.A, StageBench.Packet(8, 14, 20_000, new byte[160]));
        Assert.Equal("12", Keys());
    }

    [Fact]
    public void Of_a_key_of_which_only_one_packet_of_the_end_comes_it_is_told_all_the_same()
    {
        FollowA(new PipePlan { EventsIn = Events, EventsOut = Events });
        PressEvent('9', 1, 1_000, packets: 0, ends: 1);
        PressEvent('9', 1, 5_000, packets: 0, ends: 1);
        Assert.Equal("99", Keys());
    }

    [Fact]
    public void Two_keys_of_which_the_second_has_one_packet_only_are_both_told()
    {
        FollowA(new PipePlan { EventsIn = Events, EventsOut = Events });
        PressEvent('3', 1, 1_000, packets: 2, ends: 0);
        PressEvent('4', 9, 5_000, packets: 0, ends: 1);
        _bench.Advance(200);
        _bench.Give(FlowSide.A, StageBench.Packet(8, 14, 20_000, new byte[160]));
        Assert.Equal("34", Keys());
    }

    [Fact]
    public void A_tone_becomes_an_event_of_its_length_and_is_not_heard_beside_it()
    {
        FollowA(new PipePlan { EventsOut = Events, Tones = DtmfTurn.ToEvent });
        _bench.GiveSpeech(FlowSide.A, [.. new short[800], .. Tone('7', 800), .. new short[1_600]], aLaw: true);
        Sent[] events = [.. _bench.Out.Where(static s => s.Type == Events)];
        Assert.True(events[0].Marker);
        Assert.Single(events.Select(static s => s.Timestamp).Distinct());
        TelephoneEvent[] said = [.. events.Select(Read)];
        Assert.All(said, static e => Assert.Equal(7, e.Code));
        Assert.Equal([false, false, true, true, true], said.Select(static e => e.Ended).TakeLast(5));
        Assert.InRange(said[^1].Duration, 640, 960);
        Assert.Equal([.. Enumerable.Range(100, _bench.Out.Count)], _bench.Out.Select(static s => (int)s.Sequence));
        (_, DtmfDigit digit) = Assert.Single(_bench.Digits);
        Assert.Equal(('7', DtmfWay.Inband), (digit.Key, digit.Way));

        // What is left of the tone in the speech is shorter than anybody hears a key in.
        short[] left = [.. _bench.Out.Where(static s => s.Type == 8).SelectMany(static s => s.Payload).Select(G711.DecodeALaw)];
        Assert.InRange(left.Count(static s => Math.Abs((int)s) > 500), 0, 200);
        DtmfDetector listener = new();
        listener.Feed(left);
        Assert.Equal('\0', listener.Key);
    }

    [Fact]
    public void Tones_that_are_only_listened_to_pass_untouched()
    {
        FollowA(new PipePlan { Tones = DtmfTurn.Listen });
        _bench.GiveSpeech(FlowSide.A, [.. Tone('0', 800), .. new short[1_600], .. Tone('#', 800), .. new short[1_600]], aLaw: false);
        Assert.All(_bench.Out, static s => Assert.True(s.AsItCame));
        Assert.Equal("0#", Keys());
    }

    [Fact]
    public void Events_become_a_tone_as_long_as_the_key_is_held_and_speech_goes_on_after_it()
    {
        FollowA(new PipePlan { EventsIn = Events, Events = DtmfTurn.ToTone, Law = G711Codec.ALaw });
        _bench.GiveSpeech(FlowSide.A, new short[320], aLaw: true, sequence: 1, timestamp: 0);
        PressEvent('6', 3, 320, packets: 6, paced: true);
        _bench.Advance(100);
        _bench.Give(FlowSide.A, StageBench.Packet(8, 12, 3_000, new byte[160]));
        Assert.DoesNotContain(_bench.Out, static s => s.Type == Events);
        short[] heard = [.. _bench.Out.SelectMany(static s => s.Payload).Select(G711.DecodeALaw)];
        Assert.Equal("6", Listen(heard));
        Assert.Equal([.. Enumerable.Range(1, _bench.Out.Count)], _bench.Out.Select(static s => (int)s.Sequence));
        Assert.True(_bench.Out[^1].Marker);
        Assert.Equal("6", Keys());
    }

    [Fact]
    public void A_key_from_call_control_goes_as_events_with_three_ends_where_the_side_takes_them()
    {
        FollowA(new PipePlan { EventsOut = 110 });
        _bench.GiveSpeech(FlowSide.A, new short[320], aLaw: true, sequence: 1, timestamp: 0);
        Assert.True(_bench.Stage.Press(FlowSide.B, new DtmfDigit('*', DtmfWay.Info, 100), _bench.Now));
        _bench.Advance(300);
        Sent[] events = [.. _bench.Out.Where(static s => s.Type == 110)];
        Assert.Equal([(10, false, 160), (10, false, 320), (10, false, 480), (10, false, 640), (10, true, 800), (10, true, 800), (10, true, 800)], events.Select(Read).Select(static e => ((int)e.Code, e.Ended, (int)e.Duration)));
        Assert.Equal([true, false, false, false, false, false, false], events.Select(static s => s.Marker));
        Assert.Single(events.Select(static s => s.Timestamp).Distinct());
        Assert.Equal([3, 4, 5, 6, 7, 8, 9], events.Select(static s => (int)s.Sequence));
    }

    [Fact]
    public void Keys_from_call_control_go_as_tones_with_pauses_where_it_takes_no_events()
    {
        FollowA(new PipePlan { Law = G711Codec.MuLaw });
        foreach (char key in "1234") Assert.True(_bench.Stage.Press(FlowSide.B, new DtmfDigit(key, DtmfWay.Info, 100), _bench.Now));
        List<short> heard = [];
        int taken = 0;
        for (int i = 0; i < 50; i++)
        {
            _bench.Advance(20);
            if (_bench.Out.Count == taken) heard.AddRange(new short[160]);
            for (; taken < _bench.Out.Count; taken++) heard.AddRange(_bench.Out[taken].Payload.Select(G711.DecodeMuLaw));
        }
        Assert.Equal("1234", Listen([.. heard]));
        Assert.Equal(Tandem.Primitives.Instant.Never, _bench.Stage.TickAt);
    }

    private void FollowA(PipePlan plan) => _bench.Stage.Follow(new AudioPlan(plan, PipePlan.Plain));

    private string Keys() => new([.. _bench.Digits.Select(static d => d.Digit.Key)]);

    private void PressEvent(char key, ushort sequence, uint timestamp, int packets, int ends = 3, bool paced = false)
    {
        byte[] payload = new byte[4];
        for (int i = 0; i < packets + ends; i++)
        {
            bool ended = i >= packets;
            new TelephoneEvent((byte)DtmfKeys.EventOf(key), ended, 10, (ushort)(160 * Math.Min(i + 1, Math.Max(packets, 1)))).Write(payload);
            _bench.Give(FlowSide.A, StageBench.Packet(Events, sequence++, timestamp, payload, marker: i == 0));
            if (paced && !ended) _bench.Advance(20);
        }
    }

    private static TelephoneEvent Read(Sent sent)
    {
        Assert.True(TelephoneEvent.TryRead(sent.Payload, out TelephoneEvent e));
        return e;
    }

    private static string Listen(short[] audio)
    {
        DtmfDetector detector = new();
        string heard = "";
        char last = '\0';
        for (int at = 0; at + 80 <= audio.Length; at += 80)
        {
            detector.Feed(audio.AsSpan(at, 80));
            if (detector.Key != '\0' && detector.Key != last) heard += detector.Key;
            last = detector.Key;
        }
        return heard;
    }

    private static short[] Tone(char key, int samples)
    {
        (double low, double high) = DtmfKeys.TonesOf(key);
        short[] tone = new short[samples];
        new ToneGenerator(low, high).Fill(tone);
        return tone;
    }
}
