using System.Diagnostics;
using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Relay;
using Tandem.Media.Rtp;
using Tandem.Media.Srtp;
using Tandem.Media.Streams;
using Tandem.Primitives;
using Tandem.Server.Loops;
using Tandem.Server.Media;
using Tandem.Server.Network;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Tests.Server.Network;

namespace Tandem.Tests.Server.Media;

public sealed class MediaRelayByEpollTests() : MediaRelayTests(PumpChoice.Epoll);

public sealed class MediaRelayByIoUringTests() : MediaRelayTests(PumpChoice.Best)
{
    [Fact]
    public void Where_io_uring_can_be_had_it_is_chosen()
    {
        using IPacketPump pump = PacketPump.Open(PumpChoice.Best, out string? whyNot);
        if (whyNot is not null) Assert.Skip($"io_uring cannot be had here: {whyNot}.");
        Assert.Equal("io_uring", pump.Name);
    }
}

/// <summary>The relay over real sockets, the same facts for either way of meeting the kernel.</summary>
public abstract class MediaRelayTests(PumpChoice choice)
{
    private static readonly NetAddress Loopback = NetAddress.Parse("127.0.0.1");
    private static readonly NetAddress LoopbackV6 = NetAddress.Parse("[::1]");
    private static readonly NetAddress CallerSignalling = NetAddress.Parse("127.0.0.1:5060");
    private static readonly byte[] ReceiverReport = Convert.FromHexString("80C90001" + "0000000A");

    private int _first;
    private readonly CallId _call = CallId.Mint(new Instant(1_700_000_000_000_000), 0, 1);

    [Fact]
    public void A_plan_transcodes_one_way_and_the_other_and_none_ends_it()
    {
        using MediaRelay relay = Open();
        using Peer caller = new(), callee = new();
        MediaLease lease = LendBetween(relay, caller, callee);
        relay.SetAudio(lease, new AudioPlan(new PipePlan { TakesALaw = false, Law = G711Codec.MuLaw }, new PipePlan { TakesMuLaw = false, Law = G711Codec.ALaw }));
        byte[] packet = Packet(1);
        packet[1] = 8;
        caller.Send(lease.TowardsCaller, packet);
        byte[] there = callee.Receive();
        Assert.Equal([0, .. packet[12..].Select(static c => G711.EncodeMuLaw(G711.DecodeALaw(c)))], [there[1], .. there[12..]]);
        callee.Send(lease.TowardsCallee, there);
        byte[] back = caller.Receive();
        Assert.Equal(8, back[1] & 0x7f);
        relay.SetAudio(lease, null);
        caller.Send(lease.TowardsCaller, packet);
        Assert.Equal(packet[12..], callee.Receive()[12..]);
    }

    [Fact]
    public void What_is_played_is_heard_every_20_ms_until_the_other_side_is()
    {
        using MediaRelay relay = Open();
        using Peer caller = new(), callee = new();
        MediaLease lease = LendBetween(relay, caller, callee);
        relay.SetAudio(lease, new AudioPlan(PipePlan.Plain, new PipePlan { Law = G711Codec.ALaw }));
        relay.Play(lease, MediaSide.Caller, new Hum(), untilMedia: true);
        byte[][] played = [caller.Receive(), caller.Receive(), caller.Receive()];
        Assert.All(played, static p => Assert.Equal((172, 8), (p.Length, p[1] & 0x7f)));
        Assert.Equal(1, (ushort)((played[2][2] << 8 | played[2][3]) - (played[1][2] << 8 | played[1][3])));

        byte[] packet = Packet(7);
        callee.Send(lease.TowardsCallee, packet);
        byte[] heard;
        do heard = caller.Receive();
        while (heard[12..].AsSpan().SequenceEqual(played[0].AsSpan(12)));
        Assert.Equal(packet[12..], heard[12..]);
        Assert.Equal(0x80, heard[1] & 0x80); // the first of another stream
    }

