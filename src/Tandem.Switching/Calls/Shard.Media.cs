using Tandem.Media.Relay;
using Tandem.Media.Srtp;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transports;
using Tandem.Switching.MediaProxy;

namespace Tandem.Switching.Calls;

// Media: whether an attempt's is relayed, and the ports it takes then. A call without ports has its media directly (docs/media.md).
public sealed partial class Shard
{
    private readonly RelayedLine[] _lines = new RelayedLine[SdpLimits.Media];

    /// <summary>Decides for the attempt that begins, and takes or gives back ports accordingly. False: there are none.</summary>
    private bool PlaceMedia(Call call, in NetAddress callee, int listener, Instant now)
    {
        ProxyDecision decision = ProxyTable.Decide(FactsOf(call, callee, listener));
        call.Log.MediaPlaced(now, decision);
        if (decision.Relay) return LendMedia(call, callee, now);
        ReturnMedia(call);
        return true;
    }

    private ProxyFacts FactsOf(Call call, in NetAddress callee, int listener)
    {
        bool tls = _listeners[listener].Transport == SipTransport.Tls;
        bool callerTls = _listeners[call.CallerDialog.Listener].Transport == SipTransport.Tls;
        return new ProxyFacts
        {
            Settings = call.Tables.Settings.Media,
            Transfers = TransferOf(call) is not null,
            CallsBack = CallbackOf(call) is not null,
            AudioWork = AudioOf(call, MediaSide.Caller).Records || AudioOf(call, MediaSide.Callee).Records,
            LocalRing = RingToneOf(call) is not null,
            Caller = new ProxyEnd
            {
                Device = call.Gateway?.RtpForward ?? call.Phone!.RtpForward,
                Srtp = call.CallerSrtp is not null,
                Source = call.Cdr.CallerAddress,
                Media = TransferOf(call) is null && CallbackOf(call) is null ? OfferedMedia(call) : default,
                Contact = SipUri.TryParse(call.CallerDialog.Target, out SipUri contact) && NetAddress.TryParseHost(contact.Host, 0, out NetAddress named) ? named : default,
                EncryptedRegistration = callerTls && (call.Phone is not null || call.Trunk is not null),
            },
            Callee = new ProxyEnd
            {
                Device = call.Target?.RtpForward ?? call.TargetPhone!.RtpForward,
                Srtp = call.CalleeSrtp is not null,
                Source = callee,
                RegisteredBehindNat = call.CalleeBehindNat,
                EncryptedRegistration = tls && (call.Target is null || call.Target.Registers),
            },
        };
    }

    // Where the caller's offer wants media; none when it made no offer or names a host.
    private NetAddress OfferedMedia(Call call) =>
        call.Offer is not null && _sdp.Parse(call.Offer, 0, call.OfferLength) == SdpDefect.None && _sdp.FirstRelayable() is >= 0 and var first ? _sdp.Media(first).Remote : default;

    /// <summary>Ports that face either leg by the address that is for it; those of an earlier attempt stay if they do.</summary>
    private bool LendMedia(Call call, in NetAddress callee, Instant now)
    {
        if (call.HasLease && _media.Faces(call.Lease, callee)) return true;
        ReturnMedia(call);
        return TryLend(call, CallbackOf(call) is null ? CallerMediaFacing(call) : callee, callee, now);
    }

    private bool TryLend(Call call, in NetAddress caller, in NetAddress callee, Instant now)
    {
        if (!_media.TryLend(call.Id, caller, callee, out call.Lease)) return false;
        call.HasLease = true;
        call.LeaseLine = -1;
        call.Audio.Plan = null;
        call.Log.MediaLent(now, call.Lease.TowardsCaller, call.Lease.TowardsCallee);
        return true;
    }

    // Before the call has ended, or its part in the conversation: what was relayed is nothing the CDR should show.
    private void ReturnMedia(Call call)
    {
        if (!call.HasLease) return;
        _media.Return(call.Lease);
        call.Audio.Plan = null;
        call.Audio.Rings = false;
        if (call.FurtherLeases is { } further)
        {
            foreach ((_, MediaLease lease) in further) _media.Return(lease);
            further.Clear();
        }
        call.HasLease = false;
    }

    /// <summary>The call's part in the conversation has ended: the CDR shows its first stream, the log the others.</summary>
    private void KeepMedia(Call call, Instant now)
    {
        EndRecording(call, now);
        if (!call.HasLease) return;
        (call.Cdr.CallerMedia, call.Cdr.CalleeMedia) = _media.Return(call.Lease);
        for (int i = (call.FurtherLeases?.Count ?? 0) - 1; i >= 0; i--) ReturnFurther(call, i, now);
        call.HasLease = false;
    }

