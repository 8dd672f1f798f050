namespace Tandem.Switching.Routing;

/// <summary>What became of a gateway that has a prefix of the called number. Numbers stand in decision logs: they are for ever.</summary>
public enum RouteVerdict : byte
{
    /// <summary>It may be tried.</summary>
    Eligible = 0,

    /// <summary>The operator locked it.</summary>
    Locked = 1,

    /// <summary>It is in none of the groups the caller may use, or in one it may not.</summary>
    GroupNotAllowed = 2,

    /// <summary>All its lines are in use.</summary>
    LinesFull = 3,

    /// <summary>A gateway with a longer prefix ends the search there.</summary>
    ShadowedByLongerPrefix = 4,

    /// <summary>No listener of the switch has its transport and IP version; found when it is tried.</summary>
    NoListener = 5,

    /// <summary>It answered a call with Retry-After and is left alone so long.</summary>
    Resting = 6,

    /// <summary>It does not answer OPTIONS.</summary>
    Down = 7,

    /// <summary>Its host name does not resolve.</summary>
    NameUnresolved = 10,

    /// <summary>The switch is not registered there.</summary>
    NotRegistered = 11,

    /// <summary>It has lines beside our calls, but published that it uses them for calls of its own.</summary>
    PublishedFull = 12,

    /// <summary>40 to 52: what its number limits do not permit (docs/numbers.md).</summary>
    CallerPrefix = 40,
    CalleePrefix = 41,
    CallerLength = 42,
    CalleeLength = 43,
    CallerGroup = 44,
    CalleeGroup = 45,
    CalleeKind = 46,
    CallerBlackListed = 47,
    CalleeBlackListed = 48,
    CallerMalicious = 49,
    CallerConcurrent = 50,
    CalleeNoAnswer = 51,
    CallerPoolUsedUp = 52,
}

/// <summary>A gateway considered for a call.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="PrefixLength">Length of its longest prefix that matched.</param>
/// <param name="Verdict">Eligible, or why not.</param>
public readonly record struct Candidate(RoutingGateway Gateway, byte PrefixLength, RouteVerdict Verdict);

/// <summary>The order of candidates: the eligible first, then longer prefix, priority, load, history, id.</summary>
internal readonly record struct CandidateRank(bool Lost, byte PrefixLength, int Priority, double Load, long History, int Id)
{
    public bool Before(in CandidateRank other)
    {
        if (Lost != other.Lost) return !Lost;
        if (PrefixLength != other.PrefixLength) return PrefixLength > other.PrefixLength;
        if (Priority != other.Priority) return Priority < other.Priority;
        if (Load != other.Load) return Load < other.Load;
        if (History != other.History) return History < other.History;
        return Id < other.Id;
    }
}

/// <summary>
/// The outcome of one route selection, reused from call to call by its owner: at most <see cref="Capacity"/> candidates. When more
/// match, the best are kept - eligible before losers - and <see cref="LeftOut"/> counts the rest.
/// </summary>
public sealed class CandidateList
{
    public const int Capacity = 64;

    private readonly Candidate[] _candidates = new Candidate[Capacity];
    private readonly CandidateRank[] _ranks = new CandidateRank[Capacity];
    private int[] _seen = []; // gateway id -> the selection that saw it last
    private int _selection;

    public int Count { get; private set; }

    /// <summary>The first so many are eligible, in the order they should be tried.</summary>
    public int EligibleCount { get; private set; }

    /// <summary>Matching gateways for which there was no room.</summary>
    public int LeftOut { get; private set; }

    public ref readonly Candidate this[int index] => ref All[index];

    public ReadOnlySpan<Candidate> All => _candidates.AsSpan(0, Count);

    public ReadOnlySpan<Candidate> Eligible => _candidates.AsSpan(0, EligibleCount);

    internal void Clear() => Count = EligibleCount = LeftOut = 0;

    internal void Begin(int gateways)
    {
        Clear();
        if (_seen.Length < gateways || _selection == int.MaxValue)
        {
            _seen = new int[gateways];
            _selection = 0;
        }
        _selection++;
    }

    /// <summary>True the first time a gateway is asked about in this selection.</summary>
    internal bool FirstSight(int id)
    {
        if (_seen[id] == _selection) return false;
        _seen[id] = _selection;
        return true;
    }

    internal void Add(in Candidate candidate, in CandidateRank rank)
    {
        int at = Count;
        while (at > 0 && rank.Before(_ranks[at - 1])) at--;
        bool eligible = candidate.Verdict == RouteVerdict.Eligible;
        if (Count == Capacity)
        {
            LeftOut++;
            if (at == Capacity) return;
            if (_candidates[^1].Verdict == RouteVerdict.Eligible) EligibleCount--;
            Count--;
        }
        for (int i = Count; i > at; i--)
        {
            _candidates[i] = _candidates[i - 1];
            _ranks[i] = _ranks[i - 1];
        }
        _candidates[at] = candidate;
        _ranks[at] = rank;
        Count++;
        if (eligible) EligibleCount++;
    }
}
