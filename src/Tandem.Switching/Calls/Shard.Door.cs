using Tandem.Primitives;
using Tandem.Primitives.Bounded;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Switching.Admission;
using Tandem.Switching.Identity;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Switching.Calls;

// The door: what is let in before it is read (rates), and before anything is kept of it (the table of Door). docs/security.md.
public sealed partial class Shard
{
    /// <summary>Behind by more than this, strangers are not listened to.</summary>
    public static readonly TimeSpan Behind = TimeSpan.FromMilliseconds(50);

    /// <summary>Behind by more than this, nobody's new work is taken: 503; what belongs to dialogs and transactions goes on.</summary>
    public static readonly TimeSpan FarBehind = TimeSpan.FromSeconds(1);

    private const int RetryAfterSeconds = 5;

    // Two seconds of a rate may come at once: a site's phones after a power cut.
    private const int BurstSeconds = 2;

    // What belongs to dialogs, from addresses that are nobody's, has a share of its own, this many times the strangers'.
    private const int DialogShare = 10;

    private readonly RateSketch _strangerNetworks = new(8192);
    private readonly RateSketch _strangersInAll = new(1);
    private readonly RateSketch _answersInAll = new(1);
    private readonly RateSketch _dialogNetworks = new(8192);
    private readonly RateSketch _dialogsInAll = new(1);
    private readonly RecentKeys _recent = new(4096);
    private readonly ChallengeRounds _rounds = new();
    private readonly KeyedHash _doorHash;
    private TimeSpan _lag;
    private Visitor _visitor;

    private readonly record struct Visitor(Standing Standing, CallerId Id)
    {
        public Visitor(Standing standing)
            : this(standing, default(CallerId))
        {
        }

        public MappingGateway? Gateway => Id.Gateway;

        public Phone? Phone => Id.Phone;

        /// <summary>Of a PUBLISH: whose published calls it may change; null: nobody's.</summary>
        public GatewayState? Publisher { get; init; }
    }

    /// <summary>Right credentials refused since they were used before.</summary>
    public long Replays => _authenticator.Replays;

    /// <summary>How long the loop has not caught up with what its sockets hold; zero when it has.</summary>
    public void NoteLag(TimeSpan lag) => _lag = lag;

    /// <summary>Whether a datagram is read at all. Known sources always are; of unknown ones what the rates allow, dialogs on a share of their own.</summary>
    private bool LetsIn(in NetAddress source, ReadOnlySpan<byte> datagram, Instant now)
    {
        SwitchTables tables = _book.Current;
        if (tables.IsStated(source)) return true;
        AuthenticationSettings settings = tables.Settings.Authentication;
        bool isHome = _locations.IsHome(source);
        if (LooksLikeDialog(datagram)) return isHome || TakeDialogShare(source, settings, now);
        if (!isHome && settings.MaxRetry > 0 && _blocks.IsBlocked(source, now))
        {
            Counters.BlockedDropped++;
            return false;
        }
        if (isHome) return true;
        if (_lag > Behind)
        {
            Counters.OverloadDropped++;
            return false;
        }
        if (_strangerNetworks.TryTake(NetworkHash(source), settings.StrangerRatePrefix, BurstSeconds, now))
        {
            if (_strangersInAll.TryTake(0, settings.StrangerRate, BurstSeconds, now)) return true;
            // Forged sources may use up the strangers' rate, but none of them ever saw a challenge.
            if (_authenticator.ShowsNonce(datagram, source, now) && _answersInAll.TryTake(0, settings.StrangerRate, BurstSeconds, now)) return true;
        }
        Counters.StrangersDropped++;
        return false;
    }

    private bool TakeDialogShare(in NetAddress source, AuthenticationSettings settings, Instant now)
    {
        if (_dialogNetworks.TryTake(NetworkHash(source), Times(settings.StrangerRatePrefix), BurstSeconds, now) && _dialogsInAll.TryTake(0, Times(settings.StrangerRate), BurstSeconds, now)) return true;
        Counters.DialogShareDropped++;
        return false;

        static int Times(int rate) => Math.Min(rate * DialogShare, 1_000_000);
    }

    // Responses, and the methods only dialogs use. What it says is looked at later; here it only finds its share.
    private static bool LooksLikeDialog(ReadOnlySpan<byte> datagram) =>
        datagram.StartsWith("SIP/"u8) || datagram.StartsWith("BYE "u8) || datagram.StartsWith("ACK "u8) || datagram.StartsWith("CANCEL "u8)
        || datagram.StartsWith("PRACK "u8) || datagram.StartsWith("UPDATE "u8) || datagram.StartsWith("INFO "u8) || datagram.StartsWith("NOTIFY "u8);

