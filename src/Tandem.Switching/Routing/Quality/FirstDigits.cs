using Tandem.Primitives;

namespace Tandem.Switching.Routing.Quality;

/// <summary>The first digits of a number as a text, made once for each: what stands for a destination where no table of areas says more.</summary>
public static class FirstDigits
{
    public const int Most = 4;

    private static readonly string?[] Texts = new string?[20_000]; // a leading 1, then the digits

    public static string Of(in DialString number)
    {
        int place = 1, length = 0;
        foreach (byte b in number.Bytes)
        {
            if (length == Most || b is < (byte)'0' or > (byte)'9') break;
            place = (place * 10) + (b - '0');
            length++;
        }
        return length == 0 ? "" : Texts[place] ??= place.ToString(System.Globalization.CultureInfo.InvariantCulture)[1..];
    }
}
