using Tandem.Primitives;
using Tandem.Primitives.Bounded;

namespace Tandem.Tests.Primitives.Bounded;

public sealed class RateSketchTests
{
    private static readonly Instant Noon = new(1_700_000_000_000_000);

    private readonly RateSketch _sketch = new(16);

    [Fact]
    public void A_rested_bucket_holds_the_burst_and_then_the_rate()
    {
        Assert.Equal(20, Taken(1, 100, Noon));
        Assert.Equal(0, Taken(1, 100, Noon + TimeSpan.FromMilliseconds(99)));
        Assert.Equal(1, Taken(1, 100, Noon + TimeSpan.FromMilliseconds(100)));
        Assert.Equal(20, Taken(1, 100, Noon + TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Other_buckets_are_not_touched()
    {
        Taken(1, 1000, Noon);
        Assert.Equal(20, Taken(2, 1000, Noon));
    }

    [Fact]
    public void Refusals_cost_nothing_so_a_flood_ends_when_it_ends()
    {
        Taken(1, 1_000_000, Noon);
        Assert.Equal(20, Taken(1, 100, Noon + TimeSpan.FromSeconds(2)));
    }

    private int Taken(ulong key, int tries, Instant now)
    {
        int taken = 0;
        for (int i = 0; i < tries; i++)
        {
            if (_sketch.TryTake(key, perSecond: 10, burstSeconds: 2, now)) taken++;
        }
        return taken;
    }
}
