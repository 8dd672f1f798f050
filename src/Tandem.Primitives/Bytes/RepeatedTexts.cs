using System.Text;

namespace Tandem.Primitives.Bytes;

/// <summary>
/// Texts that come again and again in what is read (accounts, gateways, decks): the same text is the same object, made once. A fixed number of places, the newest text of a place
/// stays; a text that is not there is made. One thread.
/// </summary>
public sealed class RepeatedTexts
{
    private const int Places = 1024, Longest = 64;

    private readonly string?[] _texts = new string?[Places];

    /// <summary>The text of these bytes of UTF-8.</summary>
    public string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > Longest) return utf8.IsEmpty ? "" : Encoding.UTF8.GetString(utf8);
        uint hash = 2166136261; // FNV-1a: short texts, and nobody gains by a collision but a text made anew
        foreach (byte one in utf8) hash = (hash ^ one) * 16777619;
        ref string? place = ref _texts[(hash ^ (hash >> 15)) % Places];
        if (place is not null && Ascii.Equals(utf8, place)) return place;
        return place = Encoding.UTF8.GetString(utf8);
    }
}
