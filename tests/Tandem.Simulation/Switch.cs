using Tandem.Primitives;
using Tandem.Simulation.Books;
using Tandem.Simulation.Peers;
using Tandem.Sip.Locating;
using Tandem.Sip.Transactions;
using Tandem.Sip.Transports;
using Tandem.Switching.Admission;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Configuration;
using Tandem.Switching.Registrations;
using Tandem.Switching.Numbers;
using Tandem.Switching.Routing;

namespace Tandem.Simulation;

/// <summary>One life of the switch, from a start to the next crash: real shards, ledger desk, ledger and tables; what is around them is virtual.</summary>
internal sealed class Switch : ISipSender
{
    private readonly World _world;
    private readonly Shard[] _shards;
    private readonly GatewayStates _states = new();
    private readonly LocationBook _locations = new();
    private readonly BlockBook _blocks = new();
    private long _guesserSent;
    private long _guesserHeard;
    private readonly List<(int Listener, NetAddress To, byte[] Bytes)> _outbox = [];
    private readonly TableBook _book;
    private readonly NumberWorld _numbers = new();

    /// <param name="world">Around it.</param>
    /// <param name="entropy">Of this life.</param>
    /// <param name="journal">Outlives it.</param>
    /// <param name="recovered">The ledger folded from the journal; null at the very first start.</param>
    public Switch(World world, EntropySource entropy, MemoryJournal journal, Ledger? recovered)
    {
        _world = world;
        Relay = new PortRelay(world, world.Plan.MediaLeases);
        Ledger ledger = recovered ?? new Ledger(journal);
        (SwitchConfiguration configuration, int revision) = world.ConfigurationFor(ledger);
        _book = new TableBook(Compile(configuration, revision, ledger));
        HopChoice[] hops = [.. new[] { 2, 0 }.Select(static (carrier, place) => (carrier, place)).Select(h => new HopChoice(new Hop(Operator.CarrierAddress(h.carrier), world.IsReliable(11 + h.carrier) ? SipTransport.Tcp : SipTransport.Udp), h.place, h.place, 0))];
        _states.Routing("r2").Name = new ResolvedName(new SipTarget(Operator.CarrierName), new HopSet([.. hops]), "", world.Now, world.Now, Instant.Never, false);
        _shards = new Shard[world.Plan.Shards];
        for (int i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new Shard(new ShardOptions(i, world.Plan.MaxCalls, [new SipListener(World.SwitchAddress), new SipListener(World.SwitchAddress, SipTransport.Tcp)]), this, Relay, _book, _locations, _blocks, entropy);
        }
        foreach (Shard shard in _shards) (shard.World, shard.LrnAsker) = (_numbers, new LrnServer(world, _shards));
        Desk = new LedgerDesk(ledger, [.. _shards.Select(static s => s.Replies)]);
        Desk.Obey(_book);
        // Shard 0 shares the desk's loop; to the others it is another thread's.
        for (int i = 0; i < _shards.Length; i++) _shards[i].Connect(Desk, i == 0 ? null : static () => { });
    }

    public LedgerDesk Desk { get; }

    public PortRelay Relay { get; }

    public LocationBook Locations => _locations;

    public GatewayStates States => _states;

    public IReadOnlyList<Shard> Shards => _shards;

    public int OpenCalls => _shards.Sum(static s => s.OpenCalls);

    public Instant NextDeadline => _shards.Select(static s => s.NextDeadline).Aggregate(Instant.Never, Instant.Min);

    public void Receive(int listener, in NetAddress from, byte[] bytes)
    {
        byte[] slab = new byte[bytes.Length + 8];
        Shard shard = _shards[_world.ShardOf(bytes)];
        if (from == Guesser.Address) _guesserSent += bytes.Length;
        int kept = shard.Transactions.OpenServers + shard.BuffersOutstanding;
        bytes.CopyTo(slab, 4); // a view that strays beyond its message meets zeros, not a neighbour that happens to fit
        shard.Receive(listener, from, slab, 4, bytes.Length, _world.Now);
        Array.Fill(slab, (byte)0xEE); // and one that is kept meets this
        if (from != Guesser.Address) return;
        if (shard.Transactions.OpenServers + shard.BuffersOutstanding != kept) _world.Fail("something is kept of a stranger's request");
        if (_blocks.Addresses > 1 && _world.Plan.Network.Corrupt == 0) _world.Fail($"wrong passwords of {_blocks.Addresses} addresses are counted, and one guesses");
    }

    public void Decide(bool deskStalled)
    {
        for (int rounds = 0; ; rounds++)
        {
            if (rounds > 10_000) _world.Fail("a turn does not end");
            bool any = false;
            foreach (Shard shard in _shards) any |= shard.Turn(_world.Now);
            if (!deskStalled) any |= Desk.Turn(_world.Now);
            if (!any) return;
        }
    }

    /// <summary>True when a shard has an answer to work on.</summary>
    public bool ReleaseReplies()
    {
        Desk.ReleaseReplies();
        return _shards.Any(static s => !s.Replies.IsEmpty);
    }

    public void Send(int listener, in NetAddress to, ReadOnlySpan<byte> message)
    {
        _outbox.Add((listener, to, message.ToArray()));
        if (to != Guesser.Address) return;
        _guesserHeard += message.Length;
        if (_guesserHeard > 3 * _guesserSent) _world.Fail($"a stranger who sent {_guesserSent} bytes was answered with {_guesserHeard}");
    }

    /// <summary>Peers of TCP keep their connections for ever.</summary>
    public bool IsConnected(int listener, in NetAddress to) => listener == World.Tcp;

    /// <summary>The connection to a peer broke; what was sent may have arrived.</summary>
    public void Break(in NetAddress peer)
    {
        foreach (Shard shard in _shards) shard.OnTransportError(World.Tcp, peer, wasOpen: true, _world.Now);
    }

    public List<(int Listener, NetAddress To, byte[] Bytes)> TakeOutbox()
    {
        List<(int, NetAddress, byte[])> leaving = [.. _outbox];
        _outbox.Clear();
        return leaving;
    }

    public void Publish(SwitchConfiguration configuration, int revision) => _book.Publish(Compile(configuration, revision, Desk.Ledger));

    // What is dated in decks comes into force at its time, as the switch's clock puts it there.
    private SwitchTables Compile(SwitchConfiguration configuration, int revision, Ledger ledger)
    {
        Instant now = _world.Now;
        SwitchTables tables = TableCompiler.Compile(configuration, revision, version => _world.RatesOf(version, now), number => ledger.TryFindAccount(number, out LedgerAccount? account) ? account.Id : AccountId.None, _states, now);
        if (tables.ChangesAt != Instant.Never) _world.At(tables.ChangesAt, () =>
        {
            if (_book.Current == tables) _book.Publish(Compile(configuration, revision, ledger));
        });
        return tables;
    }
}
