using System.Buffers.Binary;
using System.Text.Unicode;
using Tandem.Primitives.Bytes;
using Tandem.Sip.Messages;

namespace Tandem.Switching.Identity;

/// <summary>
/// What one leg said that the other may be shown, should its rules want it: the display name, the identity headers, and the header
/// fields the switch does not own. Copied clean from the message: a fold is one space, a value with any other control byte is left
/// out, and so is what goes beyond the limits. In a rented buffer; empty for most calls.
/// </summary>
public sealed class LegWords(BytePool pool)
{
    /// <summary>Of one value; a longer one is left out, not cut.</summary>
    public const int MaxValue = 1024;

    /// <summary>Of everything together.</summary>
    public const int MaxBytes = 4096;

    /// <summary>Fields kept.</summary>
    public const int MaxFields = 32;

    /// <summary>Of a display name; a longer one is left out.</summary>
    public const int MaxDisplay = 64;

    // kind, length of the name, length of the value.
    private const int Head = 4;

    private byte[]? _bytes;
    private int _used;
    private int _fields;

    /// <summary>Fields that did not fit or were unclean.</summary>
    public int LeftOut { get; private set; }

    public bool IsEmpty => _used == 0;

    /// <summary>Takes over what a message has; what was taken before is forgotten.</summary>
    /// <param name="message">INVITE or response.</param>
    /// <param name="identity">Also the display name of From and the identity headers.</param>
    public void Take(SipMessage message, bool identity)
    {
        Release();
        Span<byte> clean = stackalloc byte[MaxValue];
        if (identity && NameAddress.TryParse(message.From, out NameAddress from) && TryReadDisplay(from.DisplayName, clean, out int display)) Keep(HeaderName.From, [], clean[..display]);
        foreach (SipMessage.HeaderSlot header in message.Headers)
        {
            bool wanted = header.Name is HeaderName.PAssertedIdentity or HeaderName.PPreferredIdentity or HeaderName.Privacy ? identity : OwnedHeaders.MayPass(header.Name, header.NameBytes);
            if (!wanted) continue;
            if (TryClean(header.Value, clean, out int length)) Keep(header.Name, header.NameBytes, clean[..length]);
            else LeftOut++;
        }
    }

    /// <summary>The display name without quotes and escapes, valid UTF-8 without control bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Display
    {
        get
        {
            foreach (Field one in this)
            {
                if (one.Kind == HeaderName.From) return one.Value;
            }
            return [];
        }
    }

    /// <summary>Writes the fields an endpoint is shown, in the order they came. Returns how many.</summary>
    public int WriteExtra(ref SipWriter w, ExtraHeaders shown)
    {
        int written = 0;
        foreach (Field field in this)
        {
            if (!OwnedHeaders.MayPass(field.Kind, field.Name)) continue;
            ReadOnlySpan<byte> spelling = shown.Spelling(field.Name);
            if (spelling.IsEmpty) continue;
            w.Header(spelling, field.Value);
            written++;
        }
        return written;
    }

    public Enumerator GetEnumerator() => new(_bytes.AsSpan(0, _used));

    public void Release()
    {
        if (_bytes is not null) pool.Return(_bytes);
        _bytes = null;
        _used = _fields = 0;
        LeftOut = 0;
    }

    private void Keep(HeaderName kind, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        int needed = Head + name.Length + value.Length;
        if (_fields == MaxFields || name.Length > 64 || _used + needed > MaxBytes)
        {
            LeftOut++;
            return;
        }
        if (_bytes is null) _bytes = pool.Rent(needed);
        else if (_used + needed > _bytes.Length)
        {
            byte[] larger = pool.Rent(_used + needed);
            _bytes.AsSpan(0, _used).CopyTo(larger);
            pool.Return(_bytes);
            _bytes = larger;
        }
        Span<byte> to = _bytes.AsSpan(_used, needed);
        to[0] = (byte)kind;
        to[1] = (byte)name.Length;
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)value.Length);
        name.CopyTo(to[Head..]);
        value.CopyTo(to[(Head + name.Length)..]);
        _used += needed;
        _fields++;
    }

    // White space that holds a line end is a fold: one space (RFC 3261 §7.3.1). Other control bytes and broken UTF-8 have no business in a header.
    private static bool TryClean(ReadOnlySpan<byte> value, Span<byte> clean, out int length)
    {
        length = 0;
        bool blank = false;
        foreach (byte b in value)
        {
            if (b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                blank = true;
                continue;
            }
            if (b is < 0x20 or 0x7f || length + 2 > clean.Length) return false;
            if (blank && length > 0) clean[length++] = (byte)' ';
            blank = false;
            clean[length++] = b;
        }
        return length > 0 && Utf8.IsValid(clean[..length]);
    }

    private static bool TryReadDisplay(ReadOnlySpan<byte> raw, Span<byte> clean, out int length)
    {
        length = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            byte b = raw[i] == '\\' && i + 1 < raw.Length ? raw[++i] : raw[i];
            if (b is (byte)'\r' or (byte)'\n' or (byte)'\t') b = (byte)' ';
            if (b is < 0x20 or 0x7f || length == MaxDisplay) return false;
            clean[length++] = b;
        }
        return length > 0 && Utf8.IsValid(clean[..length]);
    }

    /// <summary>One field kept. The display name has <see cref="HeaderName.From"/> as its kind and no name.</summary>
    public readonly ref struct Field
    {
        public HeaderName Kind { get; init; }

        public ReadOnlySpan<byte> Name { get; init; }

        public ReadOnlySpan<byte> Value { get; init; }
    }

    /// <summary>For foreach.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public Field Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            int name = _rest[1], value = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
            Current = new Field { Kind = (HeaderName)_rest[0], Name = _rest.Slice(Head, name), Value = _rest.Slice(Head + name, value) };
            _rest = _rest[(Head + name + value)..];
            return true;
        }
    }
}
