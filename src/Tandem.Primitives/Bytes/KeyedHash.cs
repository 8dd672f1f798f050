using System.Buffers.Binary;

namespace Tandem.Primitives.Bytes;

/// <summary>
/// A 64-bit hash of bytes under a secret key, so that a sender cannot choose colliding ids: multiply-fold over eight bytes a
/// step. The same key gives the same hash, on every machine.
/// </summary>
public readonly struct KeyedHash(ulong key)
{
    private readonly ulong _key = key;

    public ulong Of(ReadOnlySpan<byte> a) => Mix(Absorb(_key, a), 0x9e3779b97f4a7c15);

    public ulong Of(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => Mix(Absorb(Absorb(_key, a), b), 0x9e3779b97f4a7c15);

    private static ulong Absorb(ulong state, ReadOnlySpan<byte> bytes)
    {
        state ^= (ulong)bytes.Length * 0xa0761d6478bd642f;
        while (bytes.Length >= 8)
        {
            state = Mix(state ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes), 0xe7037ed1a0b428db);
            bytes = bytes[8..];
        }
        ulong tail = 0;
        foreach (byte b in bytes) tail = (tail << 8) | b;
        return Mix(state ^ tail, 0x8ebc6af09c88c6e3);
    }

    private static ulong Mix(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a ^ b, b | 1, out ulong low);
        return high ^ low ^ a;
    }
}
