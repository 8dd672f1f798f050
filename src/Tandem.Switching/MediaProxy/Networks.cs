using Tandem.Primitives;

namespace Tandem.Switching.MediaProxy;

/// <summary>A realm in which addresses reach one another. Two of the same private block may still be two; nobody can see that from outside.</summary>
public enum Network : byte { Internet, Loopback, LinkLocal, Private10, Private172, Private192, CarrierShared, UniqueLocal }

/// <summary>Which network an address belongs to (RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291).</summary>
public static class Networks
{
    public static Network Of(in NetAddress address)
    {
        if (address.IsLoopback) return Network.Loopback;
        if (address.IsV6)
        {
            Span<byte> bytes = stackalloc byte[16];
            address.WriteAddressBytes(bytes);
            return (bytes[0] & 0xfe) == 0xfc ? Network.UniqueLocal
                : bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80 ? Network.LinkLocal
                : Network.Internet;
        }
        uint bits = address.V4Bits;
        return bits >> 24 == 10 ? Network.Private10
            : bits >> 20 == 0xac1 ? Network.Private172
            : bits >> 16 == 0xc0a8 ? Network.Private192
            : bits >> 16 == 0xa9fe ? Network.LinkLocal
            : bits >> 22 == 0x191 ? Network.CarrierShared
            : Network.Internet;
    }

    /// <summary>IP versions are networks of their own. An address that is not known is in no other network.</summary>
    public static bool Differ(in NetAddress one, in NetAddress other) =>
        !one.IsNone && !other.IsNone && (one.IsV6 != other.IsV6 || Of(one) != Of(other));
}
