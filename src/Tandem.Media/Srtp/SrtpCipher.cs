using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tandem.Media.Srtp;

/// <summary>
/// One master key's session keys (RFC 3711 §4.3) and what they do to single packets, whose index the caller knows. Nothing is allocated per packet.
/// Used by one thread at a time.
/// </summary>
public abstract class SrtpCipher : IDisposable
{
    /// <summary>Of an RTCP packet, sent in the clear (RFC 3711 §3.4).</summary>
    public const int RtcpHeaderBytes = 8;

    /// <summary>The E bit and the index behind an SRTCP packet.</summary>
    public const int RtcpIndexBytes = 4;

    protected const uint Encrypted = 0x80000000;

    // RFC 3711 §4.3.2
    private protected const byte RtpKey = 0, RtpAuthentication = 1, RtpSalt = 2, RtcpKey = 3, RtcpAuthentication = 4, RtcpSalt = 5;

    public static SrtpCipher Of(SrtpKey key) => key.Suite.IsAead() ? new GcmCipher(key) : new CounterModeCipher(key);

    /// <summary>What an RTP packet grows by.</summary>
    public abstract int RtpGrowth { get; }

    /// <summary>What an RTCP packet grows by.</summary>
    public abstract int RtcpGrowth { get; }

    /// <summary>Encrypts in place and appends the tag; returns the new length.</summary>
    /// <param name="room">The packet, with room behind it.</param>
    /// <param name="length">Of the packet.</param>
    /// <param name="payloadAt">Where its payload begins.</param>
    /// <param name="ssrc">From its header.</param>
    /// <param name="index">Roll-over counter and sequence number (RFC 3711 §3.3.1).</param>
    public abstract int Seal(Span<byte> room, int length, int payloadAt, uint ssrc, ulong index);

    /// <summary>Authenticates and decrypts in place; returns the new length, -1 if it is not authentic.</summary>
    public abstract int Open(Span<byte> packet, int payloadAt, uint ssrc, ulong index);

    public abstract int SealRtcp(Span<byte> room, int length, uint ssrc, uint index);

    public abstract int OpenRtcp(Span<byte> packet, uint ssrc);

    /// <summary>The index of an SRTCP packet, as it says itself; only once opened it is believed.</summary>
    public abstract uint RtcpIndexOf(ReadOnlySpan<byte> packet);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    /// <summary>The session key of a label (RFC 3711 §4.3.1, key derivation rate zero; RFC 7714 §11 for shorter salts).</summary>
    internal static void Derive(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, byte label, Span<byte> to)
    {
        Span<byte> iv = stackalloc byte[16];
        iv.Clear();
        masterSalt.CopyTo(iv);
        iv[7] ^= label;
        to.Clear();
        using var prf = new AesCounter(masterKey);
        prf.Apply(iv, to);
    }
}

/// <summary>AES_CM_128_HMAC_SHA1 (RFC 3711 §4.1.1 and §4.2.1).</summary>
internal sealed class CounterModeCipher : SrtpCipher
{
    private const int RtcpTag = 10;

    private readonly AesCounter _rtp, _rtcp;
    private readonly HmacSha1 _rtpHash, _rtcpHash;
    private readonly byte[] _rtpSalt = new byte[16], _rtcpSalt = new byte[16];
    private readonly int _tag;

    public CounterModeCipher(SrtpKey key)
    {
        _tag = key.Suite.TagBytes();
        Span<byte> derived = stackalloc byte[20];
        Derive(key.Key, key.Salt, RtpKey, derived[..16]);
        _rtp = new AesCounter(derived[..16]);
        Derive(key.Key, key.Salt, RtcpKey, derived[..16]);
        _rtcp = new AesCounter(derived[..16]);
        Derive(key.Key, key.Salt, RtpAuthentication, derived);
        _rtpHash = new HmacSha1(derived);
        Derive(key.Key, key.Salt, RtcpAuthentication, derived);
        _rtcpHash = new HmacSha1(derived);
        Derive(key.Key, key.Salt, RtpSalt, _rtpSalt.AsSpan(0, 14));
        Derive(key.Key, key.Salt, RtcpSalt, _rtcpSalt.AsSpan(0, 14));
    }

    public override int RtpGrowth => _tag;

    public override int RtcpGrowth => RtcpIndexBytes + RtcpTag;