    private void ReturnFurther(Call call, int index, Instant now)
    {
        (int line, MediaLease lease) = call.FurtherLeases![index];
        MediaCounters heard = _media.Return(lease);
        call.Log.StreamHeard(now, line, heard.Caller.Packets, heard.Callee.Packets);
        call.FurtherLeases.RemoveAt(index);
    }

    /// <summary>The ports of an m-line of the description in <c>_sdp</c>, taken when a description first wants some. False: none is free.</summary>
    private bool TryLeaseLine(Call call, int line, out MediaLease lease)
    {
        if (call.LeaseLine < 0) call.LeaseLine = _sdp.FirstUsableAudio() is >= 0 and var audio ? audio : _sdp.FirstRelayable();
        if (TryFindLease(call, line, out lease)) return true;
        if (!_media.TryLendBeside(call.Lease, call.Id, out lease)) return false;
        (call.FurtherLeases ??= []).Add((line, lease));
        call.Log.MediaLent(_now, lease.TowardsCaller, lease.TowardsCallee);
        return true;
    }

    private static bool TryFindLease(Call call, int line, out MediaLease lease)
    {
        lease = call.Lease;
        if (call.LeaseLine == line) return true;
        if (call.FurtherLeases is null) return false;
        foreach ((int held, MediaLease further) in call.FurtherLeases)
        {
            if (held != line) continue;
            lease = further;
            return true;
        }
        return false;
    }

    /// <summary>When the side's latest packet came, of any of its streams.</summary>
    private Instant LastHeard(Call call, MediaSide side)
    {
        Instant heard = _media.LastHeard(call.Lease, side);
        if (call.FurtherLeases is null) return heard;
        foreach ((_, MediaLease lease) in call.FurtherLeases) heard = Instant.Max(heard, _media.LastHeard(lease, side));
        return heard;
    }

    // Where the side that sent the SDP in _sdp wants its media; kept while the call rings, whoever brings it there.
    private void TellRelay(Call call, MediaSide side)
    {
        NoteHold(call, side);
        LegSrtp? srtp = call.SrtpOf(side);
        srtp?.Hear(_sdp);
        if (FirstUsable(srtp) < 0) return;
        if (call.State == CallState.Dialling && !_sdp.Text.Overlaps(call.SaidBy(side))) call.KeepSaid(side, _sdp.Text);
        if (call.HasLease) TellPorts(call, side, srtp);
        NoteAudio(call, side);
    }

    private void TellPorts(Call call, MediaSide side, LegSrtp? srtp)
    {
        for (int i = 0; i < _sdp.MediaCount; i++)
        {
            MediaDescription media = _sdp.Media(i);
            bool usable = Usable(srtp, media);
            if (usable && TryLeaseLine(call, i, out MediaLease lease)) _media.SetRemote(lease, side, RemoteOf(media, srtp, i));
            else if (!usable) CloseLine(call, side, i);
        }
    }

    private static RemoteMedia RemoteOf(MediaDescription media, LegSrtp? srtp, int line)
    {
        NetAddress rtp = media.Remote.WithPort(media.Port);
        (SrtpKey? send, SrtpKey? receive) = srtp is null || media.IsUdptl ? default : srtp.KeysOf(line);
        int rtcp = media.RtcpPort > 0 ? media.RtcpPort : media.Port + 1;
        return new RemoteMedia
        {
            Rtp = rtp,
            Rtcp = media.RtcpMux ? rtp : rtcp > 65_535 ? default : rtp.WithPort(rtcp), // above the last port there is none
            Framing = media.IsUdptl ? Framing.Udptl : Framing.Rtp,
            Send = send,
            Receive = receive,
        };
    }

    // A line that was relayed and is now rejected: nothing more is sent there. Once the call is answered nobody has been told its ports who would still use them.
    private void CloseLine(Call call, MediaSide side, int line)
    {
        if (!TryFindLease(call, line, out MediaLease lease)) return;
        int further = call.FurtherLeases?.FindIndex(held => held.Line == line) ?? -1;
        if (further >= 0 && call.State == CallState.Answered) ReturnFurther(call, further, _now);
        else _media.SetRemote(lease, side, new RemoteMedia { Rtp = default });
    }

    // Where the caller's media comes from, as far as its IP version goes: its SDP knows better than its signalling.
    private NetAddress CallerMediaFacing(Call call)
    {
        if (TransferOf(call) is { } transfer) return DialogOf(transfer.From, transfer.Transferee).Flow;
        NetAddress signalling = call.Cdr.CallerAddress, media = OfferedMedia(call);
        return media.IsNone || media.IsAny || media.IsV6 == signalling.IsV6 ? signalling : media;
    }

