using System.Collections.Immutable;
using System.Diagnostics;
using Tandem.Primitives;
using Tandem.Sip.Messages;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Bench.Micro;

/// <summary>
/// A whole call through a shard and the ledger in virtual time, no sockets and no disk: INVITE 100 180 200 ACK BYE 200, six messages in
/// and seven out, money reserved and posted, decision log, CDR written. Only what the switch does is counted, not its peers.
/// </summary>
internal sealed class WholeCall : IMicro, ISipSender, IMediaRelay, IJournal
{
    private static readonly NetAddress Us = NetAddress.Parse("198.51.100.7:5060"), Customer = NetAddress.Parse("192.0.2.10:5060"), Carrier = NetAddress.Parse("203.0.113.1:5060");

    private readonly Shard _shard;
    private readonly LedgerDesk _desk;
    private readonly SipMessage _heard = new();
    private readonly byte[] _toCaller = new byte[4096];
    private readonly byte[] _toCarrier = new byte[4096];
    private readonly byte[] _datagram = new byte[4096];
    private int _toCallerLength;
    private int _toCarrierLength;
    private int _number;
    private int _lent;
    private long _ticks;
    private Instant _now = Instant.FromUtc(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc));

    public WholeCall()
    {
        var ledger = new Ledger(this);
        ledger.OpenAccount("1001", Currency.Usd, AccountKind.Ordinary, 0, locked: false, _now, out AccountId customer);
        ledger.OpenAccount("9001", Currency.Usd, AccountKind.Clearing, 0, locked: false, _now, out AccountId clearing);
        ledger.Pay("first", customer, Ledger.MaxAmountNanos, "", "bench", _now);
        Rate rate = new(DialString.Parse("44"), "United Kingdom", new Tariff(10_000_000, 0, 1, 1, Currency.Usd), Locked: false);
        if (!Deck.TryCreate("deck", Currency.Usd, [rate], out Deck? deck, out string? error)) throw new BenchException(error);
        var rates = new RateTable(deck);
        SwitchConfiguration said = SwitchConfiguration.Empty with
        {
            Accounts = new AccountConfig[] { new() { Number = "1001", Currency = Currency.Usd, Deck = "deck" }, new() { Number = "9001", Currency = Currency.Usd, Deck = "deck", Kind = AccountKind.Clearing } }
                .ToImmutableSortedDictionary(static a => a.Number, static a => a, StringComparer.Ordinal),
            Decks = SwitchConfiguration.Empty.Decks.Add("deck", new DeckRef("deck", Currency.Usd, deck.Version)),
            Settings = new SwitchSettings { Media = new MediaSettings { ProxyMode = MediaProxyMode.On } },
            MappingGateways = SwitchConfiguration.Empty.MappingGateways.Add("customer", new MappingGatewayConfig { Name = "customer", RemoteIps = [Customer.ToString()], Account = "1001" }),
            RoutingGateways = SwitchConfiguration.Empty.RoutingGateways.Add("carrier", new RoutingGatewayConfig { Name = "carrier", RemoteIp = Carrier.ToString(), Prefixes = ["44"], ClearingAccount = "9001" }),
        };
        SwitchTables tables = TableCompiler.Compile(said, 1, _ => rates, number => number == "1001" ? customer : clearing, new GatewayStates());
        var entropy = new SeededEntropy(3);
        _shard = new Shard(new ShardOptions(0, 100_000, [new SipListener(Us)]), this, this, new TableBook(tables), new LocationBook(), new BlockBook(), entropy);
        _desk = new LedgerDesk(ledger, [_shard.Replies]);
        _shard.Connect(_desk);
    }

    public string Name => "a whole call through a shard, CDR and all, no sockets";

    // 200 calls a virtual second, transactions that linger for 32 of them.
    public int SteadyAfter => 20_000;

    public int PortsLent => 4 * _lent;

    bool IJournal.AcceptsNewWork => true;

    long IJournal.Position => _position;

    private long _position;

    public TimeSpan Run(int count)
    {
        _ticks = 0;
        for (int i = 0; i < count; i++) Call();
        return TimeSpan.FromSeconds(_ticks / (double)Stopwatch.Frequency);
    }

    void ISipSender.Send(int listener, in NetAddress to, ReadOnlySpan<byte> message)
    {
        if (to == Customer)
        {
            message.CopyTo(_toCaller);
            _toCallerLength = message.Length;
        }
        else
        {
            message.CopyTo(_toCarrier);
            _toCarrierLength = message.Length;
        }
    }

    bool IMediaRelay.TryLend(CallId call, in NetAddress callerSignalling, in NetAddress calleeSignalling, out MediaLease lease)
    {
        lease = new MediaLease(++_lent, Us.WithPort(20_000), Us.WithPort(20_002));
        return true;
    }

    bool IMediaRelay.Faces(in MediaLease lease, in NetAddress callee) => true;

    bool IMediaRelay.TryLendBeside(in MediaLease first, CallId call, out MediaLease lease)
    {
        lease = default;
        return false; // its calls have one line
    }

    void IMediaRelay.SetRemote(in MediaLease lease, MediaSide side, in RemoteMedia remote)
    {
        // nobody sends media here
    }

    public void SetAudio(in MediaLease lease, Tandem.Media.Streams.AudioPlan? plan)
    {
        // nobody listens
    }

    public void Play(in MediaLease lease, MediaSide to, Tandem.Media.Streams.IAudioSource? source, bool untilMedia)
    {
        // nobody listens
    }

    public void Press(in MediaLease lease, MediaSide to, in Tandem.Media.Dtmf.DtmfDigit digit)
    {
        // nobody listens
    }

    Instant IMediaRelay.LastHeard(in MediaLease lease, MediaSide side) => default;

    MediaCounters IMediaRelay.SoFar(in MediaLease lease) => default;

    MediaCounters IMediaRelay.Return(in MediaLease lease)
    {
        _lent--;
        return default;
    }

    long IJournal.Append(JournalRecordType type, Instant at, ReadOnlySpan<byte> payload) => _position += payload.Length;

    private void Call()
    {
        _now += TimeSpan.FromMilliseconds(5);
        _number++;
        Span<byte> invite = _datagram.AsSpan(0, Invites.Bytes.Length);
        Invites.Bytes.CopyTo(invite);
        Span<byte> number = stackalloc byte[8];
        _number.TryFormat(number, out _, "D8");
        for (int at = invite.IndexOf("00000000"u8); at >= 0; at = invite.IndexOf("00000000"u8)) number.CopyTo(invite[at..]);
        Deliver(Customer, invite.Length);

        byte[] ask = _toCarrier;
        Respond(ask, _toCarrierLength, 180, answer: false);
        Respond(ask, _toCarrierLength, 200, answer: true);
        Request("ACK"u8, SipMethod.Ack, 1, number);
        Request("BYE"u8, SipMethod.Bye, 2, number);
        if (!_toCarrier.AsSpan(0, 4).SequenceEqual("BYE "u8)) throw new BenchException("the call did not reach its BYE.");
        Respond(_toCarrier, _toCarrierLength, 200, answer: false);
        if (!_toCaller.AsSpan(0, 11).SequenceEqual("SIP/2.0 200"u8) || _shard.OpenCalls > 0) throw new BenchException("the call did not end.");
    }

    private void Respond(byte[] request, int length, int status, bool answer)
    {
        // An INVITE's responses come one after the other to the same request; the ACK in between must not take its place.
        if (_heard.Parse(request, 0, length) != SipDefect.None) throw new BenchException("the switch wrote what it cannot read.");
        var w = new SipWriter(_datagram);
        Responses.Write(ref w, _heard, Us, status, [], "callee"u8);
        w.Header(HeaderName.Contact, "<sip:in@203.0.113.1:5060>"u8);
        if (answer) w.Body("application/sdp"u8, "v=0\r\no=called 1 1 IN IP4 203.0.113.77\r\ns=-\r\nc=IN IP4 203.0.113.77\r\nt=0 0\r\nm=audio 30500 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"u8);
        else w.End();
        Deliver(Carrier, w.Length);
    }

    private void Request(ReadOnlySpan<byte> method, SipMethod kind, int cseq, ReadOnlySpan<byte> number)
    {
        if (_heard.Parse(_toCaller, 0, _toCallerLength) != SipDefect.None) throw new BenchException("the switch wrote what it cannot read.");
        var w = new SipWriter(_datagram);
        w.Request(kind, "sip:198.51.100.7:5060"u8);
        w.OpenHeader(HeaderName.Via);
        w.Text("SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK"u8);
        w.Text(method);
        w.Text(number);
        w.CloseHeader();
        w.Header(HeaderName.MaxForwards, 70);
        w.Header(HeaderName.From, _heard.From);
        w.Header(HeaderName.To, _heard.To);
        w.Header(HeaderName.CallId, _heard.CallId);
        w.OpenHeader(HeaderName.CSeq);
        w.Decimal(cseq);
        w.Text(" "u8);
        w.Text(method);
        w.CloseHeader();
        w.End();
        Deliver(Customer, w.Length);
    }

    private void Deliver(in NetAddress source, int length)
    {
        long began = Stopwatch.GetTimestamp();
        _shard.Receive(0, source, _datagram, 0, length, _now);
        bool any;
        do
        {
            any = _shard.Turn(_now);
            any |= _desk.Turn(_now);
        }
        while (any);
        _ticks += Stopwatch.GetTimestamp() - began;
    }
}
