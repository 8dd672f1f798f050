using Tandem.Sip.Messages;

namespace Tandem.Sip.Digest;

/// <summary>The comma-separated name=value list of a Digest header, values without their quotes (escapes are left as they are).</summary>
internal ref struct AuthParameters(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    public ReadOnlySpan<byte> Name { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>True once an element was no name=value or a quote did not close.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Splits the scheme off; false when it is not Digest.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> header, out AuthParameters parameters)
    {
        parameters = default;
        header = Grammar.Trim(header);
        if (header.Length < 8 || !Grammar.IsLws(header[6]) || !System.Text.Ascii.EqualsIgnoreCase(header[..6], "Digest"u8)) return false;
        parameters = new AuthParameters(header[7..]);
        return true;
    }

    public bool MoveNext()
    {
        while (!_rest.IsEmpty && !Malformed)
        {
            int end = 0;
            while (end < _rest.Length && _rest[end] != ',')
            {
                if (_rest[end] != '"')
                {
                    end++;
                    continue;
                }
                end = Grammar.SkipQuoted(_rest, end);
                if (end >= 0) continue;
                Malformed = true;
                return false;
            }
            ReadOnlySpan<byte> one = Grammar.Trim(_rest[..end]);
            _rest = end < _rest.Length ? _rest[(end + 1)..] : default;
            if (one.IsEmpty) continue;
            int equals = one.IndexOf((byte)'=');
            Name = equals < 0 ? default : Grammar.Trim(one[..equals]);
            if (!Grammar.IsToken(Name))
            {
                Malformed = true;
                return false;
            }
            ReadOnlySpan<byte> value = Grammar.Trim(one[(equals + 1)..]);
            bool quoted = value.Length > 0 && value[0] == '"';
            // Without quotes it must be a value that quotes can be put around: an answer copies it into some.
            if (quoted ? value.Length < 2 || Grammar.SkipQuoted(value, 0) != value.Length : value.ContainsAny((byte)'"', (byte)'\\') || value.IndexOfAnyInRange((byte)0, (byte)' ') >= 0)
            {
                Malformed = true;
                return false;
            }
            Value = quoted ? value[1..^1] : value;
            return true;
        }
        return false;
    }
}
