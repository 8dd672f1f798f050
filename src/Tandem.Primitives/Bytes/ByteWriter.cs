using System.Buffers.Binary;
using System.Text;

namespace Tandem.Primitives.Bytes;

/// <summary>
/// Writes into a span and never beyond it: the first write that does not fit sets <see cref="Overflowed"/>, and nothing more
/// is written. Check it once at the end. Integers are big-endian; <c>Put*</c> writes binary, <c>Text</c>/<c>Decimal</c> ASCII.
/// </summary>
public ref struct ByteWriter(Span<byte> room)
{
    private readonly Span<byte> _room = room;
    private int _length;
    private bool _overflowed;

    public readonly int Length => _length;

    public readonly bool Overflowed => _overflowed;

    public readonly ReadOnlySpan<byte> Written => _room[.._length];

    /// <summary>Reserves <paramref name="count"/> bytes and returns them for filling in later; empty when they do not fit.</summary>
    public Span<byte> Take(int count)
    {
        if (_overflowed || count > _room.Length - _length)
        {
            _overflowed = true;
            return [];
        }
        Span<byte> taken = _room.Slice(_length, count);
        _length += count;
        return taken;
    }

    public void Text(scoped ReadOnlySpan<byte> bytes)
    {
        Span<byte> to = Take(bytes.Length);
        if (!to.IsEmpty) bytes.CopyTo(to);
    }

    public void Text(string text)
    {
        if (TryAscii(text, at: 0)) return;
        int n = Encoding.UTF8.GetByteCount(text);
        Span<byte> to = Take(n);
        if (!to.IsEmpty) Encoding.UTF8.GetBytes(text, to);
    }

    public void Text(byte one)
    {
        Span<byte> to = Take(1);
        if (!to.IsEmpty) to[0] = one;
    }

    public void Decimal(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        value.TryFormat(digits, out int n);
        Text(digits[..n]);
    }

    public void Host(in NetAddress address)
    {
        Span<byte> text = stackalloc byte[48];
        int n = address.FormatHost(text, bracketed: true);
        Text(text[..n]);
    }

    public void HostPort(in NetAddress address)
    {
        Host(address);
        Text((byte)':');
        Decimal(address.Port);
    }

    public void PutByte(byte value) => Text(value);

    public void PutUInt16(ushort value)
    {
        Span<byte> to = Take(2);
        if (!to.IsEmpty) BinaryPrimitives.WriteUInt16BigEndian(to, value);
    }

    public void PutInt32(int value)
    {
        Span<byte> to = Take(4);
        if (!to.IsEmpty) BinaryPrimitives.WriteInt32BigEndian(to, value);
    }

    public void PutInt64(long value)
    {
        Span<byte> to = Take(8);
        if (!to.IsEmpty) BinaryPrimitives.WriteInt64BigEndian(to, value);
    }

    public void PutString(string text)
    {
        if (text.Length <= ushort.MaxValue && TryAscii(text, at: 2))
        {
            BinaryPrimitives.WriteUInt16BigEndian(_room[(_length - text.Length - 2)..], (ushort)text.Length);
            return;
        }
        int n = Encoding.UTF8.GetByteCount(text);
        if (n > ushort.MaxValue)
        {
            _overflowed = true;
            return;
        }
        PutUInt16((ushort)n);
        Text(text);
    }

    // Most texts are ASCII: one look at each character. False: nothing was written, look closer.
    private bool TryAscii(string text, int at)
    {
        if (_overflowed || text.Length + at > _room.Length - _length || Ascii.FromUtf16(text, _room[(_length + at)..], out int written) != System.Buffers.OperationStatus.Done) return false;
        _length += at + written;
        return true;
    }

    public void PutAddress(in NetAddress address)
    {
        PutByte(address.IsNone ? (byte)0 : address.IsV6 ? (byte)6 : (byte)4);
        if (address.IsNone) return;
        Span<byte> sixteen = stackalloc byte[16];
        address.WriteAddressBytes(sixteen);
        Text(address.IsV6 ? sixteen : sixteen[12..]);
        PutUInt16((ushort)address.Port);
    }
}

/// <summary>Reads what <see cref="ByteWriter"/> wrote. The first read beyond the end sets <see cref="Failed"/>; from then on zeros come.</summary>
/// <param name="bytes">What is read.</param>
/// <param name="texts">Of a reader that reads many of a kind; null: every text is made anew.</param>
public ref struct ByteReader(ReadOnlySpan<byte> bytes, RepeatedTexts? texts = null)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;
    private bool _failed;

    public readonly bool Failed => _failed;

    public readonly int Remaining => _bytes.Length - _at;

    public ReadOnlySpan<byte> Take(int count)
    {
        if (_failed || count < 0 || count > _bytes.Length - _at)
        {
            _failed = true;
            return [];
        }
        ReadOnlySpan<byte> taken = _bytes.Slice(_at, count);
        _at += count;
        return taken;
    }

    public byte GetByte()
    {
        ReadOnlySpan<byte> b = Take(1);
        return b.IsEmpty ? (byte)0 : b[0];
    }

    public ushort GetUInt16()
    {
        ReadOnlySpan<byte> b = Take(2);
        return b.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(b);
    }

    public int GetInt32()
    {
        ReadOnlySpan<byte> b = Take(4);
        return b.IsEmpty ? 0 : BinaryPrimitives.ReadInt32BigEndian(b);
    }

    public long GetInt64()
    {
        ReadOnlySpan<byte> b = Take(8);
        return b.IsEmpty ? 0 : BinaryPrimitives.ReadInt64BigEndian(b);
    }

    public ReadOnlySpan<byte> GetBlob() => Take(GetUInt16());

    public string GetString()
    {
        ReadOnlySpan<byte> utf8 = GetBlob();
        return texts is null ? Encoding.UTF8.GetString(utf8) : texts.Of(utf8);
    }

    public NetAddress GetAddress()
    {
        byte family = GetByte();
        if (family == 0) return default;
        ReadOnlySpan<byte> bits = Take(family == 6 ? 16 : 4);
        int port = GetUInt16();
        if (_failed) return default;
        return family == 6 ? NetAddress.V6(bits, port) : NetAddress.V4(BinaryPrimitives.ReadUInt32BigEndian(bits), port);
    }
}
