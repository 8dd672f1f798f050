using System.Buffers.Binary;
using System.Security.Cryptography;
using Tandem.Primitives;

namespace Tandem.Sip.Digest;

public enum NonceVerdict : byte
{
    /// <summary>Ours, for this address; <see cref="NonceUses"/> says whether it may be used now.</summary>
    Good,

    /// <summary>Ours, for this address, but too old for any use: challenge again with stale=true.</summary>
    Stale,

    /// <summary>Not ours, or given to another address, or from the future: challenge again as to a stranger.</summary>
    Forged,
}

/// <summary>
/// Nonces that need no memory until they are answered: the time, a serial number so that no two are the same, and a keyed hash over
/// both and the source address (RFC 7616 §3.3 shows the idea). The port is left out, since a NAT may change it between challenge and answer. One
/// shard's own: a nonce of another shard is forged here.
/// </summary>
/// <param name="key">32 bytes from the shard's entropy.</param>
/// <param name="maxAge">How long a nonce may be used at all.</param>
public sealed class NonceSource(ReadOnlySpan<byte> key, TimeSpan maxAge)
{
    /// <summary>Hexadecimal: 8 bytes of time, 4 of the serial number, 16 of the hash.</summary>
    public const int Length = 2 * (HeadBytes + HashBytes);

    private const int HeadBytes = 12;
    private const int HashBytes = 16;

    private readonly byte[] _key = key.ToArray();
    private uint _serial;

    /// <summary>How long a nonce may be used at all.</summary>
    public TimeSpan MaxAge { get; } = maxAge;

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> nonce, Instant now, in NetAddress source)
    {
        Span<byte> raw = stackalloc byte[HeadBytes + HashBytes];
        BinaryPrimitives.WriteInt64BigEndian(raw, now.Micros);
        BinaryPrimitives.WriteUInt32BigEndian(raw[8..], _serial++);
        Sign(raw[..HeadBytes], source, raw[HeadBytes..]);
        Convert.TryToHexStringLower(raw, nonce[..Length], out _);
    }

    /// <param name="nonce">As received.</param>
    /// <param name="now">The turn.</param>
    /// <param name="source">Who sent it.</param>
    /// <param name="made">When we made it; meaningless when forged.</param>
    /// <param name="id">What tells it from all others, for <see cref="NonceUses"/>; unguessable.</param>
    public NonceVerdict Verify(ReadOnlySpan<byte> nonce, Instant now, in NetAddress source, out Instant made, out ulong id)
    {
        made = default;
        id = 0;
        if (nonce.Length != Length) return NonceVerdict.Forged;
        Span<byte> raw = stackalloc byte[HeadBytes + HashBytes];
        if (Convert.FromHexString(nonce, raw, out _, out _) != System.Buffers.OperationStatus.Done) return NonceVerdict.Forged;
        Span<byte> expected = stackalloc byte[HashBytes];
        Sign(raw[..HeadBytes], source, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, raw[HeadBytes..])) return NonceVerdict.Forged;
        made = new Instant(BinaryPrimitives.ReadInt64BigEndian(raw));
        id = BinaryPrimitives.ReadUInt64LittleEndian(expected);
        if (made > now) return NonceVerdict.Forged;
        return now - made <= MaxAge ? NonceVerdict.Good : NonceVerdict.Stale;
    }

    private void Sign(ReadOnlySpan<byte> head, in NetAddress source, Span<byte> hash)
    {
        Span<byte> text = stackalloc byte[HeadBytes + 16];
        head.CopyTo(text);
        source.WriteAddressBytes(text[HeadBytes..]);
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, text, full);
        full[..HashBytes].CopyTo(hash);
    }
}
