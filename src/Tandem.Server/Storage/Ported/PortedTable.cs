using System.Buffers.Binary;
using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Numbers;

namespace Tandem.Server.Storage.Ported;

/// <summary>
/// The local table of ported numbers: a sorted file, mapped into memory and never changed. Blocks of 64 numbers, delta-coded, with the first number of each block in an
/// index: a look-up is a binary search and at most 64 small steps, without allocation or lock. A table that was replaced lives as long as somebody reads it.
/// Layout, little-endian: <see cref="PortedHeader"/>; the routing numbers (a length byte each, then the digits); the first key of each block; the offset of each block and
/// the end of the last (32 bits); the blocks; XXH3 of all before it.
/// A number in a block: varint (key − key before) · 2 + (1: routed like the number before), else followed by varint of the routing number's place.
/// </summary>
public sealed unsafe class PortedTable : IPortedTable
{
    public const int BlockSize = 64;

    private readonly MemoryMappedViewAccessor _view;
    private readonly SafeBuffer _buffer;
    private readonly byte* _start;
    private readonly PortedHeader _header;
    private readonly DialString[] _routings;
    private readonly ulong* _firsts;
    private readonly uint* _offsets;
    private readonly byte* _blocks;

    private PortedTable(MemoryMappedViewAccessor view, byte* start, in PortedHeader header, DialString[] routings)
    {
        _view = view;
        _buffer = view.SafeMemoryMappedViewHandle;
        _start = start;
        _header = header;
        _routings = routings;
        _firsts = (ulong*)(start + header.FirstsAt);
        _offsets = (uint*)(start + header.OffsetsAt);
        _blocks = start + header.BlocksAt;
    }

    /// <summary>Numbers in it.</summary>
    public long Count => _header.Count;

    public long Bytes => _header.Bytes;

    /// <summary>Distinct routing numbers.</summary>
    public int Routings => _routings.Length;

    public Instant Built => new(_header.BuiltMicros);

    /// <summary>Opens a table and reads it through once, which proves it whole and brings it into memory.</summary>
    /// <exception cref="DataFolderException">It is missing, damaged, or of another version; one sentence.</exception>
    public static PortedTable Open(string path)
    {
        MemoryMappedViewAccessor? view = null;
        try
        {
            using (var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read)) view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            long length = new FileInfo(path).Length;
            if (!PortedHeader.TryRead(new ReadOnlySpan<byte>(start, (int)Math.Min(length, PortedHeader.Size)), length, out PortedHeader header)) throw new DataFolderException($"{path} is no table of ported numbers, or of another version");
            if (Hash(start, length - sizeof(ulong)) != BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(start + length - sizeof(ulong), sizeof(ulong)))) throw new DataFolderException($"the table of ported numbers {path} is damaged");
            return new PortedTable(view, start, header, ReadRoutings(start, header));
        }
        catch (Exception e)
        {
            view?.Dispose();
            if (e is IOException or UnauthorizedAccessException or FormatException) throw new DataFolderException($"the table of ported numbers {path} cannot be read: {e.Message}", e);
            throw;
        }
    }

    public bool TryFind(in DialString number, out DialString routing)
    {
        routing = default;
        ulong key = PortedKey.Of(number);
        if (key == 0 || _header.Blocks == 0 || key < _firsts[0]) return false;
        long low = 0, high = _header.Blocks - 1;
        while (low < high)
        {
            long middle = (low + high + 1) >> 1;
            if (_firsts[middle] <= key) low = middle;
            else high = middle - 1;
        }
        byte* at = _blocks + _offsets[low];
        byte* end = _blocks + _offsets[low + 1];
        ulong here = 0, place = 0;
        while (at < end)
        {
            ulong step = Varint(ref at);
            here = here == 0 ? _firsts[low] : here + (step >> 1);
            if ((step & 1) == 0) place = Varint(ref at);
            if (here < key) continue;
            GC.KeepAlive(this);
            if (here > key || place >= (ulong)_routings.Length) return false;
            routing = _routings[place];
            return true;
        }
        GC.KeepAlive(this);
        return false;
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "MA0055:Do not use finalizer", Justification = "A table is dropped while calls may still read it; the last of them lets the mapping go.")]
    ~PortedTable()
    {
        _buffer.ReleasePointer();
        _view.Dispose();
    }

    private static ulong Varint(ref byte* at)
    {
        ulong value = *at++;
        if (value < 0x80) return value;
        value &= 0x7f;
        for (int shift = 7; ; shift += 7)
        {
            byte b = *at++;
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
    }

    private static ulong Hash(byte* start, long length)
    {
        var hash = new XxHash3();
        const int Piece = 1 << 26;
        for (long done = 0; done < length; done += Piece) hash.Append(new ReadOnlySpan<byte>(start + done, (int)Math.Min(Piece, length - done)));
        return hash.GetCurrentHashAsUInt64();
    }

    private static DialString[] ReadRoutings(byte* start, in PortedHeader header)
    {
        var routings = new DialString[header.Routings];
        byte* at = start + PortedHeader.Size;
        for (int i = 0; i < routings.Length; i++)
        {
            int length = *at++;
            routings[i] = DialString.Parse(System.Text.Encoding.ASCII.GetString(new ReadOnlySpan<byte>(at, length)));
            at += length;
        }
        return routings;
    }
}

/// <summary>The beginning of a table file: where everything is.</summary>
internal readonly record struct PortedHeader(long Count, long Blocks, int Routings, long BuiltMicros, long FirstsAt, long OffsetsAt, long BlocksAt, long Bytes)
{
    public const int Size = 8 + (8 * 8);

    private static ReadOnlySpan<byte> Magic => "TANDEMP1"u8;

    public void Write(Span<byte> to)
    {
        Magic.CopyTo(to);
        int at = Magic.Length;
        foreach (long value in (ReadOnlySpan<long>)[Count, Blocks, Routings, BuiltMicros, FirstsAt, OffsetsAt, BlocksAt, Bytes])
        {
            BinaryPrimitives.WriteInt64LittleEndian(to[at..], value);
            at += sizeof(long);
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> from, long fileLength, out PortedHeader header)
    {
        header = default;
        if (from.Length < Size || !from.StartsWith(Magic)) return false;
        long Value(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 + (8 * index))..]);
        header = new PortedHeader(Value(from, 0), Value(from, 1), (int)Value(from, 2), Value(from, 3), Value(from, 4), Value(from, 5), Value(from, 6), Value(from, 7));
        return header.Bytes == fileLength && header.FirstsAt >= Size && header.FirstsAt % 8 == 0 && header.OffsetsAt == header.FirstsAt + (8 * header.Blocks) && header.BlocksAt == header.OffsetsAt + (4 * (header.Blocks + 1)) && header.BlocksAt <= fileLength - 8;
    }
}
