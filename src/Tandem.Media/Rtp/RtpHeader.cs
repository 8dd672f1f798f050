using System.Buffers.Binary;

namespace Tandem.Media.Rtp;

/// <summary>A received RTP packet, seen in place (RFC 3550 §5.1). Valid while the buffer is.</summary>
public readonly ref struct RtpHeader
{
    /// <summary>Bytes of the fixed header, without contributing sources and extension.</summary>
    public const int FixedSize = 12;

    private readonly ReadOnlySpan<byte> _packet;
    private readonly int _extensionStart; // 0 = none
    private readonly int _payloadStart;
    private readonly int _payloadLength;

    private RtpHeader(ReadOnlySpan<byte> packet, int extensionStart, int payloadStart, int payloadLength)
    {
        _packet = packet;
        _extensionStart = extensionStart;
        _payloadStart = payloadStart;
        _payloadLength = payloadLength;
    }

    public bool Marker => (_packet[1] & 0x80) != 0;

    /// <summary>0 to 127.</summary>
    public byte PayloadType => (byte)(_packet[1] & 0x7f);

    public ushort Sequence => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    /// <summary>In units of the payload's clock (<see cref="RtpClock"/>).</summary>
    public uint Timestamp => BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]);

    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(_packet[8..]);

    public bool HasPadding => (_packet[0] & 0x20) != 0;

    public bool HasExtension => _extensionStart != 0;

    /// <summary>Contributing sources: 0 to 15.</summary>
    public int CsrcCount => _packet[0] & 0x0f;

    public uint Csrc(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, CsrcCount);
        return BinaryPrimitives.ReadUInt32BigEndian(_packet[(FixedSize + (4 * index))..]);
    }

    /// <summary>"Defined by profile", e.g. 0xBEDE (RFC 8285 §4.2); zero without extension.</summary>
    public ushort ExtensionProfile => HasExtension ? BinaryPrimitives.ReadUInt16BigEndian(_packet[_extensionStart..]) : (ushort)0;

    public ReadOnlySpan<byte> ExtensionData => HasExtension ? _packet[(_extensionStart + 4).._payloadStart] : [];

    /// <summary>Without padding; may be empty.</summary>
    public ReadOnlySpan<byte> Payload => _packet.Slice(_payloadStart, _payloadLength);

    /// <summary>False unless version 2 and every length in the header lies within the packet (RFC 3550 §A.1).</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpHeader header)
    {
        header = default;
        if (packet.Length < FixedSize || packet[0] >> 6 != 2) return false;
        int at = FixedSize + (4 * (packet[0] & 0x0f));
        int extension = 0;
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < at + 4) return false;
            extension = at;
            at += 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]));
        }
        int length = packet.Length - at;
        if (length < 0) return false;
        if ((packet[0] & 0x20) != 0)
        {
            if (length == 0) return false;
            int padding = packet[^1]; // counts itself
            if (padding == 0 || padding > length) return false;
            length -= padding;
        }
        header = new RtpHeader(packet, extension, at, length);
        return true;
    }

    /// <summary>Writes the fixed header; the payload follows at the returned <see cref="FixedSize"/>.</summary>
    /// <param name="to">At least twelve bytes.</param>
    /// <param name="payloadType">0 to 127.</param>
    /// <param name="marker">First packet after silence, for audio (RFC 3551 §4.1).</param>
    /// <param name="sequence">One more with each packet.</param>
    /// <param name="timestamp">Of the first sample.</param>
    /// <param name="ssrc">The stream, chosen at random.</param>
    public static int Write(Span<byte> to, byte payloadType, bool marker, ushort sequence, uint timestamp, uint ssrc)
    {
        to[0] = 0x80;
        to[1] = (byte)((payloadType & 0x7f) | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], ssrc);
        return FixedSize;
    }
}
