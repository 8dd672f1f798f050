using Tandem.Primitives.Bytes;

namespace Tandem.Switching.Calls;

/// <summary>
/// The Call-IDs we mint for the called leg: "t", two digits of shard, thirteen characters of chance. The dispatcher reads the shard back
/// from them without a lookup table; every other Call-ID is spread by its hash.
/// </summary>
public static class OwnCallId
{
    public const int Length = 3 + Base32.Length;

    public static void Write(int shard, ulong chance, Span<byte> room)
    {
        room[0] = (byte)'t';
        room[1] = (byte)('0' + (shard / 10));
        room[2] = (byte)('0' + (shard % 10));
        Base32.Write(chance, room[3..Length]);
    }

    /// <summary>The shard that owns a Call-ID, of <paramref name="shards"/>. A stranger that imitates our form only picks its shard.</summary>
    public static int ShardOf(ReadOnlySpan<byte> callId, int shards, in KeyedHash hash)
    {
        if (shards == 1) return 0;
        if (callId.Length == Length && callId[0] == 't' && char.IsAsciiDigit((char)callId[1]) && char.IsAsciiDigit((char)callId[2]) && Base32.TryRead(callId[3..], out _))
        {
            int shard = ((callId[1] - '0') * 10) + callId[2] - '0';
            if (shard < shards) return shard;
        }
        return (int)(hash.Of(callId) % (ulong)shards);
    }
}
