using Tandem.Primitives;

namespace Tandem.Switching.Admission;

/// <summary>A source as configured: an address with port, an address with any port (port 0), or a network (length not negative).</summary>
public readonly record struct SourcePattern(NetAddress Address, int PrefixLength)
{
    /// <summary>Reads "192.0.2.1", "192.0.2.1:5060", "192.0.2.0/24", "2001:db8::/32"; bits beyond the length must be zero.</summary>
    public static bool TryParse(string text, out SourcePattern source, out string error)
    {
        source = default;
        error = $"'{text}' is no source: 192.0.2.1, 192.0.2.1:5060, 192.0.2.0/24 or a host name is needed";
        int slash = text.IndexOf('/');
        if (slash < 0)
        {
            if (!NetAddress.TryParse(text, 0, out NetAddress address)) return false;
            source = new SourcePattern(address, -1);
            if (address.IsAny)
            {
                error = $"'{text}' is nobody's address; for every source write 0.0.0.0/0";
                return false;
            }
            return true;
        }
        ReadOnlySpan<char> host = text.AsSpan(0, slash);
        if (!NetAddress.TryParse(host, 0, out NetAddress network) || network.Port != 0) return false;
        if (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out int length) || length > (network.IsV6 ? 128 : 32))
        {
            error = $"'{text}': the length after '/' must be 0 to {(network.IsV6 ? 128 : 32)}";
            return false;
        }
        if (Mask(network, length) != network)
        {
            error = $"'{text}' has bits beyond its length; '{Mask(network, length).HostString()}/{length}' is the network";
            return false;
        }
        source = new SourcePattern(network, length);
        return true;
    }

    /// <summary>The address with all bits after the first <paramref name="length"/> zero, and port 0.</summary>
    public static NetAddress Mask(in NetAddress address, int length)
    {
        if (!address.IsV6) return NetAddress.V4(length == 0 ? 0 : address.V4Bits & (uint.MaxValue << (32 - length)), 0);
        Span<byte> bytes = stackalloc byte[16];
        address.WriteAddressBytes(bytes);
        for (int i = 0; i < 16; i++)
        {
            int keep = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff00 >> keep);
        }
        return NetAddress.V6(bytes, 0);
    }
}
