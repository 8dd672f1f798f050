using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.Storage.Journal;

/// <summary>Where a journal ends, and what lies torn behind its end.</summary>
/// <param name="End">Position after the last whole record.</param>
/// <param name="LastChecksum">That record's checksum; zero when there is none.</param>
/// <param name="Records">Whole records from where the scan began.</param>
/// <param name="LastAt">The last record's instant; zero when there is none.</param>
/// <param name="TornBytes">Bytes written behind the end that make no whole record in its place.</param>
public readonly record struct JournalEnd(long End, ulong LastChecksum, long Records, Instant LastAt, long TornBytes)
{
    /// <summary>Where the last seal stands; −1 for none.</summary>
    public long LastSeal { get; init; } = -1;
}

/// <summary>
/// Finds the end after a crash. A tail that was never confirmed durable may be torn anywhere by a power failure, later parts
/// having reached the disk before earlier ones; it is cut. Damage before a position that a later record knows to have been durable
/// is no torn tail: nothing is changed and the start is refused.
/// </summary>
internal static class JournalRecovery
{
    /// <param name="folder">The journal's.</param>
    /// <param name="from">Read from the segment of this position on, and back from there to the last seal; what is before is taken to be whole, and is proved when it is read.</param>
    /// <exception cref="JournalCorruptException">Damaged in the middle.</exception>
    public static JournalEnd Find(string folder, long from)
    {
        List<long> starts = JournalFormat.Segments(folder);
        for (int i = 1; i < starts.Count; i++)
        {
            long end = starts[i - 1] + new FileInfo(Path.Combine(folder, JournalFormat.FileName(starts[i - 1]))).Length;
            if (starts[i] != end)
                throw new JournalCorruptException($"The journal in {folder} misses a segment: one ends at position {end}, the next begins at {starts[i]}. Nothing was changed; restore the missing file.", end);
        }
        int first = Math.Max(0, starts.FindLastIndex(s => s <= from));
        using JournalCursor cursor = new(folder, starts.Count == 0 ? 0 : starts[first]);
        (long records, long seal) = Walk(cursor, long.MaxValue);
        long at = cursor.Next;
        while (seal < 0 && first > 0)
        {
            first--;
            using JournalCursor before = new(folder, starts[first]);
            (_, seal) = Walk(before, starts[first + 1]);
        }
        long torn = Torn(folder, starts, at, out long durable);
        if (durable > at)
        {
            throw new JournalCorruptException(
                $"The journal in {folder} is damaged at position {at}: records after it are whole and say that everything up to {durable} was durable. Nothing was changed; restore the file from a copy.", at);
        }
        return new JournalEnd(at, cursor.Header.Checksum, records, cursor.Header.At, torn) { LastSeal = seal };
    }

    private static (long Records, long LastSeal) Walk(JournalCursor cursor, long until)
    {
        long records = 0, seal = -1;
        while (cursor.Read(until) == JournalCursor.Found.Record)
        {
            records++;
            if (cursor.Header.Type == JournalRecordType.Seal) seal = cursor.Position;
        }
        return (records, seal);
    }

    /// <summary>Clears what lies behind the end, keeping a copy of it beside the journal.</summary>
    public static void Cut(string folder, in JournalEnd end)
    {
        if (end.TornBytes == 0) return;
        foreach (long start in JournalFormat.Segments(folder))
        {
            string path = Path.Combine(folder, JournalFormat.FileName(start));
            byte[] bytes = File.ReadAllBytes(path);
            if (start + bytes.Length <= end.End) continue;
            int from = (int)Math.Max(0, end.End - start);
            if (start >= end.End) from = Math.Min(bytes.Length, JournalFormat.SegmentHeaderBytes);
            int until = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            if (until <= from) continue;
            DurableFiles.Replace(Path.Combine(folder, $"{start + from:x16}.cut"), bytes.AsSpan(from..until));
            if (start >= end.End)
            {
                File.Delete(path);
                continue;
            }
            bytes.AsSpan(from..until).Clear();
            using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Position = from;
            file.Write(bytes.AsSpan(from..until));
            file.Flush(flushToDisk: true);
        }
        DurableFiles.SyncFolder(folder);
    }

    /// <summary>Counts the bytes from <paramref name="end"/> to the last that is not zero, and finds how far whole records among them claim durability.</summary>
    private static long Torn(string folder, List<long> starts, long end, out long durable)
    {
        durable = 0;
        long torn = 0;
        foreach (long start in starts)
        {
            string path = Path.Combine(folder, JournalFormat.FileName(start));
            if (start + new FileInfo(path).Length <= end) continue;
            byte[] bytes = File.ReadAllBytes(path);
            int from = (int)Math.Max(start >= end ? JournalFormat.SegmentHeaderBytes : 0, end - start);
            int until = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            if (until <= from) continue;
            torn += until - from;
            for (int at = (from + 7) & ~7; at + JournalFormat.RecordHeaderBytes <= until; at += 8)
            {
                RecordHeader header = JournalFormat.ReadHeader(bytes.AsSpan(at));
                if (header.Type == 0 || header.Checksum == 0 || header.Length > bytes.Length - at - JournalFormat.RecordHeaderBytes) continue;
                if (!JournalFormat.IsWhole(bytes.AsSpan(at), header)) continue;
                durable = Math.Max(durable, start + at - header.Behind);
                at += JournalFormat.RecordBytes(header.Length) - 8;
            }
        }
        return torn;
    }
}
