using System.Buffers.Binary;
using Tandem.Media.Relay;
using Tandem.Primitives;
using static Tandem.Media.Relay.FlowSide;
using static Tandem.Media.Relay.RelayVerdict;

namespace Tandem.Tests.Media.Relay;

public sealed class UdptlFlowTests
{
    private static readonly NetAddress Alice = NetAddress.Parse("192.0.2.1:4000");
    private static readonly NetAddress AliceBehindNat = NetAddress.Parse("198.51.100.7:61234");
    private static readonly NetAddress Bob = NetAddress.Parse("203.0.113.2:5000");

    private readonly RelayFlow _flow = new(LatchRules.Default);
    private Instant _now = new(1_700_000_000_000_000);

    public UdptlFlowTests()
    {
        _flow.Signal(A, Alice, default, _now, Framing.Udptl);
        _flow.Signal(B, Bob, default, _now, Framing.Udptl);
    }

    [Fact]
    public void A_fax_goes_across_and_is_counted()
    {
        Assert.Equal((ToRtp, Bob), Send(A, Alice, 0));
        Assert.Equal((ToRtp, Alice), Send(B, Bob, 0));
        Assert.Equal((1, 6, 0), (_flow.Report(A).Packets, _flow.Report(A).Bytes, _flow.Report(A).Lost));
    }

    [Fact]
    public void Packets_whose_first_bytes_look_like_RTCP_are_fax_all_the_same() => Assert.Equal(ToRtp, Send(A, Alice, 0x80c8).Verdict);

    [Fact]
    public void A_machine_behind_NAT_is_learned_by_three_packets_in_sequence_however_slow_and_repeated()
    {
        Assert.Equal(Stranger, Send(A, AliceBehindNat, 7).Verdict);
        Assert.Equal(Stranger, Send(A, AliceBehindNat, 7).Verdict);
        Assert.Equal(Stranger, Send(A, AliceBehindNat, 7).Verdict);
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(Stranger, Send(A, AliceBehindNat, 8).Verdict);
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(ToRtp, Send(A, AliceBehindNat, 9).Verdict);
        Assert.Equal((ToRtp, AliceBehindNat), Send(B, Bob, 0));
    }

    [Fact]
    public void A_burst_or_a_gap_proves_nothing()
    {
        for (ushort i = 0; i < 10; i++) Assert.Equal(Stranger, Send(A, AliceBehindNat, i).Verdict);
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(Stranger, Send(A, AliceBehindNat, 30).Verdict);
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(Stranger, Send(A, AliceBehindNat, 32).Verdict);
    }

    [Fact]
    public void Nothing_is_learned_after_the_window()
    {
        _now += TimeSpan.FromSeconds(4);
        for (ushort i = 0; i < 10; i++)
        {
            Assert.Equal(Stranger, Send(A, AliceBehindNat, i).Verdict);
            _now += TimeSpan.FromMilliseconds(20);
        }
    }

    [Fact]
    public void What_is_no_UDPTL_and_what_comes_to_the_port_above_is_dropped_and_counted()
    {
        Assert.Equal(NotMedia, _flow.On(A, MediaChannel.Rtp, Alice, [0, 1, 200], _now, out _));
        Assert.Equal(NotMedia, _flow.On(A, MediaChannel.Rtcp, Alice, [0, 1, 1, 6, 0, 0], _now, out _));
        Assert.Equal(2, _flow.Report(A).NotMedia);
    }

    [Fact]
    public void A_source_learned_by_its_voice_goes_on_as_fax_from_the_same_address()
    {
        var flow = new RelayFlow(LatchRules.Default);
        flow.Signal(A, Alice, default, _now);
        flow.Signal(B, Bob, default, _now);
        byte[] voice = new byte[172];
        voice[0] = 0x80;
        for (ushort i = 0; i < 3; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(voice.AsSpan(2), i);
            flow.On(A, MediaChannel.Rtp, AliceBehindNat, voice, _now, out _);
            _now += TimeSpan.FromMilliseconds(20);
        }
        Assert.Equal(LatchState.OnLearned, flow.State(A));
        flow.Signal(A, Alice, default, _now, Framing.Udptl);
        flow.Signal(B, Bob, default, _now, Framing.Udptl);
        Assert.Equal(ToRtp, flow.On(A, MediaChannel.Rtp, AliceBehindNat, [0, 0, 1, 6, 0, 0], _now, out _));
    }

    private (RelayVerdict Verdict, NetAddress To) Send(FlowSide side, NetAddress source, ushort sequence)
    {
        byte[] packet = [0, 0, 1, 6, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(packet, sequence);
        return (_flow.On(side, MediaChannel.Rtp, source, packet, _now, out NetAddress to), to);
    }
}