    [Fact]
    public void A_key_is_told_as_events_and_one_that_is_heard_is_reported()
    {
        using MediaRelay relay = Open();
        Heard heard = new();
        relay.Listener = heard;
        using Peer caller = new(), callee = new();
        MediaLease lease = LendBetween(relay, caller, callee);
        relay.SetAudio(lease, new AudioPlan(new PipePlan { EventsIn = 101, EventsOut = 96 }, PipePlan.Plain));
        relay.Press(lease, MediaSide.Callee, new DtmfDigit('4', DtmfWay.Info, 100));
        byte[] told = callee.Receive();
        Assert.Equal((96, 4), (told[1] & 0x7f, told[12]));
        for (int i = 0; i < 6; i++) _ = callee.Receive();

        byte[] ended = Packet(1)[..16];
        ended[1] = 101;
        new TelephoneEvent(11, Ended: true, 10, 800).Write(ended.AsSpan(12));
        caller.Send(lease.TowardsCaller, ended);
        byte[] passed = callee.Receive();
        Assert.Equal((96, 11), (passed[1] & 0x7f, passed[12]));
        Assert.Equal((_call, MediaSide.Caller, new DtmfDigit('#', DtmfWay.Event, 100)), heard.Take());
    }

    private sealed class Hum : IAudioSource
    {
        public bool Read(Span<short> samples)
        {
            samples.Fill(1_000);
            return true;
        }
    }

    private sealed class Heard : IDigitListener
    {
        private readonly System.Collections.Concurrent.BlockingCollection<(CallId, MediaSide, DtmfDigit)> _digits = [];

        public void OnDigit(CallId call, MediaSide from, in DtmfDigit digit) => _digits.Add((call, from, digit));

        public (CallId, MediaSide, DtmfDigit) Take() => _digits.TryTake(out (CallId, MediaSide, DtmfDigit) taken, 10_000) ? taken : throw new InvalidOperationException("no key was told within ten seconds");
    }

    [Fact]
    public void Media_passes_both_ways_unchanged_and_is_counted()
    {
        using MediaRelay relay = Open();
        using Peer caller = new(), callee = new();
        MediaLease lease = LendBetween(relay, caller, callee);
        Assert.Equal(4, relay.PortsLent);

        for (ushort i = 0; i < 20; i++)
        {
            byte[] there = Packet(i), back = Packet((ushort)(1000 + i));
            caller.Send(lease.TowardsCaller, there);
            Assert.Equal(there, callee.Receive());
            Assert.Equal(lease.TowardsCallee, callee.LastSource);
            callee.Send(lease.TowardsCallee, back);
            Assert.Equal(back, caller.Receive());
            Assert.Equal(lease.TowardsCaller, caller.LastSource);
        }
        Assert.True(relay.TryReport(lease, out SideReport fromCaller, out _));
        Assert.Equal(0, fromCaller.Lost);
        MediaCounters heard = relay.Return(lease);
        Assert.Equal((20, 20 * 172, 20, 20 * 172), (heard.Caller.Packets, heard.Caller.Bytes, heard.Callee.Packets, heard.Callee.Bytes));
        Assert.Equal(0, relay.PortsLent);
    }

