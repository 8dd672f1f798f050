using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;

namespace Tandem.Server.Storage.Ported;

/// <summary>What an import came to: a table in its place, or everything that is wrong with the file.</summary>
internal sealed record PortedImport(long Numbers, int Routings, long Bytes, IReadOnlyList<Api.FieldFault> Errors, int ErrorCount);

/// <summary>
/// Builds the file of <see cref="PortedTable"/> from CSV in any order, in bounded memory: pieces of some million numbers are sorted and laid aside, then merged. The table in
/// place stays until the new one is whole and on the disk.
/// </summary>
internal static class PortedBuilder
{
    private const int Entry = 16;

    /// <param name="csv">Read once to its end.</param>
    /// <param name="path">Where the table shall be; pieces are laid aside next to it.</param>
    /// <param name="now">Noted in the file.</param>
    /// <param name="progress">Told every million lines how many were read, and while merging how many numbers are written.</param>
    /// <param name="stop">Gives up; nothing was replaced.</param>
    /// <param name="piece">Numbers sorted in memory at once, 16 bytes each.</param>
    /// <exception cref="IOException">No room; nothing was replaced.</exception>
    public static PortedImport Build(Stream csv, string path, Instant now, Action<string, long>? progress, CancellationToken stop, int piece = 1 << 22)
    {
        var reader = new PortedCsv(csv);
        List<string> pieces = [];
        try
        {
            var keys = new ulong[piece];
            var rest = new long[piece]; // routing number's place, and line
            int count = 0;
            while (reader.TryRead(out ulong key, out int routing))
            {
                keys[count] = key;
                rest[count++] = ((long)routing << 32) | (uint)reader.Line;
                if (count == piece) LayAside(keys, rest, ref count, path, pieces);
                if (reader.Line % 1_000_000 != 0) continue;
                stop.ThrowIfCancellationRequested();
                progress?.Invoke("read", reader.Line);
            }
            if (count > 0) LayAside(keys, rest, ref count, path, pieces);
            string aside = path + ".new";
            (long numbers, long bytes) = Merge(pieces, reader, aside, now, progress, stop);
            if (reader.ErrorCount > 0)
            {
                File.Delete(aside);
                return new PortedImport(numbers, reader.Routings.Count, 0, reader.Errors, reader.ErrorCount);
            }
            File.Move(aside, path, overwrite: true);
            DurableFiles.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new PortedImport(numbers, reader.Routings.Count, bytes, [], 0);
        }
        finally
        {
            foreach (string one in pieces) File.Delete(one);
        }
    }

    private static void LayAside(ulong[] keys, long[] rest, ref int count, string path, List<string> pieces)
    {
        Array.Sort(keys, rest, 0, count);
        string name = $"{path}.piece{pieces.Count}";
        pieces.Add(name);
        using var file = new FileStream(name, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        Span<byte> entry = stackalloc byte[Entry];
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(entry, keys[i]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], rest[i]);
            file.Write(entry);
        }
        count = 0;
    }

    private static (long Numbers, long Bytes) Merge(List<string> pieces, PortedCsv reader, string aside, Instant now, Action<string, long>? progress, CancellationToken stop)
    {
        PieceReader[] sources = [.. pieces.Select(static p => new PieceReader(p))];
        try
        {
            var next = new PriorityQueue<PieceReader, (ulong Key, uint Line)>(sources.Length);
            foreach (PieceReader source in sources)
            {
                if (source.Move()) next.Enqueue(source, (source.Key, source.Line));
            }
            using var writer = new PortedWriter(aside, reader.Routings, now);
            (ulong key, int routing, uint line) last = default;
            while (next.TryPeek(out PieceReader? source, out _))
            {
                // As long as this piece has the least there is no need to ask the others.
                if (source.Key == last.key && source.Routing != last.routing) reader.Fault((int)source.Line, $"{PortedKey.Text(source.Key)} stands with another routing number on line {last.line}");
                else if (source.Key != last.key && reader.ErrorCount == 0) writer.Add(source.Key, source.Routing);
                last = (source.Key, source.Routing, source.Line);
                if (source.Move()) next.DequeueEnqueue(source, (source.Key, source.Line));
                else next.Dequeue();
                if (writer.Count % 4_000_000 != 0 || writer.Count == 0) continue;
                stop.ThrowIfCancellationRequested();
                progress?.Invoke("written", writer.Count);
            }
            return (writer.Count, reader.ErrorCount > 0 ? 0 : writer.Finish());
        }
        finally
        {
            foreach (PieceReader source in sources) source.Dispose();
        }
    }

    private sealed class PieceReader(string path) : IDisposable
    {
        private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.None, 1, FileOptions.SequentialScan);
        private readonly byte[] _buffer = new byte[1 << 18];
        private int _at, _end;

        public ulong Key { get; private set; }

        public int Routing { get; private set; }

        public uint Line { get; private set; }

        public bool Move()
        {
            if (_at == _end)
            {
                _end = _file.ReadAtLeast(_buffer, _buffer.Length, throwOnEndOfStream: false);
                _at = 0;
                if (_end == 0) return false;
            }
            Key = BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(_at));
            long rest = BinaryPrimitives.ReadInt64LittleEndian(_buffer.AsSpan(_at + 8));
            (Routing, Line) = ((int)(rest >> 32), (uint)rest);
            _at += Entry;
            return true;
        }

        public void Dispose() => _file.Dispose();
    }
}
