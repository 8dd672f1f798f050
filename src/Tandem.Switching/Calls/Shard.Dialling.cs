using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Digest;
using Tandem.Sip.Locating;
using Tandem.Sip.Messages;
using Tandem.Sip.Sdp;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Arrivals;
using Tandem.Switching.Billing;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;
using Tandem.Switching.Routing.Selection;

namespace Tandem.Switching.Calls;

// Dialling: one attempt after another, until one is answered or none is left.
public sealed partial class Shard
{
    // sip: and @, a number of which each character may be escaped, a host name or an IPv6 address in brackets, a port, a transport.
    private const int MaxUri = 5 + (3 * DialString.MaxLength) + 253 + 6 + 16;

    /// <summary>Starts the next attempt that can be started; when none is left the call fails with what the last one said.</summary>
    private void Dial(Call call, Instant now)
    {
        if (call.Forward is { } atOnce)
        {
            call.Forward = null;
            BeginForward(call, call.TargetPhone!, call.ForwardCause, atOnce, now);
            return;
        }
        if (call.TargetPhone is { } phone)
        {
            // The contacts of its registration, each an attempt of its own.
            if (call.NextTarget == 0) call.TargetContacts = TryLocate(phone, now, out Binding? found) ? 1 + found.Further.Length : 1;
            while (call.NextTarget < call.TargetContacts)
            {
                if (DialPhone(call, phone, call.NextTarget++, now)) return;
            }
        }
        while (call.NextTarget < call.TargetCount)
        {
            RoutingGateway gateway = call.Targets[call.NextTarget++]!;
            if (DialGateway(call, gateway, now)) return;
        }
        if (TryForward(call, call.LastStatus, call.Refusal, now)) return;
        if (call.Refusal == Refusal.None && call.LastStatus == 0) EndByServer(call, Refusal.AllAttemptsFailed, now);
        Step(call, CallInput.LastAttemptFailed, now);
    }

    private bool DialGateway(Call call, RoutingGateway gateway, Instant now)
    {
        HopSet hops = gateway.Hops;
        if (hops.Count == 0)
        {
            // It had an address when the route was chosen.
            call.Log.Unresolved(now, gateway.Name, gateway.Unresolved);
            NoteObstacle(call, Refusal.NameUnresolved);
            return false;
        }
        call.Target = gateway;
        call.Redirects.Release();
        call.Hops = hops;
        call.NextHop = call.HopsTried = 0;
        hops.Draw(_entropy, call.HopOrder);
        PreferRegistrar(call, gateway);
        if (!TryFindHop(call, out _, out _))
        {
            call.Log.Candidate(now, gateway.Name, (byte)RouteVerdict.NoListener, 0);
            NoteObstacle(call, Refusal.NoListener);
            return false;
        }
        if (Availability(gateway, now) is not RouteVerdict.Eligible and var away)
        {
            Arrival.LogCandidate(call.Log, gateway, away, 0, now);
            NoteObstacle(call, Refusal.GatewayAway);
            if (call.Cdr.Attempts == 0) call.RetryAfter = Arrival.SoonerRest(call.RetryAfter, gateway, now);
            return false;
        }
        DayTime day = gateway.Limits.HasPeriods || !gateway.Limits.CalleeRules.IsEmpty ? call.Tables.Calendar.At(now) : default;
        if (TakeLine(call, gateway, gateway.CapacityAt(day), now) is not RouteVerdict.Eligible and var taken)
        {
            // It had a line when the route was chosen; another call was quicker.
            Arrival.LogCandidate(call.Log, gateway, taken, 0, now);
            NoteObstacle(call, taken == RouteVerdict.ProtectTooLate ? Refusal.AllAttemptsFailed : Refusal.GatewayBusy);
            return false;
        }
        call.CalleeLine = gateway.State;
        call.CalleeBehindNat = false;
        if (PrepareNumbers(call, gateway, day, now) is not Refusal.None and var unfit)
        {
            ReleaseCalleeLine(call);
            NoteObstacle(call, unfit);
            return false;
        }
        CountAttempt(call, gateway, now);
        call.Quality = gateway.State.Quality;
        call.Cdr.CalleeGateway = gateway.Name;
        call.CalleeTimer.Begin(gateway.SipTimer);
        call.CalleeTalkLimit = gateway.TalkLimit;
        call.Patience = PatienceWith(gateway.Patience, call.AlertSeconds);
        call.Cdr.Cost = Arrival.CostOf(gateway, call.RoutedBy, call.Cdr.Start);
        if (gateway.RegisterName.Length > 0) (call.Signer ??= new DigestClient(_pool, _entropy)).SignAs(gateway.RegisterName, gateway.Password);
        return DialNextHop(call, gateway, now);
    }

