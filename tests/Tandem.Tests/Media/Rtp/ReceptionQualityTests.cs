using Tandem.Media.Rtp;
using Tandem.Primitives;

namespace Tandem.Tests.Media.Rtp;

public sealed class ReceptionQualityTests
{
    private static readonly Instant Start = new(1_700_000_000_000_000);

    [Fact]
    public void A_perfect_stream_has_no_loss_and_no_jitter()
    {
        ReceptionQuality quality = Receive(Enumerable.Range(0, 1_000));
        Assert.Equal((1_000, 1_000, 0, TimeSpan.Zero), (quality.Expected, quality.Received, quality.Lost, quality.Jitter));
    }

    [Fact]
    public void Lost_packets_are_counted_across_the_wrap_of_the_sequence() =>
        Assert.Equal(10, Receive(Enumerable.Range(64_999, 1_000).Where(static i => i % 100 != 0)).Lost);

    [Fact]
    public void A_late_packet_is_not_lost() => Assert.Equal(0, Receive([0, 1, 3, 2, 4]).Lost);

    [Fact]
    public void A_duplicate_does_not_make_loss_negative()
    {
        ReceptionQuality quality = Receive([0, 1, 1, 2]);
        Assert.Equal((3, 4, 0), (quality.Expected, quality.Received, quality.Lost));
    }

    [Fact]
    public void A_lone_stray_sequence_number_is_not_believed() => Assert.Equal((4, 4), Counts(Receive([0, 1, 40_000, 2, 3])));

    [Fact]
    public void Two_in_a_row_are_a_restart_and_no_loss() => Assert.Equal((0, 5), (Receive([0, 1, 40_000, 40_001, 40_002, 40_003]).Lost, (int)Receive([0, 1, 40_000, 40_001, 40_002, 40_003]).Received));

    [Fact]
    public void A_new_source_starts_anew_and_keeps_the_sum()
    {
        ReceptionQuality quality = default;
        foreach (int i in new[] { 0, 1, 3 }) quality.On((ushort)i, 0, ssrc: 1, 8_000, Start);
        foreach (int i in new[] { 50_000, 50_001, 50_005 }) quality.On((ushort)i, 0, ssrc: 2, 8_000, Start);
        Assert.Equal((10, 6, 4), (quality.Expected, quality.Received, quality.Lost));
    }

    [Fact]
    public void Alternating_delay_of_8_ms_converges_to_8_ms_of_jitter()
    {
        ReceptionQuality quality = default;
        for (int i = 0; i < 500; i++)
        {
            quality.On((ushort)i, (uint)(i * 160), 1, 8_000, Start + TimeSpan.FromMilliseconds((i * 20) + (i % 2 * 8)));
        }
        Assert.InRange(quality.Jitter.TotalMilliseconds, 7.7, 8.1);
    }

    [Fact]
    public void Without_a_known_clock_there_is_no_jitter()
    {
        ReceptionQuality quality = default;
        for (int i = 0; i < 50; i++) quality.On((ushort)i, (uint)(i * 160), 1, clockRate: 0, Start + TimeSpan.FromMilliseconds(i * i));
        Assert.Equal((50, TimeSpan.Zero), (quality.Received, quality.Jitter));
    }

    [Fact]
    public void A_jump_of_the_timeline_is_not_jitter()
    {
        ReceptionQuality quality = default;
        for (int i = 0; i < 100; i++) quality.On((ushort)i, (uint)((i * 160) + (i >= 50 ? 1_000_000_000 : 0)), 1, 8_000, Start + TimeSpan.FromMilliseconds(i * 20));
        Assert.Equal(TimeSpan.Zero, quality.Jitter);
    }

    private static (int Expected, int Received) Counts(in ReceptionQuality quality) => ((int)quality.Expected, (int)quality.Received);

    private static ReceptionQuality Receive(IEnumerable<int> sequence)
    {
        ReceptionQuality quality = default;
        foreach (int i in sequence) quality.On((ushort)i, (uint)(i * 160), 1, 8_000, Start + TimeSpan.FromMilliseconds(i * 20));
        return quality;
    }
}
