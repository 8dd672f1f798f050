using Tandem.Media.Streams;

namespace Tandem.Media.Tones;

/// <summary>Plays samples once, or so many times: an announcement out of a WAV file. The last packet is filled with silence.</summary>
/// <param name="samples">8 kHz.</param>
/// <param name="times">How often; at least once.</param>
public sealed class SampleSource(ReadOnlyMemory<short> samples, int times = 1) : IAudioSource
{
    private int _at;
    private int _left = times;

    public bool Read(Span<short> room)
    {
        if (_left <= 0 || samples.IsEmpty) return false;
        while (!room.IsEmpty && _left > 0)
        {
            ReadOnlySpan<short> rest = samples.Span[_at..];
            int take = Math.Min(rest.Length, room.Length);
            rest[..take].CopyTo(room);
            room = room[take..];
            _at += take;
            if (_at < samples.Length) continue;
            _at = 0;
            _left--;
        }
        room.Clear();
        return true;
    }
}
