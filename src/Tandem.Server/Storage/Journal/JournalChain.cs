using System.Buffers.Binary;
using System.Security.Cryptography;
using Tandem.Switching.Billing;

namespace Tandem.Server.Storage.Journal;

/// <summary>
/// The hash chain of a journal: SHA-256 over the records from one seal to the next, each beginning with the hash before (docs/journal.md). Whoever noted one
/// of its hashes can tell later whether anything before it was changed, whoever changed it.
/// </summary>
public sealed class JournalChain : IDisposable
{
    public const int HashBytes = 32;

    // Version, position of the first record sealed, hash before, hash.
    internal const int SealBytes = 1 + 8 + (2 * HashBytes);
    private const byte Version = 1;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _head = new byte[HashBytes];

    public JournalChain() => _hash.AppendData(_head);

    /// <summary>The newest seal's hash; zeros before the first.</summary>
    public ReadOnlySpan<byte> Head => _head;

    /// <summary>The position behind the newest seal.</summary>
    public long SealedTo { get; private set; }

    /// <summary>Records as they stand in the file, in order.</summary>
    internal void Add(ReadOnlySpan<byte> records) => _hash.AppendData(records);

    /// <summary>The payload of a seal of all that was added since the last.</summary>
    internal byte[] Seal(long position)
    {
        byte[] payload = new byte[SealBytes];
        payload[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(payload.AsSpan(1), SealedTo);
        _head.CopyTo(payload.AsSpan(9));
        byte[] head = _hash.GetHashAndReset();
        head.CopyTo(payload.AsSpan(9 + HashBytes));
        Begin(head, position);
        return payload;
    }

    /// <summary>Goes on behind a seal; the seal's own record is the first of the next.</summary>
    internal void Begin(ReadOnlySpan<byte> head, long position)
    {
        _head = head.ToArray();
        SealedTo = position;
        _ = _hash.GetHashAndReset();
        _hash.AppendData(_head);
    }

    internal static bool TryRead(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> before, out ReadOnlySpan<byte> head)
    {
        bool known = payload.Length == SealBytes && payload[0] == Version;
        before = known ? payload.Slice(9, HashBytes) : default;
        head = known ? payload.Slice(9 + HashBytes, HashBytes) : default;
        return known;
    }

    public void Dispose() => _hash.Dispose();

    /// <summary>Walks the whole journal and works every seal out again.</summary>
    /// <param name="folder">The journal's folder; it may be written meanwhile.</param>
    /// <param name="noted">A hash noted earlier, in hex, to be found among the seals; null for none.</param>
    public static ChainReport Verify(string folder, string? noted)
    {
        long end = JournalRecovery.Find(folder, 0).End;
        using JournalCursor cursor = new(folder, 0);
        using JournalChain chain = new();
        long seals = 0, records = 0, notedAt = -1;
        string? fault = null;
        while (cursor.Read(end) is var found && found != JournalCursor.Found.End)
        {
            if (found == JournalCursor.Found.Invalid)
            {
                fault = $"the journal is damaged at position {cursor.Next}";
                break;
            }
            records++;
            if (cursor.Header.Type == JournalRecordType.Seal)
            {
                byte[] expected = chain.Seal(cursor.Position);
                if (!TryRead(cursor.Payload, out ReadOnlySpan<byte> before, out ReadOnlySpan<byte> head) || !head.SequenceEqual(chain.Head) || !before.SequenceEqual(expected.AsSpan(9, HashBytes)))
                {
                    fault = $"the seal at position {cursor.Position} is not the hash of what stands before it: something up to there was changed";
                    break;
                }
                seals++;
                if (noted is not null && Convert.ToHexStringLower(chain.Head).Equals(noted, StringComparison.OrdinalIgnoreCase)) notedAt = cursor.Position;
            }
            chain.Add(cursor.Record);
        }
        if (fault is null && noted is not null && notedAt < 0) fault = $"the hash {noted} is no seal of this journal: what it was noted of is not what stands here";
        return new ChainReport(fault is null, seals, records, chain.SealedTo, end, Convert.ToHexStringLower(chain.Head), notedAt, fault);
    }
}

/// <summary>What a walk over the chain found.</summary>
/// <param name="Whole">Every seal is the hash of what stands before it.</param>
/// <param name="Seals">How many.</param>
/// <param name="Records">All records.</param>
/// <param name="SealedTo">Up to here seals reach.</param>
/// <param name="End">Up to here there are records.</param>
/// <param name="Head">The newest seal's hash, in hex.</param>
/// <param name="NotedAt">Where the seal with the noted hash stands; −1 for none.</param>
/// <param name="Fault">What is wrong, in a sentence.</param>
public sealed record ChainReport(bool Whole, long Seals, long Records, long SealedTo, long End, string Head, long NotedAt, string? Fault);
