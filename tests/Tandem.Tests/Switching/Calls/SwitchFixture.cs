using System.Collections.Immutable;
using System.Text;
using Tandem.Primitives;
using Tandem.Sip.Locating;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;
using Tandem.Switching.Registrations;
using Tandem.Switching.Routing;
using Tandem.Switching.Settings;

namespace Tandem.Tests.Switching.Calls;

/// <summary>
/// One shard, the ledger and its desk in virtual time, with a customer, three carriers and two phones around them. Peers are
/// <see cref="CallerLeg"/> and <see cref="CalleeLeg"/>; what the switch sends waits under the address it was sent to.
/// </summary>
internal sealed class SwitchFixture : ISipSender
{
    public static readonly NetAddress Us = NetAddress.Parse("198.51.100.7:5060");
    public static readonly NetAddress Customer = NetAddress.Parse("192.0.2.10:5060");
    public static readonly NetAddress CarrierA = NetAddress.Parse("203.0.113.1:5060");
    public static readonly NetAddress CarrierB = NetAddress.Parse("203.0.113.2:5060");
    public static readonly NetAddress CarrierC = NetAddress.Parse("203.0.113.3:5060");
    public static readonly NetAddress PhoneOne = NetAddress.Parse("192.0.2.51:5062");
    public static readonly NetAddress PhoneTwo = NetAddress.Parse("192.0.2.52:5062");
    public static readonly NetAddress PhoneThree = NetAddress.Parse("192.0.2.53:5062");
    public static readonly NetAddress Stranger = NetAddress.Parse("192.0.2.200:5060");

    public const string NumberOne = "5551";
    public const string NumberTwo = "5552";
    public const string NumberThree = "5553";
    public const string Password = "correct horse";

    private readonly Dictionary<NetAddress, Queue<WireMessage>> _waiting = [];
    private readonly GatewayStates _states = new();
    private readonly Dictionary<string, RateTable> _rates = [];
    private int _revision;
    private int _peerNumbers;
    private long _allocatedBySending;

    /// <param name="change">What is different from <see cref="Standard"/>.</param>
    /// <param name="balance">The customer's money, units.</param>
    /// <param name="maxCalls">Of the shard.</param>
    /// <param name="leases">Of the relay.</param>
    /// <param name="deskCapacity">Of the ledger's inbox.</param>
    /// <param name="deskApart">True: the desk works on another loop, and only when <see cref="TurnDesk"/> says so.</param>
    /// <param name="locations">Registrations of an earlier life.</param>
    /// <param name="listeners">Null: one, UDP.</param>
    public SwitchFixture(Func<SwitchConfiguration, SwitchConfiguration>? change = null, decimal balance = 100m, int maxCalls = 64, int leases = 64, int deskCapacity = 1024, bool deskApart = false, LocationBook? locations = null, IReadOnlyList<SipListener>? listeners = null)
    {
        Locations = locations ?? new LocationBook();
        DeskApart = deskApart;
        Configuration = change is null ? Standard() : change(Standard());
        Ledger = new Ledger(Journal);
        foreach (AccountConfig account in Configuration.Accounts.Values)
        {
            Assert.Equal(LedgerOutcome.Done, Ledger.OpenAccount(account.Number, account.Currency, account.Kind, account.CreditLimitNanos, account.Locked, Now, out AccountId id));
            if (account.Kind != AccountKind.Clearing && balance != 0) Assert.Equal(LedgerOutcome.Done, Ledger.Pay("first-" + account.Number, id, Nanos(balance), "", "test", Now));
        }
        Book = new TableBook(Compile());
        Relay = new FakeRelay(leases);
        var entropy = new SeededEntropy(20260301);
        Shard = new Shard(new ShardOptions(0, maxCalls, listeners ?? [new SipListener(Us)]), this, Relay, Book, Locations, Blocks, entropy);
        Desk = new LedgerDesk(Ledger, [Shard.Replies], localShard: deskApart ? -1 : 0, deskCapacity);
        Desk.Obey(Book);
        Shard.Connect(Desk, deskApart ? static () => { } : null);
    }

    /// <summary>Decks beside the two that are always there, by version.</summary>
    public Dictionary<string, Deck> MoreDecks { get; } = [];

