using System.Globalization;
using System.Security.Cryptography;
using Tandem.Primitives;
using Tandem.Primitives.Bytes;
using Tandem.Simulation.Books;
using Tandem.Simulation.Peers;
using Tandem.Sip.Messages;
using Tandem.Switching.Billing;
using Tandem.Switching.Calls;
using Tandem.Switching.Cdrs;
using Tandem.Switching.Configuration;

namespace Tandem.Simulation;

/// <summary>What a run came to.</summary>
internal sealed record Outcome(ulong Seed, string? Broken, string Hash, string Figures)
{
    /// <summary>How each CDR ended, for seeing what runs meet at all.</summary>
    public required IReadOnlyList<string> Endings { get; init; }

    public bool Held => Broken is null;
}

/// <summary>
/// The whole switch and everybody around it in virtual time. One thread, one clock that jumps to the next event, every draw from
/// the seed: the same seed gives the same run, byte for byte.
/// </summary>
internal sealed partial class World
{
    public static readonly NetAddress SwitchAddress = NetAddress.Parse("203.0.113.5:5060");

    /// <summary>The switch's listener for TCP; 0 is UDP's.</summary>
    public const int Tcp = 1;

    private static readonly Instant Begin = Instant.FromUtc(new DateTime(2026, 3, 1, 9, 0, 0, DateTimeKind.Utc));
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan LongestRun = TimeSpan.FromHours(6);

    private readonly PriorityQueue<Action, (long Micros, long Sequence)> _events = new();
    private readonly SeededEntropy _chance;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Operator _operator;
    private readonly SeededEntropy _breaks;
    private readonly List<Peer> _peers = [];
    private readonly List<(NetAddress From, byte[] Bytes)> _arrived = [];
    private readonly KeyedHash _spread;
    private long _sequence;
    private long _sent;
    private Switch _switch = null!;
    private int _downtime;
    private Instant _deskStalledUntil;
    private Instant _nextHeartbeat = Instant.Never;

    public World(WorldPlan plan, TextWriter? story = null)
    {
        Plan = plan;
        Story = new Story(story);
        Now = Begin;
        Story.Begin(Now);
        _chance = new SeededEntropy(plan.Seed ^ 0x5eed_0f_a11);
        _operator = new Operator(Child(), IsReliable, new SeededEntropy(Plan.Seed ^ 0xdec5));
        _breaks = new SeededEntropy(plan.Seed ^ 0x7c9);
        Network = new VirtualNetwork(this, plan.Network, Child());
        _spread = new KeyedHash(_chance.NextUInt64());
        Journal = new MemoryJournal(this);
    }

    public WorldPlan Plan { get; }

    public Story Story { get; }

    public Instant Now { get; private set; }

    public VirtualNetwork Network { get; }

    public MemoryJournal Journal { get; }

    public Ledger Ledger => _switch.Desk.Ledger;

    /// <summary>No new calls and registrations any more.</summary>
    public bool Closing { get; private set; }

    public int CrashesSoFar { get; private set; }

    /// <summary>By revision number.</summary>
    public Dictionary<int, RevisionTerms> Revisions { get; } = [];

    /// <summary>By a revision so far a call's media may have gone from end to end.</summary>
    public bool MayBeDirect { get; private set; }

    /// <summary>When the ledger's loop lagged behind the calls'.</summary>
    public List<(Instant From, Instant To)> LedgerStalls { get; } = [];

    /// <summary>Every call a peer ever made, with what the peer knows of it.</summary>
    public List<CallMemory> CallsMade { get; } = [];

    /// <summary>Numbers that were asked for by REFER or stand in an INVITE with Replaces: the calls to them are the switch's own.</summary>
    public HashSet<string> TransferTargets { get; } = [];

    /// <summary>The switch called of its own, too.</summary>
    public bool CallbacksMade { get; private set; }

