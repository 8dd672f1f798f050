using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Sip.Transports;

/// <summary>Where a request is sent.</summary>
/// <param name="Address">Of the next element.</param>
/// <param name="Transport">How.</param>
/// <param name="ServerName">Whom a TLS certificate must name there, and the server is asked for (SNI); null: the address itself.</param>
public readonly record struct Hop(NetAddress Address, SipTransport Transport, string? ServerName = null)
{
    /// <summary>
    /// The hop a URI names by address: sips is TLS, else its transport parameter, else <paramref name="otherwise"/>. False for a host name, an
    /// address nothing can be sent to, and a transport unknown here.
    /// </summary>
    public static bool TryRead(in SipUri uri, SipTransport otherwise, out Hop hop)
    {
        hop = default;
        SipTransport transport = otherwise;
        if (uri.TryGetParam("transport"u8, out ReadOnlySpan<byte> token) && !SipTransports.TryParse(token, out transport)) return false;
        if (uri.Scheme == UriScheme.Sips) transport = SipTransport.Tls;
        if (!NetAddress.TryParseHost(uri.Host, uri.Port == 0 ? transport.DefaultPort() : uri.Port, out NetAddress address) || address.IsAny) return false;
        hop = new Hop(address, transport);
        return true;
    }
}
