using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Digest;
using Tandem.Sip.Messages;
using Tandem.Sip.Transports;

namespace Tandem.Sip.Dialogs;

/// <summary>
/// One SIP dialog (RFC 3261 §12): who we are and who they are in it, where requests go, and both sequence numbers. All its
/// texts live in one rented buffer, taken from the message that made the dialog; <see cref="Release"/> gives it back.
/// </summary>
public sealed class Dialog(BytePool pool, SipListeners listeners)
{
    /// <summary>What one dialog keeps of a message at most; more is refused (opening) or left as it was (establishing).</summary>
    private const int MaxBytes = 8192;

    private byte[]? _bytes;
    private int _used;
    private int _opened;
    private Slice _callId, _local, _remote, _remoteTag, _target, _routes, _refreshed;

    // What the INVITE said before anyone answered: To without a tag, its target, the routes it took.
    private Slice _invited, _aimed, _openedRoutes;

    /// <summary>Our tag, as minted.</summary>
    public ulong LocalTag { get; private set; }

    /// <summary>The last sequence number we used; 0 before the first request.</summary>
    public uint LocalCSeq { get; set; }

    /// <summary>The highest sequence number they used.</summary>
    public uint RemoteCSeq { get; set; }

    /// <summary>Sequence number of the INVITE that made the dialog, for its ACK.</summary>
    public uint InviteCSeq { get; set; }

    /// <summary>The listener this leg speaks by: its transport and our address in it. The far leg may have another.</summary>
    public int Listener { get; set; }

    /// <summary>Where requests in the dialog are sent.</summary>
    public NetAddress Peer { get; private set; }

    /// <summary>
    /// Where the peer spoke from last in a message that made, confirmed or refreshed the dialog; over TCP and TLS its connection, which is used
    /// before a new one is opened to <see cref="Peer"/>.
    /// </summary>
    public NetAddress Flow { get; set; }

    /// <summary>Whether large requests to a peer of UDP may go by TCP (RFC 3261 §18.1.1).</summary>
    public bool LargeByTcp { get; set; }

    /// <summary>Which of the peer's addresses our requests go to. Set before the dialog is opened; <see cref="Release"/> puts it back.</summary>
    public AddressMethod Requests { get; set; } = AddressMethod.Standard;

    /// <summary>Which of the peer's addresses our responses to its requests go to.</summary>
    public AddressMethod Responses { get; set; } = AddressMethod.Standard;
    /// <summary>Answers for this leg who asks who we are: once it was asked, every request but ACK carries credentials. Null: nobody does.</summary>
    public DigestClient? Signer { get; set; }

    /// <summary>The host our Contact shows in place of the listener's address; null: the address.</summary>
    public byte[]? LocalDomain { get; set; }

    public ReadOnlySpan<byte> CallId => Text(_callId);

    public ReadOnlySpan<byte> RemoteTag => Text(_remoteTag);

    public ReadOnlySpan<byte> Target => Text(_target);

    /// <summary>UAS side, RFC 3261 §12.1.1: from the INVITE we received. Our tag goes on every response.</summary>
    public bool TryOpenAsServer(SipMessage invite, ulong localTag, in NetAddress source, int listener)
    {
        if (!NameAddress.TryParse(invite.Contact, out NameAddress contact) || !Fits(invite)) return false;
        LocalTag = localTag;
        Listener = listener;
        Start();
        _callId = Keep(invite.CallId);
        _remote = Keep(invite.From);
        _local = Keep(invite.To, localTag);
        _remoteTag = Keep(invite.FromTag);
        if (_remoteTag.IsEmpty) _remoteTag = Keep("-"u8); // RFC 2543 peers send no tag (RFC 3261 §12.1.1: null tag)
        _target = Keep(contact.Uri);
        KeepRoutes(invite, reversed: false);
        RemoteCSeq = invite.CSeqNumber;
        InviteCSeq = invite.CSeqNumber;
        Aim(source);
        return true;
    }

    /// <summary>UAC side before any answer: what our INVITE will say. From and To values are without tags.</summary>
    public void OpenAsClient(scoped ReadOnlySpan<byte> callId, scoped ReadOnlySpan<byte> from, scoped ReadOnlySpan<byte> to, scoped ReadOnlySpan<byte> target, ulong localTag, in NetAddress peer, int listener)
    {
        LocalTag = localTag;
        Listener = listener;
        Start();
        _callId = Keep(callId);
        _local = Keep(from, localTag);
        _remote = Keep(to);
        _target = Keep(target);
        _remoteTag = default;
        _routes = _openedRoutes = default;
        (_invited, _aimed) = (_remote, _target);
        _opened = _used;
        LocalCSeq = 0;
        Peer = Flow = peer;
    }