    /// <summary>The SDP in <c>_sdp</c> as a leg of the call is told it, with this version: our ports, or the far end's own addresses.</summary>
    private ReadOnlySpan<byte> Describe(Call call, MediaSide towards, uint version, bool ownText)
    {
        var w = new ByteWriter(_body);
        ulong session = call.SdpSessionTowards(towards);
        if (call.HasLease) WriteRelayed(ref w, call, towards, call.SrtpOf(towards), session, version, EditFor(call, towards), ownText);
        else SdpWriter.Direct(ref w, _sdp, session, version, _listeners[DialogOf(call, towards).Listener].Known, EditFor(call, towards));
        return w.Written;
    }

    /// <param name="w">Where to.</param>
    /// <param name="call">Whose ports.</param>
    /// <param name="towards">Which side is told.</param>
    /// <param name="srtp">Of who is told: in a transfer not yet the side's.</param>
    /// <param name="session">Of the o= line.</param>
    /// <param name="version">Likewise.</param>
    /// <param name="edit">How the audio is told otherwise than it was said; null: as it was.</param>
    /// <param name="ownText">The description in <c>_sdp</c> is one of ours: its keys are, too, and say nothing of the other end.</param>
    private void WriteRelayed(ref ByteWriter w, Call call, MediaSide towards, LegSrtp? srtp, ulong session, uint version, AudioEdit? edit, bool ownText = false)
    {
        for (int i = 0; i < _sdp.MediaCount; i++)
        {
            MediaDescription media = _sdp.Media(i);
            _lines[i] = default;
            if (!(ownText ? media.IsRelayable : Usable(SrtpHeard(call, OtherSide(towards)), media)) || !TryLeaseLine(call, i, out MediaLease lease)) continue;
            int port = OursTowards(lease, towards).Port;
            _lines[i] = srtp is null || media.IsUdptl ? new RelayedLine { Port = port } : srtp.Tell(i, port);
        }
        SdpWriter.Relay(ref w, _sdp, session, version, OursTowards(call.Lease, towards), _lines, edit);
    }

    private static NetAddress OursTowards(in MediaLease lease, MediaSide side) => side == MediaSide.Caller ? lease.TowardsCaller : lease.TowardsCallee;

    /// <summary>A direct call is about to be bridged to somebody else: from now on it needs ports, and its far end's media is told to the relay.</summary>
    private bool LendForBridge(Transfer transfer, Instant now)
    {
        (Call to, MediaSide place) = (transfer.To, transfer.Place);
        if (to.HasLease) return true;
        NetAddress joins = DialogOf(transfer.From, transfer.Transferee).Flow, stays = DialogOf(to, OtherSide(place)).Flow;
        (NetAddress caller, NetAddress callee) = place == MediaSide.Caller ? (joins, stays) : (stays, joins);
        to.Log.MediaPlaced(now, new ProxyDecision(true, ProxyStep.Transfer));
        transfer.Lent = TryLend(to, caller, callee, now);
        return transfer.Lent;
    }

    /// <summary>Likewise for a newcomer that takes an end's place (RFC 3891).</summary>
    private bool LendForNewcomer(Call call, MediaSide place, in NetAddress joins, Instant now)
    {
        NetAddress stays = DialogOf(call, OtherSide(place)).Flow;
        (NetAddress caller, NetAddress callee) = place == MediaSide.Caller ? (joins, stays) : (stays, joins);
        call.Log.MediaPlaced(now, new ProxyDecision(true, ProxyStep.Transfer));
        return TryLend(call, caller, callee, now);
    }

    // The transfer did not come about: the two of the call speak to each other directly as before.
    private void ReturnAfterBridge(Transfer transfer)
    {
        if (!transfer.Lent) return;
        transfer.Lent = false;
        ReturnMedia(transfer.To);
    }

    /// <summary>The ends of a direct call have one another's addresses: what one says newly in the answer to a refresh is passed on.</summary>
    private void PassRefreshed(Call call, MediaSide leg, SipMessage response, Instant now)
    {
        bool again = call.PassingRefreshed;
        call.PassingRefreshed = false;
        MediaSide other = OtherSide(leg);
        if (call.HasLease || again || call.State != CallState.Answered || call.Change != ChangeState.Idle || HasLeft(call, other)) return;
        if (response.Body.IsEmpty || !IsSdp(response.ContentType) || _sdp.Parse(response) != SdpDefect.None) return;
        uint told = call.SdpVersionTowards(other);
        ReadOnlySpan<byte> sdp = RewriteSdp(call, other);
        if (call.SdpVersionTowards(other) == told) return;
        call.KeepSdp(other, sdp);
        call.PassingRefreshed = true; // once: what it answers is not passed back
        SendOwnInvite(call, other, sdp, now);
    }
}
