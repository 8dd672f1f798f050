using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Tandem.Primitives.Bytes;

namespace Tandem.Sip.Digest;

/// <summary>H(user:realm:password) (RFC 7616 §3.4.2): what is stored in place of a password. As good as the password within its realm, so never shown.</summary>
public readonly struct Ha1
{
    /// <summary>The longest user:realm:password hashed.</summary>
    public const int MaxTextBytes = 1024;

    private readonly Digest32 _digest;

    private Ha1(DigestAlgorithm algorithm, ReadOnlySpan<byte> digest)
    {
        Algorithm = algorithm;
        Span<byte> room = _digest;
        digest.CopyTo(room);
    }

    /// <summary>MD5 or SHA-256; Unknown in the default value, which verifies nothing.</summary>
    public DigestAlgorithm Algorithm { get; }

    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)_digest)[..Algorithm.Bytes()];

    /// <summary>The session forms give the same HA1 as the plain ones. The default value when the algorithm is unknown or the text too long.</summary>
    public static Ha1 Compute(DigestAlgorithm algorithm, ReadOnlySpan<byte> user, ReadOnlySpan<byte> realm, ReadOnlySpan<byte> password)
    {
        if (algorithm.Bytes() == 0) return default;
        Span<byte> room = stackalloc byte[MaxTextBytes];
        ByteWriter text = new(room);
        text.Text(user);
        text.Text((byte)':');
        text.Text(realm);
        text.Text((byte)':');
        text.Text(password);
        if (text.Overflowed) return default;
        Span<byte> digest = stackalloc byte[DigestAlgorithms.MaxBytes];
        int length = algorithm.Hash(text.Written, digest);
        room.Clear();
        return new Ha1(algorithm.Plain(), digest[..length]);
    }

    /// <summary>Reads back stored bytes: 16 for MD5, 32 for SHA-256.</summary>
    public static bool TryRead(DigestAlgorithm algorithm, ReadOnlySpan<byte> digest, out Ha1 ha1)
    {
        ha1 = default;
        if (algorithm.Bytes() == 0 || digest.Length != algorithm.Bytes()) return false;
        ha1 = new Ha1(algorithm.Plain(), digest);
        return true;
    }

    public override string ToString() => $"HA1 ({Algorithm})";

    [InlineArray(DigestAlgorithms.MaxBytes)]
    private struct Digest32
    {
        private byte _first;
    }
}
