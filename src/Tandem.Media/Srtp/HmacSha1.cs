using System.Buffers.Binary;
using System.Numerics;

namespace Tandem.Media.Srtp;

/// <summary>
/// HMAC-SHA1 (RFC 2104, FIPS 180-4) for one key and many short messages: what the key makes of the inner and the outer hash is worked out once, so that a
/// packet costs its own blocks and one more, out of 40 bytes of state. The library's costs more than its arithmetic, as it walks through objects that are cold when a thousand calls take
/// turns. Nothing is allocated per message and no step depends on what is secret.
/// </summary>
internal sealed class HmacSha1
{
    public const int TagBytes = 20;

    private const int BlockBytes = 64;

    private readonly Chain _inner, _outer;

    /// <param name="key">At most 64 bytes; SRTP's are 20.</param>
    public HmacSha1(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, BlockBytes, nameof(key));
        Span<byte> pad = stackalloc byte[BlockBytes];
        _inner = Begun(key, 0x36, pad);
        _outer = Begun(key, 0x5c, pad);
        pad.Clear();
    }

    /// <summary>The code of a message, and of <paramref name="more"/> behind it.</summary>
    /// <param name="message">The first part.</param>
    /// <param name="more">At most 32 bytes.</param>
    /// <param name="tag">20 bytes.</param>
    public void Tag(ReadOnlySpan<byte> message, ReadOnlySpan<byte> more, Span<byte> tag)
    {
        long bits = 8L * (BlockBytes + message.Length + more.Length);
        Chain chain = _inner;
        for (; message.Length >= BlockBytes; message = message[BlockBytes..]) chain.Add(message);
        Span<byte> last = stackalloc byte[3 * BlockBytes];
        last.Clear();
        message.CopyTo(last);
        more.CopyTo(last[message.Length..]);
        int end = message.Length + more.Length;
        last[end] = 0x80;
        int blocks = ((end + 8) / BlockBytes) + 1; // the end mark and eight bytes of length
        BinaryPrimitives.WriteInt64BigEndian(last[((blocks * BlockBytes) - 8)..], bits);
        for (int i = 0; i < blocks; i++) chain.Add(last[(i * BlockBytes)..]);

        last[..BlockBytes].Clear();
        chain.Write(last);
        last[TagBytes] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(last[(BlockBytes - 8)..], 8 * (BlockBytes + TagBytes));
        chain = _outer;
        chain.Add(last);
        chain.Write(tag);
    }

    private static Chain Begun(ReadOnlySpan<byte> key, byte with, Span<byte> pad)
    {
        pad.Fill(with);
        for (int i = 0; i < key.Length; i++) pad[i] ^= key[i];
        Chain chain = Chain.First;
        chain.Add(pad);
        return chain;
    }

    /// <summary>The hash so far (FIPS 180-4 §6.1).</summary>
    private struct Chain
    {
        private uint _a, _b, _c, _d, _e;

        public static Chain First => new() { _a = 0x67452301, _b = 0xefcdab89, _c = 0x98badcfe, _d = 0x10325476, _e = 0xc3d2e1f0 };

        public readonly void Write(Span<byte> to)
        {
            BinaryPrimitives.WriteUInt32BigEndian(to, _a);
            BinaryPrimitives.WriteUInt32BigEndian(to[4..], _b);
            BinaryPrimitives.WriteUInt32BigEndian(to[8..], _c);
            BinaryPrimitives.WriteUInt32BigEndian(to[12..], _d);
            BinaryPrimitives.WriteUInt32BigEndian(to[16..], _e);
        }

        public void Add(ReadOnlySpan<byte> block)
        {
            Span<uint> w = stackalloc uint[80];
            for (int i = 0; i < 16; i++) w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
            for (int i = 16; i < 80; i++) w[i] = BitOperations.RotateLeft(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
            uint a = _a, b = _b, c = _c, d = _d, e = _e;
            // Five steps at a time, the names moving on in place of the values.
            for (int i = 0; i < 20; i += 5)
            {
                e += Step(a, d ^ (b & (c ^ d)), w[i] + 0x5a827999);
                b = BitOperations.RotateLeft(b, 30);
                d += Step(e, c ^ (a & (b ^ c)), w[i + 1] + 0x5a827999);
                a = BitOperations.RotateLeft(a, 30);
                c += Step(d, b ^ (e & (a ^ b)), w[i + 2] + 0x5a827999);
                e = BitOperations.RotateLeft(e, 30);
                b += Step(c, a ^ (d & (e ^ a)), w[i + 3] + 0x5a827999);
                d = BitOperations.RotateLeft(d, 30);
                a += Step(b, e ^ (c & (d ^ e)), w[i + 4] + 0x5a827999);
                c = BitOperations.RotateLeft(c, 30);
            }
            Parity(w[20..40], 0x6ed9eba1, ref a, ref b, ref c, ref d, ref e);
            for (int i = 40; i < 60; i += 5)
            {
                e += Step(a, Majority(b, c, d), w[i] + 0x8f1bbcdc);
                b = BitOperations.RotateLeft(b, 30);
                d += Step(e, Majority(a, b, c), w[i + 1] + 0x8f1bbcdc);
                a = BitOperations.RotateLeft(a, 30);
                c += Step(d, Majority(e, a, b), w[i + 2] + 0x8f1bbcdc);
                e = BitOperations.RotateLeft(e, 30);
                b += Step(c, Majority(d, e, a), w[i + 3] + 0x8f1bbcdc);
                d = BitOperations.RotateLeft(d, 30);
                a += Step(b, Majority(c, d, e), w[i + 4] + 0x8f1bbcdc);
                c = BitOperations.RotateLeft(c, 30);
            }
            Parity(w[60..], 0xca62c1d6, ref a, ref b, ref c, ref d, ref e);
            _a += a;
            _b += b;
            _c += c;
            _d += d;
            _e += e;
        }

        private static void Parity(ReadOnlySpan<uint> w, uint constant, ref uint a, ref uint b, ref uint c, ref uint d, ref uint e)
        {
            (uint v, uint x, uint y, uint z, uint t) = (a, b, c, d, e);
            for (int i = 0; i <= w.Length - 5; i += 5)
            {
                t += Step(v, x ^ y ^ z, w[i] + constant);
                x = BitOperations.RotateLeft(x, 30);
                z += Step(t, v ^ x ^ y, w[i + 1] + constant);
                v = BitOperations.RotateLeft(v, 30);
                y += Step(z, t ^ v ^ x, w[i + 2] + constant);
                t = BitOperations.RotateLeft(t, 30);
                x += Step(y, z ^ t ^ v, w[i + 3] + constant);
                z = BitOperations.RotateLeft(z, 30);
                v += Step(x, y ^ z ^ t, w[i + 4] + constant);
                y = BitOperations.RotateLeft(y, 30);
            }
            (a, b, c, d, e) = (v, x, y, z, t);
        }

        private static uint Step(uint a, uint f, uint w) => BitOperations.RotateLeft(a, 5) + f + w;

        private static uint Majority(uint b, uint c, uint d) => (b & c) | (d & (b | c));
    }
}
