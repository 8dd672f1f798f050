using Tandem.Media.Streams;

namespace Tandem.Media.Tones;

/// <summary>Plays sounds one after the other, once: the words of an announcement. The last packet is filled with silence.</summary>
/// <param name="sounds">8 kHz each; they are shared, not copied.</param>
public sealed class ChainedSource(IReadOnlyList<ReadOnlyMemory<short>> sounds) : IAudioSource
{
    private int _sound;
    private int _at;

    /// <summary>Samples of all.</summary>
    public int Length { get; } = sounds.Sum(static s => s.Length);

    public bool Read(Span<short> samples)
    {
        bool any = false;
        while (!samples.IsEmpty && _sound < sounds.Count)
        {
            ReadOnlySpan<short> rest = sounds[_sound].Span[_at..];
            int take = Math.Min(rest.Length, samples.Length);
            rest[..take].CopyTo(samples);
            samples = samples[take..];
            any |= take > 0;
            _at += take;
            if (take < rest.Length) continue;
            (_sound, _at) = (_sound + 1, 0);
        }
        if (any) samples.Clear();
        return any;
    }
}
