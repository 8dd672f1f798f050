using System.Buffers;

namespace Tandem.Sip.Messages;

/// <summary>The few rules of RFC 3261 §25.1 that everything else is made of. Line folds count as white space.</summary>
internal static class Grammar
{
    /// <summary>token: alphanum and these.</summary>
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"u8);

    private static readonly SearchValues<byte> LwsBytes = SearchValues.Create(" \t\r\n"u8);

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    public static bool IsLws(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    /// <summary>
    /// Not empty, without white space or control bytes: what branch, tag and Call-ID must be to be matched and copied exactly. Their
    /// grammar is narrower (token, word), but peers that exceed it are many and do no harm.
    /// </summary>
    public static bool IsOneWord(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyInRange((byte)0, (byte)' ') < 0;

    public static bool ContainsLws(ReadOnlySpan<byte> text) => text.ContainsAny(LwsBytes);

    public static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (at < text.Length && IsLws(text[at])) at++;
        return text[at..];
    }

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        text = TrimStart(text);
        int end = text.Length;
        while (end > 0 && IsLws(text[end - 1])) end--;
        return text[..end];
    }

    /// <summary>The index after the closing quote of the quoted-string that opens at <paramref name="open"/>; -1 when it never closes.</summary>
    public static int SkipQuoted(ReadOnlySpan<byte> text, int open)
    {
        int at = open + 1;
        while (at < text.Length)
        {
            int step = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (step < 0) return -1;
            at += step;
            if (text[at] == '"') return at + 1;
            at += 2; // a backslash takes its next byte along
        }
        return -1;
    }

    /// <summary>True when every quoted-string in it ends: an open one would swallow whatever is written behind.</summary>
    public static bool QuotesClose(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            int open = text.IndexOf((byte)'"');
            if (open < 0) return true;
            int after = SkipQuoted(text, open);
            if (after < 0) return false;
            text = text[after..];
        }
    }

    /// <summary>Digits only, any number of leading zeros, at most <paramref name="max"/>.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> digits, uint max, out uint value)
    {
        value = 0;
        if (digits.IsEmpty) return false;
        ulong sum = 0;
        foreach (byte b in digits)
        {
            if (b is < (byte)'0' or > (byte)'9') return false;
            sum = (sum * 10) + (uint)(b - '0');
            if (sum > max) return false;
        }
        value = (uint)sum;
        return true;
    }

    /// <summary>Where in the list <paramref name="rest"/> the first element ends: at a comma outside quotes and angle brackets.</summary>
    public static int ElementEnd(ReadOnlySpan<byte> rest)
    {
        int at = 0;
        while (true)
        {
            int step = rest[at..].IndexOfAny((byte)',', (byte)'"', (byte)'<');
            if (step < 0) return rest.Length;
            at += step;
            if (rest[at] == ',') return at;
            if (rest[at] == '"')
            {
                at = SkipQuoted(rest, at);
                if (at < 0) return rest.Length;
                continue;
            }
            int close = rest[at..].IndexOf((byte)'>');
            if (close < 0) return rest.Length;
            at += close + 1;
        }
    }
}
