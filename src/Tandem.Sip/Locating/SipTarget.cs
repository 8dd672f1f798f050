using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Tandem.Primitives;
using Tandem.Sip.Transports;

namespace Tandem.Sip.Locating;

/// <summary>Whom a request is for, as RFC 3263 begins with it: the TARGET of a URI.</summary>
/// <param name="Host">A host name in lower case, or an address without brackets.</param>
/// <param name="Port">0: none was stated.</param>
/// <param name="Transport">Null: none was stated.</param>
/// <param name="Secure">Of a sips URI: TLS at every hop.</param>
public sealed record SipTarget(string Host, int Port = 0, SipTransport? Transport = null, bool Secure = false)
{
    /// <summary>True when nothing has to be asked: the host is an address.</summary>
    public bool IsNumeric => NetAddress.TryParse(Host, 0, out NetAddress address) && address.Port == 0;

    /// <summary>Reads "sip.example.com", "sip.example.com:5070", "192.0.2.1", "[2001:db8::1]:5060".</summary>
    public static bool TryParse(string text, SipTransport? transport, [NotNullWhen(true)] out SipTarget? target)
    {
        target = null;
        if (NetAddress.TryParse(text, 0, out NetAddress address))
        {
            if (address.IsAny) return false;
            target = new SipTarget(address.HostString(), address.Port, transport);
            return true;
        }
        if (!HostName.TryParse(text, out string host, out int port)) return false;
        target = new SipTarget(host, port, transport);
        return true;
    }

    public override string ToString() => Port == 0 ? Host : $"{Host}:{Port}";
}

/// <summary>A name that DNS could know (RFC 1123 §2.1; underscores occur in names of real gateways).</summary>
public static class HostName
{
    private const int MostCharacters = 253;
    private const int MostInLabel = 63;

    /// <summary>Reads name or name:port; the name comes out in lower case, without a final dot. False for addresses too.</summary>
    public static bool TryParse(string text, out string host, out int port)
    {
        port = 0;
        host = text;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65_535) return false;
        }
        if (host.EndsWith('.')) host = host[..^1];
        if (host.Length is 0 or > MostCharacters || !host.Any(char.IsAsciiLetter)) return false;
        foreach (string label in host.Split('.'))
        {
            if (label.Length is 0 or > MostInLabel || label[0] == '-' || label[^1] == '-' || !label.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) return false;
        }
        host = host.ToLowerInvariant();
        return true;
    }
}
