using System.Buffers.Binary;
using System.Security.Cryptography;
using Tandem.Primitives;

namespace Tandem.Sip.Digest;

public enum NonceVerdict : byte
{
    Good,

    /// <summary>Ours, for this address, but too old: challenge again with stale=true.</summary>
    Stale,

    /// <summary>Not ours, or given to another address, or from the future: challenge again as to a stranger.</summary>
    Forged,
}

/// <summary>
/// Nonces that need no memory: the time, and a keyed hash over time and source address (RFC 7616 §3.3 shows the idea). The
/// port is left out, since a NAT may change it between challenge and answer. A nonce may be used again within its age: replay from the same
/// address is possible that long, which is the price of keeping no state.
/// </summary>
/// <param name="key">32 bytes from the server's entropy; shared by all its shards.</param>
/// <param name="maxAge">How long a nonce is good.</param>
public sealed class NonceSource(ReadOnlySpan<byte> key, TimeSpan maxAge)
{
    /// <summary>Hexadecimal: 8 bytes of time, 16 of the hash.</summary>
    public const int Length = 2 * (TimeBytes + HashBytes);

    private const int TimeBytes = 8;
    private const int HashBytes = 16;

    private readonly byte[] _key = key.ToArray();

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> nonce, Instant now, in NetAddress source)
    {
        Span<byte> raw = stackalloc byte[TimeBytes + HashBytes];
        BinaryPrimitives.WriteInt64BigEndian(raw, now.Micros);
        Sign(raw[..TimeBytes], source, raw[TimeBytes..]);
        Convert.TryToHexStringLower(raw, nonce[..Length], out _);
    }

    public NonceVerdict Verify(ReadOnlySpan<byte> nonce, Instant now, in NetAddress source)
    {
        if (nonce.Length != Length) return NonceVerdict.Forged;
        Span<byte> raw = stackalloc byte[TimeBytes + HashBytes];
        if (Convert.FromHexString(nonce, raw, out _, out _) != System.Buffers.OperationStatus.Done) return NonceVerdict.Forged;
        Span<byte> expected = stackalloc byte[HashBytes];
        Sign(raw[..TimeBytes], source, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, raw[TimeBytes..])) return NonceVerdict.Forged;
        Instant made = new(BinaryPrimitives.ReadInt64BigEndian(raw));
        if (made > now) return NonceVerdict.Forged;
        return now - made <= maxAge ? NonceVerdict.Good : NonceVerdict.Stale;
    }

    private void Sign(ReadOnlySpan<byte> time, in NetAddress source, Span<byte> hash)
    {
        Span<byte> text = stackalloc byte[TimeBytes + 16];
        time.CopyTo(text);
        source.WriteAddressBytes(text[TimeBytes..]);
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, text, full);
        full[..HashBytes].CopyTo(hash);
    }
}
