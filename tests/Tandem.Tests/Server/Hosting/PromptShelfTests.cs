using System.Collections.Immutable;
using Tandem.Media.Wav;
using Tandem.Server.Hosting;
using Tandem.Server.Storage;
using Tandem.Switching.Audio;
using Tandem.Switching.Configuration;

namespace Tandem.Tests.Server.Hosting;

public sealed class PromptShelfTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tandem-prompts-");
    private readonly List<string> _said = [];
    private PromptBook _book = PromptBook.Empty;

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task Sounds_are_found_by_name_and_language_and_follow_the_configuration()
    {
        PromptShelf shelf = Shelf();
        await shelf.Follow(Audios(("minutes", "en", Saved(1, 2)), ("minutes", "de", Saved(3))));
        Assert.Equal([1, 2], _book.Find("minutes", "en"));
        Assert.Equal([3], _book.Find("minutes", "de"));
        await shelf.Follow(Audios(("minutes", "en", Saved(4))));
        Assert.Equal([4], _book.Find("minutes", "en"));
        Assert.Null(_book.Find("minutes", "de"));
        Assert.Empty(_said);
    }

    [Fact]
    public async Task A_file_that_is_gone_or_too_long_is_told_and_the_others_are_there()
    {
        await Shelf().Follow(Audios(("one", "", new string('a', 64)), ("two", "", Saved([.. new short[61 * 8_000]])), ("three", "", Saved(3)), ("four", "", "")));
        Assert.Equal([3], _book.Find("three", ""));
        Assert.Collection(_said, static s => Assert.StartsWith("The audio 'one' cannot be read", s), static s => Assert.Equal("The audio 'two' is not played: it is longer than 60 s.", s));
    }

    private PromptShelf Shelf() => new(_data.FullName, book => _book = book, _said.Add);

    private string Saved(params short[] samples) => new AudioStore(Path.Combine(_data.FullName, AudioStore.Folder)).Save(WavFile.Write(samples));

    private static ImmutableSortedDictionary<string, IvrAudioConfig> Audios(params (string Name, string Language, string Content)[] all) =>
        all.Select(static (a, i) => new IvrAudioConfig { Id = $"{i}", Name = a.Name, Language = a.Language, Content = a.Content }).ToImmutableSortedDictionary(static a => a.Id, static a => a);
}
