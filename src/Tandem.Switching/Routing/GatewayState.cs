using System.Collections.Immutable;
using Tandem.Primitives;
using Tandem.Switching.Probing;
using Tandem.Switching.Registrations;

namespace Tandem.Switching.Routing;

/// <summary>
/// What is alive of a gateway or phone: the lines in use, whether it answers OPTIONS, until when it is left alone. It outlives revisions of the tables; every shard counts on it, with
/// interlocked operations and no lock.
/// </summary>
public sealed class GatewayState
{
    private int _currentCalls;
    private long _history;
    private long _restsUntil;
    private long _probeSince;
    private int _probe;
    private volatile ResolvedName? _name;
    private volatile TrunkStatus? _trunk;
    private Publication? _published;
    private long _heard;
    private long _silentSince;
    private volatile ImmutableDictionary<string, ResolvedName> _sources = ImmutableDictionary<string, ResolvedName>.Empty;

    private Selection.CallPace _pace;
    private volatile Quality.GatewayQuality? _quality;

    /// <summary>What its calls came to; null: not counted.</summary>
    public Quality.GatewayQuality? Quality => _quality;

    /// <summary>Begins to count, goes on in the same shape, or forgets. By the thread that compiles.</summary>
    public void Count(Quality.QualityShape? shape)
    {
        if (_quality?.Shape != shape) _quality = shape is { } windows ? new Quality.GatewayQuality(windows) : null;
    }

    /// <summary>An attempt more would be within the limit of this second.</summary>
    public bool HasPace(int limit, Instant now) => _pace.HasRoom(limit, now);

    /// <summary>Counts an attempt in this second; false: it has its share.</summary>
    public bool TryTakePace(int limit, Instant now) => _pace.TryTake(limit, now);

    public int CurrentCalls => Volatile.Read(ref _currentCalls);

    /// <summary>Lines taken since the start.</summary>
    public long History => Volatile.Read(ref _history);

    /// <summary>What OPTIONS tell of it.</summary>
    public ProbeState Probe => (ProbeState)Volatile.Read(ref _probe);

    /// <summary>Since when: of a gateway that is suspect or down, the first probe it did not answer.</summary>
    public Instant ProbeSince => new(Volatile.Read(ref _probeSince));

    /// <summary>It answered with Retry-After and is not tried before this.</summary>
    public Instant RestsUntil => new(Volatile.Read(ref _restsUntil));

    /// <summary>Which of its addresses is asked next; by the prober alone.</summary>
    internal uint ProbeTurn { get; set; }

    /// <summary>Of a routing gateway: the numbers its calls are shown by.</summary>
    public Numbers.CallerPoolState Pool { get; } = new();

    /// <summary>By the prober alone.</summary>
    public void Note(ProbeState probe, Instant since)
    {
        Volatile.Write(ref _probeSince, since.Micros);
        Volatile.Write(ref _probe, (int)probe);
    }

    /// <summary>It is not probed (any more): nothing is known of it.</summary>
    public void Forget()
    {
        if (Probe != ProbeState.Unknown) Note(ProbeState.Unknown, default);
    }

    /// <summary>No call before then; a rest under way is only ever made longer.</summary>
    public void Rest(Instant until)
    {
        long now = Volatile.Read(ref _restsUntil);
        while (until.Micros > now)
        {
            long seen = Interlocked.CompareExchange(ref _restsUntil, until.Micros, now);
            if (seen == now) return;
            now = seen;
        }
    }

    /// <summary>Of a phone with livenessCheck: its last sign of life; the zero instant: none in this life of the switch.</summary>
    public Instant Heard => new(Volatile.Read(ref _heard));

    /// <summary>When it was asked the question that it did not answer last.</summary>
    public Instant SilentSince => new(Volatile.Read(ref _silentSince));

    /// <summary>It was asked, did not answer, and has given no sign of life since.</summary>
    public bool IsSilent => SilentSince != default && SilentSince >= Heard;

    /// <summary>By whichever shard hears it.</summary>
    public void NoteLife(Instant now) => Volatile.Write(ref _heard, now.Micros);

    /// <summary>A question was not answered. The first of several counts.</summary>
    public void NoteSilence(Instant asked)
    {
        if (!IsSilent) Volatile.Write(ref _silentSince, asked.Micros);
    }

    /// <summary>What it published last of its calls elsewhere; null: nothing, or it took it back. Its time may be over.</summary>
    public Publication? Published => Volatile.Read(ref _published);

    /// <summary>False: <paramref name="held"/> is no longer what was published last, and nothing was changed.</summary>
    public bool TryPublish(Publication? held, Publication? next) => ReferenceEquals(Interlocked.CompareExchange(ref _published, next, held), held);

    /// <summary>Calls it carries elsewhere, as far as its word still holds.</summary>
    public int PublishedAt(Instant now) => Published is { } published && published.Until > now ? published.Calls : 0;

    /// <summary>Our registration there; null while there is none. Written by the first shard, read by all.</summary>
    public TrunkStatus? Trunk
    {
        get => _trunk;
        set => _trunk = value;
    }

    /// <summary>Where a host name led last; null while nobody looked. Written by the resolver, read by every shard.</summary>
    public ResolvedName? Name
    {
        get => _name;
        set => _name = value;
    }

    /// <summary>
    /// Where each host name a mapping gateway calls from led last; what the tables know of it is what this was when they were compiled.
    /// </summary>
    public ImmutableDictionary<string, ResolvedName> Sources
    {
        get => _sources;
        set => _sources = value;
    }

    /// <summary>Whether <see cref="TryTakeLine"/> would find one free now.</summary>
    public bool HasLine(int capacity, int published = 0) => capacity == 0 || CurrentCalls + published < capacity;

    /// <summary>
    /// Takes one line; false when all are in use, by our calls or by those <paramref name="published"/>. A capacity of 0 is no limit, one below 0 no line. Lowering the capacity ends no call.
    /// </summary>
    public bool TryTakeLine(int capacity, int published = 0)
    {
        int now = Volatile.Read(ref _currentCalls);
        while (true)
        {
            if (capacity != 0 && now + published >= capacity) return false;
            int seen = Interlocked.CompareExchange(ref _currentCalls, now + 1, now);
            if (seen == now) break;
            now = seen;
        }
        Interlocked.Increment(ref _history);
        return true;
    }

    /// <summary>Gives back a line taken before; once for each.</summary>
    public void ReleaseLine()
    {
        int left = Interlocked.Decrement(ref _currentCalls);
        if (left < 0) throw new InvalidOperationException("A line was given back that was never taken.");
    }
}
