using System.Buffers.Binary;
using Tandem.Media.Rtcp;
using Tandem.Media.Rtp;
using Tandem.Media.Udptl;
using Tandem.Primitives;

namespace Tandem.Media.Relay;

/// <summary>The two ends of a relayed stream.</summary>
public enum FlowSide : byte { A = 0, B = 1 }

/// <summary>The even port and the odd one above it (RFC 3550 §11).</summary>
public enum MediaChannel : byte { Rtp = 0, Rtcp = 1 }

/// <summary>How the packets of a stream are made.</summary>
public enum Framing : byte
{
    /// <summary>RTP, and RTCP beside it or within.</summary>
    Rtp,

    /// <summary>T.38 over UDPTL: one port, and neither version nor source in its packets.</summary>
    Udptl,
}

/// <summary>What becomes of a packet.</summary>
public enum RelayVerdict : byte
{
    /// <summary>Send it to the other side, out of the RTP port that faces it.</summary>
    ToRtp,

    /// <summary>Send it to the other side, out of the RTCP port that faces it.</summary>
    ToRtcp,

    /// <summary>Dropped: neither RTP nor RTCP of version 2, or not what the port is for.</summary>
    NotMedia,

    /// <summary>Dropped: from an address that is not the side's.</summary>
    Stranger,

    /// <summary>Dropped: it is the side's, but the other side wants nothing (hold) or was not signalled yet.</summary>
    NoDestination,

    /// <summary>Dropped: too short to be media, or longer than a frame of Ethernet.</summary>
    WrongSize,

    /// <summary>Dropped: not of RTP's version 2 (STUN, DTLS, anything).</summary>
    WrongVersion,

    /// <summary>Dropped: RTCP whose length goes beyond its datagram, or of more packets than a report ever needs.</summary>
    BadRtcp,

    /// <summary>Dropped: more RTCP than any end sends.</summary>
    RtcpFlood,

    /// <summary>Dropped: the side changes its SSRC faster than any end does.</summary>
    SourceStorm,

    /// <summary>Dropped: SRTP with a wrong tag: not from who has the key, or changed on the way.</summary>
    NotAuthentic,

    /// <summary>Dropped: SRTP that came already, or too late to know.</summary>
    Replayed,
}

/// <summary>What was heard from one side. Written by the media thread; any thread may read a copy, field by field consistent.</summary>
/// <param name="Packets">RTP packets accepted from it.</param>
/// <param name="Bytes">Their UDP payload, RTP headers included.</param>
/// <param name="RtcpPackets">RTCP datagrams accepted.</param>
/// <param name="Strangers">Datagrams dropped because they came from elsewhere.</param>
/// <param name="NotMedia">Datagrams dropped for what they are: no media, not authentic, a storm.</param>
/// <param name="Undelivered">Accepted, but the other side wanted nothing.</param>
/// <param name="First">When the first RTP packet came; <see cref="Instant.Never"/> before.</param>
/// <param name="Last">When the latest RTP packet came; <see cref="Instant.Never"/> before.</param>
/// <param name="LastRtcp">When the latest RTCP came; <see cref="Instant.Never"/> before.</param>
/// <param name="Lost">RTP packets lost on the way to us (RFC 3550 §A.3).</param>
/// <param name="Late">RTP packets that came after their successors, or twice.</param>
/// <param name="Jitter">Inter-arrival jitter (RFC 3550 §A.8); zero where the payload's clock is unknown.</param>
/// <param name="RoundTrip">Between us and the side, from the RTCP that passed; zero if it could not be measured.</param>
/// <param name="PayloadType">The latest speech of a static payload type (RFC 3551); 255 if there was none.</param>
public readonly record struct SideReport(
    long Packets, long Bytes, long RtcpPackets, long Strangers, long NotMedia, long Undelivered, Instant First, Instant Last, Instant LastRtcp, long Lost, long Late, TimeSpan Jitter,
    TimeSpan RoundTrip, byte PayloadType)
{
    /// <summary>The latest sign of life, RTP or RTCP; the default instant if there was none.</summary>
    public Instant LastHeard => Instant.Max(Last == Instant.Never ? default : Last, LastRtcp == Instant.Never ? default : LastRtcp);
}

/// <summary>
/// One relayed media stream: for each packet from either side, whether it is the side's and where it goes. Pure; owned by one
/// thread; nothing is allocated per packet. Payloads are not looked into, so encrypted media passes too.
/// </summary>
public sealed class RelayFlow(LatchRules rules)
{
    private readonly Side[] _sides = [new(), new()];
    /// <summary>How the stream is framed, as last signalled.</summary>
    public Framing Framing { get; private set; }

