using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using NiAes = System.Runtime.Intrinsics.X86.Aes;

namespace Tandem.Media.Srtp;

/// <summary>
/// AES in counter mode as RFC 3711 §4.1.1 has it: the last two bytes of the initial vector count blocks. By the processor's own instructions where it has them, else
/// by the runtime's ECB over a row of counters; neither allocates per packet. Used by one thread at a time.
/// </summary>
internal sealed class AesCounter : IDisposable
{
    private const int BlockBytes = 16, Together = 4;

    private readonly Vector128<byte>[] _rounds = [];
    private readonly ICryptoTransform? _ecb;
    private readonly byte[] _counters = [], _stream = [];

    /// <param name="key">16 or 32 bytes.</param>
    /// <param name="byInstructions">False: by the runtime, as on processors without AES instructions.</param>
    public AesCounter(ReadOnlySpan<byte> key, bool byInstructions = true)
    {
        if (byInstructions && NiAes.IsSupported)
        {
            _rounds = key.Length == 32 ? Expand256(key) : Expand128(key);
            return;
        }
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Mode = CipherMode.ECB;
        aes.Padding = PaddingMode.None;
        aes.Key = key.ToArray();
        _ecb = aes.CreateEncryptor();
        _counters = new byte[128 * BlockBytes];
        _stream = new byte[128 * BlockBytes];
    }

    public void Dispose() => _ecb?.Dispose();

    /// <summary>Encrypts or decrypts in place.</summary>
    /// <param name="iv">16 bytes, the last two zero.</param>
    /// <param name="data">At most 65,536 blocks.</param>
    public void Apply(ReadOnlySpan<byte> iv, Span<byte> data)
    {
        if (_ecb is null) ApplyByInstructions(iv, data);
        else ApplyByRuntime(iv, data);
    }

    private void ApplyByInstructions(ReadOnlySpan<byte> iv, Span<byte> data)
    {
        ReadOnlySpan<Vector128<byte>> rounds = _rounds;
        Vector128<ushort> first = Vector128.Create(iv).AsUInt16();
        Span<byte> last = stackalloc byte[Together * BlockBytes];
        int block = 0;
        for (; data.Length >= Together * BlockBytes; data = data[(Together * BlockBytes)..])
        {
            Four(rounds, first, block, data);
            block += Together;
        }
        if (data.IsEmpty) return;
        data.CopyTo(last);
        Four(rounds, first, block, last);
        last[..data.Length].CopyTo(data);
    }

    // Four at a time: the instruction takes four cycles and can begin anew in each.
    private static void Four(ReadOnlySpan<Vector128<byte>> rounds, Vector128<ushort> first, int block, Span<byte> data)
    {
        Vector128<byte> key = rounds[0];
        Vector128<byte> a = Counter(first, block) ^ key, b = Counter(first, block + 1) ^ key, c = Counter(first, block + 2) ^ key, d = Counter(first, block + 3) ^ key;
        for (int i = 1; i < rounds.Length - 1; i++)
        {
            key = rounds[i];
            a = NiAes.Encrypt(a, key);
            b = NiAes.Encrypt(b, key);
            c = NiAes.Encrypt(c, key);
            d = NiAes.Encrypt(d, key);
        }
        key = rounds[^1];
        ref byte to = ref MemoryMarshal.GetReference(data);
        (NiAes.EncryptLast(a, key) ^ Vector128.LoadUnsafe(ref to)).StoreUnsafe(ref to);
        (NiAes.EncryptLast(b, key) ^ Vector128.LoadUnsafe(ref to, 16)).StoreUnsafe(ref to, 16);
        (NiAes.EncryptLast(c, key) ^ Vector128.LoadUnsafe(ref to, 32)).StoreUnsafe(ref to, 32);
        (NiAes.EncryptLast(d, key) ^ Vector128.LoadUnsafe(ref to, 48)).StoreUnsafe(ref to, 48);
    }

    private static Vector128<byte> Counter(Vector128<ushort> first, int block) => first.WithElement(7, BinaryPrimitives.ReverseEndianness((ushort)block)).AsByte();

