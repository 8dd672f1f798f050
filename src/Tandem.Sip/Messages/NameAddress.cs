namespace Tandem.Sip.Messages;

/// <summary>
/// The value of From, To, Contact, Route and their like: name-addr or addr-spec with parameters (RFC 3261 §20.10). Without angle
/// brackets every parameter belongs to the header, not to the URI.
/// </summary>
public readonly ref struct NameAddress
{
    /// <summary>Raw, without its quotes; escapes are left as they are.</summary>
    public ReadOnlySpan<byte> DisplayName { get; private init; }

    /// <summary>Raw, without angle brackets.</summary>
    public ReadOnlySpan<byte> Uri { get; private init; }

    /// <summary>From the first semicolon on; empty when there is none.</summary>
    public ReadOnlySpan<byte> Params { get; private init; }

    public bool TryGetParam(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => Parameters.TryGet(Params, name, out value);

    /// <summary>
    /// False for an unclosed quote or bracket, an empty URI, or text between the closing bracket and the first parameter. White
    /// space inside the brackets and commas in an unquoted name are tolerated, as common stacks do (RFC 4475 §3.1.2.14, §3.1.2.15).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out NameAddress address)
    {
        address = default;
        text = Grammar.Trim(text);
        if (text.IsEmpty) return false;
        ReadOnlySpan<byte> display = default;
        int open;
        if (text[0] == '"')
        {
            int after = Grammar.SkipQuoted(text, 0);
            if (after < 0) return false;
            display = text[1..(after - 1)];
            open = after;
            while (open < text.Length && Grammar.IsLws(text[open])) open++;
            if (open == text.Length || text[open] != '<') return false;
        }
        else
        {
            // A '<' after the first ';' could only stand in a parameter's value.
            open = text.IndexOfAny((byte)'<', (byte)';', (byte)'"');
            if (open >= 0 && text[open] == '"') return false;
            if (open < 0 || text[open] == ';')
            {
                ReadOnlySpan<byte> bare = Grammar.Trim(open < 0 ? text : text[..open]);
                ReadOnlySpan<byte> parameters = open < 0 ? default : text[open..];
                if (bare.IsEmpty || bare.Contains((byte)'>') || !Grammar.QuotesClose(parameters)) return false;
                address = new NameAddress { Uri = bare, Params = parameters };
                return true;
            }
            display = Grammar.Trim(text[..open]);
        }
        int close = text[open..].IndexOf((byte)'>');
        if (close < 0) return false;
        ReadOnlySpan<byte> uri = Grammar.Trim(text[(open + 1)..(open + close)]);
        ReadOnlySpan<byte> rest = Grammar.TrimStart(text[(open + close + 1)..]);
        if (uri.IsEmpty || uri.Contains((byte)'<') || (!rest.IsEmpty && rest[0] != ';') || !Grammar.QuotesClose(rest)) return false;
        address = new NameAddress { DisplayName = display, Uri = uri, Params = rest };
        return true;
    }
}