    /// <summary>An SDP of the side came. Call it for every one, changed or not: that is when sources may be learned.</summary>
    /// <param name="side">Whose.</param>
    /// <param name="rtp">Where it wants RTP; address 0.0.0.0 or port 0: nothing, until signalled again.</param>
    /// <param name="rtcp">Where it wants RTCP; none = the port above; equal to <paramref name="rtp"/> = multiplexed (RFC 5761).</param>
    /// <param name="now">When.</param>
    /// <param name="framing">What both sides agreed on; of two that differ the later holds.</param>
    public void Signal(FlowSide side, in NetAddress rtp, in NetAddress rtcp, Instant now, Framing framing = Framing.Rtp)
    {
        Framing = framing;
        Side s = _sides[(int)side];
        bool changed = rtp != s.Latch.Signalled;
        s.Latch.Signal(rtp, rules, now);
        if (s.Latch.Muted) return;
        s.Rtcp = rtcp.IsNone || rtcp.Port == 0 ? Above(rtp) : rtcp;
        if (changed) s.RtcpSource = default;
    }

    /// <summary>A datagram came to a port that faces <paramref name="side"/>.</summary>
    /// <param name="side">Which side the port faces.</param>
    /// <param name="channel">Which of its two ports.</param>
    /// <param name="source">Who sent it.</param>
    /// <param name="packet">Its payload.</param>
    /// <param name="now">When.</param>
    /// <param name="to">Where it goes, if it goes.</param>
    public RelayVerdict On(FlowSide side, MediaChannel channel, in NetAddress source, ReadOnlySpan<byte> packet, Instant now, out NetAddress to)
    {
        to = default;
        Side from = _sides[(int)side];
        Side other = _sides[1 - (int)side];
        bool udptl = Framing == Framing.Udptl;
        bool rtcp = !udptl && RtcpPacket.Recognise(packet);
        RelayVerdict sanity = udptl ? Sane(channel == MediaChannel.Rtp && UdptlPacket.Fits(packet), RelayVerdict.NotMedia)
            : rtcp ? Sane(RtcpAllowance.IsReport(packet), RelayVerdict.BadRtcp)
            : packet.Length < RtpHeader.FixedSize ? RelayVerdict.WrongSize
            : packet[0] >> 6 != 2 ? RelayVerdict.WrongVersion
            : Sane(channel == MediaChannel.Rtp, RelayVerdict.NotMedia);
        if (sanity != RelayVerdict.ToRtp) return from.Refuse(sanity);
        if (channel == MediaChannel.Rtp ? !from.Latch.Accept(source, rtcp ? [] : packet, Framing, WindowUntil(from, other), rules, now) : !from.AcceptRtcp(source))
        {
            from.Strangers++;
            return RelayVerdict.Stranger;
        }
        if (rtcp && !from.Rtcps.Permits(now)) return from.Refuse(RelayVerdict.RtcpFlood);
        if (!rtcp && !udptl && !from.Storm.Permits(packet, now)) return from.Refuse(RelayVerdict.SourceStorm);
        if (rtcp) from.CountRtcp(packet, other, now);
        else from.Count(packet, udptl, now);

        bool separate = rtcp && !other.Multiplexed;
        to = separate ? other.RtcpDestination : other.Latch.Destination;
        if (to.IsNone)
        {
            from.Undelivered++;
            return RelayVerdict.NoDestination;
        }
        return separate ? RelayVerdict.ToRtcp : RelayVerdict.ToRtp;
    }

    /// <summary>A packet of the side was dropped before it came here: not authentic, too large.</summary>
    public void Dropped(FlowSide side, RelayVerdict why) => _sides[(int)side].Refuse(why);

    private static RelayVerdict Sane(bool fits, RelayVerdict otherwise) => fits ? RelayVerdict.ToRtp : otherwise;

    /// <summary>Where media to the side goes now; none while it wants nothing.</summary>
    public NetAddress Destination(FlowSide side) => _sides[(int)side].Latch.Destination;

    public LatchState State(FlowSide side) => _sides[(int)side].Latch.State;

    public SideReport Report(FlowSide side) => _sides[(int)side].Report();

    /// <summary>Forgets everything: ready for another call.</summary>
    public void Reset()
    {
        foreach (Side side in _sides) side.Reset();
        Framing = Framing.Rtp;
    }

