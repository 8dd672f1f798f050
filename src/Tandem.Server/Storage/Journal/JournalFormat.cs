using System.Buffers.Binary;
using System.IO.Hashing;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.Storage.Journal;

/// <summary>
/// The journal's bytes (docs/journal.md). A position counts bytes through all segments; a segment's file is named by the position it starts
/// at, is zero-filled to its full length before use, and begins with a 32-byte header. A record never spans two segments and takes a
/// multiple of eight bytes: checksum 8, the previous record's checksum 8, instant 8, type 1 and payload length 3, how far behind
/// the durable position was 4, payload. The checksum (XXH3, 64 bits) covers everything after itself, so each record proves itself, and
/// all together prove their order. Integers are little-endian.
/// </summary>
internal static class JournalFormat
{
    public const int SegmentHeaderBytes = 32;
    public const int RecordHeaderBytes = 32;
    public const int MaxPayloadBytes = (1 << 24) - 1;
    private static ReadOnlySpan<byte> Magic => "TANDEMJ1"u8;

    public static string FileName(long start) => $"{start:x16}.journal";

    public static int RecordBytes(int payload) => (RecordHeaderBytes + payload + 7) & ~7;

    public static void WriteSegmentHeader(Span<byte> to, long start, long length)
    {
        Magic.CopyTo(to);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], start);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], length);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], XxHash3.HashToUInt64(to[..24]));
    }

    public static bool IsSegmentHeader(ReadOnlySpan<byte> header, long start, long length) =>
        header.Length >= SegmentHeaderBytes && header.StartsWith(Magic)
        && BinaryPrimitives.ReadInt64LittleEndian(header[8..]) == start
        && BinaryPrimitives.ReadInt64LittleEndian(header[16..]) == length
        && BinaryPrimitives.ReadUInt64LittleEndian(header[24..]) == XxHash3.HashToUInt64(header[..24]);

    /// <summary>Writes header, payload and padding into exactly <see cref="RecordBytes"/> bytes; returns the checksum.</summary>
    public static ulong WriteRecord(Span<byte> to, ulong previous, JournalRecordType type, Instant at, long behind, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], previous);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], at.Micros);
        BinaryPrimitives.WriteUInt32LittleEndian(to[24..], ((uint)type << 24) | (uint)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(to[28..], (uint)Math.Min(behind, uint.MaxValue));
        payload.CopyTo(to[RecordHeaderBytes..]);
        to[(RecordHeaderBytes + payload.Length)..].Clear();
        ulong checksum = XxHash3.HashToUInt64(to[8..(RecordHeaderBytes + payload.Length)]);
        BinaryPrimitives.WriteUInt64LittleEndian(to, checksum);
        return checksum;
    }

    public static RecordHeader ReadHeader(ReadOnlySpan<byte> from)
    {
        uint typed = BinaryPrimitives.ReadUInt32LittleEndian(from[24..]);
        return new RecordHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(from), BinaryPrimitives.ReadUInt64LittleEndian(from[8..]), new Instant(BinaryPrimitives.ReadInt64LittleEndian(from[16..])),
            (JournalRecordType)(typed >> 24), (int)(typed & 0xffffff), BinaryPrimitives.ReadUInt32LittleEndian(from[28..]));
    }

    /// <summary>True when the record that begins here, header and payload, is as it was written.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> record, in RecordHeader header) =>
        XxHash3.HashToUInt64(record[8..(RecordHeaderBytes + header.Length)]) == header.Checksum;

    /// <summary>Segment starts in the folder, ascending.</summary>
    public static List<long> Segments(string folder)
    {
        List<long> starts = [];
        foreach (string path in Directory.EnumerateFiles(folder, "*.journal"))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            if (name.Length == 16 && long.TryParse(name, System.Globalization.NumberStyles.AllowHexSpecifier, null, out long start)) starts.Add(start);
        }
        starts.Sort();
        return starts;
    }
}

/// <param name="Checksum">Over everything after itself.</param>
/// <param name="Previous">The checksum of the record before.</param>
/// <param name="At">When it was recorded.</param>
/// <param name="Type">Zero where nothing was written.</param>
/// <param name="Length">Payload bytes.</param>
/// <param name="Behind">How many bytes before this record the durable position was when it was staged.</param>
internal readonly record struct RecordHeader(ulong Checksum, ulong Previous, Instant At, JournalRecordType Type, int Length, uint Behind)
{
    public bool IsBlank => Checksum == 0 && Previous == 0 && Type == 0 && Length == 0 && At.Micros == 0 && Behind == 0;
}