    /// <summary>UAC side: another early dialog of the same INVITE (RFC 3261 §13.2.2.4), to be established by its own response.</summary>
    public void OpenAsFork(Dialog first)
    {
        Start();
        _used = 0;
        Reserve(first._opened);
        first._bytes.AsSpan(0, first._opened).CopyTo(_bytes);
        _used = _opened = first._opened;
        (_callId, _local, _remote, _target) = (first._callId, first._local, first._invited, first._aimed);
        (_invited, _aimed) = (first._invited, first._aimed);
        _remoteTag = _routes = default;
        LocalTag = first.LocalTag;
        LocalCSeq = InviteCSeq = first.InviteCSeq;
        Peer = Flow = first.Flow;
        Listener = first.Listener;
        LargeByTcp = first.LargeByTcp;
        (Requests, Responses) = (first.Requests, first.Responses);
        (Signer, LocalDomain) = (first.Signer, first.LocalDomain);
    }

    /// <summary>
    /// Routes the first request takes already (RFC 3608 §5: the Service-Route of a registration), each a whole name-addr; those of the response
    /// that makes the dialog take their place. Right after <see cref="OpenAsClient"/>.
    /// </summary>
    public void Preload(IReadOnlyList<byte[]> routes)
    {
        if (routes.Count == 0) return;
        int start = _used;
        foreach (byte[] route in routes.Take(SipLimits.Routes)) Keep(route, newline: true);
        _routes = _openedRoutes = new Slice((ushort)start, (ushort)(_used - start));
        _opened = _used;
    }

    /// <summary>Back to what <see cref="OpenAsClient"/> said: the request was turned down and goes again (RFC 3261 §22.2: same Call-ID, From and To).</summary>
    public void Reopen(in NetAddress peer, int listener)
    {
        (_remote, _target, _routes, _remoteTag, _refreshed, _used) = (_invited, _aimed, _openedRoutes, default, default, _opened);
        Listener = listener;
        Peer = Flow = peer;
    }

    /// <summary>UAC side, RFC 3261 §12.1.2: the response that made (or confirmed) the dialog gives tag, target and route set.</summary>
    public void Establish(SipMessage response, in NetAddress source)
    {
        if (!Fits(response)) return;
        bool moves = NameAddress.TryParse(response.Contact, out NameAddress contact);
        Span<byte> before = stackalloc byte[512];
        if (!moves && Target.Length <= before.Length)
        {
            Target.CopyTo(before);
            before = before[..Target.Length];
        }
        else
        {
            before = [];
        }
        _refreshed = default;
        _used = _opened; // what an earlier provisional left is replaced
        _remote = Keep(response.To);
        _remoteTag = Keep(response.ToTag);
        _target = moves ? Keep(contact.Uri) : before.IsEmpty ? _aimed : Keep(before); // a response without a Contact leaves the target as it was
        KeepRoutes(response, reversed: true);
        Aim(source);
    }

    /// <summary>
    /// Target refresh (RFC 3261 §12.2.2, §12.2.1.2): the Contact of a re-INVITE, an UPDATE or a 2xx to one takes the target's place. Without a
    /// usable Contact, or when the dialog holds no more, the target stays.
    /// </summary>
    public void Refresh(SipMessage message, in NetAddress source)
    {
        Flow = source;
        if (!NameAddress.TryParse(message.Contact, out NameAddress contact)) return;
        if (!contact.Uri.SequenceEqual(Target) && !TryReplaceTarget(contact.Uri)) return;
        Aim(source);
    }

    /// <summary>From a 2xx alone, when the call that sent the INVITE is gone: enough to acknowledge it and say BYE.</summary>
    public void OpenAsClientFrom(SipMessage response, in NetAddress source, int listener)
    {
        Listener = listener;
        Start();
        _callId = Keep(response.CallId);
        _local = Keep(response.From);
        _target = _aimed = Keep("sip:unknown.invalid"u8);
        _opened = _used;
        Establish(response, source);
    }

    /// <summary>The Record-Route lines of a response that makes the dialog, as the INVITE had them (RFC 3261 §12.1.1).</summary>
    public void WriteRecordRoutes(ref SipWriter w)
    {
        ReadOnlySpan<byte> routes = Text(_routes);
        while (!routes.IsEmpty)
        {
            int end = routes.IndexOf((byte)'\n');
            w.Header(HeaderName.RecordRoute, routes[..end]);
            routes = routes[(end + 1)..];
        }
    }

