using Tandem.Media.Relay;
using Tandem.Media.Rtcp;
using Tandem.Media.Srtp;
using Tandem.Primitives;

namespace Tandem.Server.Media;

// Encryption at the edges of the relay: a packet is clear from the moment it was found authentic until it leaves (docs/srtp.md).
internal sealed unsafe partial class RelayLoop
{
    private readonly byte[] _sealed = new byte[PacketPump.Room + SrtpSuites.MostGrowth];

    private static SideSrtp SrtpOf(Bridge bridge, FlowSide side) => side == FlowSide.A ? bridge.CallerSrtp : bridge.CalleeSrtp;

    /// <summary>Where the side has keys: authenticates and decrypts in place, before anything is learned from the packet. False: it was dropped and counted.</summary>
    private bool TryOpen(Bridge bridge, FlowSide side, in Arrival arrival, ref int length)
    {
        RelayVerdict verdict = RelayVerdict.WrongSize;
        if (length <= PacketPump.Room)
        {
            if (SrtpOf(bridge, side).Receiver is not { } receiver) return true;
            var packet = new Span<byte>(arrival.Bytes, length);
            SrtpFault fault = RtcpPacket.Recognise(packet) ? receiver.OpenRtcp(packet, out length) : receiver.OpenRtp(packet, out length);
            if (fault == SrtpFault.None) return true;
            verdict = VerdictOf(fault);
        }
        bridge.Flow.Dropped(side, verdict);
        Count(verdict);
        return false;
    }

    /// <summary>Sends the arrival last taken on, encrypted where the side it goes to has keys.</summary>
    private void SendOn(Bridge bridge, FlowSide towards, RelayVerdict verdict, byte* bytes, int length, in NetAddress to)
    {
        ref readonly Pair pair = ref _pairs[PairTowards(bridge, towards)];
        if (SrtpOf(bridge, towards).Sender is { } sender)
        {
            var room = new Span<byte>(bytes, PacketPump.Room + SrtpSuites.MostGrowth);
            SrtpFault fault = RtcpPacket.Recognise(room[..length]) ? sender.SealRtcp(room, ref length) : sender.SealRtp(room, ref length);
            if (fault != SrtpFault.None)
            {
                Count(VerdictOf(fault));
                return;
            }
        }
        _pump.Send(verdict == RelayVerdict.ToRtp ? pair.Rtp : pair.Rtcp, length, to);
        Volatile.Write(ref _packetsOut, _packetsOut + 1);
    }

    /// <summary>An RTP packet of our own, encrypted in a place of its own.</summary>
    private bool TrySeal(SrtpSender sender, ref ReadOnlySpan<byte> packet)
    {
        int length = packet.Length;
        packet.CopyTo(_sealed);
        SrtpFault fault = sender.SealRtp(_sealed, ref length);
        packet = _sealed.AsSpan(0, length);
        if (fault != SrtpFault.None) Count(VerdictOf(fault));
        return fault == SrtpFault.None;
    }

    private static RelayVerdict VerdictOf(SrtpFault fault) => fault switch
    {
        SrtpFault.Malformed => RelayVerdict.WrongVersion,
        SrtpFault.Replayed => RelayVerdict.Replayed,
        SrtpFault.TooManySources => RelayVerdict.SourceStorm,
        _ => RelayVerdict.NotAuthentic,
    };
}