    // IPv4 /24, IPv6 /48: what one attacker easily has, and one customer has to himself.
    private ulong NetworkHash(in NetAddress source)
    {
        Span<byte> bytes = stackalloc byte[16];
        source.WriteAddressBytes(bytes);
        return _doorHash.Of(source.IsV6 ? bytes[..6] : bytes[12..15]);
    }

    bool ITransactionUser.AnswersMalformed(in NetAddress source, Instant now)
    {
        SwitchTables tables = _book.Current;
        if (tables.IsStated(source) || _locations.IsHome(source)) return true;
        return tables.Settings.Sip.ReplyUnauthorized;
    }

    bool ITransactionUser.Admits(SipMessage request, int listener, in NetAddress source, Instant now)
    {
        SwitchTables tables = _book.Current;
        Place place = PlaceOf(request, source);
        ReadOnlySpan<byte> response = default;
        DialString tried = default;
        AuthenticationResult result = AuthenticationResult.NoCredentials;
        _visitor = default;
        if (place != Place.InDialog && request.Method != SipMethod.Ack)
        {
            if (_lag > FarBehind && place == Place.Outside && request.Method is not (SipMethod.Bye or SipMethod.Cancel))
            {
                RefuseOverloaded(request, listener, source);
                return false;
            }
            if (request.Method == SipMethod.Register && place == Place.Outside && RefreshesLightly(tables, request, listener, source, now)) return false;
            _visitor = Recognise(tables, request, place, source, now, out result, out tried, out response);
            if (request.Method == SipMethod.Publish) _visitor = _visitor with { Publisher = PublisherOf(tables, _visitor, source) };
            if (place == Place.Moved && _visitor.Phone is { } proven && TakesItsDialogAlong(request, proven, source)) place = Place.InDialog;
        }
        DoorVerdict verdict = Door.Decide(_visitor.Standing, request.Method, place, tables.Settings.Sip.ReplyUnauthorized, _visitor.Publisher is not null);
        if (verdict == DoorVerdict.Serve) return true;

        if (request.Method == SipMethod.Ack) return false;
        bool unknown = _visitor.Standing is Standing.Stranger or Standing.Carrier; // a carrier that calls is no customer
        if (unknown) Counters.UnknownSources++;
        ulong same = _doorHash.Of(request.CallId, request.ViaBranch);
        switch (result)
        {
            case AuthenticationResult.Wrong:
                NoteWrong(tables, source, tried, response, now);
                RecordOnce(tables, request, source, Refusal.AuthenticationFailed, same, now);
                break;
            case AuthenticationResult.PhoneBlocked:
                Counters.BlockedDropped++;
                break;
            default:
                if (unknown && verdict is DoorVerdict.Challenge or DoorVerdict.Silence) RecordOnce(tables, request, source, Refusal.UnknownSource, same, now);
                break;
        }
        Answer(tables, request, listener, source, verdict, result, now);
        return false;
    }

