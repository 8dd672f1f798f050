using Tandem.Media.Relay;
using Tandem.Media.Rtp;
using Tandem.Primitives;
using static Tandem.Media.Relay.FlowSide;
using static Tandem.Media.Relay.RelayVerdict;

namespace Tandem.Tests.Media.Relay;

public sealed class RelayFlowTests
{
    private static readonly NetAddress Alice = NetAddress.Parse("192.0.2.1:4000");
    private static readonly NetAddress AliceBehindNat = NetAddress.Parse("198.51.100.7:61234");
    private static readonly NetAddress Bob = NetAddress.Parse("203.0.113.2:5000");
    private static readonly NetAddress Mallory = NetAddress.Parse("203.0.113.66:6666");
    private static readonly byte[] ReceiverReport = Convert.FromHexString("80C90001" + "0000000A");

    private readonly RelayFlow _flow = new(LatchRules.Default);
    private Instant _now = new(1_700_000_000_000_000);
    private ushort _sequence;

    [Fact]
    public void Media_from_the_signalled_addresses_goes_across()
    {
        SignalBoth();
        Assert.Equal((ToRtp, Bob), SendRtp(A, Alice));
        Assert.Equal((ToRtp, Alice), SendRtp(B, Bob));
        Assert.Equal((1, 172), (_flow.Report(A).Packets, _flow.Report(A).Bytes));
    }

    [Fact]
    public void Before_the_SDP_nobody_is_believed()
    {
        Assert.Equal(Stranger, SendRtp(A, Alice).Verdict);
        _flow.Signal(A, Alice, default, _now);
        Assert.Equal(Stranger, SendRtp(B, Bob).Verdict);
    }

    [Fact]
    public void Before_the_other_SDP_there_is_nowhere_to_send()
    {
        _flow.Signal(A, Alice, default, _now);
        Assert.Equal((NoDestination, default), SendRtp(A, Alice));
        Assert.Equal((1, 1), (_flow.Report(A).Packets, _flow.Report(A).Undelivered));
    }

    [Fact]
    public void A_phone_behind_NAT_is_learned_and_sent_to_where_it_sends_from()
    {
        SignalBoth();
        Assert.Equal(ToRtp, Stream(A, AliceBehindNat).Verdict);
        Assert.Equal((ToRtp, AliceBehindNat), SendRtp(B, Bob));
        Assert.Equal(LatchState.OnLearned, _flow.State(A));
    }

    [Fact]
    public void A_stranger_is_dropped_once_the_signalled_address_was_heard()
    {
        SignalBoth();
        SendRtp(A, Alice);
        Assert.Equal(Stranger, SendRtp(A, Mallory).Verdict);
        Assert.Equal((ToRtp, Alice), SendRtp(B, Bob));
        Assert.Equal(1, _flow.Report(A).Strangers);
    }

    [Fact]
    public void A_second_source_is_not_learned()
    {
        SignalBoth();
        Stream(A, AliceBehindNat);
        Assert.Equal(Stranger, SendRtp(A, Mallory).Verdict);
        Assert.Equal(Stranger, SendRtp(A, AliceBehindNat.WithPort(61235)).Verdict);
        Assert.Equal((ToRtp, AliceBehindNat), SendRtp(B, Bob));
    }

    [Fact]
    public void After_the_window_only_the_signalled_address_is_accepted()
    {
        SignalBoth();
        _now += TimeSpan.FromSeconds(3);
        Assert.Equal(Stranger, Stream(A, AliceBehindNat).Verdict);
        Assert.Equal(ToRtp, SendRtp(A, Alice).Verdict);
    }

    [Fact]
    public void A_caller_that_waits_long_for_the_answer_is_still_learned_after_it()
    {
        _flow.Signal(A, Alice, default, _now);
        _now += TimeSpan.FromSeconds(40);
        _flow.Signal(B, Bob, default, _now);
        _now += TimeSpan.FromSeconds(2);
        Assert.Equal(ToRtp, Stream(A, AliceBehindNat).Verdict);
    }

    [Fact]
    public void The_signalled_address_takes_over_from_one_learned_by_mistake()
    {
        SignalBoth();
        Assert.Equal(ToRtp, Stream(A, Mallory).Verdict);
        Assert.Equal(ToRtp, SendRtp(A, Alice).Verdict);
        Assert.Equal(Stranger, SendRtp(A, Mallory).Verdict);
        Assert.Equal((ToRtp, Alice), SendRtp(B, Bob));
    }

