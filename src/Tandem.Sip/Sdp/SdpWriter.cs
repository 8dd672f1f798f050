using Tandem.Primitives;
using Tandem.Primitives.Bytes;

namespace Tandem.Sip.Sdp;

/// <summary>Writes the description of one leg anew for the other: our addresses, our name, nothing that shows who stands behind.</summary>
public static class SdpWriter
{
    /// <summary>
    /// Canonical SDP from <paramref name="from"/>: origin and connection ours, the first usable audio at our port, every other m-line kept in its
    /// place and rejected (RFC 3264 §6). Kept: rtpmap and fmtp of listed formats, ptime, maxptime, direction. Everything else
    /// (candidates, keys, rtcp addresses, unknown attributes, i= u= e= p= b=) stays behind. The older hold by 0.0.0.0 becomes sendonly.
    /// </summary>
    /// <param name="writer">Where to; ask it for <see cref="ByteWriter.Overflowed"/> afterwards.</param>
    /// <param name="from">The parsed description of the other leg, without defect.</param>
    /// <param name="sessionId">Ours, the same for a leg's whole life (RFC 8866 §5.2).</param>
    /// <param name="version">Grows by one with each change sent on the leg (RFC 3264 §8).</param>
    /// <param name="ourRtp">Address and port for the audio; with port 0 that m-line is rejected too.</param>
    public static void Relay(ref ByteWriter writer, SessionDescription from, ulong sessionId, ulong version, in NetAddress ourRtp)
    {
        ReadOnlySpan<byte> family = ourRtp.IsV6 ? " IN IP6 "u8 : " IN IP4 "u8;
        Span<byte> host = stackalloc byte[48];
        host = host[..ourRtp.FormatHost(host, bracketed: false)];

        writer.Text("v=0\r\no=- "u8);
        writer.Decimal((long)(sessionId & long.MaxValue));
        writer.Text((byte)' ');
        writer.Decimal((long)(version & long.MaxValue));
        writer.Text(family);
        writer.Text(host);
        writer.Text("\r\ns=-\r\nc="u8);
        writer.Text(family[1..]);
        writer.Text(host);
        writer.Text("\r\nt=0 0\r\n"u8);
        int audio = ourRtp.Port == 0 ? -1 : from.FirstUsableAudio();
        for (int i = 0; i < from.MediaCount; i++) WriteMedia(ref writer, from.Media(i), i == audio ? ourRtp.Port : 0);
    }

    private static void WriteMedia(ref ByteWriter writer, MediaDescription media, int port)
    {
        writer.Text("m="u8);
        writer.Text(media.Name);
        writer.Text((byte)' ');
        writer.Decimal(port);
        writer.Text((byte)' ');
        writer.Text(media.Protocol);
        foreach (ReadOnlySpan<byte> format in media.Formats)
        {
            writer.Text((byte)' ');
            writer.Text(format);
        }
        writer.Text("\r\n"u8);
        if (port == 0) return;
        foreach (ReadOnlySpan<byte> attribute in media.Attributes)
        {
            if (!IsCarried(media, attribute)) continue;
            writer.Text("a="u8);
            writer.Text(attribute);
            writer.Text("\r\n"u8);
        }
        MediaDirection direction = Seen(media);
        if (media.DirectionStated || direction != MediaDirection.SendRecv)
        {
            writer.Text(direction switch
            {
                MediaDirection.SendOnly => "a=sendonly\r\n"u8,
                MediaDirection.RecvOnly => "a=recvonly\r\n"u8,
                MediaDirection.Inactive => "a=inactive\r\n"u8,
                _ => "a=sendrecv\r\n"u8,
            });
        }
    }

    private static bool IsCarried(MediaDescription media, ReadOnlySpan<byte> attribute)
    {
        if (attribute.StartsWith("ptime:"u8) || attribute.StartsWith("maxptime:"u8)) return true;
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
