namespace Tandem.Media.Tones;

/// <summary>
/// A sine or the sum of two, sample by sample; the phase goes on from one <see cref="Fill"/> to the next, so a tone may be cut
/// into packets. Levels are in dBm0: a sine at the overload point of A-law is +3.14 dBm0 (ITU-T G.711 §7), each of two at -10 is usual.
/// </summary>
public sealed class ToneGenerator
{
    private const double OverloadDbm0 = 3.14;

    private readonly double _firstStep;
    private readonly double _secondStep;
    private readonly double _amplitude;
    private double _firstPhase;
    private double _secondPhase;

    /// <param name="hertz">Of the first sine, below half the sample rate.</param>
    /// <param name="secondHertz">Of the second; zero for one sine.</param>
    /// <param name="levelDbm0">Of each sine.</param>
    /// <param name="sampleRate">Samples per second.</param>
    public ToneGenerator(double hertz, double secondHertz = 0, double levelDbm0 = -10, int sampleRate = 8_000)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(hertz, sampleRate / 2.0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(secondHertz, sampleRate / 2.0);
        _firstStep = Math.Tau * hertz / sampleRate;
        _secondStep = Math.Tau * secondHertz / sampleRate;
        _amplitude = short.MaxValue * Math.Pow(10, (levelDbm0 - OverloadDbm0) / 20);
    }

    /// <summary>The next samples; a sum beyond 16 bits is clipped.</summary>
    public void Fill(Span<short> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            double sum = Math.Sin(_firstPhase) + (_secondStep == 0 ? 0 : Math.Sin(_secondPhase));
            samples[i] = (short)Math.Clamp(Math.Round(sum * _amplitude), short.MinValue, short.MaxValue);
            _firstPhase = (_firstPhase + _firstStep) % Math.Tau;
            _secondPhase = (_secondPhase + _secondStep) % Math.Tau;
        }
    }
}
