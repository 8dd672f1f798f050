using Tandem.Primitives;

namespace Tandem.Server.Storage.Ported;

/// <summary>A number as 64 bits that sort by length, then by value: its digits after a 1, so that leading zeros count.</summary>
internal static class PortedKey
{
    public const int MostDigits = 18;

    /// <summary>0: it is none of 1 to 18 digits.</summary>
    public static ulong Of(ReadOnlySpan<byte> digits)
    {
        if (digits.Length is 0 or > MostDigits) return 0;
        ulong key = 1;
        foreach (byte b in digits)
        {
            uint digit = (uint)(b - '0');
            if (digit > 9) return 0;
            key = (key * 10) + digit;
        }
        return key;
    }

    /// <summary>A leading + is a matter of writing.</summary>
    public static ulong Of(in DialString number) => Of(number.Bytes is [(byte)'+', .. var rest] ? rest : number.Bytes);

    public static string Text(ulong key) => key.ToString(System.Globalization.CultureInfo.InvariantCulture)[1..];
}