    [Fact]
    public void A_refresh_with_the_same_address_keeps_what_was_learned_but_allows_a_new_NAT_binding()
    {
        SignalBoth();
        Stream(A, AliceBehindNat);
        _now += TimeSpan.FromMinutes(10);
        SignalBoth();
        Assert.Equal(ToRtp, SendRtp(A, AliceBehindNat).Verdict);
        Assert.Equal(Stranger, SendRtp(A, Mallory).Verdict);

        SignalBoth();
        NetAddress rebound = AliceBehindNat.WithPort(50_000);
        Assert.Equal(ToRtp, Stream(A, rebound).Verdict);
        Assert.Equal((ToRtp, rebound), SendRtp(B, Bob));
        Assert.Equal(Stranger, SendRtp(A, AliceBehindNat).Verdict);
    }

    [Fact]
    public void After_a_changed_address_packets_in_flight_pass_but_are_not_learned()
    {
        SignalBoth();
        SendRtp(A, Alice);
        NetAddress moved = NetAddress.Parse("192.0.2.9:4100");
        _flow.Signal(A, moved, default, _now);
        Assert.Equal(ToRtp, SendRtp(A, Alice).Verdict);
        Assert.Equal((ToRtp, moved), SendRtp(B, Bob));
        Assert.Equal(ToRtp, SendRtp(A, moved).Verdict);
        Assert.Equal(Stranger, SendRtp(A, Alice).Verdict);
    }

    [Fact]
    public void A_changed_address_reopens_the_window()
    {
        SignalBoth();
        SendRtp(A, Alice);
        _now += TimeSpan.FromSeconds(60);
        _flow.Signal(A, NetAddress.Parse("192.168.1.5:4100"), default, _now);
        Assert.Equal(ToRtp, Stream(A, AliceBehindNat).Verdict);
        Assert.Equal((ToRtp, AliceBehindNat), SendRtp(B, Bob));
    }

    [Theory]
    [InlineData("0.0.0.0:4000")]
    [InlineData("192.0.2.1:0")]
    public void On_hold_nothing_is_sent_but_music_still_comes(string hold)
    {
        SignalBoth();
        Stream(A, AliceBehindNat);
        _flow.Signal(A, NetAddress.Parse(hold), default, _now);
        Assert.Equal((NoDestination, default), SendRtp(B, Bob));
        Assert.Equal((NoDestination, default), SendRtcp(B, Bob.WithPort(5001)));
        Assert.Equal(ToRtp, SendRtp(A, AliceBehindNat).Verdict);
        _flow.Signal(A, Alice, default, _now);
        Assert.Equal((ToRtp, AliceBehindNat), SendRtp(B, Bob));
    }

    [Fact]
    public void RTCP_goes_to_the_port_above_unless_the_SDP_says_otherwise()
    {
        SignalBoth();
        Assert.Equal((ToRtcp, Bob.WithPort(5001)), SendRtcp(A, Alice.WithPort(4001)));
        _flow.Signal(B, Bob, NetAddress.Parse("203.0.113.3:7777"), _now);
        Assert.Equal((ToRtcp, NetAddress.Parse("203.0.113.3:7777")), SendRtcp(A, Alice.WithPort(4001)));
        Assert.Equal((0, 2), (_flow.Report(A).Packets, _flow.Report(A).RtcpPackets));
    }

    [Fact]
    public void RTCP_from_another_host_is_dropped_and_never_learned()
    {
        SignalBoth();
        Assert.Equal(Stranger, SendRtcp(A, Mallory).Verdict);
        Stream(A, AliceBehindNat);
        Assert.Equal(Stranger, SendRtcp(A, Mallory).Verdict);
        Assert.Equal(ToRtcp, SendRtcp(A, AliceBehindNat.WithPort(61_999)).Verdict);
        Assert.Equal(Stranger, SendRtcp(A, AliceBehindNat.WithPort(61_998)).Verdict);
        Assert.Equal((ToRtcp, AliceBehindNat.WithPort(61_999)), SendRtcp(B, Bob.WithPort(5001)));
    }

    [Fact]
    public void Multiplexed_RTCP_comes_and_goes_on_the_RTP_port()
    {
        _flow.Signal(A, Alice, Alice, _now);
        _flow.Signal(B, Bob, default, _now);
        Assert.Equal((ToRtcp, Bob.WithPort(5001)), On(A, MediaChannel.Rtp, Alice, ReceiverReport));
        Assert.Equal((ToRtp, Alice), SendRtcp(B, Bob.WithPort(5001)));
    }

