using Tandem.Primitives;

namespace Tandem.Switching.Routing.Quality;

/// <summary>The quality of one gateway and of its destinations: a bounded table, without a lock. Kept with the gateway's state from revision to revision, not over a restart.</summary>
public sealed class GatewayQuality
{
    /// <summary>Destinations of one gateway that are kept; when it is full, an idle one gives way, else only the gateway as a whole is counted.</summary>
    public const int MaxDestinations = 256;

    private const int Probes = 8; // how far a destination may stand from its place

    private readonly QualityTrack?[] _slots = new QualityTrack?[MaxDestinations];
    private readonly QualityShape _shape;
    private int _leftOut;

    public GatewayQuality(QualityShape shape)
    {
        _shape = shape;
        Total = new QualityTrack("", new QualityWindow(shape.AnswerLength, shape.Buckets), new QualityWindow(shape.TalkLength, shape.Buckets));
    }

    public QualityShape Shape => _shape;

    public QualityTrack Total { get; }

    /// <summary>Outcomes whose destination had no room.</summary>
    public int LeftOut => Volatile.Read(ref _leftOut);

    public IEnumerable<QualityTrack> Destinations => _slots.OfType<QualityTrack>();

    public QualityTrack? Find(string destination)
    {
        int at = PlaceOf(destination);
        for (int i = 0; i < Probes; i++)
        {
            if (Volatile.Read(ref _slots[(at + i) % MaxDestinations]) is { } track && track.Destination == destination) return track;
        }
        return null;
    }

    /// <summary>The track of a destination, made when it is new; null: there is no room.</summary>
    public QualityTrack? Of(string destination, Instant now)
    {
        if (destination.Length == 0) return null;
        if (Find(destination) is { } known) return known;
        int at = PlaceOf(destination);
        for (int i = 0; i < Probes; i++)
        {
            ref QualityTrack? slot = ref _slots[(at + i) % MaxDestinations];
            QualityTrack? there = Volatile.Read(ref slot);
            if (there is not null && !(there.State == BreakerState.Healthy && there.Answers.IsIdle(now))) continue;
            var window = new QualityWindow(_shape.AnswerLength, _shape.Buckets);
            var made = new QualityTrack(destination, window, window);
            if (Interlocked.CompareExchange(ref slot, made, there) == there) return made;
        }
        Interlocked.Increment(ref _leftOut);
        return null;
    }

    private static int PlaceOf(string destination)
    {
        uint hash = 2166136261;
        foreach (char c in destination) hash = (hash ^ c) * 16777619;
        return (int)(hash % MaxDestinations);
    }
}

/// <summary>How long the windows are, and in how many buckets: SS_GATEWAY_ASR_RESERVE_TIME, SS_GATEWAY_ACD_RESERVE_TIME, SS_GATEWAY_ASR_RESERVE_SEPARATE. Another shape begins anew.</summary>
public readonly record struct QualityShape(TimeSpan AnswerLength, TimeSpan TalkLength, int Buckets);
