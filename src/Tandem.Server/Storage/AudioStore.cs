using System.Buffers.Binary;
using System.Security.Cryptography;
using Tandem.Server.Storage.Journal;

namespace Tandem.Server.Storage;

/// <summary>WAV files named by their content: <c>audio/SHA256.wav</c>. Never changed.</summary>
public sealed class AudioStore
{
    /// <summary>Of the data folder.</summary>
    public const string Folder = "audio";

    private const int HeaderBytes = 12;
    private const int FormatBytes = 16;
    private readonly string _folder;

    public AudioStore(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>Stores a file, once; it is durable when this returns.</summary>
    /// <returns>Its name: SHA-256 in hex.</returns>
    /// <exception cref="IOException">No room or no permission; nothing is stored.</exception>
    public string Save(ReadOnlySpan<byte> wav)
    {
        string name = Convert.ToHexStringLower(SHA256.HashData(wav));
        string path = Path.Combine(_folder, name + ".wav");
        if (!File.Exists(path)) DurableFiles.Replace(path, wav);
        return name;
    }

    /// <summary>What is wrong with a file that should be a WAV of PCM, 8000 samples a second, 16 bits, one channel; null: nothing.</summary>
    public static string? Wrong(ReadOnlySpan<byte> wav)
    {
        if (wav.Length < HeaderBytes || !wav[..4].SequenceEqual("RIFF"u8) || !wav[8..HeaderBytes].SequenceEqual("WAVE"u8)) return "it is no WAV file";
        bool format = false;
        for (int at = HeaderBytes; at + 8 <= wav.Length;)
        {
            ReadOnlySpan<byte> name = wav.Slice(at, 4);
            long length = BinaryPrimitives.ReadUInt32LittleEndian(wav[(at + 4)..]);
            at += 8;
            if (length > wav.Length - at) return "it is cut short";
            if (name.SequenceEqual("fmt "u8))
            {
                if (length < FormatBytes) return "its format is cut short";
                ReadOnlySpan<byte> fmt = wav.Slice(at, FormatBytes);
                int coding = BinaryPrimitives.ReadUInt16LittleEndian(fmt), channels = BinaryPrimitives.ReadUInt16LittleEndian(fmt[2..]), bits = BinaryPrimitives.ReadUInt16LittleEndian(fmt[14..]);
                uint rate = BinaryPrimitives.ReadUInt32LittleEndian(fmt[4..]);
                if (coding != 1 || channels != 1 || rate != 8_000 || bits != 16) return $"it has coding {coding}, {rate} samples a second, {bits} bits, {channels} channels; PCM (1), 8000, 16 and 1 are needed";
                format = true;
            }
            else if (name.SequenceEqual("data"u8))
            {
                return !format ? "its sound comes before its format" : length % 2 != 0 ? "its last sample is cut short" : null;
            }
            at += (int)length + (int)(length & 1);
        }
        return "it has no sound";
    }
}
