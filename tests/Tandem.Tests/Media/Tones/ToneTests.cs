using Tandem.Media.Codecs;
using Tandem.Media.Tones;

namespace Tandem.Tests.Media.Tones;

public sealed class ToneTests
{
    [Theory]
    [InlineData(425, -10)]
    [InlineData(1_004, 0)]
    [InlineData(3_000, -30)]
    public void A_tone_has_its_frequency_and_level(double hertz, double level)
    {
        short[] samples = new short[8_000];
        new ToneGenerator(hertz, levelDbm0: level).Fill(samples);
        Assert.Equal(level, ToneMeter.LevelDbm0(samples, hertz), 0.05);
        Assert.InRange(ToneMeter.LevelDbm0(samples, hertz + 150), double.NegativeInfinity, level - 30);
    }

    [Fact]
    public void Two_tones_are_both_there_after_A_law()
    {
        short[] samples = new short[8_000];
        byte[] codes = new byte[8_000];
        new ToneGenerator(350, 440, -13).Fill(samples);
        G711.EncodeALaw(samples, codes);
        G711.DecodeALaw(codes, samples);
        Assert.Equal(-13, ToneMeter.LevelDbm0(samples, 350), 0.2);
        Assert.Equal(-13, ToneMeter.LevelDbm0(samples, 440), 0.2);
    }

    [Fact]
    public void Cut_into_packets_the_tone_goes_on_without_a_break()
    {
        short[] whole = new short[1_600], cut = new short[1_600];
        new ToneGenerator(425, 1_000).Fill(whole);
        ToneGenerator generator = new(425, 1_000);
        for (int at = 0; at < cut.Length; at += 160) generator.Fill(cut.AsSpan(at, 160));
        Assert.Equal(whole, cut);
    }

    [Fact]
    public void A_tone_too_loud_is_clipped_and_does_not_wrap()
    {
        short[] loud = new short[8_000], quiet = new short[8_000];
        new ToneGenerator(500, 700, 10).Fill(loud);
        new ToneGenerator(500, 700, -10).Fill(quiet);
        Assert.Equal(short.MaxValue, loud.Max());
        for (int i = 0; i < loud.Length; i++) Assert.True(quiet[i] == 0 || Math.Sign(loud[i]) == Math.Sign(quiet[i]));
    }

    [Fact]
    public void Nothing_has_no_level() => Assert.Equal(double.NegativeInfinity, ToneMeter.LevelDbm0(new short[800], 425));
}
