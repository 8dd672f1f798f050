using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Tandem.Primitives;

/// <summary>
/// A number as dialled or shown: 1 to 32 of the characters 0-9 * # + - . _ and letters (account-like caller ids occur).
/// A value, 33 bytes, no allocation; E.164 numbers are those of at most 15 digits. Source: RFC 4967 (dial strings).
/// </summary>
public readonly struct DialString : IEquatable<DialString>
{
    public const int MaxLength = 32;

    private readonly Buffer32 _bytes;
    private readonly byte _length;

    private DialString(ReadOnlySpan<byte> bytes)
    {
        _length = (byte)bytes.Length;
        Span<byte> room = _bytes;
        bytes.CopyTo(room);
    }

    public static readonly DialString Empty;

    public int Length => _length;

    public bool IsEmpty => _length == 0;

    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)_bytes)[.._length];

    /// <summary>False when too long or a character is outside the set; the empty text gives the empty string.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DialString value)
    {
        value = default;
        if (text.Length > MaxLength) return false;
        foreach (byte b in text)
        {
            if (!IsAllowed(b)) return false;
        }
        value = new DialString(text);
        return true;
    }

    public static bool TryParse(ReadOnlySpan<char> text, out DialString value)
    {
        value = default;
        if (text.Length > MaxLength) return false;
        Span<byte> bytes = stackalloc byte[MaxLength];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] > 127) return false;
            bytes[i] = (byte)text[i];
        }
        return TryParse(bytes[..text.Length], out value);
    }

    public static DialString Parse(string text) =>
        TryParse(text.AsSpan(), out DialString v) ? v : throw new FormatException($"'{text}' is no dial string: at most 32 of 0-9 * # + - . _ and letters.");

    public static bool IsAllowed(byte b) =>
        b is (>= (byte)'0' and <= (byte)'9') or (byte)'*' or (byte)'#' or (byte)'+' or (byte)'-' or (byte)'.' or (byte)'_'
            or (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z');

    public bool StartsWith(in DialString prefix) => Bytes.StartsWith(prefix.Bytes);

    public bool Equals(DialString other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => obj is DialString other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    public static bool operator ==(DialString a, DialString b) => a.Equals(b);

    public static bool operator !=(DialString a, DialString b) => !a.Equals(b);

    public override string ToString() => Encoding.ASCII.GetString(Bytes);

    [InlineArray(MaxLength)]
    private struct Buffer32
    {
        private byte _first;
    }
}