    /// <summary>A line of the gateway, of its groups and of this second, all or nothing.</summary>
    private static RouteVerdict TakeLine(Call call, RoutingGateway gateway, int capacity, Instant now)
    {
        if (gateway.Limits.Protects && now - call.Cdr.Start > call.Tables.Settings.Routing.TryProtectRouteDelay) return RouteVerdict.ProtectTooLate;
        if (!gateway.State.TryTakeLine(capacity, gateway.PublishedAt(now))) return gateway.State.CurrentCalls < capacity ? RouteVerdict.PublishedFull : RouteVerdict.LinesFull;
        RouteVerdict verdict = gateway.Limits.JudgeGroups(taken: 1);
        if (verdict == RouteVerdict.Eligible && !gateway.State.TryTakePace(gateway.Limits.CallsPerSecond, now)) verdict = RouteVerdict.PaceReached;
        if (verdict != RouteVerdict.Eligible) gateway.State.ReleaseLine();
        return verdict;
    }

    /// <summary>The gateway's next address (RFC 3263 §4.3): on the same line, with the same numbers, and the same attempt of the route.</summary>
    private bool DialNextHop(Call call, RoutingGateway gateway, Instant now)
    {
        if (!TryFindHop(call, out Hop hop, out int listener)) return false;
        call.Signer?.Release(); // what one address asked is not another's to see
        call.ChallengeRounds = 0;
        NetAddress them = hop.Address;
        if (!TryServiceHop(call, gateway, ref hop, ref listener)) call.NextHop++;
        if (gateway.TlsName is not null) hop = hop with { ServerName = gateway.TlsName };
        Span<byte> target = stackalloc byte[MaxUri];
        call.Offers100Rel = gateway.Sip100Rel;
        int length = WriteUri(target, call.CalleeSent, them, gateway.Host, gateway.Host.IsEmpty ? hop.Transport : gateway.Target.Transport ?? SipTransport.Udp);
        return StartAttempt(call, gateway.Name, call.CallerSent, call.CalleeSent, target[..length], hop, listener, now);
    }

    // The next hop in the call's order that a listener reaches; those none reaches are passed over.
    private bool TryFindHop(Call call, out Hop hop, out int listener)
    {
        for (; call.NextHop < call.Hops.Count; call.NextHop++)
        {
            hop = call.Hops[call.HopOrder[call.NextHop]];
            if (_listeners.TryChoose(call.CallerDialog.Listener, hop.Address, hop.Transport, out listener)) return true;
        }
        (hop, listener) = (default, -1);
        return false;
    }

