using System.Buffers.Binary;

namespace Tandem.Primitives;

/// <summary>
/// Where random bits come from, handed in so that a failing run can be repeated from its seed. The server gives the
/// operating system's generator (tags, nonces and ports must not be guessable), a simulation a seeded one.
/// </summary>
public abstract class EntropySource
{
    public abstract void Fill(Span<byte> bytes);

    public ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public uint NextUInt32() => (uint)NextUInt64();
}

/// <summary>xoshiro256** from a 64-bit seed by splitmix64: the same seed gives the same run. Guessable; for simulation and tests.</summary>
public sealed class SeededEntropy : EntropySource
{
    private ulong _a, _b, _c, _d;

    public SeededEntropy(ulong seed)
    {
        _a = Split(ref seed);
        _b = Split(ref seed);
        _c = Split(ref seed);
        _d = Split(ref seed);
    }

    public override void Fill(Span<byte> bytes)
    {
        Span<byte> eight = stackalloc byte[8];
        while (bytes.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(eight, Next());
            int n = Math.Min(8, bytes.Length);
            eight[..n].CopyTo(bytes);
            bytes = bytes[n..];
        }
    }

    /// <summary>Uniform in [0, below).</summary>
    public int Below(int below) => (int)(Next() % (ulong)below);

    /// <summary>True with the given chance of 0 to 1.</summary>
    public bool Chance(double chance) => (Next() >> 11) * (1.0 / (1UL << 53)) < chance;

    private ulong Next()
    {
        ulong result = ulong.RotateLeft(_b * 5, 7) * 9;
        ulong t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = ulong.RotateLeft(_d, 45);
        return result;
    }

    private static ulong Split(ref ulong seed)
    {
        ulong z = seed += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
