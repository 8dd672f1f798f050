using System.Security.Cryptography;
using System.Text;

namespace Tandem.Sip.Digest;

/// <summary>Algorithms of RFC 7616 §3.3 and RFC 8760 §2; SHA-512-256 is not offered by the platform, no phone asks for it alone.</summary>
public enum DigestAlgorithm : byte { Unknown, Md5, Md5Sess, Sha256, Sha256Sess }

public static class DigestAlgorithms
{
    /// <summary>The largest digest in bytes.</summary>
    public const int MaxBytes = SHA256.HashSizeInBytes;

    /// <summary>The token; an absent algorithm is MD5 (RFC 7616 §3.3).</summary>
    public static DigestAlgorithm Of(ReadOnlySpan<byte> token)
    {
        if (token.IsEmpty || Ascii.EqualsIgnoreCase(token, "MD5"u8)) return DigestAlgorithm.Md5;
        if (Ascii.EqualsIgnoreCase(token, "SHA-256"u8)) return DigestAlgorithm.Sha256;
        if (Ascii.EqualsIgnoreCase(token, "MD5-sess"u8)) return DigestAlgorithm.Md5Sess;
        return Ascii.EqualsIgnoreCase(token, "SHA-256-sess"u8) ? DigestAlgorithm.Sha256Sess : DigestAlgorithm.Unknown;
    }

    public static ReadOnlySpan<byte> Token(this DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5 => "MD5"u8,
        DigestAlgorithm.Md5Sess => "MD5-sess"u8,
        DigestAlgorithm.Sha256 => "SHA-256"u8,
        DigestAlgorithm.Sha256Sess => "SHA-256-sess"u8,
        _ => default,
    };

    public static bool IsSession(this DigestAlgorithm algorithm) => algorithm is DigestAlgorithm.Md5Sess or DigestAlgorithm.Sha256Sess;

    /// <summary>The hash beneath: HA1 is stored once for both forms.</summary>
    public static DigestAlgorithm Plain(this DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5Sess => DigestAlgorithm.Md5,
        DigestAlgorithm.Sha256Sess => DigestAlgorithm.Sha256,
        _ => algorithm,
    };

    /// <summary>16, 32, or 0 for an unknown algorithm.</summary>
    public static int Bytes(this DigestAlgorithm algorithm) => algorithm.Plain() switch
    {
        DigestAlgorithm.Md5 => MD5.HashSizeInBytes,
        DigestAlgorithm.Sha256 => SHA256.HashSizeInBytes,
        _ => 0,
    };

    /// <returns>The bytes written.</returns>
    internal static int Hash(this DigestAlgorithm algorithm, ReadOnlySpan<byte> text, Span<byte> digest) => algorithm.Plain() switch
    {
        DigestAlgorithm.Md5 => MD5.HashData(text, digest),
        DigestAlgorithm.Sha256 => SHA256.HashData(text, digest),
        _ => 0,
    };
}