    private bool DialPhone(Call call, Phone phone, int contact, Instant now)
    {
        if (!TryLocate(phone, now, out Binding? binding))
        {
            NoteObstacle(call, Refusal.CalleeOffline);
            return false;
        }
        if (IsSilent(phone))
        {
            call.Log.PhoneSilent(now, phone.NumberText, now - phone.State.SilentSince);
            NoteObstacle(call, Refusal.CalleeOffline);
            return false;
        }
        if (contact > binding.Further.Length || (contact > 0 && binding.Further[contact - 1].Expires <= now)) return false; // it was there when the call arrived
        if (!TryReach(binding, out Hop hop, out int listener))
        {
            NoteObstacle(call, Refusal.CalleeOffline);
            return false;
        }
        if (!phone.State.TryTakeLine(phone.LineCapacity))
        {
            NoteObstacle(call, Refusal.GatewayBusy);
            return false;
        }
        call.CalleeLine = phone.State;
        call.CalleeBehindNat = binding.BehindNat;
        call.Cdr.CalleeGateway = "";
        call.CalleeTimer.Begin(phone.SipTimer);
        call.CalleeTalkLimit = phone.TalkLimit;
        call.Patience = PatienceWith(default, phone.Forwards.NoAnswer?.AlertSeconds ?? call.AlertSeconds);
        call.CalleeDialog.Requests = phone.Requests;
        call.CalleeDialog.Responses = phone.Responses;
        call.Offers100Rel = phone.Sip100Rel;
        call.Target = null;
        call.Hops = HopSet.Empty;
        call.NextHop = call.HopsTried = 0;
        call.CallerSent = Rewrite(call, phone.CallerRulesIn, call.Caller, phone.NumberText, now, out bool callerFits);
        call.CalleeSent = Rewrite(call, phone.CalleeRulesIn, call.Callee, phone.NumberText, now, out bool calleeFits);
        if (!callerFits || !calleeFits)
        {
            ReleaseCalleeLine(call);
            NoteObstacle(call, Refusal.InvalidNumber);
            return false;
        }
        return StartAttempt(call, phone.NumberText, call.CallerSent, call.CalleeSent, contact == 0 ? binding.Contact : binding.Further[contact - 1].Uri, hop, listener, now);
    }

    /// <summary>Where a phone is: where it registered, or where it is stated to be.</summary>
    private bool TryLocate(Phone phone, Instant now, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Binding? binding)
    {
        binding = phone.Stated;
        return binding is not null || _locations.TryFind(phone.Number, now, out binding);
    }

    // By the listener it registered over, to where its REGISTER came from: there the NAT is open, and over TCP and TLS the connection.
    // When that is gone, to its contact, unless that is an address only its own network knows.
    private bool TryReach(Binding binding, out Hop hop, out int listener)
    {
        if (binding.IsStated)
        {
            hop = new Hop(binding.Source, SipTransport.Udp);
            return _listeners.TryChoose(0, hop.Address, hop.Transport, out listener);
        }
        SipTransport transport = _listeners[binding.Listener].Transport;
        hop = new Hop(binding.Source, transport);
        listener = binding.Listener;
        if (transport.IsReliable() && !_sender.IsConnected(listener, binding.Source))
        {
            if (binding.BehindNat || !SipUri.TryParse(binding.Contact, out SipUri uri) || !Hop.TryRead(uri, transport, out hop)) return false;
        }
        return _listeners.TryChoose(binding.Listener, hop.Address, hop.Transport, out listener);
    }

    // A forward's alertSecond counts from the first sign of life.
    private static AttemptPatience PatienceWith(AttemptPatience patience, int alertSeconds) =>
        alertSeconds == 0 ? patience : patience with { SessionProgress = alertSeconds, SessionProgressSdp = alertSeconds, Ringing = alertSeconds };

    // Why a target was not even tried. What a target that was tried said is worth more, and stays.
    private static void NoteObstacle(Call call, Refusal refusal)
    {
        if (call.Cdr.Attempts == 0) call.Refusal = refusal;
    }

