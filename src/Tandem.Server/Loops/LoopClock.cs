using System.Diagnostics;
using Tandem.Primitives;

namespace Tandem.Server.Loops;

/// <summary>
/// The server's one timeline: the wall clock at start, advanced by the monotonic clock. It never runs backwards and does not
/// follow a step of the wall clock (NTP slews both alike). Any thread may read it; all loops share one.
/// </summary>
public sealed class LoopClock
{
    private readonly long _startMicros = Instant.FromUtc(DateTime.UtcNow).Micros;
    private readonly long _startTicks = Stopwatch.GetTimestamp();

    public Instant Now() => new(_startMicros + (Stopwatch.GetElapsedTime(_startTicks).Ticks / TimeSpan.TicksPerMicrosecond));
}
