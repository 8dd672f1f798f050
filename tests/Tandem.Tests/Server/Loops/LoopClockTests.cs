using Tandem.Primitives;
using Tandem.Server.Loops;

namespace Tandem.Tests.Server.Loops;

public sealed class LoopClockTests
{
    [Fact]
    public void It_starts_at_the_wall_clock_and_never_runs_backwards()
    {
        Instant before = Instant.FromUtc(DateTime.UtcNow);
        LoopClock clock = new();
        Instant last = clock.Now();
        Assert.InRange(last - before, TimeSpan.FromMilliseconds(-1), TimeSpan.FromSeconds(5));
        for (int i = 0; i < 10_000; i++)
        {
            Instant now = clock.Now();
            Assert.True(now >= last);
            last = now;
        }
    }
}
