using Tandem.Primitives;
using Tandem.Sip.Digest;

namespace Tandem.Tests.Sip.Digest;

public sealed class NonceUsesTests
{
    private static readonly Instant Noon = new(1_700_000_000_000_000);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly NonceUses _uses = new(3);

    [Fact]
    public void A_count_is_good_once_and_the_next_is_good()
    {
        Assert.True(Use(1, 1));
        Assert.False(Use(1, 1));
        Assert.True(Use(1, 2));
        Assert.False(Use(1, 2));
        Assert.False(Use(1, 1));
    }

    [Fact]
    public void Counts_that_overtook_each_other_are_good_once_each()
    {
        foreach (uint count in (uint[])[5, 2, 4, 70, 7]) Assert.True(Use(1, count), count.ToString());
        foreach (uint count in (uint[])[5, 2, 4, 70, 7]) Assert.False(Use(1, count), count.ToString());
        Assert.False(Use(1, 6)); // 64 behind: nothing is known of it any more
    }

    [Fact]
    public void The_first_use_must_come_in_time_and_later_ones_need_not()
    {
        Assert.False(_uses.TryUse(1, Noon, 1, Patience, Noon + TimeSpan.FromSeconds(11)));
        Assert.True(_uses.TryUse(2, Noon, 1, Patience, Noon + TimeSpan.FromSeconds(10)));
        Assert.True(_uses.TryUse(2, Noon, 2, Patience, Noon + TimeSpan.FromSeconds(200)));
    }

    [Fact]
    public void Without_a_count_a_nonce_is_good_once()
    {
        Assert.True(Use(1, 0));
        Assert.False(Use(1, 0));
        Assert.False(Use(1, 1));
        Assert.True(Use(2, 1));
        Assert.False(Use(2, 0));
    }

    [Fact]
    public void A_nonce_that_was_pushed_out_is_good_no_more_nor_is_any_as_old_that_was_never_used()
    {
        for (ulong id = 1; id <= 4; id++) Assert.True(_uses.TryUse(id, Noon + TimeSpan.FromMilliseconds(id), 1, Patience, Noon + TimeSpan.FromSeconds(1)));
        Assert.Equal(3, _uses.Count);
        Assert.False(_uses.TryUse(1, Noon + TimeSpan.FromMilliseconds(1), 1, Patience, Noon + TimeSpan.FromSeconds(1)));
        Assert.False(_uses.TryUse(1, Noon + TimeSpan.FromMilliseconds(1), 2, Patience, Noon + TimeSpan.FromSeconds(1)));
        Assert.False(_uses.TryUse(9, Noon, 1, Patience, Noon + TimeSpan.FromSeconds(1)));
        Assert.True(_uses.TryUse(2, Noon + TimeSpan.FromMilliseconds(2), 2, Patience, Noon + TimeSpan.FromSeconds(1))); // still held
    }

    private bool Use(ulong id, uint count) => _uses.TryUse(id, Noon, count, Patience, Noon);
}
