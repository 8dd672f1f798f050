using System.Buffers.Binary;
using Tandem.Primitives;

namespace Tandem.Server.Network;

/// <summary>
/// <see cref="NetAddress"/> to and from the kernel's sockaddr_in (16 bytes) and sockaddr_in6 (28 bytes). The scope of a
/// link-local IPv6 address is not kept: such addresses cannot be written in SIP or SDP either.
/// </summary>
internal static class SockAddr
{
    /// <summary>Room for either.</summary>
    public const int Size = 28;

    private const int V4Size = 16;

    /// <summary>Returns the bytes written: 16 or 28.</summary>
    public static int Write(in NetAddress address, Span<byte> to)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)address.Port);
        if (!address.IsV6)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(to, LibC.AF_INET);
            BinaryPrimitives.WriteUInt32BigEndian(to[4..], address.V4Bits);
            to[8..V4Size].Clear();
            return V4Size;
        }
        BinaryPrimitives.WriteUInt16LittleEndian(to, LibC.AF_INET6);
        to[4..8].Clear();
        address.WriteAddressBytes(to[8..24]);
        to[24..Size].Clear();
        return Size;
    }

    /// <summary>None for a family that is neither.</summary>
    public static NetAddress Read(ReadOnlySpan<byte> from)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(from[2..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(from) switch
        {
            LibC.AF_INET => NetAddress.V4(BinaryPrimitives.ReadUInt32BigEndian(from[4..]), port),
            LibC.AF_INET6 => NetAddress.V6(from[8..24], port),
            _ => default,
        };
    }
}