    // A caller cannot send before it was answered with our SDP, and that is when the other side's SDP came: the window of
    // a side that has not been heard runs from the later of the two. Before, only the signalled address is believed: while the far end rings, a stranger has long to guess.
    private Instant WindowUntil(Side side, Side other)
    {
        if (other.Latch.State == LatchState.Unsignalled) return default;
        Instant from = other.Latch.SignalledAt > side.Latch.SignalledAt ? other.Latch.SignalledAt : side.Latch.SignalledAt;
        return from + rules.Window;
    }

    // There is no port above the last: no RTCP then.
    private static NetAddress Above(in NetAddress rtp) => rtp.Port == 65_535 ? default : rtp.WithPort(rtp.Port + 1);

    private sealed class Side
    {
        private const byte NoPayload = 255, ComfortNoise = 13;

        public SourceLatch Latch;
        public NetAddress Rtcp;
        public NetAddress RtcpSource;
        public long RtcpPackets;
        public long Strangers;
        public long NotMedia;
        public long Undelivered;
        private long _packets;
        private long _bytes;
        private Instant _first = Instant.Never;
        private Instant _last = Instant.Never;
        private Instant _lastRtcp = Instant.Never;
        public SourceStorm Storm;
        public RtcpAllowance Rtcps;
        private ReceptionQuality _quality;
        private RoundTrip _trip;
        private byte _payload = NoPayload;

        public RelayVerdict Refuse(RelayVerdict why)
        {
            NotMedia++;
            return why;
        }

        public bool Multiplexed => Rtcp == Latch.Signalled;

        /// <summary>Behind NAT and not heard: the port above the learned one, which NATs that keep ports side by side forward.</summary>
        public NetAddress RtcpDestination
        {
            get
            {
                if (Latch.Muted) return default;
                if (!RtcpSource.IsNone) return RtcpSource;
                NetAddress rtp = Latch.Destination;
                return rtp == Latch.Signalled ? Rtcp : Above(rtp);
            }
        }

        // RTCP is never learned on its own: it comes from the signalled port, or from the host that RTP comes from, one port of it.
        public bool AcceptRtcp(in NetAddress source)
        {
            if (Latch.State == LatchState.Unsignalled) return false;
            if (source == Rtcp || source == RtcpSource)
            {
                RtcpSource = source;
                return true;
            }
            NetAddress media = Latch.State switch { LatchState.OnLearned => Latch.Held, LatchState.OnSignalled => Latch.Signalled, _ => default };
            if (media.IsNone || !RtcpSource.IsNone || !source.SameHost(media)) return false;
            RtcpSource = source;
            return true;
        }

        public void CountRtcp(ReadOnlySpan<byte> packet, Side other, Instant now)
        {
            RtcpPackets++;
            _trip.On(packet, other._trip, now);
            _lastRtcp = now;
        }

        public void Count(ReadOnlySpan<byte> packet, bool udptl, Instant now)
        {
            if (_packets == 0) _first = now;
            _last = now;
            Volatile.Write(ref _bytes, _bytes + packet.Length);
            Volatile.Write(ref _packets, _packets + 1);
            if (udptl) return;
            byte payload = (byte)(packet[1] & 0x7f);
            int rate = RtpClock.Rate(payload);
            if (rate > 0 && payload != ComfortNoise) _payload = payload;
            _quality.On(
                BinaryPrimitives.ReadUInt16BigEndian(packet[2..]), BinaryPrimitives.ReadUInt32BigEndian(packet[4..]), BinaryPrimitives.ReadUInt32BigEndian(packet[8..]),
                rate, now);
        }

        public SideReport Report() => new(
            Volatile.Read(ref _packets), Volatile.Read(ref _bytes), Volatile.Read(ref RtcpPackets), Volatile.Read(ref Strangers), Volatile.Read(ref NotMedia),
            Volatile.Read(ref Undelivered), _first, _last, _lastRtcp, _quality.Lost, _quality.Late, _quality.Jitter, _trip.Mean, _payload);

        public void Reset()
        {
            Latch = default;
            Rtcp = default;
            RtcpSource = default;
            RtcpPackets = Strangers = NotMedia = Undelivered = _packets = _bytes = 0;
            _first = _last = _lastRtcp = Instant.Never;
            Storm = default;
            Rtcps = default;
            _quality = default;
            _trip = default;
            _payload = NoPayload;
        }
    }
}
