using System.Collections.Frozen;
using System.Globalization;
using Tandem.Media.Tones;
using Tandem.Primitives;

namespace Tandem.Switching.Audio;

/// <summary>The sounds there are for announcements, by name and language. Immutable.</summary>
/// <param name="sounds">8 kHz. The language may be empty: for every language that has none of its own.</param>
public sealed class PromptBook(IEnumerable<KeyValuePair<(string Name, string Language), short[]>> sounds)
{
    public static readonly PromptBook Empty = new([]);

    private readonly FrozenDictionary<(string Name, string Language), short[]> _sounds = sounds.ToFrozenDictionary();

    public short[]? Find(string name, string language) => _sounds.GetValueOrDefault((name, language)) ?? _sounds.GetValueOrDefault((name, ""));
}

/// <summary>What who pays a call is told before the money ends: a tone and, as far as there are sounds for it, words (docs/prompts.md).</summary>
public static class AccountPrompt
{
    /// <summary>Names of sounds.</summary>
    public const string Balance = "account-balance", Duration = "account-duration", Minutes = "minutes", Seconds = "seconds", Point = "point";

    private static readonly short[] Tone = MakeTone();

    /// <summary>The words for money: what it is, the number with two decimals, the currency.</summary>
    public static IReadOnlyList<string> OfMoney(Money left, PromptBook book, string language)
    {
        long cents = Math.Max(0, left.Nanos) / (Money.NanosPerUnit / 100);
        List<string> words = [Balance];
        AddNumber(words, cents / 100, book, language);
        words.Add(Point);
        words.Add(Digit(cents / 10 % 10));
        words.Add(Digit(cents % 10));
        words.Add(left.Currency.ToString());
        return words;
    }

    /// <summary>The words for time: what it is, whole minutes, or seconds below two minutes.</summary>
    public static IReadOnlyList<string> OfTime(int seconds, PromptBook book, string language)
    {
        List<string> words = [Duration];
        bool minutes = seconds >= 120;
        AddNumber(words, Math.Max(0, minutes ? seconds / 60 : seconds), book, language);
        words.Add(minutes ? Minutes : Seconds);
        return words;
    }

    /// <summary>The tone and the words; the tone alone where a word has no sound, which <paramref name="missing"/> names.</summary>
    public static ChainedSource Play(IReadOnlyList<string> words, PromptBook book, string language, out string missing)
    {
        missing = "";
        List<ReadOnlyMemory<short>> sounds = [Tone];
        foreach (string word in words)
        {
            if (book.Find(word, language) is { } sound)
            {
                sounds.Add(sound);
                continue;
            }
            missing = word;
            return new ChainedSource([Tone]);
        }
        return new ChainedSource(sounds);
    }

    // As one sound where there is one, else digit by digit.
    private static void AddNumber(List<string> words, long number, PromptBook book, string language)
    {
        string text = number.ToString(CultureInfo.InvariantCulture);
        if (book.Find(text, language) is not null) words.Add(text);
        else words.AddRange(text.Select(static c => c.ToString()));
    }

    private static string Digit(long digit) => digit.ToString(CultureInfo.InvariantCulture);

    // Two beeps of 1,400 Hz, which the warning tones of ITU-T E.180 Supplement 2 have, and a pause.
    private static short[] MakeTone()
    {
        const int Milli = 8;
        short[] tone = new short[1_200 * Milli];
        var generator = new ToneGenerator(1_400, levelDbm0: -13);
        generator.Fill(tone.AsSpan(0, 250 * Milli));
        generator.Fill(tone.AsSpan(500 * Milli, 250 * Milli));
        return tone;
    }
}
