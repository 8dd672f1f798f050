using System.Globalization;
using Tandem.Primitives;

namespace Tandem.Server.Media;

/// <summary>A network in CIDR notation: 10.0.0.0/8, 2001:db8::/32; a lone address is a network of one.</summary>
/// <param name="Address">Any address of it.</param>
/// <param name="Length">Leading bits that count.</param>
public readonly record struct NetworkPrefix(NetAddress Address, int Length)
{
    public static bool TryParse(string text, out NetworkPrefix prefix)
    {
        prefix = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!NetAddress.TryParse(slash < 0 ? text : text[..slash], 0, out NetAddress address)) return false;
        int most = address.IsV6 ? 128 : 32, length = most;
        if (slash >= 0 && (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > most)) return false;
        prefix = new NetworkPrefix(address, length);
        return true;
    }

    public bool Contains(in NetAddress other)
    {
        if (other.IsNone || other.IsV6 != Address.IsV6) return false;
        Span<byte> ours = stackalloc byte[16], theirs = stackalloc byte[16];
        Address.WriteAddressBytes(ours);
        other.WriteAddressBytes(theirs);
        // IPv4 is held as the last four bytes.
        int bits = Address.IsV6 ? Length : 96 + Length;
        for (int i = 0; i < 16 && bits > 0; i++, bits -= 8)
        {
            int mask = bits >= 8 ? 0xff : 0xff << (8 - bits) & 0xff;
            if ((ours[i] & mask) != (theirs[i] & mask)) return false;
        }
        return true;
    }

    public override string ToString() => $"{Address.HostString()}/{Length}";
}