    public override int Seal(Span<byte> room, int length, int payloadAt, uint ssrc, ulong index)
    {
        Apply(_rtp, _rtpSalt, room[payloadAt..length], ssrc, index);
        Span<byte> tag = stackalloc byte[HmacSha1.TagBytes];
        Tag(_rtpHash, room[..length], (uint)(index >> 16), tag);
        tag[.._tag].CopyTo(room[length..]);
        return length + _tag;
    }

    public override int Open(Span<byte> packet, int payloadAt, uint ssrc, ulong index)
    {
        int length = packet.Length - _tag;
        Span<byte> tag = stackalloc byte[HmacSha1.TagBytes];
        Tag(_rtpHash, packet[..length], (uint)(index >> 16), tag);
        if (!CryptographicOperations.FixedTimeEquals(tag[.._tag], packet[length..])) return -1;
        Apply(_rtp, _rtpSalt, packet[payloadAt..length], ssrc, index);
        return length;
    }

    public override int SealRtcp(Span<byte> room, int length, uint ssrc, uint index)
    {
        Apply(_rtcp, _rtcpSalt, room[RtcpHeaderBytes..length], ssrc, index);
        BinaryPrimitives.WriteUInt32BigEndian(room[length..], index | Encrypted);
        length += RtcpIndexBytes;
        Span<byte> tag = stackalloc byte[HmacSha1.TagBytes];
        _rtcpHash.Tag(room[..length], [], tag);
        tag[..RtcpTag].CopyTo(room[length..]);
        return length + RtcpTag;
    }

    public override int OpenRtcp(Span<byte> packet, uint ssrc)
    {
        int authenticated = packet.Length - RtcpTag;
        Span<byte> tag = stackalloc byte[HmacSha1.TagBytes];
        _rtcpHash.Tag(packet[..authenticated], [], tag);
        if (!CryptographicOperations.FixedTimeEquals(tag[..RtcpTag], packet[authenticated..])) return -1;
        int length = authenticated - RtcpIndexBytes;
        uint word = BinaryPrimitives.ReadUInt32BigEndian(packet[length..]);
        if ((word & Encrypted) != 0) Apply(_rtcp, _rtcpSalt, packet[RtcpHeaderBytes..length], ssrc, word & ~Encrypted);
        return length;
    }

    public override uint RtcpIndexOf(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[^(RtcpTag + RtcpIndexBytes)..]) & ~Encrypted;

    protected override void Dispose(bool disposing)
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    // RFC 3711 §4.1.1: salt, with the SSRC over its bytes 4 to 7 and the index over 8 to 13.
    private static void Apply(AesCounter aes, byte[] salt, Span<byte> data, uint ssrc, ulong index)
    {
        Span<byte> iv = stackalloc byte[16];
        salt.CopyTo(iv);
        BinaryPrimitives.WriteUInt32BigEndian(iv[4..], BinaryPrimitives.ReadUInt32BigEndian(iv[4..]) ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(iv[8..], BinaryPrimitives.ReadUInt64BigEndian(iv[8..]) ^ (index << 16));
        aes.Apply(iv, data);
    }

    // RFC 3711 §4.2: the roll-over counter is authenticated behind the packet, and not sent.
    private static void Tag(HmacSha1 hash, ReadOnlySpan<byte> packet, uint rollOver, Span<byte> tag)
    {
        Span<byte> roc = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(roc, rollOver);
        hash.Tag(packet, roc, tag);
    }
}

/// <summary>AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 7714).</summary>
internal sealed class GcmCipher : SrtpCipher
{
    private const int TagSize = 16, NonceSize = 12;

    private readonly AesGcm _rtp, _rtcp;
    private readonly byte[] _rtpSalt = new byte[NonceSize], _rtcpSalt = new byte[NonceSize];

    public GcmCipher(SrtpKey key)
    {
        Span<byte> rtp = stackalloc byte[32], rtcp = stackalloc byte[32];
        rtp = rtp[..key.Suite.KeyBytes()];
        rtcp = rtcp[..key.Suite.KeyBytes()];
        Derive(key.Key, key.Salt, RtpKey, rtp);
        Derive(key.Key, key.Salt, RtcpKey, rtcp);
        Derive(key.Key, key.Salt, RtpSalt, _rtpSalt);
        Derive(key.Key, key.Salt, RtcpSalt, _rtcpSalt);
        _rtp = new AesGcm(rtp, TagSize);
        _rtcp = new AesGcm(rtcp, TagSize);
    }