    /// <summary>A request of this dialog up to and including CSeq and Max-Forwards; the caller adds what is special and ends it.</summary>
    public void WriteRequest(ref SipWriter w, SipMethod method, scoped ReadOnlySpan<byte> branch, uint cseq, int maxForwards)
    {
        // RFC 3261 §12.2.1.1: a first route without lr is a strict router, which wants itself in the request line.
        ReadOnlySpan<byte> first = FirstRoute(out NameAddress router);
        bool strict = !first.IsEmpty && SipUri.TryParse(router.Uri, out SipUri uri) && !uri.TryGetParam("lr"u8, out _);
        w.Request(method, strict ? router.Uri : Target);
        w.OpenHeader(HeaderName.Via);
        listeners[Listener].WriteVia(ref w);
        w.Text(";branch="u8);
        w.Text(branch);
        w.Text(";rport"u8);
        w.CloseHeader();
        ReadOnlySpan<byte> routes = Text(_routes);
        bool skip = strict;
        while (!routes.IsEmpty)
        {
            int end = routes.IndexOf((byte)'\n');
            if (!skip) w.Header(HeaderName.Route, routes[..end]);
            skip = false;
            routes = routes[(end + 1)..];
        }
        if (strict)
        {
            w.OpenHeader(HeaderName.Route);
            w.Text("<"u8);
            w.Text(Target);
            w.Text(">"u8);
            w.CloseHeader();
        }
        w.Header(HeaderName.MaxForwards, maxForwards);
        w.Header(HeaderName.From, Text(_local));
        w.Header(HeaderName.To, Text(_remote));
        w.Header(HeaderName.CallId, CallId);
        w.OpenHeader(HeaderName.CSeq);
        w.Decimal(cseq);
        w.Text(" "u8);
        w.Text(method.Token());
        w.CloseHeader();
        if (method != SipMethod.Ack) Signer?.Write(ref w, method.Token(), strict ? router.Uri : Target); // no ACK can be challenged (RFC 3261 §22.1)
    }

    /// <summary>True when an in-dialog request carries this dialog's remote tag and Call-ID (our tag found the dialog).</summary>
    public bool Matches(SipMessage request) =>
        CallId.SequenceEqual(request.CallId) && (RemoteTag.SequenceEqual(request.FromTag) || (request.FromTag.IsEmpty && RemoteTag.SequenceEqual("-"u8)));

    public void Release()
    {
        if (_bytes is not null) pool.Return(_bytes);
        _bytes = null;
        _used = 0;
        _callId = _local = _remote = _remoteTag = _target = _routes = _refreshed = _invited = _aimed = default;
        LocalCSeq = RemoteCSeq = InviteCSeq = 0;
        LocalTag = 0;
        Peer = Flow = default;
        Listener = 0;
        LargeByTcp = false;
        Requests = Responses = AddressMethod.Standard;
        Signer = null;
        LocalDomain = null;
    }

    // Into the longest place a refresh has taken so far, so that a call that is refreshed for ever does not grow.
    private bool TryReplaceTarget(scoped ReadOnlySpan<byte> uri)
    {
        if (uri.Length > _refreshed.Length)
        {
            if (_used + uri.Length > 4 * MaxBytes) return false;
            _refreshed = Keep(uri);
            _target = _refreshed;
            return true;
        }
        Span<byte> place = _bytes.AsSpan(_refreshed.At, uri.Length);
        uri.CopyTo(place);
        foreach (ref byte b in place)
        {
            if (b is (byte)'\r' or (byte)'\n') b = (byte)' ';
        }
        _target = new Slice(_refreshed.At, (ushort)uri.Length);
        return true;
    }

    private static bool Fits(SipMessage message)
    {
        int bytes = message.CallId.Length + message.From.Length + message.To.Length + message.FromTag.Length + message.Contact.Length;
        int routes = 0;
        foreach (ReadOnlySpan<byte> route in message.Values(HeaderName.RecordRoute))
        {
            bytes += route.Length;
            routes++;
        }
        return bytes <= MaxBytes && routes <= SipLimits.Routes;
    }

    private void Start()
    {
        _bytes ??= pool.Rent(512);
        _used = 0;
        _refreshed = default;
    }