    private bool StartAttempt(Call call, string name, in DialString caller, in DialString callee, scoped ReadOnlySpan<byte> target, in Hop hop, int listener, Instant now)
    {
        NetAddress address = hop.Address;
        if (!TryOpenSrtp(call.Target?.Srtp ?? call.TargetPhone!.Srtp, listener, call.Tables, out call.CalleeSrtp))
        {
            ReleaseCalleeLine(call);
            NoteObstacle(call, Refusal.EncryptionNotAgreed);
            return false;
        }
        if (!PlaceMedia(call, address, listener, now))
        {
            ReleaseCalleeLine(call);
            NoteObstacle(call, Refusal.MediaPortsExhausted);
            return false;
        }
        if (!OfferFits(call, name, now))
        {
            ReleaseCalleeLine(call);
            NoteObstacle(call, Refusal.CodecMismatch);
            return false;
        }
        if (hop.ServerName is { } serverName) _sender.Expect(address, serverName);
        if (call.HopsTried++ == 0) call.Cdr.Attempts++;
        call.Cdr.CalleeAddress = address;
        call.Cdr.CallerToGatewayE164 = caller.ToString();
        call.Cdr.CalleeToGatewayE164 = callee.ToString();
        call.CallerSent = caller;
        call.AttemptStart = now;
        call.AttemptName = name;
        call.Cdr.CalleePddMillis = 0;
        call.SawSdp = call.SawRinging = false;
        call.Refusal = Refusal.None;
        call.LastStatus = call.RetryAfter = call.FailedCause = 0;
        call.DropAttemptBuffers();
        call.AttemptListener = listener;
        if (call.HopsTried == 1) call.Log.Attempt(now, call.Cdr.Attempts, name, callee, address);
        else call.Log.Hop(now, call.Cdr.Attempts, call.HopsTried, call.Hops.Count, address);
        Counters.AttemptsStarted++;

        OpenCalleeDialog(call, caller, callee, target, listener, address);
        if (SendInvite(call, now)) return true;
        ReleaseCalleeLine(call);
        call.Forks.Release();
        call.LastStatus = 0;
        call.Refusal = Refusal.MalformedMessage;
        return false;
    }

    /// <summary>
    /// The INVITE of the attempt under way, in its dialog as opened: the first, and again once it was challenged or asked for a longer session. False:
    /// it does not fit.
    /// </summary>
    private bool SendInvite(Call call, Instant now)
    {
        call.Phase = AttemptPhase.Silent;
        Span<byte> branch = stackalloc byte[TransactionLayer.BranchLength];
        ClientTransaction transaction = Begin(call.CalleeDialog, SipMethod.Invite, branch);
        Own(call, transaction, MediaSide.Callee);
        uint cseq = ++call.CalleeDialog.LocalCSeq;
        call.CalleeDialog.InviteCSeq = cseq;

        var w = new SipWriter(_text);
        call.CalleeDialog.WriteRequest(ref w, SipMethod.Invite, branch, cseq, call.MaxForwards - 1);
        WriteContact(ref w, call.CalleeDialog);
        w.Header(HeaderName.Allow, AllowedMethods);
        call.CalleeTimer.WriteOffer(ref w, call.Tables.Settings.Sip.SessionRules);
        if (MayTransfer(call.Tables, call, MediaSide.Callee)) w.Header(HeaderName.Supported, "replaces"u8);
        WriteCaller(ref w, call, call.CallerSent, _listeners[call.CalleeDialog.Listener].Known, now);
        WriteDiversions(ref w, call, _listeners[call.CalleeDialog.Listener].Known);
        // A late offer in a reliable response can be answered only if the caller answers reliably too (RFC 3262 §5).
        if (call.Offers100Rel && (!call.LateOffer || call.CallerReliable)) w.Header(HeaderName.Supported, "100rel"u8);
        call.Audio.Offerer = call.LateOffer ? MediaSide.Callee : MediaSide.Caller;
        if (call.LateOffer)
        {
            w.End();
        }
        else
        {
            _sdp.Parse(call.Offer!, 0, call.OfferLength);
            if (TransferOf(call) is null && CallbackOf(call) is null) TellRelay(call, MediaSide.Caller); // a transferee still speaks to whom it spoke before
            ReadOnlySpan<byte> sdp = RewriteSdp(call, MediaSide.Callee);
            call.KeepSdp(MediaSide.Callee, sdp);
            w.Body("application/sdp"u8, sdp);
        }
        if (w.Overflowed)
        {
            _transactions.Discard(transaction);
            return false;
        }
        call.CalleeInvite = transaction;
        _transactions.Start(transaction, w.Written, cseq, now);
        call.Log.Message(now, MediaSide.Callee, sent: true, "INVITE"u8, cseq);
        call.PhaseEndsAt = now + call.Patience.ForInvite(call.Tables.Settings.Sip);
        return true;
    }

