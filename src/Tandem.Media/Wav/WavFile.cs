using System.Buffers.Binary;
using Tandem.Primitives.Bytes;

namespace Tandem.Media.Wav;

/// <summary>Why bytes are no WAV file the switch plays.</summary>
public enum WavDefect : byte { None, NotWave, NoFormat, NotLinear, NotMono, Not16Bit, WrongRate, NoSamples }

/// <summary>WAV files as bytes: linear 16-bit mono at 8 kHz, what telephony prompts and recordings are.</summary>
public static class WavFile
{
    public const int SampleRate = 8_000;

    public const int HeaderSize = 44;

    /// <summary>Its lengths are of 32 bits.</summary>
    public const long MostDataBytes = uint.MaxValue - HeaderSize;

    /// <summary>
    /// Reads the samples, skipping chunks it does not know. A data chunk cut short (a recording that was not closed) gives what is there.
    /// </summary>
    public static WavDefect TryRead(ReadOnlySpan<byte> file, out short[] samples)
    {
        samples = [];
        if (file.Length < 12 || !file.StartsWith("RIFF"u8) || !file[8..12].SequenceEqual("WAVE"u8)) return WavDefect.NotWave;
        ReadOnlySpan<byte> rest = file[12..];
        bool formatSeen = false;
        while (rest.Length >= 8)
        {
            ReadOnlySpan<byte> name = rest[..4];
            uint said = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            int length = (int)Math.Min(said, (uint)(rest.Length - 8));
            ReadOnlySpan<byte> chunk = rest.Slice(8, length);
            if (name.SequenceEqual("fmt "u8))
            {
                WavDefect defect = CheckFormat(chunk);
                if (defect != WavDefect.None) return defect;
                formatSeen = true;
            }
            else if (name.SequenceEqual("data"u8))
            {
                if (!formatSeen) return WavDefect.NoFormat;
                samples = new short[chunk.Length / 2];
                for (int i = 0; i < samples.Length; i++) samples[i] = BinaryPrimitives.ReadInt16LittleEndian(chunk[(2 * i)..]);
                return WavDefect.None;
            }
            int padded = length + (length & 1); // chunks begin at even places
            rest = rest[Math.Min(8 + padded, rest.Length)..];
        }
        return formatSeen ? WavDefect.NoSamples : WavDefect.NoFormat;
    }

    /// <summary>The whole file.</summary>
    public static byte[] Write(ReadOnlySpan<short> samples)
    {
        byte[] file = new byte[HeaderSize + (2 * samples.Length)];
        WriteHeader(file, channels: 1, 2L * samples.Length);
        ByteWriter writer = new(file.AsSpan(HeaderSize));
        foreach (short sample in samples) PutLittle(ref writer, sample, 2);
        return file;
    }

    /// <summary>What stands before the samples, linear 16-bit at 8 kHz.</summary>
    /// <param name="room"><see cref="HeaderSize"/> bytes.</param>
    /// <param name="channels">1, or 2: left and right sample by turns.</param>
    /// <param name="dataBytes">Of the samples.</param>
    public static void WriteHeader(Span<byte> room, int channels, long dataBytes)
    {
        ByteWriter writer = new(room);
        writer.Text("RIFF"u8);
        PutLittle(ref writer, (int)(uint)(dataBytes + HeaderSize - 8), 4);
        writer.Text("WAVEfmt "u8);
        PutLittle(ref writer, 16, 4);
        PutLittle(ref writer, 1, 2); // linear PCM
        PutLittle(ref writer, channels, 2);
        PutLittle(ref writer, SampleRate, 4);
        PutLittle(ref writer, SampleRate * 2 * channels, 4);
        PutLittle(ref writer, 2 * channels, 2); // bytes a sample of all channels
        PutLittle(ref writer, 16, 2); // bits a sample
        writer.Text("data"u8);
        PutLittle(ref writer, (int)(uint)dataBytes, 4);
    }

    private static WavDefect CheckFormat(ReadOnlySpan<byte> format)
    {
        const ushort Linear = 1, Extensible = 0xfffe;
        if (format.Length < 16) return WavDefect.NoFormat;
        ushort tag = BinaryPrimitives.ReadUInt16LittleEndian(format);
        if (tag == Extensible && format.Length >= 26) tag = BinaryPrimitives.ReadUInt16LittleEndian(format[24..]);
        if (tag != Linear) return WavDefect.NotLinear;
        if (BinaryPrimitives.ReadUInt16LittleEndian(format[2..]) != 1) return WavDefect.NotMono;
        if (BinaryPrimitives.ReadUInt32LittleEndian(format[4..]) != SampleRate) return WavDefect.WrongRate;
        return BinaryPrimitives.ReadUInt16LittleEndian(format[14..]) == 16 ? WavDefect.None : WavDefect.Not16Bit;
    }

    private static void PutLittle(ref ByteWriter writer, int value, int bytes)
    {
        for (int i = 0; i < bytes; i++) writer.PutByte((byte)(value >> (8 * i)));
    }
}
