using System.Text;

namespace Tandem.Sip.Transports;

/// <summary>How SIP messages travel (RFC 3261 §18). Over TCP and TLS none is lost, doubled or overtaken while the connection holds.</summary>
public enum SipTransport : byte { Udp = 0, Tcp = 1, Tls = 2 }

public static class SipTransports
{
    /// <summary>The transaction tables' word: nothing is repeated, and the waits for stragglers are zero.</summary>
    public static bool IsReliable(this SipTransport transport) => transport != SipTransport.Udp;

    /// <summary>As a Via has it.</summary>
    public static ReadOnlySpan<byte> Token(this SipTransport transport) => transport switch
    {
        SipTransport.Tcp => "TCP"u8,
        SipTransport.Tls => "TLS"u8,
        _ => "UDP"u8,
    };

    /// <summary>As a URI has it. Empty for UDP, which a URI that names an address means without saying so (RFC 3263 §4.1).</summary>
    public static ReadOnlySpan<byte> UriParameter(this SipTransport transport) => transport switch
    {
        SipTransport.Tcp => ";transport=tcp"u8,
        SipTransport.Tls => ";transport=tls"u8,
        _ => [],
    };

    /// <summary>5060, for TLS 5061 (RFC 3261 §19.1.2).</summary>
    public static int DefaultPort(this SipTransport transport) => transport == SipTransport.Tls ? 5061 : 5060;

    /// <summary>The value of a URI's transport parameter, any case. False for SCTP, WS and what else there may be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> token, out SipTransport transport)
    {
        transport = Ascii.EqualsIgnoreCase(token, "tcp"u8) ? SipTransport.Tcp : Ascii.EqualsIgnoreCase(token, "tls"u8) ? SipTransport.Tls : SipTransport.Udp;
        return transport != SipTransport.Udp || Ascii.EqualsIgnoreCase(token, "udp"u8);
    }
}
