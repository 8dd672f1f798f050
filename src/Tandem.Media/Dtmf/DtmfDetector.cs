using System.Runtime.Intrinsics;

namespace Tandem.Media.Dtmf;

/// <summary>
/// Hears keys in speech at 8 kHz: Goertzel's algorithm at the eight frequencies of ITU-T Q.23, all eight at once, over windows of 102 samples (12.75 ms)
/// that overlap by half. Three windows that agree begin a key, four that do not end it; so 40 ms of tone are heard and 20 ms are not (ITU-T Q.24).
/// </summary>
/// <remarks>
/// Speech has two such frequencies for a moment, but not nearly all of its energy in them (<see cref="Share"/>), at like strength, without a neighbour
/// (<see cref="Peak"/>), and steady over three windows (<see cref="Steady"/>).
/// </remarks>
public sealed class DtmfDetector
{
    private const int Window = 102, Hop = 51;
    private const int ToBegin = 3, ToEnd = 4;

    // Two sines of this level each are heard, dBm0.
    private const double LeastDbm0 = -38;

    private const double OverloadDbm0 = 3.14;

    // The high tone may be 4 dB above the low one or 8 dB below it (ITU-T Q.24, table A-1).
    private const float HighOverLow = 2.51f, LowOverHigh = 6.31f;

    // Every other frequency of a group is 8 dB weaker.
    private const float Peak = 6.31f;

    // Of all energy in the window the two hold 82 %.
    private const float Share = 0.82f;

    // From one window to the next neither changes by more than 3 dB.
    private const float Steady = 2;

    private static readonly Vector256<float> Coefficients = Vector256.Create([.. DtmfKeys.Frequencies.ToArray().Select(static hertz => (float)(2 * Math.Cos(Math.Tau * hertz / 8_000)))]);

    private static readonly float Least = (float)Math.Pow(short.MaxValue * Math.Pow(10, (LeastDbm0 - OverloadDbm0) / 20) * Window / 2, 2);

    private Filters _older;
    private Filters _newer;
    private int _filled;
    private char _hit;
    private float _lowPower;
    private float _highPower;
    private int _hits;
    private int _misses;

    /// <summary>The key that is being heard; NUL: none.</summary>
    public char Key { get; private set; }

    /// <summary>Neither a key nor a window that may be the beginning of one.</summary>
    public bool IsCalm => _hit == '\0' && Key == '\0';

    /// <summary>Listens on.</summary>
    public void Feed(ReadOnlySpan<short> samples)
    {
        while (!samples.IsEmpty)
        {
            int take = Math.Min(samples.Length, Hop - _filled);
            Filters older = _older, newer = _newer;
            foreach (short sample in samples[..take])
            {
                older.Add(sample);
                newer.Add(sample);
            }
            (_older, _newer) = (older, newer);
            samples = samples[take..];
            _filled += take;
            if (_filled < Hop) continue;
            EndWindow(_older.Power, _older.Energy);
            (_older, _newer, _filled) = (_newer, default, 0);
        }
    }

    /// <summary>Forgets what was heard: another stream begins.</summary>
    public void Reset()
    {
        _older = _newer = default;
        _filled = _hits = _misses = 0;
        _hit = Key = '\0';
    }

    private void EndWindow(Vector256<float> power, float energy)
    {
        char hit = Judge(power, energy, out float low, out float high);
        bool goesOn = hit != '\0' && hit == _hit && IsSteady(low, _lowPower) && IsSteady(high, _highPower);
        _hits = hit == '\0' ? 0 : goesOn ? _hits + 1 : 1;
        (_hit, _lowPower, _highPower) = (hit, low, high);
        _misses = hit == Key ? 0 : _misses + 1;
        if (_hits >= ToBegin) Key = hit;
        else if (_misses >= ToEnd) Key = '\0'; // a lost packet or a click does not end a key
    }

    private static bool IsSteady(float power, float before) => power < before * Steady && before < power * Steady;

    private static char Judge(Vector256<float> power, float energy, out float lowPower, out float highPower)
    {
        int low = Strongest(power, 0), high = Strongest(power, 4);
        (lowPower, highPower) = (power[low], power[high]);
        if (lowPower < Least || highPower < Least) return '\0';
        if (highPower > lowPower * HighOverLow || lowPower > highPower * LowOverHigh) return '\0';
        for (int i = 0; i < 8; i++)
        {
            if (i != low && i != high && power[i] * Peak > (i < 4 ? lowPower : highPower)) return '\0';
        }
        return lowPower + highPower < Share * energy * Window / 2 ? '\0' : DtmfKeys.OfTone(low, high - 4);
    }

    private static int Strongest(Vector256<float> power, int first)
    {
        int strongest = first;
        for (int i = first + 1; i < first + 4; i++)
        {
            if (power[i] > power[strongest]) strongest = i;
        }
        return strongest;
    }

    private struct Filters
    {
        private Vector256<float> _last;
        private Vector256<float> _before;

        public float Energy;

        public readonly Vector256<float> Power => (_last * _last) + (_before * _before) - (Coefficients * _last * _before);

        public void Add(short sample)
        {
            Vector256<float> next = Vector256.Create((float)sample) + (Coefficients * _last) - _before;
            _before = _last;
            _last = next;
            Energy += (float)sample * sample;
        }
    }
}
