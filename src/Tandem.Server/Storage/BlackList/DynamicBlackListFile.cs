using System.IO.Hashing;
using System.Text;
using Tandem.Primitives;
using Tandem.Server.Storage.Journal;
using Tandem.Switching.Numbers;

namespace Tandem.Server.Storage.BlackList;

/// <summary>
/// The dynamic black lists on disk, so that a restart forgives nobody: one checksummed file, written aside and moved into place.
/// Layout, little-endian: magic, count, the entries, XXH3 of all before it.
/// </summary>
internal sealed class DynamicBlackListFile(string path)
{
    private static readonly byte[] Magic = "TANDEMB1"u8.ToArray();

    private long _savedChanges = -1;

    /// <summary>Writes what is listed, if anything changed since the last time. False when nothing did.</summary>
    /// <exception cref="IOException">No room; the older file stays.</exception>
    public bool Save(DynamicBlackList list, Instant now)
    {
        long changes = list.Changes;
        if (changes == _savedChanges) return false;
        using MemoryStream to = new();
        using (BinaryWriter writer = new(to, Encoding.UTF8, leaveOpen: true))
        {
            IReadOnlyList<DynamicEntry> entries = list.List(now);
            writer.Write(Magic);
            writer.Write(entries.Count);
            foreach (DynamicEntry entry in entries)
            {
                writer.Write((byte)entry.Kind);
                writer.Write(entry.List);
                writer.Write(entry.Number.ToString());
                writer.Write(entry.Calls);
                writer.Write(entry.Since.Micros);
                writer.Write(entry.Until.Micros);
            }
            writer.Flush();
            writer.Write(XxHash3.HashToUInt64(to.GetBuffer().AsSpan(0, (int)to.Length)));
        }
        DurableFiles.Replace(path, to.GetBuffer().AsSpan(0, (int)to.Length));
        _savedChanges = changes;
        return true;
    }

    /// <summary>Puts what still holds on the lists. A sentence for the operator when the file cannot be used: then nothing is; null when all is well or there is none.</summary>
    public string? Load(DynamicBlackList list, Instant now)
    {
        byte[] bytes;
        try
        {
            if (!File.Exists(path)) return null;
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The dynamic black lists in {path} cannot be read ({e.Message}); they begin empty.";
        }
        int body = bytes.Length - sizeof(ulong);
        bool whole = body >= Magic.Length + sizeof(int) && bytes.AsSpan().StartsWith(Magic) && BitConverter.ToUInt64(bytes, body) == XxHash3.HashToUInt64(bytes.AsSpan(0, body));
        if (!whole) return $"The dynamic black lists in {path} are damaged and are not used; they begin empty.";
        using BinaryReader reader = new(new MemoryStream(bytes, Magic.Length, body - Magic.Length), Encoding.UTF8);
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            var kind = (DynamicKind)reader.ReadByte();
            string whose = reader.ReadString();
            bool isNumber = DialString.TryParse(reader.ReadString().AsSpan(), out DialString number);
            var entry = new DynamicEntry(kind, whose, number, reader.ReadInt32(), new Instant(reader.ReadInt64()), new Instant(reader.ReadInt64()));
            if (entry.Until > now && isNumber && !number.IsEmpty) list.Restore(entry);
        }
        return null;
    }
}
