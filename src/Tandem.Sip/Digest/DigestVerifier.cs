using System.Security.Cryptography;
using System.Text;
using Tandem.Primitives.Bytes;

namespace Tandem.Sip.Digest;

/// <summary>The digest of RFC 7616 §3.4.1, computed from a stored HA1 and compared in constant time.</summary>
public static class DigestVerifier
{
    /// <summary>The longest text hashed; longer credentials verify as wrong.</summary>
    public const int MaxTextBytes = 2048;

    /// <summary>
    /// True when the response is the one this HA1 gives. The caller has looked at realm and nonce (<see cref="NonceSource"/>) and that
    /// the algorithm is one it offered. qop must be auth or absent; auth-int is never offered here.
    /// </summary>
    public static bool Verify(in DigestCredentials credentials, ReadOnlySpan<byte> method, in Ha1 ha1)
    {
        Span<byte> expected = stackalloc byte[2 * DigestAlgorithms.MaxBytes];
        int length = Response(
            ha1, credentials.Algorithm, credentials.Nonce, credentials.NonceCount, credentials.Cnonce, credentials.Qop, method, credentials.Uri, expected);
        if (length == 0 || credentials.Response.Length != length) return false;
        Span<byte> given = stackalloc byte[2 * DigestAlgorithms.MaxBytes];
        Ascii.ToLower(credentials.Response, given, out _);
        return CryptographicOperations.FixedTimeEquals(expected[..length], given[..length]);
    }

    /// <summary>Writes the response in lower-case hexadecimal and returns its length: 32 or 64; 0 when it cannot be computed.</summary>
    internal static int Response(
        in Ha1 ha1, DigestAlgorithm algorithm, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> nonceCount, ReadOnlySpan<byte> cnonce,
        ReadOnlySpan<byte> qop, ReadOnlySpan<byte> method, ReadOnlySpan<byte> uri, Span<byte> hex)
    {
        if (ha1.Algorithm == DigestAlgorithm.Unknown || algorithm.Plain() != ha1.Algorithm) return 0;
        bool auth = !qop.IsEmpty;
        if (auth && !Ascii.EqualsIgnoreCase(qop, "auth"u8)) return 0;
        if (algorithm.IsSession() && cnonce.IsEmpty) return 0;
        Span<byte> room = stackalloc byte[MaxTextBytes];
        Span<byte> digest = stackalloc byte[DigestAlgorithms.MaxBytes];
        int bytes = algorithm.Bytes();
        digest = digest[..bytes];

        Span<byte> a1 = stackalloc byte[2 * DigestAlgorithms.MaxBytes];
        a1 = a1[..(2 * bytes)];
        Hex(ha1.Bytes, a1);
        if (algorithm.IsSession() && !HashJoined(algorithm, room, digest, a1, nonce, cnonce)) return 0;
        if (algorithm.IsSession()) Hex(digest, a1);

        Span<byte> a2 = stackalloc byte[2 * DigestAlgorithms.MaxBytes];
        a2 = a2[..(2 * bytes)];
        if (!HashJoined(algorithm, room, digest, method, uri)) return 0;
        Hex(digest, a2);

        bool ok = auth
            ? HashJoined(algorithm, room, digest, a1, nonce, nonceCount, cnonce, qop, a2)
            : HashJoined(algorithm, room, digest, a1, nonce, a2);
        if (!ok) return 0;
        Hex(digest, hex);
        return 2 * bytes;
    }

    // The parts joined by colons; an absent part (default) is left out, colon and all.
    private static bool HashJoined(
        DigestAlgorithm algorithm, Span<byte> room, Span<byte> digest, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b,
        ReadOnlySpan<byte> c = default, ReadOnlySpan<byte> d = default, ReadOnlySpan<byte> e = default, ReadOnlySpan<byte> f = default)
    {
        ByteWriter text = new(room);
        text.Text(a);
        Join(ref text, b);
        if (!c.IsEmpty) Join(ref text, c);
        if (!d.IsEmpty) Join(ref text, d);
        if (!e.IsEmpty) Join(ref text, e);
        if (!f.IsEmpty) Join(ref text, f);
        if (text.Overflowed) return false;
        algorithm.Hash(text.Written, digest);
        return true;
    }

    private static void Join(ref ByteWriter text, scoped ReadOnlySpan<byte> part)
    {
        text.Text((byte)':');
        text.Text(part);
    }

    private static void Hex(ReadOnlySpan<byte> bytes, Span<byte> hex) => Convert.TryToHexStringLower(bytes, hex, out _);
}