    private Visitor Recognise(SwitchTables tables, SipMessage request, Place place, scoped in NetAddress source, Instant now, out AuthenticationResult result, out DialString tried, out ReadOnlySpan<byte> response)
    {
        result = AuthenticationResult.NoCredentials;
        tried = default;
        response = default;
        bool named = NumberReader.TryNumberOf(request.Method == SipMethod.Register ? request.To : request.From, out DialString number);
        Phone? namedPhone = null;
        bool namesPhone = named && tables.TryFindPhone(number, out namedPhone);
        bool atHome = namesPhone && _locations.IsAtHome(number, source, now);
        // To the port: behind one NAT another phone may give this number.
        if (atHome && namedPhone!.LivenessCheck && _locations.TryFind(number, now, out Binding? home) && home.Source == source) namedPhone.State.NoteLife(now);
        if (place == Place.Outside && TrunkOf(tables, request, source) is { Inbound: { } inbound } trunk) return StandingOf(new CallerId(inbound, null, CallerRule.Trunk, trunk));
        bool known = Identify(tables, request, source, now, out CallerId byAddress, out bool owesPassword);
        if (!known && !owesPassword && !atHome && tables.Settings.Authentication.MaxRetry > 0 && _blocks.IsBlocked(source, now))
        {
            Counters.BlockedDropped++;
            return new Visitor(Standing.Blocked);
        }
        // A customer's gateway is known by its address for all but registering, which is always a device's own doing.
        if (known && request.Method != SipMethod.Register && place != Place.Moved) return StandingOf(byAddress);
        if (namedPhone is { IsStatic: true } stated && request.Method != SipMethod.Register && source.SameHost(stated.Stated!.Source)) return StandingOf(new CallerId(null, stated, CallerRule.PhoneAddress));

        result = _authenticator.Check(tables, request, source, now, out Phone? phone, out MappingGateway? proven, out tried, out response);
        if (proven is not null && !MayProveFrom(tables, proven, request, source))
        {
            // The right password in the wrong place: refused, and not counted against the gateway it belongs to.
            byAddress = new CallerId(proven, null, CallerRule.GatewayDigest);
            (proven, result, tried) = (null, AuthenticationResult.Wrong, default);
        }
        if (phone is not null || proven is not null)
        {
            _rounds.Forget(RoundsKey(request, source));
            var id = new CallerId(proven, phone, phone is null ? CallerRule.GatewayDigest : CallerRule.PhoneDigest);
            // What registers has proven that it is there, as a phone does.
            return proven is not null && request.Method == SipMethod.Register ? new Visitor(proven.Locked ? Standing.LockedPhone : Standing.Phone, id) : StandingOf(id);
        }
        if (result is AuthenticationResult.Wrong or AuthenticationResult.PhoneBlocked) return new Visitor(Standing.WrongCredentials, byAddress);
        if (known) return StandingOf(byAddress);
        if (atHome) return new Visitor(Standing.RegisteredAddress);
        if (tables.IsCarrier(source)) return new Visitor(Standing.Carrier);
        return new Visitor(namesPhone || owesPassword ? Standing.UnprovenPhone : Standing.Stranger);
    }

    private static Visitor StandingOf(in CallerId id) => new(id.Gateway is { } gateway
        ? gateway.Locked ? Standing.LockedGateway : Standing.Gateway
        : id.Phone!.Lock == Configuration.PhoneLock.Both ? Standing.LockedPhone : Standing.Phone, id);

    private ulong RoundsKey(SipMessage request, in NetAddress source)
    {
        Span<byte> bytes = stackalloc byte[16];
        source.WriteAddressBytes(bytes);
        return _doorHash.Of(request.CallId, bytes);
    }

    private void NoteWrong(SwitchTables tables, in NetAddress source, in DialString tried, ReadOnlySpan<byte> response, Instant now)
    {
        Counters.AuthenticationFailures++;
        if (!_recent.IsNew(_doorHash.Of(response))) return; // the same try again, its answer was lost
        _blocks.NoteWrong(source, !tables.Sources.IsKnown(source), tried, tables.Settings.Authentication, now);
    }

    private void RecordOnce(SwitchTables tables, SipMessage request, in NetAddress source, Refusal refusal, ulong same, Instant now)
    {
        if (request.Method == SipMethod.Invite && request.ToTag.IsEmpty && _recent.IsNew(same)) RecordIllegal(tables, request, source, refusal, now);
    }

    private void Answer(SwitchTables tables, SipMessage request, int listener, in NetAddress source, DoorVerdict verdict, AuthenticationResult result, Instant now)
    {
        if (verdict == DoorVerdict.Challenge && !_rounds.TryBegin(RoundsKey(request, source), tables.Settings.Authentication.Retry, now)) verdict = DoorVerdict.Forbid;
        int status = verdict switch
        {
            DoorVerdict.Challenge => tables.Settings.Sip.AuthenticationCode,
            DoorVerdict.Forbid => Refusal.AuthenticationFailed.Meaning().SipStatus,
            DoorVerdict.NoDialog => 481,
            DoorVerdict.NotAllowed => 405,
            _ => 0,
        };
        if (status == 0) return;
        SipWriter w = _transactions.BeginStateless(request, source, status, []);
        if (verdict == DoorVerdict.Challenge)
        {
            Counters.Challenges++;
            _authenticator.WriteChallenge(ref w, tables, status, source, result == AuthenticationResult.Stale, now);
        }
        if (verdict == DoorVerdict.NotAllowed) w.Header(HeaderName.Allow, AllowedMethods);
        w.End();
        _transactions.SendStateless(request, source, listener, w);
    }

    private void RefuseOverloaded(SipMessage request, int listener, in NetAddress source)
    {
        Counters.OverloadRefused++;
        SipWriter w = _transactions.BeginStateless(request, source, 503, []);
        w.Header(HeaderName.RetryAfter, RetryAfterSeconds);
        w.End();
        _transactions.SendStateless(request, source, listener, w);
    }
}
