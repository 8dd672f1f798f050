using System.Buffers;
using System.Text;
using Tandem.Primitives;

namespace Tandem.Sip.Messages;

public enum UriScheme : byte { Other, Sip, Sips, Tel }

/// <summary>
/// A sip:, sips: or tel: URI taken apart (RFC 3261 §19.1, RFC 3966). Of any other scheme only the scheme is looked at: the caller
/// answers 416. All parts are raw, escapes included.
/// </summary>
public readonly ref struct SipUri
{
    public UriScheme Scheme { get; private init; }

    /// <summary>Without parameters and password; for tel: the number. Empty when the URI names only a host.</summary>
    public ReadOnlySpan<byte> User { get; private init; }

    /// <summary>Parameters within the user part ("4711;phone-context=x@host"), without the first semicolon.</summary>
    public ReadOnlySpan<byte> UserParams { get; private init; }

    /// <summary>IPv6 in its brackets; empty for tel:.</summary>
    public ReadOnlySpan<byte> Host { get; private init; }

    /// <summary>0 when absent.</summary>
    public int Port { get; private init; }

    /// <summary>From the first semicolon after the host (for tel: after the number) up to the headers.</summary>
    public ReadOnlySpan<byte> Params { get; private init; }

    /// <summary>What follows the question mark. Never obeyed in a Request-URI, never carried over (RFC 4475 §3.1.2.11).</summary>
    public ReadOnlySpan<byte> Headers { get; private init; }

    public bool TryGetParam(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => Parameters.TryGet(Params, name, out value);

    /// <summary>
    /// The number or account in the user part: escapes resolved, the leading '+' stripped (the switch routes on digits alone),
    /// visual separators "-.()" removed when the rest is a telephone number (RFC 3966 §5.1.1). False when there is no user or
    /// it is no <see cref="DialString"/>.
    /// </summary>
    public bool TryGetDialString(out DialString number)
    {
        number = default;
        Span<byte> plain = stackalloc byte[64];
        int length = 0;
        for (int i = 0; i < User.Length; i++)
        {
            byte b = User[i];
            if (b == '%')
            {
                if (i + 2 >= User.Length || !char.IsAsciiHexDigit((char)User[i + 1]) || !char.IsAsciiHexDigit((char)User[i + 2])) return false;
                b = (byte)((HexValue(User[i + 1]) << 4) | HexValue(User[i + 2]));
                i += 2;
            }
            if (length == plain.Length) return false;
            plain[length++] = b;
        }
        Span<byte> text = plain[..length];
        if (!text.IsEmpty && text[0] == '+') text = text[1..];
        if (!text.ContainsAnyExcept(PhoneBytes) && text.ContainsAnyInRange((byte)'0', (byte)'9'))
        {
            int kept = 0;
            foreach (byte b in text)
            {
                if (b is not ((byte)'-' or (byte)'.' or (byte)'(' or (byte)')')) text[kept++] = b;
            }
            text = text[..kept];
        }
        return !text.IsEmpty && DialString.TryParse(text, out number);
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out SipUri uri)
    {
        uri = default;
        int colon = text.IndexOf((byte)':');
        if (colon <= 0 || Grammar.ContainsLws(text)) return false;
        UriScheme scheme = SchemeOf(text[..colon]);
        ReadOnlySpan<byte> rest = text[(colon + 1)..];
        if (rest.IsEmpty) return false;
        switch (scheme)
        {
            case UriScheme.Other:
                uri = new SipUri { Scheme = UriScheme.Other };
                return char.IsAsciiLetter((char)text[0]) && !text[..colon].ContainsAnyExcept(SchemeBytes);
            case UriScheme.Tel:
                int semicolon = rest.IndexOf((byte)';');
                ReadOnlySpan<byte> number = semicolon < 0 ? rest : rest[..semicolon];
                uri = new SipUri { Scheme = scheme, User = number, Params = semicolon < 0 ? default : rest[semicolon..] };
                return !number.IsEmpty && !number.ContainsAnyExcept(TelBytes);
            default:
                return TryParseSip(scheme, rest, out uri);
        }
    }

    private static readonly SearchValues<byte> PhoneBytes = SearchValues.Create("0123456789*#-.()"u8);

    // global-number and local-number (RFC 3966 §3), and what else gateways write there: names, escapes.
    private static readonly SearchValues<byte> TelBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+*#-.()%_!~'"u8);

    private static readonly SearchValues<byte> SchemeBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."u8);

    private static bool TryParseSip(UriScheme scheme, ReadOnlySpan<byte> rest, out SipUri uri)
    {
        uri = default;
        ReadOnlySpan<byte> user = default, userParams = default;
        // An '@' elsewhere must be escaped, so the first one ends the user part, whatever ';' and '?' it holds.
        int at = rest.IndexOf((byte)'@');
        if (at == 0) return false;
        if (at > 0)
        {
            user = rest[..at];
            rest = rest[(at + 1)..];
            int password = user.IndexOf((byte)':');
            if (password >= 0) user = user[..password];
            int semicolon = user.IndexOf((byte)';');
            if (semicolon >= 0)
            {
                userParams = user[(semicolon + 1)..];
                user = user[..semicolon];
            }
            if (user.IsEmpty) return false;
        }
        int question = rest.IndexOf((byte)'?');
        ReadOnlySpan<byte> headers = question < 0 ? default : rest[(question + 1)..];
        if (question >= 0) rest = rest[..question];
        int param = rest.IndexOf((byte)';');
        ReadOnlySpan<byte> hostPort = param < 0 ? rest : rest[..param];
        if (!HostPort.TryParse(hostPort, out ReadOnlySpan<byte> host, out int port)) return false;
        uri = new SipUri
        {
            Scheme = scheme, User = user, UserParams = userParams, Host = host, Port = port,
            Params = param < 0 ? default : rest[param..], Headers = headers,
        };
        return true;
    }

    private static UriScheme SchemeOf(ReadOnlySpan<byte> text) => text.Length switch
    {
        3 when Ascii.EqualsIgnoreCase(text, "sip"u8) => UriScheme.Sip,
        3 when Ascii.EqualsIgnoreCase(text, "tel"u8) => UriScheme.Tel,
        4 when Ascii.EqualsIgnoreCase(text, "sips"u8) => UriScheme.Sips,
        _ => UriScheme.Other,
    };

    private static int HexValue(byte b) => b <= '9' ? b - '0' : (b | 0x20) - 'a' + 10;
}