    private void OpenCalleeDialog(Call call, in DialString caller, in DialString callee, scoped ReadOnlySpan<byte> target, int listener, in NetAddress them)
    {
        RoutingGateway? gateway = call.Target;
        Span<byte> from = stackalloc byte[MaxUri + MaxDisplay];
        Span<byte> to = stackalloc byte[MaxUri + 2];
        Span<byte> callId = stackalloc byte[OwnCallId.Length];
        from = from[..WriteFrom(from, call, caller, _listeners[listener].Known, gateway?.LocalDomain)];
        to = to[..WriteNameAddress(to, NumberForTo(call, callee), them, gateway is null ? default : gateway.Host)];
        if (gateway is not null)
        {
            call.CalleeDialog.Requests = gateway.Requests;
            call.CalleeDialog.Responses = gateway.Responses;
        }
        OwnCallId.Write(_options.Index, _entropy.NextUInt64(), callId);
        call.CalleeDialog.OpenAsClient(callId, from, to, target, MintTag(call, MediaSide.Callee), them, listener);
        if (gateway is null) return;
        call.CalleeDialog.LargeByTcp = gateway.LargeRequestsByTcp;
        call.CalleeDialog.LocalDomain = gateway.LocalDomain;
        if (gateway.RegisterName.Length > 0) call.CalleeDialog.Signer = call.Signer;
        if (gateway.Registers && gateway.State.Trunk is { IsUp: true } trunk) call.CalleeDialog.Preload(trunk.ServiceRoutes);
    }

    private static int WriteNameAddress(Span<byte> room, in DialString number, in NetAddress host, scoped ReadOnlySpan<byte> name = default)
    {
        var w = new ByteWriter(room);
        w.Text((byte)'<');
        w.Take(WriteUri(room[1..], number, host, name, SipTransport.Udp));
        w.Text((byte)'>');
        return w.Length;
    }

    // sip:number@host:port;transport=tcp, the host by name where there is one; characters that a user part cannot hold are escaped
    // (RFC 3261 §25.1).
    private static int WriteUri(Span<byte> room, in DialString number, in NetAddress host, scoped ReadOnlySpan<byte> name, SipTransport transport)
    {
        var w = new ByteWriter(room);
        w.Text("sip:"u8);
        if (number.IsEmpty) w.Text("anonymous"u8);
        foreach (byte b in number.Bytes)
        {
            if (b == '#') w.Text("%23"u8);
            else w.Text(b);
        }
        w.Text((byte)'@');
        if (!name.IsEmpty) w.Text(name);
        else if (host.Port == transport.DefaultPort()) w.Host(host);
        else w.HostPort(host);
        w.Text(transport.UriParameter());
        return w.Length;
    }

    /// <summary>The SDP last parsed into <c>_sdp</c>, as the other side may see it: our name, our ports unless the media is direct.</summary>
    private ReadOnlySpan<byte> RewriteSdp(Call call, MediaSide towards, bool ownText = false)
    {
        ref uint version = ref call.SdpVersionTowards(towards);
        ref ulong seen = ref call.SdpSeenFrom(towards);
        // RFC 3264 §8: the version grows when the description is another one than the last, and only then: a 200 repeats what its 183 said.
        if (version > 0 && Describe(call, towards, version, ownText) is var same && FingerprintOf(same) == seen) return same;
        ReadOnlySpan<byte> sdp = Describe(call, towards, ++version, ownText);
        seen = FingerprintOf(sdp);
        return sdp;
    }

    // FNV-1a; a collision would only leave a version number as it was.
    private static ulong FingerprintOf(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in bytes) hash = (hash ^ b) * 1099511628211;
        return hash;
    }
}
