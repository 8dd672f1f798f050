using Microsoft.Win32.SafeHandles;
using Tandem.Primitives;
using Tandem.Switching.Billing;

namespace Tandem.Server.Storage.Journal;

/// <summary>One record as read; the payload is valid until the next read.</summary>
public readonly ref struct JournalRecord(long position, long next, JournalRecordType type, Instant at, ReadOnlySpan<byte> payload)
{
    public long Position { get; } = position;

    /// <summary>Where to go on after this record; what a consumer remembers.</summary>
    public long Next { get; } = next;

    public JournalRecordType Type { get; } = type;

    public Instant At { get; } = at;

    public ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>
/// Reads records in order from a position, at its own pace, while writing goes on; stops at the position handed in and can be
/// asked again later. One thread; several readers may read at once.
/// </summary>
/// <param name="folder">The journal's folder.</param>
/// <param name="from">0, or the <see cref="JournalRecord.Next"/> of a record read before.</param>
/// <param name="until">Where to stop now; read again at each call.</param>
public sealed class JournalReader(string folder, long from, Func<long> until) : IDisposable
{
    private readonly JournalCursor _cursor = new(folder, from);
    private long _end = -1; // of a reader in one pass, once it is known

    /// <summary>Where the next record is looked for.</summary>
    public long Position => _cursor.Next;

    /// <summary>A reader over a journal nobody writes; a torn end is not read, and stays.</summary>
    /// <exception cref="JournalCorruptException">A record in the middle is damaged.</exception>
    public static JournalReader Offline(string folder, long from = 0)
    {
        long end = JournalRecovery.Find(folder, from).End;
        return new JournalReader(folder, from, () => end);
    }

    /// <summary>
    /// Likewise, but the file is gone through once: damage in the middle is told when it is reached, not before the first record. For who uses nothing of what was read before all was.
    /// </summary>
    public static JournalReader InOnePass(string folder) => new(folder, 0, static () => long.MaxValue);

    /// <summary>False when there is no more for now.</summary>
    /// <exception cref="JournalCorruptException">The record is damaged, or not the one that was written after the last.</exception>
    public bool TryRead(out JournalRecord record)
    {
        record = default;
        JournalCursor.Found found = _cursor.Read(_end >= 0 ? _end : until());
        if (found != JournalCursor.Found.Record && _end < 0 && until() == long.MaxValue)
        {
            // The end, a torn tail, or one that is being written; what is worse is thrown.
            _end = JournalRecovery.Find(folder, _cursor.Next).End;
            if (_end <= _cursor.Next) return false;
            _cursor.Forget();
            found = _cursor.Read(_end);
        }
        switch (found)
        {
            case JournalCursor.Found.Record:
                record = new JournalRecord(_cursor.Position, _cursor.Next, _cursor.Header.Type, _cursor.Header.At, _cursor.Payload);
                return true;
            case JournalCursor.Found.Invalid:
                throw new JournalCorruptException($"The journal in {folder} is damaged at position {_cursor.Next}.", _cursor.Next);
            default:
                return false;
        }
    }

    public void Dispose() => _cursor.Dispose();
}

/// <summary>Walks records through the segments, proving each and its place after the one before.</summary>
internal sealed class JournalCursor(string folder, long from) : IDisposable
{
    private byte[] _buffer = new byte[256 * 1024];
    private long _bufferStart; // position of _buffer[0]
    private int _buffered;
    private SafeFileHandle? _file;
    private long _start;
    private long _length;
    private bool _chained;
    private long _until;

    public enum Found { Record, End, Invalid }

    /// <summary>Of the record read last.</summary>
    public long Position { get; private set; }

    public RecordHeader Header { get; private set; }

    public ReadOnlySpan<byte> Payload => _buffer.AsSpan((int)(Position - _bufferStart) + JournalFormat.RecordHeaderBytes, Header.Length);

    /// <summary>The whole record as it stands in the file, with its padding.</summary>
    public ReadOnlySpan<byte> Record => _buffer.AsSpan((int)(Position - _bufferStart), JournalFormat.RecordBytes(Header.Length));

    /// <summary>Where the next record is looked for.</summary>
    public long Next { get; private set; } = from;

    public Found Read(long until)
    {
        _until = until;
        while (true)
        {
            if (Next >= until) return Found.End;
            if (!Enter()) return until == long.MaxValue ? Found.End : Found.Invalid;
            long offset = Next - _start;
            if (offset == 0)
            {
                if (!JournalFormat.IsSegmentHeader(Bytes(Next, JournalFormat.SegmentHeaderBytes), _start, _length)) return Found.Invalid;
                Next += JournalFormat.SegmentHeaderBytes;
                continue;
            }
            if (_length - offset < JournalFormat.RecordHeaderBytes)
            {
                if (!GoOn(_start + _length)) return Found.End;
                continue;
            }
            ReadOnlySpan<byte> bytes = Bytes(Next, JournalFormat.RecordHeaderBytes);
            if (bytes.IsEmpty) return Found.Invalid;
            RecordHeader header = JournalFormat.ReadHeader(bytes);
            if (header.IsBlank)
            {
                // Nothing here, unless the rest of the segment was too small for what came next.
                if (until != long.MaxValue && until <= _start + _length) return Found.Invalid;
                if (until == long.MaxValue && !IsUsed(_start + _length)) return Found.End;
                if (!GoOn(_start + _length)) return Found.End;
                continue;
            }
            if (header.Type == 0 || _length - offset < JournalFormat.RecordBytes(header.Length)) return Found.Invalid;
            bytes = Bytes(Next, JournalFormat.RecordBytes(header.Length));
            if (bytes.IsEmpty || !JournalFormat.IsWhole(bytes, header)) return Found.Invalid;
            if (_chained && header.Previous != Header.Checksum) return Found.Invalid;
            _chained = true;
            Header = header;
            Position = Next;
            Next += JournalFormat.RecordBytes(header.Length);
            return Found.Record;
        }
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>What was read ahead is read anew: it was being written.</summary>
    public void Forget() => _buffered = 0;

    /// <summary>Opens the segment that <see cref="Next"/> lies in.</summary>
    private bool Enter()
    {
        if (_file is not null && Next >= _start && Next < _start + _length) return true;
        List<long> starts = JournalFormat.Segments(folder);
        if (starts.Count == 0) return false;
        if (Next < starts[0]) Next = starts[0];
        int at = starts.BinarySearch(Next);
        long start = starts[at >= 0 ? at : ~at - 1];
        SafeFileHandle file = File.OpenHandle(Path.Combine(folder, JournalFormat.FileName(start)), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long length = RandomAccess.GetLength(file);
        if (Next >= start + length)
        {
            file.Dispose();
            return false;
        }
        _file?.Dispose();
        (_file, _start, _length) = (file, start, length);
        _buffered = 0;
        return true;
    }

    private bool GoOn(long start)
    {
        if (!File.Exists(Path.Combine(folder, JournalFormat.FileName(start)))) return false;
        Next = start;
        return true;
    }

    private bool IsUsed(long start)
    {
        string path = Path.Combine(folder, JournalFormat.FileName(start));
        if (!File.Exists(path)) return false;
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> header = stackalloc byte[JournalFormat.RecordHeaderBytes];
        return RandomAccess.Read(file, header, JournalFormat.SegmentHeaderBytes) == header.Length && !JournalFormat.ReadHeader(header).IsBlank;
    }

    /// <summary>The bytes at a position, from the buffer or the file; empty when the file ends before.</summary>
    private ReadOnlySpan<byte> Bytes(long position, int count)
    {
        if (position < _bufferStart || position + count > _bufferStart + _buffered)
        {
            if (count > _buffer.Length) _buffer = new byte[Math.Max(count, _buffer.Length * 2)];
            _bufferStart = position;
            _buffered = 0;
            int wanted = (int)Math.Min(_buffer.Length, _until - position); // beyond it a write may be under way
            while (_buffered < wanted)
            {
                int n = RandomAccess.Read(_file!, _buffer.AsSpan(_buffered, wanted - _buffered), position - _start + _buffered);
                if (n == 0) break;
                _buffered += n;
            }
        }
        return position + count > _bufferStart + _buffered ? [] : _buffer.AsSpan((int)(position - _bufferStart), count);
    }
}
