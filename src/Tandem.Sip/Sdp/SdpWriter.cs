using Tandem.Primitives;
using Tandem.Primitives.Bytes;

namespace Tandem.Sip.Sdp;

/// <summary>Writes the description of one leg anew for the other: our addresses, our name, nothing that shows who stands behind.</summary>
public static class SdpWriter
{
    /// <summary>
    /// Canonical SDP from <paramref name="from"/>: origin and connection ours, each m-line that can be relayed at its port of ours, every other kept in
    /// its place and rejected (RFC 3264 §6). Kept: rtpmap, fmtp and rtcp-fb of listed formats, ptime, maxptime, direction, T.38's own attributes. Everything
    /// else (candidates, groups, keys, rtcp addresses, unknown attributes, i= u= e= p= b=) stays behind. The older hold by 0.0.0.0 becomes sendonly.
    /// </summary>
    /// <param name="writer">Where to; ask it for <see cref="ByteWriter.Overflowed"/> afterwards.</param>
    /// <param name="from">The parsed description of the other leg, without defect.</param>
    /// <param name="sessionId">Ours, the same for a leg's whole life (RFC 8866 §5.2).</param>
    /// <param name="version">Grows by one with each change sent on the leg (RFC 3264 §8).</param>
    /// <param name="ours">Our address; its port does not count.</param>
    /// <param name="lines">For each m-line what it is told; one without a port is rejected.</param>
    /// <param name="edit">How an audio line is told otherwise; null: as it was said.</param>
    public static void Relay(ref ByteWriter writer, SessionDescription from, ulong sessionId, ulong version, in NetAddress ours, ReadOnlySpan<RelayedLine> lines, AudioEdit? edit = null)
    {
        Open(ref writer, sessionId, version, ours);
        WriteConnection(ref writer, ours);
        writer.Text("t=0 0\r\n"u8);
        for (int i = 0; i < from.MediaCount; i++)
        {
            MediaDescription media = from.Media(i);
            int port = media.IsRelayable ? lines[i].Port : 0;
            AudioEdit? other = edit?.Line == i ? edit : null;
            WriteMediaLine(ref writer, media, port, port == 0 || media.IsUdptl ? media.Protocol : Profile(lines[i].Secure, media.HasFeedback), other);
            if (port == 0) continue;
            WriteAttributes(ref writer, media, Seen(media), direct: false, other);
            writer.Text(lines[i].Crypto);
        }
    }

    /// <summary>
    /// The same for ends that send their media to each other: every m-line that <see cref="MediaDescription.IsPassable"/> keeps its own address and
    /// port and what RTCP and T.38 need; the others are rejected. Name, version and everything else stay ours or behind, as in <see cref="Relay"/>.
    /// </summary>
    /// <param name="writer">Where to; ask it for <see cref="ByteWriter.Overflowed"/> afterwards.</param>
    /// <param name="from">The parsed description of the other leg, without defect.</param>
    /// <param name="sessionId">Ours, the same for a leg's whole life.</param>
    /// <param name="version">Grows by one with each change sent on the leg.</param>
    /// <param name="origin">Our address, for o=: it names who speaks, not where media goes.</param>
    /// <param name="edit">How an audio line is told otherwise; null: as it was said.</param>
    public static void Direct(ref ByteWriter writer, SessionDescription from, ulong sessionId, ulong version, in NetAddress origin, AudioEdit? edit = null)
    {
        Open(ref writer, sessionId, version, origin);
        int first = from.FirstPassable();
        ReadOnlySpan<byte> session = first < 0 ? default : from.Media(first).Connection;
        if (first < 0) WriteConnection(ref writer, origin);
        else WriteConnection(ref writer, session);
        writer.Text("t=0 0\r\n"u8);
        for (int i = 0; i < from.MediaCount; i++)
        {
            MediaDescription media = from.Media(i);
            AudioEdit? other = edit?.Line == i ? edit : null;
            WriteMediaLine(ref writer, media, media.IsPassable ? media.Port : 0, media.Protocol, other);
            if (!media.IsPassable) continue;
            if (!media.Connection.SequenceEqual(session)) WriteConnection(ref writer, media.Connection);
            WriteAttributes(ref writer, media, media.Direction, direct: true, other);
        }
    }

    private static void Open(ref ByteWriter writer, ulong sessionId, ulong version, in NetAddress origin)
    {
        writer.Text("v=0\r\no=- "u8);
        writer.Decimal((long)(sessionId & long.MaxValue));
        writer.Text((byte)' ');
        writer.Decimal((long)(version & long.MaxValue));
        writer.Text((byte)' ');
        WriteAddress(ref writer, origin);
        writer.Text("\r\ns=-\r\n"u8);
    }

    private static void WriteConnection(ref ByteWriter writer, in NetAddress address)
    {
        writer.Text("c="u8);
        WriteAddress(ref writer, address);
        writer.Text("\r\n"u8);
    }

    private static void WriteConnection(ref ByteWriter writer, scoped ReadOnlySpan<byte> stated)
    {
        writer.Text("c="u8);
        writer.Text(stated);
        writer.Text("\r\n"u8);
    }

