using System.Buffers.Binary;

namespace Tandem.Media.Udptl;

/// <summary>A UDPTL datagram (ITU-T T.38 §9.1): a sequence number, the primary IFP packet with its length, and what repairs lost ones.</summary>
public static class UdptlPacket
{
    /// <summary>Sequence number, length, and one byte of primary packet.</summary>
    public const int LeastSize = 4;

    /// <summary>Whether the primary packet lies within the datagram. There is no version and no magic: that is all a relay can tell.</summary>
    public static bool Fits(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < LeastSize) return false;
        int length = datagram[2];
        int at = 3;
        if ((length & 0xc0) == 0xc0) return false; // in fragments of 16K (ITU-T X.691 §11.9): no packet is so large
        if ((length & 0x80) != 0) (length, at) = (((length & 0x3f) << 8) | datagram[3], 4);
        return length > 0 && at + length <= datagram.Length;
    }

    /// <summary>One more with each packet.</summary>
    public static ushort Sequence(ReadOnlySpan<byte> datagram) => BinaryPrimitives.ReadUInt16BigEndian(datagram);
}