    [Fact]
    public void RTP_is_on_an_even_port_and_RTCP_passes_on_the_odd_one_above()
    {
        using MediaRelay relay = Open();
        using Peer caller = new(), callerRtcp = new(), callee = new(), calleeRtcp = new();
        MediaLease lease = Lend(relay);
        Assert.Equal((0, 0), (lease.TowardsCaller.Port % 2, lease.TowardsCallee.Port % 2));
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = caller.Address, Rtcp = callerRtcp.Address });
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Address, Rtcp = calleeRtcp.Address });

        callerRtcp.Send(lease.TowardsCaller.WithPort(lease.TowardsCaller.Port + 1), ReceiverReport);
        Assert.Equal(ReceiverReport, calleeRtcp.Receive());
        Assert.Equal(lease.TowardsCallee.WithPort(lease.TowardsCallee.Port + 1), calleeRtcp.LastSource);
        Assert.Equal(new MediaCounters(new LegMedia { RtcpPackets = 1 }, default), relay.Return(lease));
    }

    [Fact]
    public void A_caller_over_IPv4_and_a_callee_over_IPv6_hear_each_other()
    {
        using MediaRelay relay = Open(addresses: [new RelayAddress(Loopback), new RelayAddress(LoopbackV6)]);
        using Peer caller = new(), callee = new(v6: true);
        Assert.True(relay.TryLend(_call, CallerSignalling, callee.Address, out MediaLease lease));
        Assert.Equal((false, true), (lease.TowardsCaller.IsV6, lease.TowardsCallee.IsV6));
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = caller.Address });
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Address });
        caller.Send(lease.TowardsCaller, Packet(1));
        Assert.Equal(Packet(1), callee.Receive());
        callee.Send(lease.TowardsCallee, Packet(2));
        Assert.Equal(Packet(2), caller.Receive());
    }

    [Theory]
    [InlineData(SrtpSuite.AesCm128HmacSha1Tag80)]
    [InlineData(SrtpSuite.AesCm128HmacSha1Tag32)]
    [InlineData(SrtpSuite.AeadAes128Gcm)]
    [InlineData(SrtpSuite.AeadAes256Gcm)]
    public void An_encrypted_end_and_a_plain_one_hear_each_other_and_nothing_that_is_not_authentic_passes_or_locks(SrtpSuite suite)
    {
        using MediaRelay relay = Open();
        using Peer caller = new(), callee = new();
        SrtpKey theirs = Key(suite, 1), ours = Key(suite, 2);
        using var end = new SrtpSender(theirs);
        using var ear = new SrtpReceiver(ours);
        MediaLease lease = Lend(relay);
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = caller.Address, Rtcp = caller.Address, Send = ours, Receive = theirs });
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Address, Rtcp = callee.Address });

        caller.Send(lease.TowardsCaller, Packet(1)); // in the clear, from the right address
        byte[] first = Sealed(end, Packet(2));
        caller.Send(lease.TowardsCaller, first);
        Assert.Equal(Packet(2), callee.Receive());
        caller.Send(lease.TowardsCaller, first); // a replay
        caller.Send(lease.TowardsCaller, Sealed(end, Packet(3)));
        Assert.Equal(Packet(3), callee.Receive());

        callee.Send(lease.TowardsCallee, Packet(4));
        byte[] heard = caller.Receive()!;
        Assert.Equal(172 + suite.TagBytes(), heard.Length);
        Assert.Equal(SrtpFault.None, ear.OpenRtp(heard, out int length));
        Assert.Equal(Packet(4), heard[..length]);

        callee.Send(lease.TowardsCallee, ReceiverReport);
        heard = caller.Receive()!;
        Assert.Equal(SrtpFault.None, ear.OpenRtcp(heard, out length));
        Assert.Equal(ReceiverReport, heard[..length]);

        Assert.True(relay.TryReport(lease, out SideReport from, out _));
        Assert.Equal((2, 2, 0), (from.Packets, from.NotMedia, from.Strangers));
        var counters = new Dictionary<string, long>();
        relay.Count(counters);
        Assert.Equal((1, 1), (counters["media.dropped.notAuthentic"], counters["media.dropped.replayed"]));
    }

    private static SrtpKey Key(SrtpSuite suite, byte seed) => new(suite, [.. Enumerable.Range(0, suite.KeyBytes() + suite.SaltBytes()).Select(i => (byte)((i * 13) + seed))]);

    private static byte[] Sealed(SrtpSender sender, byte[] packet)
    {
        byte[] room = [.. packet, .. new byte[SrtpSuites.MostGrowth]];
        int length = packet.Length;
        Assert.Equal(SrtpFault.None, sender.SealRtp(room, ref length));
        return room[..length];
    }

    [Fact]
    public void Without_an_address_of_the_IP_version_nothing_is_lent()
    {
        using MediaRelay relay = Open();
        Assert.False(relay.TryLend(_call, CallerSignalling, NetAddress.Parse("[::1]:5060"), out _));
        Assert.Equal(0, relay.PortsLent);
    }

    [Fact]
    public void A_stranger_cannot_take_a_stream_over()
    {
        using MediaRelay relay = Open();
        using Peer caller = new(), callee = new(), stranger = new();
        MediaLease lease = LendBetween(relay, caller, callee);
        caller.Send(lease.TowardsCaller, Packet(1));
        Assert.Equal(Packet(1), callee.Receive());

        stranger.Send(lease.TowardsCaller, Packet(666));
        caller.Send(lease.TowardsCaller, Packet(2));
        Assert.Equal(Packet(2), callee.Receive()); // the stranger's came before and is not here
        callee.Send(lease.TowardsCallee, Packet(3));
        Assert.Equal(Packet(3), caller.Receive());
        Assert.True(stranger.IsSilent);
        Assert.True(relay.TryReport(lease, out SideReport fromCaller, out _));
        Assert.Equal((2, 1), (fromCaller.Packets, fromCaller.Strangers));
    }

    [Fact]
    public void A_phone_behind_NAT_gets_its_media_where_it_sends_from()
    {
        using MediaRelay relay = Open();
        using Peer caller = new(), callee = new();
        MediaLease lease = Lend(relay);
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = NetAddress.Parse("192.168.1.5:4000") });
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Address });
        ushort sequence = 0;
        Until(() =>
        {
            caller.Send(lease.TowardsCaller, Packet(sequence++)); // three in sequence, over 20 ms, prove a stream
            return !callee.IsSilent;
        });
        callee.Send(lease.TowardsCallee, Packet(2));
        Assert.Equal(Packet(2), caller.Receive());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_sprays_every_port_during_set_up_diverts_nothing(bool callerBehindNat)
    {
        using MediaRelay relay = Open(ports: 400);
        using Peer caller = new(), callee = new(), stranger = new();
        (NetAddress host, int first) = (Loopback, _first);
        bool over = false;
        var spraying = new Thread(() =>
        {
            var clock = Stopwatch.StartNew();
            for (int sent = 0; !Volatile.Read(ref over) && sent < 100_000; sent++)
            {
                while (clock.Elapsed.TotalMilliseconds * 10 < sent && !Volatile.Read(ref over)) Thread.Yield(); // 10,000 packets/s
                stranger.Send(host.WithPort(first + (sent % 400)), Packet((ushort)(sent * 7)));
            }
        });
        spraying.Start();
        MediaLease lease = Lend(relay);
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = callerBehindNat ? NetAddress.Parse("192.168.1.5:4000") : caller.Address });
        Until(() => relay.TryReport(lease, out SideReport sprayed, out _) && sprayed.Strangers > 3);
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Address });
        Until(() => relay.TryReport(lease, out _, out SideReport sprayed) && sprayed.Strangers > 3); // the stranger comes first, several times over
        ushort sequence = 0;
        var pace = Stopwatch.StartNew();
        Until(() =>
        {
            for (; sequence < pace.ElapsedMilliseconds / 20; sequence++) caller.Send(lease.TowardsCaller, Packet(sequence));
            return !callee.IsSilent;
        });
        Until(() => relay.TryReport(lease, out SideReport heard, out _) && heard.Packets > 0);
        for (ushort i = 0; i < 50; i++)
        {
            byte[] back = Packet((ushort)(5_000 + i));
            callee.Send(lease.TowardsCallee, back);
            Assert.Equal(back, caller.Receive());
        }
        Volatile.Write(ref over, true);
        spraying.Join();
        Assert.True(stranger.IsSilent);
    }

    [Theory]
    [InlineData(false, 0xa0)]
    [InlineData(false, 0xb8)]
    [InlineData(true, 0xa0)]
    [InlineData(true, 0xb8)]
    public void Relayed_packets_carry_the_traffic_class_of_SS_QOS_RTP(bool v6, byte trafficClass)
    {
        using MediaRelay relay = Open(addresses: [new RelayAddress(v6 ? LoopbackV6 : Loopback)], trafficClass: trafficClass);
        using Peer caller = new(v6);
        using MarkedPeer callee = new(v6);
        Assert.True(relay.TryLend(_call, caller.Address, callee.Address, out MediaLease lease));
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = caller.Address });
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Address, Rtcp = callee.Address }); // RTCP to the same port: both are seen
        caller.Send(lease.TowardsCaller, Packet(1));
        Assert.Equal(trafficClass, callee.ReceiveTrafficClass());
        caller.Send(lease.TowardsCaller, ReceiverReport);
        Assert.Equal(trafficClass, callee.ReceiveTrafficClass());
    }

    [Fact]
    public void On_hold_nothing_is_sent_until_signalled_again()
    {
        using MediaRelay relay = Open();
        using Peer caller = new(), callee = new();
        MediaLease lease = LendBetween(relay, caller, callee);
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = NetAddress.Parse("0.0.0.0:0") });
        caller.Send(lease.TowardsCaller, Packet(1));
        Until(() => relay.TryReport(lease, out SideReport fromCaller, out _) && fromCaller.Undelivered == 1);
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Address });
        caller.Send(lease.TowardsCaller, Packet(2));
        Assert.Equal(Packet(2), callee.Receive());
    }

    [Fact]
    public void When_all_ports_are_lent_it_says_so_and_a_returned_call_makes_room()
    {
        using MediaRelay relay = Open(ports: 4, rest: TimeSpan.Zero);
        MediaLease lease = Lend(relay);
        Assert.Null(relay.Warning);
        Assert.False(relay.TryLend(_call, CallerSignalling, CallerSignalling, out _));
        Assert.Equal(1, relay.Refused);
        Assert.StartsWith("No media port is free (4 of the ports ", relay.Warning);
        Assert.Equal(4, relay.PortsLent);
        relay.Return(lease);
        MediaLease again = default;
        Until(() => relay.TryLend(_call, CallerSignalling, CallerSignalling, out again));
        Assert.Equal(4, relay.PortsLent);
        Assert.NotEqual(lease.Handle, again.Handle);
    }

    [Fact]
    public void Every_port_comes_back_after_many_calls()
    {
        using MediaRelay relay = Open(ports: 40, rest: TimeSpan.Zero);
        int open = relay.Counters[0].PairsOpen;
        for (int round = 0; round < 50; round++)
        {
            List<MediaLease> leases = [];
            Until(() =>
            {
                if (relay.TryLend(_call, CallerSignalling, CallerSignalling, out MediaLease lease)) leases.Add(lease);
                return leases.Count == open / 2;
            });
            Assert.Equal(leases.Count * 2, leases.SelectMany(static l => new[] { l.TowardsCaller, l.TowardsCallee }).Distinct().Count());
            foreach (MediaLease lease in leases) relay.Return(lease);
            Assert.Equal(0, relay.PortsLent);
        }
        Until(() =>
        {
            if (relay.Counters[0].PairsFree == open) return true;
            if (relay.TryLend(_call, CallerSignalling, CallerSignalling, out MediaLease lease)) relay.Return(lease); // makes it look
            return false;
        });
        Assert.Equal((open, 0, 0), (relay.Counters[0].PairsOpen, relay.StaleLeases, relay.Counters[0].Faults));
    }

    [Fact]
    public void Two_shards_lend_signal_and_return_at_once_while_packets_come()
    {
        using MediaRelay relay = Open(ports: 200, rest: TimeSpan.Zero);
        int open = relay.Counters[0].PairsOpen;
        using Peer peer = new();
        int wrong = 0;
        Thread[] shards = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            Queue<MediaLease> held = new();
            for (int i = 0; i < 3_000; i++)
            {
                if (relay.TryLend(_call, CallerSignalling, CallerSignalling, out MediaLease lease))
                {
                    held.Enqueue(lease);
                    relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = peer.Address });
                    relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = NetAddress.Parse("0.0.0.0:0") });
                    if (i % 8 == 0) peer.Send(lease.TowardsCaller, Packet((ushort)i));
                }
                if (held.Count > 10 && relay.Return(held.Dequeue()).Caller.Packets > 2) Interlocked.Increment(ref wrong); // its own, and one that was still under way to the call before
            }
            while (held.TryDequeue(out MediaLease lease)) relay.Return(lease);
        }))];
        foreach (Thread shard in shards) shard.Start();
        foreach (Thread shard in shards) shard.Join();
        Until(() =>
        {
            if (relay.Counters[0].PairsFree == open) return true;
            if (relay.TryLend(_call, CallerSignalling, CallerSignalling, out MediaLease lease)) relay.Return(lease); // makes it look
            return false;
        });
        Assert.Equal((0, 0, 0, 0), (wrong, relay.PortsLent, relay.StaleLeases, relay.Counters[0].Faults));
    }

    [Fact]
    public void It_opens_no_more_ports_than_descriptors_allow()
    {
        RelayOptions options = new() { Addresses = [new RelayAddress(Loopback)], FirstPort = 10_000, LastPort = 39_999 };
        using RelayLoop loop = new(0, options, mostPairs: 4, new LoopClock(), new OsEntropy(), PacketPump.Open(choice, out _), say: null);
        Assert.Equal((4, 4), (loop.PairsOpen, loop.PairsFree(0)));
        Assert.True(loop.TryLend(_call, 0, 0, out _, out _, out _));
        Assert.True(loop.TryLend(_call, 0, 0, out _, out _, out _));
        Assert.False(loop.TryLend(_call, 0, 0, out _, out _, out _));
    }

    [Fact]
    public void A_returned_port_rests_before_it_is_lent_again()
    {
        using MediaRelay relay = Open(ports: 4, rest: TimeSpan.FromHours(1));
        using Peer late = new();
        MediaLease lease = Lend(relay);
        relay.Return(lease);
        late.Send(lease.TowardsCaller, Packet(1)); // wakes it: the return is read before the packet
        Until(() => relay.Counters[0].Strays == 1);
        Assert.False(relay.TryLend(_call, CallerSignalling, CallerSignalling, out _));
        Assert.Equal((0, 0), (relay.PortsLent, relay.Counters[0].PairsFree));
    }

    [Fact]
    public void A_lease_given_back_twice_or_used_after_is_ignored_and_counted()
    {
        using MediaRelay relay = Open(ports: 4, rest: TimeSpan.Zero);
        using Peer caller = new(), callee = new();
        MediaLease old = Lend(relay);
        relay.Return(old);
        Assert.Equal(default, relay.Return(old));
        MediaLease lease = default;
        Until(() => relay.TryLend(_call, CallerSignalling, CallerSignalling, out lease));
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = caller.Address });
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Address });
        relay.SetRemote(old, MediaSide.Callee, new RemoteMedia { Rtp = NetAddress.Parse("0.0.0.0:0") }); // must not touch the new call
        relay.Return(old);
        caller.Send(lease.TowardsCaller, Packet(1));
        Assert.Equal(Packet(1), callee.Receive());
        Assert.Equal((4, 3), (relay.PortsLent, relay.StaleLeases));
    }

    [Fact]
    public void The_next_call_on_the_same_ports_starts_from_nothing()
    {
        using MediaRelay relay = Open(ports: 4, rest: TimeSpan.Zero);
        using Peer caller = new(), callee = new();
        MediaLease lease = LendBetween(relay, caller, callee);
        caller.Send(lease.TowardsCaller, Packet(1));
        callee.Receive();
        Assert.Equal(1, relay.Return(lease).Caller.Packets);

        MediaLease next = default;
        Until(() => relay.TryLend(_call, CallerSignalling, CallerSignalling, out next));
        caller.Send(next.TowardsCaller, Packet(2)); // the old caller, before any SDP of the new call
        Until(() => relay.TryReport(next, out SideReport a, out _) && a.Strangers == 1);
        Assert.True(callee.IsSilent);
        Assert.Equal(default, relay.Return(next));
    }

    [Fact]
    public void Calls_are_spread_over_the_media_threads()
    {
        using MediaRelay relay = Open(ports: 80, threads: 2);
        using Peer caller = new(), callee = new();
        MediaLease[] leases = [.. Enumerable.Range(0, 4).Select(_ => LendBetween(relay, caller, callee))];
        foreach (MediaLease lease in leases)
        {
            caller.Send(lease.TowardsCaller, Packet(7));
            Assert.Equal(Packet(7), callee.Receive());
        }
        Until(() => relay.Counters.All(static c => c.PacketsOut == 2));
    }

    [Fact]
    public void The_advertised_address_is_told_instead_of_the_bound_one()
    {
        using MediaRelay relay = Open(addresses: [new RelayAddress(Loopback, NetAddress.Parse("203.0.113.1"))]);
        MediaLease lease = Lend(relay);
        Assert.Equal("203.0.113.1", lease.TowardsCaller.HostString());
    }

    [Fact]
    public void Ports_are_not_lent_in_order()
    {
        using MediaRelay relay = Open(ports: 200);
        int[] ports = [.. Enumerable.Range(0, 20).Select(_ => Lend(relay).TowardsCaller.Port)];
        Assert.NotEqual(ports.Order(), ports);
        Assert.Equal(ports.Length, ports.Distinct().Count());
    }

    [Theory]
    [InlineData("0.0.0.0", 20_000, 20_100, "needs the advertised address")]
    [InlineData("127.0.0.1", 20_000, 20_001, "has not the four ports")]
    [InlineData("127.0.0.1", 20_001, 20_004, "has not the four ports")]
    [InlineData("127.0.0.1", 20_000, 70_000, "has not the four ports")]
    [InlineData("192.0.2.1", 20_000, 20_100, "no such address")]
    public void What_cannot_be_opened_is_said_in_one_sentence(string bind, int first, int last, string says)
    {
        PortUnavailableException refused = Assert.Throws<PortUnavailableException>(() =>
            new MediaRelay(new RelayOptions { Addresses = [new RelayAddress(NetAddress.Parse(bind))], FirstPort = first, LastPort = last }, new LoopClock()));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Closing_gives_every_port_back_to_the_system()
    {
        MediaRelay relay = Open(ports: 4);
        NetAddress port = Lend(relay).TowardsCaller;
        Assert.Throws<PortUnavailableException>(() => new UdpListener("a port", port));
        relay.Dispose();
        using UdpListener free = new("a port", port);
        Assert.Equal(port, free.Local);
    }

    /// <summary>A relay whose whole range is open; ports another test or program holds are avoided by trying elsewhere.</summary>
    private MediaRelay Open(int ports = 40, TimeSpan? rest = null, int threads = 1, RelayAddress[]? addresses = null, byte trafficClass = 0)
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            int first = _first = Random.Shared.Next(1_000, 4_900 - (ports / 2)) * 2; // below the range a running switch holds ports in
            MediaRelay relay;
            try
            {
                relay = new MediaRelay(
                    new RelayOptions { Addresses = addresses ?? [new RelayAddress(Loopback)], FirstPort = first, LastPort = first + ports - 1, Rest = rest ?? TimeSpan.FromSeconds(2), Threads = threads, Pump = choice, TrafficClass = trafficClass },
                    new LoopClock());
            }
            catch (PortUnavailableException)
            {
                continue;
            }
            if (relay.Counters.Sum(static c => c.PairsUnusable) == 0)
            {
                relay.Start();
                return relay;
            }
            relay.Dispose();
        }
        throw new InvalidOperationException("No free port range was found in fifty attempts.");
    }

    private MediaLease Lend(MediaRelay relay)
    {
        Assert.True(relay.TryLend(_call, CallerSignalling, CallerSignalling, out MediaLease lease));
        return lease;
    }

    private MediaLease LendBetween(MediaRelay relay, Peer caller, Peer callee)
    {
        MediaLease lease = Lend(relay);
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = caller.Address });
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Address });
        return lease;
    }

    [Fact]
    public void A_packet_larger_than_any_media_packet_is_dropped_and_counted_and_the_next_passes()
    {
        using MediaRelay relay = Open();
        using Peer caller = new(), callee = new();
        MediaLease lease = LendBetween(relay, caller, callee);
        byte[] largest = new byte[PacketPump.Room], larger = new byte[PacketPump.Room + 1];
        RtpHeader.Write(largest, 8, marker: false, 1, 160, 1);
        RtpHeader.Write(larger, 8, marker: false, 2, 320, 1);
        caller.Send(lease.TowardsCaller, larger);
        caller.Send(lease.TowardsCaller, largest);
        Assert.Equal(largest, callee.Receive());
        Until(() => relay.Counters[0] is { PacketsIn: 2, PacketsOut: 1, Dropped: 1 });
    }

    [Fact]
    public void A_burst_larger_than_every_ring_passes_whole()
    {
        using MediaRelay relay = Open();
        using UdpListener caller = new("the caller", Loopback), callee = new("the callee", Loopback);
        MediaLease lease = Lend(relay);
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = caller.Local });
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = callee.Local });
        const int Packets = 20_000, Window = 64;
        int received = 0;
        for (int sent = 0; sent < Packets;)
        {
            for (; sent < Packets && sent - received < Window; sent++) caller.Send(lease.TowardsCaller, Packet((ushort)sent));
            caller.Flush();
            if (!callee.WaitReadable(TimeSpan.FromSeconds(10))) break;
            received += callee.ReceiveBatch();
        }
        while (received < Packets && callee.WaitReadable(TimeSpan.FromSeconds(10))) received += callee.ReceiveBatch();
        Assert.Equal(Packets, received);
        Assert.True(relay.TryReport(lease, out SideReport fromCaller, out _));
        Assert.Equal((Packets, 0L), (fromCaller.Packets, fromCaller.Lost));
    }

    [Fact]
    public void A_closed_far_end_does_not_deafen_the_port_that_sends_to_it()
    {
        using MediaRelay relay = Open();
        using Peer caller = new();
        MediaLease lease = Lend(relay);
        NetAddress gone;
        using (Peer callee = new()) gone = callee.Address;
        relay.SetRemote(lease, MediaSide.Caller, new RemoteMedia { Rtp = caller.Address });
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = gone });
        for (ushort i = 0; i < 5; i++) caller.Send(lease.TowardsCaller, Packet(i)); // each is answered by the kernel: port unreachable
        Until(() => relay.Counters[0].PacketsIn == 5);
        using Peer late = new();
        relay.SetRemote(lease, MediaSide.Callee, new RemoteMedia { Rtp = late.Address });
        for (ushort i = 0; i < 5; i++)
        {
            late.Send(lease.TowardsCallee, Packet(i));
            Assert.Equal(Packet(i), caller.Receive());
        }
    }

    private static byte[] Packet(ushort sequence)
    {
        byte[] packet = new byte[172];
        RtpHeader.Write(packet, 8, marker: false, sequence, (uint)sequence * 160, 1);
        return packet;
    }

    private static void Until(Func<bool> holds) => Assert.True(SpinWait.SpinUntil(holds, TimeSpan.FromSeconds(10)));
}
