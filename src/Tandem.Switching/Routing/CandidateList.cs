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

    /// <summary>60 to 72: what docs/selection.md tells. A period of it does not take one of the numbers.</summary>
    PeriodClosed = 60,

    /// <summary>denyCallerCallee names the pair of numbers, or permits other pairs only.</summary>
    PairDenied = 61,

    /// <summary>A group of it has every line in use.</summary>
    GroupFull = 62,

    /// <summary>A group of it has fewer free lines than this gateway leaves to others.</summary>
    GroupReserved = 63,

    /// <summary>It got its calls of this second.</summary>
    PaceReached = 64,

    /// <summary>Its clearing account has no rate for the number, and it is to be used only where there is one.</summary>
    NoCostRate = 65,

    /// <summary>Its clearing account has not enough money.</summary>
    ClearingMoney = 66,

    /// <summary>The call would bring in less than is asked.</summary>
    ProfitTooLow = 67,

    /// <summary>It costs more a second than is permitted.</summary>
    CostTooHigh = 68,

    /// <summary>Profit or price is asked for, and its cost is not known in the payer's currency.</summary>
    CostUnknown = 69,

    /// <summary>It is of the protect route, and the time for that is over.</summary>
    ProtectTooLate = 70,
}

/// <summary>A gateway considered for a call.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="PrefixLength">Length of its longest prefix that matched.</param>
/// <param name="Verdict">Eligible, or why not.</param>
/// <param name="CostPerMinute">What its carrier charges, nanos of the payer's currency a minute; below 0: not known, or not asked for.</param>
/// <param name="AnswerRate">Answer rate the order was made by, thousandths; below 0: not asked for.</param>
/// <param name="Samples">Of so many attempts.</param>
/// <param name="Behind">Its quality was too low: it stands behind the others.</param>
public readonly record struct Candidate(RoutingGateway Gateway, byte PrefixLength, RouteVerdict Verdict, long CostPerMinute = -1, int AnswerRate = -1, int Samples = 0, bool Behind = false);

/// <summary>
/// The outcome of one route selection, reused from call to call by its owner: at most <see cref="Capacity"/> candidates. When more
/// match, the best are kept - eligible before losers - and <see cref="LeftOut"/> counts the rest.
/// </summary>
public sealed class CandidateList
{
    public const int Capacity = 64;

    private readonly Candidate[] _candidates = new Candidate[Capacity];
    private readonly UInt128[] _keys = new UInt128[Capacity]; // sorted
    private readonly int[] _order = new int[Capacity]; // beside the keys: which of _matches
    private Match[] _matches = new Match[Capacity];
    private int _matchCount;
    private int[] _seen = []; // gateway id -> the selection that saw it last
    private int _selection;
    private long[] _costs = [];

    public int Count { get; private set; }

    /// <summary>The first so many are eligible, in the order they should be tried.</summary>
    public int EligibleCount { get; private set; }

    /// <summary>Matching gateways for which there was no room.</summary>
    public int LeftOut => _matchCount - Count;

    public ref readonly Candidate this[int index] => ref All[index];

    public ReadOnlySpan<Candidate> All => _candidates.AsSpan(0, Count);

    public ReadOnlySpan<Candidate> Eligible => _candidates.AsSpan(0, EligibleCount);

    /// <summary>Room for what each deck asks for the number under way; grows once.</summary>
    internal Span<long> CostsFor(int decks)
    {
        if (_costs.Length < decks) _costs = new long[decks];
        return _costs.AsSpan(0, decks);
    }

    internal void Clear() => Count = EligibleCount = _matchCount = 0;

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

    /// <summary>Every gateway that matched, in no order yet.</summary>
    internal Span<Match> Matches => _matches.AsSpan(0, _matchCount);

    internal void Add(in Match match)
    {
        if (_matchCount == _matches.Length) Array.Resize(ref _matches, _matches.Length * 2);
        _matches[_matchCount++] = match;
    }

    /// <summary>Puts one of the matches where its key belongs; of more than fit the last gives way.</summary>
    internal void Rank(int match, UInt128 key)
    {
        if (Count == Capacity && key >= _keys[Capacity - 1]) return;
        int at = Count, low = 0;
        while (low < at)
        {
            int middle = (low + at) >> 1;
            if (_keys[middle] <= key) low = middle + 1;
            else at = middle;
        }
        int moved = Math.Min(Count, Capacity - 1) - at;
        Array.Copy(_keys, at, _keys, at + 1, moved);
        Array.Copy(_order, at, _order, at + 1, moved);
        (_keys[at], _order[at]) = (key, match);
        if (Count < Capacity) Count++;
    }

    /// <summary>All are ranked: they stand in their order.</summary>
    internal void End()
    {
        for (int i = 0; i < Count; i++)
        {
            _candidates[i] = _matches[_order[i]].Candidate;
            if (_candidates[i].Verdict == RouteVerdict.Eligible) EligibleCount++;
        }
    }

    /// <summary>A gateway that matched and what its rank is made of.</summary>
    internal struct Match
    {
        public Candidate Candidate;
        public int Id, Calls, Capacity, Priority;
        public long History;
    }
}