    /// <summary>Numbers of phones that transferred a call made to them, or whose place in one was asked for.</summary>
    public HashSet<string> CalleesReplaced { get; } = [];

    /// <summary>Every INVITE a called peer ever took.</summary>
    public List<InvitationMemory> Invitations { get; } = [];

    /// <summary>Every answer a called peer ever gave.</summary>
    public List<AnswerMemory> AnswersGiven { get; } = [];

    /// <summary>When the media of either end of a call falls silent; never, for most.</summary>
    public Dictionary<CallId, (Instant Caller, Instant Callee)> MediaEnds { get; } = [];

    public SeededEntropy Child() => new(_chance.NextUInt64());

    public void At(Instant at, Action what) => _events.Enqueue(what, (Math.Max(at.Micros, Now.Micros), _sequence++));

    public void In(TimeSpan delay, Action what) => At(Now + delay, what);

    public void Fail(string what)
    {
        Story.Tell($"BROKEN {what}");
        throw new BrokenInvariantException(what);
    }

    /// <summary>How long a call may go on of which an end has no session timer (SS_SIP_NO_TIMER_REINVITE_INTERVAL).</summary>
    public static TimeSpan LongestUnwatched => TimeSpan.FromSeconds(7_200);

    public static Outcome Run(ulong seed, TextWriter? story = null, PlantedBug planted = PlantedBug.None)
    {
        World world = new(WorldPlan.Draw(seed, planted), story);
        string? broken = null;
        try
        {
            world.Run();
        }
        catch (BrokenInvariantException failure)
        {
            broken = $"at {(world.Now - Begin).TotalSeconds:0.000000} s: {failure.Message}";
        }
#pragma warning disable CA1031 // an exception out of the switch is a finding like any other
        catch (Exception fault)
#pragma warning restore CA1031
        {
            broken = $"at {(world.Now - Begin).TotalSeconds:0.000000} s: an exception came out of the switch: {fault}";
        }
        string hash = Convert.ToHexStringLower(world._hash.GetHashAndReset());
        return new Outcome(seed, broken, hash, world.Figures()) { Endings = [.. world.Journal.Books.Cdrs.Select(world.Ending), .. world.CallsMade.Where(static c => c.Replaces).Select(Answered)] };
    }

    private static string Answered(CallMemory newcomer) => newcomer.Established is not null ? "place taken by Replaces" : $"Replaces refused with {newcomer.FailedWith}";

    private string Ending(Cdr cdr) =>
        $"{(TransferTargets.Contains(cdr.CalleeAccessE164) ? "transfer " : Agreement.IsForward(cdr) ? "forward " : "")}{(cdr.WasAnswered ? "answered" : "unanswered")}, {cdr.EndDirection} {(cdr.Refusal == Refusal.None ? cdr.EndReason.ToString(CultureInfo.InvariantCulture) : cdr.Refusal.ToString())}";

    private string Figures() => string.Create(CultureInfo.InvariantCulture,
        $"{CallsMade.Count} calls, {Journal.Books.Cdrs.Count} CDRs, {Journal.Books.Cdrs.Count(static c => c.WasAnswered)} answered, {Journal.Books.Extensions} extensions, {_sent} messages sent, {Network.Lost} lost, {CrashesSoFar} crashes, {(Now - Begin).TotalSeconds:0} s");

    private void Run()
    {
        Story.Tell($"seed {Plan.Seed}: {Plan}");
        _switch = new Switch(this, Child(), Journal, recovered: null);
        OpenForBusiness();
        Network.Attach(SwitchAddress, "switch", (from, bytes) => _arrived.Add((from, bytes)));
        PeoplePlaces();
        ScheduleActs();
        In(Plan.Arrivals + Plan.Patience, Close);
        Pump();
        AtRest();
    }

