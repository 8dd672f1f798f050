using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tandem.Primitives;

namespace Tandem.Server.Access;

/// <summary>Codes of the time (RFC 6238): HMAC-SHA-1, thirty seconds, six digits, which is what authenticator programs agree on.</summary>
public static class Totp
{
    public const int SecretBytes = 20;
    private const int StepSeconds = 30;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The code of a step (RFC 4226, section 5.3).</summary>
    public static string Code(ReadOnlySpan<byte> secret, long step, int digits = 6)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // SHA-1 is what RFC 6238 names; HMAC does not need its collisions to be hard
        HMACSHA1.HashData(secret, counter, mac);
#pragma warning restore CA5350
        int at = mac[^1] & 0xf;
        int cut = BinaryPrimitives.ReadInt32BigEndian(mac[at..]) & int.MaxValue;
        return (cut % (int)Math.Pow(10, digits)).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    public static long StepAt(Instant at) => at.Micros / 1_000_000 / StepSeconds;

    /// <summary>The step the code is of: this one, the one before or after (RFC 6238, section 5.2), and later than the last that was used; null: of none.</summary>
    public static long? Step(ReadOnlySpan<byte> secret, string code, Instant now, long lastUsed)
    {
        long? found = null;
        for (long step = StepAt(now) - 1; step <= StepAt(now) + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Code(secret, step)), Encoding.UTF8.GetBytes(code)) && step > lastUsed) found = step;
        }
        return found;
    }

    /// <summary>RFC 4648 without padding, as authenticator programs take it.</summary>
    public static string ToBase32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        int held = 0, bits = 0;
        foreach (byte b in bytes)
        {
            held = (held << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5) text.Append(Base32[(held >> (bits - 5)) & 31]);
            held &= (1 << bits) - 1;
        }
        if (bits > 0) text.Append(Base32[(held << (5 - bits)) & 31]);
        return text.ToString();
    }
}
