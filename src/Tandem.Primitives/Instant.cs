namespace Tandem.Primitives;

/// <summary>
/// A point on the switch's one timeline: microseconds since 1970-01-01T00:00:00Z, anchored to the wall clock at start and
/// advanced by the monotonic clock, so it never runs backwards. Lengths of time are <see cref="TimeSpan"/>.
/// </summary>
public readonly record struct Instant(long Micros) : IComparable<Instant>
{
    /// <summary>Later than every deadline: "never".</summary>
    public static readonly Instant Never = new(long.MaxValue);

    public static Instant FromUtc(DateTime utc) => new((utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    public DateTime ToUtc() => new(DateTime.UnixEpoch.Ticks + (Micros * TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);

    public static Instant operator +(Instant at, TimeSpan length) => new(at.Micros + (length.Ticks / TimeSpan.TicksPerMicrosecond));

    public static Instant operator -(Instant at, TimeSpan length) => new(at.Micros - (length.Ticks / TimeSpan.TicksPerMicrosecond));

    public static TimeSpan operator -(Instant later, Instant earlier) => TimeSpan.FromMicroseconds(later.Micros - earlier.Micros);

    public static bool operator <(Instant a, Instant b) => a.Micros < b.Micros;

    public static bool operator >(Instant a, Instant b) => a.Micros > b.Micros;

    public static bool operator <=(Instant a, Instant b) => a.Micros <= b.Micros;

    public static bool operator >=(Instant a, Instant b) => a.Micros >= b.Micros;

    public static Instant Min(Instant a, Instant b) => a.Micros < b.Micros ? a : b;

    public static Instant Max(Instant a, Instant b) => a.Micros > b.Micros ? a : b;

    public int CompareTo(Instant other) => Micros.CompareTo(other.Micros);

    public override string ToString() => this == Never ? "never" : ToUtc().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
}
