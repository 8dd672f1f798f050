using Tandem.Media.Codecs;
using Tandem.Media.Relay;
using Tandem.Media.Streams;
using Tandem.Media.Tones;

namespace Tandem.Tests.Media.Streams;

public sealed class TranscodingTests
{
    private static readonly PipePlan ToMuLaw = new() { TakesALaw = false, Law = G711Codec.MuLaw };

    private readonly StageBench _bench = new();

    [Fact]
    public void A_law_becomes_mu_law_sample_by_sample_and_keeps_number_time_source_and_marker()
    {
        Follow(ToMuLaw);
        byte[] codes = [.. Enumerable.Range(0, 160).Select(static i => (byte)i)];
        _bench.Give(FlowSide.A, StageBench.Packet(8, 65_535, 4_294_967_200, codes, marker: true));
        _bench.Give(FlowSide.A, StageBench.Packet(8, 0, 64, codes));
        Assert.All(_bench.Out, sent => Assert.Equal(codes.Select(static c => G711.EncodeMuLaw(G711.DecodeALaw(c))), sent.Payload));
        Assert.Equal([(0, true, 65_535, 4_294_967_200u, 7u), (0, false, 0, 64u, 7u)], _bench.Out.Select(static s => ((int)s.Type, s.Marker, (int)s.Sequence, s.Timestamp, s.Ssrc)));
    }

    [Fact]
    public void What_the_receiver_takes_passes_untouched()
    {
        Follow(ToMuLaw);
        _bench.Give(FlowSide.A, StageBench.Packet(0, 1, 160, new byte[160]));
        _bench.Give(FlowSide.A, StageBench.Packet(18, 2, 320, new byte[20]));
        _bench.Give(FlowSide.B, StageBench.Packet(8, 1, 160, new byte[160]));
        Assert.All(_bench.Out, static sent => Assert.True(sent.AsItCame));
    }

    [Fact]
    public void A_lost_packet_stays_lost_and_a_late_one_keeps_its_place()
    {
        Follow(ToMuLaw);
        foreach (int i in (int[])[0, 1, 3, 2, 6]) _bench.Give(FlowSide.A, StageBench.Packet(8, (ushort)(10 + i), (uint)(160 * i), new byte[160]));
        Assert.Equal([10, 11, 13, 12, 16], _bench.Out.Select(static s => (int)s.Sequence));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(60)]
    public void Every_packet_time_becomes_every_other_and_no_sample_is_lost(int millis)
    {
        short[] audio = new short[8 * 1_200];
        new ToneGenerator(1_000).Fill(audio);
        byte[] codes = new byte[audio.Length];
        G711.EncodeALaw(audio, codes);
        foreach (int from in (int[])[10, 20, 30, 40, 60])
        {
            StageBench bench = new();
            bench.Stage.Follow(new AudioPlan(new PipePlan { FrameSamples = 8 * millis }, PipePlan.Plain));
            bench.GiveSpeech(FlowSide.A, audio, aLaw: true, sequence: 65_530, timestamp: 1_000, packet: 8 * from);
            Assert.Equal(codes, bench.Out.SelectMany(static s => s.Payload));
            Assert.All(bench.Out, s => Assert.Equal(8 * millis, s.Payload.Length));
            for (int i = 0; i < bench.Out.Count; i++) Assert.Equal(((ushort)(65_530 + i), (uint)(1_000 + (8 * millis * i))), (bench.Out[i].Sequence, bench.Out[i].Timestamp));
        }
    }

    [Fact]
    public void Of_60_ms_lost_between_packets_of_20_three_numbers_are_missing()
    {
        Follow(new PipePlan { FrameSamples = 160 });
        _bench.Give(FlowSide.A, StageBench.Packet(8, 1, 0, new byte[480]));
        _bench.Give(FlowSide.A, StageBench.Packet(8, 3, 960, new byte[480]));
        Assert.Equal([(1, 0u), (2, 160u), (3, 320u), (7, 960u), (8, 1_120u), (9, 1_280u)], _bench.Out.Select(static s => ((int)s.Sequence, s.Timestamp)));
        Assert.DoesNotContain(_bench.Out, static s => s.Marker);
    }