    [Theory]
    [InlineData("", MediaChannel.Rtp, WrongSize)]
    [InlineData("80", MediaChannel.Rtp, WrongSize)]
    [InlineData("8000000100000002000000", MediaChannel.Rtp, WrongSize)] // eleven bytes
    [InlineData("000100002112A442000000000000000000000000", MediaChannel.Rtp, WrongVersion)] // STUN
    [InlineData("16FEFD00000000000000000000000000", MediaChannel.Rtp, WrongVersion)] // DTLS
    [InlineData("800000010000000200000003", MediaChannel.Rtcp, NotMedia)] // RTP on the RTCP port
    [InlineData("80C8FFFF0000000A0000000000000000", MediaChannel.Rtcp, BadRtcp)] // a sender report of 256 KB
    [InlineData("80C900020000000A", MediaChannel.Rtp, BadRtcp)] // a receiver report longer than its datagram
    [InlineData("40000001000000020000000300000000", MediaChannel.Rtp, WrongVersion)] // version 1
    [InlineData("C0000001000000020000000300000000", MediaChannel.Rtp, WrongVersion)] // version 3
    public void What_is_no_media_is_dropped_by_its_reason_and_teaches_nothing(string hex, MediaChannel channel, RelayVerdict reason)
    {
        SignalBoth();
        Assert.Equal((reason, default), On(A, channel, Mallory, Convert.FromHexString(hex)));
        Assert.Equal((1, LatchState.Open), (_flow.Report(A).NotMedia, _flow.State(A)));
    }

    [Fact]
    public void A_storm_of_SSRCs_from_the_right_address_is_bounded_and_spoils_no_count()
    {
        SignalBoth();
        SendRtp(A, Alice);
        int passed = 0;
        for (uint i = 0; i < 100_000; i++)
        {
            if (SendRtp(A, Alice, ssrc: i * 2_654_435_761).Verdict == ToRtp) passed++;
        }
        Assert.InRange(passed, 1, Tandem.Media.Relay.SourceStorm.Burst);
        Assert.Equal((passed + 1, 0L, 100_000L - passed), (_flow.Report(A).Packets, _flow.Report(A).Lost, _flow.Report(A).NotMedia));
    }

    [Fact]
    public void Two_SSRCs_that_take_turns_and_a_new_one_now_and_then_are_no_storm()
    {
        SignalBoth();
        for (uint i = 0; i < 5000; i++)
        {
            Assert.Equal(ToRtp, SendRtp(A, Alice, ssrc: (i / 100 * 2) + (i % 2)).Verdict);
            _now += TimeSpan.FromMilliseconds(20);
        }
    }

    [Fact]
    public void A_flood_of_RTCP_is_bounded_and_a_strangers_takes_nothing_from_the_side()
    {
        SignalBoth();
        for (int i = 0; i < 10_000; i++) Assert.Equal(Stranger, On(A, MediaChannel.Rtcp, Mallory, ReceiverReport).Verdict);
        for (int i = 0; i < RtcpAllowance.Burst; i++) Assert.Equal(ToRtcp, On(A, MediaChannel.Rtcp, Alice.WithPort(4001), ReceiverReport).Verdict);
        for (int i = 0; i < 10_000; i++) Assert.Equal(RtcpFlood, On(A, MediaChannel.Rtcp, Alice.WithPort(4001), ReceiverReport).Verdict);
        _now += TimeSpan.FromMilliseconds(25);
        Assert.Equal(ToRtcp, On(A, MediaChannel.Rtcp, Alice.WithPort(4001), ReceiverReport).Verdict);
    }

    [Fact]
    public void A_compound_of_more_packets_than_any_report_has_is_dropped()
    {
        SignalBoth();
        byte[] bomb = [.. Enumerable.Range(0, 180).SelectMany(static _ => ReceiverReport)];
        Assert.Equal(BadRtcp, On(A, MediaChannel.Rtcp, Alice.WithPort(4001), bomb).Verdict);
    }

    [Fact]
    public void A_compound_that_ends_in_nonsense_passes_like_an_encrypted_one()
    {
        SignalBoth();
        byte[] compound = [.. ReceiverReport, .. Convert.FromHexString("81CAFFFF0000000A")];
        Assert.Equal((ToRtcp, Bob.WithPort(5001)), On(A, MediaChannel.Rtcp, Alice.WithPort(4001), compound));
    }

    [Fact]
    public void Above_the_last_port_there_is_no_RTCP()
    {
        _flow.Signal(A, Alice.WithPort(65_535), default, _now);
        _flow.Signal(B, Bob, default, _now);
        Assert.Equal((ToRtp, Alice.WithPort(65_535)), SendRtp(B, Bob));
        Assert.Equal((NoDestination, default), SendRtcp(B, Bob.WithPort(5001)));
        Assert.Equal(Stranger, SendRtcp(A, Mallory).Verdict);
        SignalBoth();
        Stream(A, AliceBehindNat.WithPort(65_535));
        Assert.Equal((NoDestination, default), SendRtcp(B, Bob.WithPort(5001)));
    }