    // Where the next request goes: first route, else the target, when that is an address the peer can be reached at by a listener of
    // ours; otherwise back to where the peer spoke from (behind NAT its Contact is a private address, and names are not resolved here).
    // The transport is what the URI says, without a word of it the one the peer speaks already: RFC 3263 §4.1 would have UDP then, but
    // phones that forget the parameter are many and those that mean UDP by it few.
    private void Aim(in NetAddress source)
    {
        Peer = Flow = source;
        if (Requests == AddressMethod.Socket) return;
        ReadOnlySpan<byte> first = FirstRoute(out NameAddress router);
        ReadOnlySpan<byte> next = first.IsEmpty ? Target : router.Uri;
        if (!SipUri.TryParse(next, out SipUri uri)) return;
        if (Requests == AddressMethod.SocketWithPort)
        {
            Peer = source.WithPort(uri.Port > 0 ? uri.Port : listeners[Listener].Transport.DefaultPort());
            return;
        }
        if (!Hop.TryRead(uri, listeners[Listener].Transport, out Hop hop)) return;
        if (Requests != AddressMethod.Stated && !hop.Address.SameHost(source) && IsPrivate(hop.Address)) return;
        if (!listeners.TryChoose(Listener, hop.Address, hop.Transport, out int listener)) return;
        Listener = listener;
        Peer = hop.Address;
    }

    // RFC 1918, RFC 6598 (carrier NAT), RFC 3927, loopback; fc00::/7 and link-local are left to the operator's routing.
    private static bool IsPrivate(in NetAddress address)
    {
        if (address.IsV6) return address.IsLoopback;
        uint bits = address.V4Bits;
        return bits >> 24 is 10 or 127 || bits >> 20 == 0xac1 || bits >> 16 is 0xc0a8 or 0xa9fe || bits >> 22 == 0x191;
    }

    private ReadOnlySpan<byte> FirstRoute(out NameAddress router)
    {
        router = default;
        ReadOnlySpan<byte> routes = Text(_routes);
        if (routes.IsEmpty) return [];
        ReadOnlySpan<byte> first = routes[..routes.IndexOf((byte)'\n')];
        return NameAddress.TryParse(first, out router) ? first : [];
    }

    private void KeepRoutes(SipMessage message, bool reversed)
    {
        Span<Slice> kept = stackalloc Slice[SipLimits.Routes];
        int count = 0;
        foreach (ReadOnlySpan<byte> route in message.Values(HeaderName.RecordRoute))
        {
            kept[count++] = Keep(route, newline: true);
        }
        if (count == 0)
        {
            _routes = default;
            return;
        }
        if (reversed && count > 1)
        {
            int start = _used;
            for (int i = count - 1; i >= 0; i--) Keep(Text(kept[i]), newline: false);
            _routes = new Slice((ushort)start, (ushort)(_used - start));
            return;
        }
        _routes = new Slice(kept[0].At, (ushort)(_used - kept[0].At));
    }

    private Slice Keep(scoped ReadOnlySpan<byte> text, bool newline = false)
    {
        Reserve(text.Length + 1);
        int at = _used;
        foreach (byte b in text) _bytes![_used++] = b is (byte)'\r' or (byte)'\n' ? (byte)' ' : b;
        if (newline) _bytes![_used++] = (byte)'\n';
        else if (text.Length > 0 && text[^1] == '\n') _bytes![_used - 1] = (byte)'\n'; // a kept route, moved
        return new Slice((ushort)at, (ushort)(_used - at));
    }

    private Slice Keep(scoped ReadOnlySpan<byte> text, ulong tag)
    {
        int at = Keep(text).At;
        Reserve(5 + Base32.Length);
        ";tag="u8.CopyTo(_bytes.AsSpan(_used));
        Base32.Write(tag, _bytes.AsSpan(_used + 5, Base32.Length));
        _used += 5 + Base32.Length;
        return new Slice((ushort)at, (ushort)(_used - at));
    }

    private void Reserve(int more)
    {
        if (_used + more <= _bytes!.Length) return;
        byte[] larger = pool.Rent(_used + more + 256);
        _bytes.AsSpan(0, _used).CopyTo(larger);
        pool.Return(_bytes);
        _bytes = larger;
    }

    private ReadOnlySpan<byte> Text(Slice slice) => slice.IsEmpty ? [] : _bytes.AsSpan(slice.At, slice.Length);

    private readonly record struct Slice(ushort At, ushort Length)
    {
        public bool IsEmpty => Length == 0;
    }
}