    public Instant Now { get; private set; } = Instant.FromUtc(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc));

    public SwitchConfiguration Configuration { get; private set; }

    public MemoryJournal Journal { get; } = new();

    public Ledger Ledger { get; }

    public LedgerDesk Desk { get; }

    public bool DeskApart { get; }

    public Shard Shard { get; }

    public TableBook Book { get; }

    public FakeRelay Relay { get; }

    public LocationBook Locations { get; }

    public BlockBook Blocks { get; } = new();

    /// <summary>Every message sent, oldest first.</summary>
    public List<WireMessage> Sent { get; } = [];

    /// <summary>Datagrams sent that are no SIP: what keeps NATs open.</summary>
    public List<(NetAddress To, Instant At, string Text)> RawSent { get; } = [];

    /// <summary>Connections that are open, by listener and peer.</summary>
    public HashSet<(int Listener, NetAddress Peer)> Connections { get; } = [];

    /// <summary>Whom certificates must name, as the switch said.</summary>
    public Dictionary<NetAddress, string> Expected { get; } = [];

    /// <summary>Whether sent messages are kept.</summary>
    public bool Listening { get; set; } = true;

    /// <summary>Bytes the switch itself allocated while messages and turns were driven through it.</summary>
    public long Allocated { get; private set; }

    public IReadOnlyList<Cdr> Cdrs => Journal.Cdrs;

    public static long Nanos(decimal units) => (long)(units * Money.NanosPerUnit);

    /// <summary>
    /// Customer "acme" (192.0.2.10) pays from 1001; carriers a, b, c serve 1, 33, 44, 49 and 7 in this order; a and b have clearing accounts;
    /// phones 5551 and 5552 pay from 2001. Retail: 44 at 0.60 a minute + 0.02, 6/6; 1 at 0.12, 1/1; 33 free; 49 locked. Wholesale:
    /// 44 at 0.30, 1/1; 1 at 0.03, 60/60. Media is relayed.
    /// </summary>
    public static SwitchConfiguration Standard()
    {
        AccountConfig[] accounts =
        [
            new() { Number = "1001", Currency = Currency.Usd, Deck = "retail" },
            new() { Number = "2001", Currency = Currency.Usd, Deck = "retail" },
            new() { Number = "clear-a", Currency = Currency.Usd, Deck = "wholesale", Kind = AccountKind.Clearing },
            new() { Number = "clear-b", Currency = Currency.Usd, Deck = "wholesale", Kind = AccountKind.Clearing },
        ];
        ImmutableArray<string> prefixes = ["1", "33", "44", "49", "7"];
        RoutingGatewayConfig[] carriers =
        [
            new() { Name = "carrier-a", RemoteIp = CarrierA.ToString(), Prefixes = prefixes, Priority = 1, ClearingAccount = "clear-a" },
            new() { Name = "carrier-b", RemoteIp = CarrierB.ToString(), Prefixes = prefixes, Priority = 2, ClearingAccount = "clear-b" },
            new() { Name = "carrier-c", RemoteIp = CarrierC.ToString(), Prefixes = prefixes, Priority = 3 },
        ];
        PhoneConfig[] phones =
        [
            new() { E164 = NumberOne, Account = "2001", Password = Password },
            new() { E164 = NumberTwo, Account = "2001", Password = Password },
        ];
        return SwitchConfiguration.Empty with
        {
            Settings = new SwitchSettings { Media = new MediaSettings { ProxyMode = MediaProxyMode.On } },
            Accounts = accounts.ToImmutableSortedDictionary(static a => a.Number, static a => a, StringComparer.Ordinal),
            Decks = new[] { new DeckRef("retail", Currency.Usd, "retail"), new DeckRef("wholesale", Currency.Usd, "wholesale") }
                .ToImmutableSortedDictionary(static d => d.Name, static d => d, StringComparer.Ordinal),
            MappingGateways = SwitchConfiguration.Empty.MappingGateways.Add("acme", new MappingGatewayConfig { Name = "acme", RemoteIps = [Customer.HostString()], Account = "1001" }),
            RoutingGateways = carriers.ToImmutableSortedDictionary(static g => g.Name, static g => g, StringComparer.Ordinal),
            Phones = phones.ToImmutableSortedDictionary(static p => p.E164, static p => p, StringComparer.Ordinal),
        };
    }

    /// <summary>The standard configuration with other settings.</summary>
    public static SwitchFixture WithSettings(Func<SwitchSettings, SwitchSettings> change, decimal balance = 100m) =>
        new(said => said with { Settings = change(said.Settings) }, balance);

    public static SwitchConfiguration ChangeAcme(SwitchConfiguration said, Func<MappingGatewayConfig, MappingGatewayConfig> change) =>
        said with { MappingGateways = said.MappingGateways.SetItem("acme", change(said.MappingGateways["acme"])) };

    public static SwitchConfiguration ChangeCarrier(SwitchConfiguration said, string name, Func<RoutingGatewayConfig, RoutingGatewayConfig> change) =>
        said with { RoutingGateways = said.RoutingGateways.SetItem(name, change(said.RoutingGateways[name])) };

    public static SwitchConfiguration ChangePhone(SwitchConfiguration said, string number, Func<PhoneConfig, PhoneConfig> change) =>
        said with { Phones = said.Phones.SetItem(number, change(said.Phones[number])) };

    public static SwitchConfiguration ChangeAccount(SwitchConfiguration said, string number, Func<AccountConfig, AccountConfig> change) =>
        said with { Accounts = said.Accounts.SetItem(number, change(said.Accounts[number])) };

    public static string Sdp(string host, int port) => string.Join("\r\n",
        "v=0", $"o=peer 77 1 IN IP4 {host}", "s=secret name", $"c=IN IP4 {host}", "t=0 0", $"m=audio {port} RTP/AVP 8 0 101",
        "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000", "a=sendrecv", "");

    public LedgerAccount Account(string number) => Ledger.TryFindAccount(number, out LedgerAccount? account) ? account : throw new InvalidOperationException(number);

    public int LinesOf(string routingGateway) => _states.Routing(routingGateway).CurrentCalls;

    public int LinesOfCustomer => _states.Mapping("acme").CurrentCalls;

    public int LinesOfPhone(string number) => _states.Phone(number).CurrentCalls;

    public TrunkStatus RegistrationAt(string routingGateway) => _states.Routing(routingGateway).Trunk ?? throw new InvalidOperationException(routingGateway);

    /// <summary>What the resolver would publish of a routing gateway's host name.</summary>
    public void Resolve(string routingGateway, SipTarget target, string trouble, params HopChoice[] hops) =>
        _states.Routing(routingGateway).Name = new ResolvedName(target, new HopSet([.. hops]), trouble, Now, Now, Now, false);

    /// <summary>What the resolver would publish of the customer's host name, and the tables compiled anew.</summary>
    public void ResolveCustomer(string name, params NetAddress[] addresses)
    {
        _states.Mapping("acme").Sources = _states.Mapping("acme").Sources.SetItem(name, new ResolvedName(
            new SipTarget(name), new HopSet([.. addresses.Select(static a => new HopChoice(new Hop(a.WithPort(0), SipTransport.Udp), 0, 0, 0))]), "", Now, Now, Now, false));
        Book.Publish(Compile());
    }

    public string Token() => (++_peerNumbers).ToString("x4");

    /// <summary>New tables for calls to come.</summary>
    public void Reconfigure(Func<SwitchConfiguration, SwitchConfiguration> change)
    {
        Configuration = change(Configuration);
        Book.Publish(Compile());
    }

    /// <summary>One datagram to the switch, and all that comes of it now.</summary>
    public void Deliver(NetAddress source, string message, int listener = 0)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        Measure(() => Shard.Receive(listener, source, bytes, 0, bytes.Length, Now));
        Turn();
    }

    /// <summary>A connection could not be opened, or broke.</summary>
    public void Break(int listener, NetAddress peer, bool wasOpen = false)
    {
        Connections.Remove((listener, peer));
        Shard.OnTransportError(listener, peer, wasOpen, Now);
        Turn();
    }

    public void Turn()
    {
        bool any;
        do
        {
            any = false;
            Measure(() =>
            {
                if (!DeskApart) any |= Desk.Turn(Now);
                any |= Shard.Turn(Now);
            });
        }
        while (any);
    }

    /// <summary>The desk of another loop works off what waits and lets its replies go.</summary>
    public void TurnDesk()
    {
        Desk.Turn(Now);
        Desk.ReleaseReplies();
        Turn();
    }

    /// <summary>Time goes on, deadline by deadline.</summary>
    public void Advance(TimeSpan length)
    {
        Instant until = Now + length;
        for (int steps = 0; Shard.NextDeadline <= until; steps++)
        {
            Assert.True(steps < 10_000, "deadlines without end");
            Now = Shard.NextDeadline > Now ? Shard.NextDeadline : Now;
            Turn();
        }
        Now = until;
        Turn();
    }

    /// <summary>Time goes on without a turn: the loop was late.</summary>
    public void Jump(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        Turn();
    }

    public void Advance(double seconds) => Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>The next message that waits for a peer.</summary>
    public WireMessage Next(NetAddress peer)
    {
        if (_waiting.TryGetValue(peer, out Queue<WireMessage>? queue) && queue.TryDequeue(out WireMessage? message)) return message;
        throw new InvalidOperationException($"nothing was sent to {peer}; all so far:\n{Log()}");
    }

    public int Waiting(NetAddress peer) => _waiting.TryGetValue(peer, out Queue<WireMessage>? queue) ? queue.Count : 0;

    public void Forget(NetAddress peer) => _waiting.Remove(peer);

    /// <summary>Nobody has a message he did not look at.</summary>
    public void AssertQuiet() => Assert.True(_waiting.Values.All(static q => q.Count == 0), "not looked at: " + string.Join(", ", _waiting.Values.SelectMany(static q => q)));

    /// <summary>After every timer has run out nothing is held by anybody: calls, transactions, buffers, ports, lines, money.</summary>
    public void AssertEverythingReturned()
    {
        AssertQuiet();
        Advance(300);
        Assert.Equal(0, Shard.OpenCalls);
        Assert.Equal(0, Shard.Transactions.OpenServers);
        Assert.Equal(0, Shard.Transactions.OpenClients);
        Assert.Equal(0, Shard.BuffersOutstanding);
        Assert.Equal(0, Relay.PortsLent);
        Assert.Equal(0, LinesOfCustomer + LinesOf("carrier-a") + LinesOf("carrier-b") + LinesOf("carrier-c") + LinesOfPhone(NumberOne) + LinesOfPhone(NumberTwo));
        Assert.Equal(0, Ledger.OpenCalls);
        Assert.All(Ledger.Accounts, static a => Assert.Equal(0, a.ReservedNanos));
        Assert.Equal(Instant.Never, Shard.NextDeadline);
        Assert.Equal(Cdrs.Count, Cdrs.Select(static c => c.Call).Distinct().Count());
    }

    public string Log() => string.Join("\n", Sent.Select(m => $"{(m.At - Sent[0].At).TotalMilliseconds,8:0} {m}"));

    void ISipSender.Send(int listener, in NetAddress to, ReadOnlySpan<byte> message)
    {
        if (!Listening) return;
        long before = GC.GetAllocatedBytesForCurrentThread();
        if (!message.ContainsAnyExcept((byte)'\r', (byte)'\n') || !message.Contains((byte)'\n'))
        {
            RawSent.Add((to, Now, Encoding.UTF8.GetString(message)));
            _allocatedBySending += GC.GetAllocatedBytesForCurrentThread() - before;
            return;
        }
        var sent = new WireMessage(to, Now, message, listener);
        Sent.Add(sent);
        if (!_waiting.TryGetValue(to, out Queue<WireMessage>? queue)) _waiting.Add(to, queue = new Queue<WireMessage>());
        queue.Enqueue(sent);
        _allocatedBySending += GC.GetAllocatedBytesForCurrentThread() - before;
    }

    bool ISipSender.IsConnected(int listener, in NetAddress to) => Connections.Contains((listener, to));

    void ISipSender.Expect(in NetAddress at, string serverName) => Expected[at] = serverName;

    private void Measure(Action work)
    {
        long foreign = _allocatedBySending + Journal.Allocated;
        long before = GC.GetAllocatedBytesForCurrentThread();
        work();
        Allocated += GC.GetAllocatedBytesForCurrentThread() - before - (_allocatedBySending + Journal.Allocated - foreign);
    }

    private SwitchTables Compile() => TableCompiler.Compile(Configuration, ++_revision, Rates, number => Ledger.TryFindAccount(number, out LedgerAccount? account) ? account.Id : AccountId.None, _states);

    private RateTable Rates(string version)
    {
        if (_rates.TryGetValue(version, out RateTable? table)) return table;
        if (MoreDecks.TryGetValue(version, out Deck? more)) return _rates[version] = new RateTable(more, Now);
        Rate[] rates = version == "retail"
            ? [RateOf("44", "United Kingdom", 0.60m, 0.02m, 6, 6), RateOf("1", "United States", 0.12m, 0, 1, 1), RateOf("33", "France", 0, 0, 1, 1), RateOf("49", "Germany", 1, 0, 1, 1, locked: true)]
            : [RateOf("44", "UK", 0.30m, 0, 1, 1), RateOf("1", "USA", 0.03m, 0, 60, 60)];
        Assert.True(Deck.TryCreate(version, Currency.Usd, rates, out Deck? deck, out string? error), error);
        return _rates[version] = new RateTable(deck);
    }

    private static Rate RateOf(string prefix, string area, decimal rate, decimal fee, int first, int next, bool locked = false) =>
        new(DialString.Parse(prefix), area, new Tariff(Nanos(rate), Nanos(fee), first, next, Currency.Usd), locked);
}
