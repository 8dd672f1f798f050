using System.Buffers.Binary;
using Tandem.Media.Relay;
using Tandem.Media.Streams;
using Tandem.Primitives;

namespace Tandem.Server.Recording;

/// <summary>
/// Between the media thread, which puts in what both sides said, and the writer's thread, which takes it out: a ring of bytes with one writer and one
/// reader. When it is full, because the disk stands still, what comes is left out and counted: media never waits.
/// </summary>
internal sealed class RecordingRing : IAudioTap
{
    private const int Size = 1 << 16, Mask = Size - 1; // four seconds of both sides
    private const int HeadBytes = 16;

    private readonly byte[] _bytes = new byte[Size];
    private long _put;
    private long _taken;
    private long _lost;

    /// <summary>Packets that found no room.</summary>
    public long Lost => Volatile.Read(ref _lost);

    public void Put(FlowSide from, bool aLaw, ReadOnlySpan<byte> codes, uint timestamp, Instant now)
    {
        int needed = HeadBytes + codes.Length;
        long put = _put;
        if (codes.Length > 4_096 || put + needed - Volatile.Read(ref _taken) > Size)
        {
            Volatile.Write(ref _lost, _lost + 1);
            return;
        }
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt64LittleEndian(head, now.Micros);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], timestamp);
        BinaryPrimitives.WriteUInt16LittleEndian(head[12..], (ushort)codes.Length);
        head[14] = (byte)from;
        head[15] = aLaw ? (byte)1 : (byte)0;
        Copy(head, put);
        Copy(codes, put + HeadBytes);
        Volatile.Write(ref _put, put + needed);
    }

    /// <summary>The next packet; false when all are taken.</summary>
    /// <param name="codes">Room for 4,096 codes.</param>
    /// <param name="entry">What it is.</param>
    public bool TryTake(Span<byte> codes, out RecordedPacket entry)
    {
        entry = default;
        long taken = _taken;
        if (taken == Volatile.Read(ref _put)) return false;
        Span<byte> head = stackalloc byte[HeadBytes];
        Read(head, taken);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(head[12..]);
        Read(codes[..length], taken + HeadBytes);
        entry = new RecordedPacket((FlowSide)head[14], head[15] == 1, length, BinaryPrimitives.ReadUInt32LittleEndian(head[8..]), new Instant(BinaryPrimitives.ReadInt64LittleEndian(head)));
        Volatile.Write(ref _taken, taken + HeadBytes + length);
        return true;
    }

    private void Copy(ReadOnlySpan<byte> from, long at)
    {
        int start = (int)(at & Mask), first = Math.Min(from.Length, Size - start);
        from[..first].CopyTo(_bytes.AsSpan(start));
        from[first..].CopyTo(_bytes);
    }

    private void Read(Span<byte> to, long at)
    {
        int start = (int)(at & Mask), first = Math.Min(to.Length, Size - start);
        _bytes.AsSpan(start, first).CopyTo(to);
        _bytes.AsSpan(0, to.Length - first).CopyTo(to[first..]);
    }
}

/// <summary>One packet of a recording.</summary>
internal readonly record struct RecordedPacket(FlowSide From, bool ALaw, int Length, uint Timestamp, Instant Came);