    private static void WriteAddress(ref ByteWriter writer, in NetAddress address)
    {
        Span<byte> host = stackalloc byte[48];
        host = host[..address.FormatHost(host, bracketed: false)];
        writer.Text(address.IsV6 ? "IN IP6 "u8 : "IN IP4 "u8);
        writer.Text(host);
    }

    private static ReadOnlySpan<byte> Profile(bool secure, bool feedback) => (secure, feedback) switch
    {
        (false, false) => "RTP/AVP"u8,
        (false, true) => "RTP/AVPF"u8,
        (true, false) => "RTP/SAVP"u8,
        (true, true) => "RTP/SAVPF"u8,
    };

    private static void WriteMediaLine(ref ByteWriter writer, MediaDescription media, int port, ReadOnlySpan<byte> protocol, AudioEdit? edit)
    {
        writer.Text("m="u8);
        writer.Text(media.Name);
        writer.Text((byte)' ');
        writer.Decimal(port);
        writer.Text((byte)' ');
        writer.Text(protocol);
        foreach (ReadOnlySpan<byte> format in new MediaDescription.FormatEnumerator(edit is null ? media.FormatList : edit.Formats))
        {
            writer.Text((byte)' ');
            writer.Text(format);
        }
        writer.Text("\r\n"u8);
    }

    private static void WriteAttributes(ref ByteWriter writer, MediaDescription media, MediaDirection direction, bool direct, AudioEdit? edit)
    {
        foreach (ReadOnlySpan<byte> attribute in media.Attributes)
        {
            if (!IsCarried(media, attribute) && !(direct && IsOfEnds(media, attribute))) continue;
            if (edit is not null && IsOfNone(attribute, edit)) continue;
            writer.Text("a="u8);
            writer.Text(attribute);
            writer.Text("\r\n"u8);
        }
        if (edit is not null)
        {
            writer.Text(edit.Added);
            if (edit.Ptime > 0) WritePtime(ref writer, edit.Ptime);
        }
        if (!media.DirectionStated && direction == MediaDirection.SendRecv) return;
        writer.Text(direction switch
        {
            MediaDirection.SendOnly => "a=sendonly\r\n"u8,
            MediaDirection.RecvOnly => "a=recvonly\r\n"u8,
            MediaDirection.Inactive => "a=inactive\r\n"u8,
            _ => "a=sendrecv\r\n"u8,
        });
    }

    private static void WritePtime(ref ByteWriter writer, int millis)
    {
        writer.Text("a=ptime:"u8);
        writer.Decimal(millis);
        writer.Text("\r\n"u8);
    }

    // Of a format that is left out, or a packet time that is another one now.
    private static bool IsOfNone(ReadOnlySpan<byte> attribute, AudioEdit edit)
    {
        if (attribute.StartsWith("ptime:"u8)) return edit.Ptime > 0;
        if (!attribute.StartsWith("rtpmap:"u8) && !attribute.StartsWith("fmtp:"u8)) return false;
        ReadOnlySpan<byte> value = attribute[(attribute.IndexOf((byte)':') + 1)..].TrimStart((byte)' ');
        int space = value.IndexOf((byte)' ');
        return space > 0 && !edit.Has(value[..space]);
    }

    // Where RTCP goes (RFC 3605, RFC 5761): between ends that speak to each other.
    private static bool IsOfEnds(MediaDescription media, ReadOnlySpan<byte> attribute) =>
        media.Kind != MediaKind.Image && (attribute.SequenceEqual("rtcp-mux"u8) || attribute.StartsWith("rtcp:"u8));

    private static bool IsCarried(MediaDescription media, ReadOnlySpan<byte> attribute)
    {
        if (attribute.StartsWith("ptime:"u8) || attribute.StartsWith("maxptime:"u8)) return true;
        if (media.Kind == MediaKind.Image) return attribute.StartsWith("T38"u8); // ITU-T T.38 Annex D
        if (attribute.StartsWith("rtcp-fb:"u8)) return true; // RFC 4585: what RTCP may say; the relay passes it on
        int colon = attribute.IndexOf((byte)':');
        if (colon < 0 || !(attribute[..colon].SequenceEqual("rtpmap"u8) || attribute[..colon].SequenceEqual("fmtp"u8))) return false;
        ReadOnlySpan<byte> value = attribute[(colon + 1)..].TrimStart((byte)' ');
        int space = value.IndexOf((byte)' ');
        return space > 0 && media.HasFormat(value[..space]);
    }

    // c=0.0.0.0 says "send me nothing" (RFC 2543 hold); with our address in its place the direction must say it (RFC 3264 §8.4).
    private static MediaDirection Seen(MediaDescription media)
    {
        if (media.Remote.IsNone || !media.Remote.IsAny) return media.Direction;
        return media.Direction is MediaDirection.SendRecv or MediaDirection.SendOnly ? MediaDirection.SendOnly : MediaDirection.Inactive;
    }
}
