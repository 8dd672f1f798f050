namespace Tandem.Media.Tones;

/// <summary>How much of one frequency is in the samples, by Goertzel's algorithm: tells whether a tone came through.</summary>
public static class ToneMeter
{
    private const double OverloadDbm0 = 3.14;

    /// <summary>The level of a sine of that frequency in dBm0 (as <see cref="ToneGenerator"/>), -infinity for nothing.</summary>
    /// <remarks>Neighbouring frequencies nearer than sample rate / samples are not told apart.</remarks>
    public static double LevelDbm0(ReadOnlySpan<short> samples, double hertz, int sampleRate = 8_000)
    {
        if (samples.IsEmpty) return double.NegativeInfinity;
        double step = Math.Tau * hertz / sampleRate;
        double coefficient = 2 * Math.Cos(step), before = 0, last = 0;
        foreach (short sample in samples) (before, last) = (last, sample + (coefficient * last) - before);
        double power = Math.Max((last * last) + (before * before) - (coefficient * last * before), 0);
        double amplitude = 2 * Math.Sqrt(power) / samples.Length;
        return (20 * Math.Log10(amplitude / short.MaxValue)) + OverloadDbm0;
    }
}
