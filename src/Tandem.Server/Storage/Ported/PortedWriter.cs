using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Tandem.Primitives;

namespace Tandem.Server.Storage.Ported;

/// <summary>Writes the file of <see cref="PortedTable"/> from numbers in order: blocks to a file aside, the index in memory, then all together.</summary>
internal sealed class PortedWriter : IDisposable
{
    private readonly string _path;
    private readonly DialString[] _routings;
    private readonly Instant _now;
    private readonly FileStream _blocks;
    private readonly List<ulong> _firsts = [];
    private readonly List<uint> _offsets = [];
    private readonly byte[] _buffer = new byte[1 << 20];
    private int _used;
    private long _written;
    private ulong _lastKey;
    private int _lastRouting = -1;

    public PortedWriter(string path, IReadOnlyCollection<DialString> routings, Instant now)
    {
        _path = path;
        _routings = [.. routings];
        _now = now;
        _blocks = new FileStream(path + ".blocks", FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
    }

    public long Count { get; private set; }

    /// <summary>In order, none twice.</summary>
    public void Add(ulong key, int routing)
    {
        if (_used > _buffer.Length - 32) Flush();
        if (Count++ % PortedTable.BlockSize == 0)
        {
            if (_written + _used > uint.MaxValue) throw new IOException("the table would be larger than 4 GiB; its numbers do not fit one file");
            _firsts.Add(key);
            _offsets.Add((uint)(_written + _used));
            (_lastKey, _lastRouting) = (key, -1);
        }
        bool same = routing == _lastRouting;
        Varint(((key - _lastKey) << 1) | (same ? 1UL : 0));
        if (!same) Varint((ulong)routing);
        (_lastKey, _lastRouting) = (key, routing);
    }

    /// <summary>Puts the file together and makes it durable; its length.</summary>
    public long Finish()
    {
        Flush();
        _offsets.Add((uint)_written);
        long routings = _routings.Sum(static r => 1L + r.Length);
        long firstsAt = (PortedHeader.Size + routings + 7) & ~7L;
        long offsetsAt = firstsAt + (8L * _firsts.Count);
        long blocksAt = offsetsAt + (4L * _offsets.Count);
        long bytes = blocksAt + _written + sizeof(ulong);
        using var file = new FileStream(_path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 20, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        var hash = new XxHash3();
        void Put(ReadOnlySpan<byte> piece)
        {
            hash.Append(piece);
            file.Write(piece);
        }
        Span<byte> header = stackalloc byte[PortedHeader.Size];
        new PortedHeader(Count, _firsts.Count, _routings.Length, _now.Micros, firstsAt, offsetsAt, blocksAt, bytes).Write(header);
        Put(header);
        foreach (DialString routing in _routings)
        {
            Put([(byte)routing.Length]);
            Put(routing.Bytes);
        }
        Put(new byte[firstsAt - PortedHeader.Size - routings]);
        Put(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_firsts)));
        Put(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_offsets)));
        _blocks.Position = 0;
        int read;
        while ((read = _blocks.Read(_buffer)) > 0) Put(_buffer.AsSpan(0, read));
        Span<byte> check = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(check, hash.GetCurrentHashAsUInt64());
        file.Write(check);
        file.Flush(flushToDisk: true);
        return bytes;
    }

    public void Dispose() => _blocks.Dispose();

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _buffer[_used++] = (byte)(value | 0x80);
            value >>= 7;
        }
        _buffer[_used++] = (byte)value;
    }

    private void Flush()
    {
        _blocks.Write(_buffer, 0, _used);
        _written += _used;
        _used = 0;
    }
}