    /// <summary>From session keys, for the vectors of RFC 7714 §16 and §17, which begin there.</summary>
    internal GcmCipher(ReadOnlySpan<byte> sessionKey, ReadOnlySpan<byte> sessionSalt)
    {
        _rtp = new AesGcm(sessionKey, TagSize);
        _rtcp = new AesGcm(sessionKey, TagSize);
        sessionSalt.CopyTo(_rtpSalt);
        sessionSalt.CopyTo(_rtcpSalt);
    }

    public override int RtpGrowth => TagSize;

    public override int RtcpGrowth => TagSize + RtcpIndexBytes;

    public override int Seal(Span<byte> room, int length, int payloadAt, uint ssrc, ulong index)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        RtpNonce(nonce, ssrc, index);
        Span<byte> payload = room[payloadAt..length];
        _rtp.Encrypt(nonce, payload, payload, room.Slice(length, TagSize), room[..payloadAt]);
        return length + TagSize;
    }

    public override int Open(Span<byte> packet, int payloadAt, uint ssrc, ulong index)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        RtpNonce(nonce, ssrc, index);
        int length = packet.Length - TagSize;
        Span<byte> payload = packet[payloadAt..length];
        return TryDecrypt(_rtp, nonce, payload, packet[length..], packet[..payloadAt]) ? length : -1;
    }

    public override int SealRtcp(Span<byte> room, int length, uint ssrc, uint index)
    {
        Span<byte> nonce = stackalloc byte[NonceSize], associated = stackalloc byte[RtcpHeaderBytes + RtcpIndexBytes];
        RtcpNonce(nonce, ssrc, index);
        room[..RtcpHeaderBytes].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[RtcpHeaderBytes..], index | Encrypted);
        Span<byte> body = room[RtcpHeaderBytes..length];
        _rtcp.Encrypt(nonce, body, body, room.Slice(length, TagSize), associated);
        associated[RtcpHeaderBytes..].CopyTo(room[(length + TagSize)..]);
        return length + TagSize + RtcpIndexBytes;
    }

    // RFC 7714 §9.2 and §9.3: the word with the index stands behind the tag; what is not encrypted is authenticated.
    public override int OpenRtcp(Span<byte> packet, uint ssrc)
    {
        int length = packet.Length - RtcpIndexBytes - TagSize;
        ReadOnlySpan<byte> word = packet[^RtcpIndexBytes..];
        uint said = BinaryPrimitives.ReadUInt32BigEndian(word);
        Span<byte> nonce = stackalloc byte[NonceSize];
        RtcpNonce(nonce, ssrc, said & ~Encrypted);
        bool encrypted = (said & Encrypted) != 0;
        int clear = encrypted ? RtcpHeaderBytes : length;
        if (clear > 1500) return -1;
        Span<byte> associated = stackalloc byte[clear + RtcpIndexBytes];
        packet[..clear].CopyTo(associated);
        word.CopyTo(associated[clear..]);
        return TryDecrypt(_rtcp, nonce, packet[clear..length], packet.Slice(length, TagSize), associated) ? length : -1;
    }

    public override uint RtcpIndexOf(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[^RtcpIndexBytes..]) & ~Encrypted;

    protected override void Dispose(bool disposing)
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    // The runtime says "not authentic" by an exception and nothing else: who forges packets costs us some microseconds each, from the signalled address only.
    private static bool TryDecrypt(AesGcm gcm, ReadOnlySpan<byte> nonce, Span<byte> data, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> associated)
    {
        try
        {
            gcm.Decrypt(nonce, data, tag, data, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    // RFC 7714 §8.1: two zero bytes, SSRC, roll-over counter, sequence number; over the salt.
    private void RtpNonce(Span<byte> nonce, uint ssrc, ulong index)
    {
        nonce[0] = nonce[1] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[6..], (uint)(index >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(nonce[10..], (ushort)index);
        for (int i = 0; i < NonceSize; i++) nonce[i] ^= _rtpSalt[i];
    }

    // RFC 7714 §9.1
    private void RtcpNonce(Span<byte> nonce, uint ssrc, uint index)
    {
        nonce[0] = nonce[1] = nonce[6] = nonce[7] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], index);
        for (int i = 0; i < NonceSize; i++) nonce[i] ^= _rtcpSalt[i];
    }
}
