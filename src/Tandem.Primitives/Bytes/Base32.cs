namespace Tandem.Primitives.Bytes;

/// <summary>64 bits as thirteen lower-case characters of Crockford's base 32: for tags, branches and Call-IDs we mint.</summary>
public static class Base32
{
    public const int Length = 13;

    private static ReadOnlySpan<byte> Alphabet => "0123456789abcdefghjkmnpqrstvwxyz"u8;

    public static void Write(ulong value, Span<byte> thirteen)
    {
        for (int i = Length - 1; i >= 0; i--, value >>= 5) thirteen[i] = Alphabet[(int)(value & 31)];
    }

    /// <summary>False for anything <see cref="Write"/> did not write (capitals too: what we minted comes back as it was).</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        if (text.Length != Length || Value(text[0]) > 15) return false;
        foreach (byte b in text)
        {
            int digit = Value(b);
            if (digit < 0) return false;
            value = (value << 5) | (uint)digit;
        }
        return true;
    }

    private static int Value(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'h' => b - 'a' + 10,
        (byte)'j' or (byte)'k' => b - 'j' + 18,
        (byte)'m' or (byte)'n' => b - 'm' + 20,
        >= (byte)'p' and <= (byte)'t' => b - 'p' + 22,
        >= (byte)'v' and <= (byte)'z' => b - 'v' + 27,
        _ => -1,
    };
}
