using Tandem.Primitives;
using Tandem.Sip.Messages;

namespace Tandem.Switching.Registrations;

/// <summary>
/// Whether a phone sits behind a NAT: it names itself by an address that only its own network knows, in Contact or in its Via, and
/// another address is where its message came from. A host name says nothing.
/// </summary>
public static class NatDetection
{
    public static bool IsBehindNat(in SipUri contact, SipMessage register, in NetAddress source)
    {
        if (IsHidden(contact.Host, source)) return true;
        foreach (ReadOnlySpan<byte> hop in register.Values(HeaderName.Via))
        {
            return ViaParm.TryParse(hop, out ViaParm via) && IsHidden(via.Host, source); // the first is the sender's
        }
        return false;
    }

    /// <summary>RFC 1918, shared space of carriers (RFC 6598), link-local (RFC 3927, RFC 4291) and unique local addresses (RFC 4193).</summary>
    public static bool IsPrivate(in NetAddress address)
    {
        if (!address.IsV6)
        {
            uint bits = address.V4Bits;
            return bits >> 24 == 10 || bits >> 20 == 0xac1 || bits >> 16 is 0xc0a8 or 0xa9fe || bits >> 22 == 0x191;
        }
        Span<byte> bytes = stackalloc byte[16];
        address.WriteAddressBytes(bytes);
        return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
    }

    private static bool IsHidden(ReadOnlySpan<byte> host, in NetAddress source) =>
        NetAddress.TryParseHost(host, 0, out NetAddress named) && IsPrivate(named) && !named.SameHost(source);
}
