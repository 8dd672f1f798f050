using Tandem.Media.Codecs;
using Tandem.Media.Dtmf;
using Tandem.Media.Tones;
using Tandem.Primitives;

namespace Tandem.Tests.Media.Dtmf;

public sealed class DtmfDetectorTests
{
    private const string Keys = "0123456789*#ABCD";

    [Fact]
    public void Every_key_of_40_ms_is_heard_once_whatever_the_level_and_where_its_blocks_begin()
    {
        foreach (double level in (double[])[-3, -10, -20, -30, -35])
        {
            for (int offset = 0; offset < 102; offset += 17) Assert.Equal(Keys, Heard([.. Silence(offset), .. Keys.SelectMany(k => (short[])[.. Tone(k, 40, level), .. Silence(320)])]));
        }
    }

    [Fact]
    public void A_key_twice_with_50_ms_between_is_two_keys() => Assert.Equal("55", Heard([.. Tone('5', 60, -10), .. Silence(400), .. Tone('5', 60, -10), .. Silence(400)]));

    [Fact]
    public void Twenty_ms_are_no_key() => Assert.Equal("", Heard([.. Silence(50), .. Tone('5', 20, -10), .. Silence(400)]));

    [Fact]
    public void A_key_with_a_hole_of_5_ms_is_one_key() => Assert.Equal("7", Heard([.. Tone('7', 60, -10), .. Silence(40), .. Tone('7', 60, -10), .. Silence(400)]));

    [Theory]
    [InlineData(1.015)]
    [InlineData(0.985)]
    public void Frequencies_one_and_a_half_percent_off_are_heard(double factor) =>
        Assert.Equal("8", Heard([.. Sines([(852 * factor, -10), (1336 * factor, -10)], 800), .. Silence(400)]));

    [Theory]
    [InlineData(1.035)]
    [InlineData(0.965)]
    public void Frequencies_three_and_a_half_percent_off_are_not(double factor) =>
        Assert.Equal("", Heard([.. Sines([(852 * factor, -10), (1336 * factor, -10)], 800), .. Silence(400)]));

    [Fact]
    public void The_low_tone_may_be_7_dB_above_the_high_one_but_not_12()
    {
        Assert.Equal("8", Heard([.. Sines([(852, -10), (1336, -17)], 800), .. Silence(400)]));
        Assert.Equal("", Heard([.. Sines([(852, -10), (1336, -22)], 800), .. Silence(400)]));
    }

    [Fact]
    public void Dial_ring_and_busy_tones_are_no_keys()
    {
        foreach ((double a, double b) in ((double, double)[])[(350, 440), (440, 480), (480, 620), (425, 425), (450, 450), (400, 450), (950, 1400), (2100, 2100), (1100, 1100)])
        {
            Assert.Equal("", Heard(Sines([(a, -10), (b, -10)], 8_000)));
        }
    }

    [Fact]
    public void Keys_are_heard_through_G711_and_noise_20_dB_below()
    {
        SeededEntropy chance = new(7);
        short[] audio = [.. Keys.SelectMany(k => (short[])[.. Tone(k, 60, -12), .. Silence(400)])];
        for (int i = 0; i < audio.Length; i++) audio[i] = (short)Math.Clamp(audio[i] + (chance.Below(1_600) - 800), short.MinValue, short.MaxValue);
        byte[] codes = new byte[audio.Length];
        G711.EncodeMuLaw(audio, codes);
        G711.DecodeMuLaw(codes, audio);
        Assert.Equal(Keys, Heard(audio));
    }

    // Voiced sound: harmonics of a gliding pitch under two moving formants, in syllables, with breath between. Five minutes of it, by many voices; formants are resonances of 90 and 120 Hz.
    [Fact]
    public void Five_minutes_of_speech_like_sound_are_no_keys()
    {
        SeededEntropy chance = new(20);
        int wrong = 0;
        for (int voice = 0; voice < 30; voice++)
        {
            foreach (char _ in Heard(Babble(chance, 80_000))) wrong++;
        }
        Assert.Equal(0, wrong);
    }

    private static short[] Babble(SeededEntropy chance, int samples)
    {
        short[] audio = new short[samples];
        double pitch = 80 + chance.Below(180), glide = 0, first = 500, second = 1_500, phase = 0;
        double firstTo = first, secondTo = second;
        int left = 0;
        bool voiced = true;
        for (int i = 0; i < samples; i++)
        {
            if (left-- == 0)
            {
                left = 400 + chance.Below(2_400);
                voiced = chance.Below(5) > 0;
                (firstTo, secondTo) = (250 + chance.Below(700), 900 + chance.Below(1_500));
                glide = (chance.Below(200) - 100) / 100_000.0;
            }
            first += (firstTo - first) / 600;
            second += (secondTo - second) / 600;
            pitch = Math.Clamp(pitch * (1 + (glide / 100)), 70, 300);
            phase += pitch / 8_000;
            double sum = (chance.Below(200) - 100) / (voiced ? 4_000.0 : 800.0);
            for (int h = 1; voiced && h * pitch < 3_600; h++)
            {
                double hertz = h * pitch;
                double gain = (1 / Math.Sqrt(1 + Math.Pow((hertz - first) / 45, 2))) + (0.6 / Math.Sqrt(1 + Math.Pow((hertz - second) / 60, 2)));
                sum += gain * Math.Sin(Math.Tau * h * phase);
            }
            audio[i] = (short)Math.Clamp(sum * 6_000, short.MinValue, short.MaxValue);
        }
        return audio;
    }

    private static string Heard(short[] audio)
    {
        DtmfDetector detector = new();
        string heard = "";
        char last = '\0';
        for (int at = 0; at < audio.Length; at += 160)
        {
            detector.Feed(audio.AsSpan(at, Math.Min(160, audio.Length - at)));
            if (detector.Key != '\0' && detector.Key != last) heard += detector.Key;
            last = detector.Key;
        }
        return heard;
    }

    private static short[] Silence(int samples) => new short[samples];

    private static short[] Tone(char key, int millis, double level)
    {
        (double low, double high) = DtmfKeys.TonesOf(key);
        return Sines([(low, level), (high, level)], millis * 8);
    }

    private static short[] Sines((double Hertz, double Level)[] sines, int samples)
    {
        short[] sum = new short[samples], one = new short[samples];
        foreach ((double hertz, double level) in sines)
        {
            new ToneGenerator(hertz, levelDbm0: level).Fill(one);
            for (int i = 0; i < samples; i++) sum[i] = (short)Math.Clamp(sum[i] + one[i], short.MinValue, short.MaxValue);
        }
        return sum;
    }
}
