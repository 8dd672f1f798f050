using System.Numerics;

namespace Tandem.Media.Codecs;

/// <summary>
/// ITU-T G.711: A-law (RTP type 8, PCMA) and µ-law (type 0, PCMU), one byte a sample at 8 kHz, from and to 16-bit linear
/// samples (A-law uses the upper 13 bits, µ-law the upper 14). Negative samples are complemented, as in ITU-T G.191.
/// </summary>
public static class G711
{
    /// <summary>What is sent in silence: the code of zero.</summary>
    public const byte MuLawSilence = 0xff, ALawSilence = 0xd5;

    private const int MuLawBias = 33;

    private static readonly short[] FromALaw = Table(ExpandALaw);
    private static readonly short[] FromMuLaw = Table(ExpandMuLaw);

    public static short DecodeALaw(byte code) => FromALaw[code];

    public static short DecodeMuLaw(byte code) => FromMuLaw[code];

    public static byte EncodeALaw(short sample)
    {
        int sign = sample >= 0 ? 0xd5 : 0x55; // positive has the top bit; even bits are inverted
        int magnitude = (sample >= 0 ? sample : ~sample) >> 4; // 11 bits
        if (magnitude < 32) return (byte)(magnitude ^ sign);
        int segment = BitOperations.Log2((uint)magnitude) - 3;
        return (byte)(((segment << 4) | ((magnitude >> (segment - 1)) & 0x0f)) ^ sign);
    }

    public static byte EncodeMuLaw(short sample)
    {
        int sign = sample >= 0 ? 0xff : 0x7f; // positive has the top bit; all bits are inverted
        int magnitude = Math.Min(((sample >= 0 ? sample : ~sample) >> 2) + MuLawBias, 0x1fff);
        int segment = BitOperations.Log2((uint)magnitude) - 5;
        return (byte)(((segment << 4) | ((magnitude >> (segment + 1)) & 0x0f)) ^ sign);
    }

    /// <summary>Decodes as many as <paramref name="codes"/> holds; <paramref name="samples"/> has room for them.</summary>
    public static void DecodeALaw(ReadOnlySpan<byte> codes, Span<short> samples)
    {
        int i = 0;
        for (; i <= codes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(codes[i..]) ^ new Vector<byte>(0x55), out Vector<ushort> low, out Vector<ushort> high);
            G711Vectors.ExpandALaw(low.As<ushort, short>()).CopyTo(samples[i..]);
            G711Vectors.ExpandALaw(high.As<ushort, short>()).CopyTo(samples[(i + Vector<short>.Count)..]);
        }
        for (; i < codes.Length; i++) samples[i] = FromALaw[codes[i]];
    }

    /// <inheritdoc cref="DecodeALaw(ReadOnlySpan{byte}, Span{short})"/>
    public static void DecodeMuLaw(ReadOnlySpan<byte> codes, Span<short> samples)
    {
        int i = 0;
        for (; i <= codes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(~new Vector<byte>(codes[i..]), out Vector<ushort> low, out Vector<ushort> high);
            G711Vectors.ExpandMuLaw(low.As<ushort, short>()).CopyTo(samples[i..]);
            G711Vectors.ExpandMuLaw(high.As<ushort, short>()).CopyTo(samples[(i + Vector<short>.Count)..]);
        }
        for (; i < codes.Length; i++) samples[i] = FromMuLaw[codes[i]];
    }

    /// <summary>Encodes as many as <paramref name="samples"/> holds; <paramref name="codes"/> has room for them.</summary>
    public static void EncodeALaw(ReadOnlySpan<short> samples, Span<byte> codes)
    {
        int i = 0;
        for (; i <= samples.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<short> low = G711Vectors.CompressALaw(new Vector<short>(samples[i..]));
            Vector<short> high = G711Vectors.CompressALaw(new Vector<short>(samples[(i + Vector<short>.Count)..]));
            Vector.Narrow(low.As<short, ushort>(), high.As<short, ushort>()).CopyTo(codes[i..]);
        }
        for (; i < samples.Length; i++) codes[i] = EncodeALaw(samples[i]);
    }

    /// <inheritdoc cref="EncodeALaw(ReadOnlySpan{short}, Span{byte})"/>
    public static void EncodeMuLaw(ReadOnlySpan<short> samples, Span<byte> codes)
    {
        int i = 0;
        for (; i <= samples.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<short> low = G711Vectors.CompressMuLaw(new Vector<short>(samples[i..]));
            Vector<short> high = G711Vectors.CompressMuLaw(new Vector<short>(samples[(i + Vector<short>.Count)..]));
            Vector.Narrow(low.As<short, ushort>(), high.As<short, ushort>()).CopyTo(codes[i..]);
        }
        for (; i < samples.Length; i++) codes[i] = EncodeMuLaw(samples[i]);
    }

    private static short[] Table(Func<byte, short> expand)
    {
        short[] table = new short[256];
        for (int code = 0; code < 256; code++) table[code] = expand((byte)code);
        return table;
    }

    // The middle of the code's interval.
    private static short ExpandALaw(byte code)
    {
        int bits = code ^ 0x55;
        int segment = (bits >> 4) & 7;
        int magnitude = ((bits & 0x0f) << 4) + 8;
        if (segment > 0) magnitude = (magnitude + 0x100) << (segment - 1);
        return (short)((bits & 0x80) != 0 ? magnitude : -magnitude);
    }

    private static short ExpandMuLaw(byte code)
    {
        int bits = ~code;
        int segment = (bits >> 4) & 7;
        int magnitude = (((((bits & 0x0f) << 1) + MuLawBias) << segment) - MuLawBias) << 2;
        return (short)((bits & 0x80) == 0 ? magnitude : -magnitude);
    }
}
