using System.Collections.Immutable;
using Tandem.Media.Wav;
using Tandem.Server.Storage;
using Tandem.Switching.Audio;
using Tandem.Switching.Configuration;

namespace Tandem.Server.Hosting;

/// <summary>The sounds of the configured audios, read from the folder <c>audio</c> whenever those change (docs/prompts.md).</summary>
internal sealed class PromptShelf(string dataFolder, Action<PromptBook> take, Action<string> say)
{
    private const int LongestSeconds = 60;

    private readonly string _folder = Path.Combine(dataFolder, AudioStore.Folder);
    private readonly Lock _lock = new();
    private ImmutableSortedDictionary<string, IvrAudioConfig> _read = ImmutableSortedDictionary<string, IvrAudioConfig>.Empty;

    /// <summary>Reads what is configured now, on another thread than the asking one; at the end the newest is taken.</summary>
    public Task Follow(ImmutableSortedDictionary<string, IvrAudioConfig> audios) => ReferenceEquals(audios, Volatile.Read(ref _read)) ? Task.CompletedTask : Task.Run(() =>
    {
        lock (_lock)
        {
            Volatile.Write(ref _read, audios);
            Dictionary<(string, string), short[]> sounds = [];
            foreach (IvrAudioConfig audio in audios.Values.Where(static a => a.Content.Length > 0))
            {
                if (!sounds.ContainsKey((audio.Name, audio.Language)) && Read(audio) is { } sound) sounds.Add((audio.Name, audio.Language), sound);
            }
            take(new PromptBook(sounds));
        }
    });

    private short[]? Read(IvrAudioConfig audio)
    {
        try
        {
            WavDefect defect = WavFile.TryRead(File.ReadAllBytes(Path.Combine(_folder, audio.Content + ".wav")), out short[] samples);
            if (defect == WavDefect.None && samples.Length <= LongestSeconds * WavFile.SampleRate) return samples;
            say($"The audio '{audio.Name}' is not played: {(defect == WavDefect.None ? $"it is longer than {LongestSeconds} s" : defect.ToString())}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            say($"The audio '{audio.Name}' cannot be read and is not played: {e.Message}");
        }
        return null;
    }
}
