using System.Buffers.Binary;
using Tandem.Media.Rtp;

namespace Tandem.Media.Srtp;

/// <summary>Why a packet was not let through.</summary>
public enum SrtpFault : byte
{
    None,

    /// <summary>Too short, or with lengths that go beyond it.</summary>
    Malformed,

    /// <summary>Its tag is wrong: not from who has the key, or changed on the way.</summary>
    NotAuthentic,

    /// <summary>It was there already, or is too old to know.</summary>
    Replayed,

    /// <summary>One SSRC too many under this key.</summary>
    TooManySources,
}

/// <summary>Takes SRTP and SRTCP of one end apart (RFC 3711 §3.3, §3.4). Nothing changes here by a packet that is not authentic. One thread.</summary>
public sealed class SrtpReceiver(SrtpKey key) : IDisposable
{
    private readonly SrtpCipher _cipher = SrtpCipher.Of(key);
    private readonly SrtpSources _sources = new();

    public SrtpKey Key { get; } = key;

    public void Dispose() => _cipher.Dispose();

    /// <summary>Decrypts in place.</summary>
    /// <param name="packet">As it came.</param>
    /// <param name="length">Of the RTP packet, when there is no fault.</param>
    public SrtpFault OpenRtp(Span<byte> packet, out int length)
    {
        length = 0;
        int payloadAt = SrtpPacket.PayloadAt(packet);
        if (payloadAt < 0 || packet.Length < payloadAt + _cipher.RtpGrowth) return SrtpFault.Malformed;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        int place = _sources.Find(ssrc);
        ulong index = place < 0 ? sequence : _sources[place].Rtp.Guess(sequence);
        if (place >= 0 && !_sources[place].Rtp.IsNew(index)) return SrtpFault.Replayed;
        length = _cipher.Open(packet, payloadAt, ssrc, index);
        if (length < 0) return SrtpFault.NotAuthentic;
        if (place < 0) place = _sources.Add(ssrc);
        if (place < 0) return SrtpFault.TooManySources;
        _sources[place].Rtp.Take(index);
        return SrtpFault.None;
    }

    /// <summary>Decrypts in place.</summary>
    /// <param name="packet">As it came.</param>
    /// <param name="length">Of the RTCP compound, when there is no fault.</param>
    public SrtpFault OpenRtcp(Span<byte> packet, out int length)
    {
        length = 0;
        if (packet.Length < SrtpCipher.RtcpHeaderBytes + _cipher.RtcpGrowth || packet[0] >> 6 != 2) return SrtpFault.Malformed;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        uint index = _cipher.RtcpIndexOf(packet);
        int place = _sources.Find(ssrc);
        if (place >= 0 && !_sources[place].Rtcp.IsNew(index)) return SrtpFault.Replayed;
        length = _cipher.OpenRtcp(packet, ssrc);
        if (length < 0) return SrtpFault.NotAuthentic;
        if (place < 0) place = _sources.Add(ssrc);
        if (place < 0) return SrtpFault.TooManySources;
        _sources[place].Rtcp.Take(index);
        return SrtpFault.None;
    }
}

/// <summary>Makes SRTP and SRTCP for one end. One thread.</summary>
public sealed class SrtpSender(SrtpKey key) : IDisposable
{
    private readonly SrtpCipher _cipher = SrtpCipher.Of(key);
    private readonly SrtpSources _sources = new();

    public SrtpKey Key { get; } = key;

    public void Dispose() => _cipher.Dispose();

    /// <summary>Encrypts in place. What was sent already is not sent again: the same key stream over other bytes would give both away.</summary>
    /// <param name="room">The packet, with <see cref="SrtpSuites.MostGrowth"/> bytes of room behind it.</param>
    /// <param name="length">Of the packet; of the SRTP packet when there is no fault.</param>
    public SrtpFault SealRtp(Span<byte> room, ref int length)
    {
        int payloadAt = SrtpPacket.PayloadAt(room[..length]);
        if (payloadAt < 0 || length + _cipher.RtpGrowth > room.Length) return SrtpFault.Malformed;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(room[8..]);
        int place = _sources.Find(ssrc);
        if (place < 0) place = _sources.Add(ssrc);
        if (place < 0) return SrtpFault.TooManySources;
        ref SrtpSources.Source source = ref _sources[place];
        ulong index = source.Rtp.Guess(BinaryPrimitives.ReadUInt16BigEndian(room[2..]));
        if (!source.Rtp.IsNew(index)) return SrtpFault.Replayed;
        source.Rtp.Take(index);
        length = _cipher.Seal(room, length, payloadAt, ssrc, index);
        return SrtpFault.None;
    }

    /// <summary>Encrypts in place.</summary>
    public SrtpFault SealRtcp(Span<byte> room, ref int length)
    {
        if (length < SrtpCipher.RtcpHeaderBytes || length + _cipher.RtcpGrowth > room.Length) return SrtpFault.Malformed;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(room[4..]);
        int place = _sources.Find(ssrc);
        if (place < 0) place = _sources.Add(ssrc);
        if (place < 0) return SrtpFault.TooManySources;
        length = _cipher.SealRtcp(room, length, ssrc, ++_sources[place].RtcpSent);
        return SrtpFault.None;
    }
}

internal static class SrtpPacket
{
    /// <summary>Where the payload begins, behind contributing sources and extension, which are sent in the clear; -1 unless it is RTP of version 2.</summary>
    public static int PayloadAt(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < RtpHeader.FixedSize || packet[0] >> 6 != 2) return -1;
        int at = RtpHeader.FixedSize + (4 * (packet[0] & 0x0f));
        if ((packet[0] & 0x10) == 0) return at <= packet.Length ? at : -1;
        if (packet.Length < at + 4) return -1;
        at += 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]));
        return at <= packet.Length ? at : -1;
    }
}
