using Tandem.Media.Streams;

namespace Tandem.Media.Tones;

/// <summary>Plays samples once, or so many times: an announcement out of a WAV file. The last packet is filled with silence.</summary>
/// <param name="sound">8 kHz.</param>
/// <param name="times">How often; at least once.</param>
public sealed class SampleSource(ReadOnlyMemory<short> sound, int times = 1) : IAudioSource
{
    private int _at;
    private int _left = times;

    public bool Read(Span<short> samples)
    {
        if (_left <= 0 || sound.IsEmpty) return false;
        while (!samples.IsEmpty && _left > 0)
        {
            ReadOnlySpan<short> rest = sound.Span[_at..];
            int take = Math.Min(rest.Length, samples.Length);
            rest[..take].CopyTo(samples);
            samples = samples[take..];
            _at += take;
            if (_at < sound.Length) continue;
            _at = 0;
            _left--;
        }
        samples.Clear();
        return true;
    }
}
