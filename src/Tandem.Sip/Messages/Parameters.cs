using System.Text;

namespace Tandem.Sip.Messages;

/// <summary>
/// The ";name=value" list after a URI, an address or a via. Empty parameters (";;") are passed over; values are raw, quotes and
/// all. Names compare case-insensitively (RFC 3261 §7.3.1).
/// </summary>
public ref struct Parameters(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Empty both for ";name" and ";name=".</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public bool MoveNext()
    {
        while (true)
        {
            int start = 0;
            while (start < _rest.Length && (_rest[start] == ';' || Grammar.IsLws(_rest[start]))) start++;
            _rest = _rest[start..];
            if (_rest.IsEmpty) return false;
            int end = 0;
            while (true)
            {
                int step = _rest[end..].IndexOfAny((byte)';', (byte)'"');
                if (step < 0)
                {
                    end = _rest.Length;
                    break;
                }
                end += step;
                if (_rest[end] == ';') break;
                int after = Grammar.SkipQuoted(_rest, end);
                if (after < 0)
                {
                    end = _rest.Length;
                    break;
                }
                end = after;
            }
            ReadOnlySpan<byte> one = _rest[..end];
            _rest = end < _rest.Length ? _rest[(end + 1)..] : default;
            int equals = one.IndexOf((byte)'=');
            Name = Grammar.Trim(equals < 0 ? one : one[..equals]);
            Value = equals < 0 ? default : Grammar.Trim(one[(equals + 1)..]);
            if (!Name.IsEmpty) return true;
        }
    }

    public readonly Parameters GetEnumerator() => this;

    /// <summary>The current parameter itself, for foreach.</summary>
    public readonly Parameters Current => this;

    public static bool TryGet(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        Parameters each = new(parameters);
        while (each.MoveNext())
        {
            if (each.Name.Length != name.Length || !Ascii.EqualsIgnoreCase(each.Name, name)) continue;
            value = each.Value;
            return true;
        }
        value = default;
        return false;
    }
}
