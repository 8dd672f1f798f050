using System.Runtime.Intrinsics;

namespace Tandem.Media.Dtmf;

/// <summary>
/// Hears keys in speech at 8 kHz: Goertzel's algorithm at the eight frequencies of ITU-T Q.23, all eight at once, over blocks of 102 samples (12.75 ms).
/// A key begins with two blocks that agree and ends with two that do not; so 40 ms of tone are heard and 20 ms are not (ITU-T Q.24).
/// </summary>
/// <remarks>
/// Speech has two such frequencies for a moment, but not nearly all of its energy in them, at like strength, without a neighbour, for 25 ms: these are the
/// four conditions of <see cref="Judge"/>.
/// </remarks>
public sealed class DtmfDetector
{
    private const int Block = 102;

    // Two sines of this level each are heard, dBm0.
    private const double LeastDbm0 = -38;

    private const double OverloadDbm0 = 3.14;

    // The high tone may be 4 dB above the low one or 8 dB below it (ITU-T Q.24, table A-1).
    private const float HighOverLow = 2.51f, LowOverHigh = 6.31f;

    // Every other frequency of a group is 8 dB weaker.
    private const float Peak = 6.31f;

    // Of all energy in the block the two hold 82 %.
    private const float Share = 0.82f;

    private static readonly Vector256<float> Coefficients = Vector256.Create([.. DtmfKeys.Frequencies.ToArray().Select(static hertz => (float)(2 * Math.Cos(Math.Tau * hertz / 8_000)))]);

    private static readonly float Least = (float)Math.Pow(short.MaxValue * Math.Pow(10, (LeastDbm0 - OverloadDbm0) / 20) * Block / 2, 2);

    private Vector256<float> _last;
    private Vector256<float> _before;
    private float _energy;
    private int _filled;
    private char _hit;

    /// <summary>The key that is being heard; NUL: none.</summary>
    public char Key { get; private set; }

    /// <summary>Neither a key nor a block that may be the beginning of one.</summary>
    public bool IsCalm => _hit == '\0' && Key == '\0';

    /// <summary>Listens on.</summary>
    public void Feed(ReadOnlySpan<short> samples)
    {
        Vector256<float> last = _last, before = _before;
        foreach (short sample in samples)
        {
            Vector256<float> next = Vector256.Create((float)sample) + (Coefficients * last) - before;
            before = last;
            last = next;
            _energy += (float)sample * sample;
            if (++_filled < Block) continue;
            EndBlock(Judge((last * last) + (before * before) - (Coefficients * last * before), _energy));
            last = before = Vector256<float>.Zero;
            _energy = 0;
            _filled = 0;
        }
        _last = last;
        _before = before;
    }

    /// <summary>Forgets what was heard: another stream begins.</summary>
    public void Reset()
    {
        _last = _before = Vector256<float>.Zero;
        _energy = 0;
        _filled = 0;
        _hit = Key = '\0';
    }

    private void EndBlock(char hit)
    {
        // One block that does not fit, a lost packet or a click, does not end a key; one that does begins none.
        if (hit != Key && _hit != Key) Key = hit == _hit ? hit : '\0';
        _hit = hit;
    }

    private static char Judge(Vector256<float> power, float energy)
    {
        int low = Strongest(power, 0), high = Strongest(power, 4);
        float lowPower = power[low], highPower = power[high];
        if (lowPower < Least || highPower < Least) return '\0';
        if (highPower > lowPower * HighOverLow || lowPower > highPower * LowOverHigh) return '\0';
        for (int i = 0; i < 8; i++)
        {
            if (i != low && i != high && power[i] * Peak > (i < 4 ? lowPower : highPower)) return '\0';
        }
        return lowPower + highPower < Share * energy * Block / 2 ? '\0' : DtmfKeys.OfTone(low, high - 4);
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
}