    [Fact]
    public void The_report_knows_first_last_loss_and_jitter()
    {
        SignalBoth();
        Instant first = _now;
        for (int i = 0; i < 10; i++)
        {
            if (i != 4) SendRtp(A, Alice);
            else _sequence++;
            _now += TimeSpan.FromMilliseconds(20);
        }
        SideReport report = _flow.Report(A);
        Assert.Equal((first, first + TimeSpan.FromMilliseconds(180), 9, 1, TimeSpan.Zero), (report.First, report.Last, report.Packets, report.Lost, report.Jitter));
    }

    [Fact]
    public void What_comes_twice_or_after_its_successor_is_counted_as_late_and_not_as_lost()
    {
        SignalBoth();
        foreach (ushort sequence in new ushort[] { 10, 11, 13, 12, 12, 14, 14 })
        {
            _sequence = sequence;
            SendRtp(A, Alice);
        }
        Assert.Equal((7L, 0L, 3L, (byte)8), (_flow.Report(A).Packets, _flow.Report(A).Lost, _flow.Report(A).Late, _flow.Report(A).PayloadType));
    }

    [Fact]
    public void Reset_forgets_the_call_before()
    {
        SignalBoth();
        SendRtp(A, Alice);
        SendRtp(B, Mallory);
        SendRtcp(A, Alice.WithPort(4001));
        _flow.Reset();
        SideReport fresh = new RelayFlow(LatchRules.Default).Report(A);
        Assert.Equal((fresh, fresh), (_flow.Report(A), _flow.Report(B)));
        Assert.Equal(Stranger, SendRtp(A, Alice).Verdict);
        Assert.True(_flow.Destination(B).IsNone);
    }

    [Fact]
    public void A_packet_allocates_nothing()
    {
        SignalBoth();
        byte[] packet = new byte[172];
        RtpHeader.Write(packet, 8, marker: false, 1, 2, 3);
        int relayed = 0;
        long allocated = Allocations.Least(() =>
        {
            for (int i = 0; i < 500; i++)
            {
                _now += TimeSpan.FromMilliseconds(20);
                if (_flow.On(A, MediaChannel.Rtp, Alice, packet, _now, out _) == ToRtp) relayed++;
                if (_flow.On(B, MediaChannel.Rtcp, Bob.WithPort(5001), ReceiverReport, _now, out _) == ToRtcp) relayed++;
            }
        });
        Assert.Equal((0, 6_000), (allocated, relayed));
    }

    [Fact]
    public void A_burst_a_broken_sequence_or_another_SSRC_prove_no_stream()
    {
        SignalBoth();
        for (int i = 0; i < 30; i++) Assert.Equal(Stranger, SendRtp(A, AliceBehindNat).Verdict); // all at once
        _now += TimeSpan.FromMilliseconds(150);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(Stranger, SendRtp(A, AliceBehindNat).Verdict);
            _sequence++;
            _now += TimeSpan.FromMilliseconds(20);
        }
        for (uint i = 0; i < 10; i++)
        {
            Assert.Equal(Stranger, SendRtp(A, AliceBehindNat, ssrc: i).Verdict);
            _now += TimeSpan.FromMilliseconds(20);
        }
        Assert.Equal(ToRtp, Stream(A, AliceBehindNat).Verdict);
    }

    [Fact]
    public void While_the_far_end_has_not_spoken_nobody_is_learned()
    {
        _flow.Signal(A, Alice, default, _now);
        for (int i = 0; i < 100; i++) Assert.Equal(Stranger, Stream(A, Mallory).Verdict);
        Assert.Equal(NoDestination, SendRtp(A, Alice).Verdict);
    }

    private void SignalBoth()
    {
        _flow.Signal(A, Alice, default, _now);
        _flow.Signal(B, Bob, default, _now);
    }

    // Three packets as a phone sends them: what becomes of the third.
    private (RelayVerdict Verdict, NetAddress To) Stream(FlowSide side, in NetAddress source)
    {
        for (int i = 0; i < 2; i++)
        {
            SendRtp(side, source);
            _now += TimeSpan.FromMilliseconds(20);
        }
        return SendRtp(side, source);
    }

    private (RelayVerdict Verdict, NetAddress To) SendRtp(FlowSide side, in NetAddress source, uint ssrc = 1)
    {
        byte[] packet = new byte[172];
        RtpHeader.Write(packet, 8, marker: false, _sequence, (uint)_sequence * 160, ssrc);
        _sequence++;
        return On(side, MediaChannel.Rtp, source, packet);
    }

    private (RelayVerdict Verdict, NetAddress To) SendRtcp(FlowSide side, in NetAddress source) => On(side, MediaChannel.Rtcp, source, ReceiverReport);

    private (RelayVerdict Verdict, NetAddress To) On(FlowSide side, MediaChannel channel, in NetAddress source, byte[] packet) =>
        (_flow.On(side, channel, source, packet, _now, out NetAddress to), to);
}