    [Fact]
    public void Of_20_ms_lost_within_a_packet_of_60_its_part_is_silence()
    {
        Follow(new PipePlan { FrameSamples = 480 });
        byte[] loud = [.. Enumerable.Repeat((byte)1, 160)];
        foreach (int i in (int[])[0, 2]) _bench.Give(FlowSide.A, StageBench.Packet(8, (ushort)(1 + i), (uint)(160 * i), loud));
        Sent sent = Assert.Single(_bench.Out);
        Assert.Equal([.. loud, .. Enumerable.Repeat(G711.ALawSilence, 160), .. loud], sent.Payload);
    }

    [Fact]
    public void A_pause_of_the_sender_is_no_loss_the_packet_begun_is_filled_and_the_next_is_marked()
    {
        Follow(new PipePlan { FrameSamples = 320 });
        _bench.Give(FlowSide.A, StageBench.Packet(8, 1, 0, new byte[160]));
        _bench.Give(FlowSide.A, StageBench.Packet(8, 2, 8_000, new byte[160], marker: true));
        _bench.Give(FlowSide.A, StageBench.Packet(8, 3, 8_160, new byte[160]));
        Assert.Equal([(1, 0u, false), (2, 8_000u, true)], _bench.Out.Select(static s => ((int)s.Sequence, s.Timestamp, s.Marker)));
    }

    [Fact]
    public void Another_source_goes_on_with_the_numbers_and_its_first_packet_is_marked()
    {
        Follow(ToMuLaw);
        _bench.Give(FlowSide.A, StageBench.Packet(8, 10, 160, new byte[160]));
        _bench.Give(FlowSide.A, StageBench.Packet(8, 5_000, 99, new byte[160], ssrc: 8));
        _bench.Give(FlowSide.A, StageBench.Packet(8, 5_002, 419, new byte[160], ssrc: 8));
        Assert.Equal([(10, 7u, false), (11, 8u, true), (13, 8u, false)], _bench.Out.Select(static s => ((int)s.Sequence, s.Ssrc, s.Marker)));
    }

    [Fact]
    public void A_receiver_without_G711_is_sent_what_came()
    {
        Follow(new PipePlan { TakesALaw = false, TakesMuLaw = false });
        _bench.Give(FlowSide.A, StageBench.Packet(8, 1, 0, new byte[160]));
        Assert.True(Assert.Single(_bench.Out).AsItCame);
    }

    [Fact]
    public void Nothing_is_allocated_per_packet()
    {
        Follow(new PipePlan { TakesALaw = false, Law = G711Codec.MuLaw, FrameSamples = 240, Tones = DtmfTurn.Listen });
        byte[] packet = StageBench.Packet(8, 0, 0, new byte[160]);
        Silent sink = new();
        long before = 0;
        for (int i = 0; i < 4_000; i++)
        {
            if (i == 2_000) before = GC.GetAllocatedBytesForCurrentThread();
            Tandem.Media.Rtp.RtpHeader.Write(packet, 8, false, (ushort)i, (uint)(160 * i), 7);
            _bench.Stage.On(FlowSide.A, packet, _bench.Now, sink);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(4_000 * 160 / 240, sink.Count);
    }

    private void Follow(PipePlan fromA) => _bench.Stage.Follow(new AudioPlan(fromA, PipePlan.Plain));


    private sealed class Silent : IStageSink
    {
        public int Count { get; private set; }

        public void Forward(FlowSide towards) => Count++;

        public void Send(FlowSide towards, ReadOnlySpan<byte> packet) => Count++;

        public void Digit(FlowSide from, in Tandem.Media.Dtmf.DtmfDigit digit) => Assert.Fail("nobody pressed a key");
    }
}
