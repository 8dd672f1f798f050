using Tandem.Primitives;
using Tandem.Sip.Transports;

namespace Tandem.Server.Network;

/// <summary>Where SIP is to be listened for: "udp:192.0.2.1:5060", "tcp:…", "tls:[2001:db8::1]:5061"; an address alone is UDP.</summary>
public readonly record struct SipBinding(NetAddress Address, SipTransport Transport = SipTransport.Udp)
{
    public static implicit operator SipBinding(NetAddress address) => FromNetAddress(address);

    public static SipBinding FromNetAddress(NetAddress address) => new(address);

    public static bool TryParse(string text, out SipBinding binding)
    {
        SipTransport transport = SipTransport.Udp;
        ReadOnlySpan<char> address = text;
        if (address.Length > 4 && address[3] == ':' && char.IsAsciiLetter(address[0]))
        {
            Span<byte> token = stackalloc byte[3];
            for (int i = 0; i < 3; i++) token[i] = (byte)address[i];
            if (!SipTransports.TryParse(token, out transport))
            {
                binding = default;
                return false;
            }
            address = address[4..];
        }
        bool parsed = NetAddress.TryParse(address, transport.DefaultPort(), out NetAddress at);
        binding = new SipBinding(at, transport);
        return parsed;
    }

    public override string ToString() => Transport switch
    {
        SipTransport.Tcp => $"tcp:{Address}",
        SipTransport.Tls => $"tls:{Address}",
        _ => Address.ToString(),
    };
}
