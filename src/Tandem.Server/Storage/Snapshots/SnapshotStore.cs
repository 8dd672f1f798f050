using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;

namespace Tandem.Server.Storage.Snapshots;

/// <summary>The state of every owner as of one journal position, so that a start reads only the tail behind it.</summary>
/// <param name="Position">Everything before it is in the states.</param>
/// <param name="At">When it was taken.</param>
/// <param name="States">Each owner's bytes by name: <see cref="SnapshotStore.LedgerState"/>, and whatever else the host keeps.</param>
public sealed record Snapshot(long Position, Instant At, IReadOnlyDictionary<string, byte[]> States);

/// <summary>
/// Snapshots as checksummed files, written aside and moved into place; the newest two are kept. A snapshot saves time and proves nothing:
/// a damaged one is passed over, and <c>check</c> never looks at any.
/// </summary>
public sealed class SnapshotStore
{
    public const string LedgerState = "ledger";
    private const int Kept = 2;
    private static readonly byte[] Magic = "TANDEMS1"u8.ToArray();
    private readonly string _folder;

    public SnapshotStore(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>Stores one. <see cref="Snapshot.Position"/> must be durable in the journal before.</summary>
    /// <exception cref="IOException">No room; the older ones stay.</exception>
    public void Write(Snapshot snapshot)
    {
        using MemoryStream to = new();
        using (BinaryWriter writer = new(to, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(snapshot.Position);
            writer.Write(snapshot.At.Micros);
            writer.Write(snapshot.States.Count);
            foreach ((string name, byte[] state) in snapshot.States.OrderBy(static s => s.Key, StringComparer.Ordinal))
            {
                writer.Write(name);
                writer.Write(state.Length);
                writer.Write(state);
            }
            writer.Flush();
            writer.Write(XxHash3.HashToUInt64(to.GetBuffer().AsSpan(0, (int)to.Length)));
        }
        DurableFiles.Replace(PathOf(snapshot.Position), to.GetBuffer().AsSpan(0, (int)to.Length));
        foreach (long old in Positions().OrderDescending().Skip(Kept)) File.Delete(PathOf(old));
    }

    /// <summary>The position of the newest, whole or not; 0 for none.</summary>
    public long Newest => Positions().DefaultIfEmpty().Max();

    /// <summary>The newest that is whole; what was passed over is said in <paramref name="notices"/>.</summary>
    public bool TryLoadNewest(long notBeyond, List<string> notices, [NotNullWhen(true)] out Snapshot? snapshot)
    {
        foreach (long position in Positions().OrderDescending())
        {
            if (position > notBeyond)
            {
                notices.Add($"The snapshot at position {position} lies beyond the journal's end at {notBeyond}; it is removed and an older one used.");
                File.Delete(PathOf(position));
                continue;
            }
            snapshot = Read(PathOf(position));
            if (snapshot is not null && snapshot.Position == position) return true;
            notices.Add($"The snapshot at position {position} is damaged; an older one, or the whole journal, is used.");
        }
        snapshot = null;
        return false;
    }

    private string PathOf(long position) => Path.Combine(_folder, $"{position:x16}.snapshot");

    private IEnumerable<long> Positions()
    {
        foreach (string path in Directory.EnumerateFiles(_folder, "*.snapshot"))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(path), System.Globalization.NumberStyles.AllowHexSpecifier, null, out long position)) yield return position;
        }
    }

    private static Snapshot? Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int body = bytes.Length - 8;
        if (body < Magic.Length || !bytes.AsSpan().StartsWith(Magic)) return null;
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(body)) != XxHash3.HashToUInt64(bytes.AsSpan(0, body))) return null;
        using BinaryReader reader = new(new MemoryStream(bytes, Magic.Length, body - Magic.Length), Encoding.UTF8);
        long position = reader.ReadInt64();
        Instant at = new(reader.ReadInt64());
        Dictionary<string, byte[]> states = new(StringComparer.Ordinal);
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            string name = reader.ReadString();
            states[name] = reader.ReadBytes(reader.ReadInt32());
        }
        return new Snapshot(position, at, states);
    }
}