    private void Pump()
    {
        Instant? closedAt = null;
        while (true)
        {
            Instant next = NextEvent();
            if (next == Instant.Never) return;
            if (next > Now) Now = next;
            Story.Now = Now;
            if (Closing && closedAt is null) closedAt = Now;
            // Peers may say BYE for calls long dead; the switch itself must have let go of every call by then.
            if (closedAt is { } since && Now - since > LongestRest && _downtime == 0 && _switch.OpenCalls > 0) Fail($"the switch does not come to rest: {_switch.OpenCalls} calls, next deadline {_switch.NextDeadline}");
            if (Now - Begin > LongestRun) Fail("the run does not end");
            while (_events.TryPeek(out _, out (long Micros, long Sequence) key) && key.Micros <= Now.Micros) _events.Dequeue()();
            if (_downtime > 0)
            {
                _arrived.Clear(); // nobody listens
                continue;
            }
            Turn();
            if (_downtime == 0) Journal.Books.Compare(Ledger);
        }
    }

    private Instant NextEvent()
    {
        Instant next = _events.TryPeek(out _, out (long Micros, long Sequence) key) ? new Instant(key.Micros) : Instant.Never;
        if (_downtime > 0) return next;
        next = Instant.Min(next, _switch.NextDeadline);
        if (_deskStalledUntil > Now) next = Instant.Min(next, _deskStalledUntil);
        // The ledger's loop comes round at least this often while calls are open, to say that time goes on.
        if (Ledger.OpenCalls > 0) next = Instant.Min(next, Instant.Min(_nextHeartbeat, Now + TimeSpan.FromSeconds(1)));
        return next;
    }

    /// <summary>One turn in the server's order: datagrams; decisions of shards and ledger until none is left; the journal; then the messages leave.</summary>
    private void Turn()
    {
        _nextHeartbeat = Now + TimeSpan.FromSeconds(1);
        foreach ((NetAddress from, byte[] bytes) in _arrived) _switch.Receive(_peers.Exists(p => p.Address == from && p.IsReliable) ? Tcp : 0, from, bytes);
        _arrived.Clear();
        bool again;
        do
        {
            _switch.Decide(deskStalled: _deskStalledUntil > Now);
            if (TakeCrash(CrashMoment.BeforeTheJournal)) return;
            Journal.WriteOut();
            again = _switch.ReleaseReplies();
        }
        while (again);
        if (TakeCrash(CrashMoment.BeforeTheMessages)) return;
        foreach ((int listener, NetAddress to, byte[] bytes) in _switch.TakeOutbox())
        {
            if (TakeCrash(CrashMoment.AmongTheMessages)) return;
            Leave(listener, to, bytes);
        }
    }

    /// <summary>Whether the peer of this id speaks TCP.</summary>
    public bool IsReliable(int peer) => (Plan.ReliablePeers >> peer & 1) != 0;

    private void Leave(int listener, NetAddress to, byte[] bytes)
    {
        if (Plan.Planted == PlantedBug.LegShown && _sent == 40) bytes = [.. bytes[..^2], .. "X-From: ~099~\r\n\r\n"u8];
        _sent++;
        Span<byte> head = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(head, Now.Micros);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(head[8..], ((long)to.V4Bits << 16) | (uint)to.Port);
        _hash.AppendData(head);
        _hash.AppendData(bytes);
        Watch.Message(this, to, bytes);
        if (listener == Tcp && bytes.AsSpan().StartsWith("INVITE "u8) && _breaks.Below(20) == 0)
        {
            // The connection breaks over it; what was under way on it before still arrives.
            Story.Message("switch", Network.NameOf(to), bytes, "  (connection broke)");
            NetAddress peer = to;
            In(TimeSpan.FromMilliseconds(1 + _breaks.Below(50)), () =>
            {
                if (_downtime == 0) _switch.Break(peer);
            });
            return;
        }
        Network.Send(SwitchAddress, to, bytes, listener == Tcp);
    }

    internal int ShardOf(ReadOnlySpan<byte> datagram) => OwnCallId.ShardOf(CallIdScan.Find(datagram), Plan.Shards, _spread);
}
