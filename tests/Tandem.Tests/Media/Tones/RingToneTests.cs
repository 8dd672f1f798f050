using Tandem.Media.Streams;
using Tandem.Media.Tones;

namespace Tandem.Tests.Media.Tones;

public sealed class RingToneTests
{
    [Fact]
    public void The_British_tone_is_two_sines_twice_and_a_pause()
    {
        short[] heard = Play(RingTone.Of("gb")!, 6_000);
        Assert.InRange(ToneMeter.LevelDbm0(heard.AsSpan(0, 3_200), 400), -14, -12);
        Assert.InRange(ToneMeter.LevelDbm0(heard.AsSpan(0, 3_200), 450), -14, -12);
        Assert.All(heard[3_200..4_800], static s => Assert.Equal(0, s));
        Assert.InRange(ToneMeter.LevelDbm0(heard.AsSpan(4_800, 3_200), 400), -14, -12);
        Assert.All(heard[8_000..24_000], static s => Assert.Equal(0, s));
        Assert.InRange(ToneMeter.LevelDbm0(heard.AsSpan(24_000, 3_200), 450), -14, -12); // from the top again
    }

    [Fact]
    public void Every_country_has_a_tone_that_is_on_and_off()
    {
        Assert.Equal(RingTone.All.Count, RingTone.All.Select(static t => t.Country).Distinct().Count());
        foreach (RingTone tone in RingTone.All)
        {
            Assert.Equal(0, tone.Cadence.Length % 2);
            short[] heard = Play(tone, tone.Cadence.Sum());
            Assert.InRange(heard.Count(static s => s != 0) / 8.0, tone.Cadence.Where(static (_, i) => i % 2 == 0).Sum() * 0.85, tone.Cadence.Where(static (_, i) => i % 2 == 0).Sum());
            Assert.Same(tone, RingTone.Of(tone.Country));
        }
        Assert.Null(RingTone.Of("xx"));
    }

    [Fact]
    public void Samples_are_played_as_often_as_said_the_last_packet_filled_with_silence()
    {
        SampleSource source = new(new short[] { 1, 2, 3 }, times: 2);
        short[] room = new short[4];
        Assert.True(source.Read(room));
        Assert.Equal([1, 2, 3, 1], room);
        Assert.True(source.Read(room));
        Assert.Equal([2, 3, 0, 0], room);
        Assert.False(source.Read(room));
    }

    private static short[] Play(RingTone tone, int millis)
    {
        IAudioSource source = tone.Play();
        short[] heard = new short[8 * millis];
        for (int at = 0; at < heard.Length; at += 160) Assert.True(source.Read(heard.AsSpan(at, Math.Min(160, heard.Length - at))));
        return heard;
    }
}