    private void ApplyByRuntime(ReadOnlySpan<byte> iv, Span<byte> data)
    {
        int block = 0;
        while (!data.IsEmpty)
        {
            int blocks = Math.Min((data.Length + BlockBytes - 1) / BlockBytes, _counters.Length / BlockBytes);
            for (int i = 0; i < blocks; i++)
            {
                Span<byte> counter = _counters.AsSpan(i * BlockBytes, BlockBytes);
                iv.CopyTo(counter);
                BinaryPrimitives.WriteUInt16BigEndian(counter[14..], (ushort)block++);
            }
            _ecb!.TransformBlock(_counters, 0, blocks * BlockBytes, _stream, 0);
            int bytes = Math.Min(data.Length, blocks * BlockBytes);
            for (int i = 0; i < bytes; i++) data[i] ^= _stream[i];
            data = data[bytes..];
        }
    }

    // FIPS 197 §5.2, by the instruction made for it; its round constant must stand in the code.
    private static Vector128<byte>[] Expand128(ReadOnlySpan<byte> key)
    {
        var k = new Vector128<byte>[11];
        k[0] = Vector128.Create(key);
        k[1] = Mix(k[0], NiAes.KeygenAssist(k[0], 0x01), 0xff);
        k[2] = Mix(k[1], NiAes.KeygenAssist(k[1], 0x02), 0xff);
        k[3] = Mix(k[2], NiAes.KeygenAssist(k[2], 0x04), 0xff);
        k[4] = Mix(k[3], NiAes.KeygenAssist(k[3], 0x08), 0xff);
        k[5] = Mix(k[4], NiAes.KeygenAssist(k[4], 0x10), 0xff);
        k[6] = Mix(k[5], NiAes.KeygenAssist(k[5], 0x20), 0xff);
        k[7] = Mix(k[6], NiAes.KeygenAssist(k[6], 0x40), 0xff);
        k[8] = Mix(k[7], NiAes.KeygenAssist(k[7], 0x80), 0xff);
        k[9] = Mix(k[8], NiAes.KeygenAssist(k[8], 0x1b), 0xff);
        k[10] = Mix(k[9], NiAes.KeygenAssist(k[9], 0x36), 0xff);
        return k;
    }

    private static Vector128<byte>[] Expand256(ReadOnlySpan<byte> key)
    {
        var k = new Vector128<byte>[15];
        k[0] = Vector128.Create(key[..16]);
        k[1] = Vector128.Create(key[16..]);
        k[2] = Mix(k[0], NiAes.KeygenAssist(k[1], 0x01), 0xff);
        k[3] = Mix(k[1], NiAes.KeygenAssist(k[2], 0x00), 0xaa);
        k[4] = Mix(k[2], NiAes.KeygenAssist(k[3], 0x02), 0xff);
        k[5] = Mix(k[3], NiAes.KeygenAssist(k[4], 0x00), 0xaa);
        k[6] = Mix(k[4], NiAes.KeygenAssist(k[5], 0x04), 0xff);
        k[7] = Mix(k[5], NiAes.KeygenAssist(k[6], 0x00), 0xaa);
        k[8] = Mix(k[6], NiAes.KeygenAssist(k[7], 0x08), 0xff);
        k[9] = Mix(k[7], NiAes.KeygenAssist(k[8], 0x00), 0xaa);
        k[10] = Mix(k[8], NiAes.KeygenAssist(k[9], 0x10), 0xff);
        k[11] = Mix(k[9], NiAes.KeygenAssist(k[10], 0x00), 0xaa);
        k[12] = Mix(k[10], NiAes.KeygenAssist(k[11], 0x20), 0xff);
        k[13] = Mix(k[11], NiAes.KeygenAssist(k[12], 0x00), 0xaa);
        k[14] = Mix(k[12], NiAes.KeygenAssist(k[13], 0x40), 0xff);
        return k;
    }

    private static Vector128<byte> Mix(Vector128<byte> key, Vector128<byte> assisted, [System.Diagnostics.CodeAnalysis.ConstantExpected] byte which)
    {
        Vector128<byte> word = (which == 0xff ? Sse2.Shuffle(assisted.AsInt32(), 0xff) : Sse2.Shuffle(assisted.AsInt32(), 0xaa)).AsByte();
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        return key ^ word;
    }
}
